package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

var errAway = errors.New("the database is away")

// fakeLog is a Source in memory that can fail, lose its rings and be replaced.
type fakeLog struct {
	mu        sync.Mutex
	changes   []yizhan.Change // seq 1 first
	rings     map[int]func()
	next      int
	away      bool
	silent    bool // no rings
	snapshots int
	reads     int
}

func (l *fakeLog) Snapshot(context.Context) (*yizhan.City, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errAway
	}
	l.snapshots++
	return (&yizhan.City{
		Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{},
		Scenes: map[string]*yizhan.FriendlyScene{}, MicroGrids: map[string]*yizhan.MicroGrid{},
	}).Next(l.changes), nil
}

func (l *fakeLog) LastSeq(context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return 0, errAway
	}
	return int64(len(l.changes)), nil
}

func (l *fakeLog) Changes(_ context.Context, after int64, limit int) ([]yizhan.Change, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errAway
	}
	l.reads++
	if after >= int64(len(l.changes)) {
		return nil, nil
	}
	rest := l.changes[after:]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

func (l *fakeLog) Listen(ctx context.Context, ring func()) error {
	l.mu.Lock()
	if l.away {
		l.mu.Unlock()
		return errAway
	}
	id := l.next
	l.next++
	if l.rings == nil {
		l.rings = map[int]func(){}
	}
	l.rings[id] = ring
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.rings, id)
	return ctx.Err()
}

// write appends n changes to stations.
func (l *fakeLog) write(n int) {
	l.mu.Lock()
	for range n {
		l.changes = append(l.changes, changeOf(int64(len(l.changes)+1), "log"))
	}
	rings := slices.Collect(maps.Values(l.rings))
	silent := l.silent
	l.mu.Unlock()
	if silent {
		return
	}
	for _, ring := range rings {
		ring()
	}
}

// changeOf is a change that says which log it is of.
func changeOf(seq int64, log string) yizhan.Change {
	station := &yizhan.Station{Code: fmt.Sprintf("%s-%d", log, seq%10), Version: seq}
	return yizhan.Change{Seq: seq, ChangesetID: seq, At: time.Unix(seq, int64(len(log))), Op: yizhan.Update, Ref: station.Ref(), Version: seq, Before: station, After: station}
}

func (l *fakeLog) set(what func(*fakeLog)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what(l)
}

// history is a view that keeps what it was given and complains about what it should not have been given.
type history struct {
	t    testing.TB
	name string

	mu       sync.Mutex
	city     *yizhan.City
	rebuilds int
	gaps     []string
	seen     []yizhan.Change
	during   func() error // runs in Update
}

func (h *history) Name() string { return h.name }

func (h *history) Seq() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.city == nil {
		return 0
	}
	return h.city.Seq
}

func (h *history) Update(city *yizhan.City, changes []yizhan.Change) error {
	h.mu.Lock()
	during := h.during
	h.mu.Unlock()
	if during != nil {
		if err := during(); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if changes == nil {
		h.rebuilds++
	} else {
		h.check(city, changes)
	}
	h.city = city
	h.seen = append(h.seen, changes...)
	return nil
}

func (h *history) check(city *yizhan.City, changes []yizhan.Change) {
	if h.city == nil {
		h.gaps = append(h.gaps, "changes before a city")
		return
	}
	at := h.city.Seq
	for _, change := range changes {
		if at++; change.Seq != at {
			h.gaps = append(h.gaps, fmt.Sprintf("change %d where %d was due", change.Seq, at))
			at = change.Seq
		}
	}
	if at != city.Seq {
		h.gaps = append(h.gaps, fmt.Sprintf("changes to %d and a city of %d", at, city.Seq))
	}
}

// mustBeWhole fails the test unless every change came once and in order.
func (h *history) mustBeWhole() {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, gap := range h.gaps {
		h.t.Errorf("%s: %s", h.name, gap)
	}
}

func (h *history) rebuilt() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rebuilds
}

func quick() limits {
	l := defaultLimits()
	l.poll, l.firstPause, l.lastPause = 20*time.Millisecond, time.Millisecond, 20*time.Millisecond
	return l
}

// run runs a feed for the length of the test, and then makes sure that it leaves nothing behind.
func run(t *testing.T, source Source, adjust func(*limits), views ...View) *Feed {
	t.Helper()
	before := runtime.NumGoroutine()
	f := New(source, slog.New(slog.NewTextHandler(t.Output(), nil)), views...)
	f.limits = quick()
	if adjust != nil {
		adjust(&f.limits)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("Run does not end")
		}
		mustNotLeak(t, before)
	})
	return f
}

func mustNotLeak(t *testing.T, before int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if strings.Contains(string(stacks), "yizhan/feed.(*") {
		t.Errorf("goroutines are left behind:\n%s", stacks)
	}
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func awaitSeq(t *testing.T, seq int64, views ...*history) {
	t.Helper()
	for _, view := range views {
		await(t, fmt.Sprintf("%s is at %d", view.name, seq), func() bool { return view.Seq() == seq })
	}
}
