package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

type coverageInput struct {
	QuestionInput
	Unit            string `query:"unit"`
	Include         string `query:"include"`
	HouseholdsASeat int    `query:"households_a_seat" doc:"With include=served: for how many households one seat is" minimum:"1" maximum:"10000" default:"30"`
}

type hoursInput struct {
	ModelInput
	ScenarioInput
	Unit string `query:"unit"`
}

type rankingInput struct {
	QuestionInput
	Level  string `query:"level" required:"true"`
	Within string `query:"within"`
	Format string `query:"format"`
}

type cellsInput struct {
	QuestionInput
	BBox       string `query:"bbox" required:"true"`
	Resolution int    `query:"resolution" doc:"H3 resolution, not finer than that of the model; without it one that fits the box" minimum:"4" maximum:"11"`
	Format     string `query:"format"`
}

const (
	includeAccess = "access"
	includeServed = "served"
)

func (s *Server) routeCoverage() {
	tags := []string{"Coverage"}
	answers := func(description string) map[string]*huma.Response {
		return map[string]*huma.Response{"200": {Description: description, Headers: ageHeaders()}}
	}
	include := anyOf("include", includeAccess, includeServed)
	include.In, include.Description = "query", "More figures, separated by commas: access, seats a household can count on (E2SFCA); served, households there are seats for (maximum flow)"
	operation[coverageInput, CoverageReport](s, huma.Operation{
		OperationID: "get-coverage", Path: "/api/coverage", Tags: tags, Summary: "Coverage of a unit",
		Description: "Households within reach of active stations, by true distance, for a unit and those right below it. Without `unit`, the city. " +
			"What nobody knows, as hours may be unknown, makes figures intervals: `covered` is for sure, `covered_possible` if all that is not known turns out well. " +
			"Whole numbers of the children sum to the unit exactly.",
		Parameters: append(questionParams(), unitParam("Code of the unit"), include),
		Errors:     []int{http.StatusNotFound}, Responses: answers("The figures"),
	}, s.coverage)
	box := bboxParam("Cells whose centre is in this box")
	box.Required = true
	cells := answers("The cells")
	addExports(cells)
	operation[cellsInput, CoverageCellsReport](s, huma.Operation{
		OperationID: "list-coverage-cells", Path: "/api/coverage/cells", Tags: tags, Summary: "Coverage by H3 cell",
		Description: fmt.Sprintf("Cells that hold households, at most %d; more is a 413: ask for a smaller box or a lower resolution. As a table to take away with `format`.", views.MaxCells),
		Parameters:  append(questionParams(), box, formatParam()),
		Middlewares: huma.Middlewares{s.exporters}, Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge}, Responses: cells,
	}, s.coverageCells)
	operation[hoursInput, CoverageHoursReport](s, huma.Operation{
		OperationID: "get-coverage-hours", Path: "/api/coverage/hours", Tags: tags, Summary: "Coverage through the week",
		Description: "Households covered in each of the 168 hours of the week, Monday 00:00 in China first, for each service named and for all of them by the rule. Stations of unknown hours make the difference between known and possible.",
		Parameters:  append(withoutMoment(questionParams()), unitParam("Code of the unit; the city without it")),
		Errors:      []int{http.StatusNotFound}, Responses: answers("The hours"),
	}, s.coverageHours)
	ranking := answers("The units, in order of need")
	addExports(ranking)
	operation[rankingInput, CoverageRankingReport](s, huma.Operation{
		OperationID: "rank-coverage", Path: "/api/coverage/ranking", Tags: tags, Summary: "Units by need",
		Description: "All units of a level, those with the most unmet demand first; of equal ones that with the lower rate, those without households last; then by code. As a table to take away with `format`.",
		Parameters: append(questionParams(),
			&huma.Param{Name: "level", In: "query", Required: true, Description: "Which units", Schema: oneOf("", "banner", "township", "community")},
			&huma.Param{Name: "within", In: "query", Description: "Only units within the one of this code; the city without it", Schema: unitSchema()},
			formatParam()),
		Middlewares: huma.Middlewares{s.exporters}, Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, Responses: ranking,
	}, s.coverageRanking)
}

// withoutMoment leaves out the parameters that a question about the whole week does not have.
func withoutMoment(params []*huma.Param) []*huma.Param {
	return slices.DeleteFunc(params, func(p *huma.Param) bool {
		return p.Name == "at" || p.Name == "quarter" || p.Name == "profile"
	})
}

func (s *Server) coverage(ctx context.Context, in *coverageInput) (*reply, error) {
	q, picture, err := s.ask(ctx, &in.QuestionInput)
	if err != nil {
		return nil, err
	}
	figures, err := picture.Figures(q.Question, in.Unit)
	if err != nil {
		return nil, q.locate(err)
	}
	included := splitList(in.Include)
	report := ReportFigures(figures, slices.Contains(included, includeAccess))
	if slices.Contains(included, includeServed) {
		if q.weight != nil {
			return nil, q.fault("include", "served tells for how many households there are seats: ask it without a weight")
		}
		served, err := picture.Served(q.Question, in.Unit, in.HouseholdsASeat)
		if err != nil {
			return nil, q.locate(err)
		}
		report.Served = servedReportOf(served)
	}
	return s.agedJSON(report, figures.Seq)
}

// ask reads a question and finds the picture that answers it.
func (s *Server) ask(ctx context.Context, in *QuestionInput) (question, Picture, error) {
	q, err := s.question(in)
	if err != nil {
		return q, nil, err
	}
	picture, err := s.picture(ctx, q)
	return q, picture, err
}

// agedJSON answers from memory, as of a seq.
func (s *Server) agedJSON(report any, seq int64) (*reply, error) {
	answer, err := jsonReply(report)
	if err != nil {
		return nil, err
	}
	answer.owned = true
	return s.aged(answer, seq), nil
}

func (s *Server) coverageCells(ctx context.Context, in *cellsInput) (*reply, error) {
	q, err := s.question(&in.QuestionInput)
	if err != nil {
		return nil, err
	}
	box, err := parseBBox(in.BBox, s.cityBound())
	if err != nil {
		return nil, err
	}
	picture, err := s.picture(ctx, q)
	if err != nil {
		return nil, err
	}
	basis, err := picture.Basis(q.Question)
	if err != nil {
		return nil, q.locate(err)
	}
	bound := orb.Bound{Min: orb.Point{box[0], box[1]}, Max: orb.Point{box[2], box[3]}}
	resolution := in.Resolution
	if resolution == 0 {
		resolution = fittingResolution(bound, basis.Model.Resolution)
	}
	done, err := s.makeLarge(ctx, largePage+1)
	if err != nil {
		return nil, err
	}
	defer done()
	cells, err := picture.Cells(q.Question, bound, resolution)
	if err != nil {
		return nil, q.locate(err)
	}
	if in.Format != "" && in.Format != formatJSON {
		return s.export(in.Format, basis, cellTable(cells, resolution))
	}
	body, err := appendCells(basis, cells, resolution)
	if err != nil {
		return nil, err
	}
	return s.aged(&reply{body: body, owned: true}, basis.Seq), nil
}

// fittingResolution is the finest, but none beyond that of the model, at which a box full of cells would have
// some ten thousand.
func fittingResolution(b orb.Bound, finest int) int {
	const (
		wanted       = 20_000
		km2OfTen     = 0.01505 // mean area of a cell of resolution 10
		apertureOfH3 = 7
		kmADegree    = 111.2
	)
	height := (b.Max[1] - b.Min[1]) * kmADegree
	width := (b.Max[0] - b.Min[0]) * kmADegree * math.Cos(b.Center()[1]*math.Pi/180)
	cells := height * width / km2OfTen * math.Pow(apertureOfH3, float64(finest-10))
	resolution := finest
	for ; cells > wanted && resolution > views.CoarsestResolution; resolution-- {
		cells /= apertureOfH3
	}
	return resolution
}

func appendCells(basis views.Basis, cells []views.Cell, resolution int) ([]byte, error) {
	head, err := jsonReply(basisOf(basis))
	if err != nil {
		return nil, err
	}
	o := object{buf: append(make([]byte, 0, 1024+len(cells)*40), head.body[:len(head.body)-1]...), begun: true}
	o.integer("resolution", int64(resolution))
	o.name("cells")
	o.buf = append(o.buf, '[')
	for i, cell := range cells {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = append(o.buf, '[', '"')
		o.buf = strconv.AppendUint(o.buf, uint64(cell.Cell), 16)
		o.buf = append(o.buf, '"')
		for _, figure := range []int64{cell.Households, cell.Covered, cell.Possible} {
			o.buf = strconv.AppendInt(append(o.buf, ','), figure, 10)
		}
		o.buf = append(o.buf, ']')
	}
	o.buf = append(o.buf, ']')
	o.close()
	return o.buf, nil
}

func (s *Server) coverageHours(ctx context.Context, in *hoursInput) (*reply, error) {
	q, picture, err := s.ask(ctx, &QuestionInput{ModelInput: in.ModelInput, ScenarioInput: in.ScenarioInput})
	if err != nil {
		return nil, err
	}
	hours, err := picture.Hours(q.Question, in.Unit)
	if err != nil {
		return nil, q.locate(err)
	}
	report := CoverageHoursReport{AnswerBasis: basisOf(hours.Basis), Unit: UnitName{hours.Unit.Code, hours.Unit.Name},
		Households: hours.Households, Services: []ServiceHoursReport{}}
	for i := range hours.Services {
		report.Services = append(report.Services, hoursReportOf(&hours.Services[i]))
	}
	return s.agedJSON(report, hours.Seq)
}

func (s *Server) coverageRanking(ctx context.Context, in *rankingInput) (*reply, error) {
	q, picture, err := s.ask(ctx, &in.QuestionInput)
	if err != nil {
		return nil, err
	}
	basis, err := picture.Basis(q.Question)
	if err != nil {
		return nil, q.locate(err)
	}
	units, err := picture.Ranking(q.Question, yizhan.Level(in.Level), in.Within)
	if yizhan.CodeOf(err) == yizhan.CodeNotFound {
		return nil, notFound("there is no unit %s to rank within", in.Within)
	}
	if err != nil {
		return nil, q.locate(err)
	}
	if code := placeless(units); in.Format == formatParquet && code != "" {
		return nil, invalidParameter("query.format", "parquet needs a place for each unit, and "+code+" has neither a seat nor an outline")
	}
	if in.Format != "" && in.Format != formatJSON {
		return s.export(in.Format, basis, rankingTable(units, in.Level))
	}
	return s.agedJSON(ReportRanking(basis, in.Level, in.Within, units), basis.Seq)
}

// servicesText names services for people; any stands for none in particular.
func servicesText(services string) string {
	if services == "" {
		return "any station"
	}
	return strings.ReplaceAll(services, ",", ", ")
}
