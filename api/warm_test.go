package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/yizhan/yizhan"
)

func (w *stage) shortAnswers(t *testing.T) float64 {
	t.Helper()
	var metric dto.Metric
	if err := w.server.metrics.short.Write(&metric); err != nil {
		t.Fatal(err)
	}
	return metric.GetCounter().GetValue()
}

// The short way to a tile gives what the long way gives.
func TestTheShortWayIsTheLongWay(t *testing.T) {
	w, _, source := realTiles(t)
	close(source.hold)
	tag := w.get(t, "/api/tiles/units,stations/9/426/173").header.Get("ETag")
	for _, target := range []string{
		"/api/tiles/units,stations/9/426/173", "/api/tiles/stations,units/9/426/173?datum=gcj02", "/api/tiles/stations/9/0/0",
		coverageTile, coverageTile + "?radius_m=500&service=water", "/api/collections/stations/tiles/WebMercatorQuad/12/1402/3410",
	} {
		for _, headers := range [][]string{
			nil, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "gzip, deflate, br"}, {"Accept-Encoding", "br;q=0"},
			{"If-None-Match", tag}, {"If-None-Match", "*", "Accept-Encoding", "br"}, {"X-Forwarded-For", "10.1.2.3"},
		} {
			t.Run(fmt.Sprint(target, headers), func(t *testing.T) { checkBothWays(t, w, target, headers) })
		}
	}
}

func checkBothWays(t *testing.T, w *stage, target string, headers []string) {
	t.Helper()
	w.get(t, target) // so that it is at hand
	w.server.warm = newWarm()
	before := w.shortAnswers(t)
	long := w.get(t, target, headers...)
	if got := w.shortAnswers(t); got != before {
		t.Fatal("an address that is not known was answered the short way")
	}
	short := w.get(t, target, headers...)
	if got := w.shortAnswers(t); got != before+1 {
		t.Fatal("an address that is known was answered the long way")
	}
	if short.status != long.status || string(short.body) != string(long.body) {
		t.Errorf("status %d and %d bytes, the long way %d and %d", short.status, len(short.body), long.status, len(long.body))
	}
	for _, own := range []string{"X-Request-Id", "Date"} { // each answer has its own
		long.header.Del(own)
		short.header.Del(own)
	}
	if !maps.EqualFunc(short.header, long.header, slices.Equal[[]string]) {
		t.Errorf("headers %v, the long way %v", short.header, long.header)
	}
}

// What the short way knows is no older than what the long way would make.
func TestTheShortWaySeesEdits(t *testing.T) {
	w, pyramid, _ := realTiles(t)
	const target = "/api/tiles/stations/12/3410/1402"
	w.get(t, target)
	old := w.get(t, target)
	moved := *w.city.Stations["S-001"]
	moved.Location[0] += 0.001
	change := yizhan.Change{Seq: 43, Op: yizhan.Update, Ref: moved.Ref(), After: &moved}
	if err := pyramid.Update(w.city.Next([]yizhan.Change{change}), []yizhan.Change{change}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if a := w.get(t, target, "If-None-Match", old.header.Get("ETag")); a.status != 200 || a.header.Get(headerSeq) != "43" {
			t.Errorf("after the edit: %d %v", a.status, a.header)
		}
	}
}

// Who asks too often is refused the short way, too.
func TestTheShortWayIsLimited(t *testing.T) {
	w, _, _ := realTiles(t)
	w.server.limiter = newLimiter[netip.Prefix](1, w.options.Now)
	refused := 0
	for range 60 { // a burst of five requests is fifty tiles
		if w.get(t, "/api/tiles/stations/12/3410/1402").status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 60 tiles were refused", refused)
	}
}

func TestAddressesAreForgotten(t *testing.T) {
	warm := newWarm()
	for i := range 2*maxWarm + 1 {
		warm.put(fmt.Sprint(i), warmTile{})
	}
	if n := len(warm.recent) + len(warm.older); n > 2*maxWarm {
		t.Errorf("%d addresses are kept", n)
	}
	if _, known := warm.find([]byte("0")); known {
		t.Error("the oldest is still known")
	}
	if _, known := warm.find([]byte(fmt.Sprint(maxWarm))); !known {
		t.Error("one of the generation before is forgotten")
	}
}
