package mesh

import (
	"slices"

	"github.com/yizhan/yizhan/tiles/world"
)

// pointIndex finds points in a rectangle. It is a packed tree over points in Morton order: each node is
// the box around fanout nodes of the level below.
type pointIndex struct {
	order  []int32      // point numbers in Morton order
	levels [][]indexBox // levels[0] is over runs of points
}

type indexBox struct{ minX, minY, maxX, maxY uint32 }

const fanout = 8

func newPointIndex(points []world.Point) *pointIndex {
	type coded struct {
		code uint64
		id   int32
	}
	codes := make([]coded, len(points))
	for i, p := range points {
		codes[i] = coded{spread(p.X) | spread(p.Y)<<1, int32(i)}
	}
	slices.SortFunc(codes, func(a, b coded) int {
		switch {
		case a.code < b.code:
			return -1
		case a.code > b.code:
			return 1
		}
		return 0
	})
	index := &pointIndex{order: make([]int32, len(points))}
	for i, c := range codes {
		index.order[i] = c.id
	}
	index.build(points)
	return index
}

func (t *pointIndex) build(points []world.Point) {
	var level []indexBox
	for start := 0; start < len(t.order); start += fanout {
		box := indexBox{^uint32(0), ^uint32(0), 0, 0}
		for _, id := range t.order[start:min(start+fanout, len(t.order))] {
			p := points[id]
			box = box.union(indexBox{p.X, p.Y, p.X, p.Y})
		}
		level = append(level, box)
	}
	for t.levels = append(t.levels, level); len(level) > 1; t.levels = append(t.levels, level) {
		below := level
		level = nil
		for start := 0; start < len(below); start += fanout {
			box := below[start]
			for _, b := range below[start:min(start+fanout, len(below))] {
				box = box.union(b)
			}
			level = append(level, box)
		}
	}
}

// any tells whether some point in the box satisfies the condition.
func (t *pointIndex) any(box indexBox, points []world.Point, condition func(id int32) bool) bool {
	return t.anyBelow(len(t.levels)-1, 0, box, points, condition)
}

func (t *pointIndex) anyBelow(level, node int, box indexBox, points []world.Point, condition func(id int32) bool) bool {
	if level < 0 || node >= len(t.levels[level]) || !t.levels[level][node].meets(box) {
		return false
	}
	first := node * fanout
	if level == 0 {
		for _, id := range t.order[first:min(first+fanout, len(t.order))] {
			p := points[id]
			if p.X >= box.minX && p.X <= box.maxX && p.Y >= box.minY && p.Y <= box.maxY && condition(id) {
				return true
			}
		}
		return false
	}
	for child := first; child < min(first+fanout, len(t.levels[level-1])); child++ {
		if t.anyBelow(level-1, child, box, points, condition) {
			return true
		}
	}
	return false
}

func (b indexBox) union(o indexBox) indexBox {
	return indexBox{min(b.minX, o.minX), min(b.minY, o.minY), max(b.maxX, o.maxX), max(b.maxY, o.maxY)}
}

func (b indexBox) meets(o indexBox) bool {
	return b.minX <= o.maxX && o.minX <= b.maxX && b.minY <= o.maxY && o.minY <= b.maxY
}

// spread puts a zero between the bits.
func spread(x uint32) uint64 {
	v := uint64(x)
	v = (v | v<<16) & 0x0000ffff0000ffff
	v = (v | v<<8) & 0x00ff00ff00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f0f0f0f0f
	v = (v | v<<2) & 0x3333333333333333
	return (v | v<<1) & 0x5555555555555555
}
