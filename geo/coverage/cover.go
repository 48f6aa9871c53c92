package coverage

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// Result is what a set of points covers of a demand. It is immutable and safe for concurrent use.
type Result struct {
	demand *Demand
	counts []uint16 // points within reach of each finest cell
	// Sums over the units before each one, as in Demand.households.
	covered, crossCovered []int64
	// levels are the covered households of coarser cells, made when first asked for.
	levels [hex.MaxResolution + 1]struct {
		once    sync.Once
		covered []int64
	}
}

// Figures sum up the households of some units.
type Figures struct {
	Households   int64
	Covered      int64 // within reach of a point
	CrossCovered int64 // within reach of two or more
}

// Unmet is the households that no point reaches.
func (f Figures) Unmet() int64 { return f.Households - f.Covered }

// Share is Covered as a part of Households; ok is false where there are none.
func (f Figures) Share() (share float64, ok bool) {
	if f.Households == 0 {
		return 0, false
	}
	return float64(f.Covered) / float64(f.Households), true
}

// CellFigures are the households of one cell.
type CellFigures struct {
	Cell       hex.Cell
	Households int64
	Covered    int64
}

// MaxPoints bounds the points of a Cover.
const MaxPoints = math.MaxUint16

// Cover counts the points within a true distance of the centre of each cell, inclusive.
func (d *Demand) Cover(points []orb.Point, radiusM float64) (*Result, error) {
	if len(points) > MaxPoints {
		return nil, fmt.Errorf("coverage: %d points; %d are allowed", len(points), MaxPoints)
	}
	if !(radiusM >= 0) {
		return nil, fmt.Errorf("coverage: %g is not a radius", radiusM)
	}
	finest := d.finest()
	r := &Result{demand: d, counts: make([]uint16, len(finest.cells))}
	squaredChord := geo.SquaredChordOf(radiusM)
	for _, p := range points {
		finest.countAround(r.counts, geo.ToECEF(p), squaredChord)
	}
	r.sum()
	return r, nil
}

func (r *Result) sum() {
	d := r.demand
	r.covered = make([]int64, len(d.units)+1)
	r.crossCovered = make([]int64, len(d.units)+1)
	for cell, count := range r.counts {
		if count == 0 {
			continue
		}
		for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
			r.covered[d.partUnit[i]+1] += int64(d.partHouseholds[i])
			if count > 1 {
				r.crossCovered[d.partUnit[i]+1] += int64(d.partHouseholds[i])
			}
		}
	}
	accumulate(r.covered)
	accumulate(r.crossCovered)
}

// Figures sums up the units whose codes begin with the prefix. The figures of the parts of a unit sum
// up to its own exactly.
func (r *Result) Figures(prefix string) Figures {
	from, to := r.demand.unitsWith(prefix)
	return Figures{
		Households:   r.demand.households[to] - r.demand.households[from],
		Covered:      r.covered[to] - r.covered[from],
		CrossCovered: r.crossCovered[to] - r.crossCovered[from],
	}
}

// ErrTooManyCells means that more cells were asked for than allowed.
var ErrTooManyCells = errors.New("coverage: too many cells")

// Cells gives the cells with demand that touch the bound, and perhaps some that come within half of a
// cell of it, in ascending order; or ErrTooManyCells if there are more than limit. Cells coarser than
// the demand's are the sums of its own; there are none finer.
func (r *Result) Cells(bound orb.Bound, resolution, limit int) ([]CellFigures, error) {
	if resolution < 0 || resolution > r.demand.resolution {
		return nil, fmt.Errorf("coverage: resolution %d is not in 0..%d", resolution, r.demand.resolution)
	}
	l := r.demand.level(resolution)
	covered := r.coveredAt(resolution)
	var cells []CellFigures
	tooMany := false
	l.within(geo.ExpandMeters(bound, l.reachM()), func(i int) bool {
		if tooMany = len(cells) == limit; !tooMany {
			cells = append(cells, CellFigures{l.cells[i], l.households[i], covered[i]})
		}
		return !tooMany
	})
	if tooMany {
		return nil, ErrTooManyCells
	}
	return cells, nil
}

func (r *Result) coveredAt(resolution int) []int64 {
	at := &r.levels[resolution]
	at.once.Do(func() {
		l, finest := r.demand.level(resolution), r.demand.finest()
		at.covered = make([]int64, len(l.cells))
		for i := range l.cells {
			from, to := int32(i), int32(i+1)
			if l != finest {
				from, to = l.from[i], l.from[i+1]
			}
			for n := from; n < to; n++ {
				if r.counts[n] > 0 {
					at.covered[i] += finest.households[n]
				}
			}
		}
	})
	return at.covered
}
