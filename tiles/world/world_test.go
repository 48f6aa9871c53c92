package world_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/world"
)

func TestProject(t *testing.T) {
	tests := []struct {
		name string
		at   orb.Point
		want world.Point
	}{
		{"null island", orb.Point{0, 0}, world.Point{X: 1 << 31, Y: 1 << 31}},
		{"north-west", orb.Point{-180, 85.051128779806604}, world.Point{}},
		{"beyond the square", orb.Point{180, -90}, world.Point{X: math.MaxUint32, Y: math.MaxUint32}},
		{"east of the middle", orb.Point{90, 0}, world.Point{X: 3 << 30, Y: 1 << 31}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := world.Project(test.at); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// Places that the store tells apart stay apart, and come back to within half of its grid.
func TestTheGridOfTheStoreIsKept(t *testing.T) {
	for _, lat := range []float64{0, 23.5, 49.2, 53.3, 80} {
		for _, lng := range []float64{-179, 0.1, 119.7657321} {
			p := world.Project(orb.Point{lng, lat})
			if p == world.Project(orb.Point{lng + 1e-7, lat}) || p == world.Project(orb.Point{lng, lat + 1e-7}) {
				t.Errorf("neighbours of %g,%g fall together", lng, lat)
			}
			back := world.Unproject(float64(p.X), float64(p.Y))
			if math.Abs(back[0]-lng) > 5e-8 || math.Abs(back[1]-lat) > 5e-8 {
				t.Errorf("%g,%g came back as %v", lng, lat, back)
			}
		}
	}
}

func TestTileBounds(t *testing.T) {
	at := world.Tile{Z: 1, X: 1, Y: 0}
	const step = 1 << 19
	want := world.Rect{MinX: 1<<31 - 64*step, MinY: -64 * step, MaxX: 1<<32 + 64*step, MaxY: 1<<31 + 64*step}
	if got := at.Bounds(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, bad := range []world.Tile{{Z: 0, X: 1}, {Z: 3, Y: 8}, {Z: 19}, {Z: 40, X: 1}} {
		if bad.Valid() {
			t.Errorf("%v is valid", bad)
		}
	}
}
