package coverage_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/geo/coverage"
)

// doubtfulSites offer two services, some perhaps, some only in the first half of the week, some at hours that
// nobody knows.
func doubtfulSites(seed uint64, n int) coverage.Sites {
	rng := rand.New(rand.NewPCG(seed, 8))
	sites := randomSites(seed, n, hailar)
	half := coverage.SpanOfWeek(0, coverage.QuarterHours/2)
	for i := range sites {
		site := &sites[i]
		site.MaybeServices = 1 + uint32(rng.IntN(3))
		site.Services = site.MaybeServices & uint32(rng.IntN(4))
		site.Heated = rng.IntN(2) == 0
		switch rng.IntN(3) {
		case 0:
			site.Open, site.MaybeOpen = coverage.FullWeek(), coverage.FullWeek()
		case 1:
			site.Open, site.MaybeOpen = half, half
		case 2:
			site.MaybeOpen = coverage.FullWeek()
		}
	}
	return sites
}

func doubtfulModels() []coverage.Model {
	reach := coverage.Reach{RadiusM: 900}
	return []coverage.Model{
		{Reach: reach},
		{Reach: reach, Services: 1},
		{Reach: reach, Services: 3, Rule: coverage.AllServices},
		{Reach: reach, Services: 3, Rule: coverage.OneStop},
		{Reach: reach, Services: 1, Time: coverage.Time{Kind: coverage.AtQuarter, Quarter: 500}},
		{Reach: reach, Services: 1, Time: coverage.Time{Kind: coverage.OverWeek}},
		{Reach: coverage.Reach{Mode: coverage.OnFoot, Minutes: 15}, Cold: true, Celsius: -25},
	}
}

func engineOf(t testing.TB, d *coverage.Demand, sites coverage.Sites) *coverage.Engine {
	t.Helper()
	e, err := coverage.NewEngine(d, sites, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The households in gaps are those that are not covered, in the whole and in each unit, before and after edits.
func TestGapsOfAStateAreWhatItDoesNotCover(t *testing.T) {
	e := engineOf(t, demandOf(t, strewn(50, 400, hailar, 0.03)), doubtfulSites(51, 30))
	sites := e.Sites()
	edited, err := e.With(
		coverage.Edit{Kind: coverage.CloseSite, Site: coverage.Site{Code: sites[3].Code}},
		coverage.Edit{Kind: coverage.MoveSite, Site: coverage.Site{Code: sites[5].Code, At: hailar}},
		coverage.Edit{Kind: coverage.ScaleDemand, Unit: "150703", Factor: 0},
		coverage.Edit{Kind: coverage.ScaleDemand, Unit: "150704", Factor: 2.5},
	)
	if err != nil {
		t.Fatal(err)
	}
	for n, m := range doubtfulModels() {
		var before []*coverage.Gaps
		for _, e := range []*coverage.Engine{e, edited} {
			s, err := e.State(m)
			if err != nil {
				t.Fatal(err)
			}
			known, possible := stateGaps(t, s, coverage.Known), stateGaps(t, s, coverage.Possible)
			for _, prefix := range prefixes {
				f := s.Figures(prefix)
				if got, want := gapHouseholds(known, prefix), f.Households-f.Covered.Known; got != want {
					t.Errorf("model %d, unit %q: %d known to be in gaps, want %d", n, prefix, got, want)
				}
				if got, want := gapHouseholds(possible, prefix), f.Households-f.Covered.Possible; got != want {
					t.Errorf("model %d, unit %q: %d in gaps at best, want %d", n, prefix, got, want)
				}
			}
			before = append(before, known)
		}
		changes, err := coverage.GapDiff(before[0], before[1])
		if err != nil || len(changes) == 0 {
			t.Errorf("model %d: %d changes (%v)", n, len(changes), err)
		}
		checkDiff(t, before[0], before[1], changes)
	}
}

func stateGaps(t testing.TB, s *coverage.State, end coverage.End) *coverage.Gaps {
	t.Helper()
	g, err := s.Gaps(end)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func gapHouseholds(g *coverage.Gaps, prefix string) (sum int64) {
	for gap := range g.Len() {
		for _, u := range g.Gap(gap).Units {
			if strings.HasPrefix(u.Unit, prefix) {
				sum += u.Households
			}
		}
	}
	return sum
}

// Under every model, sites that may count serve no fewer than those that are sure to, and a cell has seats in
// reach only if a site counts.
func TestSupplyOfAnEngine(t *testing.T) {
	e := engineOf(t, demandOf(t, strewn(52, 400, hailar, 0.03)), doubtfulSites(53, 30))
	for n, m := range doubtfulModels() {
		s, err := e.State(m)
		if err != nil {
			t.Fatal(err)
		}
		served := map[coverage.End]int64{}
		for _, end := range []coverage.End{coverage.Known, coverage.Possible} {
			a, err := e.Access(m, end)
			if err != nil {
				t.Fatal(err)
			}
			v, err := e.Serve(m, end, 3)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(); err != nil {
				t.Errorf("model %d: %v", n, err)
			}
			served[end] = v.Served
			sum, counting := 0.0, 0
			for cell := range s.Demand().Cells() {
				if math.IsNaN(a.Cell(cell)) || math.IsInf(a.Cell(cell), 0) {
					t.Errorf("model %d, cell %d: %g", n, cell, a.Cell(cell))
				}
				sum += v.CellShare(cell)
			}
			for site := range s.Sites() {
				_, rated := a.Rate(site)
				if load, takesPart := v.Site(site); rated && !takesPart || load.Households > 0 && !rated {
					t.Errorf("model %d, site %d: rated %v, takes part %v", n, site, rated, takesPart)
				}
				if s.Counts(end)(site) {
					counting++
				} else if rated {
					t.Errorf("model %d: site %d is rated and does not count", n, site)
				}
			}
			if (sum > 0) != (v.Served > 0) || counting == 0 {
				t.Errorf("model %d: %d sites count, shares of %g, %d served", n, counting, sum, v.Served)
			}
		}
		if served[coverage.Known] > served[coverage.Possible] {
			t.Errorf("model %d: %v served", n, served)
		}
	}
}

func TestEndsRefuse(t *testing.T) {
	e := engineOf(t, demandOf(t, nil), nil)
	m := coverage.Model{Reach: coverage.Reach{RadiusM: 1000}}
	s, err := e.State(m)
	if err != nil {
		t.Fatal(err)
	}
	_, gaps := s.Gaps(2)
	_, access := e.Access(m, 2)
	_, served := e.Serve(m, 2, 1)
	for name, err := range map[string]error{"gaps": gaps, "access": access, "served": served} {
		var input *coverage.InputError
		if !errors.As(err, &input) || input.Field != "end" {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := coverage.Model{Reach: coverage.Reach{RadiusM: -1}}
	if _, err := e.Access(bad, coverage.Known); err == nil {
		t.Error("a negative radius is taken")
	}
}

// Gaps of the same cells have grown if more households are in them, and have shrunk if fewer are.
func TestGapsGrowWithTheirHouseholds(t *testing.T) {
	e := engineOf(t, rowOfCells(t, 5).demand, nil)
	m := coverage.Model{Reach: coverage.Reach{RadiusM: 1000}}
	before, err := e.State(m)
	if err != nil {
		t.Fatal(err)
	}
	for factor, want := range map[float64]string{2: "grown", 0.5: "shrunk", 0: "closed"} {
		scaled, err := e.With(coverage.Edit{Kind: coverage.ScaleDemand, Unit: "1", Factor: factor})
		if err != nil {
			t.Fatal(err)
		}
		after, err := scaled.State(m)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := coverage.GapDiff(stateGaps(t, before, coverage.Known), stateGaps(t, after, coverage.Known))
		if err != nil || len(changes) != 1 || changes[0].Kind.String() != want {
			t.Errorf("times %g: %+v (%v), want it %s", factor, changes, err, want)
		}
	}
	if got := coverage.GapChangeKind(99).String(); got != "unknown" {
		t.Errorf("kind 99 is %s", got)
	}
}
