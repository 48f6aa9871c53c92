package tiles_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// editor changes a city at random, as planners do: borders move for all who share them, stations come,
// move and go, names and numbers change.
type editor struct {
	random *rand.Rand
	seq    int64
	edits  []yizhan.Change
}

func (e *editor) record(op yizhan.Op, f yizhan.Feature) {
	e.seq++
	change := yizhan.Change{Seq: e.seq, Op: op, Ref: f.Ref()}
	if op != yizhan.Delete {
		change.After = f
	}
	e.edits = append(e.edits, change)
}

func pick[F yizhan.Feature](e *editor, features map[string]F) F {
	sorted := yizhan.Sorted(features)
	return sorted[e.random.IntN(len(sorted))]
}

func (e *editor) edit(city *yizhan.City) {
	switch e.random.IntN(7) {
	case 0:
		grid := *pick(e, city.MicroGrids)
		grid.Households++
		e.record(yizhan.Update, &grid)
	case 1, 2:
		e.moveVertex(city)
	case 3:
		station := *pick(e, city.Stations)
		station.Location[0] += 0.01 * (e.random.Float64() - 0.5)
		e.record(yizhan.Update, &station)
	case 4:
		station := *pick(e, city.Stations)
		station.Code += "-B"
		if _, there := city.Stations[station.Code]; !there && len(station.Code) < 30 {
			e.record(yizhan.Create, &station)
		}
	case 5:
		if len(city.Stations) > 3 {
			e.record(yizhan.Delete, pick(e, city.Stations))
		}
	case 6:
		unit := *pick(e, city.Units)
		unit.Name += "新"
		e.record(yizhan.Update, &unit)
	}
}

// moveVertex moves one vertex a little, in every feature that has it.
func (e *editor) moveVertex(city *yizhan.City) {
	ring := pick(e, city.MicroGrids).Boundary[0][0]
	was := ring[e.random.IntN(len(ring))]
	is := yizhan.SnapPoint(orb.Point{was[0] + 4e-4*(e.random.Float64()-0.5), was[1] + 4e-4*(e.random.Float64()-0.5)})
	for _, grid := range yizhan.Sorted(city.MicroGrids) {
		if moved, ok := replace(grid.Boundary, was, is); ok {
			next := *grid
			next.Boundary = moved
			e.record(yizhan.Update, &next)
		}
	}
	for _, unit := range yizhan.Sorted(city.Units) {
		if moved, ok := replace(unit.Boundary, was, is); ok {
			next := *unit
			next.Boundary = moved
			e.record(yizhan.Update, &next)
		}
	}
}

func replace(shape orb.MultiPolygon, was, is orb.Point) (orb.MultiPolygon, bool) {
	if !slices.Contains(shape[0][0], was) {
		return nil, false
	}
	ring := slices.Clone(shape[0][0])
	for i, p := range ring {
		if p == was {
			ring[i] = is
		}
	}
	return orb.MultiPolygon{{ring}}, true
}

func TestUpdateEqualsRebuild(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	bounds := boundsOf(city)
	all := allTiles(bounds)
	for _, at := range all { // so that there is a cache to get wrong
		for _, layer := range cityLayers {
			get(t, p, layer, at)
		}
	}
	e := &editor{random: rand.New(rand.NewPCG(7, 7)), seq: city.Seq}
	rounds := 25
	if raceEnabled {
		rounds = 6
	}
	for range rounds {
		e.edits = nil
		for range 1 + e.random.IntN(3) {
			before := len(e.edits)
			e.edit(city)
			city = city.Next(e.edits[before:])
		}
		if len(e.edits) == 0 {
			continue
		}
		if err := p.Update(city, e.edits); err != nil {
			t.Fatal(err)
		}
		rebuilt := pyramidOf(t, city)
		for i, at := range all {
			if at.Z > 11 && (i+int(e.seq))%4 != 0 {
				continue
			}
			for _, layer := range cityLayers {
				if got, want := get(t, p, layer, at), get(t, rebuilt, layer, at); got.ETag != want.ETag || !bytes.Equal(got.Data, want.Data) {
					t.Fatalf("seq %d: %s %v differs from a rebuild after %v", city.Seq, layer, at, refsOf(e.edits))
				}
			}
		}
	}
	stats := p.Stats()
	if stats.Hits == 0 || stats.Dropped == 0 {
		t.Errorf("the cache was not put to the test: %+v", stats)
	}
	t.Logf("%+v", stats)
}

var cityLayers = []string{tiles.Base, tiles.Units, tiles.MicroGrids, tiles.Stations}

func allTiles(bounds world.Rect) []world.Tile {
	var all []world.Tile
	for _, zoom := range []uint32{0, 5, 7, 8, 9, 10, 11, 12, 13} {
		tilesOf(bounds, zoom, func(at world.Tile) { all = append(all, at) })
	}
	return all
}

func refsOf(changes []yizhan.Change) []yizhan.Ref {
	var refs []yizhan.Ref
	for _, c := range changes {
		refs = append(refs, c.Ref)
	}
	return refs
}

func TestUntouchedTilesStay(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	bounds := boundsOf(city)
	var kept []world.Tile
	tilesOf(bounds, 12, func(at world.Tile) { kept = append(kept, at); get(t, p, tiles.MicroGrids, at) })
	grid := *city.MicroGrids["150701001001001"]
	grid.Households++
	changes := []yizhan.Change{{Seq: 2, Op: yizhan.Update, Ref: grid.Ref(), After: &grid}}
	if err := p.Update(city.Next(changes), changes); err != nil {
		t.Fatal(err)
	}
	if dropped := p.Stats().Dropped; dropped == 0 || dropped > 4 {
		t.Errorf("an edit of one micro-grid dropped %d of %d tiles", dropped, len(kept))
	}
	if p.Seq() != 2 {
		t.Errorf("seq is %d", p.Seq())
	}
}

func TestManyMissesMakeATileOnce(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	made := p.Stats().Made
	at := world.Project(city.Stations["ST-150703001001"].Location)
	r := tiles.Request{Layers: []string{tiles.Stations, tiles.MicroGrids}, Z: 11, X: at.X >> 21, Y: at.Y >> 21}
	start := make(chan struct{})
	var callers sync.WaitGroup
	tags := make([]string, 1000)
	for i := range tags {
		callers.Go(func() {
			<-start
			tile, err := p.Tile(context.Background(), r)
			if err != nil {
				t.Error(err)
			}
			tags[i] = tile.ETag
		})
	}
	close(start)
	callers.Wait()
	if n := p.Stats().Made - made; n != 1 {
		t.Errorf("the tile was made %d times", n)
	}
	if tags = slices.Compact(tags); len(tags) != 1 || tags[0] == "" {
		t.Errorf("callers got the tags %v", tags)
	}
}

// Readers go on while the city changes, and never see a tile from before an update that came back.
func TestReadersDuringUpdates(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	done := make(chan struct{})
	var readers sync.WaitGroup
	all := allTiles(boundsOf(city))
	for worker := range 4 {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 3))
			for {
				select {
				case <-done:
					return
				default:
				}
				seq := p.Seq()
				at := all[random.IntN(len(all))]
				if _, err := p.Tile(context.Background(), tiles.Request{Layers: cityLayers, Z: at.Z, X: at.X, Y: at.Y}); err != nil {
					t.Error(err)
				}
				if p.Seq() < seq {
					t.Error("seq went back")
				}
			}
		})
	}
	e := &editor{random: rand.New(rand.NewPCG(9, 9)), seq: city.Seq}
	for range 10 {
		e.edits = nil
		e.edit(city)
		if len(e.edits) == 0 {
			continue
		}
		city = city.Next(e.edits)
		if err := p.Update(city, e.edits); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	readers.Wait()
	rebuilt := pyramidOf(t, city)
	for _, at := range all {
		if got, want := get(t, p, tiles.Units, at), get(t, rebuilt, tiles.Units, at); got.ETag != want.ETag {
			t.Errorf("%v is stale", at)
		}
	}
}
