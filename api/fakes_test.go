package api

import (
	"context"

	"github.com/yizhan/yizhan"
)

type fakeCoverage struct {
	summary func(CoverageModel, string) (CoverageSummary, error)
	cells   func(CoverageModel, [4]float64, int) (CoverageCells, error)
}

func (f *fakeCoverage) Summary(_ context.Context, m CoverageModel, unit string) (CoverageSummary, error) {
	return f.summary(m, unit)
}

func (f *fakeCoverage) Cells(_ context.Context, m CoverageModel, bbox [4]float64, resolution, _ int) (CoverageCells, error) {
	return f.cells(m, bbox, resolution)
}

func newFakeCoverage() *fakeCoverage {
	return &fakeCoverage{
		summary: func(m CoverageModel, unit string) (CoverageSummary, error) {
			if unit == "159999" {
				return CoverageSummary{}, yizhan.Errorf(yizhan.CodeNotFound, "unit", "there is no unit 159999")
			}
			return CoverageSummary{Seq: 42, H3Resolution: 10, Unit: UnitCoverage{"150700", "呼伦贝尔市", 60, 45, 15, 15, 3},
				Children: []UnitCoverage{{"150702", "海拉尔区", 60, 45, 15, 15, 3}, {"150781", "满洲里市", 0, 0, 0, 0, 0}}}, nil
		},
		cells: func(m CoverageModel, bbox [4]float64, resolution int) (CoverageCells, error) {
			if resolution == 10 {
				return CoverageCells{}, yizhan.Errorf(yizhan.CodeTooLarge, "bbox", "holds more than 50000 cells at resolution 10; ask for a smaller box or a lower resolution")
			}
			return CoverageCells{Seq: 42, Resolution: 8, Cells: []CoverageCell{{0x881ec9b64bfffff, 60, 45}}}, nil
		},
	}
}

type fakeTiles struct {
	tile     func(context.Context, TileRequest) (Tile, error)
	tileJSON func([]string, string) (TileJSON, error)
}

func (f *fakeTiles) Tile(ctx context.Context, r TileRequest) (Tile, error) { return f.tile(ctx, r) }
func (f *fakeTiles) TileJSON(layers []string, base string) (TileJSON, error) {
	return f.tileJSON(layers, base)
}

func newFakeTiles() *fakeTiles {
	known := func(layers []string) error {
		for _, layer := range layers {
			if layer != "base" && layer != "units" && layer != "stations" && layer != "coverage" {
				return yizhan.Errorf(yizhan.CodeNotFound, "layers", "there is no layer of this name")
			}
		}
		return nil
	}
	return &fakeTiles{
		tile: func(_ context.Context, r TileRequest) (Tile, error) {
			if err := known(r.Layers); err != nil {
				return Tile{}, err
			}
			if r.Z == 0 {
				return Tile{Empty: true, ETag: "empty", Seq: 42}, nil
			}
			return Tile{Data: []byte("PLAIN"), Gzip: []byte("GZIPPED"), ETag: "t1", Seq: 42}, nil
		},
		tileJSON: func(layers []string, base string) (TileJSON, error) {
			return TileJSON{TileJSON: "3.0.0", Tiles: []string{base + "/api/tiles/" + layers[0] + "/{z}/{x}/{y}"},
				VectorLayers: []VectorLayer{{ID: layers[0], Fields: map[string]string{}}}, MaxZoom: 14}, known(layers)
		},
	}
}
