// Package mesh holds polygons that share borders, and says from which zoom each vertex of them counts.
//
// A mesh is cut into arcs at its junctions: the vertices where three or more edges meet. Each arc is
// simplified by itself, once, and both neighbours follow it, so that a border is the same for both at
// every zoom and no gap or overlap can open. A corner goes only if no other vertex of the mesh lies in
// the triangle it spans, so that arcs never cross (see simplify.go). Because an arc looks only at its own
// vertices and the original vertices near it, a part of a mesh can be worked out anew from its
// neighbourhood and comes out as if the whole had been.
package mesh

import (
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/world"
)

// Never is the zoom of a vertex that adds nothing at any zoom.
const Never = 255

// Vertex is a corner that is drawn from Zoom on.
type Vertex struct {
	world.Point
	Zoom uint8
}

// Ring is a closed line without its closing vertex. The area of an exterior ring is positive with y to
// the south, as a tile wants it; that of a hole is negative.
type Ring []Vertex

// Shape is a polygon or several. It keeps every original vertex, those that are Never drawn too.
type Shape struct {
	Rings  []Ring
	Bounds world.Rect
	chunks []Chunks // of Rings, or nil
}

// Chunked is the shape with what makes cutting long rings quick.
func (s Shape) Chunked() Shape {
	s.chunks = nil
	for i, ring := range s.Rings {
		if chunks := NewChunks(ring); chunks != nil {
			if s.chunks == nil {
				s.chunks = make([]Chunks, len(s.Rings))
			}
			s.chunks[i] = chunks
		}
	}
	return s
}

// EachVertex calls do for the vertices of a ring that count at a zoom, in order, and may leave out such
// as lie between two others on the same outer side of the rectangle.
func (s Shape) EachVertex(ring int, zoom uint8, r world.Rect, do func(world.Point)) {
	var chunks Chunks
	if s.chunks != nil {
		chunks = s.chunks[ring]
	}
	chunks.Each(s.Rings[ring], zoom, r, do)
}

// Project makes a shape whose vertices all count from zoom 0. Rings that fall together to less than a
// triangle are left out.
func Project(polygons orb.MultiPolygon) Shape {
	shape := Shape{Bounds: world.EmptyRect()}
	for _, polygon := range polygons {
		for i, points := range polygon {
			ring := projectRing(points)
			if len(ring) < 3 {
				continue
			}
			if (area2(ring) > 0) != (i == 0) {
				reverse(ring)
			}
			shape.Rings = append(shape.Rings, ring)
			for _, v := range ring {
				shape.Bounds = shape.Bounds.Extend(v.Point)
			}
		}
	}
	return shape
}

// Outline makes a shape of rings that are simple and turned the right way already.
func Outline(rings []Ring) Shape {
	shape := Shape{Rings: rings, Bounds: world.EmptyRect()}
	for _, ring := range rings {
		for _, v := range ring {
			shape.Bounds = shape.Bounds.Extend(v.Point)
		}
	}
	return shape
}

func projectRing(points orb.Ring) Ring {
	ring := make(Ring, 0, len(points))
	for _, p := range points {
		v := Vertex{Point: world.Project(p)}
		if len(ring) == 0 || ring[len(ring)-1].Point != v.Point {
			ring = append(ring, v)
		}
	}
	for len(ring) > 1 && ring[0].Point == ring[len(ring)-1].Point {
		ring = ring[:len(ring)-1]
	}
	return ring
}

// area2 is twice the signed area.
func area2(ring Ring) int64 {
	var sum int64
	origin := ring[0].Point
	for i := 1; i+1 < len(ring); i++ {
		sum += cross(origin, ring[i].Point, ring[i+1].Point)
	}
	return sum
}

// cross is twice the signed area of a triangle.
func cross(a, b, c world.Point) int64 {
	abX, abY := int64(b.X)-int64(a.X), int64(b.Y)-int64(a.Y)
	acX, acY := int64(c.X)-int64(a.X), int64(c.Y)-int64(a.Y)
	return abX*acY - abY*acX
}

func reverse(ring Ring) {
	for i, j := 0, len(ring)-1; i < j; i, j = i+1, j-1 {
		ring[i], ring[j] = ring[j], ring[i]
	}
}

// Equal tells whether two shapes draw the same at every zoom.
func (s Shape) Equal(o Shape) bool {
	if s.Bounds != o.Bounds || len(s.Rings) != len(o.Rings) {
		return false
	}
	for i, ring := range s.Rings {
		if len(ring) != len(o.Rings[i]) {
			return false
		}
		for j, v := range ring {
			if v != o.Rings[i][j] {
				return false
			}
		}
	}
	return true
}

// Area2 is twice the area of the shape.
func (s Shape) Area2() float64 {
	var sum float64
	for _, ring := range s.Rings {
		sum += float64(area2(ring))
	}
	return sum
}

// Until is the shape without the vertices that count only after a zoom, for use at that zoom. It keeps its
// bounds. Never gives the shape as it is.
func (s Shape) Until(zoom uint8) Shape {
	if zoom == Never {
		return s
	}
	out := Shape{Bounds: s.Bounds}
	var kept Ring
	for _, ring := range s.Rings {
		kept = kept[:0]
		for _, v := range ring {
			if v.Zoom <= zoom {
				kept = append(kept, Vertex{Point: v.Point})
			}
		}
		if len(kept) > 0 {
			out.Rings = append(out.Rings, append(Ring(nil), kept...))
		}
	}
	return out.Chunked()
}
