package hex_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/uber/h3-go/v4"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// oracle is H3's own test polygon, with vertices as lat, lng in radians, and the number of cells by
// containment mode at resolution 9.
type oracle struct {
	counts
	Outline  [][2]float64 `json:"verts_rad"`
	Hole     [][2]float64 `json:"hole_rad"`
	WithHole counts       `json:"with_hole"`
}

type counts struct{ Center, Full, Overlapping int }

func ringOf(radians [][2]float64) orb.Ring {
	var ring orb.Ring
	for _, v := range radians {
		ring = append(ring, orb.Point{v[1] * 180 / math.Pi, v[0] * 180 / math.Pi})
	}
	return append(ring, ring[0])
}

func TestSanFrancisco(t *testing.T) {
	text, err := os.ReadFile("testdata/san_francisco_res9.json")
	if err != nil {
		t.Fatal(err)
	}
	var o oracle
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	outline := ringOf(o.Outline)
	checkCounts(t, "whole", orb.Polygon{outline}, o.counts)
	checkCounts(t, "with a hole", orb.Polygon{outline, ringOf(o.Hole)}, o.WithHole)
}

func checkCounts(t *testing.T, name string, polygon orb.Polygon, want counts) {
	t.Helper()
	shape := hex.NewShape(orb.MultiPolygon{polygon}, nil)
	overlaps, err := shape.Overlaps(9)
	if err != nil {
		t.Fatal(err)
	}
	got := counts{Overlapping: len(overlaps)}
	for _, o := range overlaps {
		whole := hex.NewShape(orb.MultiPolygon{{o.Cell.Boundary()}}, nil).AreaM2()
		if o.AreaM2 > whole*(1-1e-9) {
			got.Full++
		}
		if planar.PolygonContains(polygon, o.Cell.Center()) {
			got.Center++
		}
	}
	if got != want {
		t.Errorf("%s: %+v, want %+v", name, got, want)
	}
	checkSum(t, name, shape, overlaps)
}

func checkSum(t *testing.T, name string, shape *hex.Shape, overlaps []hex.Overlap) {
	t.Helper()
	sum := 0.0
	for i, o := range overlaps {
		sum += o.AreaM2
		if i > 0 && overlaps[i-1].Cell >= o.Cell {
			t.Fatalf("%s: cells %s and %s are out of order", name, overlaps[i-1].Cell, o.Cell)
		}
	}
	if area := shape.AreaM2(); math.Abs(sum-area) > 1e-7*area {
		t.Errorf("%s: the parts have %.3f m², the whole %.3f m²", name, sum, area)
	}
}

// star makes a simple polygon with spikes around a place.
func star(rng *rand.Rand, at orb.Point, sizeM float64) orb.Polygon {
	var ring orb.Ring
	n := 3 + rng.IntN(20)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		r := sizeM * (0.2 + 0.8*rng.Float64()) / 111_000
		ring = append(ring, orb.Point{at[0] + r*cos/math.Cos(at[1]*math.Pi/180), at[1] + r*sin})
	}
	return orb.Polygon{append(ring, ring[0])}
}

func TestOverlapsHoldTheWholeShape(t *testing.T) {
	places := map[string]orb.Point{
		"Hailar": {119.73, 49.21}, "equator": {10.3, 0.001}, "antimeridian": {180, 51}, "far north": {20, 83},
		"icosahedron edge": {118.66, 49.6}, "pentagon": pentagon(t, 10),
	}
	for name, at := range places {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 9))
			for range 200 {
				sizeM := 10 * math.Pow(10, 2.5*rng.Float64())
				shape := hex.NewShape(orb.MultiPolygon{star(rng, at, sizeM)}, nil)
				overlaps, err := shape.Overlaps(10)
				if err != nil {
					t.Fatal(err)
				}
				checkSum(t, name, shape, overlaps)
			}
		})
	}
}

func pentagon(t *testing.T, resolution int) orb.Point {
	t.Helper()
	pentagons, err := h3.Pentagons(resolution)
	if err != nil {
		t.Fatal(err)
	}
	return hex.Cell(pentagons[3]).Center()
}

func TestNearAndPointIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	for range 50 {
		polygon := star(rng, orb.Point{119.73, 49.21}, 3000)
		shape := hex.NewShape(orb.MultiPolygon{polygon}, nil)
		overlaps, err := shape.Overlaps(8)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range overlaps {
			near := shape.Near(o.Cell)
			checkNear(t, shape, near, o.Cell, 10)
			if o.AreaM2 < 2000 {
				continue // may be thinner than the 0.2 m by which an edge of 3 km bends in the plane
			}
			p, ok := near.PointIn(o.Cell)
			if at, err := hex.Of(p, 8); !ok || err != nil || at != o.Cell || !planar.PolygonContains(polygon, p) {
				t.Errorf("%v is no point of both the shape and %s: %v %v", p, o.Cell, ok, err)
			}
		}
	}
}

func checkNear(t *testing.T, shape, near *hex.Shape, cell hex.Cell, finest int) {
	t.Helper()
	if got, want := near.ShareM2(cell), shape.ShareM2(cell); math.Abs(got-want) > 1e-6+1e-9*want {
		t.Fatalf("%s: %.9f m² of the part, %.9f m² of the whole", cell, got, want)
	}
	if cell.Resolution() == finest {
		return
	}
	for _, child := range cell.Children() {
		checkNear(t, shape, near, child, finest)
	}
}

func TestShapesWithoutArea(t *testing.T) {
	line := orb.Ring{{119, 49}, {119.1, 49}, {119, 49}, {119, 49}}
	for name, area := range map[string]orb.MultiPolygon{
		"nil": nil, "no ring": {{}}, "short ring": {{{{119, 49}, {119, 49}}}}, "line": {{line}},
		"not a number": {{{{math.NaN(), 49}, {119.1, 49}, {119.1, 49.1}, {math.NaN(), 49}}}},
	} {
		shape := hex.NewShape(area, nil)
		if overlaps, err := shape.Overlaps(10); len(overlaps) != 0 || err != nil {
			t.Errorf("%s: overlaps %v, error %v", name, overlaps, err)
		}
		if p, ok := shape.Point(); ok {
			t.Errorf("%s: has the point %v", name, p)
		}
	}
}

func TestTooLargeAShape(t *testing.T) {
	half := orb.MultiPolygon{{{{60, 0}, {150, 0}, {150, 60}, {60, 60}, {60, 0}}}}
	if _, err := hex.NewShape(half, nil).Overlaps(10); !errors.Is(err, hex.ErrTooManyCells) {
		t.Errorf("error %v", err)
	}
}

func TestCellsAreThoseOfH3(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	for range 2000 {
		p := orb.Point{rng.Float64()*360 - 180, rng.Float64()*180 - 90}
		cell, err := hex.Of(p, rng.IntN(16))
		if err != nil {
			t.Fatal(err)
		}
		if got := h3.Cell(cell).Resolution(); cell.Resolution() != got {
			t.Fatalf("%s: resolution %d, want %d", cell, cell.Resolution(), got)
		}
		for resolution := range cell.Resolution() {
			want, err := h3.Cell(cell).Parent(resolution)
			if got := cell.Parent(resolution); err != nil || got != hex.Cell(want) {
				t.Fatalf("%s: parent %s, want %s (%v)", cell, got, want, err)
			}
		}
		if cell.Parent(15) != cell || cell.Parent(-1) != cell {
			t.Errorf("%s is not its own parent", cell)
		}
		if back, err := hex.Parse(cell.String()); back != cell || err != nil || cell.String() != h3.Cell(cell).String() {
			t.Errorf("%s comes back as %s, %v", cell, back, err)
		}
		checkBoundary(t, cell)
	}
}

// checkBoundary asks for a closed ring in one piece, anticlockwise, of the area that H3 says.
func checkBoundary(t *testing.T, cell hex.Cell) {
	t.Helper()
	ring := cell.Boundary()
	if len(ring) < 6 || ring[0] != ring[len(ring)-1] {
		t.Fatalf("%s: boundary %v", cell, ring)
	}
	if cell.Resolution() < 5 || math.Abs(ring[0][1]) > 80 {
		return // too large, or too near to a pole, for areas in the plane
	}
	if ring.Orientation() != orb.CCW {
		t.Errorf("%s: boundary is not anticlockwise", cell)
	}
	want, err := h3.CellAreaM2(h3.Cell(cell))
	got := hex.NewShape(orb.MultiPolygon{{ring}}, nil).AreaM2()
	if err != nil || math.Abs(got-want) > 0.005*want {
		t.Errorf("%s: %.1f m², want %.1f m² (%v)", cell, got, want, err)
	}
}

func TestChildren(t *testing.T) {
	parent, err := hex.Parse("8a2830828767fff")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		cell     hex.Cell
		children int
	}{{parent, 7}, {mustOf(t, pentagon(t, 5), 5), 6}} {
		children := test.cell.Children()
		if len(children) != test.children || !slices.IsSorted(children) {
			t.Errorf("%s: children %v", test.cell, children)
		}
		for _, child := range children {
			if child.Parent(test.cell.Resolution()) != test.cell {
				t.Errorf("%s is a child of %s but its parent is %s", child, test.cell, child.Parent(test.cell.Resolution()))
			}
		}
	}
}

func mustOf(t *testing.T, p orb.Point, resolution int) hex.Cell {
	t.Helper()
	cell, err := hex.Of(p, resolution)
	if err != nil {
		t.Fatal(err)
	}
	return cell
}

func TestBadCells(t *testing.T) {
	for _, p := range []orb.Point{{math.NaN(), 0}, {0, math.NaN()}, {math.Inf(1), 0}, {181, 0}, {49, 119}} {
		if cell, err := hex.Of(p, 10); err == nil {
			t.Errorf("%v is in %s", p, cell)
		}
	}
	for _, resolution := range []int{-1, 16} {
		if cell, err := hex.Of(orb.Point{119, 49}, resolution); err == nil {
			t.Errorf("resolution %d has %s", resolution, cell)
		}
	}
	for _, text := range []string{"", "0", "zzz", "8a2830828767ff", "ffffffffffffffff", "-8a2830828767fff", "8a2830828767fff00"} {
		if cell, err := hex.Parse(text); err == nil {
			t.Errorf("%q is %s", text, cell)
		}
	}
}

func TestBoundaryStaysInOnePieceAtTheAntimeridian(t *testing.T) {
	ring := mustOf(t, orb.Point{180, 51}, 5).Boundary()
	if width := ring.Bound().Max[0] - ring.Bound().Min[0]; width > 1 {
		t.Errorf("%g degrees wide", width)
	}
}

func TestSharesAgreeWithScatteredPoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	at := orb.Point{119.73, 49.21}
	polygon := star(rng, at, 200)
	shape := hex.NewShape(orb.MultiPolygon{polygon}, nil)
	overlaps, err := shape.Overlaps(10)
	if err != nil {
		t.Fatal(err)
	}
	inside := map[hex.Cell]int{}
	total := 0
	bound := geo.ExpandMeters(polygon.Bound(), 1)
	for range 400_000 {
		p := orb.Point{
			bound.Min[0] + rng.Float64()*(bound.Max[0]-bound.Min[0]),
			bound.Min[1] + rng.Float64()*(bound.Max[1]-bound.Min[1]),
		}
		if planar.PolygonContains(polygon, p) {
			inside[mustOf(t, p, 10)]++
			total++
		}
	}
	for _, o := range overlaps {
		got, want := float64(inside[o.Cell])/float64(total), o.AreaM2/shape.AreaM2()
		if math.Abs(got-want) > 0.005 {
			t.Errorf("%s holds %.4f of the points and %.4f of the area", o.Cell, got, want)
		}
	}
}

func BenchmarkOverlapsOfABlock(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 9))
	outlines := &hex.Outlines{}
	area := orb.MultiPolygon{star(rng, orb.Point{119.73, 49.21}, 60)}
	for b.Loop() {
		if _, err := hex.NewShape(area, outlines).Overlaps(10); err != nil {
			b.Fatal(err)
		}
	}
}
