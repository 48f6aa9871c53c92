package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// TestSeqOrderIsCommitOrder has sixteen writers commit changesets of random size while followers poll.
// Each follower must see every change once and in order, and must never find, behind it, a change that
// it was not given: that is what a number taken early and committed late would be.
func TestSeqOrderIsCommitOrder(t *testing.T) {
	s, _ := openFixture(t)
	start := lastSeq(t, s)
	const writers, rounds = 16, 12
	var written atomic.Int64
	var done atomic.Bool
	var writing, following sync.WaitGroup
	var lastOf sync.Map // the last seq that a writer was told of when Apply returned
	for w := range writers {
		writing.Go(func() {
			for round := range rounds {
				var edits []yizhan.Edit
				for i := range 1 + rand.IntN(4) {
					edits = append(edits, yizhan.CreateOf(station(fmt.Sprintf("W%02d-%02d-%d", w, round, i), 0.5, 0.5)))
				}
				if round%3 == 2 { // fails after it has taken locks, and must leave no hole
					if _, err := s.Apply(t.Context(), changeset(append(edits, yizhan.CreateOf(outside(w, round)))...)); yizhan.CodeOf(err) != yizhan.CodeInvalid {
						t.Errorf("outside the city: %v", err)
					}
				}
				applied, err := s.Apply(t.Context(), changeset(edits...))
				if err != nil {
					t.Error(err)
					return
				}
				if applied.LastSeq-applied.FirstSeq+1 != int64(len(edits)) {
					t.Errorf("%d edits became changes %d to %d", len(edits), applied.FirstSeq, applied.LastSeq)
				}
				written.Add(int64(len(edits)))
				lastOf.Store(w, applied.LastSeq)
			}
		})
	}
	for limit := range 4 {
		following.Go(func() { follow(t, s, start, 1+limit*limit*20, &done, &written) })
	}
	following.Go(func() { // what was acknowledged is in every later snapshot
		for !done.Load() {
			floor := int64(0)
			lastOf.Range(func(_, seq any) bool { floor = max(floor, seq.(int64)); return true })
			page, err := s.Find(t.Context(), yizhan.Query{Collection: yizhan.Stations, Limit: yizhan.MaxLimit, SkipGeometry: true})
			if err != nil {
				t.Error(err)
				return
			}
			if page.Seq < floor || int64(len(page.Features)) != 2+page.Seq-start {
				t.Errorf("%d stations at seq %d; it was at %d before", len(page.Features), page.Seq, floor)
			}
		}
	})
	writing.Wait()
	done.Store(true)
	following.Wait()
	city, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkSameCity(t, replay(t, s), city)
}

// follow reads the log until the writers are done and it has everything.
func follow(t *testing.T, s *store.Store, after int64, limit int, done *atomic.Bool, written *atomic.Int64) {
	seen, seq := int64(0), after
	for {
		last := done.Load()
		changes, err := s.Changes(t.Context(), seq, limit)
		if err != nil {
			t.Error(err)
			return
		}
		for _, c := range changes {
			if seq++; c.Seq != seq {
				t.Errorf("after %d came %d", seq-1, c.Seq)
				return
			}
			seen++
		}
		if last && len(changes) == 0 {
			if seen != written.Load() {
				t.Errorf("saw %d changes of %d", seen, written.Load())
			}
			return
		}
	}
}

func changeset(edits ...yizhan.Edit) yizhan.Changeset {
	return yizhan.Changeset{Author: "test", Edits: edits}
}

func outside(writer, round int) *yizhan.Station {
	return station(fmt.Sprintf("OUT%02d-%02d", writer, round), 500, 0)
}

func TestChangesAreBounded(t *testing.T) {
	s, _ := openFixture(t)
	for _, limit := range []int{0, -1} {
		if _, err := s.Changes(t.Context(), 0, limit); yizhan.CodeOf(err) != yizhan.CodeInvalid {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	changes, err := s.Changes(t.Context(), 3, 2)
	if err != nil || len(changes) != 2 || changes[0].Seq != 4 || changes[1].Seq != 5 {
		t.Errorf("%+v, %v", changes, err)
	}
	if changes, err := s.Changes(t.Context(), 1<<60, 1e9); err != nil || len(changes) != 0 {
		t.Errorf("%+v, %v", changes, err)
	}
}

// TestListenRings counts the rings: one at first, one for each commit that changed something.
func TestListenRings(t *testing.T) {
	s, url := openFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	rings, ended := make(chan struct{}, 100), make(chan error, 1)
	go func() { ended <- s.Listen(ctx, func() { rings <- struct{}{} }) }()
	waitRing(t, rings)
	for i := range 3 {
		if _, err := s.Apply(t.Context(), changeset(yizhan.CreateOf(outside(0, i)))); err == nil {
			t.Fatal("a station outside went in")
		}
		apply(t, s, yizhan.CreateOf(station(fmt.Sprintf("RING-%d", i), 1, 1)))
		waitRing(t, rings)
	}
	select {
	case <-rings:
		t.Error("one ring too many")
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}

	// A connection that breaks ends Listen with an error that says so.
	go func() { ended <- s.Listen(t.Context(), func() { rings <- struct{}{} }) }()
	waitRing(t, rings)
	exec(t, connect(t, url), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'yizhan feed' AND datname = current_database()`)
	select {
	case err := <-ended:
		if yizhan.CodeOf(err) != yizhan.CodeUnavailable {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("still listening on a broken connection")
	}
}

func waitRing(t *testing.T, rings <-chan struct{}) {
	t.Helper()
	select {
	case <-rings:
	case <-time.After(10 * time.Second):
		t.Fatal("no ring")
	}
}
