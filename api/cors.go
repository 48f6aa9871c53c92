package api

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"
)

// cors lets pages of the configured sites ask, and nobody else's. They are never let in with the cookies of
// people: programs have tokens.
func (s *Server) cors(c *fiber.Ctx) error {
	if len(s.options.CORSOrigins) == 0 {
		return c.Next()
	}
	c.Vary(fiber.HeaderOrigin)
	origin := c.Get(fiber.HeaderOrigin)
	allowed := s.corsOrigin(origin)
	if allowed == "" {
		return c.Next()
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, allowed)
	if c.Method() != http.MethodOptions || c.Get(fiber.HeaderAccessControlRequestMethod) == "" {
		c.Set(fiber.HeaderAccessControlExposeHeaders, "ETag, Link, Location, Retry-After, X-Request-Id, X-Yizhan-Seq, X-Yizhan-Age")
		return c.Next()
	}
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, If-Match, If-None-Match")
	c.Set(fiber.HeaderAccessControlMaxAge, "600")
	return c.SendStatus(http.StatusNoContent)
}

// corsOrigin is what the answer says to a page of an origin; empty for nothing.
func (s *Server) corsOrigin(origin string) string {
	switch {
	case origin == "":
		return ""
	case slices.Contains(s.options.CORSOrigins, origin):
		return origin
	case slices.Contains(s.options.CORSOrigins, "*"):
		return "*"
	}
	return ""
}
