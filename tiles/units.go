package tiles

import (
	"maps"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// band is a range of zooms in which the same levels of unit are drawn, and simplified together: a corner
// where two communities meet holds a banner border only while communities are drawn.
type band struct {
	minZoom uint32
	levels  []yizhan.Level
}

// bands go from the top; the last one whose minZoom is reached counts.
var bands = []band{
	{0, []yizhan.Level{yizhan.LevelCity, yizhan.LevelBanner}},
	{townshipZoom, []yizhan.Level{yizhan.LevelCity, yizhan.LevelBanner, yizhan.LevelTownship}},
	{communityZoom, yizhan.Levels()},
}

// From these zooms on the lower levels are drawn.
const (
	townshipZoom  = 8
	communityZoom = 10
)

var labelZoom = map[yizhan.Level]uint32{
	yizhan.LevelCity: 0, yizhan.LevelBanner: 0, yizhan.LevelTownship: townshipZoom, yizhan.LevelCommunity: communityZoom,
}

// unitForms is what depends on the outlines of units only.
type unitForms struct {
	shapes [3]map[string]mesh.Shape // by band
	lines  [3]pathIndex
	labels map[string]world.Point
	widths map[string]float64 // of units with an outline
	land   []mesh.Shape       // the city, or its banners
	bounds world.Rect
}

// outline is the outline of a unit with every vertex; empty if it has none.
func (f *unitForms) outline(code string) mesh.Shape { return f.shapes[len(f.shapes)-1][code] }

func formUnits(units map[string]*yizhan.Unit) *unitForms {
	var withOutline []*yizhan.Unit
	for _, unit := range yizhan.Sorted(units) {
		if len(unit.Boundary) > 0 {
			withOutline = append(withOutline, unit)
		}
	}
	projected := make([]mesh.Shape, len(withOutline))
	parallelEach(len(withOutline), 8, func(i int) { projected[i] = mesh.Project(withOutline[i].Boundary) })

	forms := &unitForms{labels: map[string]world.Point{}, widths: map[string]float64{}, bounds: world.EmptyRect()}
	parallelEach(len(bands), 1, func(i int) { forms.formBand(i, withOutline, projected) })
	forms.findLabels(units, withOutline, projected)
	for i, shape := range projected {
		forms.bounds = forms.bounds.Union(shape.Bounds)
		if len(shape.Rings) > 0 {
			forms.widths[withOutline[i].Code] = widthOf(shape.Area2())
		}
	}
	forms.findLand(withOutline)
	return forms
}

func (f *unitForms) formBand(number int, units []*yizhan.Unit, projected []mesh.Shape) {
	var shapes []mesh.Shape
	var ranks []uint8
	var codes []string
	for i, unit := range units {
		if rank := slices.Index(bands[number].levels, unit.Level); rank >= 0 && len(projected[i].Rings) > 0 {
			shapes, ranks, codes = append(shapes, projected[i]), append(ranks, uint8(rank)), append(codes, unit.Code)
		}
	}
	m := mesh.Build(shapes, ranks)
	f.shapes[number] = make(map[string]mesh.Shape, len(codes))
	for i, shape := range m.Shapes() {
		f.shapes[number][codes[i]] = shape
	}
	for rank, level := range bands[number].levels {
		for _, line := range m.Lines(uint8(rank)) {
			f.lines[number].add(newPath(uint64(rank+1), line, mvt.Property{Key: "level", Value: mvt.String(string(level))}))
		}
	}
}

// findLabels puts the name of a unit to its seat, or well inside it.
func (f *unitForms) findLabels(units map[string]*yizhan.Unit, withOutline []*yizhan.Unit, projected []mesh.Shape) {
	inner := make([]world.Point, len(withOutline))
	parallelEach(len(withOutline), 8, func(i int) {
		if withOutline[i].Seat == nil && len(projected[i].Rings) > 0 {
			inner[i] = mesh.Label(projected[i])
		}
	})
	for i, unit := range withOutline {
		if len(projected[i].Rings) > 0 {
			f.labels[unit.Code] = inner[i]
		}
	}
	for code, unit := range units {
		if unit.Seat != nil {
			f.labels[code] = world.Project(*unit.Seat)
		}
	}
}

func (f *unitForms) findLand(units []*yizhan.Unit) {
	for _, level := range []yizhan.Level{yizhan.LevelCity, yizhan.LevelBanner} {
		for _, unit := range units {
			if shape, ok := f.shapes[0][unit.Code]; ok && unit.Level == level {
				f.land = append(f.land, shape)
			}
		}
		if len(f.land) > 0 {
			return
		}
	}
}

// unitLayer is what units tiles are made of.
type unitLayer struct {
	forms  *unitForms
	ids    map[string]uint64
	areas  [3]*collection[*area]
	labels *collection[*spot]
}

// laidUnits are units with their properties, by code.
type laidUnits struct {
	areas  [3]map[string]*area
	labels map[string]*spot
}

func newLaidUnits() laidUnits {
	var l laidUnits
	for i := range l.areas {
		l.areas[i] = map[string]*area{}
	}
	l.labels = map[string]*spot{}
	return l
}

func unitIDs(units map[string]*yizhan.Unit) map[string]uint64 {
	return distinctIDs(slices.Sorted(maps.Keys(units)))
}

// lay puts properties to the forms of a unit. Sums are with the lowest level that a zoom draws only, of
// which the others are sums again: an edit should not change the tiles of a whole banner.
func (l laidUnits) lay(unit *yizhan.Unit, id uint64, forms *unitForms, sums unitCounts) {
	names := []mvt.Property{
		{Key: "code", Value: mvt.String(unit.Code)},
		{Key: "level", Value: mvt.String(string(unit.Level))},
		{Key: "name", Value: mvt.String(unit.Name)},
		{Key: "name_en", Value: mvt.String(unit.NameEn)},
	}
	if at, ok := forms.labels[unit.Code]; ok {
		l.labels[unit.Code] = &spot{id: id, at: at, minZoom: labelZoom[unit.Level], maxZoom: world.MaxZoom, properties: names}
	}
	if unit.Level == yizhan.LevelCity {
		return // its polygon would lie on all others; its border and label are drawn
	}
	counted := append(slices.Clone(names),
		mvt.Property{Key: "households", Value: mvt.Int(sums.households)},
		mvt.Property{Key: "micro_grids", Value: mvt.Int(sums.microGrids)},
		mvt.Property{Key: "stations", Value: mvt.Int(sums.stations)},
	)
	for i, band := range bands {
		shape, ok := forms.shapes[i][unit.Code]
		if !ok {
			continue
		}
		properties := names
		if unit.Level == band.levels[len(band.levels)-1] {
			properties = counted
		}
		l.areas[i][unit.Code] = &area{id: id, shape: shape, anchor: anchorOf(shape, unit.Boundary), properties: properties}
	}
}

func newUnitLayer(g ground) *unitLayer {
	layer := &unitLayer{forms: g.forms, ids: unitIDs(g.city.Units)}
	laid := newLaidUnits()
	for code, unit := range g.city.Units {
		laid.lay(unit, layer.ids[code], g.forms, g.tally.sums[code])
	}
	for i := range layer.areas {
		layer.areas[i] = newCollection(laid.areas[i])
	}
	layer.labels = newCollection(laid.labels)
	return layer
}

// update makes the layer of a later state, in which some units changed and some sums.
func (l *unitLayer) update(g ground, codes []string, sums map[string]bool, touched touchedAreas) *unitLayer {
	next := &unitLayer{forms: g.forms, ids: l.ids}
	laid := newLaidUnits()
	if g.forms == l.forms {
		for code := range sums {
			if unit := g.city.Units[code]; unit != nil {
				laid.lay(unit, l.ids[code], g.forms, g.tally.sums[code])
			}
		}
		for _, code := range codes {
			laid.lay(g.city.Units[code], l.ids[code], g.forms, g.tally.sums[code])
		}
	} else {
		next.ids = unitIDs(g.city.Units)
		for code, unit := range g.city.Units {
			laid.lay(unit, next.ids[code], g.forms, g.tally.sums[code])
		}
		for i := range laid.areas {
			laid.areas[i] = withGone(l.areas[i].byCode, laid.areas[i])
		}
		laid.labels = withGone(l.labels.byCode, laid.labels)
	}
	for i := range laid.areas {
		from, to := zoomsOfBand(i)
		var areas []touchedArea
		next.areas[i], areas = l.areas[i].with(laid.areas[i])
		touched.add(Units, from, to, areas)
		if g.forms != l.forms {
			touched.add(Units, from, to, changedPaths(l.forms.lines[i].paths, g.forms.lines[i].paths))
		}
	}
	var areas []touchedArea
	next.labels, areas = l.labels.with(laid.labels)
	touched.add(Units, 0, world.MaxZoom, areas)
	return next
}

func zoomsOfBand(i int) (from, to uint32) {
	if i+1 < len(bands) {
		return bands[i].minZoom, bands[i+1].minZoom - 1
	}
	return bands[i].minZoom, world.MaxZoom
}

// formsAfter gives the forms of a later city: the same ones if no unit came, went, or got another outline
// or seat.
func formsAfter(forms *unitForms, was, is *yizhan.City, codes []string) *unitForms {
	for _, code := range codes {
		old, now := was.Units[code], is.Units[code]
		if old == nil || now == nil || old.Level != now.Level || !old.Boundary.Equal(now.Boundary) || !sameSeat(old.Seat, now.Seat) {
			return formUnits(is.Units)
		}
	}
	return forms
}

func sameSeat(a, b *orb.Point) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// withGone adds an empty entry for each code that is there no more.
func withGone[F any](was *codes[F], is map[string]F) map[string]F {
	var none F
	for code := range was.all() {
		if _, there := is[code]; !there {
			is[code] = none
		}
	}
	return is
}

// changedPaths gives the bounds of the lines that only one side has.
func changedPaths(was, is []*path) []touchedArea {
	type start struct {
		rank        uint64
		first, last mesh.Vertex
		length      int
	}
	startOf := func(p *path) start {
		return start{p.id, p.vertices[0], p.vertices[len(p.vertices)-1], len(p.vertices)}
	}
	old := map[start][]*path{}
	for _, p := range was {
		old[startOf(p)] = append(old[startOf(p)], p)
	}
	var touched []touchedArea
	touch := func(p *path) { touched = append(touched, touchedArea{Rect: p.box, maxZoom: world.MaxZoom}) }
	for _, p := range is {
		key := startOf(p)
		same := slices.IndexFunc(old[key], func(o *path) bool { return slices.Equal(o.vertices, p.vertices) })
		if same < 0 {
			touch(p)
			continue
		}
		old[key] = slices.Delete(old[key], same, same+1)
	}
	for _, gone := range old {
		for _, p := range gone {
			touch(p)
		}
	}
	return touched
}

// draw adds the polygons, borders and labels.
func (l *unitLayer) draw(d *drawing) {
	number := 0
	for i, b := range bands {
		if d.tile.Z >= b.minZoom {
			number = i
		}
	}
	d.allAreas("units", l.areas[number].near(d))
	d.paths("unit_lines", l.forms.lines[number].near(d))
	d.spots("unit_labels", l.labels.near(d))
}
