package tiles

import (
	"math"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/world"
)

// gridZoom is where every micro-grid is drawn by itself: the smallest of a city are about 20 grid steps
// wide there. At lower zooms those that would be smaller are merged upwards.
const gridZoom = 11

// leastSteps is the least width, in grid steps, of what is drawn by itself below gridZoom: two and a half
// pixels.
const leastSteps = 20

// layout says at which zooms a unit stands for its micro-grids. A unit gives way to its parts from the
// zoom at which the smallest of them is wide enough, and all of its parts take over at once, so that the
// features of a zoom are a partition of the city: each micro-grid is in one of them, by itself or merged.
// A unit without an outline is passed over: its parts count as those of the unit above.
type layout struct {
	units map[string]span   // of each unit with an outline and micro-grids
	grids map[string]uint32 // by community, the zoom from which its micro-grids are drawn by themselves
}

// span is a range of zooms; a span that does not begin before it ends is empty.
type span struct{ from, to uint32 }

func (s span) has(zoom uint32) bool { return s.from <= zoom && zoom < s.to }

// layOut works the layout out from the widths of the units with an outline, and of the smallest
// micro-grid of each community.
func layOut(units map[string]*yizhan.Unit, widths map[string]float64, t *tally, smallest map[string]float64) layout {
	b := layoutBuilder{units: units, widths: widths, tally: t, least: map[string]float64{}}
	for code := range widths {
		if above := b.above(code); b.stands(code) && above != "" {
			b.lower(above, widths[code])
		}
	}
	for code, c := range t.communities {
		if above := b.at(code); len(c.grids) > 0 && above != "" {
			b.lower(above, smallest[code])
		}
	}
	l := layout{units: map[string]span{}, grids: map[string]uint32{}}
	for code := range widths {
		if b.stands(code) {
			l.units[code] = span{b.until(b.above(code)), b.until(code)}
		}
	}
	for code, c := range t.communities {
		if len(c.grids) > 0 {
			l.grids[code] = b.until(b.at(code))
		}
	}
	return l
}

type layoutBuilder struct {
	units  map[string]*yizhan.Unit
	widths map[string]float64
	tally  *tally
	least  map[string]float64 // by unit, the width of its smallest part
}

// stands tells whether a unit can stand for micro-grids.
func (b *layoutBuilder) stands(code string) bool {
	_, outlined := b.widths[code]
	return outlined && b.tally.sums[code].microGrids > 0
}

// at is the unit or the nearest one above it that can stand for micro-grids; empty if there is none.
func (b *layoutBuilder) at(code string) (found string) {
	eachAbove(b.units, code, func(unit *yizhan.Unit) bool {
		if b.stands(unit.Code) {
			found = unit.Code
		}
		return found == ""
	})
	return found
}

func (b *layoutBuilder) above(code string) string {
	if unit := b.units[code]; unit != nil {
		return b.at(unit.Parent)
	}
	return ""
}

func (b *layoutBuilder) lower(code string, width float64) {
	if least, known := b.least[code]; !known || width < least {
		b.least[code] = width
	}
}

// until is the zoom at which a unit has given way to its parts: not before those above it have.
func (b *layoutBuilder) until(code string) uint32 {
	zoom := uint32(0)
	for range yizhan.Levels() {
		if code == "" {
			break
		}
		zoom = max(zoom, zoomOfWidth(b.least[code]))
		code = b.above(code)
	}
	return zoom
}

// zoomOfWidth is the first zoom at which a width is enough, at most gridZoom.
func zoomOfWidth(width float64) uint32 {
	for zoom := range uint32(gridZoom) {
		if width >= leastSteps*float64(world.Tile{Z: zoom}.Step()) {
			return zoom
		}
	}
	return gridZoom
}

// widthOf is the side of a square as large as the shape.
func widthOf(area2 float64) float64 { return math.Sqrt(math.Max(0, area2) / 2) }
