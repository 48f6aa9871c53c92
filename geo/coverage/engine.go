package coverage

import (
	"slices"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/memo"
)

// Engine is a demand and the sites that serve it, and answers questions about them. It does not change:
// With and WithDemand give the next one. What it has worked out it keeps, within bounds, and the next
// one goes on from there. It is safe for concurrent use.
type Engine struct {
	demand *Demand
	sites  Sites
	places []geo.ECEF // of the sites
	cost   Cost

	states     memo.Memo[Model, *State]
	incidences memo.Memo[Reach, reached]
	inherited  map[Model]inheritance // what the states follow from that are not made yet
}

// reached is what follows from a reach.
type reached struct {
	*Incidence
	sets *siteSets
}

// inheritance is a state of an engine before, and what has changed since.
type inheritance struct {
	state   *State
	changes []siteChange
}

// Bounds of what an engine keeps. A state takes 12 bytes a cell, a reach 4 and another 8 for each pair.
const (
	maxStates     = 16
	maxStateCells = 2_000_000 // in all states together, if there are more of them than minStates
	minStates     = 4
	maxIncidences = 3
	maxInherited  = 64 // changed sites beyond which a state is sooner made anew
)

// NewEngine takes sites, which must not be changed any more, and a cost, nil for the straight line.
func NewEngine(d *Demand, sites Sites, cost Cost) (*Engine, error) {
	if err := sites.Validate(); err != nil {
		return nil, err
	}
	return newEngine(d, sites, cost), nil
}

func newEngine(d *Demand, sites Sites, cost Cost) *Engine {
	e := emptyEngine(d, sites, cost)
	for i := range sites {
		e.places[i] = geo.ToECEF(sites[i].At)
	}
	return e
}

// emptyEngine has places yet to be filled in.
func emptyEngine(d *Demand, sites Sites, cost Cost) *Engine {
	e := &Engine{demand: d, sites: sites, places: make([]geo.ECEF, len(sites)), cost: cost}
	e.states.Limit = min(maxStates, max(minStates, maxStateCells/max(1, d.Cells())))
	e.incidences.Limit = maxIncidences
	return e
}

// Demand is the demand of the engine.
func (e *Engine) Demand() *Demand { return e.demand }

// Sites are the sites of the engine. They must not be changed.
func (e *Engine) Sites() Sites { return e.sites }

// State answers a question.
func (e *Engine) State(m Model) (*State, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return e.states.Get(m, func() (*State, error) {
		if from, ok := e.inherited[m]; ok {
			return from.state.next(e, from.changes), nil
		}
		r, err := e.reach(m)
		if err != nil {
			return nil, err
		}
		return newState(e, m, r.Incidence, r.sets), nil
	})
}

// Incidence lists which sites each cell has in reach under a model, those that do not count with them.
func (e *Engine) Incidence(m Model) (*Incidence, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	r, err := e.reach(m)
	return r.Incidence, err
}

func (e *Engine) reach(m Model) (reached, error) {
	reach := m.EffectiveReach()
	return e.incidences.Get(reach, func() (reached, error) {
		in, err := e.demand.incidence(e.sites, newMetric(reach, e.cost))
		if err != nil {
			return reached{}, err
		}
		return reached{in, newSiteSets(in)}, nil
	})
}

// WithDemand is the next engine, with another demand.
func (e *Engine) WithDemand(d *Demand) *Engine {
	next := newEngine(d, e.sites, e.cost)
	next.inherit(e, nil)
	return next
}

// Counting is the next engine, with a demand whose numbers are others throughout, as Demand.Counting gives. Which
// sites are in reach is taken over; to sum up anew from there takes less than to correct every sum.
func (e *Engine) Counting(d *Demand) *Engine {
	next := newEngine(d, e.sites, e.cost)
	if d.structure == e.demand.structure {
		for reach, r := range e.incidences.All() {
			next.incidences.Put(reach, r)
		}
	}
	return next
}

// inherit takes over what the engine before has worked out.
func (e *Engine) inherit(from *Engine, changes []siteChange) {
	if e.demand.structure != from.demand.structure {
		return
	}
	e.inherited = map[Model]inheritance{}
	for m, state := range from.states.All() {
		e.inherited[m] = inheritance{state, changes}
	}
	for m, old := range from.inherited {
		if _, done := e.inherited[m]; !done && len(old.changes)+len(changes) <= maxInherited {
			e.inherited[m] = inheritance{old.state, slices.Concat(old.changes, changes)}
		}
	}
	if len(changes) == 0 {
		for reach, r := range from.incidences.All() {
			e.incidences.Put(reach, r)
		}
	}
}
