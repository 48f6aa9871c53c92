// Package plane is a planar subdivision on an integer lattice: faces that fill the plane without
// overlap or gap, held as half-edges. Neighbouring faces share the very same vertices by construction,
// because an edge and the vertices on it exist once.
//
// A map is built from segments (Build) and refined by cuts (Map.Cut), each of which is checked with
// exact predicates and refused when rounding to the lattice would make it cross something. Union gives
// the outlines of sets of faces. It knows nothing of degrees or metres.
package plane

import (
	"cmp"
	"fmt"
	"slices"
)

// Edge names a half-edge: a side of an edge, directed so that its face is on the left.
type Edge int32

// Twin is the other side of the edge.
func (e Edge) Twin() Edge { return e ^ 1 }

// Face names a face: the region to the left of one cycle of half-edges. Cycles that run clockwise
// bound the outside of the map, or a hole in it.
type Face int32

// Map is a planar subdivision. The half-edges of segment i of Build are Edge(2i) and its twin.
type Map struct {
	points []Point
	halves []half
	faces  []Edge // one half-edge of each
}

type half struct {
	origin     int32
	face       Face
	next, prev Edge
}

// Segment is an edge to be.
type Segment struct{ A, B Point }

// Build makes the map of the given segments, which may meet at their end points only.
func Build(segments []Segment) (*Map, error) {
	if err := check(segments); err != nil {
		return nil, err
	}
	m := &Map{halves: make([]half, 0, 2*len(segments))}
	index := map[Point]int32{}
	vertex := func(p Point) int32 {
		i, known := index[p]
		if !known {
			i = int32(len(m.points))
			index[p] = i
			m.points = append(m.points, p)
		}
		return i
	}
	for _, s := range segments {
		m.halves = append(m.halves, half{origin: vertex(s.A)}, half{origin: vertex(s.B)})
	}
	m.link()
	m.name()
	return m, nil
}

// link sets next and prev: at each vertex, the edge after an arriving one is the first clockwise.
func (m *Map) link() {
	around := make([][]Edge, len(m.points))
	for e := range m.halves {
		v := m.halves[e].origin
		around[v] = append(around[v], Edge(e))
	}
	for v, edges := range around {
		slices.SortFunc(edges, func(a, b Edge) int { return compareAngles(m.points[v], m.To(a), m.To(b)) })
		for i, e := range edges {
			next := edges[(i+len(edges)-1)%len(edges)]
			m.halves[e.Twin()].next = next
			m.halves[next].prev = e.Twin()
		}
	}
}

// compareAngles orders the directions from o to a and to b counter-clockwise, beginning at east.
func compareAngles(o, a, b Point) int {
	upper := func(p Point) bool { return p.Y > o.Y || p.Y == o.Y && p.X > o.X }
	switch ua, ub := upper(a), upper(b); {
	case ua && !ub:
		return -1
	case ub && !ua:
		return 1
	}
	return cmp.Compare(0, Orient(o, a, b))
}

// name gives each cycle a face.
func (m *Map) name() {
	for e := range m.halves {
		m.halves[e].face = -1
	}
	for e := range m.halves {
		if m.halves[e].face < 0 {
			m.nameCycle(Edge(e))
		}
	}
}

func (m *Map) nameCycle(first Edge) Face {
	f := Face(len(m.faces))
	m.faces = append(m.faces, first)
	for e := first; ; {
		m.halves[e].face = f
		if e = m.halves[e].next; e == first {
			return f
		}
	}
}

// Faces is the number of faces, those outside the map included.
func (m *Map) Faces() int { return len(m.faces) }

// Edges is the number of half-edges.
func (m *Map) Edges() int { return len(m.halves) }

// From is the point where the half-edge begins.
func (m *Map) From(e Edge) Point { return m.points[m.halves[e].origin] }

// To is the point where the half-edge ends.
func (m *Map) To(e Edge) Point { return m.From(e.Twin()) }

// Next is the half-edge after e around its face.
func (m *Map) Next(e Edge) Edge { return m.halves[e].next }

// Prev is the half-edge before e around its face.
func (m *Map) Prev(e Edge) Edge { return m.halves[e].prev }

// Left is the face of the half-edge.
func (m *Map) Left(e Edge) Face { return m.halves[e].face }

// Around lists the half-edges of a face in order, counter-clockwise unless the face is outside.
func (m *Map) Around(f Face) []Edge {
	var edges []Edge
	for e := m.faces[f]; ; {
		edges = append(edges, e)
		if e = m.halves[e].next; e == m.faces[f] {
			return edges
		}
	}
}

// Ring lists the points of a face in the order of Around.
func (m *Map) Ring(f Face) []Point {
	var ring []Point
	for e := m.faces[f]; ; {
		ring = append(ring, m.From(e))
		if e = m.halves[e].next; e == m.faces[f] {
			return ring
		}
	}
}

// At finds the half-edge of a face that begins at p.
func (m *Map) At(f Face, p Point) (Edge, bool) {
	for e := m.faces[f]; ; {
		if m.From(e) == p {
			return e, true
		}
		if e = m.halves[e].next; e == m.faces[f] {
			return e, false
		}
	}
}

// Check proves that no two edges of the map cross, touch or overlap but at common end points.
func (m *Map) Check() error {
	segments := make([]Segment, 0, len(m.halves)/2)
	for e := Edge(0); int(e) < len(m.halves); e += 2 {
		segments = append(segments, Segment{m.From(e), m.To(e)})
	}
	return check(segments)
}

// check sweeps the segments from west to east and compares those whose extents overlap.
func check(segments []Segment) error {
	order := make([]int32, len(segments))
	for i := range order {
		order[i] = int32(i)
	}
	west := func(i int32) int64 { return min(segments[i].A.X, segments[i].B.X) }
	slices.SortStableFunc(order, func(i, j int32) int { return cmp.Compare(west(i), west(j)) })
	bands := newBands(segments)
	for _, i := range order {
		s := segments[i]
		if s.A == s.B {
			return fmt.Errorf("segment %d at %v has no length", i, s.A)
		}
		if j, bad := bands.conflict(i, west(i)); bad {
			return fmt.Errorf("segments %d %v and %d %v cross or overlap", j, segments[j], i, s)
		}
	}
	return nil
}

// bands hold the active segments of a sweep by bands of Y, so that each is compared with few others.
type bands struct {
	segments []Segment
	south    int64
	height   int64
	active   [][]int32
}

func newBands(segments []Segment) *bands {
	const wanted = 4096
	if len(segments) == 0 {
		return &bands{height: 1, active: make([][]int32, 1)}
	}
	south, north := segments[0].A.Y, segments[0].A.Y
	for _, s := range segments {
		south, north = min(south, s.A.Y, s.B.Y), max(north, s.A.Y, s.B.Y)
	}
	height := (north-south)/wanted + 1
	return &bands{segments: segments, south: south, height: height, active: make([][]int32, wanted+1)}
}

// conflict adds segment i, whose western end is at west, and finds an active one that it meets badly.
func (b *bands) conflict(i int32, west int64) (int32, bool) {
	s := b.segments[i]
	first, last := (min(s.A.Y, s.B.Y)-b.south)/b.height, (max(s.A.Y, s.B.Y)-b.south)/b.height
	for k := first; k <= last; k++ {
		kept := b.active[k][:0]
		for _, j := range b.active[k] {
			o := b.segments[j]
			if max(o.A.X, o.B.X) < west {
				continue
			}
			kept = append(kept, j)
			if meetBadly(s.A, s.B, o.A, o.B) {
				return j, true
			}
		}
		b.active[k] = append(kept, i)
	}
	return 0, false
}
