package api

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
)

func touchedBy(after, seq int64, layers ...tiles.TouchedLayer) tiles.Touched {
	return tiles.Touched{After: after, Seq: seq, Layers: layers}
}

func stationTile(z, x, y uint32) tiles.TouchedLayer {
	return tiles.TouchedLayer{Layer: tiles.Stations, Runs: []tiles.TileRun{{Z: z, Y: y, MinX: x, MaxX: x}}}
}

func logOf(updates ...tiles.Touched) *touches {
	log := newTouches()
	for _, update := range updates {
		log.add(update)
	}
	return log
}

// tell plays a client that is at a seq and hears of changes, and gives what it is told: "seq layer tiles".
func tell(log *touches, at int64, changes ...int64) (told []string) {
	news := tilesNews{log, at}
	for _, seq := range changes {
		event, ok := news.upTo(seq)
		if !ok {
			continue
		}
		text, err := json.Marshal(event)
		if err != nil {
			panic(err)
		}
		told = append(told, string(text))
	}
	return told
}

func TestTilesNews(t *testing.T) {
	one := touchedBy(10, 11, stationTile(6, 52, 21))
	three := touchedBy(11, 14, stationTile(7, 104, 43), tiles.TouchedLayer{Layer: tiles.Coverage, All: true})
	quiet := touchedBy(14, 15)
	everything := `"layers":[{"layer":"base","all":true,"tiles":[]},{"layer":"units","all":true,"tiles":[]},{"layer":"micro_grids","all":true,"tiles":[]},` +
		`{"layer":"coverage","all":true,"tiles":[]},{"layer":"gaps","all":true,"tiles":[]},{"layer":"stations","all":true,"tiles":[]}]}`
	first := `{"seq":11,"layers":[{"layer":"stations","all":false,"tiles":["6/52/21"]}]}`
	second := `{"seq":14,"layers":[{"layer":"coverage","all":true,"tiles":[]},{"layer":"stations","all":false,"tiles":["7/104/43"]}]}`
	for _, test := range []struct {
		name    string
		log     *touches
		at      int64
		changes []int64
		want    []string
	}{
		{"each update with its last change", logOf(one, three, quiet), 10, []int64{11, 12, 13, 14, 15}, []string{first, second}},
		{"resumed within an update", logOf(one, three, quiet), 12, []int64{13, 14, 15}, []string{second}},
		{"resumed after an update", logOf(one, three, quiet), 14, []int64{15}, nil},
		{"resumed before what is remembered", logOf(three, quiet), 8, []int64{9, 10, 11, 12, 13, 14, 15}, []string{`{"seq":9,` + everything, second}},
		{"nothing is remembered", newTouches(), 8, []int64{9, 10}, []string{`{"seq":9,` + everything, `{"seq":10,` + everything}},
		{"the log is another one", logOf(one, three, touchedBy(3, 5, stationTile(1, 0, 0))), 1, []int64{2, 5}, []string{`{"seq":2,` + everything,
			`{"seq":5,"layers":[{"layer":"stations","all":false,"tiles":["1/0/0"]}]}`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := tell(test.log, test.at, test.changes...); !reflect.DeepEqual(got, test.want) {
				t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestTilesEventJoinsAndIsBounded(t *testing.T) {
	row := func(z, y, from, to uint32) tiles.TileRun { return tiles.TileRun{Z: z, Y: y, MinX: from, MaxX: to} }
	layer := func(runs ...tiles.TileRun) tiles.TouchedLayer {
		return tiles.TouchedLayer{Layer: tiles.Units, Runs: runs}
	}
	event := tilesEvent([]tiles.Touched{
		touchedBy(1, 2, layer(row(9, 7, 3, 4), row(9, 8, 1, 1))),
		touchedBy(2, 3, layer(row(8, 9, 0, 0), row(9, 7, 5, 6), row(9, 7, 4, 4))),
	})
	if want := []string{"8/0/9", "9/3-6/7", "9/1/8"}; len(event.Layers) != 1 || !reflect.DeepEqual(event.Layers[0].Tiles, want) {
		t.Errorf("%+v, want %v", event, want)
	}
	var far []tiles.TileRun
	for i := range uint32(maxToldRuns + 1) {
		far = append(far, row(15, i, 0, 0))
	}
	if event := tilesEvent([]tiles.Touched{touchedBy(1, 2, layer(far...))}); !event.Layers[0].All || len(event.Layers[0].Tiles) > 0 {
		t.Errorf("a list of %d is sent", len(far))
	}
}

func TestTouchesAreBounded(t *testing.T) {
	log := newTouches()
	for seq := int64(1); seq <= 2*maxTouches; seq++ {
		log.add(touchedBy(seq-1, seq, stationTile(3, 1, 1)))
	}
	if len(log.records) != maxTouches || log.runs != maxTouches {
		t.Errorf("%d updates with %d runs are kept", len(log.records), log.runs)
	}
	huge := tiles.TouchedLayer{Layer: tiles.Units, Runs: make([]tiles.TileRun, maxTouchedRuns)}
	log.add(touchedBy(2*maxTouches, 2*maxTouches+1, huge))
	if len(log.records) != 1 || log.runs != maxTouchedRuns {
		t.Errorf("%d updates with %d runs are kept", len(log.records), log.runs)
	}
}

// A client that loses the line resumes from its last change and is told of the tiles that it missed.
func TestEventsTellOfTiles(t *testing.T) {
	changes := someChanges() // 40, 41 and 42, of which 41 is nothing for the public
	w := newStage(t, func(w *stage) {
		w.feed.subscribe = changes.subscribe
		w.options.Tiles = quietTiles{w.tiles}
	})
	for _, update := range []tiles.Touched{touchedBy(0, 39), touchedBy(39, 41, stationTile(5, 26, 10)), touchedBy(41, 42, stationTile(6, 52, 21))} {
		w.server.touches[tiles.WGS84].add(update)
	}
	base := "http://" + w.listen(t) + "/api/events"
	for last, want := range map[string]string{
		"39": "40 5/26/10 6/52/21 42", // before 41, which is not told itself
		"40": "5/26/10 6/52/21 42",
		"41": "6/52/21 42",
	} {
		stream := follow(t, base, last)
		var got []string
		for len(got) == 0 || got[len(got)-1] != "42" {
			got = append(got, stream.word(t))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("resumed after %s: %q, want %q", last, text, want)
		}
	}
}

// A follower of GCJ-02 hears of the tiles there.
func TestEventsTellOfTilesInGCJ02(t *testing.T) {
	w := newStage(t, func(w *stage) { w.feed.subscribe = someChanges().subscribe })
	gcj := w.server.touches[tiles.GCJ02]
	gcj.add(touchedBy(0, 41))
	gcj.add(touchedBy(41, 42, stationTile(9, 1, 2)))
	stream := follow(t, "http://"+w.listen(t)+"/api/events?datum=gcj02", "41")
	if got := stream.word(t); got != "9/1/2" {
		t.Errorf("told of %s", got)
	}
}

// quietTiles tells nothing by itself.
type quietTiles struct{ *fakeTiles }

func (quietTiles) OnTouched(func(tiles.Touched)) {}

// word reads the next event: its id, or the tiles that it names.
func (s *eventStream) word(t *testing.T) string {
	t.Helper()
	for s.lines.Scan() {
		text, ok := strings.CutPrefix(s.lines.Text(), "data: ")
		if !ok {
			continue
		}
		var event struct {
			Seq    json.Number
			Code   string
			Layers []TouchedTiles
		}
		if err := json.Unmarshal([]byte(text), &event); err != nil {
			t.Fatal(err)
		}
		if event.Code != "" {
			return event.Seq.String()
		}
		var names []string
		for _, layer := range event.Layers {
			names = append(names, layer.Tiles...)
			if layer.All {
				names = append(names, "all:"+layer.Layer)
			}
		}
		return strings.Join(names, " ")
	}
	t.Fatalf("the stream ended: %v", s.lines.Err())
	return ""
}

// A list that is not ready in time holds nobody up.
func TestEventsDoNotWaitLongForTiles(t *testing.T) {
	w := newStage(t, func(w *stage) {
		w.feed.subscribe = someChanges().subscribe
		w.options.Tiles = quietTiles{w.tiles}
	})
	began := time.Now()
	stream := follow(t, "http://"+w.listen(t)+"/api/events", "41")
	if got := stream.word(t); !strings.HasPrefix(got, "all:base all:units") {
		t.Errorf("told of %s", got)
	}
	if got := stream.word(t); got != "42" || time.Since(began) < tilesPatience {
		t.Errorf("then %s, after %s", got, time.Since(began))
	}
}

// The list may come after the change.
func TestEventsWaitALittleForTiles(t *testing.T) {
	w := newStage(t, func(w *stage) {
		changes := make(chan yizhan.Change, 1)
		changes <- someChanges().changes[2]
		w.feed.subscribe = func(context.Context, int64) (<-chan yizhan.Change, error) { return changes, nil }
		w.options.Tiles = quietTiles{w.tiles}
	})
	stream := follow(t, "http://"+w.listen(t)+"/api/events", "41")
	stream.until(t, ": after 41")
	w.server.touches[tiles.WGS84].add(touchedBy(0, 41))
	w.server.touches[tiles.WGS84].add(touchedBy(41, 42, stationTile(6, 52, 21)))
	if got := stream.word(t); got != "6/52/21" {
		t.Errorf("told of %s", got)
	}
}
