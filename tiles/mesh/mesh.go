package mesh

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/yizhan/yizhan/tiles/world"
)

// Mesh is a set of shapes with their shared arcs, simplified.
type Mesh struct {
	shapes []Shape
	ids    []int32 // vertex numbers of all rings, one ring after the other
	points []world.Point
	zooms  []uint8
	next   [][2]int32 // the first two different neighbours of each vertex
	fork   []bool     // vertices that end arcs
	arcOf  []int32    // the arc that an inner vertex belongs to; none for the ends of arcs
	arcs   []arc
}

const none = -1

// arc is a run of vertices from one end to the other, which are the same vertex in a loop.
type arc struct {
	vertices []int32
	rank     uint8
	keep     int // inner vertices that must stay, so that no face falls together
}

// Build makes the mesh of shapes. The rank of an arc is the least of the shapes that run along it; nil
// ranks are all 0.
func Build(shapes []Shape, ranks []uint8) *Mesh {
	m := &Mesh{shapes: shapes}
	m.number()
	m.findForks()
	m.collectArcs(ranks)
	m.simplify()
	return m
}

// Shape is the i-th shape with the zooms of its vertices.
func (m *Mesh) Shape(i int) Shape {
	at := 0
	for _, s := range m.shapes[:i] {
		at += countVertices(s)
	}
	return m.shapeAt(i, at)
}

// Shapes are all shapes with the zooms of their vertices.
func (m *Mesh) Shapes() []Shape {
	out := make([]Shape, len(m.shapes))
	at := 0
	for i, s := range m.shapes {
		out[i] = m.shapeAt(i, at)
		at += countVertices(s)
	}
	return out
}

func (m *Mesh) shapeAt(i, at int) Shape {
	in := m.shapes[i]
	out := Shape{Rings: make([]Ring, len(in.Rings)), Bounds: in.Bounds}
	for j, ring := range in.Rings {
		copied := make(Ring, len(ring))
		for k, v := range ring {
			copied[k] = Vertex{v.Point, m.zooms[m.ids[at]]}
			at++
		}
		out.Rings[j] = copied
	}
	return out.Chunked()
}

func countVertices(s Shape) int {
	n := 0
	for _, ring := range s.Rings {
		n += len(ring)
	}
	return n
}

// number gives equal points one number.
func (m *Mesh) number() {
	total := 0
	for _, s := range m.shapes {
		total += countVertices(s)
	}
	m.ids = make([]int32, 0, total)
	numbers := make(map[uint64]int32, total/2)
	for _, s := range m.shapes {
		for _, ring := range s.Rings {
			for _, v := range ring {
				key := v.Key()
				id, known := numbers[key]
				if !known {
					id = int32(len(m.points))
					numbers[key] = id
					m.points = append(m.points, v.Point)
				}
				m.ids = append(m.ids, id)
			}
		}
	}
	m.zooms = make([]uint8, len(m.points))
}

// eachRing calls do with the vertex numbers of every ring.
func (m *Mesh) eachRing(do func(shape int, ring []int32)) {
	at := 0
	for i, s := range m.shapes {
		for _, ring := range s.Rings {
			do(i, m.ids[at:at+len(ring)])
			at += len(ring)
		}
	}
}

// findForks marks the vertices with other than two neighbours, and in a ring without any its least
// vertex, which whoever shares the ring finds too.
func (m *Mesh) findForks() {
	m.next = make([][2]int32, len(m.points))
	for i := range m.next {
		m.next[i] = [2]int32{none, none}
	}
	m.fork = make([]bool, len(m.points))
	m.eachRing(func(_ int, ring []int32) {
		before := ring[len(ring)-1]
		for _, id := range ring {
			m.meet(id, before)
			m.meet(before, id)
			before = id
		}
	})
	m.eachRing(func(_ int, ring []int32) {
		least := ring[0]
		for _, id := range ring {
			if m.fork[id] {
				return
			}
			if m.points[id].Key() < m.points[least].Key() {
				least = id
			}
		}
		m.fork[least] = true
	})
}

func (m *Mesh) meet(id, neighbour int32) {
	next := &m.next[id]
	switch {
	case next[0] == neighbour || next[1] == neighbour:
	case next[0] == none:
		next[0] = neighbour
	case next[1] == none:
		next[1] = neighbour
	default:
		m.fork[id] = true
	}
}

// arcKey tells arcs apart: its ends and the inner vertex next to its first end, or none.
type arcKey struct{ from, to, second int32 }

// collectArcs cuts the rings at the forks, each arc once, in the direction that does not depend on
// which shape came first.
func (m *Mesh) collectArcs(ranks []uint8) {
	m.arcOf = make([]int32, len(m.points))
	for i := range m.arcOf {
		m.arcOf[i] = none
	}
	known := make(map[arcKey]int32, len(m.points)/2)
	m.eachRing(func(shape int, ring []int32) {
		var rank uint8
		if ranks != nil {
			rank = ranks[shape]
		}
		for _, vertices := range m.cutRing(ring) {
			m.addArc(vertices, rank, known)
		}
	})
	m.countParallels()
}

func (m *Mesh) cutRing(ring []int32) [][]int32 {
	start := 0
	for !m.fork[ring[start]] {
		start++
	}
	closed := make([]int32, 0, len(ring)+1)
	closed = append(append(append(closed, ring[start:]...), ring[:start]...), ring[start])
	var pieces [][]int32
	for from, i := 0, 1; i < len(closed); i++ {
		if m.fork[closed[i]] {
			pieces = append(pieces, closed[from:i+1])
			from = i
		}
	}
	return pieces
}

func (m *Mesh) addArc(vertices []int32, rank uint8, known map[arcKey]int32) {
	last := len(vertices) - 1
	if m.mustTurn(vertices) {
		vertices = slices.Clone(vertices) // the next arc of the ring has the last one too
		slices.Reverse(vertices)
	}
	key := arcKey{vertices[0], vertices[last], none}
	if last > 1 {
		key.second = vertices[1]
	}
	if number, ok := known[key]; ok {
		m.arcs[number].rank = min(m.arcs[number].rank, rank)
		return
	}
	number := int32(len(m.arcs))
	known[key] = number
	m.arcs = append(m.arcs, arc{vertices: vertices, rank: rank})
	for _, id := range vertices[1:last] {
		m.arcOf[id] = number
	}
}

func (m *Mesh) mustTurn(vertices []int32) bool {
	last := len(vertices) - 1
	first, end := vertices[0], vertices[last]
	if first == end {
		first, end = vertices[1], vertices[last-1]
	}
	return m.points[first].Key() > m.points[end].Key()
}

// countParallels finds arcs that could fall together with another: those between the same two ends keep
// an inner vertex, loops keep two.
func (m *Mesh) countParallels() {
	type ends struct{ from, to int32 }
	seen := make(map[ends]int32, len(m.arcs))
	for i := range m.arcs {
		a := &m.arcs[i]
		key := ends{a.vertices[0], a.vertices[len(a.vertices)-1]}
		if key.from == key.to {
			a.keep = 2
			continue
		}
		other, ok := seen[key]
		if !ok {
			seen[key] = int32(i)
			continue
		}
		a.keep = 1
		m.arcs[other].keep = 1
	}
}

// simplify works the arcs out, which do not depend on each other, on all processors.
func (m *Mesh) simplify() {
	var inner []int32
	for i := range m.arcs {
		if len(m.arcs[i].vertices) > 2 {
			inner = append(inner, int32(i))
		}
	}
	if len(inner) == 0 {
		return
	}
	index := newPointIndex(m.points)
	const batch = 64
	var claimed atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			s := simplifier{mesh: m, index: index}
			for {
				start := int(claimed.Add(batch)) - batch
				if start >= len(inner) {
					return
				}
				for _, number := range inner[start:min(start+batch, len(inner))] {
					s.run(number)
				}
			}
		})
	}
	workers.Wait()
}
