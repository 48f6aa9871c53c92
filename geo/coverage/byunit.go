package coverage

import "sync"

// partsByUnit lists the parts of each unit, in the order of cells.
type partsByUnit struct {
	once  sync.Once
	from  []int32 // one more than there are units
	parts []int32
	cells []int32 // of the parts
}

// partsOf gives the parts of a range of units, and the cells that they are in.
func (s *structure) partsOf(fromUnit, toUnit int) (parts, cells []int32) {
	b := &s.byUnit
	b.once.Do(func() { b.fill(s) })
	from, to := b.from[fromUnit], b.from[toUnit]
	return b.parts[from:to], b.cells[from:to]
}

func (b *partsByUnit) fill(s *structure) {
	b.from = make([]int32, len(s.units)+1)
	for _, unit := range s.partUnit {
		b.from[unit+1]++
	}
	for i := range s.units {
		b.from[i+1] += b.from[i]
	}
	next := append([]int32(nil), b.from...)
	b.parts = make([]int32, len(s.partUnit))
	b.cells = make([]int32, len(s.partUnit))
	for cell := range len(s.partsFrom) - 1 {
		for i := s.partsFrom[cell]; i < s.partsFrom[cell+1]; i++ {
			at := &next[s.partUnit[i]]
			b.parts[*at], b.cells[*at] = i, int32(cell)
			*at++
		}
	}
}
