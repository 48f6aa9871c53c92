package coverage

import "math"

// Weights are whole billionths, so that sums of households times weights are exact and no order of summing
// can change them. 1, 0.68 and 0.22 are what they are; other weights are rounded to the nearest.
const billion = 1_000_000_000

// Decay tells how much a site is worth at a distance: a weight w from 0 to 1. All weights times a constant
// give the same accessibility. The zero Decay gives 1 at any distance in reach, as in the two-step
// floating catchment area method (2SFCA) of Luo and Wang (2003).
type Decay struct {
	zones []zone
	gravity
}

type zone struct {
	upToM      float64 // inclusive
	billionths uint32
}

type gravity struct{ exponent, unitM float64 }

// EnhancedDecay has the weights of the enhanced method (E2SFCA) of Luo and Qi (2009): 1, 0.68 and 0.22 in three
// equal zones of the reach, which is in the metres of an Incidence.
func EnhancedDecay(reachM float64) (Decay, error) { return ZoneDecay(reachM, 1, 0.68, 0.22) }

// ZoneDecay has a weight for each of some equal zones of the reach, the nearest first. A distance on
// the border of two zones is in the nearer one. Whatever is in reach is in the last zone at least.
func ZoneDecay(reachM float64, weights ...float64) (Decay, error) {
	switch {
	case !(reachM > 0) || math.IsInf(reachM, 0):
		return Decay{}, invalid("reach_m", "%g is none", reachM)
	case len(weights) == 0:
		return Decay{}, invalid("weights", "are missing")
	}
	var d Decay
	for i, weight := range weights {
		if !(weight >= 0 && weight <= 1) {
			return Decay{}, invalid("weights", "%g is not in 0..1", weight)
		}
		d.zones = append(d.zones, zone{reachM * float64(i+1) / float64(len(weights)), toBillionths(weight)})
	}
	return d, nil
}

// GravityDecay has the weight (distance/unitM) to the power of -exponent, and 1 up to unitM.
func GravityDecay(exponent, unitM float64) (Decay, error) {
	switch {
	case !(exponent > 0 && exponent <= 10):
		return Decay{}, invalid("exponent", "%g is not above 0 and at most 10", exponent)
	case !(unitM > 0) || math.IsInf(unitM, 0):
		return Decay{}, invalid("unit_m", "%g is no distance", unitM)
	}
	return Decay{gravity: gravity{exponent, unitM}}, nil
}

// Weight is w at a distance.
func (d Decay) Weight(distanceM float64) float64 { return float64(d.billionths(distanceM)) / billion }

func (d Decay) billionths(distanceM float64) uint32 {
	switch {
	case len(d.zones) > 0:
		last := len(d.zones) - 1
		for _, z := range d.zones[:last] {
			if distanceM <= z.upToM {
				return z.billionths
			}
		}
		return d.zones[last].billionths
	case d.exponent > 0 && distanceM > d.unitM:
		return toBillionths(math.Pow(distanceM/d.unitM, -d.exponent))
	}
	return billion
}

func toBillionths(weight float64) uint32 { return uint32(math.Round(weight * billion)) }
