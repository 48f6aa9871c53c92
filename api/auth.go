package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
)

// LoginBody is what somebody says who signs in.
type LoginBody struct {
	Name     string `json:"name" minLength:"1" maxLength:"64" doc:"Of the account"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
	Code     string `json:"code,omitempty" maxLength:"32" doc:"Six digits of the second factor, or a recovery code, if the account has one"`
}

// SessionReport says who is signed in and what they may do.
type SessionReport struct {
	SignedIn bool           `json:"signed_in"`
	CSRF     string         `json:"csrf,omitempty" doc:"To be sent as X-CSRF-Token with every change; not there for tokens and guests"`
	Account  *AccountReport `json:"account,omitempty" doc:"Not there for a guest"`
	May      []MayReport    `json:"may" nullable:"false" doc:"What the account may do, and where; what anybody may is left out"`
	OIDC     bool           `json:"oidc" doc:"GET /api/auth/oidc signs in elsewhere"`
}

// AccountReport is an account as its owner, and who looks after it, sees it.
type AccountReport struct {
	ID          int64         `json:"id" doc:"The number of the account, as in the owner of a scenario"`
	Name        string        `json:"name" example:"wang.xm"`
	DisplayName string        `json:"display_name" example:"王小明"`
	TOTP        bool          `json:"totp" doc:"Signs in with a second factor"`
	Password    bool          `json:"password" doc:"Signs in with a password"`
	OIDC        bool          `json:"oidc" doc:"Signs in elsewhere"`
	Disabled    bool          `json:"disabled"`
	CreatedAt   time.Time     `json:"created_at"`
	Grants      []GrantReport `json:"grants" nullable:"false"`
}

// GrantReport is a role in a unit and all below it.
type GrantReport struct {
	Role yizhan.Role `json:"role" enum:"viewer,station_keeper,planner,reviewer,analyst,admin"`
	Unit string      `json:"unit" pattern:"^([0-9]{6}|[0-9]{9}|[0-9]{12})$" example:"150702" doc:"Code of a city, banner, township or community"`
}

// MayReport is an act and the units in which, and below which, it is allowed.
type MayReport struct {
	Act   yizhan.Act `json:"act" example:"stations.edit"`
	Units []string   `json:"units" nullable:"false" doc:"None for what is about one's own account"`
}

// asked takes the request itself, for what huma does not hand over.
type asked struct{ c *fiber.Ctx }

// Resolve is called by huma.
func (in *asked) Resolve(ctx huma.Context) []error {
	in.c = humafiber.UnwrapV2(ctx)
	return nil
}

func accountTags() []string { return []string{"Accounts"} }

func (s *Server) routeAuth() {
	operationWithBody[asked, LoginBody, SessionReport](s, huma.Operation{
		Method: http.MethodPost, OperationID: "sign-in", Path: "/api/auth/login", Tags: accountTags(), Summary: "Sign in",
		Description: "The session is a cookie that pages cannot read. After a few failures for a name or from an address the answer is 429 for ever longer; whether there is such an account is never told.",
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden},
	}, s.login)
	operation[asked, SessionReport](s, huma.Operation{
		OperationID: "get-session", Path: "/api/auth/me", Tags: accountTags(), Summary: "Who is signed in",
		Description: "For a guest, `signed_in` is false.", Errors: []int{http.StatusUnauthorized},
	}, s.me)
	operation[asked, struct{}](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusNoContent, OperationID: "sign-out", Path: "/api/auth/logout", Tags: accountTags(), Summary: "Sign out",
		Errors: signedIn, Responses: map[string]*huma.Response{"204": {Description: "The session has ended"}},
	}, s.logout)
	s.routeOIDC()
	s.routeOwnAccount()
}

// signedIn are the errors of every operation that is not for guests.
var signedIn = []int{http.StatusUnauthorized, http.StatusForbidden}

func (s *Server) login(ctx context.Context, in *asked, body *LoginBody) (*reply, error) {
	keeper, err := s.keeper()
	if err != nil {
		return nil, err
	}
	address := s.addressOf(in.c.Context()).String()
	name := strings.ToLower(strings.TrimSpace(body.Name))
	wait, err := keeper.BeginSignIn(ctx, name, address)
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		problem := newProblem("too_many_requests", "there were too many failed attempts; wait before the next one")
		problem.retryAfter = wait
		return nil, problem
	}
	found, err := keeper.FindSignIn(ctx, name)
	if err != nil && yizhan.CodeOf(err) != yizhan.CodeNotFound {
		return nil, err
	}
	// For a name that there is not, all of this takes as long.
	by := &yizhan.Principal{User: found.User, Grants: found.User.Grants, From: s.addressOf(in.c.Context()).Addr().String()}
	ok, err := s.passwords.Match(ctx, body.Password, found.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, s.refuseSignIn(ctx, keeper, by, "password")
	}
	if err := s.checkCode(ctx, keeper, by, body.Code); err != nil {
		return nil, err
	}
	if err := keeper.SignInSucceeded(ctx, name, address); err != nil {
		return nil, err
	}
	s.rehash(ctx, keeper, found, body.Password)
	return s.startSession(ctx, in.c, keeper, by, "password")
}

func (s *Server) refuseSignIn(ctx context.Context, keeper Accounts, by *yizhan.Principal, why string) error {
	if err := keeper.SignInRefused(ctx, by, why); err != nil {
		return err
	}
	return newProblem("wrong_credentials", "the name, the password or the code is wrong")
}

// checkCode asks for the second factor of an account that has one.
func (s *Server) checkCode(ctx context.Context, keeper Accounts, by *yizhan.Principal, code string) error {
	switch {
	case !by.User.HasTOTP:
		return nil
	case code == "":
		return newProblem("code_required", "the account has a second factor")
	}
	secret, used, err := keeper.TOTPSecret(ctx, by.User)
	if err != nil {
		return err
	}
	var fresh bool
	if step := auth.MatchTOTP(secret, strings.ReplaceAll(code, " ", ""), s.now(), used); step != 0 {
		fresh, err = keeper.SpendTOTPStep(ctx, by.User.ID, step)
	} else {
		fresh, err = keeper.SpendRecoveryCode(ctx, by.User.ID, auth.HashRecoveryCode(code))
	}
	if err != nil || fresh {
		return err
	}
	return s.refuseSignIn(ctx, keeper, by, "code")
}

// rehash brings the hash of a password to today's cost. If that fails, it is for another time.
func (s *Server) rehash(ctx context.Context, keeper Accounts, found yizhan.SignIn, password string) {
	if !auth.Outdated(found.PasswordHash) {
		return
	}
	fresh, err := s.passwords.Hash(ctx, password)
	if err == nil {
		err = keeper.Rehash(ctx, found.User.ID, found.PasswordHash, fresh)
	}
	if err != nil {
		s.logger.WarnContext(ctx, "a password was not hashed anew", "error", err)
	}
}

// startSession begins a session with a secret of its own, whatever the browser had before.
func (s *Server) startSession(ctx context.Context, c *fiber.Ctx, keeper Accounts, by *yizhan.Principal, how string) (*reply, error) {
	secret := auth.NewSecret()
	before := auth.HashSecret(c.Cookies(s.cookieName()))
	if err := keeper.StartSession(ctx, by, auth.HashSecret(secret), before, how); err != nil {
		return nil, err
	}
	s.setCookie(c, s.cookieName(), secret, yizhan.SessionLife)
	return privateReply(s.sessionReport(by, auth.CSRFToken(secret)))
}

// privateReply is for one person's eyes: nobody keeps it.
func privateReply(value any) (*reply, error) {
	answer, err := jsonReply(value)
	if err != nil {
		return nil, err
	}
	answer.volatile, answer.headers = true, map[string]string{fiber.HeaderCacheControl: "no-store"}
	return answer, nil
}

func (s *Server) sessionReport(p *yizhan.Principal, csrf string) SessionReport {
	report := SessionReport{OIDC: s.options.OIDC != nil, May: []MayReport{}}
	if p == nil {
		return report
	}
	account := reportOfUser(p.User)
	report.SignedIn, report.CSRF, report.Account = true, csrf, &account
	for _, act := range yizhan.Acts() {
		if act.Public() || !p.May(act, "") {
			continue
		}
		may := MayReport{Act: act, Units: []string{}}
		if act != yizhan.ActOwnAccount {
			may.Units = p.Where(act)
		}
		report.May = append(report.May, may)
	}
	return report
}

func reportOfUser(u yizhan.User) AccountReport {
	report := AccountReport{ID: u.ID, Name: u.Name, DisplayName: u.DisplayName, TOTP: u.HasTOTP, Password: u.HasPassword, OIDC: u.Subject != "",
		Disabled: !u.DisabledAt.IsZero(), CreatedAt: u.CreatedAt.UTC(), Grants: []GrantReport{}}
	for _, g := range u.Grants {
		report.Grants = append(report.Grants, GrantReport(g))
	}
	return report
}

func (s *Server) me(_ context.Context, in *asked) (*reply, error) {
	p, err := s.authenticate(in.c)
	if err != nil {
		return nil, err
	}
	csrf := ""
	if secret, ok := in.c.Locals(localSession).(string); ok {
		csrf = auth.CSRFToken(secret)
	}
	return privateReply(s.sessionReport(p, csrf))
}

func (s *Server) logout(ctx context.Context, in *asked) (*reply, error) {
	secret, ok := in.c.Locals(localSession).(string)
	if !ok {
		return nil, newProblem("forbidden", "a token has no session; revoke it")
	}
	if err := s.options.Accounts.EndSession(ctx, askerOf(ctx), auth.HashSecret(secret)); err != nil {
		return nil, err
	}
	s.clearCookie(in.c)
	return nothing(), nil
}

// nothing is the answer of a change about which there is nothing to say.
func nothing() *reply {
	return &reply{status: http.StatusNoContent, volatile: true, headers: map[string]string{fiber.HeaderCacheControl: "no-store"}}
}

// secure tells whether clients reach the server by https, as far as it knows.
func (s *Server) secure() bool { return strings.HasPrefix(s.options.BaseURL, "https://") }

// cookieName has a prefix with which browsers hold the cookie to this very host and to https.
func (s *Server) cookieName() string {
	if s.secure() {
		return "__Host-yizhan-session"
	}
	return "yizhan-session"
}

// setCookie sets a cookie that pages cannot read and that is not sent when another site makes a change.
func (s *Server) setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	cookie := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(cookie)
	cookie.SetKey(name)
	cookie.SetValue(value)
	cookie.SetPath("/")
	cookie.SetHTTPOnly(true)
	cookie.SetSecure(s.secure())
	cookie.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	if life > 0 {
		cookie.SetMaxAge(int(life / time.Second))
	} else {
		cookie.SetExpire(fasthttp.CookieExpireDelete)
	}
	c.Response().Header.SetCookie(cookie)
}

func (s *Server) clearCookie(c *fiber.Ctx) { s.setCookie(c, s.cookieName(), "", 0) }
