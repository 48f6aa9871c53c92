package geojson_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/geojson"
)

// FuzzSource reads whatever it is given without a panic, and what it gives is finite.
func FuzzSource(f *testing.F) {
	for _, text := range []string{
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2,3]}}]}`,
		"\x1e{\"type\":\"Feature\",\"properties\":null,\"geometry\":null}\n\x1e{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}}",
		`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,2]}},7,{"type":"Feature"}]}`,
		`{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:4528"}},"features":[`, `[]`, `{`, `{"type":"Feature","id":{}}`,
	} {
		f.Add([]byte(text))
	}
	path := filepath.Join(f.TempDir(), "a.geojson")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		file := importers.File{Path: path}
		row := int64(0)
		err := geojson.Source{}.Read(context.Background(), file, importers.Options{}, func(r *importers.Record) error {
			if r.Row != row+1 {
				t.Errorf("row %d follows row %d", r.Row, row)
			}
			if row = r.Row; r.Geometry != nil && r.Fault == nil {
				b := r.Geometry.Bound()
				for _, x := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
					if !b.IsEmpty() && (math.IsNaN(x) || math.IsInf(x, 0)) {
						t.Errorf("a bound of %v", b)
					}
				}
			}
			return nil
		})
		_ = err // what cannot be read is refused
	})
}
