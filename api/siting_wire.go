package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/feed/views"
)

// SitingBody is a question of siting.
type SitingBody struct {
	Model  string   `json:"model,omitempty" enum:"mclp,second_cover,lscp" default:"mclp" doc:"The most demand with so many stations; a second station for the most demand that has one; the fewest stations for a share of the demand"`
	P      *int     `json:"p,omitempty" minimum:"0" maximum:"1000" doc:"The most stations to place; it may be left out with a budget"`
	Share  *float64 `json:"share,omitempty" minimum:"0" maximum:"1" doc:"Of lscp: of the households"`
	Budget *int64   `json:"budget,omitempty" minimum:"0" doc:"What all may cost together, in the unit of cost"`
	Cost   *int64   `json:"cost,omitempty" minimum:"0" doc:"Of each station whose place does not say"`

	Floors     []SitingFloor    `json:"floors,omitempty" maxItems:"100" doc:"The least stations in some banners"`
	Candidates SitingCandidates `json:"candidates,omitempty" doc:"Where stations may stand: cells, which is every H3 cell with households, a list of places, or suggestions, for staff: what riders wished for and staff took up"`
	Wish       *int64           `json:"wish,omitempty" minimum:"0" maximum:"1000" default:"10" doc:"Of suggestions: how many households each rider who asked counts for, in gains and bounds too; of what the weight counts, if it is not households, and then to be said"`
	Excluded   *SitingExcluded  `json:"excluded,omitempty" doc:"Where no station may stand"`
	Unit       string           `json:"unit,omitempty" maxLength:"12" doc:"Only households and cells of this unit and below it; without it the city"`
	Effort     int              `json:"effort,omitempty" minimum:"0" maximum:"20" doc:"How much work to spend on proving the answer; 1 is usual"`

	Weight     string `json:"weight,omitempty" maxLength:"16" default:"households" doc:"What is counted: households, or the id of an indicator, as the parameter of coverage has it"`
	WeightDate string `json:"weight_date,omitempty" maxLength:"10" doc:"Of an indicator: of which of its dates; the latest without it"`

	Mode         string           `json:"mode,omitempty" enum:"radius,walk,ebike" default:"radius"`
	RadiusM      *float64         `json:"radius_m,omitempty" minimum:"0" maximum:"10000" doc:"Of mode radius, from 100; 1000 without it"`
	Minutes      *float64         `json:"minutes,omitempty" minimum:"0" maximum:"60" doc:"Of walk and ebike; 15 without it"`
	Services     scenarioServices `json:"services,omitempty" doc:"Services asked for; without them any active station counts"`
	Rule         string           `json:"rule,omitempty" enum:"any,all,one_stop" default:"any"`
	At           string           `json:"at,omitempty" maxLength:"40" doc:"Only at this moment: now, or an RFC 3339 time"`
	Quarter      *int             `json:"quarter,omitempty" minimum:"0" maximum:"671" doc:"Only in this quarter-hour of the week"`
	Week         string           `json:"week,omitempty" maxLength:"10" doc:"The Monday of the week whose hours hold"`
	Profile      string           `json:"profile,omitempty" enum:"uniform,lunch,dinner,night" doc:"Weigh the hours of the whole week"`
	TemperatureC *float64         `json:"temperature_c,omitempty" minimum:"-60" maximum:"50" doc:"On a cold day"`
	Scenario     *string          `json:"scenario,omitempty" maxLength:"16" doc:"The city under the scenario of this id"`
	WhatIf       string           `json:"what_if,omitempty" maxLength:"8000" doc:"The city under a scenario that is not saved, as the parameter of coverage has it"`
}

// SitingFloor is the least number of stations in a banner.
type SitingFloor struct {
	Banner   string `json:"banner" maxLength:"6"`
	Stations int    `json:"stations" minimum:"0" maximum:"1000"`
}

// SitingExcluded is where no station may stand.
type SitingExcluded struct {
	Units []string `json:"units,omitempty" maxItems:"10000" nullable:"false" doc:"Codes of units"`
	Cells []string `json:"cells,omitempty" maxItems:"10000" nullable:"false" doc:"H3 indexes, of any resolution"`
}

// SitingPlace is a place where a station may stand.
type SitingPlace struct {
	Location Position `json:"location"`
	Name     string   `json:"name,omitempty" maxLength:"100"`
	Cost     int64    `json:"cost,omitempty" minimum:"0" doc:"In place of that of the question"`
	Weight   int64    `json:"weight,omitempty" minimum:"0" maximum:"1000000" doc:"Households, or of what the weight counts, that the place counts for by itself, beside those it reaches; not with lscp"`
}

func (p SitingPlace) point() views.SitePoint {
	return views.SitePoint{Name: p.Name, At: orb.Point(p.Location), Cost: p.Cost, Weight: p.Weight}
}

// candidateSuggestions has what riders wished for as candidates.
const candidateSuggestions = "suggestions"

// SitingCandidates is "cells", "suggestions", or a list of places.
type SitingCandidates struct {
	cells  string
	points []SitingPlace
	isList bool
}

// Schema describes the two forms.
func (SitingCandidates) Schema(r huma.Registry) *huma.Schema {
	most := views.MaxSitePoints
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Enum: []any{views.CandidateCells, candidateSuggestions}},
		{Type: huma.TypeArray, MaxItems: &most, Items: r.Schema(reflect.TypeFor[SitingPlace](), true, "")},
	}}
}

// UnmarshalJSON reads either form.
func (c *SitingCandidates) UnmarshalJSON(data []byte) error {
	if c.isList = bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")); !c.isList {
		return json.Unmarshal(data, &c.cells)
	}
	if err := json.Unmarshal(data, &c.points); err != nil {
		return fmt.Errorf("candidates: %w", err)
	}
	return nil
}

// SitingReport is where to place stations, and how good an answer that is. Gains and bounds are households
// times the weight of the time, out of model.weight.
type SitingReport struct {
	AnswerBasis
	SitingModel   string             `json:"siting_model" enum:"mclp,second_cover,lscp"`
	Unit          *string            `json:"unit" doc:"Code of the unit asked about; null for the city"`
	Sites         []SiteReport       `json:"sites" nullable:"false" doc:"In the order in which to open them"`
	Curve         []int64            `json:"curve" nullable:"false" doc:"What the first n sites cover together, from none"`
	Households    int64              `json:"households" doc:"Of the unit"`
	CoveredBefore int64              `json:"covered_before" doc:"Of them, by the stations there are; of second_cover by two or more"`
	Objective     int64              `json:"objective" doc:"Newly covered by all sites"`
	Bound         int64              `json:"bound" doc:"No choice of sites covers more"`
	Gap           int64              `json:"gap" doc:"bound - objective: the answer is at most so far from the best"`
	GapShare      float64            `json:"gap_share" doc:"gap / bound; 0 when there is nothing to cover"`
	Proved        bool               `json:"proved" doc:"There is no better answer"`
	Total         int64              `json:"total" doc:"Still to be covered before"`
	Target        *int64             `json:"target" doc:"Of lscp: to be newly covered, to reach the share; else null"`
	AtLeast       *int               `json:"at_least" doc:"Of lscp: no fewer sites reach the target; else null"`
	Possible      bool               `json:"possible" doc:"False if not even all candidates together reach the target"`
	Places        int                `json:"places" doc:"Sites that could be placed at most: p, or the candidates if those are fewer"`
	Capped        bool               `json:"capped" doc:"p was above the number of candidates"`
	Cost          int64              `json:"cost" doc:"What the sites cost together"`
	Stopped       bool               `json:"stopped" doc:"Time was up: the best that was found so far"`
	Banners       []BannerGainReport `json:"banners" nullable:"false" doc:"What banners gain, by code"`
}

// SiteReport is a chosen place.
type SiteReport struct {
	Name          string      `json:"name" doc:"Of the place in the question; may be empty"`
	H3            string      `json:"h3"`
	Location      coordinates `json:"location"`
	Community     string      `json:"community" doc:"That has most households in the cell; empty where there are none"`
	CommunityName string      `json:"community_name"`
	Gain          int64       `json:"gain" doc:"That it adds to those before it"`
	Cumulative    int64       `json:"cumulative"`
	Cost          int64       `json:"cost"`
}

// BannerGainReport is what a banner gains.
type BannerGainReport struct {
	UnitName
	Gain     int64 `json:"gain"`
	Stations int   `json:"stations"`
}

func sitingReportOf(a *views.SitingAnswer) SitingReport {
	report := SitingReport{
		AnswerBasis: basisOf(a.Basis), SitingModel: a.SitingQuestion.Model, Unit: textOrNil(a.SitingQuestion.Unit), Sites: []SiteReport{}, Curve: []int64{0},
		Households: a.Households, CoveredBefore: a.CoveredBefore, Objective: a.Objective, Bound: a.Bound, Gap: a.Bound - a.Objective,
		GapShare: valueOf(finite(&a.GapShare)), Proved: a.Proved, Total: a.Total, Possible: a.Possible, Places: a.Places, Capped: a.Capped,
		Cost: a.Cost, Stopped: a.Stopped, Banners: []BannerGainReport{},
	}
	if a.SitingQuestion.Model == views.LSCP {
		report.Target, report.AtLeast = &a.Target, &a.AtLeast
	}
	for _, site := range a.Sites {
		report.Sites = append(report.Sites, SiteReport{site.Name, site.Cell.String(), coordinates(site.At), site.Unit, site.UnitName, site.Gain, site.Cumulative, site.Cost})
		report.Curve = append(report.Curve, site.Cumulative)
	}
	for _, banner := range a.Banners {
		report.Banners = append(report.Banners, BannerGainReport{UnitName{banner.Unit.Code, banner.Unit.Name}, banner.Gain, banner.Stations})
	}
	return report
}
