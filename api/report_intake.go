package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/photos"
)

// Reports keeps what riders report. What a principal may see and do it decides itself, as the database does.
type Reports interface {
	SubmitReport(ctx context.Context, n yizhan.NewReport) (report yizhan.RiderReport, fresh bool, err error)
	RiderReports(ctx context.Context, codes []string) ([]*yizhan.RiderReport, error)

	Reports(ctx context.Context, by *yizhan.Principal, q yizhan.ReportQuery) (yizhan.ReportPage, error)
	Report(ctx context.Context, by *yizhan.Principal, id int64) (yizhan.ReportDetail, error)
	ReportPhoto(ctx context.Context, by *yizhan.Principal, id int64) (yizhan.Photo, error)
	ReportStatistics(ctx context.Context, by *yizhan.Principal, unit string) ([]yizhan.ReportCount, error)
	Suggestions(ctx context.Context, by *yizhan.Principal, unit string) ([]yizhan.Report, error)
	Handlers(ctx context.Context, by *yizhan.Principal, id int64) ([]yizhan.Handler, error)

	MoveReport(ctx context.Context, by *yizhan.Principal, id, base int64, to yizhan.ReportStage, answer, note string) (yizhan.ReportDetail, error)
	AssignReport(ctx context.Context, by *yizhan.Principal, id, base int64, assignee string, due time.Time) (yizhan.ReportDetail, error)
	MergeReport(ctx context.Context, by *yizhan.Principal, id, base, into int64) (yizhan.ReportDetail, error)
	ConvertReport(ctx context.Context, by *yizhan.Principal, id, base int64, planned yizhan.PlannedStation, answer string) (yizhan.ReportDetail, error)
	RevealRider(ctx context.Context, by *yizhan.Principal, id int64, reason string) (string, error)
}

// An address, behind which there may be many phones, may send so much at once, and then so much an hour. To ask
// about codes costs less; there are too many codes to find one by trying.
const (
	reportsAtOnce   = 60
	reportsHourly   = 180
	costOfReport    = 1.0
	costOfAsking    = 0.1
	photosDeveloped = 2 // at once; each may take 100 MB for a moment
)

// newReporters limits who reports, where addresses are limited at all.
func newReporters(o Options) *limiter[netip.Prefix] {
	if o.RateLimit <= 0 {
		return nil
	}
	return &limiter[netip.Prefix]{rate: reportsHourly / time.Hour.Seconds(), burst: reportsAtOnce, now: o.Now, recent: map[netip.Prefix]bucket{}}
}

func reportTags() []string { return []string{"Reports"} }

func (s *Server) routeReports() {
	operationWithBody[asked, NewReportBody, RiderReportReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusCreated, OperationID: "send-report", Path: "/api/reports", Tags: reportTags(), Summary: "Report something about a place",
		Description: "Without an account. The answer has the code by which to ask what became of it. Sent again with the same key, the report is taken in once, and the answer is 200 with the same code: " +
			"so a phone may send until it is answered. An answer 400, 404, 409 or 413 will not get better; any other may.",
		Errors: []int{http.StatusForbidden, http.StatusConflict},
		Responses: map[string]*huma.Response{
			"201": {Description: "Taken in"},
			"200": {Description: "Taken in before", Content: s.reportContent()},
		},
	}, s.sendReport)
	operationWithBody[asked, ReportCodesBody, RiderReportListReport](s, huma.Operation{
		Method: http.MethodPost, OperationID: "ask-reports", Path: "/api/reports/status", Tags: reportTags(), Summary: "What became of reports",
		Description: "By their codes, which are in the body so that no log has them. It tells nothing about who sent them or who works at them.",
		Errors:      []int{http.StatusForbidden},
	}, s.askReports)
}

// reporting is what keeps reports.
func (s *Server) reporting() (Reports, error) {
	if s.options.Reports == nil {
		return nil, unavailable("this server takes no reports", nil)
	}
	return s.options.Reports, nil
}

// limitReports refuses addresses that report or ask too much.
func (s *Server) limitReports(in *asked, cost float64) error {
	if s.reporters == nil {
		return nil
	}
	if wait := s.reporters.take(s.addressOf(in.c.Context()), cost); wait > 0 {
		s.metrics.limited.Inc()
		problem := newProblem("too_many_requests", "this address reports too often")
		problem.retryAfter = wait
		return problem
	}
	return nil
}

func (s *Server) sendReport(ctx context.Context, in *asked, body *NewReportBody) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	if err := s.limitReports(in, costOfReport); err != nil {
		return nil, err
	}
	n := body.newReport()
	if n.SeenAt, err = instantOf(body.SeenAt, "body.seen_at"); err != nil {
		return nil, err
	}
	if err := n.Validate(); err != nil { // before the work of a photo
		return nil, inBody(err)
	}
	if n.Photo, err = s.develop(ctx, body.Photo); err != nil {
		return nil, inBody(err)
	}
	if err := n.Validate(); err != nil {
		return nil, inBody(err)
	}
	report, fresh, err := keeper.SubmitReport(ctx, n)
	if err != nil {
		return nil, inBody(err)
	}
	answer, err := privateReply(riderReportOf(yizhan.ReportCode(n.Key), report))
	if err == nil && fresh {
		answer.status = http.StatusCreated
	}
	return answer, err
}

// develop draws a photo anew; nil for none.
func (s *Server) develop(ctx context.Context, text string) (*yizhan.Photo, error) {
	if text == "" {
		return nil, nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, yizhan.Invalid("photo", "is not base64")
	}
	select {
	case s.developing <- struct{}{}:
		defer func() { <-s.developing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return photos.Clean(data)
}

func (s *Server) askReports(ctx context.Context, in *asked, body *ReportCodesBody) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	if err := s.limitReports(in, costOfAsking); err != nil {
		return nil, err
	}
	codes := make([]string, len(body.Codes))
	for i, text := range body.Codes {
		codes[i], _ = yizhan.ParseReportCode(text) // what is no code is not found
	}
	found, err := keeper.RiderReports(ctx, codes)
	if err != nil {
		return nil, inBody(err)
	}
	report := RiderReportListReport{Reports: make([]maybe[RiderReportReport], len(found))}
	for i, r := range found {
		if r != nil {
			report.Reports[i].value = riderReportOf(codes[i], *r)
		}
	}
	return privateReply(report)
}
