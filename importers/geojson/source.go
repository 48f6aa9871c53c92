package geojson

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

const (
	headFeatures  = 1_000    // that are looked at for their properties
	maxFeature    = 32 << 20 // bytes of one feature
	maxColumns    = 300
	idColumn      = "id"
	recordSep     = 0x1e
	readBuffer    = 256 << 10
	maxCRS        = 8 << 10
	tooLargeValue = importers.MaxValue
)

// Source reads GeoJSON.
type Source struct{}

// Head looks at the first thousand features for their properties.
func (Source) Head(_ context.Context, file importers.File, _ importers.Options) (importers.Head, error) {
	head := importers.Head{Format: "geojson", Geometry: true}
	seen := map[string]bool{}
	n, hasID := 0, false
	s, done, err := scan(file)
	if err != nil {
		return head, err
	}
	defer done()
	err = s.features(func(f *feature) error {
		hasID = hasID || len(f.ID) > 0 && string(f.ID) != "null"
		for _, name := range f.names() {
			if !seen[name] && len(head.Columns) < maxColumns {
				seen[name] = true
				head.Columns = append(head.Columns, name)
			}
		}
		if n++; n == headFeatures {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) && n == 0 {
		return head, err // a fault further on is told when all is read
	}
	if hasID && !seen[idColumn] {
		head.Columns = append(head.Columns, idColumn)
	}
	head.CRS = s.crs
	if s.sequence {
		head.Format = "geojsonseq"
	}
	if n == 0 {
		return head, yizhan.Invalid("file", "holds no feature")
	}
	return head, nil
}

var errEnough = errors.New("enough")

// Read hands over every feature. Its row is its number from 1.
func (source Source) Read(ctx context.Context, file importers.File, options importers.Options, each func(*importers.Record) error) error {
	head, err := source.Head(ctx, file, options)
	if err != nil {
		return err
	}
	s, done, err := scan(file)
	if err != nil {
		return err
	}
	defer done()
	record := importers.Record{Values: make([]string, len(head.Columns))}
	return s.features(func(f *feature) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.fill(&record, head.Columns)
		record.Read = s.json.InputOffset()
		return each(&record)
	})
}

// ReadSequence hands over the features of a sequence, with the columns given.
func ReadSequence(ctx context.Context, from io.Reader, columns []string, each func(*importers.Record) error) error {
	s := scanFrom(from)
	record := importers.Record{Values: make([]string, len(columns))}
	err := s.features(func(f *feature) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.fill(&record, columns)
		return each(&record)
	})
	if errors.Is(err, errEmpty) {
		return nil
	}
	return err
}

var errEmpty = yizhan.Invalid("file", "is empty")

// feature is a GeoJSON feature as it was read.
type feature struct {
	Type       string          `json:"type"`
	ID         json.RawMessage `json:"id"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties json.RawMessage `json:"properties"`

	row   int64
	fault *importers.Problem
}

// names lists the properties in the order of the file.
func (f *feature) names() []string {
	d := json.NewDecoder(bytes.NewReader(f.Properties))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil
	}
	var names []string
	for d.More() {
		token, err := d.Token()
		name, isName := token.(string)
		var skipped json.RawMessage
		if err != nil || !isName || d.Decode(&skipped) != nil {
			return names
		}
		names = append(names, name)
	}
	return names
}

// fill makes the record.
func (f *feature) fill(r *importers.Record, columns []string) {
	r.Row, r.Geometry, r.Fault = f.row, nil, f.fault
	clear(r.Values)
	if r.Fault != nil {
		return
	}
	var properties map[string]json.RawMessage
	if len(f.Properties) > 0 {
		if err := json.Unmarshal(f.Properties, &properties); err != nil {
			r.Fault = fault(f.row, importers.BadRecord, "properties is not an object")
			return
		}
	}
	for i, name := range columns {
		value, given := properties[name]
		if !given && name == idColumn {
			value = f.ID
		}
		text, err := textOf(value)
		if err != nil {
			r.Fault = fault(f.row, importers.BadValue, err.Error())
			r.Fault.Column = name
			return
		}
		r.Values[i] = text
	}
	shape, flattened, err := parseGeometry(f.Geometry)
	switch {
	case err != nil:
		r.Fault = fault(f.row, importers.BadGeometry, err.Error())
	case flattened:
		r.Fault = fault(f.row, importers.Flattened, "has heights, which are left away")
		r.Fault.Severity = importers.Warned
	}
	r.Geometry = shape
}

func fault(row int64, code, message string) *importers.Problem {
	return &importers.Problem{Severity: importers.Refused, Row: row, Code: code, Message: message}
}

// textOf is a value as a cell of a table would have it.
func textOf(value json.RawMessage) (string, error) {
	value = bytes.TrimSpace(value)
	if len(value) > tooLargeValue {
		return "", fmt.Errorf("is longer than %d bytes", tooLargeValue)
	}
	if len(value) == 0 || string(value) == "null" {
		return "", nil
	}
	if value[0] != '"' {
		return string(value), nil
	}
	if plain := value[1 : len(value)-1]; !bytes.ContainsAny(plain, `\`) && utf8.Valid(plain) {
		return string(plain), nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return "", errors.New("is not a text")
	}
	return text, nil
}

// scanner finds the features of a file.
type scanner struct {
	json     *json.Decoder
	crs      string
	sequence bool
	row      int64
}

func scan(file importers.File) (*scanner, func(), error) {
	opened, err := os.Open(file.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the file: %w", err)
	}
	return scanFrom(opened), func() { _ = opened.Close() }, nil // it was only read
}

func scanFrom(from io.Reader) *scanner {
	in := &bounded{from: bufio.NewReaderSize(from, readBuffer)}
	in.skipMark()
	s := &scanner{json: json.NewDecoder(in)}
	in.consumed = s.json.InputOffset
	return s
}

// features hands over the features of every value of the file: a collection, or one after the other.
func (s *scanner) features(each func(*feature) error) error {
	for values := 0; ; values++ {
		token, err := s.json.Token()
		switch {
		case errors.Is(err, io.EOF) && values > 0:
			return nil
		case errors.Is(err, io.EOF):
			return errEmpty
		case err != nil:
			return s.broken(err)
		case token != json.Delim('{'):
			return yizhan.Invalid("file", "is not GeoJSON: it does not begin with an object")
		}
		s.sequence = s.sequence || values > 0
		if err := s.object(each); err != nil {
			return err
		}
	}
}

// object reads the members of a collection, or of a feature.
func (s *scanner) object(each func(*feature) error) error {
	var f feature
	for s.json.More() {
		token, err := s.json.Token()
		if err != nil {
			return s.broken(err)
		}
		switch name, _ := token.(string); name {
		case "features":
			if err := s.collection(each); err != nil {
				return err
			}
		case "crs":
			var crs json.RawMessage
			if err := s.json.Decode(&crs); err != nil {
				return s.broken(err)
			}
			s.crs = crsOf(crs)
		default:
			var value json.RawMessage
			if err := s.json.Decode(&value); err != nil {
				return s.broken(err)
			}
			f.set(name, value)
		}
	}
	if _, err := s.json.Token(); err != nil {
		return s.broken(err)
	}
	switch f.Type {
	case "Feature":
		s.row++
		f.row = s.row
		return each(&f)
	case "FeatureCollection":
		return nil
	}
	return yizhan.Invalid("file", "is not GeoJSON: the type is neither FeatureCollection nor Feature")
}

func (f *feature) set(name string, value json.RawMessage) {
	switch name {
	case "type":
		f.Type, _ = textOf(value) // what is no text is no type either
	case "id":
		f.ID = value
	case "geometry":
		f.Geometry = value
	case "properties":
		f.Properties = value
	}
}

func (s *scanner) collection(each func(*feature) error) error {
	if token, err := s.json.Token(); err != nil || token != json.Delim('[') {
		return yizhan.Invalid("file", "is not GeoJSON: features is not a list")
	}
	for s.json.More() {
		var f feature
		err := s.json.Decode(&f)
		s.row++
		f.row = s.row
		var wrongType *json.UnmarshalTypeError
		switch {
		case errors.As(err, &wrongType): // it was read to its end
			f.fault = fault(s.row, importers.BadRecord, "is not a GeoJSON feature")
		case err != nil:
			return s.broken(err)
		case f.Type != "Feature":
			f.fault = fault(s.row, importers.BadRecord, "the type is not Feature")
		}
		if err := each(&f); err != nil {
			return err
		}
	}
	if _, err := s.json.Token(); err != nil {
		return s.broken(err)
	}
	return nil
}

// broken says where the file cannot be read on.
func (s *scanner) broken(err error) error {
	var ours *yizhan.Error
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return yizhan.Invalid("file", "is cut off after feature %d", s.row)
	}
	return yizhan.Invalid("file", "is not JSON near byte %d, after feature %d", s.json.InputOffset(), s.row)
}

// crsOf reads the crs of GeoJSON of 2008, which files still have.
func crsOf(member json.RawMessage) string {
	var crs struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	}
	if len(member) > maxCRS || json.Unmarshal(member, &crs) != nil {
		return ""
	}
	return crs.Properties.Name
}

// bounded gives the bytes of the file, spaces for the separators of a sequence, and an error when one feature
// is too large to be held.
type bounded struct {
	from     *bufio.Reader
	given    int64
	consumed func() int64
}

// skipMark skips a byte order mark.
func (b *bounded) skipMark() {
	if mark, err := b.from.Peek(3); err == nil && slices.Equal(mark, []byte{0xef, 0xbb, 0xbf}) {
		_, _ = b.from.Discard(3) // they are there
	}
}

func (b *bounded) Read(into []byte) (int, error) {
	if b.given-b.consumed() > maxFeature {
		return 0, yizhan.Errorf(yizhan.CodeTooLarge, "file", "holds a feature of more than %d MB", maxFeature>>20)
	}
	n, err := b.from.Read(into[:min(len(into), readBuffer)])
	b.given += int64(n)
	for i, c := range into[:n] {
		if c == recordSep {
			into[i] = ' '
		}
	}
	return n, err
}
