package formats

import (
	"archive/zip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/archive"
	"github.com/yizhan/yizhan/importers/gdal"
)

// isWorkbook tells whether a zip is an XLSX.
func isWorkbook(path string) bool {
	packed, err := zip.OpenReader(path)
	if err != nil {
		return false
	}
	defer func() { _ = packed.Close() }() // it was only read
	for _, member := range packed.File {
		if member.Name == "xl/workbook.xml" || member.Name == "[Content_Types].xml" {
			return true
		}
	}
	return false
}

// byEnding tells the formats of packed files, the more telling first.
var byEnding = []struct{ ending, format string }{
	{".shp", "shapefile"}, {".gpkg", "gpkg"}, {".tab", "mapinfo"}, {".mif", "mapinfo"}, {".fgb", "flatgeobuf"}, {".kml", "kml"}, {".dxf", "dxf"},
}

// findPacked unpacks an archive and finds the file in it that is meant.
func findPacked(file importers.File, folder string) (importers.Source, importers.File, error) {
	unpacked := filepath.Join(folder, "unpacked")
	names, err := archive.Unpack(file.Path, unpacked, archive.DefaultLimits())
	if err != nil {
		return nil, file, err
	}
	for _, name := range names {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if strings.EqualFold(path.Ext(dir), ".gdb") {
				file.Path = filepath.Join(unpacked, dir)
				return &gdal.Source{Format: "filegdb", Folder: folder}, file, nil
			}
		}
	}
	for _, known := range byEnding {
		found := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.EqualFold(path.Ext(name), known.ending) })
		if len(found) == 0 {
			continue
		}
		file.Path = filepath.Join(unpacked, found[0])
		if known.format == "kml" {
			file.Path = largest(unpacked, found) // others only link to it
		}
		if known.format == "shapefile" && len(found) > 1 && path.Dir(found[0]) == path.Dir(found[1]) {
			file.Path = filepath.Dir(file.Path) // all of them, as layers
		}
		return &gdal.Source{Format: known.format, Folder: folder}, file, nil
	}
	if len(names) != 1 {
		return nil, file, yizhan.Invalid("file", "is an archive of %d files, none of which is a shapefile, GeoPackage, File Geodatabase, MapInfo table, FlatGeobuf, KML or DXF", len(names))
	}
	file.Path = filepath.Join(unpacked, names[0])
	start, err := beginning(file.Path)
	if err != nil {
		return nil, file, err
	}
	return find(start, file, folder)
}

// largest gives the path of the largest of some files.
func largest(folder string, names []string) (path string) {
	most := int64(-1)
	for _, name := range names {
		if info, err := os.Lstat(filepath.Join(folder, name)); err == nil && info.Size() > most {
			path, most = filepath.Join(folder, name), info.Size()
		}
	}
	return path
}
