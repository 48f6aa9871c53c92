package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// Zoom sums up tiles of one zoom that nobody asked for before.
type Zoom struct {
	Zoom         uint32 `json:"zoom"`
	Tiles        int    `json:"tiles"`
	Tile         Spread `json:"tile"`
	LargestBytes int    `json:"largest_gzip_bytes"`
}

const (
	lastZoom    = 15
	tilesAZoom  = 300
	roundsAZoom = 3 // where there are few tiles
)

// measureZooms makes tiles over micro-grids picked at random: where the city is dense, as people do.
func measureZooms(ctx context.Context, city *yizhan.City, report *Report) error {
	pyramid, _, err := build(city, 1)
	if err != nil {
		return err
	}
	for zoom := uint32(0); zoom <= lastZoom; zoom++ {
		result, err := measureZoom(ctx, pyramid, zoom, sample(city, zoom))
		if err != nil {
			return err
		}
		report.Zooms = append(report.Zooms, result)
	}
	return nil
}

func measureZoom(ctx context.Context, pyramid *tiles.Pyramid, zoom uint32, sampled []world.Tile) (Zoom, error) {
	result := Zoom{Zoom: zoom, Tiles: len(sampled)}
	var took []time.Duration
	for range roundsAZoom {
		for _, at := range sampled {
			began := time.Now()
			_, gzipped, err := makerOf(ctx, pyramid, allLayers)(at)
			if err != nil {
				return result, err
			}
			took = append(took, time.Since(began))
			result.LargestBytes = max(result.LargestBytes, len(gzipped))
		}
	}
	result.Tile = spreadOf(took)
	return result, nil
}

// sample picks distinct tiles, the same ones each time.
func sample(city *yizhan.City, zoom uint32) []world.Tile {
	random := rand.New(rand.NewPCG(uint64(zoom), 1))
	grids := yizhan.Sorted(city.MicroGrids)
	picked := map[world.Tile]bool{}
	var sampled []world.Tile
	for range 4 * tilesAZoom {
		at := world.Project(grids[random.IntN(len(grids))].Boundary[0][0][0])
		tile := world.Tile{Z: zoom, X: at.X >> (world.Bits - zoom), Y: at.Y >> (world.Bits - zoom)}
		if !picked[tile] {
			picked[tile] = true
			sampled = append(sampled, tile)
		}
		if len(sampled) == tilesAZoom {
			break
		}
	}
	return slices.Clip(sampled)
}

// lowZooms makes every tile of zooms 0 to 5 that the sampled micro-grids are in.
func lowZooms(ctx context.Context, pyramid *tiles.Pyramid, city *yizhan.City) (Spread, error) {
	var took []time.Duration
	for zoom := uint32(0); zoom <= 5; zoom++ {
		for _, at := range sample(city, zoom) {
			began := time.Now()
			if _, _, err := makerOf(ctx, pyramid, allLayers)(at); err != nil {
				return Spread{}, err
			}
			took = append(took, time.Since(began))
		}
	}
	return spreadOf(took), nil
}
