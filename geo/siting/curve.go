package siting

// curve is what is known of a part for each number of sites: the best value, the sites that reach it, and
// a bound. Values and bounds never fall as sites are added.
type curve struct {
	part   *part
	order  []int32 // greedy's sites; the first k are the choice for k that has no better
	value  []int64 // units, by number of sites
	bound  []int64
	best   [][]int32 // sites found by a search; nil where greedy's stand
	priced []bool    // prices were sought
	tried  []bool    // a search was made
	dug    []bool    // branch and bound was run to its end or limit
	prices []int64   // of the last descent
}

// newCurve knows what greedy finds and that no k sites cover more than the k best alone.
func newCurve(p *part, most int) *curve {
	most = min(most, len(p.sites))
	c := &curve{
		part: p, value: make([]int64, most+1), bound: make([]int64, most+1), best: make([][]int32, most+1),
		priced: make([]bool, most+1), tried: make([]bool, most+1), dug: make([]bool, most+1),
	}
	n := newNode(p, &rules{most: most})
	n.pickMost(most)
	for k := 1; k <= most; k++ {
		c.bound[k] = c.bound[k-1]
		if k <= len(n.picks) {
			c.bound[k] = min(p.total, c.bound[k-1]+n.worth[n.picks[k-1]]>>n.shift)
		}
	}
	c.order, c.value = greedyOf(p, most)
	c.dug[0], c.tried[0], c.priced[0] = true, true, true
	return c
}

// greedyOf opens sites of a part by the credit they add. The values are padded to most sites.
func greedyOf(p *part, most int) (order []int32, value []int64) {
	half := int64(2)
	s := newState(p, half)
	value = make([]int64, 1, most+1)
	for len(value) <= most {
		site := s.best(nil)
		if site >= 0 && s.gain[site] > 0 {
			s.add(site)
			order = append(order, site)
		}
		value = append(value, s.value)
	}
	return order, value
}

// node is the part with k sites to place, at the last prices.
func (c *curve) node(k int) *node {
	n := newNode(c.part, &rules{most: k})
	if c.prices != nil {
		copy(n.price, c.prices)
		n.settle()
	}
	return n
}

// sites is the best choice known of at most k sites.
func (c *curve) sites(k int) []int32 {
	for ; k > 0; k-- {
		if c.best[k] != nil {
			return c.best[k]
		}
		if k <= len(c.order) && c.value[k] > c.value[k-1] {
			return c.order[:k]
		}
	}
	return nil
}

// raise records a choice of k sites.
func (c *curve) raise(k int, value int64, sites []int32) {
	if value <= c.value[k] {
		return
	}
	c.value[k], c.best[k] = value, sites
	for more := k + 1; more < len(c.value) && c.value[more] < value; more++ {
		c.value[more], c.best[more] = value, sites
	}
}

// lower records a bound for k sites.
func (c *curve) lower(k int, bound int64) {
	for ; k >= 0 && c.bound[k] > bound; k-- {
		c.bound[k] = bound
	}
}

// lowerAll records what the prices of a node say about every number of sites.
func (c *curve) lowerAll(n *node) *curve {
	n.pickMost(len(c.bound) - 1)
	sum := n.slack
	for k := range c.bound {
		if k > 0 && k <= len(n.picks) {
			sum = min(sum+n.worth[n.picks[k-1]], n.p.total<<n.shift)
		}
		c.bound[k] = min(c.bound[k], sum>>n.shift)
	}
	for k := len(c.bound) - 2; k >= 0; k-- {
		c.bound[k] = min(c.bound[k], c.bound[k+1])
	}
	return c
}

// allot shares p sites among curves so that the sum is greatest, and tells the sum. Of equal shares those
// with fewer sites, and with fewer in the later curves, win.
func allot(p int, values [][]int64) (share []int, sum int64) {
	best, taken := combine(p, values)
	most := 0
	for total := range best {
		if best[total] > best[most] {
			most = total
		}
	}
	sum = best[most]
	share = make([]int, len(values))
	for c := len(values) - 1; c >= 0; c-- {
		share[c] = int(taken[c][most])
		most -= share[c]
	}
	return share, sum
}

// sums is the greatest sum of curves for each number of sites up to p.
func sums(p int, values [][]int64) []int64 {
	best, _ := combine(p, values)
	for k := 1; k < len(best); k++ {
		best[k] = max(best[k], best[k-1])
	}
	return best
}

// combine is the dynamic program behind both: the greatest sum for exactly each number of sites, and how
// many of them each curve takes when the ones before it share the rest.
func combine(p int, values [][]int64) (best []int64, taken [][]int32) {
	best = make([]int64, 1, p+1)
	for _, value := range values {
		reach := len(best) - 1
		next := make([]int64, min(p, reach+len(value)-1)+1)
		took := make([]int32, len(next))
		for total := range next {
			next[total] = -1
			for k := max(0, total-reach); k < len(value) && k <= total; k++ {
				if v := best[total-k] + value[k]; v > next[total] {
					next[total], took[total] = v, int32(k)
				}
			}
		}
		best, taken = next, append(taken, took)
	}
	return best, taken
}
