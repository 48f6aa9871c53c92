package main

import (
	"context"
	"errors"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// neighbour is somebody else who edits a station of theirs all the while. Their edits wait while the import has
// the numbers of the change log, which is its last step.
type neighbour struct {
	station yizhan.Station
	edits   int
	longest time.Duration
}

func newNeighbour() *neighbour {
	return &neighbour{station: yizhan.Station{Code: "NEIGHBOUR-1", Name: "邻居驿站", Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion, Status: yizhan.StationActive,
		Location: orb.Point{119.9995, 49.9995}, Community: "150702001001"}}
}

// editUntil edits ten times a second until done is closed.
func (n *neighbour) editUntil(ctx context.Context, url string, done <-chan struct{}) (err error) {
	opened, err := store.Open(ctx, store.Options{URL: url, MaxConns: 1})
	if err != nil {
		return err
	}
	defer opened.Close()
	if _, err := opened.Apply(ctx, yizhan.Changeset{Author: "neighbour", Edits: []yizhan.Edit{yizhan.CreateOf(&n.station)}}); err != nil {
		return err
	}
	n.station.Version = 1
	for {
		select {
		case <-done:
			return nil
		case <-time.After(100 * time.Millisecond):
		}
		edited := n.station
		edited.Capacity = n.edits % 100
		start := time.Now()
		if _, err := opened.Apply(ctx, yizhan.Changeset{Author: "neighbour", Edits: []yizhan.Edit{yizhan.UpdateOf(&edited)}}); err != nil {
			return errors.Join(errors.New("an edit beside the import"), err)
		}
		n.longest = max(n.longest, time.Since(start))
		n.station.Version++
		n.edits++
	}
}
