package tiles_test

import (
	"context"
	"sync"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/tiles"
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

var sharedDemo = sync.OnceValues(func() (*tiles.Pyramid, error) {
	city, err := demoCity()
	if err != nil {
		return nil, err
	}
	p := tiles.NewPyramid(tiles.Options{CacheBytes: 1, Logger: quiet()})
	return p, p.Update(city, nil)
})

// demoPyramid is one pyramid of the demo city for all tests that do not change it. It keeps no tile.
func demoPyramid(t testing.TB) *tiles.Pyramid {
	t.Helper()
	p, err := sharedDemo()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
