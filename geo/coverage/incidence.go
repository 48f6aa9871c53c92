package coverage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// Incidence lists the sites in reach of each finest cell of a demand: those of cell i are
// Sites[From[i]:From[i+1]], ascending positions in the Sites it was made of, with their distances: along
// the straight line, or along the way where there is a Cost.
type Incidence struct {
	From, Sites []int32
	DistancesM  []float32
}

// maxPairs bounds an incidence to half a gigabyte.
const maxPairs = 64 << 20

// Of gives the sites in reach of a cell, and their distances.
func (in *Incidence) Of(cell int) (sites []int32, distancesM []float32) {
	from, to := in.From[cell], in.From[cell+1]
	return in.Sites[from:to:to], in.DistancesM[from:to:to]
}

// metric decides which sites are in reach of a place. All of the package asks it, so that whatever way
// an answer is found, it is the same.
type metric struct {
	limitM       float64
	squaredChord float64 // of the longest straight line to look along
	cost         Cost    // nil: the straight line
}

func newMetric(reach Reach, cost Cost) metric {
	if cost == nil || reach.Mode == ByRadius {
		return metric{limitM: reach.StraightM(), squaredChord: geo.SquaredChordOf(reach.StraightM())}
	}
	return metric{limitM: reach.wayM(), squaredChord: geo.SquaredChordOf(reach.wayM()), cost: cost}
}

// meters finishes what the straight line began, which must be within squaredChord.
func (m *metric) meters(squaredChord float64, from, to orb.Point) (meters float64, ok bool) {
	if m.cost == nil {
		return geo.DistanceOfSquaredChord(squaredChord), true
	}
	meters, ok = m.cost.MetersAtMost(from, to, m.limitM)
	return meters, ok && meters <= m.limitM
}

// pair is a cell that a site reaches.
type pair struct {
	cell      int32
	distanceM float32
}

// Incidence finds the sites in reach of each finest cell.
func (d *Demand) Incidence(sites Sites, reach Reach, cost Cost) (*Incidence, error) {
	if err := reach.Validate(); err != nil {
		return nil, err
	}
	if err := sites.Validate(); err != nil {
		return nil, err
	}
	return d.incidence(sites, newMetric(reach, cost))
}

func (d *Demand) incidence(sites Sites, m metric) (*Incidence, error) {
	finest := d.finest()
	lists := make([][]pair, len(sites))
	err := parallelRuns(len(sites), 16, func() func(int) error {
		return func(i int) error {
			lists[i] = finest.reachedFrom(nil, sites[i].At, &m)
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	return transpose(lists, len(finest.cells))
}

// transpose turns the cells of each site into the sites of each cell.
func transpose(lists [][]pair, cells int) (*Incidence, error) {
	number := 0
	for _, list := range lists {
		number += len(list)
	}
	if number > maxPairs {
		return nil, invalid("reach", "makes %d pairs of a site and a cell; %d are allowed: ask at a coarser resolution", number, maxPairs)
	}
	in := &Incidence{From: make([]int32, cells+1), Sites: make([]int32, number), DistancesM: make([]float32, number)}
	for _, list := range lists {
		for _, p := range list {
			in.From[p.cell]++
		}
	}
	sum := int32(0)
	for i, n := range in.From { // where the sites of each cell end, to be filled from the back
		sum += n
		in.From[i] = sum
	}
	for site, list := range slices.Backward(lists) {
		for _, p := range list {
			in.From[p.cell]--
			at := in.From[p.cell]
			in.Sites[at], in.DistancesM[at] = int32(site), p.distanceM
		}
	}
	return in, nil
}

// reachedFrom appends the cells from whose centres a site is in reach, in ascending order.
func (l *lattice) reachedFrom(list []pair, site orb.Point, m *metric) []pair {
	at := geo.ToECEF(site)
	chord := math.Sqrt(m.squaredChord)
	for i := int32(0); i < int32(len(l.groups)); {
		g := &l.groups[i]
		switch away := math.Sqrt(g.center.SquaredChord(at)); {
		case away > chord+g.radiusM+slackM:
			i = g.next
		case g.leaf:
			list = l.reachedIn(list, g, at, site, m)
			i = g.next
		default:
			i++
		}
	}
	return list
}

func (l *lattice) reachedIn(list []pair, g *group, at geo.ECEF, site orb.Point, m *metric) []pair {
	xs, ys, zs := l.x[g.from:g.to], l.y[g.from:g.to], l.z[g.from:g.to]
	for i, x := range xs {
		dx, dy, dz := x-at.X, ys[i]-at.Y, zs[i]-at.Z
		square := dx*dx + dy*dy + dz*dz
		if square > m.squaredChord {
			continue
		}
		cell := g.from + int32(i)
		if meters, ok := m.meters(square, l.centers[cell], site); ok {
			list = append(list, pair{cell, float32(meters)})
		}
	}
	return list
}
