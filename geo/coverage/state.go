package coverage

import (
	"sync"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
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
	near   nearestSites // made when first asked for
	levels [hex.MaxResolution + 1]struct {
		once    sync.Once
		tallies []Tally
	}
}

// newState judges every cell. The incidence and the sets are those of the reach.
func newState(e *Engine, m Model, in *Incidence, sets *siteSets) *State {
	s := emptyState(e, m)
	values := sets.values(in, s.judge, s.merits())
	s.values = newChunked[value](len(sets.of))
	s.units = newChunked[unitTally](len(e.demand.units))
	areas := e.demand.finest().areas()
	for cell, set := range sets.of {
		if set == noSet || values[set] == (value{}) {
			continue
		}
		*s.values.at(int32(cell)) = values[set]
		s.addCell(s.units.at, int32(cell), &values[set], areas[cell], 1)
	}
	return s
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
func (s *State) addCell(unit func(int32) *unitTally, cell int32, v *value, areaM2, sign int64) {
	d := s.demand
	for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
		unit(d.partUnit[i]).add(v, sign*int64(d.partHouseholds[i]))
	}
	unit(d.homes[cell]).areaM2.addIf(v.known.once, v.possible.once, sign*areaM2)
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
