package api

import (
	"context"
	"time"

	"github.com/yizhan/yizhan"
)

// Feed follows the change log.
type Feed interface {
	// City is the latest state, nil before the first load.
	City() *yizhan.City
	Status() Status
	// Subscribe gives every change after a seq. The channel is closed when ctx ends, and when the reader
	// does not keep up.
	Subscribe(ctx context.Context, after int64) (<-chan yizhan.Change, error)
}

// Status is where the feed stands.
type Status struct {
	Ready       bool
	Seq         int64
	LastContact time.Time // when the database was last heard; zero for never
	Err         error     // why it is not followed now; nil if it is
	Views       map[string]int64
}
