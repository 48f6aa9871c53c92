package coverage

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// group is the cells of a level below one coarser cell, with a ball around their centres in the
// Earth-centred frame and a box in degrees. Groups stand in the order of a walk from the top: each is
// followed by those inside it, and next is the first that is not.
type group struct {
	center   geo.ECEF
	radiusM  float64
	bound    orb.Bound
	from, to int32 // cells
	next     int32
	leaf     bool
}

// groupStep is by how many resolutions groups are coarser than what they hold: two make 49 cells.
const groupStep = 2

// maxSparse is how many cells are not grouped any further, however far apart they are: as many as a leaf of
// full country has. Most cells with households are alone in the steppe.
const maxSparse = 49

// coarsestGroups are of cells of about 1,800 km².
const coarsestGroups = 4

// groupCells groups the cells of a level. A level at or above coarsestGroups is one leaf.
func groupCells(l *lattice) []group {
	if len(l.cells) == 0 {
		return nil
	}
	coarsest := l.resolution
	for coarsest-groupStep >= coarsestGroups {
		coarsest -= groupStep
	}
	if coarsest == l.resolution {
		return []group{l.ball(0, len(l.cells), 1, true)}
	}
	return l.groupRange(nil, 0, len(l.cells), coarsest)
}

func (l *lattice) groupRange(groups []group, from, to, resolution int) []group {
	for from < to {
		end, parent := from+1, l.cells[from].Parent(resolution)
		for end < to && l.cells[end].Parent(resolution) == parent {
			end++
		}
		leaf := resolution+groupStep >= l.resolution || end-from <= maxSparse
		at := len(groups)
		groups = append(groups, l.ball(from, end, 0, leaf))
		if !leaf {
			groups = l.groupRange(groups, from, end, resolution+groupStep)
		}
		groups[at].next = int32(len(groups))
		from = end
	}
	return groups
}

func (l *lattice) ball(from, to int, next int32, leaf bool) group {
	g := group{from: int32(from), to: int32(to), next: next, leaf: leaf, bound: l.centers[from].Bound()}
	for i := from; i < to; i++ {
		g.center.X += l.x[i] / float64(to-from)
		g.center.Y += l.y[i] / float64(to-from)
		g.center.Z += l.z[i] / float64(to-from)
		g.bound = g.bound.Extend(l.centers[i])
	}
	square := 0.0
	for i := from; i < to; i++ {
		square = max(square, g.center.SquaredChord(geo.ECEF{X: l.x[i], Y: l.y[i], Z: l.z[i]}))
	}
	g.radiusM = math.Sqrt(square)
	return g
}

// tops lists the groups that are in no other. All cells are in one of them.
func (l *lattice) tops() []int32 {
	var tops []int32
	for i := int32(0); i < int32(len(l.groups)); i = l.groups[i].next {
		tops = append(tops, i)
	}
	return tops
}

// slackM keeps rounding from deciding for a whole group.
const slackM = 1e-3

// countAround adds one to the count of every cell whose centre is within a chord of a place.
func (l *lattice) countAround(counts []uint16, at geo.ECEF, squaredChord float64) {
	chord := math.Sqrt(squaredChord)
	for i := int32(0); i < int32(len(l.groups)); {
		g := &l.groups[i]
		away := math.Sqrt(g.center.SquaredChord(at))
		switch {
		case away > chord+g.radiusM+slackM:
			i = g.next
		case away+g.radiusM+slackM < chord:
			for n := g.from; n < g.to; n++ {
				counts[n]++
			}
			i = g.next
		case g.leaf:
			l.countIn(g, counts, at, squaredChord)
			i = g.next
		default:
			i++
		}
	}
}

func (l *lattice) countIn(g *group, counts []uint16, at geo.ECEF, squaredChord float64) {
	xs, ys, zs := l.x[g.from:g.to], l.y[g.from:g.to], l.z[g.from:g.to]
	counts = counts[g.from:g.to]
	for i, x := range xs {
		dx, dy, dz := x-at.X, ys[i]-at.Y, zs[i]-at.Z
		if dx*dx+dy*dy+dz*dz <= squaredChord {
			counts[i]++
		}
	}
}

// within calls found with each cell whose centre is in the bound, in order, until it gives false.
func (l *lattice) within(bound orb.Bound, found func(i int) bool) {
	for i := int32(0); i < int32(len(l.groups)); {
		g := &l.groups[i]
		switch {
		case !g.bound.Intersects(bound):
			i = g.next
		case g.leaf:
			for n := g.from; n < g.to; n++ {
				if bound.Contains(l.centers[n]) && !found(int(n)) {
					return
				}
			}
			i = g.next
		default:
			i++
		}
	}
}
