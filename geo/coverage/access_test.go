package coverage_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
)

// The source of the figures is named in the file.
func TestAccessIsThatOfPySAL(t *testing.T) {
	var toy struct {
		Population, Doctors []int
		MaxCost             float64 `json:"max_cost"`
		Scenarios           []struct {
			Name   string
			Cost   [][]float64
			Access []float64
		}
	}
	data, err := os.ReadFile("testdata/access_hospital_toy.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &toy); err != nil || len(toy.Scenarios) != 4 {
		t.Fatalf("%d scenarios (%v)", len(toy.Scenarios), err)
	}
	decay, err := coverage.GravityDecay(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	row := rowOfCells(t, len(toy.Population))
	var allotments []coverage.UnitAllotment
	for i, households := range toy.Population {
		shares := []coverage.Share{{Cell: row.cells[i], Households: int32(households)}}
		allotments = append(allotments, coverage.UnitAllotment{Unit: fmt.Sprint(i), Allotment: coverage.Allotment{Shares: shares}})
	}
	d := demandOf(t, allotments)
	for _, scenario := range toy.Scenarios {
		in := &coverage.Incidence{From: []int32{0}}
		for _, costs := range scenario.Cost {
			for site, cost := range costs {
				if cost <= toy.MaxCost {
					in.Sites = append(in.Sites, int32(site))
					in.DistancesM = append(in.DistancesM, float32(cost))
				}
			}
			in.From = append(in.From, int32(len(in.Sites)))
		}
		a := accessOf(t, d, in, toy.Doctors, decay)
		sum := 0.0
		for i, want := range scenario.Access {
			sum += a.Cell(i) * float64(toy.Population[i])
			if got := a.Cell(i); math.Abs(got-want) > 1e-9 {
				t.Errorf("%s, tract %d: %.10f, want %.10f", scenario.Name, i+1, got, want)
			}
			if got, ok := a.Figures(fmt.Sprint(i)).PerHousehold(); !ok || math.Abs(got-want) > 1e-6 {
				t.Errorf("%s, unit %d: %.10f, want %.10f", scenario.Name, i+1, got, want)
			}
		}
		if math.Abs(sum-135) > 1e-9 || a.Seats != 135 || a.Figures("").MicroSeats != 135_000_000 {
			t.Errorf("%s: %g seats for all, %d, %+v", scenario.Name, sum, a.Seats, a.Figures(""))
		}
	}
}

func accessOf(t testing.TB, d *coverage.Demand, in *coverage.Incidence, seats []int, decay coverage.Decay) *coverage.Access {
	t.Helper()
	a, err := d.Access(in, seats, decay)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// randomSites stand around a place; some have no known capacity, and the last stand where nobody lives.
func randomSites(seed uint64, n int, at orb.Point) coverage.Sites {
	rng := rand.New(rand.NewPCG(seed, 7))
	sites := make(coverage.Sites, n)
	for i, p := range pointsAround(seed, n, at, 0.03) {
		if i >= n-2 {
			p[1] += 5
		}
		sites[i] = coverage.Site{Code: fmt.Sprintf("S%03d", i), At: p, Capacity: max(0, rng.IntN(50)-5)}
	}
	return sites
}

func incidenceOf(t testing.TB, d *coverage.Demand, sites coverage.Sites, radiusM float64) *coverage.Incidence {
	t.Helper()
	in, err := d.Incidence(sites, coverage.Reach{RadiusM: radiusM}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func everySite(int) bool { return true }

func enhanced(t testing.TB, reachM float64) coverage.Decay {
	t.Helper()
	decay, err := coverage.EnhancedDecay(reachM)
	if err != nil {
		t.Fatal(err)
	}
	return decay
}

func TestAccessIsTheFormula(t *testing.T) {
	const reachM = 1500
	gravity, err := coverage.GravityDecay(1.5, 100)
	if err != nil {
		t.Fatal(err)
	}
	allotments := strewn(20, 400, hailar, 0.03)
	p, d := populatedOf(allotments), demandOf(t, allotments)
	sites := randomSites(21, 40, hailar)
	in := incidenceOf(t, d, sites, reachM)
	weights := map[string]func(m float64) float64{
		"uniform": func(float64) float64 { return 1 },
		"enhanced": func(m float64) float64 {
			return []float64{1, 0.68, 0.22}[min(2, int(math.Ceil(m/(reachM/3))-1))]
		},
		"gravity": func(m float64) float64 { return math.Pow(max(m, 100)/100, -1.5) },
	}
	for name, decay := range map[string]coverage.Decay{"uniform": {}, "enhanced": enhanced(t, reachM), "gravity": gravity} {
		t.Run(name, func(t *testing.T) {
			a := accessOf(t, d, in, sites.Seats(everySite), decay)
			want := p.access(sites, reachM, weights[name])
			for i, cell := range p.cells {
				if got := a.Cell(i); math.Abs(got-want.cells[cell]) > 1e-6*want.cells[cell] {
					t.Errorf("cell %s: %g, want %g", cell, got, want.cells[cell])
				}
			}
			if a.Seats != want.seats || a.UnknownSites != want.unknown || a.IdleSites != want.idle || want.unknown == 0 || want.idle == 0 {
				t.Errorf("%d seats, %d unknown, %d idle; want %+v", a.Seats, a.UnknownSites, a.IdleSites, want)
			}
			checkAccessFigures(t, a, p, d, want.cells)
		})
	}
}

type accessWanted struct {
	cells         map[hex.Cell]float64
	seats         int64
	unknown, idle int
}

// access works the formula out from scratch.
func (p *populated) access(sites coverage.Sites, reachM float64, weight func(m float64) float64) accessWanted {
	w := accessWanted{cells: map[hex.Cell]float64{}}
	for _, site := range sites {
		weighted := 0.0
		for _, cell := range p.cells {
			if m := geo.Distance(cell.Center(), site.At); m <= reachM {
				weighted += float64(p.households[cell]) * weight(m)
			}
		}
		switch {
		case site.Capacity == 0:
			w.unknown++
			continue
		case weighted == 0:
			w.idle++
			continue
		}
		w.seats += int64(site.Capacity)
		for _, cell := range p.cells {
			if m := geo.Distance(cell.Center(), site.At); m <= reachM {
				w.cells[cell] += float64(site.Capacity) / weighted * weight(m)
			}
		}
	}
	return w
}

func checkAccessFigures(t *testing.T, a *coverage.Access, p *populated, d *coverage.Demand, cells map[hex.Cell]float64) {
	t.Helper()
	for _, prefix := range prefixes {
		want, households := 0.0, int64(0)
		for _, cell := range p.cells {
			for unit, n := range p.units[cell] {
				if strings.HasPrefix(unit, prefix) {
					want += float64(n) * cells[cell]
					households += n
				}
			}
		}
		f := a.Figures(prefix)
		// Within a microseat per site and unit of the due.
		if math.Abs(float64(f.MicroSeats)/1e6-want) > 1e-6*want+40*60*1e-6 || f.Households != households {
			t.Errorf("unit %q: %+v, want %g seats for %d households", prefix, f, want, households)
		}
		mean, ok := f.PerHousehold()
		if ok != (households > 0) || ok && math.Abs(mean-want/float64(households)) > 1e-5*mean+1e-9*40*60 {
			t.Errorf("unit %q: mean %g, %v", prefix, mean, ok)
		}
	}
	if got := a.Figures("").MicroSeats; got != a.Seats*1_000_000 {
		t.Errorf("%d microseats of %d seats", got, a.Seats)
	}
	for _, parents := range [][]string{{"150702", "150703", "150704"}} {
		sum := int64(0)
		for _, prefix := range parents {
			sum += a.Figures(prefix).MicroSeats
		}
		if sum != a.Figures("1507").MicroSeats {
			t.Errorf("parts have %d microseats, the whole %d", sum, a.Figures("1507").MicroSeats)
		}
	}
}

// Sites take other codes, and so stand in another order: nothing changes but for the last bits of a cell.
func TestAccessDoesNotDependOnTheOrderOfSites(t *testing.T) {
	allotments := strewn(22, 300, hailar, 0.03)
	d := demandOf(t, allotments)
	sites := randomSites(23, 30, hailar)
	turned := slices.Clone(sites)
	slices.Reverse(turned)
	for i := range turned {
		turned[i].Code = fmt.Sprintf("T%03d", i)
	}
	a := accessOf(t, d, incidenceOf(t, d, sites, 1500), sites.Seats(everySite), enhanced(t, 1500))
	b := accessOf(t, d, incidenceOf(t, d, turned, 1500), turned.Seats(everySite), enhanced(t, 1500))
	for _, prefix := range prefixes {
		if a.Figures(prefix) != b.Figures(prefix) {
			t.Errorf("unit %q: %+v and %+v", prefix, a.Figures(prefix), b.Figures(prefix))
		}
	}
	for cell := range d.Cells() {
		if math.Abs(a.Cell(cell)-b.Cell(cell)) > 1e-14*a.Cell(cell) {
			t.Errorf("cell %d: %g and %g", cell, a.Cell(cell), b.Cell(cell))
		}
	}
	for i := range sites {
		x, okX := a.Rate(i)
		y, okY := b.Rate(len(sites) - 1 - i)
		if x != y || okX != okY {
			t.Errorf("site %d: %g, %v and %g, %v", i, x, okX, y, okY)
		}
	}
}

func TestSitesThatDoNotCountTakeNoPart(t *testing.T) {
	d := demandOf(t, strewn(24, 300, hailar, 0.03))
	sites := randomSites(25, 30, hailar)
	odd := func(site int) bool { return site%2 == 1 }
	all := accessOf(t, d, incidenceOf(t, d, sites, 1500), sites.Seats(odd), enhanced(t, 1500))
	var some coverage.Sites
	for i, site := range sites {
		if odd(i) {
			some = append(some, site)
		}
	}
	alone := accessOf(t, d, incidenceOf(t, d, some, 1500), some.Seats(everySite), enhanced(t, 1500))
	if all.Seats != alone.Seats || all.UnknownSites != alone.UnknownSites || all.IdleSites != alone.IdleSites {
		t.Errorf("%d seats, %d unknown, %d idle among others; %d, %d, %d alone", all.Seats, all.UnknownSites, all.IdleSites,
			alone.Seats, alone.UnknownSites, alone.IdleSites)
	}
	for cell := range d.Cells() {
		if all.Cell(cell) != alone.Cell(cell) {
			t.Errorf("cell %d: %g among others, %g alone", cell, all.Cell(cell), alone.Cell(cell))
		}
	}
}

func TestDecay(t *testing.T) {
	e := enhanced(t, 900)
	gravity, err := coverage.GravityDecay(2, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		decay      coverage.Decay
		meters, is float64
	}{
		{e, 0, 1}, {e, 300, 1}, {e, 300.001, 0.68}, {e, 600, 0.68}, {e, 600.001, 0.22}, {e, 900, 0.22},
		{e, 900.0001, 0.22}, // in reach, as the incidence has it, though a float32 may be a little more
		{gravity, 0, 1}, {gravity, 100, 1}, {gravity, 200, 0.25}, {gravity, 1000, 0.01},
		{coverage.Decay{}, 0, 1}, {coverage.Decay{}, 1e9, 1},
	} {
		if got := test.decay.Weight(test.meters); got != test.is {
			t.Errorf("%+v at %g m: %g, want %g", test.decay, test.meters, got, test.is)
		}
	}
}

func TestAccessRefuses(t *testing.T) {
	d := demandOf(t, strewn(26, 30, hailar, 0.03))
	sites := randomSites(27, 5, hailar)
	in := incidenceOf(t, d, sites, 1500)
	checkField := func(name string, err error, field string) {
		t.Helper()
		var input *coverage.InputError
		if !errors.As(err, &input) || input.Field != field {
			t.Errorf("%s: %v, want an error about %s", name, err, field)
		}
	}
	_, err := d.Access(nil, nil, coverage.Decay{})
	checkField("no incidence", err, "incidence")
	_, err = d.Access(&coverage.Incidence{From: []int32{0}}, nil, coverage.Decay{})
	checkField("another demand", err, "incidence")
	_, err = d.Access(in, nil, coverage.Decay{})
	checkField("no seats", err, "seats")
	_, err = d.Access(in, []int{-2, 0, 0, 0, 0}, coverage.Decay{})
	checkField("negative", err, "capacity")
	_, err = d.Access(in, []int{1 << 40, 0, 0, 0, 0}, coverage.Decay{})
	checkField("too many", err, "capacity")
	_, err = coverage.EnhancedDecay(0)
	checkField("no reach", err, "reach_m")
	_, err = coverage.EnhancedDecay(math.NaN())
	checkField("NaN", err, "reach_m")
	_, err = coverage.ZoneDecay(100)
	checkField("no weights", err, "weights")
	_, err = coverage.ZoneDecay(100, 1, math.NaN())
	checkField("NaN weight", err, "weights")
	_, err = coverage.ZoneDecay(100, 2)
	checkField("weight 2", err, "weights")
	_, err = coverage.GravityDecay(0, 1)
	checkField("no exponent", err, "exponent")
	_, err = coverage.GravityDecay(1, 0)
	checkField("no unit", err, "unit_m")
}

func TestAccessWithoutAnything(t *testing.T) {
	empty := demandOf(t, nil)
	a := accessOf(t, empty, incidenceOf(t, empty, nil, 1000), nil, enhanced(t, 1000))
	if _, ok := a.Figures("").PerHousehold(); ok || a.Seats != 0 {
		t.Errorf("a rate without households: %+v", a.Figures(""))
	}
	d := demandOf(t, strewn(28, 30, hailar, 0.03))
	a = accessOf(t, d, incidenceOf(t, d, nil, 1000), nil, enhanced(t, 1000))
	if seats, ok := a.Figures("").PerHousehold(); !ok || seats != 0 {
		t.Errorf("without sites: %g, %v", seats, ok)
	}
	nowhere := coverage.Sites{{Code: "A", At: orb.Point{0, 0}, Capacity: 5}}
	a = accessOf(t, d, incidenceOf(t, d, nowhere, 1000), nowhere.Seats(everySite), enhanced(t, 1000))
	if _, ok := a.Rate(0); ok || a.IdleSites != 1 {
		t.Errorf("a site without demand has a rate")
	}
}

func BenchmarkAccess(b *testing.B) {
	city := largeCity()
	for _, radiusM := range []float64{1000, 3000} {
		in := incidenceOf(b, city.demand, city.sites, radiusM)
		decay := enhanced(b, radiusM)
		b.Run(fmt.Sprintf("%g m", radiusM), func(b *testing.B) {
			for b.Loop() {
				accessOf(b, city.demand, in, city.sites.Seats(everySite), decay)
			}
			b.ReportMetric(float64(len(in.Sites)), "pairs")
		})
		b.Run(fmt.Sprintf("%g m with units", radiusM), func(b *testing.B) {
			for b.Loop() {
				accessOf(b, city.demand, in, city.sites.Seats(everySite), decay).Figures("1507")
			}
		})
	}
}
