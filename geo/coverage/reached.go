package coverage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// Reached tells which finest cells of a demand a place would serve, along the straight line, inclusive, by
// the very rule that decides for sites. It is safe for concurrent use.
type Reached struct {
	level  *level
	metric metric
}

// Reached is about places from which a reach, as a model leaves it, is measured.
func (d *Demand) Reached(reach Reach) (*Reached, error) {
	if err := reach.Validate(); err != nil {
		return nil, err
	}
	return &Reached{d.finest(), newMetric(reach, nil)}, nil
}

// From appends the positions of the cells in reach of a place, in ascending order.
func (r *Reached) From(buf []int32, place orb.Point) []int32 {
	return r.level.appendReached(buf, geo.ToECEF(place), r.metric.squaredChord)
}

// FromCell is From the centre of a finest cell, given by its position.
func (r *Reached) FromCell(buf []int32, cell int) []int32 {
	return r.level.appendReached(buf, r.level.at(int32(cell)), r.metric.squaredChord)
}

func (l *lattice) appendReached(buf []int32, at geo.ECEF, squaredChord float64) []int32 {
	chord := math.Sqrt(squaredChord)
	for i := int32(0); i < int32(len(l.groups)); {
		g := &l.groups[i]
		away, far := g.center.SquaredChord(at), chord+g.radiusM+slackM
		switch {
		case away > far*far:
			i = g.next
		case g.leaf:
			buf = l.appendReachedIn(buf, g, at, squaredChord)
			i = g.next
		default:
			i++
		}
	}
	return buf
}

func (l *lattice) appendReachedIn(buf []int32, g *group, at geo.ECEF, squaredChord float64) []int32 {
	xs, ys, zs := l.x[g.from:g.to], l.y[g.from:g.to], l.z[g.from:g.to]
	for i, x := range xs {
		dx, dy, dz := x-at.X, ys[i]-at.Y, zs[i]-at.Z
		if dx*dx+dy*dy+dz*dz <= squaredChord {
			buf = append(buf, g.from+int32(i))
		}
	}
	return buf
}

// Gains is how much of some weights, one for each finest cell, is in reach of the centre of each cell.
func (r *Reached) Gains(weights []int64) []int64 {
	l := r.level
	g := gainSearch{lattice: l.lattice, squaredChord: r.metric.squaredChord, upTo: make([]int64, len(weights)+1), gains: make([]int64, len(l.cells))}
	copy(g.upTo[1:], weights)
	accumulate(g.upTo)
	var tops []int32 // groups that are in no other
	for i := int32(0); i < int32(len(l.groups)); i = l.groups[i].next {
		tops = append(tops, i)
	}
	_ = parallelRuns(len(tops), 1, func() func(int) error {
		var near, nearer []int32
		return func(n int) error {
			near, nearer = g.search(tops[n], near, nearer)
			return nil
		}
	})
	return g.gains
}

// gainSearch sums weights up around every cell.
type gainSearch struct {
	*lattice
	squaredChord float64
	upTo         []int64 // weights of the cells before each one, and of all
	gains        []int64
}

// search fills in the gains of the cells of a group. The buffers are given back.
func (g *gainSearch) search(top int32, near, nearer []int32) (buf, other []int32) {
	near = g.weightyLeaves(near[:0], &g.groups[top])
	for i := top; i < g.groups[top].next; i++ {
		leaf := &g.groups[i]
		if !leaf.leaf {
			continue
		}
		nearer = g.nearOf(nearer[:0], near, leaf)
		for cell := leaf.from; cell < leaf.to; cell++ {
			g.gains[cell] = g.gainOf(nearer, g.at(cell))
		}
	}
	return near, nearer
}

// isNear tells whether a cell of a group can be in reach of one of another.
func (g *gainSearch) isNear(a, b *group) bool {
	far := math.Sqrt(g.squaredChord) + a.radiusM + b.radiusM + slackM
	return a.center.SquaredChord(b.center) <= far*far
}

// weightyLeaves appends the leaves that weigh anything and can be in reach of a cell of a group.
func (g *gainSearch) weightyLeaves(near []int32, of *group) []int32 {
	for i := int32(0); i < int32(len(g.groups)); {
		other := &g.groups[i]
		switch {
		case g.upTo[other.from] == g.upTo[other.to] || !g.isNear(other, of):
			i = other.next
		case other.leaf:
			near = append(near, i)
			i = other.next
		default:
			i++
		}
	}
	return near
}

func (g *gainSearch) nearOf(nearer, near []int32, leaf *group) []int32 {
	for _, n := range near {
		if g.isNear(&g.groups[n], leaf) {
			nearer = append(nearer, n)
		}
	}
	return nearer
}

func (g *gainSearch) gainOf(near []int32, at geo.ECEF) int64 {
	sum, chord := int64(0), math.Sqrt(g.squaredChord)
	for _, n := range near {
		leaf := &g.groups[n]
		switch away := math.Sqrt(leaf.center.SquaredChord(at)); {
		case away > chord+leaf.radiusM+slackM:
		case away+leaf.radiusM+slackM < chord:
			sum += g.upTo[leaf.to] - g.upTo[leaf.from]
		default:
			sum += g.weightIn(leaf, at)
		}
	}
	return sum
}

func (g *gainSearch) weightIn(leaf *group, at geo.ECEF) int64 {
	xs, ys, zs := g.x[leaf.from:leaf.to], g.y[leaf.from:leaf.to], g.z[leaf.from:leaf.to]
	upTo := g.upTo[leaf.from : leaf.to+1]
	sum := int64(0)
	for i, x := range xs {
		dx, dy, dz := x-at.X, ys[i]-at.Y, zs[i]-at.Z
		if dx*dx+dy*dy+dz*dz <= g.squaredChord {
			sum += upTo[i+1] - upTo[i]
		}
	}
	return sum
}

// Find gives the position of a finest cell.
func (d *Demand) Find(cell hex.Cell) (at int, found bool) {
	return slices.BinarySearch(d.finest().cells, cell)
}

// Home is the unit that a finest cell, given by its position, belongs to: that with most of its households,
// of those with the same the first by code.
func (d *Demand) Home(cell int) string { return d.units[d.homeOf(cell)] }

// CrossWeightAt is the weight of the time when two or more sites cover a finest cell, given by its position.
func (s *State) CrossWeightAt(cell int) Interval {
	v := s.values.at(int32(cell))
	return Interval{int64(v.known.twice), int64(v.possible.twice)}
}

// At is the gap that holds a finest cell, given by its position.
func (g *Gaps) At(cell int) (gap int, ok bool) {
	gap = int(g.gapOf[cell])
	return gap, gap != nowhere
}

// Size is how many cells and households a gap has.
func (g *Gaps) Size(gap int) (cells int, households int64) {
	row := &g.rows[gap]
	return int(row.to - row.from), row.households
}

// EachCell calls do with the position of each finest cell of a gap, ascending.
func (g *Gaps) EachCell(gap int, do func(cell int)) {
	for _, cell := range g.positions(gap) {
		do(int(cell))
	}
}

// BoundOf holds all of the cells of a gap; it is up to about one cell too large on each side.
func (g *Gaps) BoundOf(gap int) orb.Bound {
	_, bound := g.middle(gap)
	return bound
}

// EachCellOf calls do with the position of each finest cell that has households of a unit whose code begins
// with the prefix, once for each such unit.
func (d *Demand) EachCellOf(prefix string, do func(cell int)) {
	_, cells := d.partsOf(d.unitsWith(prefix))
	for _, cell := range cells {
		do(int(cell))
	}
}

// BestSitesOf is BestSite for each of some gaps, on all processors.
func (g *Gaps) BestSitesOf(gaps []int, reachM float64) ([]SiteGain, error) {
	return g.bestSites(gaps, reachM)
}
