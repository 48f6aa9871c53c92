package siting

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// search improves a choice of sites by swaps: of all swaps of an open for a closed site the best is taken,
// even if it is for the worse, and what was just swapped may not be swapped back for a while (tabu).
type search struct {
	*state
	tally    *tally
	until    []int // step before which each site may not be swapped
	step     int
	clock    int   // counts the sites looked at
	looked   []int // clock after each site was last looked at
	changed  []int // clock when each point was last reached by other sites than before
	best     []int32
	value    int64 // of best
	ceiling  int64 // nothing better is possible
	patience int   // steps without improvement before tabu ends
	shaken   int   // shakes after it
	limit    int64 // work
	halted   func() bool
}

// maxOuts bounds the open sites that are tried for closing in a step: those whose loss is least, of which
// there are rarely many that matter.
const maxOuts = 12

// run searches from a start that keeps the rules.
func (x *search) run(start []int32) {
	x.until = make([]int, len(x.p.sites))
	x.looked, x.changed = make([]int, len(x.p.sites)), make([]int, len(x.p.points))
	for _, site := range start {
		x.open1(site)
	}
	x.fill()
	x.keep()
	x.swaps()
	x.shakes()
}

func (x *search) ended() bool {
	return x.value >= x.ceiling || x.work >= x.limit || len(x.chosen) == 0 || x.halted()
}

// swaps is the tabu search.
func (x *search) swaps() {
	for calm := 0; calm < x.patience && !x.ended(); calm++ {
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

// shakes replaces a few sites of the choice by random ones, lets each site in turn move to its best place,
// and goes on from there unless that is much worse (iterated local search). Where a town is large and even,
// this gets further than tabu, for which a row of sites that should shift together is many steps.
func (x *search) shakes() {
	random := rand.New(rand.NewPCG(1, uint64(len(x.chosen))))
	x.become(x.best)
	from, value := slices.Clone(x.chosen), x.state.score
	for shake := 0; shake < x.shaken && !x.ended(); shake++ {
		for range 1 + shake%3 {
			x.kick(random)
		}
		x.relax()
		if x.state.score >= value-value/600 {
			from, value = slices.Clone(x.chosen), x.state.score
		} else {
			x.become(from)
		}
	}
}

// become closes and opens sites until the choice is the given one.
func (x *search) become(sites []int32) {
	for _, site := range slices.Clone(x.chosen) {
		if !slices.Contains(sites, site) {
			x.close1(site)
		}
	}
	for _, site := range sites {
		if !x.open[site] {
			x.open1(site)
		}
	}
}

// kick replaces a random site by a random one that gains something, if the rules allow.
func (x *search) kick(random *rand.Rand) {
	out := x.chosen[random.IntN(len(x.chosen))]
	x.close1(out)
	for range 20 {
		in := int32(random.IntN(len(x.gain)))
		if in != out && !x.open[in] && x.gain[in] > 0 && x.tally.fits(in) && x.spareFor(out, in) {
			x.open1(in)
			return
		}
	}
	x.open1(out)
}

// relax lets each site move to its best place, until none moves. A site is looked at again only after
// something changed among its points.
func (x *search) relax() {
	x.fill()
	for moved := true; moved && !x.ended(); {
		moved = false
		for _, site := range slices.Clone(x.chosen) {
			if x.stirred(site) {
				moved = x.move(site) || moved
			}
		}
		x.fill()
		x.keep()
	}
}

// stirred tells whether a point of a site changed after the site was last looked at.
func (x *search) stirred(site int32) bool {
	for _, point := range x.p.cover.of(site) {
		if x.changed[point] >= x.looked[site] {
			return true
		}
	}
	return false
}

// move puts a site into its best place, and tells whether that is another.
func (x *search) move(site int32) bool {
	x.drop(site)
	x.tally.drop(site)
	to := x.state.best(func(in int32) bool {
		return x.tally.plain() || x.tally.fits(in) && x.spareFor(site, in)
	})
	x.add(to)
	x.tally.add(to)
	if to != site {
		x.stir(site)
		x.stir(to)
	}
	x.clock++
	x.looked[to] = x.clock
	return to != site
}

func (x *search) stir(site int32) {
	for _, point := range x.p.cover.of(site) {
		x.changed[point] = x.clock
	}
}

func (x *search) open1(site int32) {
	x.add(site)
	x.tally.add(site)
	x.stir(site)
	x.until[site] = x.step + 1 + len(x.chosen)/4 + x.step%3
}

func (x *search) close1(site int32) {
	x.drop(site)
	x.tally.drop(site)
	x.stir(site)
	x.until[site] = x.step + 4 + len(x.chosen)/2 + x.step%5
}

// fill opens what the rules still allow. Under a budget, gain for the money counts.
func (x *search) fill() {
	for {
		site := x.next()
		if site < 0 || x.gain[site] == 0 {
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

// spareFor tells whether in may take the place of out without breaking a floor. The tally is without out.
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
