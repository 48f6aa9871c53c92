package partition

import (
	"math"

	"github.com/yizhan/yizhan/geo/plane"
)

// silhouette is a part in floating point, with longitude squeezed so that lengths compare.
type silhouette struct {
	origin  plane.Point
	squeeze float64
	rings   [][][2]float64
	area    float64
	reach   float64 // more than from the origin to any vertex
}

func (p *Map) silhouette(part int32) silhouette {
	s := silhouette{squeeze: p.squeeze(part), area: p.squeeze(part) * p.area(part)}
	for i, f := range p.cycles(part) {
		ring := p.m.Ring(f)
		if i == 0 {
			s.origin = ring[0]
		}
		flat := make([][2]float64, len(ring))
		for j, q := range ring {
			flat[j] = [2]float64{s.squeeze * float64(q.X-s.origin.X), float64(q.Y - s.origin.Y)}
			s.reach = max(s.reach, 2*math.Hypot(flat[j][0], flat[j][1])+2)
		}
		s.rings = append(s.rings, flat)
	}
	return s
}

// line gives a straight line in a direction that leaves a share of the area on its left.
func (s silhouette) line(turn, share float64) []plane.Point {
	along := [2]float64{math.Cos(turn), math.Sin(turn)}
	left := [2]float64{-along[1], along[0]}
	low, high := -s.reach, s.reach
	for range 40 {
		middle := (low + high) / 2
		if s.beyond(left, middle) > share*s.area {
			low = middle
		} else {
			high = middle
		}
	}
	level := (low + high) / 2
	at := func(t float64) plane.Point {
		x, y := level*left[0]+t*along[0], level*left[1]+t*along[1]
		return plane.Point{X: s.origin.X + int64(math.Round(x/s.squeeze)), Y: s.origin.Y + int64(math.Round(y))}
	}
	return []plane.Point{at(-s.reach), at(s.reach)}
}

// beyond is the area of what lies further in a direction than a level: the sum of trapezia down to it.
func (s silhouette) beyond(direction [2]float64, level float64) float64 {
	sum := 0.0
	for _, ring := range s.rings {
		for i, v := range ring {
			w := ring[(i+1)%len(ring)]
			a, b := v[0]*direction[0]+v[1]*direction[1]-level, w[0]*direction[0]+w[1]*direction[1]-level
			if a <= 0 && b <= 0 {
				continue
			}
			// Along the axis to the right of the direction.
			p, q := v[0]*direction[1]-v[1]*direction[0], w[0]*direction[1]-w[1]*direction[0]
			if a < 0 {
				p, a = p+(q-p)*a/(a-b), 0
			} else if b < 0 {
				q, b = p+(q-p)*a/(a-b), 0
			}
			sum -= (q - p) * (a + b) / 2
		}
	}
	return math.Abs(sum)
}
