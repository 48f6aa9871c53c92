package api

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed"
	"github.com/yizhan/yizhan/feed/views"
)

func storeFails(err error) func(*stage) {
	return func(w *stage) {
		w.store.find = func(context.Context, yizhan.Query) (yizhan.Page, error) { return yizhan.Page{}, err }
		w.store.findOne = func(context.Context, yizhan.Ref) (yizhan.Feature, error) { return nil, err }
	}
}

func TestDatabaseAway(t *testing.T) {
	away := &yizhan.Error{Code: yizhan.CodeUnavailable, Message: "the database is away", Err: errors.New("dial unix: secret")}
	runScenarios(t, []scenario{
		{name: "items", target: "/api/collections/stations/items", status: 503, code: "unavailable", has: []string{"the database is away"}, header: map[string]string{"Retry-After": "2"}},
		{name: "item", target: "/api/collections/stations/items/S-001", status: 503, code: "unavailable", header: map[string]string{"Retry-After": "2"}},
		{name: "nearest goes on", target: "/api/nearest?lng=119.7&lat=49.2", status: 200, header: map[string]string{"X-Yizhan-Age": "600", "X-Yizhan-Seq": "42"}},
		{name: "coverage goes on", target: "/api/coverage", status: 200, header: map[string]string{"X-Yizhan-Age": "600"}},
		{name: "city goes on", target: "/api/city", status: 200, header: map[string]string{"X-Yizhan-Age": "600"}},
		{name: "tiles go on", target: "/api/tiles/base/3/1/1", status: 200, header: map[string]string{"X-Yizhan-Age": "600"}},
		{name: "stays ready", target: "/readyz", status: 200},
	}, storeFails(fmt.Errorf("find: %w", away)), func(w *stage) {
		w.feed.status = func() feed.Status {
			return feed.Status{Ready: true, Seq: 42, LastContact: noon.Add(-10 * time.Minute), Err: away}
		}
	})
}

func TestOurFaults(t *testing.T) {
	panics := func(w *stage) {
		w.nearest.findAt = func(views.NearestQuery) ([]views.Hit, int64, error) { panic("secret") }
	}
	slow := func(w *stage) {
		w.options.Deadline = 20 * time.Millisecond
		w.store.findOne = func(ctx context.Context, _ yizhan.Ref) (yizhan.Feature, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	for _, test := range []struct {
		name string
		bend func(*stage)
		ask  scenario
		log  string
	}{
		{"an error not meant for readers", storeFails(errors.New("SELECT secret")), scenario{target: "/api/collections/units/items", status: 500, code: "internal"}, "SELECT secret"},
		{"an internal error of ours", storeFails(yizhan.Errorf(yizhan.CodeInternal, "", "secret")), scenario{target: "/api/collections/units/items/150700", status: 500, code: "internal"}, "secret"},
		{"a panic", panics, scenario{target: "/api/nearest?lng=119&lat=49", status: 500, code: "internal"}, "panic: secret"},
		{"a slow database", slow, scenario{target: "/api/collections/units/items/150700", status: 503, code: "timeout", header: map[string]string{"Retry-After": "2"}}, "deadline"},
		{"a leader from the store", func(w *stage) {
			w.store.findOne = func(context.Context, yizhan.Ref) (yizhan.Feature, error) { return &yizhan.Leader{Code: "x"}, nil }
		}, scenario{target: "/api/collections/units/items/150700", status: 500, code: "internal", hasNot: []string{"Leader"}}, "not public"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newStage(t, test.bend)
			test.ask.check(t, w)
			logged := w.logs.String()
			if strings.Count(logged, "\n") != 1 || !strings.Contains(logged, test.log) || !strings.Contains(logged, "request=") {
				t.Errorf("logged %q, want one line with the request and %q", logged, test.log)
			}
		})
	}
}

func TestTheirFaultsAreNotLogged(t *testing.T) {
	w := newStage(t)
	for _, target := range []string{"/nothing", "/api/city?x=1", "/api/collections/units/items/150799"} {
		w.get(t, target)
	}
	if logged := w.logs.String(); logged != "" {
		t.Errorf("logged %q", logged)
	}
}

func TestBeforeTheFirstLoad(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "not ready", target: "/readyz", status: 503, code: "unavailable", has: []string{"the database has not answered yet", "view nearest is at 0 of 0"}},
		{name: "alive", target: "/healthz", status: 200},
		{name: "city", target: "/api/city", status: 503, code: "unavailable", header: map[string]string{"Retry-After": "2"}},
		{name: "nearest", target: "/api/nearest?lng=119&lat=49", status: 503, code: "unavailable"},
		{name: "events", target: "/api/events", status: 503, code: "unavailable"},
		{name: "swapped is told by latitude alone", target: "/api/nearest?lng=49&lat=119", status: 400, has: []string{"look swapped"}},
	}, func(w *stage) {
		w.feed.city = func() *yizhan.City { return nil }
		w.feed.status = func() feed.Status { return feed.Status{Views: map[string]int64{"nearest": 0}} }
		w.nearest.findAt = views.NewNearest().FindAt
	})
}

func TestReadinessWaitsForEachView(t *testing.T) {
	views := map[string]int64{"nearest": 42, "coverage": 0}
	w := newStage(t, func(w *stage) {
		w.feed.status = func() feed.Status {
			return feed.Status{Ready: true, Seq: 42, LastContact: noon, Views: views}
		}
	})
	scenario{target: "/readyz", status: 503, code: "unavailable", has: []string{"view coverage is at 0 of 42"}, hasNot: []string{"nearest"}}.check(t, w)
	views["coverage"] = 41 // built once, and behind for a moment
	scenario{target: "/readyz", status: 200, has: []string{`"coverage":41`}}.check(t, w)
}

func TestRateLimit(t *testing.T) {
	clock := noon
	w := newStage(t, func(w *stage) {
		w.options.RateLimit = 2
		w.options.Now = func() time.Time { return clock }
	})
	allowed := scenario{target: "/api/collections", status: 200}
	refused := scenario{target: "/api/collections", status: 429, code: "too_many_requests", header: map[string]string{"Retry-After": "1"}}
	for range 10 { // five times the rate at once
		allowed.check(t, w)
	}
	refused.check(t, w)
	scenario{target: "/healthz", status: 200}.check(t, w)
	clock = clock.Add(500 * time.Millisecond)
	allowed.check(t, w)
	refused.check(t, w)
	clock = clock.Add(500 * time.Millisecond)
	for range 10 {
		scenario{target: "/api/tiles/base/3/1/1", status: 200}.check(t, w) // a tile costs a tenth
	}
	scenario{target: "/api/tiles/base/3/1/1", status: 429}.check(t, w)
}

func TestRateLimiterForgetsAddresses(t *testing.T) {
	l := newLimiter[netip.Prefix](1, func() time.Time { return noon })
	for i := range 3*maxAddresses + 10 {
		l.take(prefixOf(i), 1)
	}
	if n := len(l.recent) + len(l.older); n > 2*maxAddresses {
		t.Errorf("remembers %d addresses, want at most %d", n, 2*maxAddresses)
	}
}

func TestClientAddress(t *testing.T) {
	trusted, err := parseProxies([]string{"10.0.0.0/8", "::1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, peer, forwarded, want string }{
		{"no proxy", "192.0.2.1", "", "192.0.2.1"},
		{"a client that pretends", "192.0.2.1", "198.51.100.7", "192.0.2.1"},
		{"our proxy", "10.1.2.3", "198.51.100.7", "198.51.100.7"},
		{"our proxy, and a client that pretends", "10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"},
		{"two of our proxies", "10.1.2.3", "198.51.100.7, 10.9.9.9", "198.51.100.7"},
		{"our proxy, IPv6", "::1", "2001:db8::1", "2001:db8::1"},
		{"our proxy, nonsense", "10.1.2.3", "unknown", "10.1.2.3"},
		{"our proxy, nothing", "10.1.2.3", "", "10.1.2.3"},
	} {
		if got := trusted.client(netip.MustParseAddr(test.peer), test.forwarded); got.String() != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	if _, err := parseProxies([]string{"localhost"}); err == nil {
		t.Error("a name is taken for an address")
	}
}

func TestPlacesOfOneAddress(t *testing.T) {
	p := newPlaces(30)
	for i := range 3 {
		if !p.take(prefixOf(1)) {
			t.Fatalf("no place %d", i)
		}
	}
	if p.take(prefixOf(1)) || !p.take(prefixOf(2)) {
		t.Error("one address takes the places of others")
	}
	p.leave(prefixOf(1))
	if !p.take(prefixOf(1)) || p.count() != 4 {
		t.Errorf("%d places taken", p.count())
	}
}
