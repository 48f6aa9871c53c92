package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
)

// Coverage tells how many households are within reach of a station; *views.Coverage does.
type Coverage interface {
	Summary(ctx context.Context, model CoverageModel, unit string) (CoverageSummary, error)
	Cells(ctx context.Context, model CoverageModel, bbox [4]float64, resolution, most int) (CoverageCells, error)
}

// CoverageModel is what counts as covered.
type CoverageModel struct {
	RadiusM float64        // inclusive
	Service yizhan.Service // empty for any station
}

// CoverageSummary is the coverage of a unit and of the units right below it.
type CoverageSummary struct {
	Seq          int64
	H3Resolution int
	Unit         UnitCoverage
	Children     []UnitCoverage
}

// UnitCoverage is the coverage of a unit.
type UnitCoverage struct {
	Code, Name                               string
	Households, Covered, CrossCovered, Unmet int64
	Stations                                 int
}

// CoverageCells is the coverage of H3 cells.
type CoverageCells struct {
	Seq        int64
	Resolution int
	Cells      []CoverageCell
}

// CoverageCell is the coverage of one H3 cell.
type CoverageCell struct {
	Cell                uint64
	Households, Covered int64
}

// CoverageReport is the coverage of a unit, and of the units right below it.
type CoverageReport struct {
	Seq   int64               `json:"seq" doc:"The change of the log that the answer is up to"`
	Model CoverageModelReport `json:"model"`
	Unit  UnitName            `json:"unit"`
	CoverageFigures
	Children []UnitCoverageReport `json:"children" nullable:"false" doc:"The units right below, in the order of their codes; they sum to the unit exactly"`
}

// CoverageModelReport says how the figures were made.
type CoverageModelReport struct {
	RadiusM      float64 `json:"radius_m" doc:"Metres, inclusive"`
	Service      string  `json:"service" doc:"The service that the stations offer; empty for any station"`
	Distance     string  `json:"distance" doc:"How distance is measured"`
	Demand       string  `json:"demand" doc:"What is counted, and where it is thought to be"`
	H3Resolution int     `json:"h3_resolution" doc:"Resolution of the H3 cells on which it is counted"`
}

// UnitName names a unit.
type UnitName struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// CoverageFigures are figures of one unit.
type CoverageFigures struct {
	Households   int64    `json:"households"`
	Covered      int64    `json:"covered" doc:"Households within reach of an active station"`
	CrossCovered int64    `json:"cross_covered" doc:"Households within reach of two or more"`
	Unmet        int64    `json:"unmet" doc:"Households within reach of none"`
	Share        *float64 `json:"share" doc:"covered / households; null without households" minimum:"0" maximum:"1"`
	Stations     int      `json:"stations" doc:"Stations in the unit that count"`
}

// UnitCoverageReport is the coverage of one of the units below.
type UnitCoverageReport struct {
	UnitName
	CoverageFigures
}

// CoverageCellsReport is the coverage of cells.
type CoverageCellsReport struct {
	Seq        int64          `json:"seq"`
	Resolution int            `json:"resolution" doc:"H3 resolution of the cells"`
	Cells      []CellCoverage `json:"cells" nullable:"false"`
}

// CellCoverage is a cell, its households and how many of them are covered.
type CellCoverage struct{}

// Schema describes the triple.
func (CellCoverage) Schema(huma.Registry) *huma.Schema {
	three := 3
	return &huma.Schema{Type: huma.TypeArray, MinItems: &three, MaxItems: &three,
		Description: "H3 index (hexadecimal), households, covered households",
		Items:       &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeInteger}}},
		Examples:    []any{[]any{"8a1ec9b64a6ffff", 120, 80}}}
}

const (
	defaultRadiusM = 1_000
	minRadiusM     = 100
	maxRadiusM     = 10_000
	maxCells       = 50_000
)

func defaultModel() CoverageModel { return CoverageModel{RadiusM: defaultRadiusM} }

func modelParams() []*huma.Param {
	least, most := float64(minRadiusM), float64(maxRadiusM)
	services := make([]any, 0, len(yizhan.Services()))
	for _, service := range yizhan.Services() {
		services = append(services, string(service))
	}
	return []*huma.Param{
		{Name: "radius_m", In: "query", Description: "Reach of a station in metres, inclusive", Schema: &huma.Schema{
			Type: huma.TypeNumber, Minimum: &least, Maximum: &most, Default: defaultRadiusM}},
		{Name: "service", In: "query", Description: "Only stations that offer this service; all active ones without it",
			Schema: &huma.Schema{Type: huma.TypeString, Enum: services}},
	}
}

type coverageInput struct {
	RadiusM float64 `query:"radius_m" default:"1000"`
	Service string  `query:"service"`
	Unit    string  `query:"unit"`
}

type cellsInput struct {
	BBox       string  `query:"bbox" required:"true"`
	Resolution int     `query:"resolution" doc:"H3 resolution; without it one that fits the box" minimum:"3" maximum:"10"`
	RadiusM    float64 `query:"radius_m" default:"1000"`
	Service    string  `query:"service"`
}

func (s *Server) routeCoverage() {
	operation[coverageInput, CoverageReport](s, huma.Operation{
		OperationID: "get-coverage", Path: "/api/coverage", Tags: []string{"Coverage"}, Summary: "Coverage of a unit",
		Description: "Households within reach of active stations, by true distance, for a unit and those right below it. Without `unit`, the city.",
		Parameters:  append(modelParams(), &huma.Param{Name: "unit", In: "query", Description: "Code of the unit", Schema: unitSchema()}),
		Errors:      []int{http.StatusNotFound},
		Responses:   map[string]*huma.Response{"200": {Description: "The figures", Headers: ageHeaders()}},
	}, s.coverage)
	box := bboxParam("Cells whose centre is in this box")
	box.Required = true
	operation[cellsInput, CoverageCellsReport](s, huma.Operation{
		OperationID: "list-coverage-cells", Path: "/api/coverage/cells", Tags: []string{"Coverage"}, Summary: "Coverage by H3 cell",
		Description: fmt.Sprintf("Cells that hold households, at most %d; more is a 413: ask for a smaller box or a lower resolution.", maxCells),
		Parameters:  append(modelParams(), box),
		Errors:      []int{http.StatusRequestEntityTooLarge},
		Responses:   map[string]*huma.Response{"200": {Description: "The cells", Headers: ageHeaders()}},
	}, s.coverageCells)
}

func (s *Server) coverage(ctx context.Context, in *coverageInput) (*reply, error) {
	model := CoverageModel{RadiusM: in.RadiusM, Service: yizhan.Service(in.Service)}
	summary, err := s.options.Coverage.Summary(ctx, model, in.Unit)
	if err != nil {
		return nil, err
	}
	report := CoverageReport{
		Seq: summary.Seq,
		Model: CoverageModelReport{RadiusM: model.RadiusM, Service: in.Service, H3Resolution: summary.H3Resolution,
			Distance: "true distance on WGS84, as the crow flies",
			Demand:   "households of micro-grids, spread over H3 cells by area"},
		Unit:            UnitName{summary.Unit.Code, summary.Unit.Name},
		CoverageFigures: figuresOf(summary.Unit),
		Children:        []UnitCoverageReport{},
	}
	for _, child := range summary.Children {
		report.Children = append(report.Children, UnitCoverageReport{UnitName{child.Code, child.Name}, figuresOf(child)})
	}
	answer, err := jsonReply(report)
	if err != nil {
		return nil, err
	}
	return s.aged(answer, summary.Seq), nil
}

func figuresOf(unit UnitCoverage) CoverageFigures {
	figures := CoverageFigures{Households: unit.Households, Covered: unit.Covered, CrossCovered: unit.CrossCovered,
		Unmet: unit.Unmet, Stations: unit.Stations}
	if unit.Households > 0 {
		share := float64(unit.Covered) / float64(unit.Households)
		figures.Share = &share
	}
	return figures
}

func (s *Server) coverageCells(ctx context.Context, in *cellsInput) (*reply, error) {
	box, err := parseBBox(in.BBox, s.cityBound())
	if err != nil {
		return nil, err
	}
	model := CoverageModel{RadiusM: in.RadiusM, Service: yizhan.Service(in.Service)}
	cells, err := s.options.Coverage.Cells(ctx, model, *box, in.Resolution, maxCells)
	if err != nil {
		return nil, err
	}
	o := object{buf: make([]byte, 0, 128+len(cells.Cells)*32)}
	o.open()
	o.integer("seq", cells.Seq)
	o.integer("resolution", int64(cells.Resolution))
	o.name("cells")
	o.buf = append(o.buf, '[')
	for i, cell := range cells.Cells {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = append(o.buf, '[', '"')
		o.buf = strconv.AppendUint(o.buf, cell.Cell, 16)
		o.buf = append(o.buf, '"', ',')
		o.buf = strconv.AppendInt(o.buf, cell.Households, 10)
		o.buf = append(o.buf, ',')
		o.buf = strconv.AppendInt(o.buf, cell.Covered, 10)
		o.buf = append(o.buf, ']')
	}
	o.buf = append(o.buf, ']')
	o.close()
	return s.aged(&reply{body: o.buf}, cells.Seq), nil
}
