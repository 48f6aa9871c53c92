package api

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan/feed/views"
)

// CoverageReport is the coverage of a unit, and of the units right below it.
type CoverageReport struct {
	AnswerBasis
	Unit UnitName `json:"unit"`
	CoverageFigures
	Children []UnitCoverageReport `json:"children" nullable:"false" doc:"The units right below, in the order of their codes; their whole numbers sum to the unit exactly"`
	Served   *ServedReport        `json:"served,omitempty" doc:"With include=served"`
}

// UnitName names a unit.
type UnitName struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// CoverageFigures are figures of one unit. Where nothing else is said they are of what is known for sure.
type CoverageFigures struct {
	Households   int64    `json:"households"`
	Covered      int64    `json:"covered" doc:"Households within reach of an active station that counts, at some moment asked about"`
	CrossCovered int64    `json:"cross_covered" doc:"Households within reach of two or more"`
	Unmet        int64    `json:"unmet" doc:"Households within reach of none"`
	Share        *float64 `json:"share" doc:"covered / households; null without households" minimum:"0" maximum:"1"`
	Stations     int      `json:"stations" doc:"Stations in the unit that count"`

	CoveredPossible      int64 `json:"covered_possible" doc:"covered if all that is not known turns out well"`
	CrossCoveredPossible int64 `json:"cross_covered_possible" doc:"cross_covered if all that is not known turns out well"`
	StationsPossible     int   `json:"stations_possible" doc:"stations if all that is not known turns out well"`

	CoveredWeight      Bounds        `json:"covered_weight" doc:"Households times the weight of the moments in which they are covered; model.weight is one household for all of the time"`
	CrossCoveredWeight Bounds        `json:"cross_covered_weight"`
	UnmetWeight        Bounds        `json:"unmet_weight" doc:"Households times the weight of the moments in which they are not: known is surely unmet"`
	Rate               MeasureBounds `json:"rate" doc:"covered_weight as a part of all; null without households"`

	AreaM2        int64  `json:"area_m2" doc:"Of the cells with households that belong to the unit"`
	CoveredAreaM2 Bounds `json:"covered_area_m2"`

	P50M             MeasureBounds  `json:"p50_m" doc:"Metres within which half of the households have a station that counts, however far"`
	P90M             MeasureBounds  `json:"p90_m" doc:"The same for nine tenths"`
	StationsPer10000 MeasureBounds  `json:"stations_per_10000" doc:"For 10,000 households"`
	Gini             MeasureBounds  `json:"gini" doc:"How uneven it is what households have in reach: 0 is all alike"`
	SeatsAHousehold  *MeasureBounds `json:"seats_a_household,omitempty" doc:"With include=access: seats that a household can count on (E2SFCA), the mean"`
}

func figuresReportOf(f views.UnitFigures, access bool) CoverageFigures {
	report := CoverageFigures{Households: f.Households, Covered: f.Covered, CrossCovered: f.CrossCovered,
		Unmet: f.Unmet, Share: finite(f.Share), Stations: f.Stations,
		CoveredPossible: f.PossiblyCovered, CrossCoveredPossible: f.PossiblyCrossCovered, StationsPossible: f.PossibleStations,
		CoveredWeight: boundsOf(f.CoveredWeight), CrossCoveredWeight: boundsOf(f.CrossWeight), UnmetWeight: boundsOf(f.UnmetWeight),
		Rate: measureOf(f.Rate, 9), AreaM2: f.AreaM2, CoveredAreaM2: boundsOf(f.CoveredAreaM2),
		P50M: measureOf(f.P50M, 1), P90M: measureOf(f.P90M, 1), StationsPer10000: measureOf(f.StationsPer10000, 6), Gini: measureOf(f.Gini, 6),
	}
	if access {
		seats := measureOf(f.SeatsAHousehold, 9)
		report.SeatsAHousehold = &seats
	}
	return report
}

// UnitCoverageReport is the coverage of one of the units below.
type UnitCoverageReport struct {
	UnitName
	CoverageFigures
}

// ServedReport tells how many households the seats suffice for: a maximum flow.
type ServedReport struct {
	HouseholdsASeat int `json:"households_a_seat"`
	ServedFiguresReport
	Capacity        int64              `json:"capacity" doc:"Households that the stations with households in reach have seats for, in all of the city"`
	UnknownStations int                `json:"unknown_stations" doc:"That count, and whose capacity nobody knows: they take no part"`
	IdleStations    int                `json:"idle_stations" doc:"With seats, and nobody in reach"`
	Bottlenecks     []BottleneckReport `json:"bottlenecks" nullable:"false" doc:"Parts of the city that are short of seats"`
	Children        []ServedUnitReport `json:"children" nullable:"false"`
}

// ServedFiguresReport are figures of one unit.
type ServedFiguresReport struct {
	InReach         int64    `json:"in_reach" doc:"Households in reach of a station of known capacity"`
	ServedMillionth int64    `json:"served_millionths" doc:"Households there are seats for, in millionths"`
	Share           *float64 `json:"share" doc:"Of the households; null where there are none"`
}

// ServedUnitReport is one of the units below.
type ServedUnitReport struct {
	UnitName
	ServedFiguresReport
}

// BottleneckReport is a part of the city that is short of seats.
type BottleneckReport struct {
	Stations   []string `json:"stations" nullable:"false"`
	Cells      int      `json:"cells"`
	Households int64    `json:"households"`
	Capacity   int64    `json:"capacity"`
}

func servedReportOf(f views.ServedFigures) *ServedReport {
	report := &ServedReport{HouseholdsASeat: f.HouseholdsASeat, ServedFiguresReport: servedFiguresOf(f.ServedUnit), Capacity: f.Capacity,
		UnknownStations: f.UnknownStations, IdleStations: f.IdleStations, Bottlenecks: []BottleneckReport{}, Children: []ServedUnitReport{}}
	for _, b := range f.Bottlenecks {
		report.Bottlenecks = append(report.Bottlenecks, BottleneckReport{listOf(b.Stations), b.Cells, b.Households, b.Capacity})
	}
	for _, child := range f.Children {
		report.Children = append(report.Children, ServedUnitReport{UnitName{child.Unit.Code, child.Unit.Name}, servedFiguresOf(child)})
	}
	return report
}

func servedFiguresOf(f views.ServedUnit) ServedFiguresReport {
	return ServedFiguresReport{f.InReach, f.MicroServed, finite(f.Share)}
}

// listOf is never nil: JSON has lists, not null.
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// CoverageCellsReport is the coverage of cells.
type CoverageCellsReport struct {
	AnswerBasis
	Resolution int            `json:"resolution" doc:"H3 resolution of the cells"`
	Cells      []CellCoverage `json:"cells" nullable:"false"`
}

// CellCoverage is a cell, its households, how many of them are covered, and how many possibly.
type CellCoverage struct{}

// Schema describes the list.
func (CellCoverage) Schema(huma.Registry) *huma.Schema {
	four := 4
	return &huma.Schema{Type: huma.TypeArray, MinItems: &four, MaxItems: &four,
		Description: "H3 index (hexadecimal), households, households covered for sure, households covered if all that is not known turns out well",
		Items:       &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeInteger}}},
		Examples:    []any{[]any{"8a1ec9b64a6ffff", 120, 80, 95}}}
}

// CoverageHoursReport is the coverage of a unit through the week.
type CoverageHoursReport struct {
	AnswerBasis
	Unit       UnitName             `json:"unit"`
	Households int64                `json:"households"`
	Services   []ServiceHoursReport `json:"services" nullable:"false" doc:"One for each service named, and at the end all of them by the rule"`
}

// ServiceHoursReport are the hours of one service.
type ServiceHoursReport struct {
	Service              *string   `json:"service" doc:"null for all that is asked for, by the rule"`
	Covered              []float64 `json:"covered" nullable:"false" doc:"Households, the mean of the quarters of each hour, Monday 00:00 in China first"`
	CoveredPossible      []float64 `json:"covered_possible" nullable:"false"`
	CrossCovered         []float64 `json:"cross_covered" nullable:"false"`
	CrossCoveredPossible []float64 `json:"cross_covered_possible" nullable:"false"`
}

func hoursReportOf(h *views.ServiceHours) ServiceHoursReport {
	report := ServiceHoursReport{Service: textOrNil(string(h.Service))}
	for hour := range views.HoursOfWeek {
		report.Covered = append(report.Covered, float64(h.Covered[hour].Known)/quartersAnHour)
		report.CoveredPossible = append(report.CoveredPossible, float64(h.Covered[hour].Possible)/quartersAnHour)
		report.CrossCovered = append(report.CrossCovered, float64(h.CrossCovered[hour].Known)/quartersAnHour)
		report.CrossCoveredPossible = append(report.CrossCoveredPossible, float64(h.CrossCovered[hour].Possible)/quartersAnHour)
	}
	return report
}

// CoverageRankingReport lists units in the order of need.
type CoverageRankingReport struct {
	AnswerBasis
	Level  string             `json:"level"`
	Within *string            `json:"within" doc:"Code of the unit that they are in; null for the city"`
	Units  []RankedUnitReport `json:"units" nullable:"false"`
}

// RankedUnitReport is a unit and its place.
type RankedUnitReport struct {
	Rank int `json:"rank" minimum:"1"`
	UnitName
	CoverageFigures
}
