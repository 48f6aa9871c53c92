package partition

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/plane"
)

// outside labels what is in no part.
const outside = -1

// Map is the parts of a whole as faces of one planar subdivision. It is not safe for concurrent use. After an
// error it is of no use any more.
type Map struct {
	m     *plane.Map
	parts []Part  // as they were given; a new one has no shape
	label []int32 // of each cycle of half-edges: the part on its left, or outside
}

// reach bounds the extent of a whole, in steps of the grid, so that every predicate is exact.
const reach = 1 << 29

// New takes the parts of a whole. Parts that overlap, cross, or do not share the vertices of a common border are
// refused.
func New(parts []Part) (*Map, error) {
	p := &Map{parts: slices.Clone(parts)}
	segments, err := segmentsOf(parts)
	if err != nil {
		return nil, err
	}
	if p.m, err = plane.Build(segments); err != nil {
		return nil, &Error{Message: "the parts do not fit together: their borders cross, or do not share their vertices"}
	}
	return p, p.name(segments)
}

// segmentsOf lists every edge once, whichever parts have it.
func segmentsOf(parts []Part) ([]plane.Segment, error) {
	var segments []plane.Segment
	seen := map[plane.Segment]bool{}
	var low, high plane.Point
	for i, part := range parts {
		for e := range edgesOf(part.Shape) {
			if i == 0 && len(segments) == 0 {
				low, high = e.A, e.A
			}
			for _, q := range []plane.Point{e.A, e.B} {
				low = plane.Point{X: min(low.X, q.X), Y: min(low.Y, q.Y)}
				high = plane.Point{X: max(high.X, q.X), Y: max(high.Y, q.Y)}
			}
			if e.A == e.B {
				return nil, &Error{Message: fmt.Sprintf("%s has an edge without length", part.Code), Where: degreesOf(e.A)}
			}
			if key := undirected(e); !seen[key] {
				seen[key] = true
				segments = append(segments, key)
			}
		}
	}
	if high.X-low.X >= reach || high.Y-low.Y >= reach {
		return nil, &Error{Message: "the parts reach too far"}
	}
	return segments, nil
}

// name says which part is on the left of each cycle. Shells run counter-clockwise and holes clockwise, so that
// is the part whose edge it is.
func (p *Map) name(segments []plane.Segment) error {
	at := make(map[plane.Segment]plane.Edge, 2*len(segments))
	for i, s := range segments {
		at[s], at[plane.Segment{A: s.B, B: s.A}] = plane.Edge(2*i), plane.Edge(2*i+1)
	}
	owner := make([]int32, p.m.Edges())
	for e := range owner {
		owner[e] = outside
	}
	for i, part := range p.parts {
		for s := range edgesOf(part.Shape) {
			if owner[at[s]] != outside {
				return &Error{Message: fmt.Sprintf("%s and %s overlap along an edge", p.parts[owner[at[s]]].Code, part.Code), Where: lineOf(s.A, s.B)}
			}
			owner[at[s]] = int32(i)
		}
	}
	p.label = make([]int32, p.m.Faces())
	for f := range p.label {
		edges := p.m.Around(plane.Face(f))
		p.label[f] = owner[edges[0]]
		for _, e := range edges {
			if owner[e] != p.label[f] {
				return &Error{Message: "the parts overlap, or one lies in another", Where: lineOf(p.m.From(e), p.m.To(e))}
			}
		}
	}
	return p.checkNesting()
}

// checkNesting refuses parts that lie in another without an enclave for them: the outline of some parts that is
// not an edge of any other, and still within one.
func (p *Map) checkNesting() error {
	for f, label := range p.label {
		ring := p.m.Ring(plane.Face(f))
		if label != outside || plane.Area2(ring) >= 0 {
			continue
		}
		around := map[int32]bool{}
		for g, part := range p.label {
			if other := p.m.Ring(plane.Face(g)); part != outside && !slices.Contains(other, ring[0]) && plane.Inside(other, ring[0]) {
				around[part] = !around[part]
			}
		}
		for part, odd := range around {
			if odd {
				return &Error{Message: fmt.Sprintf("a part lies in %s", p.parts[part].Code), Where: degreesOf(ring[0])}
			}
		}
	}
	return nil
}

func (p *Map) index(code string) (int32, error) {
	i := slices.IndexFunc(p.parts, func(part Part) bool { return part.Code == code })
	if i < 0 {
		return 0, &Error{Message: fmt.Sprintf("there is no part %s", code)}
	}
	return int32(i), nil
}

// add makes a new part, which has no face yet.
func (p *Map) add(code string) (int32, error) {
	if _, err := p.index(code); err == nil {
		return 0, &Error{Message: fmt.Sprintf("there is a part %s already", code)}
	}
	p.parts = append(p.parts, Part{Code: code})
	return int32(len(p.parts) - 1), nil
}

// cycles lists the cycles of half-edges around a part.
func (p *Map) cycles(part int32) (faces []plane.Face) {
	for f, label := range p.label {
		if label == part {
			faces = append(faces, plane.Face(f))
		}
	}
	return faces
}

// Parts gives the parts as they are now, in the order in which they were given, new ones last. A part whose
// border has not changed is the one that was given. A part that was merged into another is not there any more.
func (p *Map) Parts() []Part {
	unions := p.m.Union(p.label, len(p.parts))
	var parts []Part
	for i, polygons := range unions {
		if len(polygons) == 0 {
			continue
		}
		part := Part{Code: p.parts[i].Code, Shape: shapeOf(polygons)}
		if SameEdges(part.Shape, p.parts[i].Shape) {
			part = p.parts[i]
		}
		parts = append(parts, part)
	}
	return parts
}

func shapeOf(polygons []plane.Polygon) orb.MultiPolygon {
	shape := make(orb.MultiPolygon, len(polygons))
	for i, polygon := range polygons {
		for _, ring := range polygon {
			shape[i] = append(shape[i], ringOf(ring))
		}
	}
	return shape
}

// inside tells whether a place, in half steps of the grid, is in a part.
func (p *Map) inside(part int32, halves plane.Point) bool {
	in := false
	for _, f := range p.cycles(part) {
		ring := p.m.Ring(f)
		for i := range ring {
			ring[i] = plane.Point{X: 2 * ring[i].X, Y: 2 * ring[i].Y}
		}
		if plane.Inside(ring, halves) {
			in = !in
		}
	}
	return in
}
