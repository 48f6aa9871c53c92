package tiles

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/yizhan/yizhan/tiles/cut"
	"github.com/yizhan/yizhan/tiles/world"
)

// maxCompared bounds the tiles of a zoom and layer whose bytes are compared: beyond it are areas of hundreds
// of kilometres, where comparing would take longer than asking again.
const maxCompared = 2048

// maxRuns bounds the list for one layer.
const maxRuns = 4096

// compare finds the tiles that changed.
func (p *Pyramid) compare(t transition) Touched {
	told := Touched{After: t.was.seq, Seq: t.is.seq}
	cutter := p.cutters.Get().(*cut.Cutter)
	defer p.cutters.Put(cutter)
	for _, layer := range Layers() {
		if !p.serves(layer) {
			continue
		}
		found := TouchedLayer{Layer: layer, All: t.touched.everywhere[layer]}
		switch {
		case found.All && layer == Coverage:
			found = p.touchedCoverage(t)
		case !found.All:
			found.Runs = t.runs(p, layer, cutter)
		}
		if len(found.Runs) > maxRuns {
			found.All, found.Runs = true, nil
		}
		if found.All || len(found.Runs) > 0 {
			told.Layers = append(told.Layers, found)
		}
	}
	return told
}

// runs finds the changed tiles of a layer.
func (t transition) runs(p *Pyramid, layer string, cutter *cut.Cutter) []TileRun {
	var runs []TileRun
	for zoom := range uint32(maxZoom + 1) {
		var areas []touchedArea
		var rects []world.Rect
		for _, area := range t.touched.areas[layer] {
			if area.minZoom <= zoom && zoom <= area.maxZoom {
				areas, rects = append(areas, area), append(rects, area.Rect)
			}
		}
		rows := rowsOf(rects, zoom)
		if countTiles(rows) <= maxCompared {
			rows = t.changedOf(p, layer, rows, areas, rects, cutter)
		}
		runs = append(runs, rows...)
	}
	return runs
}

// changedOf keeps the tiles whose bytes differ.
func (t transition) changedOf(p *Pyramid, layer string, rows []TileRun, areas []touchedArea, rects []world.Rect, cutter *cut.Cutter) []TileRun {
	var changed []TileRun
	for _, row := range rows {
		for x := row.MinX; x <= row.MaxX; x++ {
			at := world.Tile{Z: row.Z, X: x, Y: row.Y}
			if surelyChanged(at, areas, cutter) {
				changed = appendTile(changed, at)
				continue
			}
			was, wasErr := p.drawNear(layer, at, rects, t.was, cutter)
			is, isErr := p.drawNear(layer, at, rects, t.is, cutter)
			if wasErr == nil && isErr == nil && bytes.Equal(was, is) {
				continue
			}
			changed = appendTile(changed, at)
		}
	}
	return changed
}

// surelyChanged tells without drawing anything else that a feature with other properties is in the tile. Its
// neighbours may bend its edges by less than a step of the grid: that cannot take away a polygon with more area
// than length.
func surelyChanged(at world.Tile, areas []touchedArea, cutter *cut.Cutter) bool {
	for _, touched := range areas {
		if touched.same == nil || !touched.Intersects(at.Bounds()) {
			continue
		}
		cutter.Reset(at)
		for _, polygon := range cutter.Polygons(cutter.Add(touched.same.shape)) {
			var area2, length int64
			for _, ring := range polygon {
				area2 += cut.Area2(ring)
				length += lengthOf(ring)
			}
			if area2 > 2*length {
				return true
			}
		}
	}
	return false
}

// lengthOf is the length of a ring, and more where it is not along the axes.
func lengthOf(ring []cut.Point) int64 {
	var sum int64
	before := ring[len(ring)-1]
	for _, p := range ring {
		sum += int64(max(p.X-before.X, before.X-p.X)) + int64(max(p.Y-before.Y, before.Y-p.Y))
		before = p
	}
	return sum
}

// drawNear makes of a tile what is near the rectangles. To compare two states that is as good as the whole
// tile: a rectangle holds whole features, old and new. An edge bends only to corners in its own square of
// the grid, so that features away from the rectangles come out the same, and those near them do not
// depend on what is away except in the same way before and after.
func (p *Pyramid) drawNear(layer string, at world.Tile, rects []world.Rect, state *snapshot, cutter *cut.Cutter) ([]byte, error) {
	d := newDrawing(at, cutter)
	d.near = make([]world.Rect, 0, len(rects))
	for _, r := range rects {
		r = grown(r, at.Step())
		if r.Intersects(d.bounds) {
			d.near = append(d.near, r)
		}
	}
	err := p.draw(context.Background(), d, layer, tileKey{layers: layer, tile: at}, state)
	return d.data, err
}

func grown(r world.Rect, by int64) world.Rect {
	return world.Rect{MinX: r.MinX - by, MinY: r.MinY - by, MaxX: r.MaxX + by, MaxY: r.MaxY + by}
}

// appendTile adds a tile after all others in order.
func appendTile(runs []TileRun, at world.Tile) []TileRun {
	if n := len(runs); n > 0 && runs[n-1].Z == at.Z && runs[n-1].Y == at.Y && runs[n-1].MaxX+1 == at.X {
		runs[n-1].MaxX++
		return runs
	}
	return append(runs, TileRun{at.Z, at.Y, at.X, at.X})
}

// rowsOf gives the tiles of a zoom whose bounds, buffer and all, meet one of the rectangles.
func rowsOf(rects []world.Rect, zoom uint32) []TileRun {
	shift := world.Bits - zoom
	reach := world.Buffer * world.Tile{Z: zoom}.Step()
	last := int64(1)<<zoom - 1
	clamped := func(v int64) uint32 { return uint32(max(0, min(last, v>>shift))) }
	var all []TileRun
	for _, r := range rects {
		minX, maxX := clamped(r.MinX-reach-1), clamped(r.MaxX+reach)
		for y := clamped(r.MinY - reach - 1); y <= clamped(r.MaxY+reach); y++ {
			all = append(all, TileRun{zoom, y, minX, maxX})
		}
	}
	slices.SortFunc(all, func(a, b TileRun) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.MinX, b.MinX)) })
	var joined []TileRun
	for _, run := range all {
		if n := len(joined); n > 0 && joined[n-1].Y == run.Y && run.MinX <= joined[n-1].MaxX+1 {
			joined[n-1].MaxX = max(joined[n-1].MaxX, run.MaxX)
			continue
		}
		joined = append(joined, run)
	}
	return joined
}

func countTiles(runs []TileRun) int {
	count := 0
	for _, run := range runs {
		count += int(run.MaxX-run.MinX) + 1
	}
	return count
}
