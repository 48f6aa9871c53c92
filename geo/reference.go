package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Reference is a datum, and a projection where there is one, in which coordinates are given outside of Yizhan:
// in what is imported and exported. Everything within is WGS84.
type Reference struct {
	Name string // such as wgs84, cgcs2000-4528 or gcj02; it also stands in the names of files
	EPSG int    // 0 for the two that have none: gcj02 and bd09
	zone *GaussKruger
}

// References lists every reference: the degrees first, then the zones of CGCS2000 by their EPSG codes.
func References() []Reference {
	list := []Reference{{Name: "wgs84", EPSG: 4326}, {Name: "cgcs2000", EPSG: 4490}, {Name: "gcj02"}, {Name: "bd09"}}
	for code := 4491; code <= 4554; code++ {
		zone, _ := GaussKrugerOfEPSG(code)
		list = append(list, Reference{Name: fmt.Sprintf("cgcs2000-%d", code), EPSG: code, zone: &zone})
	}
	return list
}

// ReferenceOf finds a reference by its name.
func ReferenceOf(name string) (r Reference, known bool) {
	for _, r := range References() {
		if r.Name == name {
			return r, true
		}
	}
	return r, false
}

// ReferenceOfEPSG finds a reference by its EPSG code.
func ReferenceOfEPSG(code int) (r Reference, known bool) {
	for _, r := range References() {
		if r.EPSG == code && code != 0 {
			return r, true
		}
	}
	return r, false
}

// Projected tells whether coordinates are metres, east and north, and not degrees, lng and lat.
func (r Reference) Projected() bool { return r.zone != nil }

// Zone gives the projection; only of one that is projected.
func (r Reference) Zone() GaussKruger { return *r.zone }

// FromWGS84 moves a point into the reference. What it gives is rounded to a tenth of a millimetre: fine enough
// that the way back finds the very point of the grid of 1e-7 degrees again, and the same on every machine.
func (r Reference) FromWGS84(wgs84 orb.Point) orb.Point {
	switch {
	case r.zone != nil:
		return rounded(r.zone.Project(wgs84), 1e4)
	case r.Name == "gcj02":
		return rounded(WGS84ToGCJ02(wgs84), 1e9)
	case r.Name == "bd09":
		return rounded(WGS84ToBD09(wgs84), 1e9)
	}
	return wgs84
}

// ToWGS84 is the inverse of FromWGS84.
func (r Reference) ToWGS84(p orb.Point) orb.Point {
	switch {
	case r.zone != nil:
		return r.zone.Unproject(p)
	case r.Name == "gcj02":
		return GCJ02ToWGS84(p)
	case r.Name == "bd09":
		return BD09ToWGS84(p)
	}
	return p
}

func rounded(p orb.Point, parts float64) orb.Point {
	return orb.Point{math.Round(p[0]*parts) / parts, math.Round(p[1]*parts) / parts}
}
