package siting

import "slices"

// greedy opens the candidate with the greatest credit left, the lower index on a tie, until limit are open,
// nothing is left to gain, or the weight covered reaches enough. Credit only falls as sites open, so a
// candidate whose old credit is not the greatest need not be looked at again (lazy evaluation).
//
// It returns the sites, and the credit that each added.
func (m *model) greedy(limit int, enough int64, o Options) (sites []int32, added []int64) {
	left := slices.Clone(m.left)
	queue := newQueue(m.credit)
	var buf []int32
	covered := int64(0)
	for len(sites) < limit && covered < enough && queue.len() > 0 && !o.cancelled() {
		site := queue.items[0].site
		buf = m.reach(int(site), buf[:0])
		credit := int64(0)
		for _, point := range buf {
			if left[point] > 0 {
				credit += m.each[point]
			}
		}
		if credit == 0 {
			queue.pop()
			continue
		}
		if credit < queue.items[0].credit {
			queue.lower(credit)
			continue
		}
		queue.pop()
		for _, point := range buf {
			if left[point] > 0 {
				if left[point]--; left[point] == 0 {
					covered += m.units(point)
				}
			}
		}
		sites, added = append(sites, site), append(added, credit)
	}
	return sites, added
}

// lastForMoney is how much credit for the money, in 1024ths, greedy's last site adds when the budget is spent
// that way; 0 when the money covers all.
func (m *model) lastForMoney(o Options) (last int64) {
	key := func(site int32, credit int64) int64 {
		return int64(min(float64(credit)*1024/float64(max(1, m.Costs[site])), maxTotal))
	}
	keys := make([]int64, len(m.credit))
	for site, credit := range m.credit {
		keys[site] = key(int32(site), credit)
	}
	left, money, queue := slices.Clone(m.left), m.Budget, newQueue(keys)
	var buf []int32
	for queue.len() > 0 && !o.cancelled() {
		first := queue.items[0]
		buf = m.reach(int(first.site), buf[:0])
		credit := int64(0)
		for _, point := range buf {
			if left[point] > 0 {
				credit += m.each[point]
			}
		}
		if now := key(first.site, credit); now < first.credit {
			queue.lower(now)
			continue
		}
		queue.pop()
		if credit == 0 {
			return 0
		}
		last = first.credit
		if money -= m.Costs[first.site]; money < 0 {
			return last
		}
		for _, point := range buf {
			left[point] -= min(left[point], 1)
		}
	}
	return 0
}

type queued struct {
	credit int64
	site   int32
}

func (a queued) before(b queued) bool {
	return a.credit > b.credit || a.credit == b.credit && a.site < b.site
}

// queue is a heap with the greatest credit first. container/heap would take an interface call a comparison,
// which tells with 600,000 candidates.
type queue struct{ items []queued }

func newQueue(credit []int64) *queue {
	q := &queue{}
	for site, c := range credit {
		if c > 0 {
			q.items = append(q.items, queued{c, int32(site)})
		}
	}
	for i := len(q.items)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
	return q
}

func (q *queue) len() int { return len(q.items) }

func (q *queue) pop() {
	last := len(q.items) - 1
	q.items[0] = q.items[last]
	q.items = q.items[:last]
	q.sink(0)
}

// lower gives the first item a lesser credit.
func (q *queue) lower(credit int64) {
	q.items[0].credit = credit
	q.sink(0)
}

func (q *queue) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(q.items) {
			return
		}
		if child+1 < len(q.items) && q.items[child+1].before(q.items[child]) {
			child++
		}
		if !q.items[child].before(q.items[i]) {
			return
		}
		q.items[i], q.items[child] = q.items[child], q.items[i]
		i = child
	}
}

func (q *queue) push(item queued) {
	q.items = append(q.items, item)
	for i := len(q.items) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.items[i].before(q.items[parent]) {
			return
		}
		q.items[i], q.items[parent] = q.items[parent], q.items[i]
		i = parent
	}
}
