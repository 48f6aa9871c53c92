package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles"
)

// cells is a coverage source that a test may hold up or break.
type cells struct {
	asked atomic.Int64
	hold  chan struct{} // closed: answers at once
	fail  atomic.Pointer[error]
}

func (c *cells) Seq() int64 { return 42 }

func (c *cells) Gaps(context.Context, tiles.Params, [4]float64, int) ([]tiles.Gap, error) {
	return nil, nil
}

func (c *cells) Touched(context.Context, int64, int64) ([][4]float64, bool) { return nil, false }

func (c *cells) Cells(context.Context, tiles.Params, [4]float64, int) ([]tiles.Cell, error) {
	c.asked.Add(1)
	<-c.hold
	if err := c.fail.Load(); err != nil {
		return nil, *err
	}
	ring := orb.Ring{{119.7, 49.2}, {119.8, 49.2}, {119.75, 49.3}, {119.7, 49.2}}
	return []tiles.Cell{{Index: 0x881ec9b64bfffff, Boundary: ring, Households: 60, Covered: 45}}, nil
}

// realTiles puts the pyramid itself behind the server.
func realTiles(t *testing.T) (*stage, *tiles.Pyramid, *cells) {
	t.Helper()
	source := &cells{hold: make(chan struct{})}
	pyramid := tiles.NewPyramid(tiles.Options{Coverage: source, Logger: slog.New(slog.DiscardHandler)})
	w := newStage(t, func(w *stage) {
		if err := pyramid.Update(w.city, nil); err != nil {
			t.Fatal(err)
		}
		w.options.Tiles = pyramid
	})
	return w, pyramid, source
}

const coverageTile = "/api/tiles/coverage/6/53/21"

// TestPromiseSingleFlight asks for a tile that nobody has made yet a thousand times at once.
func TestPromiseSingleFlight(t *testing.T) {
	const clients = 1000
	w, pyramid, source := realTiles(t)
	url := "http://" + w.listen(t) + coverageTile
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var waiting sync.WaitGroup
	bodies := make([][]byte, clients)
	for i := range clients {
		waiting.Go(func() {
			response, err := client.Get(url)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if bodies[i], err = io.ReadAll(response.Body); err != nil || response.StatusCode != 200 {
				t.Errorf("status %d, %v", response.StatusCode, err)
			}
		})
	}
	for deadline := time.Now().Add(20 * time.Second); pyramid.Stats().Misses < clients; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d requests are waiting", pyramid.Stats().Misses)
		}
	}
	close(source.hold)
	waiting.Wait()
	if made := source.asked.Load(); made != 1 || pyramid.Stats().Made != 1 {
		t.Errorf("the tile was made %d times (%d)", made, pyramid.Stats().Made)
	}
	for _, body := range bodies {
		if len(body) == 0 || !bytes.Equal(body, bodies[0]) {
			t.Fatal("the answers differ")
		}
	}
}

// TestPromiseErrorsAreNotCached breaks what tiles are made from, and mends it.
func TestPromiseErrorsAreNotCached(t *testing.T) {
	w, pyramid, source := realTiles(t)
	close(source.hold)
	fault := errors.New("SELECT secret")
	source.fail.Store(&fault)
	for range 3 {
		a := w.get(t, coverageTile)
		if a.status != 500 || a.header.Get("ETag") != "" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("a fault is answered with %d %v", a.status, a.header)
		}
	}
	if n := pyramid.Stats().Tiles; n != 0 || source.asked.Load() != 3 {
		t.Errorf("%d tiles are kept, %d tries", n, source.asked.Load())
	}
	source.fail.Store(nil)
	if a := w.get(t, coverageTile); a.status != 200 || len(a.body) == 0 {
		t.Errorf("after the fault: %d", a.status)
	}
	source.fail.Store(&fault)
	if a := w.get(t, coverageTile); a.status != 200 {
		t.Errorf("what was made is not kept: %d", a.status)
	}
}

// Each coding is another representation with a strong tag of its own; they hold the same tile.
func TestTileCodings(t *testing.T) {
	w, _, _ := realTiles(t)
	const target = "/api/tiles/units,stations/9/426/173"
	plain := w.get(t, target)
	if plain.status != 200 || plain.header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("%d %v", plain.status, plain.header)
	}
	decoders := map[string]func(io.Reader) (io.Reader, error){
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	}
	for accepted, want := range map[string]string{
		"br": "br", "gzip": "gzip", "gzip, deflate, br, zstd": "br", "br;q=0, gzip": "gzip", "identity": "", "br;q=0": "", "zstd": "",
	} {
		a := w.get(t, target, "Accept-Encoding", accepted)
		if got := a.header.Get("Content-Encoding"); got != want || a.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q is answered in %q, %v", accepted, got, a.header)
			continue
		}
		tag := plain.header.Get("ETag")
		body := a.body
		if want != "" {
			tag = tag[:len(tag)-1] + "-" + want + `"`
			reader, err := decoders[want](bytes.NewReader(a.body))
			if err == nil {
				body, err = io.ReadAll(reader)
			}
			if err != nil {
				t.Errorf("%s: %v", want, err)
			}
		}
		if a.header.Get("ETag") != tag || !bytes.Equal(body, plain.body) {
			t.Errorf("%q: tag %s, want %s; %d bytes, want %d", accepted, a.header.Get("ETag"), tag, len(body), len(plain.body))
		}
		known := w.get(t, target, "Accept-Encoding", accepted, "If-None-Match", tag)
		if known.status != 304 || len(known.body) != 0 || known.header.Get("ETag") != tag || known.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q known: %d %v", accepted, known.status, known.header)
		}
	}
}

// TestPromiseNoSuchTile is for addresses at which there is no tile, and for tiles with nothing in them.
func TestPromiseNoSuchTile(t *testing.T) {
	w, _, _ := realTiles(t)
	none := func(target string) scenario {
		return scenario{name: target, target: target, status: 404, code: "not_found"}
	}
	for _, s := range []scenario{
		none("/api/tiles/units/19/0/0"), none("/api/tiles/units/3/8/0"), none("/api/tiles/units/3/0/8"), none("/api/tiles/units/4294967296/0/0"),
		none("/api/tiles/units/-1/0/0"), none("/api/tiles/units/3/x/0"), none("/api/tiles/leaders/3/0/0"), none("/api/tiles/units,leaders/3/0/0"),
		none("/api/tiles/leaders"), none("/api/tiles/,/3/0/0"),
		{name: "empty", target: "/api/tiles/stations/9/0/0", status: 204},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, w) })
	}
}

// The tiles in GCJ-02 are other tiles with other tags, at addresses that their TileJSON and tile sets give.
func TestTilesInGCJ02(t *testing.T) {
	w, _, _ := realTiles(t)
	const station = "/api/tiles/stations/12/3410/1402"
	plain, moved := w.get(t, station), w.get(t, station+"?datum=gcj02")
	if plain.status != 200 || moved.status != 200 || moved.header.Get("ETag") == plain.header.Get("ETag") {
		t.Errorf("%d %v, moved %d %v", plain.status, plain.header, moved.status, moved.header)
	}
	if same := w.get(t, station+"?datum=wgs84"); !bytes.Equal(same.body, plain.body) {
		t.Error("wgs84 is not the default")
	}
	for target, want := range map[string]string{
		"/api/tiles/stations":                          "http://example.com/api/tiles/stations/{z}/{x}/{y}",
		"/api/tiles/stations?datum=wgs84":              "http://example.com/api/tiles/stations/{z}/{x}/{y}",
		"/api/tiles/stations?datum=gcj02":              "http://example.com/api/tiles/stations/{z}/{x}/{y}?datum=gcj02",
		"/api/tiles/coverage?datum=gcj02&radius_m=500": "http://example.com/api/tiles/coverage/{z}/{x}/{y}?datum=gcj02&radius_m=500",
		"/api/tiles/coverage?radius_m=500":             "http://example.com/api/tiles/coverage/{z}/{x}/{y}?radius_m=500",
	} {
		if got := read[TileJSON](t, w, target).Tiles; len(got) != 1 || got[0] != want {
			t.Errorf("%s gives %v, want %s", target, got, want)
		}
	}
	set := read[TileSet](t, w, "/api/collections/stations/tiles/WebMercatorQuad?datum=gcj02")
	for rel, want := range map[string]string{
		"item":        "http://example.com/api/collections/stations/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}?datum=gcj02",
		"describedby": "http://example.com/api/tiles/stations?datum=gcj02",
	} {
		if got := linkOf(t, set.Links, rel).Href; got != want {
			t.Errorf("%s: %s, want %s", rel, got, want)
		}
	}
	if a := w.get(t, "/api/collections/stations/tiles/WebMercatorQuad/12/1402/3410?datum=gcj02"); !bytes.Equal(a.body, moved.body) {
		t.Errorf("another tile under the OGC address: %d", a.status)
	}
	scenario{target: station + "?datum=bd09", status: 400, code: "invalid_parameter", has: []string{"wgs84, gcj02"}}.check(t, w)
}
