package takeaway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/geo"
)

// Wanted says which file is wanted.
type Wanted struct {
	Query     yizhan.Query // After and Limit are not looked at
	Format    string
	Reference geo.Reference  // the zero one is WGS84
	Outlines  Outlines       // of areas, in spreadsheets
	About     []exports.Fact // to stand in the file besides the reference and the seq
}

// Outlines says whether a spreadsheet of areas has their outlines.
type Outlines string

// The choices. A sheet has no room for a large outline; CSV has.
const (
	OutlinesAsUsual Outlines = ""
	WithOutlines    Outlines = "wkt"
	WithoutOutlines Outlines = "none"
)

// Source reads the features of a query from one state of the city: first the seq of that state, then every
// feature in the order of codes.
type Source interface {
	Each(ctx context.Context, q yizhan.Query, begin func(seq int64) error, each func(yizhan.Feature) error) error
}

// File is a file that was made.
type File struct {
	Path      string // where it is; whoever asked for it removes it
	PlainName string // for old programs: stations-gcj02-seq42.csv
	Name      string // for people: 服务驿站-gcj02-seq42.csv
	MediaType string
	Seq       int64
	Rows      int64
	Bytes     int64
}

var titles = map[yizhan.Collection]string{
	yizhan.Units: "行政单元", yizhan.Stations: "服务驿站", yizhan.MicroGrids: "微网格", yizhan.FriendlyScenes: "友好场景",
}

// Check refuses what cannot be made, before anything is.
func (w *Wanted) Check() error {
	format, err := FormatOf(w.Format)
	switch {
	case err != nil:
		return err
	case titles[w.Query.Collection] == "":
		return yizhan.Errorf(yizhan.CodeNotFound, "collection", "there are units, stations, friendly_scenes and micro_grids to take away")
	case !format.holds(w.Query.Collection):
		return yizhan.Invalid("format", "%s cannot hold all of %s; gpkg can", format.Name, w.Query.Collection)
	case format.WGS84Only && w.Reference.Name != "" && w.Reference.Name != "wgs84":
		return yizhan.Invalid("datum", "%s is WGS84 only, and cannot say that it is %s", format.Name, w.Reference.Name)
	case w.Outlines != OutlinesAsUsual && w.Outlines != WithOutlines && w.Outlines != WithoutOutlines:
		return yizhan.Invalid("outlines", "is not wkt or none")
	}
	return nil
}

// Write makes the file in a folder.
func Write(ctx context.Context, folder string, wanted Wanted, source Source) (made File, err error) {
	format, file, err := wanted.open(folder)
	if err != nil {
		return made, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	reading := &reading{ctx: ctx, query: wanted.Query, source: source}
	if err := errors.Join(wanted.fill(ctx, format, folder, file, reading), file.Close()); err != nil {
		return made, err
	}
	info, err := os.Stat(file.Name())
	if err != nil {
		return made, err
	}
	made = wanted.named(format, reading.seq)
	made.Path, made.Rows, made.Bytes = file.Name(), reading.rows, info.Size()
	return made, nil
}

// open checks what is wanted, and opens the file that is to be filled.
func (w *Wanted) open(folder string) (Format, *os.File, error) {
	if err := w.Check(); err != nil {
		return Format{}, nil, err
	}
	format, err := FormatOf(w.Format)
	if err != nil {
		return Format{}, nil, err
	}
	file, err := os.CreateTemp(folder, "export-*"+format.Extension)
	return format, file, err
}

// named is a file of what is wanted, at a state of the city.
func (w *Wanted) named(format Format, seq int64) File {
	name := w.nameAt(seq) + format.Extension
	return File{PlainName: string(w.Query.Collection) + name, Name: titles[w.Query.Collection] + name, MediaType: format.MediaType, Seq: seq}
}

// fill reads the city and writes the file.
func (w *Wanted) fill(ctx context.Context, format Format, folder string, file io.Writer, reading *reading) error {
	columns := w.columns(format)
	reading.query.SkipGeometry = columns[len(columns)-1].Name != geometryName
	features, stop := reading.begin()
	defer stop()
	t := exports.Table{Name: titles[w.Query.Collection], Geometry: geometryName, ID: "code", Reference: w.Reference, Rows: rowsOf(features, columns)}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.Column)
	}
	t.About = append([]exports.Fact{{Label: "内容 collection", Text: string(w.Query.Collection)},
		{Label: "数据变更号 seq", Text: strconv.FormatInt(reading.seq, 10)}}, w.About...)
	return format.write(ctx, folder, file, t)
}

// nameAt is what the name of a file says after its collection.
func (w *Wanted) nameAt(seq int64) string {
	name := "-" + referenceName(w.Reference) + "-seq" + strconv.FormatInt(seq, 10)
	if w.Query.Unit != "" {
		name = "-" + w.Query.Unit + name
	}
	return name
}

func referenceName(r geo.Reference) string {
	if r.Name == "" {
		return "wgs84"
	}
	return r.Name
}

// columns are those of the file.
func (w *Wanted) columns(format Format) []column {
	columns := columnsOf(w.Query.Collection, w.Reference)
	last := len(columns) - 1
	geometry := columns[last]
	leftOut := w.Outlines == WithoutOutlines || w.Outlines == OutlinesAsUsual && format.sheet
	switch {
	case format.cells:
		return append(append(columns[:last:last], cellColumns(geometry)...), geometry)
	case geometry.Type == exports.AreaType && format.isText() && leftOut:
		return columns[:last]
	}
	return columns
}

// isText tells whether the format is a table first, whose geometry is one more column.
func (f Format) isText() bool { return f.sheet || strings.HasSuffix(f.Name, "csv") }

// reading is one pass over the features of a query.
type reading struct {
	ctx    context.Context
	query  yizhan.Query
	source Source
	seq    int64
	rows   int64
}

// errEnough ends a reading whose reader wants no more.
var errEnough = errors.New("enough")

// begin reads up to the first feature, and so the seq, which stands at the head of a file. stop ends the reading.
func (r *reading) begin() (features iter.Seq2[yizhan.Feature, error], stop func()) {
	next, stop := iter.Pull2(r.features())
	first, err, more := next()
	return func(yield func(yizhan.Feature, error) bool) {
		for ; more; first, err, more = next() {
			if !yield(first, err) {
				return
			}
		}
	}, stop
}

func (r *reading) features() iter.Seq2[yizhan.Feature, error] {
	return func(yield func(yizhan.Feature, error) bool) {
		err := r.source.Each(r.ctx, r.query, func(seq int64) error { r.seq = seq; return nil }, func(f yizhan.Feature) error {
			r.rows++
			if !yield(f, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, fmt.Errorf("read %s: %w", r.query.Collection, err))
		}
	}
}
