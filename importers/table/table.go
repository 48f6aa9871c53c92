package table

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/yizhan/yizhan"
)

// Format is how a file holds its table.
type Format string

// The formats.
const (
	CSV  Format = "csv" // any delimited text
	XLSX Format = "xlsx"
)

// Kind is what a cell holds.
type Kind int

// The kinds.
const (
	Empty  Kind = iota
	Text        // all that delimited text has
	Number      // Text is the number in digits
	Date        // Text is 2006-01-02, with 15:04:05 behind it if there is a time
	Bool        // Text is TRUE or FALSE
	Failed      // there is no value to trust; Why says so
)

// Cell is one cell. The zero Cell is empty.
type Cell struct {
	Kind    Kind
	Text    string // without spaces around it; of a failed cell, what the sheet shows
	Percent bool   // a Number that the sheet shows as per cent; Text is the fraction: 0.853 for 85.3 %
	Formula bool   // the value is what a formula gave when the file was saved
	Merged  bool   // merged with other cells, all of which are given this value
	Why     string // of a failed cell

	covered bool // not the first of the cells that it is merged with
}

// Column is one column of the table.
type Column struct {
	Index  int    // of its cell in each row, from 0
	Letter string // as a spreadsheet calls it
	Name   string // of the head, in which "a / b" is b below a; the letter if it says nothing; never twice the same
}

// Row is one row below the head.
type Row struct {
	Number   int       // from 1, as a spreadsheet shows it
	Cells    []Cell    // as many as Table.Columns; valid until the next row
	Problems []Problem // of the row as a whole, such as cells to the right of the table
}

// Problem is something wrong with a row, for whoever made the file.
type Problem struct {
	Row    int    `json:"row"`              // as a spreadsheet shows it; 0 for the whole table
	Column string `json:"column,omitempty"` // the name of the column; empty for the whole row
	Why    string `json:"why"`
}

func (p Problem) String() string {
	where := fmt.Sprintf("row %d", p.Row)
	if p.Column != "" {
		where += ", " + p.Column
	}
	return where + ": " + p.Why
}

// Header tells which rows are the head: First to Last, from 1. First 0 means that there is none: the rows
// after Last are the table.
type Header struct{ First, Last int }

// Limits bound what a file may make us read. A zero means the default.
type Limits struct {
	Rows      int   // below the head
	Columns   int   // of which something is written
	CellBytes int   // of one cell
	Bytes     int64 // of a text file, or of a sheet when unpacked
	Texts     int64 // bytes of the texts that the sheets of a workbook share
}

func (l Limits) orDefault() Limits {
	d := Limits{Rows: 1_048_576, Columns: 512, CellBytes: 64 << 10, Bytes: 2 << 30, Texts: 128 << 20}
	if l.Rows > 0 {
		d.Rows = l.Rows
	}
	if l.Columns > 0 {
		d.Columns = l.Columns
	}
	if l.CellBytes > 0 {
		d.CellBytes = l.CellBytes
	}
	if l.Bytes > 0 {
		d.Bytes = l.Bytes
	}
	if l.Texts > 0 {
		d.Texts = l.Texts
	}
	return d
}

// Options say what is known of a file. All that is left zero is found out.
type Options struct {
	Sheet     string // of a workbook: else the first that is visible and has cells
	Encoding  Encoding
	Delimiter rune
	Header    *Header
	Limits    Limits
}

// Table is an opened table. It reads from the file that it was opened on, again for each call of Rows.
type Table struct {
	Format    Format
	Encoding  Encoding // of text
	Delimiter rune     // of text
	Sheet     string   // of a workbook, the sheet that is read
	Sheets    []string // of a workbook, all that are visible
	Header    Header
	Above     []string // what is written above the head: a title, a unit, a date
	Columns   []Column

	source source
	limits Limits
}

// source gives the rows of a file from its first, blank ones left out, each time it is asked.
type source interface {
	rows() iter.Seq2[sourceRow, error]
}

type sourceRow struct {
	number int
	cells  []Cell // valid until the next row
}

// peeked is how many rows are looked at to find the head.
const peeked = 40

// Open finds out what a file of size bytes is. Faults are *yizhan.Error with the field "file", or "sheet".
func Open(r io.ReaderAt, size int64, o Options) (*Table, error) {
	o.Limits = o.Limits.orDefault()
	t := &Table{limits: o.Limits}
	if err := t.openSource(r, size, o); err != nil {
		return nil, err
	}
	head, err := peek(t.source)
	if err != nil {
		return nil, err
	}
	if len(head) == 0 {
		return nil, yizhan.Invalid("file", "has no rows")
	}
	if o.Header != nil {
		t.Header = *o.Header
	} else {
		t.Header = findHeader(head)
	}
	if err := t.Header.check(head); err != nil {
		return nil, err
	}
	t.Columns = nameColumns(head, t.Header)
	t.Above = above(head, t.Header)
	return t, nil
}

func (t *Table) openSource(r io.ReaderAt, size int64, o Options) error {
	start := make([]byte, 512)
	n, err := r.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return unreadable(err)
	}
	switch format, err := sniff(start[:n]); {
	case err != nil:
		return err
	case format == XLSX:
		return t.openWorkbook(r, size, o)
	default:
		return t.openText(r, size, o)
	}
}

func peek(s source) (head []sourceRow, err error) {
	for row, err := range s.rows() {
		if err != nil {
			return nil, err
		}
		row.cells = append([]Cell(nil), row.cells...)
		if head = append(head, row); len(head) == peeked {
			break
		}
	}
	return head, nil
}

// Rows gives the rows below the head, without blank ones. After an error there are no more.
func (t *Table) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		cells := make([]Cell, len(t.Columns))
		given := 0
		for row, err := range t.source.rows() {
			switch {
			case err != nil:
				yield(Row{}, err)
				return
			case row.number <= t.Header.Last:
				continue
			}
			if given++; given > t.limits.Rows {
				yield(Row{}, yizhan.Errorf(yizhan.CodeTooLarge, "file", "has more than %d rows", t.limits.Rows))
				return
			}
			if !yield(t.row(row, cells), nil) {
				return
			}
		}
	}
}

// row cuts or fills a row to the width of the table.
func (t *Table) row(from sourceRow, cells []Cell) Row {
	clear(cells)
	copy(cells, from.cells)
	row := Row{Number: from.number, Cells: cells}
	for i := len(cells); i < len(from.cells); i++ {
		if c := from.cells[i]; c.Kind != Empty && !c.covered {
			row.Problems = append(row.Problems, Problem{Row: from.number, Column: Letter(i),
				Why: "is to the right of the table: its head has " + fmt.Sprint(len(cells)) + " columns"})
			break
		}
	}
	return row
}

// Letter is what a spreadsheet calls the column with an index from 0.
func Letter(index int) string {
	var letters []byte
	for n := index + 1; n > 0; n = (n - 1) / 26 {
		letters = append([]byte{byte('A' + (n-1)%26)}, letters...)
	}
	return string(letters)
}

func unreadable(err error) error {
	return &yizhan.Error{Code: yizhan.CodeInvalid, Field: "file", Message: "cannot be read", Err: err}
}

// spaces are what is cut around a text: the ideographic one and the byte order mark, too.
const spaces = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"

func trim(text string) string { return strings.Trim(text, spaces) }
