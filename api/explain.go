package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

type explainInput struct {
	QuestionInput
	Unit string `query:"unit"`
	Cell string `query:"cell"`
	Lng  string `query:"lng"`
	Lat  string `query:"lat"`
}

const cellPattern = `^[0-9a-f]{15,16}$`

func (s *Server) routeExplain() {
	degrees := func(name, description string, example float64) *huma.Param {
		p := placeParam(name, description, example)
		p.Required = false
		return p
	}
	operation[explainInput, ExplanationReport](s, huma.Operation{
		OperationID: "explain", Path: "/api/explain", Tags: []string{"Explain"}, Summary: "How a figure comes about",
		Description: "The stations in reach of a place, how far they are, whether they are open and offer what is asked for, and the formula with its numbers; of a unit, the stations that have its households in reach. " +
			"Give one of `unit`, `cell`, or `lng` and `lat`; with none of them it is the city.",
		Parameters: append(questionParams(), unitParam("Code of the unit"),
			&huma.Param{Name: "cell", In: "query", Description: "H3 index of a cell of the model's resolution", Schema: &huma.Schema{
				Type: huma.TypeString, Pattern: cellPattern, PatternDescription: "an H3 index in hexadecimal"}},
			degrees("lng", "Longitude in degrees, WGS84", 119.7364), degrees("lat", "Latitude in degrees, WGS84", 49.2122)),
		Errors: []int{http.StatusNotFound}, Responses: map[string]*huma.Response{"200": {Description: "The explanation", Headers: ageHeaders()}},
	}, s.explain)
}

// ExplanationReport tells which stations, distances, hours and formula gave a figure.
type ExplanationReport struct {
	AnswerBasis
	Formula []FormulaStep          `json:"formula" nullable:"false" doc:"What was computed from what, in order"`
	Cell    maybe[CellExplanation] `json:"cell" doc:"Of a place; null for a unit"`
	Unit    maybe[UnitExplanation] `json:"unit" doc:"Of a unit; null for a place"`
}

// FormulaStep is one formula, with its numbers filled in.
type FormulaStep struct {
	Name    string `json:"name"`
	Formula string `json:"formula" doc:"In symbols"`
	Numbers string `json:"numbers" doc:"The same with numbers; a…b is from what is known to what is possible"`
}

// CellExplanation explains the figures of a cell.
type CellExplanation struct {
	H3                 string               `json:"h3"`
	Center             coordinates          `json:"center" doc:"From which distances are taken"`
	Households         int64                `json:"households"`
	Units              []UnitHouseholdsPart `json:"units" nullable:"false"`
	Stations           Bounds               `json:"stations" doc:"That count; of several services by the rule all, for the one that has fewest"`
	CoveredWeight      Bounds               `json:"covered_weight" doc:"Of the time when one is there, out of model.weight"`
	CrossCoveredWeight Bounds               `json:"cross_covered_weight" doc:"Of the time when two or more are there"`
	InReach            []StationWitness     `json:"in_reach" nullable:"false" doc:"The nearest first"`
}

// StationWitness is a station in reach, and why it counts or does not.
type StationWitness struct {
	StationNamed
	DistanceM        float64  `json:"distance_m" doc:"True metres to the centre of the cell"`
	WayM             float64  `json:"way_m" doc:"What is compared with the reach"`
	Counts           string   `json:"counts" enum:"yes,perhaps,no" doc:"For some service and at some moment asked about"`
	Services         []string `json:"services" nullable:"false" doc:"Of those asked for, that it is known to offer"`
	ServicesPossible []string `json:"services_possible" nullable:"false" doc:"That it may offer"`
	LeftOutCold      bool     `json:"left_out_cold" doc:"It is cold and the station is not heated"`
	OpenWeight       Bounds   `json:"open_weight" doc:"Of the time asked about in which it is open"`
}

// StationNamed is a station in an answer.
type StationNamed struct {
	Code         string      `json:"code"`
	Name         string      `json:"name"`
	Location     coordinates `json:"location" doc:"From which its reach is measured: the entrance, where it is known"`
	OpeningHours string      `json:"opening_hours" doc:"Empty when nobody knows"`
}

// UnitExplanation explains the figures of a unit.
type UnitExplanation struct {
	UnitName
	CoverageFigures
	InReach []StationReach `json:"in_reach" nullable:"false" doc:"Stations with households of the unit in reach, by code"`
}

// StationReach is a station that has households of a unit in reach.
type StationReach struct {
	StationNamed
	Counts  string `json:"counts" enum:"yes,perhaps,no"`
	Reached int64  `json:"reached" doc:"Households of the unit in reach"`
	Alone   int64  `json:"alone" doc:"Those of them that have no other station in reach that may count"`
}

func (s *Server) explain(ctx context.Context, in *explainInput) (*reply, error) {
	place, err := s.placeOf(in)
	if err != nil {
		return nil, err
	}
	q, picture, err := s.ask(ctx, &in.QuestionInput)
	if err != nil {
		return nil, err
	}
	found, err := picture.Explain(q.Question, place)
	if err != nil {
		return nil, q.locate(err)
	}
	report := ExplanationReport{AnswerBasis: basisOf(found.Basis), Formula: []FormulaStep{}}
	for _, step := range found.Formula {
		report.Formula = append(report.Formula, FormulaStep(step))
	}
	if found.Cell != nil {
		report.Cell.value = cellExplanationOf(found.Cell)
	}
	if found.Unit != nil {
		report.Unit.value = unitExplanationOf(found.Unit)
	}
	return s.agedJSON(report, found.Seq)
}

// placeOf reads which place is asked about.
func (s *Server) placeOf(in *explainInput) (views.Place, error) {
	place := views.Place{Unit: in.Unit, Cell: in.Cell}
	given := 0
	for _, text := range []string{in.Unit, in.Cell, in.Lng + in.Lat} {
		if text != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return place, invalidParameter("query", "has more than one of unit, cell, and lng with lat")
	case in.Lng == "" && in.Lat == "":
		return place, nil
	case in.Lng == "":
		return place, invalidParameter("query.lng", "is needed with lat")
	case in.Lat == "":
		return place, invalidParameter("query.lat", "is needed with lng")
	}
	var p orb.Point
	for i, text := range []string{in.Lng, in.Lat} {
		x, err := parseFinite(text)
		if err != nil {
			return place, invalidParameter([]string{"query.lng", "query.lat"}[i], "is not a number")
		}
		p[i] = x
	}
	place.Point = &p
	return place, checkPlace(p, s.cityBound())
}

func cellExplanationOf(e *views.CellExplanation) *CellExplanation {
	report := &CellExplanation{H3: e.Cell.String(), Center: coordinates(e.Center), Households: e.Households, Units: unitHouseholdsOf(e.Units),
		Stations: boundsOf(e.Count), CoveredWeight: boundsOf(e.CoveredWeight), CrossCoveredWeight: boundsOf(e.CrossWeight), InReach: []StationWitness{}}
	for _, w := range e.Stations {
		report.InReach = append(report.InReach, StationWitness{stationNamed(w.Station, w.At), rounded(w.DistanceM, 2), rounded(w.WayM, 2), counts(w.Sure, w.Maybe),
			strs(w.Services), strs(w.MaybeServices), w.LeftOutCold, boundsOf(w.OpenWeight)})
	}
	return report
}

func unitExplanationOf(e *views.UnitExplanation) *UnitExplanation {
	report := &UnitExplanation{UnitName: UnitName{e.Unit.Code, e.Unit.Name}, CoverageFigures: figuresReportOf(e.UnitFigures, true), InReach: []StationReach{}}
	for _, r := range e.Stations {
		report.InReach = append(report.InReach, StationReach{stationNamed(r.Station, r.At), counts(r.Sure, r.Maybe), r.Reached, r.Alone})
	}
	return report
}

func stationNamed(station *yizhan.Station, at orb.Point) StationNamed {
	return StationNamed{station.Code, station.Name, coordinates(at), station.Hours.String()}
}

// counts tells whether a station counts.
func counts(sure, maybe bool) string {
	switch {
	case sure:
		return "yes"
	case maybe:
		return "perhaps"
	}
	return "no"
}
