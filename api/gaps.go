package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/feed/views"
)

const formatGeoJSON = "geojson"

type gapsInput struct {
	QuestionInput
	Unit   string `query:"unit"`
	Limit  int    `query:"limit" doc:"Gaps at most" minimum:"1" maximum:"1000" default:"100"`
	Format string `query:"format"`
	Sketch bool   `query:"sketch" doc:"At once, as JSON without outlines and best sites" default:"false"`
}

type gapInput struct {
	QuestionInput
	ID string `path:"id" doc:"The id of the gap" maxLength:"16" example:"8a1ec9b64a6ffff"`
}

func (s *Server) routeGaps() {
	list := map[string]*huma.Response{"200": {Description: "The gaps, those with most households first", Headers: ageHeaders(),
		Content: map[string]*huma.MediaType{geoJSONType: {Schema: s.schema(reflect.TypeFor[GapCollection]())}}}}
	addExports(list)
	operation[gapsInput, GapListReport](s, huma.Operation{
		OperationID: "list-gaps", Path: "/api/gaps", Tags: []string{"Gaps"}, Summary: "Where coverage is missing",
		Description: "A gap is connected cells with households that are surely covered at no moment asked about: how many households, why, the nearest station, and the best place for one more. " +
			"With `format=geojson` their outlines; else as JSON without, or as a table to take away.",
		Parameters:  append(questionParams(), unitParam("Only gaps that touch the unit of this code"), formatParam(formatGeoJSON)),
		Middlewares: huma.Middlewares{s.exporters}, Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, Responses: list,
	}, s.gaps)
	operation[gapInput, GapFeature](s, huma.Operation{
		OperationID: "get-gap", Path: "/api/gaps/{id}", Tags: []string{"Gaps"}, Summary: "One gap",
		Description: "With its outline. The id is that of its cell with most households: it is the same while that is, and of the same question.",
		Parameters:  questionParams(), Errors: []int{http.StatusNotFound}, Metadata: map[string]any{"media_type": geoJSONType},
		Responses: map[string]*huma.Response{"200": {Description: "The gap", Headers: ageHeaders()}},
	}, s.gap)
}

func (s *Server) gaps(ctx context.Context, in *gapsInput) (*reply, error) {
	q, picture, err := s.ask(ctx, &in.QuestionInput)
	if err != nil {
		return nil, err
	}
	done, err := s.makeLarge(ctx, in.Limit)
	if err != nil {
		return nil, err
	}
	defer done()
	find := picture.Gaps
	if in.Sketch {
		if in.Format != "" && in.Format != formatJSON {
			return nil, invalidParameter("query.sketch", "is JSON only: leave out the format")
		}
		find = picture.SketchGaps
	}
	list, err := find(q.Question, in.Unit, in.Limit)
	if err != nil {
		return nil, q.locate(err)
	}
	switch in.Format {
	case "", formatJSON:
		report := GapListReport{GapTotals: gapTotalsOf(&list), Gaps: []GapReport{}}
		for i := range list.Gaps {
			report.Gaps = append(report.Gaps, gapReportOf(&list.Gaps[i]))
		}
		return s.agedJSON(report, list.Seq)
	case formatGeoJSON:
		report := GapCollection{Type: "FeatureCollection", GapTotals: gapTotalsOf(&list), Features: []GapFeature{}}
		for i := range list.Gaps {
			report.Features = append(report.Features, gapFeatureOf(&list.Gaps[i], nil))
		}
		return s.agedGeoJSON(report, list.Seq)
	}
	t := gapTable(list.Gaps)
	t.About = append(t.About, exports.Fact{Label: "盲区总数 total", Text: strconv.Itoa(list.Total)})
	return s.export(in.Format, list.Basis, t)
}

// agedGeoJSON is agedJSON of GeoJSON.
func (s *Server) agedGeoJSON(report any, seq int64) (*reply, error) {
	answer, err := s.agedJSON(report, seq)
	if err != nil {
		return nil, err
	}
	answer.contentType = geoJSONType
	return answer, nil
}

func (s *Server) gap(ctx context.Context, in *gapInput) (*reply, error) {
	q, picture, err := s.ask(ctx, &in.QuestionInput)
	if err != nil {
		return nil, err
	}
	// The id is a cell of the gap: the gaps that touch its community are few, and the one is among them.
	cell, err := picture.Explain(q.Question, views.Place{Cell: in.ID})
	if err != nil || len(cell.Cell.Units) == 0 {
		return nil, noGap(q, err)
	}
	list, err := picture.Gaps(q.Question, cell.Cell.Units[0].Unit, views.MaxGaps)
	if err != nil {
		return nil, q.locate(err)
	}
	at := slices.IndexFunc(list.Gaps, func(g views.Gap) bool { return g.ID == in.ID })
	if at < 0 {
		return nil, noGap(q, nil)
	}
	basis := basisOf(list.Basis)
	return s.agedGeoJSON(gapFeatureOf(&list.Gaps[at], &basis), list.Seq)
}

// noGap is the answer for an id that is none, or no cell at all.
func noGap(q question, err error) error {
	if err != nil && yizhan.CodeOf(err) != yizhan.CodeInvalid {
		return q.locate(err)
	}
	return notFound("there is no gap of this id for this question")
}
