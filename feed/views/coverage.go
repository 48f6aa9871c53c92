package views

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// Coverage tells how many households are within reach of a station, by unit and by H3 cell. It is safe
// for concurrent use.
//
// To share out the demand of a whole city takes seconds, so whatever touches micro-grids is done in the
// background, and until the first is done every question is answered with CodeUnavailable. A change of
// stations or units alone is in at once.
type Coverage struct {
	logger   *slog.Logger
	snapshot atomic.Pointer[coverageSnapshot]

	mu      sync.Mutex
	wanted  *yizhan.City  // the latest city, while it is not in the snapshot
	regrid  bool          // micro-grids may differ from those of the tracts
	working chan struct{} // closed when the worker ends; nil if there is none
	lastErr error         // why wanted could not be reached

	tracts *tracts // only the worker touches it

	touched touchLog
	news    bell // of another snapshot
}

// CoverageOptions say how a Coverage works.
type CoverageOptions struct {
	// CacheDir is a folder to keep the shared-out demand in, so that the next start finds it. Empty
	// for none. What is in it is checked, and made again if it is not right.
	CacheDir string
	Logger   *slog.Logger // nil for the default one
	// History reads the city as it was, for scenarios over an earlier change. Nil: only what the view itself
	// remembers can be laid over.
	History History
}

// DemandResolution is the H3 resolution at which demand is held: cells of about 130 m across, an
// eighth of the usual radius.
const DemandResolution = 10

// CoarsestResolution is the coarsest roll-up that is offered, of cells of about 1,500 km² here.
const CoarsestResolution = 4

// NewCoverage makes a view that is not ready before its first Update has been worked in.
func NewCoverage(o CoverageOptions) *Coverage {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Coverage{logger: o.Logger, tracts: newTracts(o.CacheDir, o.Logger)}
}

// Name names the view.
func (v *Coverage) Name() string { return "coverage" }

// Seq is the change that the view has reached, 0 while it is not ready.
func (v *Coverage) Seq() int64 {
	if snapshot := v.snapshot.Load(); snapshot != nil {
		return snapshot.seq
	}
	return 0
}

// Update takes note of the city and returns at once. Wait waits until it is worked in.
func (v *Coverage) Update(city *yizhan.City, changes []yizhan.Change) error {
	v.touched.note(city, changes)
	v.mu.Lock()
	defer v.mu.Unlock()
	snapshot := v.snapshot.Load()
	v.regrid = v.regrid || snapshot == nil || changes == nil || touches(changes, yizhan.MicroGrids)
	if v.working == nil && !v.regrid {
		v.publish(snapshot.next(city, changes, snapshot.demand))
		return nil
	}
	v.wanted = city
	if v.working == nil {
		v.working = make(chan struct{})
		go v.work(v.working)
	}
	return nil
}

// publish shows a snapshot, and tells those who wait for it.
func (v *Coverage) publish(snapshot *coverageSnapshot) {
	v.snapshot.Store(snapshot)
	v.news.ring()
}

// Wait waits until the view has reached the city of the last Update, and tells why it could not.
func (v *Coverage) Wait(ctx context.Context) error {
	v.mu.Lock()
	working, err := v.working, v.lastErr
	v.mu.Unlock()
	if working == nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-working:
		return v.Wait(ctx)
	}
}

// work brings the snapshot to the wanted city until there is none.
func (v *Coverage) work(done chan struct{}) {
	defer close(done)
	for city, regrid := v.take(); city != nil; city, regrid = v.take() {
		if err := v.reach(city, regrid); err != nil {
			v.logger.Error("coverage stays as it was", "seq", city.Seq, "error", err)
			v.failed(err)
		}
	}
}

// take gives the wanted city to the worker, or ends the worker if there is none.
func (v *Coverage) take() (city *yizhan.City, regrid bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	city, regrid = v.wanted, v.regrid
	v.wanted, v.regrid = nil, false
	if city == nil {
		v.working = nil
		v.regrid = v.lastErr != nil
		return nil, false
	}
	v.lastErr = nil
	return city, regrid
}

// failed remembers that the tracts are not those of the city, so that the next Update tries again.
func (v *Coverage) failed(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lastErr, v.regrid = err, true
}

func (v *Coverage) reach(city *yizhan.City, regrid bool) error {
	old := v.snapshot.Load()
	if !regrid {
		v.publish(old.next(city, nil, old.demand))
		return nil
	}
	start := time.Now()
	demand, counts, err := v.tracts.demandOf(city)
	if err != nil {
		return err
	}
	v.publish(old.next(city, nil, demand))
	v.logger.Info("coverage ready", "seq", city.Seq, "micro_grids", len(city.MicroGrids), "cells", demand.Cells(),
		"shared_out", counts.sharedOut, "from_cache", counts.fromCache, "without_area", counts.flagged,
		"took", time.Since(start).Round(time.Millisecond))
	go demand.Warm(CoarsestResolution) // nobody needs to wait for it
	return nil
}

// coverageSnapshot is one immutable state of the view.
type coverageSnapshot struct {
	seq      int64
	units    map[string]*yizhan.Unit
	children map[string][]*yizhan.Unit // by parent, in the order of codes; the city's parent is ""
	stations []*yizhan.Station         // active, in the order of communities, then codes
	demand   *coverage.Demand
	results  *results
}

// next is the snapshot of the city with the demand. The changes are those since s, nil if there may be
// others. Results live on if they are still right.
func (s *coverageSnapshot) next(city *yizhan.City, changes []yizhan.Change, demand *coverage.Demand) *coverageSnapshot {
	next := &coverageSnapshot{seq: city.Seq, units: city.Units, stations: activeByCommunity(city), demand: demand}
	if s != nil && changes != nil && !touches(changes, yizhan.Units) {
		next.children = s.children
	} else {
		next.children = childrenOf(city.Units)
	}
	if s != nil && s.demand == demand && slices.Equal(s.stations, next.stations) {
		next.results = s.results
	} else {
		next.results = newResults()
	}
	return next
}

func childrenOf(units map[string]*yizhan.Unit) map[string][]*yizhan.Unit {
	children := map[string][]*yizhan.Unit{}
	for _, unit := range yizhan.Sorted(units) {
		children[unit.Parent] = append(children[unit.Parent], unit)
	}
	return children
}

func activeByCommunity(city *yizhan.City) []*yizhan.Station {
	stations := yizhan.Sorted(city.Stations)
	stations = slices.DeleteFunc(stations, func(s *yizhan.Station) bool { return s.Status != yizhan.StationActive })
	slices.SortStableFunc(stations, func(a, b *yizhan.Station) int { return strings.Compare(a.Community, b.Community) })
	return stations
}
