package partition

import (
	"iter"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/plane"
)

// Edge is an edge of a border, whichever way it is walked.
type Edge = plane.Segment

// edgesOf walks the edges of a shape in the direction of its rings.
func edgesOf(shape orb.MultiPolygon) iter.Seq[plane.Segment] {
	return func(yield func(plane.Segment) bool) {
		for _, polygon := range shape {
			for _, ring := range polygon {
				for i := 1; i < len(ring); i++ {
					if !yield(plane.Segment{A: latticeOf(ring[i-1]), B: latticeOf(ring[i])}) {
						return
					}
				}
			}
		}
	}
}

func undirected(s plane.Segment) Edge {
	if s.A.Compare(s.B) > 0 {
		s.A, s.B = s.B, s.A
	}
	return s
}

// SameEdges tells whether two shapes have the very same edges, whatever their rings begin with.
func SameEdges(a, b orb.MultiPolygon) bool {
	count := map[plane.Segment]int{}
	for s := range edgesOf(a) {
		count[s]++
	}
	for s := range edgesOf(b) {
		if count[s]--; count[s] < 0 {
			return false
		}
		if count[s] == 0 {
			delete(count, s)
		}
	}
	return len(count) == 0
}

// Borders are the edges of some parts, with the codes of the one or two parts that have each.
func Borders(parts []Part) map[Edge][]string {
	borders := map[Edge][]string{}
	for _, part := range parts {
		for s := range edgesOf(part.Shape) {
			key := undirected(s)
			if !slices.Contains(borders[key], part.Code) {
				borders[key] = append(borders[key], part.Code)
			}
		}
	}
	return borders
}

// Lines joins edges to lines that are as long as they can be. A line ends where edges fork.
func Lines(edges []Edge) orb.MultiLineString {
	edges = slices.Clone(edges)
	slices.SortFunc(edges, compareEdges)
	at := map[plane.Point][]int{}
	for i, e := range edges {
		at[e.A], at[e.B] = append(at[e.A], i), append(at[e.B], i)
	}
	used := make([]bool, len(edges))
	// walk follows edges from p until a fork or an end.
	walk := func(p plane.Point, i int) []plane.Point {
		path := []plane.Point{p}
		for {
			used[i] = true
			if p = other(edges[i], p); p == path[0] {
				return append(path, p)
			}
			path = append(path, p)
			next := slices.IndexFunc(at[p], func(j int) bool { return !used[j] })
			if len(at[p]) != 2 || next < 0 {
				return path
			}
			i = at[p][next]
		}
	}
	lines := orb.MultiLineString{}
	for _, loops := range []bool{false, true} { // first those that begin somewhere
		for i, e := range edges {
			for _, p := range []plane.Point{e.A, e.B} {
				if !used[i] && (loops || len(at[p]) != 2) {
					lines = append(lines, lineOf(walk(p, i)...))
				}
			}
		}
	}
	return lines
}

func other(e Edge, p plane.Point) plane.Point {
	if e.A == p {
		return e.B
	}
	return e.A
}

func compareEdges(a, b Edge) int {
	if c := a.A.Compare(b.A); c != 0 {
		return c
	}
	return a.B.Compare(b.B)
}
