package views_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo"
)

// ordersOf draws an indicator of orders by units of a level: some have no figure, and two figures are of units
// without households.
func ordersOf(city *yizhan.City, level yizhan.Level, version int64) (*yizhan.Indicator, *yizhan.Release) {
	rng := rand.New(rand.NewPCG(uint64(version), 5))
	i := &yizhan.Indicator{LayerHead: yizhan.LayerHead{ID: "orders", Name: "外卖订单", Unit: cityCode, Version: version}, Kind: yizhan.CountKind, Level: level, Measure: "单"}
	r := &yizhan.Release{ReleaseHead: yizhan.ReleaseHead{Date: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), Source: "平台", Whole: true}}
	for _, unit := range yizhan.Sorted(city.Units) {
		if unit.Level == level && rng.IntN(4) > 0 {
			r.Figures = append(r.Figures, yizhan.Figure{Unit: unit.Code, Value: float64(rng.IntN(20_000))})
		}
	}
	for _, gone := range []string{"150798", "150799"} {
		r.Figures = append(r.Figures, yizhan.Figure{Unit: gone + strings.Repeat("9", len(r.Figures[0].Unit)-6), Value: 11})
	}
	for _, f := range r.Figures {
		r.Sum += f.Value
	}
	return i, r
}

func weightOf(t *testing.T, i *yizhan.Indicator, r *yizhan.Release) *views.Weight {
	t.Helper()
	w, err := views.WeightOf(i, r)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func weighed(t *testing.T, p *views.Picture, w *views.Weight) *views.Picture {
	t.Helper()
	under, err := p.Weighed(w)
	if err != nil {
		t.Fatal(err)
	}
	return under
}

// The unit of each figure counts it exactly, in cells that sum up to it at every resolution, and what is covered is
// the sum over the cells in reach of a station, counted by hand.
func TestWeighedFiguresAreThoseOfCounting(t *testing.T) {
	city := variedCity()
	base := pictureOf(t, coverageOf(t, city, views.CoverageOptions{}))
	for n, level := range []yizhan.Level{yizhan.LevelBanner, yizhan.LevelTownship, yizhan.LevelCommunity} {
		i, r := ordersOf(city, level, int64(n+1))
		w := weightOf(t, i, r)
		p := weighed(t, base, w)
		for _, q := range questions() {
			if q.Profile != "" {
				continue
			}
			figures, err := p.Figures(q, "")
			if err != nil {
				t.Fatal(err)
			}
			cells, err := p.Cells(q, everywhere, p.Resolution(q))
			if err != nil {
				t.Fatal(err)
			}
			var want views.UnitFigures
			for _, cell := range cells {
				sure, maybe := countAt(city, q, figures.Model.ReachM, cell.Cell.Center())
				want.Households += cell.Households
				addIf(&want.Covered, sure >= 1, cell.Households)
				addIf(&want.CrossCovered, sure >= 2, cell.Households)
				addIf(&want.PossiblyCovered, maybe >= 1, cell.Households)
			}
			if figures.Households != want.Households || figures.Covered != want.Covered || figures.CrossCovered != want.CrossCovered || figures.PossiblyCovered != want.PossiblyCovered {
				t.Errorf("%+v: %+v, counted %+v", q, figures.UnitFigures, want)
			}
			checkExact(t, city, p, q, r)
		}
		c := figuresOf(t, p, views.Question{}, "").Counted
		if c.Unplaced.Units != 2 || c.Unplaced.Sum != 22 || c.Placed != int64(r.Sum)-22 || c.Sum != int64(r.Sum) {
			t.Errorf("counted %+v of %g", c, r.Sum)
		}
		checkWithout(t, city, c, r, level)
	}
}

func figuresOf(t *testing.T, p *views.Picture, q views.Question, unit string) views.Figures {
	t.Helper()
	f, err := p.Figures(q, unit)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// checkExact holds every unit to its figure, or to the sum of the figures in it.
func checkExact(t *testing.T, city *yizhan.City, p *views.Picture, q views.Question, r *yizhan.Release) {
	t.Helper()
	for _, unit := range city.Units {
		sum, own := int64(0), false
		prefix := unit.Code
		if unit.Level == yizhan.LevelCity {
			prefix = "1507"
		}
		for _, f := range r.Figures {
			if !strings.HasPrefix(f.Unit, "15079") && strings.HasPrefix(f.Unit, prefix) {
				sum += int64(f.Value)
				own = own || f.Unit == unit.Code
			}
		}
		got := figuresOf(t, p, q, unit.Code)
		if len(unit.Code) <= len(r.Figures[0].Unit) && got.Households != sum {
			t.Errorf("%s counts %d, and its figures are %d (its own: %v)", unit.Code, got.Households, sum, own)
		}
		checkChildren(t, city, got)
	}
}

func checkWithout(t *testing.T, city *yizhan.City, c *views.Counted, r *yizhan.Release, level yizhan.Level) {
	t.Helper()
	units, households := map[string]bool{}, int64(0)
	for _, grid := range city.MicroGrids {
		digits := map[yizhan.Level]int{yizhan.LevelBanner: 6, yizhan.LevelTownship: 9, yizhan.LevelCommunity: 12}[level]
		unit, has := grid.Community[:digits], false
		for _, f := range r.Figures {
			has = has || f.Unit == unit
		}
		if !has {
			units[unit] = true
			households += int64(grid.Households)
		}
	}
	if c.Without.Units != len(units) || c.Without.Households != households {
		t.Errorf("without a figure %+v; they are %d with %d households", c.Without, len(units), households)
	}
}

// A new version of the figures is another answer, an old one stays what it was, and stations and micro-grids that
// change are followed.
func TestWeighedPicturesFollowWhatChanges(t *testing.T) {
	e := &editor{rng: rand.New(rand.NewPCG(3, 10)), city: syntheticCity(tiny)}
	view := coverageOf(t, e.city, views.CoverageOptions{})
	i, r := ordersOf(e.city, yizhan.LevelTownship, 1)
	old := weightOf(t, i, r)
	before := figuresOf(t, weighed(t, pictureOf(t, view), old), usual, "")
	i.Version = 2
	r.Figures[0].Value += 1000
	r.Sum += 1000
	newer := weightOf(t, i, r)
	if after := figuresOf(t, weighed(t, pictureOf(t, view), newer), usual, ""); after.Households != before.Households+1000 || after.Counted.Version != 2 {
		t.Errorf("%d counted after %d", after.Households, before.Households)
	}
	if again := figuresOf(t, weighed(t, pictureOf(t, view), old), usual, ""); again.Households != before.Households {
		t.Errorf("the old version counts %d, and did %d", again.Households, before.Households)
	}
	for range 25 {
		update(t, view, e.city, e.next())
		wait(t, view)
		p := weighed(t, pictureOf(t, view), newer)
		anew := weighed(t, pictureOf(t, coverageOf(t, e.city, views.CoverageOptions{})), newer)
		for _, q := range []views.Question{usual, {RadiusM: 500}, {RadiusM: 4000, Services: "water"}} {
			got, want := figuresOf(t, p, q, ""), figuresOf(t, anew, q, "")
			if got.Covered != want.Covered || got.Households != want.Households || got.Unmet != want.Unmet || got.AreaM2 != want.AreaM2 {
				t.Fatalf("%+v: %+v, made anew %+v", q, got.UnitFigures, want.UnitFigures)
			}
		}
	}
}

// Under a scenario the weighed city is edited, and pictures that count different things are not compared.
func TestScenariosCarryTheirWeight(t *testing.T) {
	city := syntheticCity(tiny)
	view := coverageOf(t, city, views.CoverageOptions{})
	i, r := ordersOf(city, yizhan.LevelTownship, 1)
	w := weightOf(t, i, r)
	base := pictureOf(t, view)
	scenario := &yizhan.Scenario{Name: "twice", Seq: 1, Edits: []yizhan.ScenarioEdit{{Kind: yizhan.ScaleDemand, Unit: "150702", PerMille: 2000}}}
	under, err := view.PictureOf(t.Context(), scenario)
	if err != nil {
		t.Fatal(err)
	}
	was, is := figuresOf(t, weighed(t, base, w), usual, "150702"), figuresOf(t, weighed(t, under, w), usual, "150702")
	if is.Households != 2*was.Households || was.Households == 0 {
		t.Errorf("%d counted, twice that is not %d", was.Households, is.Households)
	}
	diff, err := weighed(t, under, w).Difference(usual, weighed(t, base, w), "")
	if err != nil || diff.Counted == nil || diff.Base.Counted == nil || diff.Unit.After.Households-diff.Unit.Before.Households != was.Households {
		t.Errorf("difference %+v, %v", diff.Unit, err)
	}
	if _, err := weighed(t, under, w).Difference(usual, base, ""); yizhan.CodeOf(err) != yizhan.CodeInvalid {
		t.Errorf("orders are compared with households: %v", err)
	}
	if _, err := views.Compare(usual, "", []*views.Picture{base, weighed(t, base, w)}); yizhan.CodeOf(err) != yizhan.CodeInvalid {
		t.Errorf("households are compared with orders: %v", err)
	}
	if both, err := views.Compare(usual, "", []*views.Picture{weighed(t, base, w), weighed(t, under, w)}); err != nil || both.Bases[1].Counted == nil {
		t.Errorf("%+v %v", both.Bases, err)
	}
}

// The first site is the one that reaches most that nobody does, of all cells tried one by one.
func TestSitingReachesTheMostOfWhatIsCounted(t *testing.T) {
	city := syntheticCity(tiny)
	for code, s := range city.Stations {
		if strings.HasPrefix(s.Community, "150703") {
			delete(city.Stations, code)
		}
	}
	base := pictureOf(t, coverageOf(t, city, views.CoverageOptions{}))
	i, r := ordersOf(city, yizhan.LevelCommunity, 4)
	p := weighed(t, base, weightOf(t, i, r))
	answer, err := p.Site(t.Context(), views.SitingQuestion{Question: usual, P: 1}, nil)
	if err != nil || len(answer.Sites) != 1 || answer.Counted == nil {
		t.Fatalf("%+v %v", answer, err)
	}
	cells, err := p.Cells(usual, everywhere, views.DemandResolution)
	if err != nil {
		t.Fatal(err)
	}
	best := int64(0)
	for _, at := range cells {
		gain := int64(0)
		for _, cell := range cells {
			if cell.Covered == 0 && geo.Distance(at.Cell.Center(), cell.Cell.Center()) <= views.DefaultRadiusM {
				gain += cell.Households
			}
		}
		best = max(best, gain)
	}
	if answer.Sites[0].Gain != best || best == 0 || !answer.Proved || answer.Objective != best {
		t.Errorf("a station at %s gains %d, the best %d", answer.Sites[0].Cell, answer.Sites[0].Gain, best)
	}
	households, err := base.Site(t.Context(), views.SitingQuestion{Question: usual, P: 1}, nil)
	if err != nil || households.Sites[0].Gain == answer.Sites[0].Gain {
		t.Errorf("households gain as much as orders: %v", err)
	}
}

func TestWhatCannotBeAWeight(t *testing.T) {
	city := syntheticCity(tiny)
	change := func(do func(i *yizhan.Indicator, r *yizhan.Release)) error {
		i, r := ordersOf(city, yizhan.LevelTownship, 1)
		do(i, r)
		w, err := views.WeightOf(i, r)
		if err == nil {
			_, err = pictureOf(t, coverageOf(t, city, views.CoverageOptions{})).Weighed(w)
		}
		return err
	}
	for why, do := range map[string]func(*yizhan.Indicator, *yizhan.Release){
		"only a count":     func(i *yizhan.Indicator, _ *yizhan.Release) { i.Kind = yizhan.ShareKind },
		"kind per_house":   func(i *yizhan.Indicator, _ *yizhan.Release) { i.Kind = yizhan.PerHouseholdKind },
		"no whole numbers": func(_ *yizhan.Indicator, r *yizhan.Release) { r.Whole = false },
		"has 1.5 of unit":  func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures[0].Value = 1.5 },
		"counts nothing":   func(_ *yizhan.Indicator, r *yizhan.Release) { r.Sum = 0 },
		"at most":          func(_ *yizhan.Indicator, r *yizhan.Release) { r.Sum = 2e9 },
		"units that have":  func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures = r.Figures[len(r.Figures)-2:] },
	} {
		if err := change(do); yizhan.CodeOf(err) != yizhan.CodeInvalid || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
}
