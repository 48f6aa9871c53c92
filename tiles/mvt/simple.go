package mvt

import (
	"cmp"
	"slices"

	"github.com/yizhan/yizhan/tiles/cut"
)

// segment is an edge of a ring, its ends in the order of X, then Y.
type segment struct{ a, b cut.Point }

// simple tells whether rings neither cross nor overlap, and no ring meets a point twice; different rings
// may touch at a vertex. It gives a place where that fails.
func simple(rings [][]cut.Point) (cut.Point, bool) {
	var segments []segment
	for _, ring := range rings {
		seen := make(map[cut.Point]bool, len(ring))
		before := ring[len(ring)-1]
		for _, p := range ring {
			if seen[p] {
				return p, false
			}
			seen[p] = true
			segments = append(segments, ordered(before, p))
			before = p
		}
	}
	slices.SortFunc(segments, func(s, t segment) int { return compare(s.a, t.a) })
	var active []segment
	for _, s := range segments {
		kept := active[:0]
		for _, other := range active {
			if other.b.X < s.a.X {
				continue
			}
			kept = append(kept, other)
			if where, clash := clash(s, other); clash {
				return where, false
			}
		}
		active = append(kept, s)
	}
	return cut.Point{}, true
}

func ordered(p, q cut.Point) segment {
	if compare(p, q) > 0 {
		p, q = q, p
	}
	return segment{p, q}
}

func compare(p, q cut.Point) int { return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(p.Y, q.Y)) }

// clash tells whether two segments have more in common than an end of both. An end of one inside the
// other is allowed between rings by the specification but never needed: it counts as a clash here.
func clash(s, t segment) (cut.Point, bool) {
	if max(s.a.Y, s.b.Y) < min(t.a.Y, t.b.Y) || max(t.a.Y, t.b.Y) < min(s.a.Y, s.b.Y) {
		return cut.Point{}, false
	}
	s1, s2 := sign(turn(t.a, t.b, s.a)), sign(turn(t.a, t.b, s.b))
	t1, t2 := sign(turn(s.a, s.b, t.a)), sign(turn(s.a, s.b, t.b))
	switch {
	case s1*s2 < 0 && t1*t2 < 0:
		return s.a, true
	case s1 == 0 && strictlyBetween(t, s.a):
		return s.a, true
	case s2 == 0 && strictlyBetween(t, s.b):
		return s.b, true
	case t1 == 0 && strictlyBetween(s, t.a):
		return t.a, true
	case t2 == 0 && strictlyBetween(s, t.b):
		return t.b, true
	}
	return s.a, s == t
}

func turn(a, b, p cut.Point) int64 {
	return int64(b.X-a.X)*int64(p.Y-a.Y) - int64(b.Y-a.Y)*int64(p.X-a.X)
}

func sign(n int64) int { return cmp.Compare(n, 0) }

// strictlyBetween tells whether p, which is on the line of s, is between its ends.
func strictlyBetween(s segment, p cut.Point) bool {
	return compare(s.a, p) < 0 && compare(p, s.b) < 0
}
