package hex

import (
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// Cell is an H3 index. Cells of one resolution in ascending order follow the hierarchy: those below
// the same parent stand together.
type Cell uint64

// MaxResolution is the finest resolution, of cells of about 1 m².
const MaxResolution = 15

// Of is the cell that holds the point.
func Of(p orb.Point, resolution int) (Cell, error) {
	if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) {
		return 0, fmt.Errorf("hex: no cell holds %v", p)
	}
	cell, err := h3.LatLngToCell(h3.NewLatLng(p[1], p[0]), resolution)
	if err != nil {
		return 0, fmt.Errorf("hex: cell of %v at resolution %d: %w", p, resolution, err)
	}
	return Cell(cell), nil
}

// Parse reads the usual text of a cell.
func Parse(text string) (Cell, error) {
	index, err := strconv.ParseUint(text, 16, 64)
	if err != nil || !Cell(index).Valid() {
		return 0, fmt.Errorf("hex: %q is not an H3 cell", text)
	}
	return Cell(index), nil
}

// String is the usual text of the cell, such as 8a2830828767fff.
func (c Cell) String() string { return strconv.FormatUint(uint64(c), 16) }

// Valid tells whether c is a cell at all.
func (c Cell) Valid() bool { return h3.Cell(c).IsValid() }

// An index holds four bits of resolution at bit 52, and below them three bits for each resolution from
// the first to the fifteenth, all set for those finer than its own.
const (
	resolutionShift = 52
	digitBits       = 3
)

// Resolution is 0 (coarsest) to 15.
func (c Cell) Resolution() int { return int(c >> resolutionShift & 15) }

// Parent is the cell above c at a resolution; c itself if that is not coarser.
func (c Cell) Parent(resolution int) Cell {
	if resolution < 0 || resolution >= c.Resolution() {
		return c
	}
	c &^= 15 << resolutionShift
	c |= Cell(resolution) << resolutionShift
	return c | (1<<(digitBits*(MaxResolution-resolution)) - 1)
}

// Children are the seven cells below c in ascending order; six of a pentagon. They do not fill exactly
// the same area as c.
func (c Cell) Children() []Cell {
	return cells(must(h3.Cell(c).ImmediateChildren()))
}

// Disk lists the cells that are at most k steps from c, in no certain order.
func (c Cell) Disk(k int) []Cell {
	return cells(must(h3.Cell(c).GridDisk(k)))
}

// Center is the middle of the cell.
func (c Cell) Center() orb.Point {
	at := must(h3.Cell(c).LatLng())
	return orb.Point{at.Lng, at.Lat}
}

// Boundary is the outline of the cell, closed and anticlockwise. Where it crosses the antimeridian, its
// lng runs on past ±180, so that the ring stays in one piece.
func (c Cell) Boundary() orb.Ring {
	vertices := must(h3.Cell(c).Boundary())
	ring := make(orb.Ring, 0, len(vertices)+1)
	for _, v := range vertices {
		p := orb.Point{v.Lng, v.Lat}
		if len(ring) > 0 {
			p[0] = ring[0][0] + math.Remainder(p[0]-ring[0][0], 360)
		}
		ring = append(ring, p)
	}
	return append(ring, ring[0])
}

// AreaM2 is the area of the cell on the sphere that has the area of the ellipsoid.
func (c Cell) AreaM2() float64 { return must(h3.CellAreaM2(h3.Cell(c))) }

// AverageAreaM2 is the mean area of the cells of a resolution.
func AverageAreaM2(resolution int) float64 { return must(h3.HexagonAreaAvgM2(resolution)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Errorf("hex: %w", err))
	}
	return value
}

func cells(from []h3.Cell) []Cell {
	list := make([]Cell, len(from))
	for i, c := range from {
		list[i] = Cell(c)
	}
	return list
}
