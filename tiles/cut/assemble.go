package cut

import (
	"cmp"
	"slices"
)

// assembler makes valid rings of closed lines on the grid.
type assembler struct {
	points []Point // of all closed lines, one after the other
	ends   []int   // where each ends in points
	begun  int
	keys   []uint64
	edges  []edge
	stack  []Point
	used   []bool
}

// edge has the polygon on its right with y to the south, that is, it goes round an exterior clockwise as
// seen on a screen.
type edge struct{ from, to Point }

func (a *assembler) reset() { a.points, a.ends = a.points[:0], a.ends[:0] }

func (a *assembler) begin(p Point) {
	a.begun = len(a.points)
	a.points = append(a.points, p)
}

func (a *assembler) add(p Point) {
	if a.points[len(a.points)-1] != p {
		a.points = append(a.points, p)
	}
}

func (a *assembler) end() {
	for len(a.points)-a.begun > 1 && a.points[len(a.points)-1] == a.points[a.begun] {
		a.points = a.points[:len(a.points)-1]
	}
	if len(a.points)-a.begun < 3 {
		a.points = a.points[:a.begun]
		return
	}
	a.ends = append(a.ends, len(a.points))
}

// polygons gives exteriors with their holes. One line that meets no point twice is a ring as it is.
func (a *assembler) polygons() [][][]Point {
	switch {
	case len(a.ends) == 0:
		return nil
	case len(a.ends) == 1 && a.allDifferent():
		return [][][]Point{{a.points}}
	}
	a.cancel()
	return group(a.trace())
}

func (a *assembler) allDifferent() bool {
	if len(a.points) <= 12 {
		for i, p := range a.points {
			if slices.Contains(a.points[:i], p) {
				return false
			}
		}
		return true
	}
	a.keys = a.keys[:0]
	for _, p := range a.points {
		a.keys = append(a.keys, uint64(uint32(p.X))<<32|uint64(uint32(p.Y)))
	}
	slices.Sort(a.keys)
	for i := 1; i < len(a.keys); i++ {
		if a.keys[i] == a.keys[i-1] {
			return false
		}
	}
	return true
}

// cancel takes out edges that are gone along in both directions.
func (a *assembler) cancel() {
	a.edges = a.edges[:0]
	first := 0
	for _, end := range a.ends {
		before := a.points[end-1]
		for _, p := range a.points[first:end] {
			a.edges = append(a.edges, edge{before, p})
			before = p
		}
		first = end
	}
	slices.SortFunc(a.edges, func(x, y edge) int {
		xLow, xHigh := x.ordered()
		yLow, yHigh := y.ordered()
		return cmp.Or(comparePoints(xLow, yLow), comparePoints(xHigh, yHigh))
	})
	kept := a.edges[:0]
	for i := 0; i < len(a.edges); {
		least, most := a.edges[i].ordered()
		net, j := 0, i
		for ; j < len(a.edges); j++ {
			if l, m := a.edges[j].ordered(); l != least || m != most {
				break
			}
			if a.edges[j].from == least {
				net++
			} else {
				net--
			}
		}
		switch { // more than one can only be where the input crosses itself
		case net > 0:
			kept = append(kept, edge{least, most})
		case net < 0:
			kept = append(kept, edge{most, least})
		}
		i = j
	}
	a.edges = kept
}

func (e edge) ordered() (least, most Point) {
	if comparePoints(e.from, e.to) <= 0 {
		return e.from, e.to
	}
	return e.to, e.from
}

func comparePoints(a, b Point) int {
	return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X))
}

// trace follows the edges round each connected inside and cuts the walk where it meets itself, which
// gives rings that meet no point twice and do not cross.
func (a *assembler) trace() [][]Point {
	slices.SortFunc(a.edges, func(x, y edge) int {
		return cmp.Or(comparePoints(x.from, y.from), comparePoints(x.to, y.to))
	})
	a.used = append(a.used[:0], make([]bool, len(a.edges))...)
	var rings [][]Point
	for i := range a.edges {
		last := i
		for next := i; next >= 0 && !a.used[next]; next = a.follow(next) {
			a.used[next] = true
			rings = a.visit(rings, next)
			last = next
		}
		if len(a.stack) >= 3 && a.edges[last].to == a.stack[0] {
			rings = append(rings, slices.Clone(a.stack))
		}
		a.stack = a.stack[:0]
	}
	return rings
}

// visit goes on to the start of an edge and cuts off the loop if the walk has been there, which can only
// be where several edges start.
func (a *assembler) visit(rings [][]Point, number int) [][]Point {
	p := a.edges[number].from
	several := number > 0 && a.edges[number-1].from == p ||
		number+1 < len(a.edges) && a.edges[number+1].from == p
	if several {
		if at := slices.Index(a.stack, p); at >= 0 {
			if loop := a.stack[at:]; len(loop) >= 3 {
				rings = append(rings, slices.Clone(loop))
			}
			a.stack = a.stack[:at]
		}
	}
	a.stack = append(a.stack, p)
	return rings
}

// follow finds the edge that goes on from the end of another along the same inside: the first one counter-
// clockwise on the screen from the way back. -1 if none starts there.
func (a *assembler) follow(from int) int {
	e := a.edges[from]
	first, _ := slices.BinarySearchFunc(a.edges, e.to, func(x edge, p Point) int { return comparePoints(x.from, p) })
	best := -1
	for i := first; i < len(a.edges) && a.edges[i].from == e.to; i++ {
		if best < 0 || turnsSooner(e.to, e.from, a.edges[i].to, a.edges[best].to) {
			best = i
		}
	}
	return best
}

// turnsSooner tells whether, turning counterclockwise on the screen around at from the direction of back, one meets p
// before q.
func turnsSooner(at, back, p, q Point) bool {
	halfP, halfQ := turnHalf(at, back, p), turnHalf(at, back, q)
	if halfP != halfQ {
		return halfP < halfQ
	}
	return crossOf(at, p, q) < 0
}

// turnHalf is 0 for the half turn that begins at the direction of back, 1 for the other.
func turnHalf(at, back, p Point) int {
	side := crossOf(at, back, p)
	if side < 0 || side == 0 && dotOf(at, back, p) > 0 {
		return 0
	}
	return 1
}

func crossOf(at, p, q Point) int64 {
	return int64(p.X-at.X)*int64(q.Y-at.Y) - int64(p.Y-at.Y)*int64(q.X-at.X)
}

func dotOf(at, p, q Point) int64 {
	return int64(p.X-at.X)*int64(q.X-at.X) + int64(p.Y-at.Y)*int64(q.Y-at.Y)
}

// group puts each hole to the least exterior around it.
func group(rings [][]Point) [][][]Point {
	var polygons [][][]Point
	var holes [][]Point
	for _, ring := range rings {
		if Area2(ring) > 0 {
			polygons = append(polygons, [][]Point{ring})
		} else {
			holes = append(holes, ring)
		}
	}
	for _, hole := range holes {
		best := -1
		for i, polygon := range polygons {
			if Surrounds(polygon[0], hole) && (best < 0 || Area2(polygon[0]) < Area2(polygons[best][0])) {
				best = i
			}
		}
		if best >= 0 {
			polygons[best] = append(polygons[best], hole)
		}
	}
	return polygons
}

// Area2 is twice the area of a ring, positive if it is an exterior as MVT has it.
func Area2(ring []Point) int64 {
	var sum int64
	before := ring[len(ring)-1]
	for _, p := range ring {
		sum += int64(before.X)*int64(p.Y) - int64(p.X)*int64(before.Y)
		before = p
	}
	return sum
}

// Surrounds tells whether ring goes round other, which it may touch at points. The middle of an edge of
// other is on no edge of ring; all coordinates are doubled to name it.
func Surrounds(ring, other []Point) bool {
	x, y := other[0].X+other[1].X, other[0].Y+other[1].Y
	in := false
	before := ring[len(ring)-1]
	for _, p := range ring {
		a, b := Point{2 * before.X, 2 * before.Y}, Point{2 * p.X, 2 * p.Y}
		if (a.Y > y) != (b.Y > y) {
			side := crossOf(a, b, Point{x, y})
			if (b.Y > a.Y) == (side > 0) {
				in = !in
			}
		}
		before = p
	}
	return in
}
