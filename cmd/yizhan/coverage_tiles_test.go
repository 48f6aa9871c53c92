package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/mvt"
)

// townsCity is some towns of micro-grids of about 115 m, some with a station.
func townsCity() *yizhan.City {
	city := &yizhan.City{Seq: 1, Units: map[string]*yizhan.Unit{}, MicroGrids: map[string]*yizhan.MicroGrid{}, Stations: map[string]*yizhan.Station{}}
	extent := orb.MultiPolygon{orb.Bound{Min: orb.Point{119, 48.5}, Max: orb.Point{121, 50}}.ToPolygon()}
	city.Units["150700"] = &yizhan.Unit{Code: "150700", Level: yizhan.LevelCity, Name: "city", Boundary: extent, Version: 1}
	for town := range 5 {
		community := fmt.Sprintf("150702001%03d", town+1)
		at := orb.Point{119.3 + 0.31*float64(town), 48.7 + 0.23*float64(town)}
		const north = 115.0 / 111_200
		east := north / math.Cos(at[1]*math.Pi/180)
		for n := range 100 {
			corner := func(i, j int) orb.Point {
				return yizhan.SnapPoint(orb.Point{at[0] + float64(n%10+i)*east, at[1] + float64(n/10+j)*north})
			}
			code := fmt.Sprintf("%s%03d", community, n+1)
			city.MicroGrids[code] = &yizhan.MicroGrid{Code: code, Community: community, Name: code, Households: 5 + (n*7+town)%40, Status: yizhan.GridPublished,
				Boundary: orb.MultiPolygon{{{corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)}}}, Version: 1}
		}
		if town%2 == 0 {
			code := fmt.Sprintf("ST-%d", town)
			city.Stations[code] = &yizhan.Station{Code: code, Name: code, Location: at, Status: yizhan.StationActive, Community: community, Hours: yizhan.MustHours("24/7"), Version: 1}
		}
	}
	return city
}

func townsView(t *testing.T) *views.Coverage {
	t.Helper()
	view := views.NewCoverage(views.CoverageOptions{Logger: slog.New(slog.DiscardHandler)})
	if err := errors.Join(view.Update(townsCity(), nil), view.Wait(t.Context())); err != nil {
		t.Fatal(err)
	}
	return view
}

// featuresOf decodes a layer of every tile of a zoom over the city, and gives each feature once.
func featuresOf(t *testing.T, pyramid *tiles.Pyramid, layer, key string, zoom maptile.Zoom, p tiles.Params) map[string]mvt.Feature {
	t.Helper()
	found := map[string]mvt.Feature{}
	northWest, southEast := maptile.At(orb.Point{119, 50}, zoom), maptile.At(orb.Point{121, 48.5}, zoom)
	for x := northWest.X; x <= southEast.X; x++ {
		for y := northWest.Y; y <= southEast.Y; y++ {
			tile, err := pyramid.Tile(t.Context(), tiles.Request{Layers: []string{layer}, Z: uint32(zoom), X: x, Y: y, Params: p})
			if err != nil {
				t.Fatal(err)
			}
			if problems := mvt.Validate(tile.Data); !tile.Empty && problems != nil {
				t.Errorf("%s %d/%d/%d: %v", layer, zoom, x, y, problems)
			}
			decoded, err := mvt.Decode(tile.Data)
			if err != nil {
				t.Fatal(err)
			}
			if drawn := decoded.Layer(layer); drawn != nil {
				for _, f := range drawn.Features {
					found[f.Get(key).Any().(string)] = f
				}
			}
		}
	}
	return found
}

// The cells of a zoom, each counted once however many tiles it reaches into, hold the households of the city and
// those that are covered: coarser ones are sums of the finest.
func TestHeatmapsOfEveryZoomSumUpToTheCity(t *testing.T) {
	view := townsView(t)
	pyramid := tiles.NewPyramid(tiles.Options{Coverage: coverageTiles{view: view}, Logger: slog.New(slog.DiscardHandler)})
	picture, err := view.Picture()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []tiles.Params{{}, {RadiusM: 500}, {RadiusM: 3000}, {Mode: "walk", Minutes: 10}} {
		want, err := picture.Figures(views.Question{Mode: p.Mode, RadiusM: p.RadiusM, Minutes: p.Minutes}, "")
		if err != nil {
			t.Fatal(err)
		}
		for zoom := maptile.Zoom(4); zoom <= 12; zoom++ {
			var households, covered uint64
			for _, f := range featuresOf(t, pyramid, tiles.Coverage, "cell", zoom, p) {
				households += f.Get("households").Any().(uint64)
				covered += f.Get("covered").Any().(uint64)
			}
			if households != uint64(want.Households) || covered != uint64(want.Covered) || covered == 0 {
				t.Errorf("%+v, zoom %d: %d households, %d covered; the city has %d, %d", p, zoom, households, covered, want.Households, want.Covered)
			}
		}
		gaps := featuresOf(t, pyramid, tiles.Gaps, "gap", 12, p)
		var unmet uint64
		for _, f := range gaps {
			unmet += f.Get("households").Any().(uint64)
		}
		if unmet != uint64(want.Unmet) || len(gaps) == 0 {
			t.Errorf("%+v: %d households in %d gaps, %d unmet", p, unmet, len(gaps), want.Unmet)
		}
	}
}

// Tiles of a weight count it: their cells sum up to what was counted, and a weight that nobody loaded is not drawn.
func TestTilesOfAWeight(t *testing.T) {
	view := townsView(t)
	i := &yizhan.Indicator{LayerHead: yizhan.LayerHead{ID: "aaaaaaaaaaaaaaaa", Name: "orders", Version: 3}, Kind: yizhan.CountKind, Level: yizhan.LevelCommunity}
	r := &yizhan.Release{ReleaseHead: yizhan.ReleaseHead{Date: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), Sum: 10_007, Whole: true},
		Figures: []yizhan.Figure{{Unit: "150702001001", Value: 7}, {Unit: "150702001002", Value: 10_000}}}
	key := views.WeightKey{ID: i.ID, Version: 3, Date: "2026-06-30"}
	p := tiles.Params{Weight: "aaaaaaaaaaaaaaaa@3/2026-06-30"}
	pyramid := tiles.NewPyramid(tiles.Options{Coverage: coverageTiles{view: view}, Logger: slog.New(slog.DiscardHandler)})
	at := maptile.At(orb.Point{119.3, 48.7}, 10)
	ask := tiles.Request{Layers: []string{tiles.Coverage}, Z: 10, X: at.X, Y: at.Y, Params: p}
	if _, err := pyramid.Tile(t.Context(), ask); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("a weight that is not at hand: %v", err)
	}
	w, err := view.KeepWeight(key, func() (*views.Weight, error) { return views.WeightOf(i, r) })
	if err != nil {
		t.Fatal(err)
	}
	picture, err := view.Picture()
	if err == nil {
		picture, err = picture.Weighed(w)
	}
	if err != nil {
		t.Fatal(err)
	}
	want, err := picture.Figures(views.Question{}, "")
	if err != nil || want.Covered == 0 {
		t.Fatal(want, err)
	}
	for zoom := maptile.Zoom(4); zoom <= 12; zoom++ {
		var counted, covered uint64
		for _, f := range featuresOf(t, pyramid, tiles.Coverage, "cell", zoom, p) {
			counted += f.Get("households").Any().(uint64)
			covered += f.Get("covered").Any().(uint64)
		}
		if counted != 10_007 || covered != uint64(want.Covered) {
			t.Errorf("zoom %d counts %d and covers %d of %d", zoom, counted, covered, want.Covered)
		}
	}
	var unmet uint64
	for _, f := range featuresOf(t, pyramid, tiles.Gaps, "gap", 12, p) {
		unmet += f.Get("households").Any().(uint64)
	}
	if unmet != uint64(want.Unmet) {
		t.Errorf("the gaps hold %d", unmet)
	}
}

// scenarioShelf holds one scenario.
type scenarioShelf struct{ scenario *yizhan.Scenario }

func (s scenarioShelf) FindScenario(_ context.Context, id string) (*yizhan.Scenario, error) {
	if id != s.scenario.ID {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such scenario")
	}
	return s.scenario, nil
}

func TestTilesOfAScenario(t *testing.T) {
	view := townsView(t)
	scenario := &yizhan.Scenario{ID: "aaaaaaaaaaaaaaaa", Version: 2, Name: "close", Seq: 1, Edits: []yizhan.ScenarioEdit{{Kind: yizhan.CloseStation, Station: "ST-0"}}}
	pyramid := tiles.NewPyramid(tiles.Options{Coverage: coverageTiles{view, scenarioShelf{scenario}}, Logger: slog.New(slog.DiscardHandler)})
	picture, err := view.PictureOf(t.Context(), scenario)
	if err != nil {
		t.Fatal(err)
	}
	want, err := picture.Figures(views.Question{}, "")
	if err != nil {
		t.Fatal(err)
	}
	var covered uint64
	for _, f := range featuresOf(t, pyramid, tiles.Coverage, "cell", 10, tiles.Params{Scenario: scenario.ID, ScenarioVersion: 2}) {
		covered += f.Get("covered").Any().(uint64)
	}
	if covered != uint64(want.Covered) {
		t.Errorf("%d covered, %d in the scenario", covered, want.Covered)
	}
	for name, p := range map[string]tiles.Params{"another version": {Scenario: scenario.ID, ScenarioVersion: 1}, "no such": {Scenario: "bbbbbbbbbbbbbbbb", ScenarioVersion: 1}} {
		_, err := pyramid.Tile(t.Context(), tiles.Request{Layers: []string{tiles.Coverage}, Z: 10, X: 852, Y: 350, Params: p})
		if yizhan.CodeOf(err) != yizhan.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTilesRefuseWhatMeansNothing(t *testing.T) {
	pyramid := tiles.NewPyramid(tiles.Options{Coverage: coverageTiles{view: townsView(t)}, Logger: slog.New(slog.DiscardHandler)})
	for _, layer := range []string{tiles.Coverage, tiles.Gaps} {
		for _, p := range []tiles.Params{{Mode: "fly"}, {RadiusM: 1}, {Services: "beer"}, {Rule: "all"}, {Quarter: 1000}, {Week: "2026-02-17"}, {Profile: "tea"}, {Celsius: 3}, {Minutes: 5}} {
			_, err := pyramid.Tile(t.Context(), tiles.Request{Layers: []string{layer}, Z: 10, X: 852, Y: 350, Params: p})
			if yizhan.CodeOf(err) != yizhan.CodeInvalid {
				t.Errorf("%s %+v: %v", layer, p, err)
			}
		}
	}
}
