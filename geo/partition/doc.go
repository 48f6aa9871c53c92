// Package partition holds the parts of a whole that neighbours divide without overlap or gap, and changes
// them so that this stays true: cut a part by a line, merge parts, divide a part into parts of about one
// size. It also tells what of a shape is too narrow, and what of the borders differs between two states.
//
// Coordinates are WGS84 degrees, lng, lat, on the grid of 1e-7 degrees; they are counted as integers and
// every predicate is exact. What an operation does not touch it gives back as it was, to the last bit and in
// the same order. The outline of the whole never changes: no operation puts a vertex on it.
package partition

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/plane"
)

// unit is the number of steps of the grid in a degree.
const unit = 1e7

// Part is a part of the whole.
type Part struct {
	Code  string
	Shape orb.MultiPolygon
}

// Error says why an operation cannot be done. Where is the place, if there is one.
type Error struct {
	Message string
	Where   orb.Geometry
}

func (e *Error) Error() string { return e.Message }

func latticeOf(p orb.Point) plane.Point {
	return plane.Point{X: int64(math.Round(p[0] * unit)), Y: int64(math.Round(p[1] * unit))}
}

// degreesOf gives the very float64 that the store keeps for the place.
func degreesOf(p plane.Point) orb.Point { return orb.Point{float64(p.X) / unit, float64(p.Y) / unit} }

func lineOf(points ...plane.Point) orb.LineString {
	line := make(orb.LineString, len(points))
	for i, p := range points {
		line[i] = degreesOf(p)
	}
	return line
}

func ringOf(points []plane.Point) orb.Ring {
	return append(orb.Ring(lineOf(points...)), degreesOf(points[0]))
}
