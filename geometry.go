package yizhan

import (
	"math"

	"github.com/paulmach/orb"
)

// MaxVertices bounds a geometry: the most detailed banner outline, with every micro-grid corner on it,
// has less than a fifth of that.
const MaxVertices = 500_000

// Snap rounds a coordinate in degrees to the 1e-7 grid on which all geometry is stored, about 1 cm.
// Neighbours that share a border then share the very same vertices.
func Snap(degrees float64) float64 { return math.Round(degrees*1e7) / 1e7 }

// SnapPoint snaps both coordinates.
func SnapPoint(p orb.Point) orb.Point { return orb.Point{Snap(p[0]), Snap(p[1])} }

func checkPoint(field string, p orb.Point) error {
	lng, lat := p[0], p[1]
	switch {
	case math.IsNaN(lng) || math.IsNaN(lat) || math.IsInf(lng, 0) || math.IsInf(lat, 0):
		return Invalid(field, "is not a finite number")
	case lng < -180 || lng > 180:
		return Invalid(field, "lng %g is not in -180..180", lng)
	case lat < -90 || lat > 90:
		return Invalid(field, "lat %g is not in -90..90; the order is lng, lat", lat)
	}
	return nil
}

// checkMultiPolygon checks form only: closed rings of at least four finite vertices, bounded in number.
// That rings do not cross themselves or each other is checked by the database.
func checkMultiPolygon(field string, shape orb.MultiPolygon) error {
	if len(shape) == 0 {
		return Invalid(field, "has no polygon")
	}
	vertices := 0
	for i, polygon := range shape {
		if len(polygon) == 0 {
			return Invalid(field, "polygon %d has no ring", i)
		}
		for j, ring := range polygon {
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return Invalid(field, "ring %d of polygon %d is not closed or has fewer than 4 vertices", j, i)
			}
			for _, p := range ring {
				if err := checkPoint(field, p); err != nil {
					return err
				}
			}
			if vertices += len(ring); vertices > MaxVertices {
				return Errorf(CodeTooLarge, field, "has more than %d vertices", MaxVertices)
			}
		}
	}
	return nil
}
