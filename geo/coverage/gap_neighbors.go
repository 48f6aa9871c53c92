package coverage

import (
	"slices"
	"sync"

	"github.com/yizhan/yizhan/geo/hex"
)

// maxNeighbors is how many cells a cell touches; a pentagon has one fewer.
const maxNeighbors = 6

// nowhere stands for a neighbour that does not exist or has no demand.
const nowhere = -1

// neighborhood tells which cells of a lattice touch. It is made when first asked for, as only gaps need it.
type neighborhood struct {
	once      sync.Once
	neighbors [][maxNeighbors]int32
}

// neighborsOf gives the positions of the cells that touch each cell, nowhere in the places
// that are left. It is the only part of finding gaps that asks H3.
func (l *lattice) neighborsOf() [][maxNeighbors]int32 {
	n := &l.neighborhood
	n.once.Do(func() {
		n.neighbors = make([][maxNeighbors]int32, len(l.cells))
		_ = parallel(len(l.cells), func() func(int) error {
			return func(i int) error {
				n.neighbors[i] = l.findNeighbors(i)
				return nil
			}
		})
	})
	return n.neighbors
}

func (l *lattice) findNeighbors(i int) [maxNeighbors]int32 {
	var found [maxNeighbors]int32
	for at := range found {
		found[at] = nowhere
	}
	at := 0
	for _, cell := range l.cells[i].Disk(1) {
		if cell == l.cells[i] {
			continue
		}
		if n, is := findNear(l.cells, i, cell); is {
			found[at] = int32(n)
			at++
		}
	}
	return found
}

// findNear searches ascending cells outwards from a position: most neighbours stand near by.
func findNear(cells []hex.Cell, from int, cell hex.Cell) (at int, found bool) {
	low, high := from, from
	if cell < cells[from] {
		for step := 1; low > 0 && cells[low] > cell; step *= 2 {
			low = max(0, low-step)
		}
	} else {
		for step := 1; high < len(cells) && cells[high] < cell; step *= 2 {
			high = min(len(cells), high+step)
		}
	}
	at, found = slices.BinarySearch(cells[low:min(len(cells), high+1)], cell)
	return low + at, found
}
