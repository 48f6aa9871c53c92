package formats_test

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/datum"
	"github.com/yizhan/yizhan/importers/formats"
)

// grids are two micro-grids, in GeoJSON, from which tools make files of every format.
const grids = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"网格编码":"150702001001001","名称":"天润一","户数":29,"日期":"2026-03-01"},"geometry":{"type":"Polygon","coordinates":[[[119.7,49.2],[119.71,49.2],[119.71,49.21],[119.7,49.21],[119.7,49.2]]]}},
{"type":"Feature","properties":{"网格编码":"150702001001002","名称":"天润二","户数":31,"日期":"2026-03-02"},"geometry":{"type":"Polygon","coordinates":[[[119.71,49.2],[119.72,49.2],[119.72,49.21],[119.71,49.21],[119.71,49.2]]]}}]}`

// tool runs a program that makes a file.
func tool(t testing.TB, name string, arguments ...string) {
	t.Helper()
	if out, err := exec.Command(name, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, arguments, err, out)
	}
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pack makes a zip of files, without their folders.
func pack(t testing.TB, path string, files ...string) string {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(out)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		member, err := w.Create(filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := member.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// row is a record that is kept.
type row struct {
	values map[string]string
	shape  orb.Geometry
	fault  *importers.Problem
}

// read reads a whole file, as an import does.
func read(t testing.TB, path string) (importers.Head, []row, error) {
	t.Helper()
	return readLayer(t, path, "")
}

// readLayer reads one layer of a file; the first with something in it for an empty name.
func readLayer(t testing.TB, path, layer string) (importers.Head, []row, error) {
	t.Helper()
	folder := t.TempDir()
	upload := filepath.Join(folder, "upload")
	if err := os.Link(path, upload); err != nil {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, upload, string(data))
	}
	ctx := context.Background()
	source, file, err := formats.Find(ctx, importers.File{Path: upload, Name: filepath.Base(path)}, folder)
	if err != nil {
		return importers.Head{}, nil, err
	}
	options := importers.Options{Layer: layer}
	head, err := source.Head(ctx, file, options)
	if err != nil {
		return head, nil, err
	}
	var rows []row
	err = source.Read(ctx, file, options, func(r *importers.Record) error {
		kept := row{map[string]string{}, r.Geometry, r.Fault}
		for i, v := range r.Values {
			kept.values[head.Columns[i]] = strings.Clone(v)
		}
		rows = append(rows, kept)
		return nil
	})
	return head, rows, err
}

func TestFormatsOfOffices(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	source := write(t, at("grids.geojson"), grids)
	for _, test := range []struct {
		format string
		make   func() string
		said   string // the datum that the file tells
	}{
		{"geojson", func() string { return source }, ""},
		{"shapefile", func() string {
			tool(t, "ogr2ogr", "-f", "ESRI Shapefile", "-t_srs", "EPSG:4528", "-lco", "ENCODING=GBK", at("g.shp"), source)
			return pack(t, at("g.zip"), at("g.shp"), at("g.dbf"), at("g.shx"), at("g.prj")) // no .cpg, as so often
		}, "cgcs2000-4528"},
		{"gpkg", func() string {
			tool(t, "ogr2ogr", "-f", "GPKG", "-t_srs", "EPSG:4490", at("g.gpkg"), source)
			return at("g.gpkg")
		}, "cgcs2000"},
		{"flatgeobuf", func() string {
			tool(t, "ogr2ogr", "-f", "FlatGeobuf", "-lco", "SPATIAL_INDEX=NO", "-t_srs", "EPSG:4549", at("g.fgb"), source)
			return at("g.fgb")
		}, "cgcs2000-4549"},
		{"kml", func() string {
			tool(t, "ogr2ogr", "-f", "LIBKML", at("g.kmz"), source)
			return at("g.kmz")
		}, "wgs84"},
		{"filegdb", func() string {
			tool(t, "ogr2ogr", "-f", "OpenFileGDB", at("g.gdb"), source)
			tool(t, "sh", "-c", fmt.Sprintf("cd %s && python3 -m zipfile -c gdb.zip g.gdb", folder))
			return at("gdb.zip")
		}, "wgs84"},
		{"mapinfo", func() string {
			tool(t, "ogr2ogr", "-f", "MapInfo File", "-lco", "ENCODING=CP936", at("m.tab"), source)
			return pack(t, at("m.zip"), at("m.tab"), at("m.dat"), at("m.map"), at("m.id"))
		}, "wgs84"},
		{"geojsonseq", func() string {
			tool(t, "ogr2ogr", "-f", "GeoJSONSeq", "-lco", "RS=YES", at("g.geojsons"), source)
			return at("g.geojsons")
		}, ""},
	} {
		t.Run(test.format, func(t *testing.T) {
			head, rows, err := read(t, test.make())
			if err != nil {
				t.Fatal(err)
			}
			said, err := datum.Said(head.CRS)
			if err != nil {
				t.Fatal(err)
			}
			name := ""
			if said != nil {
				name = said.Name
			}
			if head.Format != test.format || name != test.said || len(rows) != 2 {
				t.Fatalf("%+v: %d rows in %s", head, len(rows), name)
			}
			text := fmt.Sprint(rows[1].values)
			if !strings.Contains(text, "天润二") || !strings.Contains(text, "150702001001002") || !strings.Contains(text, "31") {
				t.Errorf("%s", text)
			}
			center := rows[1].shape.Bound().Center()
			if said != nil {
				center = said.ToWGS84(center)
			}
			if geo.Distance(center, orb.Point{119.715, 49.205}) > 1 {
				t.Errorf("the second is at %v", center)
			}
		})
	}
}

// TestDrawings reads DXF as CAD writes it: outlines, without a table beside them and without a datum.
func TestDrawings(t *testing.T) {
	folder := t.TempDir()
	source := write(t, filepath.Join(folder, "grids.geojson"), grids)
	plan := filepath.Join(folder, "plan.dxf")
	tool(t, "ogr2ogr", "-f", "DXF", "-t_srs", "EPSG:4528", "-nlt", "MULTILINESTRING", plan, source)
	head, rows, err := read(t, plan)
	if err != nil {
		t.Fatal(err)
	}
	if head.Format != "dxf" || head.CRS != "" || len(rows) != 2 {
		t.Fatalf("%+v: %d rows", head, len(rows))
	}
	zone, _ := geo.ReferenceOf("cgcs2000-4528")
	if center := zone.ToWGS84(rows[1].shape.Bound().Center()); geo.Distance(center, orb.Point{119.715, 49.205}) > 1 {
		t.Errorf("the second is at %v", center)
	}
	if _, isLine := rows[1].shape.(orb.LineString); !isLine {
		t.Errorf("a line of a drawing is %T", rows[1].shape)
	}
}

// places are a shop at a point, a bank in a building, and what is neither: a tree, a road, a house without a use.
const places = `<?xml version="1.0" encoding="UTF-8"?><osm version="0.6" generator="test">
<node id="1" lat="49.2051" lon="119.7051" version="1"><tag k="shop" v="supermarket"/><tag k="name" v="天润超市"/><tag k="opening_hours" v="Mo-Su 08:00-21:00"/></node>
<node id="2" lat="49.2052" lon="119.7052" version="1"><tag k="natural" v="tree"/></node>
<node id="11" lat="49.206" lon="119.706" version="1"/><node id="12" lat="49.206" lon="119.707" version="1"/>
<node id="13" lat="49.207" lon="119.707" version="1"/><node id="14" lat="49.207" lon="119.706" version="1"/>
<way id="21" version="1"><nd ref="11"/><nd ref="12"/><nd ref="13"/><nd ref="14"/><nd ref="11"/><tag k="building" v="yes"/><tag k="amenity" v="bank"/><tag k="name" v="农业银行"/></way>
<way id="22" version="1"><nd ref="11"/><nd ref="13"/><tag k="highway" v="residential"/><tag k="name" v="胜利大街"/></way>
<way id="23" version="1"><nd ref="11"/><nd ref="12"/><nd ref="14"/><nd ref="11"/><tag k="building" v="yes"/></way>
</osm>`

// TestOpenStreetMap reads an extract as osmium writes it: each layer has what may become a station, and nothing else.
func TestOpenStreetMap(t *testing.T) {
	folder := t.TempDir()
	extract := filepath.Join(folder, "extract.osm.pbf")
	tool(t, "osmium", "cat", "-o", extract, write(t, filepath.Join(folder, "extract.osm"), places))
	for _, test := range []struct {
		layer, name, tag, value, hours string
		place                          orb.Point
	}{
		{"points", "天润超市", "shop", "supermarket", "Mo-Su 08:00-21:00", orb.Point{119.7051, 49.2051}},
		{"multipolygons", "农业银行", "amenity", "bank", "", orb.Point{119.7065, 49.2065}},
	} {
		head, rows, err := readLayer(t, extract, test.layer)
		if err != nil || head.Format != "osm" || strings.Join(head.Layers, " ") != "points multipolygons" || len(rows) != 1 {
			t.Fatalf("%s: %v %+v %+v", test.layer, err, head, rows)
		}
		one := rows[0]
		if one.values["name"] != test.name || one.values[test.tag] != test.value || one.values["opening_hours"] != test.hours {
			t.Errorf("%s: %+v", test.layer, one.values)
		}
		if center := one.shape.Bound().Center(); geo.Distance(center, test.place) > 1 {
			t.Errorf("%s lies at %v", test.name, center)
		}
	}
}
