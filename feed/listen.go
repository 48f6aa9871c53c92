package feed

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"
)

// listen keeps a connection for notifications. Without one the feed still polls, so its loss is no fault
// of the feed.
func (f *Feed) listen(ctx context.Context) {
	pause := backOff{first: f.limits.firstPause, last: f.limits.lastPause}
	for {
		begun := time.Now()
		err := f.source.Listen(ctx, f.ring)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("listening ended")
		}
		if time.Since(begun) > f.limits.lastPause {
			pause.reset()
		}
		level := slog.LevelWarn
		if pause.next > 0 {
			level = slog.LevelDebug // it was told already
		}
		f.logger.Log(ctx, level, "feed: notifications interrupted; polling meanwhile", "err", err)
		f.ring() // what made it fail may have swallowed some
		if !pause.wait(ctx) {
			return
		}
	}
}

// backOff is a pause that doubles with each failure, with some chance in it, so that processes that
// failed together do not come back together.
type backOff struct {
	first, last time.Duration
	next        time.Duration
}

// wait is false when ctx ended first.
func (b *backOff) wait(ctx context.Context) bool {
	b.next = min(b.last, max(b.first, 2*b.next))
	timer := time.NewTimer(b.next/2 + rand.N(b.next/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (b *backOff) reset() { b.next = 0 }
