package tiles_test

import (
	"context"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

func pyramidOf(t testing.TB, city *yizhan.City) *tiles.Pyramid {
	t.Helper()
	p := tiles.NewPyramid(tiles.Options{Logger: quiet()})
	if err := p.Update(city, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

func get(t testing.TB, p *tiles.Pyramid, layer string, at world.Tile) tiles.Tile {
	t.Helper()
	tile, err := p.Tile(context.Background(), tiles.Request{Layers: []string{layer}, Z: at.Z, X: at.X, Y: at.Y})
	if err != nil {
		t.Fatalf("%s %v: %v", layer, at, err)
	}
	return tile
}

// tilesOf calls do for every tile of a zoom that meets the bounds.
func tilesOf(bounds world.Rect, zoom uint32, do func(world.Tile)) int {
	shift := world.Bits - zoom
	count := 0
	for x := bounds.MinX >> shift; x <= bounds.MaxX>>shift; x++ {
		for y := bounds.MinY >> shift; y <= bounds.MaxY>>shift; y++ {
			do(world.Tile{Z: zoom, X: uint32(x), Y: uint32(y)})
			count++
		}
	}
	return count
}

func boundsOf(city *yizhan.City) world.Rect {
	r := world.EmptyRect()
	for _, unit := range city.Units {
		for _, polygon := range unit.Boundary {
			for _, p := range polygon[0] {
				r = r.Extend(world.Project(p))
			}
		}
	}
	return r
}

func TestEveryTileIsValid(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	for zoom := range uint32(14) {
		count := tilesOf(boundsOf(city), zoom, func(at world.Tile) {
			for _, layer := range []string{tiles.Base, tiles.Units, tiles.MicroGrids, tiles.Stations} {
				tile := get(t, p, layer, at)
				for _, problem := range mvt.Validate(tile.Data) {
					t.Errorf("%s %v: %v", layer, at, problem)
				}
			}
		})
		t.Logf("z%d: %d tiles", zoom, count)
	}
}
