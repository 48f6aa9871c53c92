package takeaway_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"
	"github.com/xuri/excelize/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/takeaway"
)

// city is a source without a database.
type city struct {
	features map[yizhan.Collection][]yizhan.Feature
	fails    error // after the first feature
}

func (c city) Each(ctx context.Context, q yizhan.Query, begin func(int64) error, each func(yizhan.Feature) error) error {
	if err := begin(42); err != nil {
		return err
	}
	for _, f := range c.features[q.Collection] {
		if err := errors.Join(ctx.Err(), each(f)); err != nil {
			return err
		}
		if c.fails != nil {
			return c.fails
		}
	}
	return nil
}

const community = "150702002009"

func square(i int) orb.MultiPolygon {
	west, south := yizhan.Snap(119.7364+float64(i)*0.001), 49.2122
	east, north := yizhan.Snap(west+0.001), yizhan.Snap(south+0.0007)
	hole := orb.Ring{{west + 0.0002, south + 0.0002}, {west + 0.0002, south + 0.0004}, {west + 0.0004, south + 0.0004}, {west + 0.0002, south + 0.0002}}
	for i := range hole {
		hole[i] = yizhan.SnapPoint(hole[i])
	}
	// clockwise, as the database may have it
	return orb.MultiPolygon{{{{west, south}, {west, north}, {east, north}, {east, south}, {west, south}}, hole}}
}

var hostile = []string{"天润社区骑手驿站", "=1+1", "a,b \"c\"", "@x\ny", "'=quoted", "<b>&", "𠮷野家"}

func someCity(n int) city {
	at := time.Date(2026, 2, 17, 8, 30, 0, 120_000, time.UTC)
	c := city{features: map[yizhan.Collection][]yizhan.Feature{}}
	scene := &yizhan.FriendlyScene{Code: "HLBE-CJ-01", Name: "友好商圈", Kind: yizhan.SceneShopping, Version: 2}
	for i := range n {
		name := hostile[i%len(hostile)]
		grid := &yizhan.MicroGrid{Code: fmt.Sprintf("%s%03d", community, i), Community: community, Name: name, Households: 20 + i, Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: square(i), Version: int64(i + 1)}
		station := &yizhan.Station{Code: fmt.Sprintf("%s-%02d", community, i), Name: name, Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion, Address: "胜利大街 " + name,
			Location: yizhan.SnapPoint(orb.Point{119.7364 + float64(i)*0.0012345, 49.2122 + float64(i)*0.0007654}), Capacity: i, Hours: yizhan.MustHours("Mo-Fr 08:30-17:30"), Status: yizhan.StationActive,
			Community: community, MicroGrid: grid.Code, Services: []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Working, ConfirmedAt: at}, {Service: yizhan.Rest, Condition: yizhan.Broken}}, Version: 3}
		if i%2 == 0 {
			station.ConfirmedAt, station.Entrance = at, &orb.Point{119.7365, 49.2123}
		}
		scene.MicroGrids, scene.Stations = append(scene.MicroGrids, grid.Code), append(scene.Stations, station.Code)
		scene.Boundary = append(scene.Boundary, grid.Boundary...)
		c.features[yizhan.MicroGrids] = append(c.features[yizhan.MicroGrids], grid)
		c.features[yizhan.Stations] = append(c.features[yizhan.Stations], station)
		c.features[yizhan.Units] = append(c.features[yizhan.Units], &yizhan.Unit{Code: fmt.Sprintf("150702002%03d", i), Level: yizhan.LevelCommunity, Parent: "150702002", Name: name, Type: "社区", Seat: &orb.Point{119.7365, 49.2123}, Boundary: square(i), Version: 1})
	}
	if n > 0 {
		farm := *c.features[yizhan.Units][0].(*yizhan.Unit)
		farm.Code, farm.Boundary, farm.Seat = "150702999999", nil, nil
		c.features[yizhan.Units] = append(c.features[yizhan.Units], &farm)
		c.features[yizhan.FriendlyScenes] = []yizhan.Feature{scene}
	}
	return c
}

func write(t testing.TB, wanted takeaway.Wanted, source takeaway.Source) (takeaway.File, []byte) {
	t.Helper()
	made, err := takeaway.Write(t.Context(), t.TempDir(), wanted, source)
	if err != nil {
		t.Fatalf("%s of %s: %v", wanted.Format, wanted.Query.Collection, err)
	}
	content, err := os.ReadFile(made.Path)
	if err != nil || int64(len(content)) != made.Bytes {
		t.Fatalf("%d bytes, said to be %d, %v", len(content), made.Bytes, err)
	}
	return made, content
}

func reference(t testing.TB, name string) geo.Reference {
	t.Helper()
	r, known := geo.ReferenceOf(name)
	if !known {
		t.Fatalf("no reference %s", name)
	}
	return r
}

// each runs a test for every file that can be made in the datums.
func each(t *testing.T, datums []string, test func(t *testing.T, wanted takeaway.Wanted)) {
	for _, format := range takeaway.Formats() {
		for _, c := range yizhan.PublicCollections() {
			for _, datum := range datums {
				wanted := takeaway.Wanted{Query: yizhan.Query{Collection: c}, Format: format.Name, Reference: reference(t, datum)}
				if wanted.Check() == nil {
					t.Run(format.Name+"/"+string(c)+"/"+datum, func(t *testing.T) { test(t, wanted) })
				}
			}
		}
	}
}

func TestSameCitySameBytes(t *testing.T) {
	source := someCity(5)
	begun := time.Now()
	first := map[string][]byte{}
	datums := []string{"gcj02", "wgs84"}
	each(t, datums, func(t *testing.T, wanted takeaway.Wanted) {
		file, content := write(t, wanted, source)
		if want := string(wanted.Query.Collection) + "-" + wanted.Reference.Name + "-seq42."; !strings.HasPrefix(file.PlainName, want) {
			t.Errorf("the file is called %s", file.PlainName)
		}
		first[t.Name()] = content
	})
	time.Sleep(max(0, 1100*time.Millisecond-time.Since(begun))) // a zip tells time in seconds
	each(t, datums, func(t *testing.T, wanted takeaway.Wanted) {
		if _, again := write(t, wanted, source); !bytes.Equal(again, first[strings.Replace(t.Name(), "#01", "", 1)]) {
			t.Error("other bytes")
		}
	})
}

// ogr reads a file by GDAL, as GeoJSON in the coordinates of the file.
func ogr(t *testing.T, path string, options ...string) *orbjson.FeatureCollection {
	t.Helper()
	out := filepath.Join(t.TempDir(), "read.geojson")
	arguments := append([]string{"-f", "GeoJSON", out, path, "-lco", "COORDINATE_PRECISION=10", "-lco", "RFC7946=NO"}, options...)
	if said, err := exec.Command("ogr2ogr", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	read, err := orbjson.UnmarshalFeatureCollection(content)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// TestGDALReads holds every file that GDAL can read against what was in the city.
func TestGDALReads(t *testing.T) {
	source := someCity(6)
	each(t, []string{"wgs84", "cgcs2000-4528", "gcj02"}, func(t *testing.T, wanted takeaway.Wanted) {
		made, _ := write(t, wanted, source)
		var options []string
		switch wanted.Format {
		case "parquet", "excel-csv", "xlsx": // Debian's GDAL finds no geometry there: other tests read them
			return
		case "csv":
			options = []string{"-oo", "X_POSSIBLE_NAMES=lng*,easting*", "-oo", "Y_POSSIBLE_NAMES=lat*,northing*", "-oo", "GEOM_POSSIBLE_NAMES=wkt*"}
		case "shapefile":
			zipped := strings.TrimSuffix(made.Path, ".shp.zip") + ".zip"
			if err := os.Rename(made.Path, zipped); err != nil {
				t.Fatal(err)
			}
			made.Path = "/vsizip/" + zipped
		}
		read := ogr(t, made.Path, options...)
		written := source.features[wanted.Query.Collection]
		if len(read.Features) != len(written) || made.Rows != int64(len(written)) {
			t.Fatalf("%d features of %d", len(read.Features), len(written))
		}
		byCode := map[string]*orbjson.Feature{}
		for _, f := range read.Features {
			byCode[f.Properties.MustString("code")] = f
		}
		for _, f := range written {
			got := byCode[f.Ref().Code]
			if got == nil {
				t.Fatalf("no %s", f.Ref())
			}
			checkFeature(t, got, f, wanted)
		}
	})
}

func checkFeature(t *testing.T, got *orbjson.Feature, f yizhan.Feature, wanted takeaway.Wanted) {
	t.Helper()
	var name string
	var shape orb.Geometry
	switch f := f.(type) {
	case *yizhan.Station:
		name, shape = f.Name, f.Location
	case *yizhan.MicroGrid:
		name, shape = f.Name, f.Boundary
	case *yizhan.Unit:
		name, shape = f.Name, f.Boundary
	case *yizhan.FriendlyScene:
		name, shape = f.Name, f.Boundary
	}
	if wanted.Format == "csv" {
		name = exports.Guard(name)
	}
	if read := got.Properties.MustString("name"); read != name {
		t.Errorf("%s has the name %q, not %q", f.Ref(), read, name)
	}
	if want, read := corners(shape, wanted.Reference.FromWGS84), corners(got.Geometry, func(p orb.Point) orb.Point { return p }); !slices.Equal(read, want) {
		t.Errorf("%s lies at %v, not %v", f.Ref(), read, want)
	}
}

// corners are the vertices of a geometry in an order of their own, to a tenth of a millimetre.
func corners(shape orb.Geometry, move func(orb.Point) orb.Point) (list []string) {
	add := func(p orb.Point) { p = move(p); list = append(list, fmt.Sprintf("%.9f %.9f", p[0], p[1])) }
	rings := func(polygon orb.Polygon) {
		for _, ring := range polygon {
			for _, p := range ring[1:] {
				add(p)
			}
		}
	}
	switch g := shape.(type) {
	case orb.Point:
		add(g)
	case orb.Polygon:
		rings(g)
	case orb.MultiPolygon:
		for _, polygon := range g {
			rings(polygon)
		}
	}
	slices.Sort(list)
	return list
}

// The reference stands in every file as well as in its name.
func TestTheFileSaysItsReference(t *testing.T) {
	source := someCity(2)
	for format, says := range map[string]map[string]string{
		"geojson":   {"cgcs2000-4528": `"urn:ogc:def:crs:EPSG::4528"`, "gcj02": `{"type":"name","properties":{"name":"gcj02"}}`, "wgs84": `EPSG:4326`},
		"csv":       {"cgcs2000-4528": "easting(cgcs2000-4528),northing(cgcs2000-4528)", "gcj02": "lng(gcj02),lat(gcj02)", "wgs84": ",lng,lat\r\n"},
		"excel-csv": {"cgcs2000-4528": "东坐标(cgcs2000-4528),北坐标(cgcs2000-4528)", "gcj02": "经度(gcj02)", "wgs84": "经度(wgs84)"},
		"parquet":   {"cgcs2000-4528": `"code":4528`, "gcj02": `"crs":null`, "cgcs2000": `"code":4490`},
		"gpkg":      {"cgcs2000-4528": "坐标系 reference: cgcs2000-4528", "gcj02": `LOCAL_CS["gcj02"`, "wgs84": "坐标系 reference: wgs84"},
	} {
		for datum, want := range says {
			_, content := write(t, takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Stations}, Format: format, Reference: reference(t, datum)}, source)
			if !bytes.Contains(content, []byte(want)) {
				t.Errorf("%s in %s does not say %q: %.800q", format, datum, want, content)
			}
		}
	}
	made, _ := write(t, takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Stations}, Format: "xlsx", Reference: reference(t, "cgcs2000-4528")}, source)
	book, err := excelize.OpenFile(made.Path)
	if err != nil {
		t.Fatal(err)
	}
	about, err := book.GetRows("说明")
	if err != nil || !slices.ContainsFunc(about, func(row []string) bool {
		return len(row) > 1 && strings.Contains(row[1], "中央经线 120°E (EPSG:4528)")
	}) {
		t.Errorf("the second sheet says %q, %v", about, err)
	}
	rows, err := book.GetRows("服务驿站", excelize.Options{RawCellValue: true})
	if err != nil || rows[0][16] != "东坐标(cgcs2000-4528)" || rows[1][16] != "40480793.9974" {
		t.Errorf("the first sheet has %q, %v", rows[:2], err)
	}
	if err := book.Close(); err != nil {
		t.Error(err)
	}
}

func TestSpreadsheetsOfAreas(t *testing.T) {
	source := someCity(2)
	for _, c := range []struct {
		format   string
		outlines takeaway.Outlines
		has      bool
	}{
		{"csv", takeaway.OutlinesAsUsual, true}, {"csv", takeaway.WithoutOutlines, false},
		{"excel-csv", takeaway.OutlinesAsUsual, false}, {"excel-csv", takeaway.WithOutlines, true},
	} {
		_, content := write(t, takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.MicroGrids}, Format: c.format, Outlines: c.outlines}, source)
		records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff")))).ReadAll()
		if err != nil || len(records) != 3 {
			t.Fatal(records, err)
		}
		last := len(records[0]) - 1
		if has := strings.HasPrefix(records[0][last], "wkt") && strings.HasPrefix(records[1][last], "MULTIPOLYGON (((119.7364 49.2122,"); has != c.has {
			t.Errorf("%s %s: %q", c.format, c.outlines, records[:2])
		}
	}
}

func TestNestedValues(t *testing.T) {
	source := someCity(1)
	_, content := write(t, takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Stations, Unit: "150702"}, Format: "geojson", About: []exports.Fact{{Label: "filter", Text: "x"}}}, source)
	var read struct {
		About    struct{ Facts []exports.Fact }
		Features []struct {
			ID         string
			Properties struct {
				Services []struct {
					Service, Condition string
					ConfirmedAt        *time.Time `json:"confirmed_at"`
				}
				Entrance orb.Point
			}
		}
	}
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	station := read.Features[0]
	if station.ID != community+"-00" || len(station.Properties.Services) != 2 || station.Properties.Services[1].Condition != "broken" ||
		station.Properties.Services[0].ConfirmedAt.Nanosecond() != 120_000 || station.Properties.Entrance != (orb.Point{119.7365, 49.2123}) {
		t.Errorf("%+v", station)
	}
	if !slices.Contains(read.About.Facts, exports.Fact{Label: "数据变更号 seq", Text: "42"}) || !slices.Contains(read.About.Facts, exports.Fact{Label: "filter", Text: "x"}) {
		t.Errorf("%+v", read.About)
	}
}

func TestNoFeatures(t *testing.T) {
	each(t, []string{"cgcs2000-4528"}, func(t *testing.T, wanted takeaway.Wanted) {
		if made, content := write(t, wanted, someCity(0)); made.Rows != 0 || made.Seq != 42 || len(content) == 0 && wanted.Format != "geojsonseq" {
			t.Errorf("%+v, %d bytes", made, len(content))
		}
	})
}

func TestWhatCannotBeMade(t *testing.T) {
	wgs84 := reference(t, "wgs84")
	for _, c := range []struct {
		field  string
		wanted takeaway.Wanted
	}{
		{"format", takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Stations}, Format: "pdf", Reference: wgs84}},
		{"format", takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Stations}, Format: "shapefile", Reference: wgs84}},
		{"format", takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Units}, Format: "flatgeobuf", Reference: wgs84}},
		{"datum", takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Stations}, Format: "geojsonseq", Reference: reference(t, "gcj02")}},
		{"outlines", takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Stations}, Format: "csv", Outlines: "maybe"}},
		{"collection", takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Leaders}, Format: "csv"}},
	} {
		folder := t.TempDir()
		_, err := takeaway.Write(t.Context(), folder, c.wanted, someCity(1))
		var domain *yizhan.Error
		if !errors.As(err, &domain) || domain.Field != c.field {
			t.Errorf("%+v: %v", c.wanted, err)
		}
	}
}

// Whatever goes wrong, no half file is left.
func TestNothingIsLeftBehind(t *testing.T) {
	broken := someCity(3)
	broken.fails = errors.New("the database went away")
	long := someCity(1)
	long.features[yizhan.MicroGrids][0].(*yizhan.MicroGrid).Name = strings.Repeat("长", 85)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, format := range takeaway.Formats() {
		wanted := takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.MicroGrids}, Format: format.Name}
		folder := t.TempDir()
		if _, err := takeaway.Write(t.Context(), folder, wanted, broken); !errors.Is(err, broken.fails) {
			t.Errorf("%s: %v", format.Name, err)
		}
		if _, err := takeaway.Write(cancelled, folder, wanted, someCity(3)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", format.Name, err)
		}
		if format.Name == "shapefile" {
			if _, err := takeaway.Write(t.Context(), folder, wanted, long); yizhan.CodeOf(err) != yizhan.CodeTooLarge || !strings.Contains(err.Error(), "254 bytes") {
				t.Errorf("a long name: %v", err)
			}
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
			t.Errorf("%s leaves %v, %v", format.Name, left, err)
		}
	}
}
