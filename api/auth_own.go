package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
)

// PasswordBody proves once more who asks.
type PasswordBody struct {
	Password string `json:"password,omitempty" maxLength:"1024" doc:"Of the account, if it has one"`
}

// NewPasswordBody changes a password.
type NewPasswordBody struct {
	PasswordBody
	NewPassword string `json:"new_password" minLength:"10" maxLength:"256"`
}

// CodeBody holds a code of the second factor.
type CodeBody struct {
	Code string `json:"code" minLength:"6" maxLength:"32" doc:"Six digits, or a recovery code where one is taken"`
}

// RemoveTOTPBody proves both factors.
type RemoveTOTPBody struct {
	PasswordBody
	CodeBody
}

// TOTPReport is a second factor to be confirmed.
type TOTPReport struct {
	Key     string `json:"key" doc:"To type into an authenticator app"`
	Address string `json:"address" doc:"The same for a QR code" example:"otpauth://totp/Yizhan:anna"`
}

// ConfirmedTOTPReport comes once.
type ConfirmedTOTPReport struct {
	RecoveryCodes []string      `json:"recovery_codes" nullable:"false" doc:"Each signs in once in place of a code. They are not shown again"`
	Session       SessionReport `json:"session"`
}

// TokenBody asks for a token.
type TokenBody struct {
	Name      string         `json:"name" minLength:"1" maxLength:"120" doc:"What it is for"`
	Scopes    []yizhan.Scope `json:"scopes" nullable:"false" minItems:"1" maxItems:"4" enum:"read,write,personal,admin" doc:"What it may do of what the account may"`
	ExpiresAt time.Time      `json:"expires_at" doc:"Within a year"`
}

// TokenReport is a token without its secret.
type TokenReport struct {
	ID         int64          `json:"id"`
	Name       string         `json:"name"`
	Scopes     []yizhan.Scope `json:"scopes" nullable:"false"`
	CreatedAt  time.Time      `json:"created_at"`
	ExpiresAt  time.Time      `json:"expires_at"`
	LastUsedAt *time.Time     `json:"last_used_at" doc:"To the minute; null if it never was"`
	RevokedAt  *time.Time     `json:"revoked_at" doc:"null while it serves"`
}

// NewTokenReport comes once.
type NewTokenReport struct {
	TokenReport
	Token string `json:"token" doc:"To be sent as Authorization: Bearer. It is not shown again" example:"yz_…"`
}

// TokenListReport lists tokens.
type TokenListReport struct {
	Tokens []TokenReport `json:"tokens" nullable:"false"`
}

type tokenInput struct {
	ID int64 `path:"id" doc:"Of the token" minimum:"1"`
}

func (s *Server) routeOwnAccount() {
	op := func(method, id, path, summary string, more ...int) huma.Operation {
		return huma.Operation{Method: method, OperationID: id, Path: path, Tags: accountTags(), Summary: summary, Errors: append(append([]int{}, signedIn...), more...)}
	}
	password := op(http.MethodPost, "change-password", "/api/auth/password", "Change one's password")
	password.Description = "All other sessions of the account end."
	operationWithBody[asked, NewPasswordBody, SessionReport](s, password, s.changePassword)
	propose := op(http.MethodPost, "propose-totp", "/api/auth/totp", "Begin a second factor", http.StatusConflict)
	propose.Description = "It counts once a code of it was sent to the next address."
	operationWithBody[asked, PasswordBody, TOTPReport](s, propose, s.proposeTOTP)
	operationWithBody[asked, CodeBody, ConfirmedTOTPReport](s, op(http.MethodPost, "confirm-totp", "/api/auth/totp/confirm", "Confirm the second factor", http.StatusConflict), s.confirmTOTP)
	operationWithBody[asked, RemoveTOTPBody, SessionReport](s, op(http.MethodPost, "remove-totp", "/api/auth/totp/remove", "Remove the second factor"), s.removeTOTP)
	operation[asked, TokenListReport](s, op(http.MethodGet, "list-tokens", "/api/auth/tokens", "One's tokens"), s.tokens)
	create := op(http.MethodPost, "create-token", "/api/auth/tokens", "Make a token", http.StatusConflict)
	create.DefaultStatus, create.Description = http.StatusCreated, "For a program that asks in one's name."
	operationWithBody[asked, TokenBody, NewTokenReport](s, create, s.createToken)
	revoke := op(http.MethodDelete, "revoke-token", "/api/auth/tokens/{id}", "Revoke a token", http.StatusNotFound)
	revoke.DefaultStatus, revoke.Responses = http.StatusNoContent, map[string]*huma.Response{"204": {Description: "It no longer serves"}}
	operation[tokenInput, struct{}](s, revoke, s.revokeToken)
}

// prove checks the password of whoever asks once more: a session may be left open, or stolen. Wrong ones
// count like those of signing in. A token proves nothing.
func (s *Server) prove(ctx context.Context, in *asked, password string) (*yizhan.Principal, error) {
	p := askerOf(ctx)
	if p.Scopes != nil {
		return nil, newProblem("forbidden", "a token cannot do this; sign in")
	}
	found, err := s.options.Accounts.FindSignIn(ctx, p.User.Name)
	if err != nil || found.PasswordHash == "" {
		return p, err
	}
	address := s.addressOf(in.c.Context()).String()
	wait, err := s.options.Accounts.BeginSignIn(ctx, p.User.Name, address)
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		problem := newProblem("too_many_requests", "there were too many failed attempts; wait before the next one")
		problem.retryAfter = wait
		return nil, problem
	}
	ok, err := s.passwords.Match(ctx, password, found.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, s.refuseSignIn(ctx, s.options.Accounts, p, "password")
	}
	return p, s.options.Accounts.SignInSucceeded(ctx, p.User.Name, address)
}

func (s *Server) changePassword(ctx context.Context, in *asked, body *NewPasswordBody) (*reply, error) {
	p, err := s.prove(ctx, in, body.Password)
	if err != nil {
		return nil, err
	}
	hash, err := s.hash(ctx, body.NewPassword, p.User.Name, "new_password")
	if err != nil {
		return nil, err
	}
	if err := s.options.Accounts.SetPassword(ctx, p, hash); err != nil {
		return nil, err
	}
	return s.startSession(ctx, in.c, s.options.Accounts, p, "password change")
}

func (s *Server) hash(ctx context.Context, password, name, field string) (string, error) {
	if err := auth.CheckPassword(password, name); err != nil {
		return "", invalidParameter("body."+field, messageOf(err))
	}
	return s.passwords.Hash(ctx, password)
}

func (s *Server) proposeTOTP(ctx context.Context, in *asked, body *PasswordBody) (*reply, error) {
	p, err := s.prove(ctx, in, body.Password)
	if err != nil {
		return nil, err
	}
	secret := auth.NewTOTPSecret()
	if err := s.options.Accounts.ProposeTOTP(ctx, p, secret); err != nil {
		return nil, err
	}
	return privateReply(TOTPReport{auth.TOTPText(secret), auth.TOTPAddress(secret, "Yizhan", p.User.Name)})
}

// recoveryCodes is how many a person gets.
const recoveryCodes = 10

func (s *Server) confirmTOTP(ctx context.Context, in *asked, body *CodeBody) (*reply, error) {
	p := askerOf(ctx)
	if p.Scopes != nil {
		return nil, newProblem("forbidden", "a token cannot do this; sign in")
	}
	secret, used, err := s.options.Accounts.TOTPSecret(ctx, p.User)
	if err != nil {
		return nil, err
	}
	step := int64(0)
	if secret != nil {
		step = auth.MatchTOTP(secret, body.Code, s.now(), used)
	}
	if step == 0 {
		return nil, invalidParameter("body.code", "is not a code of the second factor; is the clock right?")
	}
	codes := auth.NewRecoveryCodes(recoveryCodes)
	hashes := make([][]byte, len(codes))
	for i, code := range codes {
		hashes[i] = auth.HashRecoveryCode(code)
	}
	if err := s.options.Accounts.ConfirmTOTP(ctx, p, step, hashes); err != nil {
		return nil, err
	}
	p.User.HasTOTP = true
	if _, err := s.startSession(ctx, in.c, s.options.Accounts, p, "second factor"); err != nil {
		return nil, err
	}
	return privateReply(ConfirmedTOTPReport{codes, s.sessionReport(p, s.csrfOfAnswer(in))})
}

// csrfOfAnswer is for the session that this very answer begins.
func (s *Server) csrfOfAnswer(in *asked) string {
	return auth.CSRFToken(cookieOfAnswer(in.c, s.cookieName()))
}

func (s *Server) removeTOTP(ctx context.Context, in *asked, body *RemoveTOTPBody) (*reply, error) {
	p, err := s.prove(ctx, in, body.Password)
	if err != nil {
		return nil, err
	}
	if err := s.checkCode(ctx, s.options.Accounts, p, body.Code); err != nil {
		return nil, err
	}
	if err := s.options.Accounts.RemoveTOTP(ctx, p); err != nil {
		return nil, err
	}
	p.User.HasTOTP = false
	return s.startSession(ctx, in.c, s.options.Accounts, p, "second factor")
}

func (s *Server) tokens(ctx context.Context, _ *asked) (*reply, error) {
	tokens, err := s.options.Accounts.Tokens(ctx, askerOf(ctx))
	if err != nil {
		return nil, err
	}
	report := TokenListReport{Tokens: []TokenReport{}}
	for _, t := range tokens {
		report.Tokens = append(report.Tokens, reportOfToken(t))
	}
	return privateReply(report)
}

func reportOfToken(t yizhan.Token) TokenReport {
	return TokenReport{ID: t.ID, Name: t.Name, Scopes: t.Scopes, CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(),
		LastUsedAt: timeOrNil(t.LastUsedAt), RevokedAt: timeOrNil(t.RevokedAt)}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (s *Server) createToken(ctx context.Context, _ *asked, body *TokenBody) (*reply, error) {
	secret := auth.TokenPrefix + auth.NewSecret()
	token, err := s.options.Accounts.CreateToken(ctx, askerOf(ctx), auth.HashSecret(secret),
		yizhan.Token{Name: body.Name, Scopes: body.Scopes, ExpiresAt: body.ExpiresAt})
	if err != nil {
		return nil, inBody(err)
	}
	answer, err := privateReply(NewTokenReport{reportOfToken(token), secret})
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusCreated
	return answer, nil
}

func (s *Server) revokeToken(ctx context.Context, in *tokenInput) (*reply, error) {
	if err := s.options.Accounts.RevokeToken(ctx, askerOf(ctx), in.ID); err != nil {
		return nil, err
	}
	return nothing(), nil
}
