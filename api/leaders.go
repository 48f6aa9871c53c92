package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
)

// StewardList lists who leads in a micro-grid.
type StewardList struct {
	Leaders []Steward `json:"leaders" nullable:"false"`
}

// Steward is a leader of a micro-grid; name and phone are masked.
type Steward struct {
	Code        string            `json:"code" example:"15070200100100101"`
	MicroGrid   string            `json:"micro_grid"`
	Role        yizhan.LeaderRole `json:"role" enum:"unit_leader,grid_member,party_group_leader"`
	Households  int               `json:"households" doc:"That he or she leads"`
	Selected    string            `json:"selected" enum:"elected,recommended,appointed"`
	MaskedName  string            `json:"masked_name" example:"王**" doc:"Empty if none was written down"`
	MaskedPhone string            `json:"masked_phone" example:"138****1234"`
	Synthetic   bool              `json:"synthetic" doc:"Generated for the demo: no such person exists"`
	Version     int64             `json:"version"`
}

// RevealedContact is how to reach a leader; empty where nothing was written down.
type RevealedContact struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

// StewardContact is how to reach a leader, to be kept.
type StewardContact struct {
	Name  string `json:"name" minLength:"1" maxLength:"120"`
	Phone string `json:"phone" maxLength:"25"`
}

// ReasonBody says why.
type ReasonBody struct {
	Reason string `json:"reason" minLength:"4" maxLength:"500" doc:"Why the name and phone are needed; the audit trail keeps it"`
}

type stewardsInput struct {
	asked
	MicroGrid string `query:"micro_grid" required:"true" doc:"Code of the micro-grid" maxLength:"15"`
}

type stewardInput struct {
	asked
	Code string `path:"code" doc:"Of the leader" maxLength:"17" example:"15070200100100101"`
}

func (s *Server) routeLeaders() {
	op := func(method, id, path, summary, description string) huma.Operation {
		return huma.Operation{Method: method, OperationID: id, Path: path, Tags: []string{"Leaders"}, Summary: summary, Description: description,
			Errors: append([]int{http.StatusNotFound}, signedIn...)}
	}
	operation[stewardsInput, StewardList](s, op(http.MethodGet, "list-leaders", "/api/leaders", "Who leads in a micro-grid", "Names and phones are masked."), s.stewards)
	operationWithBody[stewardInput, ReasonBody, RevealedContact](s, op(http.MethodPost, "reveal-leader", "/api/leaders/{code}/reveal", "Name and phone of a leader",
		"For those who need them and say why. Each look is in the audit trail."), s.revealSteward)
	write := op(http.MethodPut, "set-leader-contact", "/api/leaders/{code}/contact", "Write down name and phone of a leader", "They are kept encrypted.")
	write.DefaultStatus, write.Responses = http.StatusNoContent, map[string]*huma.Response{"204": {Description: "Kept"}}
	operationWithBody[stewardInput, StewardContact, struct{}](s, write, s.setSteward)
}

func (s *Server) stewards(ctx context.Context, in *stewardsInput) (*reply, error) {
	if err := s.may(in.c, yizhan.ActReadLeaders, in.MicroGrid); err != nil {
		return nil, err
	}
	leaders, contacts, err := s.options.Accounts.Leaders(ctx, askerOf(ctx), in.MicroGrid)
	if err != nil {
		return nil, err
	}
	report := StewardList{Leaders: []Steward{}}
	for i, l := range leaders {
		report.Leaders = append(report.Leaders, stewardOf(l, contacts[i]))
	}
	return privateReply(report)
}

func stewardOf(l yizhan.Leader, contact yizhan.Contact) Steward {
	masked := contact.Mask()
	return Steward{Code: l.Code, MicroGrid: l.MicroGrid, Role: l.Role, Households: l.Households, Selected: l.Selected,
		MaskedName: masked.Name, MaskedPhone: masked.Phone, Synthetic: l.Synthetic, Version: l.Version}
}

func (s *Server) revealSteward(ctx context.Context, in *stewardInput, body *ReasonBody) (*reply, error) {
	if err := s.may(in.c, yizhan.ActRevealLeaders, in.Code); err != nil {
		return nil, err
	}
	contact, err := s.options.Accounts.Reveal(ctx, askerOf(ctx), in.Code, body.Reason)
	if err != nil {
		return nil, inBody(err)
	}
	return privateReply(RevealedContact(contact))
}

func (s *Server) setSteward(ctx context.Context, in *stewardInput, body *StewardContact) (*reply, error) {
	if err := s.may(in.c, yizhan.ActEditLeaders, in.Code); err != nil {
		return nil, err
	}
	return nothing(), inBody(s.options.Accounts.SetContact(ctx, askerOf(ctx), in.Code, yizhan.Contact(*body)))
}
