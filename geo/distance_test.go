package geo_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// geodesics are geodesic distances in metres by PostGIS 3.3, ST_Distance of two geographies.
var geodesics = []struct {
	name    string
	a, b    orb.Point
	meters  float64
	maxErrM float64
}{
	{"same", orb.Point{119.7364, 49.2122}, orb.Point{119.7364, 49.2122}, 0, 0},
	{"1 m north", orb.Point{119.7364, 49.2122}, orb.Point{119.7364, 49.212209}, 1.0009246, 1e-6},
	{"100 m east", orb.Point{119.7364, 49.2122}, orb.Point{119.73777, 49.2122}, 99.8188053, 1e-6},
	{"1 km east", orb.Point{119.7364, 49.2122}, orb.Point{119.75012, 49.2122}, 999.6452604, 1e-6},
	{"1 km north", orb.Point{119.7364, 49.2122}, orb.Point{119.7364, 49.22119}, 999.8132689, 1e-6},
	{"5 km diagonal", orb.Point{119.7364, 49.2122}, orb.Point{119.7851, 49.2439}, 5001.1474829, 3e-6},
	{"10 km east", orb.Point{119.7364, 49.2122}, orb.Point{119.8736, 49.2122}, 9996.4512489, 20e-6},
	{"10 km north at the equator", orb.Point{0, 0}, orb.Point{0, 0.0904}, 9995.9146176, 20e-6},
	{"10 km east at the equator", orb.Point{0, 0}, orb.Point{0.0898, 0}, 9996.4902732, 20e-6},
	{"8 km near the pole", orb.Point{10, 89.95}, orb.Point{100, 89.95}, 7897.9565149, 20e-6},
	{"100 km east", orb.Point{119.7364, 49.2122}, orb.Point{121.1084, 49.2122}, 99963.1570261, 0.02},
	{"100 km north at the equator", orb.Point{0, 0}, orb.Point{0, 0.904}, 99959.228629, 0.02},
	{"Hailar to Manzhouli", orb.Point{119.7364, 49.2122}, orb.Point{117.3786, 49.5977}, 176402.4513696, 0.1},
	{"Hailar to Zhalantun", orb.Point{119.7364, 49.2122}, orb.Point{122.7375, 48.0135}, 258309.6694887, 0.3},
	{"across the antimeridian", orb.Point{179.95, 49.5}, orb.Point{-179.95, 49.5}, 7243.6550573, 20e-6},
	{"Hailar to Beijing", orb.Point{119.7364, 49.2122}, orb.Point{116.3913, 39.9075}, 1067286.8930982, 20},
	{"over the pole", orb.Point{0, 89.9}, orb.Point{180, 89.9}, 22338.7956825, 0.002},
	{"1,000 km north at the equator", orb.Point{0, 0}, orb.Point{0, 9.04}, 999674.3403282, 20},
	{"quarter of the world", orb.Point{0, 0}, orb.Point{90, 0}, 10018754.1713946, 0.006 * 10018754},
	{"nearly antipodal", orb.Point{0, 0}, orb.Point{179, 0.5}, 19902751.0325935, 0.006 * 19902751},
}

func TestDistanceIsTheGeodesicWithinItsStatedError(t *testing.T) {
	for _, test := range geodesics {
		t.Run(test.name, func(t *testing.T) {
			for _, got := range []float64{geo.Distance(test.a, test.b), geo.Distance(test.b, test.a)} {
				if err := math.Abs(got - test.meters); !(err <= test.maxErrM) {
					t.Errorf("%.7f m, want %.7f m: off by %.3g m, allowed %.3g m", got, test.meters, err, test.maxErrM)
				}
			}
		})
	}
}

// scatter makes the point set for which PostGIS 3.3 counted the pairs of ST_DWithin(geography) below.
func scatter() []orb.Point {
	points := make([]orb.Point, 400)
	for i := range points {
		points[i] = orb.Point{119.7 + 0.0007*float64(i*37%101), 49.2 + 0.0005*float64(i*53%97)}
	}
	return points
}

func TestPairsWithinADistanceAreThoseOfPostGIS(t *testing.T) {
	points := scatter()
	for _, test := range []struct {
		radiusM float64
		pairs   int
	}{{500, 2598}, {1000, 6969}, {3000, 45_205}, {5000, 75_937}} {
		t.Run(fmt.Sprint(test.radiusM), func(t *testing.T) {
			limit, pairs := geo.SquaredChordOf(test.radiusM), 0
			for i, a := range points {
				for _, b := range points[:i] {
					near := geo.ToECEF(a).SquaredChord(geo.ToECEF(b)) <= limit
					if near != (geo.Distance(a, b) <= test.radiusM) {
						t.Errorf("the squared chord of %v and %v disagrees with their distance", a, b)
					}
					if near {
						pairs++
					}
				}
			}
			if pairs != test.pairs {
				t.Errorf("%d pairs, want %d", pairs, test.pairs)
			}
		})
	}
}

func TestSquaredChordOfInverts(t *testing.T) {
	previous := -1.0
	for d := 0.0; d < 20_000_000; d = d*1.01 + 0.5 {
		square := geo.SquaredChordOf(d)
		if square <= previous {
			t.Fatalf("SquaredChordOf(%g) = %g does not grow", d, square)
		}
		previous = square
		back := geo.DistanceOfSquaredChord(square)
		if tolerance := 1e-9 + d*1e-10; d < 15_000_000 && math.Abs(back-d) > tolerance {
			t.Errorf("%g m comes back as %g m", d, back)
		}
	}
}

func TestSquaredChordOfLimits(t *testing.T) {
	if got := geo.SquaredChordOf(-1); got >= 0 {
		t.Errorf("a negative distance allows the squared chord %g", got)
	}
	if got := geo.SquaredChordOf(21e6); !math.IsInf(got, 1) {
		t.Errorf("half of the world allows the squared chord %g only", got)
	}
}

func FuzzDistance(f *testing.F) {
	for _, test := range geodesics {
		f.Add(test.a[0], test.a[1], test.b[0], test.b[1])
	}
	f.Fuzz(func(t *testing.T, lngA, latA, lngB, latB float64) {
		a, b := orb.Point{wrap(lngA, 180), wrap(latA, 90)}, orb.Point{wrap(lngB, 180), wrap(latB, 90)}
		d := geo.Distance(a, b)
		if !(d >= 0 && d <= 20_016_000) {
			t.Errorf("Distance(%v, %v) = %g", a, b, d)
		}
		if back := geo.Distance(b, a); back != d {
			t.Errorf("Distance(%v, %v) is %g one way and %g the other", a, b, d, back)
		}
		square := geo.ToECEF(a).SquaredChord(geo.ToECEF(b))
		if geo.SquaredChordOf(d) < square {
			t.Errorf("%v is not within its own distance %g of %v", a, d, b)
		}
	})
}

func wrap(value, limit float64) float64 {
	if value = math.Mod(value, limit); math.IsNaN(value) {
		return 0
	}
	return value
}

func BenchmarkDistance(b *testing.B) {
	points := scatter()
	for i := 0; b.Loop(); i++ {
		geo.Distance(points[i%400], points[i*7%400])
	}
}

func BenchmarkSquaredChord(b *testing.B) {
	places := make([]geo.ECEF, 400)
	for i, p := range scatter() {
		places[i] = geo.ToECEF(p)
	}
	sum := 0.0
	for i := 0; b.Loop(); i++ {
		sum += places[i%400].SquaredChord(places[0])
	}
}

func ExampleDistance() {
	hailar, manzhouli := orb.Point{119.7364, 49.2122}, orb.Point{117.3786, 49.5977}
	fmt.Printf("%.1f km\n", geo.Distance(hailar, manzhouli)/1000)
	// Output: 176.4 km
}

func randomIn(rng *rand.Rand, bound orb.Bound) orb.Point {
	return orb.Point{
		bound.Min[0] + rng.Float64()*(bound.Max[0]-bound.Min[0]),
		bound.Min[1] + rng.Float64()*(bound.Max[1]-bound.Min[1]),
	}
}
