package demo

import (
	"cmp"
	"slices"

	"github.com/yizhan/yizhan/geo/plane"
)

// outline answers questions about the border of a banner quickly, by rows of latitude.
type outline struct {
	low, high plane.Point
	edges     []plane.Segment
	rows      [][]int32 // edges that reach into each row
}

const outlineRows = 1024

func newOutline(rings [][]plane.Point) *outline {
	o := &outline{low: rings[0][0], high: rings[0][0], rows: make([][]int32, outlineRows+1)}
	for _, ring := range rings {
		for i, p := range ring {
			o.low = plane.Point{X: min(o.low.X, p.X), Y: min(o.low.Y, p.Y)}
			o.high = plane.Point{X: max(o.high.X, p.X), Y: max(o.high.Y, p.Y)}
			o.edges = append(o.edges, plane.Segment{A: p, B: ring[(i+1)%len(ring)]})
		}
	}
	for i, e := range o.edges {
		for r := o.row(min(e.A.Y, e.B.Y)); r <= o.row(max(e.A.Y, e.B.Y)); r++ {
			o.rows[r] = append(o.rows[r], int32(i))
		}
	}
	return o
}

func (o *outline) row(y int64) int {
	y = min(o.high.Y, max(o.low.Y, y))
	return int((y - o.low.Y) * outlineRows / (o.high.Y - o.low.Y))
}

// holds tells whether p is inside.
func (o *outline) holds(p plane.Point) bool {
	if p.X < o.low.X || p.X > o.high.X || p.Y < o.low.Y || p.Y > o.high.Y {
		return false
	}
	inside := false
	for _, i := range o.rows[o.row(p.Y)] {
		a, b := o.edges[i].A, o.edges[i].B
		if (a.Y > p.Y) != (b.Y > p.Y) && (plane.Orient(a, b, p) > 0) == (b.Y > a.Y) {
			inside = !inside
		}
	}
	return inside
}

// holdsAround tells whether p and the points at a distance around it are inside.
func (o *outline) holdsAround(f frame, p vec, metres float64) bool {
	for k := range 8 {
		if !o.holds(f.lattice(p.plus(direction(float64(k) / 8).times(metres)))) {
			return false
		}
	}
	return o.holds(f.lattice(p))
}

// crossed lists the border edges that the segment touches, in order of index.
func (o *outline) crossed(s plane.Segment) []int32 {
	var found []int32
	for r := o.row(min(s.A.Y, s.B.Y)); r <= o.row(max(s.A.Y, s.B.Y)); r++ {
		for _, i := range o.rows[r] {
			if plane.Touch(s.A, s.B, o.edges[i].A, o.edges[i].B) {
				found = append(found, i)
			}
		}
	}
	slices.SortFunc(found, cmp.Compare[int32])
	return slices.Compact(found)
}
