package hex

import (
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Shape is an area on the ground, projected once so that cells can be measured against it. It is not
// safe for concurrent use.
type Shape struct {
	plane
	loops    []loop
	box      box
	window   box // what Near cut the shape to
	outlines *Outlines
	clipper
}

// Outlines remembers the boundaries of cells, since those of neighbouring shapes are largely the same
// and to ask H3 for one costs more than to measure it. It is not safe for concurrent use.
type Outlines struct{ known map[Cell]outline }

// outline is the boundary of a cell without the repeated last vertex, as lng and the sine of lat: what
// every plane scales. box is around it, in the same units.
type outline struct {
	vertices loop
	box      box
}

// maxOutlines bounds the memory to about 12 MB.
const maxOutlines = 1 << 16

func (o *Outlines) of(c Cell) outline {
	if known, is := o.known[c]; is {
		return known
	}
	if o.known == nil || len(o.known) == maxOutlines {
		o.known = map[Cell]outline{}
	}
	ring := c.Boundary()
	vertices := make(loop, len(ring)-1)
	for i := range vertices {
		vertices[i] = vertex{ring[i][0], math.Sin(ring[i][1] * math.Pi / 180)}
	}
	o.known[c] = outline{vertices, emptyBox.with(vertices)}
	return o.known[c]
}

// NewShape projects a multipolygon. The direction of its rings does not matter: the first of each
// polygon adds area and the others take it away. The shape may lie across the antimeridian, but not
// over a pole. Shapes of one goroutine may share their outlines; nil is none to share.
func NewShape(area orb.MultiPolygon, outlines *Outlines) *Shape {
	if outlines == nil {
		outlines = &Outlines{}
	}
	s := &Shape{box: emptyBox, outlines: outlines}
	for _, polygon := range area {
		for i, ring := range polygon {
			if len(ring) < 4 {
				continue
			}
			if !s.originExists {
				s.plane = planeAt(ring[0])
			}
			s.add(ring, i > 0)
		}
	}
	return s
}

func (s *Shape) add(ring orb.Ring, hole bool) {
	l := make(loop, len(ring)-1)
	for i := range l {
		l[i] = s.project(ring[i])
	}
	if (l.area() < 0) != hole {
		l.reverse()
	}
	s.loops = append(s.loops, l)
	s.box = s.box.with(l)
}

// AreaM2 is the area of the shape.
func (s *Shape) AreaM2() float64 {
	sum := 0.0
	for _, l := range s.loops {
		sum += l.area()
	}
	return sum
}

// BoxAreaM2 is the area of the rectangle around the shape, 0 for an empty one.
func (s *Shape) BoxAreaM2() float64 {
	if len(s.loops) == 0 {
		return 0
	}
	return (s.box.maxX - s.box.minX) * (s.box.maxY - s.box.minY)
}

// ShareM2 is the area that the shape and the cell have in common.
func (s *Shape) ShareM2(c Cell) float64 {
	if !s.box.meets(s.outlineBox(c)) {
		return 0
	}
	sum, gross := 0.0, 0.0
	for _, window := range convexParts(s.outline(c)) {
		for _, l := range s.loops {
			area := s.clip(l, window).area()
			sum += area
			gross += math.Abs(area)
		}
	}
	if sum <= gross*1e-9 {
		return 0 // a cell in a hole: what remains is rounding
	}
	return sum
}

func (s *Shape) outline(c Cell) loop {
	o := s.outlines.of(c)
	turn := s.turn(o)
	l := make(loop, len(o.vertices))
	for i, v := range o.vertices {
		l[i] = s.scale(v, turn)
	}
	return l
}

func (s *Shape) outlineBox(c Cell) box {
	o := s.outlines.of(c)
	turn := s.turn(o)
	least, most := s.scale(vertex{o.box.minX, o.box.minY}, turn), s.scale(vertex{o.box.maxX, o.box.maxY}, turn)
	return box{least.x, least.y, most.x, most.y}
}

// turn is what to add to every lng of an outline so that it comes to the side of the plane on which its
// first vertex is, lest it be torn where the plane ends.
func (s *Shape) turn(o outline) float64 {
	switch lng := o.vertices[0].x - s.lng; {
	case lng > 180:
		return -360
	case lng < -180:
		return 360
	}
	return 0
}

// Near is the part of the shape in a rectangle that holds the cell and every cell below it, which may
// stick out of the cell by a tenth. Measuring those against it gives the same shares sooner.
func (s *Shape) Near(c Cell) *Shape {
	window := emptyBox.with(s.outline(c)).grownBy(0.25)
	near := &Shape{plane: s.plane, box: emptyBox, outlines: s.outlines, window: window}
	for _, l := range s.loops {
		if part := s.clip(l, window.corners()); len(part) > 2 {
			near.loops = append(near.loops, append(loop(nil), part...))
			near.box = near.box.with(part)
		}
	}
	return near
}

// IsWhole tells whether a shape that Near gave fills all of its rectangle, and with it every cell that
// it is for.
func (s *Shape) IsWhole() bool {
	all := (s.window.maxX - s.window.minX) * (s.window.maxY - s.window.minY)
	return all > 0 && s.AreaM2() >= all*(1-1e-9)
}

// Overlap is a cell and how much of it a shape fills.
type Overlap struct {
	Cell   Cell
	AreaM2 float64
}

// ErrTooManyCells means that a shape is too large for the resolution.
var ErrTooManyCells = errors.New("hex: the shape covers too many cells")

// maxRings bounds the disk of cells that Overlaps looks at, to a little over 780,000 cells.
const maxRings = 512

// Overlaps gives the cells of a resolution that have some area in common with the shape, in ascending
// order. The areas sum up to the area of the shape.
func (s *Shape) Overlaps(resolution int) ([]Overlap, error) {
	total := s.AreaM2()
	if len(s.loops) == 0 || !(total > 0) {
		return nil, nil
	}
	middle := vertex{(s.box.minX + s.box.maxX) / 2, (s.box.minY + s.box.maxY) / 2}
	center, err := Of(s.unproject(middle), resolution)
	if err != nil {
		return nil, err
	}
	// Cells are of uneven size and the plane is not true to distance, so the first disk is a guess; the
	// areas prove whether it held all.
	for rings := s.ringsAround(center, middle); rings <= maxRings; rings += 1 + rings/2 {
		overlaps, sum := s.overlapsIn(center.Disk(rings))
		if math.Abs(sum-total) <= 1e-7*total {
			return overlaps, nil
		}
	}
	return nil, ErrTooManyCells
}

func (s *Shape) ringsAround(center Cell, middle vertex) int {
	reach := math.Hypot(s.box.maxX-middle.x, s.box.maxY-middle.y)
	outline, at := s.outline(center), s.project(center.Center())
	spacing := math.Inf(1) // from cell to cell: twice the way to the nearest edge
	for i, a := range outline {
		b := outline[(i+1)%len(outline)]
		spacing = min(spacing, 2*side(a, b, at)/math.Hypot(b.x-a.x, b.y-a.y))
	}
	// The centres of the cells of ring k+1 are at least (k+1)·√3/2 spacings away, and their nearest corner
	// 1/√3 of a spacing less.
	away := math.Hypot(at.x-middle.x, at.y-middle.y)
	rings := math.Ceil((reach+away+spacing/math.Sqrt(3))/(spacing*math.Sqrt(3)/2)) - 1
	return int(math.Max(0, math.Min(maxRings, rings)))
}

func (s *Shape) overlapsIn(candidates []Cell) (overlaps []Overlap, sum float64) {
	slices.Sort(candidates)
	for _, c := range candidates {
		if area := s.ShareM2(c); area > 0 {
			overlaps = append(overlaps, Overlap{c, area})
			sum += area
		}
	}
	return overlaps, sum
}

// PointIn is a point that the shape and the cell have in common; ok is false if there is none.
func (s *Shape) PointIn(c Cell) (p orb.Point, ok bool) {
	var parts []loop
	for _, window := range convexParts(s.outline(c)) {
		for _, l := range s.loops {
			parts = append(parts, append(loop(nil), s.clip(l, window)...))
		}
	}
	return s.pointInside(parts)
}

// Point is a point of the shape; ok is false if it has no area.
func (s *Shape) Point() (p orb.Point, ok bool) { return s.pointInside(s.loops) }

// pointInside takes the middle of the widest stretch inside on some lines from west to east.
func (s *Shape) pointInside(loops []loop) (p orb.Point, ok bool) {
	around := emptyBox
	for _, l := range loops {
		around = around.with(l)
	}
	const lines = 16
	widest, best := 0.0, vertex{}
	for n := range lines {
		y := around.minY + (around.maxY-around.minY)*(float64(n)+0.5)/lines
		crossings := crossingsAt(loops, y)
		for i := 0; i+1 < len(crossings); i += 2 {
			if width := crossings[i+1] - crossings[i]; width > widest {
				widest, best = width, vertex{(crossings[i] + crossings[i+1]) / 2, y}
			}
		}
	}
	return s.unproject(best), widest > 0
}

func crossingsAt(loops []loop, y float64) []float64 {
	var xs []float64
	for _, l := range loops {
		for i, a := range l {
			b := l[(i+1)%len(l)]
			if (a.y <= y) != (b.y <= y) {
				xs = append(xs, a.x+(y-a.y)/(b.y-a.y)*(b.x-a.x))
			}
		}
	}
	slices.Sort(xs)
	return xs
}
