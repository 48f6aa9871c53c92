package hex_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/hex"
)

// nearlyDegrees is 0.1 mm: a thousandth of the shortest edges, and a million times the rounding of H3.
const nearlyDegrees = 1e-9

func nearly(a, b orb.Point) bool {
	return math.Abs(a[1]-b[1]) <= nearlyDegrees && math.Abs(hex.LngNear(a[0], b[0])-b[0]) <= nearlyDegrees
}

// checkEdges asks that the lines, put end to end, are the boundary, and that each neighbour has the same
// line the other way round.
func checkEdges(t *testing.T, cell hex.Cell) {
	t.Helper()
	edges, boundary := cell.Edges(), cell.Boundary()
	boundary = boundary[1:]
	points := 0
	for _, e := range edges {
		points += len(e.Line) - 1
		from := -1
		for i, p := range boundary {
			if nearly(p, e.Line[0]) {
				from = i
			}
		}
		if from < 0 {
			t.Fatalf("%s: %v is not of the boundary %v", cell, e.Line[0], boundary)
		}
		for i, p := range e.Line {
			if !nearly(p, boundary[(from+i)%len(boundary)]) {
				t.Errorf("%s: edge %v does not follow the boundary %v", cell, e.Line, boundary)
			}
		}
		checkOtherSide(t, cell, e)
	}
	if points != len(boundary) || len(edges) != len(cell.Disk(1))-1 {
		t.Errorf("%s: %d edges of %d points; the boundary has %d", cell, len(edges), points, len(boundary))
	}
}

func checkOtherSide(t *testing.T, cell hex.Cell, e hex.Edge) {
	t.Helper()
	for _, back := range e.Neighbor.Edges() {
		if back.Neighbor != cell {
			continue
		}
		if len(back.Line) != len(e.Line) {
			t.Fatalf("%s and %s: %v and %v", cell, e.Neighbor, e.Line, back.Line)
		}
		for i, p := range back.Line {
			if !nearly(p, e.Line[len(e.Line)-1-i]) {
				t.Errorf("%s and %s: %v and %v", cell, e.Neighbor, e.Line, back.Line)
			}
		}
		return
	}
	t.Errorf("%s has the neighbour %s, but not the other way round", cell, e.Neighbor)
}

func TestEdgesAreTheBoundary(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for resolution := 1; resolution <= 13; resolution++ {
		cells := pentagonAndAround(t, resolution)
		for range 200 {
			cells = append(cells, mustOf(t, orb.Point{rng.Float64()*360 - 180, rng.Float64()*160 - 80}, resolution))
			cells = append(cells, mustOf(t, orb.Point{115 + rng.Float64()*12, 47 + rng.Float64()*7}, resolution))
		}
		for _, cell := range cells {
			checkEdges(t, cell)
		}
	}
}

func pentagonAndAround(t *testing.T, resolution int) []hex.Cell {
	return mustOf(t, pentagon(t, resolution), resolution).Disk(3)
}

func TestLngNear(t *testing.T) {
	for _, test := range []struct{ lng, other, want float64 }{
		{119, 120, 119}, {-179, 179, 181}, {179, -179, -181}, {0, 180, 0}, {-180, 180, 180},
	} {
		if got := hex.LngNear(test.lng, test.other); got != test.want {
			t.Errorf("LngNear(%g, %g) = %g, want %g", test.lng, test.other, got, test.want)
		}
	}
}
