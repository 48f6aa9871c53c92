package api

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo/hex"
)

// fakeCoverage answers as its fields say. It remembers what was asked last.
type fakeCoverage struct {
	picture   func() (Picture, error)
	pictureOf func(context.Context, *yizhan.Scenario) (Picture, error)
	compare   func(views.Question, string, []Picture) (views.Comparison, error)
	trend     func(context.Context, views.TrendAsk) (views.Trend, error)
	now       *fakePicture
}

func (f *fakeCoverage) Picture() (Picture, error) { return f.picture() }

func (f *fakeCoverage) PictureOf(ctx context.Context, s *yizhan.Scenario) (Picture, error) {
	return f.pictureOf(ctx, s)
}

func (f *fakeCoverage) Compare(q views.Question, unit string, pictures []Picture) (views.Comparison, error) {
	return f.compare(q, unit, pictures)
}

func (f *fakeCoverage) Trend(ctx context.Context, _ Picture, ask views.TrendAsk) (views.Trend, error) {
	return f.trend(ctx, ask)
}

type fakePicture struct {
	basis      func(views.Question) (views.Basis, error)
	figures    func(views.Question, string) (views.Figures, error)
	ranking    func(views.Question, yizhan.Level, string) ([]views.UnitFigures, error)
	served     func(views.Question, string, int) (views.ServedFigures, error)
	hours      func(views.Question, string) (views.Hours, error)
	cells      func(views.Question, orb.Bound, int) ([]views.Cell, error)
	gaps       func(views.Question, string, int) (views.GapList, error)
	explain    func(views.Question, views.Place) (views.Explanation, error)
	checkSites func(views.SitingQuestion) error
	site       func(context.Context, views.SitingQuestion, func(views.SitingProgress)) (views.SitingAnswer, error)
	difference func(views.Question, Picture, string) (views.Difference, error)
}

func (f *fakeCoverage) Weight(_ views.WeightKey, load func() (*views.Weight, error)) (*views.Weight, error) {
	return load()
}

func (f *fakePicture) Weighed(*views.Weight) (Picture, error) { return f, nil }

func (f *fakePicture) Basis(q views.Question) (views.Basis, error) { return f.basis(q) }

func (f *fakePicture) Figures(q views.Question, unit string) (views.Figures, error) {
	return f.figures(q, unit)
}

func (f *fakePicture) Ranking(q views.Question, level yizhan.Level, within string) ([]views.UnitFigures, error) {
	return f.ranking(q, level, within)
}

func (f *fakePicture) Served(q views.Question, unit string, householdsASeat int) (views.ServedFigures, error) {
	return f.served(q, unit, householdsASeat)
}

func (f *fakePicture) Hours(q views.Question, unit string) (views.Hours, error) {
	return f.hours(q, unit)
}

func (f *fakePicture) Cells(q views.Question, bbox orb.Bound, resolution int) ([]views.Cell, error) {
	return f.cells(q, bbox, resolution)
}

func (f *fakePicture) SketchGaps(q views.Question, unit string, limit int) (views.GapList, error) {
	list, err := f.gaps(q, unit, limit)
	for i := range list.Gaps {
		list.Gaps[i].Outline, list.Gaps[i].BestSite = nil, views.BestSite{}
	}
	return list, err
}

func (f *fakePicture) Gaps(q views.Question, unit string, limit int) (views.GapList, error) {
	return f.gaps(q, unit, limit)
}

func (f *fakePicture) Explain(q views.Question, at views.Place) (views.Explanation, error) {
	return f.explain(q, at)
}

func (f *fakePicture) CheckSites(q views.SitingQuestion) error { return f.checkSites(q) }

func (f *fakePicture) Site(ctx context.Context, q views.SitingQuestion, progress func(views.SitingProgress)) (views.SitingAnswer, error) {
	return f.site(ctx, q, progress)
}

func (f *fakePicture) Difference(q views.Question, base Picture, unit string) (views.Difference, error) {
	return f.difference(q, base, unit)
}

var (
	fakeHailar = &yizhan.Unit{Code: "150702", Level: yizhan.LevelBanner, Name: "海拉尔区", Seat: &orb.Point{119.7364, 49.2122}}
	fakeCell   = hex.Cell(0x881ec9b64bfffff)
	fakeCenter = orb.Point{119.7364, 49.2122}
)

// fakeFigures are of a unit, all of them there.
func fakeFigures(unit *yizhan.Unit) views.UnitFigures {
	share, far, seats := 0.75, 1234.5678, 0.0123456789
	quantile := views.Quantile{Known: &far, Possible: &far}
	return views.UnitFigures{Unit: unit, Households: 60, Covered: 45, CrossCovered: 15, Unmet: 15, Share: &share, Stations: 3,
		PossiblyCovered: 50, PossiblyCrossCovered: 20, PossibleStations: 4, CoveredWeight: views.Interval{Known: 45, Possible: 50},
		CrossWeight: views.Interval{Known: 15, Possible: 20}, UnmetWeight: views.Interval{Known: 10, Possible: 15},
		Rate: views.Quantile{Known: &share, Possible: &share}, AreaM2: 15_000, CoveredAreaM2: views.Interval{Known: 7_000, Possible: 8_000},
		P50M: quantile, P90M: quantile, StationsPer10000: quantile, Gini: views.Quantile{Known: &share, Possible: &share}, SeatsAHousehold: views.Quantile{Known: &seats}}
}

func fakeModel(q views.Question) views.Model {
	if q.Mode == "" {
		q.Mode, q.RadiusM = views.ModeRadius, max(q.RadiusM, 0)
	}
	if q.Mode == views.ModeRadius && q.RadiusM == 0 {
		q.RadiusM = views.DefaultRadiusM
	}
	if q.Rule == "" {
		q.Rule = views.RuleAny
	}
	return views.Model{Question: q, Resolution: 10, ReachM: 1000, WalkFactor: 1, Weight: 1}
}

func newFakeCoverage() *fakeCoverage {
	f := &fakeCoverage{now: newFakePicture(42, nil)}
	f.picture = func() (Picture, error) { return f.now, nil }
	f.pictureOf = func(_ context.Context, s *yizhan.Scenario) (Picture, error) {
		return newFakePicture(s.Seq, &views.ScenarioName{ID: s.ID, Version: s.Version, Name: s.Name}), nil
	}
	f.trend = func(_ context.Context, ask views.TrendAsk) (views.Trend, error) {
		return views.Trend{Basis: views.Basis{Seq: 42, Model: fakeModel(ask.Question)}, Unit: fakeHailar, Households: 30, From: ask.Now, Points: []views.TrendPoint{
			{At: ask.Now, Seq: 42, Covered: views.Interval{Known: 20, Possible: 25}, Stations: 3}}}, nil
	}
	f.compare = func(q views.Question, _ string, pictures []Picture) (views.Comparison, error) {
		c := views.Comparison{Model: fakeModel(q), Breaks: []float64{0.5, 0.75}}
		row := views.ComparedUnit{Unit: fakeHailar}
		for _, p := range pictures {
			basis, err := p.Basis(q)
			if err != nil {
				return c, err
			}
			c.Bases = append(c.Bases, basis)
			row.Figures, row.Classes = append(row.Figures, fakeFigures(fakeHailar)), append(row.Classes, 1)
		}
		empty := views.ComparedUnit{Unit: &yizhan.Unit{Code: "150781"}, Figures: make([]views.UnitFigures, len(pictures)), Classes: make([]int, len(pictures))}
		for i := range empty.Classes {
			empty.Classes[i] = -1
		}
		c.Units = []views.ComparedUnit{row, empty}
		return c, nil
	}
	return f
}

func noUnit() error { return yizhan.Errorf(yizhan.CodeNotFound, "unit", "there is no unit 159999") }

func newFakePicture(seq int64, name *views.ScenarioName) *fakePicture {
	city := &yizhan.Unit{Code: "150700", Name: "呼伦贝尔市"}
	basis := func(q views.Question) views.Basis { return views.Basis{Seq: seq, Scenario: name, Model: fakeModel(q)} }
	f := &fakePicture{basis: func(q views.Question) (views.Basis, error) { return basis(q), q.Validate() }}
	f.figures = func(q views.Question, unit string) (views.Figures, error) {
		if unit == "159999" {
			return views.Figures{}, noUnit()
		}
		return views.Figures{Seq: seq, Resolution: 10, Scenario: name, Model: fakeModel(q), UnitFigures: fakeFigures(city), Children: []views.UnitFigures{
			fakeFigures(fakeHailar), {Unit: &yizhan.Unit{Code: "150781", Name: "满洲里市"}}}}, nil
	}
	f.ranking = func(_ views.Question, _ yizhan.Level, within string) ([]views.UnitFigures, error) {
		if within == "159999" {
			return nil, noUnit()
		}
		return []views.UnitFigures{fakeFigures(fakeHailar), {Unit: &yizhan.Unit{Code: "150781", Name: "=满洲里市"}}}, nil
	}
	f.served = func(q views.Question, _ string, householdsASeat int) (views.ServedFigures, error) {
		share := 0.5
		return views.ServedFigures{Basis: basis(q), HouseholdsASeat: householdsASeat, ServedUnit: views.ServedUnit{Unit: city, Households: 60, InReach: 45, MicroServed: 30_000_000, Share: &share},
			Children: []views.ServedUnit{{Unit: fakeHailar}}, Capacity: 30, UnknownStations: 1, Bottlenecks: []views.Bottleneck{{Stations: []string{"S-001"}, Cells: 3, Households: 45, Capacity: 30}}}, nil
	}
	f.hours = func(q views.Question, _ string) (views.Hours, error) {
		h := views.ServiceHours{Service: yizhan.Water}
		h.Covered[9] = views.Interval{Known: 181, Possible: 240}
		return views.Hours{Basis: basis(q), Unit: city, Households: 60, Services: []views.ServiceHours{h, {}}}, nil
	}
	f.cells = func(_ views.Question, _ orb.Bound, resolution int) ([]views.Cell, error) {
		if resolution == 10 {
			return nil, yizhan.Errorf(yizhan.CodeTooLarge, "bbox", "holds more than 50000 cells; ask for a smaller box or a coarser resolution")
		}
		return []views.Cell{{Cell: fakeCell, Households: 60, Covered: 45, Possible: 50}}, nil
	}
	f.gaps = func(q views.Question, unit string, limit int) (views.GapList, error) {
		if unit == "159999" {
			return views.GapList{}, noUnit()
		}
		return views.GapList{Basis: basis(q), Unit: city, Total: 2, Cells: 3, Households: 20, Gaps: fakeGaps()[:min(limit, 2)]}, nil
	}
	f.explain = fakeExplain(basis)
	f.checkSites = func(q views.SitingQuestion) error {
		if q.Unit == "159999" {
			return noUnit()
		}
		return nil
	}
	f.site = func(ctx context.Context, q views.SitingQuestion, progress func(views.SitingProgress)) (views.SitingAnswer, error) {
		progress(views.SitingProgress{Stage: "counting", Done: 1, Total: 1, Bound: 15})
		return views.SitingAnswer{Basis: basis(q.Question), SitingQuestion: q, Sites: []views.SitedStation{{Cell: fakeCell, At: fakeCenter, Unit: "150702001001", UnitName: "正阳社区", Gain: 10, Cumulative: 10}},
			Households: 60, CoveredBefore: 45, Objective: 10, Bound: 12, Total: 15, GapShare: 2.0 / 12, Possible: true, Places: 1,
			Banners: []views.BannerGain{{Unit: fakeHailar, Gain: 10, Stations: 1}}}, nil
	}
	f.difference = func(q views.Question, base Picture, _ string) (views.Difference, error) {
		below, err := base.Basis(q)
		if err != nil {
			return views.Difference{}, err
		}
		return views.Difference{Basis: basis(q), Base: below, Unit: views.UnitDifference{Before: fakeFigures(city), After: fakeFigures(city)},
			Children: []views.UnitDifference{{Before: fakeFigures(fakeHailar)}}, Services: []views.ServiceDifference{{}},
			Gaps: []views.GapDifference{{Kind: "closed", Before: []string{"881ec9b64bfffff"}, CellsLost: 2, HouseholdsLost: 15, Outline: fakeGaps()[0].Outline}}}, nil
	}
	return f
}

func fakeGaps() []views.Gap {
	outline := orb.MultiPolygon{{{{119.7, 49.2}, {119.71, 49.2}, {119.71, 49.21}, {119.7, 49.2}}}}
	return []views.Gap{
		{ID: "881ec9b64bfffff", Cells: 2, Households: 15, Units: []views.UnitHouseholds{{Unit: "150702001001", Name: "正阳社区", Households: 15}}, Center: fakeCenter, Bound: outline.Bound(), Outline: outline,
			Reason: views.NoneInReach, Reasons: []views.ReasonHouseholds{{Reason: views.NoneInReach, Households: 15}},
			Nearest: &views.NearestStation{Code: "S-001", Name: "驿站", At: fakeCenter, EdgeM: 1234.56}, BestSite: views.BestSite{Cell: fakeCell, At: fakeCenter, Households: 15, OfGap: 14}},
		{ID: "881ec9b64dfffff", Cells: 1, Households: 5, Center: fakeCenter, Bound: outline.Bound(), Outline: outline, Reason: views.HoursUnknown, BestSite: views.BestSite{Cell: fakeCell, At: fakeCenter}},
	}
}

func fakeExplain(basis func(views.Question) views.Basis) func(views.Question, views.Place) (views.Explanation, error) {
	station := &yizhan.Station{Code: "S-001", Name: "驿站", Hours: yizhan.MustHours("24/7")}
	return func(q views.Question, at views.Place) (views.Explanation, error) {
		e := views.Explanation{Basis: basis(q), Formula: []views.Step{{Name: "reach", Formula: "d ≤ r", Numbers: "d ≤ 1000 m"}}}
		switch {
		case at.Unit == "159999":
			return e, noUnit()
		case at.Cell == "8a1ec9b64a6ffff":
			return e, yizhan.Invalid("cell", "is of another resolution")
		case at.Cell != "" || at.Point != nil:
			e.Cell = &views.CellExplanation{Cell: fakeCell, Center: fakeCenter, Households: 15, Units: []views.UnitHouseholds{{Unit: "150702001001", Name: "正阳社区", Households: 15}},
				Count: views.Interval{Known: 1, Possible: 2}, Stations: []views.StationWitness{{Station: station, At: fakeCenter, DistanceM: 12.345, WayM: 12.345, Sure: true, Maybe: true, Services: []yizhan.Service{yizhan.Water}}}}
		default:
			e.Unit = &views.UnitExplanation{UnitFigures: fakeFigures(fakeHailar), Stations: []views.StationReach{{Station: station, At: fakeCenter, Maybe: true, Reached: 40, Alone: 3}}}
		}
		return e, nil
	}
}
