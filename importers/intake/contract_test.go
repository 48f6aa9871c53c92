package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/intake"
)

// The contract that every source keeps, whatever it is given: no panic, no half import, a clear error or a problem
// at the row. Files are made by the tools that people use.

// feature makes one of GeoJSON.
func feature(code, name, geometry string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":%q,"households":29},"geometry":%s}`, code, name, geometry)
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

func polygon(coordinates string) string {
	return `{"type":"Polygon","coordinates":[` + coordinates + `]}`
}

// lattice writes a ring of lattice points.
func lattice(points ...float64) string {
	var ring []string
	for i := 0; i < len(points); i += 2 {
		p := at(points[i], points[i+1])
		ring = append(ring, fmt.Sprintf("[%v,%v]", p[0], p[1]))
	}
	return "[" + strings.Join(ring, ",") + "]"
}

var (
	one   = feature(community+"001", "第1微网格", polygon(lattice(0, 0, 1, 0, 1, 1, 0, 1, 0, 0)))
	two   = feature(community+"002", "第2微网格", polygon(lattice(1, 0, 2, 0, 2, 1, 1, 1, 1, 0)))
	three = feature(community+"003", "第3微网格", polygon(lattice(0, 1, 1, 1, 1, 2, 0, 2, 0, 1)))
	four  = feature(community+"004", "第4微网格", polygon(lattice(1, 1, 2, 1, 2, 2, 1, 2, 1, 1)))
)

// outlines are the formats that hold outlines; mixed tells whether one layer may hold points, too.
var outlines = []struct {
	name  string
	mixed bool
	make  func(t *testing.T, text string) string
}{
	{"geojson", true, func(t *testing.T, text string) string { return write(t, "a.geojson", text) }},
	{"geojsonseq", true, func(t *testing.T, text string) string { return convert(t, "GeoJSONSeq", "a.geojsons", text) }},
	{"gpkg", true, func(t *testing.T, text string) string { return convert(t, "GPKG", "a.gpkg", text) }},
	{"flatgeobuf", true, func(t *testing.T, text string) string {
		return convert(t, "FlatGeobuf", "a.fgb", text, "-lco", "SPATIAL_INDEX=NO")
	}},
	{"kml", true, func(t *testing.T, text string) string {
		return convert(t, "KML", "a.kml", text, "-dsco", "NameField=name")
	}},
	{"parquet", true, geoParquet},
	{"shapefile", false, func(t *testing.T, text string) string {
		return zipped(t, convert(t, "ESRI Shapefile", "a.shp", text, "-lco", "ENCODING=GBK"))
	}},
	{"mapinfo", false, func(t *testing.T, text string) string { return zipped(t, convert(t, "MapInfo File", "a.tab", text)) }},
	{"filegdb", false, func(t *testing.T, text string) string {
		path := convert(t, "OpenFileGDB", "a.gdb", text, "-nlt", "MULTIPOLYGON")
		out := filepath.Join(filepath.Dir(path), "gdb.zip")
		command := exec.Command("python3", "-m", "zipfile", "-c", out, "a.gdb")
		command.Dir = filepath.Dir(path)
		if said, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		return out
	}},
}

// zipped packs a file with those that go with it.
func zipped(t *testing.T, path string) string {
	t.Helper()
	others, err := filepath.Glob(strings.TrimSuffix(path, filepath.Ext(path)) + ".*")
	if err != nil {
		t.Fatal(err)
	}
	members := map[string][]byte{}
	for _, other := range others {
		if members[filepath.Base(other)], err = os.ReadFile(other); err != nil {
			t.Fatal(err)
		}
	}
	delete(members, "from.geojson")
	return write(t, "a.zip", string(archiveOf(t, members)))
}

func archiveOf(t testing.TB, members map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, data := range members {
		member, err := w.Create(name)
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
	return out.Bytes()
}

func TestOutlinesOfEveryFormat(t *testing.T) {
	o := newOffice(t)
	grids := intake.Settings{Collection: intake.MicroGrids}
	bowTie := feature(community+"001", "第1微网格", polygon(lattice(0, 0, 1, 1, 1, 0, 0, 1, 0, 0)))
	reversed := feature(community+"001", "第1微网格", polygon(lattice(0, 0, 0, 1, 1, 1, 1, 0, 0, 0)))
	high := strings.ReplaceAll(one, "]", ",610.5]")
	high = strings.ReplaceAll(strings.ReplaceAll(high, "],610.5]", "]]"), "],610.5]", "]]")
	around := feature(community+"009", "第9微网格", polygon(`[[179.9,49],[-179.9,49],[-179.9,49.1],[179.9,49.1],[179.9,49]]`))
	nowhere := feature(community+"009", "第9微网格", "null")
	point := feature(community+"005", "第5微网格", `{"type":"Point","coordinates":[119.705,49.205]}`)
	hostile := []string{bowTie, two, three, four, around}
	for _, format := range outlines {
		t.Run(format.name, func(t *testing.T) {
			found := o.checkOnce(t, format.make(t, collection(reversed, two, three, four)), grids)
			if found.Unchanged != 4 || found.Errors+found.Left != 0 || found.Faults != 0 {
				t.Errorf("one turned the other way: %+v %+v", found.Summary, found.problems)
			}
			features, codes := hostile, []string{importers.InvalidShape, importers.BadGeometry}
			if format.name != "flatgeobuf" { // which leaves features without a geometry out
				features, codes = append(slices.Clone(features), nowhere), append(codes, importers.UnknownCode)
			}
			if format.mixed {
				features = append(slices.Clone(features), point)
			}
			if format.name == "geojson" {
				features, codes = append(slices.Clone(features), high), append(codes, importers.Flattened, importers.CodeTwice)
			}
			found = o.checkOnce(t, format.make(t, collection(features...)), grids)
			for _, code := range codes {
				if found.codes()[code] == 0 {
					t.Errorf("no problem %s among %+v", code, found.problems)
				}
			}
			if found.Unchanged != 3 || found.Faults == 0 || found.Why(grids) == "" || format.mixed && found.codes()[importers.BadGeometry] != 2 {
				t.Errorf("%+v %+v", found.Summary, found.problems)
			}
		})
	}
}

// tables are the formats of rows.
var tables = []struct {
	name string
	make func(t *testing.T, rows [][]string) string
}{
	{"csv", func(t *testing.T, rows [][]string) string { return write(t, "a.csv", "\ufeff"+joinRows(rows, ",")) }},
	{"tsv", func(t *testing.T, rows [][]string) string { return write(t, "a.tsv", joinRows(rows, "\t")) }},
	{"csv in GB18030", func(t *testing.T, rows [][]string) string {
		text, err := simplifiedchinese.GB18030.NewEncoder().String(joinRows(rows, ";"))
		if err != nil {
			t.Fatal(err)
		}
		return write(t, "a.csv", text)
	}},
	{"xlsx", workbook},
	{"parquet", parquetTable},
	{"geojson", func(t *testing.T, rows [][]string) string {
		var features []string
		for _, row := range rows[1:] {
			properties := map[string]string{}
			for i, v := range row {
				properties[rows[0][i]] = v
			}
			text, err := json.Marshal(properties)
			if err != nil {
				t.Fatal(err)
			}
			features = append(features, fmt.Sprintf(`{"type":"Feature","geometry":null,"properties":%s}`, text))
		}
		return write(t, "a.geojson", collection(features...))
	}},
}

func joinRows(rows [][]string, delimiter string) string {
	var lines []string
	for _, row := range rows {
		lines = append(lines, strings.Join(row, delimiter))
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

// workbook makes an XLSX as offices do: a title over merged cells above the heading.
func workbook(t *testing.T, rows [][]string) string {
	t.Helper()
	file := excelize.NewFile()
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	set := func(row, column int, value string) {
		cell, err := excelize.CoordinatesToCellName(column+1, row)
		if err == nil {
			err = file.SetCellStr("Sheet1", cell, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	set(1, 0, "呼伦贝尔市骑手驿站台账")
	end, err := excelize.CoordinatesToCellName(len(rows[0]), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.MergeCell("Sheet1", "A1", end); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j, value := range row {
			set(i+2, j, value)
		}
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := file.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

var stationHeading = []string{"驿站编码", "驿站名称", "建设单位", "经度", "纬度", "开放时间", "服务项目", "核实日期", "座位数"}

func TestRowsOfEveryFormat(t *testing.T) {
	o := newOffice(t)
	good := func(n int) []string {
		p := at(0.1+float64(n)*0.3, 0.25)
		return []string{"", fmt.Sprintf("新驿站%d", n), "银行", fmt.Sprint(p[0]), fmt.Sprint(p[1]), "周一至周五 8:30—17:30", "饮水、充电", "2026年3月1日", "8"}
	}
	with := func(n, column int, value string) []string {
		row := good(n)
		row[column] = value
		return row
	}
	for _, format := range tables {
		t.Run(format.name, func(t *testing.T) {
			stations := intake.Settings{Collection: intake.Stations, Datum: "wgs84"}
			found := o.mustCheck(t, format.make(t, [][]string{stationHeading, good(1), good(2)}), stations)
			if found.Created != 2 || found.Errors != 0 {
				t.Fatalf("%+v %+v", found.Summary, found.problems)
			}
			page, err := found.im.Changes(yizhan.Create, 0, 1)
			if err != nil {
				t.Fatal(err)
			}
			s := page.Items[0].Station
			if s.Hours.String() != "Mo-Fr 08:30-17:30; Sa-Su off" || len(s.Services) != 2 || s.Capacity != 8 || s.Sponsor != yizhan.SponsorBank ||
				s.ConfirmedAt.In(yizhan.China).Format("2006-01-02") != "2026-03-01" || s.MicroGrid != community+"001" || !strings.HasPrefix(s.Code, "150702-") {
				t.Errorf("%+v", s)
			}
			for _, bad := range []struct {
				what   string
				column int
				value  string
				code   string
			}{
				{"NaN", 3, "NaN", importers.BadValue},
				{"infinity", 4, "Inf", importers.BadValue},
				{"a word for a number", 3, "东经", importers.BadValue},
				{"outside the city", 3, "120.9", importers.OutsideCity},
				{"an unknown sponsor", 2, "火星", importers.BadValue},
				{"hours of nowhere", 5, "看心情", importers.BadValue},
				{"an unknown service", 6, "按摩椅", importers.BadValue},
				{"no day", 7, "2026年2月30日", importers.BadValue},
				{"half a seat", 8, "1.5", importers.BadValue},
			} {
				found := o.checkOnce(t, format.make(t, [][]string{stationHeading, good(1), with(2, bad.column, bad.value), good(3)}), stations)
				if found.Created != 2 || found.Errors != 1 || found.problems[0].Code != bad.code || found.problems[0].Message == "" {
					t.Errorf("%s: %+v %+v", bad.what, found.Summary, found.problems)
					continue
				}
				if p := found.problems[0]; bad.code == importers.BadValue && p.Column == "" {
					t.Errorf("%s: no column: %+v", bad.what, p)
				}
			}
		})
	}
}

// TestFilesThatAreDamaged cuts every file short, and empties it.
func TestFilesThatAreDamaged(t *testing.T) {
	o := newOffice(t)
	files := map[string]string{}
	for _, format := range outlines {
		files[format.name] = format.make(t, collection(one, two, three, four))
	}
	rows := [][]string{stationHeading}
	for n := range 200 {
		p := at(0.5+float64(n)/1000, 0.5)
		rows = append(rows, []string{fmt.Sprintf("NEW-%03d", n), fmt.Sprintf("驿站%d", n), "银行", fmt.Sprint(p[0]), fmt.Sprint(p[1]), "24小时", "饮水", "2026-03-01", "8"})
	}
	for _, format := range tables {
		files["rows as "+format.name] = format.make(t, rows)
	}
	for name, path := range files {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, keep := range []int{0, 3, len(data) / 2, len(data) - 1} {
				if keep == 0 {
					if im, err := o.desk.Begin(o.by, "empty", 0); err == nil {
						t.Errorf("an empty file became %v", im.ID)
					}
					continue
				}
				cut := write(t, filepath.Base(path), string(data[:keep]))
				found, err := o.check(t, cut, intake.Settings{})
				o.forget(t, found)
				if err != nil {
					var isClear bool
					if code := yizhan.CodeOf(err); code == yizhan.CodeInvalid || code == yizhan.CodeTooLarge {
						isClear = true
					}
					if !isClear || strings.Contains(err.Error(), "/tmp/") && strings.Contains(err.Error(), "imports/") {
						t.Errorf("cut to %d of %d bytes: %v", keep, len(data), err)
					}
					continue
				}
				if found.Created > 200 || found.Deleted > 0 && found.Why(intake.Settings{}) == "" && found.Unchanged+found.Updated+found.Created == 0 {
					t.Errorf("cut to %d of %d bytes: %+v", keep, len(data), found.Summary)
				}
			}
		})
	}
}

func TestHeaderOnly(t *testing.T) {
	o := newOffice(t)
	for _, format := range tables {
		path := format.make(t, [][]string{stationHeading})
		found, err := o.check(t, path, intake.Settings{Collection: intake.Stations})
		if err == nil && (found.Created != 0 || found.Why(intake.Settings{}) != "nothing") {
			t.Errorf("%s: %+v", format.name, found.Summary)
		}
		if err != nil && yizhan.CodeOf(err) != yizhan.CodeInvalid {
			t.Errorf("%s: %v", format.name, err)
		}
	}
}

func TestArchivesThatAreHostile(t *testing.T) {
	o := newOffice(t)
	for name, members := range map[string]map[string][]byte{
		"a path outside":       {"../../etc/passwd": []byte("x")},
		"an absolute path":     {"/etc/passwd": []byte("x")},
		"a path of Windows":    {`..\..\a.shp`: []byte("x")},
		"a bomb":               {"a.shp": make([]byte, 300<<20)},
		"nothing that is read": {"a.txt": []byte("x"), "b.txt": []byte("y")},
		"an archive in it":     {"a.zip": archiveOf(t, map[string][]byte{"b.shp": []byte("x")})},
	} {
		t.Run(name, func(t *testing.T) {
			im, err := o.inspect(t, write(t, "a.zip", string(archiveOf(t, members))), intake.Settings{})
			if err == nil {
				t.Fatalf("taken for %+v", im.State().Inspection.Head)
			}
			if code := yizhan.CodeOf(err); code != yizhan.CodeInvalid && code != yizhan.CodeTooLarge {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("a link", func(t *testing.T) {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		header := &zip.FileHeader{Name: "a.shp"}
		header.SetMode(os.ModeSymlink | 0o777)
		member, err := w.CreateHeader(header)
		if err == nil {
			_, err = member.Write([]byte("/etc/passwd"))
		}
		if err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if _, err := o.inspect(t, write(t, "a.zip", out.String()), intake.Settings{}); yizhan.CodeOf(err) != yizhan.CodeInvalid {
			t.Errorf("%v", err)
		}
	})
}

func TestOneBadRowAmongMany(t *testing.T) {
	o := newOffice(t)
	rows := 20_000
	if os.Getenv("YIZHAN_IMPORT_ROWS") != "" {
		rows = 100_000
	}
	var text strings.Builder
	text.WriteString("code,name,sponsor,lng,lat\n")
	for n := range rows {
		lng := fmt.Sprintf("%.7f", 119.7001+float64(n%1000)*1.9e-5)
		if n == rows-7 {
			lng = "not a number"
		}
		fmt.Fprintf(&text, "NEW-%06d,驿站%d,bank,%s,%.7f\n", n, n, lng, 49.2001+float64(n/1000)*1.9e-4)
	}
	found := o.mustCheck(t, write(t, "many.csv", text.String()), intake.Settings{Collection: intake.Stations, Datum: "wgs84"})
	if found.Created != int64(rows-1) || found.Errors != 1 || found.problems[0].Row != int64(rows-7+2) {
		t.Fatalf("%+v %+v", found.Summary, found.problems[:min(3, len(found.problems))])
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); yizhan.CodeOf(err) != yizhan.CodeConflict {
		t.Fatalf("committed with an error: %v", err)
	}
	if _, err := found.im.Set(intake.Settings{Collection: intake.Stations, Datum: "wgs84", SkipBad: true}); err != nil {
		t.Fatal(err)
	}
	if err := found.im.Check(t.Context(), o.by, quiet); err != nil {
		t.Fatal(err)
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); err != nil {
		t.Fatal(err)
	}
	if have := len(o.city(t).Stations); have != rows-1+2 {
		t.Errorf("%d stations", have)
	}
	if err := found.im.Revert(t.Context(), o.by, quiet); err != nil {
		t.Fatal(err)
	}
	if have := len(o.city(t).Stations); have != 2 {
		t.Errorf("%d stations after the undo", have)
	}
}
