package plane

import "slices"

// Polygon is a shell, counter-clockwise, and the holes in it, clockwise. Rings are simple, begin at
// their smallest point and do not repeat it at the end.
type Polygon [][]Point

// Union gives the outlines of sets of faces: label says which set a face is in, from 0 to sets-1, or a
// negative number for none. The edges of an outline are exactly the half-edges of the set's faces whose
// twins belong to another set. Polygons of a set are ordered by the first points of their shells.
func (m *Map) Union(label []int32, sets int) [][]Polygon {
	of := func(e Edge) int32 { return label[m.Left(e)] }
	rings := make([][][]Point, sets)
	seen := make([]bool, len(m.halves))
	for e := range m.halves {
		start := Edge(e)
		if seen[e] || of(start) < 0 || of(start) == of(start.Twin()) {
			continue
		}
		set := of(start)
		rings[set] = append(rings[set], unpinch(m.outline(start, label, seen))...)
	}
	unions := make([][]Polygon, sets)
	for set := range rings {
		unions[set] = nest(rings[set])
	}
	return unions
}

// outline walks the border of start's set with the set on the left. It turns as far left as it can at
// each vertex, so that parts that touch at a point only are walked apart.
func (m *Map) outline(start Edge, label []int32, seen []bool) []Point {
	var ring []Point
	for e := start; ; {
		seen[e] = true
		ring = append(ring, m.From(e))
		e = m.Next(e)
		for label[m.Left(e.Twin())] == label[m.Left(start)] {
			e = m.Next(e.Twin())
		}
		if e == start {
			return ring
		}
	}
}

// unpinch takes apart a ring that passes through a point twice, into rings that do not.
func unpinch(ring []Point) [][]Point {
	var rings [][]Point
	var path []Point
	at := map[Point]int{}
	for _, p := range ring {
		if i, again := at[p]; again {
			loop := slices.Clone(path[i:])
			for _, q := range loop {
				delete(at, q)
			}
			rings = append(rings, rotate(loop))
			path = path[:i]
		}
		at[p] = len(path)
		path = append(path, p)
	}
	return append(rings, rotate(path))
}

// rotate makes the ring begin at its smallest point.
func rotate(ring []Point) []Point {
	first := 0
	for i, p := range ring {
		if p.Compare(ring[first]) < 0 {
			first = i
		}
	}
	return append(slices.Clone(ring[first:]), ring[:first]...)
}

// nest puts each hole into the smallest shell around it.
func nest(rings [][]Point) []Polygon {
	var polygons []Polygon
	var holes [][]Point
	for _, ring := range rings {
		if Area2(ring) > 0 {
			polygons = append(polygons, Polygon{ring})
		} else {
			holes = append(holes, ring)
		}
	}
	byFirst := func(a, b []Point) int { return a[0].Compare(b[0]) }
	slices.SortFunc(polygons, func(a, b Polygon) int { return byFirst(a[0], b[0]) })
	slices.SortFunc(holes, byFirst)
	for _, hole := range holes {
		best := -1
		for i, polygon := range polygons {
			if surrounds(polygon[0], hole) && (best < 0 || Area2(polygon[0]) < Area2(polygons[best][0])) {
				best = i
			}
		}
		polygons[best] = append(polygons[best], hole) // there is one: a hole is a hole in something
	}
	return polygons
}

// surrounds tells whether the hole is inside the shell; the two may touch at points.
func surrounds(shell, hole []Point) bool {
	for _, p := range hole {
		if !slices.Contains(shell, p) {
			return Inside(shell, p)
		}
	}
	return false
}
