package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// china is the box inside which GCJ-02 moves points, less its edge.
var china = orb.Bound{Min: orb.Point{72.02, 0.84}, Max: orb.Point{137.82, 55.81}}

func TestDatumGoldenValues(t *testing.T) {
	tests := []struct {
		name               string
		wgs84, gcj02, bd09 orb.Point
	}{
		{"Hailar", orb.Point{119.7364, 49.2122}, orb.Point{119.743772, 49.214141}, orb.Point{119.750187, 49.220383}},
		{"Manzhouli", orb.Point{117.3786, 49.5977}, orb.Point{117.386898, 49.599668}, orb.Point{117.393390, 49.605732}},
		{"Zhalantun", orb.Point{122.7375, 48.0135}, orb.Point{122.743846, 48.015618}, orb.Point{122.750264, 48.021867}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkSame(t, "GCJ-02", geo.WGS84ToGCJ02(test.wgs84), test.gcj02, 1e-6)
			checkSame(t, "BD-09", geo.WGS84ToBD09(test.wgs84), test.bd09, 1e-6)
			checkSame(t, "BD-09 from GCJ-02", geo.GCJ02ToBD09(test.gcj02), test.bd09, 2e-6)
			checkSame(t, "WGS84 from GCJ-02", geo.GCJ02ToWGS84(test.gcj02), test.wgs84, 2e-6)
			checkSame(t, "WGS84 from BD-09", geo.BD09ToWGS84(test.bd09), test.wgs84, 2e-6)
		})
	}
}

func checkSame(t *testing.T, what string, got, want orb.Point, tolerance float64) {
	t.Helper()
	if math.Abs(got[0]-want[0]) > tolerance || math.Abs(got[1]-want[1]) > tolerance {
		t.Errorf("%s: %.7f, want %.7f", what, got, want)
	}
}

func TestOutsideTheBoxGCJ02Stays(t *testing.T) {
	for _, p := range []orb.Point{{2.35, 48.85}, {-74, 40.7}, {139.7, 35.7}, {105, 56}, {105, 0.5}} {
		if got := geo.WGS84ToGCJ02(p); got != p {
			t.Errorf("WGS84ToGCJ02(%v) = %v", p, got)
		}
		if got := geo.GCJ02ToWGS84(p); got != p {
			t.Errorf("GCJ02ToWGS84(%v) = %v", p, got)
		}
	}
}

func TestDatumRoundTrips(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50_000 {
		checkRoundTrips(t, randomIn(rng, china))
	}
}

// checkRoundTrips asks for 0.1 mm, much less than the 0.2 m that the interface promises.
func checkRoundTrips(t *testing.T, p orb.Point) {
	t.Helper()
	for name, back := range map[string]orb.Point{
		"GCJ-02 and back":                geo.GCJ02ToWGS84(geo.WGS84ToGCJ02(p)),
		"BD-09 and back":                 geo.BD09ToWGS84(geo.WGS84ToBD09(p)),
		"from GCJ-02 to BD-09 and back":  geo.BD09ToGCJ02(geo.GCJ02ToBD09(p)),
		"from GCJ-02 to WGS84 and there": geo.WGS84ToGCJ02(geo.GCJ02ToWGS84(p)),
	} {
		if d := geo.Distance(p, back); !(d <= 1e-4) {
			t.Fatalf("%v %s is %v, %g m off", p, name, back, d)
		}
	}
}

func FuzzDatumRoundTrip(f *testing.F) {
	f.Add(119.7364, 49.2122)
	f.Add(105.0, 35.0)
	f.Fuzz(func(t *testing.T, lng, lat float64) {
		p := orb.Point{lng, lat}
		if math.IsNaN(lng) || math.IsNaN(lat) || !china.Contains(p) {
			p = orb.Point{china.Min[0] + math.Abs(wrap(lng, 65)), china.Min[1] + math.Abs(wrap(lat, 54))}
		}
		checkRoundTrips(t, p)
	})
}

func BenchmarkGCJ02ToWGS84(b *testing.B) {
	for b.Loop() {
		geo.GCJ02ToWGS84(orb.Point{119.743772, 49.214141})
	}
}
