// Package world is the integer plane on which tiles are made: web mercator (EPSG:3857), the whole world
// 2³² units wide, x to the east and y to the south as in a tile. A unit is 6 to 9 mm on the ground in
// the temperate zone, finer than the 1e-7° grid of the store, so that vertices which were equal stay
// equal and others stay apart. Whole numbers make clipping and snapping exact: two neighbours that share
// an edge get the same answer about it.
//
// Sums and products of differences fit an int64 as long as a feature is less than half the world wide.
package world

import (
	"math"

	"github.com/paulmach/orb"
)

// The measures of the plane.
const (
	Bits      = 32   // the world is 1<<Bits units wide
	Extent    = 4096 // grid steps across a tile
	GridBits  = 12   // log2 of Extent
	Buffer    = 64   // grid steps drawn beyond each side of a tile
	MaxZoom   = 18   // a grid step is still 4 units here
	size      = 1 << Bits
	maxMercat = 85.051128779806604
)

// Point is a place on the plane.
type Point struct{ X, Y uint32 }

// Key packs a point into one number, in the order of X, then Y.
func (p Point) Key() uint64 { return uint64(p.X)<<32 | uint64(p.Y) }

// Project puts a WGS84 place (lng, lat in degrees) on the plane. Places beyond the mercator square go to
// its edge.
func Project(p orb.Point) Point {
	lat := max(-maxMercat, min(maxMercat, p[1]))
	sin := math.Sin(lat * (math.Pi / 180))
	x := p[0]/360 + 0.5
	y := 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
	return Point{toUnits(x), toUnits(y)}
}

func toUnits(share float64) uint32 {
	return uint32(max(0, min(size-1, math.Round(share*size))))
}

// Unproject gives the place (lng, lat in degrees) of a position on the plane, which may be fractional.
func Unproject(x, y float64) orb.Point {
	lat := math.Atan(math.Sinh(math.Pi * (1 - 2*y/size)))
	return orb.Point{x/size*360 - 180, lat * (180 / math.Pi)}
}

// MetersPerUnit is the ground length of a unit at the height y of the plane.
func MetersPerUnit(y float64) float64 {
	const equatorMeters = 40_075_016.686
	return equatorMeters / size / math.Cosh(math.Pi*(1-2*y/size))
}

// Rect is a closed rectangle in units; it may reach beyond the plane. The zero Rect is a point; use
// EmptyRect to start a union.
type Rect struct{ MinX, MinY, MaxX, MaxY int64 }

// EmptyRect holds nothing.
func EmptyRect() Rect {
	return Rect{math.MaxInt64, math.MaxInt64, math.MinInt64, math.MinInt64}
}

// Empty tells whether the rectangle holds nothing.
func (r Rect) Empty() bool { return r.MinX > r.MaxX || r.MinY > r.MaxY }

// Extend is the rectangle with one more point in it.
func (r Rect) Extend(p Point) Rect {
	x, y := int64(p.X), int64(p.Y)
	return Rect{min(r.MinX, x), min(r.MinY, y), max(r.MaxX, x), max(r.MaxY, y)}
}

// Union is the least rectangle around both.
func (r Rect) Union(o Rect) Rect {
	return Rect{min(r.MinX, o.MinX), min(r.MinY, o.MinY), max(r.MaxX, o.MaxX), max(r.MaxY, o.MaxY)}
}

// Intersects tells whether the closed rectangles have a point in common.
func (r Rect) Intersects(o Rect) bool {
	return r.MinX <= o.MaxX && o.MinX <= r.MaxX && r.MinY <= o.MaxY && o.MinY <= r.MaxY
}

// BBox gives west, south, east and north in degrees.
func (r Rect) BBox() [4]float64 {
	northWest := Unproject(float64(r.MinX), float64(r.MinY))
	southEast := Unproject(float64(r.MaxX), float64(r.MaxY))
	return [4]float64{northWest[0], southEast[1], southEast[0], northWest[1]}
}

// Tile is an address in the web mercator pyramid, row 0 in the north.
type Tile struct{ Z, X, Y uint32 }

// Valid tells whether the tile exists, at most at MaxZoom.
func (t Tile) Valid() bool { return t.Z <= MaxZoom && t.X < 1<<t.Z && t.Y < 1<<t.Z }

// Step is how many units make a grid step at the tile's zoom.
func (t Tile) Step() int64 { return 1 << (Bits - GridBits - t.Z) }

// Origin is the north-west corner.
func (t Tile) Origin() (x, y int64) {
	return int64(t.X) << (Bits - t.Z), int64(t.Y) << (Bits - t.Z)
}

// Bounds is the tile with its buffer.
func (t Tile) Bounds() Rect {
	x, y := t.Origin()
	low, high := -Buffer*t.Step(), (Extent+Buffer)*t.Step()
	return Rect{x + low, y + low, x + high, y + high}
}
