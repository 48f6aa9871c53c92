package yizhan_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

var hailar = orb.Point{119.7364, 49.2122}

func scenarioOf(edits ...yizhan.ScenarioEdit) *yizhan.Scenario {
	return &yizhan.Scenario{Name: "冬季方案", Seq: 7, Edits: edits}
}

func TestScenarioEditsAreChecked(t *testing.T) {
	add := yizhan.ScenarioEdit{Kind: yizhan.AddStation, Station: "new-1", Location: hailar, Capacity: 10}
	with := func(change func(*yizhan.ScenarioEdit)) yizhan.ScenarioEdit {
		edit := add
		change(&edit)
		return edit
	}
	of := func(kind yizhan.ScenarioEditKind) yizhan.ScenarioEdit {
		return yizhan.ScenarioEdit{Kind: kind, Station: "S-001", Location: hailar}
	}
	scale := func(unit string, perMille int) yizhan.ScenarioEdit {
		return yizhan.ScenarioEdit{Kind: yizhan.ScaleDemand, Unit: unit, PerMille: perMille}
	}
	for _, c := range []struct {
		name  string
		edits []yizhan.ScenarioEdit
		field string // empty if allowed
	}{
		{"none", nil, ""},
		{"one of each", []yizhan.ScenarioEdit{add, of(yizhan.MoveStation), of(yizhan.SetHours), of(yizhan.SetServices), of(yizhan.SetCapacity), scale("150700", 0), of(yizhan.CloseStation)}, ""},
		{"an added one is moved", []yizhan.ScenarioEdit{add, {Kind: yizhan.MoveStation, Station: "new-1", Location: hailar}}, ""},
		{"no kind", []yizhan.ScenarioEdit{{Station: "S-001"}}, "edits[0].kind"},
		{"unknown kind", []yizhan.ScenarioEdit{add, {Kind: "burn", Station: "S-001"}}, "edits[1].kind"},
		{"a real code for a new station", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Station = "S-001" })}, "edits[0].station"},
		{"no code for a new station", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Station = "" })}, "edits[0].station"},
		{"new-0", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Station = "new-0" })}, "edits[0].station"},
		{"no code", []yizhan.ScenarioEdit{{Kind: yizhan.CloseStation}}, "edits[0].station"},
		{"added twice", []yizhan.ScenarioEdit{add, add}, "edits[1].station"},
		{"moved before it is added", []yizhan.ScenarioEdit{{Kind: yizhan.MoveStation, Station: "new-1", Location: hailar}, add}, "edits[0].station"},
		{"closed twice", []yizhan.ScenarioEdit{of(yizhan.CloseStation), of(yizhan.CloseStation)}, "edits[1].station"},
		{"hours after it is closed", []yizhan.ScenarioEdit{of(yizhan.CloseStation), of(yizhan.SetHours)}, "edits[1].station"},
		{"lat before lng", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Location = orb.Point{49.2122, 119.7364} })}, "edits[0].location"},
		{"NaN", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Location[0] = math.NaN() })}, "edits[0].location"},
		{"unknown service", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Services = []yizhan.Service{"beer"} })}, "edits[0].services"},
		{"a service twice", []yizhan.ScenarioEdit{{Kind: yizhan.SetServices, Station: "S-001", Services: []yizhan.Service{yizhan.Water, yizhan.Water}}}, "edits[0].services"},
		{"capacity", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Capacity = 1001 })}, "edits[0].capacity"},
		{"negative capacity", []yizhan.ScenarioEdit{{Kind: yizhan.SetCapacity, Station: "S-001", Capacity: -1}}, "edits[0].capacity"},
		{"long name", []yizhan.ScenarioEdit{with(func(e *yizhan.ScenarioEdit) { e.Name = strings.Repeat("站", 121) })}, "edits[0].name"},
		{"unit", []yizhan.ScenarioEdit{scale("15070", 1000)}, "edits[0].unit"},
		{"factor", []yizhan.ScenarioEdit{scale("150702", 10_001)}, "edits[0].per_mille"},
		{"negative factor", []yizhan.ScenarioEdit{scale("150702", -1)}, "edits[0].per_mille"},
		{"too many", slices.Repeat([]yizhan.ScenarioEdit{scale("150702", 1000)}, 1001), "edits"},
		{"as many as allowed", slices.Repeat([]yizhan.ScenarioEdit{scale("150702", 1000)}, 1000), ""},
	} {
		t.Run(c.name, func(t *testing.T) { checkField(t, scenarioOf(c.edits...).Validate(), c.field) })
	}
}

// checkField checks which field an error is about; empty for no error.
func checkField(t *testing.T, err error, field string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	var ours *yizhan.Error
	if !errors.As(err, &ours) || ours.Field != field {
		t.Errorf("got %v, want an error about %s", err, field)
	}
}

func TestScenarioHeadIsChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*yizhan.Scenario)
		field  string
	}{
		{"as it should be", func(s *yizhan.Scenario) { s.Name = strings.Repeat("冬", 100) }, ""},
		{"no name", func(s *yizhan.Scenario) { s.Name = "" }, "name"},
		{"long name", func(s *yizhan.Scenario) { s.Name = strings.Repeat("冬", 101) }, "name"},
		{"name with a zero", func(s *yizhan.Scenario) { s.Name = "a\x00" }, "name"},
		{"note not UTF-8", func(s *yizhan.Scenario) { s.Note = "\xff" }, "note"},
		{"long author", func(s *yizhan.Scenario) { s.Author = strings.Repeat("x", 201) }, "author"},
		{"before the log", func(s *yizhan.Scenario) { s.Seq = -1 }, "seq"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scenarioOf()
			c.change(s)
			checkField(t, s.Validate(), c.field)
		})
	}
}

func TestNewStationsGetFreeCodes(t *testing.T) {
	add := func(code string) yizhan.ScenarioEdit {
		return yizhan.ScenarioEdit{Kind: yizhan.AddStation, Station: code, Location: hailar}
	}
	s := scenarioOf(add(""), add("new-2"), add(""), yizhan.ScenarioEdit{Kind: yizhan.CloseStation, Station: "S-001"}, add(""))
	s.NameNewStations()
	var codes []string
	for _, e := range s.Edits {
		codes = append(codes, e.Station)
	}
	if want := []string{"new-1", "new-2", "new-3", "S-001", "new-4"}; !slices.Equal(codes, want) {
		t.Errorf("codes %v, want %v", codes, want)
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	full := scenarioOf(slices.Repeat([]yizhan.ScenarioEdit{add("")}, yizhan.MaxScenarioEdits)...)
	full.NameNewStations()
	if err := full.Validate(); err != nil {
		t.Error(err)
	}
}

func TestNewCodesAreNoRealCodes(t *testing.T) {
	for n := 1; n <= yizhan.MaxScenarioEdits; n++ {
		station := &yizhan.Station{Code: yizhan.NewStationCode(n)}
		if !yizhan.IsNewStationCode(station.Code) {
			t.Fatalf("%s is not taken for new", station.Code)
		}
		checkField(t, station.Validate(), "code")
	}
}

// scenarioCity is at seq 7.
func scenarioCity() *yizhan.City {
	city := &yizhan.City{Seq: 7, Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{}}
	square := orb.MultiPolygon{{{{119, 49}, {120, 49}, {120, 50}, {119, 50}, {119, 49}}}}
	city.Units["150700"] = &yizhan.Unit{Code: "150700", Level: yizhan.LevelCity, Boundary: square}
	city.Units["150702"] = &yizhan.Unit{Code: "150702", Level: yizhan.LevelBanner}
	for i, status := range []yizhan.StationStatus{yizhan.StationActive, yizhan.StationPlanned, yizhan.StationClosed} {
		code := fmt.Sprintf("S-%03d", i+1)
		city.Stations[code] = &yizhan.Station{Code: code, Status: status, Location: hailar, Entrance: &hailar, MicroGrid: "150702001001001",
			Community: "150702001001", Capacity: 3, Hours: yizhan.MustHours("24/7"), Version: 4}
	}
	return city
}

func TestScenarioOverACity(t *testing.T) {
	city := scenarioCity()
	before := *city.Stations["S-001"]
	s := scenarioOf(
		yizhan.ScenarioEdit{Kind: yizhan.AddStation, Station: "new-1", Name: "新站", Location: orb.Point{119.50000004, 49.5}, Services: []yizhan.Service{yizhan.Water},
			Hours: yizhan.MustHours("Mo-Fr 08:00-18:00"), Capacity: 5, Heated: true},
		yizhan.ScenarioEdit{Kind: yizhan.MoveStation, Station: "S-001", Location: orb.Point{119.6, 49.6}},
		yizhan.ScenarioEdit{Kind: yizhan.SetHours, Station: "S-001"},
		yizhan.ScenarioEdit{Kind: yizhan.SetServices, Station: "S-001", Services: []yizhan.Service{yizhan.Rest}},
		yizhan.ScenarioEdit{Kind: yizhan.SetCapacity, Station: "S-001", Capacity: 9},
		yizhan.ScenarioEdit{Kind: yizhan.ScaleDemand, Unit: "150702", PerMille: 1500},
		yizhan.ScenarioEdit{Kind: yizhan.AddStation, Station: "new-2", Location: hailar},
		yizhan.ScenarioEdit{Kind: yizhan.CloseStation, Station: "new-2"},
	)
	overlay, err := s.Over(city, func(p orb.Point) string { return fmt.Sprintf("at %g", p[0]) })
	if err != nil {
		t.Fatal(err)
	}
	want := yizhan.Overlay{
		Stations: map[string]*yizhan.Station{
			"new-1": {Code: "new-1", Name: "新站", Location: orb.Point{119.5, 49.5}, Capacity: 5, Hours: yizhan.MustHours("Mo-Fr 08:00-18:00"), Status: yizhan.StationActive,
				Community: "at 119.5", Services: []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Working}, {Service: yizhan.Heating, Condition: yizhan.Working}}},
			"new-2": nil,
			"S-001": {Code: "S-001", Location: orb.Point{119.6, 49.6}, Community: "at 119.6", Capacity: 9, Status: yizhan.StationActive,
				Services: []yizhan.StationService{{Service: yizhan.Rest, Condition: yizhan.Working}}, Version: 4},
		},
		Scales: []yizhan.DemandScale{{Unit: "150702", PerMille: 1500}},
	}
	if !reflect.DeepEqual(overlay, want) {
		t.Errorf("got  %+v\nwant %+v", overlay, want)
	}
	if !reflect.DeepEqual(*city.Stations["S-001"], before) {
		t.Error("the city has changed")
	}
}

func TestScenarioThatDoesNotFitTheCity(t *testing.T) {
	closing := func(code string) yizhan.ScenarioEdit {
		return yizhan.ScenarioEdit{Kind: yizhan.CloseStation, Station: code}
	}
	for _, c := range []struct {
		name  string
		edit  yizhan.ScenarioEdit
		field string
	}{
		{"no such station", closing("S-999"), "edits[1].station"},
		{"a planned station", closing("S-002"), "edits[1].station"},
		{"a closed station", closing("S-003"), "edits[1].station"},
		{"no such unit", yizhan.ScenarioEdit{Kind: yizhan.ScaleDemand, Unit: "150799", PerMille: 1}, "edits[1].unit"},
		{"outside", yizhan.ScenarioEdit{Kind: yizhan.AddStation, Station: "new-1", Location: orb.Point{121, 49.5}}, "edits[1].location"},
		{"moved outside", yizhan.ScenarioEdit{Kind: yizhan.MoveStation, Station: "S-001", Location: orb.Point{49.5, 49.5}}, "edits[1].location"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := scenarioOf(yizhan.ScenarioEdit{Kind: yizhan.SetCapacity, Station: "S-001"}, c.edit).Over(scenarioCity(), nil)
			checkField(t, err, c.field)
		})
	}
	other := scenarioOf()
	other.Seq = 6
	_, err := other.Over(scenarioCity(), nil)
	checkField(t, err, "seq")
	_, err = scenarioOf(closing("")).Over(scenarioCity(), nil)
	checkField(t, err, "edits[0].station")
}
