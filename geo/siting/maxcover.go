package siting

import "math"

// MaxCover places sites so that the weight newly covered is greatest.
func MaxCover(q Cover, o Options) (Answer, error) {
	m, err := prepare(&q, o)
	if err != nil {
		return Answer{}, err
	}
	o.tell(Progress{Stage: "counting", Done: 1, Total: 1, Bound: m.total / m.unit})
	places := m.eligible()
	if q.P != NoLimit {
		places = min(places, q.P)
	}
	answer := Answer{Total: m.total / m.unit, Places: places, Capped: q.P > places}
	if q.Costs != nil || q.needsFloors() {
		err := m.limit(&answer, o)
		return answer, err
	}
	sites, added := m.greedy(places, math.MaxInt64, o)
	if o.cancelled() { // before anything of weight is made
		m.finish(&answer, sites, m.creditOfBest(places), o)
		return answer, nil
	}
	s, err := newSolver(m, places, sites, added, o)
	if err != nil {
		return Answer{}, err
	}
	s.solve(places)
	share, _ := s.best(places)
	_, bound := s.ceiling(places)
	m.finish(&answer, s.chosen(share), bound, o)
	return answer, nil
}

// limit answers a question with floors or a budget.
func (m *model) limit(answer *Answer, o Options) error {
	l, err := newLimited(m, answer.Places, o)
	if err != nil {
		return err
	}
	candidates, bound := l.solve()
	m.finish(answer, candidates, bound, o)
	return nil
}

// finish fills in an answer.
func (m *model) finish(answer *Answer, candidates []int32, bound int64, o Options) {
	m.fill(answer, candidates)
	answer.Bound = max(bound/m.unit, answer.Objective)
	answer.Proved = answer.Bound == answer.Objective
	answer.Stopped = o.cancelled() && !answer.Proved
}

// creditOfBest bounds what so many sites cover by the greatest credits.
func (m *model) creditOfBest(places int) int64 {
	sum, queue := int64(0), newQueue(m.credit)
	for ; places > 0 && queue.len() > 0 && sum < m.total; places-- {
		sum += queue.items[0].credit
		queue.pop()
	}
	return min(sum, m.total)
}

func (q *Cover) needsFloors() bool {
	for _, floor := range q.Floors {
		if floor > 0 {
			return true
		}
	}
	return false
}

// chosen are the candidates of a share, ascending within each part.
func (s *solver) chosen(share []int) (candidates []int32) {
	for i, c := range s.curves {
		for _, site := range c.sites(share[i]) {
			candidates = append(candidates, c.part.sites[site])
		}
	}
	return candidates
}
