package coverage_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/coverage"
)

// drawWeek draws hours: the usual ones of an office, a shop or a night, all of the week, none, or nobody
// knows.
func drawWeek(rng *rand.Rand) (open, maybe coverage.Week) {
	daily := func(from, to int) (w coverage.Week) {
		for q := range coverage.QuarterHours {
			if ofDay := q % 96; from <= to == (ofDay >= from && ofDay < to) {
				w.Set(q)
			}
		}
		return w
	}
	switch rng.IntN(6) {
	case 0:
		open = daily(32, 70).And(coverage.SpanOfWeek(0, 5*96))
	case 1:
		open = daily(36+rng.IntN(8), 80+rng.IntN(12))
	case 2:
		open = coverage.FullWeek().Without(daily(24, 88))
	case 3:
		open = coverage.FullWeek()
	case 4:
		return open, coverage.FullWeek()
	}
	if rng.IntN(5) == 0 {
		return open, open.Or(daily(40, 50))
	}
	return open, open
}

// drawSite draws a site with some of three services at a place.
func drawSite(rng *rand.Rand, code string, at orb.Point) coverage.Site {
	s := coverage.Site{Code: code, At: at, Unit: fmt.Sprintf("1507%02d%03d%03d", 2+rng.IntN(3), rng.IntN(4), rng.IntN(5)),
		Services: uint32(rng.IntN(8)), Capacity: rng.IntN(30), Heated: rng.IntN(3) > 0}
	s.MaybeServices = s.Services | uint32(rng.IntN(8)&rng.IntN(8))
	s.Open, s.MaybeOpen = drawWeek(rng)
	return s
}

func drawSites(rng *rand.Rand, points []orb.Point) coverage.Sites {
	sites := make(coverage.Sites, len(points))
	for i, at := range points {
		sites[i] = drawSite(rng, fmt.Sprintf("S-%04d", i), at)
	}
	return sites
}
