package api

import (
	"math"
	"strings"

	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo/coverage"
)

// AnswerBasis is what an answer rests on. With it, the question can be asked again, and gets the same bytes.
type AnswerBasis struct {
	Seq      int64                `json:"seq" doc:"The change of the log that the answer is up to"`
	Scenario maybe[ScenarioNamed] `json:"scenario" doc:"The scenario that lies over the city; null for the city as it is"`
	Model    CoverageModelReport  `json:"model"`
	Weight   WeightReport         `json:"weight" doc:"What is counted: that is what all figures called households are"`
}

// ScenarioNamed names a scenario.
type ScenarioNamed struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
}

// CoverageModelReport says how the figures were made.
type CoverageModelReport struct {
	RadiusM      float64  `json:"radius_m" doc:"Metres, inclusive; of walk and ebike how far the minutes reach"`
	Service      string   `json:"service" doc:"The service asked for, if it is one; else empty"`
	Distance     string   `json:"distance" doc:"How distance is measured"`
	Demand       string   `json:"demand" doc:"What is counted, and where it is thought to be"`
	H3Resolution int      `json:"h3_resolution" doc:"Resolution of the H3 cells on which it is counted"`
	Mode         string   `json:"mode" enum:"radius,walk,ebike"`
	Minutes      *float64 `json:"minutes" doc:"Of walk and ebike; else null"`
	ReachM       float64  `json:"reach_m" doc:"Metres of the straight line that are left of the reach in the cold, inclusive"`
	Services     []string `json:"services" nullable:"false" doc:"All that is asked for; empty for any station"`
	Rule         string   `json:"rule" enum:"any,all,one_stop"`
	Quarter      *int     `json:"quarter" doc:"Quarter-hour of the week, from 0; null if not about one moment"`
	Week         *string  `json:"week" doc:"The Monday of the week whose hours hold; null for the usual week"`
	Profile      *string  `json:"profile" doc:"How the hours of the week weigh; null if they do not matter"`
	TemperatureC *float64 `json:"temperature_c" doc:"Of a cold day; null if cold does not matter"`
	WalkFactor   float64  `json:"walk_factor" doc:"What the cold leaves of the minutes of a walk"`
	Weight       int64    `json:"weight" doc:"Of all the time asked about, for each household: what the weights are out of"`
}

// Bounds are what is known for sure, and what is possible if all that is not known turns out well.
type Bounds struct {
	Known    int64 `json:"known"`
	Possible int64 `json:"possible"`
}

// MeasureBounds are a measure of what is known for sure, and of what is possible; null where there is none.
type MeasureBounds struct {
	Known    *float64 `json:"known"`
	Possible *float64 `json:"possible"`
}

func boundsOf(i views.Interval) Bounds { return Bounds{i.Known, i.Possible} }

func measureOf(q views.Quantile, decimals int) MeasureBounds {
	return MeasureBounds{roundedOrNil(q.Known, decimals), roundedOrNil(q.Possible, decimals)}
}

// roundedOrNil rounds a figure; nil stays nil, as does what JSON cannot hold.
func roundedOrNil(x *float64, decimals int) *float64 {
	if x = finite(x); x != nil {
		*x = rounded(*x, decimals)
	}
	return x
}

func rounded(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(x*scale) / scale
}

func basisOf(b views.Basis) AnswerBasis {
	return AnswerBasis{Seq: b.Seq, Scenario: scenarioNamed(b.Scenario), Weight: weightReportOf(b.Counted), Model: modelReportOf(b.Model, b.Counted)}
}

// scenarioNamed leaves out a scenario that was never saved: it is only the city as it once was.
func scenarioNamed(name *views.ScenarioName) maybe[ScenarioNamed] {
	if name == nil || name.ID == "" {
		return maybe[ScenarioNamed]{}
	}
	return maybe[ScenarioNamed]{&ScenarioNamed{name.ID, name.Version, name.Name}}
}

func modelReportOf(m views.Model, c *views.Counted) CoverageModelReport {
	report := CoverageModelReport{
		RadiusM: m.RadiusM, Mode: m.Mode, ReachM: rounded(m.ReachM, 6), Services: splitList(m.Services), Rule: m.Rule, H3Resolution: m.Resolution,
		WalkFactor: m.WalkFactor, Weight: m.Weight, Week: textOrNil(m.Week), Profile: textOrNil(m.Profile),
		Distance: "true distance on WGS84, as the crow flies, from the station to the centre of the H3 cell",
		Demand:   demandText(c),
	}
	if m.Mode != views.ModeRadius {
		minutes := m.Minutes
		report.RadiusM, report.Minutes = report.ReachM, &minutes
	}
	if report.Services == nil {
		report.Services = []string{}
	}
	if !strings.Contains(m.Services, ",") {
		report.Service = m.Services
	}
	if m.Quarter > 0 {
		quarter := m.Quarter - 1
		report.Quarter = &quarter
	}
	if m.Cold {
		celsius := m.Celsius
		report.TemperatureC = &celsius
	}
	return report
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// quartersAnHour is how many quarters make one household of an hour's figure.
const quartersAnHour = coverage.QuartersAnHour
