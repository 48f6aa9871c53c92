package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// QuestionInput is a question about coverage as the parameters of a request put it.
type QuestionInput struct {
	ModelInput
	MomentInput
	ScenarioInput
}

// ModelInput says what counts as covered.
type ModelInput struct {
	WeightInput
	Mode         string  `query:"mode"`
	RadiusM      float64 `query:"radius_m"`
	Minutes      float64 `query:"minutes"`
	Services     string  `query:"services"`
	Service      string  `query:"service"`
	Rule         string  `query:"rule"`
	Week         string  `query:"week"`
	TemperatureC string  `query:"temperature_c"`
}

// MomentInput says when.
type MomentInput struct {
	At      string `query:"at"`
	Quarter string `query:"quarter"`
	Profile string `query:"profile"`
}

// ScenarioInput says of which city.
type ScenarioInput struct {
	Scenario string `query:"scenario"`
	WhatIf   string `query:"what_if"`
}

const (
	datePattern     = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	scenarioPattern = `^[a-z2-7]{16}$`
)

// questionParams describe the parameters of a question.
func questionParams() []*huma.Param {
	number := func(least, most, usual float64) *huma.Schema {
		schema := &huma.Schema{Type: huma.TypeNumber, Minimum: &least, Maximum: &most}
		if usual > 0 {
			schema.Default = usual
		}
		return schema
	}
	firstQuarter, lastQuarter := 0.0, 671.0
	params := append(weightParams(), []*huma.Param{
		{Name: "mode", Description: "What reach is: a radius, or minutes on foot (5 km/h) or by e-bike (15 km/h) along ways 1.3 times the straight line",
			Schema: oneOf(views.ModeRadius, views.Modes()...)},
		{Name: "radius_m", Description: "Of mode radius: metres, inclusive", Schema: number(views.MinRadiusM, views.MaxRadiusM, views.DefaultRadiusM)},
		{Name: "minutes", Description: "Of modes walk and ebike; 15 without it", Schema: number(views.MinMinutes, views.MaxMinutes, 0)},
		{Name: "services", Description: "Services asked for, separated by commas; without them any active station counts", Schema: serviceNames()},
		{Name: "service", Description: "The same for one service", Schema: serviceSchema()},
		{Name: "rule", Description: "Of several services: any of them, all of them (be it from several stations), or all from one stop", Schema: oneOf(views.RuleAny, views.Rules()...)},
		{Name: "at", Description: "Only at this moment: `now`, or an RFC 3339 time. Stations must be open then, by the hours of that very week",
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: instantPattern, PatternDescription: instantText, Examples: []any{"now"}}},
		{Name: "quarter", Description: "Only in this quarter-hour of the week: 0 is Monday 00:00 to 00:15 in China",
			Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &firstQuarter, Maximum: &lastQuarter}},
		{Name: "week", Description: "The Monday of a week whose holidays and other dated hours hold; without it the usual week",
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: datePattern, PatternDescription: "a date such as 2026-02-16"}},
		{Name: "profile", Description: "Weigh the hours of the whole week: all alike, or as at lunch, dinner or night", Schema: oneOf("", views.Profiles()...)},
		{Name: "temperature_c", Description: "Degrees Celsius, on a cold day: only heated indoor stations count, and walks are shorter", Schema: number(views.MinCelsius, views.MaxCelsius, 0)},
		{Name: "scenario", Description: "The city under the scenario of this id", Schema: scenarioSchema()},
		whatIfParam(),
	}...)
	for _, p := range params {
		p.In = "query"
	}
	return params
}

func scenarioSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: scenarioPattern, PatternDescription: "the id of a scenario"}
}

func oneOf(usual string, values ...string) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, value := range values {
		schema.Enum = append(schema.Enum, value)
	}
	if usual != "" {
		schema.Default = usual
	}
	return schema
}

// unitParam describes the parameter unit.
func unitParam(description string) *huma.Param {
	return &huma.Param{Name: "unit", In: "query", Description: description, Schema: unitSchema()}
}

// question is a question that was read: of which picture, and where in the request it stood.
type question struct {
	views.Question
	scenario string           // the id of a saved one; empty for none
	unsaved  *yizhan.Scenario // nil for none
	weight   *weightAsked     // nil for households
	place    string           // query, or body
}

// question reads the parameters of a request.
func (s *Server) question(in *QuestionInput) (question, error) {
	q := question{place: "query", scenario: in.Scenario, Question: views.Question{Mode: in.Mode, RadiusM: in.RadiusM, Minutes: in.Minutes,
		Rule: in.Rule, Week: in.Week, Profile: in.Profile}}
	if in.Service != "" && in.Services != "" {
		return q, q.fault("service", "goes without services: it is the same for one")
	}
	var err error
	if q.unsaved, err = q.draft(in.ScenarioInput); err != nil {
		return q, err
	}
	if q.weight, err = q.weightOf(in.WeightInput); err != nil {
		return q, err
	}
	if q.Services, err = views.ParseServices(in.Services + in.Service); err != nil {
		return q, q.locate(err)
	}
	var quarter *int
	if in.Quarter != "" {
		var n int
		if _, err := fmt.Sscan(in.Quarter, &n); err != nil {
			return q, q.fault("quarter", "is not a whole number from 0 to 671")
		}
		quarter = &n
	}
	var celsius *float64
	if in.TemperatureC != "" {
		x, err := parseFinite(in.TemperatureC)
		if err != nil {
			return q, q.fault("temperature_c", "is not a number")
		}
		celsius = &x
	}
	return q.finish(s.now(), in.At, quarter, celsius)
}

// finish puts the time and the cold into a question, and checks it.
func (q question) finish(now time.Time, at string, quarter *int, celsius *float64) (question, error) {
	switch {
	case at != "" && (quarter != nil || q.Week != ""):
		return q, q.fault("at", "goes without quarter and week: it says both")
	case at != "":
		moment, err := q.instant(at, now)
		if err != nil {
			return q, err
		}
		q.Quarter, q.Week = views.QuestionAt(moment)
	case quarter != nil:
		q.Quarter = *quarter + 1
	}
	if celsius != nil {
		q.Cold, q.Celsius = true, *celsius
	}
	return q, q.locate(q.Validate())
}

func (q question) instant(text string, now time.Time) (time.Time, error) {
	return parseInstantAt(q.place+".at", text, now)
}

func (q question) fault(name, message string) error {
	return invalidParameter(q.place+"."+name, message)
}

// locate makes an error about a field of a question one about the member of the request that it came from.
func (q question) locate(err error) error {
	var domain *yizhan.Error
	if !errors.As(err, &domain) || domain.Code != yizhan.CodeInvalid && domain.Code != yizhan.CodeTooLarge {
		return err
	}
	field := domain.Field
	if name, renamed := map[string]string{"celsius": "temperature_c"}[field]; renamed {
		field = name
	}
	problem := problemOfDomain(domain)
	problem.cause = domain.Err
	if field != "" {
		problem.Detail = field + " " + domain.Message
		problem.Errors = []Fault{{q.place + "." + field, domain.Message}}
	}
	return problem
}

// picture is what a question is asked of: the city as it is, or under a scenario, counted as the question says.
func (s *Server) picture(ctx context.Context, q question) (Picture, error) {
	picture, err := s.pictureInHouseholds(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.weigh(ctx, q, picture)
}

func (s *Server) pictureInHouseholds(ctx context.Context, q question) (Picture, error) {
	if q.unsaved != nil {
		return s.pictureOfDraft(ctx, q.unsaved, q.place+".what_if")
	}
	if q.scenario == "" {
		return s.options.Coverage.Picture()
	}
	scenario, err := s.findScenario(ctx, q.scenario)
	if err != nil {
		return nil, err
	}
	return s.pictureUnder(ctx, scenario, q.place+".scenario")
}

// pictureUnder is the city under a scenario. One that does not fit its city is the fault of the parameter
// that named it.
func (s *Server) pictureUnder(ctx context.Context, scenario *yizhan.Scenario, location string) (Picture, error) {
	done, err := s.makeLarge(ctx, largePage+1)
	if err != nil {
		return nil, err
	}
	defer done()
	picture, err := s.options.Coverage.PictureOf(ctx, scenario)
	var domain *yizhan.Error
	if errors.As(err, &domain) && domain.Code == yizhan.CodeInvalid {
		return nil, invalidParameter(location, "cannot be laid over its city: "+strings.TrimSpace(domain.Field+" "+domain.Message))
	}
	return picture, err
}

// pictureBelow is the city that a scenario is laid over.
func (s *Server) pictureBelow(ctx context.Context, scenario *yizhan.Scenario, location string) (Picture, error) {
	now, err := s.options.Coverage.Picture()
	if err != nil {
		return nil, err
	}
	basis, err := now.Basis(views.Question{})
	if err != nil || basis.Seq == scenario.Seq {
		return now, err
	}
	return s.pictureUnder(ctx, &yizhan.Scenario{Name: "without edits", Seq: scenario.Seq}, location)
}
