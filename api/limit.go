package api

import (
	"net/netip"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Tiles and assets come by the dozen with each look at the map and are answered from memory.
const (
	costOfRequest = 1.0
	costOfTile    = 0.1
)

// limiter gives each address a bucket of tokens that fills at a fixed rate. It remembers a bounded number
// of addresses: at the bound, those seen longest ago are forgotten, which only ever forgives.
type limiter struct {
	rate  float64 // tokens a second
	burst float64
	now   func() time.Time

	mu     sync.Mutex
	recent map[netip.Prefix]bucket
	older  map[netip.Prefix]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// maxAddresses bounds each of the two generations of a limiter, about 100 bytes an address.
const maxAddresses = 50_000

// newLimiter makes a limiter; nil for a rate of 0, which limits nothing.
func newLimiter(rate int, now func() time.Time) *limiter {
	if rate <= 0 {
		return nil
	}
	return &limiter{rate: float64(rate), burst: 5 * float64(rate), now: now, recent: map[netip.Prefix]bucket{}}
}

// take spends tokens of an address. When there are too few it gives how long to wait.
func (l *limiter) take(address netip.Prefix, cost float64) (wait time.Duration) {
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
		l.older, l.recent = l.recent, make(map[netip.Prefix]bucket, maxAddresses/8)
	}
	l.recent[address] = b
	return wait
}

// addressOf is the client's address; for IPv6 the /64, which one client has whole.
func addressOf(c *fiber.Ctx) netip.Prefix {
	address, err := netip.ParseAddr(c.IP())
	if err != nil {
		return netip.Prefix{}
	}
	address = address.Unmap()
	bits := 32
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
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
	case hasPrefix(path, "/api/tiles/") || hasPrefix(path, "/assets/"):
		cost = costOfTile
	}
	if wait := s.limiter.take(addressOf(c), cost); wait > 0 {
		s.metrics.limited.Inc()
		problem := newProblem("too_many_requests", "this address asks too often")
		problem.retryAfter = wait
		return problem
	}
	return c.Next()
}

func hasPrefix(path, prefix string) bool {
	return len(path) >= len(prefix) && path[:len(prefix)] == prefix
}
