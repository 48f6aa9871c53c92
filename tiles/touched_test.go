package tiles_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// told applies changes and waits for the news of them.
func told(t *testing.T, p *tiles.Pyramid, news <-chan tiles.Touched, city *yizhan.City, changes []yizhan.Change) tiles.Touched {
	t.Helper()
	if err := p.Update(city, changes); err != nil {
		t.Fatal(err)
	}
	touched := <-news
	if touched.Seq != city.Seq {
		t.Fatalf("told of %d at %d", touched.Seq, city.Seq)
	}
	return touched
}

// TestPromiseOnlyTouchedTilesChange makes 1,000 random edits. After each, at three zooms drawn by lot out
// of all, exactly the tiles listed have other bytes than before, and what the cache gives equals what is
// made anew; after every tenth it equals what a pyramid built from nothing gives. Under the race detector it
// makes 50.
func TestPromiseOnlyTouchedTilesChange(t *testing.T) {
	edits := 1000
	if testing.Short() || raceEnabled {
		edits = 50
	}
	w := newWatcher(t, newLattice(2, 1, 2, 2, 0.06, 2).city())
	for i := range edits {
		zooms := []uint32{w.e.zoom(), w.e.zoom(), w.e.zoom()}
		before := w.tags(w.cold, zooms)
		touched, edited := w.edit()
		if !edited {
			continue
		}
		after := w.tags(w.cold, zooms)
		for at, tag := range after {
			w.checkListed(touched, at, tag != before[at])
		}
		w.checkSame("the cache", after, w.tags(w.p, zooms))
		if i%10 == 0 {
			w.checkSame("a rebuild", after, w.tags(pyramidOf(t, w.city), zooms))
		}
	}
	if w.changed < edits {
		t.Errorf("only %d tiles changed", w.changed)
	}
	t.Logf("%d tiles changed", w.changed)
}

// watcher edits a city that two pyramids follow, one of which keeps no tile.
type watcher struct {
	t       *testing.T
	city    *yizhan.City
	p, cold *tiles.Pyramid
	news    chan tiles.Touched
	e       *editor
	bounds  world.Rect
	changed int
}

func newWatcher(t *testing.T, city *yizhan.City) *watcher {
	w := &watcher{t: t, city: city, p: pyramidOf(t, city), news: make(chan tiles.Touched, 1),
		cold:   tiles.NewPyramid(tiles.Options{CacheBytes: 1, Logger: quiet()}),
		e:      &editor{random: rand.New(rand.NewPCG(5, 5)), seq: city.Seq},
		bounds: grownBy(boundsOf(city), 0.05)}
	if err := w.cold.Update(city, nil); err != nil {
		t.Fatal(err)
	}
	w.p.OnTouched(func(touched tiles.Touched) { w.news <- touched })
	return w
}

func (e *editor) zoom() uint32 { return uint32(e.random.IntN(16)) }

type layerTile struct {
	layer string
	at    world.Tile
}

func (w *watcher) tags(p *tiles.Pyramid, zooms []uint32) map[layerTile]string {
	tags := map[layerTile]string{}
	for _, zoom := range zooms {
		tilesOf(w.bounds, zoom, func(at world.Tile) {
			for _, layer := range cityLayers {
				tags[layerTile{layer, at}] = get(w.t, p, layer, at).ETag
			}
		})
	}
	return tags
}

func (w *watcher) edit() (touched tiles.Touched, edited bool) {
	w.e.edits = nil
	w.e.edit(w.city)
	if len(w.e.edits) == 0 {
		return touched, false
	}
	w.city = w.city.Next(w.e.edits)
	if err := w.cold.Update(w.city, w.e.edits); err != nil {
		w.t.Fatal(err)
	}
	return told(w.t, w.p, w.news, w.city, w.e.edits), true
}

func (w *watcher) checkListed(touched tiles.Touched, of layerTile, changed bool) {
	w.t.Helper()
	if changed {
		w.changed++
	}
	listed := touched.Has(of.layer, of.at.Z, of.at.X, of.at.Y)
	if changed && !listed || listed && !changed && !allOf(touched, of.layer) {
		w.t.Fatalf("%v: changed is %v and listed %v after %v: %+v", of, changed, listed, refsOf(w.e.edits), touched)
	}
}

func (w *watcher) checkSame(what string, want, got map[layerTile]string) {
	w.t.Helper()
	for of, tag := range want {
		if got[of] != tag {
			w.t.Fatalf("%v differs from %s after %v", of, what, refsOf(w.e.edits))
		}
	}
}

func allOf(touched tiles.Touched, layer string) bool {
	return slices.ContainsFunc(touched.Layers, func(l tiles.TouchedLayer) bool { return l.Layer == layer && l.All })
}

func grownBy(r world.Rect, share float64) world.Rect {
	by := int64(share * float64(r.MaxX-r.MinX))
	return world.Rect{MinX: r.MinX - by, MinY: r.MinY - by, MaxX: r.MaxX + by, MaxY: r.MaxY + by}
}

func TestNewsComesTogetherAndInOrder(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	news, hold := make(chan tiles.Touched, 100), make(chan struct{})
	p.OnTouched(func(touched tiles.Touched) { <-hold; news <- touched })
	e := &editor{random: rand.New(rand.NewPCG(8, 8)), seq: city.Seq}
	first := city.Seq
	for range 20 {
		e.edits = nil
		e.edit(city)
		if len(e.edits) > 0 {
			city = city.Next(e.edits)
			if err := p.Update(city, e.edits); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(hold)
	for seen := first; seen != city.Seq; {
		touched := <-news
		if touched.After != seen || touched.Seq <= seen {
			t.Fatalf("after %d comes news of (%d, %d]", seen, touched.After, touched.Seq)
		}
		seen = touched.Seq
	}
	if len(news) > 0 {
		t.Error("there is more news than there were updates")
	}
}

func TestALoadTouchesEverything(t *testing.T) {
	city := testCity()
	p := pyramidOf(t, city)
	news := make(chan tiles.Touched, 1)
	p.OnTouched(func(touched tiles.Touched) { news <- touched })
	touched := told(t, p, news, &yizhan.City{Seq: 9}, nil)
	for _, layer := range cityLayers {
		if !touched.Has(layer, 3, 1, 2) {
			t.Errorf("%s is not told of", layer)
		}
	}
}

// The news lists coverage tiles around the cells that may have changed, and all of them where that is not known.
func TestTouchedCoverage(t *testing.T) {
	city := newLattice(1, 1, 2, 2, 0.05, 1).city()
	place := city.Stations[slices.Min(slices.Collect(maps.Keys(city.Stations)))]
	source := &fakeCoverage{seq: 1}
	p := tiles.NewPyramid(tiles.Options{Coverage: source, Logger: quiet()})
	if err := p.Update(city, nil); err != nil {
		t.Fatal(err)
	}
	news := make(chan tiles.Touched, 1)
	p.OnTouched(func(touched tiles.Touched) { news <- touched })
	move := func() tiles.Touched {
		moved := *place
		moved.Location[0] += 0.001
		changes := []yizhan.Change{{Seq: city.Seq + 1, Op: yizhan.Update, Ref: moved.Ref(), After: &moved}}
		city, place = city.Next(changes), &moved
		return told(t, p, news, city, changes)
	}
	at := world.Project(place.Location)
	tile := func(zoom uint32, east int64) (z, x, y uint32) {
		return zoom, uint32(int64(at.X)>>(world.Bits-zoom) + east), at.Y >> (world.Bits - zoom)
	}
	if touched := move(); !touched.Has(tiles.Coverage, 12, 0, 0) {
		t.Error("where it is not known what changed, not all tiles are told of")
	}
	here := place.Location
	source.boxes = [][4]float64{{here[0] - 0.01, here[1] - 0.01, here[0] + 0.01, here[1] + 0.01}}
	touched := move()
	for zoom := range uint32(16) {
		z, x, y := tile(zoom, 0)
		if !touched.Has(tiles.Coverage, z, x, y) {
			t.Errorf("the tile of zoom %d is not told of", zoom)
		}
	}
	z, x, y := tile(12, 3)
	if touched.Has(tiles.Coverage, z, x, y) || touched.Has(tiles.Coverage, 12, 0, 0) {
		t.Error("tiles far away are told of")
	}
}
