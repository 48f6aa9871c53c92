package mesh

import (
	"container/heap"
	"math"

	"github.com/yizhan/yizhan/tiles/world"
)

// Label is a place well inside a shape, for its name: the middle of about the largest circle that fits
// (the pole of inaccessibility), within a fiftieth of its radius.
func Label(s Shape) world.Point {
	width := float64(s.Bounds.MaxX - s.Bounds.MinX)
	height := float64(s.Bounds.MaxY - s.Bounds.MinY)
	size := max(min(width, height), 1)
	var cells cellHeap
	for x := float64(s.Bounds.MinX); x <= float64(s.Bounds.MaxX); x += size {
		for y := float64(s.Bounds.MinY); y <= float64(s.Bounds.MaxY); y += size {
			heap.Push(&cells, newCell(x+size/2, y+size/2, size/2, s))
		}
	}
	best := newCell(float64(s.Bounds.MinX)+width/2, float64(s.Bounds.MinY)+height/2, 0, s)
	const maxLooks = 400
	for looks := 0; len(cells) > 0 && looks < maxLooks; looks++ {
		c := heap.Pop(&cells).(cell)
		if c.inward > best.inward {
			best = c
		}
		if c.most() <= best.inward*1.02 {
			break
		}
		half := c.half / 2
		for _, to := range [][2]float64{{-half, -half}, {half, -half}, {-half, half}, {half, half}} {
			heap.Push(&cells, newCell(c.x+to[0], c.y+to[1], half, s))
		}
	}
	return world.Point{X: uint32(best.x), Y: uint32(best.y)}
}

// cell is a square and how far its middle is inside; negative outside.
type cell struct{ x, y, half, inward float64 }

// most is how far inside any place of the cell can be.
func (c cell) most() float64 { return c.inward + c.half*math.Sqrt2 }

func newCell(x, y, half float64, s Shape) cell {
	in := false
	least := math.Inf(1)
	for _, ring := range s.Rings {
		before := ring[len(ring)-1]
		for _, v := range ring {
			aX, aY, bX, bY := float64(before.X), float64(before.Y), float64(v.X), float64(v.Y)
			if (aY > y) != (bY > y) && x < (bX-aX)*(y-aY)/(bY-aY)+aX {
				in = !in
			}
			least = min(least, squareToSegment(x, y, aX, aY, bX, bY))
			before = v
		}
	}
	distance := math.Sqrt(least)
	if !in {
		distance = -distance
	}
	return cell{x, y, half, distance}
}

func squareToSegment(x, y, aX, aY, bX, bY float64) float64 {
	dX, dY := bX-aX, bY-aY
	share := 0.0
	if length := dX*dX + dY*dY; length > 0 {
		share = max(0, min(1, ((x-aX)*dX+(y-aY)*dY)/length))
	}
	x -= aX + share*dX
	y -= aY + share*dY
	return x*x + y*y
}

type cellHeap []cell

func (h cellHeap) Len() int           { return len(h) }
func (h cellHeap) Less(i, j int) bool { return h[i].most() > h[j].most() }
func (h cellHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *cellHeap) Push(x any)        { *h = append(*h, x.(cell)) }
func (h *cellHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
