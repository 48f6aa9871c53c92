package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

// jobEventsApart is how far apart the events of a job are at least: work tells of progress as often as it
// likes.
const jobEventsApart = 100 * time.Millisecond

// jobEvents follows a job until it has ended.
func (s *Server) jobEvents(c *fiber.Ctx) error {
	id := c.Params("id")
	found, serial, _, ok := s.jobs.watch(id)
	if !ok {
		return noJob()
	}
	if found.State.final() && c.Get("Last-Event-ID") == strconv.FormatInt(serial, 10) {
		c.Status(http.StatusNoContent)
		return nil
	}
	address := s.addressOf(c.Context())
	if !s.streams.take(address) {
		return unavailable("too many clients follow events already", nil)
	}
	s.sendEvents(c, address, func(st *stream) { st.followJob(s.ctx, id) })
	return nil
}

// followJob tells of a job until its state is final, the client has left or the server is shut down.
func (st *stream) followJob(ctx context.Context, id string) {
	heartbeat := time.NewTicker(st.server.options.Heartbeat)
	defer heartbeat.Stop()
	if st.send(fmt.Sprintf("retry: %d\n\n", retryEvents.Milliseconds())) != nil {
		return
	}
	told, gone := int64(-1), st.gone()
	for {
		now, serial, changed, ok := st.server.jobs.watch(id)
		if !ok { // ended, and forgotten before it was told: the client asks again, and is told that
			return
		}
		if serial != told {
			if st.sendJob(now, serial) != nil || now.State.final() {
				return
			}
			told = serial
			if !pauseFor(ctx, jobEventsApart) {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-gone:
			return
		case <-changed:
		case <-heartbeat.C:
			if st.send(": \n\n") != nil {
				return
			}
		}
	}
}

// pauseFor waits, and tells whether ctx still lives.
func pauseFor(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (st *stream) sendJob(now Job, serial int64) error {
	data, err := json.Marshal(jobReportOf(now))
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return st.send(fmt.Sprintf("id: %d\nevent: job\ndata: %s\n\n", serial, data))
}
