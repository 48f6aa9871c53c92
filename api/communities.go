package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
)

// Planning is what communities go through while they are drawn and reviewed.
type Planning interface {
	FindStanding(ctx context.Context, community string) (yizhan.Standing, error)
	Standings(ctx context.Context, unit string) ([]yizhan.Standing, error)
	TakeStep(ctx context.Context, by *yizhan.Principal, request yizhan.StepRequest) (yizhan.Applied, error)
	CommunityAt(ctx context.Context, community string, seq int64) ([]*yizhan.MicroGrid, int64, error)
	CommunityChanges(ctx context.Context, community string, before int64, limit int) ([]yizhan.CommunityChange, error)
	BorderBlame(ctx context.Context, community string) ([]yizhan.Stretch, error)
	RestoreCommunity(ctx context.Context, by *yizhan.Principal, community string, seq, base int64, note string) (yizhan.Applied, error)
	LastGridSerial(ctx context.Context, community string) (int, error)

	Comments(ctx context.Context, community string) ([]yizhan.Comment, error)
	AddComment(ctx context.Context, by *yizhan.Principal, c yizhan.Comment) (yizhan.Comment, error)
	ResolveComment(ctx context.Context, by *yizhan.Principal, community string, id int64, resolved bool) (yizhan.Comment, error)
	FindLease(ctx context.Context, community string) (*yizhan.Lease, error)
	TakeLease(ctx context.Context, by *yizhan.Principal, community string, takeOver bool) (*yizhan.Lease, error)
	EndLease(ctx context.Context, by *yizhan.Principal, community string) error

	CommunityLeaders(ctx context.Context, by *yizhan.Principal, community string) ([]yizhan.Leader, []yizhan.Contact, error)
}

const communitiesPath = "/api/communities"

// CommunityList tells how communities stand.
type CommunityList struct {
	Communities []CommunitySummary `json:"communities" nullable:"false" doc:"In the order of their codes; those without micro-grids are left out"`
}

// CommunitySummary is how a community stands.
type CommunitySummary struct {
	Code       string       `json:"code" example:"150702001001"`
	Status     string       `json:"status" enum:"draft,in_review,returned,published" doc:"Of the micro-grids which are furthest from being published"`
	MicroGrids StatusCounts `json:"micro_grids"`
	Households int          `json:"households"`
	Leaderless int          `json:"leaderless" doc:"Micro-grids without a unit leader"`
	Overloaded int          `json:"overloaded" doc:"Micro-grids with at least half as many households again as one unit leader is meant to answer for"`
}

// StatusCounts counts micro-grids by state.
type StatusCounts struct {
	Draft     int `json:"draft"`
	InReview  int `json:"in_review"`
	Returned  int `json:"returned"`
	Published int `json:"published"`
}

// CommunityReport is all about a community in its review.
type CommunityReport struct {
	CommunitySummary
	Seq         int64              `json:"seq" doc:"Of the last change of a micro-grid: what the steps are held against"`
	Published   *int64             `json:"published_seq" doc:"At which all of it was published last; null if it never was"`
	PublishedAt *time.Time         `json:"published_at"`
	Hands       []string           `json:"hands" nullable:"false" doc:"Who has drawn in it since: none of them may publish it"`
	Steps       []StepReport       `json:"steps" nullable:"false" doc:"What you could do, and what keeps you from it"`
	Lease       maybe[LeaseReport] `json:"lease" doc:"Who is editing it at the moment; null for nobody"`
	Comments    int                `json:"open_comments"`
	Rules       DrawingLimits      `json:"rules"`
}

// StepReport is a step that could be taken.
type StepReport struct {
	Step    string `json:"step" enum:"submit,return,publish"`
	Allowed bool   `json:"allowed"`
	Why     string `json:"why" enum:",role,nothing,drafts,own_work" doc:"What is against it: you have no such role there, no micro-grid waits for it, others are being drawn again, or you have drawn yourself"`
}

// DrawingLimits are rules for what is drawn.
type DrawingLimits struct {
	MinWidth         float64 `json:"min_width_m" doc:"No place of a micro-grid is narrower"`
	MinArea          float64 `json:"min_area_m2"`
	LeaderHouseholds int     `json:"households_per_leader" doc:"What one unit leader is meant to answer for"`
}

// StepBody asks for a step.
type StepBody struct {
	Seq  int64  `json:"seq" minimum:"0" doc:"The seq of the community that you have looked at; if it was changed since, it is a 409"`
	Note string `json:"note,omitempty" maxLength:"2000" doc:"Why, for the history"`
}

// OfCommunity says which community is meant.
type OfCommunity struct {
	Code string `path:"code" doc:"Of the community" maxLength:"12" example:"150702001001"`
}

type communitiesInput struct {
	Unit string `query:"unit" required:"true" doc:"The unit in which they lie" maxLength:"12" example:"150702"`
}

// inCommunity makes an operation about a community.
func inCommunity(method, id, path, summary, description string, more ...int) huma.Operation {
	return huma.Operation{Method: method, OperationID: id, Path: communitiesPath + "/{code}" + path, Tags: []string{"Planning"}, Summary: summary, Description: description,
		Errors: append(append([]int{http.StatusNotFound}, signedIn...), more...)}
}

func (s *Server) routeCommunities() {
	operation[communitiesInput, CommunityList](s, huma.Operation{OperationID: "list-communities", Path: communitiesPath, Tags: []string{"Planning"},
		Summary: "How communities stand in their review", Errors: signedIn}, s.communities)
	operation[OfCommunity, CommunityReport](s, inCommunity(http.MethodGet, "get-community", "", "How a community stands in its review",
		"Who draws makes drafts, whatever the edits say. They are submitted, returned and published together, by steps; whoever has drawn since the last publication may not publish."), s.community)
	for _, step := range []yizhan.Step{yizhan.StepSubmit, yizhan.StepReturn, yizhan.StepPublish} {
		summary := map[yizhan.Step]string{yizhan.StepSubmit: "Submit drafts for review", yizhan.StepReturn: "Return what is in review", yizhan.StepPublish: "Publish what is in review"}[step]
		op := inCommunity(http.MethodPost, string(step)+"-community", "/"+string(step), summary, "By a changeset of its own.", http.StatusConflict)
		op.DefaultStatus = http.StatusCreated
		operationWithBody[OfCommunity, StepBody, AppliedReport](s, op, func(ctx context.Context, in *OfCommunity, body *StepBody) (*reply, error) {
			return s.takeStep(ctx, step, in.Code, body)
		})
	}
	s.routeCommunityHistory()
	s.routeCommunityShapes()
	s.routeComments()
	s.routeLeases()
	s.routeCommunityLeaders()
}

// planning gives what knows of a community.
func (s *Server) planning(code string) (Planning, error) {
	if s.options.Planning == nil {
		return nil, notFound("this server keeps no reviews")
	}
	if len(code) != 12 || yizhan.ParentCode(yizhan.LevelCommunity, code) == "" {
		return nil, notFound("there is no community of this code")
	}
	return s.options.Planning, nil
}

func (s *Server) communities(ctx context.Context, in *communitiesInput) (*reply, error) {
	if s.options.Planning == nil {
		return nil, notFound("this server keeps no reviews")
	}
	if !codePattern.MatchString(in.Unit) || len(in.Unit) < 6 {
		return nil, invalidParameter("query.unit", "is not the code of a unit")
	}
	all, err := s.options.Planning.Standings(ctx, in.Unit)
	if err != nil {
		return nil, err
	}
	list := CommunityList{Communities: []CommunitySummary{}}
	for _, standing := range all {
		list.Communities = append(list.Communities, summaryOf(standing))
	}
	return privateReply(list)
}

func summaryOf(st yizhan.Standing) CommunitySummary {
	counts := StatusCounts{st.Counts[yizhan.GridDraft], st.Counts[yizhan.GridInReview], st.Counts[yizhan.GridReturned], st.Counts[yizhan.GridPublished]}
	return CommunitySummary{st.Community, string(st.Status()), counts, st.Households, st.Leaderless, st.Overloaded}
}

func (s *Server) community(ctx context.Context, in *OfCommunity) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	standing, err := planning.FindStanding(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	lease, err := planning.FindLease(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	comments, err := planning.Comments(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	report := CommunityReport{CommunitySummary: summaryOf(standing), Seq: standing.Seq, Hands: append([]string{}, standing.Hands...), Lease: maybe[LeaseReport]{leaseReport(lease)},
		Rules: DrawingLimits{yizhan.MinGridWidth, yizhan.MinGridArea, yizhan.HouseholdsPerLeader}}
	if standing.Published > 0 {
		report.Published, report.PublishedAt = &standing.Published, &standing.PublishedAt
	}
	for _, step := range []yizhan.Step{yizhan.StepSubmit, yizhan.StepReturn, yizhan.StepPublish} {
		why := against(askerOf(ctx), step, standing)
		report.Steps = append(report.Steps, StepReport{string(step), why == "", why})
	}
	for _, c := range comments {
		if c.ResolvedBy == "" {
			report.Comments++
		}
	}
	return privateReply(report)
}

// against tells what keeps somebody from a step. The store decides when it is taken.
func against(by *yizhan.Principal, step yizhan.Step, st yizhan.Standing) string {
	waiting := 0
	for _, status := range step.From() {
		waiting += st.Counts[status]
	}
	switch {
	case !by.May(step.Act(), st.Community):
		return "role"
	case waiting == 0:
		return "nothing"
	case step != yizhan.StepSubmit && st.Counts[yizhan.GridDraft]+st.Counts[yizhan.GridReturned] > 0:
		return "drafts"
	case step == yizhan.StepPublish && slices.Contains(st.Hands, by.User.Name):
		return "own_work"
	}
	return ""
}

func (s *Server) takeStep(ctx context.Context, step yizhan.Step, code string, body *StepBody) (*reply, error) {
	planning, err := s.planning(code)
	if err != nil {
		return nil, err
	}
	applied, err := planning.TakeStep(ctx, askerOf(ctx), yizhan.StepRequest{Community: code, Step: step, Seq: body.Seq, Note: body.Note})
	if err != nil {
		return nil, inBody(err)
	}
	return appliedReply(applied, http.StatusCreated)
}

func appliedReply(applied yizhan.Applied, status int) (*reply, error) {
	answer, err := privateReply(AppliedReport{ID: &applied.ChangesetID, FirstSeq: &applied.FirstSeq, LastSeq: &applied.LastSeq, Changes: applied.LastSeq - applied.FirstSeq + 1})
	if err != nil {
		return nil, err
	}
	answer.status = status
	return answer, nil
}
