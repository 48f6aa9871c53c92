package coverage

import "sync"

// homes tells which unit each finest cell belongs to: that with the most of its households. Demands share
// it for as long as none of it changes.
type homes struct {
	of   []int32
	area struct { // of the cells that belong to the units before each one, made when first asked for
		once   sync.Once
		upToM2 []int64
	}
}

// homeOf is the unit with the most households in a cell, and of those with the same the first.
func (d *Demand) homeOf(cell int) int32 {
	home := d.partsFrom[cell]
	for i := home + 1; i < d.partsFrom[cell+1]; i++ {
		if d.partHouseholds[i] > d.partHouseholds[home] {
			home = i
		}
	}
	return d.partUnit[home]
}

// homeAreaM2 is the area of the cells that belong to a range of units.
func (d *Demand) homeAreaM2(fromUnit, toUnit int) int64 {
	a := &d.homes.area
	a.once.Do(func() {
		areas := d.finest().areas()
		a.upToM2 = make([]int64, len(d.units)+1)
		for cell, home := range d.homes.of {
			a.upToM2[home+1] += areas[cell]
		}
		accumulate(a.upToM2)
	})
	return a.upToM2[toUnit] - a.upToM2[fromUnit]
}
