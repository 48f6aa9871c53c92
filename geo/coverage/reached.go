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
	upTo := make([]int64, len(weights)+1)
	copy(upTo[1:], weights)
	accumulate(upTo)
	leaves := l.leaves()
	gains := make([]int64, len(l.cells))
	chord := math.Sqrt(r.metric.squaredChord)
	_ = parallelRuns(len(leaves), 4, func() func(int) error {
		var near []int32
		return func(n int) error {
			leaf := &leaves[n]
			near = l.weightyLeaves(near[:0], leaves, leaf, chord, upTo)
			for cell := leaf.from; cell < leaf.to; cell++ {
				gains[cell] = l.gainOf(leaves, near, l.at(cell), r.metric.squaredChord, upTo)
			}
			return nil
		}
	})
	return gains
}

// weightyLeaves appends the leaves that weigh anything and come within a chord of one.
func (l *lattice) weightyLeaves(near []int32, leaves []group, leaf *group, chord float64, upTo []int64) []int32 {
	for i, leafAt := int32(0), int32(0); i < int32(len(l.groups)); {
		g := &l.groups[i]
		far := chord + leaf.radiusM + g.radiusM + slackM
		if g.center.SquaredChord(leaf.center) > far*far || upTo[g.from] == upTo[g.to] {
			leafAt += int32(leavesIn(leaves, g, leafAt))
			i = g.next
			continue
		}
		if g.leaf {
			near = append(near, leafAt)
			leafAt++
		}
		i++
	}
	return near
}

// leavesIn counts the leaves of a group, of which the first is given.
func leavesIn(leaves []group, g *group, first int32) int {
	if g.leaf {
		return 1
	}
	rest := leaves[first:]
	end, _ := slices.BinarySearchFunc(rest, g.to, func(leaf group, to int32) int { return int(leaf.from - to) })
	return end
}

func (l *lattice) gainOf(leaves []group, near []int32, at geo.ECEF, squaredChord float64, upTo []int64) int64 {
	sum, chord := int64(0), math.Sqrt(squaredChord)
	for _, n := range near {
		g := &leaves[n]
		switch away := math.Sqrt(g.center.SquaredChord(at)); {
		case away > chord+g.radiusM+slackM:
		case away+g.radiusM+slackM < chord:
			sum += upTo[g.to] - upTo[g.from]
		default:
			sum += l.weightIn(g, at, squaredChord, upTo[g.from:g.to+1])
		}
	}
	return sum
}

func (l *lattice) weightIn(g *group, at geo.ECEF, squaredChord float64, upTo []int64) int64 {
	xs, ys, zs := l.x[g.from:g.to], l.y[g.from:g.to], l.z[g.from:g.to]
	sum := int64(0)
	for i, x := range xs {
		dx, dy, dz := x-at.X, ys[i]-at.Y, zs[i]-at.Z
		if dx*dx+dy*dy+dz*dz <= squaredChord {
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
