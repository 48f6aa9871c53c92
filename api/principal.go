package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
)

const (
	localPrincipal = "yizhan.principal"
	localSession   = "yizhan.session" // the secret of the session that asks
	localOfAsker   = "yizhan.ofasker" // set where the answer depends on who asks
	headerCSRF     = "X-CSRF-Token"
)

// known is who asks, once that was looked up.
type known struct {
	principal *yizhan.Principal
	err       error
}

// authenticate finds out who asks: nil for a guest. It is looked up once a request, and only where it
// matters, so that what is public is answered without the database.
func (s *Server) authenticate(c *fiber.Ctx) (*yizhan.Principal, error) {
	if k, ok := c.Locals(localPrincipal).(known); ok {
		return k.principal, k.err
	}
	p, err := s.identify(c)
	if p != nil {
		p.From = s.addressOf(c.Context()).Addr().String()
		err = s.limitAccount(p)
	}
	if err != nil {
		p = nil
	}
	c.Locals(localPrincipal, known{p, err})
	return p, err
}

// principalOf is who asks, nil for a guest and for whoever cannot be told. Routes that only show more to some
// ask it; see guard for those that are not for everybody.
//
//lint:ignore U1000 for the routes that edit features, which are being built
func (s *Server) principalOf(c *fiber.Ctx) *yizhan.Principal {
	p, _ := s.authenticate(c) // who cannot prove who they are is a guest
	return p
}

func (s *Server) identify(c *fiber.Ctx) (*yizhan.Principal, error) {
	if s.options.Accounts == nil {
		return nil, nil
	}
	if header := c.Get(fiber.HeaderAuthorization); header != "" {
		return s.identifyToken(c, header)
	}
	secret := c.Cookies(s.cookieName())
	if secret == "" {
		return nil, nil
	}
	p, err := s.options.Accounts.FindSession(c.UserContext(), auth.HashSecret(secret))
	switch {
	case yizhan.CodeOf(err) == yizhan.CodeNotFound:
		s.clearCookie(c)
		return nil, nil
	case err != nil:
		return nil, err
	case reads(c) || c.Method() == http.MethodOptions:
		c.Locals(localSession, secret)
		return p, nil
	}
	// A browser sends the cookie along whoever makes it ask.
	if err := s.refuseCrossSite(c); err != nil {
		return nil, err
	}
	if !auth.SameText(c.Get(headerCSRF), auth.CSRFToken(secret)) {
		return nil, newProblem("cross_site", "the header "+headerCSRF+" is missing or not the one of this session; GET /api/auth/me tells it")
	}
	c.Locals(localSession, secret)
	return p, nil
}

func (s *Server) identifyToken(c *fiber.Ctx, header string) (*yizhan.Principal, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	if strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(secret, auth.TokenPrefix) && len(secret) < 200 {
		p, err := s.options.Accounts.FindToken(c.UserContext(), auth.HashSecret(secret))
		if err == nil || yizhan.CodeOf(err) != yizhan.CodeNotFound {
			return p, err
		}
	}
	c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="yizhan", error="invalid_token"`)
	return nil, newProblem("unauthenticated", "the Authorization header holds no token that serves")
}

// asker is who asks, for handlers that have only the context.
type askerKey struct{}

func withAsker(ctx context.Context, p *yizhan.Principal) context.Context {
	return context.WithValue(ctx, askerKey{}, p)
}

// askerOf gives what withAsker kept.
func askerOf(ctx context.Context) *yizhan.Principal {
	p, _ := ctx.Value(askerKey{}).(*yizhan.Principal)
	return p
}

// limitAccount refuses accounts that ask too often, from however many addresses.
func (s *Server) limitAccount(p *yizhan.Principal) error {
	if s.accounts == nil {
		return nil
	}
	if wait := s.accounts.take(strconv.FormatInt(p.User.ID, 10), costOfRequest); wait > 0 {
		s.metrics.limited.Inc()
		problem := newProblem("too_many_requests", "this account asks too often")
		problem.retryAfter = wait
		return problem
	}
	return nil
}
