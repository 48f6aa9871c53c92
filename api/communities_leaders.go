package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
)

// CommunityStewards tells who leads in a community, and where somebody is missing.
type CommunityStewards struct {
	MicroGrids []GridStewards `json:"micro_grids" nullable:"false" doc:"Every one of the community, in the order of codes"`
	MayEdit    bool           `json:"may_edit"`
	MayReveal  bool           `json:"may_reveal" doc:"Whether you may see names and phones in full, for a reason that the audit trail keeps"`
}

// GridStewards are the leaders of a micro-grid.
type GridStewards struct {
	Code       string              `json:"code"`
	Name       string              `json:"name"`
	Households int                 `json:"households"`
	Leaders    []Steward           `json:"leaders" nullable:"false"`
	Missing    []yizhan.LeaderRole `json:"missing" nullable:"false" enum:"unit_leader,grid_member,party_group_leader" doc:"Places of the iron triangle that nobody has"`
	Balanced   bool                `json:"balanced" doc:"The unit leaders lead all of its households, and about as many each"`
}

// NewStewardBody appoints a leader.
type NewStewardBody struct {
	MicroGrid  string `json:"micro_grid" pattern:"^[0-9]{15}$" patternDescription:"15 digits"`
	Role       string `json:"role" enum:"unit_leader,grid_member,party_group_leader"`
	Households int    `json:"households" minimum:"0" maximum:"10000"`
	Selected   string `json:"selected" enum:"elected,recommended,appointed"`
}

// StewardChangeBody changes what a leader does.
type StewardChangeBody struct {
	Version    int64  `json:"version" minimum:"1" doc:"That the change is based on"`
	Role       string `json:"role" enum:"unit_leader,grid_member,party_group_leader"`
	Households int    `json:"households" minimum:"0" maximum:"10000"`
	Selected   string `json:"selected" enum:"elected,recommended,appointed"`
}

// BalancedReport tells how households were shared out.
type BalancedReport struct {
	Leaders []Steward `json:"leaders" nullable:"false" doc:"Those whose number of households is another"`
}

type endLeaderInput struct {
	asked
	Code    string `path:"code" doc:"Of the leader" maxLength:"17" example:"15070200100100101"`
	Version int64  `query:"version" required:"true" doc:"That it is based on" minimum:"1"`
}

type communityLeadersInput struct {
	asked
	OfCommunity
}

// Resolve is called by huma.
func (in *communityLeadersInput) Resolve(ctx huma.Context) []error { return in.asked.Resolve(ctx) }

func (s *Server) routeCommunityLeaders() {
	operation[communityLeadersInput, CommunityStewards](s, inCommunity(http.MethodGet, "get-community-leaders", "/leaders", "Who leads in a community, and where somebody is missing", "Names and phones are masked."), s.communityLeaders)
	balance := inCommunity(http.MethodPost, "balance-leaders", "/leaders/balance", "Share out households among unit leaders", "Within each micro-grid, as evenly as can be.", http.StatusConflict)
	operation[communityLeadersInput, BalancedReport](s, balance, s.balanceLeaders)
	op := func(method, id, path, summary string) huma.Operation {
		return huma.Operation{Method: method, OperationID: id, Path: path, Tags: []string{"Leaders"}, Summary: summary, Errors: append([]int{http.StatusNotFound, http.StatusConflict}, signedIn...)}
	}
	appoint := op(http.MethodPost, "appoint-leader", "/api/leaders", "Appoint a leader")
	appoint.DefaultStatus, appoint.Description = http.StatusCreated, "Name and phone are written down by PUT …/contact."
	operationWithBody[asked, NewStewardBody, Steward](s, appoint, s.appointLeader)
	operationWithBody[stewardInput, StewardChangeBody, Steward](s, op(http.MethodPut, "change-leader", "/api/leaders/{code}", "Change what a leader does"), s.changeLeader)
	end := op(http.MethodDelete, "end-leader", "/api/leaders/{code}", "A leader leads no more")
	end.DefaultStatus, end.Responses = http.StatusNoContent, map[string]*huma.Response{"204": {Description: "Name and phone are gone too"}}
	operation[endLeaderInput, struct{}](s, end, s.endLeader)
}

func (s *Server) communityLeaders(ctx context.Context, in *communityLeadersInput) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	leaders, contacts, err := planning.CommunityLeaders(ctx, askerOf(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	grids, _, err := planning.CommunityAt(ctx, in.Code, 0)
	if err != nil {
		return nil, err
	}
	by := map[string][]Steward{}
	for i, l := range leaders {
		by[l.MicroGrid] = append(by[l.MicroGrid], stewardOf(l, contacts[i]))
	}
	asker := askerOf(ctx)
	report := CommunityStewards{MicroGrids: []GridStewards{}, MayEdit: asker.May(yizhan.ActEditLeaders, in.Code), MayReveal: asker.May(yizhan.ActRevealLeaders, in.Code)}
	for _, g := range grids {
		report.MicroGrids = append(report.MicroGrids, gridLeaders(g, by[g.Code]))
	}
	return privateReply(report)
}

func gridLeaders(g *yizhan.MicroGrid, leaders []Steward) GridStewards {
	report := GridStewards{Code: g.Code, Name: g.Name, Households: g.Households, Leaders: append([]Steward{}, leaders...), Missing: []yizhan.LeaderRole{}}
	for _, role := range []yizhan.LeaderRole{yizhan.RoleUnitLeader, yizhan.RoleGridMember, yizhan.RolePartyGroup} {
		if !slices.ContainsFunc(leaders, func(l Steward) bool { return l.Role == role }) {
			report.Missing = append(report.Missing, role)
		}
	}
	sum, low, high := 0, yizhan.MaxHouseholds, 0
	for _, l := range leaders {
		if l.Role == yizhan.RoleUnitLeader {
			sum, low, high = sum+l.Households, min(low, l.Households), max(high, l.Households)
		}
	}
	report.Balanced = sum == g.Households && high-low <= 1
	return report
}

func (s *Server) balanceLeaders(ctx context.Context, in *communityLeadersInput) (*reply, error) {
	planning, err := s.planning(in.Code)
	if err != nil {
		return nil, err
	}
	if err := s.may(in.c, yizhan.ActEditLeaders, in.Code); err != nil {
		return nil, err
	}
	leaders, contacts, err := planning.CommunityLeaders(ctx, askerOf(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	grids, _, err := planning.CommunityAt(ctx, in.Code, 0)
	if err != nil {
		return nil, err
	}
	report := BalancedReport{Leaders: []Steward{}}
	changeset := yizhan.Changeset{Reason: "balance households of " + in.Code}
	shares := balanced(grids, leaders)
	for i, l := range leaders {
		if share, ok := shares[l.Code]; ok && share != l.Households {
			l.Households = share
			changeset.Edits = append(changeset.Edits, yizhan.UpdateOf(&l))
			shown := stewardOf(l, contacts[i])
			shown.Version++
			report.Leaders = append(report.Leaders, shown)
		}
	}
	if len(changeset.Edits) > 0 {
		if _, err := s.options.Store.ApplyAs(ctx, askerOf(ctx), changeset); err != nil {
			return nil, err
		}
	}
	return privateReply(report)
}

// balanced shares out the households of each micro-grid among its unit leaders; the first ones get those over.
func balanced(grids []*yizhan.MicroGrid, leaders []yizhan.Leader) map[string]int {
	of := map[string][]string{}
	for _, l := range leaders {
		if l.Role == yizhan.RoleUnitLeader {
			of[l.MicroGrid] = append(of[l.MicroGrid], l.Code)
		}
	}
	shares := map[string]int{}
	for _, g := range grids {
		for i, code := range of[g.Code] {
			n := len(of[g.Code])
			shares[code] = g.Households / n
			if i < g.Households%n {
				shares[code]++
			}
		}
	}
	return shares
}

func (s *Server) appointLeader(ctx context.Context, in *asked, body *NewStewardBody) (*reply, error) {
	if err := s.may(in.c, yizhan.ActEditLeaders, body.MicroGrid); err != nil {
		return nil, err
	}
	there, _, err := s.options.Accounts.Leaders(ctx, askerOf(ctx), body.MicroGrid)
	if err != nil {
		return nil, inBody(err)
	}
	serial := 1
	for _, l := range there {
		serial = max(serial, int(l.Code[15]-'0')*10+int(l.Code[16]-'0')+1)
	}
	if serial > 99 {
		return nil, newProblem("conflict", "the micro-grid has no code left for another leader")
	}
	l := yizhan.Leader{Code: fmt.Sprintf("%s%02d", body.MicroGrid, serial), MicroGrid: body.MicroGrid, Role: yizhan.LeaderRole(body.Role), Households: body.Households, Selected: body.Selected}
	if _, err := s.options.Store.ApplyAs(ctx, askerOf(ctx), yizhan.Changeset{Reason: "appoint leader " + l.Code, Edits: []yizhan.Edit{yizhan.CreateOf(&l)}}); err != nil {
		return nil, inBody(err)
	}
	l.Version = 1
	answer, err := privateReply(stewardOf(l, yizhan.Contact{}))
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusCreated
	return answer, nil
}

// leader finds a leader of whom only what is public is needed, and the masked contact.
func (s *Server) leader(ctx context.Context, code string) (yizhan.Leader, yizhan.Contact, error) {
	if len(code) == 17 && codePattern.MatchString(code) {
		leaders, contacts, err := s.options.Accounts.Leaders(ctx, askerOf(ctx), code[:15])
		if err != nil {
			return yizhan.Leader{}, yizhan.Contact{}, err
		}
		for i, l := range leaders {
			if l.Code == code {
				return l, contacts[i], nil
			}
		}
	}
	return yizhan.Leader{}, yizhan.Contact{}, notFound("there is no such leader")
}

func (s *Server) changeLeader(ctx context.Context, in *stewardInput, body *StewardChangeBody) (*reply, error) {
	if err := s.may(in.c, yizhan.ActEditLeaders, in.Code); err != nil {
		return nil, err
	}
	l, contact, err := s.leader(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	l.Role, l.Households, l.Selected, l.Version = yizhan.LeaderRole(body.Role), body.Households, body.Selected, body.Version
	if _, err := s.options.Store.ApplyAs(ctx, askerOf(ctx), yizhan.Changeset{Reason: "change leader " + l.Code, Edits: []yizhan.Edit{yizhan.UpdateOf(&l)}}); err != nil {
		return nil, inBody(err)
	}
	l.Version++
	return privateReply(stewardOf(l, contact))
}

func (s *Server) endLeader(ctx context.Context, in *endLeaderInput) (*reply, error) {
	if err := s.may(in.c, yizhan.ActEditLeaders, in.Code); err != nil {
		return nil, err
	}
	ref := yizhan.Ref{Collection: yizhan.Leaders, Code: in.Code}
	_, err := s.options.Store.ApplyAs(ctx, askerOf(ctx), yizhan.Changeset{Reason: "end leader " + in.Code, Edits: []yizhan.Edit{{Op: yizhan.Delete, Ref: ref, BaseVersion: in.Version}}})
	return nothing(), err
}
