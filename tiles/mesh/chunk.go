package mesh

import "github.com/yizhan/yizhan/tiles/world"

// chunkSize is how many vertices of a long run share a box.
const chunkSize = 32

// Chunks are the boxes around every chunkSize vertices of a run, with which most of a long border that is
// far from a tile is passed over. A short run has none.
type Chunks []world.Rect

// NewChunks makes the boxes of a run.
func NewChunks(vertices []Vertex) Chunks {
	if len(vertices) < 2*chunkSize {
		return nil
	}
	chunks := make(Chunks, 0, len(vertices)/chunkSize+1)
	for first := 0; first < len(vertices); first += chunkSize {
		box := world.EmptyRect()
		for _, v := range vertices[first:min(first+chunkSize, len(vertices))] {
			box = box.Extend(v.Point)
		}
		chunks = append(chunks, box)
	}
	return chunks
}

// Each calls do for the vertices that count at a zoom, in order. Of chunks in a row that are on one side of
// the rectangle it gives the first and the last vertex only: what lies between them does not come near.
func (c Chunks) Each(vertices []Vertex, zoom uint8, r world.Rect, do func(world.Point)) {
	if c == nil {
		eachVertex(vertices, zoom, do)
		return
	}
	var last world.Point // of the chunks passed over, if held
	held, side := false, inReach
	for i, box := range c {
		chunk := vertices[i*chunkSize : min((i+1)*chunkSize, len(vertices))]
		was := side
		side = sideOf(box, r)
		if held && (side != was || side == inReach) {
			do(last)
			held = false
		}
		switch {
		case side == inReach:
			eachVertex(chunk, zoom, do)
		case side == was:
			if v, ok := lastOf(chunk, zoom); ok {
				last, held = v, true
			}
		default:
			if v, ok := firstOf(chunk, zoom); ok {
				do(v)
			}
			last, held = lastOf(chunk, zoom)
		}
	}
	if held {
		do(last)
	}
}

// The sides of a rectangle on which a box can be.
const (
	inReach = iota
	west
	east
	north
	south
)

func sideOf(box, r world.Rect) int {
	switch {
	case box.MaxX < r.MinX:
		return west
	case box.MinX > r.MaxX:
		return east
	case box.MaxY < r.MinY:
		return north
	case box.MinY > r.MaxY:
		return south
	}
	return inReach
}

func firstOf(chunk []Vertex, zoom uint8) (p world.Point, ok bool) {
	for i := range chunk {
		if chunk[i].Zoom <= zoom {
			return chunk[i].Point, true
		}
	}
	return p, false
}

func lastOf(chunk []Vertex, zoom uint8) (p world.Point, ok bool) {
	for i := len(chunk) - 1; i >= 0; i-- {
		if chunk[i].Zoom <= zoom {
			return chunk[i].Point, true
		}
	}
	return p, false
}

func eachVertex(vertices []Vertex, zoom uint8, do func(world.Point)) {
	for i := range vertices {
		if vertices[i].Zoom <= zoom {
			do(vertices[i].Point)
		}
	}
}
