package tiles

import (
	"sync"

	"github.com/yizhan/yizhan/tiles/world"
)

// Touched says which tiles an update changed: a tile is listed if and only if its bytes are others now.
// Zooms go to 15, the last one that TileJSON offers.
//
// Two lists may hold more than that, never less. A layer that is All changed in more places than are
// worth listing. And where an update reaches more than maxCompared tiles of one zoom, they are listed as
// they are without a look at their bytes. Tags are hashes of content: whoever asks again for a tile that
// did not change gets 304.
type Touched struct {
	After  int64 // the state before
	Seq    int64 // the state that all tiles show now
	Layers []TouchedLayer
}

// TouchedLayer is where one tile set changed. A composite changed where one of its tile sets did.
type TouchedLayer struct {
	Layer string
	All   bool      // anywhere; Runs is empty then
	Runs  []TileRun // in the order of zoom, row and column
}

// TileRun is a row of neighbouring tiles, both ends included.
type TileRun struct{ Z, Y, MinX, MaxX uint32 }

// Has tells whether a tile of a tile set changed.
func (t Touched) Has(layer string, z, x, y uint32) bool {
	for _, l := range t.Layers {
		if l.Layer == layer {
			return l.Has(z, x, y)
		}
	}
	return false
}

// Has tells whether a tile changed.
func (l TouchedLayer) Has(z, x, y uint32) bool {
	for _, run := range l.Runs {
		if run.Z == z && run.Y == y && run.MinX <= x && x <= run.MaxX {
			return true
		}
	}
	return l.All
}

// OnTouched has a function called after each update, when every tile shows the new state already. Calls
// come in the order of Seq, one at a time, from a goroutine of the pyramid's own: Update does not wait for
// them, and updates that come while one is being told are told together, so that a slow function delays
// its own news only. There is no way to take a function out again: one is enough to tell many.
func (p *Pyramid) OnTouched(tell func(Touched)) {
	p.news.mu.Lock()
	defer p.news.mu.Unlock()
	p.news.listeners = append(p.news.listeners, tell)
}

// news is what is to be told.
type news struct {
	mu        sync.Mutex
	listeners []func(Touched)
	pending   *transition // nil: nothing
	telling   bool
}

// transition is a step from one state to another.
type transition struct {
	was, is  *snapshot
	touched  touchedAreas
	followed bool // by changes of the log; else the whole city was loaded
}

// announce tells of a transition soon.
func (p *Pyramid) announce(t transition) {
	n := &p.news
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.listeners) == 0 && len(p.shifted.told()) == 0 {
		return
	}
	if n.pending != nil {
		t = transition{n.pending.was, t.is, n.pending.touched.and(t.touched), n.pending.followed && t.followed}
	}
	n.pending = &t
	if !n.telling {
		n.telling = true
		go p.tell()
	}
}

// tell works until nothing is left to tell.
func (p *Pyramid) tell() {
	n := &p.news
	for {
		n.mu.Lock()
		next, listeners := n.pending, n.listeners
		n.pending = nil
		n.telling = next != nil
		n.mu.Unlock()
		if next == nil {
			return
		}
		told := p.compare(*next)
		for _, tell := range listeners {
			tell(told)
		}
		for _, tell := range p.shifted.told() {
			tell(told.anywhere())
		}
	}
}

// anywhere is the news without the places.
func (t Touched) anywhere() Touched {
	layers := make([]TouchedLayer, len(t.Layers))
	for i, l := range t.Layers {
		layers[i] = TouchedLayer{Layer: l.Layer, All: true}
	}
	t.Layers = layers
	return t
}

// touchedAreas says where an update changed each tile set; everywhere is a set that changed as a whole.
type touchedAreas struct {
	areas      map[string][]touchedArea
	everywhere map[string]bool
}

// touchedArea is a rectangle outside of which nothing looks different, from one zoom to another.
type touchedArea struct {
	world.Rect
	minZoom, maxZoom uint32
	same             *area // the feature, if it has other properties only; or nil
}

func newTouchedAreas() touchedAreas {
	return touchedAreas{areas: map[string][]touchedArea{}, everywhere: map[string]bool{}}
}

// add notes areas of a layer, as far as they are from one zoom to another.
func (t touchedAreas) add(layer string, minZoom, maxZoom uint32, areas []touchedArea) {
	for _, a := range areas {
		a.minZoom, a.maxZoom = max(a.minZoom, minZoom), min(a.maxZoom, maxZoom)
		if a.minZoom <= a.maxZoom {
			t.areas[layer] = append(t.areas[layer], a)
		}
	}
}

// maxAreas bounds what is kept of updates not told yet; a layer with more changed everywhere.
const maxAreas = 20_000

func (t touchedAreas) and(o touchedAreas) touchedAreas {
	sum := newTouchedAreas()
	for _, part := range []touchedAreas{t, o} {
		for layer, areas := range part.areas {
			sum.areas[layer] = append(sum.areas[layer], areas...)
		}
		for layer, all := range part.everywhere {
			sum.everywhere[layer] = sum.everywhere[layer] || all
		}
	}
	for layer, areas := range sum.areas {
		if len(areas) > maxAreas {
			sum.everywhere[layer] = true
			delete(sum.areas, layer)
		}
	}
	return sum
}

func (t touchedAreas) touch(key tileKey) bool {
	for layer, all := range t.everywhere {
		if all && hasLayer(key.layers, layer) {
			return true
		}
	}
	bounds := key.tile.Bounds()
	for layer, areas := range t.areas {
		if !hasLayer(key.layers, layer) {
			continue
		}
		for _, area := range areas {
			if area.minZoom <= key.tile.Z && key.tile.Z <= area.maxZoom && bounds.Intersects(area.Rect) {
				return true
			}
		}
	}
	return false
}
