package coverage

import (
	"sync"

	"github.com/yizhan/yizhan/geo"
)

// State is what the sites of an engine cover of its demand under one model. It is immutable and safe for
// concurrent use.
type State struct {
	demand *Demand
	sites  Sites
	places []geo.ECEF // of the sites
	judge  *judge
	metric metric

	values chunked[value]     // of each finest cell
	units  chunked[unitTally] // of each unit

	counting struct { // units of the sites that count, made when first asked for
		once            sync.Once
		known, possible []string // ascending
	}
	near nearestSites // made when first asked for
}

// newState judges every cell. The incidence and the sets are those of the reach.
func newState(e *Engine, m Model, in *Incidence, sets *siteSets) *State {
	s := emptyState(e, m)
	values := sets.values(in, s.judge, s.merits())
	s.values = newChunked[value](len(sets.of))
	e.demand.finest().areas()
	var mu sync.Mutex
	var sums []*unitSums // of each worker
	_ = parallelRuns(len(s.values.chunks), 64, func() func(int) error {
		sum := &unitSums{make([]unitTally, len(e.demand.units))}
		mu.Lock()
		defer mu.Unlock()
		sums = append(sums, sum)
		return func(chunk int) error {
			s.fillChunk(chunk, sets.of, values, sum)
			return nil
		}
	})
	s.units = joinSums(sums, len(e.demand.units))
	return s
}

// unitSums are the tallies of all units.
type unitSums struct{ units []unitTally }

func (u *unitSums) own(unit int32) *unitTally { return &u.units[unit] }

// joinSums adds up: in whole numbers, so that it does not matter who did what.
func joinSums(sums []*unitSums, units int) chunked[unitTally] {
	total := newChunked[unitTally](units).change()
	for _, sum := range sums {
		for unit := range sum.units {
			if sum.units[unit] == (unitTally{}) {
				continue
			}
			t := total.own(int32(unit))
			t.Tally = t.Plus(sum.units[unit].Tally)
			t.areaM2 = t.areaM2.Plus(sum.units[unit].areaM2)
		}
	}
	return total.chunked
}

// fillChunk judges the cells of a chunk by their sets of sites. One that is all zero stays shared.
func (s *State) fillChunk(at int, setOf []int32, values []value, sums *unitSums) {
	areas := s.demand.finest().areasM2
	var filled *chunk[value]
	for cell := at * chunkSize; cell < min((at+1)*chunkSize, len(setOf)); cell++ {
		set := setOf[cell]
		if set == noSet || values[set] == (value{}) {
			continue
		}
		if filled == nil {
			filled = new(chunk[value])
			s.values.chunks[at] = filled
		}
		filled[cell%chunkSize] = values[set]
		addCell(s.demand, sums, int32(cell), &values[set], areas[cell], 1)
	}
}

func emptyState(e *Engine, m Model) *State {
	return &State{demand: e.demand, sites: e.sites, places: e.places, judge: newJudge(m), metric: newMetric(m.EffectiveReach(), e.cost)}
}

func (s *State) merits() []merit {
	merits := make([]merit, len(s.sites))
	for i := range s.sites {
		merits[i] = s.judge.merit(&s.sites[i])
	}
	return merits
}

// addCell counts a cell in its units, or takes it away if the sign is -1.
func addCell[S interface{ own(unit int32) *unitTally }](d *Demand, sums S, cell int32, v *value, areaM2, sign int64) {
	for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
		sums.own(d.partUnit[i]).add(v, sign*int64(d.partHouseholds[i]))
	}
	sums.own(d.homes.of[cell]).areaM2.addIf(v.known.once, v.possible.once, sign*areaM2)
}

// Model is the question that the state answers.
func (s *State) Model() Model { return s.judge.model }

// Demand is the demand of the state.
func (s *State) Demand() *Demand { return s.demand }

// Sites are the sites of the state. They must not be changed.
func (s *State) Sites() Sites { return s.sites }

// SitesAt is how many sites count in a finest cell, given by its position, for the layer that has
// the fewest.
func (s *State) SitesAt(cell int) Interval {
	v := s.values.at(int32(cell))
	return Interval{int64(v.known.sites), int64(v.possible.sites)}
}

// WeightAt is the weight of the time when a finest cell, given by its position, is covered.
func (s *State) WeightAt(cell int) Interval {
	v := s.values.at(int32(cell))
	return Interval{int64(v.known.once), int64(v.possible.once)}
}

// CoveredCells tells of each finest cell whether it is covered for sure, and whether it may be, at some
// moment that the model asks about.
func (s *State) CoveredCells() (known, possible []bool) {
	known, possible = make([]bool, s.demand.Cells()), make([]bool, s.demand.Cells())
	for cell := range known {
		v := s.values.at(int32(cell))
		known[cell], possible[cell] = v.known.once > 0, v.possible.once > 0
	}
	return known, possible
}
