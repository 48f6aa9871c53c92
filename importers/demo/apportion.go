package demo

import (
	"cmp"
	"math"
	"slices"
)

// integerWeight makes a weight that sorts and divides the same on every machine.
func integerWeight(w float64) int64 { return int64(math.Round(w * 1e6)) }

// apportion splits total in proportion to the weights by the method of largest remainders: every share
// has at least least, and ties go to the first. It panics when total is too small or no weight is
// positive, which the data of the demo never does.
func apportion(total int, weights []int64, least int) []int {
	rest := int64(total - least*len(weights))
	var sum int64
	for _, w := range weights {
		sum += w
	}
	if rest < 0 || sum <= 0 {
		panic("demo: nothing to apportion by")
	}
	shares := make([]int, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		shares[i] = least + int(rest*w/sum)
		order[i] = i
		total -= shares[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(rest*weights[j]%sum, rest*weights[i]%sum)
	})
	for _, i := range order[:total] {
		shares[i]++
	}
	return shares
}
