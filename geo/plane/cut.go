package plane

// End is where a cut begins or ends: at the origin of a half-edge of the face, or at a point on it.
type End struct {
	On Edge
	At Point
}

// Cut divides a face by a path between two places on its outline.
type Cut struct {
	From, To End
	Via      []Point
}

// Cut divides face f and gives the faces to the left and to the right of the path; the one on the left
// keeps the name f. It refuses, and changes nothing, when the path or an edge bent by a new vertex
// (which rounding moves off the old line) would cross, touch or overlap another edge.
func (m *Map) Cut(f Face, cut Cut) (left, right Face, ok bool) {
	if !m.legal(f, cut) {
		return 0, 0, false
	}
	from, to := m.insert(cut.From), m.insert(cut.To)
	left, right = m.join(from, to, cut.Via)
	return left, right, true
}

func (m *Map) isVertex(end End) bool { return m.From(end.On) == end.At }

func (m *Map) legal(f Face, cut Cut) bool {
	if m.Left(cut.From.On) != f || m.Left(cut.To.On) != f || cut.From.At == cut.To.At || cut.From.On == cut.To.On {
		return false
	}
	path := append(append([]Point{cut.From.At}, cut.Via...), cut.To.At)
	return m.bendable(cut.From) && m.bendable(cut.To) && m.bendsApart(cut) &&
		m.entersFace(cut.From, path[1]) && m.entersFace(cut.To, path[len(path)-2]) &&
		simple(path) && m.free(f, cut, path)
}

// bendable tells whether the edge may be led through the new vertex: on neither side does the bend
// meet another edge or pass over a vertex.
func (m *Map) bendable(end End) bool {
	if m.isVertex(end) {
		return true
	}
	a, b := m.From(end.On), m.To(end.On)
	if end.At == b {
		return false
	}
	if Orient(a, b, end.At) == 0 {
		return true
	}
	for _, side := range []Edge{end.On, end.On.Twin()} {
		for e := m.Next(side); e != side; e = m.Next(e) {
			c, d := m.From(e), m.To(e)
			if meetBadly(a, end.At, c, d) || meetBadly(end.At, b, c, d) || c != b && c != a && inTriangle(c, a, end.At, b) {
				return false
			}
		}
	}
	return true
}

// inTriangle tells whether p is in the triangle or on its outline.
func inTriangle(p, a, b, c Point) bool {
	u, v, w := Orient(a, b, p), Orient(b, c, p), Orient(c, a, p)
	return u >= 0 && v >= 0 && w >= 0 || u <= 0 && v <= 0 && w <= 0
}

// bendsApart tells whether the edges at the two ends, as they will be, keep off each other.
func (m *Map) bendsApart(cut Cut) bool {
	p, q := m.pieces(cut.From.On, cut), m.pieces(cut.To.On, cut)
	for i := 1; i < len(p); i++ {
		for j := 1; j < len(q); j++ {
			if meetBadly(p[i-1], p[i], q[j-1], q[j]) {
				return false
			}
		}
	}
	return true
}

// entersFace tells whether the segment from the end towards p leaves the outline into the face.
func (m *Map) entersFace(end End, p Point) bool {
	before, after := m.From(end.On), m.To(end.On)
	if m.isVertex(end) {
		before = m.From(m.Prev(end.On))
	}
	leftOfBefore := Orient(before, end.At, p) > 0
	leftOfAfter := Orient(end.At, after, p) > 0
	if Orient(before, end.At, after) >= 0 {
		return leftOfBefore && leftOfAfter
	}
	return leftOfBefore || leftOfAfter
}

func simple(path []Point) bool {
	for i := 1; i < len(path); i++ {
		if path[i-1] == path[i] {
			return false
		}
		for j := 1; j < i; j++ {
			if meetBadly(path[i-1], path[i], path[j-1], path[j]) {
				return false
			}
		}
	}
	return true
}

// free tells whether the path meets the outline of the face at its ends only.
func (m *Map) free(f Face, cut Cut, path []Point) bool {
	low, high := path[0], path[0]
	for _, p := range path {
		low = Point{min(low.X, p.X), min(low.Y, p.Y)}
		high = Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	for e := m.faces[f]; ; {
		a, b := m.From(e), m.To(e)
		if max(a.X, b.X) >= low.X-1 && min(a.X, b.X) <= high.X+1 && max(a.Y, b.Y) >= low.Y-1 && min(a.Y, b.Y) <= high.Y+1 {
			if !pathClearOf(path, m.pieces(e, cut)) {
				return false
			}
		}
		if e = m.Next(e); e == m.faces[f] {
			return true
		}
	}
}

// pieces is the edge as it will be after the cut's ends are inserted.
func (m *Map) pieces(e Edge, cut Cut) []Point {
	for _, end := range []End{cut.From, cut.To} {
		if end.On == e && !m.isVertex(end) {
			return []Point{m.From(e), end.At, m.To(e)}
		}
	}
	return []Point{m.From(e), m.To(e)}
}

func pathClearOf(path, pieces []Point) bool {
	for j := 1; j < len(pieces); j++ {
		for i := 1; i < len(path); i++ {
			if !Touch(path[i-1], path[i], pieces[j-1], pieces[j]) {
				continue
			}
			first := i == 1 && (path[0] == pieces[j-1] || path[0] == pieces[j])
			last := i == len(path)-1 && (path[i] == pieces[j-1] || path[i] == pieces[j])
			if !first && !last || meetBadly(path[i-1], path[i], pieces[j-1], pieces[j]) {
				return false
			}
		}
	}
	return true
}

// insert makes sure that there is a vertex at the end, and gives the half-edge of the face that begins
// there.
func (m *Map) insert(end End) Edge {
	if m.isVertex(end) {
		return end.On
	}
	vertex := int32(len(m.points))
	m.points = append(m.points, end.At)
	e, twin := end.On, end.On.Twin()
	n := Edge(len(m.halves))
	m.halves = append(m.halves,
		half{origin: vertex, face: m.Left(e), next: m.Next(e), prev: e},
		half{origin: m.halves[twin].origin, face: m.Left(twin), next: twin, prev: m.Prev(twin)})
	m.halves[m.Next(n)].prev = n
	m.halves[m.Prev(n.Twin())].next = n.Twin()
	m.halves[e].next = n
	m.halves[twin].prev = n.Twin()
	m.halves[twin].origin = vertex
	return n
}

// join draws the path from the origin of one half-edge of a face to that of another.
func (m *Map) join(from, to Edge, via []Point) (left, right Face) {
	f := m.Left(from)
	beforeFrom, beforeTo := m.Prev(from), m.Prev(to)
	first := Edge(len(m.halves))
	origin := m.halves[from].origin
	for i := 0; i <= len(via); i++ {
		end := m.halves[to].origin
		if i < len(via) {
			end = int32(len(m.points))
			m.points = append(m.points, via[i])
		}
		e := Edge(len(m.halves))
		m.halves = append(m.halves,
			half{origin: origin, face: f, next: e + 2, prev: e - 2},
			half{origin: end, face: f, next: e - 1, prev: e + 3})
		origin = end
	}
	last := Edge(len(m.halves) - 2)
	m.follow(beforeFrom, first)
	m.follow(last, to)
	m.follow(beforeTo, last.Twin())
	m.follow(first.Twin(), from)
	m.faces[f] = first
	return f, m.nameCycle(first.Twin())
}

func (m *Map) follow(e, next Edge) {
	m.halves[e].next = next
	m.halves[next].prev = e
}
