// Package formats tells by its first bytes, never by its name, how a file is read.
package formats

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/gdal"
	"github.com/yizhan/yizhan/importers/geojson"
	"github.com/yizhan/yizhan/importers/parquet"
	"github.com/yizhan/yizhan/importers/spreadsheet"
)

// sniffed is how much of a file is looked at.
const sniffed = 4 << 10

// Find gives the source that reads a file, and the file that it reads. What is packed is unpacked into the folder.
func Find(_ context.Context, file importers.File, folder string) (importers.Source, importers.File, error) {
	start, err := beginning(file.Path)
	if err != nil {
		return nil, file, err
	}
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) && !isWorkbook(file.Path) {
		return findPacked(file, folder)
	}
	return find(start, file, folder)
}

// find goes by the first bytes.
func find(start []byte, file importers.File, folder string) (importers.Source, importers.File, error) {
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), " \t\r\n\x1e")
	through := func(format, ending string) (importers.Source, importers.File, error) {
		named, err := withEnding(file, folder, ending)
		return &gdal.Source{Format: format, Folder: folder}, named, err
	}
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		return geojson.Source{}, file, nil
	case bytes.HasPrefix(start, []byte("SQLite format 3\x00")):
		return through("gpkg", ".gpkg")
	case bytes.HasPrefix(start, []byte("fgb\x03fgb")):
		return through("flatgeobuf", ".fgb")
	case bytes.HasPrefix(start, []byte(parquet.Magic)), bytes.HasPrefix(start, []byte("PARE")):
		return parquet.Source{Folder: folder}, file, nil
	case bytes.HasPrefix(text, []byte("<")) && bytes.Contains(start, []byte("<kml")):
		return through("kml", ".kml")
	case isDXF(text):
		return through("dxf", ".dxf")
	case isPBF(start):
		return through("osm", ".osm.pbf")
	case bytes.HasPrefix(start, []byte{0, 0, 0x27, 0x0a}):
		return nil, file, yizhan.Invalid("file", "is one file of a shapefile: pack all of them (.shp, .dbf, .shx, .prj, .cpg) into one zip")
	case bytes.HasPrefix(bytes.ToLower(text), []byte("!table")):
		return nil, file, yizhan.Invalid("file", "is one file of a MapInfo table: pack all of them (.tab, .dat, .map, .id) into one zip")
	}
	return spreadsheet.Source{}, file, nil
}

// withEnding gives the file a name that GDAL knows its driver by.
func withEnding(file importers.File, folder, ending string) (importers.File, error) {
	if strings.HasSuffix(strings.ToLower(file.Path), ending) {
		return file, nil
	}
	named := filepath.Join(folder, "data"+ending)
	if err := os.Link(file.Path, named); err != nil && !errors.Is(err, os.ErrExist) {
		return file, fmt.Errorf("name the file for GDAL: %w", err)
	}
	file.Path = named
	return file, nil
}

func isDXF(text []byte) bool {
	lines := strings.Fields(string(text[:min(len(text), 200)]))
	return len(lines) > 1 && (lines[0] == "0" && lines[1] == "SECTION" || lines[0] == "999") || bytes.HasPrefix(text, []byte("AutoCAD Binary DXF"))
}

// isPBF tells an OpenStreetMap file by its first block.
func isPBF(start []byte) bool {
	return len(start) > 16 && start[0] == 0 && start[1] == 0 && bytes.Contains(start[:16], []byte("OSMHeader"))
}

// beginning reads the first bytes of a regular file, and of nothing else.
func beginning(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("look at the file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, yizhan.Invalid("file", "is not a regular file")
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer opened.Close()
	start := make([]byte, sniffed)
	n, err := io.ReadFull(opened, start)
	if err != nil && n == 0 {
		return nil, yizhan.Invalid("file", "is empty")
	}
	return start[:n], nil
}
