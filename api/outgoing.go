package api

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// Large answers live until the client has read them, and a client may be slow. What they may take
// together is bounded, and so is how many are made at the same time.
const (
	largeAnswer    = 256 << 10 // bytes
	largeAnswers   = 512 << 20 // bytes of all large answers that are being sent
	largePage      = 1_000     // features
	largePagesMade = 8
	// Of the connections to the database; the others are left to who signs in, edits, or looks at one feature, however
	// long what others search for takes.
	searches = 6
)

// outgoing counts the bytes of large answers that are being sent.
type outgoing struct{ bytes atomic.Int64 }

// meter makes a large answer count until it is sent; beyond the bound it is refused. Answers shared by
// all, such as tiles and assets, do not count.
func (s *Server) meter(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		return err
	}
	response := c.Response()
	if response.IsBodyStream() || c.Locals(localOwned) == nil {
		return nil
	}
	body := response.Body()
	size := int64(len(body))
	if size < largeAnswer {
		return nil
	}
	if s.outgoing.bytes.Add(size) > largeAnswers {
		s.outgoing.bytes.Add(-size)
		return unavailable("too many large answers are being sent", nil).write(c)
	}
	response.SetBodyStream(&meteredBody{Reader: bytes.NewReader(body), size: size, of: &s.outgoing}, len(body))
	return nil
}

// meteredBody is closed by fasthttp when it is sent, or cannot be.
type meteredBody struct {
	*bytes.Reader
	size   int64
	of     *outgoing
	closed atomic.Bool
}

// Close gives the bytes back.
func (m *meteredBody) Close() error {
	if !m.closed.Swap(true) {
		m.of.bytes.Add(-m.size)
	}
	return nil
}

// makeLarge waits for a turn to make a large page; done ends the turn.
func (s *Server) makeLarge(ctx context.Context, features int) (done func(), err error) {
	if features <= largePage {
		return func() {}, nil
	}
	select {
	case s.making <- struct{}{}:
		return func() { <-s.making }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to make a large page: %w", ctx.Err())
	}
}

// search finds a page, once it is its turn.
func (s *Server) search(ctx context.Context, query yizhan.Query) (yizhan.Page, error) {
	select {
	case s.searching <- struct{}{}:
		defer func() { <-s.searching }()
		return s.options.Store.Find(ctx, query)
	case <-ctx.Done():
		return yizhan.Page{}, fmt.Errorf("wait to search: %w", ctx.Err())
	}
}
