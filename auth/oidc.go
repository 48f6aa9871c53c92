package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/yizhan/yizhan"
)

// OIDCOptions name the provider that people may sign in with.
type OIDCOptions struct {
	Issuer       string // its address, as it calls itself
	ClientID     string
	ClientSecret string
	RedirectURL  string // of our callback
	Client       *http.Client
}

// OIDC signs people in by OpenID Connect: authorization code with PKCE, state and nonce. The provider is
// asked for its addresses when somebody first signs in, so that the server starts without it.
type OIDC struct {
	options OIDCOptions

	mu       sync.Mutex
	provider *oidc.Provider
}

// providerTimeout bounds a question to the provider.
const providerTimeout = 8 * time.Second

// NewOIDC checks the options.
func NewOIDC(o OIDCOptions) (*OIDC, error) {
	issuer, err := url.Parse(o.Issuer)
	switch {
	case err != nil || issuer.Host == "":
		return nil, yizhan.Invalid("oidc-issuer", "is not the address of a provider")
	case issuer.Scheme != "https" && !isLoopback(issuer.Hostname()):
		return nil, yizhan.Invalid("oidc-issuer", "is not https")
	case o.ClientID == "":
		return nil, yizhan.Invalid("oidc-client-id", "is empty")
	case o.RedirectURL == "":
		return nil, yizhan.Invalid("base-url", "is needed for OpenID Connect: the provider sends people back there")
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: providerTimeout}
	}
	return &OIDC{options: o}, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// Attempt is what has to be remembered between sending somebody to the provider and their coming back.
type Attempt struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	ReturnTo string `json:"r"`
}

// NewAttempt begins one.
func NewAttempt(returnTo string) Attempt {
	return Attempt{State: NewSecret(), Nonce: NewSecret(), Verifier: oauth2.GenerateVerifier(), ReturnTo: returnTo}
}

// Address is where to send somebody.
func (o *OIDC) Address(ctx context.Context, a Attempt) (string, error) {
	config, _, err := o.config(ctx)
	if err != nil {
		return "", err
	}
	return config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

var errRefused = errors.New("the provider does not vouch for whoever came back")

// Subject finds out who came back with a code: the issuer and the subject, with a space between. It is
// unavailable while the provider is, and otherwise an error tells only the log what was wrong.
func (o *OIDC) Subject(ctx context.Context, a Attempt, code string) (string, error) {
	config, provider, err := o.config(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, o.options.Client), providerTimeout)
	defer cancel()
	answer, err := config.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError {
			return "", fmt.Errorf("%w: %s", errRefused, refused.ErrorCode) // its text holds what was sent
		}
		return "", away(err)
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return "", fmt.Errorf("%w: no id_token", errRefused)
	}
	token, err := provider.Verifier(&oidc.Config{ClientID: o.options.ClientID}).Verify(ctx, raw)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", errRefused, err)
	case !SameText(token.Nonce, a.Nonce):
		return "", fmt.Errorf("%w: another nonce", errRefused)
	case token.Subject == "" || len(token.Subject) > 255:
		return "", fmt.Errorf("%w: no subject", errRefused)
	}
	return token.Issuer + " " + token.Subject, nil
}

func (o *OIDC) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		ctx, cancel := context.WithTimeout(oidc.ClientContext(context.WithoutCancel(ctx), o.options.Client), providerTimeout)
		defer cancel()
		provider, err := oidc.NewProvider(ctx, o.options.Issuer)
		if err != nil {
			return nil, nil, away(err)
		}
		o.provider = provider
	}
	return &oauth2.Config{
		ClientID: o.options.ClientID, ClientSecret: o.options.ClientSecret, RedirectURL: o.options.RedirectURL,
		Endpoint: o.provider.Endpoint(), Scopes: []string{oidc.ScopeOpenID},
	}, o.provider, nil
}

func away(err error) error {
	return &yizhan.Error{Code: yizhan.CodeUnavailable, Message: "the sign-in provider does not answer", Err: err}
}
