package tiles

import (
	"slices"

	"github.com/yizhan/yizhan/tiles/cut"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// drawing is one tile being made.
type drawing struct {
	tile   world.Tile
	bounds world.Rect // with the buffer
	cutter *cut.Cutter
	near   []world.Rect // only what meets one of these is drawn; nil for everything
	data   []byte
}

// wants tells whether something with these bounds is to be drawn.
func (d *drawing) wants(bounds world.Rect) bool {
	if d.near == nil || !bounds.Intersects(d.bounds) {
		return bounds.Intersects(d.bounds)
	}
	return slices.ContainsFunc(d.near, bounds.Intersects)
}

func newDrawing(tile world.Tile, cutter *cut.Cutter) *drawing {
	return &drawing{tile: tile, bounds: tile.Bounds(), cutter: cutter}
}

// areas adds a layer of polygons, in the order of their ids so that equal tiles are equal bytes. What
// falls together to nothing on the grid of the tile is not drawn.
func (d *drawing) areas(name string, areas []*area) { d.addAreas(name, areas, false) }

// allAreas is areas, but of something that falls together to nothing the tile that holds its anchor draws
// one square of the grid: features that stand for others must not get lost.
func (d *drawing) allAreas(name string, areas []*area) { d.addAreas(name, areas, true) }

func (d *drawing) addAreas(name string, areas []*area, all bool) {
	sorted := slices.DeleteFunc(slices.Clone(areas), func(a *area) bool { return !d.wants(a.bounds()) })
	slices.SortFunc(sorted, func(a, b *area) int { return compareIDs(a.id, b.id) })
	d.cutter.Reset(d.tile)
	if len(sorted) == 0 {
		return
	}
	for _, a := range sorted {
		d.cutter.Add(a.shape)
	}
	layer := mvt.NewLayer(name, world.Extent)
	layer.Grow(len(sorted))
	for i, a := range sorted {
		polygons := d.cutter.Polygons(i)
		if len(polygons) == 0 && all {
			polygons = d.cutter.Dot(a.anchor)
		}
		if len(polygons) > 0 {
			layer.AddPolygons(a.id, a.properties, polygons)
		}
	}
	d.data = layer.Append(d.data)
}

// paths adds a layer of lines; those with one id become one feature. After areas it bends the lines as
// the polygons they run along.
func (d *drawing) paths(name string, paths []*path) {
	if len(paths) == 0 {
		return
	}
	layer := mvt.NewLayer(name, world.Extent)
	for i := 0; i < len(paths); {
		first := paths[i]
		var pieces [][]cut.Point
		for ; i < len(paths) && paths[i].id == first.id; i++ {
			if d.wants(paths[i].box) {
				pieces = append(pieces, d.cutter.Line(paths[i].vertices, paths[i].chunks)...)
			}
		}
		if len(pieces) > 0 {
			layer.AddLines(first.id, first.properties, pieces)
		}
	}
	d.data = layer.Append(d.data)
}

// spots adds a layer of points, with those in the buffer so that a symbol on the border is whole.
func (d *drawing) spots(name string, spots []*spot) {
	sorted := slices.DeleteFunc(slices.Clone(spots), func(s *spot) bool { return !d.wants(s.bounds()) })
	if len(sorted) == 0 {
		return
	}
	slices.SortFunc(sorted, func(a, b *spot) int { return compareIDs(a.id, b.id) })
	d.cutter.Reset(d.tile)
	layer := mvt.NewLayer(name, world.Extent)
	for _, s := range sorted {
		if s.minZoom > d.tile.Z || d.tile.Z > s.maxZoom {
			continue
		}
		if at, ok := d.cutter.Inside(s.at); ok {
			layer.AddPoint(s.id, s.properties, at)
		}
	}
	d.data = layer.Append(d.data)
}

func compareIDs(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
