package views

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/memo"
)

// Coverage tells how many households are within reach of a station, by unit and by H3 cell, and what
// follows from that. It is safe for concurrent use.
//
// To share out the demand of a whole city takes seconds, so whatever touches many micro-grids is done in
// the background, and until the first is done every question is answered with CodeUnavailable. A change
// of stations, units or a few micro-grids is in at once.
type Coverage struct {
	logger  *slog.Logger
	history History
	makers  makers
	picture atomic.Pointer[Picture]

	mu      sync.Mutex
	wanted  *yizhan.City  // the latest city, while it is not in the picture
	regrid  bool          // micro-grids may differ from those of the picture
	working chan struct{} // closed when the worker ends; nil if there is none
	lastErr error         // why wanted could not be reached

	warming atomic.Bool
	finest  bool // is made ahead
	touched touchLog
	past    past
	last    int64 // the seq of the last Update; only that uses it
	news    bell  // of another picture

	scenarios memo.Memo[scenarioKey, *Picture]
	earlier   memo.Memo[int64, *Picture] // of the city as it was
	weights   memo.Memo[WeightKey, *Weight]
}

// scenarioKey names a version of a scenario, which never changes.
type scenarioKey struct {
	id      string
	version int64
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
	// Patience is how long the first question about a reach of 500 m or less waits for demand that is fine
	// enough before it is answered CodeUnavailable; 0 for eight seconds: two are enough on a quiet machine.
	Patience time.Duration
	// Finest has that demand made in the background as soon as the usual one is there, so that nobody waits for
	// it. It takes some seconds of all processors.
	Finest bool
}

const usualPatience = 8 * time.Second

// Bounds of what is kept of other pictures than the present one. They share most of what they hold with it.
const (
	maxScenarioPictures = 8
	maxEarlierPictures  = 4
)

// maxSomeGrids is how many micro-grids can be followed one by one; with more it is less work to gather all.
const maxSomeGrids = 64

// NewCoverage makes a view that is not ready before its first Update has been worked in.
func NewCoverage(o CoverageOptions) *Coverage {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	v := &Coverage{logger: o.Logger, history: o.History, finest: o.Finest}
	if o.Patience == 0 {
		o.Patience = usualPatience
	}
	v.makers = makers{newTracts(DemandResolution, o.CacheDir, o.Logger), newTracts(FinestResolution, o.CacheDir, o.Logger), o.Patience}
	v.scenarios.Limit, v.earlier.Limit, v.weights.Limit = maxScenarioPictures, maxEarlierPictures, maxWeights
	return v
}

// Name names the view.
func (v *Coverage) Name() string { return "coverage" }

// Picture gives the present state; CodeUnavailable while there is none yet.
func (v *Coverage) Picture() (*Picture, error) {
	if picture := v.picture.Load(); picture != nil {
		return picture, nil
	}
	return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the coverage is still being computed")
}

// Seq is the change that the view has reached, 0 while it is not ready.
func (v *Coverage) Seq() int64 {
	if picture := v.picture.Load(); picture != nil {
		return picture.seq
	}
	return 0
}

// Update brings the view to the city, or takes note of it and returns if that takes longer: then Wait waits
// until it is worked in.
func (v *Coverage) Update(city *yizhan.City, changes []yizhan.Change) error {
	v.touched.note(city, changes)
	v.past.note(v.last, changes, city.Seq)
	v.last = city.Seq
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.picture.Load()
	v.regrid = v.regrid || now == nil || changes == nil
	if v.working == nil && !v.regrid && v.followed(now, city, changes) {
		return nil
	}
	v.regrid = v.regrid || touches(changes, yizhan.MicroGrids)
	v.wanted = city
	if v.working == nil {
		v.working = make(chan struct{})
		go v.work(v.working)
	}
	return nil
}

// followed brings the view to the city at once, if it can.
func (v *Coverage) followed(now *Picture, city *yizhan.City, changes []yizhan.Change) bool {
	grids := changedGrids(now.city, city, changes)
	if grids.count() > maxSomeGrids {
		return false
	}
	next, err := now.after(city, grids, touches(changes, yizhan.Units))
	if err != nil {
		v.logger.Warn("coverage cannot follow, and starts over", "seq", city.Seq, "error", err)
		return false
	}
	v.publish(next)
	if grids.count() > 0 {
		v.warm(next)
	}
	return true
}

// after is the picture of a city that differs by some micro-grids, and by stations and perhaps units.
func (p *Picture) after(city *yizhan.City, grids gridChanges, unitsChanged bool) (*Picture, error) {
	g, err := p.ground.change(city, grids, true)
	if err != nil {
		return nil, err
	}
	return p.next(city, g, unitsChanged)
}

// publish shows a picture, and tells those who wait for it.
func (v *Coverage) publish(picture *Picture) {
	v.picture.Store(picture)
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

// work brings the picture to the wanted city until there is none.
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

// failed remembers that the micro-grids are not those of the city, so that the next Update tries again.
func (v *Coverage) failed(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lastErr, v.regrid = err, true
}

func (v *Coverage) reach(city *yizhan.City, regrid bool) error {
	if !regrid {
		next, err := v.picture.Load().next(city, v.picture.Load().ground, true)
		if err == nil {
			v.publish(next)
		}
		return err
	}
	start := time.Now()
	demand, counts, err := v.makers.usual.demandOf(city, true)
	if err != nil {
		return err
	}
	picture := newPicture(city, newGround(city, true, &v.makers, demand))
	v.publish(picture)
	v.logger.Info("coverage ready", "seq", city.Seq, "micro_grids", len(city.MicroGrids), "cells", demand.Cells(),
		"shared_out", counts.sharedOut, "from_cache", counts.fromCache, "without_area", counts.flagged,
		"took", time.Since(start).Round(time.Millisecond))
	v.warm(picture)
	return nil
}

// warm makes in the background what takes longest of what is asked first; nobody has to wait for it.
func (v *Coverage) warm(picture *Picture) {
	if !v.warming.CompareAndSwap(false, true) {
		return // it is made when it is asked for
	}
	go func() {
		defer v.warming.Store(false)
		for made := (*ground)(nil); made != picture.ground; picture = v.picture.Load() { // micro-grids may change meanwhile
			made = picture.ground
			v.makeAhead(picture)
		}
	}()
}

func (v *Coverage) makeAhead(picture *Picture) {
	if _, err := picture.gapsOf(Question{}); err != nil { // which cells touch is the longest part of it
		v.logger.Warn("the first gaps could not be found", "error", err)
	}
	if !v.finest {
		return
	}
	start := time.Now()
	if _, err := picture.ground.shareOutFinest(); err != nil {
		v.logger.Warn("households could not be shared out to the finest cells", "error", err)
		return
	}
	v.logger.Info("finest cells ready", "seq", picture.seq, "took", time.Since(start).Round(time.Millisecond))
}

func childrenOf(units map[string]*yizhan.Unit) map[string][]*yizhan.Unit {
	children := map[string][]*yizhan.Unit{}
	for _, unit := range yizhan.Sorted(units) {
		children[unit.Parent] = append(children[unit.Parent], unit)
	}
	return children
}
