package siting

import "slices"

// fill puts a choice of candidates into an answer: without those that add nothing, in greedy's order, with
// what each gains.
func (m *model) fill(a *Answer, candidates []int32) {
	slices.Sort(candidates)
	reach := make([][]int32, len(candidates))
	for i, candidate := range candidates {
		reach[i] = m.reach(int(candidate), nil)
	}
	candidates, reach = m.prune(candidates, reach)
	a.GroupGains = make([]int64, m.groups())
	left := slices.Clone(m.left)
	credits := make([]int64, len(candidates))
	for i := range reach {
		credits[i] = m.creditLeft(reach[i], left) + 1 // a queue takes what is above 0
	}
	// Credit only falls as sites open: where the greatest is as it was, it is still the greatest.
	for queue := newQueue(credits); queue.len() > 0; {
		first := queue.items[0]
		if credit := m.creditLeft(reach[first.site], left) + 1; credit < first.credit {
			queue.lower(credit)
			continue
		}
		queue.pop()
		a.Sites = append(a.Sites, m.open(a, int(candidates[first.site]), reach[first.site], left))
	}
}

// groups is how many groups gains are counted by.
func (m *model) groups() int {
	groups := len(m.Floors)
	for _, g := range m.PointGroups {
		groups = max(groups, int(g)+1)
	}
	for _, g := range m.Groups {
		groups = max(groups, int(g)+1)
	}
	return groups
}

// open adds a site to an answer.
func (m *model) open(a *Answer, candidate int, reach []int32, left []uint8) Placed {
	gain := int64(0)
	for _, point := range reach {
		if left[point] == 0 {
			continue
		}
		if left[point]--; left[point] > 0 {
			continue
		}
		gain += m.Weights[point]
		if g := m.groupOf(candidate, point); g >= 0 {
			a.GroupGains[g] += m.Weights[point]
		}
	}
	a.Objective += gain
	if m.Costs != nil {
		a.Cost += m.Costs[candidate]
	}
	return Placed{Candidate: candidate, Gain: gain, Cumulative: a.Objective}
}

func (m *model) groupOf(candidate int, point int32) int32 {
	switch {
	case m.PointGroups != nil:
		return m.PointGroups[point]
	case m.Groups != nil:
		return m.Groups[candidate]
	}
	return -1
}

// creditLeft is what a site with this reach is credited with.
func (m *model) creditLeft(reach []int32, left []uint8) (credit int64) {
	for _, point := range reach {
		if left[point] > 0 {
			credit += m.each[point]
		}
	}
	return credit
}

// prune leaves out sites whose points all have enough others, the last first, but none that a floor needs.
func (m *model) prune(candidates []int32, reach [][]int32) ([]int32, [][]int32) {
	count := make(map[int32]int)
	inGroup := make([]int, len(m.Floors))
	for i := range reach {
		for _, point := range reach[i] {
			count[point]++
		}
		if g := m.floorOf(candidates[i]); g >= 0 {
			inGroup[g]++
		}
	}
	for i := len(reach) - 1; i >= 0; i-- {
		g := m.floorOf(candidates[i])
		if m.matters(reach[i], count) || g >= 0 && inGroup[g] <= m.Floors[g] {
			continue
		}
		if g >= 0 {
			inGroup[g]--
		}
		for _, point := range reach[i] {
			count[point]--
		}
		candidates, reach = slices.Delete(candidates, i, i+1), slices.Delete(reach, i, i+1)
	}
	return candidates, reach
}

func (m *model) floorOf(candidate int32) int32 {
	if m.Groups == nil || len(m.Floors) == 0 {
		return -1
	}
	return m.Groups[candidate]
}

// matters tells whether a point is covered only with a site that reaches it.
func (m *model) matters(reach []int32, count map[int32]int) bool {
	for _, point := range reach {
		if count[point] == int(m.left[point]) {
			return true
		}
	}
	return false
}
