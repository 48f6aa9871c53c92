package plane

import (
	"math/rand/v2"
	"testing"
)

func square(t *testing.T, size int64) *Map {
	t.Helper()
	corners := []Point{{0, 0}, {size, 0}, {size, size}, {0, size}}
	var segments []Segment
	for i, p := range corners {
		segments = append(segments, Segment{p, corners[(i+1)%4]})
	}
	m, err := Build(segments)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// inner is the face of a square that is not the outside.
func inner(m *Map) Face {
	for f := range m.Faces() {
		if Area2(m.Ring(Face(f))) > 0 {
			return Face(f)
		}
	}
	return -1
}

func TestBuildRefuses(t *testing.T) {
	for _, test := range []struct {
		name     string
		segments []Segment
	}{
		{"a crossing", []Segment{{Point{0, 0}, Point{10, 10}}, {Point{0, 10}, Point{10, 0}}}},
		{"an end on another segment", []Segment{{Point{0, 0}, Point{10, 0}}, {Point{5, 0}, Point{5, 5}}}},
		{"an overlap", []Segment{{Point{0, 0}, Point{10, 0}}, {Point{5, 0}, Point{15, 0}}}},
		{"an overlap from one point", []Segment{{Point{0, 0}, Point{10, 0}}, {Point{0, 0}, Point{5, 0}}}},
		{"the same twice", []Segment{{Point{0, 0}, Point{10, 0}}, {Point{10, 0}, Point{0, 0}}}},
		{"no length", []Segment{{Point{3, 3}, Point{3, 3}}}},
	} {
		if _, err := Build(test.segments); err == nil {
			t.Errorf("%s: accepted", test.name)
		}
	}
}

func TestCut(t *testing.T) {
	m := square(t, 100)
	f := inner(m)
	from, _ := m.At(f, Point{0, 0})
	north, _ := m.At(f, Point{100, 100})
	for _, test := range []struct {
		name string
		cut  Cut
		ok   bool
	}{
		{"along the outline", Cut{From: End{from, Point{0, 0}}, To: End{m.Next(from), Point{100, 0}}}, false},
		{"both ends on one edge", Cut{From: End{from, Point{10, 0}}, To: End{from, Point{90, 0}}, Via: []Point{{50, 50}}}, false},
		{"out of the face", Cut{From: End{from, Point{50, 0}}, To: End{north, Point{50, 100}}, Via: []Point{{50, -10}}}, false},
		{"through a corner", Cut{From: End{from, Point{50, 0}}, To: End{north, Point{50, 100}}, Via: []Point{{100, 0}}}, false},
		{"a path that crosses itself", Cut{From: End{from, Point{50, 0}}, To: End{north, Point{50, 100}}, Via: []Point{{80, 60}, {20, 60}, {80, 30}}}, false},
		{"from side to side", Cut{From: End{from, Point{50, 0}}, To: End{north, Point{40, 100}}, Via: []Point{{55, 50}}}, true},
	} {
		edges, faces := m.Edges(), m.Faces()
		left, right, ok := m.Cut(f, test.cut)
		if ok != test.ok {
			t.Errorf("%s: %t, want %t", test.name, ok, test.ok)
		}
		if !ok && (m.Edges() != edges || m.Faces() != faces) {
			t.Errorf("%s: refused, but the map changed", test.name)
		}
		if ok && Area2(m.Ring(left))+Area2(m.Ring(right)) != 2*100*100 {
			t.Errorf("%s: the parts do not make up the whole", test.name)
		}
	}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
}

func TestBendingAnEdgeMustNotMeetAnother(t *testing.T) {
	// A wedge so thin that a vertex one unit off its long side would cross the other.
	m, err := Build([]Segment{
		{Point{0, 0}, Point{1000, 1}}, {Point{1000, 1}, Point{1000, 500}}, {Point{1000, 500}, Point{0, 0}},
		{Point{0, 0}, Point{1000, 0}}, {Point{1000, 0}, Point{1000, 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for f := range Face(m.Faces()) {
		e, on := m.At(f, Point{0, 0})
		top, has := m.At(f, Point{1000, 500})
		if !on || !has || Area2(m.Ring(f)) < 0 {
			continue
		}
		if _, _, ok := m.Cut(f, Cut{From: End{e, Point{500, 0}}, To: End{top, Point{500, 250}}}); ok {
			t.Error("bent an edge onto its neighbour")
		}
		return
	}
	t.Error("no wedge found")
}

// TestRandomCutsKeepThePartition cuts faces at random, most of them badly, on a lattice so coarse that
// rounding matters, and proves that what is accepted is still a partition.
func TestRandomCutsKeepThePartition(t *testing.T) {
	const size = 200
	random := rand.New(rand.NewPCG(1, 2))
	m := square(t, size)
	accepted := 0
	for range 20_000 {
		f := Face(random.IntN(m.Faces()))
		if Area2(m.Ring(f)) <= 0 {
			continue
		}
		cut := Cut{From: randomEnd(random, m, f), To: randomEnd(random, m, f)}
		for range random.IntN(3) {
			cut.Via = append(cut.Via, Point{random.Int64N(size), random.Int64N(size)})
		}
		if _, _, ok := m.Cut(f, cut); ok {
			accepted++
		}
	}
	if accepted < 300 {
		t.Errorf("only %d cuts were accepted", accepted)
	}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	checkFaces(t, m)
	checkUnion(t, m, random)
}

func randomEnd(random *rand.Rand, m *Map, f Face) End {
	edges := m.Around(f)
	e := edges[random.IntN(len(edges))]
	a, b := m.From(e), m.To(e)
	k := random.Int64N(4)
	return End{e, Point{a.X + (b.X-a.X)*k/4, a.Y + (b.Y-a.Y)*k/4}}
}

func checkFaces(t *testing.T, m *Map) {
	t.Helper()
	var inside, outside int64
	for f := range Face(m.Faces()) {
		if a := Area2(m.Ring(f)); a > 0 {
			inside += a
		} else {
			outside += a
		}
		for _, e := range m.Around(f) {
			if m.Left(e) != f || m.Prev(m.Next(e)) != e || m.To(e) != m.From(m.Next(e)) {
				t.Fatalf("half-edge %d of face %d is linked wrongly", e, f)
			}
		}
	}
	if inside != -outside {
		t.Errorf("the faces have %d, the outside %d", inside, -outside)
	}
}

// checkUnion labels faces at random and proves that outlines have the areas of their faces and simple rings.
func checkUnion(t *testing.T, m *Map, random *rand.Rand) {
	t.Helper()
	const sets = 3
	label := make([]int32, m.Faces())
	var want [sets]int64
	for f := range label {
		label[f] = -1
		if a := Area2(m.Ring(Face(f))); a > 0 {
			label[f] = random.Int32N(sets)
			want[label[f]] += a
		}
	}
	for set, polygons := range m.Union(label, sets) {
		var got int64
		for _, polygon := range polygons {
			for i, ring := range polygon {
				a := Area2(ring)
				got += a
				if (a < 0) != (i > 0) {
					t.Errorf("set %d: ring %d runs the wrong way", set, i)
				}
				seen := map[Point]bool{}
				for _, p := range ring {
					if seen[p] {
						t.Errorf("set %d: a ring passes twice through %v", set, p)
					}
					seen[p] = true
				}
			}
		}
		if got != want[set] {
			t.Errorf("set %d: area %d, want %d", set, got, want[set])
		}
	}
}

func TestUnionWithHolesAndPinches(t *testing.T) {
	// A board of 3 by 3 fields.
	var segments []Segment
	for i := range int64(4) {
		for j := range int64(3) {
			segments = append(segments, Segment{Point{j, i}, Point{j + 1, i}}, Segment{Point{i, j}, Point{i, j + 1}})
		}
	}
	m, err := Build(segments)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		fields string // row by row from the south; # is in the set
		rings  []int  // of each polygon
	}{
		{"all", "#########", []int{1}},
		{"a hole", "####.####", []int{2}},
		{"two fields that touch at a point", "#...#....", []int{1, 1}},
		{"a corner out", ".########", []int{1}},
		{"a hole that touches the outside", ".###.####", []int{2}},
		{"a board of chess", "#.#.#.#.#", []int{1, 1, 1, 1, 1}},
	} {
		label := make([]int32, m.Faces())
		for f := range label {
			label[f] = -1
			if ring := m.Ring(Face(f)); Area2(ring) > 0 {
				p := rotate(ring)[0]
				if test.fields[p.Y*3+p.X] == '#' {
					label[f] = 0
				}
			}
		}
		polygons := m.Union(label, 1)[0]
		if len(polygons) != len(test.rings) {
			t.Errorf("%s: %d polygons, want %d", test.name, len(polygons), len(test.rings))
			continue
		}
		for i, polygon := range polygons {
			if len(polygon) != test.rings[i] {
				t.Errorf("%s: polygon %d has %d rings, want %d", test.name, i, len(polygon), test.rings[i])
			}
		}
	}
}
