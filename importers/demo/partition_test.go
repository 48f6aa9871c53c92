package demo

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/plane"
)

// chain is a sum of directed edges: 1 for an edge that runs from the smaller to the larger point, -1 for one
// that runs back.
type chain map[plane.Segment]int

func (c chain) add(shape orb.MultiPolygon) {
	for _, polygon := range shape {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				c.addEdge(toLattice(ring[i-1]), toLattice(ring[i]), 1)
			}
		}
	}
}

func (c chain) addEdge(a, b plane.Point, n int) {
	s := plane.Segment{A: a, B: b}
	if a.Compare(b) > 0 {
		s, n = plane.Segment{A: b, B: a}, -n
	}
	if c[s] += n; c[s] == 0 {
		delete(c, s)
	}
}

func (c chain) equal(d chain) bool {
	if len(c) != len(d) {
		return false
	}
	for s, n := range c {
		if d[s] != n {
			return false
		}
	}
	return true
}

func TestEveryLevelIsAnExactPartition(t *testing.T) {
	city := generated(t)
	own, parts := map[string]chain{}, map[string]chain{}
	at := func(chains map[string]chain, code string) chain {
		if chains[code] == nil {
			chains[code] = chain{}
		}
		return chains[code]
	}
	for _, u := range city.Units {
		at(own, u.Code).add(u.Boundary)
		at(parts, u.Parent).add(u.Boundary)
	}
	for _, g := range city.MicroGrids {
		at(parts, g.Community).add(g.Boundary)
	}
	for _, u := range city.Units {
		if u.Boundary != nil && !own[u.Code].equal(parts[u.Code]) {
			t.Errorf("%s %s: its parts do not sum up to its boundary", u.Level, u.Code)
		}
	}
}

func TestNoTwoEdgesCross(t *testing.T) {
	seen := chain{}
	var segments []plane.Segment
	for _, g := range generated(t).MicroGrids {
		for _, polygon := range g.Boundary {
			for _, ring := range polygon {
				for i := 1; i < len(ring); i++ {
					a, b := toLattice(ring[i-1]), toLattice(ring[i])
					if a.Compare(b) > 0 {
						a, b = b, a
					}
					s := plane.Segment{A: a, B: b}
					if seen[s]++; seen[s] == 1 {
						segments = append(segments, s)
					}
				}
			}
		}
	}
	if _, err := plane.Build(segments); err != nil {
		t.Error(err)
	}
	for s, n := range seen {
		if n > 2 {
			t.Errorf("edge %v is used %d times", s, n)
		}
	}
}

func TestRingsAreWellFormed(t *testing.T) {
	check := func(code string, shape orb.MultiPolygon) {
		for _, polygon := range shape {
			for i, ring := range polygon {
				checkRing(t, code, ring, i > 0)
			}
		}
	}
	city := generated(t)
	for _, u := range city.Units {
		check(u.Code, u.Boundary)
	}
	for _, g := range city.MicroGrids {
		check(g.Code, g.Boundary)
		if len(g.Boundary) != 1 || len(g.Boundary[0]) != 1 {
			t.Errorf("micro-grid %s is not one polygon without holes", g.Code)
		}
	}
	for _, s := range city.Scenes {
		check(s.Code, s.Boundary)
	}
}

func checkRing(t *testing.T, code string, ring orb.Ring, hole bool) {
	t.Helper()
	points := lattice(ring[:len(ring)-1])
	if ring[0] != ring[len(ring)-1] {
		t.Errorf("%s: a ring is not closed", code)
	}
	if area := plane.Area2(points); area == 0 || (area < 0) != hole {
		t.Errorf("%s: a ring runs the wrong way", code)
	}
	seen := map[plane.Point]bool{}
	for i, p := range points {
		if seen[p] {
			t.Errorf("%s: a ring passes twice through %v", code, p)
		}
		seen[p] = true
		if yizhan.SnapPoint(ring[i]) != ring[i] {
			t.Errorf("%s: %v is not on the lattice", code, ring[i])
		}
	}
}

func TestBannersKeepTheirRealOutlines(t *testing.T) {
	source, err := readSource()
	if err != nil {
		t.Fatal(err)
	}
	units := map[string]*yizhan.Unit{}
	for _, u := range generated(t).Units {
		units[u.Code] = u
	}
	for _, b := range source.banners {
		shape := units[b.code].Boundary
		if len(shape) != 1 || len(shape[0]) != len(b.outline) {
			t.Errorf("%s: %d polygons, want one with %d rings", b.name, len(shape), len(b.outline))
			continue
		}
		have := map[plane.Point]bool{}
		for _, ring := range shape[0] {
			for _, p := range lattice(ring) {
				have[p] = true
			}
		}
		for _, ring := range b.outline {
			for _, p := range ring {
				if !have[p] {
					t.Errorf("%s: the vertex %v is lost", b.name, p)
				}
			}
		}
	}
}
