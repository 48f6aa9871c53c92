package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// Coverage tells how many households are within reach of a station; *views.Coverage does.
type Coverage interface {
	Figures(p views.Params, unit string) (views.Figures, error)
	Cells(p views.Params, bbox orb.Bound, resolution int) (cells []views.Cell, seq int64, err error)
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

func modelParams() []*huma.Param {
	least, most := float64(views.MinRadiusM), float64(views.MaxRadiusM)
	var services []any
	for _, service := range yizhan.Services() {
		services = append(services, string(service))
	}
	return []*huma.Param{
		{Name: "radius_m", In: "query", Description: "Reach of a station in metres, inclusive", Schema: &huma.Schema{
			Type: huma.TypeNumber, Minimum: &least, Maximum: &most, Default: views.DefaultRadiusM}},
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
	Resolution int     `query:"resolution" doc:"H3 resolution; without it one that fits the box" minimum:"4" maximum:"10"`
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
		Description: fmt.Sprintf("Cells that hold households, at most %d; more is a 413: ask for a smaller box or a lower resolution.", views.MaxCells),
		Parameters:  append(modelParams(), box),
		Errors:      []int{http.StatusRequestEntityTooLarge},
		Responses:   map[string]*huma.Response{"200": {Description: "The cells", Headers: ageHeaders()}},
	}, s.coverageCells)
}

func (s *Server) coverage(_ context.Context, in *coverageInput) (*reply, error) {
	model := views.Params{RadiusM: in.RadiusM, Service: yizhan.Service(in.Service)}
	figures, err := s.options.Coverage.Figures(model, in.Unit)
	if err != nil {
		return nil, err
	}
	report := CoverageReport{
		Seq: figures.Seq,
		Model: CoverageModelReport{
			RadiusM: model.RadiusM, Service: in.Service, H3Resolution: figures.Resolution,
			Distance: "true distance on WGS84, as the crow flies, from the station to the centre of the H3 cell",
			Demand:   "households of micro-grids, spread over H3 cells by area, in whole households",
		},
		Unit:            UnitName{figures.Unit.Code, figures.Unit.Name},
		CoverageFigures: reportOf(figures.UnitFigures),
		Children:        []UnitCoverageReport{},
	}
	for _, child := range figures.Children {
		report.Children = append(report.Children, UnitCoverageReport{UnitName{child.Unit.Code, child.Unit.Name}, reportOf(child)})
	}
	answer, err := jsonReply(report)
	if err != nil {
		return nil, err
	}
	return s.aged(answer, figures.Seq), nil
}

func reportOf(f views.UnitFigures) CoverageFigures {
	return CoverageFigures{Households: f.Households, Covered: f.Covered, CrossCovered: f.CrossCovered,
		Unmet: f.Unmet, Share: f.Share, Stations: f.Stations}
}

func (s *Server) coverageCells(_ context.Context, in *cellsInput) (*reply, error) {
	box, err := parseBBox(in.BBox, s.cityBound())
	if err != nil {
		return nil, err
	}
	bound := orb.Bound{Min: orb.Point{box[0], box[1]}, Max: orb.Point{box[2], box[3]}}
	resolution := in.Resolution
	if resolution == 0 {
		resolution = fittingResolution(bound)
	}
	model := views.Params{RadiusM: in.RadiusM, Service: yizhan.Service(in.Service)}
	cells, seq, err := s.options.Coverage.Cells(model, bound, resolution)
	if err != nil {
		return nil, err
	}
	return s.aged(&reply{body: appendCells(cells, seq, resolution), owned: true}, seq), nil
}

// fittingResolution is the finest at which a box full of cells would have some ten thousand.
func fittingResolution(b orb.Bound) int {
	const (
		wanted       = 20_000
		finestKM2    = 0.01505 // mean area of a cell of resolution 10
		apertureOfH3 = 7
		kmADegree    = 111.2
	)
	height := (b.Max[1] - b.Min[1]) * kmADegree
	width := (b.Max[0] - b.Min[0]) * kmADegree * math.Cos(b.Center()[1]*math.Pi/180)
	cells := height * width / finestKM2
	resolution := views.DemandResolution
	for ; cells > wanted && resolution > views.CoarsestResolution; resolution-- {
		cells /= apertureOfH3
	}
	return resolution
}

func appendCells(cells []views.Cell, seq int64, resolution int) []byte {
	o := object{buf: make([]byte, 0, 128+len(cells)*32)}
	o.open()
	o.integer("seq", seq)
	o.integer("resolution", int64(resolution))
	o.name("cells")
	o.buf = append(o.buf, '[')
	for i, cell := range cells {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = append(o.buf, '[', '"')
		o.buf = strconv.AppendUint(o.buf, uint64(cell.Cell), 16)
		o.buf = append(o.buf, '"', ',')
		o.buf = strconv.AppendInt(o.buf, cell.Households, 10)
		o.buf = append(o.buf, ',')
		o.buf = strconv.AppendInt(o.buf, cell.Covered, 10)
		o.buf = append(o.buf, ']')
	}
	o.buf = append(o.buf, ']')
	o.close()
	return o.buf
}
