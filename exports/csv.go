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
}

const byteOrderMark = "\ufeff"

// WriteCSV writes a table as CSV: RFC 4180, UTF-8, lines that end in CRLF, names in the first. A null is an
// empty field and an empty text a quoted one; a cell is its usual hexadecimal text; a point takes two
// columns. About is left out, as CSV has no place for it.
//
// A text that a spreadsheet would run as a formula, because it begins with = + - @, their full-width forms,
// a tab or a line break, gets an apostrophe in front. Numbers are never touched.
func WriteCSV(w io.Writer, t Table, o CSVOptions) error {
	if err := t.check(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	var line []byte
	if o.BOM {
		line = append(line, byteOrderMark...)
	}
	if _, err := out.Write(appendHead(line, t, o.Titles)); err != nil {
		return fmt.Errorf("exports: write CSV: %w", err)
	}
	err := t.each(func(_ int, row []Value) error {
		line = line[:0]
		for i, v := range row {
			line = appendCSV(line, t.Columns[i].Type, v)
		}
		_, err := out.Write(endLine(line))
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

func appendHead(line []byte, t Table, titles bool) []byte {
	names := t.flatNames()
	if titles {
		names = t.flatTitles()
	}
	for _, name := range names {
		line = append(appendQuoted(line, guard(name)), ',')
	}
	return endLine(line)
}

// flatTitles are the titles of the columns, where a point takes two.
func (t *Table) flatTitles() []string {
	var titles []string
	for _, c := range t.Columns {
		if c.Type == PointType {
			titles = append(titles, c.title()+" lng", c.title()+" lat")
		} else {
			titles = append(titles, c.title())
		}
	}
	return titles
}

// endLine ends a line whose fields each end in a comma. A line of one empty field would be no line at all.
func endLine(line []byte) []byte {
	line = line[:len(line)-1]
	if len(line) == 0 {
		line = append(line, `""`...)
	}
	return append(line, "\r\n"...)
}

func appendCSV(line []byte, of Type, v Value) []byte {
	switch {
	case !v.known && of == PointType:
		return append(line, ",,"...)
	case !v.known:
	case of == TextType:
		line = appendQuoted(line, guard(v.text))
	case of == IntType:
		line = strconv.AppendInt(line, v.int(), 10)
	case of == FloatType:
		line = strconv.AppendFloat(line, v.float(), 'f', -1, 64)
	case of == BoolType:
		line = strconv.AppendBool(line, v.bool())
	case of == CellType:
		line = append(line, v.cell().String()...)
	case of == PointType:
		line = appendPoint(line, v.point)
	}
	return append(line, ',')
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

// guard keeps a text from being run as a formula.
func guard(text string) string {
	for _, prefix := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(text, prefix) {
			return "'" + text
		}
	}
	return text
}
