package mesh

import "slices"

// Union is the outline of shapes that share their borders vertex for vertex: the edges that two of them
// have in common go, exactly. Vertices keep the zooms they have in the shapes.
func Union(shapes []Shape) Shape {
	type edge struct{ from, to Vertex }
	count := map[edge]int{}
	var order []edge
	for _, s := range shapes {
		for _, ring := range s.Rings {
			before := ring[len(ring)-1]
			for _, v := range ring {
				count[edge{before, v}]++
				order = append(order, edge{before, v})
				before = v
			}
		}
	}
	next := map[Vertex][]Vertex{}
	var starts []Vertex
	for _, e := range order {
		if count[e] > count[edge{e.to, e.from}] {
			count[e] = 0 // once is enough, even where shapes overlap
			next[e.from] = append(next[e.from], e.to)
			starts = append(starts, e.from)
		}
	}
	var rings []Ring
	for _, start := range starts {
		for len(next[start]) > 0 {
			rings = append(rings, loops(walk(next, start))...)
		}
	}
	return Outline(rings)
}

// walk takes edges out of next from start until it is back. Where there are several ways on it takes the
// one that keeps to the same inside.
func walk(next map[Vertex][]Vertex, start Vertex) Ring {
	ring := Ring{start}
	at := start
	for {
		ways := next[at]
		if len(ways) == 0 {
			return nil // not closed: the shapes were not valid
		}
		best := 0
		if len(ways) > 1 && len(ring) > 1 {
			best = sharpest(ring[len(ring)-2], at, ways)
		}
		to := ways[best]
		next[at] = slices.Delete(slices.Clone(ways), best, best+1)
		if to == start {
			return ring
		}
		ring = append(ring, to)
		at = to
	}
}

// sharpest finds the way that comes first when turning from the way back through the inside, which is
// where cross products are negative.
func sharpest(back, at Vertex, ways []Vertex) int {
	half := func(v Vertex) int {
		if cross(at.Point, back.Point, v.Point) < 0 {
			return 0
		}
		return 1
	}
	best := 0
	for i, v := range ways[1:] {
		was := ways[best]
		switch {
		case half(v) < half(was):
			best = i + 1
		case half(v) == half(was) && cross(at.Point, v.Point, was.Point) < 0:
			best = i + 1
		}
	}
	return best
}

// loops cuts a walk where it meets itself, so that no ring meets a vertex twice.
func loops(walked Ring) []Ring {
	var rings []Ring
	var stack Ring
	for _, v := range walked {
		if at := slices.Index(stack, v); at >= 0 {
			rings = append(rings, slices.Clone(stack[at:]))
			stack = stack[:at]
		}
		stack = append(stack, v)
	}
	if len(stack) > 2 {
		rings = append(rings, stack)
	}
	return rings
}
