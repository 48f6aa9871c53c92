package api

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/tiles"
)

func read[T any](t *testing.T, w *stage, target string) (value T) {
	t.Helper()
	a := w.get(t, target)
	if a.status != 200 {
		t.Fatalf("%s: status %d: %s", target, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func linkOf(t *testing.T, links []Link, rel string) Link {
	t.Helper()
	i := slices.IndexFunc(links, func(l Link) bool { return l.Rel == rel })
	if i < 0 {
		t.Fatalf("no link %s in %v", rel, links)
	}
	return links[i]
}

// follow turns the address of a link into a target.
func targetOf(t *testing.T, link Link) string {
	t.Helper()
	u, err := url.Parse(link.Href)
	if err != nil || u.Host != "example.com" {
		t.Fatalf("link %+v: %v", link, err)
	}
	return u.RequestURI()
}

// A GIS program finds its way from the landing page to a tile by links alone.
func TestOGCTilesByLinks(t *testing.T) {
	w := newStage(t)
	landing := read[Landing](t, w, "/api/")
	conformance := read[Conformance](t, w, targetOf(t, linkOf(t, landing.Links, relConformance)))
	for _, class := range []string{"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "mvt"} {
		if !slices.Contains(conformance.ConformsTo, "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"+class) {
			t.Errorf("no conformance class %s", class)
		}
	}
	lists := []string{targetOf(t, linkOf(t, landing.Links, relTilesets))}
	for _, c := range read[CollectionList](t, w, "/api/collections").Collections {
		lists = append(lists, targetOf(t, linkOf(t, c.Links, relTilesets)))
		if c.Extent == nil || c.Extent.Spatial.BBox[0] != (BBox{115.5, 47, 125.5, 57}) {
			t.Errorf("%s: extent %+v", c.ID, c.Extent)
		}
	}
	if len(lists) != 5 {
		t.Errorf("tile sets at %v", lists)
	}
	for _, target := range lists {
		if strings.Contains(target, "micro_grids") {
			continue // the stage has none
		}
		checkTileSets(t, w, target+selection(target))
	}
}

// selection leaves out what the stage has no tiles of.
func selection(target string) string {
	if target == "/api/tiles" {
		return "?collections=units,stations"
	}
	return ""
}

func checkTileSets(t *testing.T, w *stage, target string) {
	t.Helper()
	list := read[TileSetList](t, w, target)
	if len(list.TileSets) != 1 {
		t.Fatalf("%s: %+v", target, list)
	}
	set := read[TileSet](t, w, targetOf(t, linkOf(t, list.TileSets[0].Links, "self")))
	if set.TileMatrixSetURI != webMercatorURI || set.DataType != "vector" || len(set.Layers) == 0 {
		t.Errorf("%s: %+v", target, set)
	}
	tiling := read[TileMatrixSet](t, w, targetOf(t, linkOf(t, set.Links, relTiling)))
	if tiling.ID != webMercator {
		t.Errorf("%s: tiling %s", target, tiling.ID)
	}
	read[TileJSON](t, w, targetOf(t, linkOf(t, set.Links, "describedby")))
	item := linkOf(t, set.Links, "item")
	if !item.Templated {
		t.Errorf("%s: %+v is not a template", target, item)
	}
	item.Href = strings.NewReplacer("{tileMatrix}", "3", "{tileRow}", "2", "{tileCol}", "6").Replace(item.Href)
	var asked tiles.Request
	w.tiles.asked = func(r tiles.Request) { asked = r }
	a := w.get(t, targetOf(t, item))
	if a.status != 200 || string(a.body) != "PLAIN" || a.header.Get("Content-Type") != tileType || a.header.Get("ETag") != `"t1"` {
		t.Errorf("%s: %d %v %s", item.Href, a.status, a.header, a.body)
	}
	if asked.Z != 3 || asked.Y != 2 || asked.X != 6 {
		t.Errorf("%s asks for %d/%d/%d", item.Href, asked.Z, asked.X, asked.Y)
	}
}

func TestOGCTilesOfWhatIsNotThere(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "collection", target: "/api/collections/leaders/tiles", status: 404, code: "not_found"},
		{name: "tile of a collection", target: "/api/collections/leaders/tiles/WebMercatorQuad/1/0/0", status: 404, code: "not_found"},
		{name: "tiling", target: "/api/collections/units/tiles/WorldCRS84Quad", status: 404, code: "not_found"},
		{name: "definition of a tiling", target: "/api/tileMatrixSets/WorldCRS84Quad", status: 404, code: "not_found"},
		{name: "row", target: "/api/collections/units/tiles/WebMercatorQuad/3/8/0", status: 404, code: "not_found"},
		{name: "column", target: "/api/collections/units/tiles/WebMercatorQuad/3/0/8", status: 404, code: "not_found"},
		{name: "zoom", target: "/api/tiles/WebMercatorQuad/19/0/0", status: 404, code: "not_found"},
		{name: "words", target: "/api/tiles/WebMercatorQuad/a/0/0", status: 404, code: "not_found", has: []string{"tileMatrix is not a whole number"}},
		{name: "selection", target: "/api/tiles/WebMercatorQuad/3/0/0?collections=leaders", status: 400, code: "invalid_parameter", has: []string{"query.collections"}},
		{name: "empty tile", target: "/api/collections/units/tiles/WebMercatorQuad/0/0/0", status: 204},
		{name: "304", target: "/api/collections/units/tiles/WebMercatorQuad/3/0/0", headers: []string{"If-None-Match", `"t1"`}, status: 304},
	})
}

// The figures are those of the standard, OGC 17-083r4, annex D.
func TestWebMercatorQuad(t *testing.T) {
	set := webMercatorQuad()
	for zoom, want := range map[int][2]float64{0: {559082264.028717, 156543.033928041}, 10: {545978.773465544, 152.874056570353}, 18: {2132.72958384978, 0.597164283559817}} {
		m := set.TileMatrices[zoom]
		if math.Abs(m.ScaleDenominator/want[0]-1) > 1e-9 || math.Abs(m.CellSize/want[1]-1) > 1e-9 || m.MatrixWidth != 1<<zoom {
			t.Errorf("zoom %d: %+v, want %v", zoom, m, want)
		}
	}
	if p := set.TileMatrices[0].PointOfOrigin; math.Abs(p[0]+20037508.3427892) > 1e-6 || p[1] != -p[0] {
		t.Errorf("origin %v", p)
	}
}

func TestTileMatrixLimits(t *testing.T) {
	limits := limitsOf([4]float64{115.5, 47, 126.1, 53.4}, 6, 7)
	want := []TileMatrixLimits{{"6", 20, 22, 52, 54}, {"7", 41, 45, 105, 108}}
	if !slices.Equal(limits, want) {
		t.Errorf("%+v, want %+v", limits, want)
	}
	if got := limitsOf([4]float64{-180, -85.05, 180, 85.05}, 3, 3); got[0] != (TileMatrixLimits{"3", 0, 7, 0, 7}) {
		t.Errorf("the world: %+v", got)
	}
}
