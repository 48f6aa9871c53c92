package mesh_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/world"
)

// sheet is a row of columns whose common borders are crooked; the vertices of a border are the same for
// both sides.
func sheet(columns, vertices int, seed uint64) []mesh.Shape {
	random := rand.New(rand.NewPCG(seed, 1))
	const size, x0, y0 = 1 << 16, 3 << 30, 1 << 30
	border := func() (points []world.Point) {
		for i := range vertices {
			points = append(points, world.Point{X: uint32(random.IntN(size * 9 / 10)), Y: uint32(i * size / (vertices - 1))})
		}
		return points
	}
	var borders [][]world.Point
	for range columns + 1 {
		borders = append(borders, border())
	}
	var shapes []mesh.Shape
	at := func(column int, p world.Point) mesh.Vertex {
		return mesh.Vertex{Point: world.Point{X: x0 + uint32(column)*size + p.X, Y: y0 + p.Y}}
	}
	for c := range columns {
		var ring mesh.Ring
		for _, p := range borders[c+1] {
			ring = append(ring, at(c+1, p))
		}
		for i := len(borders[c]) - 1; i >= 0; i-- {
			ring = append(ring, at(c, borders[c][i]))
		}
		shapes = append(shapes, mesh.Outline([]mesh.Ring{ring}))
	}
	return shapes
}

// at is a ring as it is drawn at a zoom.
func at(ring mesh.Ring, zoom uint8) (points []world.Point) {
	for _, v := range ring {
		if v.Zoom <= zoom {
			points = append(points, v.Point)
		}
	}
	return points
}

type edge struct{ from, to world.Point }

func edgesOf(shapes []mesh.Shape, zoom uint8) map[edge]int {
	edges := map[edge]int{}
	for _, s := range shapes {
		for _, ring := range s.Rings {
			points := at(ring, zoom)
			for i, p := range points {
				edges[edge{p, points[(i+1)%len(points)]}]++
			}
		}
	}
	return edges
}

func TestBordersStaySharedAndNeverCross(t *testing.T) {
	for seed := range uint64(20) {
		shapes := mesh.Build(sheet(4, 60, seed), nil).Shapes()
		drawn := 0
		for zoom := range uint8(world.MaxZoom + 1) {
			edges := edgesOf(shapes, zoom)
			alone := 0
			for e := range edges {
				if edges[edge{e.to, e.from}] == 0 {
					alone++
				}
			}
			outline := edgesOf([]mesh.Shape{mesh.Union(shapes)}, zoom)
			if alone != len(outline) {
				t.Fatalf("seed %d zoom %d: %d edges have no neighbour; the outline has %d", seed, zoom, alone, len(outline))
			}
			checkPlanar(t, edges, seed, zoom)
			if len(edges) < drawn {
				t.Fatalf("seed %d zoom %d: fewer edges than at the zoom before", seed, zoom)
			}
			drawn = len(edges)
		}
	}
}

func checkPlanar(t *testing.T, edges map[edge]int, seed uint64, zoom uint8) {
	t.Helper()
	var list []edge
	for e := range edges {
		list = append(list, e)
	}
	for i, e := range list {
		for _, f := range list[:i] {
			if crosses(e, f) {
				t.Fatalf("seed %d zoom %d: %v crosses %v", seed, zoom, e, f)
			}
		}
	}
}

func crosses(e, f edge) bool {
	side := func(a, b, p world.Point) int64 {
		return (int64(b.X)-int64(a.X))*(int64(p.Y)-int64(a.Y)) - (int64(b.Y)-int64(a.Y))*(int64(p.X)-int64(a.X))
	}
	differ := func(a, b int64) bool { return a < 0 && b > 0 || a > 0 && b < 0 }
	return differ(side(e.from, e.to, f.from), side(e.from, e.to, f.to)) && differ(side(f.from, f.to, e.from), side(f.from, f.to, e.to))
}

func TestFewVerticesRemainFarOut(t *testing.T) {
	shapes := mesh.Build(sheet(4, 60, 1), nil).Shapes()
	far, near := len(edgesOf(shapes, 0)), len(edgesOf(shapes, world.MaxZoom))
	if far > 60 || near != 480 {
		t.Errorf("%d edges at zoom 0 and %d at the largest", far, near)
	}
}

// No face falls together: not a lens between two junctions, not a ring by itself.
func TestEveryRingKeepsATriangle(t *testing.T) {
	lens := orb.MultiPolygon{{{{0, 0}, {1e-6, -1e-7}, {2e-6, 0}, {1e-6, 1e-7}, {0, 0}}}}
	left := orb.MultiPolygon{{{{0, 0}, {1e-6, 1e-7}, {2e-6, 0}, {1e-6, 1}, {0, 0}}}}
	right := orb.MultiPolygon{{{{0, 0}, {1e-6, -1}, {2e-6, 0}, {1e-6, -1e-7}, {0, 0}}}}
	alone := orb.MultiPolygon{{{{5, 5}, {5, 5.000001}, {5.000001, 5.000001}, {5.0000005, 5.0000004}, {5, 5}}}}
	var shapes []mesh.Shape
	for _, polygons := range []orb.MultiPolygon{lens, left, right, alone} {
		shapes = append(shapes, mesh.Project(polygons))
	}
	for i, shape := range mesh.Build(shapes, nil).Shapes() {
		if n := len(at(shape.Rings[0], 0)); n < 3 {
			t.Errorf("shape %d has %d vertices at zoom 0", i, n)
		}
	}
}

func TestProjectTurnsAndCleansRings(t *testing.T) {
	square := orb.Ring{{0, 0}, {1, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}
	back := slices.Clone(square)
	slices.Reverse(back)
	hole := orb.Ring{{0.2, 0.2}, {0.4, 0.2}, {0.4, 0.4}, {0.2, 0.2}}
	for _, exterior := range []orb.Ring{square, back} {
		shape := mesh.Project(orb.MultiPolygon{{exterior, hole, {{0.5, 0.5}, {0.5, 0.5}, {0.6, 0.6}, {0.5, 0.5}}}})
		if len(shape.Rings) != 2 || len(shape.Rings[0]) != 4 {
			t.Fatalf("rings are %v", shape.Rings)
		}
		if area(shape.Rings[0]) <= 0 || area(shape.Rings[1]) >= 0 {
			t.Errorf("areas are %v and %v", area(shape.Rings[0]), area(shape.Rings[1]))
		}
	}
	if empty := mesh.Project(nil); len(empty.Rings) != 0 || !empty.Bounds.Empty() {
		t.Errorf("nothing gave %v", empty)
	}
}

func area(ring mesh.Ring) (sum float64) {
	before := ring[len(ring)-1]
	for _, v := range ring {
		sum += float64(before.X)*float64(v.Y) - float64(v.X)*float64(before.Y)
		before = v
	}
	return sum
}

func TestUnionDropsInnerBordersOnly(t *testing.T) {
	cell := func(x, y float64) mesh.Shape {
		return mesh.Project(orb.MultiPolygon{{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}})
	}
	tests := []struct {
		name  string
		cells [][2]float64
		rings int
		holes int
	}{
		{"none", nil, 0, 0},
		{"one", [][2]float64{{0, 0}}, 1, 0},
		{"side by side", [][2]float64{{0, 0}, {1, 0}}, 1, 0},
		{"corner to corner", [][2]float64{{0, 0}, {1, 1}}, 2, 0},
		{"around a hole", [][2]float64{{0, 0}, {1, 0}, {2, 0}, {0, 1}, {2, 1}, {0, 2}, {1, 2}, {2, 2}}, 2, 1},
		{"apart", [][2]float64{{0, 0}, {5, 5}}, 2, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var shapes []mesh.Shape
			for _, c := range test.cells {
				shapes = append(shapes, cell(c[0], c[1]))
			}
			union := mesh.Union(shapes)
			holes := 0
			for _, ring := range union.Rings {
				if area(ring) < 0 {
					holes++
				}
			}
			if len(union.Rings) != test.rings || holes != test.holes {
				t.Errorf("%d rings, %d of them holes: %v", len(union.Rings), holes, union.Rings)
			}
		})
	}
}

func TestLinesJoinArcsOfOneRank(t *testing.T) {
	shapes := sheet(4, 30, 3)
	m := mesh.Build(shapes, []uint8{1, 1, 1, 1})
	var vertices int
	lines := m.Lines(1)
	for _, line := range lines {
		vertices += len(line) - 1
	}
	want := len(edgesOf(shapes, 0)) // at this stage each border edge twice, the outline once
	outline := len(edgesOf([]mesh.Shape{mesh.Union(shapes)}, 255))
	if vertices != (want-outline)/2+outline {
		t.Errorf("lines have %d edges, want %d", vertices, (want-outline)/2+outline)
	}
	if len(m.Lines(0)) != 0 {
		t.Error("there are lines of a rank that no shape has")
	}
}

func TestLabelIsWellInside(t *testing.T) {
	ring := orb.Ring{{0, 0}, {10, 0}, {10, 1}, {3, 1}, {3, 10}, {0, 10}, {0, 0}} // an L: its middle is outside
	shape := mesh.Project(orb.MultiPolygon{{ring}})
	label := mesh.Label(shape)
	got := world.Unproject(float64(label.X), float64(label.Y))
	if got[0] < 1 || got[0] > 2 || got[1] < 1 || got[1] > 9 {
		t.Errorf("label is at %v", got)
	}
}

func TestLineKeepsItsEnds(t *testing.T) {
	var line orb.LineString
	for i := range 200 {
		line = append(line, orb.Point{119 + float64(i)*1e-3, 49 + 1e-4*math.Sin(float64(i))})
	}
	vertices := mesh.Line(line)
	if first, last := vertices[0], vertices[len(vertices)-1]; first.Zoom != 0 || last.Zoom != 0 || len(vertices) != 200 {
		t.Errorf("ends are %v and %v of %d", first, last, len(vertices))
	}
	if n := len(at(vertices, 6)); n > 20 {
		t.Errorf("%d vertices at zoom 6", n)
	}
	if mesh.Line(orb.LineString{{1, 1}, {1, 1}}) != nil {
		t.Error("a line of one point is drawn")
	}
}
