package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// maxSentEdits bounds the edits of a changeset that comes over HTTP; the body bounds them further.
const maxSentEdits = 5_000

// ChangesetBody is a changeset as it is sent.
type ChangesetBody struct {
	Reason string          `json:"reason,omitempty" maxLength:"2000" doc:"Why, for the history"`
	Edits  []ChangesetEdit `json:"edits" nullable:"false" minItems:"1" maxItems:"5000" doc:"Applied together or not at all; their order is free, and each feature occurs once"`
}

// ChangesetEdit is one edit as it is sent.
type ChangesetEdit struct {
	Op         string         `json:"op" enum:"create,update,delete"`
	Collection string         `json:"collection" enum:"units,stations,friendly_scenes,micro_grids"`
	Code       string         `json:"code,omitempty" doc:"Of the feature; may be left away for a create whose feature says it"`
	Version    int64          `json:"version,omitempty" minimum:"1" doc:"That an update or a delete is based on"`
	Feature    map[string]any `json:"feature,omitempty" doc:"The whole new feature, as GeoJSON; none for a delete"`
}

// AppliedReport tells how a changeset went in.
type AppliedReport struct {
	ID       *int64 `json:"id" doc:"Of the changeset; null for a dry run"`
	FirstSeq *int64 `json:"first_seq" doc:"Its changes are first_seq..last_seq, without a hole; null for a dry run"`
	LastSeq  *int64 `json:"last_seq"`
	Changes  int64  `json:"changes" doc:"How many features it changed, those that follow from others counted in"`
	DryRun   bool   `json:"dry_run" doc:"Nothing was changed"`
}

// ChangesetReport is a changeset as the history has it.
type ChangesetReport struct {
	ID       int64             `json:"id"`
	At       time.Time         `json:"at"`
	Author   string            `json:"author"`
	Reason   string            `json:"reason"`
	FirstSeq int64             `json:"first_seq"`
	LastSeq  int64             `json:"last_seq"`
	Changes  []ChangesetChange `json:"changes" nullable:"false" doc:"In the order of seq"`
	Next     *int64            `json:"next" doc:"The after of the next page; null if this is the last"`
}

// ChangesetChange is what a changeset did to one feature.
type ChangesetChange struct {
	Seq        int64           `json:"seq"`
	Op         string          `json:"op" enum:"create,update,delete"`
	Collection string          `json:"collection"`
	Code       string          `json:"code"`
	Version    int64           `json:"version" doc:"After the change; for a delete, the one deleted"`
	Before     json.RawMessage `json:"before" doc:"The feature before, as GeoJSON; null for a create"`
	After      json.RawMessage `json:"after" doc:"The feature after; null for a delete"`
}

const changesetsPath = "/api/changesets"

func (s *Server) routeChangesets() {
	tags := []string{"Editing"}
	applied := func(status string) map[string]*huma.Response {
		return map[string]*huma.Response{status: {Description: "How it went in"}, "200": {Description: "What a dry run found", Content: map[string]*huma.MediaType{mediaJSON: {Schema: s.schema(appliedType)}}}}
	}
	operation[changesetInput, AppliedReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusCreated,
		OperationID: "create-changeset", Path: changesetsPath, Tags: tags, Summary: "Edit many features together",
		Description:      "All edits are applied, or none. An edit at fault is named, as in `body.edits[3].feature.properties.name`. With `dry_run` nothing is changed, and everything is checked.",
		Parameters:       []*huma.Param{{Name: "dry_run", In: "query", Description: "Only try", Schema: &huma.Schema{Type: huma.TypeBoolean, Default: false}}},
		SkipValidateBody: true, RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaJSON: {Schema: s.schema(changesetBodyType)}}},
		Errors: []int{401, 403, 404, 409, 413, 415}, Responses: applied("201"),
	}, s.createChangeset)
	operation[changesetByID, ChangesetReport](s, huma.Operation{
		OperationID: "get-changeset", Path: changesetsPath + "/{id}", Tags: tags, Summary: "What a changeset changed",
		Errors: []int{401, 403, 404}, Responses: map[string]*huma.Response{"200": {Description: "The changeset"}},
	}, s.getChangeset)
	operation[changesetByID, AppliedReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusCreated,
		OperationID: "revert-changeset", Path: changesetsPath + "/{id}/revert", Tags: tags, Summary: "Undo a changeset",
		Description: "By a new changeset that brings back what was before. If a feature of it was changed since, it is a 409 that names it. Leaders are not brought back.",
		Errors:      []int{401, 403, 404, 409, 413}, Responses: map[string]*huma.Response{"201": {Description: "How the new changeset went in"}},
	}, s.revertChangeset)
}

type changesetInput struct {
	writeInput
	dryRun bool
}

// Resolve takes the body and whether to try only.
func (in *changesetInput) Resolve(ctx huma.Context) []error {
	in.dryRun = humafiber.UnwrapV2(ctx).Query("dry_run") == "true"
	return in.writeInput.Resolve(ctx)
}

type changesetByID struct {
	ID    int64 `path:"id" doc:"The id of the changeset" minimum:"1" example:"17"`
	After int64 `query:"after" doc:"Only changes after this seq" minimum:"0" default:"0"`
	Limit int   `query:"limit" doc:"Changes a page" minimum:"1" maximum:"1000" default:"100"`
}

// sentChangeset is a changeset whose features are not read yet.
type sentChangeset struct {
	Reason string     `json:"reason"`
	Edits  []sentEdit `json:"edits"`
}

type sentEdit struct {
	Op         yizhan.Op         `json:"op"`
	Collection yizhan.Collection `json:"collection"`
	Code       string            `json:"code"`
	Version    int64             `json:"version"`
	Feature    json.RawMessage   `json:"feature"`
}

func (s *Server) createChangeset(ctx context.Context, in *changesetInput) (*reply, error) {
	system, err := in.prepare(mediaJSON)
	if err != nil {
		return nil, err
	}
	var sent sentChangeset
	if err := strictly(in.body, &sent); err != nil {
		return nil, err
	}
	if n := len(sent.Edits); n == 0 || n > maxSentEdits {
		return nil, invalidParameter("body.edits", fmt.Sprintf("has %d edits; 1 to %d are allowed", n, maxSentEdits))
	}
	changeset := yizhan.Changeset{Reason: sent.Reason}
	for i, edit := range sent.Edits {
		read, err := s.readEdit(edit, system, fmt.Sprintf("body.edits[%d]", i))
		if err != nil {
			return nil, err
		}
		changeset.Edits = append(changeset.Edits, read)
	}
	return s.applyChangeset(ctx, changeset, in.dryRun)
}

func (s *Server) applyChangeset(ctx context.Context, changeset yizhan.Changeset, dryRun bool) (*reply, error) {
	apply, status := s.options.Store.ApplyAs, http.StatusCreated
	if dryRun {
		apply, status = s.options.Store.DryRunAs, http.StatusOK
	}
	applied, err := apply(ctx, askerOf(ctx), changeset)
	if err != nil {
		return nil, changesetProblem(changeset, err)
	}
	report := AppliedReport{Changes: applied.LastSeq - applied.FirstSeq + 1, DryRun: dryRun}
	if !dryRun {
		report.ID, report.FirstSeq, report.LastSeq = &applied.ChangesetID, &applied.FirstSeq, &applied.LastSeq
	}
	answer, err := jsonReply(report)
	if err != nil {
		return nil, err
	}
	answer.status, answer.volatile = status, true
	if !dryRun {
		answer.headers = map[string]string{fiber.HeaderLocation: changesetsPath + "/" + strconv.FormatInt(applied.ChangesetID, 10)}
	}
	return answer, nil
}

// changesetProblem puts an error that names a feature to the edit of that feature.
func changesetProblem(changeset yizhan.Changeset, err error) error {
	var domain *yizhan.Error
	if !errors.As(err, &domain) {
		return err
	}
	for i, edit := range changeset.Edits {
		if len(domain.Places) > 0 && slices.Contains(domain.Places[0].MicroGrids, edit.Ref.Code) {
			return writeProblem(fmt.Sprintf("body.edits[%d].feature", i), err)
		}
		if name := edit.Ref.String(); len(domain.Message) >= len(name) && domain.Message[:len(name)] == name {
			return writeProblem(fmt.Sprintf("body.edits[%d].feature", i), err)
		}
	}
	return writeProblem("body", err)
}

// strictly reads JSON that checkJSON let pass, without members that are not known.
func strictly(data []byte, into *sentChangeset) error {
	var plain struct {
		Edits []map[string]json.RawMessage `json:"edits"`
	}
	if err := json.Unmarshal(data, into); err != nil || json.Unmarshal(data, &plain) != nil {
		return invalidParameter("body", "is not a changeset: an object with a reason and a list of edits, each with op, collection, code, version and feature")
	}
	for i, edit := range plain.Edits {
		for _, name := range sortedKeys(edit) {
			if !slices.Contains([]string{"op", "collection", "code", "version", "feature"}, name) {
				return invalidParameter(fmt.Sprintf("body.edits[%d].%s", i, printable(name)), "is unknown here")
			}
		}
	}
	return nil
}

func (s *Server) readEdit(sent sentEdit, system *crs, at string) (edit yizhan.Edit, err error) {
	i := slices.IndexFunc(collections(), func(c collection) bool { return c.name == sent.Collection })
	switch {
	case i < 0:
		return edit, invalidParameter(at+".collection", "is not one of units, stations, friendly_scenes, micro_grids")
	case sent.Code != "" && !codePattern.MatchString(sent.Code):
		return edit, invalidParameter(at+".code", "is not a code")
	}
	edit = yizhan.Edit{Op: sent.Op, Ref: yizhan.Ref{Collection: sent.Collection, Code: sent.Code}, BaseVersion: sent.Version}
	switch sent.Op {
	case yizhan.Create:
		if sent.Version != 0 {
			return edit, invalidParameter(at+".version", "is not given for a create")
		}
	case yizhan.Update, yizhan.Delete:
		if sent.Code == "" || sent.Version < 1 {
			return edit, invalidParameter(at, "needs the code and the version that it is based on")
		}
	default:
		return edit, invalidParameter(at+".op", "is not one of create, update, delete")
	}
	if sent.Op == yizhan.Delete {
		if sent.Feature != nil {
			return edit, invalidParameter(at+".feature", "is not given for a delete")
		}
		return edit, nil
	}
	r := received{server: s, system: system, code: sent.Code, at: at + ".feature"}
	if sent.Version > 0 {
		r.current = based(sent.Version)
	}
	if edit.Feature, err = r.feature(collections()[i], sent.Feature); err != nil {
		return edit, err
	}
	if edit.Ref = edit.Feature.Ref(); edit.Ref.Code == "" {
		return edit, invalidParameter(at+".feature.properties.code", "is required")
	}
	return edit, nil
}

// based stands for the feature that an edit is based on, of which only the version is known.
type based int64

// Ref is not known.
func (based) Ref() yizhan.Ref { return yizhan.Ref{} }

// Validate finds nothing.
func (based) Validate() error { return nil }

// At is the version.
func (b based) At() int64 { return int64(b) }

func (s *Server) getChangeset(ctx context.Context, in *changesetByID) (*reply, error) {
	info, changes, err := s.options.Store.FindChangeset(ctx, in.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	report := ChangesetReport{ID: info.ID, At: info.At, Author: info.Author, Reason: info.Reason, FirstSeq: info.FirstSeq, LastSeq: info.LastSeq, Changes: []ChangesetChange{}}
	for _, change := range changes {
		shown := ChangesetChange{Seq: change.Seq, Op: string(change.Op), Collection: string(change.Ref.Collection), Code: change.Ref.Code, Version: change.Version}
		if shown.Before, err = featureJSON(change.Before); err != nil {
			return nil, err
		}
		if shown.After, err = featureJSON(change.After); err != nil {
			return nil, err
		}
		report.Changes = append(report.Changes, shown)
	}
	if n := len(changes); n == in.Limit && changes[n-1].Seq < info.LastSeq {
		report.Next = &changes[n-1].Seq
	}
	return jsonReply(report)
}

func featureJSON(f yizhan.Feature) (json.RawMessage, error) {
	if f == nil {
		return json.RawMessage("null"), nil
	}
	return appendFeature(nil, f, form{})
}

func (s *Server) revertChangeset(ctx context.Context, in *changesetByID) (*reply, error) {
	inverse, err := s.options.Store.Inverse(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.applyChangeset(ctx, inverse, false)
}
