package exports_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/xuri/excelize/v2"

	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/geo/hex"
)

// hostile are texts that formats trip over.
var hostile = []string{"海拉尔区", "a,b", `say "hi"`, "two\nlines", "cr\rlf", "=1+1", "+86", "-1", "@SUM(A1)", "\tx", "＝1", " padded ", "", "<b>&amp;", "_x0041_", "𠮷野家", "2026-01-01", "007", "'quoted"}

var columns = []exports.Column{
	{Name: "cell", Title: "H3 网格", Type: exports.CellType, Description: "H3 index"},
	{Name: "unit", Title: "单元", Type: exports.TextType},
	{Name: "note", Type: exports.TextType, Nullable: true},
	{Name: "households", Title: "户数", Type: exports.IntType, Unit: "户"},
	{Name: "share", Title: "覆盖率", Type: exports.FloatType, Nullable: true, Share: true, Decimals: 1},
	{Name: "nearest_m", Title: "最近距离", Type: exports.FloatType, Unit: "m", Decimals: 1},
	{Name: "covered", Type: exports.BoolType, Nullable: true},
	{Name: "station", Type: exports.PointType, Nullable: true},
}

func cellAt(t testing.TB, i int) hex.Cell {
	t.Helper()
	cell, err := hex.Of(orb.Point{119 + float64(i%400)/100, 49 + float64(i/400)/200}, 10)
	if err != nil {
		t.Fatal(err)
	}
	return cell
}

// rowAt is a row that depends on i alone; every seventh is full of nulls.
func rowAt(t testing.TB, i int) []exports.Value {
	row := []exports.Value{exports.Cell(cellAt(t, i)), exports.Text(hostile[i%len(hostile)]), exports.Text(fmt.Sprintf("第 %d 行", i)),
		exports.Int(int64(i) * 1_000_003), exports.Float(float64(i) / 70_000), exports.Float(1000 / (1 + float64(i))), exports.Bool(i%2 == 0),
		exports.Point(orb.Point{119.7364 + float64(i)/1e7, 49.2122})}
	if i%7 == 6 {
		row[2], row[4], row[6], row[7] = exports.Null(), exports.Null(), exports.Null(), exports.Null()
	}
	return row
}

func someRows(t testing.TB, n int) iter.Seq2[[]exports.Value, error] {
	return func(yield func([]exports.Value, error) bool) {
		for i := range n {
			if !yield(rowAt(t, i), nil) {
				return
			}
		}
	}
}

func tableOf(t testing.TB, n int) exports.Table {
	return exports.Table{Name: "覆盖明细", Columns: columns, Rows: someRows(t, n),
		About: []exports.Fact{{"模型", "服务半径 1000 m"}, {"数据 seq", "42"}, {"署名", "Made with Natural Earth"}}}
}

func write(t testing.TB, format string, table exports.Table) []byte {
	t.Helper()
	f, err := exports.FormatOf(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out, table); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSameTableSameBytes(t *testing.T) {
	for _, format := range exports.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			first := write(t, format.Name, tableOf(t, 3000))
			time.Sleep(1100 * time.Millisecond) // a zip tells time in seconds
			if again := write(t, format.Name, tableOf(t, 3000)); !bytes.Equal(first, again) {
				t.Errorf("%d bytes, then %d others", len(first), len(again))
			}
		})
	}
}

func TestCSVComesBack(t *testing.T) {
	const n = 100
	written := write(t, "csv", tableOf(t, n))
	if bytes.Contains(bytes.ReplaceAll(written, []byte("\r\n"), nil), []byte("\xef\xbb\xbf")) || !bytes.HasSuffix(written, []byte("\r\n")) {
		t.Error("a byte order mark, or no CRLF at the end")
	}
	records, err := csv.NewReader(bytes.NewReader(written)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"cell", "unit", "note", "households", "share", "nearest_m", "covered", "station_lng", "station_lat"}; !slices.Equal(records[0], want) {
		t.Errorf("head %q", records[0])
	}
	if len(records) != n+1 {
		t.Fatalf("%d records", len(records))
	}
	for i, record := range records[1:] {
		text := hostile[i%len(hostile)]
		if slices.Contains([]string{"=1+1", "+86", "-1", "@SUM(A1)", "\tx", "＝1"}, text) {
			text = "'" + text
		}
		want := []string{cellAt(t, i).String(), text, fmt.Sprintf("第 %d 行", i), fmt.Sprint(i * 1_000_003)}
		if i%7 == 6 {
			want[2] = ""
		}
		if !slices.Equal(record[:4], want) {
			t.Errorf("record %d is %q, want %q", i, record[:4], want)
		}
		var share float64
		if i%7 == 6 {
			if record[4]+record[6]+record[7]+record[8] != "" {
				t.Errorf("record %d has %q for nulls", i, record)
			}
		} else if _, err := fmt.Sscan(record[4], &share); err != nil || share != float64(i)/70_000 {
			t.Errorf("record %d has share %q", i, record[4])
		}
	}
}

func TestCSVForExcel(t *testing.T) {
	written := write(t, "excel-csv", tableOf(t, 1))
	if !bytes.HasPrefix(written, []byte("\xef\xbb\xbfH3 网格,单元,note,户数,覆盖率,最近距离,covered,station lng,station lat\r\n")) {
		t.Errorf("begins with %q", written[:min(len(written), 120)])
	}
}

func TestCSVTellsNullFromEmpty(t *testing.T) {
	rows := [][]exports.Value{{exports.Null()}, {exports.Text("")}, {exports.Text("x")}}
	one := exports.Table{Columns: []exports.Column{{Name: "a", Type: exports.TextType, Nullable: true}}, Rows: rowsOf(rows...)}
	if got, want := string(write(t, "csv", one)), "a\r\n\"\"\r\n\"\"\r\nx\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	pairs := [][]exports.Value{{exports.Null(), exports.Int(1)}, {exports.Text(""), exports.Int(2)}}
	two := exports.Table{Columns: []exports.Column{{Name: "a", Type: exports.TextType, Nullable: true}, {Name: "b", Type: exports.IntType}}, Rows: rowsOf(pairs...)}
	if got, want := string(write(t, "csv", two)), "a,b\r\n,1\r\n\"\",2\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func rowsOf(rows ...[]exports.Value) iter.Seq2[[]exports.Value, error] {
	return func(yield func([]exports.Value, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func TestXLSXComesBack(t *testing.T) {
	const n = 60
	written := write(t, "xlsx", tableOf(t, n))
	file, err := excelize.OpenReader(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	defer closeIt(t, file)
	if sheets := file.GetSheetList(); !slices.Equal(sheets, []string{"覆盖明细", "说明"}) {
		t.Fatalf("sheets %q", sheets)
	}
	rows, err := file.GetRows("覆盖明细", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != n+1 || rows[0][0] != "H3 网格" || rows[0][7] != "station lng" {
		t.Fatalf("%d rows, head %q", len(rows), rows[0])
	}
	for i, row := range rows[1:] {
		if row[0] != cellAt(t, i).String() || row[1] != hostile[i%len(hostile)] || row[3] != fmt.Sprint(i*1_000_003) {
			t.Errorf("row %d is %q", i, row)
		}
	}
	if formula, err := file.GetCellFormula("覆盖明细", "B7"); err != nil || formula != "" { // =1+1
		t.Errorf("a formula %q, %v", formula, err)
	}
	shown, err := file.GetCellValue("覆盖明细", "E8") // null: row 6
	if err != nil || shown != "" {
		t.Errorf("null is shown as %q, %v", shown, err)
	}
	if shown, err = file.GetCellValue("覆盖明细", "E52"); err != nil || shown != "0.1%" { // 50 / 70,000
		t.Errorf("a share is shown as %q, %v", shown, err)
	}
	if shown, err = file.GetCellValue("覆盖明细", "D4"); err != nil || shown != "2,000,006" {
		t.Errorf("households are shown as %q, %v", shown, err)
	}
	panes, err := file.GetPanes("覆盖明细")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	about, err := file.GetRows("说明")
	if err != nil || about[1][1] != "WGS 84 (EPSG:4326), wgs84" || about[2][0] != "模型" || about[3][1] != "42" || !slices.Equal(about[10], []string{"户数", "households", "int", "户"}) {
		t.Errorf("about %q, %v", about, err)
	}
}

func TestXLSXIsAPlainZip(t *testing.T) {
	written := write(t, "xlsx", tableOf(t, 5))
	archive, err := zip.NewReader(bytes.NewReader(written), int64(len(written)))
	if err != nil {
		t.Fatal(err)
	}
	var sheet string
	for _, f := range archive.File {
		if !f.Modified.IsZero() && f.Modified.Year() > 1980 {
			t.Errorf("%s was made at %v", f.Name, f.Modified)
		}
		content := readEntry(t, f)
		if f.Name == "xl/worksheets/sheet1.xml" {
			sheet = content
		}
		if f.Name == "docProps/core.xml" && strings.Count(content, "2000-01-01T00:00:00Z") != 2 {
			t.Errorf("properties %s", content)
		}
	}
	if strings.Contains(sheet, "<f>") || !strings.Contains(sheet, `state="frozen"`) {
		t.Errorf("sheet %.500s", sheet)
	}
}

func readEntry(t *testing.T, f *zip.File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer closeIt(t, r)
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestNamesOfSheets(t *testing.T) {
	for name, want := range map[string]string{"": "数据", "说明": "数据", "a/b:c": "a b c", "'quoted'": "quoted", strings.Repeat("长", 40): strings.Repeat("长", 31), strings.Repeat("𠮷", 20): "数据"} {
		table := tableOf(t, 1)
		table.Name = name
		file, err := excelize.OpenReader(bytes.NewReader(write(t, "xlsx", table)))
		if err != nil {
			t.Fatal(err)
		}
		if got := file.GetSheetName(0); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
		closeIt(t, file)
	}
}

func closeIt(t *testing.T, it io.Closer) {
	t.Helper()
	if err := it.Close(); err != nil {
		t.Error(err)
	}
}

func TestGeoParquetComesBack(t *testing.T) {
	const n = 45_000 // three groups of rows
	written := write(t, "parquet", tableOf(t, n))
	file, err := parquet.OpenFile(bytes.NewReader(written), int64(len(written)))
	if err != nil {
		t.Fatal(err)
	}
	if len(file.RowGroups()) != 3 {
		t.Errorf("%d groups of rows", len(file.RowGroups()))
	}
	type box struct {
		XMin float64 `parquet:"xmin"`
		YMin float64 `parquet:"ymin"`
		XMax float64 `parquet:"xmax"`
		YMax float64 `parquet:"ymax"`
	}
	type row struct {
		Cell       uint64   `parquet:"cell"`
		Unit       string   `parquet:"unit"`
		Note       *string  `parquet:"note"`
		Households int64    `parquet:"households"`
		Share      *float64 `parquet:"share"`
		Nearest    float64  `parquet:"nearest_m"`
		Covered    *bool    `parquet:"covered"`
		Lng        *float64 `parquet:"station_lng"`
		Lat        *float64 `parquet:"station_lat"`
		Geometry   []byte   `parquet:"geometry"`
		BBox       box      `parquet:"bbox"`
	}
	reader := parquet.NewGenericReader[row](bytes.NewReader(written))
	defer closeIt(t, reader)
	rows := make([]row, n)
	if got, err := reader.Read(rows); got != n || err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("read %d rows, %v", got, err)
	}
	whole := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for i, r := range rows {
		cell := cellAt(t, i)
		if r.Cell != uint64(cell) || r.Unit != hostile[i%len(hostile)] || r.Households != int64(i)*1_000_003 || r.Nearest != 1000/(1+float64(i)) {
			t.Fatalf("row %d is %+v", i, r)
		}
		if null := i%7 == 6; null != (r.Note == nil) || null != (r.Share == nil) || null != (r.Covered == nil) || null != (r.Lng == nil) || null != (r.Lat == nil) {
			t.Fatalf("row %d is %+v", i, r)
		}
		if r.Share != nil && (*r.Share != float64(i)/70_000 || *r.Covered != (i%2 == 0) || *r.Lat != 49.2122) {
			t.Fatalf("row %d is %+v", i, r)
		}
		shape, err := wkb.Unmarshal(r.Geometry)
		if err != nil {
			t.Fatal(err)
		}
		polygon := shape.(orb.Polygon)
		b := polygon.Bound()
		if !polygon.Equal(orb.Polygon{cell.Boundary()}) || polygon[0].Orientation() != orb.CCW || r.BBox != (box{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}) {
			t.Fatalf("row %d: polygon %v, box %+v", i, polygon, r.BBox)
		}
		whole.Min = orb.Point{min(whole.Min[0], b.Min[0]), min(whole.Min[1], b.Min[1])}
		whole.Max = orb.Point{max(whole.Max[0], b.Max[0]), max(whole.Max[1], b.Max[1])}
	}
	checkGeoMetadata(t, file, "Polygon", whole)
	checkLogicalTypes(t, file)
}

// checkGeoMetadata checks what the schema of GeoParquet 1.1 requires.
func checkGeoMetadata(t *testing.T, file *parquet.File, kind string, bound orb.Bound) {
	t.Helper()
	text, ok := file.Lookup("geo")
	if !ok {
		t.Fatal("no geo metadata")
	}
	var geo struct {
		Version       string `json:"version"`
		PrimaryColumn string `json:"primary_column"`
		Columns       map[string]struct {
			Encoding      string                         `json:"encoding"`
			GeometryTypes []string                       `json:"geometry_types"`
			CRS           json.RawMessage                `json:"crs"`
			Orientation   string                         `json:"orientation"`
			Edges         string                         `json:"edges"`
			BBox          []float64                      `json:"bbox"`
			Covering      map[string]map[string][]string `json:"covering"`
		} `json:"columns"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&geo); err != nil {
		t.Fatal(err)
	}
	column, ok := geo.Columns[geo.PrimaryColumn]
	switch {
	case geo.Version != "1.1.0" || geo.PrimaryColumn != "geometry" || !ok || len(geo.Columns) != 1:
		t.Errorf("geo is %s", text)
	case column.Encoding != "WKB" || !slices.Equal(column.GeometryTypes, []string{kind}) || column.CRS != nil || column.Edges != "planar":
		t.Errorf("geometry is %+v", column)
	case (column.Orientation == "counterclockwise") != (kind == "Polygon"):
		t.Errorf("orientation %q", column.Orientation)
	case !slices.Equal(column.BBox, []float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]}):
		t.Errorf("bbox %v, want %v", column.BBox, bound)
	}
	for _, side := range []string{"xmin", "ymin", "xmax", "ymax"} {
		if path := column.Covering["bbox"][side]; !slices.Equal(path, []string{"bbox", side}) {
			t.Errorf("covering of %s is %q", side, path)
		}
	}
	if file.Schema().Fields()[len(file.Schema().Fields())-2].Name() != "geometry" {
		t.Errorf("schema %s", file.Schema())
	}
	about, _ := file.Lookup("yizhan:about")
	if !strings.Contains(about, `{"label":"数据 seq","text":"42"}`) || !strings.Contains(about, `"title":"户数"`) {
		t.Errorf("about %s", about)
	}
}

func checkLogicalTypes(t *testing.T, file *parquet.File) {
	t.Helper()
	schema := file.Schema().String()
	for _, want := range []string{"required int64 cell (INT(64,false))", "required binary unit (STRING)", "optional binary note (STRING)",
		"required int64 households (INT(64,true))", "optional double share", "optional boolean covered", "required binary geometry;", "required double xmin;"} {
		if !strings.Contains(schema, want) {
			t.Errorf("no %q in %s", want, schema)
		}
	}
	for _, chunk := range file.Metadata().RowGroups[0].Columns {
		if chunk.MetaData.Codec.String() != "ZSTD" {
			t.Errorf("%v is compressed by %v", chunk.MetaData.PathInSchema, chunk.MetaData.Codec)
		}
	}
}

func TestGeoParquetOfPoints(t *testing.T) {
	at := orb.Point{119.5, 49.5}
	table := exports.Table{Name: "选址", Columns: []exports.Column{{Name: "rank", Type: exports.IntType}, {Name: "site", Type: exports.PointType}, {Name: "cell", Type: exports.CellType}},
		About: []exports.Fact{{"数据 seq", "42"}, {"x", "y"}}, Rows: rowsOf([]exports.Value{exports.Int(1), exports.Point(at), exports.Cell(cellAt(t, 0))})}
	table.Columns[0].Title = "户数"
	written := write(t, "parquet", table)
	file, err := parquet.OpenFile(bytes.NewReader(written), int64(len(written)))
	if err != nil {
		t.Fatal(err)
	}
	checkGeoMetadata(t, file, "Point", at.Bound())
	table.Geometry = "cell"
	written = write(t, "parquet", table)
	if file, err = parquet.OpenFile(bytes.NewReader(written), int64(len(written))); err != nil {
		t.Fatal(err)
	}
	checkGeoMetadata(t, file, "Polygon", cellAt(t, 0).Boundary().Bound())
}

func TestEmptyTables(t *testing.T) {
	for _, format := range exports.Formats() {
		written := write(t, format.Name, tableOf(t, 0))
		if format.Name != "parquet" {
			continue
		}
		file, err := parquet.OpenFile(bytes.NewReader(written), int64(len(written)))
		if err != nil || file.NumRows() != 0 {
			t.Fatal(err)
		}
		if geo, _ := file.Lookup("geo"); strings.Contains(geo, `"bbox":[`) {
			t.Errorf("geo of nothing is %s", geo)
		}
	}
}

func TestBadTables(t *testing.T) {
	broken := errors.New("the source broke")
	row := func(change func([]exports.Value)) iter.Seq2[[]exports.Value, error] {
		bad := rowAt(t, 0)
		change(bad)
		return rowsOf(rowAt(t, 1), bad)
	}
	for _, c := range []struct {
		name   string
		change func(*exports.Table)
		says   string
	}{
		{"no columns", func(y *exports.Table) { y.Columns = nil }, "without columns"},
		{"no name", func(y *exports.Table) { y.Columns = []exports.Column{{Type: exports.IntType}} }, "not a name"},
		{"a name with a comma", func(y *exports.Table) { y.Columns = []exports.Column{{Name: "a,b"}} }, "not a name"},
		{"a name twice", func(y *exports.Table) { y.Columns = append(slices.Clone(columns), columns[0]) }, "two columns"},
		{"a name that a point takes", func(y *exports.Table) {
			y.Columns = append(slices.Clone(columns), exports.Column{Name: "station_lng", Type: exports.FloatType})
		}, "two columns"},
		{"the source breaks", func(y *exports.Table) {
			y.Rows = func(yield func([]exports.Value, error) bool) { yield(nil, broken) }
		}, "row 1: the source broke"},
		{"a short row", func(y *exports.Table) { y.Rows = rowsOf(rowAt(t, 0)[:3]) }, "row 1: 3 values for 8 columns"},
		{"null", func(y *exports.Table) { y.Rows = row(func(r []exports.Value) { r[3] = exports.Null() }) }, "row 2: column households: is null"},
		{"another type", func(y *exports.Table) { y.Rows = row(func(r []exports.Value) { r[3] = exports.Text("3") }) }, "is text, not int"},
		{"NaN", func(y *exports.Table) { y.Rows = row(func(r []exports.Value) { r[5] = exports.Float(math.NaN()) }) }, "column nearest_m: is not a finite number"},
		{"Inf", func(y *exports.Table) { y.Rows = row(func(r []exports.Value) { r[5] = exports.Float(math.Inf(-1)) }) }, "not a finite number"},
		{"not UTF-8", func(y *exports.Table) { y.Rows = row(func(r []exports.Value) { r[1] = exports.Text("\xff") }) }, "not UTF-8"},
		{"no cell", func(y *exports.Table) { y.Rows = row(func(r []exports.Value) { r[0] = exports.Cell(17) }) }, "not an H3 cell"},
		{"no place", func(y *exports.Table) {
			y.Rows = row(func(r []exports.Value) { r[7] = exports.Point(orb.Point{math.NaN(), 0}) })
		}, "not on the globe"},
	} {
		for _, format := range exports.Formats() {
			table := tableOf(t, 3)
			c.change(&table)
			err := format.Write(io.Discard, table)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, %s: %v", c.name, format.Name, err)
			}
			if c.name == "the source breaks" && !errors.Is(err, broken) {
				t.Errorf("%s: the cause is lost", format.Name)
			}
		}
	}
	for name, says := range map[string]string{"geometry": "taken by the geometry", "station": "or of cells or points that is never null"} {
		table := tableOf(t, 1)
		if name == "geometry" {
			table.Columns = append(slices.Clone(columns), exports.Column{Name: name, Type: exports.IntType})
		}
		table.Geometry = name // station is null here and there
		if err := exports.WriteGeoParquet(io.Discard, table); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := tableOf(t, 1)
	long.Rows = row(func(r []exports.Value) { r[1] = exports.Text(strings.Repeat("长", 32_768)) })
	if err := exports.WriteXLSX(io.Discard, long); err == nil || !strings.Contains(err.Error(), "row 2: column unit: a cell of a sheet has at most 32767") {
		t.Errorf("a long text: %v", err)
	}
	if _, err := exports.FormatOf("pdf"); err == nil {
		t.Error("there is a format pdf")
	}
}

func TestZeroHasNoSign(t *testing.T) {
	table := exports.Table{Columns: []exports.Column{{Name: "a", Type: exports.FloatType}}, Rows: rowsOf([]exports.Value{exports.Float(math.Copysign(0, -1))})}
	if got := string(write(t, "csv", table)); got != "a\r\n0\r\n" {
		t.Errorf("%q", got)
	}
}

type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

func TestWritersThatFail(t *testing.T) {
	for _, format := range exports.Formats() {
		if err := format.Write(&fullDisk{room: 1000}, tableOf(t, 2000)); err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("%s: %v", format.Name, err)
		}
	}
}

// TestGDALReads holds the files against another reader.
func TestGDALReads(t *testing.T) {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Fatal("GDAL is needed: apt-get install gdal-bin")
	}
	const n = 40
	for _, format := range []string{"csv", "xlsx"} {
		path := filepath.Join(t.TempDir(), "table."+format)
		if err := os.WriteFile(path, write(t, format, tableOf(t, n)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(ogrinfo, "-ro", "-al", "-oo", "HEADERS=FORCE", "-oo", "AUTODETECT_TYPE=YES", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		text := string(out)
		for _, want := range []string{fmt.Sprintf("Feature Count: %d", n), "= 海拉尔区", "= 𠮷野家", cellAt(t, 0).String(), "= 39000117"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in what GDAL reads: %.3000s", format, want, text)
			}
		}
	}
}

func BenchmarkFiftyThousandRows(b *testing.B) {
	rows := make([][]exports.Value, 50_000)
	for i := range rows {
		rows[i] = rowAt(b, i)
	}
	for _, format := range exports.Formats() {
		b.Run(format.Name, func(b *testing.B) {
			b.ReportAllocs()
			var size int
			for b.Loop() {
				table := tableOf(b, 0)
				table.Rows = rowsOf(rows...)
				size = len(write(b, format.Name, table))
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}

// FuzzCSV holds what is written against another reader of CSV.
func FuzzCSV(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, "b", true)
	}
	f.Fuzz(func(t *testing.T, a, b string, bom bool) {
		table := exports.Table{Columns: []exports.Column{{Name: "a", Type: exports.TextType}, {Name: "b", Type: exports.TextType}},
			Rows: rowsOf([]exports.Value{exports.Text(a), exports.Text(b)})}
		var out bytes.Buffer
		err := exports.WriteCSV(&out, table, exports.CSVOptions{BOM: bom})
		if valid := utf8.ValidString(a) && utf8.ValidString(b); valid != (err == nil) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Bytes(), []byte("\ufeff")))).ReadAll()
		if err != nil || len(records) != 2 {
			t.Fatalf("%q becomes %q, %v", []string{a, b}, records, err)
		}
		for i, text := range []string{a, b} {
			text = strings.ReplaceAll(text, "\r\n", "\n") // as that reader gives it
			got := records[1][i]
			if got != text && got != "'"+text || strings.ContainsAny(firstOf(got), "=+-@\t\r\n＝＋－＠") {
				t.Errorf("%q becomes %q", text, got)
			}
		}
	})
}

func firstOf(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
