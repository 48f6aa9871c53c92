package api

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan/tiles"
)

// warm is the short way to tiles that are at hand. A map asks for the same addresses again and again; one
// that was answered before need not be routed, read and checked again. What it answers is what the long way
// answers, header by header; whatever it does not know goes the long way.
type warm struct {
	mu     sync.RWMutex
	recent map[string]warmTile // by the address as it was sent
	older  map[string]warmTile
}

type warmTile struct {
	name  tiles.Name
	meter *tileMeter
}

// maxWarm bounds each of the two generations of addresses, about 300 bytes each.
const (
	maxWarm        = 20_000
	maxWarmAddress = 200 // bytes
)

func newWarm() *warm { return &warm{recent: map[string]warmTile{}} }

func (w *warm) find(address []byte) (warmTile, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	tile, known := w.recent[string(address)]
	if !known {
		tile, known = w.older[string(address)]
	}
	return tile, known
}

// learn remembers the address of a request that was answered with a tile.
func (s *Server) learn(c *fiber.Ctx, request tiles.Request) {
	name, err := s.options.Tiles.NameOf(request)
	address := c.Request().Header.RequestURI()
	if err != nil || len(address) > maxWarmAddress {
		return
	}
	s.warm.put(string(address), warmTile{name, s.metrics.tileMeter(strings.Clone(routeOf(c)))})
}

func (w *warm) put(address string, tile warmTile) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.recent) >= maxWarm {
		w.older, w.recent = w.recent, make(map[string]warmTile, maxWarm)
	}
	w.recent[address] = tile
}

// tilesFirst answers what warm knows, and gives the rest to next.
func (s *Server) tilesFirst(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if !ctx.IsGet() || !s.answerWarm(ctx) {
			next(ctx)
		}
	}
}

func (s *Server) answerWarm(ctx *fasthttp.RequestCtx) bool {
	known, ok := s.warm.find(ctx.Request.Header.RequestURI())
	if !ok {
		return false
	}
	start := time.Now()
	tile, held := s.options.Tiles.Held(known.name)
	if !held || s.limiter != nil && s.limiter.take(s.addressOf(ctx), costOfTile) > 0 {
		return false
	}
	response := &ctx.Response.Header
	setSecurityHeaders(response)
	response.SetCanonical(keyRequestID, []byte(newRequestID()))
	s.writeTile(ctx, tile)
	s.metrics.short.Inc()
	known.meter.observe(ctx.Response.StatusCode(), time.Since(start))
	return true
}

// tileMeter is metrics.observe for one route, whose counters were looked up before: to do so for each
// request takes as long as to answer it.
type tileMeter struct {
	seconds                 prometheus.Observer
	full, empty, unmodified prometheus.Counter
}

func (m *metrics) tileMeter(route string) *tileMeter {
	m.mu.Lock()
	defer m.mu.Unlock()
	meter := m.tileMeters[route]
	if meter == nil {
		answered := func(status string) prometheus.Counter {
			return m.requests.WithLabelValues(route, http.MethodGet, status)
		}
		meter = &tileMeter{m.seconds.WithLabelValues(route), answered("200"), answered("204"), answered("304")}
		m.tileMeters[route] = meter
	}
	return meter
}

func (m *tileMeter) observe(status int, took time.Duration) {
	m.seconds.Observe(took.Seconds())
	switch status {
	case http.StatusNoContent:
		m.empty.Inc()
	case http.StatusNotModified:
		m.unmodified.Inc()
	default:
		m.full.Inc()
	}
}

// What every tile is answered with, in the form in which fasthttp keeps it.
var (
	keySeq          = []byte(headerSeq)
	keyAge          = []byte(headerAge)
	keyRequestID    = []byte(headerRequestID)
	keyCacheControl = []byte(fiber.HeaderCacheControl)
	keyVary         = []byte(fiber.HeaderVary)
	keyETag         = []byte("Etag")
	valueNoCache    = []byte("no-cache")
	valueVary       = []byte(fiber.HeaderAcceptEncoding)
)

// headerOf is a header of a request; good until the request has been answered.
func headerOf(request *fasthttp.RequestHeader, name string) string {
	return utils.UnsafeString(request.Peek(name))
}
