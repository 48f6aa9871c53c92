package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// mixedKinds are the requests of the mix, each so often: {r} becomes a number.
var mixedKinds = []struct {
	often        int
	method, path string
	body         string
}{
	{30, "GET", "/api/tiles/base,units,micro_grids,stations/{z}", ""},
	{20, "GET", "/api/nearest?lng=119.{r}&lat=49.{r}&k=5", ""},
	{10, "GET", "/", ""},
	{8, "GET", "/api/city", ""},
	{8, "GET", "/api/collections/stations/items/150702-0{r}", ""},
	{5, "GET", "/api/nowhere/{r}", ""},
	{5, "GET", "/api/nearest?lng=x{r}", ""},
	{4, "GET", "/api/collections/stations/items?limit=20&filter=capacity%3E{r}", ""},
	{3, "GET", "/api/collections/micro_grids/items?limit=200&sortby=-households&skip_geometry=true", ""},
	{2, "GET", "/api/collections/micro_grids/items?limit=2000&bbox=119,49,120,50", ""},
	{2, "GET", "/api/coverage?radius_m=1000&quarter={r}", ""},
	{1, "GET", "/api/gaps?limit=5", ""},
	{2, "GET", "/api/events", ""},
	{2, "GET", "/api/stations.pack", ""},
	{2, "POST", "/api/scenarios", `{"name":"x","edits":[]}`},
	{2, "GET", "/api/collections/units/items?f=html", ""},
	{1, "POST", "/api/siting", `{"p":3,"unit":"150702"}`},
	{1, "GET", "/metrics", ""},
	{1, "PUT", "/api/collections/stations/items/150702-0001", strings.Repeat("x", 100_000)},
}

// TestMixedRequestsLeaveNothingBehind sends a mix of requests, a third of which the client gives up after a moment,
// to a server with the demo city: afterwards no connection of the pool is at work, no goroutine is left, and the
// memory is what it was after the first of them. YIZHAN_MIXED_REQUESTS says how many, 1,500 if it does not; the
// promise is about a million.
func TestMixedRequestsLeaveNothingBehind(t *testing.T) {
	total := 1_500
	if text := os.Getenv("YIZHAN_MIXED_REQUESTS"); text != "" {
		var err error
		if total, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	f := &fleet{T: t, url: demoCity.DB(t)}
	f.serve(commandPath(t))
	f.awaitReady(f.bases[0])
	m := &mixer{T: t, base: f.bases[0]}

	m.run(total / 4) // fills caches and pools
	before := m.settled()
	begun := time.Now()
	m.run(total - total/4)
	took := time.Since(begun)
	after := m.settled()
	t.Logf("%d requests, %d given up, %d failed by us, %.0f a second; goroutines %.0f, then %.0f; memory %.0f MB, then %.0f MB",
		m.sent.Load(), m.cancelled.Load(), m.broken.Load(), float64(total-total/4)/took.Seconds(), before.goroutines, after.goroutines, before.megabytes, after.megabytes)
	if after.goroutines > before.goroutines+20 {
		t.Errorf("%.0f goroutines became %.0f", before.goroutines, after.goroutines)
	}
	if after.megabytes > before.megabytes*1.25+150 {
		t.Errorf("%.0f MB became %.0f MB", before.megabytes, after.megabytes)
	}
	if m.broken.Load() > 0 {
		t.Errorf("%d answers were internal errors", m.broken.Load())
	}
	if m.cancelled.Load() < int64(total)/20 {
		t.Errorf("only %d requests were given up", m.cancelled.Load())
	}
	conn, err := pgx.Connect(t.Context(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		var busy int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND backend_type = 'client backend' AND state <> 'idle'`).Scan(&busy); err != nil {
			t.Fatal(err)
		}
		if busy == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are at work", busy)
		}
	}
}

// mixer sends the mix.
type mixer struct {
	*testing.T
	base                    string
	sent, cancelled, broken atomic.Int64
}

func (m *mixer) run(n int) {
	transport := &http.Transport{MaxIdleConnsPerHost: 32, DisableCompression: false}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var all sync.WaitGroup
	var next atomic.Int64
	for worker := range 24 {
		random := rand.New(rand.NewPCG(uint64(worker), uint64(n)))
		all.Go(func() {
			for next.Add(1) <= int64(n) {
				m.one(client, random)
			}
		})
	}
	all.Wait()
}

func (m *mixer) one(client *http.Client, random *rand.Rand) {
	sum := 0
	for _, k := range mixedKinds {
		sum += k.often
	}
	kind, at := mixedKinds[0], random.IntN(sum)
	for _, k := range mixedKinds {
		if at -= k.often; at < 0 {
			kind = k
			break
		}
	}
	wait := 60 * time.Second
	if random.IntN(3) == 0 || kind.path == "/api/events" {
		wait = time.Duration(random.ExpFloat64() * float64(5*time.Millisecond))
	}
	ctx, stop := context.WithTimeout(m.Context(), wait)
	defer stop()
	z := 6 + random.IntN(8)
	tile := fmt.Sprintf("%d/%d/%d", z, int(float64(int(1)<<z)*0.832)+random.IntN(3), int(float64(int(1)<<z)*0.342)+random.IntN(3))
	fill := strings.NewReplacer("{r}", strconv.Itoa(100+random.IntN(500)), "{z}", tile)
	request, err := http.NewRequestWithContext(ctx, kind.method, m.base+fill.Replace(kind.path), strings.NewReader(fill.Replace(kind.body)))
	if err != nil {
		m.Error(err)
		return
	}
	if kind.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	m.sent.Add(1)
	response, err := client.Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if response.StatusCode >= 500 && response.StatusCode != http.StatusServiceUnavailable {
			m.broken.Add(1)
		}
	}
	if err != nil {
		if ctx.Err() == nil {
			m.Error(err)
		}
		m.cancelled.Add(1)
	}
}

// load is what a server holds.
type load struct{ goroutines, megabytes float64 }

// settled waits until the server is at rest, and tells what it holds then.
func (m *mixer) settled() (held load) {
	for deadline := time.Now().Add(patience); ; time.Sleep(500 * time.Millisecond) {
		now := m.figures()
		held = load{now["go_goroutines"], now["process_resident_memory_bytes"] / (1 << 20)}
		quiet := now["yizhan_http_requests_in_flight"] <= 1 && now["yizhan_event_streams"] == 0 && now["yizhan_jobs_running"] == 0
		if quiet && held.goroutines < 100 {
			return held
		}
		if time.Now().After(deadline) {
			m.Fatalf("the server does not come to rest: %v in flight, %v streams, %v goroutines", now["yizhan_http_requests_in_flight"], now["yizhan_event_streams"], held.goroutines)
		}
	}
}

// figures are the metrics without labels.
func (m *mixer) figures() map[string]float64 {
	response, err := http.Get(m.base + "/metrics")
	if err != nil {
		m.Fatal(err)
	}
	defer response.Body.Close()
	figures := map[string]float64{}
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if x, err := strconv.ParseFloat(value, 64); err == nil {
			figures[name] = x
		}
	}
	return figures
}
