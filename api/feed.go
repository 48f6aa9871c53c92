package api

import (
	"context"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed"
)

// Feed follows the change log; *feed.Feed does.
type Feed interface {
	// City is the latest state, nil before the first load.
	City() *yizhan.City
	Status() feed.Status
	// Subscribe gives every change after a seq. The channel is closed when ctx ends, and when the reader
	// does not keep up.
	Subscribe(ctx context.Context, after int64) (<-chan yizhan.Change, error)
}
