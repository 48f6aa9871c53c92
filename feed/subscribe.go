package feed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yizhan/yizhan"
)

// Subscribe gives every change after the given seq, in order, each once, and then those that come. They
// tell which feature changed and how (Before and After are left out: read the feature). A change is told
// once the views show it.
//
// The channel is closed when ctx ends, when the reader takes nothing for some seconds, when the log
// turns out to be another one, and when the feed ends. A reader resumes with the last seq that it got.
func (f *Feed) Subscribe(ctx context.Context, after int64) (<-chan yizhan.Change, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	city := f.city.Load()
	switch {
	case city == nil || f.running == nil:
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the change log is not followed now")
	case after < 0:
		return nil, yizhan.Invalid("after", "is less than 0")
	case after > city.Seq:
		return nil, yizhan.Invalid("after", "%d is after the last change, %d", after, city.Seq)
	case f.subscribers >= f.limits.subscribers:
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "%d subscribers follow already", f.subscribers)
	}
	f.subscribers++
	s := &subscriber{feed: f, at: after, era: f.era, changes: make(chan yizhan.Change, f.limits.buffer)}
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(f.running, cancel)
	f.tasks.Go(func() {
		defer cancel()
		defer unlink()
		s.run(ctx)
	})
	return s.changes, nil
}

// publish lets subscribers hear of the changes that the views show.
func (f *Feed) publish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	city := f.city.Load()
	if city == nil {
		return
	}
	floor := city.Seq
	for _, viewer := range f.viewers {
		if seq, matters := viewer.holdsBack(); matters {
			floor = min(floor, seq)
		}
	}
	if floor > f.published {
		f.published = floor
		f.signal()
	}
}

// subscriber brings the log to one reader. It asks for what comes after its place rather than being
// handed it, so that a slow one takes no memory and there is no seam between old changes and new.
type subscriber struct {
	feed    *Feed
	at      int64 // the last change sent
	era     int
	changes chan yizhan.Change
}

func (s *subscriber) run(ctx context.Context) {
	defer s.leave()
	pause := backOff{first: s.feed.limits.firstPause, last: s.feed.limits.lastPause}
	for {
		ahead, moved := s.look()
		if ahead < 0 {
			return
		}
		if ahead == 0 {
			select {
			case <-ctx.Done():
				return
			case <-moved:
				continue
			}
		}
		changes, err := s.next(ctx, ahead)
		if errors.Is(err, errOtherLog) {
			return
		}
		if err != nil { // the database is away: so is what this reader has not seen
			if !pause.wait(ctx) {
				return
			}
			continue
		}
		pause.reset()
		if !s.send(ctx, changes) {
			return
		}
	}
}

// look tells how many changes there are to send; less than 0 when the log is not ours any more. moved is
// closed when it is worth looking again.
func (s *subscriber) look() (ahead int64, moved <-chan struct{}) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if s.era != s.feed.era {
		return -1, nil
	}
	return max(0, s.feed.published-s.at), s.feed.moved
}

// next gives some of the changes to send: from memory, or from the log when they are older.
func (s *subscriber) next(ctx context.Context, ahead int64) ([]yizhan.Change, error) {
	s.feed.mu.Lock()
	changes, ok := s.feed.recent.after(s.at)
	s.feed.mu.Unlock()
	if !ok {
		limit := min(ahead, int64(s.feed.limits.batch))
		var err error
		if changes, err = s.feed.read(ctx, s.at, int(limit)); err != nil {
			return nil, err
		}
	}
	if len(changes) == 0 {
		return nil, fmt.Errorf("%w: nothing follows change %d", errOtherLog, s.at)
	}
	return changes[:min(int64(len(changes)), ahead)], nil
}

// send is false when the subscription is over.
func (s *subscriber) send(ctx context.Context, changes []yizhan.Change) bool {
	slow := time.NewTimer(s.feed.limits.slowSubscriber)
	defer slow.Stop()
	for _, change := range changes {
		select {
		case s.changes <- withoutImages(change):
			s.at = change.Seq
			slow.Reset(s.feed.limits.slowSubscriber)
		case <-ctx.Done():
			return false
		case <-slow.C:
			s.feed.logger.Info("feed: slow subscriber dropped", "seq", s.at)
			return false
		}
	}
	return true
}

func (s *subscriber) leave() {
	close(s.changes)
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.subscribers--
}
