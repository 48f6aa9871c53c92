package coverage

import (
	"math/bits"
	"slices"
)

// division shares out an amount among units by whole weights. It is used again for the next amount.
type division struct {
	weights []int64 // of each unit
	units   []int32 // those with a weight, in the order they came
}

func newDivision(units int) *division { return &division{weights: make([]int64, units)} }

// add gives a unit some more weight.
func (d *division) add(unit int32, weight int64) {
	if weight <= 0 {
		return
	}
	if d.weights[unit] == 0 {
		d.units = append(d.units, unit)
	}
	d.weights[unit] += weight
}

// share adds to the sum of each unit its part of the amount, and forgets the weights. The parts up to each unit
// are the amount times the weights up to it, rounded: so they sum up exactly and each is less than one
// from its due. Without any weight nothing is shared out.
func (d *division) share(amount int64, sums []int64) {
	slices.Sort(d.units)
	all := uint64(0)
	for _, unit := range d.units {
		all += uint64(d.weights[unit])
	}
	upTo, given := uint64(0), int64(0)
	for _, unit := range d.units {
		upTo += uint64(d.weights[unit])
		due := roundedPart(uint64(amount), upTo, all)
		sums[unit] += due - given
		given = due
		d.weights[unit] = 0
	}
	d.units = d.units[:0]
}

// roundedPart is amount·part/whole, rounded half up, where part is at most whole and whole below 2^63.
func roundedPart(amount, part, whole uint64) int64 {
	high, low := bits.Mul64(amount, part)
	low, carry := bits.Add64(low, whole/2, 0)
	quotient, _ := bits.Div64(high+carry, low, whole)
	return int64(quotient)
}
