package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// Editor changes features, and remembers how they were. What a principal may change it decides itself, as
// the database does.
type Editor interface {
	ApplyAs(ctx context.Context, by *yizhan.Principal, changeset yizhan.Changeset) (yizhan.Applied, error)
	DryRunAs(ctx context.Context, by *yizhan.Principal, changeset yizhan.Changeset) (yizhan.Applied, error)
	Inverse(ctx context.Context, changeset int64) (yizhan.Changeset, error)
	FindChangeset(ctx context.Context, id, after int64, limit int) (yizhan.ChangesetInfo, []yizhan.Change, error)
	History(ctx context.Context, ref yizhan.Ref, before int64, limit int) ([]yizhan.HistoryEntry, error)
	FindOneAt(ctx context.Context, ref yizhan.Ref, at yizhan.Moment) (yizhan.Feature, error)
}

const (
	mergePatchType    = "application/merge-patch+json"
	headerAcceptPost  = "Accept-Post"
	headerAcceptPatch = "Accept-Patch"
	itemsMethods      = "GET, HEAD, POST, OPTIONS"
	itemMethods       = "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
)

// OGC API Features, part 4: a feature is created, replaced, changed and deleted by a changeset of one edit.
// Whoever edits says by If-Match which version it is based on.
func routeWrites[Feature, Input any](s *Server, c collection) {
	tags := []string{"Editing"}
	id := dashed(yizhan.Collection(c.singular))
	contentCRS := &huma.Param{Name: headerContentCRS, In: "header", Description: "The coordinate reference system of the geometry in the body, in angle brackets; CRS84 if not given", Schema: &huma.Schema{Type: huma.TypeString}}
	sent := func(types ...string) *huma.RequestBody {
		body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		for _, name := range types {
			body.Content[name] = &huma.MediaType{Schema: s.schema(reflect.TypeFor[Input]())}
		}
		return body
	}
	kept := func(status, description string) map[string]*huma.Response {
		return map[string]*huma.Response{status: {Description: description, Headers: map[string]*huma.Param{
			"ETag": {Description: "The version of the feature", Schema: &huma.Schema{Type: huma.TypeString}}}}}
	}
	metadata := func() map[string]any { return map[string]any{"media_type": geoJSONType} }
	operation[writeInput, Feature](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusCreated,
		OperationID: "create-" + id, Path: c.path() + "/items", Tags: tags, Summary: "Create a " + c.singular,
		Description: "The code is given by the client: among the properties, or as the `id`. `Location` has the address of what was created.",
		Parameters:  []*huma.Param{contentCRS}, SkipValidateBody: true, RequestBody: sent(geoJSONType, mediaJSON), Metadata: metadata(),
		Errors: []int{401, 403, 409, 413, 415}, Responses: kept("201", "The feature as it is kept"),
	}, func(ctx context.Context, in *writeInput) (*reply, error) { return s.createItem(ctx, c, in) })
	operation[writeItemInput, Feature](s, huma.Operation{
		Method:      http.MethodPut,
		OperationID: "replace-" + id, Path: c.path() + "/items/{code}", Tags: tags, Summary: "Replace a " + c.singular,
		Description: "What the body leaves away is then empty. What is not there is not created.",
		Parameters:  []*huma.Param{ifMatchParam(), contentCRS}, SkipValidateBody: true, RequestBody: sent(geoJSONType, mediaJSON), Metadata: metadata(),
		Errors: []int{401, 403, 404, 409, 412, 413, 415, 428}, Responses: kept("200", "The feature as it is kept"),
	}, func(ctx context.Context, in *writeItemInput) (*reply, error) { return s.replaceItem(ctx, c, in) })
	operation[writeItemInput, Feature](s, huma.Operation{
		Method:      http.MethodPatch,
		OperationID: "update-" + id, Path: c.path() + "/items/{code}", Tags: tags, Summary: "Change a part of a " + c.singular,
		Description: "A JSON merge patch (RFC 7396) of the feature: what it names is changed, null empties it. Lists are replaced whole.",
		Parameters:  []*huma.Param{ifMatchParam(), contentCRS}, Metadata: metadata(),
		SkipValidateBody: true, RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mergePatchType: {Schema: &huma.Schema{Type: huma.TypeObject}}}},
		Errors: []int{401, 403, 404, 409, 412, 413, 415, 428}, Responses: kept("200", "The feature as it is kept"),
	}, func(ctx context.Context, in *writeItemInput) (*reply, error) { return s.updateItem(ctx, c, in) })
	operation[writeItemInput, Feature](s, huma.Operation{
		Method: http.MethodDelete, DefaultStatus: http.StatusNoContent,
		OperationID: "delete-" + id, Path: c.path() + "/items/{code}", Tags: tags, Summary: "Delete a " + c.singular,
		Parameters: []*huma.Param{ifMatchParam()},
		Errors:     []int{401, 403, 404, 409, 412, 428}, Responses: map[string]*huma.Response{"204": {Description: "It is gone"}},
	}, func(ctx context.Context, in *writeItemInput) (*reply, error) { return s.deleteItem(ctx, c, in) })
	routeOptions(s, c)
}

// Methods tells what an address takes.
type Methods struct {
	Allow []string `json:"allow" nullable:"false"`
}

func routeOptions(s *Server, c collection) {
	id := dashed(yizhan.Collection(c.singular))
	for _, o := range []struct {
		id, path, allow, header, types string
		params                         []*huma.Param
	}{
		{dashed(c.name), "/items", itemsMethods, headerAcceptPost, geoJSONType + ", " + mediaJSON, nil},
		{id, "/items/{code}", itemMethods, headerAcceptPatch, mergePatchType,
			[]*huma.Param{{Name: "code", In: "path", Required: true, Description: "The code of the feature", Schema: &huma.Schema{Type: huma.TypeString}}}},
	} {
		operation[optionsInput, Methods](s, huma.Operation{
			Parameters: o.params,
			Method:     http.MethodOptions, OperationID: "options-" + o.id, Path: c.path() + o.path, Tags: []string{"Editing"}, Summary: "What may be done with " + c.singular + "s here",
			Responses: map[string]*huma.Response{"200": {Description: "The methods, also in Allow", Headers: map[string]*huma.Param{
				fiber.HeaderAllow: {Description: "The methods", Schema: &huma.Schema{Type: huma.TypeString}},
				o.header:          {Description: "The types of body that are read", Schema: &huma.Schema{Type: huma.TypeString}},
			}}},
		}, func(context.Context, *optionsInput) (*reply, error) {
			answer, err := jsonReply(Methods{strings.Split(o.allow, ", ")})
			if err == nil {
				answer.headers = map[string]string{fiber.HeaderAllow: o.allow, o.header: o.types}
			}
			return answer, err
		})
	}
}

type optionsInput struct{}

// writeInput is what a write needs of its request.
type writeInput struct {
	base                          string
	contentType, encoding, system string
	ifMatch                       string
	body                          []byte
}

// Resolve takes it.
func (in *writeInput) Resolve(ctx huma.Context) []error {
	c := humafiber.UnwrapV2(ctx)
	in.base, _ = addressed(c)
	in.contentType, in.encoding, in.system = c.Get(fiber.HeaderContentType), c.Get(fiber.HeaderContentEncoding), c.Get(headerContentCRS)
	in.ifMatch, in.body = c.Get(fiber.HeaderIfMatch), c.Request().Body()
	return nil
}

type writeItemInput struct {
	writeInput
	Code string `path:"code" doc:"The code of the feature" maxLength:"32" example:"150702"`
}

// prepare checks the type of the body and its JSON, and tells in which system it is.
func (in *writeInput) prepare(types ...string) (*crs, error) {
	if err := mediaTypeOf(in.contentType, in.encoding, types...); err != nil {
		return nil, err
	}
	system, err := contentSystem(in.system)
	if err != nil {
		return nil, err
	}
	return system, checkJSON(in.body)
}

func (s *Server) createItem(ctx context.Context, c collection, in *writeInput) (*reply, error) {
	system, err := in.prepare(geoJSONType, mediaJSON)
	if err != nil {
		return nil, err
	}
	f, err := received{server: s, system: system, at: "body"}.feature(c, in.body)
	if err != nil {
		return nil, err
	}
	if f.Ref().Code == "" {
		return nil, invalidParameter("body.properties.code", "is required")
	}
	if err := s.applyEdit(ctx, "create", yizhan.CreateOf(f)); err != nil {
		return nil, err
	}
	return s.written(ctx, c, in, f.Ref().Code, system, 1, http.StatusCreated)
}

func (s *Server) replaceItem(ctx context.Context, c collection, in *writeItemInput) (*reply, error) {
	current, err := s.editable(ctx, c, in)
	if err != nil {
		return nil, err
	}
	system, err := in.prepare(geoJSONType, mediaJSON)
	if err != nil {
		return nil, err
	}
	f, err := received{server: s, system: system, code: in.Code, current: current, at: "body"}.feature(c, in.body)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, c, in, system, "replace", current, f)
}

func (s *Server) updateItem(ctx context.Context, c collection, in *writeItemInput) (*reply, error) {
	current, err := s.editable(ctx, c, in)
	if err != nil {
		return nil, err
	}
	system, err := in.prepare(mergePatchType)
	if err != nil {
		return nil, err
	}
	merged, err := patched(current, in.body, system)
	if err != nil {
		return nil, err
	}
	f, err := received{server: s, system: system, code: in.Code, current: current, at: "body"}.feature(c, merged)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, c, in, system, "update", current, f)
}

func (s *Server) update(ctx context.Context, c collection, in *writeItemInput, system *crs, what string, current, f yizhan.Feature) (*reply, error) {
	edit := yizhan.Edit{Op: yizhan.Update, Ref: current.Ref(), BaseVersion: current.At(), Feature: f}
	if err := s.applyEdit(ctx, what, edit); err != nil {
		return nil, err
	}
	return s.written(ctx, c, &in.writeInput, in.Code, system, current.At()+1, http.StatusOK)
}

func (s *Server) deleteItem(ctx context.Context, c collection, in *writeItemInput) (*reply, error) {
	current, err := s.editable(ctx, c, in)
	if err != nil {
		return nil, err
	}
	edit := yizhan.Edit{Op: yizhan.Delete, Ref: current.Ref(), BaseVersion: current.At()}
	if err := s.applyEdit(ctx, "delete", edit); err != nil {
		return nil, err
	}
	return &reply{status: http.StatusNoContent, volatile: true}, nil
}

// editable finds what is to be edited, and holds its version against If-Match.
func (s *Server) editable(ctx context.Context, c collection, in *writeItemInput) (yizhan.Feature, error) {
	current, err := s.feature(ctx, c, in.Code)
	if err != nil {
		return nil, err
	}
	switch {
	case in.ifMatch == "":
		return nil, newProblem("precondition_required", "the edit needs an If-Match header with the ETag of what it edits")
	case in.ifMatch == "*" || matchesStrongly(in.ifMatch, strconv.FormatInt(current.At(), 10)):
		return current, nil
	}
	problem := newProblem("precondition_failed", fmt.Sprintf("%s is at version %d now", current.Ref(), current.At()))
	problem.etag = strconv.FormatInt(current.At(), 10)
	return nil, problem
}

// matchesStrongly compares an If-Match header with a tag, whose encoded forms end in -gzip and -br. Weak tags
// match nothing.
func matchesStrongly(header, tag string) bool {
	for _, candidate := range strings.Split(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == `"`+tag+`"` || candidate == `"`+tag+`-gzip"` || candidate == `"`+tag+`-br"` {
			return true
		}
	}
	return false
}

// applyEdit is the way of every write of one feature: a changeset of one edit. Somebody may have been faster
// since the version was compared.
func (s *Server) applyEdit(ctx context.Context, what string, edit yizhan.Edit) error {
	reason := fmt.Sprintf("%s %s", what, edit.Ref)
	_, err := s.options.Store.ApplyAs(ctx, askerOf(ctx), yizhan.Changeset{Reason: reason, Edits: []yizhan.Edit{edit}})
	if err == nil {
		return nil
	}
	return writeProblem("body", otherVersion(err, func() (int64, error) {
		now, err := s.options.Store.FindOne(ctx, edit.Ref)
		if err != nil {
			return 0, err
		}
		return now.At(), nil
	}))
}

// written answers with what was kept; without it where somebody has changed that since.
func (s *Server) written(ctx context.Context, c collection, in *writeInput, code string, system *crs, version int64, status int) (*reply, error) {
	self := s.base(in.base) + c.path() + "/items/" + code
	headers := map[string]string{headerContentCRS: "<" + system.uri + ">"}
	if status == http.StatusCreated {
		headers[fiber.HeaderLocation] = self
	}
	answer := &reply{status: status, contentType: geoJSONType, owned: true, version: strconv.FormatInt(version, 10), headers: headers}
	f, err := s.options.Store.FindOne(ctx, yizhan.Ref{Collection: c.name, Code: code})
	if err != nil {
		return nil, fmt.Errorf("read what was written: %w", err)
	}
	if f.At() != version {
		answer.version = strconv.FormatInt(f.At(), 10)
	}
	links := []Link{{Rel: "self", Href: self, Type: geoJSONType}, {Rel: "collection", Href: s.base(in.base) + c.path(), Type: mediaJSON}}
	answer.body, err = appendFeature(nil, f, form{crs: system, links: links})
	return answer, err
}

// patched applies a JSON merge patch (RFC 7396) to a feature.
func patched(current yizhan.Feature, patch []byte, system *crs) ([]byte, error) {
	whole, err := appendFeature(nil, current, form{crs: system})
	if err != nil {
		return nil, err
	}
	var target any
	if err := json.Unmarshal(whole, &target); err != nil {
		return nil, fmt.Errorf("read a feature of our own: %w", err)
	}
	var changes map[string]any
	if err := json.Unmarshal(patch, &changes); err != nil || changes == nil {
		return nil, invalidParameter("body", "is not a JSON object, or holds a number that is out of range")
	}
	var merged bytes.Buffer
	encoder := json.NewEncoder(&merged)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(merge(target, changes)); err != nil {
		return nil, fmt.Errorf("encode a merged feature: %w", err)
	}
	return merged.Bytes(), nil
}

// merge is MergePatch of RFC 7396.
func merge(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	members, ok := target.(map[string]any)
	if !ok {
		members = map[string]any{}
	}
	for name, value := range changes {
		if value == nil {
			delete(members, name)
			continue
		}
		members[name] = merge(members[name], value)
	}
	return members
}
