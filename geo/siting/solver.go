package siting

import (
	"cmp"
	"slices"
)

// maxEdges bounds the reach lists held in memory: 4 bytes an entry, twice.
const maxEdges = 48 << 20

// wholeCandidates is the number up to which all candidates that gain anything are active.
const wholeCandidates = 10_000

// maxWide is how many sites may be undecided for branching to be tried: where there are more, in the even
// middle of a town, too many are nearly as good as one another.
const maxWide = 600

// solver answers a question of maximal covering for any number of sites up to most.
type solver struct {
	*model
	options Options
	curves  []*curve
	rest    []int64 // bound on what k candidates can add that are in no part
	work    int64   // left for branch and bound
}

// newSolver splits the candidates that matter into parts. Those whose credit alone is well below what
// greedy's last site adds can hardly be in a good answer; they stay out, and the bound counts their credit.
func newSolver(m *model, most int, sites []int32, added []int64, o Options) (*solver, error) {
	s := &solver{model: m, options: o, work: o.work()}
	threshold := int64(1)
	if m.Candidates > wholeCandidates && len(sites) == most && most > 0 {
		threshold = max(1, added[most-1]*7/10)
	}
	active, idle := m.byCredit(threshold, sites)
	t := m.materialize(active, maxEdges)
	if fault := m.fault.Load(); fault != nil {
		return nil, fault
	}
	for _, site := range active[len(t.candidates):] {
		idle = append(idle, m.credit[site])
	}
	slices.SortFunc(idle, func(a, b int64) int { return cmp.Compare(b, a) })
	s.rest = make([]int64, 1, most+1)
	for k := 0; k < min(most, len(idle)); k++ {
		s.rest = append(s.rest, min(m.total, s.rest[k]+idle[k]))
	}
	parts := m.split(t, false)
	s.curves = make([]*curve, len(parts))
	parallel(len(parts), 1, func(from, to int) {
		for i := from; i < to; i++ {
			s.curves[i] = newCurve(parts[i].reduced(maxReduce), most)
		}
	})
	return s, nil
}

// byCredit sorts out the candidates: those with at least the threshold, most credit first, with the given
// ones before all, and the credit of the others.
func (m *model) byCredit(threshold int64, first []int32) (active []int32, idle []int64) {
	chosen := make(map[int32]bool, len(first))
	for _, site := range first {
		chosen[site] = true
	}
	for site, credit := range m.credit {
		switch {
		case credit <= 0 || chosen[int32(site)]:
		case credit >= threshold:
			active = append(active, int32(site))
		default:
			idle = append(idle, credit)
		}
	}
	slices.SortFunc(active, func(a, b int32) int {
		return cmp.Or(cmp.Compare(m.credit[b], m.credit[a]), cmp.Compare(a, b))
	})
	return append(slices.Clone(first), active...), idle
}

// solve works on the parts until the answer for p sites is proved, or until trying more does not pay.
// Prices come first: they are cheap, and show which shares of the sites are worth a search.
func (s *solver) solve(p int) {
	for busy := true; busy && !s.halted(); {
		busy = s.rounds(p, "pricing", s.unpriced, (*solver).price)
		busy = s.rounds(p, "swapping", s.unsearched, (*solver).improve) || busy
		busy = s.prove(p) || busy
	}
}

// prove runs branch and bound on the parts whose share in the bound is open, if any.
func (s *solver) prove(p int) bool {
	tasks := s.undug(p)
	if len(tasks) == 0 || s.work <= 0 {
		return false
	}
	limit := s.work / int64(len(tasks))
	spent := make([]int64, len(tasks))
	s.run(tasks, p, "proving", func(s *solver, t task) { spent[t.at] = s.dig(t, limit) })
	for _, each := range spent {
		s.work -= max(each, 1)
	}
	return true
}

// rounds does tasks until there are no more, and tells whether there were any.
func (s *solver) rounds(p int, stage string, find func(p int) []task, work func(*solver, task)) bool {
	busy := false
	for tasks := find(p); len(tasks) > 0 && !s.halted(); tasks = find(p) {
		s.run(tasks, p, stage, work)
		busy = true
	}
	return busy
}

// task is a number of sites for a part that deserves work.
type task struct {
	curve *curve
	k     int
	at    int
}

func (s *solver) run(tasks []task, p int, stage string, work func(*solver, task)) {
	for i := range tasks {
		tasks[i].at = i
	}
	parallel(len(tasks), 1, func(from, to int) {
		for i := from; i < to; i++ {
			work(s, tasks[i])
		}
	})
	_, value := s.best(p)
	_, bound := s.ceiling(p)
	s.options.tell(Progress{Stage: stage, Done: len(tasks), Total: len(tasks), Objective: value / s.unit, Bound: bound / s.unit})
}

func (s *solver) halted() bool {
	return s.options.cancelled()
}

func (s *solver) values() [][]int64 {
	values := make([][]int64, len(s.curves))
	for i, c := range s.curves {
		values[i] = c.value
	}
	return values
}

// bounds are those of the parts, and last what candidates outside of them can add.
func (s *solver) bounds() [][]int64 {
	bounds := make([][]int64, len(s.curves), len(s.curves)+1)
	for i, c := range s.curves {
		bounds[i] = c.bound
	}
	return append(bounds, s.rest)
}

func (s *solver) best(p int) (share []int, value int64) { return allot(p, s.values()) }

func (s *solver) ceiling(p int) (share []int, bound int64) {
	share, bound = allot(p, s.bounds())
	return share[:len(s.curves)], min(bound, s.total)
}

// unpriced are the parts whose share in the bound no prices were sought for.
func (s *solver) unpriced(p int) (tasks []task) {
	share, _ := s.ceiling(p)
	for i, c := range s.curves {
		if k := share[i]; !c.priced[k] && c.bound[k] > c.value[k] {
			c.priced[k] = true
			tasks = append(tasks, task{curve: c, k: k})
		}
	}
	return tasks
}

// unsearched are the parts, with their shares in the best answer and in the bound, that no search was made for.
func (s *solver) unsearched(p int) (tasks []task) {
	share, _ := s.best(p)
	other, _ := s.ceiling(p)
	for i, c := range s.curves {
		for _, k := range []int{share[i], other[i]} {
			if !c.tried[k] && c.bound[k] > c.value[k] {
				c.tried[k] = true
				tasks = append(tasks, task{curve: c, k: k})
				break // the curve has one owner at a time
			}
		}
	}
	return tasks
}

// undug are the parts whose share in the bound is not proved.
func (s *solver) undug(p int) (tasks []task) {
	share, bound := s.ceiling(p)
	if _, value := s.best(p); value >= bound-bound%s.unit {
		return nil
	}
	for i, c := range s.curves {
		k := share[i]
		if c.dug[k] || c.bound[k] <= c.value[k] {
			continue
		}
		if !c.part.single && len(s.rest) > 1 {
			continue // a site of the rest could complete what a part covers by half
		}
		c.dug[k] = true
		tasks = append(tasks, task{curve: c, k: k})
	}
	return tasks
}

// improve searches by swaps.
func (s *solver) improve(t task) {
	c, k := t.curve, t.k
	for _, half := range halves(c.part) {
		x := &search{
			state: newState(c.part, half), tally: (&rules{most: k}).tally(), ceiling: c.bound[k],
			patience: 20, shaken: 150, limit: s.options.work() / 2, halted: s.halted,
		}
		x.run(c.sites(k))
		c.raise(k, x.value, x.best)
	}
}

// price lowers the bound by moving prices, from where they stood for another number of sites.
func (s *solver) price(t task) {
	c, k := t.curve, t.k
	n := c.node(k)
	b := &brancher{p: c.part, value: c.value[k], limit: s.options.work() / 2, halted: s.halted}
	lowest, _ := b.bound(n, c.bound[k], rootSteps)
	if b.best != nil {
		c.raise(k, b.value, b.best)
	}
	c.lower(k, lowest)
	c.lowerAll(n)
	c.prices = n.price
}

// halves are the credits for a half reached point worth trying: those that need one site need no credit.
func halves(p *part) []int64 {
	if p.single {
		return []int64{0}
	}
	return []int64{0, 1, 2}
}

// dig runs branch and bound on a part.
func (s *solver) dig(t task, limit int64) (work int64) {
	c, k := t.curve, t.k
	b := &brancher{p: c.part, value: c.value[k], limit: limit, fixing: true, widest: maxWide * max(1, s.options.Effort), halted: s.halted}
	b.search(c.node(k), c.bound[k], rootSteps)
	if b.best != nil {
		c.raise(k, b.value, b.best)
	}
	c.lower(k, max(b.value, b.unknown))
	return b.work
}
