package api

import (
	"context"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed"
)

// Feed follows the change log; *feed.Feed does.
type Feed interface {
	// City is the latest state, nil before the first load.
	City() *yizhan.City
	Status() feed.Status
	// LastContact is that of Status, for the answers that need no more.
	LastContact() time.Time
	// Subscribe gives every change after a seq. The channel is closed when ctx ends, and when the reader
	// does not keep up.
	Subscribe(ctx context.Context, after int64) (<-chan yizhan.Change, error)
}
