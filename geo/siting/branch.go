package siting

import "slices"

// brancher is a depth-first branch and bound over a part, within a limit of work. Each node is bounded by
// Lagrangian descent; sites whose choice would push the bound to the best answer or below are decided
// without branching.
type brancher struct {
	p       *part
	value   int64   // of the best answer known
	best    []int32 // nil while the answer given at the start is the best
	limit   int64   // work
	work    int64
	nodes   int
	unknown int64 // greatest bound of a node that was given up
	pool    []*node
	widest  int  // undecided sites with which a node is given up
	fixing  bool // decide sites by the bound, which ties the prices to one number of sites
	halted  func() bool
}

// closed tells that a bound leaves no room for a better answer: values are multiples of the grain.
func (b *brancher) closed(bound int64) bool { return bound < b.value+b.p.grain }

const (
	rootSteps = 400
	nodeSteps = 40

	// The pace is halved after patience steps that lowered the bound little, and given up at leastPace.
	patience  = 20
	leastPace = 0.002
)

// search explores a node. The bound of its parent holds for it too.
func (b *brancher) search(n *node, above int64, steps int) {
	b.nodes++
	bound, done := b.bound(n, above, steps)
	if done {
		return
	}
	if b.work > b.limit || n.width() > b.widest || b.halted() {
		b.unknown = max(b.unknown, bound)
		return
	}
	site := b.choose(n)
	if site < 0 { // what is inside is all there can be
		n.picks = n.picks[:0]
		if n.held > b.value && n.allowed() {
			b.offer(n, n.held)
		}
		return
	}
	child := b.take(n)
	child.enter(site)
	b.search(child, bound, nodeSteps)
	child.copyFrom(n)
	child.state[site] = outside
	b.search(child, bound, nodeSteps)
	b.pool = append(b.pool, child)
}

// width is the number of undecided sites.
func (n *node) width() int {
	count := 0
	for _, state := range n.state {
		if state == free {
			count++
		}
	}
	return count
}

func (b *brancher) take(like *node) *node {
	if last := len(b.pool) - 1; last >= 0 {
		n := b.pool[last]
		b.pool = b.pool[:last]
		n.copyFrom(like)
		return n
	}
	n := newNode(like.p, like.rules)
	n.copyFrom(like)
	return n
}

// choose is the free site of most worth among the picks, so that the first dive ends in a good answer, else
// of all; -1 if no free site fits.
func (b *brancher) choose(n *node) int32 {
	if len(n.picks) > 0 {
		return n.picks[0]
	}
	if best := n.top(nil, 1, func(site int32) bool { return n.tally.fits(site) }); len(best) > 0 {
		return best[0]
	}
	return -1
}

// bound lowers the bound of a node until it is done or no longer pays. It leaves the prices at their best.
func (b *brancher) bound(n *node, above int64, steps int) (lowest int64, done bool) {
	lowest = above
	exact := int64(-1) // the lowest bound in prices
	prices := slices.Clone(n.price)
	pace, calm := 1.0, 0
	start := n.work
	defer func() { b.work += n.work - start }()
	for step := 0; ; step++ {
		bound := n.evaluate()
		if exact < 0 || n.bound < exact {
			if calm++; exact < 0 || exact-n.bound > (exact-b.value<<n.shift)/256 {
				calm = 0
			}
			exact = n.bound
			copy(prices, n.price)
		} else {
			calm++
		}
		lowest = min(lowest, bound)
		if b.closed(lowest) {
			return lowest, true
		}
		if b.fixing && n.rules.plain() && n.fix(b.value+b.p.grain-1) {
			exact = -1 // the old prices count what is inside now
			continue
		}
		if value := n.count(); value > b.value && n.allowed() {
			b.offer(n, value)
		}
		if b.closed(lowest) {
			n.forget()
			return lowest, true
		}
		stop := step >= steps || b.work+n.work-start > b.limit || b.halted()
		moved := !stop && n.descend(b.value, pace)
		n.forget()
		if !moved {
			break
		}
		if calm >= patience {
			pace, calm = pace/2, 0
			if pace < leastPace {
				break
			}
			copy(n.price, prices)
			n.settle()
		}
	}
	copy(n.price, prices)
	n.settle()
	n.evaluate()
	return lowest, false
}

// offer remembers the picks with what is inside as the best answer.
func (b *brancher) offer(n *node, value int64) {
	sites := slices.Clone(n.picks)
	for site, state := range n.state {
		if state == inside {
			sites = append(sites, int32(site))
		}
	}
	b.value, b.best = value, sites
}

// fix decides free sites: out, when a bound with the site in were no better than the answer known, and in,
// when one without it were none. It tells whether a site went in.
func (n *node) fix(value int64) bool {
	if n.bound == saturated {
		return false
	}
	most := n.rules.most - n.tally.sites
	last := int64(0) // worth of what would have to make room
	if len(n.picks) == most && most > 0 {
		last = n.worth[n.picks[most-1]]
	}
	for _, site := range n.picks {
		n.state[site] = picked
	}
	for site, state := range n.state {
		if state == free && (n.bound-last+n.worth[site])>>n.shift <= value {
			n.state[site] = outside
		}
	}
	for _, site := range n.picks {
		n.state[site] = free
	}
	n.work += int64(len(n.state))
	entered := false
	for _, site := range n.picks {
		if (n.bound-n.worth[site]+n.runner)>>n.shift <= value {
			n.enter(site)
			entered = true
		}
	}
	return entered
}
