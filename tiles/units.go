package tiles

import (
	"slices"

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
	lines  [3][]*path
	labels map[string]world.Point
	land   []mesh.Shape // the city, or its banners
	bounds world.Rect
}

func formUnits(units map[string]*yizhan.Unit) *unitForms {
	var withOutline []*yizhan.Unit
	for _, unit := range yizhan.Sorted(units) {
		if len(unit.Boundary) > 0 {
			withOutline = append(withOutline, unit)
		}
	}
	projected := make([]mesh.Shape, len(withOutline))
	parallelEach(len(withOutline), 8, func(i int) { projected[i] = mesh.Project(withOutline[i].Boundary) })

	forms := &unitForms{labels: map[string]world.Point{}, bounds: world.EmptyRect()}
	parallelEach(len(bands), 1, func(i int) { forms.formBand(i, withOutline, projected) })
	forms.findLabels(units, withOutline, projected)
	for _, shape := range projected {
		forms.bounds = forms.bounds.Union(shape.Bounds)
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
			f.lines[number] = append(f.lines[number], newPath(uint64(rank+1), line, mvt.Property{Key: "level", Value: mvt.String(string(level))}))
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

// unitCounts are sums over everything below a unit.
type unitCounts struct{ households, microGrids, stations int }

func countUnits(city *yizhan.City) map[string]unitCounts {
	communities := make(map[string]unitCounts, 2000)
	for _, grid := range city.MicroGrids {
		sums := communities[grid.Community]
		sums.households += grid.Households
		sums.microGrids++
		communities[grid.Community] = sums
	}
	for _, station := range city.Stations {
		sums := communities[station.Community]
		sums.stations++
		communities[station.Community] = sums
	}
	total := make(map[string]unitCounts, len(city.Units))
	for code, sums := range communities {
		depth := 0 // a cycle of parents must not hold the view up
		for unit := city.Units[code]; unit != nil && depth < len(yizhan.Levels()); unit = city.Units[unit.Parent] {
			above := total[unit.Code]
			above.households += sums.households
			above.microGrids += sums.microGrids
			above.stations += sums.stations
			total[unit.Code] = above
			depth++
		}
	}
	return total
}

// unitLayer is what units tiles are made of.
type unitLayer struct {
	forms  *unitForms
	areas  [3]*collection[*area]
	labels *collection[*spot]
}

// layUnits puts properties to the forms.
func layUnits(city *yizhan.City, forms *unitForms) (areas [3]map[string]*area, labels map[string]*spot) {
	counts := countUnits(city)
	units := yizhan.Sorted(city.Units)
	codes := make([]string, len(units))
	for i, unit := range units {
		codes[i] = unit.Code
	}
	ids := distinctIDs(codes)
	for i := range areas {
		areas[i] = make(map[string]*area, len(forms.shapes[i]))
	}
	labels = make(map[string]*spot, len(forms.labels))
	for _, unit := range units {
		names := []mvt.Property{
			{Key: "code", Value: mvt.String(unit.Code)},
			{Key: "level", Value: mvt.String(string(unit.Level))},
			{Key: "name", Value: mvt.String(unit.Name)},
			{Key: "name_en", Value: mvt.String(unit.NameEn)},
		}
		if at, ok := forms.labels[unit.Code]; ok {
			labels[unit.Code] = &spot{id: ids[unit.Code], at: at, minZoom: labelZoom[unit.Level], properties: names}
		}
		if unit.Level == yizhan.LevelCity {
			continue // its polygon would lie on all others; its border and label are drawn
		}
		sums := counts[unit.Code]
		properties := append(slices.Clone(names),
			mvt.Property{Key: "households", Value: mvt.Int(sums.households)},
			mvt.Property{Key: "micro_grids", Value: mvt.Int(sums.microGrids)},
			mvt.Property{Key: "stations", Value: mvt.Int(sums.stations)},
		)
		for i := range areas {
			if shape, ok := forms.shapes[i][unit.Code]; ok {
				areas[i][unit.Code] = &area{id: ids[unit.Code], shape: shape, properties: properties}
			}
		}
	}
	return areas, labels
}

func newUnitLayer(city *yizhan.City, forms *unitForms) *unitLayer {
	areas, labels := layUnits(city, forms)
	layer := &unitLayer{forms: forms, labels: newCollection(labels)}
	for i := range areas {
		layer.areas[i] = newCollection(areas[i])
	}
	return layer
}

// update makes the layer of a later city; units tells whether a unit itself changed.
func (l *unitLayer) update(city *yizhan.City, units bool) (*unitLayer, []world.Rect) {
	forms := l.forms
	if units {
		forms = formUnits(city.Units)
	}
	areas, labels := layUnits(city, forms)
	next := &unitLayer{forms: forms}
	var touched, more []world.Rect
	for i := range areas {
		next.areas[i], more = l.areas[i].with(withGone(l.areas[i].byCode, areas[i]))
		touched = append(touched, more...)
		touched = append(touched, changedPaths(l.forms.lines[i], forms.lines[i])...)
	}
	next.labels, more = l.labels.with(withGone(l.labels.byCode, labels))
	return next, append(touched, more...)
}

// withGone adds an empty entry for each code that is there no more.
func withGone[F any](was, is map[string]F) map[string]F {
	var none F
	for code := range was {
		if _, there := is[code]; !there {
			is[code] = none
		}
	}
	return is
}

// changedPaths gives the bounds of the lines that only one side has.
func changedPaths(was, is []*path) []world.Rect {
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
	var touched []world.Rect
	for _, p := range is {
		key := startOf(p)
		same := slices.IndexFunc(old[key], func(o *path) bool { return slices.Equal(o.vertices, p.vertices) })
		if same < 0 {
			touched = append(touched, p.box)
			continue
		}
		old[key] = slices.Delete(old[key], same, same+1)
	}
	for _, gone := range old {
		for _, p := range gone {
			touched = append(touched, p.box)
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
	d.areas("units", l.areas[number].near(d))
	d.paths("unit_lines", l.forms.lines[number])
	d.spots("unit_labels", l.labels.near(d))
}
