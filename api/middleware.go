package api

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const headerRequestID = "X-Request-Id"

const contentPolicy = "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; " +
	"style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// securityHeaders are on every answer. Their names are canonical.
var securityHeaders = []struct{ name, value []byte }{
	{[]byte(fiber.HeaderXContentTypeOptions), []byte("nosniff")},
	{[]byte(fiber.HeaderXFrameOptions), []byte("DENY")},
	{[]byte(fiber.HeaderReferrerPolicy), []byte("strict-origin-when-cross-origin")},
	{[]byte(fiber.HeaderContentSecurityPolicy), []byte(contentPolicy)},
}

func setSecurityHeaders(response *fasthttp.ResponseHeader) {
	for _, header := range securityHeaders {
		response.SetCanonical(header.name, header.value)
	}
}

// processID tells the requests of this process from those of others and of the one before; requests counts
// them. To ask the system for random bytes for each cost more than to answer some.
var (
	processID = newProcessID()
	requests  atomic.Uint64
)

func newProcessID() string {
	var random [6]byte
	rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:]) + "-"
}

// requestID is the id of this request, made on first use. One that the client sends is not taken over: it
// would let a client write into the log.
func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(localRequestID).(string); ok {
		return id
	}
	id := newRequestID()
	c.Locals(localRequestID, id)
	return id
}

func newRequestID() string { return processID + strconv.FormatUint(requests.Add(1), 36) }

// protect sets the headers of every answer.
func protect(c *fiber.Ctx) error {
	setSecurityHeaders(&c.Response().Header)
	c.Set(headerRequestID, requestID(c))
	return c.Next()
}

// observe counts and times each request, and logs those that failed by our fault.
func (s *Server) observe(c *fiber.Ctx) error {
	start := time.Now()
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	err := c.Next()
	s.metrics.observe(routeOf(c), c.Method(), c.Response().StatusCode(), time.Since(start))
	return err
}

// routeOf is the pattern that matched, so that the number of labels is bounded.
func routeOf(c *fiber.Ctx) string {
	if route := c.Route().Path; route != "/" || c.Path() == "/" {
		return route
	}
	return "unmatched"
}

// rescue turns errors and panics of all that follows into problems, and logs ours once.
func (s *Server) rescue(c *fiber.Ctx) error {
	err := next(c)
	if err == nil {
		err, _ = c.Locals(localError).(error)
	}
	if err == nil {
		return nil
	}
	problem := problemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		s.logFailure(c, problem)
	}
	return problem.write(c)
}

func next(c *fiber.Ctx) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return c.Next()
}

func (s *Server) logFailure(c *fiber.Ctx, problem *Problem) {
	level := slog.LevelError
	switch {
	case problem.cause == nil: // as it should be: still loading, or at a bound
		level = slog.LevelDebug
	case problem.Status == http.StatusServiceUnavailable:
		level = slog.LevelWarn
	}
	s.logger.Log(c.UserContext(), level, "request failed", "request", requestID(c), "method", c.Method(),
		"route", routeOf(c), "status", problem.Status, "code", problem.Code, "error", problem.cause)
}
