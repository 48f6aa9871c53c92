package siting

import (
	"math/rand/v2"
	"slices"
)

const (
	medianRootSteps = 2000
	medianNodeSteps = 60
	medianPatience  = 100
	medianShakes    = 30
)

// solve runs greedy, swaps, prices, and branch and bound.
func (m *median) solve() {
	m.exchange(m.greedy()).swaps(medianPatience)
	m.tell("swapping", 1, 1)
	root := m.node()
	m.start(root)
	b := &medianBrancher{median: m, limit: m.options.work() * 3}
	lowest, done := b.bound(root, 0, medianRootSteps)
	m.bound = min(lowest, m.value)
	m.tell("pricing", 1, 1)
	if done || m.halted() {
		return
	}
	m.exchange(root.picks).swaps(medianPatience)
	m.shakes()
	if m.value == m.bound || m.halted() {
		return
	}
	b.unknown = m.value
	b.search(root, lowest, medianNodeSteps)
	m.bound = max(m.bound, min(m.value, b.unknown))
	m.tell("proving", 1, 1)
}

// shakes swaps a few sites of the best answer at random, and lets swaps lead from there.
func (m *median) shakes() {
	random := rand.New(rand.NewPCG(1, 2))
	if m.most == len(m.cost) {
		return
	}
	for shake := 0; shake < medianShakes && m.value > m.bound && !m.halted(); shake++ {
		x := m.exchange(m.best)
		for range 2 + m.most/20 {
			in := int32(random.IntN(len(m.cost)))
			if x.place[in] >= 0 {
				continue
			}
			out := random.IntN(len(x.sites))
			x.place[x.sites[out]], x.place[in] = -1, int32(out)
			x.sites[out] = in
		}
		x.assign()
		x.swaps(10)
	}
}

// greedy opens the candidate that lowers the cost most, in turn.
func (m *median) greedy() (sites []int32) {
	least := make([]int64, m.points)
	for i := range least {
		least[i] = m.far
	}
	open := make([]bool, len(m.cost))
	for len(sites) < m.most {
		best, most := int32(-1), int64(-1)
		for j, row := range m.cost {
			if open[j] {
				continue
			}
			gain := int64(0)
			for i, c := range row {
				gain += max(0, least[i]-c)
			}
			if gain > most {
				best, most = int32(j), gain
			}
		}
		open[best] = true
		sites = append(sites, best)
		for i, c := range m.cost[best] {
			least[i] = min(least[i], c)
		}
	}
	return sites
}

// start pays each point the middle of what its nearest two sites of the best answer cost.
func (m *median) start(n *medianNode) {
	x := m.exchange(m.best)
	for i := range n.pay {
		first := x.cost[x.sites[x.first[i]]][i]
		second := first
		if x.second[i] >= 0 {
			second = x.cost[x.sites[x.second[i]]][i]
		}
		n.pay[i] = (first + second) << n.shift / 2
	}
}

// medianBrancher is a depth-first branch and bound within a limit of work.
type medianBrancher struct {
	*median
	work, limit int64
	unknown     int64 // least bound of a node that was given up
	pool        []*medianNode
}

func (b *medianBrancher) search(n *medianNode, above int64, steps int) {
	bound, done := b.bound(n, above, steps)
	if done {
		return
	}
	if b.work > b.limit || b.halted() {
		b.unknown = min(b.unknown, bound)
		return
	}
	child := b.take()
	site := n.picks[n.fixed] // the free one that saves most
	child.copyFrom(n)
	child.state[site] = inside
	child.fixed++
	b.search(child, bound, medianNodeSteps)
	child.copyFrom(n)
	child.state[site] = outside
	b.search(child, bound, medianNodeSteps)
	b.pool = append(b.pool, child)
}

func (b *medianBrancher) take() *medianNode {
	if last := len(b.pool) - 1; last >= 0 {
		n := b.pool[last]
		b.pool = b.pool[:last]
		return n
	}
	return b.node()
}

// bound raises the bound of a node until nothing better than the best answer can be below it, or until it
// no longer pays. It leaves the pay at its best.
func (b *medianBrancher) bound(n *medianNode, above int64, steps int) (highest int64, done bool) {
	highest = above
	exact, pays := int64(-1), slices.Clone(n.pay)
	pace, calm := 1.0, 0
	for step := 0; ; step++ {
		highest = max(highest, n.evaluate())
		b.work += int64(b.points + len(b.cost)*8 + b.points*len(n.picks))
		if n.fixed == len(n.picks) { // all is decided
			b.offer(n.picks, b.valueOf(n.picks))
			return b.value, true
		}
		if exact < 0 || n.bound > exact {
			if calm++; exact < 0 || n.bound-exact > (b.value<<n.shift-exact)/256 {
				calm = 0
			}
			exact = n.bound
			copy(pays, n.pay)
			b.offer(n.picks, b.valueOf(n.picks))
		} else {
			calm++
		}
		if highest >= b.value {
			return highest, true
		}
		if n.fix(b.value) {
			continue
		}
		if step >= steps || b.work > b.limit || b.halted() || !n.descend(b.value, pace) {
			break
		}
		if calm >= patience {
			if pace, calm = pace/2, 0; pace < leastPace {
				break
			}
			copy(n.pay, pays)
		}
	}
	copy(n.pay, pays)
	n.evaluate()
	return highest, false
}
