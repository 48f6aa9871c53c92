package views

import (
	"errors"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// MaxCells bounds an answer.
const MaxCells = 50_000

// Cells gives the cells of an H3 resolution that have households and touch the box, and perhaps some just
// outside it, in the order of their indexes. None are finer than Resolution. More than MaxCells are
// CodeTooLarge.
func (p *Picture) Cells(q Question, bbox orb.Bound, resolution int) ([]Cell, error) {
	tallies, err := p.tallies(q, bbox, resolution)
	if err != nil {
		return nil, err
	}
	cells := make([]Cell, len(tallies))
	for i := range tallies {
		cells[i] = cellOf(&tallies[i])
	}
	return cells, nil
}

func cellOf(t *coverage.CellTally) Cell {
	return Cell{Cell: t.Cell, Households: t.Households, Covered: t.Covered.Known, Possible: t.Covered.Possible}
}

// OutlinedCells is Cells, with what it takes to draw them. An outline takes a microsecond; those of all
// cells of a city would take more memory than all else that is known of them.
func (p *Picture) OutlinedCells(q Question, bbox orb.Bound, resolution int) ([]OutlinedCell, error) {
	tallies, err := p.tallies(q, bbox, resolution)
	if err != nil {
		return nil, err
	}
	outlined := make([]OutlinedCell, len(tallies))
	for i := range tallies {
		outlined[i] = OutlinedCell{cellOf(&tallies[i]), tallies[i].Cell.Boundary()}
	}
	return outlined, nil
}

func (p *Picture) tallies(q Question, bbox orb.Bound, resolution int) ([]coverage.CellTally, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	finest := p.Resolution(q)
	switch {
	case resolution < CoarsestResolution || resolution > finest:
		return nil, yizhan.Invalid("resolution", "%d is not in %d..%d, as for this reach", resolution, CoarsestResolution, finest)
	case !isBox(bbox):
		return nil, yizhan.Invalid("bbox", "must be west,south,east,north in degrees, west not beyond east")
	}
	state, _, err := p.state(q)
	if err != nil {
		return nil, err
	}
	cells, err := state.Cells(bbox, resolution, MaxCells)
	if errors.Is(err, coverage.ErrTooManyCells) {
		return nil, yizhan.Errorf(yizhan.CodeTooLarge, "bbox",
			"holds more than %d cells; ask for a smaller box or a coarser resolution", MaxCells)
	}
	return cells, err
}

func isBox(b orb.Bound) bool {
	return b.Min[0] >= -180 && b.Min[0] <= b.Max[0] && b.Max[0] <= 180 && b.Min[1] >= -90 && b.Min[1] <= b.Max[1] && b.Max[1] <= 90
}
