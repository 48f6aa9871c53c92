package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// gaussKrugerGolden is what PROJ 9 gives, through gdaltransform.
var gaussKrugerGolden = []struct {
	epsg          int
	lngLat        orb.Point
	eastM, northM float64
}{
	{4528, orb.Point{119.7364, 49.2122}, 40480793.9973788, 5453260.22520689},
	{4528, orb.Point{122.7375, 48.0135}, 40704225.5203565, 5323556.39226383},
	{4529, orb.Point{126.0665443, 53.3333333}, 41704262.228548, 5916103.19750438},
	{4533, orb.Point{117.3786, 49.5977}, 44229602.8828725, 5647064.51618709},
	{4549, orb.Point{119.7364, 49.2122}, 480793.997378785, 5453260.22520689},
	{4549, orb.Point{126.0665443, 53.3333333}, 903929.961063346, 5928897.26327916},
	{4550, orb.Point{115.5, 47.1}, -69233.6977842323, 5245731.68038534},
	{4498, orb.Point{117.3786, 49.5977}, 20527369.8100299, 5496170.01196896},
	{4510, orb.Point{122.7375, 48.0135}, 480415.963045019, 5319962.0126621},
	{4513, orb.Point{119.7364, 49.2122}, 28676412.0305285, 6489099.7318841}, // 45 degrees away
}

func TestGaussKrugerAgreesWithPROJ(t *testing.T) {
	for _, c := range gaussKrugerGolden {
		zone, known := geo.GaussKrugerOfEPSG(c.epsg)
		if !known {
			t.Fatalf("EPSG:%d is not known", c.epsg)
		}
		tolerance := 1e-5
		if math.Abs(c.lngLat[0]-zone.CentralLng) > 30 {
			tolerance = 0.1
		}
		if got := zone.Project(c.lngLat); math.Abs(got[0]-c.eastM) > tolerance || math.Abs(got[1]-c.northM) > tolerance {
			t.Errorf("EPSG:%d: %v is at %.6f, not %.6f %.6f", c.epsg, c.lngLat, got, c.eastM, c.northM)
		}
	}
	for _, code := range []int{0, 4326, 4490, 4555, 2435} {
		if zone, known := geo.GaussKrugerOfEPSG(code); known {
			t.Errorf("EPSG:%d is taken for %+v", code, zone)
		}
	}
}

// A tenth of a millimetre is enough to come back to the same point of the grid on which all geometry is kept.
func TestGaussKrugerComesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		zone, _ := geo.GaussKrugerOfEPSG(4491 + random.IntN(64))
		p := orb.Point{
			math.Round((zone.CentralLng+16*random.Float64()-8)*1e7) / 1e7,
			math.Round((160*random.Float64()-80)*1e7) / 1e7,
		}
		written := zone.Project(p)
		for i := range written {
			written[i] = math.Round(written[i]*1e4) / 1e4
		}
		back := zone.Unproject(written)
		for i := range back {
			if math.Round(back[i]*1e7)/1e7 != p[i] {
				t.Fatalf("%v comes back as %.10f", p, back)
			}
		}
	}
}
