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
	*structure
	households     []int64 // of the units before each one, and of all: one more than there are units
	tracts         []int32 // allotments of each unit
	partHouseholds []int32
	homes          *homes

	levels [hex.MaxResolution + 1]struct {
		once sync.Once
		*level
	}
}

// structure is which units have demand in which cells, whatever the number of households. Demands that
// differ in numbers only share it. It is immutable, but for what is made when first asked for.
type structure struct {
	resolution int
	units      []string // ascending

	// Parts are the households of one unit in one cell, in the order of cells, then units. Those of
	// finest cell i are from partsFrom[i] to partsFrom[i+1].
	partsFrom []int32
	partUnit  []int32

	lattices [hex.MaxResolution + 1]struct {
		once sync.Once
		*lattice
	}

	byUnit partsByUnit
}

// UnitAllotment is the share of one tract of a unit.
type UnitAllotment struct {
	Unit string
	Allotment
}

// Bounds that keep positions within 32 bits.
const maxParts = math.MaxInt32 - 1

// NewDemand gathers allotments to cells of a resolution. Their order does not matter. Every unit given
// is known to the demand, even one without households; a cell without is not.
func NewDemand(resolution int, allotments []UnitAllotment) (*Demand, error) {
	if resolution < 0 || resolution > hex.MaxResolution {
		return nil, fmt.Errorf("coverage: no resolution %d", resolution)
	}
	units, tracts := unitsOf(allotments)
	parts, err := gather(resolution, units, allotments)
	if err != nil {
		return nil, err
	}
	d := newDemand(resolution, units, tracts, parts)
	d.setLattice(newLattice(resolution, cellsOf(parts)))
	return d.count(), nil
}

func unitsOf(allotments []UnitAllotment) (units []string, tracts []int32) {
	units = make([]string, len(allotments))
	for i := range allotments {
		units[i] = allotments[i].Unit
	}
	slices.Sort(units)
	units = slices.Clip(slices.Compact(units))
	tracts = make([]int32, len(units))
	for i := range allotments {
		unit, _ := slices.BinarySearch(units, allotments[i].Unit)
		tracts[unit]++
	}
	return units, tracts
}

type part struct {
	cell       hex.Cell
	unit       int32
	households int64
}

func (p part) compare(other part) int {
	return cmp.Or(cmp.Compare(p.cell, other.cell), cmp.Compare(p.unit, other.unit))
}

// gather makes parts of allotments, in order.
func gather(resolution int, units []string, allotments []UnitAllotment) ([]part, error) {
	number := 0
	for i := range allotments {
		number += len(allotments[i].Shares)
	}
	if number > maxParts {
		return nil, errors.New("coverage: too many shares")
	}
	parts := make([]part, 0, number)
	for i := range allotments {
		unit, _ := slices.BinarySearch(units, allotments[i].Unit)
		for _, share := range allotments[i].Shares {
			if share.Households < 0 || share.Cell.Resolution() != resolution {
				return nil, fmt.Errorf("coverage: %d households in cell %s", share.Households, share.Cell)
			}
			if share.Households > 0 {
				parts = append(parts, part{share.Cell, int32(unit), int64(share.Households)})
			}
		}
	}
	slices.SortFunc(parts, part.compare)
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

func cellsOf(parts []part) []hex.Cell {
	var cells []hex.Cell
	for i, p := range parts {
		if i == 0 || parts[i-1].cell != p.cell {
			cells = append(cells, p.cell)
		}
	}
	return cells
}

// newDemand has the parts, which are in order, but no lattice yet.
func newDemand(resolution int, units []string, tracts []int32, parts []part) *Demand {
	s := &structure{resolution: resolution, units: units, partUnit: make([]int32, len(parts))}
	d := &Demand{structure: s, tracts: tracts, partHouseholds: make([]int32, len(parts))}
	for i, p := range parts {
		if i == 0 || parts[i-1].cell != p.cell {
			s.partsFrom = append(s.partsFrom, int32(i))
		}
		s.partUnit[i] = p.unit
		d.partHouseholds[i] = int32(p.households)
	}
	s.partsFrom = append(s.partsFrom, int32(len(parts)))
	return d
}

func (s *structure) setLattice(l *lattice) {
	at := &s.lattices[s.resolution]
	at.lattice = l
	at.once.Do(func() {})
}

// count fills in what follows from the parts and the lattice.
func (d *Demand) count() *Demand {
	finest := d.lattices[d.resolution].lattice
	households := make([]int64, len(finest.cells))
	d.households = make([]int64, len(d.units)+1)
	d.homes = &homes{of: make([]int32, len(finest.cells))}
	for cell := range households {
		for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
			households[cell] += int64(d.partHouseholds[i])
			d.households[d.partUnit[i]+1] += int64(d.partHouseholds[i])
		}
		d.homes.of[cell] = d.homeOf(cell)
	}
	accumulate(d.households)
	at := &d.levels[d.resolution]
	at.level = &level{finest, households}
	at.once.Do(func() {})
	return d
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

// Cell gives a finest cell, its centre and its households by its position, 0..Cells()-1, in ascending
// order of cells.
func (d *Demand) Cell(i int) (cell hex.Cell, center orb.Point, households int64) {
	l := d.finest()
	return l.cells[i], l.centers[i], l.households[i]
}

// Units lists the codes of the units, ascending. They must not be changed.
func (d *Demand) Units() []string { return d.units }

// Parts calls do with each unit that has households in a finest cell, in the order of codes.
func (d *Demand) Parts(cell int, do func(unit string, households int64)) {
	for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
		do(d.units[d.partUnit[i]], int64(d.partHouseholds[i]))
	}
}

// Households is the demand of all units whose codes begin with the prefix.
func (d *Demand) Households(prefix string) int64 {
	from, to := d.unitsWith(prefix)
	return d.households[to] - d.households[from]
}

func (s *structure) unitsWith(prefix string) (from, to int) {
	from, _ = slices.BinarySearch(s.units, prefix)
	rest := s.units[from:]
	return from, from + sort.Search(len(rest), func(i int) bool { return !strings.HasPrefix(rest[i], prefix) })
}

func (d *Demand) finest() *level { return d.levels[d.resolution].level }

// lattice gives the cells of a resolution, which must not be finer than the demand's.
func (s *structure) lattice(resolution int) *lattice {
	at := &s.lattices[resolution]
	at.once.Do(func() { at.lattice = s.lattices[s.resolution].rollUp(resolution) })
	return at.lattice
}

// level gives the demand at a resolution, which must not be finer than its own.
func (d *Demand) level(resolution int) *level {
	at := &d.levels[resolution]
	at.once.Do(func() {
		l := d.lattice(resolution)
		at.level = &level{l, l.sum(d.finest().households)}
	})
	return at.level
}

// Outlines calls do with the boundary of each of the cells, which must be of one resolution and
// ascending, as Result.Cells gives them. The rings are shared: they must not be changed.
func (d *Demand) Outlines(cells []CellFigures, do func(i int, outline orb.Ring)) {
	if len(cells) == 0 {
		return
	}
	l := d.lattice(cells[0].Cell.Resolution())
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
// coarsest given one, the outlines of all cells, and the areas of the finest.
func (d *Demand) Warm(coarsest int) {
	for resolution := d.resolution; resolution >= coarsest; resolution-- {
		l := d.level(resolution)
		l.outline.Do(l.traceOutlines)
	}
	d.finest().areas()
}
