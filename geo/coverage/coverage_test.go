package coverage_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
)

// strewn makes allotments of households to random cells around a place, of which many share a cell.
func strewn(seed uint64, n int, at orb.Point, spreadDegrees float64) []coverage.UnitAllotment {
	rng := rand.New(rand.NewPCG(seed, 4))
	allotments := make([]coverage.UnitAllotment, n)
	for i := range allotments {
		a := &allotments[i]
		a.Unit = fmt.Sprintf("1507%02d%03d%03d", 2+rng.IntN(3), rng.IntN(4), rng.IntN(5))
		for range rng.IntN(6) {
			p := orb.Point{at[0] + rng.NormFloat64()*spreadDegrees, at[1] + rng.NormFloat64()*spreadDegrees}
			p[0] = math.Remainder(p[0], 360)
			cell, err := hex.Of(p, resolution)
			if err != nil {
				panic(err)
			}
			a.Shares = append(a.Shares, coverage.Share{Cell: cell, Households: int32(rng.IntN(40))})
		}
	}
	return allotments
}

func demandOf(t testing.TB, allotments []coverage.UnitAllotment) *coverage.Demand {
	t.Helper()
	d, err := coverage.NewDemand(resolution, allotments)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func cover(t testing.TB, d *coverage.Demand, points []orb.Point, radiusM float64) *coverage.Result {
	t.Helper()
	r, err := d.Cover(points, radiusM)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pointsAround(seed uint64, n int, at orb.Point, spreadDegrees float64) []orb.Point {
	rng := rand.New(rand.NewPCG(seed, 5))
	points := make([]orb.Point, n)
	for i := range points {
		points[i] = orb.Point{math.Remainder(at[0]+rng.NormFloat64()*spreadDegrees, 360), at[1] + rng.NormFloat64()*spreadDegrees}
	}
	return points
}

// bruteForce sums by asking each share for its distance to each point.
func bruteForce(allotments []coverage.UnitAllotment, points []orb.Point, radiusM float64, prefix string) (f coverage.Figures) {
	for _, a := range allotments {
		if !strings.HasPrefix(a.Unit, prefix) {
			continue
		}
		for _, share := range a.Shares {
			n := 0
			for _, p := range points {
				if geo.Distance(share.Cell.Center(), p) <= radiusM {
					n++
				}
			}
			f.Households += int64(share.Households)
			if n >= 1 {
				f.Covered += int64(share.Households)
			}
			if n >= 2 {
				f.CrossCovered += int64(share.Households)
			}
		}
	}
	return f
}

var prefixes = []string{"", "1507", "150702", "150703", "150704001", "150704001002", "1507040010021", "9", "15070"}

func TestFiguresAreBruteForce(t *testing.T) {
	for name, at := range map[string]orb.Point{
		"Hailar": hailar, "antimeridian": {180, 51}, "far north": {20, 82}, "equator": {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			allotments := strewn(1, 300, at, 0.05)
			points := pointsAround(2, 60, at, 0.06)
			d := demandOf(t, allotments)
			for _, radiusM := range []float64{0, 100, 500, 1000, 3000, 10_000, 1e6} {
				r := cover(t, d, points, radiusM)
				for _, prefix := range prefixes {
					if got, want := r.Figures(prefix), bruteForce(allotments, points, radiusM, prefix); got != want {
						t.Errorf("%g m, unit %q: %+v, want %+v", radiusM, prefix, got, want)
					}
				}
			}
		})
	}
}

func TestPartsSumUpToTheWhole(t *testing.T) {
	allotments := strewn(3, 2000, hailar, 0.3)
	r := cover(t, demandOf(t, allotments), pointsAround(4, 100, hailar, 0.3), 1500)
	units := map[string]bool{}
	for _, a := range allotments {
		units[a.Unit] = true
	}
	for _, digits := range []int{6, 9, 12} {
		var sum coverage.Figures
		seen := map[string]bool{}
		for unit := range units {
			if part := unit[:digits]; !seen[part] {
				seen[part] = true
				f := r.Figures(part)
				sum.Households += f.Households
				sum.Covered += f.Covered
				sum.CrossCovered += f.CrossCovered
			}
		}
		if whole := r.Figures("1507"); sum != whole || whole.Covered == 0 || whole.Covered == whole.Households {
			t.Errorf("parts of %d digits: %+v, whole: %+v", digits, sum, whole)
		}
	}
}

func TestCoverageGrowsWithRadiusAndPoints(t *testing.T) {
	d := demandOf(t, strewn(5, 1000, hailar, 0.1))
	points := pointsAround(6, 40, hailar, 0.1)
	var before coverage.Figures
	for radiusM := 100.0; radiusM <= 10_000; radiusM *= 1.2 {
		f := cover(t, d, points, radiusM).Figures("")
		if f.Covered < before.Covered || f.CrossCovered < before.CrossCovered || f.CrossCovered > f.Covered || f.Covered > f.Households {
			t.Errorf("at %.0f m: %+v, before %+v", radiusM, f, before)
		}
		before = f
	}
	before = coverage.Figures{}
	for n := range points {
		f := cover(t, d, points[:n+1], 1000).Figures("")
		if f.Covered < before.Covered || f.CrossCovered < before.CrossCovered {
			t.Errorf("with point %d: %+v, before %+v", n, f, before)
		}
		before = f
	}
}

func TestTheRadiusIsInclusive(t *testing.T) {
	cell, err := hex.Of(hailar, resolution)
	if err != nil {
		t.Fatal(err)
	}
	d := demandOf(t, []coverage.UnitAllotment{{Unit: "150702001001", Allotment: coverage.Allotment{Shares: []coverage.Share{{Cell: cell, Households: 7}}}}})
	station := orb.Point{119.75, 49.22}
	away := geo.Distance(cell.Center(), station)
	for radiusM, want := range map[float64]int64{away: 7, away - 1e-4: 0, away + 1e-4: 7} {
		if got := cover(t, d, []orb.Point{station}, radiusM).Figures("").Covered; got != want {
			t.Errorf("%g m from a station with a reach of %g m: %d covered", away, radiusM, got)
		}
	}
}

func TestCellsRollUpExactly(t *testing.T) {
	allotments := strewn(7, 2000, hailar, 0.4)
	r := cover(t, demandOf(t, allotments), pointsAround(8, 200, hailar, 0.4), 1500)
	everywhere := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	finest := cells(t, r, everywhere, resolution)
	for coarser := resolution; coarser >= 0; coarser-- {
		want := map[hex.Cell]coverage.CellFigures{}
		for _, c := range finest {
			up := want[c.Cell.Parent(coarser)]
			up.Cell = c.Cell.Parent(coarser)
			up.Households += c.Households
			up.Covered += c.Covered
			want[up.Cell] = up
		}
		got := cells(t, r, everywhere, coarser)
		if len(got) != len(want) {
			t.Fatalf("resolution %d: %d cells, want %d", coarser, len(got), len(want))
		}
		var sum coverage.Figures
		for i, c := range got {
			if c != want[c.Cell] || i > 0 && got[i-1].Cell >= c.Cell {
				t.Errorf("resolution %d: %+v, want %+v", coarser, c, want[c.Cell])
			}
			sum.Households += c.Households
			sum.Covered += c.Covered
		}
		if whole := r.Figures(""); sum.Households != whole.Households || sum.Covered != whole.Covered {
			t.Errorf("resolution %d: cells sum up to %+v, units to %+v", coarser, sum, whole)
		}
	}
}

func cells(t testing.TB, r *coverage.Result, bound orb.Bound, resolution int) []coverage.CellFigures {
	t.Helper()
	list, err := r.Cells(bound, resolution, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCellsInABound(t *testing.T) {
	d := demandOf(t, strewn(9, 3000, hailar, 0.3))
	r := cover(t, d, nil, 1000)
	rng := rand.New(rand.NewPCG(10, 5))
	everywhere := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	for range 200 {
		west, south := 119+1.2*rng.Float64(), 48.6+rng.Float64()
		bound := orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{west + 0.3*rng.Float64(), south + 0.2*rng.Float64()}}
		at := 4 + rng.IntN(7)
		got := map[hex.Cell]bool{}
		for _, c := range cells(t, r, bound, at) {
			got[c.Cell] = true
		}
		spare := geo.ExpandMeters(bound, 1.6*math.Sqrt(hex.AverageAreaM2(at)*2/(3*math.Sqrt(3))))
		for _, c := range cells(t, r, everywhere, at) {
			touches := c.Cell.Boundary().Bound().Intersects(bound)
			switch {
			case touches && !got[c.Cell]:
				t.Fatalf("%s touches %v but is not there", c.Cell, bound)
			case got[c.Cell] && !spare.Contains(c.Cell.Center()):
				t.Fatalf("%s is far from %v", c.Cell, bound)
			}
		}
	}
}

func TestCellsLimits(t *testing.T) {
	r := cover(t, demandOf(t, strewn(11, 100, hailar, 0.1)), nil, 1000)
	bound := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	n := len(cells(t, r, bound, resolution))
	if list, err := r.Cells(bound, resolution, n); err != nil || len(list) != n {
		t.Errorf("at the limit: %d cells, %v", len(list), err)
	}
	if list, err := r.Cells(bound, resolution, n-1); !errors.Is(err, coverage.ErrTooManyCells) || list != nil {
		t.Errorf("over the limit: %d cells, %v", len(list), err)
	}
	for _, bad := range []int{-1, resolution + 1} {
		if _, err := r.Cells(bound, bad, n); err == nil {
			t.Errorf("resolution %d exists", bad)
		}
	}
}

func TestOutlines(t *testing.T) {
	d := demandOf(t, strewn(12, 300, hailar, 0.1))
	d.Warm(7)
	r := cover(t, d, nil, 1000)
	for _, at := range []int{10, 9, 7, 5} {
		list := cells(t, r, orb.Bound{Min: orb.Point{119, 49}, Max: orb.Point{120, 50}}, at)
		traced := 0
		d.Outlines(list, func(i int, outline orb.Ring) {
			traced++
			if !outline.Equal(list[i].Cell.Boundary()) {
				t.Errorf("outline of %s is %v", list[i].Cell, outline)
			}
		})
		if traced != len(list) || traced == 0 {
			t.Errorf("traced %d of %d cells", traced, len(list))
		}
	}
}

func TestEmptyDemand(t *testing.T) {
	d := demandOf(t, []coverage.UnitAllotment{{Unit: "150702001001"}})
	r := cover(t, d, []orb.Point{hailar}, 1000)
	if f := r.Figures("1507"); f != (coverage.Figures{}) {
		t.Errorf("figures %+v", f)
	}
	if share, ok := r.Figures("").Share(); ok || share != 0 {
		t.Errorf("share %g of nothing", share)
	}
	if list := cells(t, r, orb.Bound{Max: orb.Point{180, 90}}, 5); len(list) != 0 {
		t.Errorf("cells %v", list)
	}
	d.Warm(0)
}

func TestCoverRefuses(t *testing.T) {
	d := demandOf(t, nil)
	if _, err := d.Cover(make([]orb.Point, coverage.MaxPoints+1), 1000); err == nil {
		t.Error("too many points are allowed")
	}
	for _, radiusM := range []float64{-1, math.NaN()} {
		if _, err := d.Cover(nil, radiusM); err == nil {
			t.Errorf("a radius of %g m is allowed", radiusM)
		}
	}
}

func TestNewDemandRefuses(t *testing.T) {
	cell, err := hex.Of(hailar, 9)
	if err != nil {
		t.Fatal(err)
	}
	for name, share := range map[string]coverage.Share{
		"another resolution": {Cell: cell, Households: 1},
		"negative":           {Cell: cell.Children()[0], Households: -1},
	} {
		bad := []coverage.UnitAllotment{{Unit: "150702001001", Allotment: coverage.Allotment{Shares: []coverage.Share{share}}}}
		if _, err := coverage.NewDemand(resolution, bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	full := coverage.Share{Cell: cell.Children()[0], Households: math.MaxInt32}
	twice := []coverage.UnitAllotment{{Unit: "150702001001", Allotment: coverage.Allotment{Shares: []coverage.Share{full, full}}}}
	if _, err := coverage.NewDemand(resolution, twice); err == nil {
		t.Error("more households in a cell than it can hold are allowed")
	}
}

func TestTheOrderOfAllotmentsDoesNotMatter(t *testing.T) {
	allotments := strewn(13, 500, hailar, 0.1)
	points := pointsAround(14, 50, hailar, 0.1)
	one := cover(t, demandOf(t, allotments), points, 1000)
	slices.Reverse(allotments)
	slices.Reverse(points)
	other := cover(t, demandOf(t, allotments), points, 1000)
	bound := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	if !slices.Equal(cells(t, one, bound, resolution), cells(t, other, bound, resolution)) {
		t.Error("other cells")
	}
	for _, prefix := range prefixes {
		if one.Figures(prefix) != other.Figures(prefix) {
			t.Errorf("other figures of %q", prefix)
		}
	}
}

// bigDemand has about 600,000 cells, most in 40 towns.
func bigDemand(b *testing.B) (*coverage.Demand, []orb.Point) {
	rng := rand.New(rand.NewPCG(15, 5))
	var allotments []coverage.UnitAllotment
	var points []orb.Point
	for town := range 40 {
		at := orb.Point{116 + 9*rng.Float64(), 47.5 + 4*rng.Float64()}
		center, err := hex.Of(at, resolution)
		if err != nil {
			b.Fatal(err)
		}
		var shares []coverage.Share
		for _, cell := range center.Disk(70) {
			shares = append(shares, coverage.Share{Cell: cell, Households: 1 + rng.Int32N(20)})
		}
		for len(shares) > 0 {
			n := min(len(shares), 500)
			allotments = append(allotments, coverage.UnitAllotment{
				Unit: fmt.Sprintf("1507%02d%03d%03d", town, rng.IntN(10), rng.IntN(40)), Allotment: coverage.Allotment{Shares: shares[:n]},
			})
			shares = shares[n:]
		}
		for range 14 {
			points = append(points, orb.Point{at[0] + rng.NormFloat64()*0.03, at[1] + rng.NormFloat64()*0.02})
		}
	}
	return demandOf(b, allotments), points[:550]
}

func BenchmarkCover(b *testing.B) {
	d, points := bigDemand(b)
	for _, radiusM := range []float64{500, 1000, 3000, 10_000} {
		b.Run(fmt.Sprintf("%gm", radiusM), func(b *testing.B) {
			b.ReportMetric(float64(d.Cells()), "cells")
			for b.Loop() {
				cover(b, d, points, radiusM)
			}
		})
	}
}

func BenchmarkFigures(b *testing.B) {
	d, points := bigDemand(b)
	r := cover(b, d, points, 1000)
	for b.Loop() {
		r.Figures("150702")
	}
}

func BenchmarkCells(b *testing.B) {
	d, points := bigDemand(b)
	r := cover(b, d, points, 1000)
	d.Warm(4)
	for _, at := range []int{10, 9, 8, 6} {
		b.Run(fmt.Sprint(at), func(b *testing.B) {
			bound := orb.Bound{Min: points[0], Max: points[0]}
			bound = geo.ExpandMeters(bound, 4*math.Pow(2.65, float64(11-at))*500)
			n := 0
			for b.Loop() {
				list := cells(b, r, bound, at)
				d.Outlines(list, func(int, orb.Ring) { n = len(list) })
			}
			b.ReportMetric(float64(n), "cells")
		})
	}
}

func BenchmarkNewDemand(b *testing.B) {
	allotments := strewn(16, 80_000, hailar, 0.5)
	for b.Loop() {
		demandOf(b, allotments)
	}
}
