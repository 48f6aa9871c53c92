package cut

import "slices"

// hotPixels are the grid squares that hold a vertex, each known by its middle.
type hotPixels struct {
	set    []uint64 // a bit for each grid point of the box
	points []Point
	first  [buckets*buckets + 1]int32 // where each bucket begins in sorted
	sorted []Point
	sides  [5][]Point // by moveKind, the hot ones on that side in order
	found  []Point
	few    bool // too few for buckets
}

const (
	across     = high - low + 1
	bucketBits = 6
	buckets    = across>>bucketBits + 1
	fewPoints  = 40 // up to this many are looked through sooner than put into buckets
)

func (h *hotPixels) reset() {
	if h.set == nil {
		h.set = make([]uint64, (across*across+63)/64)
	}
	for _, p := range h.points {
		h.set[bitOf(p)/64] = 0
	}
	h.points = h.points[:0]
}

func bitOf(p Point) int { return int(p.Y-low)*across + int(p.X-low) }

func (h *hotPixels) add(p Point) {
	bit := bitOf(p)
	if mask := uint64(1) << (bit % 64); h.set[bit/64]&mask == 0 {
		h.set[bit/64] |= mask
		h.points = append(h.points, p)
	}
}

// index sorts the squares into buckets and the ones on the sides by their order there.
func (h *hotPixels) index() {
	h.few = len(h.points) <= fewPoints
	for i := range h.sides {
		h.sides[i] = h.sides[i][:0]
	}
	for _, p := range h.points {
		h.addToSides(p)
	}
	for kind := alongWest; kind <= alongSouth; kind++ {
		slices.SortFunc(h.sides[kind], func(a, b Point) int { return int(a.X+a.Y) - int(b.X+b.Y) })
	}
	if !h.few {
		h.fillBuckets()
	}
}

func (h *hotPixels) fillBuckets() {
	clear(h.first[:])
	for _, p := range h.points {
		h.first[bucketOf(p)+1]++
	}
	for i := 1; i < len(h.first); i++ {
		h.first[i] += h.first[i-1]
	}
	h.sorted = slices.Grow(h.sorted[:0], len(h.points))[:len(h.points)]
	next := h.first
	for _, p := range h.points {
		b := bucketOf(p)
		h.sorted[next[b]] = p
		next[b]++
	}
}

func (h *hotPixels) addToSides(p Point) {
	if p.X == low {
		h.sides[alongWest] = append(h.sides[alongWest], p)
	}
	if p.X == high {
		h.sides[alongEast] = append(h.sides[alongEast], p)
	}
	if p.Y == low {
		h.sides[alongNorth] = append(h.sides[alongNorth], p)
	}
	if p.Y == high {
		h.sides[alongSouth] = append(h.sides[alongSouth], p)
	}
}

func bucketOf(p Point) int {
	return int(p.Y-low)>>bucketBits*buckets + int(p.X-low)>>bucketBits
}

// candidates finds the hot squares that a move passes between its ends, in its order.
func (h *hotPixels) candidates(from Point, m *move, c *Cutter) {
	h.found = h.found[:0]
	if m.kind != inside {
		h.onSide(from, m)
		return
	}
	minX, maxX := min(from.X, m.to.X), max(from.X, m.to.X)
	minY, maxY := min(from.Y, m.to.Y), max(from.Y, m.to.Y)
	if h.few {
		h.passed(h.points, from, m, c)
		sortAlong(h.found, m.to.X >= from.X, m.to.Y >= from.Y)
		return
	}
	for row := (minY - low) >> bucketBits; row <= (maxY-low)>>bucketBits; row++ {
		west, east := columnsOf(c, m, row, minX, maxX)
		for column := west; column <= east; column++ {
			b := row*buckets + column
			h.passed(h.sorted[h.first[b]:h.first[b+1]], from, m, c)
		}
	}
	sortAlong(h.found, m.to.X >= from.X, m.to.Y >= from.Y)
}

// passed notes those of some squares that a move passes between its ends.
func (h *hotPixels) passed(points []Point, from Point, m *move, c *Cutter) {
	minX, maxX := min(from.X, m.to.X), max(from.X, m.to.X)
	minY, maxY := min(from.Y, m.to.Y), max(from.Y, m.to.Y)
	for _, p := range points {
		if p.X < minX || p.X > maxX || p.Y < minY || p.Y > maxY || p == from || p == m.to {
			continue
		}
		if c.passes(m, p) {
			h.found = append(h.found, p)
		}
	}
}

func (h *hotPixels) onSide(from Point, m *move) {
	minX, maxX := min(from.X, m.to.X), max(from.X, m.to.X)
	minY, maxY := min(from.Y, m.to.Y), max(from.Y, m.to.Y)
	for _, p := range h.sides[m.kind] {
		if p.X >= minX && p.X <= maxX && p.Y >= minY && p.Y <= maxY && p != from && p != m.to {
			h.found = append(h.found, p)
		}
	}
	if m.to.X < from.X || m.to.Y < from.Y {
		slices.Reverse(h.found)
	}
}

// columnsOf narrows the bucket columns of a row to those near the edge.
func columnsOf(c *Cutter, m *move, row, minX, maxX int32) (west, east int32) {
	west, east = (minX-low)>>bucketBits, (maxX-low)>>bucketBits
	deltaX, deltaY := float64(m.toX-m.fromX), float64(m.toY-m.fromY)
	if east-west < 2 || deltaY == 0 {
		return west, east
	}
	top := (float64(row<<bucketBits+low) - 2) * float64(c.step)
	bottom := (float64((row+1)<<bucketBits+low) + 2) * float64(c.step)
	at := func(y float64) float64 {
		share := max(0, min(1, (y-float64(m.fromY))/deltaY))
		return (float64(m.fromX) + share*deltaX) / float64(c.step)
	}
	x1, x2 := at(top), at(bottom)
	return max(west, column(min(x1, x2)-2)), min(east, column(max(x1, x2)+2))
}

func column(x float64) int32 {
	return (int32(max(low, min(high, x))) - low) >> bucketBits
}

// sortAlong orders squares on one edge: along it both coordinates only grow, or only shrink.
func sortAlong(points []Point, eastward, southward bool) {
	along := func(p Point) int32 {
		x, y := p.X, p.Y
		if !eastward {
			x = -x
		}
		if !southward {
			y = -y
		}
		return x + y
	}
	for i := 1; i < len(points); i++ {
		for j := i; j > 0 && along(points[j]) < along(points[j-1]); j-- {
			points[j], points[j-1] = points[j-1], points[j]
		}
	}
}

// passes tells whether the edge, as far as it is in the box, meets the square around p. A square holds
// its west and north sides and not the other two, so that each place is in one square; at the boundary
// of the box it ends there.
func (c *Cutter) passes(m *move, p Point) bool {
	deltaX, deltaY := m.toX-m.fromX, m.toY-m.fromY
	x, y := int64(p.X)*c.step, int64(p.Y)*c.step
	miss := deltaX*(y-m.fromY) - deltaY*(x-m.fromX)
	if reach := c.half * (max(deltaX, -deltaX) + max(deltaY, -deltaY)); miss > reach || -miss > reach {
		return false
	}
	alongX, okX := c.within(m.fromX, deltaX, x, p.X)
	alongY, okY := c.within(m.fromY, deltaY, y, p.Y)
	if !okX || !okY {
		return false
	}
	whole := interval{lowNum: 0, highNum: 1, den: 1}
	return alongX.meets(whole) && alongY.meets(whole) && alongX.meets(alongY)
}

// interval is a part of an edge's way, in shares of it: from lowNum/den to highNum/den, less its ends
// if they are open.
type interval struct {
	lowNum, highNum, den int64
	lowOpen, highOpen    bool
}

// within is the part of the way where one coordinate is in the square; ok is false if there is none.
func (c *Cutter) within(from, delta, middle int64, grid int32) (interval, bool) {
	least, most, mostOpen := middle-c.half, middle+c.half, true
	if grid == low {
		least = c.boxLow
	}
	if grid == high {
		most, mostOpen = c.boxHigh, false
	}
	switch {
	case delta > 0:
		return interval{lowNum: least - from, highNum: most - from, den: delta, highOpen: mostOpen}, true
	case delta < 0:
		return interval{lowNum: from - most, highNum: from - least, den: -delta, lowOpen: mostOpen}, true
	}
	everywhere := interval{lowNum: 0, highNum: 1, den: 1}
	return everywhere, from >= least && (from < most || !mostOpen && from == most)
}

func (i interval) meets(o interval) bool {
	return begins(i, o) && begins(o, i)
}

// begins tells whether i begins before o ends.
func begins(i, o interval) bool {
	left, right := i.lowNum*o.den, o.highNum*i.den
	return left < right || left == right && !i.lowOpen && !o.highOpen
}
