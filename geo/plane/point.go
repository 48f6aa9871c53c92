package plane

// Point is a place on the integer lattice. In the demo a unit is 1e-7 degrees: X is lng, Y is lat.
// Differences between points of one map must stay under 2^30, so that every predicate is exact in int64.
type Point struct{ X, Y int64 }

// Compare orders points by X, then Y.
func (p Point) Compare(q Point) int {
	switch {
	case p.X != q.X && p.X < q.X, p.X == q.X && p.Y < q.Y:
		return -1
	case p == q:
		return 0
	}
	return 1
}

// Orient is positive when c is to the left of the line from a to b, negative when it is to the right,
// and zero when the three are in line. It is exact.
func Orient(a, b, c Point) int64 {
	return (b.X-a.X)*(c.Y-a.Y) - (b.Y-a.Y)*(c.X-a.X)
}

// Touch tells whether the closed segments ab and cd have a point in common. It is exact.
func Touch(a, b, c, d Point) bool {
	if max(a.X, b.X) < min(c.X, d.X) || max(c.X, d.X) < min(a.X, b.X) ||
		max(a.Y, b.Y) < min(c.Y, d.Y) || max(c.Y, d.Y) < min(a.Y, b.Y) {
		return false
	}
	return !sameSide(Orient(a, b, c), Orient(a, b, d)) && !sameSide(Orient(c, d, a), Orient(c, d, b))
}

func sameSide(u, v int64) bool { return u > 0 && v > 0 || u < 0 && v < 0 }

// meetBadly tells whether two edges of a planar map break its rule: they may share one end point and
// nothing else.
func meetBadly(a, b, c, d Point) bool {
	if !Touch(a, b, c, d) {
		return false
	}
	switch {
	case a == c:
		return overlap(a, b, d)
	case a == d:
		return overlap(a, b, c)
	case b == c:
		return overlap(b, a, d)
	case b == d:
		return overlap(b, a, c)
	}
	return true
}

// overlap tells whether the segments from a to b and from a to c leave a in the same direction.
func overlap(a, b, c Point) bool {
	dot := (b.X-a.X)*(c.X-a.X) + (b.Y-a.Y)*(c.Y-a.Y)
	return Orient(a, b, c) == 0 && dot > 0
}

// Area2 is twice the signed area of a ring, positive when it runs counter-clockwise. The ring need not
// repeat its first point.
func Area2(ring []Point) int64 {
	var sum int64
	for i := range ring {
		a, b := ring[i], ring[(i+1)%len(ring)]
		sum += (a.X-ring[0].X)*(b.Y-ring[0].Y) - (b.X-ring[0].X)*(a.Y-ring[0].Y)
	}
	return sum
}

// Inside tells whether p is inside the ring. Points on the ring itself may go either way.
func Inside(ring []Point, p Point) bool {
	inside := false
	for i := range ring {
		a, b := ring[i], ring[(i+1)%len(ring)]
		if (a.Y > p.Y) != (b.Y > p.Y) && (Orient(a, b, p) > 0) == (b.Y > a.Y) {
			inside = !inside
		}
	}
	return inside
}
