package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/pmtiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// load makes the pyramid from the database, which is not needed any more then.
func (o exportOptions) load(ctx context.Context, bar *progress, logger *slog.Logger) (*tiles.Pyramid, error) {
	opened, stop, err := o.database.openStore(ctx, logger)
	if err != nil {
		return nil, err
	}
	defer stop()
	bar.step("reading the database", 0, 1)
	city, err := opened.Snapshot(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(city.Units) == 0:
		return nil, errors.New(`the database holds no city; "yizhan demo" loads one`)
	}
	bar.step("preparing the layers", 0, 1)
	options := tiles.Options{CacheBytes: 1, Logger: logger} // no tile is asked for twice
	if slices.Contains(o.layers, tiles.Coverage) || slices.Contains(o.layers, tiles.Gaps) {
		coverage := views.NewCoverage(views.CoverageOptions{CacheDir: filepath.Join(o.database.data, "cache"), Logger: logger})
		if err := errors.Join(coverage.Update(city, nil), coverage.Wait(ctx)); err != nil {
			return nil, err
		}
		options.Coverage = coverageTiles{view: coverage}
	}
	pyramid := tiles.NewPyramid(options)
	return pyramid, pyramid.Update(city, nil)
}

// zooms gives the tiles of each zoom.
func (o exportOptions) zooms() iter.Seq[pmtiles.Cover] {
	return func(yield func(pmtiles.Cover) bool) {
		for zoom := o.minZoom; zoom <= o.maxZoom; zoom++ {
			if !yield(pmtiles.Covering(*o.bbox, zoom)) {
				return
			}
		}
	}
}

func (o exportOptions) count() (count uint64) {
	for cover := range o.zooms() {
		count += cover.Count()
	}
	return count
}

// write makes the archive beside its place, and moves it there.
func (o exportOptions) write(ctx context.Context, pyramid *tiles.Pyramid, document tiles.TileJSON, bar *progress) (head pmtiles.Header, err error) {
	file, err := os.CreateTemp(filepath.Dir(o.out), ".pmtiles-*")
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, removeIfThere(file.Name())) }()
	head, err = o.fill(ctx, file, pyramid, document, bar)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return head, err
	}
	if err := os.Chmod(file.Name(), 0o644); err != nil { // it is for others to read, unlike temporary files
		return head, err
	}
	return head, os.Rename(file.Name(), o.out)
}

func (o exportOptions) fill(ctx context.Context, file *os.File, pyramid *tiles.Pyramid, document tiles.TileJSON, bar *progress) (pmtiles.Header, error) {
	w, err := pmtiles.NewWriter(file, o.info(document))
	if err != nil {
		return pmtiles.Header{}, err
	}
	for cover := range o.zooms() {
		if err := o.addZoom(ctx, w, pyramid, cover, bar); err != nil {
			return pmtiles.Header{}, err
		}
	}
	return w.Close()
}

// info describes the archive as TileJSON does the tiles.
func (o exportOptions) info(document tiles.TileJSON) pmtiles.Info {
	zoom := max(float64(o.minZoom), min(float64(o.maxZoom), document.Center[2]))
	layers := slices.Clone(document.VectorLayers)
	for i := range layers {
		layers[i].MinZoom, layers[i].MaxZoom = max(layers[i].MinZoom, o.minZoom), min(layers[i].MaxZoom, o.maxZoom)
	}
	layers = slices.DeleteFunc(layers, func(l tiles.VectorLayer) bool { return l.MinZoom > l.MaxZoom })
	center := [3]float64{document.Center[0], document.Center[1], zoom}
	if b := o.bbox; center[0] < b[0] || center[0] > b[2] || center[1] < b[1] || center[1] > b[3] {
		center[0], center[1] = (b[0]+b[2])/2, (b[1]+b[3])/2
	}
	return pmtiles.Info{
		MinZoom: o.minZoom, MaxZoom: o.maxZoom, Bounds: *o.bbox, Center: center,
		Metadata: map[string]any{
			"name": document.Name, "description": document.Description, "attribution": document.Attribution,
			"version": document.Version, "type": "overlay", "vector_layers": layers, "datum": cmp.Or(o.datum, "wgs84"),
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
func (o exportOptions) addZoom(ctx context.Context, w *pmtiles.Writer, pyramid *tiles.Pyramid, cover pmtiles.Cover, bar *progress) error {
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
				tile, err := pyramid.Tile(ctx, tiles.Request{Layers: o.layers, Datum: o.datum, Z: at.Z, X: at.X, Y: at.Y})
				if err == nil {
					promise <- made{at, tile}
				}
				return err
			})
		}
		return nil
	})
	group.Go(func() error {
		stage, done, total := fmt.Sprintf("zoom %d", cover.Zoom), 0, int(cover.Count())
		for promise := range queue {
			select {
			case m := <-promise:
				if err := addTile(w, m); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
			done++
			bar.step(stage, done, total)
		}
		return nil
	})
	return group.Wait()
}

func addTile(w *pmtiles.Writer, m made) error {
	if m.tile.Empty {
		return nil
	}
	return w.Add(m.at, m.tile.Gzip)
}
