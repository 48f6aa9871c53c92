package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/pmtiles"
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
	if slices.Contains(o.wanted.Layers, tiles.Coverage) || slices.Contains(o.wanted.Layers, tiles.Gaps) {
		coverage := views.NewCoverage(views.CoverageOptions{CacheDir: filepath.Join(o.database.data, "cache"), Logger: logger})
		if err := errors.Join(coverage.Update(city, nil), coverage.Wait(ctx)); err != nil {
			return nil, err
		}
		options.Coverage = coverageTiles{view: coverage}
	}
	pyramid := tiles.NewPyramid(options)
	return pyramid, pyramid.Update(city, nil)
}

// write makes the archive beside its place, and moves it there.
func (o exportOptions) write(ctx context.Context, pyramid *tiles.Pyramid, bar *progress) (head pmtiles.Header, err error) {
	file, err := os.CreateTemp(filepath.Dir(o.out), ".pmtiles-*")
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, removeIfThere(file.Name())) }()
	head, err = o.wanted.Write(ctx, file, pyramid, func(zoom uint32, done, total int) { bar.step(fmt.Sprintf("zoom %d", zoom), done, total) })
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return head, err
	}
	if err := os.Chmod(file.Name(), 0o644); err != nil { // it is for others to read, unlike temporary files
		return head, err
	}
	return head, os.Rename(file.Name(), o.out)
}
