package tiles_test

import (
	"context"
	"sync"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

var demoCity = sync.OnceValues(func() (*yizhan.City, error) {
	generated, err := demo.Generate(context.Background(), func(string, int, int) {})
	if err != nil {
		return nil, err
	}
	city := &yizhan.City{Seq: 1, Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{},
		Scenes: map[string]*yizhan.FriendlyScene{}, MicroGrids: map[string]*yizhan.MicroGrid{}}
	for _, f := range generated.Units {
		city.Units[f.Code] = f
	}
	for _, f := range generated.MicroGrids {
		city.MicroGrids[f.Code] = f
	}
	for _, f := range generated.Stations {
		city.Stations[f.Code] = f
	}
	for _, f := range generated.Scenes {
		city.Scenes[f.Code] = f
	}
	return city, nil
})

func mustDemo(t testing.TB) *yizhan.City {
	t.Helper()
	city, err := demoCity()
	if err != nil {
		t.Fatal(err)
	}
	return city
}

// maxTileBytes is the promise of how large a tile may be, compressed.
const maxTileBytes = 500_000

// TestDemoTiles looks at every tile of the demo city to zoom 11, and around stations below that.
func TestDemoTiles(t *testing.T) {
	city := mustDemo(t)
	p := pyramidOf(t, city)
	most := map[string]int{}
	check := func(at world.Tile) {
		for _, layer := range []string{tiles.Base, tiles.Units, tiles.MicroGrids, tiles.Stations} {
			tile := get(t, p, layer, at)
			for _, problem := range mvt.Validate(tile.Data) {
				t.Errorf("%s %v: %v", layer, at, problem)
			}
			if most[layer] = max(most[layer], len(tile.Gzip)); len(tile.Gzip) > maxTileBytes {
				t.Errorf("%s %v has %d bytes compressed", layer, at, len(tile.Gzip))
			}
		}
	}
	for zoom := range uint32(12) {
		t.Logf("zoom %d: %d tiles", zoom, tilesOf(boundsOf(city), zoom, check))
	}
	seen := map[world.Tile]bool{}
	for _, station := range city.Stations {
		at := world.Project(station.Location)
		for zoom := uint32(12); zoom <= 18; zoom++ {
			tile := world.Tile{Z: zoom, X: at.X >> (world.Bits - zoom), Y: at.Y >> (world.Bits - zoom)}
			if !seen[tile] && (zoom <= 14 || len(seen)%9 == 0) {
				check(tile)
			}
			seen[tile] = true
		}
	}
	t.Logf("largest, compressed: %v; %+v", most, p.Stats())
}
