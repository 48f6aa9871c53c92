package coverage

import (
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// CellTally are the figures of one cell.
type CellTally struct {
	Cell       hex.Cell
	Households int64
	Tally
}

// Cells gives the cells with demand that touch the bound, and perhaps some that come within half of a
// cell of it, in ascending order; or ErrTooManyCells if there are more than limit. Cells coarser than
// the demand's are the sums of its own; there are none finer.
func (s *State) Cells(bound orb.Bound, resolution, limit int) ([]CellTally, error) {
	if resolution < 0 || resolution > s.demand.resolution {
		return nil, invalid("resolution", "%d is not in 0..%d", resolution, s.demand.resolution)
	}
	l := s.demand.level(resolution)
	tallies := s.talliesAt(resolution)
	var cells []CellTally
	tooMany := false
	l.within(geo.ExpandMeters(bound, l.reachM()), func(i int) bool {
		if tooMany = len(cells) == limit; !tooMany {
			cells = append(cells, CellTally{l.cells[i], l.households[i], tallies(i)})
		}
		return !tooMany
	})
	if tooMany {
		return nil, ErrTooManyCells
	}
	return cells, nil
}

// talliesAt gives the tally of a cell of a resolution by its position. None is held: even all of them are
// summed up in a millisecond or two, and would take ten times the memory of the state.
func (s *State) talliesAt(resolution int) func(cell int) Tally {
	households := s.demand.finest().households
	l := s.demand.lattice(resolution)
	return func(cell int) (t Tally) {
		from, to := l.finestOf(cell)
		for i := from; i < to; i++ {
			if v := s.values.at(i); *v != (value{}) {
				t.add(v, households[i])
			}
		}
		return t
	}
}
