package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"github.com/yizhan/yizhan/api"
	"github.com/yizhan/yizhan/feed"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/store"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// Served compares the whole server, answering a tile that it has, with a bare handler.
type Served struct {
	BodyBytes   int     `json:"body_bytes"`
	Connections int     `json:"connections"`
	Server      Rate    `json:"server"`
	Static      Rate    `json:"static"`
	Share       float64 `json:"share"` // of requests a second
}

// Rate is what a load came to.
type Rate struct {
	PerSecond float64 `json:"requests_per_second"`
	Request   Spread  `json:"request"`
}

const servedRounds = 5

func measureServer(ctx context.Context, url string, lasts time.Duration, report *Report) (err error) {
	replica, err := startReplica(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, replica.stop()) }()
	at, size, err := typicalTile(ctx, replica.pyramid)
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/api/tiles/micro_grids,stations/%d/%d/%d", at.Z, at.X, at.Y)
	server := api.New(api.Options{
		Store: replica.store, Feed: replica.feed, Tiles: replica.pyramid,
		Nearest: views.NewNearest(), Coverage: api.CoverageOf(views.NewCoverage(views.CoverageOptions{Logger: quiet})), Logger: quiet,
	})
	return sideBySide(ctx, path, size, lasts, server, report)
}

// typicalTile is the one of the mix that is of middle size.
func typicalTile(ctx context.Context, pyramid *tiles.Pyramid) (at world.Tile, size int, err error) {
	type sized struct {
		at   world.Tile
		size int
	}
	var all []sized
	for _, at := range mix() {
		_, gzipped, err := makerOf(ctx, pyramid, mixLayers)(at)
		if err != nil {
			return at, 0, err
		}
		if len(gzipped) > 0 {
			all = append(all, sized{at, len(gzipped)})
		}
	}
	if len(all) == 0 {
		return at, 0, errors.New("the mix is empty")
	}
	slices.SortFunc(all, func(a, b sized) int { return a.size - b.size })
	middle := all[len(all)/2]
	return middle.at, middle.size, nil
}

// sideBySide loads the server and the bare handler in turns, so that whatever else the machine does
// hits both.
func sideBySide(ctx context.Context, path string, size int, lasts time.Duration, server *api.Server, report *Report) (err error) {
	real, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	bare, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, real.Close())
	}
	static := staticServer(path, size)
	var serving errgroup.Group
	serving.Go(func() error { return server.Serve(real) })
	serving.Go(func() error { return static.Listener(bare) })
	defer func() { err = errors.Join(err, server.Shutdown(), static.Shutdown(), serving.Wait()) }()

	var rates [2][]load
	for range servedRounds {
		for i, listener := range []net.Listener{real, bare} {
			done, err := generate(ctx, listener.Addr().String(), path, size, lasts)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], done)
		}
	}
	s := &report.Served
	s.BodyBytes, s.Connections = size, connections
	s.Server, s.Static = rateOf(rates[0]), rateOf(rates[1])
	s.Share = s.Server.PerSecond / s.Static.PerSecond
	return nil
}

// staticServer is the least that Fiber can do: one route, one body, its type.
func staticServer(path string, size int) *fiber.App {
	body := make([]byte, size)
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get(path, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/vnd.mapbox-vector-tile")
		c.Response().SetBodyRaw(body)
		return nil
	})
	return app
}

// rateOf takes the middle round.
func rateOf(rounds []load) Rate {
	slices.SortFunc(rounds, func(a, b load) int { return int(a.perSecond() - b.perSecond()) })
	middle := rounds[len(rounds)/2]
	return Rate{PerSecond: middle.perSecond(), Request: spreadOf(middle.took)}
}

// replica is one process's worth of following the database.
type replica struct {
	store   *store.Store
	feed    *feed.Feed
	pyramid *tiles.Pyramid
	stop    func() error
}

const replicaPatience = 2 * time.Minute

// startReplica gives a replica that has tiles.
func startReplica(ctx context.Context, url string) (*replica, error) {
	opened, err := store.Open(ctx, store.Options{URL: url, Logger: quiet})
	if err != nil {
		return nil, err
	}
	r := &replica{store: opened, pyramid: tiles.NewPyramid(tiles.Options{Logger: quiet})}
	r.feed = feed.New(opened, quiet, r.pyramid)
	following, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.feed.Run(following) }()
	r.stop = func() error {
		cancel()
		err := <-ended
		opened.Close()
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	for deadline := time.Now().Add(replicaPatience); !r.feed.Status().Ready; time.Sleep(time.Millisecond) {
		if ctx.Err() != nil || time.Now().After(deadline) {
			return nil, errors.Join(errors.New("the replica does not become ready"), r.feed.Status().Err, ctx.Err(), r.stop())
		}
	}
	return r, nil
}
