package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/intake"
)

const (
	importsPath = "/api/imports"
	importJob   = "import"
)

// ImportAddress names an import.
type ImportAddress struct {
	ID string `path:"id" doc:"The id of the import" maxLength:"32" example:"5f2b6c1e9a3d4b70c2d1"`
}

type importPart struct {
	ImportAddress
	Offset int64 `query:"offset" doc:"Where in the file the part begins: what received says" minimum:"0" required:"true" example:"0"`
	body   []byte
}

// Resolve takes the part.
func (in *importPart) Resolve(ctx huma.Context) []error {
	in.body = humafiber.UnwrapV2(ctx).Request().Body()
	return nil
}

// ImportPage names a page of what was found about one.
type ImportPage struct {
	ImportAddress
	After int64 `query:"after" doc:"Where the page begins: the next of the one before" minimum:"0" default:"0"`
	Limit int   `query:"limit" doc:"Items a page" minimum:"1" maximum:"1000" default:"100"`
}

type importProblemsInput struct {
	ImportPage
	Severity string `query:"severity" doc:"Only those of one" enum:"error,warning,left"`
}

type importDiffInput struct {
	ImportPage
	Op string `query:"op" doc:"Only one kind of change" enum:"create,update,delete"`
}

type importSampleInput struct {
	ImportAddress
	Datum   string `query:"datum" doc:"The name of a datum; that of the settings, or the likeliest, if not given" maxLength:"20" example:"gcj02"`
	Swapped bool   `query:"swapped" doc:"The first coordinate is the lat, or the northing" default:"false"`
	Limit   int    `query:"limit" doc:"How many records" minimum:"1" maximum:"2000" default:"300"`
}

func (s *Server) routeImports() {
	tags := []string{"Imports"}
	one := importsPath + "/{id}"
	accepted := func(what string) map[string]*huma.Response {
		return map[string]*huma.Response{"202": {Description: what}}
	}
	answers := func(what string) map[string]*huma.Response {
		return map[string]*huma.Response{"200": {Description: what}}
	}
	operationWithBody[struct{}, ImportBegin, ImportReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusCreated,
		OperationID: "begin-import", Path: importsPath, Tags: tags, Summary: "Announce a file",
		Description: "Then send it in parts of up to 1 MiB. When the last is here, it is inspected: its format, encoding and columns, and the datums that it may be in. An import is its owner's alone, outlives a restart of the server, and is forgotten a day after it was last asked for. After a restart the file is read again when it is asked for, with the settings as they were; ask for the check again.",
		Errors:      []int{401, 403, 409}, Responses: map[string]*huma.Response{"201": {Description: "The import", Headers: map[string]*huma.Param{
			"Location": {Description: "Its address", Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}, s.beginImport)
	operation[struct{}, ImportList](s, huma.Operation{
		OperationID: "list-imports", Path: importsPath, Tags: tags, Summary: "One's own imports",
		Errors: []int{401, 403}, Responses: answers("The latest first"),
	}, s.listImports)
	operation[importPart, ImportReport](s, huma.Operation{
		Method:      http.MethodPut,
		OperationID: "send-import-part", Path: one + "/file", Tags: tags, Summary: "Send a part of the file",
		Description: "In order, each where the one before ended. If an answer, or the connection, is lost, GET the import: `received` says where to go on, and `received_sha256` whether the file at hand begins alike.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
		Errors:      []int{401, 403, 404, 409, 413}, Responses: answers("The import"), SkipValidateBody: true,
	}, s.sendImportPart)
	operation[ImportAddress, ImportReport](s, huma.Operation{
		OperationID: "get-import", Path: one, Tags: tags, Summary: "Where an import stands",
		Errors: []int{401, 403, 404}, Responses: answers("The import"),
	}, s.getImport)
	operation[ImportAddress, ImportReport](s, huma.Operation{
		Method: http.MethodDelete, DefaultStatus: http.StatusNoContent,
		OperationID: "forget-import", Path: one, Tags: tags, Summary: "Remove an import and its file",
		Description: "What is being done for it is cancelled. What it was committed as stays: revert it, if it should not.",
		Errors:      []int{401, 403, 404}, Responses: map[string]*huma.Response{"204": {Description: "It is gone"}},
	}, s.forgetImport)
	operationWithBody[ImportAddress, ImportSettings, ImportReport](s, huma.Operation{
		Method:      http.MethodPut,
		OperationID: "set-import", Path: one + "/settings", Tags: tags, Summary: "Say how the file is read",
		Description: "With another encoding, delimiter, layer or collection the file is inspected again, and `job` is that of the inspection. What a check found is forgotten.",
		Errors:      []int{401, 403, 404, 409}, Responses: answers("The import"),
	}, s.setImport)
	operation[importSampleInput, ImportSample](s, huma.Operation{
		OperationID: "get-import-sample", Path: one + "/sample", Tags: tags, Summary: "Where records would lie in a datum",
		Description: "To be drawn on the map, a candidate beside the other.", Metadata: map[string]any{"media_type": geoJSONType},
		Errors: []int{401, 403, 404, 409}, Responses: answers("Some records, in WGS84"),
	}, s.importSample)
	operation[ImportAddress, ImportReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusAccepted,
		OperationID: "check-import", Path: one + "/check", Tags: tags, Summary: "Find out what a commit would do",
		Description: "A job reads the whole file: problems, topology, duplicates, and what would change. What whoever asks may not change is a problem, too. Nothing is changed.",
		Errors:      []int{401, 403, 404, 409}, Responses: accepted("The import, with the job that checks it"),
	}, s.checkImport)
	operation[importProblemsInput, ImportProblems](s, huma.Operation{
		OperationID: "get-import-problems", Path: one + "/problems", Tags: tags, Summary: "What is wrong with the file",
		Description: "Every problem, not the first: the errors, then what is left for a person, then the warnings.",
		Errors:      []int{401, 403, 404, 409}, Responses: answers("A page of problems"),
	}, s.importProblems)
	operation[ImportPage, ImportDuplicates](s, huma.Operation{
		OperationID: "get-import-duplicates", Path: one + "/duplicates", Tags: tags, Summary: "Stations that may be one",
		Description: "New stations within 50 m of another, or of the name of another in their community; each once, with the nearest, and at most 20,000.",
		Errors:      []int{401, 403, 404, 409}, Responses: answers("A page of duplicates"),
	}, s.importDuplicates)
	operation[ImportPage, ImportTopology](s, huma.Operation{
		OperationID: "get-import-topology", Path: one + "/topology", Tags: tags, Summary: "Whether outlines are a partition",
		Errors: []int{401, 403, 404, 409}, Responses: answers("A page of overlaps, gaps and repairs"),
	}, s.importTopology)
	operation[importDiffInput, ImportDiff](s, huma.Operation{
		OperationID: "get-import-diff", Path: one + "/diff", Tags: tags, Summary: "What a commit would change",
		Errors: []int{401, 403, 404, 409}, Responses: answers("A page of changes"),
	}, s.importDiff)
	operationWithBody[ImportAddress, ImportCommit, ImportReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusAccepted,
		OperationID: "commit-import", Path: one + "/commit", Tags: tags, Summary: "Apply what the check found",
		Description: "A job applies it as one changeset: all of it, or nothing. If a feature was changed since the check, the job fails with a conflict that names it; check again.",
		Errors:      []int{401, 403, 404, 409}, Responses: accepted("The import, with the job that commits it"),
	}, s.commitImport)
	operation[ImportAddress, ImportReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusAccepted,
		OperationID: "revert-import", Path: one + "/revert", Tags: tags, Summary: "Undo a commit",
		Description: "By a new changeset that brings back what was before. If a feature was changed since, the job fails with a conflict that names it.",
		Errors:      []int{401, 403, 404, 409}, Responses: accepted("The import, with the job that reverts it"),
	}, s.revertImport)
}

// desk gives the imports, or says that there are none.
func (s *Server) desk() (*intake.Desk, error) {
	if s.options.Imports == nil {
		return nil, unavailable("this server takes no imports", nil)
	}
	return s.options.Imports, nil
}

func (s *Server) findImport(ctx context.Context, id string) (*intake.Import, error) {
	desk, err := s.desk()
	if err != nil {
		return nil, err
	}
	return desk.Find(askerOf(ctx), id)
}

func (s *Server) beginImport(ctx context.Context, _ *struct{}, body *ImportBegin) (*reply, error) {
	desk, err := s.desk()
	if err != nil {
		return nil, err
	}
	im, err := desk.Begin(askerOf(ctx), body.Name, body.Bytes)
	if err != nil {
		return nil, inBody(err)
	}
	answer, err := s.importReply(im, http.StatusCreated)
	if err == nil {
		answer.headers = map[string]string{fiber.HeaderLocation: importsPath + "/" + im.ID}
	}
	return answer, err
}

func (s *Server) listImports(ctx context.Context, _ *struct{}) (*reply, error) {
	desk, err := s.desk()
	if err != nil {
		return nil, err
	}
	list := ImportList{Imports: []ImportReport{}}
	for _, im := range desk.List(askerOf(ctx)) {
		report := s.importReport(im)
		report.Preview = []ImportPreviewRow{}
		list.Imports = append(list.Imports, report)
	}
	return volatileReply(list, http.StatusOK)
}

func (s *Server) sendImportPart(ctx context.Context, in *importPart) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	whole, err := im.Write(in.Offset, in.body)
	if err != nil {
		return nil, err
	}
	if whole {
		if err := s.startImport(im, intake.Inspected, im.Inspect); err != nil {
			return nil, err
		}
	}
	return s.importReply(im, http.StatusOK)
}

// startImport makes a job of what is to be done with an import.
func (s *Server) startImport(im *intake.Import, doing intake.Stage, do func(context.Context, intake.Progress) error) error {
	if state := im.State(); s.isBusy(state.Job) {
		return newProblem("conflict", "something is being done with the import; wait, or cancel its job")
	}
	job, err := s.jobs.Submit(importJob, im.ID+" "+newJobID(), func(ctx context.Context, progress func(Progress)) ([]byte, error) {
		err := do(ctx, func(stage string, done, total int64) { progress(Progress{Stage: stage, Done: done, Total: total}) })
		if err != nil {
			return nil, err
		}
		answer, err := jsonReply(s.importReport(im))
		if err != nil {
			return nil, err
		}
		return answer.body, nil
	})
	if err == nil {
		im.Started(doing, job.ID)
	}
	return err
}

func (s *Server) isBusy(id string) bool {
	job, ok := s.jobs.Find(id)
	return ok && !job.State.final()
}

func (s *Server) getImport(ctx context.Context, in *ImportAddress) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if im.IsUnread() {
		if err := s.startImport(im, intake.Inspected, im.Inspect); err != nil {
			return nil, err
		}
	}
	return s.importReply(im, http.StatusOK)
}

func (s *Server) forgetImport(ctx context.Context, in *ImportAddress) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.jobs.Cancel(im.State().Job)
	if err := s.options.Imports.Forget(im); err != nil {
		return nil, err
	}
	return &reply{status: http.StatusNoContent, volatile: true}, nil
}

func (s *Server) setImport(ctx context.Context, in *ImportAddress, body *ImportSettings) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	settled := make([]intake.Settlement, len(body.Settled))
	for i, s := range body.Settled {
		settled[i] = intake.Settlement(s)
	}
	again, err := im.Set(intake.Settings{Collection: intake.Collection(body.Collection), Encoding: body.Encoding, Delimiter: body.Delimiter, Layer: body.Layer,
		Columns: body.Columns, Datum: body.Datum, Swapped: body.Swapped, Missing: body.Missing, RepairM: body.RepairM, SkipBad: body.SkipBad, Settled: settled})
	if err != nil {
		return nil, inBody(err)
	}
	if again {
		if err := s.startImport(im, intake.Inspected, im.Inspect); err != nil {
			return nil, err
		}
	}
	return s.importReply(im, http.StatusOK)
}

func (s *Server) checkImport(ctx context.Context, in *ImportAddress) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if stage := im.State().Stage; stage != intake.Inspected && stage != intake.Checked {
		return nil, newProblem("conflict", "the file was not inspected yet, or is committed")
	}
	by := askerOf(ctx)
	return s.importJobReply(im, s.startImport(im, intake.Checked, func(ctx context.Context, progress intake.Progress) error { return im.Check(ctx, by, progress) }))
}

func (s *Server) commitImport(ctx context.Context, in *ImportAddress, body *ImportCommit) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := im.MayCommit(); err != nil {
		return nil, err
	}
	if err := intake.CheckReason(body.Reason); err != nil {
		return nil, inBody(err)
	}
	by := askerOf(ctx)
	return s.importJobReply(im, s.startImport(im, intake.Committed, func(ctx context.Context, progress intake.Progress) error {
		return im.Commit(ctx, by, body.Reason, progress)
	}))
}

func (s *Server) revertImport(ctx context.Context, in *ImportAddress) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if im.State().Stage != intake.Committed {
		return nil, newProblem("conflict", "there is nothing to undo")
	}
	by := askerOf(ctx)
	return s.importJobReply(im, s.startImport(im, intake.Reverted, func(ctx context.Context, progress intake.Progress) error { return im.Revert(ctx, by, progress) }))
}

func (s *Server) importJobReply(im *intake.Import, err error) (*reply, error) {
	if err != nil {
		return nil, err
	}
	return s.importReply(im, http.StatusAccepted)
}

func (s *Server) importReply(im *intake.Import, status int) (*reply, error) {
	report := s.importReport(im)
	var err error
	if report.ReceivedSHA256, err = im.ReceivedSHA256(); err != nil {
		return nil, err
	}
	return volatileReply(report, status)
}

// volatileReply is for what changes all the time: no ETag.
func volatileReply(value any, status int) (*reply, error) {
	answer, err := jsonReply(value)
	if err != nil {
		return nil, err
	}
	answer.status, answer.volatile = status, true
	return answer, nil
}

func (s *Server) importSample(ctx context.Context, in *importSampleInput) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	shapes, err := im.Sample(in.Datum, in.Swapped, in.Limit)
	if err != nil {
		return nil, inQuery(err)
	}
	sample := ImportSample{Type: "FeatureCollection", Features: []ImportSampleShape{}}
	for _, shape := range shapes {
		sample.Features = append(sample.Features, ImportSampleShape{"Feature", appendGeometryIn(nil, shape.Shape, nil), ImportSampleTag{shape.Row, shape.Name}})
	}
	answer, err := volatileReply(sample, http.StatusOK)
	if err == nil {
		answer.contentType = geoJSONType
	}
	return answer, err
}

// inQuery makes an error about a field be one about a parameter.
func inQuery(err error) error {
	var domain *yizhan.Error
	if !errors.As(err, &domain) || domain.Code != yizhan.CodeInvalid || domain.Field == "" {
		return err
	}
	return invalidParameter("query."+domain.Field, domain.Message)
}

func (s *Server) importProblems(ctx context.Context, in *importProblemsInput) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, err := im.Problems(importers.Severity(in.Severity), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	answer := ImportProblems{Problems: []ImportProblem{}, Next: zeroToNull(page.Next)}
	for _, p := range page.Items {
		shown := ImportProblem{Severity: string(p.Severity), Row: p.Row, Column: p.Column, Field: p.Field, Code: p.Code, Message: p.Message, Chinese: importers.Chinese(p.Message), Value: p.Value, Candidates: []ImportCandidate{}}
		for _, c := range p.Candidates {
			shown.Candidates = append(shown.Candidates, ImportCandidate(c))
		}
		if p.Place != nil {
			place := Position(*p.Place)
			shown.Place = &place
		}
		answer.Problems = append(answer.Problems, shown)
	}
	return volatileReply(answer, http.StatusOK)
}

func zeroToNull(next int64) *int64 {
	if next == 0 {
		return nil
	}
	return &next
}

func (s *Server) importDuplicates(ctx context.Context, in *ImportPage) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, err := im.Duplicates(in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	answer := ImportDuplicates{Duplicates: []ImportDuplicate{}, Next: zeroToNull(page.Next)}
	for _, d := range page.Items {
		answer.Duplicates = append(answer.Duplicates, ImportDuplicate{Row: d.Row, Code: d.Code, Name: d.Name, Place: Position(d.Place), OtherRow: d.OtherRow,
			OtherCode: d.OtherCode, OtherName: d.OtherName, OtherPlace: Position(d.OtherPlace), DistanceM: d.DistanceM, Reason: d.Reason})
	}
	return volatileReply(answer, http.StatusOK)
}

func (s *Server) importTopology(ctx context.Context, in *ImportPage) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, err := im.Topology(in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	answer := ImportTopology{Faults: []ImportFault{}, Next: zeroToNull(page.Next)}
	for _, f := range page.Items {
		shown := ImportFault{Community: f.Community, Kind: f.Kind, Codes: f.Codes, AreaM2: f.AreaM2, Message: f.Message, Chinese: importers.Chinese(f.Message), Geometry: appendGeometryIn(nil, f.Shape.Geometry(), nil)}
		if shown.Codes == nil {
			shown.Codes = []string{}
		}
		answer.Faults = append(answer.Faults, shown)
	}
	return volatileReply(answer, http.StatusOK)
}

func (s *Server) importDiff(ctx context.Context, in *importDiffInput) (*reply, error) {
	im, err := s.findImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, err := im.Changes(yizhan.Op(in.Op), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	answer := ImportDiff{Changes: []ImportChange{}, Next: zeroToNull(page.Next)}
	city := s.options.Feed.City()
	for _, c := range page.Items {
		shown := ImportChange{Op: string(c.Op), Row: c.Row, Collection: string(c.Ref.Collection), Code: c.Ref.Code, Name: c.Name, Changed: c.Changed}
		if shown.Changed == nil {
			shown.Changed = []string{}
		}
		var before yizhan.Feature
		if c.Op != yizhan.Create && city != nil {
			before = featureOf(city, c.Ref)
		}
		if shown.Before, err = featureJSON(before); err != nil {
			return nil, err
		}
		if shown.After, err = featureJSON(c.Feature()); err != nil {
			return nil, err
		}
		answer.Changes = append(answer.Changes, shown)
	}
	return volatileReply(answer, http.StatusOK)
}

// featureOf finds a feature of a city; nil if there is none.
func featureOf(city *yizhan.City, ref yizhan.Ref) yizhan.Feature {
	switch ref.Collection {
	case yizhan.Stations:
		if f := city.Stations[ref.Code]; f != nil {
			return f
		}
	case yizhan.MicroGrids:
		if f := city.MicroGrids[ref.Code]; f != nil {
			return f
		}
	case yizhan.FriendlyScenes:
		if f := city.Scenes[ref.Code]; f != nil {
			return f
		}
	}
	return nil
}
