package coverage

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/yizhan/yizhan/geo/hex"
)

var errNotThere = errors.New("coverage: what is to be removed is not in the demand")

// With is the demand without some allotments and with others: the same, bit for bit, as NewDemand gives
// of all that are left. What is removed must be in the demand. Cells that stay are not located again,
// and where no unit, cell or part of one comes or goes, everything but the numbers is shared.
func (d *Demand) With(removed, added []UnitAllotment) (*Demand, error) {
	all := d.joinUnits(added)
	if err := errors.Join(all.count(added, 1), all.count(removed, -1)); err != nil {
		return nil, err
	}
	minus, err := gather(d.resolution, all.units, removed)
	if err != nil {
		return nil, err
	}
	plus, err := gather(d.resolution, all.units, added)
	if err != nil {
		return nil, err
	}
	for i := range minus {
		minus[i].households *= -1
	}
	changes := mergeChanges(minus, plus)
	if slices.Equal(all.tracts, d.tracts) && slices.Equal(all.units, d.units) {
		if next := d.changeSome(changes); next != nil {
			return next, nil
		}
	}
	parts, err := d.changeParts(all, changes)
	if err != nil {
		return nil, err
	}
	all.dropEmpty(parts)
	return d.withParts(all, parts), nil
}

// unitNumbers are units and the tracts of each, in the making.
type unitNumbers struct {
	units      []string
	tracts     []int32
	renumbered []int32 // the number of each unit that the demand had
}

// joinUnits numbers the units of a demand and of what is added to it.
func (d *Demand) joinUnits(added []UnitAllotment) *unitNumbers {
	n := &unitNumbers{units: slices.Clone(d.units), renumbered: make([]int32, len(d.units))}
	for i := range added {
		if at, known := slices.BinarySearch(n.units, added[i].Unit); !known {
			n.units = slices.Insert(n.units, at, added[i].Unit)
		}
	}
	n.tracts = make([]int32, len(n.units))
	for i, unit := range d.units {
		at, _ := slices.BinarySearch(n.units, unit)
		n.renumbered[i], n.tracts[at] = int32(at), d.tracts[i]
	}
	return n
}

func (n *unitNumbers) count(allotments []UnitAllotment, sign int32) error {
	for i := range allotments {
		unit, known := slices.BinarySearch(n.units, allotments[i].Unit)
		if !known || n.tracts[unit]+sign < 0 {
			return fmt.Errorf("%w: a tract of %q", errNotThere, allotments[i].Unit)
		}
		n.tracts[unit] += sign
	}
	return nil
}

// dropEmpty drops the units without a tract, which cannot have a part either.
func (n *unitNumbers) dropEmpty(parts []part) {
	if !slices.Contains(n.tracts, 0) {
		return
	}
	number := make([]int32, len(n.units))
	kept := int32(0)
	for unit, tracts := range n.tracts {
		if number[unit] = kept; tracts > 0 {
			n.units[kept], n.tracts[kept] = n.units[unit], tracts
			kept++
		}
	}
	n.units, n.tracts = n.units[:kept], n.tracts[:kept]
	for i := range parts {
		parts[i].unit = number[parts[i].unit]
	}
}

// mergeChanges joins what is taken away and what is added, both in order.
func mergeChanges(minus, plus []part) []part {
	changes := slices.Concat(minus, plus)
	slices.SortFunc(changes, part.compare)
	joined := changes[:0]
	for _, p := range changes {
		if last := len(joined) - 1; last >= 0 && joined[last].cell == p.cell && joined[last].unit == p.unit {
			joined[last].households += p.households
		} else {
			joined = append(joined, p)
		}
	}
	return joined
}

// changeParts gives the parts of the demand with changes, both in order.
func (d *Demand) changeParts(units *unitNumbers, changes []part) ([]part, error) {
	parts := make([]part, 0, len(d.partUnit)+len(changes))
	add := func(p part) error {
		switch {
		case p.households < 0:
			return fmt.Errorf("%w: %d households in cell %s", errNotThere, -p.households, p.cell)
		case p.households > math.MaxInt32:
			return fmt.Errorf("coverage: too many households in cell %s", p.cell)
		case p.households > 0:
			parts = append(parts, p)
		}
		return nil
	}
	for cell, index := range d.finest().cells {
		for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
			p := part{index, units.renumbered[d.partUnit[i]], int64(d.partHouseholds[i])}
			for len(changes) > 0 && changes[0].compare(p) < 0 {
				if err := add(changes[0]); err != nil {
					return nil, err
				}
				changes = changes[1:]
			}
			if len(changes) > 0 && changes[0].compare(p) == 0 {
				p.households += changes[0].households
				changes = changes[1:]
			}
			if err := add(p); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range changes {
		if err := add(p); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// withParts makes a demand of parts, and shares with d what it can.
func (d *Demand) withParts(units *unitNumbers, parts []part) *Demand {
	next := newDemand(d.resolution, units.units, units.tracts, parts)
	old := d.finest().lattice
	cells := cellsOf(parts)
	if !slices.Equal(cells, old.cells) {
		next.setLattice(old.withCells(cells))
		return next.count()
	}
	next.setLattice(old)
	return next.count()
}

// withCells is a lattice of other cells, of which those that l has too are not located again. Groups
// are made anew: what they hold has moved.
func (l *lattice) withCells(cells []hex.Cell) *lattice {
	next := emptyLattice(l.resolution, cells)
	at := 0
	for i, cell := range cells {
		for at < len(l.cells) && l.cells[at] < cell {
			at++
		}
		if at == len(l.cells) || l.cells[at] != cell {
			_ = next.locate(i)
			continue
		}
		next.centers[i] = l.centers[at]
		next.x[i], next.y[i], next.z[i] = l.x[at], l.y[at], l.z[at]
	}
	next.groups = groupCells(next)
	return next
}

// RollUp is the demand at a coarser resolution, or itself at its own. The sums of every unit are the same.
func (d *Demand) RollUp(resolution int) (*Demand, error) {
	switch {
	case resolution < 0 || resolution > d.resolution:
		return nil, invalid("resolution", "%d is not in 0..%d", resolution, d.resolution)
	case resolution == d.resolution:
		return d, nil
	}
	l := d.lattice(resolution)
	parts := make([]part, 0, len(d.partUnit))
	for i, cell := range l.cells {
		from := len(parts)
		for n := d.partsFrom[l.from[i]]; n < d.partsFrom[l.from[i+1]]; n++ {
			parts = append(parts, part{cell, d.partUnit[n], int64(d.partHouseholds[n])})
		}
		slices.SortFunc(parts[from:], part.compare)
	}
	parts, err := joinParts(parts)
	if err != nil {
		return nil, err
	}
	up := newDemand(resolution, d.units, d.tracts, parts)
	up.setLattice(newLattice(resolution, l.cells))
	return up.count(), nil
}
