package coverage_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
)

// A big city is 600,000 cells in 40 towns, and 550 sites with three services and various hours. It is
// made once for all benchmarks.
var bigCity = sync.OnceValue(func() *coverage.Engine {
	d, points := bigDemand(&testing.B{})
	sites := drawSites(rand.New(rand.NewPCG(17, 6)), points)
	for i := range sites {
		sites[i].Unit = d.Units()[i%len(d.Units())]
	}
	e, err := coverage.NewEngine(d, sites, nil)
	if err != nil {
		panic(err)
	}
	d.Warm(4)
	return e
})

// The models that the promises are about: one service at one time, and all through the week.
var (
	radius1km  = coverage.Reach{RadiusM: 1000}
	atNoon     = coverage.Model{Reach: radius1km, Services: 1, Time: coverage.Time{Kind: coverage.AtQuarter, Quarter: 48}}
	allOfAWeek = coverage.Model{Reach: radius1km, Services: 0b111, Rule: coverage.AllServices, Time: coverage.Time{Kind: coverage.OverWeek, Profile: coverage.Dinner}}
)

var benchModels = []struct {
	name string
	coverage.Model
}{{"instant", atNoon}, {"week", allOfAWeek}}

func afresh(b testing.TB, e *coverage.Engine) *coverage.Engine {
	b.Helper()
	next, err := coverage.NewEngine(e.Demand(), e.Sites(), nil)
	if err != nil {
		b.Fatal(err)
	}
	return next
}

func stateOf(t testing.TB, e *coverage.Engine, m coverage.Model) *coverage.State {
	t.Helper()
	s, err := e.State(m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func edited(t testing.TB, e *coverage.Engine, edits ...coverage.Edit) *coverage.Engine {
	t.Helper()
	next, err := e.With(edits...)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func BenchmarkRecompute(b *testing.B) {
	city := bigCity()
	for _, m := range benchModels {
		b.Run(m.name, func(b *testing.B) {
			m := m.Model
			for b.Loop() {
				stateOf(b, afresh(b, city), m).Figures("")
			}
		})
	}
	for _, radiusM := range []float64{500, 3000, 10_000} {
		b.Run(fmt.Sprintf("%gm at resolution 10", radiusM), func(b *testing.B) {
			m := atNoon
			m.RadiusM = radiusM
			for b.Loop() {
				stateOf(b, afresh(b, city), m)
			}
		})
	}
	for _, radiusM := range []float64{3000, 10_000} {
		b.Run(fmt.Sprintf("%gm at resolution 9", radiusM), func(b *testing.B) {
			d, err := city.Demand().RollUp(9)
			if err != nil {
				b.Fatal(err)
			}
			rolled, err := coverage.NewEngine(d, city.Sites(), nil)
			if err != nil {
				b.Fatal(err)
			}
			m := atNoon
			m.RadiusM = radiusM
			stateOf(b, rolled, m) // areas
			for b.Loop() {
				stateOf(b, afresh(b, rolled), m)
			}
		})
	}
	b.Run("another time", func(b *testing.B) {
		e := afresh(b, city)
		m := atNoon
		for b.Loop() {
			m.Time.Quarter = (m.Time.Quarter + 1) % coverage.QuarterHours
			stateOf(b, e, m)
		}
	})
}

func BenchmarkOneEdit(b *testing.B) {
	city := bigCity()
	for _, m := range benchModels {
		b.Run(m.name, func(b *testing.B) {
			m := m.Model
			e := afresh(b, city)
			stateOf(b, e, m)
			rng := rand.New(rand.NewPCG(18, 6))
			for b.Loop() {
				site := city.Sites()[rng.IntN(len(city.Sites()))]
				at := orb.Point{site.At[0] + rng.NormFloat64()*0.002, site.At[1] + rng.NormFloat64()*0.002}
				e = edited(b, e, coverage.Edit{Kind: coverage.MoveSite, Site: coverage.Site{Code: site.Code, At: at}})
				stateOf(b, e, m).Figures("")
			}
		})
	}
}

func BenchmarkHours3x168(b *testing.B) {
	city := bigCity()
	models := make([]coverage.Model, 3)
	for i := range models {
		models[i] = coverage.Model{Reach: radius1km, Services: 1 << i}
	}
	hours := func(b *testing.B, e *coverage.Engine) {
		if _, err := e.Hours("", models...); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("from nothing", func(b *testing.B) {
		for b.Loop() {
			hours(b, afresh(b, city))
		}
	})
	b.Run("reach known", func(b *testing.B) {
		e := afresh(b, city)
		for b.Loop() {
			hours(b, e)
		}
	})
}

// twentyEdits is a scenario with edits of every kind.
func twentyEdits(sites coverage.Sites) []coverage.Edit {
	var edits []coverage.Edit
	for i := range 5 {
		from := func(n int) coverage.Site { return sites[(97*i+31*n)%len(sites)] }
		added := from(0)
		added.Code, added.At[0] = fmt.Sprintf("NEW-%d", i), added.At[0]+0.01
		moved := from(1)
		moved.At[1] += 0.004
		always := from(2)
		always.Open, always.MaybeOpen = coverage.FullWeek(), coverage.FullWeek()
		edits = append(edits,
			coverage.Edit{Kind: coverage.AddSite, Site: added},
			coverage.Edit{Kind: coverage.MoveSite, Site: moved},
			coverage.Edit{Kind: coverage.SetHours, Site: always})
		if i%2 == 0 {
			edits = append(edits, coverage.Edit{Kind: coverage.CloseSite, Site: from(3)})
		} else {
			edits = append(edits, coverage.Edit{Kind: coverage.ScaleDemand, Unit: sites[i].Unit, Factor: 1.25})
		}
	}
	return edits
}

func BenchmarkScenario20(b *testing.B) {
	city := bigCity()
	edits := twentyEdits(city.Sites())
	for _, m := range benchModels {
		b.Run(m.name, func(b *testing.B) {
			m := m.Model
			base := afresh(b, city)
			before := stateOf(b, base, m)
			for b.Loop() {
				after := stateOf(b, edited(b, base, edits...), m)
				if _, err := coverage.Diff(before, after, []string{"", "1507", "150702"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCells50k(b *testing.B) {
	city := bigCity()
	d := city.Demand()
	s := stateOf(b, afresh(b, city), allOfAWeek)
	_, center, _ := d.Cell(d.Cells() / 2)
	bound := geo.ExpandMeters(center.Bound(), 20_000)
	for {
		list, err := s.Cells(bound, 10, 50_000)
		if err != nil || len(list) > 45_000 || bound.Max[0] > 179 {
			break
		}
		bound = geo.ExpandMeters(bound, 2_000)
	}
	for b.Loop() {
		list, _ := s.Cells(bound, 10, 100_000)
		b.ReportMetric(float64(len(list)), "cells")
	}
}

func BenchmarkSpread(b *testing.B) {
	city := bigCity()
	for _, unit := range []string{"", "150702"} {
		b.Run("unit "+unit, func(b *testing.B) {
			s := stateOf(b, afresh(b, city), atNoon)
			s.Spread(unit)
			for b.Loop() {
				s.Spread(unit)
			}
		})
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			stateOf(b, afresh(b, city), atNoon).Spread("150702")
		}
	})
}

func BenchmarkDemandWith(b *testing.B) {
	d := bigCity().Demand()
	cell, _, _ := d.Cell(1000)
	unit := d.Units()[0]
	old := coverage.UnitAllotment{Unit: unit, Allotment: coverage.Allotment{Shares: []coverage.Share{{Cell: cell, Households: 3}}}}
	d, err := d.With(nil, []coverage.UnitAllotment{old})
	if err != nil {
		b.Fatal(err)
	}
	for i, share := range []coverage.Share{{Cell: cell, Households: 4}, {Cell: cell.Disk(40)[40], Households: 4}} {
		b.Run([]string{"same cells", "another cell"}[i], func(b *testing.B) {
			added := old
			added.Shares = []coverage.Share{share}
			for b.Loop() {
				if _, err := d.With([]coverage.UnitAllotment{old}, []coverage.UnitAllotment{added}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	s := stateOf(b, bigCity(), allOfAWeek)
	at := s.Sites()[7].At
	for b.Loop() {
		if _, err := s.ExplainPoint(at); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCounting counts something else in a big city: the demand, and a state of it that goes on from that of
// households. BenchmarkRecompute is what it takes to judge anew.
func BenchmarkCounting(b *testing.B) {
	city := bigCity()
	var counts []coverage.Count
	for i, unit := range city.Demand().Units() {
		counts = append(counts, coverage.Count{Prefix: unit, Number: int64(1000 * i % 7919)})
	}
	counting, _, err := city.Demand().Counting(counts)
	if err != nil {
		b.Fatal(err)
	}
	stateOf(b, city, atNoon)
	b.Run("demand", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := city.Demand().Counting(counts); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("state", func(b *testing.B) {
		for b.Loop() {
			stateOf(b, city.Counting(counting), atNoon).Figures("")
		}
	})
}
