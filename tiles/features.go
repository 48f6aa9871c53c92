package tiles

import (
	"slices"
	"strconv"

	"github.com/tidwall/rtree"

	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// area is a polygon feature. It is immutable.
type area struct {
	id         uint64
	shape      mesh.Shape
	anchor     world.Point // of the shape; where it is drawn if it is too small to be drawn
	properties []mvt.Property
}

func (a *area) bounds() world.Rect       { return a.shape.Bounds }
func (a *area) zooms() (from, to uint32) { return 0, world.MaxZoom }

func (a *area) looksLike(o *area) bool {
	return a.id == o.id && a.anchor == o.anchor && slices.Equal(a.properties, o.properties) && a.shape.Equal(o.shape)
}

// path is a line feature. It is immutable.
type path struct {
	id         uint64
	vertices   []mesh.Vertex
	chunks     mesh.Chunks
	box        world.Rect
	properties []mvt.Property
}

func newPath(id uint64, vertices []mesh.Vertex, properties ...mvt.Property) *path {
	p := &path{id: id, vertices: vertices, chunks: mesh.NewChunks(vertices), box: world.EmptyRect(), properties: properties}
	for _, v := range vertices {
		p.box = p.box.Extend(v.Point)
	}
	return p
}

// pathIndex finds paths by place and keeps their order.
type pathIndex struct {
	paths []*path
	tree  rtree.RTreeG[int]
}

func (x *pathIndex) add(p *path) {
	low, high := corners(p.box)
	x.tree.Insert(low, high, len(x.paths))
	x.paths = append(x.paths, p)
}

// near gives the paths that a drawing may want.
func (x *pathIndex) near(d *drawing) []*path {
	var numbers []int
	low, high := corners(d.bounds)
	x.tree.Search(low, high, func(_, _ [2]float64, number int) bool {
		numbers = append(numbers, number)
		return true
	})
	slices.Sort(numbers)
	found := make([]*path, len(numbers))
	for i, number := range numbers {
		found[i] = x.paths[number]
	}
	return found
}

// spot is a point feature, drawn from a zoom up to another, which is in. It is immutable.
type spot struct {
	id         uint64
	at         world.Point
	minZoom    uint32
	maxZoom    uint32
	properties []mvt.Property
}

func (s *spot) bounds() world.Rect       { return world.EmptyRect().Extend(s.at) }
func (s *spot) zooms() (from, to uint32) { return s.minZoom, s.maxZoom }

func (s *spot) looksLike(o *spot) bool {
	return s.id == o.id && s.at == o.at && s.minZoom == o.minZoom && s.maxZoom == o.maxZoom && slices.Equal(s.properties, o.properties)
}

// feature is an area or a spot.
type feature[F any] interface {
	comparable
	bounds() world.Rect
	zooms() (from, to uint32)
	looksLike(F) bool
}

// collection finds features by code and by place. A copy shares what did not change with its original,
// which stays as it was.
type collection[F feature[F]] struct {
	byCode *codes[F]
	tree   rtree.RTreeG[F]
}

func newCollection[F feature[F]](byCode map[string]F) *collection[F] {
	c := &collection[F]{byCode: newCodes(byCode)}
	for _, f := range byCode {
		low, high := corners(f.bounds())
		c.tree.Insert(low, high, f)
	}
	return c
}

// with is the collection after some features changed; no feature means that the code is gone. It also
// gives the rectangles in which the map looks different now.
func (c *collection[F]) with(changed map[string]F) (*collection[F], []touchedArea) {
	var none F
	if len(changed) == 0 {
		return c, nil
	}
	edit := c.byCode.edit()
	next := &collection[F]{byCode: edit.codes, tree: *c.tree.Copy()}
	var touched []touchedArea
	touch := func(f F) {
		from, to := f.zooms()
		touched = append(touched, touchedArea{Rect: f.bounds(), minZoom: from, maxZoom: to})
	}
	for code, f := range changed {
		was, known := c.byCode.get(code), c.byCode.has(code)
		if known && f != none && was.looksLike(f) {
			continue
		}
		if known {
			low, high := corners(was.bounds())
			next.tree.Delete(low, high, was)
			edit.remove(code)
			touch(was)
			if a := sameShape(was, f); a != nil {
				touched[len(touched)-1].same = a
			}
		}
		if f != none {
			low, high := corners(f.bounds())
			next.tree.Insert(low, high, f)
			edit.put(code, f)
			if !known || sameShape(was, f) == nil { // else it is told already
				touch(f)
			}
		}
	}
	return next, touched
}

// sameShape gives an area that was there before with the very same shape and other properties, else nil.
func sameShape[F feature[F]](was, is F) *area {
	a, _ := any(was).(*area)
	b, _ := any(is).(*area)
	if a == nil || b == nil || a.id != b.id || len(a.shape.Rings) == 0 || len(a.shape.Rings) != len(b.shape.Rings) || &a.shape.Rings[0][0] != &b.shape.Rings[0][0] {
		return nil
	}
	return b
}

// near gives the features that a drawing wants, in no order.
func (c *collection[F]) near(d *drawing) []F {
	if d.near == nil {
		return c.in(d.bounds)
	}
	var found []F
	seen := map[F]bool{}
	for _, r := range d.near {
		for _, f := range c.in(r) {
			if !seen[f] && d.wants(f.bounds()) {
				seen[f] = true
				found = append(found, f)
			}
		}
	}
	return found
}

// in gives the features whose bounds meet a rectangle, in no order.
func (c *collection[F]) in(r world.Rect) []F {
	var found []F
	low, high := corners(r)
	c.tree.Search(low, high, func(_, _ [2]float64, f F) bool {
		found = append(found, f)
		return true
	})
	return found
}

func corners(r world.Rect) (low, high [2]float64) {
	return [2]float64{float64(r.MinX), float64(r.MinY)}, [2]float64{float64(r.MaxX), float64(r.MaxY)}
}

// idMask bounds ids to what a JavaScript number holds.
const idMask = 1<<53 - 1

// idOf makes a feature id of a code: the number that it is, or a hash of it. See distinctIDs.
func idOf(code string) uint64 {
	if n, err := strconv.ParseUint(code, 10, 64); err == nil && n <= idMask && code[0] != '0' {
		return n
	}
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	hash := uint64(offset)
	for i := range len(code) {
		hash = (hash ^ uint64(code[i])) * prime
	}
	return (hash ^ hash>>53) & idMask
}

// distinctIDs gives each of some sorted codes an id of its own: should two have the same, which no city
// of a sensible size will see, the later code takes the next free one.
func distinctIDs(codes []string) map[string]uint64 {
	ids := make(map[string]uint64, len(codes))
	taken := make(map[uint64]bool, len(codes))
	for _, code := range codes {
		id := idOf(code)
		for taken[id] {
			id = (id + 1) & idMask
		}
		taken[id] = true
		ids[code] = id
	}
	return ids
}
