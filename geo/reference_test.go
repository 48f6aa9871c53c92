package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// What is written in any reference lies on the same point of the grid when it is read again, so that an import
// of an export changes nothing.
func TestReferencesComeBackToTheGrid(t *testing.T) {
	for _, r := range geo.References() {
		t.Run(r.Name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(r.EPSG), 7))
			for range 3_000 {
				p := orb.Point{math.Round((115+11*random.Float64())*1e7) / 1e7, math.Round((47+7*random.Float64())*1e7) / 1e7}
				if r.Projected() && math.Abs(r.Zone().CentralLng-p[0]) > 12 {
					p[0] = math.Round((p[0]-120+r.Zone().CentralLng)*1e7) / 1e7
				}
				back := r.ToWGS84(r.FromWGS84(p))
				if math.Round(back[0]*1e7)/1e7 != p[0] || math.Round(back[1]*1e7)/1e7 != p[1] {
					t.Fatalf("%v comes back as %.9f", p, back)
				}
			}
		})
	}
}

func TestReferencesAreFound(t *testing.T) {
	for _, r := range geo.References() {
		if found, known := geo.ReferenceOf(r.Name); !known || found.EPSG != r.EPSG {
			t.Errorf("%s is %+v, %v", r.Name, found, known)
		}
		found, known := geo.ReferenceOfEPSG(r.EPSG)
		if known != (r.EPSG != 0) || known && found.Name != r.Name {
			t.Errorf("EPSG:%d is %+v, %v", r.EPSG, found, known)
		}
	}
	zone, known := geo.ReferenceOf("cgcs2000-4528")
	if at := zone.FromWGS84(orb.Point{119.7364, 49.2122}); !known || at != (orb.Point{40480793.9974, 5453260.2252}) {
		t.Errorf("the square of Hailar is at %v", at)
	}
	if _, known := geo.ReferenceOf("beijing54"); known {
		t.Error("beijing54 is known")
	}
}
