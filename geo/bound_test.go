package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

func TestExpandMeters(t *testing.T) {
	hailar := orb.Bound{Min: orb.Point{119.7, 49.2}, Max: orb.Point{119.8, 49.3}}
	tests := []struct {
		name   string
		bound  orb.Bound
		meters float64
		want   orb.Bound
	}{
		{"by nothing", hailar, 0, hailar},
		{"by a negative number", hailar, -5, hailar},
		{"by NaN", hailar, math.NaN(), hailar},
		{"by 1 km", hailar, 1000, orb.Bound{Min: orb.Point{119.6862, 49.1910}, Max: orb.Point{119.8138, 49.3090}}},
		{"over the pole", orb.Bound{Min: orb.Point{10, 89.99}, Max: orb.Point{11, 89.99}}, 5000,
			orb.Bound{Min: orb.Point{-180, 89.9448}, Max: orb.Point{180, 90}}},
		{"over the antimeridian", orb.Bound{Min: orb.Point{179.99, 0}, Max: orb.Point{180, 0}}, 1000,
			orb.Bound{Min: orb.Point{-180, -0.0090}, Max: orb.Point{180, 0.0090}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := geo.ExpandMeters(test.bound, test.meters)
			for i, pair := range [][2]float64{{got.Min[0], test.want.Min[0]}, {got.Min[1], test.want.Min[1]}, {got.Max[0], test.want.Max[0]}, {got.Max[1], test.want.Max[1]}} {
				if math.Abs(pair[0]-pair[1]) > 1e-4 {
					t.Errorf("side %d is %.5f, want %.5f", i, pair[0], pair[1])
				}
			}
		})
	}
}

func TestExpandMetersHoldsEveryPointInReach(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		center := randomIn(rng, orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}})
		meters := math.Pow(10, rng.Float64()*5)
		grown := geo.ExpandMeters(center.Bound(), meters)
		near := randomIn(rng, geo.ExpandMeters(center.Bound(), meters*1.2))
		if geo.Distance(center, near) <= meters && !grown.Contains(near) {
			t.Fatalf("%v is within %g m of %v but not in %v", near, meters, center, grown)
		}
	}
}
