package views

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// tracts holds how the households of each micro-grid are shared out to cells of one resolution, so that
// a change shares out only what it touches. It is safe for concurrent use.
type tracts struct {
	resolution int
	cache      demandCache

	mu   sync.Mutex
	held map[string]heldTract // of the latest city that was held; nil before
}

type heldTract struct {
	grid *yizhan.MicroGrid
	coverage.Keyed
}

// tractCounts tells how much work it was to make a demand.
type tractCounts struct {
	sharedOut, fromCache int
	flagged              int // without an area: all households in one cell
}

func newTracts(resolution int, cacheDir string, logger *slog.Logger) *tracts {
	t := &tracts{resolution: resolution, cache: demandCache{resolution: resolution, logger: logger}}
	if cacheDir != "" {
		t.cache.file = filepath.Join(cacheDir, fmt.Sprintf("demand-r%d.cache", resolution))
	}
	return t
}

// demandOf makes the demand of a city. If hold is set, its tracts take the place of those held; a
// failure leaves them as they were.
func (t *tracts) demandOf(city *yizhan.City, hold bool) (*coverage.Demand, tractCounts, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	cached := map[coverage.Key]coverage.Allotment{}
	first := t.held == nil
	if first {
		cached = t.cache.read()
	}
	grids := yizhan.Sorted(city.MicroGrids)
	held, counts, err := t.shareOut(grids, cached)
	if err != nil {
		return nil, counts, err
	}
	for i := range held {
		if held[i].Flagged {
			counts.flagged++
		}
	}
	demand, err := coverage.NewDemand(t.resolution, allotmentsOf(held))
	if err != nil {
		return nil, counts, err
	}
	if first && counts.sharedOut > 0 {
		t.cache.write(held)
	}
	if hold {
		t.held = make(map[string]heldTract, len(held))
		t.put(held)
	}
	return demand, counts, nil
}

// change brings a demand from some micro-grids to others. If hold is set, the tracts held follow.
func (t *tracts) change(demand *coverage.Demand, was, is []*yizhan.MicroGrid, hold bool) (*coverage.Demand, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	removed, _, err := t.shareOut(was, nil)
	if err != nil {
		return nil, err
	}
	added, _, err := t.shareOut(is, nil)
	if err != nil {
		return nil, err
	}
	next, err := demand.With(allotmentsOf(removed), allotmentsOf(added))
	if err != nil {
		return nil, err
	}
	if hold {
		for i := range removed {
			delete(t.held, removed[i].grid.Code)
		}
		t.put(added)
	}
	return next, nil
}

func (t *tracts) put(held []heldTract) {
	if t.held == nil {
		return // nothing is followed yet
	}
	for _, h := range held {
		t.held[h.grid.Code] = h
	}
}

func allotmentsOf(held []heldTract) []coverage.UnitAllotment {
	allotments := make([]coverage.UnitAllotment, len(held))
	for i := range held {
		allotments[i] = coverage.UnitAllotment{Unit: held[i].grid.Community, Allotment: held[i].Allotment}
	}
	return allotments
}

// shareOut gives the tract of each grid: the one held if the grid is the same, the cached one if its
// content is known, else a new one.
func (t *tracts) shareOut(grids []*yizhan.MicroGrid, cached map[coverage.Key]coverage.Allotment) ([]heldTract, tractCounts, error) {
	var counts tractCounts
	var missing []int
	held := make([]heldTract, len(grids))
	for i, grid := range grids {
		old, known := t.held[grid.Code]
		if known && old.grid == grid {
			held[i] = old
			continue
		}
		held[i] = heldTract{grid, coverage.Keyed{Key: coverage.KeyOf(tractOf(grid))}}
		allotment, inCache := cached[held[i].Key]
		switch {
		case known && old.Key == held[i].Key:
			held[i].Allotment = old.Allotment
		case inCache && allotment.Households() == grid.Households:
			held[i].Allotment = allotment
			counts.fromCache++
		default:
			missing = append(missing, i)
		}
	}
	counts.sharedOut = len(missing)
	return held, counts, t.shareOutAnew(held, missing)
}

func (t *tracts) shareOutAnew(held []heldTract, missing []int) error {
	work := make([]coverage.Tract, len(missing))
	for n, i := range missing {
		work[n] = tractOf(held[i].grid)
	}
	allotments, err := coverage.AllotAll(work, t.resolution)
	if err != nil {
		return fmt.Errorf("share out the households of %d micro-grids: %w", len(missing), err)
	}
	for n, i := range missing {
		held[i].Allotment = allotments[n]
	}
	return nil
}

func tractOf(grid *yizhan.MicroGrid) coverage.Tract {
	return coverage.Tract{Households: grid.Households, Boundary: grid.Boundary}
}
