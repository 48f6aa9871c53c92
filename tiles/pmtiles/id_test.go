package pmtiles_test

import (
	"testing"

	"github.com/yizhan/yizhan/tiles/pmtiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// The numbers are those of the specification and of other implementations.
func TestID(t *testing.T) {
	cases := map[world.Tile]uint64{
		{Z: 0}:                      0,
		{Z: 1}:                      1,
		{Z: 1, Y: 1}:                2,
		{Z: 1, X: 1, Y: 1}:          3,
		{Z: 1, X: 1}:                4,
		{Z: 2}:                      5,
		{Z: 12, X: 3423, Y: 1763}:   19078479,
		{Z: 31, X: 1<<31 - 1}:       6148914691236517204,
		{Z: 26, X: 0, Y: 0}:         1501199875790165,
		{Z: 26, X: 1<<26 - 1, Y: 0}: 6004799503160660,
	}
	for tile, want := range cases {
		if got := pmtiles.ID(tile); got != want {
			t.Errorf("ID(%v) = %d, not %d", tile, got, want)
		}
		if got := pmtiles.TileOf(want); got != tile {
			t.Errorf("TileOf(%d) = %v, not %v", want, got, tile)
		}
	}
}

// Every id to zoom 7 names a tile of its own, and the curve takes one step at a time.
func TestIDsFollowACurve(t *testing.T) {
	var before world.Tile
	for id := range pmtiles.ID(world.Tile{Z: 8}) {
		at := pmtiles.TileOf(id)
		if pmtiles.ID(at) != id {
			t.Fatalf("ID(TileOf(%d)) = %d", id, pmtiles.ID(at))
		}
		if at.Z == before.Z && id > 0 {
			dx, dy := int(at.X)-int(before.X), int(at.Y)-int(before.Y)
			if dx*dx+dy*dy != 1 {
				t.Fatalf("%v does not lie beside %v", at, before)
			}
		}
		before = at
	}
}

func TestCovering(t *testing.T) {
	hailar := [4]float64{119.5, 49.1, 119.9, 49.3}
	for zoom := range uint32(15) {
		cover := pmtiles.Covering(hailar, zoom)
		var count, last uint64
		for at := range cover.Tiles() {
			if at.Z != zoom || at.X < cover.MinX || at.X > cover.MaxX || at.Y < cover.MinY || at.Y > cover.MaxY {
				t.Fatalf("%v is not in %+v", at, cover)
			}
			if id := pmtiles.ID(at); count > 0 && id <= last {
				t.Fatalf("%v is out of order", at)
			}
			last = pmtiles.ID(at)
			count++
		}
		if count != cover.Count() || count == 0 {
			t.Errorf("zoom %d: %d tiles of %d", zoom, count, cover.Count())
		}
	}
	if got := pmtiles.Covering([4]float64{-180, -90, 180, 90}, 3); got != (pmtiles.Cover{Zoom: 3, MaxX: 7, MaxY: 7}) {
		t.Errorf("the world at zoom 3 is %+v", got)
	}
	for range pmtiles.Covering(hailar, 14).Tiles() {
		break // leaving early must not panic
	}
}
