package tiles_test

import (
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/cut"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

type edge struct{ from, to cut.Point }

// boundary sums the directed edges of polygons: what is left is the outline of them all. An edge that
// two polygons have in the same direction is an overlap.
func boundary(t *testing.T, at world.Tile, features []mvt.Feature) map[edge]bool {
	t.Helper()
	left := map[edge]bool{}
	for _, f := range features {
		for _, ring := range f.Paths {
			before := ring[len(ring)-1]
			for _, p := range ring {
				e, back := edge{before, p}, edge{p, before}
				before = p
				switch {
				case left[back]:
					delete(left, back)
				case left[e]:
					t.Errorf("%v: two polygons on the same side of %v", at, e)
				default:
					left[e] = true
				}
			}
		}
	}
	return left
}

// checkPartition finds gaps and overlaps in a tile that the features cover wholly: their outline must be
// the box and nothing else, and their areas must sum to its area.
func checkPartition(t *testing.T, at world.Tile, features []mvt.Feature) {
	t.Helper()
	const low, high = -world.Buffer, world.Extent + world.Buffer
	for e := range boundary(t, at, features) {
		onSide := e.from.X == e.to.X && (e.from.X == low || e.from.X == high) ||
			e.from.Y == e.to.Y && (e.from.Y == low || e.from.Y == high)
		if !onSide {
			t.Errorf("%v: edge %v has no neighbour", at, e)
		}
	}
	var area int64
	for _, f := range features {
		for _, ring := range f.Paths {
			area += cut.Area2(ring)
		}
	}
	if want := int64(2 * (high - low) * (high - low)); area != want {
		t.Errorf("%v: areas sum to %d/2 instead of %d/2", at, area, want)
	}
}

func layerOf(t *testing.T, p *tiles.Pyramid, set, layer string, at world.Tile) []mvt.Feature {
	t.Helper()
	tile, err := mvt.Decode(get(t, p, set, at).Data)
	if err != nil {
		t.Fatalf("%v: %v", at, err)
	}
	if found := tile.Layer(layer); found != nil {
		return found.Features
	}
	return nil
}

// inner tells whether the city covers the tile and its buffer; the sheet's border is crooked by less than
// a cell.
func inner(bounds world.Rect, at world.Tile) bool {
	box, margin := at.Bounds(), (bounds.MaxX-bounds.MinX)/32
	return box.MinX > bounds.MinX+margin && box.MaxX < bounds.MaxX-margin &&
		box.MinY > bounds.MinY+margin && box.MaxY < bounds.MaxY-margin
}

func TestNeighboursShareTheirEdges(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	bounds := boundsOf(city)
	checked := 0
	for zoom := uint32(9); zoom <= 14; zoom++ {
		tilesOf(bounds, zoom, func(at world.Tile) {
			if zoom == 14 && (at.X+at.Y)%5 != 0 {
				return
			}
			if !inner(bounds, at) {
				boundary(t, at, layerOf(t, p, tiles.MicroGrids, "micro_grids", at))
				return
			}
			checked++
			if zoom >= 11 {
				checkPartition(t, at, layerOf(t, p, tiles.MicroGrids, "micro_grids", at))
			}
			for _, level := range []yizhan.Level{yizhan.LevelBanner, yizhan.LevelTownship, yizhan.LevelCommunity} {
				var same []mvt.Feature
				for _, f := range layerOf(t, p, tiles.Units, "units", at) {
					if f.Get("level") == mvt.String(string(level)) {
						same = append(same, f)
					}
				}
				if level != yizhan.LevelCommunity || zoom >= 10 {
					checkPartition(t, at, same)
				}
			}
		})
	}
	if checked < 100 {
		t.Errorf("only %d inner tiles were checked", checked)
	}
}

// The same in the middle of the demo's largest town and around, where blocks are narrow.
func TestDemoNeighboursShareTheirEdges(t *testing.T) {
	city, p := mustDemo(t), demoPyramid(t)
	seat := world.Project(*city.Units["150702"].Seat)
	for zoom := uint32(11); zoom <= 16; zoom++ {
		x, y := seat.X>>(world.Bits-zoom), seat.Y>>(world.Bits-zoom)
		for _, at := range []world.Tile{{Z: zoom, X: x, Y: y}, {Z: zoom, X: x + 1, Y: y}, {Z: zoom, X: x, Y: y + 1}} {
			checkPartition(t, at, layerOf(t, p, tiles.MicroGrids, "micro_grids", at))
		}
	}
}

func TestUnitLinesAreTheBordersOfUnits(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	for zoom := uint32(3); zoom <= 12; zoom++ {
		tilesOf(boundsOf(city), zoom, func(at world.Tile) {
			drawn := map[edge]string{}
			for _, f := range layerOf(t, p, tiles.Units, "unit_lines", at) {
				for _, line := range f.Paths {
					for i := 1; i < len(line); i++ {
						e := edge{line[i-1], line[i]}
						if drawn[e] != "" || drawn[edge{e.to, e.from}] != "" {
							// what falls together on the grid may be drawn over itself, but not by a lesser level
							continue
						}
						drawn[e] = f.Get("level").Any().(string)
					}
				}
			}
			for _, f := range layerOf(t, p, tiles.Units, "units", at) {
				for _, ring := range f.Paths {
					checkDrawn(t, at, ring, drawn)
				}
			}
		})
	}
}

func checkDrawn(t *testing.T, at world.Tile, ring []cut.Point, drawn map[edge]string) {
	t.Helper()
	const low, high = -world.Buffer, world.Extent + world.Buffer
	before := ring[len(ring)-1]
	for _, p := range ring {
		e := edge{before, p}
		onSide := e.from.X == e.to.X && (e.from.X == low || e.from.X == high) ||
			e.from.Y == e.to.Y && (e.from.Y == low || e.from.Y == high)
		if !onSide && drawn[e] == "" && drawn[edge{e.to, e.from}] == "" {
			t.Errorf("%v: border %v of a unit is not drawn", at, e)
		}
		before = p
	}
}
