package siting

import "slices"

// state is a choice of sites in a part that can be changed a site at a time: how often each point is
// reached, and what each site would add.
type state struct {
	p      *part
	half   int64 // quarters of a point's weight that count when one of the two sites it needs is there
	count  []int32
	gain   []int64 // what opening each site would add to score
	chosen []int32 // in the order in which they were opened
	open   []bool
	score  int64 // value, and what half reached points count for
	value  int64 // units covered
	work   int64 // edges walked
}

func newState(p *part, half int64) *state {
	s := &state{p: p, half: half, count: make([]int32, len(p.points)), gain: make([]int64, len(p.sites)), open: make([]bool, len(p.sites))}
	for site := range s.gain {
		for _, point := range p.cover.of(int32(site)) {
			s.gain[site] += s.credit(point, 1) - s.credit(point, 0)
		}
	}
	s.work += p.edges()
	return s
}

// credit is what a point counts for when reached n times.
func (s *state) credit(point int32, n int32) int64 {
	switch need := int32(s.p.need[point]); {
	case n >= need:
		return s.p.weight[point]
	case n == 0:
		return 0
	}
	return s.p.weight[point] * s.half / 4
}

func (s *state) add(site int32) {
	s.score += s.gain[site]
	for _, point := range s.p.cover.of(site) {
		n := s.count[point]
		s.count[point]++
		if n+1 == int32(s.p.need[point]) {
			s.value += s.p.weight[point]
		}
		s.spread(point, s.credit(point, n+2)-2*s.credit(point, n+1)+s.credit(point, n))
	}
	s.open[site] = true
	s.chosen = append(s.chosen, site)
}

func (s *state) drop(site int32) {
	for _, point := range s.p.cover.of(site) {
		n := s.count[point]
		s.count[point]--
		if n == int32(s.p.need[point]) {
			s.value -= s.p.weight[point]
		}
		s.spread(point, 2*s.credit(point, n)-s.credit(point, n+1)-s.credit(point, n-1))
	}
	s.score -= s.gain[site]
	s.open[site] = false
	at := slices.Index(s.chosen, site)
	s.chosen = slices.Delete(s.chosen, at, at+1)
}

// spread changes the gain of all sites that reach a point.
func (s *state) spread(point int32, change int64) {
	if change == 0 {
		return
	}
	sites := s.p.within.of(point)
	s.work += int64(len(sites))
	for _, site := range sites {
		s.gain[site] += change
	}
}

// loss is what closing a site would take from score.
func (s *state) loss(site int32) int64 {
	lost := int64(0)
	for _, point := range s.p.cover.of(site) {
		n := s.count[point]
		lost += s.credit(point, n) - s.credit(point, n-1)
	}
	s.work += int64(len(s.p.cover.of(site)))
	return lost
}

// best is the closed site that adds most, the first on a tie, among those that may be opened; -1 if none.
func (s *state) best(may func(site int32) bool) int32 {
	found, most := int32(-1), int64(-1)
	for site, gain := range s.gain {
		if gain > most && !s.open[site] && (may == nil || may(int32(site))) {
			found, most = int32(site), gain
		}
	}
	s.work += int64(len(s.gain))
	return found
}
