package partition

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// cornerShare says how far apart along the border two places must be, in widths, to be a neck between them and
// not the sides of one corner: corners of more than about 19 degrees are let pass.
const cornerShare = 6

// Narrow finds a place where a shape is narrower than a width in metres, and gives the line across it. A spike
// and a neck are narrow, and so is a sliver as a whole.
func Narrow(shape orb.MultiPolygon, widthMeters float64) (orb.LineString, bool) {
	for _, polygon := range shape {
		if line, narrow := narrowPolygon(polygon, widthMeters); narrow {
			return line, true
		}
	}
	return nil, false
}

// side is an edge of a polygon in metres from a corner of it.
type side struct {
	a, b   [2]float64
	ring   int
	from   float64 // metres along the ring to a
	length float64
}

func narrowPolygon(polygon orb.Polygon, width float64) (orb.LineString, bool) {
	f := newFlat(polygon)
	slices.SortFunc(f.sides, func(s, t side) int { return cmp.Compare(min(s.a[0], s.b[0]), min(t.a[0], t.b[0])) })
	var active []side
	for _, s := range f.sides {
		west := min(s.a[0], s.b[0]) - width
		active = slices.DeleteFunc(active, func(t side) bool { return max(t.a[0], t.b[0]) < west })
		for _, t := range active {
			if p, q, near := f.neck(s, t, width); near {
				return orb.LineString{f.degrees(p), f.degrees(q)}, true
			}
		}
		active = append(active, s)
	}
	return nil, false
}

// flat is a polygon in metres, good enough over its extent to compare widths.
type flat struct {
	origin  orb.Point
	perLng  float64
	perLat  float64
	sides   []side
	lengths []float64 // of the rings
}

func newFlat(polygon orb.Polygon) *flat {
	o := polygon[0][0]
	f := &flat{origin: o, perLng: geo.Distance(o, orb.Point{o[0] + 0.001, o[1]}) * 1000, perLat: geo.Distance(o, orb.Point{o[0], o[1] + 0.001}) * 1000}
	for r, ring := range polygon {
		along := 0.0
		for i := 1; i < len(ring); i++ {
			s := side{a: f.meters(ring[i-1]), b: f.meters(ring[i]), ring: r, from: along}
			s.length = math.Hypot(s.b[0]-s.a[0], s.b[1]-s.a[1])
			along += s.length
			f.sides = append(f.sides, s)
		}
		f.lengths = append(f.lengths, along)
	}
	return f
}

func (f *flat) meters(p orb.Point) [2]float64 {
	return [2]float64{(p[0] - f.origin[0]) * f.perLng, (p[1] - f.origin[1]) * f.perLat}
}

func (f *flat) degrees(p [2]float64) orb.Point {
	return orb.Point{math.Round((f.origin[0]+p[0]/f.perLng)*unit) / unit, math.Round((f.origin[1]+p[1]/f.perLat)*unit) / unit}
}

// neck tells whether two sides come nearer than the width with the shape between them.
func (f *flat) neck(s, t side, width float64) (p, q [2]float64, is bool) {
	if min(s.a[1], s.b[1])-width > max(t.a[1], t.b[1]) || min(t.a[1], t.b[1])-width > max(s.a[1], s.b[1]) {
		return p, q, false
	}
	for _, pair := range nearest(s, t, width) {
		p, q := pair[0], pair[1]
		if math.Hypot(p[0]-q[0], p[1]-q[1]) >= width || !f.apart(s, t, p, q, width) {
			continue
		}
		if s.leftOf(q) && t.leftOf(p) { // the inside is on the left of every ring
			return p, q, true
		}
	}
	return p, q, false
}

// leftOf tells whether a place is on the left of the side.
func (s side) leftOf(p [2]float64) bool {
	return (s.b[0]-s.a[0])*(p[1]-s.a[1])-(s.b[1]-s.a[1])*(p[0]-s.a[0]) > 0
}

// apart tells whether it is a long way from one place to the other along the border, or no way at all.
func (f *flat) apart(s, t side, p, q [2]float64, width float64) bool {
	if s.ring != t.ring {
		return true
	}
	from := func(s side, p [2]float64) float64 { return s.from + math.Hypot(p[0]-s.a[0], p[1]-s.a[1]) }
	way := math.Abs(from(s, p) - from(t, q))
	return min(way, f.lengths[s.ring]-way) > min(cornerShare*width, f.lengths[s.ring]/3)
}

// nearest lists pairs of places, one on each side, among which the nearest are that matter: those at the ends, in
// the middle, and where the way round a corner begins to be long, each with its foot on the other side.
func nearest(s, t side, width float64) [][2][2]float64 {
	pairs := make([][2][2]float64, 0, 10)
	for _, p := range s.places(width) {
		pairs = append(pairs, [2][2]float64{p, t.foot(p)})
	}
	for _, p := range t.places(width) {
		pairs = append(pairs, [2][2]float64{s.foot(p), p})
	}
	return pairs
}

func (s side) places(width float64) [5][2]float64 {
	corner := min(0.5, (cornerShare/2+0.5)*width/s.length)
	var places [5][2]float64
	for i, along := range []float64{0, corner, 0.5, 1 - corner, 1} {
		places[i] = [2]float64{s.a[0] + along*(s.b[0]-s.a[0]), s.a[1] + along*(s.b[1]-s.a[1])}
	}
	return places
}

// foot is the place on the side nearest to p.
func (s side) foot(p [2]float64) [2]float64 {
	dx, dy := s.b[0]-s.a[0], s.b[1]-s.a[1]
	along := ((p[0]-s.a[0])*dx + (p[1]-s.a[1])*dy) / (dx*dx + dy*dy)
	along = min(1, max(0, along))
	return [2]float64{s.a[0] + along*dx, s.a[1] + along*dy}
}

// Area is the area of a shape in square metres, on a sphere as large as the Earth.
func Area(shape orb.MultiPolygon) float64 {
	const radius = 6_371_008.8
	sum := 0.0
	for _, polygon := range shape {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				sum += (b[0] - a[0]) * math.Pi / 180 * (2 + math.Sin(a[1]*math.Pi/180) + math.Sin(b[1]*math.Pi/180))
			}
		}
	}
	return math.Abs(sum) * radius * radius / 2
}
