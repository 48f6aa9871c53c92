package views

import (
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// figuresKey names an answer of Figures.
type figuresKey struct {
	Question
	unit string
}

// Figures answers for a unit, by its code, and those right below it; empty for the city.
func (p *Picture) Figures(q Question, unit string) (Figures, error) {
	if err := q.Validate(); err != nil {
		return Figures{}, err
	}
	at, err := p.find(unit)
	if err != nil {
		return Figures{}, err
	}
	return p.figures.Get(figuresKey{q.filled(), at.Code}, func() (Figures, error) { return p.figuresAt(q, at) })
}

func (p *Picture) figuresAt(q Question, at *yizhan.Unit) (Figures, error) {
	of, err := p.unitFigures(q)
	if err != nil {
		return Figures{}, err
	}
	basis := p.basis(q)
	figures := Figures{Seq: p.seq, Resolution: basis.Model.Resolution, Scenario: basis.Scenario, Counted: basis.Counted, Model: basis.Model, UnitFigures: of(at)}
	for _, child := range p.children[at.Code] {
		figures.Children = append(figures.Children, of(child))
	}
	return figures, nil
}

// Ranking lists the units of a level within a unit, empty for the city, in the order of need: the most
// unmet demand first, counting what is sure as covered only; of equal ones that with the lower rate,
// those without households last; then by code.
func (p *Picture) Ranking(q Question, level yizhan.Level, within string) ([]UnitFigures, error) {
	state, _, err := p.state(q)
	if err != nil {
		return nil, err
	}
	at, err := p.find(within)
	if err != nil {
		return nil, err
	}
	of, err := p.unitFigures(q)
	if err != nil {
		return nil, err
	}
	byCode := map[string]*yizhan.Unit{}
	var ranked []coverage.RankedUnit
	for _, unit := range yizhan.Sorted(p.units) {
		if unit.Level == level && strings.HasPrefix(unit.Code, prefixOf(at)) {
			byCode[unit.Code] = unit
			ranked = append(ranked, coverage.RankedUnit{Unit: unit.Code, UnitFigures: state.Figures(prefixOf(unit))})
		}
	}
	if len(ranked) == 0 && !knownLevel(level) {
		return nil, yizhan.Invalid("level", "%q is not one of city, banner, township, community", level)
	}
	coverage.Rank(ranked)
	list := make([]UnitFigures, len(ranked))
	for i := range ranked {
		list[i] = of(byCode[ranked[i].Unit])
	}
	return list, nil
}

func knownLevel(level yizhan.Level) bool {
	switch level {
	case yizhan.LevelCity, yizhan.LevelBanner, yizhan.LevelTownship, yizhan.LevelCommunity:
		return true
	}
	return false
}

// unitFigures gives what tells the figures of a unit.
func (p *Picture) unitFigures(q Question) (func(*yizhan.Unit) UnitFigures, error) {
	state, engine, err := p.state(q)
	if err != nil {
		return nil, err
	}
	var access [2]*coverage.Access
	for end := range access {
		if access[end], err = p.accessOf(q, engine, coverage.End(end)); err != nil {
			return nil, err
		}
	}
	return func(unit *yizhan.Unit) UnitFigures {
		figures := figuresOf(unit, state)
		figures.SeatsAHousehold.Known = perHousehold(access[coverage.Known], prefixOf(unit))
		figures.SeatsAHousehold.Possible = perHousehold(access[coverage.Possible], prefixOf(unit))
		return figures
	}, nil
}

func figuresOf(unit *yizhan.Unit, state *coverage.State) UnitFigures {
	prefix := prefixOf(unit)
	f, spread := state.Figures(prefix), state.Spread(prefix)
	figures := UnitFigures{
		Unit: unit, Households: f.Households, Covered: f.Covered.Known, CrossCovered: f.CrossCovered.Known,
		Unmet: f.Households - f.Covered.Known, Stations: int(f.Sites.Known), PossibleStations: int(f.Sites.Possible),
		PossiblyCovered: f.Covered.Possible, PossiblyCrossCovered: f.CrossCovered.Possible,
		CoveredWeight: f.CoveredWeight, CrossWeight: f.CrossWeight, UnmetWeight: f.Unmet(),
		AreaM2: f.AreaM2, CoveredAreaM2: f.CoveredAreaM2, P50M: spread.P50M, P90M: spread.P90M, Gini: spread.Gini,
	}
	if f.Households > 0 {
		share := float64(figures.Covered) / float64(f.Households)
		figures.Share = &share
	}
	if known, possible, ok := f.Rate(); ok {
		figures.Rate = Quantile{Known: &known, Possible: &possible}
	}
	if known, possible, ok := f.SitesPer10000(); ok {
		figures.StationsPer10000 = Quantile{Known: &known, Possible: &possible}
	}
	return figures
}

// accessKey names an accessibility.
type accessKey struct {
	engineKey
	coverage.Model
	coverage.End
}

func (p *Picture) accessOf(q Question, engine *coverage.Engine, end coverage.End) (*coverage.Access, error) {
	key := accessKey{engineKey{q.hoursWeek(), p.Resolution(q)}, q.model(), end}
	access, err := p.access.Get(key, func() (*coverage.Access, error) { return engine.Access(key.Model, end) })
	return access, asked(err)
}

func perHousehold(access *coverage.Access, prefix string) *float64 {
	if seats, ok := access.Figures(prefix).PerHousehold(); ok {
		return &seats
	}
	return nil
}

// Served tells how many households of a unit, and of those right below it, there are seats for, each seat
// for some households.
func (p *Picture) Served(q Question, unit string, householdsASeat int) (ServedFigures, error) {
	engine, err := p.engineFor(q)
	if err != nil {
		return ServedFigures{}, err
	}
	at, err := p.find(unit)
	if err != nil {
		return ServedFigures{}, err
	}
	served, err := engine.Serve(q.model(), coverage.Known, householdsASeat)
	if err != nil {
		return ServedFigures{}, asked(err)
	}
	figures := ServedFigures{
		Basis: p.basis(q), HouseholdsASeat: householdsASeat, ServedUnit: servedUnit(served, at), Capacity: served.Capacity,
		UnknownStations: served.UnknownSites, IdleStations: served.IdleSites,
	}
	for _, child := range p.children[at.Code] {
		figures.Children = append(figures.Children, servedUnit(served, child))
	}
	for _, b := range served.Bottlenecks() {
		figures.Bottlenecks = append(figures.Bottlenecks, Bottleneck{codesOf(engine.Sites(), b.Sites), b.Cells, b.Households, b.Capacity})
	}
	return figures, nil
}

func servedUnit(served *coverage.Served, unit *yizhan.Unit) ServedUnit {
	f := served.Figures(prefixOf(unit))
	figures := ServedUnit{Unit: unit, Households: f.Households, InReach: f.InReach, MicroServed: f.MicroServed}
	if share, ok := f.Share(); ok {
		figures.Share = &share
	}
	return figures
}

func codesOf(sites coverage.Sites, positions []int) []string {
	codes := make([]string, len(positions))
	for i, at := range positions {
		codes[i] = sites[at].Code
	}
	return codes
}

// Hours tells what is covered in each hour of the week. The question's own moment or profile does not matter.
func (p *Picture) Hours(q Question, unit string) (Hours, error) {
	if err := q.Validate(); err != nil {
		return Hours{}, err
	}
	at, err := p.find(unit)
	if err != nil {
		return Hours{}, err
	}
	services, models := hourlyModels(q)
	engine, err := p.engine(engineKey{q.Week, p.Resolution(q)})
	if err != nil {
		return Hours{}, err
	}
	weeks, err := engine.Hours(prefixOf(at), models...)
	if err != nil {
		return Hours{}, asked(err)
	}
	q.Quarter, q.Profile = 0, ""
	hours := Hours{Basis: p.basis(q), Unit: at}
	for i := range weeks {
		hours.Households = weeks[i].Households
		hours.Services = append(hours.Services, serviceHours(services[i], &weeks[i]))
	}
	return hours, nil
}

// hourlyModels are those of each service named, and that of the question as a whole, without a time.
func hourlyModels(q Question) ([]yizhan.Service, []coverage.Model) {
	q.Quarter, q.Profile = 0, ""
	whole := q.model()
	services := servicesIn(whole.Services)
	models := make([]coverage.Model, len(services), len(services)+1)
	for i, service := range services {
		models[i] = whole
		models[i].Services, models[i].Rule = bitsOf(string(service)), coverage.AnyService
	}
	return append(services, ""), append(models, whole)
}

func serviceHours(service yizhan.Service, week *coverage.WeekFigures) ServiceHours {
	hours := ServiceHours{Service: service}
	for hour := range HoursOfWeek {
		hours.Covered[hour], hours.CrossCovered[hour] = week.Hour(hour)
	}
	return hours
}
