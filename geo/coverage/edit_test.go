package coverage_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
)

// drawEdit draws an edit that can be made to the sites.
func drawEdit(rng *rand.Rand, e *coverage.Engine, spreadDegrees float64, serial int) coverage.Edit {
	at := orb.Point{hailar[0] + rng.NormFloat64()*spreadDegrees, hailar[1] + rng.NormFloat64()*spreadDegrees}
	drawn := drawSite(rng, fmt.Sprintf("N-%05d", serial), at)
	kind := coverage.EditKind(rng.IntN(int(coverage.ScaleDemand)))
	if len(e.Sites()) < 5 {
		kind = coverage.AddSite
	} else if len(e.Sites()) > 60 {
		kind = coverage.CloseSite
	}
	if kind != coverage.AddSite && (kind != coverage.PutSite || rng.IntN(2) == 0) {
		drawn.Code = e.Sites()[rng.IntN(len(e.Sites()))].Code
	}
	return coverage.Edit{Kind: kind, Site: drawn}
}

// checkSame compares all that two engines say under a model, to the last bit.
func checkSame(t *testing.T, got, want *coverage.Engine, m coverage.Model, units []string) {
	t.Helper()
	a, b := stateOf(t, got, m), stateOf(t, want, m)
	for _, unit := range units {
		if x, y := a.Figures(unit), b.Figures(unit); x != y {
			t.Fatalf("%+v, unit %q:\n got %+v\nwant %+v", m, unit, x, y)
		}
	}
	for cell := range got.Demand().Cells() {
		if a.SitesAt(cell) != b.SitesAt(cell) || a.WeightAt(cell) != b.WeightAt(cell) {
			t.Fatalf("%+v, cell %d: %v %v, want %v %v", m, cell, a.SitesAt(cell), a.WeightAt(cell), b.SitesAt(cell), b.WeightAt(cell))
		}
	}
}

// checkSameSpread compares what costs more.
func checkSameSpread(t *testing.T, got, want *coverage.Engine, m coverage.Model) {
	t.Helper()
	a, b := stateOf(t, got, m), stateOf(t, want, m)
	everywhere := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	x, err := a.Cells(everywhere, 8, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := b.Cells(everywhere, 8, math.MaxInt); err != nil || !slices.Equal(x, y) {
		t.Fatalf("%+v: other cells, %v", m, err)
	}
	if !reflect.DeepEqual(a.Spread("1507"), b.Spread("1507")) || !reflect.DeepEqual(a.ExplainUnit("1507"), b.ExplainUnit("1507")) {
		t.Fatalf("%+v: other spread or explanation", m)
	}
}

// drawTract draws the allotment of a small tract.
func drawTract(rng *rand.Rand, spreadDegrees float64) coverage.UnitAllotment {
	return strewn(rng.Uint64(), 1, hailar, spreadDegrees)[0]
}

// sound drops what Allot would not give: empty shares.
func sound(allotments []coverage.UnitAllotment) []coverage.UnitAllotment {
	for i := range allotments {
		allotments[i].Shares = slices.DeleteFunc(allotments[i].Shares, func(s coverage.Share) bool { return s.Households == 0 })
	}
	return allotments
}

// followEdits makes random edits one after the other, and compares what follows from them with what is
// made from nothing.
func followEdits(t *testing.T, seed uint64, edits, every, tracts int, spreadDegrees float64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	allotments := sound(strewn(seed, tracts, hailar, spreadDegrees))
	e := engineOf(t, demandOf(t, allotments), drawSites(rng, pointsAround(seed, 20, hailar, spreadDegrees)))
	models := make([]coverage.Model, 4)
	for i := range models {
		models[i] = drawModel(rng)
	}
	for i := range edits {
		if rng.IntN(4) == 0 {
			at := rng.IntN(len(allotments))
			old := allotments[at]
			allotments[at] = drawTract(rng, spreadDegrees)
			if rng.IntN(2) == 0 && len(old.Shares) > 0 { // the same cells with other households
				shares := slices.Clone(old.Shares)
				shares[rng.IntN(len(shares))].Households++
				allotments[at] = coverage.UnitAllotment{Unit: old.Unit, Allotment: coverage.Allotment{Shares: shares}}
			}
			sound(allotments[at : at+1])
			d, err := e.Demand().With([]coverage.UnitAllotment{old}, allotments[at:at+1])
			if err != nil {
				t.Fatal(err)
			}
			e = e.WithDemand(d)
		} else {
			e = edited(t, e, drawEdit(rng, e, spreadDegrees, i))
		}
		if i%every > 0 {
			_ = stateOf(t, e, models[i%len(models)])
			continue
		}
		demand := demandOf(t, allotments)
		checkSameDemand(t, e.Demand(), demand)
		anew := engineOf(t, demand, slices.Clone(e.Sites()))
		checkSame(t, e, anew, models[i/every%len(models)], []string{"", "150702", "150703001"})
		if i%(50*every) == 0 {
			checkSameSpread(t, e, anew, models[i/every%len(models)])
		}
	}
}

func checkSameDemand(t *testing.T, got, want *coverage.Demand) {
	t.Helper()
	if !slices.Equal(got.Units(), want.Units()) || got.Cells() != want.Cells() {
		t.Fatalf("%d units and %d cells, want %d and %d", len(got.Units()), got.Cells(), len(want.Units()), want.Cells())
	}
	for i := range want.Cells() {
		aCell, aCenter, aHouseholds := got.Cell(i)
		bCell, bCenter, bHouseholds := want.Cell(i)
		var aParts, bParts []coverage.UnitHouseholds
		got.Parts(i, func(unit string, n int64) {
			aParts = append(aParts, coverage.UnitHouseholds{Unit: unit, Households: n})
		})
		want.Parts(i, func(unit string, n int64) {
			bParts = append(bParts, coverage.UnitHouseholds{Unit: unit, Households: n})
		})
		if aCell != bCell || aCenter != bCenter || aHouseholds != bHouseholds || !slices.Equal(aParts, bParts) {
			t.Fatalf("cell %d: %s %v %d %v, want %s %v %d %v", i, aCell, aCenter, aHouseholds, aParts, bCell, bCenter, bHouseholds, bParts)
		}
	}
	for _, unit := range append(want.Units(), "", "15") {
		if got.Households(unit) != want.Households(unit) {
			t.Fatalf("unit %q: %d households, want %d", unit, got.Households(unit), want.Households(unit))
		}
	}
}

func TestEditsAreARebuild(t *testing.T) {
	for seed := range uint64(8) { // 10,000 edits in all: each one is checked in small cities
		t.Run(fmt.Sprintf("small city %d", seed), func(t *testing.T) {
			t.Parallel()
			followEdits(t, seed, 1000, 1, 25, 0.01)
		})
	}
	t.Run("larger city", func(t *testing.T) {
		t.Parallel()
		followEdits(t, 100, 2000, 100, 1000, 0.04)
	})
}

func TestNothingChangesWhatWasSeen(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 7))
	base := engineOf(t, demandOf(t, strewn(21, 400, hailar, 0.03)), drawSites(rng, pointsAround(22, 30, hailar, 0.03)))
	m := drawModel(rng)
	before := stateOf(t, base, m)
	figures, spread := before.Figures(""), before.Spread("")
	for i := range 200 {
		next := edited(t, base, drawEdit(rng, base, 0.03, i), coverage.Edit{Kind: coverage.ScaleDemand, Unit: "150702", Factor: rng.Float64() * 3})
		_ = stateOf(t, next, m)
	}
	if before.Figures("") != figures || !reflect.DeepEqual(before.Spread(""), spread) || stateOf(t, afresh(t, base), m).Figures("") != figures {
		t.Error("an edit changed a state before it")
	}
}

func TestUndoIsTheIdentity(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 7))
	base := engineOf(t, demandOf(t, strewn(23, 400, hailar, 0.03)), drawSites(rng, pointsAround(24, 40, hailar, 0.03)))
	edits := twentyEdits(base.Sites())
	for _, m := range []coverage.Model{drawModel(rng), drawModel(rng), drawModel(rng), allOfAWeek} {
		steps := []*coverage.Engine{base}
		for i := range edits {
			steps = append(steps, edited(t, steps[i], edits[i]))
			_ = stateOf(t, steps[i], m)
		}
		for n := len(edits); n >= 0; n-- {
			checkSame(t, edited(t, base, edits[:n]...), steps[n], m, []string{"", "150702", "150703"})
			checkSameSpread(t, edited(t, base, edits[:n]...), steps[n], m)
			anew := engineOf(t, steps[n].Demand(), steps[n].Sites())
			checkSame(t, steps[n], anew, m, []string{"", "150704"})
		}
		site := drawSite(rng, "THERE-AND-BACK", hailar)
		there := edited(t, base, coverage.Edit{Kind: coverage.AddSite, Site: site})
		_ = stateOf(t, there, m)
		checkSame(t, edited(t, there, coverage.Edit{Kind: coverage.CloseSite, Site: site}), base, m, []string{"", "150702"})
	}
}

func TestScaleDemand(t *testing.T) {
	allotments := sound(strewn(25, 300, hailar, 0.02))
	base := engineOf(t, demandOf(t, allotments), nil)
	for _, factor := range []float64{0, 0.1, 1.0 / 3, 1, 1.25, 7, 100} {
		scaled := edited(t, base, coverage.Edit{Kind: coverage.ScaleDemand, Unit: "150703", Factor: factor}).Demand()
		for _, unit := range base.Demand().Units() {
			want := base.Demand().Households(unit)
			if unit[:6] == "150703" {
				want = (2*want*int64(math.Round(factor*1e6)) + 1e6) / 2e6
			}
			if got := scaled.Households(unit); got != want {
				t.Errorf("%s by %g: %d households, want %d of %d", unit, factor, got, want, base.Demand().Households(unit))
			}
		}
		sum := int64(0)
		for i := range scaled.Cells() {
			_, _, households := scaled.Cell(i)
			sum += households
			scaled.Parts(i, func(unit string, n int64) {
				if n < 0 {
					t.Errorf("%d households of %s", n, unit)
				}
			})
		}
		if sum != scaled.Households("") {
			t.Errorf("by %g: cells have %d, units %d", factor, sum, scaled.Households(""))
		}
	}
}

func TestEditsThatCannotBe(t *testing.T) {
	sites := drawSites(rand.New(rand.NewPCG(26, 7)), pointsAround(26, 3, hailar, 0.01))
	e := engineOf(t, demandOf(t, strewn(26, 10, hailar, 0.01)), sites)
	good := coverage.Edit{Kind: coverage.CloseSite, Site: sites[0]}
	badPlace := sites[1]
	badPlace.At = orb.Point{math.NaN(), 49}
	badHours := coverage.Site{Code: sites[1].Code, Open: coverage.FullWeek()}
	for name, test := range map[string]struct {
		edit  coverage.Edit
		field string
	}{
		"a deleted site":         {coverage.Edit{Kind: coverage.MoveSite, Site: sites[0]}, "edits[1].code"},
		"a site there already":   {coverage.Edit{Kind: coverage.AddSite, Site: sites[1]}, "edits[1].code"},
		"no code":                {coverage.Edit{Kind: coverage.AddSite}, "edits[1].code"},
		"no such kind":           {coverage.Edit{Kind: 99, Site: sites[1]}, "edits[1].kind"},
		"nowhere":                {coverage.Edit{Kind: coverage.MoveSite, Site: badPlace}, "edits[1].at"},
		"hours that contradict":  {coverage.Edit{Kind: coverage.SetHours, Site: badHours}, "edits[1].maybe_open"},
		"no such unit":           {coverage.Edit{Kind: coverage.ScaleDemand, Unit: "99", Factor: 1}, "edits[1].unit"},
		"a factor below nothing": {coverage.Edit{Kind: coverage.ScaleDemand, Unit: "15", Factor: -1}, "edits[1].factor"},
		"a factor of nothing":    {coverage.Edit{Kind: coverage.ScaleDemand, Unit: "15", Factor: math.NaN()}, "edits[1].factor"},
		"capacity below nothing": {coverage.Edit{Kind: coverage.SetCapacity, Site: coverage.Site{Code: sites[1].Code, Capacity: -1}}, "edits[1].capacity"},
	} {
		var input *coverage.InputError
		if _, err := e.With(good, test.edit); !errors.As(err, &input) || input.Field != test.field || input.Why == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDemandWithRefuses(t *testing.T) {
	allotments := sound(strewn(27, 20, hailar, 0.01))
	d := demandOf(t, allotments)
	cell, _, households := d.Cell(0)
	share := func(unit string, cell hex.Cell, n int32) []coverage.UnitAllotment {
		return []coverage.UnitAllotment{{Unit: unit, Allotment: coverage.Allotment{Shares: []coverage.Share{{Cell: cell, Households: n}}}}}
	}
	var unit string
	d.Parts(0, func(first string, _ int64) { unit = first })
	for name, removed := range map[string][]coverage.UnitAllotment{
		"an unknown unit": share("99", cell, 1),
		"too many":        share(unit, cell, int32(households)+1),
		"elsewhere":       share(unit, cell.Disk(30)[30].Parent(9).Children()[0], 1e6),
		"a coarser cell":  share(unit, cell.Parent(9), 1),
	} {
		if _, err := d.With(removed, nil); err == nil {
			t.Errorf("%s: taken away", name)
		}
	}
	empty, err := d.With(allotments, nil)
	if err != nil || empty.Cells() != 0 || len(empty.Units()) != 0 || empty.Households("") != 0 {
		t.Errorf("with nothing left: %v, %v", empty, err)
	}
	again, err := empty.With(nil, allotments)
	if err != nil {
		t.Fatal(err)
	}
	checkSameDemand(t, again, d)
}
