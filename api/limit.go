package api

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Tiles and assets come by the dozen with each look at the map and are answered from memory.
const (
	costOfRequest = 1.0
	costOfTile    = 0.1
)

// limiter gives each address, or account, a bucket of tokens that fills at a fixed rate. It remembers a
// bounded number of them: at the bound, those seen longest ago are forgotten, which only ever forgives.
type limiter[K comparable] struct {
	rate  float64 // tokens a second
	burst float64
	now   func() time.Time

	mu     sync.Mutex
	recent map[K]bucket
	older  map[K]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// maxAddresses bounds each of the two generations of a limiter, about 100 bytes an address.
const maxAddresses = 50_000

// newLimiter makes a limiter; nil for a rate of 0, which limits nothing.
func newLimiter[K comparable](rate int, now func() time.Time) *limiter[K] {
	if rate <= 0 {
		return nil
	}
	return &limiter[K]{rate: float64(rate), burst: 5 * float64(rate), now: now, recent: map[K]bucket{}}
}

// take spends tokens of an address. When there are too few it gives how long to wait.
func (l *limiter[K]) take(address K, cost float64) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, known := l.recent[address]
	if !known {
		if b, known = l.older[address]; !known {
			b = bucket{l.burst, now}
		}
	}
	b.tokens = min(l.burst, b.tokens+now.Sub(b.at).Seconds()*l.rate)
	b.at = now
	if b.tokens < cost {
		wait = time.Duration((cost - b.tokens) / l.rate * float64(time.Second))
	} else {
		b.tokens -= cost
	}
	if len(l.recent) >= maxAddresses {
		l.older, l.recent = l.recent, make(map[K]bucket, maxAddresses/8)
	}
	l.recent[address] = b
	return wait
}

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

// parseProxies reads addresses and networks.
func parseProxies(texts []string) (proxies, error) {
	var trusted proxies
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			trusted = append(trusted, netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy: %w", err)
		}
		trusted = append(trusted, network.Masked())
	}
	return trusted, nil
}

func (p proxies) trust(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(address) })
}

// client is the address that a request comes from: the peer, or, when that is one of our proxies, the
// last address that they were told by somebody else. What is further left a client may have made up.
func (p proxies) client(peer netip.Addr, forwarded string) netip.Addr {
	hops := strings.Split(forwarded, ",")
	for i := len(hops) - 1; i >= 0 && p.trust(peer); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = hop.Unmap()
	}
	return peer
}

// addressOf is the client's address; for IPv6 the /64, which one client has whole.
func (s *Server) addressOf(ctx *fasthttp.RequestCtx) netip.Prefix {
	peer, ok := netip.AddrFromSlice(ctx.RemoteIP())
	if !ok {
		return netip.Prefix{}
	}
	address := s.proxies.client(peer.Unmap(), headerOf(&ctx.Request.Header, fiber.HeaderXForwardedFor))
	bits := 32
	if address.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(address, bits).Masked()
}

// limit refuses addresses that ask too often. What an operator asks is free: a busy server must stay
// observable.
func (s *Server) limit(c *fiber.Ctx) error {
	if s.limiter == nil {
		return c.Next()
	}
	cost := costOfRequest
	switch path := c.Path(); {
	case path == "/healthz" || path == "/readyz" || path == "/metrics":
		return c.Next()
	case path == "/api/nearest/batch":
		cost = costOfBatch
	case strings.HasPrefix(path, "/api/tiles/") || strings.Contains(path, "/tiles/"+webMercator+"/") || strings.HasPrefix(path, "/assets/"):
		cost = costOfTile
	}
	if wait := s.limiter.take(s.addressOf(c.Context()), cost); wait > 0 {
		s.metrics.limited.Inc()
		problem := newProblem("too_many_requests", "this address asks too often")
		problem.retryAfter = wait
		return problem
	}
	return c.Next()
}
