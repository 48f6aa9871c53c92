package coverage_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
)

// atLeast tells whether no figure of coverage has fallen.
func atLeast(after, before coverage.UnitFigures) bool {
	up := func(a, b coverage.Interval) bool { return a.Known >= b.Known && a.Possible >= b.Possible }
	return up(after.Covered, before.Covered) && up(after.CrossCovered, before.CrossCovered) && up(after.CoveredWeight, before.CoveredWeight) &&
		up(after.CrossWeight, before.CrossWeight) && up(after.CoveredAreaM2, before.CoveredAreaM2)
}

// ordered tells whether figures are possible at all.
func ordered(f coverage.UnitFigures) bool {
	in := func(i coverage.Interval, most int64) bool {
		return 0 <= i.Known && i.Known <= i.Possible && i.Possible <= most
	}
	return in(f.Covered, f.Households) && in(f.CrossCovered, f.Covered.Possible) && f.CrossCovered.Known <= f.Covered.Known &&
		in(f.CoveredWeight, f.Households*f.Weight) && in(f.CrossWeight, f.CoveredWeight.Possible) &&
		in(f.CoveredAreaM2, f.AreaM2) && in(f.Unmet(), f.Households*f.Weight)
}

func TestCoverageGrows(t *testing.T) {
	rng := rand.New(rand.NewPCG(30, 8))
	for round := range uint64(30) {
		m := drawModel(rng)
		d := demandOf(t, strewn(round, 150, hailar, 0.02))
		e := engineOf(t, d, drawSites(rng, pointsAround(round, 20, hailar, 0.02)))
		figures := stateOf(t, e, m).Figures("")
		if !ordered(figures) {
			t.Errorf("%+v: %+v", m, figures)
		}
		farther := m
		farther.RadiusM, farther.Minutes = 1.2*m.RadiusM, 1.2*m.Minutes
		if f := stateOf(t, e, farther).Figures(""); !atLeast(f, figures) {
			t.Errorf("%+v: farther %+v, before %+v", m, f, figures)
		}
		more := edited(t, e, coverage.Edit{Kind: coverage.AddSite, Site: drawSite(rng, "MORE", hailar)})
		if f := stateOf(t, more, m).Figures(""); !atLeast(f, figures) {
			t.Errorf("%+v: with a site more %+v, before %+v", m, f, figures)
		}
		longer := e.Sites()[rng.IntN(20)]
		extra := coverage.SpanOfWeek(rng.IntN(672), rng.IntN(672))
		longer.Open, longer.MaybeOpen = longer.Open.Or(extra), longer.MaybeOpen.Or(extra)
		if f := stateOf(t, edited(t, e, coverage.Edit{Kind: coverage.SetHours, Site: longer}), m).Figures(""); !atLeast(f, figures) {
			t.Errorf("%+v: open for longer %+v, before %+v", m, f, figures)
		}
		if m.Rule == coverage.OneStop {
			each := m
			each.Rule = coverage.AllServices
			if f := stateOf(t, e, each).Figures(""); !atLeast(f, figures) {
				t.Errorf("%+v: at several stops %+v, at one %+v", m, f, figures)
			}
		}
	}
}

func TestUnitsSumUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 8))
	for round := range uint64(10) {
		s := stateOf(t, engineOf(t, demandOf(t, strewn(round, 800, hailar, 0.05)), drawSites(rng, pointsAround(round, 60, hailar, 0.05))), drawModel(rng))
		whole := s.Figures("")
		for _, digits := range []int{6, 9, 12} {
			var sum coverage.UnitFigures
			var prefixes []string
			for _, unit := range s.Demand().Units() {
				prefixes = append(prefixes, unit[:digits])
			}
			for _, site := range s.Sites() {
				prefixes = append(prefixes, site.Unit[:digits])
			}
			slices.Sort(prefixes)
			for _, prefix := range slices.Compact(prefixes) {
				f := s.Figures(prefix)
				sum.Households += f.Households
				sum.Weight = f.Weight
				sum.Tally = sum.Plus(f.Tally)
				sum.AreaM2 += f.AreaM2
				sum.CoveredAreaM2 = sum.CoveredAreaM2.Plus(f.CoveredAreaM2)
				sum.Sites = sum.Sites.Plus(f.Sites)
			}
			if sum != whole {
				t.Errorf("%+v: parts of %d digits\n%+v, whole\n%+v", s.Model(), digits, sum, whole)
			}
		}
	}
}

func TestTheOrderOfInputDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 8))
	allotments := strewn(32, 500, hailar, 0.03)
	sites := drawSites(rng, pointsAround(32, 40, hailar, 0.03))
	one := engineOf(t, demandOf(t, allotments), sites)
	rng.Shuffle(len(allotments), func(i, k int) { allotments[i], allotments[k] = allotments[k], allotments[i] })
	other := engineOf(t, demandOf(t, allotments), nil)
	for _, i := range rng.Perm(len(sites)) {
		other = edited(t, other, coverage.Edit{Kind: coverage.AddSite, Site: sites[i]})
	}
	for range 8 {
		m := drawModel(rng)
		checkSame(t, one, other, m, []string{"", "150702", "150703001"})
		checkSameSpread(t, one, other, m)
	}
}

func TestRollUpKeepsSums(t *testing.T) {
	d := demandOf(t, strewn(33, 1000, hailar, 0.2))
	for _, at := range []int{10, 9, 7, 4, 0} {
		up, err := d.RollUp(at)
		if err != nil {
			t.Fatal(err)
		}
		if up.Resolution() != at || up.Households("") != d.Households("") {
			t.Errorf("resolution %d holds %d households", up.Resolution(), up.Households(""))
		}
		cells := map[hex.Cell]map[string]int64{}
		for i := range d.Cells() {
			cell, _, _ := d.Cell(i)
			parent := cell.Parent(at)
			if cells[parent] == nil {
				cells[parent] = map[string]int64{}
			}
			d.Parts(i, func(unit string, n int64) { cells[parent][unit] += n })
		}
		if up.Cells() != len(cells) {
			t.Errorf("resolution %d: %d cells, want %d", at, up.Cells(), len(cells))
		}
		for i := range up.Cells() {
			cell, _, _ := up.Cell(i)
			parts := map[string]int64{}
			up.Parts(i, func(unit string, n int64) { parts[unit] = n })
			if !reflect.DeepEqual(parts, cells[cell]) {
				t.Errorf("%s: %v, want %v", cell, parts, cells[cell])
			}
		}
		for _, unit := range d.Units() {
			if up.Households(unit) != d.Households(unit) {
				t.Errorf("resolution %d, unit %s: %d households, want %d", at, unit, up.Households(unit), d.Households(unit))
			}
		}
	}
	for _, bad := range []int{-1, 11} {
		if _, err := d.RollUp(bad); err == nil {
			t.Errorf("resolution %d is allowed", bad)
		}
	}
}

// winding is a network of which every way is longer than the straight line, by a factor that depends on
// where it begins.
type winding struct{}

func (winding) MetersAtMost(from, to orb.Point, limitM float64) (float64, bool) {
	meters := geo.Distance(from, to) * (1 + math.Abs(math.Mod(from[0]*1000, 1)))
	return meters, meters <= limitM
}

func TestANetworkTakesThePlaceOfTheStraightLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(34, 8))
	d := demandOf(t, strewn(34, 200, hailar, 0.01))
	sites := drawSites(rng, pointsAround(34, 20, hailar, 0.01))
	e, err := coverage.NewEngine(d, sites, winding{})
	if err != nil {
		t.Fatal(err)
	}
	m := coverage.Model{Reach: coverage.Reach{Mode: coverage.OnFoot, Minutes: 9}}
	in, err := e.Incidence(m)
	if err != nil {
		t.Fatal(err)
	}
	const limitM = 9 * 5000.0 / 60 // no detour factor: the network has its own
	for i := range d.Cells() {
		_, center, _ := d.Cell(i)
		var want []int32
		for k := range sites {
			if _, ok := (winding{}).MetersAtMost(center, sites[k].At, limitM); ok {
				want = append(want, int32(k))
			}
		}
		got, distances := in.Of(i)
		if !slices.Equal(got, want) {
			t.Fatalf("cell %d has %v in reach, want %v", i, got, want)
		}
		for n, k := range got {
			if meters, _ := (winding{}).MetersAtMost(center, sites[k].At, limitM); distances[n] != float32(meters) {
				t.Errorf("way of %g m, want %g", distances[n], meters)
			}
		}
	}
	moved := sites[3]
	moved.At = hailar
	_ = stateOf(t, e, m)
	next := edited(t, e, coverage.Edit{Kind: coverage.MoveSite, Site: moved})
	anew, err := coverage.NewEngine(d, next.Sites(), winding{})
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, next, anew, m, []string{""})
	radius := coverage.Model{Reach: coverage.Reach{RadiusM: 700}}
	checkSame(t, e, engineOf(t, d, sites), radius, []string{""}) // a service radius knows no ways
}

func TestReach(t *testing.T) {
	for name, test := range map[string]struct {
		model coverage.Model
		wantM float64
	}{
		"radius":         {coverage.Model{Reach: coverage.Reach{RadiusM: 1000}}, 1000},
		"radius, cold":   {coverage.Model{Reach: coverage.Reach{RadiusM: 1000}, Cold: true, Celsius: -30}, 1000},
		"walk":           {coverage.Model{Reach: coverage.Reach{Mode: coverage.OnFoot, Minutes: 15}}, 1250 / 1.3},
		"walk, mild":     {coverage.Model{Reach: coverage.Reach{Mode: coverage.OnFoot, Minutes: 15}, Cold: true, Celsius: -10}, 1250 / 1.3},
		"walk, colder":   {coverage.Model{Reach: coverage.Reach{Mode: coverage.OnFoot, Minutes: 15}, Cold: true, Celsius: -15}, 1250 / 1.3 * 5 / 6},
		"walk, bitter":   {coverage.Model{Reach: coverage.Reach{Mode: coverage.OnFoot, Minutes: 15}, Cold: true, Celsius: -25}, 1250 / 1.3 * 2 / 3},
		"e-bike":         {coverage.Model{Reach: coverage.Reach{Mode: coverage.ByEBike, Minutes: 6}}, 1500 / 1.3},
		"e-bike in cold": {coverage.Model{Reach: coverage.Reach{Mode: coverage.ByEBike, Minutes: 6}, Cold: true, Celsius: -40}, 1500 / 1.3},
	} {
		if got := test.model.EffectiveReach().StraightM(); math.Abs(got-test.wantM) > 1e-9 || test.model.Validate() != nil {
			t.Errorf("%s: %g m, want %g (%v)", name, got, test.wantM, test.model.Validate())
		}
	}
	for meters, want := range map[float64]int{100: 11, 500: 11, 501: 10, 1000: 10, 2999: 10, 3000: 9, 10_000: 9} {
		if got := coverage.ResolutionFor(meters); got != want {
			t.Errorf("%g m: resolution %d, want %d", meters, got, want)
		}
	}
}

func TestModelsThatCannotBe(t *testing.T) {
	good := coverage.Reach{RadiusM: 1000}
	for field, models := range map[string][]coverage.Model{
		"radius_m": {{}, {Reach: coverage.Reach{RadiusM: 1e7}}, {Reach: coverage.Reach{RadiusM: math.NaN()}}, {Reach: coverage.Reach{RadiusM: -5}},
			{Reach: coverage.Reach{RadiusM: math.Inf(1)}}, {Reach: coverage.Reach{Mode: coverage.OnFoot, Minutes: 5, RadiusM: 5}}},
		"minutes": {{Reach: coverage.Reach{Mode: coverage.OnFoot}}, {Reach: coverage.Reach{Mode: coverage.ByEBike, Minutes: math.NaN()}},
			{Reach: coverage.Reach{Mode: coverage.ByEBike, Minutes: 1e5}}, {Reach: coverage.Reach{RadiusM: 1000, Minutes: 3}}},
		"mode":     {{Reach: coverage.Reach{Mode: 9, Minutes: 5}}},
		"rule":     {{Reach: good, Rule: 7}},
		"services": {{Reach: good, Rule: coverage.AllServices}, {Reach: good, Rule: coverage.OneStop}},
		"time": {{Reach: good, Time: coverage.Time{Kind: 8}}, {Reach: good, Time: coverage.Time{Kind: coverage.AtQuarter, Quarter: 672}},
			{Reach: good, Time: coverage.Time{Kind: coverage.AtQuarter, Quarter: -1}}, {Reach: good, Time: coverage.Time{Quarter: 5}}},
		"profile": {{Reach: good, Time: coverage.Time{Kind: coverage.OverWeek, Profile: 99}}, {Reach: good, Time: coverage.Time{Profile: coverage.Lunch}}},
		"celsius": {{Reach: good, Cold: true, Celsius: math.NaN()}, {Reach: good, Celsius: -25}},
	} {
		e := engineOf(t, demandOf(t, nil), nil)
		for _, m := range models {
			var input *coverage.InputError
			if _, err := e.State(m); !errors.As(err, &input) || input.Field != field {
				t.Errorf("%+v: %v, want an error of %s", m, err, field)
			}
			if _, err := e.Incidence(m); err == nil {
				t.Errorf("%+v has an incidence", m)
			}
		}
	}
}

func TestSitesThatCannotBe(t *testing.T) {
	full := coverage.FullWeek()
	a, b := coverage.Site{Code: "A", At: hailar}, coverage.Site{Code: "B", At: hailar}
	beyond := full
	beyond[10] |= 1 << 63
	for field, sites := range map[string]coverage.Sites{
		"sites":          {b, a},
		"code":           {{At: hailar}},
		"at":             {{Code: "A", At: orb.Point{500, 0}}},
		"maybe_services": {{Code: "A", At: hailar, Services: 1}},
		"maybe_open":     {{Code: "A", At: hailar, MaybeOpen: beyond}},
		"capacity":       {{Code: "A", At: hailar, Capacity: -1}},
	} {
		var input *coverage.InputError
		if _, err := coverage.NewEngine(demandOf(t, nil), sites, nil); !errors.As(err, &input) || input.Field != field {
			t.Errorf("%v: %v, want an error of %s", sites, err, field)
		}
	}
	if _, err := coverage.NewEngine(demandOf(t, nil), coverage.Sites{a, a}, nil); err == nil {
		t.Error("a code twice is allowed")
	}
}

// Nothing at all gives figures, not NaN.
func TestNothing(t *testing.T) {
	empty := engineOf(t, demandOf(t, []coverage.UnitAllotment{{Unit: "150702001001"}}), nil)
	lonely := engineOf(t, demandOf(t, strewn(35, 20, hailar, 0.01)), nil)
	far := engineOf(t, lonely.Demand(), coverage.Sites{{Code: "FAR", At: orb.Point{0, 0}, MaybeOpen: coverage.FullWeek()}})
	for _, e := range []*coverage.Engine{empty, lonely, far} {
		for _, m := range []coverage.Model{{Reach: radius1km}, atNoon, allOfAWeek} {
			s := stateOf(t, e, m)
			f := s.Figures("")
			if !ordered(f) || f.Covered.Possible != 0 || f.Unmet().Known != f.Households*f.Weight {
				t.Errorf("%+v: %+v", m, f)
			}
			if known, possible, ok := f.Rate(); ok != (f.Households > 0) || known != 0 || possible != 0 {
				t.Errorf("rate %g %g %v of %+v", known, possible, ok, f)
			}
			if known, _, ok := f.SitesPer10000(); ok != (f.Households > 0) || known < 0 || math.IsNaN(known) {
				t.Errorf("%g sites per 10,000 of %+v", known, f)
			}
			if spread := s.Spread(""); spread.Gini.Known != nil || e == empty && spread.P50M.Known != nil || e == lonely && spread.P90M.Possible != nil {
				t.Errorf("%+v: spread %+v", m, spread)
			}
			if u := s.ExplainUnit(""); u.UnitFigures != f || len(u.Sites) != 0 {
				t.Errorf("explained as %+v", u)
			}
			if x, err := s.ExplainPoint(hailar); err != nil || len(x.Sites) != 0 || x.CoveredWeight.Possible != 0 {
				t.Errorf("explained as %+v, %v", x, err)
			}
		}
	}
	if _, err := stateOf(t, empty, atNoon).ExplainPoint(orb.Point{math.NaN(), 0}); err == nil {
		t.Error("nowhere is explained")
	}
	if _, err := empty.Hours("", atNoon); err == nil {
		t.Error("hours of an instant")
	}
}

func TestExplainUnitCountsWhoIsReached(t *testing.T) {
	rng := rand.New(rand.NewPCG(36, 8))
	for round := range uint64(10) {
		allotments := strewn(round, 150, hailar, 0.01)
		o := oracle{populatedOf(allotments), drawSites(rng, pointsAround(round, 15, hailar, 0.01)), drawModel(rng), map[cellEnd]cellOracle{}}
		s := stateOf(t, engineOf(t, demandOf(t, allotments), o.sites), o.model)
		reached, alone := map[string]int64{}, map[string]int64{}
		for _, cell := range o.cells {
			households := int64(0)
			for unit, n := range o.units[cell] {
				if unit[:6] == "150703" {
					households += n
				}
			}
			in := o.reached(cell)
			for _, site := range in {
				reached[site.Code] += households
				if !slices.ContainsFunc(in, func(other *coverage.Site) bool { return other != site && o.everServes(other, false) }) {
					alone[site.Code] += households
				}
			}
		}
		got := s.ExplainUnit("150703")
		for _, server := range got.Sites {
			code := server.Site.Code
			if server.Reached != reached[code] || server.Alone != alone[code] || server.Sure != o.everServes(server.Site, true) || server.Maybe != o.everServes(server.Site, false) {
				t.Errorf("%+v: %+v, want %d and %d", o.model, server, reached[code], alone[code])
			}
			delete(reached, code)
		}
		for code, n := range reached {
			if n > 0 {
				t.Errorf("%s reaches %d but is not there", code, n)
			}
		}
	}
}

func TestRank(t *testing.T) {
	unit := func(code string, households, known, possible int64) coverage.RankedUnit {
		f := coverage.UnitFigures{Households: households, Weight: 1}
		f.CoveredWeight = coverage.Interval{Known: known, Possible: possible}
		return coverage.RankedUnit{Unit: code, UnitFigures: f}
	}
	want := []coverage.RankedUnit{
		unit("F", 100, 10, 100), // 90 unmet, for all that is known
		unit("B", 20, 10, 10),   // 10 unmet, half
		unit("A", 30, 20, 20),   // 10 unmet, a third
		unit("C", 60, 50, 50),
		unit("D", 60, 50, 60),
		unit("E", 70, 70, 70),
		unit("G", 0, 0, 0),
		unit("H", 0, 0, 0),
	}
	rng := rand.New(rand.NewPCG(37, 8))
	for range 50 {
		got := slices.Clone(want)
		rng.Shuffle(len(got), func(i, k int) { got[i], got[k] = got[k], got[i] })
		if coverage.Rank(got); !slices.Equal(got, want) {
			t.Fatalf("ranked %v", got)
		}
	}
}

func TestGini(t *testing.T) {
	for _, test := range []struct {
		counts []int64
		want   float64
	}{
		{[]int64{0, 5}, 0}, {[]int64{0, 0, 7}, 0}, {[]int64{1, 1}, 0.5}, {[]int64{3, 1}, 0.75}, {[]int64{0, 1, 1, 1}, 2.0 / 9},
	} {
		if got := coverage.Gini(test.counts); got == nil || math.Abs(*got-test.want) > 1e-15 {
			t.Errorf("%v: %s, want %g", test.counts, text(got), test.want)
		}
	}
	for _, none := range [][]int64{nil, {}, {5}, {0, 0}} {
		if got := coverage.Gini(none); got != nil {
			t.Errorf("%v: %g", none, *got)
		}
	}
}

func TestBreaks(t *testing.T) {
	values := []float64{5, 1, 2, math.NaN(), 9, 1, math.Inf(1), 1}
	for _, test := range []struct {
		classes int
		rule    coverage.BreakRule
		want    []float64
	}{
		{1, coverage.Quantiles, []float64{9}}, {2, coverage.Quantiles, []float64{1, 9}}, {3, coverage.Quantiles, []float64{1, 2, 9}},
		{4, coverage.EqualSteps, []float64{3, 5, 7, 9}}, {1, coverage.EqualSteps, []float64{9}},
	} {
		got, err := coverage.Breaks(values, test.classes, test.rule)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%d classes, rule %d: %v, %v; want %v", test.classes, test.rule, got, err, test.want)
		}
	}
	breaks := []float64{1, 2, 9}
	for value, want := range map[float64]int{-3: 0, 1: 0, 1.5: 1, 2: 1, 9: 2, 10: 2} {
		if got := coverage.ClassOf(value, breaks); got != want {
			t.Errorf("%g is of class %d, want %d", value, got, want)
		}
	}
	if got, err := coverage.Breaks(nil, 5, coverage.Quantiles); got != nil || err != nil {
		t.Errorf("breaks of nothing: %v, %v", got, err)
	}
	if got, err := coverage.Breaks([]float64{4, 4}, 5, coverage.EqualSteps); !slices.Equal(got, []float64{4}) || err != nil {
		t.Errorf("breaks of one value: %v, %v", got, err)
	}
	for _, classes := range []int{0, -1, 1000} {
		if _, err := coverage.Breaks(values, classes, coverage.Quantiles); err == nil {
			t.Errorf("%d classes are allowed", classes)
		}
	}
}

func TestProfiles(t *testing.T) {
	for profile, want := range map[coverage.Profile]int64{coverage.Uniform: 672, coverage.Lunch: 7 * (4 + 40), coverage.Dinner: 7 * (8 + 48), coverage.Night: 7 * (32 + 20)} {
		if got := profile.Total(); got != want {
			t.Errorf("profile %d weighs %d, want %d", profile, got, want)
		}
	}
	if coverage.Lunch.Weight(44) != 4 || coverage.Lunch.Weight(43) != 1 || coverage.Lunch.Weight(41) != 0 || coverage.Lunch.Weight(96+54) != 1 {
		t.Error("lunch is at another time")
	}
}

func TestCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(38, 8))
	base := engineOf(t, demandOf(t, strewn(38, 200, hailar, 0.02)), drawSites(rng, pointsAround(38, 40, hailar, 0.02)))
	after := edited(t, base, twentyEdits(base.Sites())...)
	models := []coverage.Model{drawModel(rng), atNoon, allOfAWeek}
	units := []string{"", "150702", "150703"}
	diffs, err := coverage.Compare(base, after, units, models...)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range models {
		was, is := stateOf(t, base, m), stateOf(t, after, m)
		for k, unit := range units {
			if d := diffs[i].Units[k]; d.Unit != unit || d.Before != was.Figures(unit) || d.After != is.Figures(unit) ||
				d.Unmet().Known != d.After.Unmet().Possible-d.Before.Unmet().Possible {
				t.Errorf("%+v, unit %q: %+v", m, unit, d)
			}
		}
		timeless := m
		timeless.Time = coverage.Time{}
		hours, err := after.Hours("", timeless)
		if err != nil || hours[0] != diffs[i].HoursAfter {
			t.Errorf("%+v: other hours, %v", m, err)
		}
	}
	if _, err := coverage.Diff(stateOf(t, base, models[1]), stateOf(t, after, models[2]), units); err == nil {
		t.Error("states of two models are compared")
	}
}

// The reach is inclusive to the last bit, whether all is judged or only what an edit touches.
func TestTheReachOfAStateIsInclusive(t *testing.T) {
	d := demandOf(t, sound(strewn(39, 60, hailar, 0.01)))
	_, center, households := d.Cell(d.Cells() / 2)
	site := coverage.Site{Code: "S", At: orb.Point{hailar[0] + 0.0123, hailar[1] - 0.0045}}
	away := geo.Distance(center, site.At)
	for radiusM, want := range map[float64]int64{away: 1, away + 1e-4: 1, away - 1e-4: 0} {
		m := coverage.Model{Reach: coverage.Reach{RadiusM: radiusM}}
		empty := engineOf(t, d, nil)
		_ = stateOf(t, empty, m)
		for name, e := range map[string]*coverage.Engine{
			"anew": engineOf(t, d, coverage.Sites{site}), "edited": edited(t, empty, coverage.Edit{Kind: coverage.AddSite, Site: site}),
		} {
			s := stateOf(t, e, m)
			if got := s.SitesAt(d.Cells() / 2).Known; got != want {
				t.Errorf("%s: %d sites at %g m within %g m of %d households", name, got, away, radiusM, households)
			}
			x, err := s.ExplainPoint(center)
			if err != nil || int64(len(x.Sites)) != want || want == 1 && x.Sites[0].DistanceM != away {
				t.Errorf("%s: explained as %+v, %v", name, x, err)
			}
		}
	}
}
