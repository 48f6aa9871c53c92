package tiles

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// CoverageSource knows how well each H3 cell is covered.
type CoverageSource interface {
	// Seq is the state that Cells answers from; it grows when answers can change.
	Seq() int64
	// Cells gives the populated cells of a resolution whose centre is in the box (west, south, east,
	// north in degrees), in any order. Where it has none so fine it gives the finest there are.
	Cells(ctx context.Context, params Params, bbox [4]float64, resolution int) ([]Cell, error)
	// Gaps gives the gaps that reach into the box and have at least some cells of the finest resolution.
	Gaps(ctx context.Context, params Params, bbox [4]float64, minCells int) ([]Gap, error)
	// Touched waits until Cells shows a change of the log, and gives boxes that hold the centres of all
	// finest cells that may differ from what they were after an earlier change, whatever the parameters;
	// known is false when there is no telling.
	Touched(ctx context.Context, after, seq int64) (bboxes [][4]float64, known bool)
}

// coveragePatience is how long the news of other tiles waits for the coverage to be through with a change.
const coveragePatience = 300 * time.Millisecond

// touchedCoverage finds the coverage tiles that may have changed. It does not look at their bytes: there
// are as many pictures of them as there are parameters.
func (p *Pyramid) touchedCoverage(t transition) TouchedLayer {
	all := TouchedLayer{Layer: Coverage, All: true}
	if !t.followed {
		return all
	}
	ctx, cancel := context.WithTimeout(context.Background(), coveragePatience)
	defer cancel()
	boxes, known := p.coverage.Touched(ctx, t.was.seq, t.is.seq)
	if !known {
		return all
	}
	found := TouchedLayer{Layer: Coverage}
	for zoom := range uint32(maxZoom + 1) {
		rects := make([]world.Rect, len(boxes))
		for i, box := range boxes {
			rects[i] = cellsAround(box, resolutionOf(zoom))
		}
		found.Runs = append(found.Runs, rowsOf(rects, zoom)...)
	}
	return found
}

// cellsAround holds the cells of a resolution that hold finest cells with centres in the box: the centre
// of one of those may be as far from its centre as a corner, and then half of the finest one.
func cellsAround(box [4]float64, resolution int) world.Rect {
	reach := 2*cellReachMeters[resolution-4] + cellReachMeters[len(cellReachMeters)-1]
	bound := geo.ExpandMeters(orb.Bound{Min: orb.Point{box[0], box[1]}, Max: orb.Point{box[2], box[3]}}, reach)
	return world.EmptyRect().Extend(world.Project(bound.Min)).Extend(world.Project(bound.Max))
}

// Cell is one hexagon.
type Cell struct {
	Index      uint64   // H3
	Boundary   orb.Ring // lng, lat; closed or not
	Households int
	Covered    int // for sure
	Possible   int // if all that is not known turns out well
}

// resolutionOf chooses cells that are 6 to 18 pixels wide at 50° north.
func resolutionOf(zoom uint32) int {
	resolutions := [...]int{4, 4, 4, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10}
	return resolutions[min(int(zoom), len(resolutions)-1)]
}

// cellReachMeters is more than the distance from the centre of a cell to any of its corners, by
// resolution from 4 on.
var cellReachMeters = [...]float64{36_000, 13_600, 5_150, 1_950, 740, 280, 106}

// cellBox is the box in which centres must be looked for so that every cell that reaches into the tile
// with its buffer is found: then both tiles at a border draw the cells on it.
func cellBox(tile world.Tile, resolution int) [4]float64 {
	bounds := tile.Bounds()
	middle := max(0, min(1<<world.Bits, float64(bounds.MinY+bounds.MaxY)/2))
	shortest := min(world.MetersPerUnit(float64(max(0, bounds.MinY))), world.MetersPerUnit(float64(min(1<<world.Bits, bounds.MaxY))), world.MetersPerUnit(middle))
	reach := int64(math.Ceil(cellReachMeters[resolution-4] / shortest))
	bounds.MinX, bounds.MaxX = max(0, bounds.MinX-reach), min(1<<world.Bits, bounds.MaxX+reach)
	bounds.MinY, bounds.MaxY = max(0, bounds.MinY-reach), min(1<<world.Bits, bounds.MaxY+reach)
	return bounds.BBox()
}

func (p *Pyramid) drawCoverage(ctx context.Context, d *drawing, params Params) error {
	resolution := resolutionOf(d.tile.Z)
	cells, err := p.coverage.Cells(ctx, params, cellBox(d.tile, resolution), resolution)
	if err != nil {
		return err
	}
	areas := make([]*area, 0, len(cells))
	for _, cell := range cells {
		areas = append(areas, cellArea(cell))
	}
	d.areas(Coverage, areas)
	return nil
}

func cellArea(cell Cell) *area {
	// Within one resolution the low 52 bits tell cells apart.
	const mask = 1<<52 - 1
	properties := []mvt.Property{
		{Key: "cell", Value: mvt.String(strconv.FormatUint(cell.Index, 16))},
		{Key: "households", Value: mvt.Int(cell.Households)},
		{Key: "covered", Value: mvt.Int(cell.Covered)},
		{Key: "possible", Value: mvt.Int(cell.Possible)},
	}
	if cell.Households > 0 { // no share of nobody
		share := math.Round(float64(cell.Covered)/float64(cell.Households)*1e4) / 1e4
		properties = append(properties, mvt.Property{Key: "share", Value: mvt.Double(share)})
	}
	return &area{id: cell.Index & mask, shape: mesh.Project(orb.MultiPolygon{{cell.Boundary}}), properties: properties}
}
