package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
	"github.com/yizhan/yizhan/geo/siting"
)

// The made-up city: towns that are full of households in the middle and thin out.
const (
	towns      = 40
	townRadius = 70 // cells: 14,911 in each town
	bigSites   = 550
)

// bigEngine makes the city of 600,000 cells and 550 sites.
func bigEngine() (*coverage.Engine, error) {
	rng := rand.New(rand.NewPCG(6, 10))
	var allotments []coverage.UnitAllotment
	var sites coverage.Sites
	for town := range towns {
		at := orb.Point{116.5 + 8*rng.Float64(), 47.5 + 4.5*rng.Float64()}
		middle, err := hex.Of(at, 10)
		if err != nil {
			return nil, err
		}
		unit := fmt.Sprintf("1507%02d001001", 2+town)
		var shares []coverage.Share
		for _, cell := range middle.Disk(townRadius) {
			away := geo.Distance(cell.Center(), at)
			households := 1 + int32(60*math.Exp(-away/2500)*rng.Float64())
			shares = append(shares, coverage.Share{Cell: cell, Households: households})
		}
		allotments = append(allotments, coverage.UnitAllotment{Unit: unit, Allotment: coverage.Allotment{Shares: shares}})
		for n := town; n < bigSites; n += towns {
			sites = append(sites, bigSite(rng, len(sites), at, unit))
		}
	}
	demand, err := coverage.NewDemand(10, allotments)
	if err != nil {
		return nil, err
	}
	return coverage.NewEngine(demand, sites, nil)
}

func bigSite(rng *rand.Rand, n int, town orb.Point, unit string) coverage.Site {
	site := coverage.Site{
		Code: fmt.Sprintf("S%04d", n), Unit: unit, Capacity: 20, Services: 1 | uint32(rng.IntN(8)), MaybeServices: 0b111,
		At: orb.Point{town[0] + rng.NormFloat64()*0.04, town[1] + rng.NormFloat64()*0.025},
	}
	open, close := 4*(6+rng.IntN(4)), 4*(17+rng.IntN(8))
	for day := range 7 {
		site.Open = site.Open.Or(coverage.SpanOfWeek(96*day+open, 96*day+close))
	}
	if site.MaybeOpen = site.Open; rng.IntN(6) == 0 {
		site.Open, site.MaybeOpen = coverage.Week{}, coverage.FullWeek()
	}
	return site
}

// noon asks for one service at one time, within 1 km.
var noon = coverage.Model{Reach: coverage.Reach{RadiusM: 1000}, Services: 1, Time: coverage.Time{Kind: coverage.AtQuarter, Quarter: 48}}

func measureBig(ctx context.Context, url string, report *Report, say func(string, ...any)) error {
	say("making a city of 600,000 cells")
	engine, err := bigEngine()
	if err != nil {
		return err
	}
	m := engineBench{
		city:   fmt.Sprintf("%d cells of resolution 10, %d stations", engine.Demand().Cells(), len(engine.Sites())),
		engine: engine, report: report, say: say,
	}
	return m.run(ctx, url)
}

// engineBench measures what an engine does, whatever its city.
type engineBench struct {
	city   string
	engine *coverage.Engine
	report *Report
	say    func(string, ...any)

	postgis Millis // covered households
}

func (m *engineBench) run(ctx context.Context, url string) error {
	state, err := m.engine.State(noon)
	if err != nil {
		return err
	}
	if err := m.askPostGIS(ctx, url, state); err != nil {
		return err
	}
	m.say("counting, editing, looking around")
	for _, measure := range []func() error{m.recompute, m.edit, m.hours, m.viewport, m.scenario, m.gaps, m.site} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// askPostGIS has PostGIS count, and makes sure that it counts the same.
func (m *engineBench) askPostGIS(ctx context.Context, url string, state *coverage.State) (err error) {
	m.say("asking PostGIS for the households within 1 km")
	db, err := newPostGIS(ctx, url, m.engine.Demand(), m.engine.Sites(), state.Counts(coverage.Known))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	want := state.Figures("")
	m.postgis, err = medianOf(3, func() error {
		once, twice, err := db.covered(ctx, noon.RadiusM)
		if err == nil && (once != want.Covered.Known || twice != want.CrossCovered.Known) {
			return fmt.Errorf("PostGIS counts %d and %d households, the engine %d and %d", once, twice, want.Covered.Known, want.CrossCovered.Known)
		}
		return err
	})
	return err
}

func (m *engineBench) add(what string, wanted int, took, postgis Millis, note string) {
	m.report.add(Row{City: m.city, What: what, Wanted: millis(wanted), Took: took, PostGIS: postgis, Note: note})
}

func (m *engineBench) recompute() error {
	took, err := medianOf(15, func() error {
		afresh, err := coverage.NewEngine(m.engine.Demand(), m.engine.Sites(), nil)
		if err != nil {
			return err
		}
		state, err := afresh.State(noon)
		if err == nil {
			state.Figures("")
		}
		return err
	})
	m.add("full recompute, one service and time", 10, took, m.postgis, "both count the same households")
	return err
}

func (m *engineBench) edit() error {
	engine, rng := m.engine, rand.New(rand.NewPCG(18, 6))
	took, err := medianOf(200, func() (err error) {
		site := engine.Sites()[rng.IntN(len(engine.Sites()))]
		site.At[0], site.At[1] = site.At[0]+rng.NormFloat64()*0.002, site.At[1]+rng.NormFloat64()*0.002
		if engine, err = engine.With(coverage.Edit{Kind: coverage.MoveSite, Site: site}); err != nil {
			return err
		}
		state, err := engine.State(noon)
		if err == nil {
			state.Figures("")
		}
		return err
	})
	m.add("one station edit, in the engine", 1, took, m.postgis, "PostGIS counts all again")
	return err
}

func (m *engineBench) hours() error {
	models := make([]coverage.Model, 3)
	for i := range models {
		models[i] = coverage.Model{Reach: noon.Reach, Services: 1 << i}
	}
	took, err := medianOf(7, func() error {
		afresh, err := coverage.NewEngine(m.engine.Demand(), m.engine.Sites(), nil)
		if err == nil {
			_, err = afresh.Hours("", models...)
		}
		return err
	})
	m.add("3 services × 168 hours, from nothing", 150, took, 0, "")
	return err
}

// viewport looks at boxes around cells, as large as 50,000 cells allow.
func (m *engineBench) viewport() error {
	state, err := m.engine.State(noon)
	if err != nil {
		return err
	}
	rng, most := rand.New(rand.NewPCG(2, 2)), 0
	took, err := timed(60, func() error {
		_, center, _ := m.engine.Demand().Cell(rng.IntN(m.engine.Demand().Cells()))
		cells, err := state.Cells(geo.ExpandMeters(center.Bound(), 13_000), 10, 50_000)
		most = max(most, len(cells))
		return err
	})
	if err != nil {
		return err
	}
	m.add("heatmap viewport of 26 km, p95", 80, p95(took), 0, fmt.Sprintf("up to %d cells", most))
	return nil
}

func (m *engineBench) scenario() error {
	state, err := m.engine.State(noon)
	if err != nil {
		return err
	}
	edits := twentyEdits(m.engine.Sites())
	took, err := medianOf(30, func() error {
		engine, err := m.engine.With(edits...)
		if err != nil {
			return err
		}
		after, err := engine.State(noon)
		if err != nil {
			return err
		}
		_, err = coverage.Diff(state, after, []string{""})
		return err
	})
	m.add("20-edit scenario, and its difference", 5, took, m.postgis, "PostGIS counts all again")
	return err
}

func twentyEdits(sites coverage.Sites) []coverage.Edit {
	var edits []coverage.Edit
	for i := range 5 {
		from := func(n int) coverage.Site { return sites[(97*i+31*n)%len(sites)] }
		added, moved, always := from(0), from(1), from(2)
		added.Code, added.At[0] = fmt.Sprintf("NEW-%d", i), added.At[0]+0.01
		moved.At[1] += 0.004
		always.Open, always.MaybeOpen = coverage.FullWeek(), coverage.FullWeek()
		edits = append(edits, coverage.Edit{Kind: coverage.AddSite, Site: added}, coverage.Edit{Kind: coverage.MoveSite, Site: moved},
			coverage.Edit{Kind: coverage.SetHours, Site: always})
		if i%2 == 0 {
			edits = append(edits, coverage.Edit{Kind: coverage.CloseSite, Site: from(3)})
		} else {
			edits = append(edits, coverage.Edit{Kind: coverage.ScaleDemand, Unit: sites[i].Unit, Factor: 1.25})
		}
	}
	return edits
}

func (m *engineBench) gaps() error {
	state, err := m.engine.State(noon)
	if err != nil {
		return err
	}
	if _, err := state.Gaps(coverage.Known); err != nil { // which cells touch is found once a city
		return err
	}
	number := 0
	took, err := medianOf(15, func() error {
		gaps, err := state.Gaps(coverage.Known)
		if err == nil {
			number = gaps.Len()
		}
		return err
	})
	m.add("gap clusters", 50, took, 0, fmt.Sprintf("%d gaps", number))
	return err
}

// site places 20 stations over all cells, the existing ones fixed.
func (m *engineBench) site() error {
	m.say("placing 20 stations over all cells")
	state, err := m.engine.State(noon)
	if err != nil {
		return err
	}
	var answer siting.Answer
	took, err := medianOf(3, func() (err error) {
		answer, err = place(state, 20)
		return err
	})
	m.add("MCLP p = 20 over all cells", 2000, took, 0, fmt.Sprintf("gap %.3f %% (wanted ≤ 1 %%), %d of %d households", 100*answer.Gap(), answer.Objective, answer.Total))
	return err
}

func place(state *coverage.State, p int) (siting.Answer, error) {
	demand := state.Demand()
	reached, err := demand.Reached(state.Model().EffectiveReach())
	if err != nil {
		return siting.Answer{}, err
	}
	weights := make([]int64, demand.Cells())
	for cell := range weights {
		if state.SitesAt(cell).Known == 0 {
			_, _, weights[cell] = demand.Cell(cell)
		}
	}
	return siting.MaxCover(siting.Cover{
		Weights: weights, Candidates: len(weights), P: p, Gains: reached.Gains(weights),
		Reach: func(candidate int, buf []int32) []int32 { return reached.FromCell(buf, candidate) },
	}, siting.Options{})
}
