package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

const (
	replicas       = 3
	replicaBanner  = "150702" // Hailar; the whole city with YIZHAN_REPLICA_EDITS
	fewEdits       = 40
	freshIn        = 10 * time.Second // the target is 1 s; a busy machine is no failure
	notifyLostEach = 10               // edits
	rebuildEach    = 10               // edits
)

// TestPromiseReplicasAreFresh makes random edits to one database that three processes follow. After each,
// every touched tile is the same on all of them and other than before, every tile that was not listed as
// touched has the tag that it had, and after every tenth, when the doorbell was lost on purpose, tiles
// equal those of a pyramid built from nothing. YIZHAN_REPLICA_EDITS=1000 makes so many edits to the whole city.
func TestPromiseReplicasAreFresh(t *testing.T) {
	edits, _ := strconv.Atoi(os.Getenv("YIZHAN_REPLICA_EDITS"))
	r := newReplicas(t, edits > 0)
	var rung, lost []time.Duration
	for i := range max(edits, fewEdits) {
		deaf := i%notifyLostEach == notifyLostEach-1
		took := r.round(deaf, i%rebuildEach == rebuildEach-1)
		if deaf {
			lost = append(lost, took...)
		} else {
			rung = append(rung, took...)
		}
	}
	t.Logf("edit to fresh on each of %d replicas, after %d edits: p50 %s, p95 %s, worst %s; with the doorbell lost: p50 %s, worst %s; %d tiles changed, %d did not",
		replicas, len(rung)/replicas, percentile(rung, 50), percentile(rung, 95), percentile(rung, 100), percentile(lost, 50), percentile(lost, 100), r.changed, r.kept)
	if r.changed < fewEdits || r.kept < fewEdits {
		t.Errorf("%d tiles changed and %d did not: too few to tell", r.changed, r.kept)
	}
}

func percentile(times []time.Duration, percent int) time.Duration {
	slices.Sort(times)
	return times[(len(times)-1)*percent/100].Round(100 * time.Microsecond)
}

// fleet is several servers on one database, and one who edits it.
type fleet struct {
	*testing.T
	url           string
	store         *store.Store
	bases         []string
	news          []<-chan touchedTiles // of each server
	city          *yizhan.City          // as it is in the database
	random        *rand.Rand
	changed, kept int
}

// touchedTiles is the data of a tiles event.
type touchedTiles struct {
	Seq    int64
	Layers []struct {
		Layer string
		All   bool
		Tiles []string
	}
}

func newReplicas(t *testing.T, whole bool) *fleet {
	f := &fleet{T: t, url: pgtest.DB(t), random: rand.New(rand.NewPCG(7, 7))}
	f.store = f.open()
	city, err := demo.Generate(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	changeset := city.Changeset()
	if !whole {
		changeset = partOf(city, replicaBanner)
	}
	if _, err := f.store.Apply(t.Context(), changeset); err != nil {
		t.Fatal(err)
	}
	if f.city, err = f.store.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	binary := commandPath(t)
	for range replicas {
		f.serve(binary)
	}
	for _, base := range f.bases {
		f.awaitReady(base)
		f.news = append(f.news, f.follow(base))
	}
	return f
}

// partOf is a city of one banner.
func partOf(city *demo.City, banner string) yizhan.Changeset {
	part := &demo.City{}
	in := func(code string) bool { return strings.HasPrefix(code, banner) }
	for _, unit := range city.Units {
		if unit.Level == yizhan.LevelCity || in(unit.Code) {
			part.Units = append(part.Units, unit)
		}
	}
	for _, grid := range city.MicroGrids {
		if in(grid.Community) {
			part.MicroGrids = append(part.MicroGrids, grid)
		}
	}
	for _, station := range city.Stations {
		if in(station.Community) {
			part.Stations = append(part.Stations, station)
		}
	}
	return part.Changeset()
}

func (f *fleet) open() *store.Store {
	opened, err := store.Open(f.Context(), store.Options{URL: f.url})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(opened.Close)
	return opened
}

// serve runs one more process.
func (f *fleet) serve(binary string) {
	s := start(f.T, binary, f.TempDir(), "--database", f.url, "--rate-limit", "0")
	f.bases = append(f.bases, s.base)
}

func (f *fleet) awaitReady(base string) {
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		response, err := http.Get(base + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			f.Fatalf("%s is not ready: %v", base, err)
		}
	}
}

// follow gives the tiles events of a server.
func (f *fleet) follow(base string) <-chan touchedTiles {
	request, err := http.NewRequestWithContext(f.Context(), http.MethodGet, base+"/api/events", nil)
	if err != nil {
		f.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = response.Body.Close() })
	news := make(chan touchedTiles, 10_000)
	go func() {
		defer close(news)
		readTouched(response.Body, news)
	}()
	return news
}

func readTouched(stream io.Reader, news chan<- touchedTiles) {
	var event string
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 4<<20) // thousands of tiles may be in a line
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || event != "tiles" {
			continue
		}
		var touched touchedTiles
		if json.Unmarshal([]byte(data), &touched) != nil {
			return // the test sees that the stream ended
		}
		news <- touched
	}
}

// place is a tile of a tile set.
type place struct {
	layer string
	world.Tile
}

func (p place) String() string { return fmt.Sprintf("%s/%d/%d/%d", p.layer, p.Z, p.X, p.Y) }

// answered is a tile as a server gave it.
type answered struct {
	tag  string
	body []byte
}

func (f *fleet) tile(base string, p place) answered {
	response, err := http.Get(base + "/api/tiles/" + p.String())
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNoContent {
		f.Fatalf("%s: status %d, %v: %s", p, response.StatusCode, err, body)
	}
	return answered{response.Header.Get("ETag"), body}
}

// round makes one edit, checks what came of it on every server, and tells how long each took to be fresh.
func (f *fleet) round(deaf, rebuild bool) (took []time.Duration) {
	edit := f.draw(f.city)
	around := f.around(edit)
	before := map[place]string{}
	for _, p := range around {
		before[p] = f.tile(f.bases[0], p).tag
	}
	if deaf {
		f.loseDoorbells()
	}
	began := time.Now()
	applied, err := f.store.Apply(f.Context(), yizhan.Changeset{Author: "test", Edits: edit.edits})
	if yizhan.CodeOf(err) == yizhan.CodeInvalid {
		return nil // a vertex went where it may not be
	}
	if err != nil {
		f.Fatal(err)
	}
	took = f.awaitFresh(edit.shows, before[edit.shows], began)
	f.keepUp()
	f.check(around, before, f.heard(applied.LastSeq))
	if rebuild {
		f.checkRebuilt(around)
	}
	return took
}

// keepUp brings the city that edits are drawn from to the end of the log.
func (f *fleet) keepUp() {
	changes, err := f.store.Changes(f.Context(), f.city.Seq, 1000)
	if err != nil {
		f.Fatal(err)
	}
	f.city = f.city.Next(changes)
}

// awaitFresh waits until a tile is another one on each server, which are asked in turn.
func (f *fleet) awaitFresh(p place, was string, began time.Time) []time.Duration {
	took := make([]time.Duration, len(f.bases))
	for left := len(f.bases); left > 0; time.Sleep(time.Millisecond) {
		for i, base := range f.bases {
			if took[i] == 0 && f.tile(base, p).tag != was {
				took[i] = time.Since(began)
				left--
			}
		}
		if time.Since(began) > freshIn {
			f.Fatalf("%s is not fresh after %s: %v", p, freshIn, took)
		}
	}
	return took
}

// heard waits for the news of a change from each server and gives what it says is touched, whoever says it.
func (f *fleet) heard(seq int64) func(place) bool {
	listed, everywhere := map[string]bool{}, map[string]bool{}
	for i, news := range f.news {
		for at := int64(0); at < seq; {
			select {
			case touched, open := <-news:
				if !open {
					f.Fatalf("the events of server %d ended", i)
				}
				at = touched.Seq
				for _, layer := range touched.Layers {
					everywhere[layer.Layer] = everywhere[layer.Layer] || layer.All
					for _, text := range layer.Tiles {
						listed[layer.Layer+"/"+text] = true
					}
				}
			case <-time.After(freshIn):
				f.Fatalf("server %d tells nothing of change %d", i, seq)
			}
		}
	}
	return func(p place) bool { return everywhere[p.layer] || listedIn(listed, p) }
}

// listedIn tells whether a tile is listed, by itself or within a row.
func listedIn(listed map[string]bool, p place) bool {
	if listed[p.String()] {
		return true
	}
	for text := range listed {
		var z, from, to, y uint32
		rest, ours := strings.CutPrefix(text, p.layer+"/")
		if n, _ := fmt.Sscanf(rest, "%d/%d-%d/%d", &z, &from, &to, &y); ours && n == 4 && z == p.Z && y == p.Y && from <= p.X && p.X <= to {
			return true
		}
	}
	return false
}

func (f *fleet) check(around []place, before map[place]string, touched func(place) bool) {
	for _, p := range around {
		first := f.tile(f.bases[0], p)
		for _, base := range f.bases[1:] {
			if other := f.tile(base, p); other.tag != first.tag || !bytes.Equal(other.body, first.body) {
				f.Errorf("%s differs between servers", p)
			}
		}
		switch isOther := first.tag != before[p]; {
		case isOther && !touched(p):
			f.Errorf("%s changed and was not told of", p)
		case isOther:
			f.changed++
		default:
			f.kept++
		}
	}
}

// checkRebuilt holds tiles against those of a pyramid built from the database as it is.
func (f *fleet) checkRebuilt(around []place) {
	city, err := f.store.Snapshot(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	rebuilt := tiles.NewPyramid(tiles.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := rebuilt.Update(city, nil); err != nil {
		f.Fatal(err)
	}
	for _, p := range around {
		want, err := rebuilt.Tile(f.Context(), tiles.Request{Layers: []string{p.layer}, Z: p.Z, X: p.X, Y: p.Y})
		if err != nil {
			f.Fatal(err)
		}
		if got := f.tile(f.bases[1], p); !bytes.Equal(got.body, want.Data) {
			f.Errorf("%s is not what a rebuild gives", p)
		}
	}
}

// loseDoorbells cuts the connections on which servers listen: what is told before they are back is lost.
func (f *fleet) loseDoorbells() {
	conn, err := pgx.Connect(f.Context(), f.url)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	result, err := conn.Exec(f.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query ILIKE 'listen %'`)
	if err != nil || result.RowsAffected() == 0 {
		f.Fatalf("cut %d listeners: %v", result.RowsAffected(), err)
	}
}

// drawn is an edit, where it is, and a tile that it surely changes.
type drawn struct {
	edits []yizhan.Edit
	at    []orb.Point // the old place and the new one
	shows place
}

func pick[F any](f *fleet, features map[string]F) F {
	codes := make([]string, 0, len(features))
	for c := range features {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return features[codes[f.random.IntN(len(codes))]]
}

func (f *fleet) draw(city *yizhan.City) drawn {
	switch f.random.IntN(5) {
	case 0:
		grid := *pick(f, city.MicroGrids)
		grid.Households++
		at := grid.Boundary[0][0][0]
		return drawn{[]yizhan.Edit{yizhan.UpdateOf(&grid)}, []orb.Point{at}, placeOf(tiles.MicroGrids, 15, at)}
	case 1:
		station := *pick(f, city.Stations)
		station.Code, station.Version = fmt.Sprintf("T-%d", city.Seq), 0
		return drawn{[]yizhan.Edit{yizhan.CreateOf(&station)}, []orb.Point{station.Location}, placeOf(tiles.Stations, 15, station.Location)}
	case 2:
		if edit, ok := f.moveVertex(city); ok {
			return edit
		}
	}
	station := *pick(f, city.Stations)
	was := station.Location
	station.Location = yizhan.SnapPoint(orb.Point{was[0] + 0.004*(f.random.Float64()-0.5), was[1] + 0.004*(f.random.Float64()-0.5)})
	return drawn{[]yizhan.Edit{yizhan.UpdateOf(&station)}, []orb.Point{was, station.Location}, placeOf(tiles.Stations, 15, station.Location)}
}

// moveVertex moves a vertex that only micro-grids of one community have, in each of them.
func (f *fleet) moveVertex(city *yizhan.City) (drawn, bool) {
	grid := pick(f, city.MicroGrids)
	border := city.Units[grid.Community].Boundary
	ring := grid.Boundary[0][0]
	was := ring[f.random.IntN(len(ring))]
	if hasVertex(border, was) {
		return drawn{}, false
	}
	is := yizhan.SnapPoint(orb.Point{was[0] + 2e-5, was[1] + 1e-5})
	edit := drawn{at: []orb.Point{was, is}, shows: placeOf(tiles.MicroGrids, 15, was)}
	for _, other := range city.MicroGrids {
		if other.Community != grid.Community || !hasVertex(other.Boundary, was) {
			continue
		}
		moved := *other
		moved.Boundary = moved.Boundary.Clone()
		for _, polygon := range moved.Boundary {
			for _, ring := range polygon {
				for i := range ring {
					if ring[i] == was {
						ring[i] = is
					}
				}
			}
		}
		edit.edits = append(edit.edits, yizhan.UpdateOf(&moved))
	}
	return edit, true
}

func hasVertex(shape orb.MultiPolygon, p orb.Point) bool {
	for _, polygon := range shape {
		for _, ring := range polygon {
			if slices.Contains(ring, p) {
				return true
			}
		}
	}
	return false
}

func placeOf(layer string, zoom uint32, p orb.Point) place {
	at := world.Project(p)
	return place{layer, world.Tile{Z: zoom, X: uint32(uint64(at.X) >> (world.Bits - zoom)), Y: uint32(uint64(at.Y) >> (world.Bits - zoom))}}
}

// around gives tiles that an edit may touch, and neighbours that it hardly does.
func (f *fleet) around(edit drawn) []place {
	seen := map[place]bool{}
	for _, layer := range []string{tiles.Units, tiles.MicroGrids, tiles.Stations} {
		for _, at := range edit.at {
			for _, zoom := range []uint32{0, 5, 8, 10, 12, 14, 15} {
				p := placeOf(layer, zoom, at)
				seen[p] = true
				if zoom > 8 {
					p.X += uint32(f.random.IntN(3)) - 1
					p.Y += uint32(f.random.IntN(3)) - 1
					seen[p] = true
				}
			}
		}
	}
	places := []place{}
	for p := range seen {
		places = append(places, p)
	}
	return places
}
