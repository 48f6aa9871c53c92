package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// The bounds of a request. Nothing that is read today has a body; the limit is for what will.
const (
	bodyLimit   = 1 << 20
	headerLimit = 16 << 10
	queryLimit  = 4 << 10
	// A filter may hold an outline. The headers have the rest of headerLimit.
	filterQueryLimit = 12 << 10
	maxConnections   = 16 << 10
	requestDeadline  = 10 * time.Second
	readTimeout      = 15 * time.Second
	idleTimeout      = 75 * time.Second
	// A page of 10,000 features takes minutes on a poor mobile network; event streams move their own
	// deadline along.
	writeTimeout = 3 * time.Minute
)

func newFiber(trusted []string) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "yizhan",
		Immutable:             true, // strings outlive the request: they are kept in caches and closures
		StrictRouting:         true,
		CaseSensitive:         true,
		BodyLimit:             bodyLimit,
		ReadBufferSize:        headerLimit,
		Concurrency:           maxConnections,
		ReadTimeout:           readTimeout,
		WriteTimeout:          writeTimeout,
		IdleTimeout:           idleTimeout,
		DisableStartupMessage: true,
		ErrorHandler:          refuseUnread,

		EnableTrustedProxyCheck: true, // X-Forwarded-Host and -Proto; for the address, see proxies
		TrustedProxies:          trusted,
	})
	server := app.Server()
	server.NoDefaultServerHeader = true
	server.NoDefaultContentType = true
	server.CloseOnShutdown = true
	server.Handler = knownMethodsOnly(app, server.Handler)
	return app
}

// refuseUnread answers what fasthttp could not read, and what escapes the middlewares.
func refuseUnread(c *fiber.Ctx, err error) error {
	refuse(c)
	return problemOf(err).write(c)
}

// knownMethodsOnly answers a method that Fiber has no number for: Fiber would send plain text.
func knownMethodsOnly(app *fiber.App, next fasthttp.RequestHandler) fasthttp.RequestHandler {
	known := map[string]bool{}
	for _, method := range app.Config().RequestMethods {
		known[method] = true
	}
	return func(request *fasthttp.RequestCtx) {
		if known[string(request.Method())] {
			next(request)
			return
		}
		request.Request.Header.SetMethod(http.MethodGet) // AcquireCtx wants a method that it knows
		c := app.AcquireCtx(request)
		defer app.ReleaseCtx(c)
		if err := problemOfStatus(http.StatusNotImplemented).write(c); err != nil {
			request.SetStatusCode(http.StatusInternalServerError)
		}
	}
}
