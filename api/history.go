package api

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"github.com/yizhan/yizhan"
)

var (
	appliedType       = reflect.TypeFor[AppliedReport]()
	changesetBodyType = reflect.TypeFor[ChangesetBody]()
	redrawnType       = reflect.TypeFor[RedrawnReport]()
)

// HistoryReport lists the versions of a feature.
type HistoryReport struct {
	Collection string         `json:"collection"`
	Code       string         `json:"code"`
	Versions   []HistoryEntry `json:"versions" nullable:"false" doc:"The latest first"`
	Links      []Link         `json:"links" nullable:"false" doc:"self, and next while there are older ones"`
}

// HistoryEntry is one version of a feature.
type HistoryEntry struct {
	Seq       int64     `json:"seq"`
	At        time.Time `json:"at"`
	Op        string    `json:"op" enum:"create,update,delete"`
	Version   int64     `json:"version" doc:"After the change; for a delete, the one deleted"`
	Changeset int64     `json:"changeset"`
	Author    *string   `json:"author" doc:"Who; null for those who may not know"`
	Reason    *string   `json:"reason" doc:"Why; null for those who may not know"`
}

func (s *Server) routeHistory() {
	for _, c := range collections() {
		path := "/api/history/" + string(c.name) + "/{code}"
		operation[historyInput, HistoryReport](s, huma.Operation{
			OperationID: "get-history-" + dashed(c.name), Path: path, Tags: []string{"Editing"}, Summary: "The versions of a " + c.singular,
			Description: "When it was changed, and in which changeset; who and why for staff. With `at`, the feature as it was then.",
			Errors:      []int{http.StatusNotFound},
			Middlewares: huma.Middlewares{s.askers},
			Parameters: []*huma.Param{{Name: "at", In: "query", Description: "A seq, or a time such as 2026-02-17T12:30:00Z: the feature as it was then, as GeoJSON",
				Schema: &huma.Schema{Type: huma.TypeString}, Example: "42"}, crsParam("crs", "The coordinate reference system of a feature")},
			Responses: map[string]*huma.Response{"200": {Description: "The versions, or the feature", Content: map[string]*huma.MediaType{
				geoJSONType: {Schema: &huma.Schema{Type: huma.TypeObject, Description: "The feature as it was"}}}}},
		}, func(ctx context.Context, in *historyInput) (*reply, error) { return s.history(ctx, c, in) })
	}
}

// askers tells a public operation who asks.
func (s *Server) askers(ctx huma.Context, next func(huma.Context)) {
	next(huma.WithValue(ctx, askerKey{}, s.principalOf(humafiber.UnwrapV2(ctx))))
}

type historyInput struct {
	Code   string `path:"code" doc:"The code of the feature" maxLength:"32" example:"150702"`
	Before int64  `query:"before" doc:"Only versions before this seq" minimum:"1"`
	Limit  int    `query:"limit" doc:"Versions a page" minimum:"1" maximum:"1000" default:"100"`

	base  string
	query url.Values
}

// Resolve takes how it was reached, and who asks.
func (in *historyInput) Resolve(ctx huma.Context) []error {
	in.base, in.query = addressed(humafiber.UnwrapV2(ctx))
	return nil
}

func (s *Server) history(ctx context.Context, c collection, in *historyInput) (*reply, error) {
	ref := yizhan.Ref{Collection: c.name, Code: in.Code}
	if !codePattern.MatchString(in.Code) {
		return nil, notFound("there is no %s of this code", c.singular)
	}
	if at := in.query.Get("at"); at != "" {
		return s.featureAt(ctx, ref, at, in)
	}
	entries, err := s.options.Store.History(ctx, ref, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 && in.Before == 0 {
		return nil, notFound("there never was a %s of code %s", c.singular, in.Code)
	}
	self := s.base(in.base) + "/api/history/" + ref.String()
	report := HistoryReport{Collection: string(c.name), Code: in.Code, Versions: []HistoryEntry{}, Links: []Link{{Rel: "self", Href: withQuery(self, in.query), Type: mediaJSON}}}
	knows := askerOf(ctx).May(yizhan.ActReadStaff, "")
	for _, e := range entries {
		shown := HistoryEntry{Seq: e.Seq, At: e.At, Op: string(e.Op), Version: e.Version, Changeset: e.ChangesetID}
		if knows {
			shown.Author, shown.Reason = &e.Author, &e.Reason
		}
		report.Versions = append(report.Versions, shown)
	}
	if n := len(entries); n == in.Limit && entries[n-1].Op != yizhan.Create {
		next := url.Values{"before": {strconv.FormatInt(entries[n-1].Seq, 10)}, "limit": {strconv.Itoa(in.Limit)}}
		report.Links = append(report.Links, Link{Rel: "next", Href: withQuery(self, next), Type: mediaJSON})
	}
	return jsonReply(report)
}

func (s *Server) featureAt(ctx context.Context, ref yizhan.Ref, text string, in *historyInput) (*reply, error) {
	at, err := parseMoment(text)
	if err != nil {
		return nil, err
	}
	f, err := s.options.Store.FindOneAt(ctx, ref, at)
	if err != nil {
		return nil, momentProblem(err)
	}
	form := formOf(in.query)
	body, err := appendFeature(nil, f, form)
	if err != nil {
		return nil, err
	}
	return &reply{contentType: geoJSONType, body: body, owned: true, headers: map[string]string{headerContentCRS: "<" + form.crs.uri + ">"}}, nil
}

// parseMoment reads a seq or a time.
func parseMoment(text string) (yizhan.Moment, error) {
	if seq, err := strconv.ParseInt(text, 10, 64); err == nil && seq > 0 {
		return yizhan.Moment{Seq: seq}, nil
	}
	at, err := parseEnd(text, false)
	if err != nil {
		return yizhan.Moment{}, invalidParameter("query.at", "is neither a seq nor a time such as 2026-02-17T12:30:00Z")
	}
	return yizhan.Moment{Time: at}, nil
}

// momentProblem names the parameter where the store names the seq.
func momentProblem(err error) error {
	problem := problemOf(err)
	if len(problem.Errors) == 1 && problem.Errors[0].Location == "query.seq" {
		return invalidParameter("query.at", problem.Errors[0].Message)
	}
	return err
}
