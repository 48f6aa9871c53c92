package cut_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/cut"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// shapeOf makes a shape from grid coordinates of a tile, which may be fractions.
func shapeOf(at world.Tile, rings ...[][2]float64) mesh.Shape {
	originX, originY := at.Origin()
	var out []mesh.Ring
	for _, points := range rings {
		var ring mesh.Ring
		for _, p := range points {
			ring = append(ring, mesh.Vertex{Point: world.Point{
				X: uint32(originX + int64(math.Round(p[0]*float64(at.Step())))), Y: uint32(originY + int64(math.Round(p[1]*float64(at.Step()))))}})
		}
		out = append(out, ring)
	}
	return mesh.Outline(out)
}

var someTile = world.Tile{Z: 12, X: 3405, Y: 1410}

func cutOne(shape mesh.Shape, at world.Tile) [][][]cut.Point {
	var c cut.Cutter
	c.Reset(at)
	return c.Polygons(c.Add(shape))
}

func TestPolygons(t *testing.T) {
	box := []cut.Point{{X: -64, Y: -64}, {X: 4160, Y: -64}, {X: 4160, Y: 4160}, {X: -64, Y: 4160}}
	big := [][2]float64{{-5000, -5000}, {9000, -5000}, {9000, 9000}, {-5000, 9000}}
	tests := []struct {
		name  string
		rings [][][2]float64
		want  [][][]cut.Point
	}{
		{"inside", [][][2]float64{{{10, 10}, {20, 10}, {20, 20}}}, [][][]cut.Point{{{{10, 10}, {20, 10}, {20, 20}}}}},
		{"elsewhere", [][][2]float64{{{5000, 10}, {5100, 10}, {5100, 20}}}, nil},
		{"round a corner of the box without touching it", [][][2]float64{{{-200, 50}, {-200, -200}, {50, -200}, {-190, -190}}}, nil},
		{"everywhere", [][][2]float64{big}, [][][]cut.Point{{box}}},
		{"smaller than a step", [][][2]float64{{{10.1, 10.1}, {10.3, 10.1}, {10.3, 10.3}}}, nil},
		{"thinner than a step", [][][2]float64{{{10, 10.1}, {30, 10.1}, {30, 10.3}, {10, 10.3}}}, nil},
		{"tile in its hole", [][][2]float64{big, {{-4000, -4000}, {-4000, 8000}, {8000, 8000}, {8000, -4000}}}, nil},
		{"over the west side", [][][2]float64{{{-100, 100}, {50, 100}, {50, 200}, {-100, 200}}},
			[][][]cut.Point{{{{-64, 100}, {50, 100}, {50, 200}, {-64, 200}}}}},
		{"two prongs into the box", [][][2]float64{{{-100, 100}, {50, 100}, {50, 200}, {-90, 200}, {-90, 300}, {50, 300}, {50, 400}, {-100, 400}}},
			[][][]cut.Point{{{{-64, 100}, {50, 100}, {50, 200}, {-64, 200}}}, {{{-64, 300}, {50, 300}, {50, 400}, {-64, 400}}}}},
		{"narrow neck", [][][2]float64{{{0, 0}, {100, 0}, {100, 50}, {200, 50}, {200, 0}, {300, 0}, {300, 100}, {200, 100}, {200, 50.2}, {100, 50.2}, {100, 100}, {0, 100}}},
			[][][]cut.Point{
				{{{0, 0}, {100, 0}, {100, 50}, {100, 100}, {0, 100}}},
				{{{200, 0}, {300, 0}, {300, 100}, {200, 100}, {200, 50}}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkPolygons(t, cutOne(shapeOf(someTile, test.rings...), someTile), test.want)
		})
	}
}

// checkPolygons compares rings from their least point on, polygons in the order of those.
func checkPolygons(t *testing.T, got, want [][][]cut.Point) {
	t.Helper()
	if got, want := canonical(got), canonical(want); !slices.EqualFunc(got, want, func(a, b [][]cut.Point) bool {
		return slices.EqualFunc(a, b, func(r, s []cut.Point) bool { return slices.Equal(r, s) })
	}) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func canonical(polygons [][][]cut.Point) [][][]cut.Point {
	var out [][][]cut.Point
	for _, polygon := range polygons {
		var rings [][]cut.Point
		for _, ring := range polygon {
			least := 0
			for i, p := range ring {
				if q := ring[least]; p.Y < q.Y || p.Y == q.Y && p.X < q.X {
					least = i
				}
			}
			rings = append(rings, append(slices.Clone(ring[least:]), ring[:least]...))
		}
		out = append(out, rings)
	}
	slices.SortFunc(out, func(a, b [][]cut.Point) int {
		return int(a[0][0].Y-b[0][0].Y)*10_000 + int(a[0][0].X-b[0][0].X)
	})
	return out
}

func TestLineLeavesAndComesBack(t *testing.T) {
	line := shapeOf(someTile, [][2]float64{{10, 10}, {-200, 10}, {-200, 50}, {10, 50}, {10.2, 50.2}, {30, 50}}).Rings[0]
	var c cut.Cutter
	c.Reset(someTile)
	got := c.Line(line, nil)
	want := [][]cut.Point{{{10, 10}, {-64, 10}}, {{-64, 50}, {10, 50}, {30, 50}}}
	if !slices.EqualFunc(got, want, func(a, b []cut.Point) bool { return slices.Equal(a, b) }) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// star is a simple ring around a place, as spiky as can be.
func star(random *rand.Rand, x, y, radius float64, corners int) [][2]float64 {
	var ring [][2]float64
	for i := range corners {
		angle := 2 * math.Pi * (float64(i) + 0.8*random.Float64()) / float64(corners)
		r := radius * (0.05 + 0.95*random.Float64())
		ring = append(ring, [2]float64{x + r*math.Cos(angle), y + r*math.Sin(angle)})
	}
	return ring
}

// checkValid cuts shapes at a tile and judges what comes out: valid for MVT, and at points far enough from
// every edge inside or outside as before.
func checkValid(t *testing.T, shapes []mesh.Shape, at world.Tile, random *rand.Rand) {
	t.Helper()
	var c cut.Cutter
	c.Reset(at)
	for _, shape := range shapes {
		c.Add(shape)
	}
	layer := mvt.NewLayer("x", world.Extent)
	results := make([][][]cut.Point, len(shapes))
	for i := range shapes {
		polygons := c.Polygons(i)
		if len(polygons) > 0 {
			layer.AddPolygons(uint64(i), nil, polygons)
		}
		for _, polygon := range polygons {
			for _, ring := range polygon {
				results[i] = append(results[i], slices.Clone(ring))
			}
		}
	}
	for _, problem := range mvt.Validate(layer.Append(nil)) {
		t.Errorf("%v: %v", at, problem)
	}
	originX, originY := at.Origin()
	for range 200 {
		x, y := random.Float64()*4200-50, random.Float64()*4200-50
		for i, shape := range shapes {
			in, distance := locate(shape, float64(originX)+x*float64(at.Step()), float64(originY)+y*float64(at.Step()))
			if distance > 2*float64(at.Step()) && in != holds(results[i], x, y) {
				t.Errorf("%v: shape %d: %.1f,%.1f is inside: %v before, not after", at, i, x, y, in)
			}
		}
	}
}

func locate(shape mesh.Shape, x, y float64) (in bool, distance float64) {
	distance = math.Inf(1)
	for _, ring := range shape.Rings {
		before := ring[len(ring)-1]
		for _, v := range ring {
			aX, aY, bX, bY := float64(before.X), float64(before.Y), float64(v.X), float64(v.Y)
			if (aY > y) != (bY > y) && x < (bX-aX)*(y-aY)/(bY-aY)+aX {
				in = !in
			}
			share := max(0, min(1, ((x-aX)*(bX-aX)+(y-aY)*(bY-aY))/max(1e-9, (bX-aX)*(bX-aX)+(bY-aY)*(bY-aY))))
			distance = min(distance, math.Hypot(x-aX-share*(bX-aX), y-aY-share*(bY-aY)))
			before = v
		}
	}
	return in, distance
}

func holds(rings [][]cut.Point, x, y float64) bool {
	in := false
	for _, ring := range rings {
		before := ring[len(ring)-1]
		for _, p := range ring {
			aX, aY, bX, bY := float64(before.X), float64(before.Y), float64(p.X), float64(p.Y)
			if (aY > y) != (bY > y) && x < (bX-aX)*(y-aY)/(bY-aY)+aX {
				in = !in
			}
			before = p
		}
	}
	return in
}

func TestRandomShapesAreCutRight(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 5))
		radius := math.Exp(random.Float64() * 9)
		x, y := random.Float64()*4096, random.Float64()*4096
		shapes := []mesh.Shape{shapeOf(someTile, star(random, x, y, radius, 3+random.IntN(60)))}
		// a hole, and an island in it, and a neighbour that it does not share vertices with
		around := star(random, x, y, 1, 40)
		scale := func(by float64) (ring [][2]float64) {
			for _, p := range around {
				ring = append(ring, [2]float64{x + (p[0]-x)*by, y + (p[1]-y)*by})
			}
			return ring
		}
		hole := scale(radius * 0.9)
		slices.Reverse(hole)
		shapes = append(shapes, shapeOf(someTile, scale(radius), hole, scale(radius*0.8)))
		checkValid(t, shapes, someTile, random)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestEveryZoomAndEdgeOfTheWorld(t *testing.T) {
	ring := orb.Ring{{-179, -84}, {0, -80}, {179, -84}, {170, 84}, {0, 60}, {-170, 84}, {-179, -84}}
	shape := mesh.Project(orb.MultiPolygon{{ring}})
	random := rand.New(rand.NewPCG(1, 1))
	for zoom := range uint32(world.MaxZoom + 1) {
		last := uint32(1)<<zoom - 1
		for _, at := range []world.Tile{{Z: zoom}, {Z: zoom, X: last, Y: last}, {Z: zoom, X: last / 2, Y: last / 3}} {
			if zoom > 0 { // half the world is as wide as whole numbers reach
				checkValid(t, []mesh.Shape{shape}, at, random)
			}
		}
	}
}

// FuzzCut: any simple ring comes out valid.
func FuzzCut(f *testing.F) {
	f.Add(uint64(1), 8, 100.0)
	f.Add(uint64(2), 200, 3000.0)
	f.Add(uint64(3), 30, 1.5)
	f.Fuzz(func(t *testing.T, seed uint64, corners int, radius float64) {
		if corners < 3 || corners > 500 || !(radius > 0 && radius < 1e5) {
			t.Skip()
		}
		random := rand.New(rand.NewPCG(seed, 1))
		checkValid(t, []mesh.Shape{shapeOf(someTile, star(random, random.Float64()*4096, random.Float64()*4096, radius, corners))}, someTile, random)
	})
}
