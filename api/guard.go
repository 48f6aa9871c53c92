package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// acts says of every route what it is for: exactly of that route, so that a new one beside it is closed until
// it is declared. A route that is not here answers nobody, and fails a test; so does a line without a route. ":c"
// stands for each collection; pages are public (see isPage). Where the place matters, the handler asks again, with the place (see may).
var acts = map[string]yizhan.Act{
	"GET /problems/:code": yizhan.ActReadPublic,

	"GET /healthz": yizhan.ActReadPublic,
	"GET /readyz":  yizhan.ActReadPublic,
	"GET /metrics": yizhan.ActReadPublic,

	"GET /api":                       yizhan.ActReadPublic,
	"GET /api/":                      yizhan.ActReadPublic,
	"GET /api/openapi.json":          yizhan.ActReadPublic,
	"GET /api/openapi-3.0.json":      yizhan.ActReadPublic,
	"GET /api/docs":                  yizhan.ActReadPublic,
	"GET /api/conformance":           yizhan.ActReadPublic,
	"GET /api/city":                  yizhan.ActReadPublic,
	"GET /api/nearest":               yizhan.ActReadPublic,
	"POST /api/nearest/batch":        yizhan.ActReadPublic,
	"GET /api/events":                yizhan.ActReadPublic,
	"GET /api/stations.pack":         yizhan.ActReadPublic,
	"GET /api/history/:c/:code":      yizhan.ActReadPublic,
	"GET /api/coverage":              yizhan.ActReadPublic,
	"GET /api/coverage/cells":        yizhan.ActReadPublic, // as a table: see exporters
	"GET /api/coverage/hours":        yizhan.ActReadPublic,
	"GET /api/coverage/ranking":      yizhan.ActReadPublic,
	"GET /api/coverage/trend":        yizhan.ActReadPublic,
	"GET /api/gaps":                  yizhan.ActReadPublic,
	"GET /api/gaps/:id":              yizhan.ActReadPublic,
	"GET /api/explain":               yizhan.ActReadPublic,
	"GET /api/collections":           yizhan.ActReadPublic,
	"GET /api/collections/:c":        yizhan.ActReadPublic,
	"GET /api/collections/:c/schema": yizhan.ActReadPublic,

	"GET /api/collections/:c/queryables":      yizhan.ActReadPublic,
	"GET /api/collections/:c/sortables":       yizhan.ActReadPublic,
	"GET /api/collections/:c/items":           yizhan.ActReadPublic,
	"GET /api/collections/:c/items/:code":     yizhan.ActReadPublic,
	"OPTIONS /api/collections/:c/items":       yizhan.ActReadPublic,
	"OPTIONS /api/collections/:c/items/:code": yizhan.ActReadPublic,
	"POST /api/collections/:c/items":          yizhan.ActEditCity,
	"PUT /api/collections/:c/items/:code":     yizhan.ActEditCity,
	"PATCH /api/collections/:c/items/:code":   yizhan.ActEditCity,
	"DELETE /api/collections/:c/items/:code":  yizhan.ActEditCity,
	"POST /api/changesets":                    yizhan.ActEditCity,
	"POST /api/changesets/:id/revert":         yizhan.ActEditCity,
	"GET /api/changesets/:id":                 yizhan.ActReadStaff,

	"GET /api/tiles":                                                  yizhan.ActReadPublic,
	"GET /api/tiles/:layers":                                          yizhan.ActReadPublic,
	"GET /api/tiles/:layers/:z/:x/:y":                                 yizhan.ActReadPublic,
	"GET /api/tiles/" + webMercator:                                   yizhan.ActReadPublic,
	"GET /api/tiles/" + webMercator + oneTile:                         yizhan.ActReadPublic,
	"GET /api/tileMatrixSets":                                         yizhan.ActReadPublic,
	"GET /api/tileMatrixSets/" + webMercator:                          yizhan.ActReadPublic,
	"GET /api/collections/:collection/tiles":                          yizhan.ActReadPublic,
	"GET /api/collections/:collection/tiles/" + webMercator:           yizhan.ActReadPublic,
	"GET /api/collections/:collection/tiles/" + webMercator + oneTile: yizhan.ActReadPublic,

	"GET /api/scenarios":                yizhan.ActReadStaff,
	"GET /api/scenarios/:id":            yizhan.ActReadPublic, // who knows the id may look
	"GET /api/scenarios/:id/difference": yizhan.ActReadPublic,
	"GET /api/scenarios/compare":        yizhan.ActReadPublic,
	"GET /api/scenarios/difference":     yizhan.ActReadPublic,
	"POST /api/scenarios":               yizhan.ActEditScenarios,
	"PUT /api/scenarios/:id":            yizhan.ActEditScenarios,
	"POST /api/scenarios/:id/rebase":    yizhan.ActEditScenarios,
	"DELETE /api/scenarios/:id":         yizhan.ActEditScenarios,
	"POST /api/siting":                  yizhan.ActSimulate,
	"GET /api/jobs/:id":                 yizhan.ActSimulate, // who knows the id may
	"GET /api/jobs/:id/events":          yizhan.ActSimulate,
	"GET /api/jobs/:id/result":          yizhan.ActSimulate,
	"DELETE /api/jobs/:id":              yizhan.ActSimulate,

	"GET /api/exports/:c":      yizhan.ActExport,
	"GET /api/exports/pmtiles": yizhan.ActExport,

	"POST /api/imports":                      yizhan.ActEditCity,
	"GET /api/imports":                       yizhan.ActEditCity,
	"GET /api/imports/templates/:collection": yizhan.ActEditCity,
	"PUT /api/imports/:id/file":              yizhan.ActEditCity,
	"GET /api/imports/:id":                   yizhan.ActEditCity,
	"DELETE /api/imports/:id":                yizhan.ActEditCity,
	"PUT /api/imports/:id/settings":          yizhan.ActEditCity,
	"GET /api/imports/:id/sample":            yizhan.ActEditCity,
	"POST /api/imports/:id/check":            yizhan.ActEditCity,
	"GET /api/imports/:id/problems":          yizhan.ActEditCity,
	"GET /api/imports/:id/duplicates":        yizhan.ActEditCity,
	"GET /api/imports/:id/topology":          yizhan.ActEditCity,
	"GET /api/imports/:id/diff":              yizhan.ActEditCity,
	"POST /api/imports/:id/commit":           yizhan.ActEditCity,
	"POST /api/imports/:id/revert":           yizhan.ActEditCity,

	"GET /api/indicators":                    yizhan.ActReadPublic, // guests see those that are public
	"GET /api/indicators/:id":                yizhan.ActReadPublic,
	"GET /api/indicators/:id/values":         yizhan.ActReadPublic,
	"POST /api/indicators":                   yizhan.ActEditLayers,
	"POST /api/indicators/read":              yizhan.ActEditLayers,
	"PUT /api/indicators/:id":                yizhan.ActEditLayers,
	"DELETE /api/indicators/:id":             yizhan.ActEditLayers,
	"PUT /api/indicators/:id/dates/:date":    yizhan.ActEditLayers,
	"DELETE /api/indicators/:id/dates/:date": yizhan.ActEditLayers,
	"GET /api/places":                        yizhan.ActReadPublic,
	"GET /api/places/:id":                    yizhan.ActReadPublic,
	"POST /api/places":                       yizhan.ActEditLayers,
	"POST /api/places/read":                  yizhan.ActEditLayers,
	"PUT /api/places/:id":                    yizhan.ActEditLayers,
	"DELETE /api/places/:id":                 yizhan.ActEditLayers,

	"POST /api/auth/login":           yizhan.ActSignIn,
	"GET /api/auth/me":               yizhan.ActSignIn, // a guest is told so
	"GET /api/auth/oidc":             yizhan.ActSignIn,
	"GET /api/auth/oidc/callback":    yizhan.ActSignIn,
	"POST /api/auth/logout":          yizhan.ActOwnAccount,
	"POST /api/auth/password":        yizhan.ActOwnAccount,
	"POST /api/auth/totp":            yizhan.ActOwnAccount,
	"POST /api/auth/totp/confirm":    yizhan.ActOwnAccount,
	"POST /api/auth/totp/remove":     yizhan.ActOwnAccount,
	"GET /api/auth/tokens":           yizhan.ActOwnAccount,
	"POST /api/auth/tokens":          yizhan.ActOwnAccount,
	"DELETE /api/auth/tokens/:id":    yizhan.ActOwnAccount,
	"GET /api/users":                 yizhan.ActManageUsers,
	"POST /api/users":                yizhan.ActManageUsers,
	"PATCH /api/users/:name":         yizhan.ActManageUsers,
	"POST /api/users/:name/reset":    yizhan.ActManageUsers,
	"POST /api/users/:name/grants":   yizhan.ActManageUsers,
	"DELETE /api/users/:name/grants": yizhan.ActManageUsers,
	"GET /api/audit":                 yizhan.ActReadAudit,
	"GET /api/leaders":               yizhan.ActReadLeaders,
	"POST /api/leaders":              yizhan.ActEditLeaders,
	"PUT /api/leaders/:code":         yizhan.ActEditLeaders,
	"DELETE /api/leaders/:code":      yizhan.ActEditLeaders,
	"POST /api/leaders/:code/reveal": yizhan.ActRevealLeaders,
	"PUT /api/leaders/:code/contact": yizhan.ActEditLeaders,

	"GET /api/communities":                        yizhan.ActReadStaff,
	"GET /api/communities/:code":                  yizhan.ActReadStaff,
	"GET /api/communities/:code/at":               yizhan.ActReadStaff,
	"GET /api/communities/:code/blame":            yizhan.ActReadStaff,
	"GET /api/communities/:code/comments":         yizhan.ActReadStaff,
	"GET /api/communities/:code/difference":       yizhan.ActReadStaff,
	"GET /api/communities/:code/history":          yizhan.ActReadStaff,
	"POST /api/communities/:code/submit":          yizhan.ActEditGrids,
	"POST /api/communities/:code/return":          yizhan.ActReviewGrids,
	"POST /api/communities/:code/publish":         yizhan.ActReviewGrids,
	"POST /api/communities/:code/restore":         yizhan.ActEditGrids,
	"POST /api/communities/:code/cut":             yizhan.ActEditGrids,
	"POST /api/communities/:code/merge":           yizhan.ActEditGrids,
	"POST /api/communities/:code/divide":          yizhan.ActEditGrids,
	"POST /api/communities/:code/lease":           yizhan.ActEditGrids,
	"DELETE /api/communities/:code/lease":         yizhan.ActEditGrids,
	"POST /api/communities/:code/comments":        yizhan.ActEditCity,
	"PUT /api/communities/:code/comments/:id":     yizhan.ActEditCity,
	"GET /api/communities/:code/leaders":          yizhan.ActReadLeaders,
	"POST /api/communities/:code/leaders/balance": yizhan.ActEditLeaders,

	"POST /api/reports":             yizhan.ActReport,
	"POST /api/reports/status":      yizhan.ActReport, // of those whose codes are known
	"GET /api/reports":              yizhan.ActReadReports,
	"GET /api/reports/statistics":   yizhan.ActReadReports,
	"GET /api/reports/:id":          yizhan.ActReadReports,
	"GET /api/reports/:id/photo":    yizhan.ActReadReports,
	"GET /api/reports/:id/handlers": yizhan.ActHandleReports,
	"POST /api/reports/:id/move":    yizhan.ActHandleReports,
	"POST /api/reports/:id/assign":  yizhan.ActHandleReports,
	"POST /api/reports/:id/merge":   yizhan.ActHandleReports,
	"POST /api/reports/:id/convert": yizhan.ActHandleReports,
	"POST /api/reports/:id/reveal":  yizhan.ActRevealRiders,
}

// oneTile is how the addresses of a tile end in OGC API Tiles.
const oneTile = "/:tileMatrix/:tileRow/:tileCol"

// declaredAs is how acts names a route.
func declaredAs(method, path string) string {
	for _, before := range []string{"/api/collections/", "/api/history/", "/api/exports/"} {
		after, found := strings.CutPrefix(path, before)
		name, rest, _ := strings.Cut(after, "/")
		if found && slices.Contains(yizhan.Collections(), yizhan.Collection(name)) {
			path = strings.TrimSuffix(before+":c/"+rest, "/")
		}
	}
	return method + " " + path
}

// actOf finds the act of a route.
func actOf(method, path string) (act yizhan.Act, declared bool) {
	if method == http.MethodGet && isPage(path) {
		return yizhan.ActReadPublic, true
	}
	act, declared = acts[declaredAs(method, path)]
	return act, declared
}

// guarded registers routes; each is answered only for who may.
type guarded struct {
	fiber.Router
	server *Server
}

// Add registers the handler behind its guard, and beside every GET a HEAD; fasthttp leaves the body of the
// answer away.
func (g guarded) Add(method, path string, handlers ...fiber.Handler) fiber.Router {
	act, declared := actOf(method, path)
	if !declared {
		g.server.undeclared = append(g.server.undeclared, method+" "+path)
		handlers = []fiber.Handler{func(*fiber.Ctx) error {
			return newProblem("forbidden", "nobody may do this: the route declares no act")
		}}
	}
	if guard := g.server.guard(method, act); guard != nil {
		handlers = append([]fiber.Handler{guard}, handlers...)
	}
	if method == http.MethodGet {
		g.Router.Add(http.MethodHead, path, handlers...)
	}
	return g.Router.Add(method, path, handlers...)
}

func (g guarded) get(path string, handler fiber.Handler) { g.Add(http.MethodGet, path, handler) }

// guard is the one place where it is decided who may call a route; nil where everybody may and nothing can
// happen.
func (s *Server) guard(method string, act yizhan.Act) fiber.Handler {
	safe := method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
	switch {
	case act.Public() && safe:
		return nil
	case act.Public():
		return func(c *fiber.Ctx) error {
			if err := s.refuseCrossSite(c); err != nil {
				return err
			}
			return c.Next()
		}
	}
	return func(c *fiber.Ctx) error {
		p, err := s.authenticate(c)
		if err != nil {
			return err
		}
		if err := s.decide(c, p, act, ""); err != nil {
			return err
		}
		c.SetUserContext(withAsker(c.UserContext(), p))
		return c.Next()
	}
}

// decide refuses what the principal may not do in a unit.
func (s *Server) decide(c *fiber.Ctx, p *yizhan.Principal, act yizhan.Act, unit string) error {
	switch {
	case p.May(act, unit):
		return nil
	case p == nil:
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="yizhan"`)
		return newProblem("unauthenticated", "this is for people who are signed in; POST /api/auth/login, or send a token")
	case p.Scopes != nil:
		return newProblem("forbidden", "your account may not do this there, or the token is not made for it")
	}
	return newProblem("forbidden", "your account may not do this there")
}

// may refuses what whoever asks may not do in a unit, for routes whose place is in the request.
func (s *Server) may(c *fiber.Ctx, act yizhan.Act, unit string) error {
	p, err := s.authenticate(c)
	if err != nil {
		return err
	}
	return s.decide(c, p, act, unit)
}

// refuseCrossSite refuses changes that a page of another site makes in the name of whoever looks at it.
// Browsers say where a request comes from and let no page change that; programs say nothing.
func (s *Server) refuseCrossSite(c *fiber.Ctx) error {
	problem := newProblem("cross_site", "the request comes from a page of another site")
	origin := c.Get(fiber.HeaderOrigin)
	allowed := slices.Contains(s.options.CORSOrigins, origin)
	switch c.Get("Sec-Fetch-Site") {
	case "same-site", "cross-site":
		if !allowed {
			return problem
		}
	}
	if origin == "" || allowed || s.sameOrigin(c, origin) {
		return nil
	}
	return problem
}

// sameOrigin tells whether an Origin header names this server. Behind a proxy that changes the host, the base
// URL says what is ours.
func (s *Server) sameOrigin(c *fiber.Ctx, origin string) bool {
	if s.options.BaseURL != "" {
		return origin == s.options.BaseURL
	}
	given, err := url.Parse(origin)
	return err == nil && given.Host != "" && strings.EqualFold(given.Host, c.Hostname())
}
