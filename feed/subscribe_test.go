package feed

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

type contextT = context.Context

// mustReceive expects the changes from..to, in order, and no other before them.
func mustReceive(t *testing.T, changes <-chan yizhan.Change, from, to int64) {
	t.Helper()
	late := time.After(20 * time.Second)
	for want := from; want <= to; want++ {
		select {
		case change, open := <-changes:
			if !open {
				t.Fatalf("closed where change %d was due", want)
			}
			if change.Seq != want {
				t.Fatalf("change %d where %d was due", change.Seq, want)
			}
			if change.Before != nil || change.After != nil {
				t.Fatal("a subscriber got a whole feature")
			}
		case <-late:
			t.Fatalf("waited in vain for change %d", want)
		}
	}
}

func mustBeClosed(t *testing.T, changes <-chan yizhan.Change) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case _, open := <-changes:
			if !open {
				return
			}
		case <-late:
			t.Fatal("the subscription does not end")
		}
	}
}

// ready runs a feed on a log of n changes and waits until all of them are told.
func ready(t *testing.T, n int, adjust func(*limits)) (*fakeLog, *Feed) {
	t.Helper()
	log := &fakeLog{}
	log.write(n)
	f := run(t, log, adjust)
	await(t, "all is told", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.city.Load() != nil && f.published == int64(n)
	})
	return log, f
}

func TestSubscribeResumesWithoutAHole(t *testing.T) {
	log, f := ready(t, 50, func(l *limits) { l.recent, l.batch = 10, 7 })
	var readers sync.WaitGroup
	for after := int64(0); after <= 50; after += 5 {
		changes, err := f.Subscribe(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		readers.Go(func() { mustReceive(t, changes, after+1, 450) })
	}
	for range 100 { // while they read what is old
		log.write(4)
	}
	readers.Wait()
}

func TestSubscribeRefuses(t *testing.T) {
	_, f := ready(t, 5, func(l *limits) { l.subscribers = 2 })
	check := func(after int64, want yizhan.ErrorCode) {
		t.Helper()
		if _, err := f.Subscribe(t.Context(), after); yizhan.CodeOf(err) != want {
			t.Errorf("after %d: %v, want %s", after, err, want)
		}
	}
	check(-1, yizhan.CodeInvalid)
	check(6, yizhan.CodeInvalid)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var two []<-chan yizhan.Change
	for range 2 {
		changes, err := f.Subscribe(ctx, 5)
		if err != nil {
			t.Fatal(err)
		}
		two = append(two, changes)
	}
	check(5, yizhan.CodeUnavailable)
	cancel()
	for _, changes := range two {
		mustBeClosed(t, changes)
	}
	await(t, "there is room again", func() bool {
		_, err := f.Subscribe(t.Context(), 5)
		return err == nil
	})
}

func TestSlowSubscriberIsDropped(t *testing.T) {
	log, f := ready(t, 0, func(l *limits) { l.slowSubscriber, l.buffer = 50*time.Millisecond, 4 })
	slow, err := f.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := f.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	log.write(100)
	mustReceive(t, fast, 1, 100)
	await(t, "the slow one is dropped", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.subscribers == 1
	})
	mustReceive(t, slow, 1, 4) // what had been sent
	mustBeClosed(t, slow)
}

func TestSubscribersWaitWhileTheDatabaseIsAway(t *testing.T) {
	log, f := ready(t, 20, nil)
	log.set(func(l *fakeLog) { l.away = true })
	changes, err := f.Subscribe(t.Context(), 10) // older than what is in memory
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	log.set(func(l *fakeLog) { l.away = false })
	mustReceive(t, changes, 11, 20)
}

func TestSubscriptionsEndWithTheFeed(t *testing.T) {
	log := &fakeLog{}
	f := New(log, nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()
	await(t, "it is ready", func() bool { return f.Status().Ready })
	changes, err := f.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
	mustBeClosed(t, changes)
	if _, err := f.Subscribe(t.Context(), 0); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("after the end: %v", err)
	}
}

func TestRecent(t *testing.T) {
	var r recent
	check := func(seq int64, wantFirst, wantLast int64) {
		t.Helper()
		changes, ok := r.after(seq)
		switch {
		case wantFirst == 0 && ok:
			t.Errorf("after %d: got %d changes, want it not kept", seq, len(changes))
		case wantFirst != 0 && (!ok || len(changes) != int(wantLast-wantFirst+1)):
			t.Errorf("after %d: got %d, %v, want %d to %d", seq, len(changes), ok, wantFirst, wantLast)
		case wantFirst != 0 && len(changes) > 0 && changes[0].Seq != wantFirst:
			t.Errorf("after %d: begins with %d, want %d", seq, changes[0].Seq, wantFirst)
		}
	}
	check(0, 0, 0)
	for seq := int64(5); seq <= 9; seq++ {
		r.add([]yizhan.Change{changeOf(seq, "log")}, 3)
	}
	check(3, 0, 0)
	check(4, 5, 9)
	check(8, 9, 9)
	check(9, 10, 9) // nothing new, but nothing missing
	kept, _ := r.after(6)
	for seq := int64(10); seq <= 16; seq++ {
		r.add([]yizhan.Change{changeOf(seq, "log")}, 3)
	}
	if kept[0].Seq != 7 || kept[2].Seq != 9 {
		t.Error("what was given out was written over")
	}
	check(4, 0, 0)
	check(15, 16, 16)
	r.clear()
	check(16, 0, 0)
}
