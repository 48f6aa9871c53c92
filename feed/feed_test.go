package feed

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

func TestViewsGetEveryChangeOnce(t *testing.T) {
	log, a, b := &fakeLog{}, &history{t: t, name: "a"}, &history{t: t, name: "b"}
	log.write(5)
	f := run(t, log, func(l *limits) { l.batch = 7 }, a, b)
	awaitSeq(t, 5, a, b)
	for range 40 {
		log.write(13)
	}
	awaitSeq(t, 525, a, b)
	a.mustBeWhole()
	b.mustBeWhole()
	if a.rebuilt() != 1 || len(a.seen) != 520 {
		t.Errorf("built %d times with %d changes, want once and 520", a.rebuilt(), len(a.seen))
	}
	if got := f.City().Stations["log-5"].Version; got != 525 {
		t.Errorf("the city has version %d, want 525", got)
	}
	status := f.Status()
	if !status.Ready || status.Seq != 525 || status.Err != nil || status.Views["a"] != 525 || time.Since(status.LastContact) > time.Minute {
		t.Errorf("status %+v", status)
	}
}

func TestEmptyLog(t *testing.T) {
	log, view := &fakeLog{}, &history{t: t, name: "view"}
	f := run(t, log, nil, view)
	await(t, "it is ready", func() bool { return f.Status().Ready })
	log.write(1)
	awaitSeq(t, 1, view)
	view.mustBeWhole()
}

func TestNotReadyBeforeTheFirstLoad(t *testing.T) {
	log, view := &fakeLog{away: true}, &history{t: t, name: "view"}
	log.write(3)
	f := run(t, log, nil, view)
	await(t, "the trouble is told", func() bool { return errors.Is(f.Status().Err, errAway) })
	if status := f.Status(); status.Ready || f.City() != nil || !status.LastContact.IsZero() {
		t.Errorf("status %+v", status)
	}
	if _, err := f.Subscribe(t.Context(), 0); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("Subscribe: %v", err)
	}
	log.set(func(l *fakeLog) { l.away = false })
	awaitSeq(t, 3, view)
	await(t, "all is well", func() bool { s := f.Status(); return s.Ready && s.Err == nil })
}

func TestLostNotificationIsHealedByPolling(t *testing.T) {
	log, view := &fakeLog{silent: true}, &history{t: t, name: "view"}
	run(t, log, nil, view)
	for want := int64(1); want <= 5; want++ {
		log.write(1)
		awaitSeq(t, want, view)
	}
	view.mustBeWhole()
}

func TestRingIsFasterThanPolling(t *testing.T) {
	log, view := &fakeLog{}, &history{t: t, name: "view"}
	run(t, log, func(l *limits) { l.poll = time.Hour }, view)
	await(t, "it listens", func() bool {
		log.mu.Lock()
		defer log.mu.Unlock()
		return len(log.rings) == 1
	})
	log.write(3)
	awaitSeq(t, 3, view)
}

func TestDatabaseGoesAwayAndComesBack(t *testing.T) {
	log, view := &fakeLog{}, &history{t: t, name: "view"}
	log.write(3)
	f := run(t, log, nil, view)
	awaitSeq(t, 3, view)
	log.set(func(l *fakeLog) { l.away = true })
	await(t, "the trouble is told", func() bool { return errors.Is(f.Status().Err, errAway) })
	if status := f.Status(); !status.Ready || status.Seq != 3 || f.City() == nil {
		t.Errorf("without the database: %+v", status)
	}
	log.write(4)
	log.set(func(l *fakeLog) { l.away = false })
	awaitSeq(t, 7, view)
	await(t, "the trouble is over", func() bool { return f.Status().Err == nil })
	view.mustBeWhole()
	if view.rebuilt() != 1 {
		t.Errorf("built %d times, want once", view.rebuilt())
	}
}

func TestFarBehindLoadsAnew(t *testing.T) {
	log, view := &fakeLog{}, &history{t: t, name: "view"}
	log.write(3)
	f := run(t, log, func(l *limits) { l.reload = 100 }, view)
	awaitSeq(t, 3, view)
	changes, err := f.Subscribe(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	log.write(99)
	awaitSeq(t, 102, view)
	if view.rebuilt() != 1 {
		t.Errorf("99 changes: built %d times, want once", view.rebuilt())
	}
	log.write(100)
	awaitSeq(t, 202, view)
	if view.rebuilt() != 2 {
		t.Errorf("100 changes: built %d times, want twice", view.rebuilt())
	}
	mustReceive(t, changes, 4, 202) // the log goes on: so do subscribers
}

func TestAnotherLogLoadsAnew(t *testing.T) {
	replace := func(n int) func(*fakeLog) {
		return func(l *fakeLog) {
			l.changes = nil
			for seq := range n {
				l.changes = append(l.changes, changeOf(int64(seq+1), "other"))
			}
		}
	}
	for _, test := range []struct {
		name string
		then func(*fakeLog)
		want int64
	}{
		{"shorter", replace(4), 4},
		{"empty", replace(0), 0},
		{"of the same length", replace(10), 10},
		{"longer", replace(14), 14},
		{"far longer", replace(400), 400},
		{"restored from a backup and written again", func(l *fakeLog) {
			l.changes = l.changes[:8]
			for seq := int64(9); seq <= 12; seq++ {
				l.changes = append(l.changes, changeOf(seq, "other"))
			}
		}, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			log, view := &fakeLog{}, &history{t: t, name: "view"}
			log.write(10)
			f := run(t, log, func(l *limits) { l.reload = 100 }, view)
			awaitSeq(t, 10, view)
			await(t, "all is told", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.published == 10 })
			changes, err := f.Subscribe(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			log.set(test.then)
			mustBeClosed(t, changes) // its place means nothing any more
			await(t, "the view is of the other log", func() bool {
				return view.rebuilt() == 2 && view.Seq() == test.want
			})
			want, err := log.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for code, station := range f.City().Stations {
				if want.Stations[code] == nil || want.Stations[code].Version != station.Version {
					t.Errorf("station %s at version %d is not in the new log", code, station.Version)
				}
			}
			if len(f.City().Stations) != len(want.Stations) {
				t.Errorf("%d stations, want %d", len(f.City().Stations), len(want.Stations))
			}
			log.write(3)
			awaitSeq(t, test.want+3, view)
		})
	}
}

func TestHoleInTheLogIsNotSteppedOver(t *testing.T) {
	log, view := &fakeLog{}, &history{t: t, name: "view"}
	log.write(3)
	f := run(t, holed{log, 5}, nil, view)
	awaitSeq(t, 3, view)
	log.write(4)
	awaitSeq(t, 7, view) // by loading anew
	view.mustBeWhole()
	if view.rebuilt() < 2 || f.Status().Seq != 7 {
		t.Errorf("built %d times, at %d", view.rebuilt(), f.Status().Seq)
	}
}

// holed is a log from which one change was deleted.
type holed struct {
	*fakeLog
	seq int64
}

func (h holed) Changes(ctx contextT, after int64, limit int) ([]yizhan.Change, error) {
	changes, err := h.fakeLog.Changes(ctx, after, limit)
	var left []yizhan.Change
	for _, change := range changes {
		if change.Seq != h.seq {
			left = append(left, change)
		}
	}
	return left, err
}

func TestFailingViewIsBuiltAnewAndHoldsUpNoOther(t *testing.T) {
	for _, test := range []struct {
		name string
		fail func() error
	}{
		{"error", func() error { return errors.New("out of luck") }},
		{"panic", func() error { panic("out of luck") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			log, bad, good := &fakeLog{}, &history{t: t, name: "bad"}, &history{t: t, name: "good"}
			log.write(2)
			f := run(t, log, nil, bad, good)
			awaitSeq(t, 2, bad, good)
			changes, err := f.Subscribe(t.Context(), 2)
			if err != nil {
				t.Fatal(err)
			}
			bad.mu.Lock()
			bad.during = test.fail
			bad.mu.Unlock()
			log.write(3)
			awaitSeq(t, 5, good)
			await(t, "the fault is told", func() bool {
				err := f.Status().Err
				return err != nil && strings.Contains(err.Error(), "view bad") && strings.Contains(err.Error(), "out of luck")
			})
			if status := f.Status(); status.Views["bad"] != 2 || status.Seq != 5 || !status.Ready {
				t.Errorf("status %+v", status)
			}
			mustReceive(t, changes, 3, 5) // nobody waits for a view that fails
			bad.mu.Lock()
			bad.during = nil
			bad.mu.Unlock()
			awaitSeq(t, 5, bad)
			await(t, "the fault is over", func() bool { return f.Status().Err == nil })
			if bad.rebuilt() != 2 || good.rebuilt() != 1 {
				t.Errorf("built %d and %d times, want 2 and 1", bad.rebuilt(), good.rebuilt())
			}
			log.write(1)
			awaitSeq(t, 6, bad, good)
			bad.mustBeWhole()
			good.mustBeWhole()
		})
	}
}

func TestSlowViewCatchesUpInOneUpdate(t *testing.T) {
	log, slow, fast := &fakeLog{}, &history{t: t, name: "slow"}, &history{t: t, name: "fast"}
	hold := make(chan struct{})
	var updates atomic.Int64
	f := run(t, log, func(l *limits) { l.viewPatience = time.Hour }, slow, fast)
	await(t, "it is ready", func() bool { return f.Status().Ready })
	slow.mu.Lock()
	slow.during = func() error { updates.Add(1); <-hold; return nil }
	slow.mu.Unlock()
	changes, err := f.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for want := int64(1); want <= 50; want++ {
		log.write(1)
		awaitSeq(t, want, fast)
	}
	select {
	case change := <-changes:
		t.Errorf("told of change %d before the slow view shows it", change.Seq)
	default:
	}
	close(hold)
	awaitSeq(t, 50, slow)
	mustReceive(t, changes, 1, 50)
	slow.mustBeWhole()
	if got := updates.Load(); got > 3 {
		t.Errorf("%d updates, want the waiting changes put together", got)
	}
}

func TestStuckViewDoesNotSilenceSubscribers(t *testing.T) {
	log, stuck := &fakeLog{}, &history{t: t, name: "stuck"}
	hold := make(chan struct{})
	defer close(hold)
	f := run(t, log, func(l *limits) { l.viewPatience = 30 * time.Millisecond }, stuck)
	await(t, "it is ready", func() bool { return f.Status().Ready })
	stuck.mu.Lock()
	stuck.during = func() error { <-hold; return nil }
	stuck.mu.Unlock()
	changes, err := f.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	log.write(2)
	mustReceive(t, changes, 1, 2)
	if got := f.Status().Views["stuck"]; got != 0 {
		t.Errorf("the stuck view tells %d", got)
	}
}
