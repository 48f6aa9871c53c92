package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/archive"
	"github.com/yizhan/yizhan/tiles/pmtiles"
	"github.com/yizhan/yizhan/tiles/world"
)

func demoPyramid(t *testing.T) *tiles.Pyramid {
	t.Helper()
	generated, err := demo.Generate(t.Context(), func(string, int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	city := &yizhan.City{Seq: 1, Units: byCode(generated.Units), Stations: byCode(generated.Stations),
		Scenes: byCode(generated.Scenes), MicroGrids: byCode(generated.MicroGrids)}
	pyramid := tiles.NewPyramid(tiles.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := pyramid.Update(city, nil); err != nil {
		t.Fatal(err)
	}
	return pyramid
}

func byCode[F yizhan.Feature](features []F) map[string]F {
	index := make(map[string]F, len(features))
	for _, f := range features {
		index[f.Ref().Code] = f
	}
	return index
}

// An archive holds the very bytes that the server gives, every tile and no other.
func TestArchiveHoldsTheTilesOfThePyramid(t *testing.T) {
	pyramid := demoPyramid(t)
	for _, datum := range []string{tiles.WGS84, tiles.GCJ02} {
		t.Run(datum, func(t *testing.T) { checkArchive(t, pyramid, datum) })
	}
}

func checkArchive(t *testing.T, pyramid *tiles.Pyramid, datum string) {
	t.Helper()
	o := exportOptions{out: filepath.Join(t.TempDir(), "hailar.pmtiles"), wanted: archive.Wanted{
		Datum: datum, Layers: []string{tiles.Units, tiles.MicroGrids, tiles.Stations}, MinZoom: 3, MaxZoom: 13, BBox: &[4]float64{119.5, 49.1, 120.0, 49.4},
	}}
	document, err := pyramid.TileJSONIn(t.Context(), datum, o.wanted.Layers, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.write(t.Context(), pyramid, newProgress(io.Discard)); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(o.out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	written, err := pmtiles.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	checked := uint64(0)
	for cover := range o.wanted.Zooms() {
		for at := range cover.Tiles() {
			checked += checkArchived(t, written, pyramid, o, at)
		}
	}
	if checked != written.Addressed || checked < 200 {
		t.Errorf("%d tiles are there of %d that the archive counts", checked, written.Addressed)
	}
	var metadata tiles.TileJSON
	if err := written.Metadata(&metadata); err != nil || len(metadata.VectorLayers) != len(document.VectorLayers) || metadata.Attribution != document.Attribution {
		t.Errorf("metadata: %+v, %v", metadata, err)
	}
	for _, layer := range metadata.VectorLayers {
		if layer.MinZoom < o.wanted.MinZoom || layer.MaxZoom != o.wanted.MaxZoom {
			t.Errorf("layer %s: zooms %d to %d", layer.ID, layer.MinZoom, layer.MaxZoom)
		}
	}
}

// checkArchived gives 1 if the tile is in the archive, as it must be, and 0 if it is not.
func checkArchived(t *testing.T, written *pmtiles.Reader, pyramid *tiles.Pyramid, o exportOptions, at world.Tile) uint64 {
	t.Helper()
	want, err := pyramid.Tile(t.Context(), tiles.Request{Layers: o.wanted.Layers, Datum: o.wanted.Datum, Z: at.Z, X: at.X, Y: at.Y})
	if err != nil {
		t.Fatal(err)
	}
	got, err := written.Tile(at)
	if err != nil || !bytes.Equal(got, want.Gzip) {
		t.Errorf("%v: %d bytes in the archive, %d from the pyramid: %v", at, len(got), len(want.Gzip), err)
	}
	if got == nil {
		return 0
	}
	return 1
}

// Whoever stops an export finds the folder as it was.
func TestExportStopsCleanly(t *testing.T) {
	pyramid, folder := demoPyramid(t), t.TempDir()
	o := exportOptions{out: filepath.Join(folder, "city.pmtiles"), wanted: archive.Wanted{Layers: []string{tiles.Units}, MaxZoom: 12, BBox: &[4]float64{115, 47, 126, 53}}}
	if err := os.WriteFile(o.out, []byte("the one before"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopper := writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte("zoom 9")) {
			cancel()
		}
		return len(p), nil
	})
	if _, err := o.write(ctx, pyramid, newProgress(stopper)); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped export says %v", err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if data, err := os.ReadFile(o.out); err != nil || string(data) != "the one before" {
		t.Errorf("the archive before is %q, %v", data, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
