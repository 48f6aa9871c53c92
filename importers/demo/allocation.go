package demo

import "math"

// The figures of the city.
const (
	cityCode       = "150700"
	householdsOf   = 29 // to each unit leader
	leadersTotal   = 39_728
	gridsTotal     = 38_723
	stationsTotal  = 550
	scenesTotal    = 9
	householdsLeft = leadersTotal * householdsOf
)

// allocate gives every banner its households, micro-grids and leaders, and every community its
// households and micro-grids.
func allocate(s *source) {
	families := make([]int64, len(s.banners))
	for i, b := range s.banners {
		families[i] = int64(b.families)
	}
	households := apportion(householdsLeft, families, 0)
	weights := make([]int64, len(s.banners))
	for i, h := range households {
		weights[i] = int64(h)
	}
	grids, leaders := apportion(gridsTotal, weights, 0), apportion(leadersTotal, weights, 0)
	for i, b := range s.banners {
		b.households, b.grids, b.leaders = households[i], grids[i], leaders[i]
		b.allocate()
	}
}

func (b *banner) allocate() {
	var urban, rural []*community
	for _, c := range b.communities {
		if c.kind == neighbourhood {
			urban = append(urban, c)
		} else {
			rural = append(rural, c)
		}
	}
	split := []int{b.households, 0}
	if len(rural) > 0 {
		split = apportion(b.households, []int64{int64(b.urban), int64(b.population - b.urban)}, 0)
	}
	shareHouseholds(split[0], urban, 0.35, 60)
	shareHouseholds(split[1], rural, 0.45, 40)
	weights := make([]int64, len(b.communities))
	for i, c := range b.communities {
		weights[i] = int64(c.households)
	}
	for i, n := range apportion(b.grids, weights, 1) {
		b.communities[i].grids = n
	}
}

// shareHouseholds splits total among the communities, whose sizes vary with the given spread.
func shareHouseholds(total int, communities []*community, spread float64, least int) {
	if len(communities) == 0 {
		return
	}
	weights := make([]int64, len(communities))
	for i, c := range communities {
		z := roll("households", c.code).normal("z")
		weights[i] = integerWeight(c.pull() * math.Exp(spread*z))
	}
	for i, n := range apportion(total, weights, least) {
		communities[i].households = n
	}
}

// pull is how many households a community draws against others of its kind.
func (c *community) pull() float64 {
	switch {
	case c.kind != neighbourhood:
		return 1
	case c.township.inSeatTown():
		return 1.25
	}
	return 0.7
}

func (t *township) inSeatTown() bool { return t.kind == street || t.central }

// gridHouseholds splits the households of a community among its micro-grids, in code order.
func (c *community) gridHouseholds() []int {
	weights := make([]int64, c.grids)
	d := roll("grid-households", c.code)
	for i := range weights {
		weights[i] = integerWeight(math.Exp(0.25 * d.sub(i).normal("z")))
	}
	return apportion(c.households, weights, 5)
}
