package hex

// clipper cuts loops to convex ones (Sutherland and Hodgman), with room that it uses again.
type clipper struct{ from, to loop }

// clip gives the part of l inside the convex anticlockwise window. Where that part falls into pieces,
// edges along the window join them; they enclose nothing, so the area is right. The result is only good
// until the next call.
func (c *clipper) clip(l, window loop) loop {
	c.from = append(c.from[:0], l...)
	for i := range window {
		c.cut(window[i], window[(i+1)%len(window)])
		if len(c.from) == 0 {
			break
		}
	}
	return c.from
}

// cut keeps what is on the left of the line from a to b.
func (c *clipper) cut(a, b vertex) {
	c.to = c.to[:0]
	previous := c.from[len(c.from)-1]
	previousSide := side(a, b, previous)
	for _, v := range c.from {
		s := side(a, b, v)
		if s > 0 && previousSide < 0 || s < 0 && previousSide > 0 {
			t := previousSide / (previousSide - s)
			c.to = append(c.to, vertex{previous.x + t*(v.x-previous.x), previous.y + t*(v.y-previous.y)})
		}
		if s >= 0 {
			c.to = append(c.to, v)
		}
		previous, previousSide = v, s
	}
	c.from, c.to = c.to, c.from
}

// side is positive on the left of the line from a to b, negative on the right.
func side(a, b, v vertex) float64 {
	return (b.x-a.x)*(v.y-a.y) - (b.y-a.y)*(v.x-a.x)
}

// convexParts are windows that together are the outline of a cell: itself if it is convex, as nearly
// every one is, else the triangles around its middle. A cell that an icosahedron edge crosses has a
// bend there, which may be an inward one.
func convexParts(l loop) []loop {
	if l.isConvex() {
		return []loop{l}
	}
	middle := vertex{}
	for _, v := range l {
		middle.x += v.x / float64(len(l))
		middle.y += v.y / float64(len(l))
	}
	parts := make([]loop, 0, len(l))
	for i := range l {
		parts = append(parts, loop{middle, l[i], l[(i+1)%len(l)]})
	}
	return parts
}

func (l loop) isConvex() bool {
	for i := range l {
		if side(l[i], l[(i+1)%len(l)], l[(i+2)%len(l)]) < 0 {
			return false
		}
	}
	return true
}
