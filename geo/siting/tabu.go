package siting

import (
	"cmp"
	"slices"
)

// search improves a choice of sites by swaps: of all swaps of an open for a closed site the best is taken,
// even if it is for the worse, and what was just swapped may not be swapped back for a while (tabu).
type search struct {
	*state
	tally    *tally
	until    []int // step before which each site may not be swapped
	step     int
	best     []int32
	value    int64 // of best
	ceiling  int64 // nothing better is possible
	patience int   // steps without improvement before the search ends
	limit    int64 // work
	halted   func() bool
}

// maxOuts bounds the open sites that are tried for closing in a step: those whose loss is least, of which
// there are rarely many that matter.
const maxOuts = 12

func (x *search) run(start []int32) {
	x.until = make([]int, len(x.p.sites))
	for _, site := range start {
		x.open1(site)
	}
	x.fill()
	x.keep()
	for calm := 0; calm < x.patience && x.value < x.ceiling && x.work < x.limit && !x.halted(); calm++ {
		x.step++
		out, in := x.swap()
		if out < 0 {
			return
		}
		x.close1(out)
		x.open1(in)
		x.fill()
		if x.keep() {
			calm = -1
		}
	}
}

func (x *search) open1(site int32) {
	x.add(site)
	x.tally.add(site)
	x.until[site] = x.step + 1 + len(x.chosen)/4 + x.step%3
}

func (x *search) close1(site int32) {
	x.drop(site)
	x.tally.drop(site)
	x.until[site] = x.step + 4 + len(x.chosen)/2 + x.step%5
}

// fill opens what the rules still allow. Under a budget, gain for the money counts.
func (x *search) fill() {
	for {
		site := x.next()
		if site < 0 || x.gain[site] == 0 && x.half == 0 {
			return
		}
		if x.gain[site] == 0 {
			return
		}
		x.open1(site)
	}
}

func (x *search) next() int32 {
	if x.tally.sites >= x.tally.most {
		return -1
	}
	if x.tally.cost == nil {
		return x.state.best(nil)
	}
	found := int32(-1)
	for site := range int32(len(x.gain)) {
		if x.open[site] || x.gain[site] == 0 || !x.tally.fits(site) {
			continue
		}
		if found < 0 || better(x.gain[site], x.tally.cost[site], x.gain[found], x.tally.cost[found]) {
			found = site
		}
	}
	x.work += int64(len(x.gain))
	return found
}

// better compares gain for money, the greater gain first where both are free.
func better(gainA, costA, gainB, costB int64) bool {
	left, right := float64(gainA)*float64(costB), float64(gainB)*float64(costA)
	return left > right || left == right && gainA > gainB
}

// swap is the best swap that is allowed, or -1, -1.
func (x *search) swap() (out, in int32) {
	out, in = -1, -1
	most := int64(-1)
	for _, site := range x.outs() {
		x.drop(site)
		x.tally.drop(site)
		other := x.state.best(func(candidate int32) bool {
			if candidate == site || x.until[candidate] > x.step && x.score+x.gain[candidate] <= x.value {
				return false
			}
			return x.tally.plain() || x.tally.fits(candidate) && x.spareFor(site, candidate)
		})
		if other >= 0 && x.score+x.gain[other] > most {
			most, out, in = x.score+x.gain[other], site, other
		}
		x.add(site)
		x.tally.add(site)
	}
	return out, in
}

// spareFor asks the tally, from which out is gone already.
func (x *search) spareFor(out, in int32) bool {
	g := x.tally.groupOf(out)
	return g < 0 || x.tally.inGroup[g] >= x.tally.floor[g] || x.tally.group[in] == g
}

// outs are the open sites that may be closed, the least loss first.
func (x *search) outs() []int32 {
	type lossy struct {
		site int32
		loss int64
	}
	var all []lossy
	for _, site := range x.chosen {
		if x.until[site] <= x.step {
			all = append(all, lossy{site, x.loss(site)})
		}
	}
	slices.SortFunc(all, func(a, b lossy) int {
		return cmp.Or(cmp.Compare(a.loss, b.loss), cmp.Compare(a.site, b.site))
	})
	if len(all) > maxOuts { // the least losses, and others in turn
		turn := maxOuts - 3 + x.step%(len(all)-maxOuts+3)
		all[maxOuts-3] = all[turn]
		all = all[:maxOuts-2]
	}
	outs := make([]int32, len(all))
	for i, each := range all {
		outs[i] = each.site
	}
	return outs
}

// keep remembers the choice if it is the best so far.
func (x *search) keep() bool {
	if x.best != nil && x.state.value <= x.value {
		return false
	}
	x.best, x.value = slices.Clone(x.chosen), x.state.value
	return true
}
