package exports

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// CSVOptions are the ways in which readers of CSV differ.
type CSVOptions struct {
	BOM    bool // begin with a byte order mark, without which Excel takes UTF-8 for the local code page
	Titles bool // head the columns with their titles in place of their names
	Raw    bool // for a program that is told the rest: plain names, and no text is kept from being a formula
}

const byteOrderMark = "\ufeff"

// WriteCSV writes a table as CSV: RFC 4180, UTF-8, lines that end in CRLF, names in the first. A null is an
// empty field and an empty text a quoted one; a cell is its usual hexadecimal text; a point takes two
// columns and an area is WKT. About is left out, as CSV has no place for it.
//
// A text that a spreadsheet would run as a formula gets an apostrophe in front (see Guard). Numbers are never
// touched.
func WriteCSV(w io.Writer, t Table, o CSVOptions) error {
	if err := t.check(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	c, heads := csvLines{table: &t, guard: Guard}, t.headings(o.Titles)
	if o.Raw {
		c.guard, heads = func(text string) string { return text }, t.flatNames()
	}
	if o.BOM {
		c.line = append(c.line, byteOrderMark...)
	}
	if _, err := out.Write(c.head(heads)); err != nil {
		return fmt.Errorf("exports: write CSV: %w", err)
	}
	err := t.each(func(_ int, row []Value) error {
		_, err := out.Write(c.row(row))
		return err
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("exports: write CSV: %w", err)
	}
	return nil
}

// csvLines makes the lines, each in the place of the one before.
type csvLines struct {
	table *Table
	guard func(string) string
	line  []byte
}

func (c *csvLines) head(names []string) []byte {
	for _, name := range names {
		c.line = append(appendQuoted(c.line, c.guard(name)), ',')
	}
	return endLine(c.line)
}

func (c *csvLines) row(row []Value) []byte {
	c.line = c.line[:0]
	for i, v := range row {
		c.value(c.table.Columns[i].Type, v)
	}
	return endLine(c.line)
}

// endLine ends a line whose fields each end in a comma. A line of one empty field would be no line at all.
func endLine(line []byte) []byte {
	line = line[:len(line)-1]
	if len(line) == 0 {
		line = append(line, `""`...)
	}
	return append(line, "\r\n"...)
}

func (c *csvLines) value(of Type, v Value) {
	switch {
	case !v.known && of == PointType:
		c.line = append(c.line, ',')
	case !v.known:
	case of == TextType:
		c.line = appendQuoted(c.line, c.guard(v.text))
	case of == IntType:
		c.line = strconv.AppendInt(c.line, v.int(), 10)
	case of == FloatType:
		c.line = strconv.AppendFloat(c.line, v.float(), 'f', -1, 64)
	case of == BoolType:
		c.line = strconv.AppendBool(c.line, v.bool())
	case of == CellType:
		c.line = append(c.line, v.cell().String()...)
	case of == PointType:
		c.line = appendPoint(c.line, c.table.Reference.FromWGS84(v.point))
	case of == AreaType:
		c.line = append(appendWKT(append(c.line, '"'), c.table.moved(v).(orb.MultiPolygon)), '"')
	}
	c.line = append(c.line, ',')
}

func appendPoint(line []byte, p orb.Point) []byte {
	line = strconv.AppendFloat(line, p[0], 'f', -1, 64)
	return strconv.AppendFloat(append(line, ','), p[1], 'f', -1, 64)
}

// appendQuoted writes a text, in quotes where it must be. encoding/csv would drop carriage returns.
func appendQuoted(line []byte, text string) []byte {
	if text != "" && !strings.ContainsAny(text, "\",\r\n") && text[0] != ' ' && text[len(text)-1] != ' ' {
		return append(line, text...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}
