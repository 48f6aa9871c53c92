package parquet

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
)

const (
	maxColumns = 2_000
	rowBatch   = 64
)

// table is what of a Parquet file is read: columns of single values, and one of geometry.
type table struct {
	file     *parquet.File
	names    []string
	columns  []column
	geometry int // the leaf of the geometry; below 0 for none
	crs      string
}

// column is one of single values.
type column struct {
	leaf int
	text func(parquet.Value) string
}

// tableOf finds the columns. Lists, maps and groups are left out: no list of an office has them.
func tableOf(file *parquet.File) (*table, error) {
	t := &table{file: file, geometry: -1}
	leaves := file.Schema().Columns()
	if len(leaves) > maxColumns {
		return nil, yizhan.Invalid("file", "is a Parquet file with more than %d columns", maxColumns)
	}
	primary, err := t.geoMetadata()
	if err != nil {
		return nil, err
	}
	for i, path := range leaves {
		leaf, known := file.Schema().Lookup(path...)
		if !known || len(path) != 1 || leaf.MaxRepetitionLevel > 0 || !utf8.ValidString(path[0]) {
			continue
		}
		of := leaf.Node.Type()
		native, isNative := logicalOf(of).(*format.GeometryType)
		if t.geometry < 0 && of.Kind() == parquet.ByteArray && (path[0] == primary || primary == "" && isNative) {
			if t.geometry = i; isNative && primary == "" {
				t.crs = cmp.Or(clip(native.CRS), crs84)
			}
			continue
		}
		t.names = append(t.names, path[0])
		t.columns = append(t.columns, column{i, textOf(of)})
	}
	return t, nil
}

// geoMetadata reads what GeoParquet says, and gives the name of the column of geometry; empty for none.
func (t *table) geoMetadata() (primary string, err error) {
	text, is := t.file.Lookup("geo")
	if !is {
		return "", nil
	}
	var told struct {
		Primary string `json:"primary_column"`
		Columns map[string]struct {
			Encoding string          `json:"encoding"`
			CRS      json.RawMessage `json:"crs"`
		} `json:"columns"`
	}
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return "", yizhan.Invalid("file", "is a damaged or cut off Parquet file (its geo metadata is not JSON)")
	}
	geometry, is := told.Columns[told.Primary]
	if !is {
		return "", nil
	}
	if geometry.Encoding != "WKB" {
		return "", yizhan.Invalid("file", "is a Parquet file whose geometry is in the encoding %s; WKB is read here", clip(geometry.Encoding))
	}
	t.crs = t.crsOf(geometry.CRS)
	return told.Primary, nil
}

// crs84 is WGS84 as lng, lat.
const crs84 = "OGC:CRS84"

// crsOf names the reference: none said is WGS84; a null says that no standard knows it, and then our own files say
// beside it which it is.
func (t *table) crsOf(said json.RawMessage) string {
	if said == nil {
		return crs84
	}
	var crs struct {
		Name string `json:"name"`
		ID   struct {
			Authority string      `json:"authority"`
			Code      json.Number `json:"code"`
		} `json:"id"`
	}
	switch err := json.Unmarshal(said, &crs); {
	case string(said) == "null":
		return t.ownReference()
	case err != nil:
		return ""
	case crs.ID.Authority != "":
		return clip(crs.ID.Authority) + ":" + clip(crs.ID.Code.String())
	}
	return clip(crs.Name)
}

func (t *table) ownReference() string {
	text, _ := t.file.Lookup("yizhan:about")
	var about struct {
		Facts []struct{ Text string } `json:"facts"`
	}
	if json.Unmarshal([]byte(text), &about) != nil || len(about.Facts) == 0 {
		return ""
	}
	said := about.Facts[0].Text
	if reference, known := geo.ReferenceOf(said[strings.LastIndex(said, " ")+1:]); known {
		return reference.Name
	}
	return ""
}

func clip(text string) string {
	if text = strings.ToValidUTF8(text, "�"); len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "")
	}
	return text
}

func (t *table) head() head {
	return head{Columns: notNull(t.names), CRS: t.crs, Geometry: t.geometry >= 0, Rows: max(0, t.file.NumRows())}
}

func notNull(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// write writes each row as a feature in a line.
func (t *table) write(out *bufio.Writer) error {
	for _, group := range t.file.RowGroups() {
		if err := t.writeGroup(out, group.Rows()); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) writeGroup(out *bufio.Writer, rows parquet.Rows) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	batch := make([]parquet.Row, rowBatch)
	for {
		n, err := rows.ReadRows(batch)
		for _, row := range batch[:n] {
			if err := t.writeRow(out, row); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case n == 0:
			return io.ErrNoProgress
		}
	}
}

func (t *table) writeRow(out *bufio.Writer, row parquet.Row) error {
	values := map[int]parquet.Value{}
	for _, v := range row {
		if !v.IsNull() {
			values[v.Column()] = v
		}
	}
	line := []byte(`{"type":"Feature","geometry":`)
	if v, has := values[t.geometry]; has && t.geometry >= 0 {
		line = appendGeometry(line, v.ByteArray())
	} else {
		line = append(line, "null"...)
	}
	line = append(line, `,"properties":{`...)
	begun := false
	for i, c := range t.columns {
		v, has := values[c.leaf]
		if !has {
			continue
		}
		if begun {
			line = append(line, ',')
		}
		begun = true
		line = append(appendText(line, t.names[i]), ':')
		line = appendText(line, c.text(v))
	}
	_, err := out.Write(append(line, "}}\n"...))
	return err
}

func appendText(line []byte, text string) []byte {
	encoded, err := json.Marshal(strings.ToValidUTF8(text, "�"))
	if err != nil {
		panic(err) // a text is always JSON
	}
	return append(line, encoded...)
}

// textOf tells how the values of a column are written as text.
func textOf(of parquet.Type) func(parquet.Value) string {
	switch logical := logicalOf(of).(type) {
	case *format.DateType:
		return func(v parquet.Value) string { return time.Unix(int64(v.Int32())*86_400, 0).UTC().Format(time.DateOnly) }
	case *format.TimestampType:
		return instantOf(logical)
	case *format.DecimalType:
		if of.Kind() == parquet.Int32 || of.Kind() == parquet.Int64 {
			return func(v parquet.Value) string {
				return strconv.FormatFloat(number(v)/math.Pow10(int(logical.Scale)), 'f', -1, 64)
			}
		}
	case *format.IntType:
		if !logical.IsSigned && of.Kind() == parquet.Int64 {
			return func(v parquet.Value) string { return strconv.FormatUint(v.Uint64(), 10) }
		}
	}
	switch of.Kind() {
	case parquet.Float:
		return func(v parquet.Value) string { return strconv.FormatFloat(float64(v.Float()), 'f', -1, 32) }
	case parquet.Double:
		return func(v parquet.Value) string { return strconv.FormatFloat(v.Double(), 'f', -1, 64) }
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return func(v parquet.Value) string { return string(v.ByteArray()) }
	}
	return parquet.Value.String
}

func logicalOf(of parquet.Type) format.LogicalTypeValue {
	if logical := of.LogicalType(); logical != nil {
		return logical.Value
	}
	return nil
}

func number(v parquet.Value) float64 {
	if v.Kind() == parquet.Int32 {
		return float64(v.Int32())
	}
	return float64(v.Int64())
}

func instantOf(stamp *format.TimestampType) func(parquet.Value) string {
	return func(v parquet.Value) string {
		n := v.Int64()
		var at time.Time
		switch stamp.Unit.Value.(type) {
		case *format.MilliSeconds:
			at = time.UnixMilli(n)
		case *format.MicroSeconds:
			at = time.UnixMicro(n)
		default:
			at = time.Unix(n/1e9, n%1e9)
		}
		if stamp.IsAdjustedToUTC {
			return at.UTC().Format(time.RFC3339Nano)
		}
		return at.UTC().Format("2006-01-02T15:04:05.999999999") // of a clock on the wall
	}
}
