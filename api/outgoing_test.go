package api

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed"
)

func givesManyGrids(w *stage) {
	page := manyGrids(10_000)
	w.store.find = func(context.Context, yizhan.Query) (yizhan.Page, error) { return page, nil }
}

const largeTarget = "/api/collections/micro_grids/items?limit=10000"

// What a large answer takes is given back when it is sent, and when the client goes away.
func TestLargeAnswersAreCountedWhileTheyAreSent(t *testing.T) {
	w := newStage(t, givesManyGrids)
	address := w.listen(t)
	response, err := http.Get("http://" + address + largeTarget)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || len(body) < 10<<20 {
		t.Fatalf("%d bytes, status %d: %v", len(body), response.StatusCode, err)
	}
	waitFor(t, func() bool { return w.server.outgoing.bytes.Load() == 0 })

	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", largeTarget); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return w.server.outgoing.bytes.Load() > 10<<20 })
	conn.Close()
	waitFor(t, func() bool { return w.server.outgoing.bytes.Load() == 0 })
}

func TestLargeAnswersAreBounded(t *testing.T) {
	w := newStage(t, givesManyGrids)
	w.server.outgoing.bytes.Store(largeAnswers)
	scenario{target: largeTarget, status: 503, code: "unavailable", header: map[string]string{"Retry-After": "2"}}.check(t, w)
	scenario{target: "/api/collections/stations", status: 200}.check(t, w)
	if left := w.server.outgoing.bytes.Load(); left != largeAnswers {
		t.Errorf("%d bytes are counted after a refusal", left-largeAnswers)
	}
}

func TestLargePagesTakeTurns(t *testing.T) {
	w := newStage(t, givesManyGrids, func(w *stage) { w.options.Deadline = 50 * time.Millisecond })
	for range largePagesMade {
		w.server.making <- struct{}{}
	}
	scenario{target: largeTarget, status: 503, code: "timeout"}.check(t, w)
	<-w.server.making
	if a := w.get(t, "/api/collections/micro_grids/items?limit=1000"); a.status != 200 {
		t.Errorf("a small page waits: %d", a.status)
	}
}

// A client may come from a process that is a moment ahead of this one.
func TestEventsWaitForTheFeed(t *testing.T) {
	var looks atomic.Int64
	w := newStage(t, func(w *stage) {
		w.feed.status = func() feed.Status { return feed.Status{Ready: true, Seq: 40 + min(looks.Add(1), 5)} }
	})
	stream := follow(t, "http://"+w.listen(t)+"/api/events", "44")
	stream.until(t, ": after 44")
}
