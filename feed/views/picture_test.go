package views_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo"
)

// variedCity is a synthetic city whose stations have all sorts of hours, services, conditions and seats.
func variedCity() *yizhan.City {
	rng := rand.New(rand.NewPCG(8, 8))
	city := syntheticCity(tiny)
	hours := []string{"24/7", "", "Mo-Fr 08:30-17:30", "Mo-Su 22:00-06:00", "Mo-Su 09:00-21:00; 2026-02-17 off", "Su 18:00-03:00", "Mo-Su off; 2026-02-18 10:00-12:00"}
	conditions := []yizhan.Condition{yizhan.Working, yizhan.Working, yizhan.Limited, yizhan.Broken, yizhan.Uncertain}
	for _, s := range yizhan.Sorted(city.Stations) {
		s.Hours = yizhan.MustHours(hours[rng.IntN(len(hours))])
		s.Capacity = rng.IntN(4) * 10
		for i := range s.Services {
			s.Services[i].Condition = conditions[rng.IntN(len(conditions))]
		}
		if rng.IntN(4) == 0 {
			door := yizhan.SnapPoint(orb.Point{s.Location[0] + 0.001, s.Location[1]})
			s.Entrance = &door
		}
	}
	return city
}

// questions are of every kind.
func questions() []views.Question {
	at := time.Date(2026, time.February, 17, 23, 40, 0, 0, yizhan.China)
	quarter, week := views.QuestionAt(at)
	return []views.Question{
		{}, {RadiusM: 500}, {RadiusM: 3500, Services: "water"}, {Mode: views.ModeWalk, Minutes: 20}, {Mode: views.ModeEBike, Minutes: 10, Services: "charging"},
		{Services: "water,charging", Rule: views.RuleAny}, {Services: "water,charging", Rule: views.RuleAll}, {Services: "water,charging,rest", Rule: views.RuleOneStop},
		{Quarter: quarter}, {Quarter: quarter, Week: week}, {Services: "water", Quarter: 9*4 + 1}, {RadiusM: 2000, Profile: views.ProfileNight},
		{Profile: views.ProfileUniform, Week: week, Services: "water"}, {Mode: views.ModeWalk, Cold: true, Celsius: -25}, {RadiusM: 1500, Cold: true, Celsius: 0},
	}
}

// The figures are those of counting every station for every cell by hand, from what the nouns say.
func TestFiguresAreThoseOfCounting(t *testing.T) {
	city := variedCity()
	picture := pictureOf(t, coverageOf(t, city, views.CoverageOptions{}))
	covered := 0
	for _, q := range questions() {
		if q.Profile != "" {
			continue // TestHoursAreThoseOfEachMoment
		}
		got, err := picture.Figures(q, "")
		if err != nil {
			t.Fatal(err)
		}
		cells, err := picture.Cells(q, everywhere, picture.Resolution(q))
		if err != nil {
			t.Fatal(err)
		}
		var want views.UnitFigures
		for _, cell := range cells {
			sure, maybe := countAt(city, q, got.Model.ReachM, cell.Cell.Center())
			addIf(&want.Covered, sure >= 1, cell.Households)
			addIf(&want.CrossCovered, sure >= 2, cell.Households)
			addIf(&want.PossiblyCovered, maybe >= 1, cell.Households)
			addIf(&want.PossiblyCrossCovered, maybe >= 2, cell.Households)
			if (cell.Covered > 0) != (sure >= 1) || (cell.Possible > 0) != (maybe >= 1) {
				t.Errorf("%+v: cell %s is %+v, %d and %d stations count", q, cell.Cell, cell, sure, maybe)
			}
		}
		if got.Covered != want.Covered || got.CrossCovered != want.CrossCovered || got.PossiblyCovered != want.PossiblyCovered || got.PossiblyCrossCovered != want.PossiblyCrossCovered {
			t.Errorf("%+v: %+v, counted %+v", q, got.UnitFigures, want)
		}
		covered += int(want.Covered)
	}
	if covered == 0 {
		t.Error("nothing is covered at all")
	}
}

func addIf(sum *int64, is bool, households int64) {
	if is {
		*sum += households
	}
}

// countAt counts the stations for a place, for the service of those asked for that has fewest.
func countAt(city *yizhan.City, q views.Question, reachM float64, at orb.Point) (sure, maybe int) {
	var asked []string
	if q.Services != "" {
		asked = strings.Split(q.Services, ",")
	}
	each := asked
	if q.Rule != views.RuleAll {
		each = []string{""}
	}
	sure, maybe = 1<<30, 1<<30
	for _, only := range each {
		s, m := 0, 0
		for _, station := range city.Stations {
			place := station.Location
			if station.Entrance != nil {
				place = *station.Entrance
			}
			if station.Status != yizhan.StationActive || geo.Distance(at, place) > reachM {
				continue
			}
			wanted := asked
			if only != "" {
				wanted = []string{only}
			}
			known, possible := offers(station, wanted, q.Rule == views.RuleOneStop)
			openKnown, openPossible := isOpen(station, q)
			warmKnown, warmPossible := true, true
			if q.Cold {
				warmKnown, warmPossible = offers(station, []string{"heating"}, false)
			}
			if known && openKnown && warmKnown {
				s++
			}
			if possible && openPossible && warmPossible {
				m++
			}
		}
		sure, maybe = min(sure, s), min(maybe, m)
	}
	return sure, maybe
}

func offers(s *yizhan.Station, services []string, all bool) (known, possible bool) {
	if len(services) == 0 {
		return true, true
	}
	sure, maybe := 0, 0
	for _, have := range s.Services {
		if !slices.Contains(services, string(have.Service)) || have.Condition == yizhan.Broken {
			continue
		}
		maybe++
		if have.Condition != yizhan.Uncertain {
			sure++
		}
	}
	if all {
		return sure == len(services), maybe == len(services)
	}
	return sure > 0, maybe > 0
}

// isOpen asks the hours of a station about the moment. The usual week is like any without holidays.
func isOpen(s *yizhan.Station, q views.Question) (known, possible bool) {
	if q.Quarter == 0 {
		return true, true
	}
	monday := time.Date(2031, time.March, 3, 0, 0, 0, 0, yizhan.China)
	if q.Week != "" {
		monday, _ = time.ParseInLocation(time.DateOnly, q.Week, yizhan.China)
	}
	state, until := s.Hours.StateAt(monday.Add(time.Duration(q.Quarter-1) * 15 * time.Minute))
	if state == yizhan.Unknown {
		return false, true
	}
	_ = until
	return state == yizhan.Open, state == yizhan.Open
}

// The share of the week that a profile gives, and each of the 168 hours, are those of asking moment by moment.
func TestHoursAreThoseOfEachMoment(t *testing.T) {
	picture := pictureOf(t, coverageOf(t, variedCity(), views.CoverageOptions{}))
	q := views.Question{Services: "water,charging", Rule: views.RuleAll, Week: "2026-02-16"}
	hours, err := picture.Hours(q, "")
	if err != nil {
		t.Fatal(err)
	}
	weighted := q
	weighted.Profile = views.ProfileUniform
	share, err := picture.Figures(weighted, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(hours.Services) != 3 || hours.Services[0].Service != yizhan.Water || hours.Services[2].Service != "" {
		t.Fatalf("services %+v", hours.Services)
	}
	var sum views.Interval
	for quarter := range 672 {
		at := q
		at.Quarter = quarter + 1
		f, err := picture.Figures(at, "")
		if err != nil {
			t.Fatal(err)
		}
		moment := views.Interval{Known: f.Covered, Possible: f.PossiblyCovered}
		sum = sum.Plus(moment)
		hour := &hours.Services[2].Covered[quarter/4]
		hour.Known, hour.Possible = hour.Known-moment.Known, hour.Possible-moment.Possible
	}
	if hours.Services[2].Covered != [views.HoursOfWeek]views.Interval{} {
		t.Errorf("the hours differ from the moments by %v", hours.Services[2].Covered)
	}
	if share.CoveredWeight != sum || share.Model.Weight != 672 || sum.Known == sum.Possible {
		t.Errorf("weighted %+v of %d, by moments %+v", share.CoveredWeight, share.Model.Weight, sum)
	}
}

// answersOf is everything that a picture says, as text.
func answersOf(t testing.TB, picture *views.Picture) string {
	t.Helper()
	var all []any
	keep := func(answer any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, answer)
	}
	for _, q := range questions() {
		figures, err := picture.Figures(q, "")
		keep(figures, err)
		ranking, err := picture.Ranking(q, yizhan.LevelCommunity, "")
		keep(ranking, err)
		cells, err := picture.Cells(q, everywhere, 8)
		keep(cells, err)
		gaps, err := picture.Gaps(q, "", 20)
		keep(gaps, err)
		served, err := picture.Served(q, "", 30)
		keep(served, err)
		hours, err := picture.Hours(q, "150702")
		keep(hours, err)
		explained, err := picture.Explain(q, views.Place{Unit: "150702001"})
		keep(explained, err)
		at, err := picture.Explain(q, views.Place{Cell: gaps.Gaps[0].ID})
		keep(at, err)
		sited, err := picture.Site(context.Background(), views.SitingQuestion{Question: q, P: 3}, nil)
		keep(sited, err)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err) // also of NaN and infinities
	}
	return string(text)
}

func TestTwoRunsGiveTheSameBytes(t *testing.T) {
	one := answersOf(t, pictureOf(t, coverageOf(t, variedCity(), views.CoverageOptions{})))
	two := answersOf(t, pictureOf(t, coverageOf(t, variedCity(), views.CoverageOptions{})))
	if one != two {
		t.Errorf("%d and %d bytes differ", len(one), len(two))
	}
}

// Whatever an edited view answers, one that begins with the edited city answers, too.
func TestAnEditedViewAnswersLikeANewOne(t *testing.T) {
	e := editor{rng: rand.New(rand.NewPCG(6, 6)), city: variedCity()}
	view := coverageOf(t, e.city, views.CoverageOptions{})
	for range 8 {
		answersOf(t, pictureOf(t, view)) // so that there is something to go on from
		changes := e.next()
		update(t, view, e.city, changes)
		wait(t, view)
		if got, want := answersOf(t, pictureOf(t, view)), answersOf(t, pictureOf(t, coverageOf(t, e.city, views.CoverageOptions{}))); got != want {
			t.Fatalf("after %+v the answers differ", changes)
		}
	}
}

func scenarioOver(seq int64, edits ...yizhan.ScenarioEdit) *yizhan.Scenario {
	s := &yizhan.Scenario{Name: "what if", Seq: seq, Edits: edits}
	s.NameNewStations()
	return s
}

// someEdits makes edits of every kind to a city with an extent.
func someEdits(city *yizhan.City) []yizhan.ScenarioEdit {
	var active []*yizhan.Station
	for _, s := range yizhan.Sorted(city.Stations) {
		if s.Status == yizhan.StationActive {
			active = append(active, s)
		}
	}
	place := yizhan.SnapPoint(orb.Point{active[0].Location[0] + 0.004, active[0].Location[1]})
	return []yizhan.ScenarioEdit{
		{Kind: yizhan.AddStation, Station: "new-1", Location: place, Services: []yizhan.Service{yizhan.Water, yizhan.Charging}, Hours: yizhan.MustHours("24/7"), Capacity: 20, Heated: true},
		{Kind: yizhan.MoveStation, Station: active[1].Code, Location: place},
		{Kind: yizhan.CloseStation, Station: active[2].Code},
		{Kind: yizhan.SetHours, Station: active[3].Code, Hours: yizhan.MustHours("Mo-Su 08:00-20:00")},
		{Kind: yizhan.SetServices, Station: active[4].Code, Services: yizhan.Services()},
		{Kind: yizhan.SetCapacity, Station: active[0].Code, Capacity: 99},
		{Kind: yizhan.SetHours, Station: "new-1"},
	}
}

// withExtent gives the city an outline: a scenario adds no station outside of one.
func withExtent(city *yizhan.City) *yizhan.City {
	unit := *city.Units[cityCode]
	unit.Boundary = orb.MultiPolygon{orb.Bound{Min: orb.Point{110, 45}, Max: orb.Point{130, 55}}.ToPolygon()}
	city.Units[cityCode] = &unit
	return city
}

// applied is the city with the edits of a scenario made for good.
func applied(t *testing.T, city *yizhan.City, s *yizhan.Scenario, locate func(orb.Point) string) *yizhan.City {
	t.Helper()
	overlay, err := s.Over(city, locate)
	if err != nil {
		t.Fatal(err)
	}
	edited := *city
	edited.Stations = map[string]*yizhan.Station{}
	for code, station := range city.Stations {
		edited.Stations[code] = station
	}
	for code, station := range overlay.Stations {
		if delete(edited.Stations, code); station != nil {
			edited.Stations[code] = station
		}
	}
	return &edited
}

func communityAt(city *yizhan.City) func(orb.Point) string {
	return func(p orb.Point) string {
		for _, grid := range yizhan.Sorted(city.MicroGrids) {
			if grid.Boundary.Bound().Contains(p) && contains(grid.Boundary, p) {
				return grid.Community
			}
		}
		return ""
	}
}

// contains is enough for the squares of a synthetic city.
func contains(area orb.MultiPolygon, p orb.Point) bool {
	inside := false
	for _, polygon := range area {
		for i, ring := range polygon {
			if ring.Bound().Contains(p) {
				inside = i == 0
			}
		}
	}
	return inside
}

// A scenario answers as the city would if its edits were made, and the city itself stays as it was.
func TestAScenarioIsTheEditedCity(t *testing.T) {
	city := withExtent(variedCity())
	view := coverageOf(t, city, views.CoverageOptions{})
	base := pictureOf(t, view)
	before := answersOf(t, base)
	scenario := scenarioOver(1, someEdits(city)...)
	for edits := len(scenario.Edits); edits >= 0; edits -= 3 {
		part := scenarioOver(1, scenario.Edits[:edits]...)
		picture, err := view.PictureOf(t.Context(), part)
		if err != nil {
			t.Fatal(err)
		}
		got := answersOf(t, picture)
		want := answersOf(t, pictureOf(t, coverageOf(t, applied(t, city, part, communityAt(city)), views.CoverageOptions{})))
		name := `"Scenario":{"ID":"","Version":0,"Name":"what if"}`
		if !strings.Contains(got, name) || strings.ReplaceAll(got, name, `"Scenario":null`) != want {
			t.Errorf("with %d edits the scenario answers otherwise", edits)
		}
	}
	if answersOf(t, base) != before {
		t.Error("the scenario changed the city")
	}
	// Without its last edit a scenario is what it was before: bit for bit.
	undone, err := view.PictureOf(t.Context(), scenarioOver(1))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(answersOf(t, undone), `"Scenario":{"ID":"","Version":0,"Name":"what if"}`, `"Scenario":null`); got != before {
		t.Error("all edits undone leave a difference")
	}
}

func TestScaledDemand(t *testing.T) {
	city := withExtent(variedCity())
	view := coverageOf(t, city, views.CoverageOptions{})
	city.Units["150798"] = &yizhan.Unit{Code: "150798", Level: yizhan.LevelBanner, Parent: cityCode, Name: "empty", Version: 1}
	scenario := scenarioOver(1, yizhan.ScenarioEdit{Kind: yizhan.ScaleDemand, Unit: "150702", PerMille: 1500},
		yizhan.ScenarioEdit{Kind: yizhan.ScaleDemand, Unit: "150702", PerMille: 2000}, yizhan.ScenarioEdit{Kind: yizhan.ScaleDemand, Unit: "150798", PerMille: 500})
	picture, err := view.PictureOf(t.Context(), scenario)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []views.Question{{}, {RadiusM: 500}, {RadiusM: 5000}} {
		diff, err := picture.Difference(q, pictureOf(t, view), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, child := range diff.Children {
			factor := 1.0
			if child.After.Unit.Code == "150702" {
				factor = 3
			}
			if got, want := float64(child.After.Households), factor*float64(child.Before.Households); got < want-40 || got > want+40 {
				t.Errorf("%s has %g households of %g", child.After.Unit.Code, got, want)
			}
		}
	}
}

func TestDifferences(t *testing.T) {
	city := withExtent(variedCity())
	view := coverageOf(t, city, views.CoverageOptions{})
	base := pictureOf(t, view)
	scenario := scenarioOver(1, someEdits(city)...)
	picture, err := view.PictureOf(t.Context(), scenario)
	if err != nil {
		t.Fatal(err)
	}
	q := views.Question{Services: "water,charging", Rule: views.RuleAny}
	diff, err := picture.Difference(q, base, "")
	if err != nil {
		t.Fatal(err)
	}
	was, _ := base.Figures(q, "")
	is, _ := picture.Figures(q, "")
	if !reflect.DeepEqual(diff.Unit, views.UnitDifference{Before: was.UnitFigures, After: is.UnitFigures}) || len(diff.Children) != len(is.Children) || len(diff.Services) != 3 {
		t.Errorf("difference %+v", diff)
	}
	lost, gained := int64(0), int64(0)
	for _, gap := range diff.Gaps {
		gained, lost = gained+gap.HouseholdsGained, lost+gap.HouseholdsLost
		if len(gap.Outline) == 0 || gap.Kind == "" {
			t.Errorf("gap %+v", gap)
		}
	}
	if len(diff.Gaps) == 0 || gained-lost != is.Unmet-was.Unmet {
		t.Errorf("gaps gain %d and lose %d households; unmet are %d, were %d", gained, lost, is.Unmet, was.Unmet)
	}
	compared, err := views.Compare(q, "", []*views.Picture{base, picture, base})
	if err != nil || len(compared.Units) != len(is.Children)+1 || len(compared.Breaks) == 0 || !slices.IsSorted(compared.Breaks) {
		t.Fatalf("%+v, %v", compared, err)
	}
	for _, unit := range compared.Units {
		if len(unit.Figures) != 3 || unit.Classes[0] != unit.Classes[2] || !reflect.DeepEqual(unit.Figures[0], unit.Figures[2]) {
			t.Errorf("%s: %+v", unit.Unit.Code, unit)
		}
	}
	_, err = views.Compare(q, "", nil)
	checkError(t, err, yizhan.CodeInvalid, "scenarios")
}

// historyOf is the database of a test.
type historyOf map[int64]*yizhan.City

func (h historyOf) CityAt(_ context.Context, seq int64) (*yizhan.City, error) {
	if city := h[seq]; city != nil {
		return copyOf(city), nil
	}
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "seq", "no %d", seq)
}

func (h historyOf) StationChanges(context.Context, time.Time, int64, int) ([]yizhan.Change, time.Time, error) {
	return nil, time.Time{}, errors.New("no changes are recorded here")
}

// copyOf shares nothing with the city, as what comes from a database.
func copyOf(city *yizhan.City) *yizhan.City {
	fresh := *city
	fresh.MicroGrids, fresh.Stations = map[string]*yizhan.MicroGrid{}, map[string]*yizhan.Station{}
	for code, grid := range city.MicroGrids {
		g := *grid
		g.Boundary = grid.Boundary.Clone()
		fresh.MicroGrids[code] = &g
	}
	for code, station := range city.Stations {
		s := *station
		fresh.Stations[code] = &s
	}
	return &fresh
}

// A scenario over an earlier change lies over the city as it was then, whether the view remembers it or asks
// the database.
func TestScenariosOverEarlierChanges(t *testing.T) {
	e := editor{rng: rand.New(rand.NewPCG(16, 6)), city: variedCity()}
	history := historyOf{}
	remembers := coverageOf(t, e.city, views.CoverageOptions{})
	for range 5 {
		history[e.city.Seq] = e.city
		was := e.city
		changes := e.next()
		state := was
		for i := range changes { // as the log has them
			if feature := featureOf(state, changes[i].Ref); feature != nil {
				changes[i].Before = feature
			}
			state = state.Next(changes[i : i+1])
		}
		update(t, remembers, e.city, changes)
		wait(t, remembers)
	}
	asks := coverageOf(t, e.city, views.CoverageOptions{History: history})
	forgot := coverageOf(t, e.city, views.CoverageOptions{})
	for seq, city := range history {
		want := answersOf(t, pictureOf(t, coverageOf(t, city, views.CoverageOptions{})))
		for name, view := range map[string]*views.Coverage{"remembered": remembers, "asked for": asks} {
			picture, err := view.PictureOf(t.Context(), scenarioOver(seq))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.ReplaceAll(answersOf(t, picture), `"Scenario":{"ID":"","Version":0,"Name":"what if"}`, `"Scenario":null`); got != want {
				t.Errorf("%s: the city of seq %d answers otherwise", name, seq)
			}
		}
		_, err := forgot.PictureOf(t.Context(), scenarioOver(seq))
		checkError(t, err, yizhan.CodeNotFound, "seq")
	}
	_, err := asks.PictureOf(t.Context(), scenarioOver(e.city.Seq+1))
	checkError(t, err, yizhan.CodeUnavailable, "seq")
}

func featureOf(city *yizhan.City, ref yizhan.Ref) yizhan.Feature {
	switch ref.Collection {
	case yizhan.Stations:
		if s := city.Stations[ref.Code]; s != nil {
			return s
		}
	case yizhan.MicroGrids:
		if g := city.MicroGrids[ref.Code]; g != nil {
			return g
		}
	}
	return nil
}

func TestScenariosThatDoNotFit(t *testing.T) {
	city := withExtent(variedCity())
	view := coverageOf(t, city, views.CoverageOptions{})
	for field, edit := range map[string]yizhan.ScenarioEdit{
		"edits[0].station":  {Kind: yizhan.CloseStation, Station: "ST-NOT-THERE"},
		"edits[0].location": {Kind: yizhan.AddStation, Location: orb.Point{2.35, 48.85}},
		"edits[0].unit":     {Kind: yizhan.ScaleDemand, Unit: "159999", PerMille: 1000},
	} {
		_, err := view.PictureOf(t.Context(), scenarioOver(1, edit))
		checkError(t, err, yizhan.CodeInvalid, field)
	}
}

func TestSavedScenariosAreDrawnOnce(t *testing.T) {
	city := withExtent(variedCity())
	view := coverageOf(t, city, views.CoverageOptions{})
	scenario := scenarioOver(1, someEdits(city)...)
	scenario.ID, scenario.Version = "aaaaaaaaaaaaaaaa", 3
	if _, there := view.Drawn(scenario.ID, 3); there {
		t.Error("drawn before anybody asked")
	}
	one, err := view.PictureOf(t.Context(), scenario)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := view.PictureOf(t.Context(), scenario)
	if drawn, there := view.Drawn(scenario.ID, 3); one != two || drawn != one || !there {
		t.Error("drawn twice")
	}
	if name := one.Scenario(); name.ID != scenario.ID || name.Version != 3 || one.Seq() != 1 {
		t.Errorf("%+v at %d", name, one.Seq())
	}
}

func TestUnsavedScenariosAreDrawnOnceEach(t *testing.T) {
	city := withExtent(variedCity())
	view := coverageOf(t, city, views.CoverageOptions{})
	drawn := map[*views.Picture]bool{}
	edits := someEdits(city)
	for n := range edits {
		scenario := scenarioOver(1, edits[:n+1]...)
		one, err := view.PictureOf(t.Context(), scenario)
		if err != nil {
			t.Fatal(err)
		}
		if two, _ := view.PictureOf(t.Context(), scenario); one != two {
			t.Error("drawn twice")
		}
		if drawn[one] || one.Scenario().ID != "" {
			t.Errorf("%d edits have the picture of fewer", n+1)
		}
		drawn[one] = true
	}
}

func TestSitingIsRefusedAtOnce(t *testing.T) {
	city := withExtent(variedCity())
	picture := pictureOf(t, coverageOf(t, city, views.CoverageOptions{}))
	for field, ask := range map[string]views.SitingQuestion{
		"p":        {},
		"unit":     {P: 1, Unit: "159999"},
		"floors":   {P: 1, Floors: []views.Floor{{Banner: "159999", Stations: 1}}},
		"excluded": {P: 1, ExcludedUnits: []string{"159999"}},
	} {
		code := yizhan.CodeInvalid
		if field == "unit" {
			code = yizhan.CodeNotFound
		}
		checkError(t, picture.CheckSites(ask), code, field)
	}
	checkError(t, picture.CheckSites(views.SitingQuestion{P: 1, ExcludedCells: []string{"8b1ec9b64a60fff"}}), yizhan.CodeInvalid, "excluded")
	if err := picture.CheckSites(views.SitingQuestion{P: 1}); err != nil {
		t.Error(err)
	}
}

// What a siting promises is what the stations cover when a scenario adds them.
func TestSitesCoverWhatTheyPromise(t *testing.T) {
	city := withExtent(variedCity())
	view := coverageOf(t, city, views.CoverageOptions{})
	base := pictureOf(t, view)
	for _, q := range questions() {
		for _, model := range []string{views.MCLP, views.SecondCover, views.LSCP} {
			ask := views.SitingQuestion{Question: q, Model: model, P: 4}
			if model == views.LSCP {
				ask.P, ask.Share = 0, 0.8
			}
			answer, err := base.Site(t.Context(), ask, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkSiting(t, city, view, ask, &answer)
		}
	}
}

func checkSiting(t *testing.T, city *yizhan.City, view *views.Coverage, ask views.SitingQuestion, answer *views.SitingAnswer) {
	t.Helper()
	var edits []yizhan.ScenarioEdit
	gains := int64(0)
	for i, site := range answer.Sites {
		gains += site.Gain
		if site.Cumulative != gains || i > 0 && ask.Model != views.SecondCover && site.Gain > answer.Sites[i-1].Gain {
			t.Errorf("%+v: site %d is %+v", ask, i, site)
		}
		edits = append(edits, yizhan.ScenarioEdit{Kind: yizhan.AddStation, Location: site.At, Services: yizhan.Services(), Hours: yizhan.MustHours("24/7"), Heated: true})
	}
	picture, err := view.PictureOf(t.Context(), scenarioOver(1, edits...))
	if err != nil {
		t.Fatal(err)
	}
	was, _ := pictureOf(t, view).Figures(ask.Question, "")
	is, err := picture.Figures(ask.Question, "")
	if err != nil {
		t.Fatal(err)
	}
	got := is.CoveredWeight.Known - was.CoveredWeight.Known
	if ask.Model == views.SecondCover {
		// The new stations also give a second one to whom two of them are the first.
		if got = is.CrossWeight.Known - was.CrossWeight.Known; got < answer.Objective {
			t.Errorf("%+v: covers %d twice, promised %d", ask, got, answer.Objective)
		}
		got = answer.Objective
	}
	// A station stands on a grid of 1e-7°, so that a cell may come or go that is just in reach.
	if slack := answer.Total / 100; got < answer.Objective-slack || got > answer.Objective+slack {
		t.Errorf("%+v: covers %d more, promised %d", ask, got, answer.Objective)
	}
	if answer.Objective != gains || answer.Bound < answer.Objective || answer.Total < answer.Bound || answer.GapShare < 0 || answer.GapShare > 1 || answer.Households != was.Households {
		t.Errorf("%+v: %+v", ask, answer)
	}
	if ask.Model == views.LSCP && answer.Possible && answer.Objective < answer.Target {
		t.Errorf("%+v: %d of %d", ask, answer.Objective, answer.Target)
	}
	banners := int64(0)
	for _, banner := range answer.Banners {
		banners += banner.Gain
	}
	if banners != answer.Objective {
		t.Errorf("%+v: banners gain %d of %d", ask, banners, answer.Objective)
	}
}

func TestSitingLimits(t *testing.T) {
	city := withExtent(variedCity())
	picture := pictureOf(t, coverageOf(t, city, views.CoverageOptions{}))
	site := func(s views.SitingQuestion) views.SitingAnswer {
		t.Helper()
		answer, err := picture.Site(t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	free := site(views.SitingQuestion{P: 5})
	floored := site(views.SitingQuestion{P: 5, Floors: []views.Floor{{Banner: "150702", Stations: 2}, {Banner: "150703", Stations: 2}}})
	count := map[string]int{}
	for _, s := range floored.Sites {
		count[s.Unit[:6]]++
	}
	if count["150702"] < 2 || count["150703"] < 2 || floored.Objective > free.Objective {
		t.Errorf("floors: %v, %d of %d", count, floored.Objective, free.Objective)
	}
	for _, s := range site(views.SitingQuestion{P: 5, ExcludedUnits: []string{"150702"}}).Sites {
		if strings.HasPrefix(s.Unit, "150702") {
			t.Errorf("a site in %s", s.Unit)
		}
	}
	without := site(views.SitingQuestion{P: 5, ExcludedCells: []string{free.Sites[0].Cell.Parent(7).String()}})
	for _, s := range without.Sites {
		if s.Cell.Parent(7) == free.Sites[0].Cell.Parent(7) {
			t.Errorf("a site in the excluded %s", s.Cell)
		}
	}
	if paid := site(views.SitingQuestion{Budget: 100, Cost: 30}); len(paid.Sites) != 3 || paid.Cost != 90 {
		t.Errorf("%d sites for %d", len(paid.Sites), paid.Cost)
	}
	within := site(views.SitingQuestion{P: 2, Unit: "150703"})
	if len(within.Banners) != 1 || within.Banners[0].Unit.Code != "150703" || within.Objective > within.Total {
		t.Errorf("%+v", within)
	}
	points := []views.SitePoint{{Name: "here", At: free.Sites[0].At}, {Name: "in Paris", At: orb.Point{2.35, 48.85}}}
	if chosen := site(views.SitingQuestion{P: 2, Points: points}); len(chosen.Sites) != 1 || chosen.Sites[0].Name != "here" || chosen.Objective != free.Sites[0].Gain {
		t.Errorf("%+v", chosen.Sites)
	}
	// What riders ask for counts beside the households that it reaches.
	points[1].Weight = free.Sites[0].Gain + 1
	wished := site(views.SitingQuestion{P: 2, Points: points})
	if len(wished.Sites) != 2 || wished.Sites[0].Name != "in Paris" || wished.Sites[0].Gain != points[1].Weight || wished.Objective != 2*free.Sites[0].Gain+1 {
		t.Errorf("%+v", wished.Sites)
	}
	if len(wished.Banners) != len(site(views.SitingQuestion{P: 2, Points: points[:1]}).Banners) {
		t.Errorf("%+v", wished.Banners)
	}
	points[1].Weight = 0
	if many := site(views.SitingQuestion{P: 3, Points: points}); !many.Capped || many.Places != 2 {
		t.Errorf("%+v", many)
	}
}

func TestACancelledSitingGivesWhatItHas(t *testing.T) {
	picture := pictureOf(t, coverageOf(t, variedCity(), views.CoverageOptions{}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	answer, err := picture.Site(ctx, views.SitingQuestion{P: 5}, nil)
	if err != nil || !answer.Stopped && !answer.Proved || answer.Bound < answer.Objective {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestSitingRefusesInvalidQuestions(t *testing.T) {
	picture := pictureOf(t, coverageOf(t, variedCity(), views.CoverageOptions{}))
	for _, test := range []struct {
		field string
		views.SitingQuestion
	}{
		{"p", views.SitingQuestion{}}, {"p", views.SitingQuestion{P: -1}}, {"p", views.SitingQuestion{P: 1001}},
		{"share", views.SitingQuestion{Model: views.LSCP}}, {"share", views.SitingQuestion{Model: views.LSCP, Share: 1.1}}, {"share", views.SitingQuestion{P: 1, Share: 0.5}},
		{"model", views.SitingQuestion{Model: "best", P: 1}}, {"model", views.SitingQuestion{Model: views.LSCP, Share: 0.5, P: 3}},
		{"budget", views.SitingQuestion{Budget: -1, P: 1}}, {"cost", views.SitingQuestion{Budget: 5}}, {"floors", views.SitingQuestion{P: 1, Floors: []views.Floor{{Banner: "159999", Stations: 1}}}},
		{"floors", views.SitingQuestion{P: 1, Floors: []views.Floor{{Banner: "150702", Stations: 2}}}}, {"candidates", views.SitingQuestion{P: 1, Candidates: "trees"}},
		{"candidates", views.SitingQuestion{P: 1, Points: []views.SitePoint{{At: orb.Point{0, 91}}}}}, {"excluded", views.SitingQuestion{P: 1, ExcludedUnits: []string{"x"}}},
		{"excluded", views.SitingQuestion{P: 1, ExcludedCells: []string{"x"}}}, {"radius_m", views.SitingQuestion{P: 1, Question: views.Question{RadiusM: 10_000_000}}},
	} {
		_, err := picture.Site(t.Context(), test.SitingQuestion, nil)
		checkError(t, err, yizhan.CodeInvalid, test.field)
	}
	_, err := picture.Site(t.Context(), views.SitingQuestion{P: 1, Unit: "159999"}, nil)
	checkError(t, err, yizhan.CodeNotFound, "unit")
}

func TestGapsAreWhatIsUnmet(t *testing.T) {
	picture := pictureOf(t, coverageOf(t, variedCity(), views.CoverageOptions{}))
	reasons := map[views.Reason]bool{}
	for _, q := range questions() {
		list, err := picture.Gaps(q, "", views.MaxGaps)
		if err != nil {
			t.Fatal(err)
		}
		figures, _ := picture.Figures(q, "")
		if list.Households != figures.Unmet || list.Total != len(list.Gaps) {
			t.Errorf("%+v: %d households in %d gaps, %d unmet", q, list.Households, list.Total, figures.Unmet)
		}
		for i, gap := range list.Gaps {
			sum := int64(0)
			for _, r := range gap.Reasons {
				sum += r.Households
			}
			reasons[gap.Reason] = true
			if sum != gap.Households || i > 0 && gap.Households > list.Gaps[i-1].Households || gap.BestSite.OfGap == 0 || len(gap.Outline) != 1 || !gap.Bound.Contains(gap.Outline[0][0][0]) {
				t.Errorf("gap %+v", gap)
			}
		}
		sketch, err := picture.SketchGaps(q, "", views.MaxGaps)
		full := slices.Clone(list.Gaps)
		for i := range full {
			full[i].Outline, full[i].BestSite = nil, views.BestSite{}
		}
		if err != nil || !reflect.DeepEqual(sketch.Gaps, full) || sketch.Households != list.Households {
			t.Errorf("%+v: the sketch of the gaps is of others, %v", q, err)
		}
		part, err := picture.Gaps(q, "150702001001", 3)
		if err != nil || part.Total > list.Total || len(part.Gaps) > 3 {
			t.Errorf("%+v: %d gaps, %v", q, part.Total, err)
		}
		outlined, err := picture.OutlinedGaps(q, everywhere, 1)
		if err != nil || len(outlined) != list.Total {
			t.Errorf("%+v: %d outlines of %d gaps, %v", q, len(outlined), list.Total, err)
		}
	}
	for _, reason := range []views.Reason{views.NoneInReach, views.ClosedThen, views.ServiceMissing, views.HoursUnknown, views.Unheated} {
		if !reasons[reason] {
			t.Errorf("no gap is one because of %s", reason)
		}
	}
	_, err := picture.Gaps(views.Question{}, "", 0)
	checkError(t, err, yizhan.CodeInvalid, "limit")
}

func TestExplanations(t *testing.T) {
	city := variedCity()
	picture := pictureOf(t, coverageOf(t, city, views.CoverageOptions{}))
	at := yizhan.Sorted(city.Stations)[0].Location
	e, err := picture.Explain(views.Question{Services: "water", Quarter: 1}, views.Place{Point: &at})
	if err != nil || e.Cell == nil || len(e.Cell.Stations) == 0 || len(e.Formula) != 5 || e.Seq != 1 {
		t.Fatalf("%+v, %v", e, err)
	}
	for i, s := range e.Cell.Stations {
		if s.Station == nil || s.DistanceM > e.Model.ReachM || i > 0 && s.WayM < e.Cell.Stations[i-1].WayM {
			t.Errorf("station %+v", s)
		}
	}
	for _, place := range []views.Place{{Cell: "8a1"}, {Cell: "zzz"}, {Unit: "150702", Cell: e.Cell.Cell.String()}, {Cell: e.Cell.Cell.Parent(9).String()}} {
		_, err := picture.Explain(views.Question{}, place)
		checkError(t, err, yizhan.CodeInvalid, "cell")
	}
	_, err = picture.Explain(views.Question{}, views.Place{Point: &orb.Point{0, 99}})
	checkError(t, err, yizhan.CodeInvalid, "point")
}

// Stations of which little is known, or that are far away, and a city without demand, have answers, too.
func TestPoorData(t *testing.T) {
	city := withExtent(syntheticCity(tiny))
	for _, s := range city.Stations {
		s.Hours, s.Services = yizhan.Hours{}, nil
	}
	far := station("ST-FAR-AWAY", orb.Point{2.35, 48.85}, "24/7", yizhan.Water)
	city.Stations[far.Code] = far
	answersOf(t, pictureOf(t, coverageOf(t, city, views.CoverageOptions{})))
	empty := withExtent(syntheticCity(tiny))
	empty.MicroGrids = map[string]*yizhan.MicroGrid{}
	picture := pictureOf(t, coverageOf(t, empty, views.CoverageOptions{}))
	for _, q := range questions() {
		f, err := picture.Figures(q, "")
		if err != nil || f.Households != 0 || f.Share != nil || f.Rate.Known != nil {
			t.Errorf("%+v, %v", f, err)
		}
		if _, err := json.Marshal(f); err != nil {
			t.Error(err)
		}
		answer, err := picture.Site(t.Context(), views.SitingQuestion{Question: q, P: 3}, nil)
		if err != nil || len(answer.Sites) != 0 || !answer.Capped {
			t.Errorf("%+v, %v", answer, err)
		}
		if gaps, err := picture.Gaps(q, "", 10); err != nil || gaps.Total != 0 {
			t.Errorf("%+v, %v", gaps, err)
		}
	}
}

func TestQuestionAt(t *testing.T) {
	for text, want := range map[string]string{
		"2026-02-16T00:00:00+08:00": "1 2026-02-16", "2026-02-15T23:59:59+08:00": "672 2026-02-09",
		"2026-02-17T03:07:00Z": "141 2026-02-16", "2026-02-15T16:15:00Z": "2 2026-02-16",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		quarter, week := views.QuestionAt(at)
		if got := fmt.Sprint(quarter, " ", week); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestParseServices(t *testing.T) {
	if got, err := views.ParseServices("rest,water"); got != "water,rest" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"beer", "water,water", ",", "water,", "Water"} {
		_, err := views.ParseServices(text)
		checkError(t, err, yizhan.CodeInvalid, "services")
	}
}
