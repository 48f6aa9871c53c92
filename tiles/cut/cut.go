// Package cut turns shapes and lines of the plane into what a tile draws: clipped to the tile with its
// buffer and snapped to its grid, valid in spite of it.
//
// Rounding vertices to a grid can push them over an edge and make polygons cross themselves or each
// other. So this is snap rounding (Hobby 1999): every grid square that holds a vertex is hot, and an edge
// that passes through a hot square bends to its middle. Nothing crosses that did not before; what is
// narrower than the grid falls together, edge on edge, and is taken out exactly by cancelling opposite
// edges. All of a layer goes through one Cutter, so that neighbours keep the same edges.
//
// Clipping is the map that puts every point outside of the box to the nearest point of its boundary. It
// keeps the winding number of every point inside, so the ring that comes out bounds what the polygon has
// inside the box once the boundary runs that it went over twice have cancelled. Everything is computed
// in whole numbers, and the answer about an edge does not depend on its direction or on its polygon.
package cut

import (
	"slices"

	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/world"
)

// Point is a place on the grid of a tile, from its north-west corner.
type Point struct{ X, Y int32 }

// The box on the grid.
const (
	low  = -world.Buffer
	high = world.Extent + world.Buffer
)

// Cutter cuts the features of one layer of one tile. Add every shape first, then read them with
// Polygons; Line and Inside can be asked at any time after that. It is for one goroutine; Reset makes it
// ready for another tile.
type Cutter struct {
	zoom             uint8
	originX, originY int64
	step, half       int64
	shift            uint
	boxLow, boxHigh  int64      // in units from the origin
	bounds           world.Rect // the box

	hot    hotPixels
	tracks []track
	steps  []move
	shapes []shapeTracks
	closed bool // the hot squares are complete
	line   []move
	asm    assembler
}

// track is one ring clipped: a start and the moves from there back to it.
type track struct {
	start       Point
	first, last int // in steps
}

type shapeTracks struct{ first, last int } // in tracks

// move goes on to a grid point: along an edge inside the box, or along a side of it.
type move struct {
	kind                   moveKind
	to                     Point
	fromX, fromY, toX, toY int64 // the whole edge in units from the origin, for an inside move
}

type moveKind uint8

const (
	inside moveKind = iota
	alongWest
	alongEast
	alongNorth
	alongSouth
)

// Reset makes the cutter ready for a tile.
func (c *Cutter) Reset(t world.Tile) {
	c.zoom = uint8(t.Z)
	c.originX, c.originY = t.Origin()
	c.step = t.Step()
	c.half = c.step / 2
	c.shift = uint(world.Bits - world.GridBits - t.Z)
	c.boxLow, c.boxHigh = low*c.step, high*c.step
	c.bounds = t.Bounds()
	c.hot.reset()
	for _, corner := range corners {
		c.hot.add(corner)
	}
	c.tracks, c.steps, c.shapes, c.closed = c.tracks[:0], c.steps[:0], c.shapes[:0], false
}

var corners = [4]Point{{low, low}, {high, low}, {high, high}, {low, high}}

// Add takes a shape in and gives its number.
func (c *Cutter) Add(shape mesh.Shape) int {
	first := len(c.tracks)
	for ring := range shape.Rings {
		c.addRing(shape, ring)
	}
	c.shapes = append(c.shapes, shapeTracks{first, len(c.tracks)})
	return len(c.shapes) - 1
}

// addRing clips a ring. Vertices between two on the same outer side of the box make one move along that
// side with them, so that they may be left out.
func (c *Cutter) addRing(shape mesh.Shape, ring int) {
	start, ok := lastVertex(shape.Rings[ring], c.zoom)
	if !ok {
		return
	}
	fromX, fromY := c.local(start)
	t := track{start: c.clamp(fromX, fromY), first: len(c.steps)}
	position := t.start
	shape.EachVertex(ring, c.zoom, c.bounds, func(p world.Point) {
		toX, toY := c.local(p)
		c.steps, position = c.walk(c.steps, t.first, position, fromX, fromY, toX, toY)
		fromX, fromY = toX, toY
	})
	t.last = len(c.steps)
	if t.last-t.first < 2 {
		c.steps = c.steps[:t.first]
		return
	}
	c.joinEnds(&t)
	c.tracks = append(c.tracks, t)
}

func lastVertex(ring mesh.Ring, zoom uint8) (p world.Point, ok bool) {
	for i := len(ring) - 1; i >= 0; i-- {
		if ring[i].Zoom <= zoom {
			return ring[i].Point, true
		}
	}
	return p, false
}

// joinEnds makes one of a first and a last move along the same side, so that the place where the ring
// happens to begin leaves no mark.
func (c *Cutter) joinEnds(t *track) {
	for t.last-t.first > 1 {
		begin, end := &c.steps[t.first], &c.steps[t.last-1]
		if begin.kind == inside || begin.kind != end.kind {
			return
		}
		t.start = c.steps[t.last-2].to
		t.last--
	}
}

func (c *Cutter) local(p world.Point) (x, y int64) {
	return int64(p.X) - c.originX, int64(p.Y) - c.originY
}

// Inside gives the grid point of a place, and whether the box holds it.
func (c *Cutter) Inside(p world.Point) (Point, bool) {
	x, y := c.local(p)
	return c.snap(x, y), c.inBox(x) && c.inBox(y)
}

// Dot is the grid square at a place; nil if the tile without its buffer does not hold the place.
func (c *Cutter) Dot(p world.Point) [][][]Point {
	x, y := c.local(p)
	if side := world.Extent * c.step; x < 0 || y < 0 || x >= side || y >= side {
		return nil
	}
	at := Point{int32(x >> c.shift), int32(y >> c.shift)}
	return [][][]Point{{{at, {at.X + 1, at.Y}, {at.X + 1, at.Y + 1}, {at.X, at.Y + 1}}}}
}

func (c *Cutter) inBox(v int64) bool { return v >= c.boxLow && v <= c.boxHigh }

func (c *Cutter) round(v int64) int32 { return int32((v + c.half) >> c.shift) }

func (c *Cutter) snap(x, y int64) Point { return Point{c.round(x), c.round(y)} }

func (c *Cutter) clamp(x, y int64) Point {
	return c.snap(max(c.boxLow, min(c.boxHigh, x)), max(c.boxLow, min(c.boxHigh, y)))
}

// side tells where a coordinate is: before, in or beyond the box.
func (c *Cutter) side(v int64) int8 {
	switch {
	case v < c.boxLow:
		return -1
	case v > c.boxHigh:
		return 1
	}
	return 0
}

// walk appends the moves that go from one vertex to the next, position being where the first was put.
func (c *Cutter) walk(moves []move, first int, position Point, fromX, fromY, toX, toY int64) ([]move, Point) {
	sideX, sideY := c.side(fromX), c.side(fromY)
	endX, endY := c.side(toX), c.side(toY)
	edge := move{fromX: fromX, fromY: fromY, toX: toX, toY: toY}
	if sideX == endX && sideY == endY || sideX == endX && sideX != 0 || sideY == endY && sideY != 0 {
		if sideX != endX { // along a side in the other direction
			sideX = 0
		}
		edge.kind, edge.to = kindOf(sideX, sideY), c.clamp(toX, toY)
		return c.push(moves, first, position, edge)
	}
	for _, crossing := range c.crossings(edge) {
		edge.kind, edge.to = kindOf(sideX, sideY), c.crossingPoint(edge, crossing)
		moves, position = c.push(moves, first, position, edge)
		if crossing.vertical {
			sideX = crossing.then
		} else {
			sideY = crossing.then
		}
	}
	edge.kind, edge.to = kindOf(sideX, sideY), c.clamp(toX, toY)
	return c.push(moves, first, position, edge)
}

// kindOf is how to move in one of the nine fields around and in the box. In a corner field nothing
// moves, so that its kind does not matter.
func kindOf(sideX, sideY int8) moveKind {
	switch {
	case sideX < 0:
		return alongWest
	case sideX > 0:
		return alongEast
	case sideY < 0:
		return alongNorth
	case sideY > 0:
		return alongSouth
	}
	return inside
}

func (c *Cutter) push(moves []move, first int, position Point, m move) ([]move, Point) {
	if m.kind == inside && !c.closed {
		c.hot.add(position)
		c.hot.add(m.to)
	}
	if m.to == position {
		return moves, position
	}
	if n := len(moves); m.kind != inside && n > first && moves[n-1].kind == m.kind {
		moves[n-1].to = m.to
		return moves, m.to
	}
	return append(moves, m), m.to
}

// Polygons gives the rings of an added shape in this tile: each exterior with the holes in it, closing
// points left out. Nil if nothing of it is left on the grid. The result is valid until the next call.
func (c *Cutter) Polygons(number int) [][][]Point {
	c.seal()
	tracks := c.tracks[c.shapes[number].first:c.shapes[number].last]
	c.asm.reset()
	for _, t := range tracks {
		c.asm.begin(t.start)
		position := t.start
		for i := t.first; i < t.last; i++ {
			c.between(position, &c.steps[i])
			position = c.steps[i].to
		}
		c.asm.end()
	}
	return c.asm.polygons()
}

// Line gives the pieces of a line in this tile. Where it runs along an added shape it bends as that does.
// Chunks of the line may be nil.
func (c *Cutter) Line(line []mesh.Vertex, chunks mesh.Chunks) [][]Point {
	c.seal()
	var pieces [][]Point
	started := false
	var fromX, fromY int64
	chunks.Each(line, c.zoom, c.bounds, func(p world.Point) {
		toX, toY := c.local(p)
		if started {
			pieces = c.addPiece(pieces, fromX, fromY, toX, toY)
		}
		started, fromX, fromY = true, toX, toY
	})
	return slices.DeleteFunc(pieces, func(piece []Point) bool { return len(piece) < 2 })
}

func (c *Cutter) addPiece(pieces [][]Point, fromX, fromY, toX, toY int64) [][]Point {
	position := c.clamp(fromX, fromY)
	if c.side(fromX) == 0 && c.side(fromY) == 0 && len(pieces) == 0 {
		pieces = append(pieces, []Point{position})
	}
	c.line, _ = c.walk(c.line[:0], 0, position, fromX, fromY, toX, toY)
	for i := range c.line {
		m := &c.line[i]
		if m.kind == inside {
			last := len(pieces) - 1
			if last < 0 || pieces[last][len(pieces[last])-1] != position {
				pieces = append(pieces, []Point{position})
				last++
			}
			c.asm.reset()
			c.asm.begin(position)
			c.between(position, m)
			pieces[last] = append(pieces[last], c.asm.points[1:]...)
		}
		position = m.to
	}
	return pieces
}

func (c *Cutter) seal() {
	if !c.closed {
		c.closed = true
		c.hot.index()
	}
}

// between appends what lies on the way of a move, and its end.
func (c *Cutter) between(position Point, m *move) {
	c.hot.candidates(position, m, c)
	for _, p := range c.hot.found {
		c.asm.add(p)
	}
	c.asm.add(m.to)
}
