package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// replicas is how many servers follow the one database.
const replicas = 3

// freshPatience is when a tile that is still old counts as a failure.
const freshPatience = 15 * time.Second

// Live is how soon edits are on the map.
type Live struct {
	Edits    int    `json:"edits"`
	Replicas int    `json:"replicas"`
	Commit   Spread `json:"commit"` // until the database has it
	Fresh    Spread `json:"fresh"`  // from the start of the edit until the last replica gives the new tile
}

func measureLive(ctx context.Context, url string, edits int, report *Report) (err error) {
	var running []*replica
	defer func() {
		for _, r := range running {
			err = errors.Join(err, r.stop())
		}
	}()
	for range replicas {
		r, err := startReplica(ctx, url)
		if err != nil {
			return err
		}
		running = append(running, r)
	}
	random := rand.New(rand.NewPCG(3, 1))
	var commits, fresh []time.Duration
	for i := range edits {
		e := newEdit(running[0].feed.City(), random, i)
		if err := e.warm(ctx, running); err != nil {
			return err
		}
		committed, seen, err := e.follow(ctx, running)
		if err != nil {
			return fmt.Errorf("edit %d of %v: %w", i, e.feature.Ref(), err)
		}
		commits, fresh = append(commits, committed), append(fresh, seen)
		time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond) // people do not edit in step with us
	}
	report.Live = Live{Edits: edits, Replicas: replicas, Commit: spreadOf(commits), Fresh: spreadOf(fresh)}
	return nil
}

// edit gives a station or a micro-grid a name that a tile can be searched for.
type edit struct {
	feature yizhan.Feature
	name    string
	request tiles.Request
}

const editZoom = 15

func newEdit(city *yizhan.City, random *rand.Rand, number int) edit {
	e := edit{name: fmt.Sprintf("edited-%06d", number)}
	if number%2 == 0 {
		station := *pick(random, city.Stations)
		station.Name = e.name
		e.feature, e.request = &station, requestAt(tiles.Stations, station.Location)
		return e
	}
	grid := *pick(random, city.MicroGrids)
	grid.Name = e.name
	grid.Households++
	e.feature, e.request = &grid, requestAt(tiles.MicroGrids, grid.Boundary[0][0][0])
	return e
}

func pick[F yizhan.Feature](random *rand.Rand, features map[string]F) F {
	sorted := yizhan.Sorted(features)
	return sorted[random.IntN(len(sorted))]
}

func requestAt(layer string, p orb.Point) tiles.Request {
	at := world.Project(p)
	return tiles.Request{Layers: []string{layer}, Z: editZoom, X: at.X >> (world.Bits - editZoom), Y: at.Y >> (world.Bits - editZoom)}
}

// warm has every replica keep the tile as it was: the edit must make it let go.
func (e edit) warm(ctx context.Context, running []*replica) error {
	for _, r := range running {
		tile, err := r.pyramid.Tile(ctx, e.request)
		if err != nil {
			return err
		}
		if bytes.Contains(tile.Data, []byte(e.name)) {
			return errors.New("the tile shows the edit before it is made")
		}
	}
	return nil
}

// follow makes the edit and waits until every replica shows it.
func (e edit) follow(ctx context.Context, running []*replica) (committed, seen time.Duration, err error) {
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for _, r := range running {
		group.Go(func() error { return e.await(ctx, r, began.Add(freshPatience)) })
	}
	group.Go(func() error {
		_, err := running[0].store.Apply(ctx, yizhan.Changeset{Author: "bench", Reason: "measure", Edits: []yizhan.Edit{yizhan.UpdateOf(e.feature)}})
		committed = time.Since(began)
		return err
	})
	err = group.Wait()
	return committed, time.Since(began), err
}

func (e edit) await(ctx context.Context, r *replica, deadline time.Time) error {
	for {
		tile, err := r.pyramid.Tile(ctx, e.request)
		switch {
		case err != nil:
			return err
		case bytes.Contains(tile.Data, []byte(e.name)):
			return nil
		case time.Now().After(deadline):
			return errors.New("a replica still gives the old tile")
		}
		time.Sleep(500 * time.Microsecond)
	}
}
