package coverage

import (
	"math"

	"github.com/paulmach/orb"
)

// Mode is how demand and sites come together.
type Mode uint8

// The modes.
const (
	ByRadius Mode = iota // a service radius drawn around a site: the straight line, as it is
	OnFoot               // 5 km/h
	ByEBike              // 15 km/h
)

// Detour (κ) is how much longer a way is than the straight line, for the modes that go some way. A
// network that knows the ways needs no such factor.
const Detour = 1.3

// Speeds of the modes, in metres a minute.
const (
	walkMetersAMinute  = 5_000.0 / 60
	eBikeMetersAMinute = 15_000.0 / 60
)

// Bounds of a reach. Beyond them nobody speaks of being near.
const (
	MinReachM = 10
	MaxReachM = 20_000
)

// Reach is how far apart a cell and a site may be.
type Reach struct {
	Mode    Mode
	RadiusM float64 // of ByRadius, true metres
	Minutes float64 // of the other modes
}

// Validate gives an InputError, or nil.
func (r Reach) Validate() error {
	switch {
	case r.Mode > ByEBike:
		return invalid("mode", "%d is none", r.Mode)
	case r.Mode == ByRadius && !(r.RadiusM >= MinReachM && r.RadiusM <= MaxReachM):
		return invalid("radius_m", "%g is not in %d..%d", r.RadiusM, MinReachM, MaxReachM)
	case r.Mode == ByRadius && r.Minutes != 0:
		return invalid("minutes", "do not go with a radius")
	case r.Mode != ByRadius && r.RadiusM != 0:
		return invalid("radius_m", "does not go with minutes")
	case r.Mode != ByRadius && !(r.wayM() >= MinReachM && r.wayM()/Detour <= MaxReachM):
		return invalid("minutes", "%g are a reach that is not in %d..%d m", r.Minutes, MinReachM, MaxReachM)
	}
	return nil
}

// wayM is how long a way may be.
func (r Reach) wayM() float64 {
	switch r.Mode {
	case OnFoot:
		return r.Minutes * walkMetersAMinute
	case ByEBike:
		return r.Minutes * eBikeMetersAMinute
	}
	return r.RadiusM
}

// StraightM is how long a straight line may be where no network is known: r, or v·t/κ.
func (r Reach) StraightM() float64 {
	if r.Mode == ByRadius {
		return r.RadiusM
	}
	return r.wayM() / Detour
}

// ResolutionFor is the H3 resolution at which demand should be asked for a reach, so that the reach is
// about eight cells or more and there are no more cells than it takes.
func ResolutionFor(reachM float64) int {
	switch {
	case reachM <= 500:
		return 11
	case reachM < 3_000:
		return 10
	}
	return 9
}

// Cost tells the length of ways through a network. It takes the place of the straight line in the modes
// that go some way; a service radius stays a straight line. It must be deterministic and safe for
// concurrent use.
type Cost interface {
	// MetersAtMost is the length of the way from a place to a site; ok is false if there is none that
	// is at most limitM long. It must never be shorter than geo.Distance: only sites that the straight
	// line reaches are asked for.
	MetersAtMost(from, to orb.Point, limitM float64) (meters float64, ok bool)
}

// Cold. That heated rooms alone count is a matter of fact. By how much a walk must be shorter is a choice of
// this model, not a measurement: not at all down to -10 °C, by a third from -20 °C on, evenly in between.
const (
	mildCelsius   = -10.0
	bitterCelsius = -20.0
	bitterFactor  = 2.0 / 3
)

// WalkFactor is what is left of the minutes of a walk at a temperature.
func WalkFactor(celsius float64) float64 {
	depth := (mildCelsius - celsius) / (mildCelsius - bitterCelsius)
	return 1 - (1-bitterFactor)*math.Max(0, math.Min(1, depth))
}
