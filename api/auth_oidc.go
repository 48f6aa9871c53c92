package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
)

// attemptCookie remembers who was sent to the provider, for as long as a person needs to sign in there.
const (
	attemptCookie = "yizhan-oidc"
	attemptLife   = 10 * time.Minute
)

func (s *Server) routeOIDC() {
	text := func(name, description string) *huma.Param {
		most := 2048
		return &huma.Param{Name: name, In: "query", Description: description, Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &most}}
	}
	s.described(huma.Operation{
		OperationID: "sign-in-elsewhere", Path: "/api/auth/oidc", Tags: accountTags(), Summary: "Sign in by OpenID Connect",
		Description: "Sends the browser to the provider, which sends it back.",
		Parameters:  []*huma.Param{text("return_to", "The page to show afterwards, such as /plan/")},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
		Responses:   map[string]*huma.Response{"303": {Description: "To the provider"}, "200": {Description: "Never; browsers follow the 303"}},
	}, s.sendToProvider)
	s.described(huma.Operation{
		OperationID: "come-back-from-elsewhere", Path: "/api/auth/oidc/callback", Tags: accountTags(), Summary: "Where the provider sends the browser back to",
		Parameters: []*huma.Param{text("code", "Of the provider"), text("state", "Ours"), text("error", "Of the provider"),
			text("error_description", "Of the provider"), text("error_uri", "Of the provider"), text("iss", "The provider"), text("session_state", "Of the provider")},
		Errors:    []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusServiceUnavailable},
		Responses: map[string]*huma.Response{"303": {Description: "Signed in; to the page that was asked for"}, "200": {Description: "Never; browsers follow the 303"}},
	}, s.comeBack)
}

func (s *Server) elsewhere() (OIDC, Accounts, error) {
	if s.options.OIDC == nil {
		return nil, nil, notFound("nobody signs in elsewhere here")
	}
	keeper, err := s.keeper()
	return s.options.OIDC, keeper, err
}

func (s *Server) sendToProvider(c *fiber.Ctx) error {
	provider, _, err := s.elsewhere()
	if err != nil {
		return err
	}
	attempt := auth.NewAttempt(ownPage(c.Query("return_to")))
	address, err := provider.Address(c.UserContext(), attempt)
	if err != nil {
		return err
	}
	text, err := json.Marshal(attempt)
	if err != nil {
		return err
	}
	s.setCookie(c, attemptCookie, base64.RawURLEncoding.EncodeToString(text), attemptLife)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(address, http.StatusSeeOther)
}

// ownPage lets nobody be sent to another site.
func ownPage(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// comeBack judges who came back. What was wrong is for the log; whoever came is told that it was.
func (s *Server) comeBack(c *fiber.Ctx) error {
	provider, keeper, err := s.elsewhere()
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	attempt, ok := readAttempt(c.Cookies(attemptCookie))
	s.setCookie(c, attemptCookie, "", 0)
	by := &yizhan.Principal{From: s.addressOf(c.Context()).Addr().String()}
	if !ok || !auth.SameText(c.Query("state"), attempt.State) || c.Query("code") == "" {
		return s.refuseSignIn(ctx, keeper, by, "oidc: not sent by us")
	}
	subject, err := provider.Subject(ctx, attempt, c.Query("code"))
	switch {
	case yizhan.CodeOf(err) == yizhan.CodeUnavailable:
		return err
	case err != nil:
		s.logger.WarnContext(ctx, "nobody was signed in by OpenID Connect", "request", requestID(c), "error", err)
		return s.refuseSignIn(ctx, keeper, by, "oidc: refused")
	}
	found, err := keeper.FindSubject(ctx, subject)
	if yizhan.CodeOf(err) == yizhan.CodeNotFound {
		return s.refuseSignIn(ctx, keeper, by, "oidc: no account")
	}
	if err != nil {
		return err
	}
	by.User, by.Grants = found.User, found.User.Grants
	if _, err := s.startSession(ctx, c, keeper, by, "oidc"); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(attempt.ReturnTo, http.StatusSeeOther)
}

func readAttempt(cookie string) (a auth.Attempt, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || json.Unmarshal(text, &a) != nil {
		return a, false
	}
	a.ReturnTo = ownPage(a.ReturnTo)
	return a, a.State != "" && a.Nonce != "" && a.Verifier != ""
}

// cookieOfAnswer is a cookie that the answer sets.
func cookieOfAnswer(c *fiber.Ctx, name string) string {
	cookie := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(cookie)
	cookie.SetKey(name)
	c.Response().Header.Cookie(cookie)
	return string(cookie.Value())
}
