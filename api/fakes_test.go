package api

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

type fakeCoverage struct {
	figures func(views.Params, string) (views.Figures, error)
	cells   func(views.Params, orb.Bound, int) ([]views.Cell, int64, error)
}

func (f *fakeCoverage) Figures(p views.Params, unit string) (views.Figures, error) {
	return f.figures(p, unit)
}

func (f *fakeCoverage) Cells(p views.Params, bbox orb.Bound, resolution int) ([]views.Cell, int64, error) {
	return f.cells(p, bbox, resolution)
}

func newFakeCoverage() *fakeCoverage {
	share := 0.75
	of := func(code, name string) views.UnitFigures {
		return views.UnitFigures{Unit: &yizhan.Unit{Code: code, Name: name}, Households: 60, Covered: 45, CrossCovered: 15, Unmet: 15, Share: &share, Stations: 3}
	}
	return &fakeCoverage{
		figures: func(p views.Params, unit string) (views.Figures, error) {
			if unit == "159999" {
				return views.Figures{}, yizhan.Errorf(yizhan.CodeNotFound, "unit", "there is no unit 159999")
			}
			return views.Figures{Seq: 42, Resolution: 10, UnitFigures: of("150700", "呼伦贝尔市"), Children: []views.UnitFigures{
				of("150702", "海拉尔区"), {Unit: &yizhan.Unit{Code: "150781", Name: "满洲里市"}},
			}}, nil
		},
		cells: func(_ views.Params, _ orb.Bound, resolution int) ([]views.Cell, int64, error) {
			if resolution == 10 {
				return nil, 0, yizhan.Errorf(yizhan.CodeTooLarge, "bbox", "holds more than 50000 cells; ask for a smaller box or a coarser resolution")
			}
			return []views.Cell{{Cell: 0x881ec9b64bfffff, Households: 60, Covered: 45}}, 42, nil
		},
	}
}

type fakeTiles struct {
	tile     func(context.Context, tiles.Request) (tiles.Tile, error)
	tileJSON func([]string, string) (tiles.TileJSON, error)
	touch    func(tiles.Touched) // what the server wants to be told with
	asked    func(tiles.Request) // hears of each request; nil for nobody
}

func (f *fakeTiles) OnTouchedGCJ02(func(tiles.Touched)) {}

func (f *fakeTiles) OnTouched(tell func(tiles.Touched)) {
	f.touch = tell
	tell(tiles.Touched{After: 0, Seq: 38}) // nothing is forgotten, and nothing of interest happened
	for seq := int64(39); seq <= 42; seq++ {
		tell(tiles.Touched{After: seq - 1, Seq: seq})
	}
}

func (f *fakeTiles) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	if f.asked != nil {
		f.asked(r)
	}
	return f.tile(ctx, r)
}

func (f *fakeTiles) NameOf(tiles.Request) (tiles.Name, error) { return tiles.Name{}, nil }
func (f *fakeTiles) Held(tiles.Name) (tiles.Tile, bool)       { return tiles.Tile{}, false }

func (f *fakeTiles) TileJSONIn(_ context.Context, _ string, layers []string, base string) (tiles.TileJSON, error) {
	return f.tileJSON(layers, base)
}

func (f *fakeTiles) Stats() tiles.Stats { return tiles.Stats{Hits: 7, Bytes: 1234} }

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
		tile: func(_ context.Context, r tiles.Request) (tiles.Tile, error) {
			if err := known(r.Layers); err != nil {
				return tiles.Tile{}, err
			}
			if !(world.Tile{Z: r.Z, X: r.X, Y: r.Y}).Valid() {
				return tiles.Tile{}, yizhan.Errorf(yizhan.CodeNotFound, "", "there is no such tile")
			}
			if r.Z == 0 {
				return tiles.Tile{Empty: true, ETag: `"empty"`, GzipETag: `"empty-gzip"`, Seq: 42}, nil
			}
			return tiles.Tile{Data: []byte("PLAIN"), Gzip: []byte("GZIPPED"), ETag: `"t1"`, GzipETag: `"t1-gzip"`, Seq: 42}, nil
		},
		tileJSON: func(layers []string, base string) (tiles.TileJSON, error) {
			return tiles.TileJSON{TileJSON: "3.0.0", Scheme: "xyz", Tiles: []string{base + "/api/tiles/" + layers[0] + "/{z}/{x}/{y}"},
				VectorLayers: []tiles.VectorLayer{{ID: layers[0], Fields: map[string]string{}}}, MaxZoom: 14, Bounds: [4]float64{115.5, 47, 126.1, 53.4}}, known(layers)
		},
	}
}
