package coverage

import (
	"math"
	"sync"

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
	places := make([]place, len(sites))
	for i := range sites {
		places[i] = place{geo.ToECEF(sites[i].At), int32(i)}
	}
	tops := finest.tops()
	parts := make([]foundPart, len(tops))
	var mu sync.Mutex
	var workers []*descent
	_ = parallelRuns(len(tops), 1, func() func(int) error {
		worker := descents.Get().(*descent)
		worker.start(finest.lattice, sites, m)
		mu.Lock()
		defer mu.Unlock()
		workers = append(workers, worker)
		return func(i int) error {
			parts[i] = worker.find(tops[i], places)
			return nil
		}
	})
	in, err := joinFound(parts, len(finest.cells))
	for _, worker := range workers {
		descents.Put(worker)
	}
	return in, err
}

// place is where a site is.
type place struct {
	at   geo.ECEF
	site int32
}

// descent finds the sites in reach of the cells below some groups, in the order of cells.
type descent struct {
	*lattice
	sites  Sites
	metric metric
	chord  float64

	stack     [][]place // of those that can be in reach, by depth
	ends      []int32   // where the sites of each cell end in found
	found     []int32
	distances []float32
}

// descents keep the room that it took: to make and clear it anew would take as long as to fill it.
var descents = sync.Pool{New: func() any { return &descent{} }}

func (d *descent) start(l *lattice, sites Sites, m metric) {
	d.lattice, d.sites, d.metric, d.chord = l, sites, m, math.Sqrt(m.squaredChord)
	d.ends, d.found, d.distances = d.ends[:0], d.found[:0], d.distances[:0]
}

// foundPart is what a worker found below one group.
type foundPart struct {
	worker              *descent
	fromCell, toCell    int // in ends
	fromFound, endFound int
}

func (d *descent) find(top int32, places []place) foundPart {
	part := foundPart{worker: d, fromCell: len(d.ends), fromFound: len(d.found)}
	d.descend(top, places, 0)
	part.toCell, part.endFound = len(d.ends), len(d.found)
	return part
}

// descend hands those places on that are in reach of some cell of a group, which at the leaves are few.
func (d *descent) descend(at int32, places []place, depth int) {
	if len(d.found) > maxPairs {
		return // joinFound will say so
	}
	if len(d.stack) == depth {
		d.stack = append(d.stack, nil)
	}
	g := &d.groups[at]
	near := d.stack[depth][:0]
	limit := d.chord + g.radiusM + slackM
	for _, p := range places {
		if p.at.SquaredChord(g.center) <= limit*limit {
			near = append(near, p)
		}
	}
	d.stack[depth] = near
	switch {
	case len(near) == 0:
		end := int32(len(d.found))
		for range g.to - g.from {
			d.ends = append(d.ends, end)
		}
	case g.leaf:
		d.findIn(g, near)
	default:
		for inner := at + 1; inner < g.next; inner = d.groups[inner].next {
			d.descend(inner, near, depth+1)
		}
	}
}

func (d *descent) findIn(g *group, near []place) {
	for cell := g.from; cell < g.to; cell++ {
		x, y, z := d.x[cell], d.y[cell], d.z[cell]
		for i := range near {
			dx, dy, dz := x-near[i].at.X, y-near[i].at.Y, z-near[i].at.Z
			square := dx*dx + dy*dy + dz*dz
			if square > d.metric.squaredChord {
				continue
			}
			if meters, ok := d.metric.meters(square, d.centers[cell], d.sites[near[i].site].At); ok {
				d.found = append(d.found, near[i].site)
				d.distances = append(d.distances, float32(meters))
			}
		}
		d.ends = append(d.ends, int32(len(d.found)))
	}
}

// joinFound puts what was found below each group together.
func joinFound(parts []foundPart, cells int) (*Incidence, error) {
	number := 0
	for _, part := range parts {
		number += part.endFound - part.fromFound
	}
	if number > maxPairs {
		return nil, invalid("reach", "makes %d pairs of a site and a cell; %d are allowed: ask at a coarser resolution", number, maxPairs)
	}
	in := &Incidence{From: make([]int32, cells+1), Sites: make([]int32, 0, number), DistancesM: make([]float32, 0, number)}
	rest := in.From[1:]
	for _, part := range parts {
		before := int32(len(in.Sites) - part.fromFound)
		for i, end := range part.worker.ends[part.fromCell:part.toCell] {
			rest[i] = before + end
		}
		rest = rest[part.toCell-part.fromCell:]
		in.Sites = append(in.Sites, part.worker.found[part.fromFound:part.endFound]...)
		in.DistancesM = append(in.DistancesM, part.worker.distances[part.fromFound:part.endFound]...)
	}
	return in, nil
}

// pair is a cell that a site reaches.
type pair struct {
	cell      int32
	distanceM float32
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
