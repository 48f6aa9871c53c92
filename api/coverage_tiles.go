package api

import (
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan/tiles"
)

// tileQuestionParams describe the parameters of a tile. It is kept under its address, which must not mean
// something else later: a moment is a quarter of a week, and a scenario has a version.
func tileQuestionParams() []*huma.Param {
	one := 1.0
	params := append(questionParams(), &huma.Param{Name: "weight_version", In: "query", Description: "The version of the indicator of the weight, which goes with it: a tile of another version is not there; TileJSON puts it into the addresses",
		Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &one}}, &huma.Param{Name: "scenario_version", In: "query", Description: "The version of the scenario, which goes with it; TileJSON puts it into the addresses",
		Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &one}})
	kept := params[:0]
	for _, p := range params {
		if p.Name != "at" {
			kept = append(kept, p)
		}
	}
	return kept
}

// questionOf reads the parameters of a question that huma does not read.
func (s *Server) questionOf(c *fiber.Ctx) (q question, err error) {
	in := QuestionInput{
		ModelInput: ModelInput{WeightInput: WeightInput{asked{c}, c.Query("weight"), c.Query("weight_date")}, Mode: c.Query("mode"), Services: c.Query("services"), Service: c.Query("service"), Rule: c.Query("rule"),
			Week: c.Query("week"), TemperatureC: c.Query("temperature_c")},
		MomentInput:   MomentInput{At: c.Query("at"), Quarter: c.Query("quarter"), Profile: c.Query("profile")},
		ScenarioInput: ScenarioInput{c.Query("scenario"), c.Query("what_if")},
	}
	for name, number := range map[string]*float64{"radius_m": &in.RadiusM, "minutes": &in.Minutes} {
		if text := c.Query(name); text != "" {
			if *number, err = parseFinite(text); err != nil {
				return q, invalidParameter("query."+name, "is not a number")
			}
		}
	}
	return s.question(&in)
}

// tileParams reads what a tile is about.
func (s *Server) tileParams(c *fiber.Ctx) (p tiles.Params, err error) {
	if c.Context().QueryArgs().Len() == 0 {
		return p, nil
	}
	q, err := s.questionOf(c)
	if err != nil {
		return p, err
	}
	version := c.Query("scenario_version")
	if (version == "") != (q.scenario == "") {
		return p, invalidParameter("query.scenario_version", "goes with scenario, and scenario with it")
	}
	if version != "" {
		if p.ScenarioVersion, err = strconv.ParseInt(version, 10, 64); err != nil {
			return p, invalidParameter("query.scenario_version", "is not a whole number of at least 1")
		}
	}
	p.Scenario, p.Mode, p.RadiusM, p.Minutes, p.Services, p.Rule = q.scenario, q.Mode, q.RadiusM, q.Minutes, q.Services, q.Rule
	p.WhatIf = c.Query("what_if")
	if p.Weight, err = s.tileWeight(c, q); err != nil {
		return p, err
	}
	p.Quarter, p.Week, p.Profile, p.Cold, p.Celsius = q.Quarter, q.Week, q.Profile, q.Cold, q.Celsius
	return p, nil
}

// tileWeight is the weight of a tile, which is loaded then, in the words of the pyramid; empty for households. A tile
// of another version than its address says would stand beside tiles of that.
func (s *Server) tileWeight(c *fiber.Ctx, q question) (string, error) {
	given := c.Query("weight_version")
	if q.weight == nil {
		if given != "" {
			return "", invalidParameter("query.weight_version", "goes with the weight of an indicator")
		}
		return "", nil
	}
	w, err := s.findWeight(c.UserContext(), q)
	if err != nil {
		return "", err
	}
	if given != "" && given != strconv.FormatInt(w.Version, 10) {
		return "", notFound("the indicator is at version %d", w.Version)
	}
	return weightName(w.WeightKey), nil
}

// settle makes a question that is put to a TileJSON one that can be put to its tiles.
func (s *Server) settle(c *fiber.Ctx, query url.Values) error {
	q, err := s.questionOf(c)
	if err != nil {
		return err
	}
	if query.Has("at") {
		query.Del("at")
		query.Set("quarter", strconv.Itoa(q.Quarter-1))
		query.Set("week", q.Week)
	}
	if q.weight != nil {
		w, err := s.findWeight(c.UserContext(), q)
		if err != nil {
			return err
		}
		query.Set("weight_date", w.Date)
		query.Set("weight_version", strconv.FormatInt(w.Version, 10))
	}
	if q.scenario == "" {
		return nil
	}
	scenario, err := s.findScenario(c.UserContext(), q.scenario)
	if err != nil {
		return err
	}
	query.Set("scenario_version", strconv.FormatInt(scenario.Version, 10))
	return nil
}
