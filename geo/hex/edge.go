package hex

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// Edge is what a cell has in common with a neighbour.
type Edge struct {
	Neighbor Cell
	// Line runs anticlockwise around the cell that was asked. It has two points, or three where an edge
	// of the icosahedron crosses it. The neighbour has the same line in the other direction, though
	// not to the last bit.
	Line orb.LineString
}

// Edges lists what parts a cell from each neighbour: six edges, five of a pentagon. The lines together
// are the boundary of the cell. Where they cross the antimeridian, their lng runs on past ±180, on the
// side of the centre.
func (c Cell) Edges() []Edge {
	from := must(h3.Cell(c).DirectedEdges())
	lng := c.Center()[0]
	edges := make([]Edge, len(from))
	for i, e := range from {
		edges[i].Neighbor = Cell(must(e.Destination()))
		for _, v := range must(e.Boundary()) {
			edges[i].Line = append(edges[i].Line, orb.Point{LngNear(v.Lng, lng), v.Lat})
		}
	}
	return edges
}

// LngNear is the same meridian as lng, at most half the world from another: perhaps past ±180.
func LngNear(lng, other float64) float64 {
	if math.Abs(lng-other) <= 180 {
		return lng // to the last bit
	}
	return other + math.Remainder(lng-other, 360)
}
