package takeaway

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
)

// Format is a kind of file.
type Format struct {
	Name      string // as asked for, such as geojson
	MediaType string
	Extension string // with the dot
	// Of are the collections that the format can hold; nil for all.
	Of        []yizhan.Collection
	WGS84Only bool // it cannot name another reference
	sheet     bool // the geometry of areas is left out unless asked for, as cells are short
	cells     bool // H3 cells stand beside the geometry
	text      bool // it is written from front to end, and a reader sees where it breaks off
	write     func(ctx context.Context, folder string, file io.Writer, t exports.Table) error
}

// Formats lists the formats.
func Formats() []Format {
	return []Format{
		{Name: "geojson", MediaType: "application/geo+json", Extension: ".geojson", text: true, write: plainly(exports.WriteGeoJSON)},
		{Name: "geojsonseq", MediaType: "application/geo+json-seq", Extension: ".geojsons", text: true, WGS84Only: true, write: plainly(exports.WriteGeoJSONSeq)},
		{Name: "csv", MediaType: "text/csv; charset=utf-8; header=present", Extension: ".csv", text: true, write: plainly(func(w io.Writer, t exports.Table) error {
			return exports.WriteCSV(w, t, exports.CSVOptions{})
		})},
		{Name: "excel-csv", MediaType: "text/csv; charset=utf-8; header=present", Extension: ".csv", text: true, sheet: true, write: plainly(func(w io.Writer, t exports.Table) error {
			return exports.WriteCSV(w, t, exports.CSVOptions{BOM: true, Titles: true})
		})},
		{Name: "xlsx", MediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Extension: ".xlsx", sheet: true, write: plainly(exports.WriteXLSX)},
		{Name: "gpkg", MediaType: "application/geopackage+sqlite3", Extension: ".gpkg", write: geoPackage},
		{Name: "flatgeobuf", MediaType: "application/vnd.flatgeobuf", Extension: ".fgb", Of: withShapes, write: flatGeobuf},
		{Name: "shapefile", MediaType: "application/zip", Extension: ".shp.zip", Of: withShortTexts, write: shapefile},
		{Name: "parquet", MediaType: "application/vnd.apache.parquet", Extension: ".parquet", cells: true, write: plainly(exports.WriteGeoParquet)},
	}
}

// withShapes are the collections whose features all have a geometry, without which FlatGeobuf drops them, and
// withShortTexts those whose texts fit into a Shapefile: 254 bytes, under names of ten letters.
var (
	withShapes     = []yizhan.Collection{yizhan.Stations, yizhan.MicroGrids}
	withShortTexts = []yizhan.Collection{yizhan.Units, yizhan.MicroGrids}
)

// FormatOf finds a format by its name.
func FormatOf(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, yizhan.Invalid("format", "no format has this name; there are %s", strings.Join(names, ", "))
}

// holds tells whether the format can hold a collection.
func (f Format) holds(c yizhan.Collection) bool { return f.Of == nil || slices.Contains(f.Of, c) }

// plainly is for formats that are written from front to end.
func plainly(write func(io.Writer, exports.Table) error) func(context.Context, string, io.Writer, exports.Table) error {
	return func(_ context.Context, _ string, file io.Writer, t exports.Table) error {
		if err := write(file, t); err != nil {
			return fmt.Errorf("write features: %w", err)
		}
		return nil
	}
}
