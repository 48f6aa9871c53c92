package parquet

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// TestMain lets this program be the child that reads.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Command {
		os.Exit(Main(os.Args[2:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

type record struct {
	values   map[string]string
	geometry orb.Geometry
	fault    string
}

func read(t testing.TB, data []byte) (importers.Head, []record, error) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "upload")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	source, file := Source{Folder: folder}, importers.File{Path: path, Name: "a.parquet"}
	head, err := source.Head(t.Context(), file, importers.Options{})
	if err != nil {
		return head, nil, err
	}
	var records []record
	err = source.Read(t.Context(), file, importers.Options{}, func(r *importers.Record) error {
		one := record{values: map[string]string{}, geometry: r.Geometry}
		for i, v := range r.Values {
			one.values[head.Columns[i]] = v
		}
		if r.Fault != nil {
			one.fault = r.Fault.Code
		}
		records = append(records, one)
		return nil
	})
	return head, records, err
}

type row struct {
	Code     string    `parquet:"code"`
	Name     *string   `parquet:"name,optional"`
	Seats    int32     `parquet:"seats"`
	Cell     uint64    `parquet:"cell"`
	Share    float64   `parquet:"share"`
	Is       bool      `parquet:"is"`
	Day      int32     `parquet:"day,date"`
	At       time.Time `parquet:"at,timestamp(microsecond)"`
	Price    int64     `parquet:"price,decimal(2:18)"`
	Tags     []string  `parquet:"tags,list"`
	Geometry []byte    `parquet:"geometry,optional"`
}

func fileOf(t testing.TB, geo string, rows []row, options ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if geo != "" {
		w.SetKeyValueMetadata("geo", geo)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const wgs84 = `{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}`

func point(lng, lat float64) []byte {
	data, err := wkb.Marshal(orb.Point{lng, lat}, binary.LittleEndian)
	if err != nil {
		panic(err)
	}
	return data
}

func TestValuesOfEveryType(t *testing.T) {
	name := "天润“老”驿站\n二楼"
	at := time.Date(2026, 3, 1, 8, 30, 0, 120_000, time.UTC)
	head, records, err := read(t, fileOf(t, wgs84, []row{
		{"A", &name, 8, math.MaxUint64, 0.25, true, 20_513, at, 1250, []string{"x"}, point(119.7, 49.2)},
		{Code: "B"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if want := "code name seats cell share is day at price"; strings.Join(head.Columns, " ") != want || head.Rows != 2 || !head.Geometry || head.CRS != "OGC:CRS84" {
		t.Errorf("%+v", head)
	}
	if len(records) != 2 {
		t.Fatalf("%+v", records)
	}
	got, _ := json.Marshal(records[0].values)
	want := `{"at":"2026-03-01T08:30:00.00012Z","cell":"18446744073709551615","code":"A","day":"2026-03-01","is":"true","name":"天润“老”驿站\n二楼","price":"12.5","seats":"8","share":"0.25"}`
	if string(got) != want || records[0].geometry != (orb.Point{119.7, 49.2}) {
		t.Errorf("%s at %v", got, records[0].geometry)
	}
	if records[1].geometry != nil || records[1].values["name"] != "" || records[1].fault != "" {
		t.Errorf("%+v", records[1])
	}
}

func TestWhatAFileSaysOfItsReference(t *testing.T) {
	for said, want := range map[string]string{
		`"crs":{"type":"ProjectedCRS","name":"x","id":{"authority":"EPSG","code":4528}}`: "EPSG:4528",
		`"crs":null`:               "",
		`"crs":{"name":"Beijing"}`: "Beijing",
		`"crs":"EPSG:4490"`:        "",
		`"edges":"planar"`:         "OGC:CRS84",
	} {
		geo := strings.Replace(wgs84, `"encoding"`, said+`,"encoding"`, 1)
		head, _, err := read(t, fileOf(t, geo, []row{{Code: "A"}}))
		if err != nil || head.CRS != want {
			t.Errorf("%s: %q, %v", said, head.CRS, err)
		}
	}
	if head, _, err := read(t, fileOf(t, "", []row{{Code: "A"}})); err != nil || head.Geometry || head.CRS != "" {
		t.Errorf("a plain table: %+v, %v", head, err)
	}
}

// raw writes well-known binary by hand: byte order, kind, then numbers of 4 bytes (uint32) and 8 (float64).
func raw(kind uint32, parts ...any) []byte {
	out := binary.LittleEndian.AppendUint32([]byte{1}, kind)
	for _, part := range parts {
		switch p := part.(type) {
		case int:
			out = binary.LittleEndian.AppendUint32(out, uint32(p))
		case float64:
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p))
		case []byte:
			out = append(out, p...)
		}
	}
	return out
}

func TestShapes(t *testing.T) {
	ring := []any{1, 4, 119.0, 49.0, 120.0, 49.0, 120.0, 50.0, 119.0, 49.0}
	area := orb.Polygon{{{119, 49}, {120, 49}, {120, 50}, {119, 49}}}
	for name, c := range map[string]struct {
		data  []byte
		want  orb.Geometry
		fault string
	}{
		"a polygon":                      {raw(3, ring...), area, ""},
		"a multipolygon":                 {raw(6, 1, raw(3, ring...)), orb.MultiPolygon{area}, ""},
		"a line":                         {raw(2, 2, 1.0, 2.0, 3.0, 4.0), orb.LineString{{1, 2}, {3, 4}}, ""},
		"points":                         {raw(4, 1, raw(1, 1.0, 2.0)), orb.MultiPoint{{1, 2}}, ""},
		"a height in the way of ISO":     {raw(1001, 1.0, 2.0, 610.0), orb.Point{1, 2}, importers.Flattened},
		"a height in the way of EWKB":    {raw(1|ewkbZ, 1.0, 2.0, 610.0), orb.Point{1, 2}, importers.Flattened},
		"a measure":                      {raw(2001, 1.0, 2.0, 9.0), orb.Point{1, 2}, ""},
		"with the number of a reference": {raw(1|ewkbSRID, 4326, 1.0, 2.0), orb.Point{1, 2}, ""},
		"an empty point":                 {raw(1, math.NaN(), math.NaN()), nil, importers.BadGeometry},
		"a vertex that is not a number":  {raw(3, 1, 4, 119.0, 49.0, math.NaN(), 49.0, 120.0, 50.0, 119.0, 49.0), nil, importers.BadGeometry},
		"infinity":                       {raw(1, math.Inf(1), 2.0), nil, importers.BadGeometry},
		"a collection":                   {raw(7, 1, raw(1, 1.0, 2.0)), nil, importers.BadGeometry},
		"collections all the way down":   {bytes.Repeat(raw(7, 1), 10_000), nil, importers.BadGeometry},
		"a kind that is none":            {raw(99, 1.0), nil, importers.BadGeometry},
		"four thousand million vertices": {raw(2, math.MaxUint32, 1.0), nil, importers.BadGeometry},
		"a polygon in a multipoint":      {raw(4, 1, raw(3, ring...)), nil, importers.BadGeometry},
		"a multipolygon in another":      {raw(6, 1, raw(6, 1, raw(3, ring...))), nil, importers.BadGeometry},
		"cut off":                        {raw(3, ring...)[:40], nil, importers.BadGeometry},
		"more than it says":              {append(point(1, 2), 0), nil, importers.BadGeometry},
		"nothing at all":                 {[]byte{}, nil, importers.BadGeometry},
		"text":                           {[]byte("POINT(1 2)"), nil, importers.BadGeometry},
	} {
		t.Run(name, func(t *testing.T) {
			_, records, err := read(t, fileOf(t, wgs84, []row{{Code: "A", Geometry: c.data}, {Code: "B", Geometry: point(1, 2)}}))
			if err != nil || len(records) != 2 {
				t.Fatalf("%+v, %v", records, err)
			}
			if got := records[0]; got.fault != c.fault || got.fault != importers.BadGeometry && fmt.Sprint(got.geometry) != fmt.Sprint(c.want) {
				t.Errorf("%v, fault %q", got.geometry, got.fault)
			}
			if records[1].geometry != (orb.Point{1, 2}) || records[1].fault != "" {
				t.Errorf("the row after: %+v", records[1])
			}
		})
	}
}

// TestHostileFiles lies about every length, and gives one file that grows a thousandfold when it is unpacked.
func TestHostileFiles(t *testing.T) {
	good := fileOf(t, wgs84, []row{{Code: "A", Geometry: point(1, 2)}})
	with := func(at int, bytes ...byte) []byte {
		data := append([]byte{}, good...)
		copy(data[len(data)+at:], bytes)
		return data
	}
	native := strings.Replace(wgs84, "WKB", "point", 1)
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"a footer longer than the file": {with(-8, 0xff, 0xff, 0xff, 0xff), "damaged or cut off"},
		"a footer of no length":         {with(-8, 0, 0, 0, 0), "damaged or cut off"},
		"a password":                    {with(-4, 'P', 'A', 'R', 'E'), "with a password"},
		"no end":                        {good[:len(good)-1], "damaged or cut off"},
		"half of it":                    {good[:len(good)/2], "damaged or cut off"},
		"the magic alone":               {[]byte(Magic), "damaged or cut off"},
		"another encoding of geometry":  {fileOf(t, native, []row{{Code: "A"}}), "encoding point; WKB is read here"},
		"geo that is no JSON":           {fileOf(t, "{", []row{{Code: "A"}}), "geo metadata is not JSON"},
	} {
		if _, _, err := read(t, c.data); yizhan.CodeOf(err) != yizhan.CodeInvalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Run("a bomb", func(t *testing.T) {
		_, _, err := read(t, bomb(t))
		if yizhan.CodeOf(err) != yizhan.CodeInvalid {
			t.Errorf("%v", err)
		}
	})
}

// bomb makes a file whose one page is 3 GB of zeros, in a few hundred kB.
func bomb(t *testing.T) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := bytes.Repeat(w.EncodeAll(make([]byte, 64<<20), nil), 48)
	return fileOf(t, wgs84, []row{{Code: "A"}}, parquet.Compression(&planted{packed}))
}

func TestReadingStops(t *testing.T) {
	rows := make([]row, 50_000)
	for i := range rows {
		rows[i] = row{Code: fmt.Sprint(i), Geometry: point(119, 49)}
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "upload")
	if err := os.WriteFile(path, fileOf(t, wgs84, rows), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := Source{Folder: folder}.Read(ctx, importers.File{Path: path}, importers.Options{}, func(*importers.Record) error {
		if n++; n == 100 {
			cancel()
		}
		return nil
	})
	if err == nil || n == len(rows) {
		t.Errorf("%d rows, %v", n, err)
	}
}

func FuzzGeometry(f *testing.F) {
	f.Add(point(1, 2))
	f.Add(raw(6, 1, raw(3, 1, 4, 119.0, 49.0, 120.0, 49.0, 120.0, 50.0, 119.0, 49.0)))
	f.Add(raw(7, 1, raw(1, 1.0, 2.0)))
	f.Add(raw(3, math.MaxUint32))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := appendGeometry(nil, data)
		if !json.Valid(text) {
			t.Fatalf("%q", text)
		}
		if len(text) > 100+60*len(data) {
			t.Fatalf("%d bytes of %d", len(text), len(data))
		}
		if shape, err := wkb.Unmarshal(data); err == nil {
			if _, isCollection := shape.(orb.Collection); !isCollection && bytes.Contains(text, []byte("damaged")) {
				if again, err := wkb.Marshal(shape, binary.LittleEndian); err == nil && bytes.Equal(again, data) {
					t.Fatalf("%v is refused", shape)
				}
			}
		}
	})
}

// FuzzFile damages files: each is read, or refused with a message for the reader, and no panic leaves the child.
func FuzzFile(f *testing.F) {
	name := "x"
	f.Add(fileOf(f, wgs84, []row{{Code: "A", Name: &name, Geometry: point(1, 2)}, {Code: "B"}}))
	f.Add(fileOf(f, "", nil))
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		path := filepath.Join(t.TempDir(), "a.parquet")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var out, told bytes.Buffer
		if code := Main([]string{"rows", path}, &out, &told); code != 0 && !strings.HasPrefix(told.String(), toldPrefix+"is a") {
			t.Fatalf("exit %d: %q", code, told.String())
		}
	})
}
