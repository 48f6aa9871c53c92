package partition_test

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/plane"
)

func lattice(p orb.Point) plane.Point {
	return plane.Point{X: int64(math.Round(p[0] * 1e7)), Y: int64(math.Round(p[1] * 1e7))}
}
