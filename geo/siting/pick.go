package siting

import (
	"cmp"
	"math/bits"
	"slices"
)

// pickByRules bounds what the free sites can bring under floors or a budget: the lesser of two bounds, each
// of which leaves a rule aside.
func (n *node) pickByRules() {
	n.runner = 0
	n.pickWithFloors()
	if n.rules.cost == nil {
		return
	}
	picks, bound := slices.Clone(n.picks), n.bound
	n.pickForMoney()
	if bound < n.bound {
		n.picks, n.bound = picks, bound
	}
}

// pickWithFloors minds the number of sites and the floors, but not what sites cost together.
func (n *node) pickWithFloors() {
	picks, open := n.picks[:0], n.rules.most-n.tally.sites
	taken := make(map[int32]bool)
	for g, floor := range n.rules.floor {
		short := floor - n.tally.inGroup[g]
		if short <= 0 {
			continue
		}
		start := len(picks)
		picks = n.top(picks, short, func(site int32) bool {
			return n.rules.group[site] == int32(g) && n.tally.fits(site)
		})
		for _, site := range picks[start:] {
			taken[site] = true
		}
		if open -= short; open < 0 || len(picks)-start < short { // nothing below this node keeps the floors
			n.picks, n.bound = picks[:0], 0
			return
		}
	}
	free := n.top(nil, open, func(site int32) bool {
		return n.worth[site] > 0 && !taken[site] && n.tally.fits(site)
	})
	n.picks = append(free, picks...)
	n.sum()
}

// pickForMoney minds the budget only: sites are taken in the order of worth for the money, the last of them
// in part (Dantzig's bound). The part is in the bound, not in the picks.
func (n *node) pickForMoney() {
	cost := n.rules.cost
	var order []int32
	for site, state := range n.state {
		if state == free && n.worth[site] > 0 && n.tally.fits(int32(site)) {
			order = append(order, int32(site))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(compareRatios(n.worth[b], cost[b], n.worth[a], cost[a]), cmp.Compare(a, b))
	})
	n.work += int64(len(n.state) + 8*len(order))
	money, whole := n.rules.budget-n.tally.spent, 0
	for whole < len(order) && cost[order[whole]] <= money {
		money -= cost[order[whole]]
		whole++
	}
	n.picks = append(n.picks[:0], order[:whole]...)
	n.sum()
	if whole < len(order) {
		n.bound = min(n.bound+partOf(n.worth[order[whole]], money, cost[order[whole]]), saturated)
	}
}

// compareRatios compares a/b with c/d; what costs nothing is worth most for the money.
func compareRatios(a, b, c, d int64) int {
	leftHigh, leftLow := bits.Mul64(uint64(a), uint64(d))
	rightHigh, rightLow := bits.Mul64(uint64(c), uint64(b))
	return cmp.Or(cmp.Compare(leftHigh, rightHigh), cmp.Compare(leftLow, rightLow))
}

// partOf is worth·part/whole, rounded up, with part < whole.
func partOf(worth, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(worth), uint64(part))
	quotient, rest := bits.Div64(high, low, uint64(whole))
	if rest > 0 {
		quotient++
	}
	return int64(quotient)
}
