package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

type reportQueueInput struct {
	Unit     string   `query:"unit" doc:"Of this unit and below"`
	Stage    []string `query:"stage" doc:"At these stages, separated by commas; without it, those that are open" enum:"called,collected,handled,converted,declined,merged"`
	Kind     string   `query:"kind" doc:"Of this kind" enum:"problem,confirmation,suggestion"`
	Station  string   `query:"station" doc:"About this station, or turned into it" maxLength:"32"`
	Assignee string   `query:"assignee" doc:"Given to this account" maxLength:"64"`
	Overdue  bool     `query:"overdue" doc:"Only those that should have been closed by now"`
	Limit    int      `query:"limit" doc:"The most to list" minimum:"1" maximum:"500" default:"100"`
	Offset   int      `query:"offset" doc:"How many to leave away before" minimum:"0" maximum:"1000000" default:"0"`
}

type reportUnitInput struct {
	Unit string `query:"unit"`
}

type reportInput struct {
	ID int64 `path:"id" doc:"Of the report" minimum:"1" example:"17"`
}

// photoFile is a picture.
type photoFile struct{}

// Schema is that of a file.
func (photoFile) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "binary"}
}

func (s *Server) reportContent() map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: s.schema(reflect.TypeFor[RiderReportReport]())}}
}

func (s *Server) routeReportQueue() {
	op := func(method, id, path, summary, description string, more ...int) huma.Operation {
		return huma.Operation{Method: method, OperationID: id, Path: path, Tags: reportTags(), Summary: summary, Description: description, Errors: append(slices.Clone(signedIn), more...)}
	}
	const gone = http.StatusNotFound
	queue := op(http.MethodGet, "list-reports", "/api/reports", "The queue of reports", "Those of the units where you may read reports.")
	queue.Parameters = []*huma.Param{unitParam("Of this unit and below")}
	operation[reportQueueInput, ReportPageReport](s, queue, s.reportQueue)
	statistics := op(http.MethodGet, "count-reports", "/api/reports/statistics", "Reports by stage and unit", "Of the units where you may read reports. The parts sum up to the whole, at each stage.", gone)
	statistics.Parameters = []*huma.Param{unitParam("The city without it")}
	operation[reportUnitInput, ReportStatisticsReport](s, statistics, s.reportStatistics)
	operation[reportInput, ReportDetailReport](s, op(http.MethodGet, "get-report", "/api/reports/{id}", "One report", "With its history, what may tell the same, and where it may go.", gone), s.report)
	photo := op(http.MethodGet, "get-report-photo", "/api/reports/{id}/photo", "The photo of a report", "", gone)
	photo.Metadata = map[string]any{"media_type": "image/jpeg"}
	operation[reportInput, photoFile](s, photo, s.reportPhoto)
	operation[reportInput, HandlerListReport](s, op(http.MethodGet, "list-report-handlers", "/api/reports/{id}/handlers", "Who may be given a report", "", gone), s.reportHandlers)

	change := func(id, path, summary, description string) huma.Operation {
		return op(http.MethodPost, id, "/api/reports/{id}/"+path, summary, description, gone, http.StatusConflict)
	}
	operationWithBody[reportInput, ReportMoveBody, ReportDetailReport](s, change("move-report", "move", "Take a report to another stage", "Which it may go to, `moves` of the report lists."), s.moveReport)
	operationWithBody[reportInput, ReportAssignBody, ReportDetailReport](s, change("assign-report", "assign", "Give a report to somebody", "And say by when it is to be closed."), s.assignReport)
	operationWithBody[reportInput, ReportMergeBody, ReportDetailReport](s, change("merge-report", "merge", "Let another report stand for this one", "Riders of both see what becomes of that one, which is the answer. Those merged into this one go along."), s.mergeReport)
	operationWithBody[reportInput, ReportConvertBody, ReportDetailReport](s, change("convert-report", "convert", "Make a planned station of a suggestion", "The station is created by a changeset in your name, and the report converted, together or not at all."), s.convertReport)
	operationWithBody[reportInput, ReasonBody, RiderContactReport](s, op(http.MethodPost, "reveal-rider", "/api/reports/{id}/reveal", "How to reach a rider", "For those who need it and say why. Each look is in the audit trail.", gone), s.revealRider)
}

func (s *Server) reportQueue(ctx context.Context, in *reportQueueInput) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	q := yizhan.ReportQuery{Unit: in.Unit, Kind: yizhan.ReportKind(in.Kind), Station: in.Station, Assignee: in.Assignee, Overdue: in.Overdue, Limit: in.Limit, Offset: in.Offset}
	for _, stage := range in.Stage {
		q.Stages = append(q.Stages, yizhan.ReportStage(stage))
	}
	page, err := keeper.Reports(ctx, askerOf(ctx), q)
	if err != nil {
		return nil, err
	}
	return privateReply(ReportPageReport{Reports: s.staffReportsOf(page.Reports, page.Names), Total: page.Total, AsOf: s.now().UTC()})
}

func (s *Server) reportStatistics(ctx context.Context, in *reportUnitInput) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	city := s.options.Feed.City()
	if city == nil {
		return nil, stillLoading()
	}
	unit := rootOf(city)
	if in.Unit != "" {
		unit = city.Units[in.Unit]
	}
	if unit == nil {
		return nil, notFound("there is no unit %s", in.Unit)
	}
	counts, err := keeper.ReportStatistics(ctx, askerOf(ctx), unit.Code)
	if err != nil {
		return nil, err
	}
	report := ReportStatisticsReport{Unit: UnitName{unit.Code, unit.Name}, Children: []UnitReportsReport{}, Kinds: []KindReportsReport{}, AsOf: s.now().UTC()}
	for _, kind := range yizhan.ReportKinds() {
		report.Kinds = append(report.Kinds, KindReportsReport{Kind: string(kind)})
	}
	for _, n := range counts {
		report.Whole.add(n)
		report.Kinds[slices.Index(yizhan.ReportKinds(), n.Kind)].add(n)
		if last := len(report.Children) - 1; last < 0 || report.Children[last].Code != n.Unit {
			child := UnitReportsReport{UnitName: UnitName{Code: n.Unit}}
			if known := city.Units[n.Unit]; known != nil {
				child.Name = known.Name
			}
			report.Children = append(report.Children, child)
		}
		report.Children[len(report.Children)-1].add(n)
	}
	return privateReply(report)
}

func (s *Server) report(ctx context.Context, in *reportInput) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	detail, err := keeper.Report(ctx, askerOf(ctx), in.ID)
	return s.reportReply(detail, err)
}

func (s *Server) reportPhoto(ctx context.Context, in *reportInput) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	photo, err := keeper.ReportPhoto(ctx, askerOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &reply{contentType: "image/jpeg", body: photo.JPEG, owned: true, volatile: true, headers: map[string]string{fiber.HeaderCacheControl: "no-store"}}, nil
}

func (s *Server) reportHandlers(ctx context.Context, in *reportInput) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	handlers, err := keeper.Handlers(ctx, askerOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	report := HandlerListReport{Handlers: []HandlerReport{}}
	for _, h := range handlers {
		report.Handlers = append(report.Handlers, HandlerReport(h))
	}
	return privateReply(report)
}

func (s *Server) moveReport(ctx context.Context, in *reportInput, body *ReportMoveBody) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	detail, err := keeper.MoveReport(ctx, askerOf(ctx), in.ID, body.Version, yizhan.ReportStage(body.To), body.Answer, body.Note)
	return s.reportReply(detail, inBody(err))
}

func (s *Server) assignReport(ctx context.Context, in *reportInput, body *ReportAssignBody) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	due, err := instantOf(body.DueAt, "body.due_at")
	if err != nil {
		return nil, err
	}
	detail, err := keeper.AssignReport(ctx, askerOf(ctx), in.ID, body.Version, body.Assignee, due)
	return s.reportReply(detail, inBody(err))
}

func (s *Server) mergeReport(ctx context.Context, in *reportInput, body *ReportMergeBody) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	detail, err := keeper.MergeReport(ctx, askerOf(ctx), in.ID, body.Version, body.Into)
	return s.reportReply(detail, inBody(err))
}

func (s *Server) convertReport(ctx context.Context, in *reportInput, body *ReportConvertBody) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	planned := yizhan.PlannedStation{Name: body.Name, Sponsor: yizhan.Sponsor(body.Sponsor), Address: body.Address}
	detail, err := keeper.ConvertReport(ctx, askerOf(ctx), in.ID, body.Version, planned, body.Answer)
	return s.reportReply(detail, inBody(err))
}

func (s *Server) revealRider(ctx context.Context, in *reportInput, body *ReasonBody) (*reply, error) {
	keeper, err := s.reporting()
	if err != nil {
		return nil, err
	}
	contact, err := keeper.RevealRider(ctx, askerOf(ctx), in.ID, body.Reason)
	if err != nil {
		return nil, inBody(err)
	}
	return privateReply(RiderContactReport{contact})
}

func (s *Server) reportReply(d yizhan.ReportDetail, err error) (*reply, error) {
	if err != nil {
		return nil, err
	}
	report := ReportDetailReport{StaffReportReport: s.staffReportOf(&d.Report, d.Names), Steps: []ReportStepReport{}, Moves: []ReportMoveReport{},
		Merged: s.staffReportsOf(d.Merged, d.Names), Duplicates: s.staffReportsOf(d.Duplicates, d.Names)}
	for _, step := range d.Steps {
		report.Steps = append(report.Steps, ReportStepReport{step.At, step.Actor, textOrNil(d.Names[step.Actor]), step.Act, string(step.Stage), step.Note})
	}
	for _, move := range yizhan.MovesFrom(d.Stage) {
		report.Moves = append(report.Moves, ReportMoveReport{string(move.To), move.Answer})
	}
	return privateReply(report)
}

func (s *Server) staffReportsOf(reports []yizhan.Report, names yizhan.ReportNames) []StaffReportReport {
	list := make([]StaffReportReport, len(reports))
	for i := range reports {
		list[i] = s.staffReportOf(&reports[i], names)
	}
	return list
}

func (s *Server) staffReportOf(r *yizhan.Report, names yizhan.ReportNames) StaffReportReport {
	report := StaffReportReport{ID: r.ID, Kind: string(r.Kind), Topic: textOrNil(string(r.Topic)), Station: textOrNil(r.Station), Location: coordinates(r.Location),
		Community: r.Community, Services: []string{}, Text: r.Text, HasContact: r.HasContact, SeenAt: r.SeenAt, CreatedAt: r.CreatedAt, Stage: string(r.Stage),
		MovedAt: r.MovedAt, DueAt: timeOrNull(r.DueAt), Overdue: r.Overdue(s.now()), Assignee: textOrNil(r.Assignee), AssigneeName: textOrNil(names[r.Assignee]), Answer: r.Answer, Result: textOrNil(r.Result),
		Weight: r.Weight, Version: r.Version}
	for _, service := range r.Services {
		report.Services = append(report.Services, string(service))
	}
	if r.HasPhoto {
		address := "/api/reports/" + strconv.FormatInt(r.ID, 10) + "/photo"
		report.Photo = &address
	}
	if r.MergedInto != 0 {
		report.MergedInto = &r.MergedInto
	}
	return report
}
