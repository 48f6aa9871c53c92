package gdal

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/child"
)

// drivers are those that may be used, for reading, by format.
var drivers = map[string]string{
	"shapefile": "ESRI Shapefile", "gpkg": "GPKG", "kml": "LIBKML", "flatgeobuf": "FlatGeobuf", "filegdb": "OpenFileGDB", "mapinfo": "MapInfo File", "dxf": "DXF", osm: "OSM",
}

// skipped lists every driver of this GDAL but those that may be used; found out once.
var skipped = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("ogrinfo", "--formats").Output()
	if err != nil {
		return "", fmt.Errorf("list the drivers of GDAL: %w", err)
	}
	allowed := map[string]bool{"GeoJSONSeq": true}
	for _, name := range drivers {
		allowed[name] = true
	}
	var others []string
	for line := range strings.Lines(string(out)) {
		name, _, found := strings.Cut(strings.TrimSpace(line), " -")
		if found && !allowed[name] {
			others = append(others, name)
		}
	}
	return strings.Join(others, ","), nil
})

// run runs a tool of GDAL and hands its output to read. folder is where it may write.
func run(ctx context.Context, folder string, read func(io.Reader) error, tool string, arguments ...string) error {
	others, err := skipped()
	if err != nil {
		return &yizhan.Error{Code: yizhan.CodeUnavailable, Field: "file", Message: "the server cannot read files of this kind: GDAL is not installed", Err: err}
	}
	environment := []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TMPDIR=" + folder, "HOME=" + folder, "OGR_SKIP=" + others,
		"OSM_CONFIG_FILE=" + folder + "/" + osmConfig, "CPL_TMPDIR=" + folder, "PROJ_NETWORK=OFF", "GDAL_PAM_ENABLED=NO", "SHAPE_RESTORE_SHX=YES", "GDAL_NUM_THREADS=1", "OGR_INTERLEAVED_READING=NO"}
	return child.Run(ctx, child.Command{Folder: folder, Env: environment, Program: tool, Arguments: arguments, Explain: explained}, read)
}
