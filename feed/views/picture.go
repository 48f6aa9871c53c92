package views

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/memo"
)

// Picture is one immutable state that answers: the city as of one change, perhaps under a scenario. It is
// safe for concurrent use, and the same question gives the same answer.
type Picture struct {
	seq       int64
	city      *yizhan.City // as of seq, without the scenario
	units     map[string]*yizhan.Unit
	children  map[string][]*yizhan.Unit // by parent, in the order of codes; the city's parent is ""
	stations  []*yizhan.Station         // active, by code, as the scenario has them
	ground    *ground                   // without the scenario
	overlaid  *overlaid                 // nil without a scenario
	counted   *Counted                  // nil for households
	unweighed *Picture                  // the same city in households; nil for one that counts those, and under a scenario

	engines   memo.Memo[engineKey, *coverage.Engine]
	figures   memo.Memo[figuresKey, Figures]
	access    memo.Memo[accessKey, *coverage.Access]
	gaps      memo.Memo[gapsKey, *gapSet]
	trends    memo.Memo[trendKey, Trend]
	weighings memo.Memo[WeightKey, *Picture]
}

// overlaid is what a scenario lays over another picture.
type overlaid struct {
	name    ScenarioName
	base    *Picture
	overlay yizhan.Overlay
}

// engineKey names an engine: its sites have the hours of one week.
type engineKey struct {
	week       string
	resolution int
}

// Bounds of what a picture keeps. An engine holds up to some megabytes for each question that it was
// asked of late.
const (
	maxEngines = 5
	maxFigures = 64
	maxAccess  = 2
	maxGapSets = 3
)

func emptyPicture(city *yizhan.City) *Picture {
	p := &Picture{seq: city.Seq, city: city, units: city.Units}
	p.engines.Limit, p.figures.Limit, p.access.Limit, p.gaps.Limit = maxEngines, maxFigures, maxAccess, maxGapSets
	p.trends.Limit, p.weighings.Limit = maxTrends, maxWeighings
	return p
}

// newPicture is that of a city on a ground.
func newPicture(city *yizhan.City, g *ground) *Picture {
	p := emptyPicture(city)
	p.children, p.stations, p.ground = childrenOf(city.Units), activeOf(city.Stations), g
	return p
}

// next is the picture of another city on its ground, which shares with p what is the same.
func (p *Picture) next(city *yizhan.City, g *ground, unitsChanged bool) (*Picture, error) {
	next := newPictureLike(p, city, g, unitsChanged)
	for key, engine := range p.engines.All() {
		if g != p.ground && key.resolution < DemandResolution {
			continue // to be rolled up anew
		}
		moved, err := next.follow(p, key, engine)
		if err != nil {
			return nil, err
		}
		next.engines.Put(key, moved)
	}
	return next, nil
}

func newPictureLike(p *Picture, city *yizhan.City, g *ground, unitsChanged bool) *Picture {
	next := emptyPicture(city)
	next.children, next.stations, next.ground = p.children, activeOf(city.Stations), g
	if unitsChanged {
		next.children = childrenOf(city.Units)
	}
	return next
}

// follow brings an engine of another picture to this one.
func (p *Picture) follow(other *Picture, key engineKey, engine *coverage.Engine) (*coverage.Engine, error) {
	monday, err := mondayOf(key.week)
	if err != nil {
		return nil, err
	}
	if p.ground != other.ground {
		demand, err := p.ground.demand(key.resolution)
		if err != nil {
			return nil, err
		}
		engine = engine.WithDemand(demand)
	}
	return withSites(engine, sitesOf(p.stations, monday, other.stations, engine.Sites()))
}

// withSites is an engine with other sites.
func withSites(engine *coverage.Engine, sites coverage.Sites) (*coverage.Engine, error) {
	edits := editsBetween(engine.Sites(), sites)
	if len(edits) == 0 {
		return engine, nil
	}
	return engine.With(edits...)
}

// engine gives the engine whose sites have the hours of a week.
func (p *Picture) engine(key engineKey) (*coverage.Engine, error) {
	return p.engines.Get(key, func() (*coverage.Engine, error) {
		if p.overlaid != nil {
			return p.overlaid.engine(key)
		}
		if p.unweighed != nil {
			return p.weighedEngine(key)
		}
		monday, err := mondayOf(key.week)
		if err != nil {
			return nil, err
		}
		if key.week != "" { // few stations have another week than the usual one
			usual, err := p.engine(engineKey{"", key.resolution})
			if err != nil {
				return nil, err
			}
			return withSites(usual, sitesOf(p.stations, monday, nil, nil))
		}
		demand, err := p.ground.demand(key.resolution)
		if err != nil {
			return nil, err
		}
		return coverage.NewEngine(demand, sitesOf(p.stations, monday, nil, nil), nil)
	})
}

// weighedEngine gives the engine of the households the demand that is counted.
func (p *Picture) weighedEngine(key engineKey) (*coverage.Engine, error) {
	households, err := p.unweighed.engine(key)
	if err != nil {
		return nil, err
	}
	counting, err := p.ground.counting(p.counted.Weight, key.resolution)
	if err != nil {
		return nil, err
	}
	return households.Counting(counting.demand), nil
}

// engine lays the scenario over that of its base.
func (o *overlaid) engine(key engineKey) (*coverage.Engine, error) {
	monday, err := mondayOf(key.week)
	if err != nil {
		return nil, err
	}
	engine, err := o.base.engine(key)
	if err != nil {
		return nil, err
	}
	return engine.With(o.edits(engine, monday)...)
}

// state answers a question.
func (p *Picture) state(q Question) (*coverage.State, *coverage.Engine, error) {
	engine, err := p.engineFor(q)
	if err != nil {
		return nil, nil, err
	}
	state, err := engine.State(q.model())
	return state, engine, asked(err)
}

func (p *Picture) engineFor(q Question) (*coverage.Engine, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	return p.engine(engineKey{q.hoursWeek(), p.Resolution(q)})
}

// Resolution is that of the finest cells for a question, which must be valid.
func (p *Picture) Resolution(q Question) int {
	return coverage.ResolutionFor(q.model().EffectiveReach().StraightM())
}

// asked turns what geo/coverage says of a question into an Error.
func asked(err error) error {
	var input *coverage.InputError
	if errors.As(err, &input) {
		return yizhan.Invalid(input.Field, "%s", input.Why)
	}
	return err
}

// Seq is the change that the picture is as of.
func (p *Picture) Seq() int64 { return p.seq }

// Scenario is the scenario that lies over the city; nil for none.
func (p *Picture) Scenario() *ScenarioName {
	if p.overlaid == nil {
		return nil
	}
	name := p.overlaid.name
	return &name
}

// basis tells what an answer rests on.
func (p *Picture) basis(q Question) Basis {
	return Basis{Seq: p.seq, Scenario: p.Scenario(), Counted: p.counted, Model: p.modelOf(q)}
}

func (p *Picture) modelOf(q Question) Model {
	m := q.model()
	told := Model{Question: q.filled(), Resolution: p.Resolution(q), ReachM: m.EffectiveReach().StraightM(), WalkFactor: 1, Weight: 1}
	if m.Cold && m.Mode == coverage.OnFoot {
		told.WalkFactor = coverage.WalkFactor(m.Celsius)
	}
	if m.Time.Kind == coverage.OverWeek {
		told.Weight = m.Time.Profile.Total()
	}
	return told
}

// find gives a unit by its code; empty for the city.
func (p *Picture) find(code string) (*yizhan.Unit, error) {
	if code != "" {
		if unit := p.units[code]; unit != nil {
			return unit, nil
		}
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "unit", "there is no unit %q", code)
	}
	if cities := p.children[""]; len(cities) > 0 {
		return cities[0], nil
	}
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "unit", "there is no city yet")
}

// prefixOf is what the codes of the communities of a unit begin with, and no others do.
func prefixOf(unit *yizhan.Unit) string {
	if unit.Level == yizhan.LevelCity {
		return unit.Code[:4] // the codes of banners differ from the fifth digit on
	}
	return unit.Code
}

// edits is the overlay for an engine, whose sites have the hours of a week.
func (o *overlaid) edits(engine *coverage.Engine, monday time.Time) []coverage.Edit {
	var edits []coverage.Edit
	for _, code := range sortedKeys(o.overlay.Stations) {
		station := o.overlay.Stations[code]
		if station != nil {
			edits = append(edits, coverage.Edit{Kind: coverage.PutSite, Site: siteOf(station, monday)})
		} else if at, found := engine.Sites().Find(code); found {
			edits = append(edits, coverage.Edit{Kind: coverage.CloseSite, Site: engine.Sites()[at]})
		}
	}
	for _, scale := range o.overlay.Scales {
		prefix := scale.Unit
		if unit := o.base.units[scale.Unit]; unit != nil {
			prefix = prefixOf(unit)
		}
		if hasDemand(engine.Demand(), prefix) {
			edits = append(edits, coverage.Edit{Kind: coverage.ScaleDemand, Unit: prefix, Factor: float64(scale.PerMille) / 1000})
		}
	}
	return edits
}

// PictureOf lays a scenario over the city as of its Seq. Pictures are kept for a while, those
// of scenarios that are not saved under what is in them.
func (v *Coverage) PictureOf(ctx context.Context, s *yizhan.Scenario) (*Picture, error) {
	draw := func() (*Picture, error) {
		base, err := v.pictureAt(context.WithoutCancel(ctx), s.Seq) // others may wait for it too
		if err != nil {
			return nil, err
		}
		return base.under(s)
	}
	if s.ID == "" {
		return v.scenarios.Get(scenarioKey{id: contentOf(s)}, draw)
	}
	return v.scenarios.Get(scenarioKey{s.ID, s.Version}, draw)
}

// contentOf names a scenario that is not saved by what is in it.
func contentOf(s *yizhan.Scenario) string {
	content := sha256.New()
	fmt.Fprintf(content, "%d %q\n", s.Seq, s.Name)
	for i := range s.Edits {
		e := &s.Edits[i]
		fmt.Fprintf(content, "%q %q %q %v %q %q %d %t %q %d\n", e.Kind, e.Station, e.Name, e.Location, e.Services, e.Hours.String(), e.Capacity, e.Heated, e.Unit, e.PerMille)
	}
	return "sha256:" + string(content.Sum(nil))
}

// Drawn is a picture that PictureOf gave a while ago, if it is still there.
func (v *Coverage) Drawn(scenario string, version int64) (*Picture, bool) {
	return v.scenarios.Peek(scenarioKey{scenario, version})
}

// under lays a scenario over a picture of the city as it is.
func (p *Picture) under(s *yizhan.Scenario) (*Picture, error) {
	overlay, err := s.Over(p.city, func(at orb.Point) string { return p.ground.index.community(at) })
	if err != nil {
		return nil, err
	}
	next := emptyPicture(p.city)
	next.children, next.ground = p.children, p.ground
	next.overlaid = &overlaid{ScenarioName{s.ID, s.Version, s.Name}, p, overlay}
	next.stations = stationsUnder(overlay, p.stations)
	return next, nil
}

// stationsUnder lists the stations that there are under an overlay, by code.
func stationsUnder(overlay yizhan.Overlay, stations []*yizhan.Station) []*yizhan.Station {
	var under []*yizhan.Station
	for _, station := range stations {
		if _, touched := overlay.Stations[station.Code]; !touched {
			under = append(under, station)
		}
	}
	for _, code := range sortedKeys(overlay.Stations) {
		if station := overlay.Stations[code]; station != nil {
			under = append(under, station)
		}
	}
	slices.SortFunc(under, func(a, b *yizhan.Station) int { return strings.Compare(a.Code, b.Code) })
	return under
}

// hasDemand tells whether a demand knows a unit with a prefix.
func hasDemand(d *coverage.Demand, prefix string) bool {
	at, _ := slices.BinarySearch(d.Units(), prefix)
	return at < len(d.Units()) && strings.HasPrefix(d.Units()[at], prefix)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
