package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// ExpandMeters gives a bound that holds every point within a distance of some point of the given bound.
// It is not the smallest one: it is up to 1 % too wide, and where it would pass a pole or the
// antimeridian it goes all the way round.
func ExpandMeters(bound orb.Bound, meters float64) orb.Bound {
	if !(meters > 0) {
		return bound
	}
	// A degree is at least this long: along a meridian at the equator, where it is shortest.
	const metersPerDegree = semiMajorAxisM * (1 - eccentricity2) * math.Pi / 180
	north := meters / metersPerDegree
	grown := orb.Bound{
		Min: orb.Point{-180, math.Max(-90, bound.Min[1]-north)},
		Max: orb.Point{180, math.Min(90, bound.Max[1]+north)},
	}
	// A circle reaches farthest east at sin(east) = sin(radius)/cos(lat) of its centre.
	centerLat := math.Max(math.Abs(bound.Min[1]), math.Abs(bound.Max[1]))
	ratio := math.Sin(north*math.Pi/180) / math.Cos(centerLat*math.Pi/180)
	if centerLat+north >= 90 || ratio >= 1 {
		return grown
	}
	east := math.Asin(ratio) * 180 / math.Pi
	if bound.Min[0]-east >= -180 && bound.Max[0]+east <= 180 {
		grown.Min[0], grown.Max[0] = bound.Min[0]-east, bound.Max[0]+east
	}
	return grown
}
