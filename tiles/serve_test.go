package tiles_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestRequestsForWhatIsNotThere(t *testing.T) {
	p := pyramidOf(t, testCity())
	tests := []struct {
		name    string
		request tiles.Request
	}{
		{"no layer", tiles.Request{}},
		{"unknown layer", tiles.Request{Layers: []string{"leaders"}}},
		{"one of two unknown", tiles.Request{Layers: []string{tiles.Units, ""}}},
		{"no coverage here", tiles.Request{Layers: []string{tiles.Coverage}}},
		{"zoom", tiles.Request{Layers: []string{tiles.Units}, Z: 19}},
		{"huge zoom", tiles.Request{Layers: []string{tiles.Units}, Z: math.MaxUint32}},
		{"column", tiles.Request{Layers: []string{tiles.Units}, Z: 3, X: 8}},
		{"row", tiles.Request{Layers: []string{tiles.Units}, Z: 0, Y: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := p.Tile(context.Background(), test.request)
			if yizhan.CodeOf(err) != yizhan.CodeNotFound {
				t.Errorf("error is %v", err)
			}
		})
	}
	if n := p.Stats().Tiles; n != 0 {
		t.Errorf("%d errors were kept", n)
	}
}

func TestBeforeTheFirstUpdate(t *testing.T) {
	p := tiles.NewPyramid(tiles.Options{})
	if _, err := p.Tile(context.Background(), tiles.Request{Layers: []string{tiles.Units}}); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("error is %v", err)
	}
	if _, err := p.TileJSON([]string{tiles.Units}, ""); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("error is %v", err)
	}
	if err := p.Update(&yizhan.City{Seq: 5}, nil); err != nil {
		t.Fatal(err)
	}
	for _, layer := range cityLayers {
		tile := get(t, p, layer, world.Tile{Z: 3, X: 1, Y: 1})
		if !tile.Empty || tile.Data != nil || tile.Seq != 5 {
			t.Errorf("%s of an empty city is %+v", layer, tile)
		}
	}
}

func TestTileBytesAndTags(t *testing.T) {
	p := pyramidOf(t, testCity())
	at := tileAround(t, testCity(), 11)
	tile := get(t, p, tiles.MicroGrids, at)
	r, err := gzip.NewReader(bytes.NewReader(tile.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || !bytes.Equal(data, tile.Data) {
		t.Errorf("gzip holds %d bytes of %d: %v", len(data), len(tile.Data), err)
	}
	if tile.ETag == tile.GzipETag || !strings.HasPrefix(tile.ETag, `"`) || strings.HasPrefix(tile.ETag, "W/") {
		t.Errorf("tags are %s and %s", tile.ETag, tile.GzipETag)
	}
	other := get(t, pyramidOf(t, testCity()), tiles.MicroGrids, at)
	if other.ETag != tile.ETag || !bytes.Equal(other.Gzip, tile.Gzip) {
		t.Error("the same city gives other bytes")
	}
}

// A thousand callers ask for brotli at once: it is made once, and the cache knows what it holds.
func TestBrotliIsMadeOnceOnDemand(t *testing.T) {
	p := pyramidOf(t, testCity())
	at := tileAround(t, testCity(), 11)
	tile := get(t, p, tiles.MicroGrids, at)
	before := p.Stats().Bytes
	answers := make([]*byte, 1000)
	var callers sync.WaitGroup
	for i := range answers {
		callers.Go(func() {
			data, _ := get(t, p, tiles.MicroGrids, at).Brotli()
			answers[i] = &data[0]
		})
	}
	callers.Wait()
	if answers = slices.Compact(answers); len(answers) != 1 {
		t.Error("it was made more than once")
	}
	packed, tag := tile.Brotli()
	data, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
	if err != nil || !bytes.Equal(data, tile.Data) {
		t.Errorf("brotli holds %d bytes of %d: %v", len(data), len(tile.Data), err)
	}
	if tag == tile.ETag || tag == tile.GzipETag || !strings.HasSuffix(tag, `-br"`) {
		t.Errorf("tag is %s", tag)
	}
	if grown := p.Stats().Bytes - before; grown != int64(len(packed)) {
		t.Errorf("the cache grew by %d bytes instead of %d", grown, len(packed))
	}
	if data, tag := (tiles.Tile{Empty: true}).Brotli(); data != nil || tag != "" {
		t.Error("an empty tile has brotli")
	}
}

func tileAround(t *testing.T, city *yizhan.City, zoom uint32) world.Tile {
	t.Helper()
	at := world.Project(city.Stations["ST-150701004004"].Location)
	return world.Tile{Z: zoom, X: at.X >> (world.Bits - zoom), Y: at.Y >> (world.Bits - zoom)}
}

func TestCompositesHoldTheirParts(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	at := tileAround(t, city, 11)
	ask := func(layers ...string) tiles.Tile {
		tile, err := p.Tile(context.Background(), tiles.Request{Layers: layers, Z: at.Z, X: at.X, Y: at.Y})
		if err != nil {
			t.Fatal(err)
		}
		return tile
	}
	both := ask(tiles.Stations, tiles.MicroGrids)
	if parts := append(slices.Clone(ask(tiles.MicroGrids).Data), ask(tiles.Stations).Data...); !bytes.Equal(both.Data, parts) {
		t.Error("the composite is not its parts")
	}
	if again := ask(tiles.MicroGrids, tiles.Stations, tiles.Stations); again.ETag != both.ETag {
		t.Error("the order of names matters")
	}
	if n := p.Stats().Made; n != 3 {
		t.Errorf("%d tiles were made; names in another order are the same tile", n)
	}
}

func TestALeavingCallerGetsHisError(t *testing.T) {
	p := pyramidOf(t, testCity())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	at := tileAround(t, testCity(), 9)
	if _, err := p.Tile(ctx, tiles.Request{Layers: []string{tiles.Units}, Z: at.Z, X: at.X, Y: at.Y}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if tile := get(t, p, tiles.Units, at); tile.Empty {
		t.Error("the next caller gets nothing")
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	city := testCity()
	const limit = 100_000
	p := tiles.NewPyramid(tiles.Options{CacheBytes: limit})
	if err := p.Update(city, nil); err != nil {
		t.Fatal(err)
	}
	tilesOf(boundsOf(city), 13, func(at world.Tile) { get(t, p, tiles.MicroGrids, at) })
	if s := p.Stats(); s.Bytes > limit || s.Evicted == 0 || s.Tiles == 0 {
		t.Errorf("%+v", s)
	}
}

// What a tile holds is what its TileJSON says, and nothing about people.
func TestTilesHoldWhatTileJSONSays(t *testing.T) {
	city := testCity()
	p := tiles.NewPyramid(tiles.Options{Coverage: &fakeCoverage{}})
	if err := p.Update(city, nil); err != nil {
		t.Fatal(err)
	}
	for _, set := range tiles.Layers() {
		doc, err := p.TileJSON([]string{set}, "https://example.org/")
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]tiles.VectorLayer{}
		for _, layer := range doc.VectorLayers {
			said[layer.ID] = layer
		}
		seen := map[string]bool{}
		for zoom := range uint32(14) {
			tilesOf(boundsOf(city), zoom, func(at world.Tile) {
				tile, err := mvt.Decode(get(t, p, set, at).Data)
				if err != nil {
					t.Fatal(err)
				}
				for _, layer := range tile.Layers {
					seen[layer.Name] = true
					checkFields(t, layer, said, zoom)
				}
			})
		}
		for name := range said {
			if !seen[name] && set != tiles.Base { // there are no railways there
				t.Errorf("%s: layer %s is promised and never seen", set, name)
			}
		}
	}
}

func checkFields(t *testing.T, layer mvt.TileLayer, said map[string]tiles.VectorLayer, zoom uint32) {
	t.Helper()
	promise, ok := said[layer.Name]
	if !ok || zoom < promise.MinZoom {
		t.Errorf("layer %s at zoom %d is not in TileJSON", layer.Name, zoom)
	}
	for _, f := range layer.Features {
		for _, property := range f.Properties {
			if _, ok := promise.Fields[property.Key]; !ok {
				t.Errorf("layer %s has a property %q that TileJSON does not know", layer.Name, property.Key)
			}
		}
	}
}

func TestTileJSON(t *testing.T) {
	p := pyramidOf(t, testCity())
	doc, err := p.TileJSON([]string{tiles.Stations, tiles.Base}, "https://example.org")
	if err != nil {
		t.Fatal(err)
	}
	if doc.TileJSON != "3.0.0" || doc.Tiles[0] != "https://example.org/api/tiles/base,stations/{z}/{x}/{y}" || doc.MinZoom != 0 || doc.MaxZoom != 15 {
		t.Errorf("document is %+v", doc)
	}
	for _, credit := range []string{"Made with Natural Earth", "Contains data from GeoNames (geonames.org), CC BY 4.0; filtered", "Boundaries: cnmaps-adm-data (MIT), derived from AMap"} {
		if !strings.Contains(doc.Attribution, credit) {
			t.Errorf("attribution %q lacks %q", doc.Attribution, credit)
		}
	}
	if c := doc.Center; c[0] < doc.Bounds[0] || c[0] > doc.Bounds[2] || c[1] < doc.Bounds[1] || c[1] > doc.Bounds[3] || c[2] != 9 {
		t.Errorf("centre %v is not in %v", c, doc.Bounds)
	}
	if grids, err := p.TileJSON([]string{tiles.MicroGrids}, ""); err != nil || grids.MinZoom != 0 {
		t.Errorf("micro-grids begin at %d: %v", grids.MinZoom, err)
	}
	if _, err := p.TileJSON([]string{"nothing"}, ""); yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("error is %v", err)
	}
	if _, err := json.Marshal(doc); err != nil {
		t.Error(err)
	}
}

// fakeCoverage is a sheet of squares for cells, about as wide as H3's.
type fakeCoverage struct {
	seq   int64
	asked []tiles.Params
	boxes [][4]float64 // where it says to have changed; nil for no telling
	err   error
}

func (f *fakeCoverage) Seq() int64 { return f.seq }

func (f *fakeCoverage) Touched(context.Context, int64, int64) ([][4]float64, bool) {
	return f.boxes, f.boxes != nil
}

// Gaps has one square for a gap, with a hole.
func (f *fakeCoverage) Gaps(_ context.Context, params tiles.Params, _ [4]float64, minCells int) ([]tiles.Gap, error) {
	f.asked = append(f.asked, params)
	if f.err != nil || minCells > 40 {
		return nil, f.err
	}
	square := func(from, to float64) orb.Ring {
		x, y := latticeWest, latticeSouth
		return orb.Ring{{x + from, y + from}, {x + to, y + from}, {x + to, y + to}, {x + from, y + to}, {x + from, y + from}}
	}
	hole := square(0.04, 0.06)
	slices.Reverse(hole)
	return []tiles.Gap{{ID: "8a1ec9b64a6ffff", Households: 77, Cells: 40, Reason: "closed_then", Outline: orb.MultiPolygon{{square(0.02, 0.08), hole}}}}, nil
}

func (f *fakeCoverage) Cells(_ context.Context, params tiles.Params, box [4]float64, resolution int) ([]tiles.Cell, error) {
	f.asked = append(f.asked, params)
	if f.err != nil {
		return nil, f.err
	}
	side := 0.5 / math.Pow(2.6457, float64(resolution-4))
	var cells []tiles.Cell
	west, south := math.Max(box[0], latticeWest), math.Max(box[1], latticeSouth)
	east, north := math.Min(box[2], latticeWest+0.3), math.Min(box[3], latticeSouth+0.2)
	for x := math.Ceil(west / side); x*side <= east; x++ {
		for y := math.Ceil(south / side); y*side <= north; y++ {
			h := side / 2
			cells = append(cells, tiles.Cell{Index: 8<<56 | uint64(x)<<20 | uint64(y), Households: 10, Covered: 4, Boundary: orb.Ring{
				{x*side - h, y*side - h}, {x*side + h, y*side - h}, {x*side + h, y*side + h}, {x*side - h, y*side + h}}})
		}
	}
	return cells, nil
}

func TestCoverage(t *testing.T) {
	source := &fakeCoverage{seq: 1}
	p := tiles.NewPyramid(tiles.Options{Coverage: source})
	at := tileAround(t, testCity(), 11)
	r := tiles.Request{Layers: []string{tiles.Coverage}, Z: at.Z, X: at.X, Y: at.Y}
	ask := func() tiles.Tile { // it needs no Update: the source has a state of its own
		tile, err := p.Tile(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		return tile
	}
	tile := ask()
	if problems := mvt.Validate(tile.Data); problems != nil {
		t.Errorf("problems: %v", problems)
	}
	decoded, err := mvt.Decode(tile.Data)
	if err != nil {
		t.Fatal(err)
	}
	features := decoded.Layer("coverage").Features
	if share := features[0].Get("share"); share != mvt.Double(0.4) {
		t.Errorf("share is %v", share)
	}
	boundary(t, at, features)
	ask()
	if len(source.asked) != 1 || source.asked[0].RadiusM != tiles.DefaultRadiusM {
		t.Errorf("the source was asked %v", source.asked)
	}
	source.seq++
	ask()
	r.Services = "water"
	ask()
	if len(source.asked) != 3 || source.asked[2].Services != "water" {
		t.Errorf("the source was asked %v", source.asked)
	}
	source.err, source.seq = yizhan.Errorf(yizhan.CodeUnavailable, "", "not yet"), 9
	if _, err := p.Tile(context.Background(), r); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("error is %v", err)
	}
	source.err = nil
	ask() // and the error was not kept
}

func TestGaps(t *testing.T) {
	source := &fakeCoverage{seq: 1}
	p := tiles.NewPyramid(tiles.Options{Coverage: source})
	at := tileAround(t, testCity(), 9)
	features := layerOf(t, p, tiles.Gaps, "gaps", at)
	if len(features) != 1 || features[0].ID != 0xa1ec9b64a6ffff&(1<<52-1) || features[0].Get("households") != mvt.Int(77) ||
		features[0].Get("reason") != mvt.String("closed_then") || len(features[0].Paths) != 2 {
		t.Fatalf("features are %+v", features)
	}
	if small := layerOf(t, p, tiles.Gaps, "gaps", tileAround(t, testCity(), 6)); len(small) != 0 {
		t.Errorf("zoom 6 has %+v", small)
	}
}

// A tile of a version of a scenario stays when the city changes; parameters tell tiles apart.
func TestScenarioTilesStay(t *testing.T) {
	source := &fakeCoverage{seq: 1}
	p := tiles.NewPyramid(tiles.Options{Coverage: source})
	at := tileAround(t, testCity(), 11)
	r := tiles.Request{Layers: []string{tiles.Coverage}, Z: at.Z, X: at.X, Y: at.Y, Params: tiles.Params{Scenario: "aaaaaaaaaaaaaaaa", ScenarioVersion: 1}}
	for seq := range int64(3) {
		source.seq = seq
		if _, err := p.Tile(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if len(source.asked) != 1 {
		t.Errorf("the source was asked %v", source.asked)
	}
	r.ScenarioVersion = 2
	if _, err := p.Tile(t.Context(), r); err != nil || len(source.asked) != 2 {
		t.Errorf("the source was asked %v, %v", source.asked, err)
	}
}

// Every cell that reaches over a border is in the tiles on both sides.
func TestCellsAtBordersAreDrawnTwice(t *testing.T) {
	p := tiles.NewPyramid(tiles.Options{Coverage: &fakeCoverage{}})
	for zoom := uint32(5); zoom <= 13; zoom++ {
		west := tileAround(t, testCity(), zoom)
		east := world.Tile{Z: zoom, X: west.X + 1, Y: west.Y}
		left, right := cellsMeeting(t, p, west, world.Extent), cellsMeeting(t, p, east, 0)
		if !slices.Equal(left, right) {
			t.Errorf("zoom %d: %d cells on the west side and %d on the east", zoom, len(left), len(right))
		}
	}
}

// cellsMeeting gives the cells that cross a column of the grid.
func cellsMeeting(t *testing.T, p *tiles.Pyramid, at world.Tile, x int32) (cells []string) {
	t.Helper()
	for _, f := range layerOf(t, p, tiles.Coverage, "coverage", at) {
		before, after := false, false
		for _, v := range f.Paths[0] {
			before, after = before || v.X < x-1, after || v.X > x+1
			if v.Y < 0 || v.Y > world.Extent {
				continue
			}
		}
		if before && after {
			cells = append(cells, f.Get("cell").Any().(string))
		}
	}
	slices.Sort(cells)
	return cells
}

func TestSourcePanicIsAnError(t *testing.T) {
	p := tiles.NewPyramid(tiles.Options{Coverage: panicking{}})
	if _, err := p.Tile(context.Background(), tiles.Request{Layers: []string{tiles.Coverage}}); yizhan.CodeOf(err) != yizhan.CodeInternal {
		t.Errorf("error is %v", err)
	}
}

type panicking struct{}

func (panicking) Seq() int64 { return 0 }
func (panicking) Gaps(context.Context, tiles.Params, [4]float64, int) ([]tiles.Gap, error) {
	panic("boom")
}
func (panicking) Touched(context.Context, int64, int64) ([][4]float64, bool) {
	panic("boom")
}
func (panicking) Cells(context.Context, tiles.Params, [4]float64, int) ([]tiles.Cell, error) {
	panic("boom")
}

func TestGoldens(t *testing.T) {
	city := newLattice(1, 1, 2, 2, 0.1, 1).city()
	p := pyramidOf(t, city)
	at := world.Project(orb.Point{latticeWest + 0.02, latticeSouth + 0.01})
	for _, set := range cityLayers {
		for _, zoom := range []uint32{6, 8, 11} {
			tile, err := mvt.Decode(get(t, p, set, world.Tile{Z: zoom, X: at.X >> (world.Bits - zoom), Y: at.Y >> (world.Bits - zoom)}).Data)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, set+"-"+string('0'+rune(zoom/10))+string('0'+rune(zoom%10)), tile.Text())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s", name, got)
	}
}
