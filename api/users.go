package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
)

// UserListReport lists accounts.
type UserListReport struct {
	Users []AccountReport `json:"users" nullable:"false" doc:"In the order of their names: those all of whose roles are where you manage accounts"`
}

// NewUserBody makes an account.
type NewUserBody struct {
	Name        string        `json:"name" pattern:"^[a-z0-9][a-z0-9._-]{1,63}$" patternDescription:"2 to 64 lower-case letters, digits, dots, dashes and underscores" example:"wang.xm"`
	DisplayName string        `json:"display_name,omitempty" maxLength:"120"`
	Password    string        `json:"password" minLength:"10" maxLength:"256"`
	Grants      []GrantReport `json:"grants" nullable:"false" minItems:"1" maxItems:"50"`
}

// UserChangeBody changes an account.
type UserChangeBody struct {
	Disabled bool `json:"disabled" doc:"Whether the account may not sign in; its sessions end, and its tokens do not serve"`
}

// ResetBody gives an account another password.
type ResetBody struct {
	Password string `json:"password" minLength:"10" maxLength:"256"`
}

// AuditReport is a page of the audit trail.
type AuditReport struct {
	Entries []AuditEntryReport `json:"entries" nullable:"false" doc:"Newest first"`
	Before  *int64             `json:"before" doc:"Ask with this for the entries before; null at the beginning of the trail"`
}

// AuditEntryReport is a line of the audit trail.
type AuditEntryReport struct {
	ID      int64             `json:"id"`
	At      time.Time         `json:"at"`
	Actor   string            `json:"actor" doc:"Who"`
	Act     string            `json:"act" doc:"What" example:"leaders.reveal"`
	Subject string            `json:"subject" doc:"To what" example:"leaders/15070200100100101"`
	Address string            `json:"address" doc:"From where"`
	Detail  map[string]string `json:"detail"`
}

type userInput struct {
	Name string `path:"name" doc:"Of the account" maxLength:"64" example:"wang.xm"`
}

type grantInput struct {
	Name string `path:"name" doc:"Of the account" maxLength:"64" example:"wang.xm"`
	Role string `query:"role" required:"true" doc:"The role to take away" enum:"viewer,station_keeper,planner,reviewer,analyst,admin"`
	Unit string `query:"unit" required:"true"`
}

type auditInput struct {
	Before int64 `query:"before" doc:"Entries before this id; without, the newest" minimum:"1"`
	Limit  int   `query:"limit" doc:"Entries a page" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) routeUsers() {
	op := func(method, id, path, summary string, more ...int) huma.Operation {
		return huma.Operation{Method: method, OperationID: id, Path: path, Tags: accountTags(), Summary: summary, Errors: append(append([]int{}, signedIn...), more...)}
	}
	done := func(o huma.Operation) huma.Operation {
		o.DefaultStatus, o.Responses = http.StatusNoContent, map[string]*huma.Response{"204": {Description: "Done; the sessions of the account have ended"}}
		return o
	}
	operation[struct{}, UserListReport](s, op(http.MethodGet, "list-users", "/api/users", "The accounts you look after"), s.users)
	create := op(http.MethodPost, "create-user", "/api/users", "Make an account", http.StatusConflict)
	create.DefaultStatus = http.StatusCreated
	operationWithBody[struct{}, NewUserBody, AccountReport](s, create, s.createUser)
	operationWithBody[userInput, UserChangeBody, struct{}](s, done(op(http.MethodPatch, "change-user", "/api/users/{name}", "Let an account in, or not", http.StatusNotFound)), s.changeUser)
	operationWithBody[userInput, ResetBody, struct{}](s, done(op(http.MethodPost, "reset-user", "/api/users/{name}/reset", "Give an account another password and take its second factor away", http.StatusNotFound)), s.resetUser)
	operationWithBody[userInput, GrantReport, struct{}](s, done(op(http.MethodPost, "grant-role", "/api/users/{name}/grants", "Give a role", http.StatusNotFound)), s.grantRole)
	revoke := done(op(http.MethodDelete, "revoke-role", "/api/users/{name}/grants", "Take a role away", http.StatusNotFound))
	revoke.Parameters = []*huma.Param{{Name: "unit", In: "query", Required: true, Description: "Where it holds", Schema: unitSchema()}}
	operation[grantInput, struct{}](s, revoke, s.revokeRole)
	trail := op(http.MethodGet, "list-audit", "/api/audit", "The audit trail")
	trail.Description = "Who did or looked at what, when, and from where. It is of the whole city, and for its administrators."
	operation[auditInput, AuditReport](s, trail, s.audit)
}

func (s *Server) users(ctx context.Context, _ *struct{}) (*reply, error) {
	users, err := s.options.Accounts.Users(ctx, askerOf(ctx))
	if err != nil {
		return nil, err
	}
	report := UserListReport{Users: []AccountReport{}}
	for _, u := range users {
		report.Users = append(report.Users, reportOfUser(u))
	}
	return privateReply(report)
}

func (s *Server) createUser(ctx context.Context, _ *struct{}, body *NewUserBody) (*reply, error) {
	hash, err := s.hash(ctx, body.Password, body.Name, "password")
	if err != nil {
		return nil, err
	}
	n := yizhan.NewUser{Name: body.Name, DisplayName: body.DisplayName, PasswordHash: hash}
	for _, g := range body.Grants {
		n.Grants = append(n.Grants, yizhan.Grant(g))
	}
	u, err := s.options.Accounts.CreateUser(ctx, askerOf(ctx), n)
	if err != nil {
		return nil, inBody(err)
	}
	answer, err := privateReply(reportOfUser(u))
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusCreated
	return answer, nil
}

func (s *Server) changeUser(ctx context.Context, in *userInput, body *UserChangeBody) (*reply, error) {
	return nothing(), s.options.Accounts.SetDisabled(ctx, askerOf(ctx), in.Name, body.Disabled)
}

func (s *Server) resetUser(ctx context.Context, in *userInput, body *ResetBody) (*reply, error) {
	hash, err := s.hash(ctx, body.Password, in.Name, "password")
	if err != nil {
		return nil, err
	}
	return nothing(), s.options.Accounts.ResetUser(ctx, askerOf(ctx), in.Name, hash)
}

func (s *Server) grantRole(ctx context.Context, in *userInput, body *GrantReport) (*reply, error) {
	return nothing(), inBody(s.options.Accounts.Grant(ctx, askerOf(ctx), in.Name, yizhan.Grant(*body)))
}

func (s *Server) revokeRole(ctx context.Context, in *grantInput) (*reply, error) {
	return nothing(), s.options.Accounts.Revoke(ctx, askerOf(ctx), in.Name, yizhan.Grant{Role: yizhan.Role(in.Role), Unit: in.Unit})
}

func (s *Server) audit(ctx context.Context, in *auditInput) (*reply, error) {
	entries, err := s.options.Accounts.Audit(ctx, askerOf(ctx), in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	report := AuditReport{Entries: []AuditEntryReport{}}
	for _, e := range entries {
		report.Entries = append(report.Entries, AuditEntryReport(e))
	}
	if n := len(entries); n > 0 && entries[n-1].ID > 1 {
		report.Before = &entries[n-1].ID
	}
	return privateReply(report)
}

// messageOf is what an error says to the reader.
func messageOf(err error) string {
	var domain *yizhan.Error
	if errors.As(err, &domain) {
		return domain.Message
	}
	return "is not right"
}
