package siting

import (
	"cmp"
	"math"
	"slices"
)

// limited answers a question with floors or a budget. Both tie the parts together, so all candidates are
// one part.
type limited struct {
	*model
	options Options
	places  int
	part    *part
	rules   *rules
	idle    []int64 // credits of the candidates that are not in the part, the greatest first
}

func newLimited(m *model, places int, o Options) (*limited, error) {
	l := &limited{model: m, options: o, places: places}
	if err := l.checkFloors(); err != nil {
		return nil, err
	}
	active := l.active()
	t := m.materialize(active, maxEdges)
	if fault := m.fault.Load(); fault != nil {
		return nil, fault
	}
	in := make(map[int32]bool, len(t.candidates))
	for _, candidate := range t.candidates {
		in[candidate] = true
	}
	for candidate, credit := range m.credit {
		if credit > 0 && !in[int32(candidate)] {
			l.idle = append(l.idle, credit)
		}
	}
	slices.SortFunc(l.idle, func(a, b int64) int { return cmp.Compare(b, a) })
	if parts := m.split(t, true); len(parts) > 0 {
		l.part = parts[0]
		l.rules = l.rulesOf(l.part)
	}
	return l, nil
}

// checkFloors tells whether the floors can be kept at all, and at which cost.
func (l *limited) checkFloors() error {
	costs := make([][]int64, len(l.Floors))
	for candidate, credit := range l.credit {
		if g := l.floorOf(int32(candidate)); g >= 0 && credit >= 0 {
			costs[g] = append(costs[g], l.cost(int32(candidate)))
		}
	}
	sites, least := 0, int64(0)
	for g, floor := range l.Floors {
		if floor > len(costs[g]) {
			return invalid("Floors", "group %d has a floor of %d sites, and %d candidates", g, floor, len(costs[g]))
		}
		slices.Sort(costs[g])
		for _, cost := range costs[g][:floor] {
			least += cost
		}
		sites += floor
	}
	switch {
	case l.P != NoLimit && sites > l.P:
		return invalid("Floors", "ask for %d sites together, only %d are to be placed", sites, l.P)
	case l.Costs != nil && least > l.Budget:
		return invalid("Budget", "is %d, and the least that the floors cost is %d", l.Budget, least)
	}
	return nil
}

func (l *limited) cost(candidate int32) int64 {
	if l.Costs == nil {
		return 0
	}
	return l.Costs[candidate]
}

// spareSites is how many candidates of a group with a floor are looked at for each site of the floor.
const spareSites = 50

// active are the candidates worth looking at, the most important first. With a budget, or where they are
// few, these are all; else those with at least half the credit of what greedy, that minds no floors, adds
// last, and the best of each group that has a floor.
func (l *limited) active() (list []int32) {
	threshold := int64(1)
	if l.Costs == nil && l.Candidates > wholeCandidates && l.unit == 1 {
		if _, added := l.greedy(l.places, math.MaxInt64, l.options); len(added) == l.places && l.places > 0 {
			threshold = max(1, added[len(added)-1]/2)
		}
	}
	var all []int32
	for candidate, credit := range l.credit {
		if g := l.floorOf(int32(candidate)); credit > 0 || credit == 0 && g >= 0 && l.Floors[g] > 0 {
			all = append(all, int32(candidate))
		}
	}
	slices.SortFunc(all, func(a, b int32) int {
		return cmp.Or(cmp.Compare(l.credit[b], l.credit[a]), cmp.Compare(a, b))
	})
	needed := make([]bool, l.Candidates)
	l.needForFloors(all, needed)
	for _, must := range []bool{true, false} {
		for _, candidate := range all {
			if needed[candidate] == must && (must || l.credit[candidate] >= threshold) {
				list = append(list, candidate)
			}
		}
	}
	return list
}

// needForFloors marks the cheapest candidates of each group, so that every floor can be kept within the
// budget, and those of most credit.
func (l *limited) needForFloors(byCredit []int32, needed []bool) {
	byCost := slices.Clone(byCredit)
	slices.SortStableFunc(byCost, func(a, b int32) int { return cmp.Compare(l.cost(a), l.cost(b)) })
	for _, list := range [][]int32{byCost, byCredit} {
		count := make([]int, len(l.Floors))
		for _, candidate := range list {
			if g := l.floorOf(candidate); g >= 0 && count[g] < l.Floors[g]*spareSites {
				count[g]++
				needed[candidate] = true
			}
		}
	}
}

func (l *limited) rulesOf(p *part) *rules {
	r := &rules{most: l.places}
	if l.Costs != nil {
		r.budget = l.Budget
		for _, candidate := range p.sites {
			r.cost = append(r.cost, l.Costs[candidate])
		}
	}
	if l.needsFloors() {
		r.floor = l.Floors
		for _, candidate := range p.sites {
			r.group = append(r.group, l.Groups[candidate])
		}
	}
	return r
}

// solve gives the best candidates found, and a bound in units.
func (l *limited) solve() (candidates []int32, bound int64) {
	if l.part == nil {
		return nil, l.beyond(nil, 0)
	}
	best, value := l.search()
	b := &brancher{p: l.part, value: value, limit: l.options.work() / 2, widest: 2 * maxWide, halted: l.options.cancelled}
	root := newNode(l.part, l.rules)
	bound, closed := b.bound(root, l.part.total, rootSteps)
	l.tell("pricing", b.value, bound)
	bound = max(bound, b.value)
	if !closed && (l.unit == 1 || len(l.idle) == 0) {
		b.limit, b.unknown = b.work+l.options.work(), 0
		b.search(root, bound, nodeSteps)
		bound = min(bound, max(b.value, b.unknown))
		l.tell("proving", b.value, bound)
	}
	if b.best != nil {
		best = b.best
	}
	for _, site := range best {
		candidates = append(candidates, l.part.sites[site])
	}
	return candidates, l.beyond(root, bound)
}

func (l *limited) tell(stage string, value, bound int64) {
	l.options.tell(Progress{Stage: stage, Done: 1, Total: 1, Objective: value / l.unit, Bound: bound / l.unit})
}

// search runs greedy, that keeps the rules, and swaps.
func (l *limited) search() (best []int32, value int64) {
	for _, half := range halves(l.part) {
		x := &search{
			state: newState(l.part, half), tally: l.rules.tally(), ceiling: l.part.total,
			patience: 40, shaken: 200, limit: l.options.work() / 2, halted: l.options.cancelled,
		}
		x.run(greedyWithin(l.part, l.rules))
		if best == nil || x.value > value {
			best, value = x.best, x.value
		}
	}
	l.tell("swapping", value, l.part.total)
	return best, value
}

// beyond is the bound when candidates outside the part count too. If k of them are chosen, they cover at
// most the k greatest of their credits, and the others no more than as many sites of the part free of rules.
func (l *limited) beyond(root *node, bound int64) int64 {
	if len(l.idle) == 0 {
		return bound
	}
	most := min(l.places, len(l.idle))
	var inside []int64
	if root != nil {
		n := newNode(l.part, &rules{most: l.places})
		copy(n.price, root.price)
		n.settle()
		inside = (&curve{bound: filled(l.places+1, l.part.total)}).lowerAll(n).bound
	} else {
		inside = make([]int64, l.places+1)
	}
	sum := int64(0)
	for k := 1; k <= most; k++ {
		sum = min(sum+l.idle[k-1], l.total)
		bound = max(bound, min(l.total, sum+inside[l.places-k]))
	}
	return bound
}

func filled(n int, value int64) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = value
	}
	return list
}

// greedyWithin opens what adds most, for the money where there is a budget, and never so much that the
// floors cannot be kept any more.
func greedyWithin(p *part, r *rules) (sites []int32) {
	s, t := newState(p, 2), r.tally()
	reserve := newReserve(r)
	for {
		found := int32(-1)
		for site := range int32(len(p.sites)) {
			if s.open[site] || !t.fits(site) || !reserve.allows(t, site) {
				continue
			}
			if s.gain[site] == 0 && !reserve.short(t, site) {
				continue
			}
			if found < 0 || r.prefers(s.gain, site, found) {
				found = site
			}
		}
		if found < 0 {
			return sites
		}
		s.add(found)
		t.add(found)
		reserve.open[found] = true
		sites = append(sites, found)
	}
}

// prefers tells whether a site is the better one to open.
func (r *rules) prefers(gain []int64, site, other int32) bool {
	if r.cost == nil {
		return gain[site] > gain[other]
	}
	c := compareRatios(gain[site], r.cost[site], gain[other], r.cost[other])
	return c > 0 || c == 0 && gain[site] > gain[other]
}

// reserve knows the cheapest sites of each group, to keep places and money for the floors.
type reserve struct {
	rules *rules
	cheap [][]int32 // sites of each group, the cheapest first
	open  map[int32]bool
}

func newReserve(r *rules) *reserve {
	v := &reserve{rules: r, cheap: make([][]int32, len(r.floor)), open: map[int32]bool{}}
	for site, g := range r.group {
		if g >= 0 {
			v.cheap[g] = append(v.cheap[g], int32(site))
		}
	}
	for _, list := range v.cheap {
		slices.SortStableFunc(list, func(a, b int32) int {
			if r.cost == nil {
				return 0
			}
			return cmp.Compare(r.cost[a], r.cost[b])
		})
	}
	return v
}

// short tells whether the group of a site has fewer sites than its floor.
func (v *reserve) short(t *tally, site int32) bool {
	g := v.rules.groupOf(site)
	return g >= 0 && t.inGroup[g] < v.rules.floor[g]
}

// allows tells whether the floors can still be kept after a site is opened.
func (v *reserve) allows(t *tally, site int32) bool {
	places, money := v.rules.most-t.sites-1, v.rules.budget-t.spent
	if v.rules.cost != nil {
		money -= v.rules.cost[site]
	}
	for g, floor := range v.rules.floor {
		short := floor - t.inGroup[g]
		if v.rules.groupOf(site) == int32(g) {
			short--
		}
		for _, each := range v.cheap[g] {
			if short <= 0 {
				break
			}
			if each == site || v.open[each] {
				continue
			}
			short--
			places--
			if v.rules.cost != nil {
				money -= v.rules.cost[each]
			}
		}
		if short > 0 {
			return false
		}
	}
	return places >= 0 && (v.rules.cost == nil || money >= 0)
}
