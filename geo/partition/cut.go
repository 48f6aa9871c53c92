package partition

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/plane"
)

// Cut divides a part by a line that enters it once and leaves it once; what of the line lies outside is
// ignored. The larger side keeps the code, the other one gets fresh. Neighbours get the new vertices too. On
// the outline of the whole, where no vertex may be added, the line goes to the nearest one that is there.
func (p *Map) Cut(code, fresh string, line orb.LineString) error {
	part, err := p.index(code)
	if err != nil {
		return err
	}
	made, err := p.add(fresh)
	if err != nil {
		return err
	}
	path, err := pathOf(line)
	if err != nil {
		return err
	}
	c, err := p.chord(part, path)
	if err != nil {
		return err
	}
	return p.divide(part, made, c)
}

// MaxCutVertices bounds the line of a cut.
const MaxCutVertices = 1_000

func pathOf(line orb.LineString) ([]plane.Point, error) {
	if len(line) < 2 || len(line) > MaxCutVertices {
		return nil, &Error{Message: "a line to cut by has 2 to 1000 vertices"}
	}
	var path []plane.Point
	for _, v := range line {
		if !(math.Abs(v[0]) <= 180 && math.Abs(v[1]) <= 90) {
			return nil, &Error{Message: "a vertex of the line is not on the globe; the order is lng, lat"}
		}
		if q := latticeOf(v); len(path) == 0 || q != path[len(path)-1] {
			path = append(path, q)
		}
	}
	if len(path) < 2 {
		return nil, &Error{Message: "the line has no length", Where: line[0]}
	}
	return path, nil
}

// hit is where a path meets the border of a part.
type hit struct {
	segment int     // of the path
	along   float64 // that segment, 0 to 1
	at      plane.Point
	edges   []plane.Edge // half-edges of the part with that place on them
}

func (h hit) compare(o hit) int {
	return cmp.Or(cmp.Compare(h.segment, o.segment), cmp.Compare(h.along, o.along))
}

// chord is the piece of a path that lies in a part.
type chord struct {
	from, to hit
	via      []plane.Point
}

func (p *Map) chord(part int32, path []plane.Point) (chord, error) {
	hits, err := p.hits(part, path)
	if err != nil {
		return chord{}, err
	}
	var found []chord
	for i := 1; i < len(hits); i++ {
		c := chord{from: hits[i-1], to: hits[i], via: between(path, hits[i-1], hits[i])}
		if p.inside(part, c.middle()) {
			found = append(found, c)
		}
	}
	switch {
	case len(found) == 0 && (len(hits) > 0 || p.inside(part, doubled(path[0]))):
		return chord{}, &Error{Message: "the line does not cross the part: it must begin and end on its border or outside of it", Where: lineOf(path...)}
	case len(found) == 0:
		return chord{}, &Error{Message: "the line does not meet the part", Where: lineOf(path...)}
	case len(found) > 1:
		return chord{}, &Error{Message: "the line crosses the part more than once; draw one that enters and leaves it once", Where: lineOf(path...)}
	}
	return found[0], nil
}

func doubled(q plane.Point) plane.Point { return plane.Point{X: 2 * q.X, Y: 2 * q.Y} }

// middle is a place on the chord between its ends, in half steps.
func (c chord) middle() plane.Point {
	if len(c.via) > 0 {
		return doubled(c.via[0])
	}
	return plane.Point{X: c.from.at.X + c.to.at.X, Y: c.from.at.Y + c.to.at.Y}
}

// between lists the vertices of the path after one hit and before the next.
func between(path []plane.Point, from, to hit) (via []plane.Point) {
	for i := from.segment + 1; i <= to.segment; i++ {
		if path[i] != from.at && path[i] != to.at {
			via = append(via, path[i])
		}
	}
	return via
}

// hits lists where the path meets the border of the part, in the order of the path.
func (p *Map) hits(part int32, path []plane.Point) ([]hit, error) {
	var hits []hit
	for _, f := range p.cycles(part) {
		for _, e := range p.m.Around(f) {
			for i := 1; i < len(path); i++ {
				h, ok, err := p.meet(e, path, i-1)
				if err != nil {
					return nil, err
				}
				if ok {
					hits = append(hits, h)
				}
			}
		}
	}
	slices.SortFunc(hits, hit.compare)
	merged := hits[:0]
	for _, h := range hits { // a vertex is met once by each of its edges
		if n := len(merged); n > 0 && merged[n-1].at == h.at {
			merged[n-1].edges = append(merged[n-1].edges, h.edges...)
			continue
		}
		merged = append(merged, h)
	}
	return merged, nil
}

// meet finds where a segment of the path meets an edge, and moves the place to a vertex where that is needed.
func (p *Map) meet(e plane.Edge, path []plane.Point, segment int) (h hit, ok bool, err error) {
	a, b, c, d := p.m.From(e), p.m.To(e), path[segment], path[segment+1]
	if !plane.Touch(a, b, c, d) {
		return h, false, nil
	}
	fromC, fromD := float64(plane.Orient(a, b, c)), float64(plane.Orient(a, b, d))
	fromA, fromB := float64(plane.Orient(c, d, a)), float64(plane.Orient(c, d, b))
	if fromC == fromD { // both zero
		return h, false, &Error{Message: "the line runs along a border", Where: lineOf(a, b)}
	}
	share := fromA / (fromA - fromB) // of the edge
	at := plane.Point{X: a.X + int64(math.Round(share*float64(b.X-a.X))), Y: a.Y + int64(math.Round(share*float64(b.Y-a.Y)))}
	if p.label[p.m.Left(e.Twin())] == outside {
		if at = a; share > 0.5 {
			at = b
		}
	}
	return hit{segment: segment, along: fromC / (fromC - fromD), at: at, edges: []plane.Edge{e}}, true, nil
}

// divide cuts a part along a chord.
func (p *Map) divide(part, made int32, c chord) error {
	done, err := p.tryDivide(part, made, c)
	if err == nil && !done {
		return p.unfit(c)
	}
	return err
}

// tryDivide cuts a part along a chord if that can be. After an error the map is of no use any more.
func (p *Map) tryDivide(part, made int32, c chord) (done bool, err error) {
	for _, from := range p.ends(part, c.from) {
		for _, to := range p.ends(part, c.to) {
			face := p.m.Left(from.On)
			if face != p.m.Left(to.On) {
				continue
			}
			left, right, ok := p.m.Cut(face, plane.Cut{From: from, To: to, Via: c.via})
			if !ok {
				continue
			}
			p.hand(part, made, left, right)
			if p.m.Check() != nil { // the cut itself looks at one cycle only
				return false, p.unfit(c)
			}
			return true, nil
		}
	}
	return false, nil
}

func (p *Map) unfit(c chord) error {
	return &Error{Message: "the line comes too near to another border, or joins a border to that of an enclave", Where: lineOf(append(append([]plane.Point{c.from.at}, c.via...), c.to.at)...)}
}

// ends lists the ways in which a cut may begin at a hit: on an edge, or at each corner of the part there.
func (p *Map) ends(part int32, h hit) (ends []plane.End) {
	vertex := false
	for _, e := range h.edges {
		vertex = vertex || p.m.From(e) == h.at || p.m.To(e) == h.at
	}
	if !vertex {
		return []plane.End{{On: h.edges[0], At: h.at}}
	}
	for _, f := range p.cycles(part) {
		for _, e := range p.m.Around(f) {
			if p.m.From(e) == h.at {
				ends = append(ends, plane.End{On: e, At: h.at})
			}
		}
	}
	return ends
}

// hand gives the smaller of two sides, with the enclaves in it, to the part that was made.
func (p *Map) hand(part, made int32, left, right plane.Face) {
	p.label = append(p.label, part) // of right, which is the newest face
	small := right
	if plane.Area2(p.m.Ring(left)) < plane.Area2(p.m.Ring(right)) {
		small = left
	}
	ring := p.m.Ring(small)
	for _, f := range p.cycles(part) {
		if f == left || f == right {
			continue
		}
		if hole := p.m.Ring(f); plane.Area2(hole) < 0 && encloses(ring, hole) {
			p.label[f] = made
		}
	}
	p.label[small] = made
}

// encloses tells whether a hole is within a ring; the two may touch at points.
func encloses(ring, hole []plane.Point) bool {
	for _, q := range hole {
		if !slices.Contains(ring, q) {
			return plane.Inside(ring, q)
		}
	}
	return false
}
