package coverage

import (
	"math"
	"slices"
)

// numbers is a demand in the making, of the structure of another, with other households.
type numbers struct {
	*Demand
	before     *Demand
	households []int64 // of the finest cells
	byUnit     []int64 // by how much each unit grows
	touched    []int32 // cells
}

func (d *Demand) changeNumbers() *numbers {
	return &numbers{
		Demand: &Demand{structure: d.structure, tracts: d.tracts, partHouseholds: slices.Clone(d.partHouseholds), homes: d.homes},
		before: d, households: slices.Clone(d.finest().households), byUnit: make([]int64, len(d.units)),
	}
}

// set gives a part, which is in a cell, its number of households.
func (n *numbers) set(part, cell int32, households int32) {
	more := int64(households) - int64(n.partHouseholds[part])
	if more == 0 {
		return
	}
	n.partHouseholds[part] = households
	n.households[cell] += more
	n.byUnit[n.partUnit[part]] += more
	n.touched = append(n.touched, cell)
}

// finish gives the demand.
func (n *numbers) finish() *Demand {
	d := n.Demand
	d.households = slices.Clone(n.before.households)
	grown := int64(0)
	for unit, more := range n.byUnit {
		grown += more
		d.households[unit+1] += grown
	}
	n.findHomes()
	at := &d.levels[d.resolution]
	at.level = &level{n.before.finest().lattice, n.households}
	at.once.Do(func() {})
	return d
}

// findHomes finds out to which units the touched cells belong now.
func (n *numbers) findHomes() {
	for _, cell := range n.touched {
		home := n.homeOf(int(cell))
		if home == n.homes.of[cell] {
			continue
		}
		if n.homes == n.before.homes {
			n.homes = &homes{of: slices.Clone(n.homes.of)}
		}
		n.homes.of[cell] = home
	}
}

const millionths = 1_000_000

// scaleUnit multiplies the households of a unit by a number of millionths. In the order of cells, the
// households up to each one are the product of those up to it, rounded half up: so the unit as a whole
// is its exact product, rounded, and each cell is less than one household from its own. It is false if
// a cell would hold more than can be counted.
func (n *numbers) scaleUnit(unit int, factor int64) bool {
	upTo, given := int64(0), int64(0)
	parts, cells := n.partsOf(unit, unit+1)
	for at, i := range parts {
		upTo += int64(n.partHouseholds[i])
		if upTo > math.MaxInt64/(4*MaxFactor*millionths) {
			return false
		}
		due := (2*upTo*factor + millionths) / (2 * millionths)
		if due-given > math.MaxInt32 {
			return false
		}
		n.set(i, cells[at], int32(due-given))
		given = due
	}
	return true
}

// changeSome gives some parts, in order, more or fewer households. It is nil if one of them is not
// there yet or goes: then the structure is not the same.
func (d *Demand) changeSome(changes []part) *Demand {
	n := d.changeNumbers()
	for _, change := range changes {
		cell, found := slices.BinarySearch(d.finest().cells, change.cell)
		if !found {
			return nil
		}
		from, to := d.partsFrom[cell], d.partsFrom[cell+1]
		at, found := slices.BinarySearch(d.partUnit[from:to], change.unit)
		if !found {
			return nil
		}
		households := int64(d.partHouseholds[from+int32(at)]) + change.households
		if households <= 0 || households > math.MaxInt32 {
			return nil
		}
		n.set(from+int32(at), int32(cell), int32(households))
	}
	return n.finish()
}
