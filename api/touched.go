package api

import (
	"cmp"
	"slices"
	"strconv"
	"sync"

	"github.com/yizhan/yizhan/tiles"
)

// TilesEvent is the data of a `tiles` event: which tiles are others now.
type TilesEvent struct {
	Seq    int64          `json:"seq" doc:"Tiles asked for from now on show every change up to this one"`
	Layers []TouchedTiles `json:"layers" nullable:"false" doc:"Tile sets of which tiles changed; a composite changed where one of its layers did"`
}

// TouchedTiles says where one tile set changed.
type TouchedTiles struct {
	Layer string   `json:"layer" enum:"base,units,micro_grids,coverage,stations"`
	All   bool     `json:"all" doc:"Anywhere: ask again for every tile that is shown"`
	Tiles []string `json:"tiles" nullable:"false" doc:"z/x/y of each, or z/from-to/y for neighbours in a row; to zoom 15, from which clients enlarge; empty with all"`
}

// The bounds of what is remembered for clients that resume, and of one event.
const (
	maxTouches     = 4096
	maxTouchedRuns = 200_000 // of all that is remembered, 16 bytes each
	maxToldRuns    = 2_000   // of one layer in one event: beyond, asking for all costs less than reading the list
)

// touches remembers which tiles the last updates touched, without a hole, for clients that resume.
type touches struct {
	mu      sync.Mutex
	records []tiles.Touched
	runs    int
	grown   chan struct{} // closed and replaced when there is something new
}

func newTouches() *touches { return &touches{grown: make(chan struct{})} }

// add appends what an update touched. One that does not follow the last, because the log turned out to be
// another one, begins anew.
func (t *touches) add(touched tiles.Touched) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.records); n > 0 && (t.records[n-1].Seq != touched.After || touched.Seq < touched.After) {
		t.records, t.runs = nil, 0
	}
	t.records = append(t.records, touched)
	t.runs += runsOf(touched)
	forget := 0
	for ; len(t.records)-forget > maxTouches || t.runs > maxTouchedRuns && forget < len(t.records)-1; forget++ {
		t.runs -= runsOf(t.records[forget])
	}
	t.records = t.records[forget:]
	close(t.grown)
	t.grown = make(chan struct{})
}

func runsOf(touched tiles.Touched) (n int) {
	for _, layer := range touched.Layers {
		n += len(layer.Runs)
	}
	return n
}

// knows tells whether what touched the tiles up to a seq is known; grown is closed when it is worth asking
// again.
func (t *touches) knows(seq int64) (known bool, grown <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.records)
	return n > 0 && t.records[n-1].Seq >= seq, t.grown
}

// between gives the updates after one seq that are through by another. from is the seq from which on
// updates are remembered: when it is later than after, some were forgotten.
func (t *touches) between(after, seq int64) (updates []tiles.Touched, from int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from = seq // nothing is remembered
	if len(t.records) > 0 {
		from = t.records[0].After
	}
	for _, record := range t.records {
		if record.Seq > after && record.Seq <= seq {
			updates = append(updates, record)
		}
	}
	return updates, from
}

// tilesNews is what one client has been told of tiles.
type tilesNews struct {
	log  *touches
	told int64 // tiles touched up to here were told
}

// upTo gives the event to send before the change of a seq; ok is false when there is none. Before, not
// after: a client that loses the line in between resumes from an earlier change and is told again.
//
// Several changes may come of one update. It is told with the last of them, when every view shows it.
func (n *tilesNews) upTo(seq int64) (event TilesEvent, ok bool) {
	if seq <= n.told {
		return TilesEvent{}, false
	}
	updates, from := n.log.between(n.told, seq)
	if from > n.told {
		n.told = max(seq, from)
		return everyTile(seq), true
	}
	if len(updates) == 0 {
		return TilesEvent{}, false
	}
	n.told = updates[len(updates)-1].Seq
	event = tilesEvent(updates)
	return event, len(event.Layers) > 0
}

// all gives the event that has every tile asked for again.
func (n *tilesNews) all(seq int64) TilesEvent {
	n.told = seq
	return everyTile(seq)
}

func everyTile(seq int64) TilesEvent {
	event := TilesEvent{Seq: seq}
	for _, layer := range tiles.Layers() {
		event.Layers = append(event.Layers, TouchedTiles{Layer: layer, All: true, Tiles: []string{}})
	}
	return event
}

// tilesEvent puts updates into one event.
func tilesEvent(updates []tiles.Touched) TilesEvent {
	event := TilesEvent{Seq: updates[len(updates)-1].Seq, Layers: []TouchedTiles{}}
	for _, layer := range tiles.Layers() {
		all := false
		var runs []tiles.TileRun
		for _, update := range updates {
			for _, l := range update.Layers {
				if l.Layer == layer {
					all = all || l.All
					runs = append(runs, l.Runs...)
				}
			}
		}
		runs = joined(runs)
		switch {
		case all || len(runs) > maxToldRuns:
			event.Layers = append(event.Layers, TouchedTiles{Layer: layer, All: true, Tiles: []string{}})
		case len(runs) > 0:
			event.Layers = append(event.Layers, TouchedTiles{Layer: layer, Tiles: texts(runs)})
		}
	}
	return event
}

// joined sorts runs and puts those that overlap or touch into one.
func joined(runs []tiles.TileRun) []tiles.TileRun {
	slices.SortFunc(runs, func(a, b tiles.TileRun) int {
		return cmp.Or(cmp.Compare(a.Z, b.Z), cmp.Compare(a.Y, b.Y), cmp.Compare(a.MinX, b.MinX))
	})
	kept := runs[:0]
	for _, run := range runs {
		if n := len(kept); n > 0 && kept[n-1].Z == run.Z && kept[n-1].Y == run.Y && run.MinX <= kept[n-1].MaxX+1 {
			kept[n-1].MaxX = max(kept[n-1].MaxX, run.MaxX)
			continue
		}
		kept = append(kept, run)
	}
	return kept
}

func texts(runs []tiles.TileRun) []string {
	list := make([]string, len(runs))
	for i, run := range runs {
		text := strconv.AppendUint(nil, uint64(run.Z), 10)
		text = strconv.AppendUint(append(text, '/'), uint64(run.MinX), 10)
		if run.MaxX > run.MinX {
			text = strconv.AppendUint(append(text, '-'), uint64(run.MaxX), 10)
		}
		list[i] = string(strconv.AppendUint(append(text, '/'), uint64(run.Y), 10))
	}
	return list
}
