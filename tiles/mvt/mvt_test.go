package mvt_test

import (
	"strings"
	"testing"

	orbmvt "github.com/paulmach/orb/encoding/mvt"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/cut"
	"github.com/yizhan/yizhan/tiles/mvt"
)

func square(x, y, size int32) []cut.Point {
	return []cut.Point{{X: x, Y: y}, {X: x + size, Y: y}, {X: x + size, Y: y + size}, {X: x, Y: y + size}}
}

func reversed(ring []cut.Point) []cut.Point {
	var out []cut.Point
	for i := len(ring) - 1; i >= 0; i-- {
		out = append(out, ring[i])
	}
	return out
}

// sample has every kind of geometry and value, and properties long enough for two-byte lengths.
func sample() []byte {
	long := strings.Repeat("驿站", 60)
	layer := mvt.NewLayer("things", 4096)
	layer.AddPoint(150702, []mvt.Property{{Key: "name", Value: mvt.String(long)}, {Key: "n", Value: mvt.Int(-3)}}, cut.Point{X: -64, Y: 4160})
	layer.AddLines(2, []mvt.Property{{Key: "n", Value: mvt.Int(300)}, {Key: "open", Value: mvt.Bool(true)}},
		[][]cut.Point{{{X: 1, Y: 2}, {X: 3, Y: 4}, {X: 1, Y: 2}}, {{X: 9, Y: 9}, {X: 9, Y: 8}}})
	layer.AddPolygons(1<<53-1, []mvt.Property{{Key: "share", Value: mvt.Double(0.25)}, {Key: "name", Value: mvt.String(long)}},
		[][][]cut.Point{{square(0, 0, 100), reversed(square(10, 10, 50))}, {square(200, 200, 5)}})
	other := mvt.NewLayer("empty", 4096)
	return other.Append(layer.Append(nil))
}

const sampleText = `layer things version 2 extent 4096
  point 150702 {name: LONG, n: -3} (-64,4160)
  line 2 {n: 300, open: true} (1,2 3,4 1,2) (9,9 9,8)
  polygon 9007199254740991 {share: 0.25, name: LONG} (0,0 100,0 100,100 0,100) (10,60 60,60 60,10 10,10) (200,200 205,200 205,205 200,205)
`

func TestWhatIsWrittenIsRead(t *testing.T) {
	tile, err := mvt.Decode(sample())
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(tile.Text(), `"`+strings.Repeat("驿站", 60)+`"`, "LONG")
	if got != sampleText {
		t.Errorf("got\n%swant\n%s", got, sampleText)
	}
	if problems := mvt.Validate(sample()); problems != nil {
		t.Errorf("problems: %v", problems)
	}
}

// orb's reader knows nothing of ours.
func TestOrbReadsTheSame(t *testing.T) {
	layers, err := orbmvt.Unmarshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) != 1 || layers[0].Name != "things" || layers[0].Version != 2 || len(layers[0].Features) != 3 {
		t.Fatalf("orb read %+v", layers)
	}
	features := layers[0].Features
	if got := features[0].Geometry; !orb.Equal(got, orb.Point{-64, 4160}) {
		t.Errorf("point is %v", got)
	}
	if got := features[1].Geometry.(orb.MultiLineString); len(got) != 2 || len(got[0]) != 3 {
		t.Errorf("lines are %v", got)
	}
	if got := features[2].Geometry.(orb.MultiPolygon); len(got) != 2 || len(got[0]) != 2 || got[0][1][0] != (orb.Point{10, 60}) {
		t.Errorf("polygons are %v", got)
	}
	if features[2].Properties["share"] != 0.25 || features[0].Properties["n"] != -3.0 || features[1].Properties["open"] != true {
		t.Errorf("properties are %v %v %v", features[0].Properties, features[1].Properties, features[2].Properties)
	}
}

// polygon makes a tile of one feature without asking whether that is legal.
func polygon(rings ...[]cut.Point) []byte {
	layer := mvt.NewLayer("p", 4096)
	layer.AddPolygons(1, nil, [][][]cut.Point{rings})
	return layer.Append(nil)
}

func TestValidateFindsBadGeometry(t *testing.T) {
	bowTie := []cut.Point{{X: 0, Y: 0}, {X: 20, Y: 10}, {X: 20, Y: 0}, {X: 0, Y: 30}}
	tests := []struct {
		name string
		tile []byte
		want string // empty: nothing wrong
	}{
		{"square", polygon(square(0, 0, 10)), ""},
		{"hole touching at a corner", polygon(square(0, 0, 30), reversed(square(10, 10, 5)), reversed(square(15, 15, 5))), ""},
		{"wound the wrong way", polygon(reversed(square(0, 0, 10))), "wound as a hole"},
		{"line for a ring", polygon([]cut.Point{{X: 0, Y: 0}, {X: 5, Y: 5}, {X: 9, Y: 9}}), "no area"},
		{"bow tie", polygon(bowTie), "crosses"},
		{"ring that touches itself", polygon([]cut.Point{{X: 0, Y: 0}, {X: 9, Y: 0}, {X: 9, Y: 9}, {X: 4, Y: 4}, {X: 0, Y: 9}, {X: 0, Y: 8}, {X: 4, Y: 4}}), "crosses"},
		{"overlapping exteriors", polygon(square(0, 0, 10), square(5, 5, 10)), "crosses"},
		{"exteriors with a common edge", polygon(square(0, 0, 10), square(10, 0, 10)), "crosses"},
		{"hole elsewhere", polygon(square(0, 0, 10), reversed(square(50, 50, 5))), "outside of its exterior"},
		{"vertex twice in a row", polygon([]cut.Point{{X: 0, Y: 0}, {X: 9, Y: 0}, {X: 9, Y: 0}, {X: 0, Y: 9}}), "no length"},
		{"two corners", polygon([]cut.Point{{X: 0, Y: 0}, {X: 9, Y: 0}}), "2 are needed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { checkProblem(t, test.tile, test.want) })
	}
}

func checkProblem(t *testing.T, tile []byte, want string) {
	t.Helper()
	problems := mvt.Validate(tile)
	switch {
	case want == "" && problems != nil:
		t.Errorf("problems: %v", problems)
	case want != "" && (len(problems) == 0 || !strings.Contains(problems[0].String(), want)):
		t.Errorf("problems are %v instead of %q", problems, want)
	}
}

// message writes fields of a protocol buffer: number, wire type and bytes as they are.
func message(fields ...[]byte) []byte {
	var out []byte
	for _, f := range fields {
		out = append(out, f...)
	}
	return out
}

func chunk(number byte, data ...byte) []byte {
	return append([]byte{number<<3 | 2, byte(len(data))}, data...)
}

var (
	version2 = []byte{15 << 3, 2}
	name     = chunk(1, 'x')
	point    = chunk(2, 3<<3, 1, 4<<3|2, 3, 9, 2, 2) // type point, MoveTo(1,1)
)

func TestValidateFindsBadMessages(t *testing.T) {
	tests := []struct {
		name  string
		layer []byte
		want  string
	}{
		{"good", message(version2, name, point), ""},
		{"unknown field", message(version2, name, point, chunk(14, 1)), ""},
		{"no version", message(name, point), "no version"},
		{"version 1", message([]byte{15 << 3, 1}, name, point), "version 1"},
		{"no name", message(version2, point), "no name"},
		{"no feature", message(version2, name), "no feature"},
		{"extent 0", message(version2, name, point, []byte{5 << 3, 0}), "extent 0"},
		{"name not UTF-8", message(version2, chunk(1, 0xff), point), "not UTF-8"},
		{"odd tags", message(version2, name, chunk(3, 'k'), chunk(2, 2<<3|2, 1, 0, 3<<3, 1, 4<<3|2, 3, 9, 2, 2)), "odd"},
		{"tag beyond keys", message(version2, name, chunk(3, 'k'), chunk(2, 2<<3|2, 2, 0, 0, 3<<3, 1, 4<<3|2, 3, 9, 2, 2)), "points beyond"},
		{"key twice", message(version2, name, point, chunk(3, 'k'), chunk(3, 'k')), "twice"},
		{"value twice", message(version2, name, point, chunk(4, 7<<3, 1), chunk(4, 7<<3, 1)), "twice"},
		{"value of two", message(version2, name, point, chunk(4, 7<<3, 1, 5<<3, 1)), "more than one"},
		{"value of none", message(version2, name, point, chunk(4)), "no field"},
		{"no type", message(version2, name, chunk(2, 4<<3|2, 3, 9, 2, 2)), "no type"},
		{"type unknown", message(version2, name, chunk(2, 3<<3, 0, 4<<3|2, 3, 9, 2, 2)), "unknown type"},
		{"far away", message(version2, name, chunk(2, 3<<3, 2, 4<<3|2, 14, 9, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 10, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0)), "32 bits"},
		{"type 4", message(version2, name, chunk(2, 3<<3, 4)), "type 4"},
		{"no geometry", message(version2, name, chunk(2, 3<<3, 1)), "no geometry"},
		{"ids equal", message(version2, name, chunk(2, 1<<3, 7, 3<<3, 1, 4<<3|2, 3, 9, 2, 2), chunk(2, 1<<3, 7, 3<<3, 1, 4<<3|2, 3, 9, 2, 2)), "id 7 of another"},
		{"command 5", message(version2, name, chunk(2, 3<<3, 1, 4<<3|2, 1, 13)), "not known"},
		{"command without its points", message(version2, name, chunk(2, 3<<3, 1, 4<<3|2, 2, 9, 2)), "too soon"},
		{"count beyond everything", message(version2, name, chunk(2, 3<<3, 1, 4<<3|2, 5, 0xf9, 0xff, 0xff, 0xff, 0x0f)), "too soon"},
		{"count 0", message(version2, name, chunk(2, 3<<3, 1, 4<<3|2, 1, 1)), "count 0"},
		{"line of one point", message(version2, name, chunk(2, 3<<3, 2, 4<<3|2, 3, 9, 2, 2)), "too soon"},
		{"wire type", message(version2, name, []byte{2 << 3, 1}), "wire type"},
		{"cut off", message(version2, name, []byte{2<<3 | 2, 99}), "too soon"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { checkProblem(t, chunk(3, test.layer...), test.want) })
	}
	two := message(chunk(3, message(version2, name, point)...), chunk(3, message(version2, name, point)...))
	checkProblem(t, two, "name of another layer")
}

// FuzzRead: whatever comes, the reader returns; what it takes it can write out, and what is valid it reads.
func FuzzRead(f *testing.F) {
	f.Add(sample())
	f.Add(polygon(square(0, 0, 10)))
	f.Add(chunk(3, message(version2, name, point)...))
	f.Add(chunk(3, message(version2, name, chunk(2, 3<<3, 3, 4<<3|2, 8, 9, 0, 0, 18, 2, 2, 3, 15))...))
	f.Add([]byte{0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		problems := mvt.Validate(data)
		tile, err := mvt.Decode(data)
		if err == nil {
			_ = tile.Text()
		}
		if err != nil && mvt.Legal(problems) {
			t.Errorf("valid but not readable: %v", err)
		}
	})
}
