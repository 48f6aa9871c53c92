package store_test

import (
	"testing"

	"github.com/yizhan/yizhan"
)

func TestFixtureGoesInAndComesBack(t *testing.T) {
	s, _ := openFixture(t)
	city, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(city.Units) != 5 || len(city.MicroGrids) != 8 || len(city.Stations) != 2 || len(city.Scenes) != 1 {
		t.Errorf("found %d units, %d micro-grids, %d stations, %d scenes", len(city.Units), len(city.MicroGrids), len(city.Stations), len(city.Scenes))
	}
	changes, err := s.Changes(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != len(fixture()) || changes[len(changes)-1].Seq != city.Seq {
		t.Errorf("%d changes to seq %d, want %d", len(changes), city.Seq, len(fixture()))
	}
	page, err := s.Find(t.Context(), yizhan.Query{Collection: yizhan.MicroGrids, Limit: 3, BBox: &[4]float64{119, 49, 119.001, 49.05}})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Features) != 2 {
		t.Errorf("found %v", page.Features)
	}
}
