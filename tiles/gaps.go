package tiles

import (
	"context"
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
)

// Gap is connected populated cells without coverage.
type Gap struct {
	ID         string // H3 text of one of its cells
	Households int
	Cells      int
	Reason     string
	Outline    orb.MultiPolygon
}

// gapsWholeZoom is from where on every gap is drawn.
const gapsWholeZoom = 11

// minGapCells is how many cells make a gap of about two by two pixels at 50° north. A cell of the finest
// resolution is of about 0.013 km² for the usual reach.
func minGapCells(zoom uint32) int {
	if zoom >= gapsWholeZoom {
		return 1
	}
	const (
		kmAPixel  = 100.6 // at zoom 0, of a tile of 256
		cellKM2   = 0.013
		maxNeeded = 1 << 30
	)
	side := 2 * kmAPixel / math.Exp2(float64(zoom))
	return int(min(maxNeeded, math.Max(1, side*side/cellKM2)))
}

func (p *Pyramid) drawGaps(ctx context.Context, d *drawing, params Params) error {
	gaps, err := p.coverage.Gaps(ctx, params, d.bounds.BBox(), minGapCells(d.tile.Z))
	if err != nil {
		return err
	}
	areas := make([]*area, 0, len(gaps))
	for i := range gaps {
		areas = append(areas, gapArea(&gaps[i]))
	}
	d.areas(Gaps, areas)
	return nil
}

func gapArea(gap *Gap) *area {
	const mask = 1<<52 - 1 // as of the cell that names it
	id, _ := strconv.ParseUint(gap.ID, 16, 64)
	return &area{id: id & mask, shape: mesh.Project(gap.Outline), properties: []mvt.Property{
		{Key: "gap", Value: mvt.String(gap.ID)},
		{Key: "households", Value: mvt.Int(gap.Households)},
		{Key: "cells", Value: mvt.Int(gap.Cells)},
		{Key: "reason", Value: mvt.String(gap.Reason)},
	}}
}
