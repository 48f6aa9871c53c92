package siting

import "math"

// exchange is a choice of sites with, for each point, the nearest and second nearest of them.
type exchange struct {
	*median
	sites         []int32
	place         []int32 // position of each candidate in sites, -1 for closed
	first, second []int32 // positions in sites; second is -1 with one site
	value         int64
	until         []int // step before which a candidate may not be swapped
}

func (m *median) exchange(sites []int32) *exchange {
	x := &exchange{
		median: m, sites: append([]int32{}, sites...), place: make([]int32, len(m.cost)),
		first: make([]int32, m.points), second: make([]int32, m.points), until: make([]int, len(m.cost)),
	}
	for j := range x.place {
		x.place[j] = -1
	}
	for at, j := range x.sites {
		x.place[j] = int32(at)
	}
	x.assign()
	return x
}

// assign finds the two nearest sites of every point.
func (x *exchange) assign() {
	x.value = 0
	for i := range x.points {
		x.first[i], x.second[i] = -1, -1
		for at, j := range x.sites {
			c := x.cost[j][i]
			switch {
			case x.first[i] < 0 || c < x.cost[x.sites[x.first[i]]][i]:
				x.first[i], x.second[i] = int32(at), x.first[i]
			case x.second[i] < 0 || c < x.cost[x.sites[x.second[i]]][i]:
				x.second[i] = int32(at)
			}
		}
		x.value += x.cost[x.sites[x.first[i]]][i]
	}
}

// swaps is a tabu search: the best swap is made in each step (fast interchange; Whitaker 1983), even for the
// worse, and what was swapped stays for a while.
func (x *exchange) swaps(patience int) {
	x.offer(x.sites, x.value)
	for step, calm := 0, 0; calm < patience && x.median.value > x.bound && !x.halted(); step, calm = step+1, calm+1 {
		out, in := x.bestSwap(step)
		if in < 0 {
			return
		}
		closed := x.sites[out]
		x.place[closed], x.place[in] = -1, out
		x.sites[out] = in
		x.until[closed], x.until[in] = step+5+step%7, step+2+step%3
		x.assign()
		if x.value < x.median.value {
			x.offer(x.sites, x.value)
			calm = 0
		}
	}
}

// bestSwap finds the position to close and the candidate to open instead, -1 if all is tabu.
func (x *exchange) bestSwap(step int) (out, in int32) {
	out, in = -1, -1
	least := int64(math.MaxInt64)
	costs := make([][2]int64, x.points) // of the nearest two
	for i := range costs {
		costs[i][0] = x.cost[x.sites[x.first[i]]][i]
		if costs[i][1] = x.far; x.second[i] >= 0 {
			costs[i][1] = x.cost[x.sites[x.second[i]]][i]
		}
	}
	loss := make([]int64, len(x.sites))
	for j := range int32(len(x.cost)) {
		if x.place[j] >= 0 {
			continue
		}
		change := int64(0) // of points that go to j whatever is closed
		clear(loss)
		for i, c := range x.cost[j] {
			if c < costs[i][0] {
				change += c - costs[i][0]
			} else {
				loss[x.first[i]] += min(c, costs[i][1]) - costs[i][0]
			}
		}
		for at, l := range loss {
			value := x.value + change + l
			tabu := x.until[j] > step || x.until[x.sites[at]] > step
			if value < least && (!tabu || value < x.median.value) {
				least, out, in = value, int32(at), j
			}
		}
	}
	return out, in
}
