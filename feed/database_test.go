package feed

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

const (
	writers   = 16
	writeTime = 5 * time.Second
	community = "150702001001"
	cutRole   = "cut" // connections of this role are terminated at random
)

// Sixteen connections commit random changesets while followers read along: one that hears every
// notification, one that hears none, one that hears some, and one whose connections are terminated at
// random. In the middle the server is restarted, and then killed. In the end every follower must have
// seen the whole log, each change once and in order, and have arrived at the state of the database.
func TestNoFollowerMissesOrReorders(t *testing.T) {
	server := pgtest.Server(t)
	main := openStore(t, server.URL(), writers+4)
	makeCity(t, main)
	execute(t, server.AdminURL(), `CREATE ROLE `+cutRole+` LOGIN IN ROLE yizhan`)

	followers := []*follower{
		followDatabase(t, "hearing", openStore(t, server.URL(), 4)),
		followDatabase(t, "deaf", deaf{openStore(t, server.URL(), 4)}),
		followDatabase(t, "hard of hearing", hardOfHearing{openStore(t, server.URL(), 4)}),
		followDatabase(t, "cut", openStore(t, asRole(t, server.URL(), cutRole), 4)),
	}
	ctx, cancel := context.WithTimeout(t.Context(), writeTime)
	defer cancel()
	w := writing{store: main, acknowledged: map[int64]yizhan.Ref{}}
	var tasks sync.WaitGroup
	for n := range writers {
		tasks.Go(func() { w.run(ctx, t, n) })
	}
	tasks.Go(func() { cutAtRandom(ctx, server.AdminURL()) })
	time.Sleep(writeTime / 3)
	server.Restart()
	time.Sleep(writeTime / 3)
	server.Kill()
	tasks.Wait()

	log := wholeLog(t, main)
	want := snapshot(t, main)
	t.Logf("%d changes, %d changesets acknowledged, %d refused as conflicts, %d cut off", len(log), w.applied.Load(), w.conflicts.Load(), w.interrupted.Load())
	if w.applied.Load() < 50 || w.conflicts.Load() == 0 {
		t.Error("that was no load")
	}
	for seq, ref := range w.acknowledged {
		if seq > int64(len(log)) || log[seq-1].Ref != ref {
			t.Errorf("acknowledged change %d of %s is not in the log", seq, ref)
		}
	}
	for _, f := range followers {
		f.mustHaveSeen(t, log, want)
	}
}

// follower is a feed on a real database, with a view and a subscriber that keep what they get.
type follower struct {
	name       string
	feed       *Feed
	view       *history
	start      int64
	subscribed chan []yizhan.Change // what the subscriber got, once it has got to end
	end        atomic.Int64
}

func followDatabase(t *testing.T, name string, source Source) *follower {
	t.Helper()
	f := &follower{name: name, view: &history{t: t, name: name}, subscribed: make(chan []yizhan.Change, 1)}
	f.feed = run(t, source, func(l *limits) { *l = defaultLimits(); l.batch = 50; l.recent = 100 }, f.view)
	await(t, name+" is ready", func() bool { return f.feed.Status().Ready })
	f.start = f.feed.Status().Seq
	go func() { f.subscribed <- f.subscribe(t.Context()) }()
	return f
}

// subscribe reads on until the end is known and reached, resuming where it was when it is dropped, and
// leaving now and then by itself.
func (f *follower) subscribe(ctx context.Context) (got []yizhan.Change) {
	at := f.start
	for ctx.Err() == nil && (f.end.Load() == 0 || at < f.end.Load()) {
		reading, leave := context.WithTimeout(ctx, 50*time.Millisecond+rand.N(500*time.Millisecond))
		changes, err := f.feed.Subscribe(reading, at)
		if err != nil {
			leave()
			continue
		}
		for change := range changes {
			got = append(got, change)
			at = change.Seq
		}
		leave()
	}
	return got
}

func (f *follower) mustHaveSeen(t *testing.T, log []yizhan.Change, want *yizhan.City) {
	t.Helper()
	awaitSeq(t, int64(len(log)), f.view)
	f.end.Store(int64(len(log)))
	f.view.mustBeWhole()
	if got := f.view.rebuilt(); got != 1 {
		t.Errorf("%s: built %d times, want once: a change was missed or reordered", f.name, got)
	}
	mustEqual(t, f.name+"'s view", f.view.seen, log[f.start:])
	mustEqual(t, f.name+"'s subscriber", <-f.subscribed, log[f.start:])
	stations := f.feed.City().Stations
	if !maps.EqualFunc(stations, want.Stations, func(a, b *yizhan.Station) bool {
		return a.Version == b.Version && a.Name == b.Name && a.Location == b.Location
	}) {
		t.Errorf("%s: %d stations differ from the %d of the database", f.name, len(stations), len(want.Stations))
	}
}

func mustEqual(t *testing.T, who string, got, want []yizhan.Change) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s saw %d changes, want %d", who, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if !same(got[i], want[i]) || got[i].Op != want[i].Op {
			t.Fatalf("%s: change %d is %v %v, want %d: %v %v", who, got[i].Seq, got[i].Op, got[i].Ref, want[i].Seq, want[i].Op, want[i].Ref)
		}
	}
}

// deaf is a database whose notifications are all lost.
type deaf struct{ *store.Store }

func (d deaf) Listen(ctx context.Context, _ func()) error { return d.Store.Listen(ctx, func() {}) }

// hardOfHearing loses two notifications out of three.
type hardOfHearing struct{ *store.Store }

func (h hardOfHearing) Listen(ctx context.Context, ring func()) error {
	return h.Store.Listen(ctx, func() {
		if rand.N(3) == 0 {
			ring()
		}
	})
}

// writing is what the writers do together.
type writing struct {
	store                           *store.Store
	applied, conflicts, interrupted atomic.Int64

	mu           sync.Mutex
	acknowledged map[int64]yizhan.Ref // by seq
}

// run applies random changesets: to stations of this writer's own, and to some that all writers edit.
func (w *writing) run(ctx context.Context, t *testing.T, n int) {
	for ctx.Err() == nil {
		edits := w.edits(ctx, n)
		if len(edits) == 0 {
			continue
		}
		applied, err := w.store.Apply(context.WithoutCancel(ctx), yizhan.Changeset{Author: fmt.Sprint("writer ", n), Reason: "test", Edits: edits})
		switch code := yizhan.CodeOf(err); {
		case err == nil:
			w.acknowledge(applied, edits)
		case code == yizhan.CodeConflict || code == yizhan.CodeNotFound: // another writer, or our own that was cut off
			w.conflicts.Add(1)
		case code == yizhan.CodeUnavailable:
			w.interrupted.Add(1)
			time.Sleep(20 * time.Millisecond)
		default:
			t.Errorf("writer %d: %v", n, err)
			return
		}
		if rand.N(3) == 0 {
			time.Sleep(rand.N(20 * time.Millisecond))
		}
	}
}

func (w *writing) acknowledge(applied yizhan.Applied, edits []yizhan.Edit) {
	w.applied.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, edit := range edits {
		w.acknowledged[applied.FirstSeq+int64(i)] = edit.Ref
	}
}

func (w *writing) edits(ctx context.Context, n int) []yizhan.Edit {
	var edits []yizhan.Edit
	codes := map[string]bool{}
	for range 1 + rand.N(6) {
		code := fmt.Sprintf("OWN-%02d-%d", n, rand.N(20))
		if rand.N(8) == 0 {
			code = fmt.Sprintf("ALL-%d", rand.N(4))
		}
		if codes[code] {
			continue
		}
		codes[code] = true
		if edit, ok := w.edit(ctx, code); ok {
			edits = append(edits, edit)
		}
	}
	return edits
}

// edit creates a station that is not there, and updates or deletes one that is.
func (w *writing) edit(ctx context.Context, code string) (yizhan.Edit, bool) {
	found, err := w.store.FindOne(ctx, yizhan.Ref{Collection: yizhan.Stations, Code: code})
	switch {
	case yizhan.CodeOf(err) == yizhan.CodeNotFound:
		return yizhan.CreateOf(randomStation(code, 0)), true
	case err != nil: // the server is away; Apply tells
		return yizhan.Edit{}, false
	case rand.N(5) == 0:
		return yizhan.Edit{Op: yizhan.Delete, Ref: found.Ref(), BaseVersion: found.At()}, true
	}
	return yizhan.UpdateOf(randomStation(code, found.At())), true
}

func randomStation(code string, version int64) *yizhan.Station {
	return &yizhan.Station{
		Code: code, Name: fmt.Sprint("驿站", rand.N(1000)), Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion,
		Location: yizhan.SnapPoint(orb.Point{119 + 0.01*rand.Float64(), 49 + 0.01*rand.Float64()}),
		Hours:    yizhan.MustHours("Mo-Fr 08:30-17:30"), Status: yizhan.StationActive, Community: community, Version: version,
	}
}

func makeCity(t *testing.T, s *store.Store) {
	t.Helper()
	area := orb.MultiPolygon{{{{119, 49}, {119.01, 49}, {119.01, 49.01}, {119, 49.01}, {119, 49}}}}
	var edits []yizhan.Edit
	for _, unit := range []*yizhan.Unit{
		{Code: "150700", Level: yizhan.LevelCity}, {Code: "150702", Level: yizhan.LevelBanner, Parent: "150700"},
		{Code: "150702001", Level: yizhan.LevelTownship, Parent: "150702"},
		{Code: community, Level: yizhan.LevelCommunity, Parent: "150702001"},
	} {
		unit.Name, unit.Boundary = unit.Code, area
		edits = append(edits, yizhan.CreateOf(unit))
	}
	if _, err := s.Apply(t.Context(), yizhan.Changeset{Author: "test", Edits: edits}); err != nil {
		t.Fatal(err)
	}
}

func openStore(t *testing.T, url string, conns int32) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url, MaxConns: conns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func asRole(t *testing.T, address, role string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	return u.String()
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// cutAtRandom terminates connections of the role until ctx ends. The server may be away itself.
func cutAtRandom(ctx context.Context, admin string) {
	for ctx.Err() == nil {
		if conn, err := pgx.Connect(ctx, admin); err == nil {
			_, _ = conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND random() < 0.5`, cutRole)
			_ = conn.Close(context.Background())
		}
		select {
		case <-ctx.Done():
		case <-time.After(rand.N(200 * time.Millisecond)):
		}
	}
}

func wholeLog(t *testing.T, s *store.Store) (log []yizhan.Change) {
	t.Helper()
	for {
		changes := patiently(t, func() ([]yizhan.Change, error) { return s.Changes(t.Context(), int64(len(log)), 1000) })
		if len(changes) == 0 {
			return log
		}
		log = slices.Concat(log, changes)
	}
}

func snapshot(t *testing.T, s *store.Store) *yizhan.City {
	t.Helper()
	return patiently(t, func() (*yizhan.City, error) { return s.Snapshot(t.Context()) })
}

// patiently asks again while the database cannot be reached: the pool may still hold connections to the
// server that was killed.
func patiently[T any](t *testing.T, ask func() (T, error)) (answer T) {
	t.Helper()
	var err error
	await(t, "the database answers", func() bool {
		answer, err = ask()
		return yizhan.CodeOf(err) != yizhan.CodeUnavailable
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
