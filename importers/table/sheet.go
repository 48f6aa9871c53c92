package table

import (
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan"
)

// maxSheetRows is how many rows a sheet has in any program.
const maxSheetRows = 1_048_576

// sheetSource streams the rows of a sheet.
type sheetSource struct {
	book   *workbook
	part   string
	merges []merge
}

func (s *sheetSource) rows() iter.Seq2[sourceRow, error] {
	return func(yield func(sourceRow, error) bool) {
		read := sheetReader{book: s.book, merges: mergeFiller{merges: s.merges, columns: s.book.limits.Columns}}
		stopped := false
		err := s.book.walk(s.part, s.book.limits.Bytes, func(e event) error {
			done, err := read.take(e)
			if err != nil || !done || read.row.blank() {
				return err
			}
			if !yield(read.row, nil) {
				stopped = true
				return errEnough
			}
			return nil
		})
		if err != nil && !stopped {
			yield(sourceRow{}, err)
		}
	}
}

// sheetReader puts rows together from the pieces of a sheet.
type sheetReader struct {
	book   *workbook
	merges mergeFiller
	row    sourceRow

	column   int // of the cell, from 0
	kind     string
	style    int
	formula  bool
	saved    bool // there is a value, be it empty
	value    strings.Builder
	phonetic int
	inData   bool
}

// take takes the next piece, and tells whether it ended a row.
func (s *sheetReader) take(e event) (done bool, err error) {
	switch {
	case e.start == "sheetData":
		s.inData = true
	case e.end == "sheetData":
		return false, errEnough
	case !s.inData:
	case e.start == "row":
		return false, s.startRow(e)
	case e.end == "row":
		s.row.cells, err = s.merges.fill(s.row.number, s.row.cells)
		return true, err
	case e.start == "c":
		return false, s.startCell(e)
	case e.end == "c":
		return false, s.endCell()
	case e.start == "f":
		s.formula = true
	case e.start == "v":
		s.saved = true
	case e.start == "rPh":
		s.phonetic++
	case e.end == "rPh":
		s.phonetic--
	case e.text != nil && (e.in == "v" || e.in == "t") && s.phonetic == 0:
		if s.value.Len()+len(e.text) > s.book.limits.CellBytes {
			return false, yizhan.Errorf(yizhan.CodeTooLarge, "file", "row %d, column %s: more than %d bytes in a cell",
				s.row.number, Letter(s.column), s.book.limits.CellBytes)
		}
		s.value.Write(e.text)
	}
	return false, nil
}

func (s *sheetReader) startRow(e event) error {
	number := s.row.number + 1
	if given := e.attr("r"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < number {
			return yizhan.Invalid("file", "is a damaged workbook: its rows are out of order after row %d", s.row.number)
		}
		number = n
	}
	if number > maxSheetRows {
		return yizhan.Errorf(yizhan.CodeTooLarge, "file", "has more than %d rows", maxSheetRows)
	}
	s.row = sourceRow{number: number, cells: s.row.cells[:0]}
	s.column = -1
	return nil
}

func (s *sheetReader) startCell(e event) error {
	column := s.column + 1
	if ref := e.attr("r"); ref != "" {
		var ok bool
		if column, ok = columnOf(ref); !ok {
			return yizhan.Invalid("file", "is a damaged workbook: a cell of row %d has no place", s.row.number)
		}
	}
	s.column, s.kind, s.formula, s.saved = column, e.attr("t"), false, false
	s.value.Reset()
	s.style = 0
	if style, err := strconv.Atoi(e.attr("s")); err == nil {
		s.style = style
	}
	return nil
}

// columnOf gives the index of the column of a reference such as AB12, from 0.
func columnOf(ref string) (column int, ok bool) {
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20 // upper case
		if c < 'A' || c > 'Z' {
			return column - 1, i > 0
		}
		column = column*26 + int(c-'A'+1)
	}
	return 0, false
}

func (s *sheetReader) endCell() error {
	c := s.cell()
	if c.Kind == Empty {
		return nil
	}
	if s.column >= s.book.limits.Columns {
		return yizhan.Errorf(yizhan.CodeTooLarge, "file", "row %d: has more than %d columns", s.row.number, s.book.limits.Columns)
	}
	for len(s.row.cells) <= s.column {
		s.row.cells = append(s.row.cells, Cell{})
	}
	s.row.cells[s.column] = c
	return nil
}

// cell reads what is written in a cell.
func (s *sheetReader) cell() Cell {
	value := s.value.String()
	c := Cell{Kind: Text, Text: trim(unescape(value)), Formula: s.formula}
	if s.formula && !s.saved {
		return failed(c, "is a formula without a saved result: open the file in a spreadsheet program and save it")
	}
	switch s.kind {
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(s.book.texts) {
			return failed(c, "refers to a text that the workbook does not have")
		}
		c.Text = s.book.texts[i]
	case "b":
		c.Kind, c.Text = Bool, map[bool]string{true: "TRUE", false: "FALSE"}[isTrue(value)]
	case "e":
		if c.Text == "#N/A" { // the way to say in a formula that there is no figure
			return Cell{Kind: Text, Text: c.Text, Formula: c.Formula}
		}
		return failed(c, "the formula fails: the sheet shows "+quote(c.Text))
	case "d":
		c.Kind, c.Text = Date, strings.TrimSuffix(strings.Replace(c.Text, "T", " ", 1), " 00:00:00")
	case "str", "inlineStr":
	default:
		return s.number(c, value)
	}
	if c.Text == "" {
		c.Kind = Empty
	}
	return c
}

func failed(c Cell, why string) Cell {
	c.Kind, c.Why = Failed, why
	return c
}

func (s *sheetReader) number(c Cell, value string) Cell {
	if c.Text == "" {
		return Cell{}
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return failed(c, quote(c.Text)+" is not a number")
	}
	c.Kind, c.Text = Number, formatNumber(x)
	switch s.format() {
	case percentFormat:
		c.Percent = true
	case dateFormat:
		if date, ok := formatDate(x, s.book.date1904); ok {
			c.Kind, c.Text = Date, date
		}
	case timeFormat:
		if _, ok := formatDate(x, s.book.date1904); ok && x < 1 {
			seconds := int(math.Round(x * 86_400))
			c.Kind, c.Text = Text, strconv.Itoa(seconds/3600)+":"+twoDigits(seconds/60%60)
		}
	}
	return c
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func (s *sheetReader) format() cellFormat {
	if s.style < 0 || s.style >= len(s.book.formats) {
		return plainFormat
	}
	return s.book.formats[s.style]
}
