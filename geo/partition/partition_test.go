package partition_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/partition"
	"github.com/yizhan/yizhan/importers/demo"
)

// step is the unit of the test's drawings: a thousand steps of the grid.
const step = 1e-4

func at(x, y float64) orb.Point {
	return orb.Point{math.Round((119+x*step)*1e7) / 1e7, math.Round((49+y*step)*1e7) / 1e7}
}

func ring(lattice ...float64) orb.Ring {
	var r orb.Ring
	for i := 0; i < len(lattice); i += 2 {
		r = append(r, at(lattice[i], lattice[i+1]))
	}
	return append(r, r[0])
}

func area(lattice ...float64) orb.MultiPolygon { return orb.MultiPolygon{{ring(lattice...)}} }

func line(lattice ...float64) orb.LineString {
	r := ring(lattice...)
	return orb.LineString(r[:len(r)-1])
}

// pair is two squares side by side, with vertices to end a cut at in the middle of the outline's south and north.
func pair() []partition.Part {
	return []partition.Part{
		{Code: "west", Shape: area(0, 0, 5, 0, 10, 0, 10, 10, 5, 10, 0, 10)},
		{Code: "east", Shape: area(10, 0, 20, 0, 20, 10, 10, 10)},
	}
}

func newMap(t testing.TB, parts []partition.Part) *partition.Map {
	t.Helper()
	m, err := partition.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func codes(parts []partition.Part) (list []string) {
	for _, p := range parts {
		list = append(list, p.Code)
	}
	return list
}

// checkPartition proves that the parts fill what they filled before, edge for edge.
func checkPartition(t testing.TB, before, after []partition.Part) {
	t.Helper()
	sum := map[partition.Edge]int{}
	count := func(parts []partition.Part, sign int) {
		for _, p := range parts {
			for _, polygon := range p.Shape {
				for _, r := range polygon {
					for i := 1; i < len(r); i++ {
						a, b := lattice(r[i-1]), lattice(r[i])
						e, s := partition.Edge{A: a, B: b}, sign
						if a.Compare(b) > 0 {
							e, s = partition.Edge{A: b, B: a}, -sign
						}
						if sum[e] += s; sum[e] == 0 {
							delete(sum, e)
						}
					}
				}
			}
		}
	}
	count(before, 1)
	count(after, -1)
	if len(sum) > 0 {
		t.Fatalf("%d edges do not add up: %v", len(sum), sum)
	}
	if _, err := partition.New(after); err != nil {
		t.Fatalf("the parts do not fit: %v", err)
	}
}

func TestCutSharesItsVerticesWithTheNeighbour(t *testing.T) {
	before := pair()
	m := newMap(t, before)
	if err := m.Cut("east", "new", line(5, 4, 15, 6, 25, 4)); err != nil {
		t.Fatal(err) // it leaves where the outline has no vertex, and so goes to the nearest
	}
	checkPartition(t, before, m.Parts())
	m = newMap(t, before)
	if err := m.Cut("west", "new", line(5, -3, 6, 4, 5, 12)); err != nil {
		t.Fatal(err)
	}
	after := m.Parts()
	checkPartition(t, before, after)
	if got := codes(after); !slices.Equal(got, []string{"west", "east", "new"}) {
		t.Fatalf("parts %v", got)
	}
	if !reflect.DeepEqual(after[1], before[1]) {
		t.Error("the east, which has nothing to do with it, is not what it was")
	}
	if w, n := partition.Area(after[0].Shape), partition.Area(after[2].Shape); w <= n {
		t.Errorf("the larger side keeps the code: %g and %g", w, n)
	}

	// Across the inner border: the neighbour gets the vertex.
	three := []partition.Part{before[0], {Code: "east", Shape: area(10, 0, 20, 0, 20, 10, 10, 10)}}
	m = newMap(t, three)
	if err := m.Cut("west", "new", line(0, 10, 3, 5, 12, 5)); err != nil {
		t.Fatal(err)
	}
	after = m.Parts()
	checkPartition(t, three, after)
	if !slices.Contains(after[1].Shape[0][0], at(10, 5)) {
		t.Errorf("the east has no vertex where the cut ends: %v", after[1].Shape)
	}
}

func TestMerge(t *testing.T) {
	before := pair()
	m := newMap(t, before)
	if err := m.Cut("west", "new", line(5, -3, 6, 4, 5, 12)); err != nil {
		t.Fatal(err)
	}
	cut := m.Parts()
	m = newMap(t, cut)
	if err := m.Merge("west", "new"); err != nil {
		t.Fatal(err)
	}
	merged := m.Parts()
	if len(merged) != 2 || !partition.SameEdges(merged[0].Shape, before[0].Shape) {
		t.Errorf("cut and merged, the west is not what it was: %v", merged)
	}
	for name, others := range map[string][]string{"twice": {"east", "east"}, "itself": {"west"}, "unknown": {"nowhere"}} {
		if err := newMap(t, cut).Merge("west", others...); err == nil {
			t.Errorf("%s: merged", name)
		}
	}
	// The one in the west does not touch the east.
	apart := []string{"west", "east"}
	if partition.Area(cut[0].Shape) > 0 && slices.Contains(cut[0].Shape[0][0], at(10, 0)) {
		apart = []string{"new", "east"}
	}
	if err := newMap(t, cut).Merge(apart[0], apart[1]); err == nil {
		t.Error("parts that do not touch were merged")
	}
}

func TestCutRefuses(t *testing.T) {
	u := []partition.Part{{Code: "u", Shape: area(0, 0, 10, 0, 10, 10, 7, 10, 7, 3, 3, 3, 3, 10, 0, 10)}, {Code: "tooth", Shape: area(3, 3, 7, 3, 7, 10, 3, 10)}}
	for name, l := range map[string]orb.LineString{
		"misses": line(20, 20, 30, 30), "ends inside": line(-1, 1, 2, 1), "all inside": line(1, 1, 2, 1), "twice": line(-1, 6, 11, 6),
		"along a border": line(3, 1, 3, 12), "no length": line(1, 1, 1, 1), "off the globe": {orb.Point{500, 0}, orb.Point{0, 0}},
		"not a number": {orb.Point{math.NaN(), 0}, orb.Point{0, 0}}, "one vertex": line(1, 1),
	} {
		t.Run(name, func(t *testing.T) {
			err := newMap(t, u).Cut("u", "new", l)
			var why *partition.Error
			if !errors.As(err, &why) {
				t.Errorf("%v, want a refusal", err)
			}
		})
	}
	if _, err := partition.New([]partition.Part{{Code: "a", Shape: area(0, 0, 2, 0, 2, 2, 0, 2)}, {Code: "b", Shape: area(1, 1, 3, 1, 3, 3, 1, 3)}}); err == nil {
		t.Error("parts that cross are a partition")
	}
	if _, err := partition.New([]partition.Part{{Code: "a", Shape: area(0, 0, 9, 0, 9, 9, 0, 9)}, {Code: "b", Shape: area(1, 1, 3, 1, 3, 3, 1, 3)}}); err == nil {
		t.Error("a part in another is a partition")
	}
	if _, err := partition.New([]partition.Part{{Code: "a", Shape: area(0, 0, 9, 0, 9, 9)}, {Code: "b", Shape: area(0, 0, 9, 0, 9, 9)}}); err == nil {
		t.Error("two parts in one place are a partition")
	}
}

// An enclave goes with the side that it lies in.
func TestCutAroundAnEnclave(t *testing.T) {
	shape := area(0, 0, 5, 0, 10, 0, 10, 10, 5, 10, 0, 10)
	shape[0] = append(shape[0], ring(7, 4, 7, 6, 9, 6, 9, 4))
	before := []partition.Part{{Code: "land", Shape: shape}, {Code: "enclave", Shape: area(7, 4, 9, 4, 9, 6, 7, 6)}}
	m := newMap(t, before)
	if err := m.Cut("land", "new", line(5, -1, 5, 11)); err != nil {
		t.Fatal(err)
	}
	after := m.Parts()
	checkPartition(t, before, after)
	if len(after) != 3 || len(after[0].Shape[0])+len(after[2].Shape[0]) != 3 {
		t.Errorf("%v", after)
	}
	if err := newMap(t, before).Cut("land", "new", line(8, 5, 8, -1)); err == nil {
		t.Error("a line from an enclave to the border does not divide")
	}
}

func TestNarrow(t *testing.T) {
	const width = 3 // metres; a step of the drawing is 7.3 m by 11.1 m
	for name, c := range map[string]struct {
		shape  orb.MultiPolygon
		narrow bool
	}{
		"square":        {area(0, 0, 10, 0, 10, 10, 0, 10), false},
		"sliver":        {area(0, 0, 10, 0, 10, 0.2, 0, 0.2), true},
		"narrow enough": {area(0, 0, 10, 0, 10, 0.3, 0, 0.3), false},
		"spike":         {area(0, 0, 10, 0, 10, 10, 5.1, 10, 5, 40, 4.9, 10, 0, 10), true},
		"neck":          {area(0, 0, 10, 0, 10, 4, 5.1, 5, 10, 6, 10, 10, 0, 10, 0, 6, 4.9, 5, 0, 4), true},
		"notch":         {area(0, 0, 10, 0, 10, 10, 5.1, 10, 5, 5, 4.9, 10, 0, 10), false},
		"right angles":  {area(0, 0, 10, 0, 10, 5, 5, 5, 5, 10, 0, 10), false},
		"tiny edge":     {area(0, 0, 10, 0, 10, 0.05, 10, 10, 0, 10), false},
	} {
		t.Run(name, func(t *testing.T) {
			where, narrow := partition.Narrow(c.shape, width)
			if narrow != c.narrow {
				t.Errorf("%t at %v", narrow, where)
			}
		})
	}
	if got := partition.Area(area(0, 0, 10, 0, 10, 10, 0, 10)); math.Abs(got/(73.0*111.2)-1) > 0.01 {
		t.Errorf("area %g", got)
	}
}

func TestLines(t *testing.T) {
	borders := partition.Borders(pair())
	var shared, outer []partition.Edge
	for e, of := range borders {
		if len(of) == 2 {
			shared = append(shared, e)
		} else {
			outer = append(outer, e)
		}
	}
	if lines := partition.Lines(shared); len(lines) != 1 || len(lines[0]) != 2 {
		t.Errorf("shared: %v", lines)
	}
	if lines := partition.Lines(outer); len(lines) != 1 || len(lines[0]) != 9 || lines[0][0] != lines[0][8] {
		t.Errorf("outline: %v", lines)
	}
	if lines := partition.Lines(append(shared, outer...)); len(lines) != 3 {
		t.Errorf("all: %v", lines)
	}
}

// communities are those of the demo city.
var communities = sync.OnceValues(func() ([][]partition.Part, error) {
	c, err := demo.Generate(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	var list [][]partition.Part
	last := ""
	for _, g := range c.MicroGrids {
		if g.Community != last {
			list, last = append(list, nil), g.Community
		}
		list[len(list)-1] = append(list[len(list)-1], partition.Part{Code: g.Code, Shape: g.Boundary})
	}
	return list, nil
})

func demoCommunities(t testing.TB) [][]partition.Part {
	t.Helper()
	list, err := communities()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// operations is how many random operations the property test does.
func operations(t testing.TB) int {
	if text := os.Getenv("YIZHAN_PARTITION_OPERATIONS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 240
}

// TestRandomOperationsKeepThePartition does to the communities of the demo city what people might, sensible and
// not, and proves that what is accepted keeps the area and every edge of the outline.
func TestRandomOperationsKeepThePartition(t *testing.T) {
	list := demoCommunities(t)
	random := rand.New(rand.NewPCG(6, 2026))
	done := map[string]int{}
	for n := 0; n < operations(t); {
		before := list[random.IntN(len(list))]
		if len(before) > 120 {
			continue
		}
		current := before
		for range 8 {
			n++
			m := newMap(t, current)
			what, err := randomOperation(random, m, current, n)
			if err != nil {
				done[what+" refused"]++
				continue
			}
			done[what]++
			current = m.Parts()
			checkPartition(t, before, current)
			checkArea(t, before, current)
		}
	}
	t.Log(done)
	for _, what := range []string{"cut", "merge", "divide"} {
		if done[what] < operations(t)/20 {
			t.Errorf("too few went in: %v", done)
		}
	}
}

func checkArea(t *testing.T, before, after []partition.Part) {
	t.Helper()
	var b, a float64
	for _, p := range before {
		b += partition.Area(p.Shape)
	}
	for _, p := range after {
		a += partition.Area(p.Shape)
	}
	if math.Abs(a-b) > 1e-9*b {
		t.Fatalf("%g square metres were %g", a, b)
	}
}

func randomOperation(random *rand.Rand, m *partition.Map, parts []partition.Part, n int) (string, error) {
	one := parts[random.IntN(len(parts))]
	fresh := fmt.Sprintf("new%d", n)
	switch random.IntN(4) {
	case 0:
		return "divide", m.Divide(one.Code, []string{fresh, fresh + "b", fresh + "c"}[:1+random.IntN(3)])
	case 1:
		other := neighbourOf(random, one, parts)
		return "merge", m.Merge(one.Code, other)
	}
	bound := one.Shape.Bound()
	within := func() orb.Point {
		return orb.Point{bound.Min[0] + (1.4*random.Float64()-0.2)*(bound.Max[0]-bound.Min[0]), bound.Min[1] + (1.4*random.Float64()-0.2)*(bound.Max[1]-bound.Min[1])}
	}
	l := orb.LineString{within(), within()}
	if random.IntN(2) == 0 {
		l = append(l, within())
	}
	if random.IntN(3) == 0 { // from a vertex
		r := one.Shape[0][0]
		l[0] = r[random.IntN(len(r))]
	}
	return "cut", m.Cut(one.Code, fresh, l)
}

func neighbourOf(random *rand.Rand, one partition.Part, parts []partition.Part) string {
	var near []string
	for _, of := range partition.Borders(parts) {
		if len(of) == 2 && slices.Contains(of, one.Code) {
			near = append(near, of[0], of[1])
		}
	}
	near = slices.DeleteFunc(near, func(code string) bool { return code == one.Code })
	if len(near) == 0 || random.IntN(5) == 0 {
		return parts[random.IntN(len(parts))].Code
	}
	slices.Sort(near)
	return near[random.IntN(len(near))]
}

// TestDivideIsEvenAndCompact divides large micro-grids as a planner would, and looks at what comes out.
func TestDivideIsEvenAndCompact(t *testing.T) {
	list := demoCommunities(t)
	random := rand.New(rand.NewPCG(1, 2))
	var worst []float64
	refused, flat := 0, 0
	const tries = 60
	for range tries {
		parts := list[random.IntN(len(list))]
		one := parts[random.IntN(len(parts))]
		m := newMap(t, parts)
		fresh := []string{"a", "b", "c", "d"}[:1+random.IntN(4)]
		if err := m.Divide(one.Code, fresh); err != nil {
			refused++
			continue
		}
		after := m.Parts()
		checkPartition(t, parts, after)
		mean := partition.Area(one.Shape) / float64(len(fresh)+1)
		for _, p := range after {
			if p.Code != one.Code && !slices.Contains(fresh, p.Code) {
				continue
			}
			worst = append(worst, math.Abs(partition.Area(p.Shape)/mean-1))
			if roundness(p.Shape) < 0.25 && roundness(p.Shape) < roundness(one.Shape) {
				flat++
			}
		}
	}
	slices.Sort(worst)
	middle, high := worst[len(worst)/2], worst[len(worst)*9/10]
	t.Logf("%d parts, %d refused; off the mean: half of them less than %.0f %%, nine in ten less than %.0f %%; %d flat", len(worst), refused, 100*middle, 100*high, flat)
	if refused > tries/10 || middle > 0.15 || high > 0.4 || flat > len(worst)/10 {
		t.Error("worse than it should be")
	}
}

// roundness is 1 for a circle and small for a sliver.
func roundness(shape orb.MultiPolygon) float64 {
	length := 0.0
	r := shape[0][0]
	for i := 1; i < len(r); i++ {
		length += math.Hypot((r[i][0]-r[i-1][0])*math.Cos(r[i][1]*math.Pi/180), r[i][1]-r[i-1][1]) * 111_195
	}
	return 4 * math.Pi * partition.Area(shape) / (length * length)
}

// FuzzCut cuts a part that is not convex, beside one with an enclave, by any line.
func FuzzCut(f *testing.F) {
	f.Add(0.0, 0.0, 5.0, 5.0, 12.0, 12.0)
	f.Add(5.0, -1.0, 5.0, 2.0, 5.0, 11.0)
	f.Add(7.0, 4.0, 8.0, 5.0, 9.0, 6.0)
	f.Add(-1.0, 6.0, 11.0, 6.0, 20.0, 6.0)
	f.Add(3.0, 3.0, 7.0, 3.0, 7.0, 10.0)
	shape := area(0, 0, 5, 0, 10, 0, 10, 10, 7, 10, 7, 3, 3, 3, 3, 10, 0, 10)
	tooth := area(3, 3, 7, 3, 7, 10, 3, 10)
	tooth[0] = append(tooth[0], ring(4, 4, 4, 6, 6, 6, 6, 4))
	before := []partition.Part{{Code: "u", Shape: shape}, {Code: "tooth", Shape: tooth}, {Code: "enclave", Shape: area(4, 4, 6, 4, 6, 6, 4, 6)}}
	f.Fuzz(func(t *testing.T, x0, y0, x1, y1, x2, y2 float64) {
		for _, code := range []string{"u", "tooth", "enclave"} {
			m := newMap(t, before)
			if m.Cut(code, "new", orb.LineString{at(x0, y0), at(x1, y1), at(x2, y2)}) == nil {
				after := m.Parts()
				if len(after) != 4 {
					t.Fatalf("%d parts", len(after))
				}
				checkPartition(t, before, after)
			}
		}
	})
}
