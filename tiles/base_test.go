package tiles_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// Natural Earth's country line misses the city's outline by up to some kilometres: near it, it is not drawn.
func TestNoSecondBorderBesideTheCity(t *testing.T) {
	city, p := mustDemo(t), demoPyramid(t)
	var outline []orb.Point
	for _, unit := range city.Units {
		if unit.Level == "city" {
			for _, ring := range unit.Boundary[0] {
				outline = append(outline, ring...)
			}
		}
	}
	away := 0
	const zoom = 7
	tilesOf(boundsOf(city), zoom, func(at world.Tile) {
		originX, originY := at.Origin()
		for _, layer := range []string{"country_lines", "province_lines"} {
			for _, f := range layerOf(t, p, tiles.Base, layer, at) {
				for _, line := range f.Paths {
					for _, v := range line {
						place := world.Unproject(float64(originX+int64(v.X)*at.Step()), float64(originY+int64(v.Y)*at.Step()))
						if meters := nearestMeters(place, outline); meters < 4500 {
							t.Errorf("%s %v: %.0f m beside the outline at %v", layer, at, meters, place)
						}
						away++
					}
				}
			}
		}
	})
	if away == 0 {
		t.Error("no border is drawn at all")
	}
}

func nearestMeters(p orb.Point, outline []orb.Point) float64 {
	least := math.Inf(1)
	for _, q := range outline {
		x := (p[0] - q[0]) * 111_320 * math.Cos(p[1]*math.Pi/180)
		y := (p[1] - q[1]) * 111_320
		least = min(least, math.Hypot(x, y))
	}
	return least
}
