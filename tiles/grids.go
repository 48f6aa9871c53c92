package tiles

import (
	"strconv"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// gridZoom is where micro-grids begin: the smallest are about 20 grid steps wide there, so that none is
// lost. The tile set says so as its minzoom.
const gridZoom = 11

// gridLayer is what micro_grids tiles are made of.
type gridLayer struct{ areas *collection[*area] }

func newGridLayer(grids map[string]*yizhan.MicroGrid) *gridLayer {
	sorted := yizhan.Sorted(grids)
	shapes := make([]mesh.Shape, len(sorted))
	parallelEach(len(sorted), 256, func(i int) { shapes[i] = mesh.Project(sorted[i].Boundary) })
	areas := make(map[string]*area, len(sorted))
	for i, shape := range mesh.Build(shapes, nil).Shapes() {
		areas[sorted[i].Code] = gridArea(sorted[i], shape)
	}
	return &gridLayer{newCollection(areas)}
}

func gridArea(grid *yizhan.MicroGrid, shape mesh.Shape) *area {
	id, _ := strconv.ParseUint(grid.Code, 10, 64) // 15 digits, as the nouns have it
	return &area{id: id, shape: shape, properties: []mvt.Property{
		{Key: "code", Value: mvt.String(grid.Code)},
		{Key: "name", Value: mvt.String(grid.Name)},
		{Key: "community", Value: mvt.String(grid.Community)},
		{Key: "households", Value: mvt.Int(grid.Households)},
		{Key: "zone", Value: mvt.String(string(grid.Zone))},
	}}
}

// update makes the layer after some micro-grids changed, from their neighbourhood only.
//
// An arc depends on its own vertices, on which of them are junctions, and on the original vertices in
// the hull of the arc. So only shapes whose bounds meet an old or new outline can come out different, and
// to work those out again it takes all shapes whose bounds meet theirs.
func (l *gridLayer) update(grids map[string]*yizhan.MicroGrid, codes []string) (*gridLayer, []world.Rect) {
	changed := map[string]*area{}
	var moved []world.Rect
	for _, code := range codes {
		was, is := l.areas.byCode[code], grids[code]
		var now *area
		if is != nil {
			now = gridArea(is, mesh.Project(is.Boundary))
		}
		changed[code] = now
		switch {
		case was != nil && now != nil && sameOutline(was.shape, now.shape):
			now.shape = was.shape
			continue
		case now != nil:
			moved = append(moved, now.bounds())
		}
		if was != nil {
			moved = append(moved, was.bounds())
		}
	}
	next, _ := l.areas.with(changed)
	for code, a := range resimplify(next, moved) {
		changed[code] = a
	}
	next, touched := l.areas.with(changed)
	return &gridLayer{next}, touched
}

// resimplify works out anew the shapes that meet the rectangles.
func resimplify(areas *collection[*area], moved []world.Rect) map[string]*area {
	if len(moved) == 0 {
		return nil
	}
	targets := map[*area]bool{}
	for _, r := range moved {
		for _, a := range areas.in(r) {
			targets[a] = true
		}
	}
	around := map[*area]bool{}
	var context []*area
	for target := range targets {
		for _, a := range areas.in(target.bounds()) {
			if !around[a] {
				around[a] = true
				context = append(context, a)
			}
		}
	}
	shapes := make([]mesh.Shape, len(context))
	for i, a := range context {
		shapes[i] = a.shape
	}
	fresh := map[string]*area{}
	for i, shape := range mesh.Build(shapes, nil).Shapes() {
		if a := context[i]; targets[a] {
			fresh[codeOf(a)] = &area{id: a.id, shape: shape, properties: a.properties}
		}
	}
	return fresh
}

// codeOf reads the code back, which is the first property of every micro-grid.
func codeOf(a *area) string { return a.properties[0].Value.Any().(string) }

// sameOutline compares the vertices only.
func sameOutline(a, b mesh.Shape) bool {
	if len(a.Rings) != len(b.Rings) {
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
	if d.tile.Z >= gridZoom {
		d.areas("micro_grids", l.areas.near(d))
	}
}
