package api

import (
	"context"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

type fakeTiles struct {
	tile     func(context.Context, tiles.Request) (tiles.Tile, error)
	tileJSON func([]string, string) (tiles.TileJSON, error)
	touch    func(tiles.Touched) // what the server wants to be told with
	still    func(context.Context, string) (*tiles.Pyramid, error)
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

func (f *fakeTiles) Still(ctx context.Context, datum string) (*tiles.Pyramid, error) {
	return f.still(ctx, datum)
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
		still: func(context.Context, string) (*tiles.Pyramid, error) {
			return nil, yizhan.Invalid("datum", "these tiles stay where they are")
		},
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
