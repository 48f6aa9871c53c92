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
	for len(candidates) > 0 {
		at := m.mostCredit(reach, left)
		a.Sites = append(a.Sites, m.open(a, int(candidates[at]), reach[at], left))
		candidates, reach = slices.Delete(candidates, at, at+1), slices.Delete(reach, at, at+1)
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

// mostCredit is the first of the sites with the most credit left.
func (m *model) mostCredit(reach [][]int32, left []uint8) int {
	best, most := 0, int64(-1)
	for i := range reach {
		credit := int64(0)
		for _, point := range reach[i] {
			if left[point] > 0 {
				credit += m.each[point]
			}
		}
		if credit > most {
			best, most = i, credit
		}
	}
	return best
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
