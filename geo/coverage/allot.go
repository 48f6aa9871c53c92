package coverage

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/hex"
)

// Tract is a polygon with households, all of one unit.
type Tract struct {
	Households int
	Boundary   orb.MultiPolygon
}

// Share is some households of a tract in one cell.
type Share struct {
	Cell       hex.Cell
	Households int32
}

// Allotment is how the households of a tract are shared out. The shares are in the order of cells, none
// is empty, and they sum up to the households of the tract.
type Allotment struct {
	Shares []Share
	// Flagged means that the tract has no area, so that all its households were put into the cell of a
	// vertex.
	Flagged bool
}

// Households is the sum of the shares.
func (a Allotment) Households() int {
	sum := 0
	for _, share := range a.Shares {
		sum += int(share.Households)
	}
	return sum
}

// MaxTractHouseholds bounds the households of a tract.
const MaxTractHouseholds = 1_000_000

// Allot shares out the households of a tract to cells of a resolution by area.
//
// A tract of a block or a village is measured against every cell it fills. A tract of thousands of km²
// fills more cells than anyone would walk, and nearly all of them would get nothing; it is measured
// against larger cells first, and only those that get households are divided further. See
// docs/decisions/0005-demand-allocation.md.
func Allot(tract Tract, resolution int) (Allotment, error) {
	return allot(tract, resolution, nil)
}

func allot(tract Tract, resolution int, outlines *hex.Outlines) (Allotment, error) {
	switch {
	case tract.Households < 0 || tract.Households > MaxTractHouseholds:
		return Allotment{}, fmt.Errorf("coverage: %d households are not in 0..%d", tract.Households, MaxTractHouseholds)
	case resolution < 0 || resolution > hex.MaxResolution:
		return Allotment{}, fmt.Errorf("coverage: no resolution %d", resolution)
	case tract.Households == 0:
		return Allotment{}, nil
	}
	shape := hex.NewShape(tract.Boundary, outlines)
	overlaps, err := shape.Overlaps(firstResolution(shape.BoxAreaM2(), resolution))
	if err != nil {
		return Allotment{}, err
	}
	a := allotter{resolution: resolution}
	weights := make([]float64, len(overlaps))
	for i, overlap := range overlaps {
		weights[i] = overlap.AreaM2
	}
	parts := apportion(tract.Households, weights)
	if parts == nil {
		return flagged(tract, resolution)
	}
	for i, overlap := range overlaps {
		if err := a.descend(shape, overlap.Cell, parts[i]); err != nil {
			return Allotment{}, err
		}
	}
	return Allotment{Shares: tidy(a.shares)}, nil
}

// manyCells is how many cells a tract is measured against at once. Blocks and villages stay below it at
// the finest resolution.
const manyCells = 100

// firstResolution is the finest at which a box of the given area has not many cells.
func firstResolution(boxAreaM2 float64, finest int) int {
	resolution := finest
	for resolution > 0 && boxAreaM2 > manyCells*hex.AverageAreaM2(resolution) {
		resolution--
	}
	return resolution
}

type allotter struct {
	resolution int
	shares     []Share
}

// descend shares out households in a cell to the cells below it. A nil shape is everywhere.
func (a *allotter) descend(shape *hex.Shape, cell hex.Cell, households int) error {
	if households == 0 {
		return nil
	}
	if cell.Resolution() == a.resolution {
		a.shares = append(a.shares, Share{cell, int32(households)})
		return nil
	}
	if shape != nil {
		if shape = shape.Near(cell); shape.IsWhole() {
			shape = nil
		}
	}
	children := cell.Children()
	parts := apportion(households, weigh(shape, children))
	if parts == nil {
		return a.place(shape, cell, households)
	}
	for i, child := range children {
		if err := a.descend(shape, child, parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// weigh gives the shares of a shape in the children of a cell. Where the shape is everywhere they are
// as good as equal, within 1 %.
func weigh(shape *hex.Shape, children []hex.Cell) []float64 {
	weights := make([]float64, len(children))
	for i, child := range children {
		if weights[i] = 1; shape != nil {
			weights[i] = shape.ShareM2(child)
		}
	}
	return weights
}

// place puts households where the shape meets a cell whose children it misses, as can happen at the rim
// of a cell: its children do not fill exactly the same area.
func (a *allotter) place(shape *hex.Shape, cell hex.Cell, households int) error {
	p, ok := shape.PointIn(cell)
	if !ok {
		p = cell.Center() // the common area is too thin for a line to be drawn through it
	}
	at, err := hex.Of(p, a.resolution)
	if err != nil {
		return err
	}
	a.shares = append(a.shares, Share{at, int32(households)})
	return nil
}

// flagged puts all households of a tract without area into one cell.
func flagged(tract Tract, resolution int) (Allotment, error) {
	for _, polygon := range tract.Boundary {
		for _, ring := range polygon {
			if len(ring) > 0 {
				cell, err := hex.Of(ring[0], resolution)
				return Allotment{Shares: []Share{{cell, int32(tract.Households)}}, Flagged: true}, err
			}
		}
	}
	return Allotment{}, fmt.Errorf("coverage: %d households have no place at all", tract.Households)
}

// apportion divides a number into whole parts by weights: the parts up to each one are the number times
// the weights up to it, rounded. So they sum up exactly, each is less than one away from its due, and
// where there are fewer to give than parts they go evenly along the order, not to one end of it. It
// gives nil if there is no weight.
func apportion(number int, weights []float64) []int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	if !(total > 0) || math.IsInf(total, 1) {
		return nil
	}
	// Weights become integers of a 2^32th: from there on nothing can be off by a last bit.
	units := make([]uint64, len(weights))
	sum := uint64(0)
	for i, w := range weights {
		units[i] = uint64(math.Round(w / total * (1 << 32)))
		sum += units[i]
	}
	parts := make([]int, len(weights))
	upTo, given := uint64(0), uint64(0)
	for i := range parts {
		upTo += units[i]
		due := (2*uint64(number)*upTo + sum) / (2 * sum)
		parts[i] = int(due - given)
		given = due
	}
	return parts
}

// tidy puts shares in the order of cells and joins those of one cell.
func tidy(shares []Share) []Share {
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Compare(a.Cell, b.Cell) })
	joined := shares[:0]
	for _, share := range shares {
		if last := len(joined) - 1; last >= 0 && joined[last].Cell == share.Cell {
			joined[last].Households += share.Households
		} else {
			joined = append(joined, share)
		}
	}
	return joined
}

// AllotAll shares out many tracts on all processors. The answer does not depend on how many there are.
// It is soonest where tracts near each other stand together.
func AllotAll(tracts []Tract, resolution int) ([]Allotment, error) {
	allotments := make([]Allotment, len(tracts))
	err := parallel(len(tracts), func() func(int) error {
		outlines := &hex.Outlines{}
		return func(i int) (err error) {
			if allotments[i], err = allot(tracts[i], resolution, outlines); err != nil {
				return fmt.Errorf("tract %d: %w", i, err)
			}
			return nil
		}
	})
	return allotments, err
}

// parallel makes a worker for each processor and has them work on 0 to n-1, in runs that keep
// neighbours together. A worker ends at its first error; parallel gives them all.
func parallel(n int, newWorker func() func(i int) error) error {
	return parallelRuns(n, 256, newWorker)
}

// parallelRuns is parallel with runs of a length.
func parallelRuns(n, run int, newWorker func() func(i int) error) error {
	errs := make([]error, min(runtime.GOMAXPROCS(0), (n+run-1)/run))
	var next atomic.Int64
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			work := newWorker()
			for from := 0; errs[i] == nil && from < n; {
				from = int(next.Add(int64(run))) - run
				errs[i] = workOn(from, min(from+run, n), work)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

func workOn(from, to int, work func(i int) error) error {
	for i := from; i < to; i++ {
		if err := work(i); err != nil {
			return err
		}
	}
	return nil
}
