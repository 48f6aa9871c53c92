package table

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/yizhan/yizhan"
)

func (t *Table) openText(r io.ReaderAt, size int64, o Options) (err error) {
	if size > o.Limits.Bytes {
		return yizhan.Errorf(yizhan.CodeTooLarge, "file", "has %d bytes; at most %d are read", size, o.Limits.Bytes)
	}
	t.Format, t.Encoding, t.Delimiter = CSV, o.Encoding, o.Delimiter
	if t.Encoding == "" {
		if t.Encoding, err = findEncoding(r, size); err != nil {
			return err
		}
	}
	if t.Delimiter == 0 {
		if t.Delimiter, err = findDelimiter(r, size, t.Encoding, o.Limits); err != nil {
			return err
		}
	}
	if strings.ContainsRune("\"\r\n\uFFFD\x00", t.Delimiter) {
		return yizhan.Invalid("delimiter", "cannot be a delimiter")
	}
	t.source = &textSource{file: r, size: size, encoding: t.Encoding, delimiter: t.Delimiter, limits: o.Limits}
	return nil
}

// textSource reads delimited text as RFC 4180 has it, and forgives a quote in the middle of a cell.
type textSource struct {
	file      io.ReaderAt
	size      int64
	encoding  Encoding
	delimiter rune
	limits    Limits
}

func (s *textSource) rows() iter.Seq2[sourceRow, error] {
	return func(yield func(sourceRow, error) bool) {
		decoded, err := decode(io.NewSectionReader(s.file, 0, s.size), s.encoding)
		if err != nil {
			yield(sourceRow{}, err)
			return
		}
		scan := scanner{in: bufio.NewReaderSize(decoded, 64<<10), delimiter: s.delimiter, limits: s.limits}
		for {
			row, err := scan.row()
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(sourceRow{}, err)
				return
			case row.blank() || row.number == 1 && isDelimiterHint(row.cells):
				continue
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (r *sourceRow) blank() bool {
	for _, c := range r.cells {
		if c.Kind != Empty {
			return false
		}
	}
	return true
}

// isDelimiterHint knows the line "sep=;" that Excel understands.
func isDelimiterHint(cells []Cell) bool {
	return len(cells) > 0 && strings.HasPrefix(cells[0].Text, "sep=") && len(cells[0].Text) <= 5
}

// scanner cuts text into rows of cells.
type scanner struct {
	in        *bufio.Reader
	delimiter rune
	limits    Limits

	number int // of the row
	cells  []Cell
	text   []byte // of the cell
}

// row gives the next row, or io.EOF.
func (s *scanner) row() (sourceRow, error) {
	s.number++
	s.cells = s.cells[:0]
	if _, err := s.in.Peek(1); err != nil {
		return sourceRow{}, readError(err)
	}
	for {
		end, err := s.cell()
		if err != nil {
			return sourceRow{}, err
		}
		if err := s.keep(); err != nil {
			return sourceRow{}, err
		}
		if end != s.delimiter {
			return sourceRow{number: s.number, cells: s.cells}, nil
		}
	}
}

// keep takes the text of the cell into the row. Empty cells beyond the limit are of no interest: spreadsheet
// programs write thousands of them.
func (s *scanner) keep() error {
	text := trim(string(s.text))
	if len(s.cells) >= s.limits.Columns {
		if text == "" {
			return nil
		}
		return yizhan.Errorf(yizhan.CodeTooLarge, "file", "row %d: has more than %d columns", s.number, s.limits.Columns)
	}
	c := Cell{Text: text}
	if text != "" {
		c.Kind = Text
	}
	s.cells = append(s.cells, c)
	return nil
}

// cell reads one cell and gives what ended it: the delimiter, or '\n', also for the end of the file.
func (s *scanner) cell() (rune, error) {
	s.text = s.text[:0]
	for {
		c, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return '\n', nil
		case err != nil:
			return 0, err
		case c == s.delimiter || c == '\n':
			return c, nil
		case c == '"' && len(trim(string(s.text))) == 0 && len(s.text) < 64:
			s.text = s.text[:0]
			if err := s.quoted(); err != nil {
				return 0, err
			}
			continue
		}
		if err := s.add(c); err != nil {
			return 0, err
		}
	}
}

// quoted reads to the closing quote. What follows it up to the delimiter is text, too.
func (s *scanner) quoted() error {
	began := s.number
	for {
		c, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return yizhan.Invalid("file", "row %d: a quote that begins here does not end", began)
		case err != nil:
			return err
		}
		if c == '"' {
			if after, err := s.in.Peek(1); err != nil || after[0] != '"' {
				return nil // an error comes again with the next character
			}
			if _, err := s.next(); err != nil {
				return err
			}
		}
		if err := s.add(c); err != nil {
			return err
		}
	}
}

func (s *scanner) add(c rune) error {
	if len(s.text) >= s.limits.CellBytes {
		return yizhan.Errorf(yizhan.CodeTooLarge, "file", "row %d, column %s: more than %d bytes in a cell; is a quote missing?",
			s.number, Letter(len(s.cells)), s.limits.CellBytes)
	}
	s.text = utf8.AppendRune(s.text, c)
	return nil
}

// next gives the next character; all ends of lines are '\n'.
func (s *scanner) next() (rune, error) {
	c, _, err := s.in.ReadRune()
	switch {
	case err != nil:
		return 0, readError(err)
	case c == utf8.RuneError:
		return 0, yizhan.Invalid("file", "row %d, column %s: has bytes that are no text in this encoding", s.number, Letter(len(s.cells)))
	case c == 0:
		return 0, yizhan.Invalid("file", "row %d: is not text", s.number)
	case c == '\r':
		if after, err := s.in.Peek(1); err == nil && after[0] == '\n' {
			_, _ = s.in.Discard(1) // it is there
		}
		return '\n', nil
	}
	return c, nil
}

func readError(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return unreadable(err)
}
