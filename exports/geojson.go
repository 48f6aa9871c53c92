package exports

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/paulmach/orb"
)

// WriteGeoJSON writes a table as a FeatureCollection (RFC 7946), a feature a line, with About under the member
// about. In another reference than WGS84 it is GeoJSON of 2008, whose member crs names the reference.
func WriteGeoJSON(w io.Writer, t Table) error {
	about, err := json.Marshal(aboutOf(t))
	if err != nil {
		return fmt.Errorf("exports: %w", err)
	}
	head := append([]byte(`{"type":"FeatureCollection","name":`), appendJSONText(nil, t.Name)...)
	if !t.inWGS84() {
		head = append(appendJSONText(append(head, `,"crs":{"type":"name","properties":{"name":`...), t.crsName()), "}}"...)
	}
	head = append(append(append(head, `,"about":`...), about...), `,"features":[`...)
	return writeFeatures(w, t, features{head: string(head), before: "\n", between: ",\n", tail: "\n]}\n"})
}

// WriteGeoJSONSeq writes a table as a sequence of features (RFC 8142), which is WGS84 always.
func WriteGeoJSONSeq(w io.Writer, t Table) error {
	if !t.inWGS84() {
		return fmt.Errorf("exports: a sequence of GeoJSON is WGS84 only, and cannot say that it is %s", t.referenceName())
	}
	return writeFeatures(w, t, features{before: "\x1e", between: "\n\x1e", tail: "\n"})
}

// features is what stands around features.
type features struct{ head, before, between, tail string }

func writeFeatures(w io.Writer, t Table, f features) error {
	if err := t.check(); err != nil {
		return err
	}
	source, err := t.geometrySource()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	line := []byte(f.head)
	err = t.each(func(n int, row []Value) error {
		if n == 1 {
			line = append(line, f.before...) // after the head
		} else {
			line = append(line[:0], f.between...)
		}
		line = t.appendFeature(line, row, source)
		_, err := out.Write(line)
		line = line[:0]
		return err
	})
	if err != nil {
		return err
	}
	_, err = out.Write(append(line, f.tail...)) // the head as well, if there was no row
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("exports: write GeoJSON: %w", err)
	}
	return nil
}

func (t *Table) appendFeature(dst []byte, row []Value, source int) []byte {
	dst = append(dst, `{"type":"Feature",`...)
	for i, c := range t.Columns {
		if c.Name == t.ID && row[i].known {
			dst = append(appendJSONText(append(dst, `"id":`...), row[i].text), ',')
		}
	}
	dst = appendShape(append(dst, `"geometry":`...), t.moved(row[source]))
	dst = append(dst, `,"properties":{`...)
	begun := false
	for i, c := range t.Columns {
		if i == source || c.Derived {
			continue
		}
		if begun {
			dst = append(dst, ',')
		}
		begun = true
		dst = append(appendJSONText(dst, c.Name), ':')
		dst = t.appendProperty(dst, row[i])
	}
	return append(dst, "}}"...)
}

func (t *Table) appendProperty(dst []byte, v Value) []byte {
	switch {
	case !v.known:
		return append(dst, "null"...)
	case v.parts != nil:
		return append(dst, v.parts...)
	case v.of == IntType:
		return strconv.AppendInt(dst, v.int(), 10)
	case v.of == FloatType:
		return appendNumber(dst, v.float())
	case v.of == BoolType:
		return strconv.AppendBool(dst, v.bool())
	case v.of == CellType:
		return appendJSONText(dst, v.cell().String())
	case v.of == PointType:
		return appendPosition(dst, t.Reference.FromWGS84(v.point))
	case v.of == AreaType:
		return appendShape(dst, t.moved(v))
	}
	return appendJSONText(dst, v.text)
}

func appendShape(dst []byte, shape orb.Geometry) []byte {
	switch g := shape.(type) {
	case orb.Point:
		return append(appendPosition(append(dst, `{"type":"Point","coordinates":`...), g), '}')
	case orb.Polygon:
		return append(appendRings(append(dst, `{"type":"Polygon","coordinates":`...), g), '}')
	case orb.MultiPolygon:
		return append(appendListed(append(dst, `{"type":"MultiPolygon","coordinates":`...), g, appendRings), '}')
	}
	return append(dst, "null"...)
}

func appendRings(dst []byte, polygon orb.Polygon) []byte {
	return appendListed(dst, polygon, func(dst []byte, ring orb.Ring) []byte { return appendListed(dst, ring, appendPosition) })
}

func appendListed[E any](dst []byte, list []E, item func([]byte, E) []byte) []byte {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, e)
	}
	return append(dst, ']')
}

func appendPosition(dst []byte, p orb.Point) []byte {
	dst = append(appendNumber(append(dst, '['), p[0]), ',')
	return append(appendNumber(dst, p[1]), ']')
}

func appendNumber(dst []byte, x float64) []byte { return strconv.AppendFloat(dst, x, 'f', -1, 64) }

// appendJSONText writes a text; most need no escaping.
func appendJSONText(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			escaped, err := json.Marshal(text)
			if err != nil {
				panic(err) // a text never fails
			}
			return append(dst, escaped...)
		}
	}
	return append(append(append(dst, '"'), text...), '"')
}
