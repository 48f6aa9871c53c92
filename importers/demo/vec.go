package demo

import (
	"math"

	"github.com/yizhan/yizhan/geo/plane"
)

// vec is a place or a direction in metres east and north of a frame's origin. Its methods wrap every
// product in a conversion, which keeps compilers from fusing it with a sum, so that the
// city is the same to the last bit on every machine: TestNothingIsFused looks at what the compiler makes.
type vec struct{ x, y float64 }

func (v vec) plus(w vec) vec          { return vec{v.x + w.x, v.y + w.y} }
func (v vec) minus(w vec) vec         { return vec{v.x - w.x, v.y - w.y} }
func (v vec) times(k float64) vec     { return vec{float64(v.x * k), float64(v.y * k)} }
func (v vec) dot(w vec) float64       { return float64(v.x*w.x) + float64(v.y*w.y) }
func (v vec) cross(w vec) float64     { return float64(v.x*w.y) - float64(v.y*w.x) }
func (v vec) length() float64         { return math.Sqrt(v.dot(v)) }
func (v vec) distance(w vec) float64  { return v.minus(w).length() }
func (v vec) left() vec               { return vec{-v.y, v.x} }
func (v vec) to(w vec, t float64) vec { return v.plus(w.minus(v).times(t)) }
func (v vec) unit() vec               { return v.times(1 / v.length()) }

// rotate turns v by the angle of the unit vector by.
func (v vec) rotate(by vec) vec {
	return vec{v.dot(vec{by.x, -by.y}), v.dot(vec{by.y, by.x})}
}

// direction is the unit vector at the given number of turns from east. math.Sincos is not used because
// its last bit depends on the machine.
func direction(turns float64) vec {
	turns -= math.Floor(turns)
	quarter := math.Floor(float64(turns * 4))
	x := float64((float64(turns*4) - quarter) * (math.Pi / 2))
	v := vec{series(x, 1), float64(x * series(x, 2))}
	for ; quarter > 0; quarter-- {
		v = v.left()
	}
	return v
}

// series sums 1 - x²/(n(n+1)) + x⁴/(n(n+1)(n+2)(n+3)) - …: the cosine for n = 1, and for n = 2 the sine
// over x.
func series(x, n float64) float64 {
	square, sum := float64(x*x), 1.0
	for k := n + 20; k >= n; k -= 2 {
		sum = 1 - float64(float64(square/float64(k*(k+1)))*sum)
	}
	return sum
}

// segmentDistance is how far p is from the segment ab.
func segmentDistance(p, a, b vec) float64 {
	ab := b.minus(a)
	t := 0.0
	if square := ab.dot(ab); square > 0 {
		t = min(1, max(0, p.minus(a).dot(ab)/square))
	}
	return p.distance(a.to(b, t))
}

// area is the signed area of a ring, positive when it is counter-clockwise.
func area(ring []vec) float64 {
	sum := 0.0
	for i, v := range ring {
		sum += v.minus(ring[0]).cross(ring[(i+1)%len(ring)].minus(ring[0]))
	}
	return sum / 2
}

// frame is a local map projection, good for a banner: equirectangular about its middle.
type frame struct {
	origin plane.Point
	east   float64 // metres of a lattice unit of lng
	north  float64 // and of lat
}

func newFrame(low, high plane.Point) frame {
	const metresPerDegree = 111_250 // of latitude, here
	middle := plane.Point{X: (low.X + high.X) / 2, Y: (low.Y + high.Y) / 2}
	north := metresPerDegree / perDegree
	// A rounded factor keeps the last bit of the cosine out of everything that follows.
	narrow := math.Round(math.Cos(float64(middle.Y)/perDegree*math.Pi/180)*1e6) / 1e6
	return frame{origin: middle, east: float64(north * narrow), north: north}
}

func (f frame) metres(p plane.Point) vec {
	return vec{float64(float64(p.X-f.origin.X) * f.east), float64(float64(p.Y-f.origin.Y) * f.north)}
}

func (f frame) lattice(v vec) plane.Point {
	return plane.Point{X: f.origin.X + int64(math.Round(v.x/f.east)), Y: f.origin.Y + int64(math.Round(v.y/f.north))}
}

func (f frame) ring(points []plane.Point) []vec {
	ring := make([]vec, len(points))
	for i, p := range points {
		ring[i] = f.metres(p)
	}
	return ring
}
