package api

import (
	"context"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
)

// Accounts keeps accounts, sessions, tokens and the audit trail; *store.Store does. What a principal may do
// to them it decides itself.
type Accounts interface {
	FindSession(ctx context.Context, secret []byte) (*yizhan.Principal, error)
	FindToken(ctx context.Context, secret []byte) (*yizhan.Principal, error)
	FindSignIn(ctx context.Context, name string) (yizhan.SignIn, error)
	FindSubject(ctx context.Context, subject string) (yizhan.SignIn, error)
	BeginSignIn(ctx context.Context, name, address string) (wait time.Duration, err error)
	SignInRefused(ctx context.Context, by *yizhan.Principal, why string) error
	SignInSucceeded(ctx context.Context, name, address string) error
	StartSession(ctx context.Context, by *yizhan.Principal, secret, before []byte, how string) error
	EndSession(ctx context.Context, by *yizhan.Principal, secret []byte) error

	SetPassword(ctx context.Context, by *yizhan.Principal, passwordHash string) error
	Rehash(ctx context.Context, user int64, old, fresh string) error
	TOTPSecret(ctx context.Context, user yizhan.User) (secret []byte, step int64, err error)
	ProposeTOTP(ctx context.Context, by *yizhan.Principal, secret []byte) error
	ConfirmTOTP(ctx context.Context, by *yizhan.Principal, step int64, recovery [][]byte) error
	RemoveTOTP(ctx context.Context, by *yizhan.Principal) error
	SpendTOTPStep(ctx context.Context, user, step int64) (fresh bool, err error)
	SpendRecoveryCode(ctx context.Context, user int64, hash []byte) (known bool, err error)
	CreateToken(ctx context.Context, by *yizhan.Principal, secret []byte, t yizhan.Token) (yizhan.Token, error)
	Tokens(ctx context.Context, by *yizhan.Principal) ([]yizhan.Token, error)
	RevokeToken(ctx context.Context, by *yizhan.Principal, id int64) error

	Users(ctx context.Context, by *yizhan.Principal) ([]yizhan.User, error)
	CreateUser(ctx context.Context, by *yizhan.Principal, n yizhan.NewUser) (yizhan.User, error)
	SetDisabled(ctx context.Context, by *yizhan.Principal, name string, disabled bool) error
	ResetUser(ctx context.Context, by *yizhan.Principal, name, passwordHash string) error
	Grant(ctx context.Context, by *yizhan.Principal, name string, g yizhan.Grant) error
	Revoke(ctx context.Context, by *yizhan.Principal, name string, g yizhan.Grant) error
	Audit(ctx context.Context, by *yizhan.Principal, before int64, limit int) ([]yizhan.AuditEntry, error)

	Leaders(ctx context.Context, by *yizhan.Principal, microGrid string) ([]yizhan.Leader, []yizhan.Contact, error)
	Reveal(ctx context.Context, by *yizhan.Principal, code, reason string) (yizhan.Contact, error)
	SetContact(ctx context.Context, by *yizhan.Principal, code string, contact yizhan.Contact) error
}

// OIDC signs people in elsewhere; *auth.OIDC does.
type OIDC interface {
	Address(ctx context.Context, a auth.Attempt) (string, error)
	Subject(ctx context.Context, a auth.Attempt, code string) (string, error)
}

// keeper is what keeps accounts.
func (s *Server) keeper() (Accounts, error) {
	if s.options.Accounts == nil {
		return nil, unavailable("this server keeps no accounts", nil)
	}
	return s.options.Accounts, nil
}
