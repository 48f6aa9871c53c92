package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// theCity stands among the ids of scenarios for the city as it is.
const theCity = "city"

// theWhatIf stands there for the scenario of the parameter what_if.
const theWhatIf = "what_if"

const idsPattern = `^(city|what_if|[a-z2-7]{16})(,(city|what_if|[a-z2-7]{16})){0,7}$`

type differenceInput struct {
	ModelInput
	MomentInput
	ID   string `path:"id" doc:"The id of the scenario" maxLength:"32" example:"mfzwizltoqydamrq"`
	Unit string `query:"unit"`
}

type compareInput struct {
	ModelInput
	MomentInput
	WhatIf string `query:"what_if"`
	IDs    string `query:"ids" required:"true"`
	Unit   string `query:"unit"`
}

type draftDifferenceInput struct {
	ModelInput
	MomentInput
	WhatIf string `query:"what_if" required:"true"`
	Unit   string `query:"unit"`
}

func (s *Server) routeDifferences() {
	tags := []string{"Scenarios"}
	operation[compareInput, ComparisonReport](s, huma.Operation{
		OperationID: "compare-scenarios", Path: scenariosPath + "/compare", Tags: tags, Summary: "Scenarios side by side",
		Description: "The figures of a unit and of those right below it, in each scenario, with the same classes for all. `city` among the ids is the city as it is, `what_if` the scenario of the parameter of that name.",
		Parameters: append(withoutSaved(questionParams()), unitParam("Code of the unit; the city without it"),
			&huma.Param{Name: "ids", In: "query", Required: true, Description: fmt.Sprintf("Ids of up to %d scenarios, separated by commas", views.MaxCompared),
				Schema: &huma.Schema{Type: huma.TypeString, Pattern: idsPattern, PatternDescription: fmt.Sprintf("up to %d ids of scenarios, or city, or what_if, separated by commas", views.MaxCompared)}}),
		Errors: []int{http.StatusNotFound}, Responses: map[string]*huma.Response{"200": {Description: "The comparison", Headers: ageHeaders()}},
	}, s.compareScenarios)
	unsaved := whatIfParam()
	unsaved.In, unsaved.Required = "query", true
	operation[draftDifferenceInput, DifferenceReport](s, huma.Operation{
		OperationID: "get-what-if-difference", Path: scenariosPath + "/difference", Tags: tags, Summary: "What a scenario that is not saved changes",
		Description: "As of a saved one.",
		Parameters:  append(withoutScenario(questionParams()), unitParam("Code of the unit; the city without it"), unsaved),
		Errors:      []int{http.StatusNotFound}, Responses: map[string]*huma.Response{"200": {Description: "The difference", Headers: ageHeaders()}},
	}, s.draftDifference)
	operation[differenceInput, DifferenceReport](s, huma.Operation{
		OperationID: "get-scenario-difference", Path: scenariosPath + "/{id}/difference", Tags: tags, Summary: "What a scenario changes",
		Description: "Against the city that it is laid over: by the unit and those right below it, by service and hour of the week, and what becomes of gaps.",
		Parameters:  append(withoutScenario(questionParams()), unitParam("Code of the unit; the city without it")),
		Errors:      []int{http.StatusNotFound}, Responses: map[string]*huma.Response{"200": {Description: "The difference", Headers: ageHeaders()}},
	}, s.scenarioDifference)
}

// withoutScenario leaves out the parameters of what is said otherwise.
func withoutScenario(params []*huma.Param) []*huma.Param {
	return slices.DeleteFunc(withoutSaved(params), func(p *huma.Param) bool { return p.Name == "what_if" })
}

func withoutSaved(params []*huma.Param) []*huma.Param {
	return slices.DeleteFunc(params, func(p *huma.Param) bool { return p.Name == "scenario" })
}

// DifferenceReport is what a scenario changes.
type DifferenceReport struct {
	AnswerBasis
	Base     AnswerRestsOn             `json:"base" doc:"What it is compared with"`
	Unit     UnitDifferenceReport      `json:"unit"`
	Children []UnitDifferenceReport    `json:"children" nullable:"false" doc:"The units right below, by code"`
	Services []ServiceDifferenceReport `json:"services" nullable:"false" doc:"One for each service named, and at the end all of them by the rule"`
	Gaps     []GapDifferenceReport     `json:"gaps" nullable:"false" doc:"Gaps that changed, most households first"`
}

// AnswerRestsOn is an AnswerBasis by its own name.
type AnswerRestsOn AnswerBasis

// UnitDifferenceReport is a unit before and after.
type UnitDifferenceReport struct {
	UnitName
	Before maybe[CoverageFigures] `json:"before" doc:"null if the unit is not there"`
	After  maybe[CoverageFigures] `json:"after" doc:"null if the unit is not there"`
}

// ServiceDifferenceReport compares the hours of one service.
type ServiceDifferenceReport struct {
	Service *string            `json:"service" doc:"null for all that is asked for, by the rule"`
	Before  ServiceHoursReport `json:"before"`
	After   ServiceHoursReport `json:"after"`
}

// GapDifferenceReport is what became of gaps that overlap.
type GapDifferenceReport struct {
	Kind             string   `json:"kind" enum:"created,closed,grown,shrunk,shifted,split,merged,regrouped"`
	Before           []string `json:"before" nullable:"false" doc:"Ids of the gaps before"`
	After            []string `json:"after" nullable:"false" doc:"Ids of the gaps after"`
	CellsGained      int      `json:"cells_gained" doc:"That came into gaps"`
	CellsLost        int      `json:"cells_lost" doc:"That left gaps"`
	HouseholdsGained int64    `json:"households_gained"`
	HouseholdsLost   int64    `json:"households_lost"`
	Outline          outline  `json:"outline" doc:"Of the gaps after, or, where there are none, of those before"`
}

// ComparisonReport puts scenarios side by side.
type ComparisonReport struct {
	Model    CoverageModelReport  `json:"model"`
	Weight   WeightReport         `json:"weight" doc:"What is counted, in all of them"`
	Pictures []PictureRestsOn     `json:"pictures" nullable:"false" doc:"What is compared, in the order of the ids"`
	Breaks   []float64            `json:"breaks" nullable:"false" doc:"Upper ends of the classes of rate.known, ascending, the same for all"`
	Units    []ComparedUnitReport `json:"units" nullable:"false" doc:"The unit, and those right below it"`
}

// PictureRestsOn is one of the things compared.
type PictureRestsOn struct {
	Seq      int64                `json:"seq"`
	Scenario maybe[ScenarioNamed] `json:"scenario" doc:"null for the city as it is"`
}

// ComparedUnitReport is one unit in all scenarios.
type ComparedUnitReport struct {
	UnitName
	Figures []maybe[CoverageFigures] `json:"figures" nullable:"false" doc:"One for each thing compared; null if the unit is not there"`
	Classes []*int                   `json:"classes" nullable:"false" doc:"Of breaks, from 0; null where there are no households"`
}

func (s *Server) scenarioDifference(ctx context.Context, in *differenceInput) (*reply, error) {
	q, err := s.question(&QuestionInput{ModelInput: in.ModelInput, MomentInput: in.MomentInput})
	if err != nil {
		return nil, err
	}
	scenario, err := s.findScenario(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.difference(ctx, q, scenario, asking{in.Unit, "path.id"})
}

func (s *Server) draftDifference(ctx context.Context, in *draftDifferenceInput) (*reply, error) {
	q, err := s.question(&QuestionInput{ModelInput: in.ModelInput, MomentInput: in.MomentInput, ScenarioInput: ScenarioInput{WhatIf: in.WhatIf}})
	if err != nil {
		return nil, err
	}
	if err := s.settleDraft(q.unsaved); err != nil {
		return nil, err
	}
	return s.difference(ctx, q, q.unsaved, asking{in.Unit, "query.what_if"})
}

// asking is about which unit, and by which part of the request a scenario was named.
type asking struct{ unit, location string }

// difference is what a scenario changes.
func (s *Server) difference(ctx context.Context, q question, scenario *yizhan.Scenario, in asking) (*reply, error) {
	base, err := s.pictureBelow(ctx, scenario, in.location)
	if err != nil {
		return nil, err
	}
	picture, err := s.pictureUnder(ctx, scenario, in.location)
	if err != nil {
		return nil, err
	}
	if base, err = s.weigh(ctx, q, base); err != nil {
		return nil, err
	}
	if picture, err = s.weigh(ctx, q, picture); err != nil {
		return nil, err
	}
	diff, err := picture.Difference(q.Question, base, in.unit)
	if err != nil {
		return nil, q.locate(err)
	}
	return s.agedJSON(differenceReportOf(&diff), diff.Seq)
}

func differenceReportOf(d *views.Difference) DifferenceReport {
	report := DifferenceReport{AnswerBasis: basisOf(d.Basis), Base: AnswerRestsOn(basisOf(d.Base)), Unit: unitDifferenceOf(d.Unit),
		Children: []UnitDifferenceReport{}, Services: []ServiceDifferenceReport{}, Gaps: []GapDifferenceReport{}}
	for _, child := range d.Children {
		report.Children = append(report.Children, unitDifferenceOf(child))
	}
	for i := range d.Services {
		service := &d.Services[i]
		report.Services = append(report.Services, ServiceDifferenceReport{textOrNil(string(service.Service)), hoursReportOf(&service.Before), hoursReportOf(&service.After)})
	}
	for _, g := range d.Gaps {
		report.Gaps = append(report.Gaps, GapDifferenceReport{g.Kind, listOf(g.Before), listOf(g.After), g.CellsGained, g.CellsLost, g.HouseholdsGained, g.HouseholdsLost, outline(g.Outline)})
	}
	return report
}

func unitDifferenceOf(d views.UnitDifference) UnitDifferenceReport {
	report := UnitDifferenceReport{Before: figuresThere(d.Before), After: figuresThere(d.After)}
	for _, side := range []views.UnitFigures{d.Before, d.After} {
		if side.Unit != nil {
			report.UnitName = UnitName{side.Unit.Code, side.Unit.Name}
		}
	}
	return report
}

// figuresThere are the figures of a unit; null for one that is not there.
func figuresThere(f views.UnitFigures) maybe[CoverageFigures] {
	if f.Unit == nil {
		return maybe[CoverageFigures]{}
	}
	report := figuresReportOf(f, true)
	return maybe[CoverageFigures]{&report}
}

func (s *Server) compareScenarios(ctx context.Context, in *compareInput) (*reply, error) {
	q, err := s.question(&QuestionInput{ModelInput: in.ModelInput, MomentInput: in.MomentInput, ScenarioInput: ScenarioInput{WhatIf: in.WhatIf}})
	if err != nil {
		return nil, err
	}
	ids := splitList(in.IDs)
	if slices.Contains(ids, theWhatIf) != (q.unsaved != nil) {
		return nil, invalidParameter("query.ids", "names what_if if, and only if, there is such a parameter")
	}
	pictures := make([]Picture, len(ids))
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return nil, invalidParameter("query.ids", id+" occurs twice")
		}
		if pictures[i], err = s.comparedPicture(ctx, q, id); err != nil {
			return nil, err
		}
		if pictures[i], err = s.weigh(ctx, q, pictures[i]); err != nil {
			return nil, err
		}
	}
	comparison, err := s.options.Coverage.Compare(q.Question, in.Unit, pictures)
	if err != nil {
		return nil, q.locate(err)
	}
	counted := comparison.Bases[0].Counted
	report := ComparisonReport{Weight: weightReportOf(counted), Model: modelReportOf(comparison.Model, counted), Pictures: []PictureRestsOn{}, Breaks: listOf(comparison.Breaks), Units: []ComparedUnitReport{}}
	latest := int64(0)
	for _, basis := range comparison.Bases {
		latest = max(latest, basis.Seq)
		report.Pictures = append(report.Pictures, PictureRestsOn{basis.Seq, scenarioNamed(basis.Scenario)})
	}
	for i := range comparison.Units {
		report.Units = append(report.Units, comparedUnitOf(&comparison.Units[i]))
	}
	return s.agedJSON(report, latest)
}

func (s *Server) comparedPicture(ctx context.Context, q question, id string) (Picture, error) {
	switch id {
	case theCity:
		return s.options.Coverage.Picture()
	case theWhatIf:
		return s.pictureOfDraft(ctx, q.unsaved, "query.what_if")
	}
	scenario, err := s.findScenario(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.pictureUnder(ctx, scenario, "query.ids")
}

func comparedUnitOf(u *views.ComparedUnit) ComparedUnitReport {
	report := ComparedUnitReport{UnitName: UnitName{u.Unit.Code, u.Unit.Name}, Figures: []maybe[CoverageFigures]{}, Classes: []*int{}}
	for i := range u.Figures {
		report.Figures = append(report.Figures, figuresThere(u.Figures[i]))
		var class *int
		if u.Classes[i] >= 0 {
			class = &u.Classes[i]
		}
		report.Classes = append(report.Classes, class)
	}
	return report
}
