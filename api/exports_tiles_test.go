package api

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/pmtiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// withPyramid gives the stage real tiles of its city.
func withPyramid(t *testing.T, pyramid **tiles.Pyramid) func(*stage) {
	return func(w *stage) {
		p := tiles.NewPyramid(tiles.Options{})
		if err := p.Update(w.city, nil); err != nil {
			t.Fatal(err)
		}
		w.tiles.still = p.Still
		*pyramid = p
	}
}

// An archive over HTTP holds the very tiles of the moment when it was asked for.
func TestArchiveOfTiles(t *testing.T) {
	var pyramid *tiles.Pyramid
	d := newExporter(t, withPyramid(t, &pyramid))
	for target, datum := range map[string]string{
		"/api/exports/pmtiles?unit=150702&maxzoom=11&layers=units,stations":             tiles.WGS84,
		"/api/exports/pmtiles?unit=150702&maxzoom=11&layers=units,stations&datum=gcj02": tiles.GCJ02,
	} {
		a := d.send(t, "GET", target, "")
		name := map[string]string{tiles.WGS84: "wgs84", tiles.GCJ02: "gcj02"}[datum]
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/vnd.pmtiles" || a.header.Get("X-Yizhan-Seq") != "42" ||
			!strings.Contains(a.header.Get("Content-Disposition"), `"tiles-150702-`+name+`-seq42.pmtiles"`) {
			t.Fatalf("%d %v %.200s", a.status, a.header, a.body)
		}
		written, err := pmtiles.NewReader(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for zoom := range uint32(12) {
			for at := range pmtiles.Covering([4]float64{119.6, 49.1, 119.9, 49.3}, zoom).Tiles() {
				compared += compareArchived(t, written, pyramid, datum, at)
			}
		}
		if compared < 12 {
			t.Errorf("%d tiles were compared", compared)
		}
		if again := d.send(t, "GET", target, ""); !bytes.Equal(again.body, a.body) {
			t.Error("other bytes for the same city")
		}
	}
}

// compareArchived gives 1 if the tile is there, and the same.
func compareArchived(t *testing.T, written *pmtiles.Reader, pyramid *tiles.Pyramid, datum string, at world.Tile) int {
	t.Helper()
	got, err := written.Tile(at)
	if err != nil {
		t.Fatal(err)
	}
	if got == nil {
		return 0
	}
	want, err := pyramid.Tile(t.Context(), tiles.Request{Layers: []string{tiles.Units, tiles.Stations}, Datum: datum, Z: at.Z, X: at.X, Y: at.Y})
	if err != nil || !bytes.Equal(got, want.Gzip) {
		t.Errorf("%v: %d bytes in the archive, %d from the pyramid: %v", at, len(got), len(want.Gzip), err)
	}
	return 1
}

func TestArchiveOfTilesSaysWhatIsWrong(t *testing.T) {
	var pyramid *tiles.Pyramid
	d := newExporter(t, withPyramid(t, &pyramid))
	for target, says := range map[string]string{
		"/api/exports/pmtiles?layers=coverage":                "query.layers",
		"/api/exports/pmtiles?datum=bd09":                     "query.datum",
		"/api/exports/pmtiles?maxzoom=15":                     "query.maxzoom",
		"/api/exports/pmtiles?minzoom=9&maxzoom=8":            "query.minzoom is above maxzoom, 8",
		"/api/exports/pmtiles?unit=150799":                    "query.unit no unit with an outline",
		"/api/exports/pmtiles?bbox=1,2,3":                     "query.bbox",
		"/api/exports/pmtiles?unit=150702&bbox=100,30,101,31": "query.bbox has no area, or does not meet the unit",
		"/api/exports/pmtiles?bbox=70,20,140,55":              "tiles, 400000 are allowed",
		"/api/exports/pmtiles?format=csv":                     "query.format",
	} {
		a := d.send(t, "GET", target, "")
		if p := checkProblem(t, target, a); a.status != http.StatusBadRequest || !strings.Contains(p.Detail, says) {
			t.Errorf("%s: %d %s", target, a.status, p.Detail)
		}
	}
	for who, c := range map[string]struct {
		role   yizhan.Role
		status int
	}{"guest": {"", 401}, "viewer": {yizhan.RoleViewer, 403}} {
		if d.cookie = ""; c.role != "" {
			d.be(t, d.user(t, who, yizhan.Grant{Role: c.role, Unit: "150702"}))
		}
		expect(t, d.send(t, "GET", "/api/exports/pmtiles?maxzoom=4", ""), c.status, "")
	}
}
