package cut

// crossing is where an edge passes the line of a side of the box: at share num/den of its way.
type crossing struct {
	vertical bool // the line is west or east
	at       int64
	then     int8 // on which side of both lines the edge goes on
	num, den int64
}

// crossings gives the crossings of an edge in its order; at most four.
func (c *Cutter) crossings(m move) []crossing {
	var list [4]crossing
	found := list[:0]
	found = c.appendCrossings(found, true, m.fromX, m.toX)
	found = c.appendCrossings(found, false, m.fromY, m.toY)
	for i := 1; i < len(found); i++ {
		for j := i; j > 0 && found[j].before(found[j-1]); j-- {
			found[j], found[j-1] = found[j-1], found[j]
		}
	}
	return found
}

// appendCrossings looks along one axis. The box is closed: its lines belong to it.
func (c *Cutter) appendCrossings(found []crossing, vertical bool, from, to int64) []crossing {
	length := to - from
	add := func(at int64, then int8) {
		found = append(found, crossing{vertical, at, then, max(at-from, from-at), max(length, -length)})
	}
	if from < c.boxLow && to >= c.boxLow {
		add(c.boxLow, 0)
	}
	if from > c.boxHigh && to <= c.boxHigh {
		add(c.boxHigh, 0)
	}
	if from >= c.boxLow && to < c.boxLow {
		add(c.boxLow, -1)
	}
	if from <= c.boxHigh && to > c.boxHigh {
		add(c.boxHigh, 1)
	}
	return found
}

func (x crossing) before(o crossing) bool { return x.num*o.den < o.num*x.den }

// crossingPoint is the grid point of the crossing, on the boundary of the box.
func (c *Cutter) crossingPoint(m move, x crossing) Point {
	if x.vertical {
		y := interpolate(m.fromX, m.fromY, m.toX, m.toY, x.at)
		return c.clamp(x.at, y)
	}
	return c.clamp(interpolate(m.fromY, m.fromX, m.toY, m.toX, x.at), x.at)
}

// interpolate gives the other coordinate where the first one is at, rounded down, whichever way the edge
// runs. Rounding down to a unit first does not change the grid point.
func interpolate(from, otherFrom, to, otherTo, at int64) int64 {
	if from > to {
		from, to, otherFrom, otherTo = to, from, otherTo, otherFrom
	}
	return otherFrom + floorDiv((at-from)*(otherTo-otherFrom), to-from)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
