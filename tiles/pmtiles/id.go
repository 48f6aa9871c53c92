package pmtiles

import (
	"iter"
	"math"
	"math/bits"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/world"
)

// maxZoom is the last zoom whose ids the format can count.
const maxZoom = 31

// maxIDs counts the tiles of all zooms to maxZoom.
const maxIDs = math.MaxUint64 / 3

// ID is the number of a tile: lower zooms come first, and within a zoom tiles follow a Hilbert curve, so
// that what lies close on the map lies close in the file.
func ID(t world.Tile) uint64 {
	x, y := t.X, t.Y
	var d uint64
	for bit := int(t.Z) - 1; bit >= 0; bit-- {
		side := uint32(1) << bit
		rx, ry := x>>bit&1, y>>bit&1
		d = d<<2 | uint64(3*rx^ry)
		x, y = turn(side, x&(side-1), y&(side-1), rx, ry)
	}
	return firstID(t.Z) + d
}

// TileOf is the inverse of ID. It takes ids up to the last of zoom 31.
func TileOf(id uint64) world.Tile {
	z := uint32(bits.Len64(3*id+1)-1) / 2
	return onCurve(z, id-firstID(z))
}

// onCurve is the tile at a position on the curve of a zoom.
func onCurve(z uint32, d uint64) world.Tile {
	var x, y uint32
	for bit := range z {
		pair := uint32(d >> (2 * bit) & 3)
		rx := pair >> 1
		ry := pair&1 ^ rx
		x, y = turn(1<<bit, x, y, rx, ry)
		x, y = x|rx<<bit, y|ry<<bit
	}
	return world.Tile{Z: z, X: x, Y: y}
}

// turn maps the curve of a quadrant, side tiles wide, to the curve of the whole and back.
func turn(side, x, y, rx, ry uint32) (uint32, uint32) {
	if ry == 1 {
		return x, y
	}
	if rx == 1 {
		x, y = side-1-x, side-1-y
	}
	return y, x
}

// firstID counts the tiles of all lower zooms.
func firstID(z uint32) uint64 { return (1<<(2*z) - 1) / 3 }

// Cover is a block of tiles of one zoom.
type Cover struct{ Zoom, MinX, MinY, MaxX, MaxY uint32 }

// Covering is the block of tiles that a bounding box (west, south, east, north in degrees) meets.
func Covering(bbox [4]float64, zoom uint32) Cover {
	northWest := world.Project(orb.Point{bbox[0], bbox[3]})
	southEast := world.Project(orb.Point{bbox[2], bbox[1]})
	shift := world.Bits - zoom
	at := func(units uint32) uint32 { return uint32(uint64(units) >> shift) }
	return Cover{zoom, at(northWest.X), at(northWest.Y), at(southEast.X), at(southEast.Y)}
}

// Count is how many tiles are in the block.
func (c Cover) Count() uint64 { return uint64(c.MaxX-c.MinX+1) * uint64(c.MaxY-c.MinY+1) }

// Tiles gives the tiles of the block in the order of their ids. It descends the quadtree, whose four
// children of a tile are consecutive on the curve, and so needs no list to sort.
func (c Cover) Tiles() iter.Seq[world.Tile] {
	return func(yield func(world.Tile) bool) { c.descend(0, 0, yield) }
}

func (c Cover) descend(zoom uint32, d uint64, yield func(world.Tile) bool) bool {
	at, up := onCurve(zoom, d), c.Zoom-zoom
	if at.X < c.MinX>>up || at.X > c.MaxX>>up || at.Y < c.MinY>>up || at.Y > c.MaxY>>up {
		return true
	}
	if up == 0 {
		return yield(at)
	}
	for i := range uint64(4) {
		if !c.descend(zoom+1, 4*d+i, yield) {
			return false
		}
	}
	return true
}
