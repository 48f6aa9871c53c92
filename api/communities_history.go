package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/partition"
)

// CommunityHistory lists the changesets that touched the micro-grids of a community.
type CommunityHistory struct {
	Changesets []CommunityChangeset `json:"changesets" nullable:"false" doc:"The latest first"`
	Before     *int64               `json:"before" doc:"Ask with this for the ones before; null at the beginning"`
}

// CommunityChangeset is a changeset as it concerns a community.
type CommunityChangeset struct {
	ID         int64     `json:"id"`
	Seq        int64     `json:"seq" doc:"Of its last change in the community"`
	At         time.Time `json:"at"`
	Author     string    `json:"author"`
	Reason     string    `json:"reason"`
	MicroGrids int       `json:"micro_grids" doc:"How many it touched"`
	Reshaped   int       `json:"reshaped" doc:"Of how many it changed the boundary"`
	Step       *string   `json:"step" enum:"submit,return,publish" doc:"null if it changed more than states"`
}

// CommunityState are the micro-grids of a community at a seq.
type CommunityState struct {
	Type     string            `json:"type" enum:"FeatureCollection"`
	Seq      int64             `json:"seq"`
	Features []json.RawMessage `json:"features" nullable:"false"`
}

// CommunityDifference is what differs between two states of a community.
type CommunityDifference struct {
	From       int64            `json:"from"`
	To         int64            `json:"to"`
	MicroGrids []GridDifference `json:"micro_grids" nullable:"false" doc:"Those that differ"`
	Removed    AnyGeometry      `json:"removed_borders" doc:"Borders that are only in the state before"`
	Added      AnyGeometry      `json:"added_borders" doc:"Borders that are only in the state after"`
}

// GridDifference is what differs about a micro-grid.
type GridDifference struct {
	Code   string          `json:"code"`
	Change string          `json:"change" enum:"added,removed,changed"`
	What   []string        `json:"what" nullable:"false" doc:"boundary, name, households, zone"`
	Before json.RawMessage `json:"before" doc:"null for one that was added"`
	After  json.RawMessage `json:"after" doc:"null for one that was removed"`
}

// BlameCollection are the borders of a community as GeoJSON, by who drew them.
type BlameCollection struct {
	Type     string         `json:"type" enum:"FeatureCollection"`
	Features []BlameFeature `json:"features" nullable:"false"`
}

// BlameFeature is a stretch of border.
type BlameFeature struct {
	Type       string          `json:"type" enum:"Feature"`
	Geometry   AnyGeometry     `json:"geometry"`
	Properties BlameProperties `json:"properties"`
}

// BlameProperties say who drew a stretch of border last.
type BlameProperties struct {
	MicroGrids []string  `json:"micro_grids" nullable:"false" doc:"On its sides: one or two"`
	Changeset  int64     `json:"changeset"`
	At         time.Time `json:"at"`
	Author     string    `json:"author"`
	Reason     string    `json:"reason"`
}

// RestoreBody asks for an earlier state.
type RestoreBody struct {
	Seq  int64  `json:"seq" minimum:"1" doc:"The state to bring back"`
	Base int64  `json:"base" minimum:"0" doc:"The seq of the community that you have looked at; if it was changed since, it is a 409"`
	Note string `json:"note,omitempty" maxLength:"2000" doc:"Why, for the history"`
}

type communityHistoryInput struct {
	OfCommunity
	Before int64 `query:"before" doc:"Only changesets before this seq" minimum:"1"`
	Limit  int   `query:"limit" doc:"Changesets a page" minimum:"1" maximum:"1000" default:"100"`
}

type communityAtInput struct {
	OfCommunity
	Seq int64 `query:"seq" doc:"Of the change log; without, now" minimum:"1"`
}

type communityDiffInput struct {
	OfCommunity
	From int64 `query:"from" doc:"The seq of the state before; without, the one that was published last" minimum:"1"`
	To   int64 `query:"to" doc:"The seq of the state after; without, now" minimum:"1"`
}

func (s *Server) routeCommunityHistory() {
	operation[communityHistoryInput, CommunityHistory](s, inCommunity(http.MethodGet, "get-community-history", "/history", "The changesets of a community", ""), s.communityHistory)
	operation[communityAtInput, CommunityState](s, inCommunity(http.MethodGet, "get-community-at", "/at", "The micro-grids of a community as they were", "All of them in one answer, for a history slider."), s.communityAt)
	operation[communityDiffInput, CommunityDifference](s, inCommunity(http.MethodGet, "get-community-difference", "/difference", "What differs between two states of a community",
		"Between the state that was published last and now, if not said otherwise."), s.communityDifference)
	operation[OfCommunity, BlameCollection](s, inCommunity(http.MethodGet, "get-community-blame", "/blame", "Who drew which border",
		"Each stretch of border with the changeset that drew it last."), s.communityBlame)
	restore := inCommunity(http.MethodPost, "restore-community", "/restore", "Bring an earlier state back",
		"As drafts, by a new changeset. Leaders stay where they are.", http.StatusConflict)
	restore.DefaultStatus = http.StatusCreated
	operationWithBody[OfCommunity, RestoreBody, AppliedReport](s, restore, s.restoreCommunity)
}

func (s *Server) communityHistory(ctx context.Context, in *communityHistoryInput) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	list, err := planning.CommunityChanges(ctx, in.Code, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	report := CommunityHistory{Changesets: []CommunityChangeset{}}
	for _, c := range list {
		shown := CommunityChangeset{ID: c.ID, Seq: c.LastSeq, At: c.At, Author: c.Author, Reason: c.Reason, MicroGrids: c.MicroGrids, Reshaped: c.Reshaped}
		if step := string(c.Step); step != "" {
			shown.Step = &step
		}
		report.Changesets = append(report.Changesets, shown)
	}
	if n := len(list); n == in.Limit {
		report.Before = &list[n-1].FirstSeq
	}
	return privateReply(report)
}

func (s *Server) communityAt(ctx context.Context, in *communityAtInput) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	grids, seq, err := planning.CommunityAt(ctx, in.Code, in.Seq)
	if err != nil {
		return nil, err
	}
	state := CommunityState{"FeatureCollection", seq, []json.RawMessage{}}
	for _, g := range grids {
		feature, err := featureJSON(g)
		if err != nil {
			return nil, err
		}
		state.Features = append(state.Features, feature)
	}
	return privateReply(state)
}

func (s *Server) communityDifference(ctx context.Context, in *communityDiffInput) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	if in.From == 0 {
		standing, err := planning.FindStanding(ctx, in.Code)
		if err != nil {
			return nil, err
		}
		in.From = standing.Published
	}
	var before []*yizhan.MicroGrid
	if in.From > 0 { // else it never was published, and all of it is new
		if before, _, err = planning.CommunityAt(ctx, in.Code, in.From); err != nil {
			return nil, atParameter(err, "from")
		}
	}
	after, to, err := planning.CommunityAt(ctx, in.Code, in.To)
	if err != nil {
		return nil, atParameter(err, "to")
	}
	report := CommunityDifference{From: in.From, To: to, MicroGrids: []GridDifference{},
		Removed: geometryReport(partition.Difference(partsOf(before), partsOf(after))),
		Added:   geometryReport(partition.Difference(partsOf(after), partsOf(before)))}
	if report.MicroGrids, err = gridDifferences(before, after); err != nil {
		return nil, err
	}
	return privateReply(report)
}

func atParameter(err error, name string) error {
	if yizhan.CodeOf(err) != yizhan.CodeInvalid {
		return err
	}
	return invalidParameter("query."+name, problemOf(err).Detail)
}

func partsOf(grids []*yizhan.MicroGrid) []partition.Part {
	parts := make([]partition.Part, len(grids))
	for i, g := range grids {
		parts[i] = partition.Part{Code: g.Code, Shape: g.Boundary}
	}
	return parts
}

// gridDifferences walks both lists, which are in the order of codes.
func gridDifferences(before, after []*yizhan.MicroGrid) ([]GridDifference, error) {
	list := []GridDifference{}
	for len(before)+len(after) > 0 {
		var was, is *yizhan.MicroGrid
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Code < after[0].Code:
			was, before = before[0], before[1:]
		case len(before) == 0 || after[0].Code < before[0].Code:
			is, after = after[0], after[1:]
		default:
			was, is, before, after = before[0], after[0], before[1:], after[1:]
		}
		d, err := gridDifference(was, is)
		if err != nil {
			return nil, err
		}
		if d.Change != "" {
			list = append(list, d)
		}
	}
	return list, nil
}

func gridDifference(was, is *yizhan.MicroGrid) (d GridDifference, err error) {
	d.What, d.Before, d.After = []string{}, json.RawMessage("null"), json.RawMessage("null")
	if was != nil {
		d.Code, d.Change = was.Code, "removed"
		if d.Before, err = featureJSON(was); err != nil {
			return d, err
		}
	}
	if is != nil {
		d.Code, d.Change = is.Code, "added"
		if d.After, err = featureJSON(is); err != nil {
			return d, err
		}
	}
	if was == nil || is == nil {
		return d, nil
	}
	for _, one := range []struct {
		what    string
		differs bool
	}{{"boundary", !was.Boundary.Equal(is.Boundary)}, {"name", was.Name != is.Name}, {"households", was.Households != is.Households}, {"zone", was.Zone != is.Zone}} {
		if one.differs {
			d.What = append(d.What, one.what)
		}
	}
	if d.Change = "changed"; len(d.What) == 0 {
		d.Change = ""
	}
	return d, nil
}

func (s *Server) communityBlame(ctx context.Context, in *OfCommunity) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	stretches, err := planning.BorderBlame(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	report := BlameCollection{"FeatureCollection", []BlameFeature{}}
	for _, st := range stretches {
		report.Features = append(report.Features, BlameFeature{"Feature", geometryReport(st.Lines), BlameProperties{st.MicroGrids, st.ID, st.At, st.Author, st.Reason}})
	}
	return privateReply(report)
}

func (s *Server) restoreCommunity(ctx context.Context, in *OfCommunity, body *RestoreBody) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	applied, err := planning.RestoreCommunity(ctx, askerOf(ctx), in.Code, body.Seq, body.Base, body.Note)
	if err != nil {
		return nil, inBody(err)
	}
	return appliedReply(applied, http.StatusCreated)
}
