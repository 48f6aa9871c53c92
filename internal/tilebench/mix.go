package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

var (
	// mixLayers are what both sides draw.
	mixLayers = []string{tiles.MicroGrids, tiles.Stations}
	// allLayers are all that grow with the city.
	allLayers = []string{tiles.Units, tiles.MicroGrids, tiles.Stations}
)

// places are four towns and open country.
var places = []orb.Point{
	{119.7364, 49.2122}, // Hailar
	{117.4473, 49.5889}, // Manzhouli
	{120.7224, 49.2851}, // Yakeshi
	{122.7381, 48.0053}, // Zhalantun
	{118.5, 48.2},       // grassland
}

// mix is 40 tiles: at each zoom from 6 to 15 those over four of the places, another one left out each
// time. Where two places share a tile, the one east of it is taken.
func mix() []world.Tile {
	var all []world.Tile
	seen := map[world.Tile]bool{}
	for zoom := uint32(6); zoom <= 15; zoom++ {
		for i := range 4 {
			at := world.Project(places[(int(zoom)+i)%len(places)])
			tile := world.Tile{Z: zoom, X: at.X >> (world.Bits - zoom), Y: at.Y >> (world.Bits - zoom)}
			for seen[tile] {
				tile.X++
			}
			seen[tile] = true
			all = append(all, tile)
		}
	}
	return all
}

// Side is one way of making the mix.
type Side struct {
	First       Millis `json:"first_ms"` // all 40 tiles, for the first time
	Cold        Millis `json:"cold_ms"`  // all 40 tiles, made anew; median of the rounds
	Warm        Millis `json:"warm_ms"`  // all 40 tiles, the second time
	Gzip        Millis `json:"gzip_ms"`  // what compressing them takes beside; 0 where it is part of making
	Tile        Spread `json:"tile"`     // single tiles, cold
	Bytes       int64  `json:"bytes"`    // of all 40, not compressed
	GzipBytes   int64  `json:"gzip_bytes,omitempty"`
	Features    int    `json:"features"`
	Allocations int64  `json:"allocations_per_tile,omitempty"`
	AllocBytes  int64  `json:"allocated_bytes_per_tile,omitempty"`
}

// View is what it takes to have the tiles in memory.
type View struct {
	Build     Millis `json:"build_ms"`
	HeapBytes int64  `json:"heap_bytes"`
}

const (
	coldRounds    = 7
	postgisRounds = 3
)

func measureMix(ctx context.Context, url string, city *yizhan.City, report *Report) error {
	report.MicroGrids, report.Stations = len(city.MicroGrids), len(city.Stations)
	pyramid, view, err := build(city, 1)
	if err != nil {
		return err
	}
	report.View = view
	if report.Pyramid, err = pyramidMix(ctx, pyramid, city); err != nil {
		return err
	}
	report.PostGIS, err = postgisMix(ctx, url)
	return err
}

// build makes a pyramid and says what that took; with a cache of one byte it keeps no tile.
func build(city *yizhan.City, cacheBytes int64) (*tiles.Pyramid, View, error) {
	before := heapBytes()
	pyramid := tiles.NewPyramid(tiles.Options{CacheBytes: cacheBytes, Logger: quiet})
	began := time.Now()
	err := pyramid.Update(city, nil)
	view := View{Build: Millis(time.Since(began))}
	view.HeapBytes = heapBytes() - before
	return pyramid, view, err
}

// maker makes a tile, and gives its bytes as they are and compressed.
type maker func(at world.Tile) (data, gzipped []byte, err error)

func makerOf(ctx context.Context, pyramid *tiles.Pyramid, layers []string) maker {
	return func(at world.Tile) ([]byte, []byte, error) {
		tile, err := pyramid.Tile(ctx, tiles.Request{Layers: layers, Z: at.Z, X: at.X, Y: at.Y})
		return tile.Data, tile.Gzip, err
	}
}

func pyramidMix(ctx context.Context, cold *tiles.Pyramid, city *yizhan.City) (Side, error) {
	side, err := rounds(makerOf(ctx, cold, mixLayers), coldRounds)
	if err != nil {
		return side, err
	}
	count, size, err := allocated(func() error { _, err := once(makerOf(ctx, cold, mixLayers), nil); return err })
	if err != nil {
		return side, err
	}
	side.Allocations, side.AllocBytes = count/int64(len(mix())), size/int64(len(mix()))
	warm, _, err := build(city, tiles.DefaultCacheBytes)
	if err != nil {
		return side, err
	}
	if _, err = once(makerOf(ctx, warm, mixLayers), nil); err != nil {
		return side, err
	}
	took, err := once(makerOf(ctx, warm, mixLayers), nil)
	side.Warm = Millis(took)
	return side, err
}

//go:embed postgis.sql
var postgisQuery string

func postgisMix(ctx context.Context, url string) (side Side, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return side, err
	}
	config.RuntimeParams["jit"] = "off"
	config.RuntimeParams["plan_cache_mode"] = "force_custom_plan" // as store: a plan for a small tile is wrong for a large one
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return side, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil { // so that it is not for want of statistics
		return side, err
	}
	query := func(at world.Tile) (data, _ []byte, err error) {
		err = conn.QueryRow(ctx, postgisQuery, int32(at.Z), int32(at.X), int32(at.Y)).Scan(&data)
		return data, nil, err
	}
	if side, err = rounds(query, postgisRounds); err != nil {
		return side, err
	}
	side.Warm = side.Cold // it keeps nothing but pages of the table
	_, err = once(query, side.gzip)
	return side, err
}

// gzip compresses a tile as servers on PostGIS do before they send it, with the library's usual level.
func (s *Side) gzip(_ time.Duration, data, _ []byte) error {
	var packed bytes.Buffer
	began := time.Now()
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	s.Gzip += Millis(time.Since(began))
	s.GzipBytes += int64(packed.Len())
	return nil
}

// rounds makes the mix several times.
func rounds(do maker, count int) (Side, error) {
	var side Side
	var totals, single []time.Duration
	for round := range count {
		total, err := once(do, func(took time.Duration, data, gzipped []byte) error {
			single = append(single, took)
			if round > 0 {
				return nil
			}
			side.Bytes += int64(len(data))
			side.GzipBytes += int64(len(gzipped))
			decoded, err := mvt.Decode(data)
			if err != nil {
				return fmt.Errorf("decode a tile: %w", err)
			}
			for _, layer := range decoded.Layers {
				side.Features += len(layer.Features)
			}
			return nil
		})
		if err != nil {
			return side, err
		}
		totals = append(totals, total)
	}
	side.First, side.Cold, side.Tile = Millis(totals[0]), Millis(median(totals)), spreadOf(single)
	return side, nil
}

// once makes the mix; look is not part of the time.
func once(do maker, look func(took time.Duration, data, gzipped []byte) error) (total time.Duration, err error) {
	for _, at := range mix() {
		began := time.Now()
		data, gzipped, err := do(at)
		took := time.Since(began)
		if err != nil {
			return total, fmt.Errorf("tile %v: %w", at, err)
		}
		total += took
		if look != nil {
			if err := look(took, data, gzipped); err != nil {
				return total, err
			}
		}
	}
	return total, nil
}
