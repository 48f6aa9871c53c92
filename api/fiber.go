package api

import (
	"bytes"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// The bounds of a request.
const (
	bodyLimit = 1 << 20
	// A changeset of who says who they are may be larger, as many of them at once as are read in a while.
	changesetLimit  = 8 << 20
	largeChangesets = 8

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
	server.HeaderReceived = moreForChangesets(readTimeout + requestDeadline)
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

// moreForChangesets lets a few bodies at once be larger than the others. A place is taken for as long as it may take
// to send and apply one, as nobody tells when a client gives up.
func moreForChangesets(taken time.Duration) func(*fasthttp.RequestHeader) fasthttp.RequestConfig {
	places := make(chan struct{}, largeChangesets)
	return func(header *fasthttp.RequestHeader) (config fasthttp.RequestConfig) {
		known := len(header.Peek(fiber.HeaderAuthorization)) > 0 || len(header.Peek(fiber.HeaderCookie)) > 0
		path, _, _ := bytes.Cut(header.RequestURI(), []byte("?"))
		if !known || !header.IsPost() || string(path) != changesetsPath || header.ContentLength() <= bodyLimit {
			return config
		}
		select {
		case places <- struct{}{}:
			time.AfterFunc(taken, func() { <-places })
			config.MaxRequestBodySize = changesetLimit
		default: // as large as any
		}
		return config
	}
}
