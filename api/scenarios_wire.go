package api

import (
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// ScenarioBody is a scenario to be saved.
type ScenarioBody struct {
	ScenarioReplacement
	Author string `json:"author,omitempty" doc:"Who makes it, in their own words" maxLength:"200"`
}

// ScenarioReplacement is what can be changed of a scenario.
type ScenarioReplacement struct {
	Name  string             `json:"name" minLength:"1" maxLength:"100"`
	Note  string             `json:"note,omitempty" maxLength:"2000"`
	Seq   *int64             `json:"seq,omitempty" doc:"The change of the log that it is laid over" minimum:"0"`
	Edits []ScenarioEditPart `json:"edits" nullable:"false" maxItems:"1000" doc:"In the order in which they are made"`
}

// ScenarioHead is a scenario without its edits.
type ScenarioHead struct {
	ID        string    `json:"id" doc:"Given by the server; the link to a scenario has it"`
	Name      string    `json:"name"`
	Note      string    `json:"note"`
	Author    string    `json:"author"`
	Owner     *int64    `json:"owner" doc:"The number of the account that it belongs to, as /api/auth/me tells it; null for none"`
	Seq       int64     `json:"seq" doc:"The change of the log that it is laid over"`
	Version   int64     `json:"version" minimum:"1"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// ScenarioReport is a scenario.
type ScenarioReport struct {
	ScenarioHead
	Edits []ScenarioEditPart `json:"edits" nullable:"false"`
}

// ScenarioSummaryReport is a scenario in a list.
type ScenarioSummaryReport struct {
	ScenarioHead
	EditCount int `json:"edit_count"`
}

// ScenarioPageReport is a page of scenarios.
type ScenarioPageReport struct {
	Scenarios []ScenarioSummaryReport `json:"scenarios" nullable:"false" doc:"Newest first"`
	Links     []Link                  `json:"links" nullable:"false" doc:"self, and next while there is more"`
}

// ScenarioEditPart is one step of a scenario. Each kind takes the members said beside them and no others.
type ScenarioEditPart struct {
	Kind         string            `json:"kind" enum:"add_station,move_station,close_station,set_hours,set_services,set_capacity,scale_demand"`
	Station      *string           `json:"station,omitempty" maxLength:"32" doc:"All but scale_demand: the code. add_station gives the new one, such as new-1; without it one is found"`
	Name         *string           `json:"name,omitempty" maxLength:"100" doc:"add_station, may be left out"`
	Location     *Position         `json:"location,omitempty" doc:"add_station, move_station"`
	Services     *scenarioServices `json:"services,omitempty" doc:"add_station, set_services: all that the station offers, all of it working"`
	OpeningHours *string           `json:"opening_hours,omitempty" maxLength:"2000" doc:"set_hours, and add_station, where it may be left out: OpenStreetMap opening_hours, China time; empty when nobody knows"`
	Capacity     *int              `json:"capacity,omitempty" minimum:"0" doc:"set_capacity, and add_station, where it may be left out: seats, 0 if unknown"`
	Heated       *bool             `json:"heated,omitempty" doc:"add_station, may be left out: warm indoors"`
	Unit         *string           `json:"unit,omitempty" maxLength:"32" doc:"scale_demand: the households of this unit and below it …"`
	PerMille     *int              `json:"per_mille,omitempty" minimum:"0" maximum:"10000" doc:"… times this over 1,000"`
}

// scenarioServices are names of services.
type scenarioServices []yizhan.Service

// Schema lists the names.
func (scenarioServices) Schema(huma.Registry) *huma.Schema {
	most := len(yizhan.Services())
	return &huma.Schema{Type: huma.TypeArray, MaxItems: &most, Items: serviceSchema()}
}

func serviceSchema() *huma.Schema {
	var names []any
	for _, service := range yizhan.Services() {
		names = append(names, string(service))
	}
	return &huma.Schema{Type: huma.TypeString, Enum: names}
}

// member is one member of an edit: whether it is there, and which kinds need and which may have it.
type member struct {
	name   string
	given  bool
	needed []yizhan.ScenarioEditKind
	taken  []yizhan.ScenarioEditKind
}

func (e *ScenarioEditPart) members() []member {
	kinds := func(k ...yizhan.ScenarioEditKind) []yizhan.ScenarioEditKind { return k }
	ofStations := kinds(yizhan.MoveStation, yizhan.CloseStation, yizhan.SetHours, yizhan.SetServices, yizhan.SetCapacity)
	added := kinds(yizhan.AddStation)
	return []member{
		{"station", e.Station != nil, ofStations, added},
		{"name", e.Name != nil, nil, added},
		{"location", e.Location != nil, kinds(yizhan.AddStation, yizhan.MoveStation), nil},
		{"services", e.Services != nil, kinds(yizhan.SetServices), added},
		{"opening_hours", e.OpeningHours != nil, kinds(yizhan.SetHours), added},
		{"capacity", e.Capacity != nil, kinds(yizhan.SetCapacity), added},
		{"heated", e.Heated != nil, nil, added},
		{"unit", e.Unit != nil, kinds(yizhan.ScaleDemand), nil},
		{"per_mille", e.PerMille != nil, kinds(yizhan.ScaleDemand), nil},
	}
}

// editsOf reads the edits of a body; the errors name the edit and the member.
func editsOf(parts []ScenarioEditPart) ([]yizhan.ScenarioEdit, error) {
	edits := make([]yizhan.ScenarioEdit, len(parts))
	for i := range parts {
		var err error
		if edits[i], err = parts[i].edit(); err != nil {
			return nil, yizhan.InScenarioEdit(i, err)
		}
	}
	return edits, nil
}

func (e *ScenarioEditPart) edit() (yizhan.ScenarioEdit, error) {
	kind := yizhan.ScenarioEditKind(e.Kind)
	for _, m := range e.members() {
		needed := slices.Contains(m.needed, kind)
		switch {
		case needed && !m.given:
			return yizhan.ScenarioEdit{}, yizhan.Invalid(m.name, "is needed by %s", kind)
		case m.given && !needed && !slices.Contains(m.taken, kind):
			return yizhan.ScenarioEdit{}, yizhan.Invalid(m.name, "is not taken by %s", kind)
		}
	}
	hours, err := yizhan.ParseHours(valueOf(e.OpeningHours))
	if err != nil {
		return yizhan.ScenarioEdit{}, yizhan.Invalid("opening_hours", "is not in the form of OpenStreetMap's opening_hours, such as Mo-Fr 08:30-17:30")
	}
	return yizhan.ScenarioEdit{
		Kind: kind, Station: valueOf(e.Station), Name: valueOf(e.Name), Location: orb.Point(valueOf(e.Location)), Services: valueOf(e.Services),
		Hours: hours, Capacity: valueOf(e.Capacity), Heated: valueOf(e.Heated), Unit: valueOf(e.Unit), PerMille: valueOf(e.PerMille),
	}, nil
}

// valueOf is what a pointer points to, or the zero value.
func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

func reportOfScenario(scenario *yizhan.Scenario) ScenarioReport {
	report := ScenarioReport{ScenarioHead: headOfScenario(scenario), Edits: make([]ScenarioEditPart, len(scenario.Edits))}
	for i := range scenario.Edits {
		report.Edits[i] = partOfEdit(&scenario.Edits[i])
	}
	return report
}

func headOfScenario(s *yizhan.Scenario) ScenarioHead {
	head := ScenarioHead{ID: s.ID, Name: s.Name, Note: s.Note, Author: s.Author, Seq: s.Seq, Version: s.Version,
		CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC()}
	if s.Owner != 0 {
		head.Owner = &s.Owner
	}
	return head
}

// partOfEdit has the members that the kind of the edit takes, so that it can be sent back as it is.
func partOfEdit(e *yizhan.ScenarioEdit) ScenarioEditPart {
	location, hours, services := Position(e.Location), e.Hours.String(), scenarioServices(e.Services)
	if services == nil {
		services = scenarioServices{}
	}
	part := ScenarioEditPart{Kind: string(e.Kind), Station: &e.Station, Name: &e.Name, Location: &location, Services: &services,
		OpeningHours: &hours, Capacity: &e.Capacity, Heated: &e.Heated, Unit: &e.Unit, PerMille: &e.PerMille}
	for _, m := range part.members() {
		if !slices.Contains(m.needed, e.Kind) && !slices.Contains(m.taken, e.Kind) {
			part.drop(m.name)
		}
	}
	return part
}

func (e *ScenarioEditPart) drop(member string) {
	switch member {
	case "station":
		e.Station = nil
	case "name":
		e.Name = nil
	case "location":
		e.Location = nil
	case "services":
		e.Services = nil
	case "opening_hours":
		e.OpeningHours = nil
	case "capacity":
		e.Capacity = nil
	case "heated":
		e.Heated = nil
	case "unit":
		e.Unit = nil
	case "per_mille":
		e.PerMille = nil
	}
}
