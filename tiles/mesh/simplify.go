package mesh

import (
	"github.com/yizhan/yizhan/tiles/world"
)

// toleranceArea is the area, in square grid steps, below which a corner is not worth drawing. A screen
// pixel is 8 grid steps, so this is a quarter of a pixel.
const toleranceArea = 16

// simplifier takes the corners of one arc away, the least area first (Visvalingam), and notes at which
// zoom each would first be missed.
//
// A corner b between a and c stays as long as a vertex of the mesh lies in the closed triangle abc:
// any original vertex of another arc, or one of this arc that is still there. So arcs never cross: the
// region that a chord cuts off from its arc has no vertex of another arc in it, and a straight edge cannot
// turn round in there; were two chords to cross, one would have to end in the other's region.
type simplifier struct {
	mesh   *Mesh
	index  *pointIndex
	number int32
	ids    []int32
	before []int32 // by position in the arc
	after  []int32
	gone   []bool
	stamp  []int32
	place  map[int32]int32 // vertex number to position, for long arcs
	heap   cornerHeap
}

type corner struct {
	area     int64 // twice the triangle's
	position int32
	stamp    int32
}

func (s *simplifier) run(number int32) {
	s.reset(number)
	left := len(s.ids) - 2
	var reached int64
	for len(s.heap) > 0 {
		c := s.heap.pop()
		if s.gone[c.position] || s.stamp[c.position] != c.stamp {
			continue
		}
		if left == s.mesh.arcs[number].keep {
			return
		}
		if s.blocked(c.position) {
			continue
		}
		reached = max(reached, c.area)
		s.remove(c.position, zoomOf(reached))
		left--
	}
}

func (s *simplifier) reset(number int32) {
	s.number, s.ids = number, s.mesh.arcs[number].vertices
	n := len(s.ids)
	s.before, s.after = s.before[:0], s.after[:0]
	s.gone = append(s.gone[:0], make([]bool, n)...)
	s.stamp = append(s.stamp[:0], make([]int32, n)...)
	s.heap = s.heap[:0]
	s.place = make(map[int32]int32, n)
	for i := range n {
		s.before = append(s.before, int32(i-1))
		s.after = append(s.after, int32(i+1))
		s.place[s.ids[i]] = int32(i)
	}
	for i := 1; i < n-1; i++ {
		s.offer(int32(i))
	}
}

func (s *simplifier) point(position int32) world.Point { return s.mesh.points[s.ids[position]] }

func (s *simplifier) offer(position int32) {
	area := cross(s.point(s.before[position]), s.point(position), s.point(s.after[position]))
	if area < 0 {
		area = -area
	}
	s.stamp[position]++
	s.heap.push(corner{area, position, s.stamp[position]})
}

func (s *simplifier) remove(position int32, zoom uint8) {
	s.gone[position] = true
	s.mesh.zooms[s.ids[position]] = zoom
	before, after := s.before[position], s.after[position]
	s.after[before], s.before[after] = after, before
	if before > 0 {
		s.offer(before)
	}
	if int(after) < len(s.ids)-1 {
		s.offer(after)
	}
}

func (s *simplifier) blocked(position int32) bool {
	idA, idB, idC := s.ids[s.before[position]], s.ids[position], s.ids[s.after[position]]
	a, b, c := s.mesh.points[idA], s.mesh.points[idB], s.mesh.points[idC]
	box := indexBox{min(a.X, b.X, c.X), min(a.Y, b.Y, c.Y), max(a.X, b.X, c.X), max(a.Y, b.Y, c.Y)}
	return s.index.any(box, s.mesh.points, func(id int32) bool {
		if id == idA || id == idB || id == idC {
			return false
		}
		if s.mesh.arcOf[id] == s.number && s.gone[s.place[id]] {
			return false
		}
		return inTriangle(s.mesh.points[id], a, b, c)
	})
}

// inTriangle tells whether p is in the closed triangle, which may be a line.
func inTriangle(p, a, b, c world.Point) bool {
	ab, bc, ca := cross(a, b, p), cross(b, c, p), cross(c, a, p)
	return (ab >= 0 && bc >= 0 && ca >= 0) || (ab <= 0 && bc <= 0 && ca <= 0)
}

// zoomOf is the first zoom at which a triangle, given as twice its area, is worth drawing.
func zoomOf(area2 int64) uint8 {
	for zoom := range world.MaxZoom + 1 {
		step := world.Tile{Z: uint32(zoom)}.Step()
		if area2 >= 2*toleranceArea*step*step {
			return uint8(zoom)
		}
	}
	return Never
}

// cornerHeap gives the corner of least area first, equal ones by position.
type cornerHeap []corner

func (h cornerHeap) less(i, j int) bool {
	if h[i].area != h[j].area {
		return h[i].area < h[j].area
	}
	return h[i].position < h[j].position
}

func (h *cornerHeap) push(c corner) {
	*h = append(*h, c)
	for i := len(*h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.less(i, parent) {
			return
		}
		(*h)[i], (*h)[parent] = (*h)[parent], (*h)[i]
		i = parent
	}
}

func (h *cornerHeap) pop() corner {
	heap := *h
	top := heap[0]
	last := len(heap) - 1
	heap[0] = heap[last]
	*h = heap[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h.less(child, least) {
				least = child
			}
		}
		if least == i {
			return top
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
