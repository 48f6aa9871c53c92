package views

import (
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/yizhan/yizhan"
)

// gridIndex tells in which micro-grid a place is. It is made when first asked.
type gridIndex struct {
	grids  map[string]*yizhan.MicroGrid
	once   sync.Once
	sorted []*yizhan.MicroGrid
	bounds []orb.Bound
}

// community is the code of the community that holds a place, empty for none. On a border it is that of
// the micro-grid with the lowest code.
func (x *gridIndex) community(p orb.Point) string {
	x.once.Do(func() {
		x.sorted = yizhan.Sorted(x.grids)
		x.bounds = make([]orb.Bound, len(x.sorted))
		for i, grid := range x.sorted {
			x.bounds[i] = grid.Boundary.Bound()
		}
	})
	for i := range x.bounds {
		if x.bounds[i].Contains(p) && planar.MultiPolygonContains(x.sorted[i].Boundary, p) {
			return x.sorted[i].Community
		}
	}
	return ""
}
