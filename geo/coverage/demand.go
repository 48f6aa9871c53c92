package coverage

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/hex"
)

// Demand is where the households of a city are. It is immutable and safe for concurrent use.
type Demand struct {
	resolution int
	units      []string // ascending
	households []int64  // of the units before each one, and of all: one more than there are units

	// Parts are the households of one unit in one cell, in the order of cells, then units. Those of
	// finest.cells[i] are from partsFrom[i] to partsFrom[i+1].
	partsFrom      []int32
	partUnit       []int32
	partHouseholds []int32

	levels [hex.MaxResolution + 1]struct {
		once sync.Once
		*level
	}
}

// UnitAllotment is the share of one tract of a unit.
type UnitAllotment struct {
	Unit string
	Allotment
}

// Bounds that keep positions within 32 bits.
const maxParts = math.MaxInt32 - 1

// NewDemand gathers allotments to cells of a resolution. Their order does not matter. Every unit given
// is known to the demand, even one without households.
func NewDemand(resolution int, allotments []UnitAllotment) (*Demand, error) {
	d := &Demand{resolution: resolution, units: unitsOf(allotments)}
	parts, err := d.gather(allotments)
	if err != nil {
		return nil, err
	}
	var cells []hex.Cell
	var households []int64
	d.households = make([]int64, len(d.units)+1)
	for i, p := range parts {
		if i == 0 || parts[i-1].cell != p.cell {
			cells = append(cells, p.cell)
			households = append(households, 0)
			d.partsFrom = append(d.partsFrom, int32(i))
		}
		households[len(households)-1] += p.households
		d.households[p.unit+1] += p.households
		d.partUnit = append(d.partUnit, p.unit)
		d.partHouseholds = append(d.partHouseholds, int32(p.households))
	}
	d.partsFrom = append(d.partsFrom, int32(len(parts)))
	accumulate(d.households)
	finest := newLevel(resolution, cells, households)
	d.levels[resolution].level = finest
	d.levels[resolution].once.Do(func() {})
	return d, nil
}

func unitsOf(allotments []UnitAllotment) []string {
	units := make([]string, len(allotments))
	for i := range allotments {
		units[i] = allotments[i].Unit
	}
	slices.Sort(units)
	return slices.Clip(slices.Compact(units))
}

type part struct {
	cell       hex.Cell
	unit       int32
	households int64
}

func (d *Demand) gather(allotments []UnitAllotment) ([]part, error) {
	number := 0
	for i := range allotments {
		number += len(allotments[i].Shares)
	}
	if number > maxParts {
		return nil, errors.New("coverage: too many shares")
	}
	parts := make([]part, 0, number)
	for i := range allotments {
		unit, _ := slices.BinarySearch(d.units, allotments[i].Unit)
		for _, share := range allotments[i].Shares {
			if share.Households < 0 || share.Cell.Resolution() != d.resolution {
				return nil, fmt.Errorf("coverage: %d households in cell %s", share.Households, share.Cell)
			}
			parts = append(parts, part{share.Cell, int32(unit), int64(share.Households)})
		}
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(a.cell, b.cell), cmp.Compare(a.unit, b.unit))
	})
	return joinParts(parts)
}

func joinParts(parts []part) ([]part, error) {
	joined := parts[:0]
	for _, p := range parts {
		last := len(joined) - 1
		if last < 0 || joined[last].cell != p.cell || joined[last].unit != p.unit {
			joined = append(joined, p)
			continue
		}
		if joined[last].households += p.households; joined[last].households > math.MaxInt32 {
			return nil, fmt.Errorf("coverage: too many households in cell %s", p.cell)
		}
	}
	return joined, nil
}

// accumulate replaces each number by the sum up to it.
func accumulate(numbers []int64) {
	for i := 1; i < len(numbers); i++ {
		numbers[i] += numbers[i-1]
	}
}

// Resolution is that of the finest cells.
func (d *Demand) Resolution() int { return d.resolution }

// Cells is the number of finest cells with demand.
func (d *Demand) Cells() int { return len(d.finest().cells) }

// Households is the demand of all units whose codes begin with the prefix.
func (d *Demand) Households(prefix string) int64 {
	from, to := d.unitsWith(prefix)
	return d.households[to] - d.households[from]
}

func (d *Demand) unitsWith(prefix string) (from, to int) {
	from, _ = slices.BinarySearch(d.units, prefix)
	rest := d.units[from:]
	return from, from + sort.Search(len(rest), func(i int) bool { return !strings.HasPrefix(rest[i], prefix) })
}

func (d *Demand) finest() *level { return d.levels[d.resolution].level }

// level gives the cells of a resolution, which must not be finer than the demand's.
func (d *Demand) level(resolution int) *level {
	l := &d.levels[resolution]
	l.once.Do(func() { l.level = d.finest().rollUp(resolution) })
	return l.level
}

// Outlines calls do with the boundary of each of the cells, which must be of one resolution and
// ascending, as Result.Cells gives them. The rings are shared: they must not be changed.
func (d *Demand) Outlines(cells []CellFigures, do func(i int, outline orb.Ring)) {
	if len(cells) == 0 {
		return
	}
	l := d.level(cells[0].Cell.Resolution())
	l.outline.Do(l.traceOutlines)
	for i := range cells {
		at, found := slices.BinarySearch(l.cells, cells[i].Cell)
		if !found {
			panic(fmt.Errorf("coverage: cell %s has no demand", cells[i].Cell))
		}
		do(i, l.ring(at))
	}
}

// Warm makes now what would else be made when first asked for: the roll-ups to resolutions from the
// coarsest given one, and the outlines of all cells.
func (d *Demand) Warm(coarsest int) {
	for resolution := d.resolution; resolution >= coarsest; resolution-- {
		l := d.level(resolution)
		l.outline.Do(l.traceOutlines)
	}
}
