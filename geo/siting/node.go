package siting

import (
	"cmp"
	"slices"
)

const (
	free int8 = iota
	inside
	outside
	picked // only while sites are being fixed
)

// node is a part in which some sites are decided, with a Lagrangian bound on what the rest can do.
//
// A point i that still needs r_i sites is covered (y_i = 1) only if r_i y_i ≤ Σ_j a_ij x_j. The bound drops
// these conditions and asks a price λ_i, 0 ≤ λ_i ≤ w_i/r_i, for breaking each. What is left falls apart:
// every point is taken for what exceeds its price, Σ (w_i − r_i λ_i), and the sites whose points bring the
// highest prices, Σ_i a_ij λ_i, are taken as the rules allow. Prices are integers of a 2^shift-th of a unit,
// so the bound holds exactly.
type node struct {
	p     *part
	rules *rules
	tally *tally // of the sites inside
	shift uint
	state []int8
	left  []uint8 // sites each point still needs
	price []int64
	worth []int64 // Σ of the prices of the points of each site
	held  int64   // units that are covered by what is inside
	slack int64   // Σ (w_i − r_i λ_i) over points not covered, in prices
	work  int64

	// of the last evaluation
	picks  []int32 // sites that the bound takes, the most worth first
	runner int64   // worth of the best site not taken, 0 if there is none
	bound  int64   // in prices, up to saturated
	times  []int32 // how often picks reach each point; zero between steps
	heap   []int32
	way    []float64 // the last way of the prices
}

func newNode(p *part, r *rules) *node {
	n := &node{
		p: p, rules: r, tally: r.tally(), shift: shiftFor(p.total), state: make([]int8, len(p.sites)), left: slices.Clone(p.need),
		price: make([]int64, len(p.points)), worth: make([]int64, len(p.sites)), times: make([]int32, len(p.points)), way: make([]float64, len(p.points)),
	}
	for i := range n.price {
		n.price[i] = n.cap(int32(i))
	}
	n.settle()
	return n
}

// cap is the highest price that makes sense.
func (n *node) cap(point int32) int64 {
	return n.p.weight[point] << n.shift / int64(max(1, n.left[point]))
}

// settle computes worth and slack from the prices.
func (n *node) settle() {
	n.slack = 0
	for i, left := range n.left {
		if left > 0 {
			n.slack += n.p.weight[i]<<n.shift - int64(left)*n.price[i]
		}
	}
	for site := range n.worth {
		worth := int64(0)
		for _, point := range n.p.cover.of(int32(site)) {
			worth += n.price[point]
		}
		n.worth[site] = worth
	}
	n.work += n.p.edges()
}

// enter decides that a site is in.
func (n *node) enter(site int32) {
	n.state[site] = inside
	n.tally.add(site)
	for _, point := range n.p.cover.of(site) {
		switch n.left[point] {
		case 0:
			continue
		case 1:
			n.slack -= n.p.weight[point]<<n.shift - n.price[point]
			n.held += n.p.weight[point]
			n.reprice(point, 0)
		case 2:
			n.slack += n.price[point]
		}
		n.left[point]--
	}
}

// reprice sets a price without minding slack.
func (n *node) reprice(point int32, price int64) {
	change := price - n.price[point]
	if change == 0 {
		return
	}
	n.price[point] = price
	sites := n.p.within.of(point)
	n.work += int64(len(sites))
	for _, site := range sites {
		n.worth[site] += change
	}
}

// evaluate finds the bound for the prices as they are, in whole units.
func (n *node) evaluate() int64 {
	switch most := n.rules.most - n.tally.sites; {
	case !n.rules.plain():
		n.pickByRules()
	case most <= 1:
		n.pickLast(most)
	default:
		n.pickMost(most)
	}
	return min(n.bound>>n.shift, n.p.total)
}

// saturated is a bound that is as good as none; one more site cannot make it overflow.
const saturated = 1 << 62

// pickLast is exact: what the one site covers that can still be placed, if any.
func (n *node) pickLast(most int) {
	n.picks, n.runner, n.bound = n.picks[:0], 0, n.held<<n.shift
	if most == 0 {
		return
	}
	best, gained := int32(-1), int64(0)
	for site, state := range n.state {
		if state != free {
			continue
		}
		gain := int64(0)
		for _, point := range n.p.cover.of(int32(site)) {
			if n.left[point] == 1 {
				gain += n.p.weight[point]
			}
		}
		n.work += int64(len(n.p.cover.of(int32(site))))
		if gain > gained {
			best, gained = int32(site), gain
		}
	}
	if best >= 0 {
		n.picks = append(n.picks, best)
		n.bound += gained << n.shift
	}
}

// pickMost takes the free sites of most worth.
func (n *node) pickMost(most int) {
	n.picks = n.top(n.picks[:0], most+1, func(site int32) bool { return n.worth[site] > 0 })
	n.runner = 0
	if len(n.picks) > most {
		n.runner = n.worth[n.picks[most]]
		n.picks = n.picks[:most]
	}
	n.sum()
}

// sum adds the worth of the picks to what does not depend on them.
func (n *node) sum() {
	n.bound = n.held<<n.shift + n.slack
	for _, site := range n.picks {
		n.bound = min(n.bound+n.worth[site], saturated)
	}
}

// top appends the free sites of most worth that may be picked, the most worth first, to a list.
func (n *node) top(list []int32, most int, may func(site int32) bool) []int32 {
	h := n.heap[:0] // the least worth first
	for site, state := range n.state {
		if state != free || most == 0 || !may(int32(site)) {
			continue
		}
		switch {
		case len(h) < most:
			h = append(h, int32(site))
			n.rise(h)
		case n.worth[site] > n.worth[h[0]]: // on a tie the earlier site stays
			h[0] = int32(site)
			n.fall(h)
		}
	}
	n.work += int64(len(n.state))
	n.heap = h
	start := len(list)
	list = append(list, h...)
	slices.SortFunc(list[start:], func(a, b int32) int {
		return cmp.Or(cmp.Compare(n.worth[b], n.worth[a]), cmp.Compare(a, b))
	})
	return list
}

// less orders the heap: less worth, then the later site.
func (n *node) less(a, b int32) bool {
	return n.worth[a] < n.worth[b] || n.worth[a] == n.worth[b] && a > b
}

func (n *node) rise(h []int32) {
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !n.less(h[i], h[parent]) {
			return
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (n *node) fall(h []int32) {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && n.less(h[child+1], h[child]) {
			child++
		}
		if !n.less(h[child], h[i]) {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// count tells how often the picks reach each point that is not covered, and what they would cover with
// what is inside. forget undoes the count.
func (n *node) count() (value int64) {
	value = n.held
	for _, site := range n.picks {
		for _, point := range n.p.cover.of(site) {
			if n.left[point] > 0 {
				if n.times[point]++; n.times[point] == int32(n.left[point]) {
					value += n.p.weight[point]
				}
			}
		}
		n.work += int64(len(n.p.cover.of(site)))
	}
	return value
}

func (n *node) forget() {
	for _, site := range n.picks {
		for _, point := range n.p.cover.of(site) {
			n.times[point] = 0
		}
	}
}

// descend moves the prices against the subgradient, as far as a bound equal to target would ask for, times
// pace: up where the picks reach a point too seldom, down where too often. It needs the counts of count.
// It tells whether any price moved.
//
// Where the way would bend back against the last one, the last is mixed in until it does not (Camerini,
// Fratta & Maffioli 1975): prices then zigzag less.
func (n *node) descend(target int64, pace float64) bool {
	norm := n.turn()
	if norm == 0 {
		return false
	}
	step := pace * float64(n.bound-target<<n.shift) / norm
	moved := false
	for point, way := range n.way {
		if way == 0 || n.left[point] == 0 {
			continue
		}
		price := min(max(n.price[point]+int64(step*way), 0), n.cap(int32(point)))
		if price == n.price[point] {
			continue
		}
		n.slack -= int64(n.left[point]) * (price - n.price[point])
		n.reprice(int32(point), price)
		moved = true
	}
	return moved
}

// turn finds the next way of the prices, and its squared length.
func (n *node) turn() (norm float64) {
	dot, old := 0.0, 0.0
	for point, way := range n.way {
		dot += float64(n.pull(int32(point))) * way
		old += way * way
	}
	mix := 0.0
	if dot < 0 {
		mix = -1.5 * dot / old
	}
	for point, way := range n.way {
		way = float64(n.pull(int32(point))) + mix*way
		n.way[point] = way
		norm += way * way
	}
	n.work += 2 * int64(len(n.left))
	return norm
}

// pull is the way the price of a point should go, 0 where it cannot.
func (n *node) pull(point int32) int64 {
	left := n.left[point]
	if left == 0 {
		return 0
	}
	d := int64(left) - int64(n.times[point])
	if d > 0 && n.price[point] >= n.cap(point) || d < 0 && n.price[point] == 0 {
		return 0
	}
	return d
}

// copyFrom makes n equal to other, a node of the same part.
func (n *node) copyFrom(other *node) {
	copy(n.state, other.state)
	copy(n.left, other.left)
	copy(n.price, other.price)
	copy(n.worth, other.worth)
	clear(n.way)
	n.held, n.slack = other.held, other.slack
	n.tally.sites, n.tally.spent = other.tally.sites, other.tally.spent
	copy(n.tally.inGroup, other.tally.inGroup)
}

// allowed tells whether the picks may be placed together with what is inside.
func (n *node) allowed() bool {
	if n.rules.plain() {
		return true
	}
	t := n.rules.tally()
	for site, state := range n.state {
		if state == inside {
			t.add(int32(site))
		}
	}
	for _, site := range n.picks {
		if !t.fits(site) {
			return false
		}
		t.add(site)
	}
	for g, floor := range t.floor {
		if t.inGroup[g] < floor {
			return false
		}
	}
	return true
}
