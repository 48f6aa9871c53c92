package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// CommentList lists the comments on a community.
type CommentList struct {
	Comments []CommentReport `json:"comments" nullable:"false" doc:"The oldest first"`
}

// CommentReport is a comment on a community.
type CommentReport struct {
	ID         int64           `json:"id"`
	MicroGrid  *string         `json:"micro_grid" doc:"That it is about; null if about no single one"`
	Location   maybe[Position] `json:"location" doc:"The place that it is pinned to: lng, lat; null if to none"`
	Seq        int64           `json:"seq" doc:"Of the change log when it was written"`
	Author     string          `json:"author"`
	Text       string          `json:"text"`
	At         time.Time       `json:"at"`
	ResolvedBy *string         `json:"resolved_by" doc:"null while it is open"`
	ResolvedAt *time.Time      `json:"resolved_at"`
}

// CommentBody is a new comment.
type CommentBody struct {
	Text      string             `json:"text" minLength:"1" maxLength:"2000"`
	MicroGrid string             `json:"micro_grid,omitempty" pattern:"^[0-9]{15}$" patternDescription:"15 digits"`
	Location  optional[Position] `json:"location,omitempty" doc:"lng, lat"`
}

// ResolvedBody closes a comment, or opens it again.
type ResolvedBody struct {
	Resolved bool `json:"resolved"`
}

type commentInput struct {
	OfCommunity
	ID int64 `path:"id" doc:"Of the comment" minimum:"1"`
}

// LeaseReport tells who is editing a community.
type LeaseReport struct {
	Holder string    `json:"holder"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until" doc:"Without a sign of life"`
}

// LeaseBody takes a lease.
type LeaseBody struct {
	TakeOver bool `json:"take_over,omitempty" doc:"Even while somebody else has it; the audit trail keeps that"`
}

func (s *Server) routeComments() {
	operation[OfCommunity, CommentList](s, inCommunity(http.MethodGet, "list-comments", "/comments", "The comments on a community", ""), s.comments)
	add := inCommunity(http.MethodPost, "add-comment", "/comments", "Comment on a community", "For those who draw or review there. A comment may be pinned to a place, or be about a micro-grid.")
	add.DefaultStatus = http.StatusCreated
	operationWithBody[OfCommunity, CommentBody, CommentReport](s, add, s.addComment)
	operationWithBody[commentInput, ResolvedBody, CommentReport](s, inCommunity(http.MethodPut, "resolve-comment", "/comments/{id}", "Close a comment, or open it again", ""), s.resolveComment)
}

func (s *Server) routeLeases() {
	operationWithBody[OfCommunity, LeaseBody, LeaseReport](s, inCommunity(http.MethodPost, "take-lease", "/lease", "Say that you edit a community, or still do",
		"For half an hour; again before that as a sign of life. While somebody else edits it is a 409, unless you take over. A lease keeps nobody from editing: edits are held against versions.", http.StatusConflict), s.takeLease)
	end := inCommunity(http.MethodDelete, "end-lease", "/lease", "Say that you have ended editing", "")
	end.DefaultStatus, end.Responses = http.StatusNoContent, map[string]*huma.Response{"204": {Description: "You do not edit it any more"}}
	operation[OfCommunity, struct{}](s, end, s.endLease)
}

func commentReport(c yizhan.Comment) CommentReport {
	r := CommentReport{ID: c.ID, Seq: c.Seq, Author: c.Author, Text: c.Text, At: c.At}
	if c.MicroGrid != "" {
		r.MicroGrid = &c.MicroGrid
	}
	if c.Location != nil {
		r.Location.value = (*Position)(c.Location)
	}
	if c.ResolvedBy != "" {
		r.ResolvedBy, r.ResolvedAt = &c.ResolvedBy, &c.ResolvedAt
	}
	return r
}

func (s *Server) comments(ctx context.Context, in *OfCommunity) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	list, err := planning.Comments(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	report := CommentList{Comments: []CommentReport{}}
	for _, c := range list {
		report.Comments = append(report.Comments, commentReport(c))
	}
	return privateReply(report)
}

func (s *Server) addComment(ctx context.Context, in *OfCommunity, body *CommentBody) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	c := yizhan.Comment{Community: in.Code, MicroGrid: body.MicroGrid, Text: body.Text}
	if body.Location.value != nil {
		c.Location = (*orb.Point)(body.Location.value)
	}
	added, err := planning.AddComment(ctx, askerOf(ctx), c)
	if err != nil {
		return nil, inBody(err)
	}
	answer, err := privateReply(commentReport(added))
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusCreated
	return answer, nil
}

func (s *Server) resolveComment(ctx context.Context, in *commentInput, body *ResolvedBody) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	c, err := planning.ResolveComment(ctx, askerOf(ctx), in.Code, in.ID, body.Resolved)
	if err != nil {
		return nil, err
	}
	return privateReply(commentReport(c))
}

func leaseReport(lease *yizhan.Lease) *LeaseReport {
	if lease == nil {
		return nil
	}
	return &LeaseReport{lease.Holder, lease.Since, lease.Until}
}

func (s *Server) takeLease(ctx context.Context, in *OfCommunity, body *LeaseBody) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	lease, err := planning.TakeLease(ctx, askerOf(ctx), in.Code, body.TakeOver)
	if err != nil {
		return nil, err
	}
	return privateReply(leaseReport(lease))
}

func (s *Server) endLease(ctx context.Context, in *OfCommunity) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	return nothing(), planning.EndLease(ctx, askerOf(ctx), in.Code)
}
