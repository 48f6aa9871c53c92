package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

// listen serves the stage on a port of its own until the test ends.
func (w *stage) listen(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(listener) }()
	t.Cleanup(func() {
		if err := w.server.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// raw sends bytes and gives the answer to them.
func raw(t *testing.T, address, request string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, body}
}

func TestErrorsBeforeRouting(t *testing.T) {
	w := newStage(t)
	address := w.listen(t)
	for _, test := range []struct {
		name, request string
		status        int
		code          string
	}{
		{"no HTTP", "hello\r\n\r\n", 400, "bad_request"},
		{"no version", "GET /\r\n\r\n", 400, "bad_request"},
		{"header without a colon", "GET / HTTP/1.1\r\nHost: x\r\nsecret secret\r\n\r\n", 400, "bad_request"},
		{"long request line", "GET /api/city?" + strings.Repeat("a=1&", 10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "headers_too_large"},
		{"filter of 10,000 terms", "GET /api/collections/stations/items?sponsor=" + strings.Repeat("bank,", 10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "headers_too_large"},
		{"large header", "GET / HTTP/1.1\r\nHost: x\r\nCookie: " + strings.Repeat("x", 20_000) + "\r\n\r\n", 431, "headers_too_large"},
		{"large body announced", "POST /api/city HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n", 413, "too_large"},
		{"unheard method", "BREW /api/city HTTP/1.1\r\nHost: x\r\n\r\n", 501, "not_implemented"},
		{"forged host", "GET /api/ HTTP/1.1\r\nHost: a\"><forged>\r\n\r\n", 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := raw(t, address, test.request)
			if a.status != test.status {
				t.Fatalf("status %d, want %d: %.300s", a.status, test.status, a.body)
			}
			if test.status == 200 {
				if bytes.Contains(a.body, []byte("forged")) {
					t.Errorf("the host is in %s", a.body)
				}
				return
			}
			w.checkAlways(t, http.MethodPost, test.name, a)
			if p := checkProblem(t, test.name, a); p.Code != test.code {
				t.Errorf("code %q, want %q", p.Code, test.code)
			}
		})
	}
}

// A body of 100 MB is refused while it comes, and costs no memory.
func TestLargeBodyCostsNoMemory(t *testing.T) {
	w := newStage(t)
	url := "http://" + w.listen(t) + "/api/city"
	heap := heapBytes()
	for _, known := range []bool{true, false} { // with Content-Length, and chunked
		body := io.Reader(io.LimitReader(zeros{}, 100<<20))
		request, err := http.NewRequest(http.MethodPost, url, body)
		if err != nil {
			t.Fatal(err)
		}
		if known {
			request.ContentLength = 100 << 20
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatalf("known length %v: %v", known, err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge || response.Header.Get("Content-Type") != problemType {
			t.Errorf("known length %v: status %d, %s", known, response.StatusCode, response.Header.Get("Content-Type"))
		}
	}
	if grown := heapBytes() - heap; grown > 16<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func heapBytes() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestRefusalsCostNoMemory(t *testing.T) {
	w := newStage(t)
	target := "/api/collections/stations/items?sponsor=" + strings.Repeat("bank,", 700)
	w.get(t, target)
	heap := heapBytes()
	for range 500 {
		if a := w.get(t, target); a.status != 400 {
			t.Fatalf("status %d", a.status)
		}
	}
	if grown := heapBytes() - heap; grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes over 500 refusals", grown)
	}
}

// log is a change log with followers, as the feed is.
type changeLog struct{ changes []yizhan.Change }

func (l changeLog) subscribe(_ context.Context, after int64) (<-chan yizhan.Change, error) {
	channel := make(chan yizhan.Change, len(l.changes))
	for _, change := range l.changes {
		if change.Seq > after {
			channel <- change
		}
	}
	return channel, nil
}

func someChanges() changeLog {
	var l changeLog
	for seq := int64(40); seq <= 42; seq++ {
		l.changes = append(l.changes, yizhan.Change{Seq: seq, Op: yizhan.Update, Ref: yizhan.Ref{Collection: yizhan.Stations, Code: fmt.Sprintf("S-%d", seq)}, Version: 2, Author: "secret"})
	}
	l.changes[1].Ref = yizhan.Ref{Collection: yizhan.Leaders, Code: "15070200100100101"}
	return l
}

func TestEventsResume(t *testing.T) {
	for _, test := range []struct {
		name, target, last string
		want               []int64
	}{
		{"from the query", "/api/events?after=39", "", []int64{40, 42}},
		{"from the header, which goes first", "/api/events?after=39", "41", []int64{42}},
		{"from the start", "/api/events?after=0", "", []int64{40, 42}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newStage(t, func(w *stage) { w.feed.subscribe = someChanges().subscribe })
			stream := follow(t, "http://"+w.listen(t)+test.target, test.last)
			for _, want := range test.want {
				event := stream.next(t)
				if event.Seq != want || event.Collection != "stations" || event.Op != "update" || event.Version != 2 {
					t.Errorf("event %+v, want seq %d", event, want)
				}
			}
			if seen := stream.seen.String(); strings.Contains(seen, "leaders") || strings.Contains(seen, "secret") {
				t.Errorf("the stream has what is not public: %s", seen)
			}
		})
	}
}

type eventStream struct {
	response *http.Response
	lines    *bufio.Scanner
	seen     strings.Builder
}

func follow(t *testing.T, url, last string) *eventStream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != eventStreamType {
		t.Fatalf("status %d, %v", response.StatusCode, response.Header)
	}
	return &eventStream{response: response, lines: bufio.NewScanner(response.Body)}
}

// next reads up to the next change.
func (s *eventStream) next(t *testing.T) ChangeEvent {
	t.Helper()
	var id string
	for s.lines.Scan() {
		line := s.lines.Text()
		s.seen.WriteString(line + "\n")
		if text, ok := strings.CutPrefix(line, "id: "); ok {
			id = text
		}
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			var event ChangeEvent
			if err := json.Unmarshal([]byte(text), &event); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(event.Seq) != id {
				t.Errorf("id %s of seq %d", id, event.Seq)
			}
			return event
		}
	}
	t.Fatalf("the stream ended: %v; it had %s", s.lines.Err(), s.seen.String())
	return ChangeEvent{}
}

// until reads up to a line that begins so.
func (s *eventStream) until(t *testing.T, prefix string) {
	t.Helper()
	for s.lines.Scan() {
		if strings.HasPrefix(s.lines.Text(), prefix) {
			return
		}
	}
	t.Fatalf("the stream ended without %q", prefix)
}

func TestEventsBeat(t *testing.T) {
	w := newStage(t, func(w *stage) { w.options.Heartbeat = 10 * time.Millisecond })
	stream := follow(t, "http://"+w.listen(t)+"/api/events", "")
	stream.until(t, ": after 42")
	for range 3 {
		stream.until(t, ": ")
	}
}

func TestEventsEndWhenTheFeedDropsTheClient(t *testing.T) {
	channel := make(chan yizhan.Change)
	w := newStage(t, func(w *stage) {
		w.feed.subscribe = func(context.Context, int64) (<-chan yizhan.Change, error) { return channel, nil }
	})
	stream := follow(t, "http://"+w.listen(t)+"/api/events", "")
	stream.until(t, ": after 42")
	close(channel)
	if _, err := io.ReadAll(stream.response.Body); err != nil {
		t.Error(err)
	}
	waitFor(t, func() bool { return w.server.streams.count() == 0 })
}

// A client that stops reading is dropped, and its goroutine and its place with it.
func TestEventsDropAClientThatStopsReading(t *testing.T) {
	w := newStage(t, func(w *stage) {
		w.options.Heartbeat = 100 * time.Millisecond
		w.feed.subscribe = func(ctx context.Context, _ int64) (<-chan yizhan.Change, error) {
			changes := make(chan yizhan.Change)
			go func() {
				defer close(changes)
				for seq := int64(1); ; seq++ {
					select {
					case changes <- yizhan.Change{Seq: seq, Ref: yizhan.Ref{Collection: yizhan.Units, Code: strings.Repeat("x", 10_000)}}:
					case <-ctx.Done():
						return
					}
				}
			}()
			return changes, nil
		}
	})
	conn, err := net.Dial("tcp", w.listen(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return w.server.streams.count() == 1 })
	waitFor(t, func() bool { return w.server.streams.count() == 0 })
}

func TestEventClientsAreBounded(t *testing.T) {
	w := newStage(t, func(w *stage) { w.options.EventClients = 2 })
	url := "http://" + w.listen(t) + "/api/events"
	first := follow(t, url, "")
	follow(t, url, "")
	if a := w.get(t, "/api/events"); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	first.response.Body.Close()
	waitFor(t, func() bool { return w.server.streams.count() < 2 }) // a client that leaves is noticed before a heartbeat finds out
	follow(t, url, "")
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("waited 5 s in vain")
}

func TestSubscriptionFails(t *testing.T) {
	w := newStage(t, func(w *stage) {
		w.feed.subscribe = func(context.Context, int64) (<-chan yizhan.Change, error) {
			return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the database is away")
		}
	})
	scenario{target: "/api/events", status: 503, code: "unavailable"}.check(t, w)
	if w.server.streams.count() != 0 {
		t.Error("a token is lost")
	}
}

func TestShutdownEndsStreams(t *testing.T) {
	w := newStage(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(listener) }()
	stream := follow(t, "http://"+listener.Addr().String()+"/api/events", "")
	stream.until(t, ": after 42")
	begun := time.Now()
	if err := w.server.Shutdown(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(stream.response.Body); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	w := newStage(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := w.server.Serve(listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve gave %v", err)
	}
}

func TestCompression(t *testing.T) {
	w := newStage(t)
	const large = "/api/openapi.json"
	plain := w.get(t, large)
	for _, test := range []struct{ accept, want string }{
		{"gzip", "gzip"}, {"br", "br"}, {"gzip, br", "br"}, {"gzip;q=0, br;q=0.0", ""}, {"identity", ""}, {"", ""},
	} {
		a := w.get(t, large, "Accept-Encoding", test.accept)
		if got := a.header.Get("Content-Encoding"); got != test.want {
			t.Errorf("%q gives %q, want %q", test.accept, got, test.want)
		}
		if test.want != "" && len(a.body) > len(plain.body)/3 {
			t.Errorf("%q: %d of %d bytes", test.accept, len(a.body), len(plain.body))
		}
		if !strings.Contains(a.header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%q: Vary is %q", test.accept, a.header.Get("Vary"))
		}
		scenario{target: large, status: 304, headers: []string{"If-None-Match", a.header.Get("ETag"), "Accept-Encoding", test.accept}}.check(t, w)
	}
	if a := w.get(t, "/api/docs", "Accept-Encoding", "br, gzip"); a.header.Get("Content-Encoding") != "br" {
		t.Error("the docs are not compressed")
	}
	if a := w.get(t, "/api/nearest?lng=119.7&lat=49.2", "Accept-Encoding", "br, gzip"); a.header.Get("Content-Encoding") != "gzip" {
		t.Error("nearest is not compressed fast")
	}
	if a := w.get(t, "/healthz", "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" {
		t.Error("a few bytes are compressed")
	}
}
