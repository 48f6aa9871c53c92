package importers

import (
	"context"

	"github.com/paulmach/orb"
)

// Source reads one kind of file. A file is hostile: a source reads it in bounded memory and time, and answers
// what it cannot read with an *yizhan.Error whose message is for the reader.
type Source interface {
	// Head tells what the file says of itself. It looks at no more than the beginning.
	Head(ctx context.Context, file File, options Options) (Head, error)
	// Read hands over record after record. What is wrong with one record is its Fault, and reading goes on;
	// an error of each ends it and is given back. The record is valid only until each returns.
	Read(ctx context.Context, file File, options Options, each func(*Record) error) error
}

// File is a regular file that nobody else writes to.
type File struct {
	Path string // where it lies
	Name string // what its owner calls it; only to be shown
}

// Options are what a person may say about a file; empty for what the source finds out itself.
type Options struct {
	Encoding  string // of text, such as gb18030
	Delimiter string // of a table: one character
	Layer     string // of a file with several: a sheet or a layer
}

// Head is what a file says of itself.
type Head struct {
	Format    string   // such as csv, geojson, shapefile
	Encoding  string   // empty where the format knows no other
	Encodings []string // that can be chosen
	Delimiter string   // of a table; empty for others
	Layer     string   // that is read; empty for a file of one
	Layers    []string // of a file with several
	Columns   []string // the names of the values; two may be alike
	Geometry  bool     // the records have one, beside their values
	CRS       string   // what the file says about its coordinates: EPSG:4528, or the text it has; empty for nothing
	Rows      int64    // 0 if unknown
}

// Record is one row of a table, or one feature.
type Record struct {
	Row      int64        // as its owner counts: the line of the sheet, or the number of the feature from 1
	Values   []string     // of the columns; shorter if the rest is empty
	Geometry orb.Geometry // in the coordinates of the file; nil for none
	Read     int64        // bytes of the file read so far; 0 if unknown
	Fault    *Problem     // why it cannot be used; nil if it can
}

// Severity tells what a problem means for its record.
type Severity string

// The severities.
const (
	Refused Severity = "error"   // the record cannot go in
	Warned  Severity = "warning" // it can, and somebody should look
	Left    Severity = "left"    // it is clear only to a person what it is about
)

// Problem is what is wrong with a record.
type Problem struct {
	Severity Severity
	Row      int64
	Column   string // as the file names it; empty if it is about the whole record
	Field    string // what the column means; empty if none
	Code     string // the kind, for a program: see the constants
	Message  string // for the reader
	Value    string // what is there, cut short
	Place    *orb.Point
	// Candidates are what a record that is left for a person may be about, the likeliest first.
	Candidates []Candidate
}

// Candidate is a feature that a record may be about.
type Candidate struct {
	Code, Name string
	Unit       string // the names of the units that it lies in
}

// The kinds of problem.
const (
	BadRecord     = "bad_record"      // cannot be read: cut off, or not of the format
	BadText       = "bad_text"        // not of the encoding
	BadValue      = "bad_value"       // not a value of its field
	BadGeometry   = "bad_geometry"    // none, empty, of the wrong kind, or not finite
	InvalidShape  = "invalid_shape"   // crosses itself, or similar
	Flattened     = "flattened"       // heights were left away
	Missing       = "missing"         // a needed value is empty
	CodeTwice     = "code_twice"      // an earlier row has the same code
	OutsideCity   = "outside_city"    // of the city
	OutsideUnit   = "outside_unit"    // of the community that the record names
	UnknownUnit   = "unknown_unit"    // no such community
	UnknownCode   = "unknown_code"    // no such feature
	NotMatched    = "not_matched"     // neither by code nor by name
	Ambiguous     = "ambiguous"       // several features of that name
	Near          = "near"            // another station within 50 m
	SameName      = "same_name"       // another station of that name in the unit
	Mismatch      = "mismatch"        // the community named is not the one that the place is in
	NotPartition  = "not_a_partition" // the micro-grids of a community overlap or leave a gap
	TooManyValues = "too_many_values" // more values than columns
	OutlineKept   = "outline_kept"    // another outline of a unit, which an import does not change
	OutsideRights = "outside_rights"  // of whoever asked for the check
)

// MaxValue bounds a value; more is no name, address or opening hours.
const MaxValue = 20_000

// Clip cuts a value short for showing it.
func Clip(value string) string {
	const longest = 60
	n := 0
	for i := range value {
		if n++; n > longest {
			return value[:i] + "…"
		}
	}
	return value
}
