package yizhan

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/paulmach/orb"
)

// Scenario is a what-if: an ordered list of edits laid over the city as it was at one change of the log.
// It never changes the city, and all of it is public.
type Scenario struct {
	ID        string // given by the store: short, and not to be guessed, so that a link to it can be shared
	Name      string
	Note      string // may be empty
	Author    string // who made it, in their own words; may be empty
	Owner     int64  // the account that it belongs to, see User.ID; 0 for none
	Seq       int64  // the change of the log that it is an overlay over
	Edits     []ScenarioEdit
	Version   int64 // starts at 1 and grows by one with each replacement
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ScenarioEditKind says what a ScenarioEdit does.
type ScenarioEditKind string

// The kinds of edit.
const (
	AddStation   ScenarioEditKind = "add_station"
	MoveStation  ScenarioEditKind = "move_station"
	CloseStation ScenarioEditKind = "close_station"
	SetHours     ScenarioEditKind = "set_hours"
	SetServices  ScenarioEditKind = "set_services"
	SetCapacity  ScenarioEditKind = "set_capacity"
	ScaleDemand  ScenarioEditKind = "scale_demand"
)

// ScenarioEditKinds lists the kinds.
func ScenarioEditKinds() []ScenarioEditKind {
	return []ScenarioEditKind{AddStation, MoveStation, CloseStation, SetHours, SetServices, SetCapacity, ScaleDemand}
}

// ScenarioEdit is one step of a scenario. Each kind uses the fields named beside it; the others are zero.
type ScenarioEdit struct {
	Kind     ScenarioEditKind
	Station  string    // all but scale_demand: the code; add_station gives the new one, see NewStationCode
	Name     string    // add_station; may be empty
	Location orb.Point // add_station, move_station
	Services []Service // add_station, set_services: all that the station offers, all of it working
	Hours    Hours     // add_station, set_hours; the zero Hours means that nobody knows
	Capacity int       // add_station, set_capacity: seats; 0 if unknown
	Heated   bool      // add_station: warm indoors. It then offers Heating, whether Services says so or not
	Unit     string    // scale_demand: the households of this unit and below it …
	PerMille int       // … times this over 1,000; 1,000 changes nothing
}

// Bounds of a scenario.
const (
	MaxScenarioEdits = 1_000
	MaxPerMille      = 10_000

	maxScenarioNameRunes   = 100
	maxScenarioNoteRunes   = 2_000
	maxScenarioAuthorRunes = 200
)

// newStationCode cannot be the code of a real station, which has no small letters.
var newStationCode = regexp.MustCompile(`^new-[1-9][0-9]{0,3}$`)

var (
	scenarioID = regexp.MustCompile(`^[a-z2-7]{16}$`)
	unitCode   = regexp.MustCompile(`^[0-9]{4}00$|^[0-9]{6}$|^[0-9]{9}$|^[0-9]{12}$`)
)

// IsScenarioID tells whether id looks like the ID of a scenario.
func IsScenarioID(id string) bool { return scenarioID.MatchString(id) }

// NewStationCode is the code of the n-th station, from 1, that a scenario adds.
func NewStationCode(n int) string { return fmt.Sprintf("new-%d", n) }

// IsNewStationCode tells whether code is of a station that only a scenario has.
func IsNewStationCode(code string) bool { return newStationCode.MatchString(code) }

// NameNewStations gives a code to each added station that has none: the lowest free one, in the order of
// the edits. A code once given stays, so that taking back an edit renames no other station.
func (s *Scenario) NameNewStations() {
	taken := map[string]bool{}
	for _, e := range s.Edits {
		if e.Kind == AddStation {
			taken[e.Station] = true
		}
	}
	n := 1
	for i := range s.Edits {
		if s.Edits[i].Kind != AddStation || s.Edits[i].Station != "" {
			continue
		}
		for taken[NewStationCode(n)] {
			n++
		}
		s.Edits[i].Station = NewStationCode(n)
		taken[s.Edits[i].Station] = true
	}
}

// Validate gives the first rule that the scenario breaks by itself, or nil. Field names the edit at fault,
// such as edits[3].location. Rules that need the city are Over's.
func (s *Scenario) Validate() error {
	if err := checkScenarioName(s.Name); err != nil {
		return err
	}
	if err := checkText("note", s.Note, maxScenarioNoteRunes); err != nil {
		return err
	}
	if err := checkText("author", s.Author, maxScenarioAuthorRunes); err != nil {
		return err
	}
	switch {
	case s.Seq < 0:
		return Invalid("seq", "%d is not at least 0", s.Seq)
	case len(s.Edits) > MaxScenarioEdits:
		return Errorf(CodeTooLarge, "edits", "%d edits; a scenario has at most %d", len(s.Edits), MaxScenarioEdits)
	}
	return s.checkEdits()
}

func checkScenarioName(name string) error {
	if name == "" {
		return Invalid("name", "is empty")
	}
	return checkText("name", name, maxScenarioNameRunes)
}

// checkEdits checks each edit by itself, and that stations of the scenario's own exist when they are
// edited, and none is edited after it was closed.
func (s *Scenario) checkEdits() error {
	steps := steps{}
	for i := range s.Edits {
		e := &s.Edits[i]
		err := e.check()
		if err == nil {
			err = steps.take(i, e)
		}
		if err != nil {
			return InScenarioEdit(i, err)
		}
	}
	return nil
}

// InScenarioEdit makes an error about one edit name it: location becomes edits[i].location.
func InScenarioEdit(i int, err error) error { return InList("edits", i, err) }

// InList makes an error about one item of a list name it: value becomes values[i].value.
func InList(list string, i int, err error) error {
	var ours *Error
	if !errors.As(err, &ours) {
		return fmt.Errorf("%s[%d]: %w", list, i, err)
	}
	named := *ours
	named.Field = fmt.Sprintf("%s[%d]", list, i)
	if ours.Field != "" {
		named.Field += "." + ours.Field
	}
	return &named
}

func (e *ScenarioEdit) check() error {
	switch e.Kind {
	case AddStation, MoveStation, CloseStation, SetHours, SetServices, SetCapacity:
	case ScaleDemand:
		return e.checkScale()
	default:
		return Invalid("kind", "is not one of add_station, move_station, close_station, set_hours, set_services, set_capacity, scale_demand")
	}
	switch isNew := newStationCode.MatchString(e.Station); {
	case e.Kind == AddStation && !isNew:
		return Invalid("station", "is not a code such as new-1: only those cannot be the code of a real station")
	case !isNew && !stationCode.MatchString(e.Station):
		return Invalid("station", "is not a station code, nor one of an added station such as new-1")
	}
	return e.checkChange()
}

// checkChange checks the fields that the kind uses.
func (e *ScenarioEdit) checkChange() error {
	if e.Kind == AddStation {
		if err := checkText("name", e.Name, maxNameRunes); err != nil {
			return err
		}
	}
	if e.Kind == AddStation || e.Kind == MoveStation {
		if err := checkPoint("location", e.Location); err != nil {
			return err
		}
	}
	if e.Kind == AddStation || e.Kind == SetServices {
		if err := checkServices(e.working()); err != nil {
			return err
		}
	}
	if (e.Kind == AddStation || e.Kind == SetCapacity) && (e.Capacity < 0 || e.Capacity > MaxCapacity) {
		return Invalid("capacity", "%d is not in 0..%d", e.Capacity, MaxCapacity)
	}
	return nil
}

func (e *ScenarioEdit) checkScale() error {
	switch {
	case !unitCode.MatchString(e.Unit):
		return Invalid("unit", "is not a unit code of 6, 9 or 12 digits")
	case e.PerMille < 0 || e.PerMille > MaxPerMille:
		return Invalid("per_mille", "%d is not in 0..%d", e.PerMille, MaxPerMille)
	}
	return nil
}

// working is what a station offers after the edit.
func (e *ScenarioEdit) working() []StationService {
	var services []StationService
	warm := false
	for _, service := range e.Services {
		services = append(services, StationService{Service: service, Condition: Working})
		warm = warm || service == Heating
	}
	if e.Heated && e.Kind == AddStation && !warm {
		services = append(services, StationService{Service: Heating, Condition: Working})
	}
	return services
}

// steps remembers what the edits so far did to the stations they name.
type steps map[string]step

type step struct{ added, closed int } // the edits that did so, from 1; 0 for none

func (s steps) take(i int, e *ScenarioEdit) error {
	if e.Kind == ScaleDemand {
		return nil
	}
	so := s[e.Station]
	switch {
	case e.Kind == AddStation && so.added > 0:
		return Invalid("station", "%s is added already by edits[%d]", e.Station, so.added-1)
	case so.closed > 0:
		return Invalid("station", "%s is closed by edits[%d]", e.Station, so.closed-1)
	case e.Kind == AddStation:
		so.added = i + 1
	case so.added == 0 && IsNewStationCode(e.Station):
		return Invalid("station", "%s is not added by an earlier edit", e.Station)
	}
	if e.Kind == CloseStation {
		so.closed = i + 1
	}
	s[e.Station] = so
	return nil
}

// ScenarioSummary is a scenario in a list: without its edits, whose number it tells.
type ScenarioSummary struct {
	Scenario  // Edits is nil
	EditCount int
}

// ScenarioKey is where a scenario stands in a list: newest first, then by ID from the last.
type ScenarioKey struct {
	CreatedAt time.Time
	ID        string
}

// MaxScenarioPage bounds a page of scenarios.
const MaxScenarioPage = 1_000

// ScenarioQuery asks for a page of scenarios, newest first.
type ScenarioQuery struct {
	After ScenarioKey // only scenarios that stand after this one; zero for the start
	Limit int         // 1 to MaxScenarioPage
}

// ScenarioPage is what a ScenarioQuery finds.
type ScenarioPage struct {
	Scenarios []ScenarioSummary
	More      bool // there are scenarios after the last one
}
