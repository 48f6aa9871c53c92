package coverage_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/geo/coverage"
)

// drawCounts draws numbers for some units of one level of a demand, and for one that is nowhere.
func drawCounts(rng *rand.Rand, d *coverage.Demand) []coverage.Count {
	digits := []int{6, 9, 12}[rng.IntN(3)]
	var counts []coverage.Count
	last := ""
	for _, unit := range d.Units() {
		prefix := unit[:digits]
		if prefix == last || rng.IntN(5) == 0 {
			continue
		}
		last = prefix
		number := rng.Int64N(1 + []int64{0, 7, 5_000, 20_000_000}[rng.IntN(4)])
		counts = append(counts, coverage.Count{Prefix: prefix, Number: number})
	}
	counts = append(counts, coverage.Count{Prefix: "15079" + strings.Repeat("9", digits-5), Number: 12})
	rng.Shuffle(len(counts), func(i, j int) { counts[i], counts[j] = counts[j], counts[i] })
	return counts
}

// Each unit that is counted has its number exactly, all others have nothing, and no part of a unit is one or more
// from its due.
func TestCountingKeepsEachNumber(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 31))
		d := demandOf(t, sound(strewn(seed, 5+rng.IntN(200), hailar, 0.02)))
		counts := drawCounts(rng, d)
		counting, unplaced, err := d.Counting(counts)
		if err != nil {
			t.Fatal(err)
		}
		placed, lost := int64(0), int64(0)
		isUnplaced := map[int]bool{}
		for _, i := range unplaced {
			isUnplaced[i] = true
			lost += counts[i].Number
			if n := d.Households(counts[i].Prefix); n != 0 {
				t.Errorf("%s is not placed, and has %d households", counts[i].Prefix, n)
			}
		}
		for i, count := range counts {
			if isUnplaced[i] {
				continue
			}
			placed += count.Number
			if got := counting.Households(count.Prefix); got != count.Number {
				t.Errorf("%s counts %d, want %d", count.Prefix, got, count.Number)
			}
		}
		if counting.Households("") != placed || !isUnplaced[indexOf(counts, "15079")] || lost < 12 {
			t.Errorf("the city counts %d, want %d; not placed %d", counting.Households(""), placed, lost)
		}
		checkShares(t, d, counting, counts)
	}
}

func indexOf(counts []coverage.Count, prefix string) int {
	for i, count := range counts {
		if strings.HasPrefix(count.Prefix, prefix) {
			return i
		}
	}
	return -1
}

// checkShares compares each part with what is due to it, and cells and units with the sums of their parts.
func checkShares(t *testing.T, d, counting *coverage.Demand, counts []coverage.Count) {
	t.Helper()
	if counting.Cells() != d.Cells() || !reflect.DeepEqual(counting.Units(), d.Units()) {
		t.Fatal("other cells or units")
	}
	ofUnit := map[string]int64{}
	for cell := range d.Cells() {
		numbers := map[string]int64{}
		sum := int64(0)
		counting.Parts(cell, func(unit string, n int64) { numbers[unit], sum = n, sum+n })
		if _, _, n := counting.Cell(cell); n != sum {
			t.Fatalf("cell %d counts %d, its parts %d", cell, n, sum)
		}
		d.Parts(cell, func(unit string, households int64) {
			ofUnit[unit] += numbers[unit]
			due := 0.0
			for _, count := range counts {
				if strings.HasPrefix(unit, count.Prefix) {
					due = float64(count.Number) * float64(households) / float64(d.Households(count.Prefix))
				}
			}
			if off := float64(numbers[unit]) - due; off < -1-1e-6 || off > 1+1e-6 || due == 0 && numbers[unit] != 0 {
				t.Errorf("%s counts %d in cell %d, and %g are due", unit, numbers[unit], cell, due)
			}
		})
	}
	for _, unit := range d.Units() {
		if counting.Households(unit) != ofUnit[unit] {
			t.Errorf("%s counts %d, its parts %d", unit, counting.Households(unit), ofUnit[unit])
		}
	}
}

// An engine that goes on with the counted demand, be it edited before or after, answers as one made of nothing
// but the same numbers, and as asking every cell about every site.
func TestCountingIsABruteForce(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 33))
		d := demandOf(t, sound(strewn(seed, 20, hailar, 0.008)))
		var counts []coverage.Count
		for _, unit := range d.Units() {
			counts = append(counts, coverage.Count{Prefix: unit, Number: d.Households(unit)*4 + rng.Int64N(1000)})
		}
		counting, unplaced, err := d.Counting(counts)
		if err != nil || len(unplaced) > len(counts)/2 {
			t.Fatal(err, unplaced)
		}
		model := drawModel(rng)
		base := engineOf(t, d, drawSites(rng, pointsAround(seed, rng.IntN(15), hailar, 0.01)))
		if rng.IntN(2) == 0 {
			_ = stateOf(t, base, model) // to be gone on from
		}
		e := base.Counting(counting)
		if rng.IntN(3) == 0 {
			e = base.WithDemand(counting)
		}
		if rng.IntN(2) == 0 {
			e = edited(t, e, drawEdit(rng, e, 0.01, int(seed)))
		}
		allotments := allotmentsIn(e.Demand())
		o := oracle{populatedOf(allotments), e.Sites(), model, map[cellEnd]cellOracle{}}
		for _, prefix := range []string{"", "150702", "150703001", "9"} {
			got := stateOf(t, e, model).Figures(prefix)
			if want := o.figures(prefix); got != want {
				t.Errorf("%+v, unit %q:\n got %+v\nwant %+v", model, prefix, got, want)
			}
		}
		checkSame(t, e, engineOf(t, demandOf(t, allotments), e.Sites()), model, []string{"", "150702", "150703001"})
		if base.Demand().Households("") != d.Households("") {
			t.Error("the demand that was counted anew has changed")
		}
	}
}

// allotmentsIn are the parts of a demand, as if each were a tract.
func allotmentsIn(d *coverage.Demand) (allotments []coverage.UnitAllotment) {
	for _, unit := range d.Units() {
		allotments = append(allotments, coverage.UnitAllotment{Unit: unit})
	}
	for i := range d.Cells() {
		cell, _, _ := d.Cell(i)
		d.Parts(i, func(unit string, n int64) {
			if n > 0 {
				allotments = append(allotments, coverage.UnitAllotment{Unit: unit, Allotment: coverage.Allotment{Shares: []coverage.Share{{Cell: cell, Households: int32(n)}}}})
			}
		})
	}
	return allotments
}

func TestCountsThatCannotBe(t *testing.T) {
	d := demandOf(t, strewn(3, 10, hailar, 0.01))
	for why, counts := range map[string][]coverage.Count{
		"negative":       {{Prefix: "150702", Number: -1}},
		"too large":      {{Prefix: "150702", Number: coverage.MaxCounted + 1}},
		"too many":       {{Prefix: "150702", Number: coverage.MaxCounted}, {Prefix: "150703", Number: 1}},
		"twice":          {{Prefix: "150702", Number: 1}, {Prefix: "150702", Number: 1}},
		"one in another": {{Prefix: "150702001", Number: 1}, {Prefix: "150703", Number: 1}, {Prefix: "150702", Number: 1}},
	} {
		if _, _, err := d.Counting(counts); err == nil {
			t.Errorf("%s: %v is counted", why, counts)
		}
	}
	all, _, err := d.Counting([]coverage.Count{{Prefix: "15", Number: coverage.MaxCounted}})
	if err != nil || all.Households("") != coverage.MaxCounted {
		t.Errorf("all that may be: %v", err)
	}
	if none, _, err := d.Counting(nil); err != nil || none.Households("") != 0 || none.Cells() != d.Cells() {
		t.Errorf("nothing: %v", err)
	}
}
