package siting

import "slices"

// whole is a part of which every point must be covered, by at least low and at most high sites.
type whole struct {
	part      *part
	low, high int
	sites     []int32 // high of them
	stuck     bool    // the difference could not be closed
}

// coverAll finds at most so many sites that cover all points, or that there are none; neither, when it was
// given up.
func coverAll(points int, reach [][]int32, most int, o Options) (sites []int32, impossible bool) {
	parts, ok := wholeParts(points, reach)
	if !ok {
		return nil, true
	}
	wholes := make([]*whole, len(parts))
	parallel(len(parts), 1, func(from, to int) {
		for i := from; i < to; i++ {
			wholes[i] = newWhole(parts[i])
		}
	})
	for {
		low, high := 0, 0
		for _, w := range wholes {
			low, high = low+w.low, high+w.high
		}
		if low > most {
			return nil, true
		}
		if high <= most {
			break
		}
		at := slices.IndexFunc(wholes, func(w *whole) bool { return w.low < w.high && !w.stuck })
		if at < 0 || o.cancelled() {
			return nil, false
		}
		// If the others do with their least, this part may have so many.
		wholes[at].close(min(wholes[at].high-1, wholes[at].low+most-low), o)
	}
	for _, w := range wholes {
		for _, site := range w.sites {
			sites = append(sites, w.part.sites[site])
		}
	}
	return sites, false
}

// wholeParts splits the sites and points, and takes out what does not matter. It tells whether some site
// reaches every point.
func wholeParts(points int, reach [][]int32) ([]*part, bool) {
	weights := make([]int64, points)
	for i := range weights {
		weights[i] = 1
	}
	q := &Cover{Weights: weights, Candidates: len(reach), P: len(reach), Reach: func(j int, buf []int32) []int32 { return append(buf, reach[j]...) }}
	m, err := prepare(q, Options{})
	if err != nil {
		return nil, false // a matrix keeps all limits of a question of covering
	}
	all := make([]int32, len(reach))
	for j := range all {
		all[j] = int32(j)
	}
	reached := 0
	var parts []*part
	for _, p := range m.split(m.materialize(all, len(reach)*points+1), false) {
		if reached += len(p.points); len(p.points) > 0 { // a site that reaches nothing is a part too
			parts = append(parts, p.reducedWhole())
		}
	}
	return parts, reached == points
}

// reducedWhole takes out sites that reach no more than others, and points that are reached by all sites
// that reach another point, until there are no more.
func (p *part) reducedWhole() *part {
	for p.edges() <= maxReduceWhole {
		r := p.reduced(maxReduceWhole).withoutRows()
		if len(r.sites) == len(p.sites) && len(r.points) == len(p.points) {
			return r
		}
		p = r
	}
	return p
}

// maxReduceWhole is as maxReduce, for parts that must be covered whole, where much more can go.
const maxReduceWhole = 4_000_000

// withoutRows takes out points that are covered whenever another one is. All that are left weigh 1.
func (p *part) withoutRows() *part {
	t := &part{sites: p.points, points: p.sites, cover: p.within, within: p.cover}
	r := &part{sites: p.sites, single: true, grain: 1}
	renamed := make([]int32, len(p.points))
	for point := range int32(len(p.points)) {
		if renamed[point] = -1; !t.contained(point) {
			renamed[point] = int32(len(r.points))
			r.points, r.weight, r.need = append(r.points, p.points[point]), append(r.weight, 1), append(r.need, 1)
		}
	}
	r.total = int64(len(r.points))
	r.cover.from = make([]int, 1)
	for site := range int32(len(p.sites)) {
		for _, point := range p.cover.of(site) {
			if renamed[point] >= 0 {
				r.cover.to = append(r.cover.to, renamed[point])
			}
		}
		r.cover.from = append(r.cover.from, len(r.cover.to))
	}
	r.within = r.cover.transpose(len(r.points))
	return r
}

// contained tells whether the list of a site holds all of the list of another one (of equals the first is
// not): the mirror image of dominated.
func (p *part) contained(site int32) bool {
	mine := p.cover.of(site)
	seen := make(map[int32]bool)
	for _, point := range mine {
		for _, other := range p.within.of(point) {
			if other == site || seen[other] {
				continue
			}
			seen[other] = true
			theirs := p.cover.of(other)
			if len(theirs) > len(mine) || len(theirs) == len(mine) && other > site {
				continue
			}
			if contains(mine, theirs) {
				return true
			}
		}
	}
	return false
}

func newWhole(p *part) *whole {
	w := &whole{part: p, low: 1}
	s := newState(p, 0)
	for s.value < p.total {
		s.add(s.best(nil))
	}
	w.sites, w.high = s.chosen, len(s.chosen)
	return w
}

// close finds out whether k sites cover all.
func (w *whole) close(k int, o Options) {
	x := &search{
		state: newState(w.part, 0), tally: (&rules{most: k}).tally(), ceiling: w.part.total,
		patience: 30, shaken: 10, limit: o.work() / 8, halted: o.cancelled,
	}
	x.run(w.sites[:k])
	if x.value == w.part.total {
		w.sites, w.high = x.best, len(x.best)
		return
	}
	// An answer is worth something only if it covers all: all but one are known already.
	b := &brancher{
		p: w.part, value: w.part.total - 1, limit: o.work(), fixing: true, widest: len(w.part.sites), halted: o.cancelled,
	}
	b.search(newNode(w.part, &rules{most: k}), w.part.total, rootSteps)
	switch {
	case b.best != nil:
		w.sites, w.high = b.best, len(b.best)
	case b.unknown > 0:
		w.stuck = true
	default:
		w.low = k + 1
	}
}
