package tiles

import (
	"maps"
	"slices"
	"strconv"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// gridLayer is what micro_grids tiles are made of.
type gridLayer struct {
	areas    *collection[*area]           // every micro-grid, from gridZoom on
	merged   [gridZoom]*collection[*area] // what is drawn at each zoom below: micro-grids and units
	layout   layout
	smallest map[string]float64 // by community, the width of its smallest micro-grid
}

// ground is what the micro-grids of a state stand on.
type ground struct {
	city  *yizhan.City
	forms *unitForms
	tally *tally
}

func newGridLayer(g ground) *gridLayer {
	sorted := yizhan.Sorted(g.city.MicroGrids)
	shapes := make([]mesh.Shape, len(sorted))
	parallelEach(len(sorted), 256, func(i int) { shapes[i] = mesh.Project(sorted[i].Boundary) })
	areas := make(map[string]*area, len(sorted))
	for i, shape := range mesh.Build(shapes, nil).Shapes() {
		areas[sorted[i].Code] = gridArea(sorted[i], shape)
	}
	l := &gridLayer{areas: newCollection(areas), smallest: map[string]float64{}}
	for code, c := range g.tally.communities {
		l.measure(code, c)
	}
	l.layout = layOut(g.city.Units, g.forms.widths, g.tally, l.smallest)
	parallelEach(len(l.merged), 1, func(i int) { l.merged[i] = l.merge(g, uint32(i)) })
	return l
}

// measure notes the width of the smallest micro-grid of a community.
func (l *gridLayer) measure(code string, c *community) {
	delete(l.smallest, code)
	if c == nil {
		return
	}
	for i, grid := range c.grids {
		width := widthOf(l.areas.byCode.get(grid).shape.Area2())
		if i == 0 || width < l.smallest[code] {
			l.smallest[code] = width
		}
	}
}

// merge makes what is drawn at a zoom below gridZoom, from nothing.
func (l *gridLayer) merge(g ground, zoom uint32) *collection[*area] {
	members := make(map[string]*area, len(l.layout.units))
	for code, span := range l.layout.units {
		if span.has(zoom) {
			members[code] = l.member(g, code, "", zoom)
		}
	}
	for code, c := range g.tally.communities {
		for _, grid := range c.grids {
			if a := l.member(g, grid, code, zoom); a != nil {
				members[grid] = a
			}
		}
	}
	codes := slices.Sorted(maps.Keys(members))
	shapes := make([]mesh.Shape, len(codes))
	for i, code := range codes {
		shapes[i] = members[code].shape
	}
	for i, shape := range mesh.Build(shapes, nil).Shapes() {
		members[codes[i]] = members[codes[i]].shaped(shape.Until(uint8(zoom)))
	}
	return newCollection(members)
}

// member is a unit, or a micro-grid of a community, with its whole outline; nil if it is not drawn at
// the zoom.
func (l *gridLayer) member(g ground, code, community string, zoom uint32) *area {
	if community != "" {
		if from, known := l.layout.grids[community]; !known || zoom < from {
			return nil
		}
		return l.areas.byCode.get(code)
	}
	unit := g.city.Units[code]
	if unit == nil || !l.layout.units[code].has(zoom) {
		return nil
	}
	sums := g.tally.sums[code]
	shape := g.forms.outline(code)
	return &area{id: idOf(code), shape: shape, anchor: anchorOf(shape, unit.Boundary), properties: []mvt.Property{
		{Key: "code", Value: mvt.String(code)},
		{Key: "name", Value: mvt.String(unit.Name)},
		{Key: "name_en", Value: mvt.String(unit.NameEn)},
		{Key: "merged", Value: mvt.String(string(unit.Level))},
		{Key: "micro_grids", Value: mvt.Int(sums.microGrids)},
		{Key: "households", Value: mvt.Int(sums.households)},
	}}
}

func gridArea(grid *yizhan.MicroGrid, shape mesh.Shape) *area {
	id, _ := strconv.ParseUint(grid.Code, 10, 64) // 15 digits, as the nouns have it
	anchor := anchorOf(shape, grid.Boundary)
	if shape.Bounds.Empty() { // it is narrower than a unit: a place, and drawn as that
		shape.Bounds = world.EmptyRect().Extend(anchor)
	}
	return &area{id: id, shape: shape, anchor: anchor, properties: []mvt.Property{
		{Key: "code", Value: mvt.String(grid.Code)},
		{Key: "name", Value: mvt.String(grid.Name)},
		{Key: "community", Value: mvt.String(grid.Community)},
		{Key: "households", Value: mvt.Int(grid.Households)},
		{Key: "zone", Value: mvt.String(string(grid.Zone))},
	}}
}

// gridChanges is what changed between two states, as far as micro-grids depend on it.
type gridChanges struct {
	grids, units []string
	communities  map[string]bool // with other micro-grids than before
	sums         map[string]bool // units with other sums
}

// update makes the layer of a later state, from the neighbourhood of what changed only.
//
// An arc depends on its own vertices, on which of them are junctions, and on the original vertices in
// the hull of the arc. So only shapes whose bounds meet an old or new outline can come out different, and
// to work those out again it takes all shapes whose bounds meet theirs.
func (l *gridLayer) update(was, is ground, c gridChanges, touched touchedAreas) *gridLayer {
	next := &gridLayer{smallest: maps.Clone(l.smallest)}
	var rects []touchedArea
	next.areas, rects = l.updateAreas(is.city.MicroGrids, c.grids)
	touched.add(MicroGrids, gridZoom, world.MaxZoom, rects)
	for code := range c.communities {
		next.measure(code, is.tally.communities[code])
	}
	next.layout = layOut(is.city.Units, is.forms.widths, is.tally, next.smallest)
	units, grids := l.membersToLookAt(next, was, is, c)
	for i := range next.merged {
		next.merged[i], rects = l.updateMerged(next, was, is, uint32(i), units, grids)
		touched.add(MicroGrids, uint32(i), uint32(i), rects)
	}
	return next
}

func (l *gridLayer) updateAreas(grids map[string]*yizhan.MicroGrid, codes []string) (*collection[*area], []touchedArea) {
	changed := map[string]*area{}
	var moved []world.Rect
	for _, code := range codes {
		was, is := l.areas.byCode.get(code), grids[code]
		var now *area
		if is != nil {
			now = gridArea(is, mesh.Project(is.Boundary))
		}
		changed[code] = now
		if was != nil && now != nil && sameOutline(was.shape, now.shape) {
			now.shape = was.shape
			continue
		}
		moved = appendBounds(moved, was, now)
	}
	whole := func(a *area) mesh.Shape { return a.shape }
	return reshape(l.areas, changed, moved, whole, mesh.Never)
}

func appendBounds(rects []world.Rect, areas ...*area) []world.Rect {
	for _, a := range areas {
		if a != nil {
			rects = append(rects, a.bounds())
		}
	}
	return rects
}

// membersToLookAt gives the units and micro-grids, these with their communities now, that could be drawn
// otherwise than before below gridZoom.
func (l *gridLayer) membersToLookAt(next *gridLayer, was, is ground, c gridChanges) (units map[string]bool, grids map[string]string) {
	units, grids = maps.Clone(c.sums), map[string]string{}
	for _, code := range c.units {
		units[code] = true
	}
	for code, span := range l.layout.units {
		if next.layout.units[code] != span {
			units[code] = true
		}
	}
	for code := range next.layout.units {
		if _, known := l.layout.units[code]; !known {
			units[code] = true
		}
	}
	look := func(code string) {
		grids[code] = ""
		if grid := is.city.MicroGrids[code]; grid != nil {
			grids[code] = grid.Community
		}
	}
	for _, code := range c.grids {
		look(code)
	}
	for _, pair := range [2][2]map[string]uint32{{l.layout.grids, next.layout.grids}, {next.layout.grids, l.layout.grids}} {
		for code, from := range pair[0] {
			if other, known := pair[1][code]; known && other == from {
				continue
			}
			for _, t := range []*tally{was.tally, is.tally} {
				if community := t.communities[code]; community != nil {
					for _, grid := range community.grids {
						look(grid)
					}
				}
			}
		}
	}
	return units, grids
}

// updateMerged makes what is drawn at a zoom below gridZoom.
func (l *gridLayer) updateMerged(next *gridLayer, was, is ground, zoom uint32, units map[string]bool, grids map[string]string) (*collection[*area], []touchedArea) {
	set := l.merged[zoom]
	changed := map[string]*area{}
	var moved []world.Rect
	look := func(code string, now *area, before mesh.Shape) {
		old := set.byCode.get(code)
		if old == nil && now == nil {
			return
		}
		if old != nil && now != nil && sameOutline(before, now.shape) {
			changed[code] = now.shaped(old.shape)
			return
		}
		changed[code] = now
		moved = appendBounds(moved, old, now)
	}
	for code := range units {
		look(code, next.member(is, code, "", zoom), was.forms.outline(code))
	}
	for code, community := range grids {
		var now *area
		if community != "" {
			now = next.member(is, code, community, zoom)
		}
		before := mesh.Shape{}
		if old := l.areas.byCode.get(code); old != nil {
			before = old.shape
		}
		look(code, now, before)
	}
	whole := func(a *area) mesh.Shape {
		code := codeOf(a)
		if grid := next.areas.byCode.get(code); grid != nil {
			return grid.shape
		}
		return is.forms.outline(code)
	}
	return reshape(set, changed, moved, whole, uint8(zoom))
}

// sameOutline compares the vertices only.
func sameOutline(a, b mesh.Shape) bool {
	if len(a.Rings) != len(b.Rings) || a.Bounds != b.Bounds {
		return false
	}
	for i := range a.Rings {
		if len(a.Rings[i]) != len(b.Rings[i]) {
			return false
		}
		for j := range a.Rings[i] {
			if a.Rings[i][j].Point != b.Rings[i][j].Point {
				return false
			}
		}
	}
	return true
}

func (l *gridLayer) draw(d *drawing) {
	areas := l.areas
	if d.tile.Z < gridZoom {
		areas = l.merged[d.tile.Z]
	}
	d.allAreas("micro_grids", areas.near(d))
}
