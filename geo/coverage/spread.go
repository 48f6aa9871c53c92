package coverage

import (
	"cmp"
	"math"
	"math/big"
	"slices"

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
	spread.P50M.Possible, spread.P90M.Possible = spread.P50M.Known, spread.P90M.Known
	if s.near.differ {
		spread.P50M.Possible, spread.P90M.Possible = s.distances(parts, cells, possible)
	}
	spread.Gini.Known = s.gini(parts, cells, func(v *value) half { return v.known })
	spread.Gini.Possible = s.gini(parts, cells, func(v *value) half { return v.possible })
	return spread
}

// Squares are sorted into buckets by the first bits of their floats, which are in the order of the
// floats: one bucket for what is below a square metre, 64 for each doubling up to 2^48 m², one beyond.
const (
	bucketShift = 52 - 6
	buckets     = 48<<6 + 2
)

func bucketOf(square float64) int {
	first := int(math.Float64bits(square)>>bucketShift) - int(math.Float64bits(1)>>bucketShift)
	return max(0, min(first+1, buckets-1))
}

// distances gives the percentiles of some parts, given how far their cells are.
func (s *State) distances(parts, cells []int32, squares []float64) (p50, p90 *float64) {
	var households [buckets]int64
	total := int64(0)
	for n, i := range parts {
		number := int64(s.demand.partHouseholds[i])
		households[bucketOf(squares[cells[n]])] += number
		total += number
	}
	percentile := func(hundredths int64) *float64 {
		if total == 0 {
			return nil
		}
		bucket, number := 0, (total*hundredths+99)/100
		for ; number > households[bucket]; bucket++ {
			number -= households[bucket]
		}
		var list []weighted
		for n, i := range parts {
			if square := squares[cells[n]]; bucketOf(square) == bucket {
				list = append(list, weighted{square, s.demand.partHouseholds[i]})
			}
		}
		return metersOf(selectWeighted(list, number))
	}
	return percentile(50), percentile(90)
}

func metersOf(square float64) *float64 {
	if math.IsInf(square, 1) {
		return nil
	}
	meters := geo.DistanceOfSquaredChord(square)
	return &meters
}

// weighted is a squared distance and the households at it.
type weighted struct {
	square     float64
	households int32
}

// selectWeighted is the square at which the weights, in the order of squares, first reach a number of
// 1 or more, which must not be above their sum.
func selectWeighted(list []weighted, number int64) float64 {
	slices.SortFunc(list, func(a, b weighted) int { return cmp.Compare(a.square, b.square) })
	i := 0
	for ; number > int64(list[i].households); i++ {
		number -= int64(list[i].households)
	}
	return list[i].square
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
