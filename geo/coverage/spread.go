package coverage

import (
	"math"
	"math/big"

	"github.com/yizhan/yizhan/geo"
)

// Spread tells how unevenly the households of some units are served. It does not add up.
type Spread struct {
	// Distances to the nearest site that counts, however far, along the straight line: half, and nine
	// tenths, of the households have one at that distance or nearer. Where several services have to be
	// reached, it is the farthest of the nearest for each. Nil where there are no households or no site.
	P50M, P90M Quantile
	// Gini is that of what households have: the weight of the time when they are covered if the model is
	// over the week, else the number of sites in reach. 0 is all alike; nil where nobody has any.
	Gini Quantile
}

// Quantile is a figure of what is known for sure, and of what is possible. Either is nil if there is none.
type Quantile struct{ Known, Possible *float64 }

// Spread looks at the units whose codes begin with the prefix.
func (s *State) Spread(prefix string) Spread {
	parts, cells := s.demand.partsOf(s.demand.unitsWith(prefix))
	known, possible := s.nearest()
	var spread Spread
	spread.P50M.Known, spread.P90M.Known = s.distances(parts, cells, known)
	spread.P50M.Possible, spread.P90M.Possible = s.distances(parts, cells, possible)
	spread.Gini.Known = s.gini(parts, cells, func(v *value) half { return v.known })
	spread.Gini.Possible = s.gini(parts, cells, func(v *value) half { return v.possible })
	return spread
}

// weighted is a squared distance and the households at it.
type weighted struct {
	square     float64
	households int32
}

func (s *State) distances(parts, cells []int32, squares []float64) (p50, p90 *float64) {
	list := make([]weighted, 0, len(parts))
	total := int64(0)
	for n, i := range parts {
		if households := s.demand.partHouseholds[i]; households > 0 {
			list = append(list, weighted{squares[cells[n]], households})
			total += int64(households)
		}
	}
	return percentile(list, total, 50), percentile(list, total, 90)
}

// percentile is the least distance within which there are at least so many hundredths of all. It is nil
// if there is none. It puts the list into another order.
func percentile(list []weighted, total, hundredths int64) *float64 {
	if total == 0 {
		return nil
	}
	square := selectWeighted(list, (total*hundredths+99)/100)
	if math.IsInf(square, 1) {
		return nil
	}
	meters := geo.DistanceOfSquaredChord(square)
	return &meters
}

// selectWeighted is the square at which the weights, in the order of squares, first reach a number of
// 1 or more, which must not be above their sum. It takes linear time.
func selectWeighted(list []weighted, number int64) float64 {
	for {
		pivot := middle(list[0].square, list[len(list)/2].square, list[len(list)-1].square)
		below, same, belowWeight, sameWeight := partition(list, pivot)
		switch {
		case number <= belowWeight:
			list = list[:below]
		case number <= belowWeight+sameWeight:
			return pivot
		default:
			number -= belowWeight + sameWeight
			list = list[below+same:]
		}
	}
}

func middle(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }

// partition puts what is below the pivot first, then what equals it.
func partition(list []weighted, pivot float64) (below, same int, belowWeight, sameWeight int64) {
	end := len(list)
	for i := 0; i < end; {
		switch w := list[i]; {
		case w.square < pivot:
			list[below], list[i] = list[i], list[below]
			belowWeight += int64(w.households)
			below++
			i++
		case w.square == pivot:
			sameWeight += int64(w.households)
			i++
		default:
			end--
			list[i], list[end] = list[end], list[i]
		}
	}
	return below, end - below, belowWeight, sameWeight
}

func (s *State) gini(parts, cells []int32, of func(*value) half) *float64 {
	var households []int64 // by what they have
	for n, i := range parts {
		h := of(s.values.at(cells[n]))
		have := int(h.sites)
		if s.judge.weigh != nil {
			have = int(h.once)
		}
		for have >= len(households) {
			households = append(households, 0)
		}
		households[have] += int64(s.demand.partHouseholds[i])
	}
	return Gini(households)
}

// Gini is the Gini coefficient of people of whom counts[x] have x each: half of the mean difference of two
// of them, by the mean. It is computed in whole numbers up to the last division, so the order in which
// they were counted cannot change a bit of it. It is nil if nobody has any; counts must not be negative.
func Gini(counts []int64) *float64 {
	people, sum := int64(0), int64(0)
	area := new(big.Int) // Σ counts[x]·(what those below x have, twice, and what those at x have)
	for x, n := range counts {
		area.Add(area, product(n, 2*sum+n*int64(x)))
		people += n
		sum += n * int64(x)
	}
	if sum == 0 {
		return nil
	}
	all := product(people, sum)
	gini, _ := new(big.Rat).SetFrac(area.Sub(all, area), all).Float64()
	return &gini
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }
