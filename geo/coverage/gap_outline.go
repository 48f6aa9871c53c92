package coverage

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/hex"
)

// Outline is the area of the cells of a gap, holes included, wound as RFC 7946 has it. A gap is in one
// piece, so this is one polygon, and no two of its rings touch: three cells meet in every corner, never
// four. Where the gap crosses the antimeridian, lng runs on past ±180.
//
// The rings are put together from the edges between a cell of the gap and one that is not: what is inside
// costs nothing.
func (g *Gaps) Outline(gap int) (orb.MultiPolygon, error) {
	l := g.demand.finest()
	positions := g.positions(gap)
	lng := l.centers[g.rows[gap].anchor][0]
	var lines []orb.LineString
	for _, cell := range positions {
		if g.isInside(cell, int32(gap)) {
			continue
		}
		for _, edge := range l.cells[cell].Edges() {
			if at, found := findNear(l.cells, int(cell), edge.Neighbor); found && g.gapOf[at] == int32(gap) {
				continue
			}
			for i := range edge.Line {
				edge.Line[i][0] = hex.LngNear(edge.Line[i][0], lng)
			}
			lines = append(lines, edge.Line)
		}
	}
	rings, err := ringsOf(lines)
	if err != nil {
		return nil, fmt.Errorf("coverage: outline of gap %s: %w", g.id(gap), err)
	}
	polygon, err := nest(rings)
	if err != nil {
		return nil, fmt.Errorf("coverage: outline of gap %s: %w", g.id(gap), err)
	}
	return orb.MultiPolygon{polygon}, nil
}

// isInside tells whether all six neighbours of a cell are in its gap. A pentagon has five, and its
// edges are looked at one by one.
func (g *Gaps) isInside(cell, gap int32) bool {
	for _, other := range g.demand.finest().neighborsOf()[cell] {
		if other == nowhere || g.gapOf[other] != gap {
			return false
		}
	}
	return true
}

// ringsOf puts lines end to end until they close. Each end must be the start of exactly one line.
func ringsOf(lines []orb.LineString) ([]orb.Ring, error) {
	corners := cornerIndex{}
	starts := make([]int, len(lines)) // corner of each line
	startsAt := map[int]int{}         // line that starts at a corner
	for i, line := range lines {
		starts[i] = corners.of(line[0])
		if _, taken := startsAt[starts[i]]; taken {
			return nil, fmt.Errorf("two edges start at %v", line[0])
		}
		startsAt[starts[i]] = i
	}
	var rings []orb.Ring
	used := make([]bool, len(lines))
	for first := range lines {
		if used[first] {
			continue
		}
		var ring orb.Ring
		for i := first; !used[i]; {
			used[i] = true
			last := len(lines[i]) - 1
			// The point of a corner is that of the line that begins there: the next one's last point, which
			// differs in its last bits, is left out.
			ring = append(ring, lines[i][:last]...)
			next, found := startsAt[corners.of(lines[i][last])]
			if !found || used[next] && next != first {
				return nil, fmt.Errorf("the edges do not close at %v", lines[i][last])
			}
			i = next
		}
		rings = append(rings, append(ring, ring[0]))
	}
	return rings, nil
}

// cornerIndex numbers places. Those of a nanodegree (0.1 mm) or less apart are the same: two cells compute
// their common corner each for itself. Corners of the finest cells there are lie 4,000 times as far apart.
type cornerIndex struct {
	known map[[2]int64]int
	at    []orb.Point
}

const cornerDegrees = 1e-9

func (x *cornerIndex) of(p orb.Point) int {
	if x.known == nil {
		x.known = map[[2]int64]int{}
	}
	home := [2]int64{int64(math.Floor(p[0] / cornerDegrees / 2)), int64(math.Floor(p[1] / cornerDegrees / 2))}
	for east := int64(-1); east <= 1; east++ {
		for north := int64(-1); north <= 1; north++ {
			n, found := x.known[[2]int64{home[0] + east, home[1] + north}]
			if found && math.Abs(x.at[n][0]-p[0]) <= cornerDegrees && math.Abs(x.at[n][1]-p[1]) <= cornerDegrees {
				return n
			}
		}
	}
	x.known[home] = len(x.at)
	x.at = append(x.at, p)
	return len(x.at) - 1
}

// nest makes a polygon of the rings of an area in one piece: one goes round it, the others round its holes.
// The edges run anticlockwise round their cells, so the rings are wound already.
func nest(rings []orb.Ring) (orb.Polygon, error) {
	outer := -1
	for i, ring := range rings {
		if ring.Orientation() != orb.CCW {
			continue
		}
		if outer >= 0 {
			return nil, fmt.Errorf("it has two outer rings, from %v and %v", rings[outer][0], ring[0])
		}
		outer = i
	}
	if outer < 0 {
		return nil, fmt.Errorf("none of its %d rings goes round it", len(rings))
	}
	polygon := orb.Polygon{rings[outer]}
	polygon = append(polygon, rings[:outer]...)
	return append(polygon, rings[outer+1:]...), nil
}
