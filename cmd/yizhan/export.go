package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/archive"
	"github.com/yizhan/yizhan/tiles/world"
)

// maxExport bounds the tiles of an archive, and so the memory that writing one takes (75 bytes each) and
// the hours. A prefecture has a quarter of a million of them to zoom 14.
const maxExport = 5_000_000

type exportOptions struct {
	database *database
	level    *slog.Level
	out      string
	wanted   archive.Wanted
}

// export writes a file of features, or an archive of tiles.
func export(ctx context.Context, env environment, args []string) error {
	const kinds = `there are "export stations", "units", "micro_grids" and "friendly_scenes", and "export pmtiles"`
	switch {
	case len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]):
		fmt.Fprintln(env.stderr, "Usage: yizhan export WHAT [flags]\n\n"+kinds+`; "yizhan export WHAT --help" lists the flags`)
		return flag.ErrHelp
	case len(args) > 0 && args[0] == "pmtiles":
		return exportTiles(ctx, env, args[1:])
	case len(args) > 0 && slices.Contains(yizhan.PublicCollections(), yizhan.Collection(args[0])):
		return exportFeatures(ctx, env, yizhan.Collection(args[0]), args[1:])
	}
	return usageError{errors.New("export what? " + strings.ToUpper(kinds[:1]) + kinds[1:])}
}

func exportTiles(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "export pmtiles", "Writes layers of tiles to a PMTiles archive, version 3: one file that MapLibre reads from any web\nserver or disk. The file is put in place when it is whole.")
	o := exportOptions{database: f.database(), level: f.logLevel(), wanted: archive.Wanted{Layers: archive.Usual(), MaxZoom: 14}}
	f.StringVar(&o.out, "out", "", "`file` to write; needed")
	f.Func("layers", "`layers` joined by commas, of "+strings.Join(tiles.Layers(), ", ")+" (default "+strings.Join(o.wanted.Layers, ",")+")", func(list string) error {
		o.wanted.Layers = strings.Split(list, ",")
		return checkLayers(o.wanted.Layers)
	})
	zoom := func(into *uint32) func(string) error {
		return func(text string) (err error) { *into, err = parseZoom(text); return err }
	}
	f.Func("minzoom", "first `zoom` (default 0)", zoom(&o.wanted.MinZoom))
	f.Func("maxzoom", "last `zoom`; clients enlarge its tiles beyond (default 14)", zoom(&o.wanted.MaxZoom))
	f.Func("bbox", "only tiles that meet west,south,east,north in `degrees` (default the whole city)", func(text string) (err error) {
		o.wanted.BBox, err = parseBBox(text)
		return err
	})
	f.Func("datum", "`datum` of the tiles: wgs84, or gcj02 to lie right on Chinese base maps (default wgs84)", func(text string) (err error) {
		o.wanted.Datum, err = parseDatum(text)
		return err
	})
	if err := f.parse(args); err != nil {
		return err
	}
	switch {
	case o.out == "":
		return usageError{errors.New("export pmtiles: --out names no file")}
	case o.wanted.MinZoom > o.wanted.MaxZoom:
		return usageError{fmt.Errorf("export pmtiles: there are no zooms from %d to %d", o.wanted.MinZoom, o.wanted.MaxZoom)}
	}
	return exportCity(ctx, env, o)
}

func checkLayers(layers []string) error {
	for _, layer := range layers {
		if !slices.Contains(tiles.Layers(), layer) {
			return fmt.Errorf("there is no layer %q", layer)
		}
	}
	return nil
}

func parseDatum(text string) (string, error) {
	switch text {
	case "wgs84":
		return tiles.WGS84, nil
	case tiles.GCJ02:
		return tiles.GCJ02, nil
	}
	return "", fmt.Errorf("not wgs84 or %s", tiles.GCJ02)
}

func parseZoom(text string) (uint32, error) {
	zoom, err := strconv.ParseUint(text, 10, 32)
	if err != nil || zoom > world.MaxZoom {
		return 0, fmt.Errorf("not a zoom from 0 to %d", world.MaxZoom)
	}
	return uint32(zoom), nil
}

func parseBBox(text string) (*[4]float64, error) {
	parts := strings.Split(text, ",")
	var bbox [4]float64
	for i, part := range parts {
		degrees, err := strconv.ParseFloat(part, 64)
		if err != nil || len(parts) != 4 || math.IsNaN(degrees) {
			return nil, errors.New("not four numbers joined by commas")
		}
		bbox[i] = degrees
	}
	if bbox[0] >= bbox[2] || bbox[1] >= bbox[3] || bbox[0] < -180 || bbox[2] > 180 || bbox[1] < -90 || bbox[3] > 90 {
		return nil, errors.New("not west,south,east,north: lng before lat, the lesser first")
	}
	return &bbox, nil
}

func exportCity(ctx context.Context, env environment, o exportOptions) error {
	logger := newLogger(env.stderr, *o.level)
	bar := newProgress(env.stderr)
	pyramid, err := o.load(ctx, bar, logger)
	if err != nil {
		return err
	}
	if o.wanted, err = o.wanted.Bounded(ctx, pyramid); err != nil {
		return err
	}
	if count := o.wanted.Count(); count > maxExport {
		return usageError{fmt.Errorf("export pmtiles: %s tiles are too many, %s are allowed: lower --maxzoom or give a --bbox", grouped(int64(count)), grouped(maxExport))}
	}
	head, err := o.write(ctx, pyramid, bar)
	if err != nil {
		return err
	}
	bar.end(fmt.Sprintf("%s: %s tiles, %s of them distinct, %.1f MB", o.out, grouped(int64(head.Addressed)), grouped(int64(head.Contents)), float64(head.Data.Length)/1e6))
	return nil
}
