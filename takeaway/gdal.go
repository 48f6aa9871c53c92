package takeaway

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
)

// GDAL writes the formats that are databases or bundles of files. It runs as a process of its own, which may
// take so much memory, time and room and no more, and reads a table of ours, not what anybody sent.
const (
	gdalMemoryKiB  = 2 << 20
	gdalFileBlocks = 8 << 21 // of 512 bytes: 8 GiB
	gdalTime       = 10 * time.Minute
	gdalLine       = 64 << 20 // a unit's outline in one line of CSV
)

func geoPackage(ctx context.Context, folder string, file io.Writer, t exports.Table) error {
	return throughGDAL(ctx, folder, t, func(g *conversion) error {
		if err := g.run(ctx, "GPKG", "table.gpkg", "-lco", "GEOMETRY_NAME=geom", "-lco", "FID=fid", "-lco", "IDENTIFIER="+t.Name, "-lco", "DESCRIPTION="+g.about()); err != nil {
			return err
		}
		return g.copyTo(file, "table.gpkg")
	})
}

func flatGeobuf(ctx context.Context, folder string, file io.Writer, t exports.Table) error {
	return throughGDAL(ctx, folder, t, func(g *conversion) error {
		if err := g.run(ctx, "FlatGeobuf", "table.fgb", "-lco", "TEMPORARY_DIR="+g.folder); err != nil {
			return err
		}
		return g.copyTo(file, "table.fgb")
	})
}

// maxShapefileText bounds a text of a Shapefile, in bytes.
const maxShapefileText = 254

func shapefile(ctx context.Context, folder string, file io.Writer, t exports.Table) error {
	t.Rows = shortTexts(t)
	return throughGDAL(ctx, folder, t, func(g *conversion) error {
		if err := g.run(ctx, "ESRI Shapefile", "shp", "-lco", "ENCODING=UTF-8", "-lco", "DBF_DATE_LAST_UPDATE=2000-01-01"); err != nil {
			return err
		}
		return g.zipTo(file, "shp")
	})
}

// shortTexts refuses rows that GDAL would cut off in silence.
func shortTexts(t exports.Table) func(func([]exports.Value, error) bool) {
	return func(yield func([]exports.Value, error) bool) {
		for row, err := range t.Rows {
			for i := range row {
				if err == nil && t.Columns[i].Type == exports.TextType && len(row[i].String()) > maxShapefileText {
					err = yizhan.Errorf(yizhan.CodeTooLarge, t.Columns[i].Name, "of %s has more than the %d bytes that a Shapefile can hold; a GeoPackage can", row[0].String(), maxShapefileText)
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// conversion is one run of ogr2ogr in a folder of its own.
type conversion struct {
	table  *exports.Table
	folder string
}

func throughGDAL(ctx context.Context, folder string, t exports.Table, convert func(*conversion) error) (err error) {
	folder, err = filepath.Abs(folder) // GDAL runs in it
	if err != nil {
		return err
	}
	own, err := os.MkdirTemp(folder, "gdal-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(own)) }()
	g := &conversion{table: &t, folder: own}
	if err := g.writeSource(); err != nil {
		return err
	}
	return convert(g)
}

// writeSource writes what GDAL reads: CSV, and beside it the types of its columns.
func (g *conversion) writeSource() error {
	file, err := os.Create(filepath.Join(g.folder, "table.csv"))
	if err != nil {
		return err
	}
	if err := errors.Join(exports.WriteCSV(file, *g.table, exports.CSVOptions{Raw: true}), file.Close()); err != nil {
		return err
	}
	var types []string
	for _, c := range g.table.Columns {
		types = append(types, map[exports.Type]string{exports.IntType: "Integer64", exports.FloatType: "Real",
			exports.BoolType: "Integer(Boolean)", exports.PointType: "Real,Real"}[c.Type])
		if types[len(types)-1] == "" {
			types[len(types)-1] = "String"
		}
	}
	return os.WriteFile(filepath.Join(g.folder, "table.csvt"), []byte(strings.Join(types, ",")+"\n"), 0o600)
}

// run converts the table. Dates of files are always the same, so that the bytes are.
func (g *conversion) run(ctx context.Context, driver, out string, options ...string) error {
	ogr2ogr, err := exec.LookPath("ogr2ogr")
	if err != nil {
		return yizhan.Errorf(yizhan.CodeUnavailable, "format", "this server has no GDAL, which writes this format; geojson, csv, xlsx and parquet need none")
	}
	ctx, cancel := context.WithTimeout(ctx, gdalTime)
	defer cancel()
	arguments := []string{"-c", `ulimit -v "$0" && ulimit -f "$1" && shift && exec "$@"`, strconv.Itoa(gdalMemoryKiB), strconv.Itoa(gdalFileBlocks),
		ogr2ogr, "-f", driver, filepath.Join(g.folder, out), "CSV:" + filepath.Join(g.folder, "table.csv"),
		"-oo", "KEEP_GEOM_COLUMNS=NO", "-nln", g.layer(), "-a_srs", g.crs(), "-nlt", g.geometryType(), "-gt", "65536"}
	arguments = append(append(arguments, g.geometryOptions()...), options...)
	command := exec.CommandContext(ctx, "/bin/sh", arguments...)
	command.Dir = g.folder
	command.Env = []string{"OGR_CURRENT_DATE=2000-01-01T00:00:00.000Z", "OGR_CSV_MAX_LINE_SIZE=" + strconv.Itoa(gdalLine), "CPL_TMPDIR=" + g.folder, "LC_ALL=C.UTF-8"}
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("ogr2ogr: %w: %.500s", err, said.String())
	}
	return nil
}

// layer is the name of the collection: the first fact of About.
func (g *conversion) layer() string { return g.table.About[0].Text }

func (g *conversion) geometryType() string {
	if g.table.Columns[len(g.table.Columns)-1].Type == exports.PointType {
		return "POINT"
	}
	return "MULTIPOLYGON"
}

func (g *conversion) geometryOptions() []string {
	if g.geometryType() == "POINT" {
		return []string{"-oo", "X_POSSIBLE_NAMES=lng", "-oo", "Y_POSSIBLE_NAMES=lat"}
	}
	return []string{"-oo", "GEOM_POSSIBLE_NAMES=" + geometryName}
}

// crs names the reference. What no standard knows is a system of its own, which no program takes for another.
func (g *conversion) crs() string {
	switch r := g.table.Reference; {
	case r.Name == "":
		return "EPSG:4326"
	case r.EPSG == 0:
		return fmt.Sprintf(`LOCAL_CS["%s",UNIT["degree",0.0174532925199433]]`, r.Name)
	default:
		return "EPSG:" + strconv.Itoa(r.EPSG)
	}
}

// about is what the file says of itself.
func (g *conversion) about() string {
	lines := []string{"坐标系 reference: " + referenceName(g.table.Reference)}
	for _, fact := range g.table.About {
		lines = append(lines, fact.Label+": "+fact.Text)
	}
	return strings.Join(lines, "\n")
}

func (g *conversion) copyTo(file io.Writer, name string) error {
	made, err := os.Open(filepath.Join(g.folder, name))
	if err != nil {
		return err
	}
	_, err = io.Copy(file, made)
	return errors.Join(err, made.Close())
}

// zipTo packs the files of a folder, in the order of their names and without a date.
func (g *conversion) zipTo(file io.Writer, folder string) error {
	made, err := os.ReadDir(filepath.Join(g.folder, folder))
	if err != nil {
		return err
	}
	archive := zip.NewWriter(file)
	for _, entry := range made {
		into, err := archive.CreateHeader(&zip.FileHeader{Name: entry.Name(), Method: zip.Deflate})
		if err != nil {
			return err
		}
		if err := g.copyTo(into, filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return archive.Close()
}
