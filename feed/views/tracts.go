package views

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// tracts holds how the households of each micro-grid are shared out to cells, so that a change shares
// out only what it touches. It is not safe for concurrent use.
type tracts struct {
	logger *slog.Logger
	file   string // of the cache; empty for none
	held   map[string]heldTract
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

func newTracts(cacheDir string, logger *slog.Logger) *tracts {
	t := &tracts{logger: logger}
	if cacheDir != "" {
		t.file = filepath.Join(cacheDir, fmt.Sprintf("demand-r%d.cache", DemandResolution))
	}
	return t
}

// demandOf makes the demand of a city. A failure leaves the tracts as they were.
func (t *tracts) demandOf(city *yizhan.City) (*coverage.Demand, tractCounts, error) {
	cached := map[coverage.Key]coverage.Allotment{}
	if t.held == nil {
		cached = t.readCache()
	}
	grids := yizhan.Sorted(city.MicroGrids)
	held, counts, err := t.shareOut(grids, cached)
	if err != nil {
		return nil, counts, err
	}
	allotments := make([]coverage.UnitAllotment, len(grids))
	for i, grid := range grids {
		allotments[i] = coverage.UnitAllotment{Unit: grid.Community, Allotment: held[i].Allotment}
		if held[i].Flagged {
			counts.flagged++
		}
	}
	demand, err := coverage.NewDemand(DemandResolution, allotments)
	if err != nil {
		return nil, counts, err
	}
	if t.held == nil && counts.sharedOut > 0 {
		t.writeCache(held)
	}
	t.hold(held)
	return demand, counts, nil
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
	return held, counts, shareOutAnew(held, missing)
}

func shareOutAnew(held []heldTract, missing []int) error {
	work := make([]coverage.Tract, len(missing))
	for n, i := range missing {
		work[n] = tractOf(held[i].grid)
	}
	allotments, err := coverage.AllotAll(work, DemandResolution)
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

func (t *tracts) hold(held []heldTract) {
	t.held = make(map[string]heldTract, len(held))
	for _, h := range held {
		t.held[h.grid.Code] = h
	}
}

// readCache gives what the cache holds. A cache that is missing or broken holds nothing: all of it can
// be made again.
func (t *tracts) readCache() map[coverage.Key]coverage.Allotment {
	cached := map[coverage.Key]coverage.Allotment{}
	if t.file == "" {
		return cached
	}
	text, err := os.ReadFile(t.file)
	if errors.Is(err, fs.ErrNotExist) {
		return cached
	}
	var allotments []coverage.Keyed
	if err == nil {
		allotments, err = coverage.DecodeAllotments(text, DemandResolution)
	}
	if err != nil {
		t.logger.Warn("the demand cache is no use and will be made again", "file", t.file, "error", err)
	}
	for _, a := range allotments {
		cached[a.Key] = a.Allotment
	}
	return cached
}

// writeCache replaces the cache in one step, so that a crash leaves the old one or the new one. That it
// cannot be written costs the next start some seconds, and is no error.
func (t *tracts) writeCache(held []heldTract) {
	if t.file == "" {
		return
	}
	allotments := make([]coverage.Keyed, len(held))
	for i, h := range held {
		allotments[i] = h.Keyed
	}
	if err := replaceFile(t.file, coverage.EncodeAllotments(DemandResolution, allotments)); err != nil {
		t.logger.Warn("the demand cache could not be written", "file", t.file, "error", err)
	}
}

func replaceFile(name string, text []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
