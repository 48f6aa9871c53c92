package tiles

import (
	"maps"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/world"
)

// shaped is the area with another shape.
func (a *area) shaped(shape mesh.Shape) *area {
	other := *a
	other.shape = shape
	return &other
}

// anchorOf is a place of a shape, at which it is drawn where it is too small for the grid.
func anchorOf(shape mesh.Shape, boundary orb.MultiPolygon) world.Point {
	if len(shape.Rings) > 0 {
		return shape.Rings[0][0].Point
	}
	for _, polygon := range boundary {
		for _, ring := range polygon {
			if len(ring) > 0 {
				return world.Project(ring[0])
			}
		}
	}
	return world.Point{}
}

// reshaped is a collection of areas with shared borders after some changed, with the borders simplified
// anew around the rectangles that moved. whole gives the outline of an area with every vertex; vertices
// that count only after a zoom are left out.
func reshape(c *collection[*area], changed map[string]*area, moved []world.Rect, whole func(*area) mesh.Shape, zoom uint8) (*collection[*area], []touchedArea) {
	if len(moved) == 0 {
		return c.with(changed)
	}
	next, _ := c.with(changed)
	changed = maps.Clone(changed)
	for code, a := range resimplify(next, moved, whole, zoom) {
		changed[code] = a
	}
	return c.with(changed)
}

// resimplify works out anew the shapes that meet the rectangles.
func resimplify(areas *collection[*area], moved []world.Rect, whole func(*area) mesh.Shape, zoom uint8) map[string]*area {
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
		shapes[i] = whole(a)
	}
	fresh := map[string]*area{}
	for i, shape := range mesh.Build(shapes, nil).Shapes() {
		if a := context[i]; targets[a] {
			fresh[codeOf(a)] = a.shaped(shape.Until(zoom))
		}
	}
	return fresh
}

// codeOf reads the code back, which is the first property of every area of the city.
func codeOf(a *area) string { return a.properties[0].Value.Any().(string) }
