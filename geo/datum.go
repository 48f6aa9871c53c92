package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Chinese maps do not draw WGS84. GCJ-02, which Amap and Tencent use, moves points by some hundred
// metres inside a box around China; BD-09, Baidu's, moves those once more. Neither has an inverse in
// closed form, so the ways back iterate until they are exact to 1e-10 degrees, 0.01 mm.

// WGS84ToGCJ02 moves a point to the datum of Amap and Tencent. Points outside the box stay.
func WGS84ToGCJ02(wgs84 orb.Point) orb.Point {
	if !inGCJ02Box(wgs84) {
		return wgs84
	}
	return shiftToGCJ02(wgs84)
}

// GCJ02ToWGS84 is the inverse of WGS84ToGCJ02. Along the edge of the box, where two points can have the
// same image, it gives the one inside.
func GCJ02ToWGS84(gcj02 orb.Point) orb.Point {
	if wgs84 := invert(shiftToGCJ02, gcj02); inGCJ02Box(wgs84) {
		return wgs84
	}
	return gcj02
}

// GCJ02ToBD09 moves a point to Baidu's datum.
func GCJ02ToBD09(gcj02 orb.Point) orb.Point {
	lng, lat := gcj02[0], gcj02[1]
	radius := math.Hypot(lng, lat) + 0.00002*math.Sin(lat*bd09Angle)
	angle := math.Atan2(lat, lng) + 0.000003*math.Cos(lng*bd09Angle)
	sin, cos := math.Sincos(angle)
	return orb.Point{radius*cos + 0.0065, radius*sin + 0.006}
}

// BD09ToGCJ02 is the inverse of GCJ02ToBD09.
func BD09ToGCJ02(bd09 orb.Point) orb.Point { return invert(GCJ02ToBD09, bd09) }

// WGS84ToBD09 moves a point to Baidu's datum.
func WGS84ToBD09(wgs84 orb.Point) orb.Point { return GCJ02ToBD09(WGS84ToGCJ02(wgs84)) }

// BD09ToWGS84 is the inverse of WGS84ToBD09.
func BD09ToWGS84(bd09 orb.Point) orb.Point { return GCJ02ToWGS84(BD09ToGCJ02(bd09)) }

const bd09Angle = math.Pi * 3000 / 180

// GCJ-02 is defined with Krasovsky's ellipsoid and polynomials around this origin.
const (
	krasovskySemiMajorM    = 6_378_245.0
	krasovskyEccentricity2 = 0.00669342162296594323
	gcj02OriginLng         = 105.0
	gcj02OriginLat         = 35.0
)

func inGCJ02Box(p orb.Point) bool {
	return p[0] >= 72.004 && p[0] <= 137.8347 && p[1] >= 0.8293 && p[1] <= 55.8271
}

func shiftToGCJ02(wgs84 orb.Point) orb.Point {
	x, y := wgs84[0]-gcj02OriginLng, wgs84[1]-gcj02OriginLat
	eastM, northM := gcj02EastM(x, y), gcj02NorthM(x, y)
	sinLat, cosLat := math.Sincos(wgs84[1] * math.Pi / 180)
	curvature := 1 - krasovskyEccentricity2*sinLat*sinLat
	primeVerticalM := krasovskySemiMajorM / math.Sqrt(curvature)
	meridianM := krasovskySemiMajorM * (1 - krasovskyEccentricity2) / (curvature * math.Sqrt(curvature))
	return orb.Point{
		wgs84[0] + eastM*180/(primeVerticalM*cosLat*math.Pi),
		wgs84[1] + northM*180/(meridianM*math.Pi),
	}
}

func gcj02EastM(x, y float64) float64 {
	return 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + wavesOf(x) +
		2.0/3*(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi)) +
		2.0/3*(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))
}

func gcj02NorthM(x, y float64) float64 {
	return -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + wavesOf(x) +
		2.0/3*(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi)) +
		2.0/3*(160*math.Sin(y/12*math.Pi)+320*math.Sin(y/30*math.Pi))
}

// wavesOf is the part that both polynomials share.
func wavesOf(x float64) float64 {
	return 2.0 / 3 * (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi))
}

// invert finds the point that a shift moves to target. Every shift here changes by far less than a
// thousandth of the way moved, so that each round gains at least two digits.
func invert(shift func(orb.Point) orb.Point, target orb.Point) orb.Point {
	const tolerance, rounds = 1e-11, 30
	guess := target
	for range rounds {
		image := shift(guess)
		lng, lat := target[0]-image[0], target[1]-image[1]
		guess[0] += lng
		guess[1] += lat
		if math.Abs(lng) < tolerance && math.Abs(lat) < tolerance {
			break
		}
	}
	return guess
}
