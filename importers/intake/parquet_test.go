package intake_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	readparquet "github.com/yizhan/yizhan/importers/parquet"
)

// TestMain lets this program be the child that reads Parquet.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == readparquet.Command {
		os.Exit(readparquet.Main(os.Args[2:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// geoParquet writes features of GeoJSON as other programs write them: with columns of their types.
func geoParquet(t *testing.T, text string) string {
	t.Helper()
	var given struct {
		Features []struct {
			Properties struct {
				Code       string
				Name       string
				Households int32
			}
			Geometry json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Code       string `parquet:"code"`
		Name       string `parquet:"name"`
		Households int32  `parquet:"households"`
		Geometry   []byte `parquet:"geometry,optional"`
	}
	var rows []row
	for _, f := range given.Features {
		one := row{Code: f.Properties.Code, Name: f.Properties.Name, Households: f.Properties.Households}
		if string(f.Geometry) != "null" {
			shape, err := geojson.UnmarshalGeometry(f.Geometry)
			if err == nil {
				one.Geometry, err = wkb.Marshal(shape.Geometry(), binary.LittleEndian)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		rows = append(rows, one)
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out, parquet.Compression(&parquet.Snappy))
	_, err := w.Write(rows)
	w.SetKeyValueMetadata("geo", `{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}`)
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return write(t, "a.parquet", out.String())
}

// parquetTable writes a table as programs for data do that know no geometry: columns of text, by name.
func parquetTable(t *testing.T, rows [][]string) string {
	t.Helper()
	group := parquet.Group{}
	for _, name := range rows[0] {
		group[name] = parquet.String()
	}
	schema := parquet.NewSchema("rows", group)
	var out bytes.Buffer
	w := parquet.NewGenericWriter[any](&out, schema)
	for _, row := range rows[1:] {
		values := make(parquet.Row, len(row))
		for i, name := range rows[0] {
			leaf, _ := schema.Lookup(name)
			values[leaf.ColumnIndex] = parquet.ByteArrayValue([]byte(row[i])).Level(0, 0, leaf.ColumnIndex)
		}
		if _, err := w.WriteRows([]parquet.Row{values}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "a.parquet", out.String())
}
