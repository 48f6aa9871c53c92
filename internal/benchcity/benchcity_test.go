package benchcity_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/internal/benchcity"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

var demoCity = sync.OnceValues(func() (*yizhan.City, error) {
	generated, err := demo.Generate(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	city := &yizhan.City{Seq: 1, Units: byCode(generated.Units), Stations: byCode(generated.Stations),
		Scenes: byCode(generated.Scenes), MicroGrids: byCode(generated.MicroGrids)}
	return city, nil
})

func byCode[F yizhan.Feature](features []F) map[string]F {
	index := make(map[string]F, len(features))
	for _, f := range features {
		index[f.Ref().Code] = f
	}
	return index
}

const times = 3

func cities(t *testing.T) (one, many *yizhan.City) {
	t.Helper()
	one, err := demoCity()
	if err != nil {
		t.Fatal(err)
	}
	many, err = benchcity.Times(one, times)
	if err != nil {
		t.Fatal(err)
	}
	return one, many
}

// Every feature of every copy keeps the rules that it can keep by itself, and refers to its own copy.
func TestTimesIsMadeOfValidFeatures(t *testing.T) {
	one, many := cities(t)
	if got, want := len(many.MicroGrids), times*len(one.MicroGrids); got != want {
		t.Errorf("%d micro-grids, not %d", got, want)
	}
	if got, want := len(many.Units)+len(many.Stations)+len(many.Scenes), times*(len(one.Units)+len(one.Stations)+len(one.Scenes)); got != want {
		t.Errorf("%d units, stations and scenes, not %d", got, want)
	}
	for code, grid := range many.MicroGrids {
		if err := grid.Validate(); err != nil || many.Units[grid.Community] == nil || code != grid.Code {
			t.Fatalf("micro-grid %s: %v", code, err)
		}
	}
	for code, unit := range many.Units {
		if err := unit.Validate(); err != nil || unit.Parent != "" && many.Units[unit.Parent] == nil {
			t.Fatalf("unit %s: %v", code, err)
		}
	}
	for code, station := range many.Stations {
		if err := station.Validate(); err != nil || many.Units[station.Community] == nil {
			t.Fatalf("station %s: %v", code, err)
		}
	}
	for code, scene := range many.Scenes {
		if err := scene.Validate(); err != nil {
			t.Fatalf("scene %s: %v", code, err)
		}
		for _, grid := range scene.MicroGrids {
			if many.MicroGrids[grid] == nil {
				t.Fatalf("scene %s: no micro-grid %s", code, grid)
			}
		}
	}
}

type edge struct{ from, to orb.Point }

// outline counts the edges that no neighbour has the other way round.
func outline(t *testing.T, grids map[string]*yizhan.MicroGrid) int {
	t.Helper()
	left := map[edge]bool{}
	for _, grid := range grids {
		for _, polygon := range grid.Boundary {
			for _, ring := range polygon {
				for i := 1; i < len(ring); i++ {
					switch e, back := (edge{ring[i-1], ring[i]}), (edge{ring[i], ring[i-1]}); {
					case ring[i-1] == ring[i]:
						t.Fatalf("micro-grid %s: an edge fell together", grid.Code)
					case left[back]:
						delete(left, back)
					case left[e]:
						t.Fatalf("micro-grid %s: overlaps another", grid.Code)
					default:
						left[e] = true
					}
				}
			}
		}
	}
	return len(left)
}

// Neighbours share the very same vertices in each copy, and copies do not touch.
func TestTimesIsAPartition(t *testing.T) {
	one, many := cities(t)
	if got, want := outline(t, many.MicroGrids), times*outline(t, one.MicroGrids); got != want {
		t.Errorf("%d edges have no neighbour, not %d", got, want)
	}
}

// The tiles of a copy hold as much as those of the original.
func TestTilesOfACopy(t *testing.T) {
	_, many := cities(t)
	pyramid := tiles.NewPyramid(tiles.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := pyramid.Update(many, nil); err != nil {
		t.Fatal(err)
	}
	seat := world.Project(*many.Units["150702"].Seat)
	for zoom := uint32(11); zoom <= 14; zoom++ {
		x, y := seat.X>>(world.Bits-zoom), seat.Y>>(world.Bits-zoom)
		want := features(t, pyramid, world.Tile{Z: zoom, X: x, Y: y})
		for i, place := range benchcity.Places(times) {
			west, south := place.Tiles(zoom)
			if got := features(t, pyramid, world.Tile{Z: zoom, X: x - west, Y: y + south}); got != want || got == 0 {
				t.Errorf("zoom %d: copy %d has %d micro-grids, the original %d", zoom, i, got, want)
			}
		}
	}
}

func features(t *testing.T, pyramid *tiles.Pyramid, at world.Tile) int {
	t.Helper()
	tile, err := pyramid.Tile(t.Context(), tiles.Request{Layers: []string{tiles.MicroGrids}, Z: at.Z, X: at.X, Y: at.Y})
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := mvt.Decode(tile.Data)
	if err != nil {
		t.Fatal(err)
	}
	if layer := decoded.Layer("micro_grids"); layer != nil {
		return len(layer.Features)
	}
	return 0
}

func TestTimesRefuses(t *testing.T) {
	one, err := demoCity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := benchcity.Times(one, 1000); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("a thousand copies: %v", err)
	}
	if _, err := benchcity.Times(&yizhan.City{}, 2); err == nil || !strings.Contains(err.Error(), "no micro-grids") {
		t.Errorf("nothing twice: %v", err)
	}
	wide := yizhan.City{MicroGrids: map[string]*yizhan.MicroGrid{"x": {Boundary: orb.MultiPolygon{{{{1, 1}, {20, 1}, {20, 2}, {1, 1}}}}}}}
	if _, err := benchcity.Times(&wide, 2); err == nil || !strings.Contains(err.Error(), "wider") {
		t.Errorf("a wide city: %v", err)
	}
}
