package demo

import (
	"cmp"
	"math"
	"slices"

	"github.com/yizhan/yizhan/geo/plane"
)

// cutter divides faces of the map by lines that look like streets or like the edges of land.
type cutter struct {
	m     *plane.Map
	frame frame
}

// wish says how a face should be divided.
type wish struct {
	share      float64 // of the area that should come to the left
	directions []vec   // of the line, best first
	side       float64 // metres: the side of a usual part in the end; corners nearer than a part of it are joined
	join       float64 // that part
	stray      float64 // how bad it is if the line leaves the direction, against other faults
	bend       bend
	dice       dice
}

// bend is how a line wanders between its ends.
type bend struct {
	stride float64 // metres between its vertices
	swing  float64 // to the side, as a share of its length
	most   int     // vertices
}

// shape is a face in metres, ready to be cut.
type shape struct {
	edges  []plane.Edge
	ring   []vec
	swept  []float64 // twice the area swept from ring[0] along the ring up to each vertex
	area   float64
	points []plane.Point
}

func (c *cutter) shape(f plane.Face) shape {
	s := shape{edges: c.m.Around(f), points: c.m.Ring(f)}
	s.ring = c.frame.ring(s.points)
	s.swept = make([]float64, len(s.ring)+1)
	for i, v := range s.ring {
		next := s.ring[(i+1)%len(s.ring)]
		s.swept[i+1] = s.swept[i] + v.minus(s.ring[0]).cross(next.minus(s.ring[0]))
	}
	s.area = s.swept[len(s.ring)] / 2
	return s
}

// landing is where a line meets the outline: on edge i, at a place; a vertex if that is where the edge
// begins.
type landing struct {
	edge   int
	at     vec
	vertex bool
}

type candidate struct {
	from, to landing
	score    float64
}

// divide cuts face f once, as nearly as wished as it can, and tells the parts to the left and to the
// right of the line.
func (c *cutter) divide(f plane.Face, w wish) (left, right plane.Face, ok bool) {
	s := c.shape(f)
	for _, strict := range []strictness{{sine: 0.5, clear: 0.16, error: 0.5}, {sine: 0.3, clear: 0.06, error: 0.75}, {sine: 0.1, clear: 0.01, error: 0.95}} {
		for _, candidate := range c.candidates(s, w, strict) {
			if left, right, ok = c.try(f, s, candidate, w, strict); ok {
				return left, right, true
			}
		}
	}
	return 0, 0, false
}

// strictness bounds what a cut may be.
type strictness struct {
	sine  float64 // of the smallest angle between the line and the outline
	clear float64 // of the side: how near the line may come to a corner
	error float64 // of the area wished
}

func (c *cutter) candidates(s shape, w wish, limit strictness) []candidate {
	var found []candidate
	for k, d := range w.directions {
		n := d.left()
		middle := s.level(n, w.share)
		low, high := s.extent(n)
		for _, shift := range []float64{0, -0.03, 0.03, -0.06, 0.06, -0.1, 0.1, -0.16, 0.16} {
			level := middle + float64(shift*(high-low))
			for _, chord := range s.chords(d, n, level) {
				chord.from, chord.to = s.settle(chord.from, w), s.settle(chord.to, w)
				score, legal := s.score(chord, w, limit)
				if legal {
					off := chord.to.at.minus(chord.from.at).unit().cross(d)
					chord.score = score + float64(0.35*float64(k)) + float64(w.stray*math.Abs(off))
					found = append(found, chord)
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.score, b.score) })
	return found
}

func (s shape) extent(n vec) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range s.ring {
		low, high = min(low, v.dot(n)), max(high, v.dot(n))
	}
	return low, high
}

// level is where a line across n must be for a share of the area to lie beyond it.
func (s shape) level(n vec, share float64) float64 {
	low, high := s.extent(n)
	for range 18 {
		middle := (low + high) / 2
		if s.beyond(n, middle) > float64(share*s.area) {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// beyond is the area where p·n is more than level.
func (s shape) beyond(n vec, level float64) float64 {
	sum := 0.0
	for i, v := range s.ring {
		next := s.ring[(i+1)%len(s.ring)]
		a, b := v.dot(n)-level, next.dot(n)-level
		if a <= 0 && b <= 0 {
			continue
		}
		p, q := v, next
		if a < 0 {
			p = v.to(next, a/(a-b))
		}
		if b < 0 {
			q = v.to(next, a/(a-b))
		}
		// Trapezia down to the level; along n the ring's own axis is to its right.
		sum -= float64((q.cross(n) - p.cross(n)) * (max(0, a) + max(0, b)))
	}
	return sum / 2
}

// chords lists the pieces of a straight line inside the shape.
func (s shape) chords(d, n vec, level float64) []candidate {
	var hits []landing
	for i, v := range s.ring {
		next := s.ring[(i+1)%len(s.ring)]
		a, b := v.dot(n)-level, next.dot(n)-level
		if (a > 0) != (b > 0) {
			hits = append(hits, landing{edge: i, at: v.to(next, a/(a-b))})
		}
	}
	slices.SortStableFunc(hits, func(g, h landing) int { return cmp.Compare(g.at.dot(d), h.at.dot(d)) })
	var chords []candidate
	for i := 0; i+1 < len(hits); i += 2 {
		chords = append(chords, candidate{from: hits[i], to: hits[i+1]})
	}
	return chords
}

// settle moves a landing to a corner that is near, so that streets go on across other streets and no
// edge is too short.
func (s shape) settle(l landing, w wish) landing {
	reach := float64(w.join * w.side)
	next := (l.edge + 1) % len(s.ring)
	toStart, toEnd := l.at.distance(s.ring[l.edge]), l.at.distance(s.ring[next])
	switch {
	case toStart <= toEnd && toStart < reach:
		return landing{l.edge, s.ring[l.edge], true}
	case toEnd < reach:
		return landing{next, s.ring[next], true}
	}
	return l
}

// score judges a chord: smaller is better.
func (s shape) score(c candidate, w wish, limit strictness) (float64, bool) {
	line := c.to.at.minus(c.from.at)
	length := line.length()
	if c.from.edge == c.to.edge || length < float64(limit.clear*w.side) {
		return 0, false
	}
	if c.from.vertex && (c.from.edge-1+len(s.ring))%len(s.ring) == c.to.edge || c.to.vertex && (c.to.edge-1+len(s.ring))%len(s.ring) == c.from.edge {
		return 0, false // along the outline
	}
	share := s.leftArea(c) / s.area
	wrong := max(math.Abs(share-w.share)/w.share, math.Abs(share-w.share)/(1-w.share))
	sine := min(s.sine(c.from, line), s.sine(c.to, line.times(-1)))
	if wrong > limit.error || sine < limit.sine {
		return 0, false
	}
	score := float64(2*wrong) + float64(0.5*(length/math.Sqrt(s.area))) + float64(0.6*(1-sine))
	for _, end := range []landing{c.from, c.to} {
		if end.vertex {
			score -= 0.15
		}
	}
	return score, true
}

// leftArea is the area to the left of the chord.
func (s shape) leftArea(c candidate) float64 {
	o := s.ring[0]
	at := func(l landing) float64 { // swept up to the landing
		return s.swept[l.edge] + s.ring[l.edge].minus(o).cross(l.at.minus(o))
	}
	swept := at(c.from) - at(c.to)
	if swept0 := s.swept[len(s.ring)]; c.to.edge > c.from.edge {
		swept += swept0
	}
	return (swept + c.from.at.minus(o).cross(c.to.at.minus(o))) / 2
}

// sine is that of the smaller angle between a line that leaves from a landing and the outline there.
func (s shape) sine(l landing, line vec) float64 {
	n := len(s.ring)
	after := s.ring[(l.edge+1)%n].minus(l.at)
	before := s.ring[l.edge].minus(l.at)
	if l.vertex {
		before = s.ring[(l.edge-1+n)%n].minus(l.at)
	}
	return min(turn(line, after), turn(line, before))
}

// turn is the sine of the angle between two vectors, and 1 for an obtuse one.
func turn(a, b vec) float64 {
	if a.dot(b) <= 0 {
		return 1
	}
	return math.Abs(a.cross(b)) / (a.length() * b.length())
}

// try cuts along the candidate, bent if that can be.
func (c *cutter) try(f plane.Face, s shape, chosen candidate, w wish, limit strictness) (left, right plane.Face, ok bool) {
	cut := plane.Cut{From: c.end(s, chosen.from), To: c.end(s, chosen.to)}
	for k, swing := range []float64{1, 0.7, 0.4, 0.2, 0} {
		line := c.bent(chosen, w, swing, w.dice.sub(1_000+k))
		if !s.isClear(line, chosen, float64(limit.clear*w.side)) {
			continue
		}
		cut.Via = nil
		for _, v := range line[1 : len(line)-1] {
			cut.Via = append(cut.Via, c.frame.lattice(v))
		}
		if left, right, ok = c.m.Cut(f, cut); ok {
			return left, right, true
		}
	}
	return 0, 0, false
}

func (c *cutter) end(s shape, l landing) plane.End {
	if l.vertex {
		return plane.End{On: s.edges[l.edge], At: s.points[l.edge]}
	}
	return plane.End{On: s.edges[l.edge], At: c.frame.lattice(l.at)}
}

// bent is the line of a candidate with its vertices.
func (c *cutter) bent(chosen candidate, w wish, swing float64, d dice) []vec {
	from, to := chosen.from.at, chosen.to.at
	length := from.distance(to)
	steps := min(w.bend.most+1, int(length/w.bend.stride))
	if swing == 0 {
		steps = 1
	}
	return wander(d, from, to, steps, float64(float64(swing*w.bend.swing)*length))
}

// wander leads a line in steps that swing to the sides.
func wander(d dice, from, to vec, steps int, swing float64) []vec {
	line := []vec{from}
	if steps > 1 {
		aside := to.minus(from).unit().left().times(swing)
		phase := d.between("phase", 0, 50)
		for k := 1; k < steps; k++ {
			t := float64(k) / float64(steps)
			taper := min(1, 4*t, 4*(1-t))
			along := t + float64(d.sub(k).between("along", -0.2, 0.2)/float64(steps))
			line = append(line, from.to(to, along).plus(aside.times(float64(taper*d.ripple(phase+float64(t*2.5))))))
		}
	}
	return append(line, to)
}

// isClear tells whether the line keeps a distance from all corners but those where it ends.
func (s shape) isClear(line []vec, c candidate, distance float64) bool {
	for i, v := range s.ring {
		if v == c.from.at || v == c.to.at {
			continue
		}
		for k := 1; k < len(line); k++ {
			if nearBox(v, line[k-1], line[k], distance) && segmentDistance(v, line[k-1], line[k]) < distance {
				return false
			}
		}
		next := s.ring[(i+1)%len(s.ring)]
		for _, p := range line[1 : len(line)-1] {
			if nearBox(p, v, next, distance) && segmentDistance(p, v, next) < distance {
				return false
			}
		}
	}
	return true
}

func nearBox(p, a, b vec, distance float64) bool {
	return p.x > min(a.x, b.x)-distance && p.x < max(a.x, b.x)+distance &&
		p.y > min(a.y, b.y)-distance && p.y < max(a.y, b.y)+distance
}
