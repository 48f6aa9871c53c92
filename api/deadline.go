package api

import (
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// deadline bounds the work of a request. Fiber's contexts end with the server only: a client that leaves
// cancels nothing.
func (s *Server) deadline(c *fiber.Ctx) error {
	ctx := &lateContext{Context: s.ctx, at: time.Now().Add(s.options.Deadline)}
	defer ctx.end()
	c.SetUserContext(ctx)
	return c.Next()
}

// lateContext is context.WithDeadline that makes its timer when somebody first waits for it. Most answers
// come from memory and nobody does; the timer then was a fifth of what a tile costs.
type lateContext struct {
	context.Context
	at time.Time

	mu     sync.Mutex
	timed  context.Context // nil until Done is asked for
	cancel context.CancelFunc
	ended  bool
}

func (c *lateContext) Deadline() (time.Time, bool) { return c.at, true }

func (c *lateContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timed == nil {
		c.timed, c.cancel = context.WithDeadline(c.Context, c.at)
		if c.ended {
			c.cancel()
		}
	}
	return c.timed.Done()
}

func (c *lateContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.timed != nil:
		return c.timed.Err()
	case c.ended:
		return context.Canceled
	case !time.Now().Before(c.at):
		return context.DeadlineExceeded
	}
	return c.Context.Err()
}

// end cancels the context when the request has been answered.
func (c *lateContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.cancel != nil {
		c.cancel()
	}
}
