package hex

import (
	"math"

	"github.com/paulmach/orb"
)

// authalicRadiusM is that of the sphere with the area of the WGS84 ellipsoid.
const authalicRadiusM = 6_371_007.181

// vertex is a place in a plane, in metres east and north of its origin.
type vertex struct{ x, y float64 }

// plane is a cylindrical equal-area projection of the sphere around an origin. It bends no border that
// two neighbours share differently for the one and the other, so cells and polygons that tile the
// ground tile the plane. Against the ellipsoid its areas are up to 0.5 % off, the same for all shapes
// near the origin: shares of an area are true.
type plane struct {
	lng          float64 // of the origin, degrees
	sinLat       float64 // of the origin
	scaleX       float64 // metres a degree of lng
	scaleY       float64 // metres a unit of sine
	originExists bool
}

func planeAt(origin orb.Point) plane {
	sin, cos := math.Sincos(origin[1] * math.Pi / 180)
	cos = math.Max(cos, 1e-6) // at a pole the plane has no width
	return plane{
		lng: origin[0], sinLat: sin, originExists: true,
		scaleX: authalicRadiusM * cos * math.Pi / 180, scaleY: authalicRadiusM / cos,
	}
}

func (p *plane) project(at orb.Point) vertex {
	turn := 0.0
	if lng := at[0] - p.lng; lng > 180 || lng < -180 {
		turn = math.Remainder(lng, 360) - lng
	}
	return p.scale(vertex{at[0], math.Sin(at[1] * math.Pi / 180)}, turn)
}

// scale projects a lng, turned by some degrees, and the sine of a lat.
func (p *plane) scale(v vertex, turn float64) vertex {
	return vertex{(v.x + turn - p.lng) * p.scaleX, (v.y - p.sinLat) * p.scaleY}
}

func (p *plane) unproject(v vertex) orb.Point {
	sin := math.Max(-1, math.Min(1, v.y/p.scaleY+p.sinLat))
	return orb.Point{
		math.Remainder(p.lng+v.x/p.scaleX, 360),
		math.Asin(sin) * 180 / math.Pi,
	}
}

// loop is a ring in the plane without the repeated last vertex; anticlockwise loops add area and
// clockwise ones (holes) take it away.
type loop []vertex

// area is twice exact in its differences: it is taken about the first vertex, not about the origin.
func (l loop) area() float64 {
	sum := 0.0
	for i := 1; i+1 < len(l); i++ {
		a, b := vertex{l[i].x - l[0].x, l[i].y - l[0].y}, vertex{l[i+1].x - l[0].x, l[i+1].y - l[0].y}
		sum += a.x*b.y - a.y*b.x
	}
	return sum / 2
}

func (l loop) reverse() {
	for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
		l[i], l[j] = l[j], l[i]
	}
}

// box is a rectangle along the axes of the plane.
type box struct{ minX, minY, maxX, maxY float64 }

var emptyBox = box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}

func (b box) with(l loop) box {
	for _, v := range l {
		b.minX, b.maxX = min(b.minX, v.x), max(b.maxX, v.x)
		b.minY, b.maxY = min(b.minY, v.y), max(b.maxY, v.y)
	}
	return b
}

func (b box) meets(other box) bool {
	return b.minX <= other.maxX && other.minX <= b.maxX && b.minY <= other.maxY && other.minY <= b.maxY
}

func (b box) grownBy(part float64) box {
	x, y := (b.maxX-b.minX)*part, (b.maxY-b.minY)*part
	return box{b.minX - x, b.minY - y, b.maxX + x, b.maxY + y}
}

func (b box) corners() loop {
	return loop{{b.minX, b.minY}, {b.maxX, b.minY}, {b.maxX, b.maxY}, {b.minX, b.maxY}}
}
