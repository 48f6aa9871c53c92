package main

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
)

// coverageTiles lets the pyramid draw the coverage view; the two do not know each other.
type coverageTiles struct{ view *views.Coverage }

func (c coverageTiles) Seq() int64 { return c.view.Seq() }

func (c coverageTiles) Cells(_ context.Context, p tiles.Params, bbox [4]float64, resolution int) ([]tiles.Cell, error) {
	params := views.Params{RadiusM: p.RadiusM, Service: yizhan.Service(p.Service)}
	bound := orb.Bound{Min: orb.Point{bbox[0], bbox[1]}, Max: orb.Point{bbox[2], bbox[3]}}
	found, _, err := c.view.OutlinedCells(params, bound, resolution)
	if err != nil {
		return nil, err
	}
	cells := make([]tiles.Cell, len(found))
	for i, cell := range found {
		cells[i] = tiles.Cell{Index: uint64(cell.Cell.Cell), Boundary: cell.Outline, Households: int(cell.Households), Covered: int(cell.Covered)}
	}
	return cells, nil
}

func (c coverageTiles) Touched(ctx context.Context, after, seq int64) ([][4]float64, bool) {
	bounds, known := c.view.Touched(ctx, after, seq)
	boxes := make([][4]float64, len(bounds))
	for i, b := range bounds {
		boxes[i] = [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	return boxes, known
}
