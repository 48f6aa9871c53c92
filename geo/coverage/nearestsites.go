package coverage

import (
	"math"
	"sync"

	"github.com/yizhan/yizhan/geo"
)

// nearestSites is how far the site is that serves each finest cell. Where several layers have to be
// served, it is the farthest of the nearest for each.
type nearestSites struct {
	once            sync.Once
	known, possible []float64 // squared chords of the straight line; +Inf where there is no site
	differ          bool
}

// nearest gives the squared chords from each cell to the sites that count for sure, and that may count,
// however far they are.
func (s *State) nearest() (known, possible []float64) {
	n := &s.near
	n.once.Do(func() {
		merits := s.merits()
		for i := range merits {
			n.differ = n.differ || merits[i].sure != merits[i].maybe
		}
		n.known = s.nearestOf(merits, true)
		if n.possible = n.known; n.differ {
			n.possible = s.nearestOf(merits, false)
		}
	})
	return n.known, n.possible
}

func (s *State) nearestOf(merits []merit, known bool) []float64 {
	finest := s.demand.finest()
	squares := make([]float64, len(finest.cells))
	layer := make([]float64, len(squares))
	for n := range s.judge.layers {
		var places []geo.ECEF
		for i := range merits {
			if merits[i].layers(known)>>n&1 == 1 {
				places = append(places, s.places[i])
			}
		}
		finest.nearest(layer, places)
		for i, square := range layer {
			squares[i] = max(squares[i], square)
		}
	}
	return squares
}

// nearest fills in the squared chord from each cell to the nearest of some places, +Inf if there is none.
func (l *lattice) nearest(squares []float64, places []geo.ECEF) {
	tops := l.tops()
	_ = parallelRuns(len(tops), 1, func() func(int) error {
		var stack [][]geo.ECEF
		return func(i int) error {
			l.nearestIn(tops[i], squares, places, 0, &stack)
			return nil
		}
	})
}

// nearestIn fills in the cells of a group, and hands the places on that can be nearest to some of them.
func (l *lattice) nearestIn(at int32, squares []float64, places []geo.ECEF, depth int, stack *[][]geo.ECEF) {
	if len(*stack) == depth {
		*stack = append(*stack, nil)
	}
	g := &l.groups[at]
	candidates := nearGroup((*stack)[depth][:0], g, places)
	(*stack)[depth] = candidates
	if g.leaf {
		for i := g.from; i < g.to; i++ {
			least, cell := math.Inf(1), l.at(i)
			for _, place := range candidates {
				least = min(least, cell.SquaredChord(place))
			}
			squares[i] = least
		}
		return
	}
	for inner := at + 1; inner < g.next; inner = l.groups[inner].next {
		l.nearestIn(inner, squares, candidates, depth+1, stack)
	}
}

// nearGroup appends the places that are not farther from the ball of a group, on its near side, than
// the nearest is on its far side.
func nearGroup(near []geo.ECEF, g *group, places []geo.ECEF) []geo.ECEF {
	least := math.Inf(1)
	for _, place := range places {
		least = min(least, g.center.SquaredChord(place))
	}
	limit := math.Sqrt(least) + 2*(g.radiusM+slackM)
	for _, place := range places {
		if g.center.SquaredChord(place) <= limit*limit {
			near = append(near, place)
		}
	}
	return near
}
