package gdal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/geojson"
)

// Source reads one format through GDAL.
type Source struct {
	Format string // a key of drivers
	Folder string // where GDAL may write: that of the import

	known map[string]told // by the encoding asked for; a source is used by one goroutine at a time
}

type told struct {
	layers   []layer
	encoding string
}

// layer is what ogrinfo tells of one.
type layer struct {
	name     string
	columns  []string
	crs      string
	geometry string
	rows     int64
}

const maxInfo = 4 << 20

// Head tells what GDAL says of the layers.
func (s *Source) Head(ctx context.Context, file importers.File, options importers.Options) (importers.Head, error) {
	head := importers.Head{Format: s.Format, Geometry: true}
	layers, encoding, err := s.layers(ctx, file, options)
	if err != nil {
		return head, err
	}
	chosen, err := choose(layers, options.Layer)
	if err != nil {
		return head, err
	}
	for _, l := range layers {
		if len(layers) > 1 {
			head.Layers = append(head.Layers, l.name)
			head.Layer = chosen.name
		}
	}
	head.Columns, head.CRS, head.Rows = chosen.columns, chosen.crs, chosen.rows
	if s.Format == "shapefile" {
		head.Encodings, head.Encoding = []string{"UTF-8", "GB18030"}, encoding
	}
	return head, nil
}

// layers asks ogrinfo, once for each encoding.
func (s *Source) layers(ctx context.Context, file importers.File, options importers.Options) (layers []layer, encoding string, err error) {
	if known, asked := s.known[options.Encoding]; asked {
		return known.layers, known.encoding, nil
	}
	if layers, encoding, err = s.ask(ctx, file, options); err != nil {
		return nil, "", err
	}
	if s.known == nil {
		s.known = map[string]told{}
	}
	s.known[options.Encoding] = told{layers, encoding}
	return layers, encoding, nil
}

func (s *Source) ask(ctx context.Context, file importers.File, options importers.Options) (layers []layer, encoding string, err error) {
	if s.Format == osm {
		if err := writeOSMConfig(s.Folder); err != nil {
			return nil, "", err
		}
	}
	encoding = s.encoding(file, options)
	arguments := []string{"-ro", "-so", "-al", "-nomd", "-noextent"}
	arguments = append(append(arguments, openOptions(encoding)...), file.Path)
	var text []byte
	err = run(ctx, s.Folder, func(out io.Reader) error {
		text, err = io.ReadAll(io.LimitReader(out, maxInfo))
		return err
	}, "ogrinfo", arguments...)
	if err != nil {
		return nil, "", err
	}
	layers = parseInfo(string(text))
	if s.Format == osm {
		layers = slices.DeleteFunc(layers, func(l layer) bool { return l.name != "points" && l.name != "multipolygons" })
	}
	return layers, encoding, nil
}

func openOptions(encoding string) []string {
	if encoding == "" {
		return nil
	}
	return []string{"-oo", "ENCODING=" + encoding}
}

func choose(layers []layer, name string) (layer, error) {
	if len(layers) == 0 {
		return layer{}, yizhan.Invalid("file", "holds no layer")
	}
	if name == "" {
		// The first that has something in it.
		for _, l := range layers {
			if l.rows != 0 {
				return l, nil
			}
		}
		return layers[0], nil
	}
	i := slices.IndexFunc(layers, func(l layer) bool { return l.name == name })
	if i < 0 {
		return layer{}, yizhan.Invalid("layer", "is not one of the file")
	}
	return layers[i], nil
}

var fieldLine = regexp.MustCompile(`^(.{1,200}): (?:Integer64|Integer|Real|String|Date|Time|DateTime|Binary|IntegerList|Integer64List|RealList|StringList)\b`)

// parseInfo reads what ogrinfo -so -al says.
func parseInfo(text string) []layer {
	var layers []layer
	inCRS := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if name, is := strings.CutPrefix(line, "Layer name: "); is {
			layers = append(layers, layer{name: name})
			inCRS = false
			continue
		}
		if len(layers) == 0 {
			continue
		}
		l := &layers[len(layers)-1]
		switch {
		case strings.HasPrefix(line, "Layer SRS WKT:"):
			inCRS = true
		case strings.HasPrefix(line, "Data axis to CRS axis mapping"):
			inCRS = false
		case inCRS && line != "(unknown)":
			l.crs += line + "\n"
		case inCRS:
			inCRS = false
		case strings.HasPrefix(line, "Geometry: "):
			l.geometry = strings.TrimPrefix(line, "Geometry: ")
		case strings.HasPrefix(line, "Feature Count: "):
			l.rows, _ = strconv.ParseInt(strings.TrimPrefix(line, "Feature Count: "), 10, 64) // 0 if it does not know
		default:
			if match := fieldLine.FindStringSubmatch(line); match != nil {
				l.columns = append(l.columns, match[1])
			}
		}
	}
	return layers
}

// Read hands over the features of a layer, in the coordinates of the file.
func (s *Source) Read(ctx context.Context, file importers.File, options importers.Options, each func(*importers.Record) error) error {
	layers, encoding, err := s.layers(ctx, file, options)
	if err != nil {
		return err
	}
	chosen, err := choose(layers, options.Layer)
	if err != nil {
		return err
	}
	arguments := append([]string{"-f", "GeoJSONSeq", "-lco", "COORDINATE_PRECISION=10",
		"-a_srs", "EPSG:4326", // what it is really in is ours to say; so GDAL transforms nothing
		"/vsistdout/", file.Path}, openOptions(encoding)...)
	if s.Format == osm {
		arguments = append(arguments, "-where", osmWhere)
	}
	if len(layers) > 1 {
		if strings.HasPrefix(chosen.name, "-") {
			return yizhan.Invalid("layer", "has a name that begins with a dash: rename it")
		}
		arguments = append(arguments, chosen.name)
	}
	return run(ctx, s.Folder, func(out io.Reader) error {
		return geojson.ReadSequence(ctx, out, chosen.columns, each)
	}, "ogr2ogr", arguments...)
}

// encoding tells in which encoding the texts of a shapefile are: what somebody said, what a .cpg file or the code
// page in the header says, or what its bytes look like, as many shapefiles say nothing and GDAL would take them
// for Latin. Empty leaves it to GDAL.
func (s *Source) encoding(file importers.File, options importers.Options) string {
	if options.Encoding != "" {
		return options.Encoding
	}
	if s.Format != "shapefile" {
		return ""
	}
	stem := strings.TrimSuffix(file.Path, filepath.Ext(file.Path))
	if text, err := os.ReadFile(sibling(stem, ".cpg")); err == nil && len(text) < 100 {
		if name := strings.ToUpper(strings.TrimSpace(string(text))); strings.Contains(name, "GB") || strings.Contains(name, "936") {
			return "GB18030"
		}
		return ""
	}
	encoding, err := encodingOfDBF(sibling(stem, ".dbf"))
	if err != nil {
		return "" // GDAL will say what is wrong
	}
	return encoding
}

// sibling finds a file beside another, in either case of its ending.
func sibling(stem, ending string) string {
	for _, name := range []string{stem + ending, stem + strings.ToUpper(ending)} {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return stem + ending
}

const (
	codePage936 = 0x4d
	lookedAt    = 4 << 20
)

// encodingOfDBF goes by the code page byte of a dBASE file, and else by its texts.
func encodingOfDBF(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, lookedAt))
	if err != nil {
		return "", err
	}
	if len(data) < 32 {
		return "", errors.New("the table of the shapefile is cut off")
	}
	if data[29] == codePage936 {
		return "GB18030", nil
	}
	header := int(binary.LittleEndian.Uint16(data[8:]))
	if header > len(data) {
		return "", fmt.Errorf("the table of the shapefile has a header of %d bytes", header)
	}
	// Names of columns are cut at bytes, and so are texts: what is left of a character at a cut says nothing.
	if utf8.Valid(data) || validBut(data, 64) {
		return "UTF-8", nil
	}
	return "GB18030", nil
}

// validBut tells whether data is UTF-8 but for a few bytes.
func validBut(data []byte, few int) bool {
	long := 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			if few--; few < 0 {
				return false
			}
		case size > 2:
			long++
		}
		data = data[size:]
	}
	return long > 64
}
