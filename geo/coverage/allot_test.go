package coverage_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
)

const resolution = 10

// rectangle is one of a size in metres around a place, near enough.
func rectangle(at orb.Point, eastM, northM float64) orb.Ring {
	lng, lat := eastM/2/111_320/math.Cos(at[1]*math.Pi/180), northM/2/111_200
	return orb.Ring{
		{at[0] - lng, at[1] - lat}, {at[0] + lng, at[1] - lat}, {at[0] + lng, at[1] + lat}, {at[0] - lng, at[1] + lat},
		{at[0] - lng, at[1] - lat},
	}
}

func square(at orb.Point, sideM float64) orb.MultiPolygon {
	return orb.MultiPolygon{{rectangle(at, sideM, sideM)}}
}

var hailar = orb.Point{119.7364, 49.2122}

func checkAllot(t testing.TB, tract coverage.Tract) coverage.Allotment {
	t.Helper()
	a, err := coverage.Allot(tract, resolution)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Households(); got != tract.Households {
		t.Errorf("%d households became %d", tract.Households, got)
	}
	shape := hex.NewShape(tract.Boundary, nil)
	for i, share := range a.Shares {
		switch {
		case share.Households <= 0:
			t.Errorf("cell %s has %d households", share.Cell, share.Households)
		case share.Cell.Resolution() != resolution || !share.Cell.Valid():
			t.Errorf("%s is no cell of resolution %d", share.Cell, resolution)
		case i > 0 && a.Shares[i-1].Cell >= share.Cell:
			t.Errorf("cells %s and %s are out of order", a.Shares[i-1].Cell, share.Cell)
		case !a.Flagged && shape.ShareM2(share.Cell) == 0:
			t.Errorf("cell %s has households but no area of the tract", share.Cell)
		}
	}
	return a
}

func TestAllot(t *testing.T) {
	hole := orb.MultiPolygon{{rectangle(hailar, 3000, 3000), rectangle(hailar, 2800, 2800)}}
	two := append(square(hailar, 100), square(orb.Point{120.5, 49.9}, 100)...)
	tests := []struct {
		name     string
		tract    coverage.Tract
		minCells int
		maxCells int
		flagged  bool
	}{
		{"nobody", coverage.Tract{0, square(hailar, 100)}, 0, 0, false},
		{"nobody nowhere", coverage.Tract{}, 0, 0, false},
		{"one household", coverage.Tract{1, square(hailar, 5000)}, 1, 1, false},
		{"block", coverage.Tract{29, square(hailar, 100)}, 1, 6, false},
		{"staircase", coverage.Tract{29, square(hailar, 1)}, 1, 3, false},
		{"village", coverage.Tract{29, square(hailar, 1000)}, 29, 29, false},
		{"steppe of 5,000 km²", coverage.Tract{29, square(hailar, 70_000)}, 29, 29, false},
		{"whole region", coverage.Tract{10_000, square(hailar, 500_000)}, 9_900, 10_000, false},
		{"frame", coverage.Tract{500, hole}, 120, 200, false},
		{"two pieces", coverage.Tract{40, two}, 4, 12, false},
		{"ribbon", coverage.Tract{300, orb.MultiPolygon{{rectangle(hailar, 30_000, 20)}}}, 200, 300, false},
		{"point", coverage.Tract{29, orb.MultiPolygon{{{hailar, hailar, hailar, hailar}}}}, 1, 1, true},
		{"short ring", coverage.Tract{29, orb.MultiPolygon{{{hailar}}}}, 1, 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := checkAllot(t, test.tract)
			if n := len(a.Shares); n < test.minCells || n > test.maxCells || a.Flagged != test.flagged {
				t.Errorf("%d cells, flagged %v; want %d to %d, %v", n, a.Flagged, test.minCells, test.maxCells, test.flagged)
			}
		})
	}
}

func TestAllotRefuses(t *testing.T) {
	nan := orb.MultiPolygon{{{{math.NaN(), 49}, {119.1, 49}, {119.1, 49.1}, {math.NaN(), 49}}}}
	for name, test := range map[string]struct {
		tract      coverage.Tract
		resolution int
	}{
		"negative":            {coverage.Tract{-1, square(hailar, 100)}, resolution},
		"too many":            {coverage.Tract{coverage.MaxTractHouseholds + 1, square(hailar, 100)}, resolution},
		"nowhere":             {coverage.Tract{5, nil}, resolution},
		"no ring":             {coverage.Tract{5, orb.MultiPolygon{{}}}, resolution},
		"not a number":        {coverage.Tract{5, nan}, resolution},
		"no such resolution":  {coverage.Tract{5, square(hailar, 100)}, 16},
		"negative resolution": {coverage.Tract{5, square(hailar, 100)}, -1},
	} {
		if a, err := coverage.Allot(test.tract, test.resolution); err == nil {
			t.Errorf("%s: allotted as %v", name, a)
		}
		if test.resolution == resolution {
			if _, err := coverage.AllotAll([]coverage.Tract{test.tract}, resolution); err == nil {
				t.Errorf("%s: allotted among others", name)
			}
		}
	}
}

func TestAShareIsLessThanOneFromItsDue(t *testing.T) {
	tract := coverage.Tract{Households: 977, Boundary: square(hailar, 800)}
	a := checkAllot(t, tract)
	shape := hex.NewShape(tract.Boundary, nil)
	for _, share := range a.Shares {
		due := float64(tract.Households) * shape.ShareM2(share.Cell) / shape.AreaM2()
		if math.Abs(float64(share.Households)-due) >= 1 {
			t.Errorf("cell %s has %d households, due %.2f", share.Cell, share.Households, due)
		}
	}
}

// A steppe must not get all of its few households at one end.
func TestASteppeIsFilledEvenly(t *testing.T) {
	a := checkAllot(t, coverage.Tract{Households: 400, Boundary: square(hailar, 70_000)})
	var quarters [4]int
	for _, share := range a.Shares {
		quarter := 0
		if center := share.Cell.Center(); center[0] > hailar[0] {
			quarter++
		} else if center[1] > hailar[1] {
			quarter += 2
		}
		if center := share.Cell.Center(); center[0] > hailar[0] && center[1] > hailar[1] {
			quarter = 3
		}
		quarters[quarter] += int(share.Households)
	}
	for quarter, households := range quarters {
		if households < 90 || households > 110 {
			t.Errorf("quarter %d has %d of 400 households: %v", quarter, households, quarters)
		}
	}
}

// randomTracts are blocks, villages and steppes, neighbours near each other.
func randomTracts(n int) []coverage.Tract {
	rng := rand.New(rand.NewPCG(1, 3))
	tracts := make([]coverage.Tract, n)
	town := hailar
	for i := range tracts {
		if i%100 == 0 {
			town = orb.Point{116 + 9*rng.Float64(), 47.5 + 4*rng.Float64()}
		}
		sideM := 115.0
		switch {
		case i%400 == 0:
			sideM = 30_000
		case i%20 == 0:
			sideM = 6_000
		}
		at := orb.Point{town[0] + rng.NormFloat64()*0.01, town[1] + rng.NormFloat64()*0.007}
		tracts[i] = coverage.Tract{Households: rng.IntN(60), Boundary: square(at, sideM)}
	}
	return tracts
}

func TestAllotAllIsAllotEachTimeAndOnAnyNumberOfProcessors(t *testing.T) {
	tracts := randomTracts(1000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []coverage.Allotment
	for _, processors := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(processors)
		got, err := coverage.AllotAll(tracts, resolution)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !reflect.DeepEqual(got, first) {
			t.Errorf("another allotment on %d processors", processors)
		}
	}
	for i, tract := range tracts[:100] {
		if one := checkAllot(t, tract); !reflect.DeepEqual(one, first[i]) {
			t.Errorf("tract %d: alone %v, among others %v", i, one, first[i])
		}
	}
}

func FuzzAllot(f *testing.F) {
	f.Add(uint64(1), 119.73, 49.21, 100.0, 29)
	f.Add(uint64(2), 180.0, 51.0, 5000.0, 300)
	f.Add(uint64(3), -120.0, -70.0, 60_000.0, 3)
	f.Fuzz(func(t *testing.T, seed uint64, lng, lat, sizeM float64, households int) {
		if math.IsNaN(lng+lat+sizeM) || math.Abs(lng) > 180 || math.Abs(lat) > 80 || households < 0 || households > 5000 {
			return
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		sizeM = 1 + math.Abs(math.Mod(sizeM, 50_000))
		var ring orb.Ring
		n := 3 + rng.IntN(12)
		for i := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
			r := sizeM * (0.1 + 0.9*rng.Float64()) / 111_000
			ring = append(ring, orb.Point{lng + r*cos/math.Cos(lat*math.Pi/180), lat + r*sin})
		}
		ring = append(ring, ring[0])
		if seed%2 == 0 {
			slices.Reverse(ring)
		}
		checkAllot(t, coverage.Tract{Households: households, Boundary: orb.MultiPolygon{{ring}}})
	})
}

func BenchmarkAllot(b *testing.B) {
	for _, size := range []struct {
		name  string
		sideM float64
	}{{"block", 115}, {"village", 2_000}, {"steppe", 70_000}} {
		b.Run(size.name, func(b *testing.B) {
			tract := coverage.Tract{Households: 29, Boundary: square(hailar, size.sideM)}
			for b.Loop() {
				if _, err := coverage.Allot(tract, resolution); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAllotAll(b *testing.B) {
	tracts := randomTracts(38_723)
	for b.Loop() {
		if _, err := coverage.AllotAll(tracts, resolution); err != nil {
			b.Fatal(err)
		}
	}
}
