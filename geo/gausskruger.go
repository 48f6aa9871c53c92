package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// GaussKruger is a projection of CGCS2000 on one zone: the metres of Chinese surveys. CGCS2000 and WGS84
// differ by less than an export can show, so that its degrees are taken for those of WGS84.
type GaussKruger struct {
	CentralLng    float64 // degrees
	FalseEastingM float64 // of the central meridian; with the number of the zone in millions where it is prefixed
}

// GaussKrugerOfEPSG gives the projection with an EPSG code of CGCS2000: zones of 6 degrees from 4491, by
// central meridian from 4502; zones of 3 degrees from 4513, by central meridian from 4534, to 4554.
func GaussKrugerOfEPSG(code int) (g GaussKruger, known bool) {
	for _, series := range []struct {
		first, last int
		firstZone   int // 0 where eastings have no prefix
		firstLng    float64
		stepDegrees float64
	}{
		{4491, 4501, 13, 75, 6},
		{4502, 4512, 0, 75, 6},
		{4513, 4533, 25, 75, 3},
		{4534, 4554, 0, 75, 3},
	} {
		if code < series.first || code > series.last {
			continue
		}
		step := code - series.first
		g = GaussKruger{CentralLng: series.firstLng + float64(step)*series.stepDegrees, FalseEastingM: 500_000}
		if series.firstZone > 0 {
			g.FalseEastingM += float64(series.firstZone+step) * 1e6
		}
		return g, true
	}
	return g, false
}

// The series of Krüger in the third flattening n of CGCS2000's ellipsoid, to the fourth order: exact to a
// thousandth of a millimetre over a whole zone.
const (
	cgcs2000SemiMajorM = 6_378_137.0
	cgcs2000Flattening = 1 / 298.257222101
	kruger             = cgcs2000Flattening / (2 - cgcs2000Flattening) // n
	krugerRadiusM      = cgcs2000SemiMajorM / (1 + kruger) * (1 + kruger*kruger/4 + kruger*kruger*kruger*kruger/64)
)

var (
	krugerAlpha = [...]float64{
		kruger/2 - 2*kruger*kruger/3 + 5*kruger*kruger*kruger/16 + 41*kruger*kruger*kruger*kruger/180,
		13*kruger*kruger/48 - 3*kruger*kruger*kruger/5 + 557*kruger*kruger*kruger*kruger/1440,
		61*kruger*kruger*kruger/240 - 103*kruger*kruger*kruger*kruger/140,
		49561 * kruger * kruger * kruger * kruger / 161280,
	}
	krugerBeta = [...]float64{
		kruger/2 - 2*kruger*kruger/3 + 37*kruger*kruger*kruger/96 - kruger*kruger*kruger*kruger/360,
		kruger*kruger/48 + kruger*kruger*kruger/15 - 437*kruger*kruger*kruger*kruger/1440,
		17*kruger*kruger*kruger/480 - 37*kruger*kruger*kruger*kruger/840,
		4397 * kruger * kruger * kruger * kruger / 161280,
	}
	cgcs2000Eccentricity = math.Sqrt(cgcs2000Flattening * (2 - cgcs2000Flattening))
)

// Project gives the easting and northing in metres of a point in degrees. Far from the central meridian, beyond
// 30 degrees, it means nothing.
func (g GaussKruger) Project(lngLat orb.Point) orb.Point {
	sinLat, lambda := math.Sin(lngLat[1]*math.Pi/180), (lngLat[0]-g.CentralLng)*math.Pi/180
	e := cgcs2000Eccentricity
	tau := math.Sinh(math.Atanh(sinLat) - e*math.Atanh(e*sinLat)) // tangent of the conformal latitude
	xi, eta := math.Atan2(tau, math.Cos(lambda)), math.Asinh(math.Sin(lambda)/math.Hypot(tau, math.Cos(lambda)))
	north, east := xi, eta
	for i, alpha := range krugerAlpha {
		order := 2 * float64(i+1)
		north += alpha * math.Sin(order*xi) * math.Cosh(order*eta)
		east += alpha * math.Cos(order*xi) * math.Sinh(order*eta)
	}
	return orb.Point{g.FalseEastingM + krugerRadiusM*east, krugerRadiusM * north}
}

// Unproject is the inverse of Project.
func (g GaussKruger) Unproject(eastNorthM orb.Point) orb.Point {
	north, east := eastNorthM[1]/krugerRadiusM, (eastNorthM[0]-g.FalseEastingM)/krugerRadiusM
	xi, eta := north, east
	for i, beta := range krugerBeta {
		order := 2 * float64(i+1)
		xi -= beta * math.Sin(order*north) * math.Cosh(order*east)
		eta -= beta * math.Cos(order*north) * math.Sinh(order*east)
	}
	sinhEta, cosXi := math.Sinh(eta), math.Cos(xi)
	lambda := math.Atan2(sinhEta, cosXi)
	conformal := math.Asinh(math.Sin(xi) / math.Hypot(sinhEta, cosXi)) // isometric latitude
	return orb.Point{g.CentralLng + lambda*180/math.Pi, geodeticLat(conformal) * 180 / math.Pi}
}

// geodeticLat finds the latitude in radians of an isometric one. Each round gains two digits.
func geodeticLat(isometric float64) float64 {
	e := cgcs2000Eccentricity
	sinLat := math.Tanh(isometric)
	for range 8 {
		sinLat = math.Tanh(isometric + e*math.Atanh(e*sinLat))
	}
	return math.Asin(sinLat)
}
