package coverage

import (
	"slices"
	"sync"

	"github.com/yizhan/yizhan/geo"
)

// Engine is a demand and the sites that serve it, and answers questions about them. It does not change:
// With and WithDemand give the next one. What it has worked out it keeps, within bounds, and the next
// one goes on from there. It is safe for concurrent use.
type Engine struct {
	demand *Demand
	sites  Sites
	places []geo.ECEF // of the sites
	cost   Cost

	states     recent[Model, *State]
	incidences recent[Reach, reached]
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
	e.states.limit = min(maxStates, max(minStates, maxStateCells/max(1, d.Cells())))
	e.incidences.limit = maxIncidences
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
	return e.states.get(m, func() (*State, error) {
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
	return e.incidences.get(reach, func() (reached, error) {
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

// inherit takes over what the engine before has worked out.
func (e *Engine) inherit(from *Engine, changes []siteChange) {
	if e.demand.structure != from.demand.structure {
		return
	}
	e.inherited = map[Model]inheritance{}
	for m, state := range from.states.all() {
		e.inherited[m] = inheritance{state, changes}
	}
	for m, old := range from.inherited {
		if _, done := e.inherited[m]; !done && len(old.changes)+len(changes) <= maxInherited {
			e.inherited[m] = inheritance{old.state, slices.Concat(old.changes, changes)}
		}
	}
	if len(changes) == 0 {
		for reach, r := range from.incidences.all() {
			e.incidences.put(reach, r)
		}
	}
}

// recent keeps what was last asked for. Those who ask for the same at once wait for one computation.
type recent[K comparable, V any] struct {
	limit   int
	mu      sync.Mutex
	entries map[K]*recentEntry[V]
	clock   int64
}

type recentEntry[V any] struct {
	once     sync.Once
	value    V
	err      error
	done     bool // under the mutex of the recent
	lastUsed int64
}

func (r *recent[K, V]) get(key K, compute func() (V, error)) (V, error) {
	entry := r.entry(key)
	entry.once.Do(func() {
		entry.value, entry.err = compute()
		r.mu.Lock()
		defer r.mu.Unlock()
		entry.done = entry.err == nil
	})
	return entry.value, entry.err
}

func (r *recent[K, V]) put(key K, value V) {
	_, _ = r.get(key, func() (V, error) { return value, nil })
}

func (r *recent[K, V]) entry(key K) *recentEntry[V] {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.entries[key]
	if entry == nil {
		if r.entries == nil {
			r.entries = map[K]*recentEntry[V]{}
		}
		if len(r.entries) >= r.limit {
			r.evict()
		}
		entry = &recentEntry[V]{}
		r.entries[key] = entry
	}
	r.clock++
	entry.lastUsed = r.clock
	return entry
}

func (r *recent[K, V]) evict() {
	var oldest K
	at := r.clock + 1
	for key, entry := range r.entries {
		if entry.lastUsed < at {
			oldest, at = key, entry.lastUsed
		}
	}
	delete(r.entries, oldest)
}

// all gives what is there.
func (r *recent[K, V]) all() map[K]V {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[K]V, len(r.entries))
	for key, entry := range r.entries {
		if entry.done {
			all[key] = entry.value
		}
	}
	return all
}
