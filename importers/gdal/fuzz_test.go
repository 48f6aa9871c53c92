package gdal

import (
	"strings"
	"testing"
)

// info is what ogrinfo 3.6 says of a shapefile.
const info = `INFO: Open of ` + "`a.shp'" + `
      using driver ` + "`ESRI Shapefile'" + ` successful.

Layer name: a
Geometry: Polygon
Feature Count: 2
Layer SRS WKT:
PROJCRS["CGCS2000 / 3-degree Gauss-Kruger zone 40",
    BASEGEOGCRS["China Geodetic Coordinate System 2000"],
    ID["EPSG",4528]]
Data axis to CRS axis mapping: 2,1
网格编码: String (80.0)
户数: Integer64 (18.0)
name: with a colon: Real (24.15)

Layer name: b
Geometry: None
Feature Count: 0
Layer SRS WKT:
(unknown)
id: Integer (9.0)
`

func TestParseInfo(t *testing.T) {
	layers := parseInfo(info)
	if len(layers) != 2 {
		t.Fatalf("%+v", layers)
	}
	a, b := layers[0], layers[1]
	if a.name != "a" || a.rows != 2 || a.geometry != "Polygon" || strings.Join(a.columns, "|") != "网格编码|户数|name: with a colon" || !strings.Contains(a.crs, `ID["EPSG",4528]`) {
		t.Errorf("%+v", a)
	}
	if b.name != "b" || b.rows != 0 || b.crs != "" || strings.Join(b.columns, "|") != "id" {
		t.Errorf("%+v", b)
	}
}

// FuzzParseInfo reads what a hostile file has ogrinfo say: its names of layers and columns stand in it as they are. No
// line becomes more than one thing, and a layer that is chosen is one of those that were told.
func FuzzParseInfo(f *testing.F) {
	f.Add(info)
	f.Add("Layer name: \nFeature Count: -1\nx: String")
	f.Add("Feature Count: 99999999999999999999\nLayer name: -oo\nLayer SRS WKT:\nLayer name: y")
	f.Fuzz(func(t *testing.T, text string) {
		layers := parseInfo(text)
		lines, columns := strings.Count(text, "\n")+1, 0
		for _, l := range layers {
			columns += len(l.columns)
			if strings.ContainsAny(l.name, "\n") || len(l.crs) > len(text)+lines {
				t.Errorf("%+v", l)
			}
			if chosen, err := choose(layers, l.name); l.name != "" && (err != nil || chosen.name != l.name) {
				t.Errorf("%q is not found: %v", l.name, err)
			}
		}
		if len(layers)+columns > lines {
			t.Errorf("%d layers and %d columns in %d lines", len(layers), columns, lines)
		}
	})
}
