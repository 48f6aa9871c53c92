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
	idle    []int32 // candidates with credit that are not in the part, the most for the money first
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
			l.idle = append(l.idle, int32(candidate))
		}
	}
	slices.SortFunc(l.idle, func(a, b int32) int {
		return cmp.Or(compareRatios(l.credit[b], l.price(b), l.credit[a], l.price(a)), cmp.Compare(a, b))
	})
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

// active are the candidates worth looking at, the most important first. Where they are few, these are all;
// else those with at least half the credit, for the money where there is a budget, of what greedy, that
// minds no floors, adds last; and the best and the cheapest of each group that has a floor.
func (l *limited) active() (list []int32) {
	counts := l.matters()
	var all []int32
	for candidate, credit := range l.credit {
		if g := l.floorOf(int32(candidate)); credit > 0 || credit == 0 && g >= 0 && l.Floors[g] > 0 {
			all = append(all, int32(candidate))
		}
	}
	slices.SortFunc(all, func(a, b int32) int {
		return cmp.Or(compareRatios(l.credit[b], l.price(b), l.credit[a], l.price(a)), cmp.Compare(a, b))
	})
	needed := make([]bool, l.Candidates)
	l.needForFloors(all, needed)
	for _, must := range []bool{true, false} {
		for _, candidate := range all {
			if needed[candidate] == must && (must || counts(candidate)) {
				list = append(list, candidate)
			}
		}
	}
	return list
}

// matters gives the test for candidates that are not needed for a floor.
func (l *limited) matters() func(candidate int32) bool {
	all := func(int32) bool { return true }
	if l.Candidates <= wholeCandidates {
		return all
	}
	if l.Costs != nil {
		last := l.lastForMoney(l.options) / 2
		return func(candidate int32) bool {
			return float64(l.credit[candidate])*1024 >= float64(last)*float64(l.price(candidate))
		}
	}
	_, added := l.greedy(l.places, math.MaxInt64, l.options)
	if len(added) < l.places || l.places == 0 {
		return all
	}
	threshold := added[len(added)-1] / 2
	return func(candidate int32) bool { return l.credit[candidate] >= threshold }
}

// price is what a candidate costs; without a budget, all cost the same.
func (l *limited) price(candidate int32) int64 {
	if l.Costs == nil {
		return 1
	}
	return l.Costs[candidate]
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
	prices := newNode(l.part, l.rules)
	prices.copyFrom(root)
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
	return candidates, l.beyond(prices, bound)
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

// beyond is the bound when candidates outside the part count too: the greater of the bound without them and
// of one with them, that minds the budget, or else the number of sites and the floors.
func (l *limited) beyond(root *node, bound int64) int64 {
	if len(l.idle) == 0 {
		return bound
	}
	offers, sum := l.offers(root)
	if l.Costs != nil {
		sum = forMoney(offers, sum, l.Budget)
	} else {
		sum = l.withFloors(offers, sum)
	}
	return max(bound, min(l.total, sum>>shiftFor(l.total)))
}

// forMoney adds what the best offers for the money bring, the last of them in part.
func forMoney(offers []offer, sum, money int64) int64 {
	for _, o := range offers {
		if o.cost > money {
			return min(sum+partOf(o.worth, money, o.cost), saturated)
		}
		money -= o.cost
		sum = min(sum+o.worth, saturated)
	}
	return sum
}

// withFloors adds what the best offers bring when each group has its floor.
func (l *limited) withFloors(offers []offer, sum int64) int64 {
	open, short := l.places, slices.Clone(l.Floors)
	for _, floor := range short {
		open -= floor
	}
	for _, o := range offers {
		switch {
		case o.group >= 0 && short[o.group] > 0:
			short[o.group]--
		case open > 0:
			open--
		default:
			continue
		}
		sum = min(sum+o.worth, saturated)
	}
	return sum
}

// offer is what a site brings at most, in prices, and costs.
type offer struct {
	worth, cost int64
	group       int32 // negative for none with a floor
}

// offers are those of all candidates at the prices of the root, the most for the money first, and the part
// of the bound that does not depend on sites. Points outside the part are priced at their cap.
func (l *limited) offers(root *node) (offers []offer, sum int64) {
	shift := shiftFor(l.total)
	if root != nil {
		down := root.shift - shift // the part is no heavier than all
		sum = root.slack>>down + 1
		for site, candidate := range l.part.sites {
			offers = append(offers, offer{root.worth[site]>>down + 1, l.price(candidate), l.floorOf(candidate)})
		}
	}
	for _, candidate := range l.idle {
		offers = append(offers, offer{l.credit[candidate] << shift, l.price(candidate), l.floorOf(candidate)})
	}
	slices.SortFunc(offers, func(a, b offer) int {
		return cmp.Or(compareRatios(b.worth, b.cost, a.worth, a.cost), cmp.Compare(b.worth, a.worth))
	})
	return offers, sum
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
