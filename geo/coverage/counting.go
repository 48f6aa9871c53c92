package coverage

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Count is how many of something there are in the units whose codes begin with a prefix.
type Count struct {
	Prefix string
	Number int64
}

// MaxCounted bounds the sum of all counts, so that a cell may hold all of them.
const MaxCounted = 1_000_000_000

// Counting is the demand in the same places that counts something else than households. Each number is shared
// out among the parts of its units in proportion to their households, in whole numbers: in the order of units and
// cells, what has been given up to each part is what is due up to it, rounded half up. So each number is there
// exactly, and each part is less than one from its due. All other parts hold nothing. Numbers of units without
// households cannot be placed: unplaced lists their positions.
//
// The structure is shared, so that an engine goes on from what it has worked out (Engine.Counting).
func (d *Demand) Counting(counts []Count) (counting *Demand, unplaced []int, err error) {
	if err := checkCounts(counts); err != nil {
		return nil, nil, err
	}
	shares := make([]int32, len(d.partHouseholds))
	for i, count := range counts {
		from, to := d.unitsWith(count.Prefix)
		if total := d.households[to] - d.households[from]; total > 0 {
			d.share(shares, from, to, uint64(count.Number), uint64(total))
		} else {
			unplaced = append(unplaced, i)
		}
	}
	n := d.changeNumbers()
	for cell := range d.Cells() {
		for part := d.partsFrom[cell]; part < d.partsFrom[cell+1]; part++ {
			n.set(part, int32(cell), shares[part])
		}
	}
	return n.finish(), unplaced, nil
}

// share divides a number among the parts of a range of units, which have so many households in all.
func (d *Demand) share(shares []int32, fromUnit, toUnit int, number, total uint64) {
	upTo, given := uint64(0), uint64(0)
	parts, _ := d.partsOf(fromUnit, toUnit)
	for _, part := range parts {
		upTo += uint64(d.partHouseholds[part])
		high, low := bits.Mul64(2*upTo, number)
		low, carry := bits.Add64(low, total, 0)
		due, _ := bits.Div64(high+carry, low, 2*total) // at most the number, as no more than all is up to a part
		shares[part] = int32(due - given)
		given = due
	}
}

func checkCounts(counts []Count) *InputError {
	sum := int64(0)
	prefixes := make([]string, len(counts))
	for i, count := range counts {
		prefixes[i] = count.Prefix
		if count.Number < 0 || count.Number > MaxCounted {
			return &InputError{"counts", fmt.Sprintf("%q has %d, which is not in 0..%d", count.Prefix, count.Number, MaxCounted)}
		}
		if sum += count.Number; sum > MaxCounted {
			return &InputError{"counts", fmt.Sprintf("are more than %d in all", MaxCounted)}
		}
	}
	slices.Sort(prefixes)
	for i := 1; i < len(prefixes); i++ {
		if strings.HasPrefix(prefixes[i], prefixes[i-1]) {
			return &InputError{"counts", fmt.Sprintf("of %q are also of %q", prefixes[i], prefixes[i-1])}
		}
	}
	return nil
}
