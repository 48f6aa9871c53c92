// Package archive writes the tiles of a city into one file, a PMTiles archive, for the command and the API alike. It
// makes tiles side by side and adds them in their order, so that the same city gives the same bytes.
package archive

import (
	"cmp"
	"context"
	"io"
	"iter"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/pmtiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// Source makes tiles; *tiles.Pyramid does.
type Source interface {
	Tile(context.Context, tiles.Request) (tiles.Tile, error)
	TileJSONIn(ctx context.Context, datum string, layers []string, baseURL string) (tiles.TileJSON, error)
}

// Wanted says which tiles are wanted.
type Wanted struct {
	Layers           []string
	Datum            string // tiles.WGS84 or tiles.GCJ02
	MinZoom, MaxZoom uint32
	BBox             *[4]float64 // in the datum; nil for the whole city
}

// Usual are the layers of an archive if nobody says which: all that is of the city itself.
func Usual() []string { return []string{tiles.Units, tiles.MicroGrids, tiles.Stations, tiles.Base} }

// Bounded gives what is wanted with the box of the city where there is none. The base map reaches beyond.
func (w Wanted) Bounded(ctx context.Context, source Source) (Wanted, error) {
	if w.BBox != nil {
		return w, nil
	}
	city, err := source.TileJSONIn(ctx, w.Datum, []string{tiles.Units}, "")
	w.BBox = &city.Bounds
	return w, err
}

// Zooms gives the tiles of each zoom. There is a box.
func (w Wanted) Zooms() iter.Seq[pmtiles.Cover] {
	return func(yield func(pmtiles.Cover) bool) {
		for zoom := w.MinZoom; zoom <= w.MaxZoom; zoom++ {
			if !yield(pmtiles.Covering(*w.BBox, zoom)) {
				return
			}
		}
	}
}

// Count is how many tiles have to be made. There is a box.
func (w Wanted) Count() (count uint64) {
	for cover := range w.Zooms() {
		count += cover.Count()
	}
	return count
}

// Write makes the archive, of what Bounded gave. It tells how many tiles of a zoom are done.
func (w Wanted) Write(ctx context.Context, file io.WriteSeeker, source Source, progress func(zoom uint32, done, total int)) (head pmtiles.Header, err error) {
	document, err := source.TileJSONIn(ctx, w.Datum, w.Layers, "")
	if err != nil {
		return head, err
	}
	out, err := pmtiles.NewWriter(file, w.info(document))
	if err != nil {
		return head, err
	}
	for cover := range w.Zooms() {
		if err := w.addZoom(ctx, out, source, cover, progress); err != nil {
			return head, err
		}
	}
	return out.Close()
}

// info describes the archive as TileJSON does the tiles.
func (w Wanted) info(document tiles.TileJSON) pmtiles.Info {
	zoom := max(float64(w.MinZoom), min(float64(w.MaxZoom), document.Center[2]))
	layers := slices.Clone(document.VectorLayers)
	for i := range layers {
		layers[i].MinZoom, layers[i].MaxZoom = max(layers[i].MinZoom, w.MinZoom), min(layers[i].MaxZoom, w.MaxZoom)
	}
	layers = slices.DeleteFunc(layers, func(l tiles.VectorLayer) bool { return l.MinZoom > l.MaxZoom })
	center := [3]float64{document.Center[0], document.Center[1], zoom}
	if b := w.BBox; center[0] < b[0] || center[0] > b[2] || center[1] < b[1] || center[1] > b[3] {
		center[0], center[1] = (b[0]+b[2])/2, (b[1]+b[3])/2
	}
	return pmtiles.Info{
		MinZoom: w.MinZoom, MaxZoom: w.MaxZoom, Bounds: *w.BBox, Center: center,
		Metadata: map[string]any{
			"name": document.Name, "description": document.Description, "attribution": document.Attribution,
			"version": document.Version, "type": "overlay", "vector_layers": layers, "datum": cmp.Or(w.Datum, "wgs84"),
		},
	}
}

// made is a tile that a worker has finished.
type made struct {
	at   world.Tile
	tile tiles.Tile
}

// addZoom adds the tiles of one zoom. They are made side by side and added in their order; only a few
// wait at a time, so that memory does not grow with the archive.
func (w Wanted) addZoom(ctx context.Context, out *pmtiles.Writer, source Source, cover pmtiles.Cover, progress func(zoom uint32, done, total int)) error {
	group, ctx := errgroup.WithContext(ctx)
	queue := make(chan chan made, 4*runtime.GOMAXPROCS(0))
	group.Go(func() error {
		defer close(queue)
		for at := range cover.Tiles() {
			promise := make(chan made, 1)
			select {
			case queue <- promise:
			case <-ctx.Done():
				return ctx.Err()
			}
			group.Go(func() error {
				tile, err := source.Tile(ctx, tiles.Request{Layers: w.Layers, Datum: w.Datum, Z: at.Z, X: at.X, Y: at.Y})
				if err == nil {
					promise <- made{at, tile}
				}
				return err
			})
		}
		return nil
	})
	group.Go(func() error {
		done, total := 0, int(cover.Count())
		for promise := range queue {
			select {
			case m := <-promise:
				if err := addTile(out, m); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
			done++
			progress(cover.Zoom, done, total)
		}
		return nil
	})
	return group.Wait()
}

func addTile(out *pmtiles.Writer, m made) error {
	if m.tile.Empty {
		return nil
	}
	return out.Add(m.at, m.tile.Gzip)
}
