package siting

import (
	"cmp"
	"slices"
)

// medianNode is a p-median question in which some candidates are decided, with a Lagrangian bound on what
// the rest can do.
//
// Every point must go to exactly one site. The bound drops that and pays u_i for each time point i is
// served: an open site j serves whom it gains by, at ρ_j = Σ_i min(0, c_ij − u_i), and the sites of least ρ
// are open. No choice costs less than Σ u_i + Σ ρ_j. The u are integers of a 2^shift-th of a unit.
type medianNode struct {
	*median
	state []int8
	fixed int // candidates inside
	pay   []int64
	saved []int64 // ρ
	picks []int32 // inside first, then free ones of least ρ
	next  int64   // ρ of the best one not picked
	bound int64
	times []int32
	way   []float64
}

func (m *median) node() *medianNode {
	return &medianNode{
		median: m, state: make([]int8, len(m.cost)), pay: make([]int64, m.points), saved: make([]int64, len(m.cost)),
		times: make([]int32, m.points), way: make([]float64, m.points),
	}
}

func (n *medianNode) copyFrom(other *medianNode) {
	copy(n.state, other.state)
	copy(n.pay, other.pay)
	n.fixed = other.fixed
	clear(n.way)
}

// evaluate finds the bound in whole units, rounded up: costs are integers.
func (n *medianNode) evaluate() int64 {
	clear(n.saved)
	sum := int64(0)
	for i, pay := range n.pay {
		sum += pay
		for _, j := range n.order[i] {
			c := n.cost[j][i] << n.shift
			if c >= pay {
				break
			}
			if n.state[j] != outside {
				n.saved[j] += c - pay
			}
		}
	}
	n.pick()
	for _, j := range n.picks {
		sum += n.saved[j]
	}
	n.bound = sum
	return -(-sum >> n.shift)
}

func (n *medianNode) pick() {
	n.picks = n.picks[:0]
	var open []int32
	for j, state := range n.state {
		switch state {
		case inside:
			n.picks = append(n.picks, int32(j))
		case free:
			open = append(open, int32(j))
		}
	}
	slices.SortFunc(open, func(a, b int32) int {
		return cmp.Or(cmp.Compare(n.saved[a], n.saved[b]), cmp.Compare(a, b))
	})
	room := min(n.most-n.fixed, len(open))
	n.picks = append(n.picks, open[:room]...)
	n.next = 0
	if room < len(open) {
		n.next = n.saved[open[room]]
	}
}

// descend moves the pay of points towards being served once: up for those that nobody serves.
func (n *medianNode) descend(target int64, pace float64) bool {
	clear(n.times)
	for _, j := range n.picks {
		for i, c := range n.cost[j] {
			if c<<n.shift < n.pay[i] {
				n.times[i]++
			}
		}
	}
	dot, old, norm := 0.0, 0.0, 0.0
	for i, way := range n.way {
		dot += float64(1-n.times[i]) * way
		old += way * way
	}
	mix := 0.0
	if dot < 0 {
		mix = -1.5 * dot / old
	}
	for i, way := range n.way {
		way = float64(1-n.times[i]) + mix*way
		n.way[i] = way
		norm += way * way
	}
	if norm == 0 {
		return false
	}
	step := pace * float64(target<<n.shift-n.bound) / norm
	moved := false
	for i, way := range n.way {
		if pay := min(max(n.pay[i]+int64(step*way), 0), n.far<<n.shift); pay != n.pay[i] {
			n.pay[i], moved = pay, true
		}
	}
	return moved
}

// fix decides free candidates without which, or with which, nothing below value is possible. It tells
// whether one went in.
func (n *medianNode) fix(value int64) bool {
	last := int64(0)
	open := n.picks[n.fixed:]
	if len(open) > 0 && len(n.picks) == n.most {
		last = n.saved[open[len(open)-1]]
	}
	for _, j := range open {
		n.state[j] = picked
	}
	for j, state := range n.state {
		if state == free && n.atLeast(n.bound-last+n.saved[j]) >= value {
			n.state[j] = outside
		}
	}
	entered := false
	for _, j := range open {
		n.state[j] = free
		if n.atLeast(n.bound-n.saved[j]+n.next) >= value {
			n.state[j] = inside
			n.fixed++
			entered = true
		}
	}
	return entered
}

func (n *medianNode) atLeast(sum int64) int64 { return -(-sum >> n.shift) }
