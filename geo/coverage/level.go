package coverage

import (
	"math"
	"sync"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// level is the demand in the cells of one resolution, in columns.
type level struct {
	resolution int
	cells      []hex.Cell // ascending
	households []int64
	// from is the first of the finest cells below each cell, and their number at the end; nil for the
	// finest level itself.
	from    []int32
	centers []orb.Point
	x, y, z []float64 // centres, Earth-centred
	groups  []group

	neighborhood neighborhood

	outline      sync.Once // of what follows, which only drawing needs
	vertices     []orb.Point
	verticesFrom []int32
}

func newLevel(resolution int, cells []hex.Cell, households []int64) *level {
	n := len(cells)
	l := &level{
		resolution: resolution, cells: cells, households: households, centers: make([]orb.Point, n),
		x: make([]float64, n), y: make([]float64, n), z: make([]float64, n),
	}
	_ = parallel(n, func() func(int) error { return l.locate })
	l.groups = groupCells(l)
	return l
}

func (l *level) locate(i int) error {
	l.centers[i] = l.cells[i].Center()
	at := geo.ToECEF(l.centers[i])
	l.x[i], l.y[i], l.z[i] = at.X, at.Y, at.Z
	return nil
}

// rollUp sums the finest level up to a coarser resolution.
func (l *level) rollUp(resolution int) *level {
	var cells []hex.Cell
	var households []int64
	var from []int32
	for i, cell := range l.cells {
		parent := cell.Parent(resolution)
		if len(cells) == 0 || cells[len(cells)-1] != parent {
			cells = append(cells, parent)
			households = append(households, 0)
			from = append(from, int32(i))
		}
		households[len(households)-1] += l.households[i]
	}
	up := newLevel(resolution, cells, households)
	up.from = append(from, int32(len(l.cells)))
	return up
}

// reachM is farther than any vertex of a cell is from its centre. Cells are of uneven size and shape;
// the farthest vertex is 1.4 times as far as that of a regular hexagon of the average area.
func (l *level) reachM() float64 {
	return 1.5 * math.Sqrt(hex.AverageAreaM2(l.resolution)*2/(3*math.Sqrt(3)))
}

// traceOutlines fills in the boundaries of all cells.
func (l *level) traceOutlines() {
	rings := make([]orb.Ring, len(l.cells))
	_ = parallel(len(rings), func() func(int) error {
		return func(i int) error {
			rings[i] = l.cells[i].Boundary()
			return nil
		}
	})
	l.verticesFrom = make([]int32, 0, len(rings)+1)
	l.vertices = make([]orb.Point, 0, 7*len(rings))
	for _, ring := range rings {
		l.verticesFrom = append(l.verticesFrom, int32(len(l.vertices)))
		l.vertices = append(l.vertices, ring...)
	}
	l.verticesFrom = append(l.verticesFrom, int32(len(l.vertices)))
}

func (l *level) ring(i int) orb.Ring {
	from, to := l.verticesFrom[i], l.verticesFrom[i+1]
	return orb.Ring(l.vertices[from:to:to])
}
