package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

type trendInput struct {
	QuestionInput
	Unit string `query:"unit"`
	Days int    `query:"days" doc:"How many days to go back, today being one" minimum:"1" maximum:"366" default:"90"`
}

// TrendReport is how the coverage of a unit came about.
type TrendReport struct {
	AnswerBasis
	Unit       UnitName           `json:"unit"`
	Households int64              `json:"households" doc:"Of today, which every point is measured with"`
	From       string             `json:"from" format:"date" doc:"The first day asked about, in China"`
	Since      *time.Time         `json:"since" doc:"When the record of the city begins; nothing is known of before"`
	Points     []TrendPointReport `json:"points" nullable:"false" doc:"The earliest first; each holds until the next. The last is the present"`
}

// TrendPointReport is the coverage from a change of stations on.
type TrendPointReport struct {
	At              time.Time `json:"at"`
	Seq             int64     `json:"seq" doc:"Of the change; 0 for how it was on the first day"`
	Covered         int64     `json:"covered"`
	CoveredPossible int64     `json:"covered_possible"`
	CrossCovered    int64     `json:"cross_covered"`
	Stations        int64     `json:"stations" doc:"That count for sure"`
}

func (s *Server) routeTrend() {
	operation[trendInput, TrendReport](s, huma.Operation{
		OperationID: "get-coverage-trend", Path: "/api/coverage/trend", Tags: []string{"Coverage"}, Summary: "Coverage over time",
		Description: "What stations made of the coverage of a unit: the question of today, asked of the stations as they were after each change, with the households of today. " +
			"With very many changes those of a day, or of a week, make one point.",
		Parameters: append(questionParams(), unitParam("Code of the unit; the city without it")),
		Errors:     []int{http.StatusNotFound, http.StatusRequestEntityTooLarge},
		Responses:  map[string]*huma.Response{"200": {Description: "The points", Headers: ageHeaders()}},
	}, s.trend)
}

func (s *Server) trend(ctx context.Context, in *trendInput) (*reply, error) {
	q, picture, err := s.ask(ctx, &in.QuestionInput)
	if err != nil {
		return nil, err
	}
	trend, err := s.options.Coverage.Trend(ctx, picture, views.TrendAsk{Question: q.Question, Unit: in.Unit, Days: in.Days, Now: s.now()})
	if err != nil {
		return nil, q.locate(err)
	}
	report := TrendReport{AnswerBasis: basisOf(trend.Basis), Unit: UnitName{trend.Unit.Code, trend.Unit.Name}, Households: trend.Households,
		From: trend.From.In(yizhan.China).Format(time.DateOnly), Points: []TrendPointReport{}}
	if !trend.Since.IsZero() {
		report.Since = &trend.Since
	}
	for _, p := range trend.Points {
		report.Points = append(report.Points, TrendPointReport{p.At.UTC(), p.Seq, p.Covered.Known, p.Covered.Possible, p.CrossCovered.Known, p.Stations})
	}
	return s.agedJSON(report, trend.Seq)
}
