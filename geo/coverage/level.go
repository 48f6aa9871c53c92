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
	*lattice
	households []int64
}

// lattice is some cells of one resolution, in columns. Demands of the same cells share it, whatever the
// number of households. It is immutable, but for what is made when first asked for.
type lattice struct {
	resolution int
	cells      []hex.Cell // ascending
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

	area    sync.Once // of what follows, which only figures of area need
	areasM2 []int64
}

func newLattice(resolution int, cells []hex.Cell) *lattice {
	l := emptyLattice(resolution, cells)
	_ = parallel(len(cells), func() func(int) error { return l.locate })
	l.groups = groupCells(l)
	return l
}

// emptyLattice has room for what follows from the cells.
func emptyLattice(resolution int, cells []hex.Cell) *lattice {
	n := len(cells)
	return &lattice{
		resolution: resolution, cells: cells, centers: make([]orb.Point, n),
		x: make([]float64, n), y: make([]float64, n), z: make([]float64, n),
	}
}

func (l *lattice) locate(i int) error {
	l.centers[i] = l.cells[i].Center()
	at := geo.ToECEF(l.centers[i])
	l.x[i], l.y[i], l.z[i] = at.X, at.Y, at.Z
	return nil
}

// at is the centre of a cell, Earth-centred.
func (l *lattice) at(cell int32) geo.ECEF { return geo.ECEF{X: l.x[cell], Y: l.y[cell], Z: l.z[cell]} }

// rollUp gives the cells above the finest ones at a coarser resolution.
func (l *lattice) rollUp(resolution int) *lattice {
	var cells []hex.Cell
	var from []int32
	for i, cell := range l.cells {
		parent := cell.Parent(resolution)
		if len(cells) == 0 || cells[len(cells)-1] != parent {
			cells = append(cells, parent)
			from = append(from, int32(i))
		}
	}
	up := newLattice(resolution, cells)
	up.x, up.y, up.z = nil, nil, nil // distances are measured from the finest cells only
	up.from = append(from, int32(len(l.cells)))
	return up
}

// finestOf gives the range of finest cells that a cell is, or stands for.
func (l *lattice) finestOf(cell int) (from, to int32) {
	if l.from == nil {
		return int32(cell), int32(cell + 1)
	}
	return l.from[cell], l.from[cell+1]
}

// sum adds up numbers of the finest cells.
func (l *lattice) sum(finest []int64) []int64 {
	sums := make([]int64, len(l.cells))
	for i := range sums {
		from, to := l.finestOf(i)
		for _, number := range finest[from:to] {
			sums[i] += number
		}
	}
	return sums
}

// reachM is farther than any vertex of a cell is from its centre. Cells are of uneven size and shape;
// the farthest vertex is 1.4 times as far as that of a regular hexagon of the average area.
func (l *lattice) reachM() float64 {
	return 1.5 * math.Sqrt(hex.AverageAreaM2(l.resolution)*2/(3*math.Sqrt(3)))
}

// areas gives the area of each cell, rounded to whole square metres, so that sums of them are exact.
func (l *lattice) areas() []int64 {
	l.area.Do(func() {
		l.areasM2 = make([]int64, len(l.cells))
		_ = parallel(len(l.cells), func() func(int) error {
			return func(i int) error {
				l.areasM2[i] = int64(math.Round(l.cells[i].AreaM2()))
				return nil
			}
		})
	})
	return l.areasM2
}

// traceOutlines fills in the boundaries of all cells.
func (l *lattice) traceOutlines() {
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

func (l *lattice) ring(i int) orb.Ring {
	from, to := l.verticesFrom[i], l.verticesFrom[i+1]
	return orb.Ring(l.vertices[from:to:to])
}
