package tiles_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// TestPromiseGCJ02RoundTrip moves 10⁶ points of the city's extent to GCJ-02, over the whole numbers that
// tiles are made of, and back: no one may miss its place by more than 0.1 m. Under the race detector 10⁵.
func TestPromiseGCJ02RoundTrip(t *testing.T) {
	bounds := boundsOf(mustDemo(t)).BBox()
	random := rand.New(rand.NewPCG(2, 2))
	worst, points := 0.0, 1_000_000
	if raceEnabled {
		points = 100_000
	}
	for range points {
		p := orb.Point{bounds[0] + random.Float64()*(bounds[2]-bounds[0]), bounds[1] + random.Float64()*(bounds[3]-bounds[1])}
		at := world.Project(geo.WGS84ToGCJ02(p))
		back := geo.GCJ02ToWGS84(world.Unproject(float64(at.X), float64(at.Y)))
		x := (back[0] - p[0]) * 111_320 * math.Cos(p[1]*math.Pi/180)
		worst = max(worst, math.Hypot(x, (back[1]-p[1])*111_320))
	}
	if worst > 0.1 {
		t.Errorf("a point comes back %.3f m away", worst)
	}
	t.Logf("the worst is %.4f m", worst)
}

func inGCJ02(t *testing.T, p *tiles.Pyramid, set, layer string, at world.Tile) []mvt.Feature {
	t.Helper()
	tile, err := p.Tile(context.Background(), tiles.Request{Layers: []string{set}, Z: at.Z, X: at.X, Y: at.Y, Datum: tiles.GCJ02})
	if err != nil {
		t.Fatal(err)
	}
	decoded, problems := mvt.Inspect(tile.Data)
	if problems != nil {
		t.Errorf("%v: %v", at, problems)
	}
	if found := decoded.Layer(layer); found != nil {
		return found.Features
	}
	return nil
}

// Every station is where its place in GCJ-02 is, and micro-grids share their borders there too.
func TestGCJ02TilesAreMovedAndShareBorders(t *testing.T) {
	city, p := mustDemo(t), demoPyramid(t)
	for i, station := range yizhan.Sorted(city.Stations) {
		if raceEnabled && i%10 != 0 {
			continue
		}
		want := world.Project(geo.WGS84ToGCJ02(station.Location))
		at := world.Tile{Z: 15, X: want.X >> (world.Bits - 15), Y: want.Y >> (world.Bits - 15)}
		found := false
		for _, f := range inGCJ02(t, p, tiles.Stations, "stations", at) {
			x, y := at.Origin()
			if f.Get("code") == mvt.String(station.Code) {
				v := f.Paths[0][0]
				found = math.Abs(float64(int64(want.X)-x-int64(v.X)*at.Step())) <= float64(at.Step()) &&
					math.Abs(float64(int64(want.Y)-y-int64(v.Y)*at.Step())) <= float64(at.Step())
			}
		}
		if !found {
			t.Errorf("%s is not at its place", station.Code)
		}
		if i%10 == 0 {
			inGCJ02(t, p, tiles.MicroGrids, "micro_grids", at)
		}
	}
	seat := world.Project(geo.WGS84ToGCJ02(*city.Units["150702"].Seat))
	for zoom := uint32(11); zoom <= 16; zoom++ {
		at := world.Tile{Z: zoom, X: seat.X >> (world.Bits - zoom), Y: seat.Y >> (world.Bits - zoom)}
		checkPartition(t, at, inGCJ02(t, p, tiles.MicroGrids, "micro_grids", at))
	}
}

func TestGCJ02FollowsEdits(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	news := make(chan tiles.Touched, 100)
	p.OnTouchedGCJ02(func(touched tiles.Touched) { news <- touched })
	e := &editor{random: rand.New(rand.NewPCG(11, 11)), seq: city.Seq}
	next := func() tiles.Touched {
		for e.edits = nil; len(e.edits) == 0; {
			e.edit(city)
		}
		city = city.Next(e.edits)
		return told(t, p, news, city, e.edits)
	}
	if touched := next(); !touched.Layers[0].All {
		t.Error("before there are tiles of this datum everything may have changed")
	}
	all := allTiles(boundsOf(city))
	inGCJ02(t, p, tiles.Units, "units", all[0]) // makes the second datum
	for range 10 {
		touched := next()
		if touched.Seq != city.Seq || p.Seq() != city.Seq {
			t.Errorf("told of %d, seq %d at %d", touched.Seq, p.Seq(), city.Seq)
		}
	}
	rebuilt := pyramidOf(t, city)
	for _, at := range all {
		r := tiles.Request{Layers: cityLayers, Z: at.Z, X: at.X, Y: at.Y, Datum: tiles.GCJ02}
		got, err := p.Tile(context.Background(), r)
		want, wantErr := rebuilt.Tile(context.Background(), r)
		if err != nil || wantErr != nil || got.ETag != want.ETag {
			t.Errorf("%v differs from a rebuild: %v %v", at, err, wantErr)
		}
	}
}

func TestGCJ02Requests(t *testing.T) {
	p := tiles.NewPyramid(tiles.Options{Coverage: &fakeCoverage{}, Logger: quiet()})
	ask := func(datum string) error {
		_, err := p.Tile(context.Background(), tiles.Request{Layers: []string{tiles.Coverage}, Datum: datum})
		return err
	}
	if err := ask(tiles.GCJ02); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("error is %v", err)
	}
	if err := ask("bd09"); yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("error is %v", err)
	}
	if err := p.Update(testCity(), nil); err != nil {
		t.Fatal(err)
	}
	if err := ask(tiles.GCJ02); err != nil {
		t.Error(err)
	}
	doc, err := p.TileJSONIn(context.Background(), tiles.GCJ02, []string{tiles.Units}, "https://example.org")
	plain, _ := p.TileJSONIn(context.Background(), tiles.WGS84, []string{tiles.Units}, "https://example.org")
	if err != nil || doc.Tiles[0] != plain.Tiles[0]+"?datum=gcj02" || doc.Bounds == plain.Bounds {
		t.Errorf("%+v: %v", doc, err)
	}
	if _, err := p.TileJSONIn(context.Background(), "bd09", nil, ""); yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("error is %v", err)
	}
}
