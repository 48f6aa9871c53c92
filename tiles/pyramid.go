package tiles

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/cut"
)

// Options are what a Pyramid needs; the zero value makes one without coverage.
type Options struct {
	Coverage   CoverageSource // nil: there is no coverage layer
	CacheBytes int64          // for tiles made; 0 for DefaultCacheBytes
	Logger     *slog.Logger   // nil for slog.Default
}

// DefaultCacheBytes bounds the tiles kept.
const DefaultCacheBytes = 64 << 20

// Pyramid makes and keeps tiles. It is a view on the feed. All methods may be called at the same time;
// Update by one goroutine only.
type Pyramid struct {
	coverage CoverageSource
	logger   *slog.Logger
	current  atomic.Pointer[snapshot]
	cache    *cache
	flights  singleflight.Group
	slots    chan struct{} // bounds the tiles being made at a time
	cutters  sync.Pool
	static   func() (*staticBase, error)
	made     atomic.Int64
	makeTime atomic.Int64 // nanoseconds, of all tiles made
	news     news
	shifted  shifted
}

// snapshot is an immutable state. A layer that is nil is still being prepared.
type snapshot struct {
	seq   int64
	epoch int64 // of the cache
	ground
	base     *baseLayer
	units    *unitLayer
	grids    *gridLayer
	stations *stationLayer
}

// sharedBase is the base map, which is the same for all pyramids.
var sharedBase = sync.OnceValues(loadBase)

// NewPyramid makes a pyramid that answers CodeUnavailable until its first Update.
func NewPyramid(o Options) *Pyramid {
	if o.CacheBytes == 0 {
		o.CacheBytes = DefaultCacheBytes
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	p := &Pyramid{
		coverage: o.Coverage,
		logger:   o.Logger,
		cache:    newCache(o.CacheBytes),
		slots:    make(chan struct{}, runtime.GOMAXPROCS(0)),
		static:   sharedBase,
	}
	p.cutters.New = func() any { return new(cut.Cutter) }
	p.current.Store(&snapshot{})
	return p
}

// Name names the view.
func (p *Pyramid) Name() string { return "tiles" }

// Seq is the last change that all tiles show; 0 before the first Update is through.
func (p *Pyramid) Seq() int64 {
	seq := p.current.Load().seq
	if q := p.shifted.pyramid.Load(); q != nil {
		seq = min(seq, q.Seq())
	}
	return seq
}

// Tile gives a tile. Errors are *yizhan.Error of CodeNotFound for a tile or layer that does not exist and
// CodeUnavailable for a layer that is still being prepared, or the error of ctx. They are never kept.
func (p *Pyramid) Tile(ctx context.Context, r Request) (Tile, error) {
	if r.Datum == GCJ02 {
		q, err := p.inGCJ02(ctx)
		if err != nil {
			return Tile{}, err
		}
		r.Datum = WGS84 // it knows no other
		return q.Tile(ctx, r)
	}
	key, err := p.keyOf(r)
	if err != nil {
		return Tile{}, err
	}
	if tile, ok := p.cache.get(key); ok {
		return tile, nil
	}
	now := p.current.Load()
	// The epoch is in the name so that nobody waits for a tile of a state from before his request.
	name := fmt.Sprint(key, now.epoch)
	flight := p.flights.DoChan(name, func() (any, error) {
		// One caller's leaving must not fail the others: the work goes on without his context.
		return p.makeAndKeep(context.WithoutCancel(ctx), key, now)
	})
	select {
	case <-ctx.Done():
		return Tile{}, ctx.Err()
	case result := <-flight:
		if result.Err != nil {
			return Tile{}, result.Err
		}
		return result.Val.(Tile), nil
	}
}

func (p *Pyramid) makeAndKeep(ctx context.Context, key tileKey, now *snapshot) (tile Tile, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.logger.Error("making a tile panicked", "tile", fmt.Sprintf("%v", key), "cause", cause, "stack", string(debug.Stack()))
			err = yizhan.Errorf(yizhan.CodeInternal, "", "the tile could not be made")
		}
	}()
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	if tile, ok := p.cache.peek(key); ok { // another flight landed between the miss and this one
		return tile, nil
	}
	began := time.Now()
	tile, err = p.make(ctx, key, now)
	if err != nil {
		return Tile{}, err
	}
	p.made.Add(1)
	p.makeTime.Add(int64(time.Since(began)))
	p.cache.put(key, tile, now.epoch)
	return tile, nil
}

func (p *Pyramid) make(ctx context.Context, key tileKey, now *snapshot) (Tile, error) {
	cutter := p.cutters.Get().(*cut.Cutter)
	defer p.cutters.Put(cutter)
	d := newDrawing(key.tile, cutter)
	for _, layer := range Layers() {
		if !hasLayer(key.layers, layer) {
			continue
		}
		if err := p.draw(ctx, d, layer, key, now); err != nil {
			return Tile{}, err
		}
	}
	return packed(d.data, now.seq)
}

func (p *Pyramid) draw(ctx context.Context, d *drawing, layer string, key tileKey, now *snapshot) error {
	switch {
	case layer == Base && now.base != nil:
		now.base.draw(d)
	case layer == Units && now.units != nil:
		now.units.draw(d)
	case layer == MicroGrids && now.grids != nil:
		now.grids.draw(d)
	case layer == Stations && now.stations != nil:
		now.stations.draw(d)
	case layer == Coverage:
		return p.drawCoverage(ctx, d, key.params)
	case layer == Gaps:
		return p.drawGaps(ctx, d, key.params)
	default:
		return yizhan.Errorf(yizhan.CodeUnavailable, "layers", "the layer %q is still being prepared", layer)
	}
	return nil
}

// Update takes a later state of the city over; changes are nil on the first load, or when it is not known
// what changed.
func (p *Pyramid) Update(city *yizhan.City, changes []yizhan.Change) error {
	if p.current.Load().stations == nil || changes == nil {
		changes = nil
		if err := p.load(city); err != nil {
			return err
		}
	} else {
		p.follow(city, changes)
	}
	return p.updateGCJ02(city, changes)
}

// follow makes the next state from what changed.
func (p *Pyramid) follow(city *yizhan.City, changes []yizhan.Change) {
	was := p.current.Load()
	began := time.Now()
	next, touched := was.after(city, changes)
	p.publish(next, touched)
	p.announce(transition{was, next, touched, true})
	p.logger.Debug("tiles updated", "seq", city.Seq, "changes", len(changes), "took", time.Since(began))
}

// load builds everything. What is ready first is shown first, as long as there is nothing older to show.
func (p *Pyramid) load(city *yizhan.City) error {
	began := time.Now()
	static, err := p.static()
	if err != nil {
		return err
	}
	was := p.current.Load()
	first := was.stations == nil
	g := ground{city, formUnits(city.Units), newTally(city)}
	next := &snapshot{ground: g, units: newUnitLayer(g)}
	next.base = newBaseLayer(static, next.forms.land)
	if first {
		early := *next
		p.publish(&early, everything())
	}
	next.grids = newGridLayer(g)
	next.stations = newStationLayer(g, next.grids)
	next.seq = city.Seq
	p.publish(next, everything())
	p.announce(transition{was, next, everything(), false})
	p.logger.Info("tiles ready", "seq", city.Seq, "micro_grids", len(city.MicroGrids), "took", time.Since(began))
	return nil
}

func everything() touchedAreas {
	all := newTouchedAreas()
	for _, layer := range Layers() {
		all.everywhere[layer] = true
	}
	return all
}

func (p *Pyramid) publish(next *snapshot, touched touchedAreas) {
	p.cache.update(touched, func(epoch int64) {
		next.epoch = epoch
		p.current.Store(next)
	})
}

// after is the snapshot of a later city, made from what changed, and where it looks different.
func (s *snapshot) after(city *yizhan.City, changes []yizhan.Change) (*snapshot, touchedAreas) {
	changed := map[yizhan.Collection][]string{}
	seen := map[yizhan.Ref]bool{}
	for _, change := range changes {
		if !seen[change.Ref] {
			seen[change.Ref] = true
			changed[change.Ref.Collection] = append(changed[change.Ref.Collection], change.Ref.Code)
		}
	}
	units, grids, stations := changed[yizhan.Units], changed[yizhan.MicroGrids], changed[yizhan.Stations]
	next := *s
	next.seq, next.city = city.Seq, city
	touched := newTouchedAreas()
	var communities map[string]bool
	next.tally, communities = s.tally.after(s.city, city, grids, stations)
	next.forms = formsAfter(s.forms, s.city, city, units)
	sums := s.tally.changedSums(next.tally)
	if len(units)+len(sums) > 0 {
		next.units = s.units.update(next.ground, units, sums, touched)
	}
	if next.forms != s.forms {
		next.base = s.base.after(next.forms.land)
		touched.everywhere[Base] = next.base != s.base
	}
	if len(grids)+len(units)+len(sums) > 0 {
		next.grids = s.grids.update(s.ground, next.ground, gridChanges{grids, units, communities, sums}, touched)
	}
	if len(grids)+len(stations)+len(units)+len(changed[yizhan.FriendlyScenes]) > 0 {
		next.stations = s.stations.update(next.ground, next.grids, touched)
	}
	if len(grids)+len(stations) > 0 { // coverage has a state of its own: touchedCoverage asks it where it changed
		touched.everywhere[Coverage], touched.everywhere[Gaps] = true, true
	}
	return &next, touched
}
