package api

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"
)

// parseBBox reads west,south,east,north in degrees. The city's extent, where it is known, only serves to
// tell that lng and lat are swapped.
func parseBBox(text string, city *orb.Bound) (*[4]float64, error) {
	return parseBBoxIn(systems[0], text, city)
}

// parseBBoxIn reads a box in a system: the lower numbers of both axes, then the higher ones.
func parseBBoxIn(system *crs, text string, city *orb.Bound) (*[4]float64, error) {
	given, err := parseCorners(text)
	if err != nil {
		return nil, err
	}
	low, high := system.read(given[0], given[1]), system.read(given[2], given[3])
	west, south, east, north := low[0], low[1], high[0], high[1]
	bound := orb.Bound{Min: low, Max: high}
	switch {
	case looksSwapped(bound, city):
		return nil, bboxFault("has lng and lat swapped, it seems; the order is west,south,east,north, lng before lat, but as bbox-crs says where that is given")
	case !onEarth(bound.Min) || !onEarth(bound.Max):
		return nil, bboxFault("is outside of lng -180..180, lat -90..90; the order is west,south,east,north")
	case west > east:
		return nil, bboxFault("has west %s east of east %s", plain(west), plain(east))
	case south > north:
		return nil, bboxFault("has south %s north of north %s", plain(south), plain(north))
	}
	return &[4]float64{west, south, east, north}, nil
}

// parseCorners reads the two corners of a box. OGC API Features lets each have a height, which chooses nothing
// here: no feature has one, and where there is none every height is met.
func parseCorners(text string) (corners [4]float64, err error) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return corners, bboxFault("has %d numbers; it takes west,south,east,north", len(parts))
	}
	numbers := make([]float64, len(parts))
	for i, part := range parts {
		if numbers[i], err = parseFinite(part); err != nil {
			return corners, bboxFault("has a part that is not a number; it takes west,south,east,north in degrees")
		}
	}
	if len(numbers) == 4 {
		return [4]float64(numbers), nil
	}
	if numbers[2] > numbers[5] {
		return corners, bboxFault("has its lower height %s above its higher one %s", plain(numbers[2]), plain(numbers[5]))
	}
	return [4]float64{numbers[0], numbers[1], numbers[3], numbers[4]}, nil
}

func bboxFault(format string, args ...any) error {
	return invalidParameter("query.bbox", fmt.Sprintf(format, args...))
}

// checkPlace checks a point given as lng and lat.
func checkPlace(p orb.Point, city *orb.Bound) error {
	switch {
	case looksSwapped(orb.Bound{Min: p, Max: p}, city):
		return invalidParameters([]Fault{
			{"query.lng", "and lat look swapped: " + plain(p[0]) + " is a latitude here"},
			{"query.lat", "and lng look swapped: " + plain(p[1]) + " is a longitude here"},
		})
	case !onEarth(orb.Point{p[0], 0}):
		return invalidParameter("query.lng", "is not a number from -180 to 180")
	case !onEarth(orb.Point{0, p[1]}):
		return invalidParameter("query.lat", "is not a number from -90 to 90")
	}
	return nil
}

func onEarth(p orb.Point) bool { return p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90 }

// looksSwapped tells whether an extent that misses the city would meet it with lng and lat exchanged. Not
// knowing the city, it goes by latitudes that cannot be.
func looksSwapped(given orb.Bound, city *orb.Bound) bool {
	turned := orb.Bound{Min: orb.Point{given.Min[1], given.Min[0]}, Max: orb.Point{given.Max[1], given.Max[0]}}
	if city == nil {
		return !(onEarth(given.Min) && onEarth(given.Max)) && onEarth(turned.Min) && onEarth(turned.Max)
	}
	return !meets(given, *city) && meets(turned, *city)
}

// meets is Bound.Intersects for bounds that may be inside out, as those of swapped boxes can be.
func meets(a, city orb.Bound) bool {
	return min(a.Min[0], a.Max[0]) <= city.Max[0] && max(a.Min[0], a.Max[0]) >= city.Min[0] &&
		min(a.Min[1], a.Max[1]) <= city.Max[1] && max(a.Min[1], a.Max[1]) >= city.Min[1]
}
