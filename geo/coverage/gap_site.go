package coverage

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// SiteGain is a place for a new site and what it would be good for.
type SiteGain struct {
	Cell hex.Cell
	At   orb.Point // its centre
	// Households are those that it newly covers, of all gaps; OfGap are those of the gap it was asked for.
	Households, OfGap int64
}

// BestSite is the best single site for a gap: of all populated cells from which some of the gap is in
// reach, the one that newly covers most households, be they of this gap or of others near by; of equal ones
// the lowest cell. The reach is a straight line in true metres between centres, inclusive, as
// Reach.StraightM gives it.
func (g *Gaps) BestSite(gap int, reachM float64) (SiteGain, error) {
	sites, err := g.bestSites([]int{gap}, reachM)
	if err != nil {
		return SiteGain{}, err
	}
	return sites[0], nil
}

// BestSites is BestSite for the first n gaps, or for all if there are fewer, on all processors. Each is the
// best for its gap alone: neighbouring gaps may have the same one.
func (g *Gaps) BestSites(n int, reachM float64) ([]SiteGain, error) {
	gaps := make([]int, max(0, min(n, g.Len())))
	for i := range gaps {
		gaps[i] = i
	}
	return g.bestSites(gaps, reachM)
}

func (g *Gaps) bestSites(gaps []int, reachM float64) ([]SiteGain, error) {
	if !(reachM >= 0 && reachM <= MaxReachM) {
		return nil, invalid("reach_m", "%g is not in 0..%d", reachM, MaxReachM)
	}
	g.uncovered.once.Do(g.sumUncovered)
	leaves := g.demand.finest().leaves()
	sites := make([]SiteGain, len(gaps))
	err := parallelRuns(len(gaps), 1, func() func(int) error {
		s := newSiteSearch(g, leaves, reachM)
		return func(i int) error {
			sites[i] = s.best(gaps[i])
			return nil
		}
	})
	return sites, err
}

func (g *Gaps) sumUncovered() {
	l := g.demand.finest()
	g.uncovered.upTo = make([]int64, len(l.cells)+1)
	for cell, gap := range g.gapOf {
		if gap != nowhere {
			g.uncovered.upTo[cell+1] = l.households[cell]
		}
	}
	accumulate(g.uncovered.upTo)
}

// leaves are the groups that hold nothing but cells. In their order they hold all cells in order.
func (l *lattice) leaves() []group {
	var leaves []group
	for _, g := range l.groups {
		if g.leaf {
			leaves = append(leaves, g)
		}
	}
	return leaves
}

// siteSearch looks for best sites by branch and bound: what a group of cells could gain at most tells
// whether its cells are worth a look.
type siteSearch struct {
	gaps         *Gaps
	level        *level
	leaves       []group
	leafAt       []int32 // position among the leaves of each of the level's groups
	reachM       float64
	squaredChord float64
	isCandidate  []bool
	near         []int32
	candidates   []candidateGroup
}

type candidateGroup struct {
	leaf  int32
	bound int64
}

func newSiteSearch(g *Gaps, leaves []group, reachM float64) *siteSearch {
	l := g.demand.finest()
	s := &siteSearch{
		gaps: g, level: l, leaves: leaves, leafAt: make([]int32, len(l.groups)), isCandidate: make([]bool, len(leaves)),
		reachM: reachM, squaredChord: geo.SquaredChordOf(reachM),
	}
	n := int32(0)
	for i := range l.groups {
		if s.leafAt[i] = n; l.groups[i].leaf {
			n++
		}
	}
	return s
}

// topCell is the best cell so far.
type topCell struct {
	cell int32
	gain int64
}

func (s *siteSearch) best(gap int) SiteGain {
	best := topCell{cell: nowhere}
	for _, candidate := range s.candidatesFor(gap) {
		if candidate.bound < best.gain {
			break // and so are all that follow
		}
		leaf := &s.leaves[candidate.leaf]
		s.near = s.leavesWithin(s.near[:0], leaf.center, s.reachM+leaf.radiusM)
		if s.gainAround(leaf) < best.gain {
			continue
		}
		s.searchLeaf(leaf, gap, &best)
	}
	return SiteGain{
		Cell: s.level.cells[best.cell], At: s.level.centers[best.cell],
		Households: best.gain, OfGap: s.householdsOf(best.cell, gap),
	}
}

// searchLeaf looks at the cells of a leaf, those below the same parent together: mostly seven, which can
// gain hardly more than any one of them.
func (s *siteSearch) searchLeaf(leaf *group, gap int, best *topCell) {
	cells := s.level.cells
	for from := leaf.from; from < leaf.to; {
		to, parent := from+1, cells[from].Parent(s.level.resolution-1)
		for to < leaf.to && cells[to].Parent(s.level.resolution-1) == parent {
			to++
		}
		if to-from > 2 {
			if flower := s.level.ball(int(from), int(to), 0, true); s.gainAround(&flower) < best.gain {
				from = to
				continue
			}
		}
		for cell := from; cell < to; cell++ {
			s.look(cell, gap, best)
		}
		from = to
	}
}

func (s *siteSearch) look(cell int32, gap int, best *topCell) {
	if s.level.households[cell] <= 0 {
		return
	}
	gain := s.gainWithin(s.level.at(cell), s.squaredChord)
	better := gain > best.gain || gain == best.gain && (best.cell == nowhere || cell < best.cell)
	if better && s.reaches(cell, gap) {
		*best = topCell{cell, gain}
	}
}

// candidatesFor gives the groups that may hold a cell within reach of the gap, those with the highest
// bounds first. There is at least the gap's own.
func (s *siteSearch) candidatesFor(gap int) []candidateGroup {
	clear(s.isCandidate)
	previous := int32(nowhere)
	for _, cell := range s.gaps.positions(gap) {
		at := int32(sort.Search(len(s.leaves), func(i int) bool { return s.leaves[i].to > cell }))
		if at == previous {
			continue
		}
		previous = at
		s.near = s.leavesWithin(s.near[:0], s.leaves[at].center, s.reachM+s.leaves[at].radiusM)
		for _, near := range s.near {
			s.isCandidate[near] = true
		}
	}
	s.candidates = s.candidates[:0]
	for leaf, is := range s.isCandidate {
		if is {
			s.candidates = append(s.candidates, candidateGroup{int32(leaf), s.bound(int32(leaf))})
		}
	}
	slices.SortFunc(s.candidates, func(a, b candidateGroup) int {
		return cmp.Or(cmp.Compare(b.bound, a.bound), cmp.Compare(a.leaf, b.leaf))
	})
	return s.candidates
}

// bound is the uncovered households of all groups that come within reach of the group.
func (s *siteSearch) bound(leaf int32) int64 {
	g := &s.leaves[leaf]
	s.near = s.leavesWithin(s.near[:0], g.center, s.reachM+g.radiusM)
	sum := int64(0)
	for _, near := range s.near {
		sum += s.uncoveredIn(&s.leaves[near])
	}
	return sum
}

func (s *siteSearch) uncoveredIn(g *group) int64 {
	return s.gaps.uncovered.upTo[g.to] - s.gaps.uncovered.upTo[g.from]
}

// leavesWithin appends the leaves of which some centre may be within a distance of a place.
func (s *siteSearch) leavesWithin(near []int32, at geo.ECEF, distanceM float64) []int32 {
	groups := s.level.groups
	for i := int32(0); i < int32(len(groups)); {
		g := &groups[i]
		limit := distanceM + g.radiusM + slackM
		switch away := g.center.SquaredChord(at); {
		case away > limit*limit:
			i = g.next
		case g.leaf:
			near = append(near, s.leafAt[i])
			i = g.next
		default:
			i++
		}
	}
	return near
}

// gainAround is at least what any cell of a group gains, which must be within that near was made for: the
// uncovered households within reach of the ball around its centres.
func (s *siteSearch) gainAround(g *group) int64 {
	distanceM := s.reachM + g.radiusM + slackM
	return s.gainWithin(g.center, distanceM*distanceM)
}

// gainWithin is the uncovered households within a chord of a place that is in the group that near was made
// for.
func (s *siteSearch) gainWithin(at geo.ECEF, squaredChord float64) int64 {
	chord := math.Sqrt(squaredChord)
	sum := int64(0)
	for _, n := range s.near {
		g := &s.leaves[n]
		uncovered := s.uncoveredIn(g)
		if uncovered == 0 {
			continue
		}
		switch away := math.Sqrt(g.center.SquaredChord(at)); {
		case away > chord+g.radiusM+slackM:
		case away+g.radiusM+slackM < chord:
			sum += uncovered
		default:
			sum += s.gainIn(g, at, squaredChord)
		}
	}
	return sum
}

func (s *siteSearch) gainIn(g *group, at geo.ECEF, squaredChord float64) int64 {
	l := s.level
	xs, ys, zs := l.x[g.from:g.to], l.y[g.from:g.to], l.z[g.from:g.to]
	upTo := s.gaps.uncovered.upTo[g.from : g.to+1]
	sum := int64(0)
	for i, x := range xs {
		dx, dy, dz := x-at.X, ys[i]-at.Y, zs[i]-at.Z
		if dx*dx+dy*dy+dz*dz <= squaredChord {
			sum += upTo[i+1] - upTo[i]
		}
	}
	return sum
}

// reaches tells whether some cell of the gap is within reach of a cell in the group that near was made for.
func (s *siteSearch) reaches(cell int32, gap int) bool {
	found := false
	s.eachOf(gap, cell, func(int32) bool {
		found = true
		return false
	})
	return found
}

// householdsOf is how many households of the gap are within reach of a cell.
func (s *siteSearch) householdsOf(cell int32, gap int) int64 {
	s.near = s.leavesWithin(s.near[:0], s.level.at(cell), s.reachM)
	sum := int64(0)
	s.eachOf(gap, cell, func(other int32) bool {
		sum += s.level.households[other]
		return true
	})
	return sum
}

// eachOf calls do with the cells of the gap within reach of a cell, until it gives false.
func (s *siteSearch) eachOf(gap int, cell int32, do func(other int32) bool) {
	at := s.level.at(cell)
	for _, n := range s.near {
		g := &s.leaves[n]
		for other := g.from; other < g.to; other++ {
			if s.gaps.gapOf[other] == int32(gap) && s.level.at(other).SquaredChord(at) <= s.squaredChord && !do(other) {
				return
			}
		}
	}
}
