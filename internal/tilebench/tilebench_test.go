package main

import (
	"bufio"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/tiles/world"
)

func TestMixIsFortyTiles(t *testing.T) {
	zooms, seen := map[uint32]int{}, map[world.Tile]bool{}
	for _, at := range mix() {
		if seen[at] || !at.Valid() {
			t.Errorf("tile %v is there twice or nowhere", at)
		}
		seen[at] = true
		zooms[at.Z]++
	}
	for zoom := uint32(6); zoom <= 15; zoom++ {
		if zooms[zoom] != 4 {
			t.Errorf("%d tiles of zoom %d", zooms[zoom], zoom)
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d tiles", len(seen))
	}
}

func TestSpread(t *testing.T) {
	var took []time.Duration
	for i := 200; i > 0; i-- {
		took = append(took, time.Duration(i)*time.Millisecond)
	}
	got, err := json.Marshal(spreadOf(took))
	if err != nil || string(got) != `{"p50_ms":100,"p95_ms":190,"p99_ms":198,"max_ms":200}` {
		t.Errorf("%s, %v", got, err)
	}
	if spreadOf(nil) != (Spread{}) {
		t.Error("the spread of nothing is something")
	}
}

// The query is one that the schema has; an empty city makes empty tiles.
func TestPostgisMixOfAnEmptyCity(t *testing.T) {
	side, err := postgisMix(t.Context(), pgtest.DB(t))
	if err != nil {
		t.Fatal(err)
	}
	if side.Features != 0 || side.Cold == 0 {
		t.Errorf("%+v", side)
	}
}

// Without a database every part ends with an error.
func TestDatabaseIsMissing(t *testing.T) {
	const nowhere = "postgres://nobody@127.0.0.1:1/none?connect_timeout=2"
	var report Report
	if _, err := postgisMix(t.Context(), nowhere); err == nil {
		t.Error("the mix was made without a database")
	}
	if err := measureServer(t.Context(), nowhere, time.Second, &report); err == nil {
		t.Error("a server ran without a database")
	}
	if err := measureLive(t.Context(), nowhere, 1, &report); err == nil {
		t.Error("an edit was made without a database")
	}
	if _, err := loadDemo(t.Context(), nowhere); err == nil {
		t.Error("the demo city was loaded without a database")
	}
}

func TestGenerateLoad(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	app := staticServer("/tile", 1234)
	go func() { _ = app.Listener(listener) }() // ends with Shutdown
	defer func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	done, err := generate(t.Context(), listener.Addr().String(), "/tile", 1234, 100*time.Millisecond)
	if err != nil || len(done.took) < connections || done.perSecond() <= 0 {
		t.Errorf("%d answers, %v", len(done.took), err)
	}
	if _, err := generate(t.Context(), listener.Addr().String(), "/tile", 99, 100*time.Millisecond); err == nil {
		t.Error("a body of another size is accepted")
	}
	if _, err := generate(t.Context(), listener.Addr().String(), "/none", 1234, 100*time.Millisecond); err == nil {
		t.Error("a 404 is accepted")
	}
}

func TestReadAnswer(t *testing.T) {
	cases := map[string]bool{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc":        true,
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab":         false,
		"HTTP/1.1 200 OK\r\n\r\nabc":                             false,
		"HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nabc":        false,
		"HTTP/1.1 200 OK\r\nContent-Length: three\r\n\r\nabc":    false,
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nand no more...": false,
	}
	for answer, good := range cases {
		if err := readAnswer(bufio.NewReader(strings.NewReader(answer)), 3); (err == nil) != good {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestReportPrints(t *testing.T) {
	report := newReport()
	report.MicroGrids = 38723
	report.Zooms = []Zoom{{Zoom: 12, Tile: Spread{P99: Millis(6 * time.Millisecond)}}}
	report.Growth = []Growth{{Times: 1, Mix: Millis(100 * time.Millisecond)}, {Times: 10, Mix: Millis(160 * time.Millisecond)}}
	var out strings.Builder
	if err := report.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"38723 micro-grids", "cold p99 from zoom 12", "6.0 ms  MISSED", "cold mix at 10 times the city", "+60 %  MISSED"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, &out)
		}
	}
}
