package instance

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// MaxBytes bounds a file, MaxNodes what a matrix of distances is made for.
const (
	MaxBytes = 64 << 20
	MaxNodes = 10_000
	maxEdges = 4_000_000
)

// SyntaxError is a fault in a file.
type SyntaxError struct {
	Line int // from 1
	Why  string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// scanner reads lines of fields, and counts them.
type scanner struct {
	lines *bufio.Scanner
	line  int
}

func newScanner(r io.Reader) *scanner {
	// One byte more than allowed, so that a file that is too long is told from one that just fits.
	lines := bufio.NewScanner(&bounded{r, MaxBytes})
	lines.Buffer(make([]byte, 0, 4096), 64<<10)
	return &scanner{lines: lines}
}

// next is the fields of the next line that has any; nil at the end.
func (s *scanner) next() ([]string, error) {
	for s.lines.Scan() {
		s.line++
		if fields := strings.Fields(s.lines.Text()); len(fields) > 0 {
			return fields, nil
		}
	}
	if err := s.lines.Err(); err != nil {
		s.line++
		return nil, s.fault("%v", err)
	}
	return nil, nil
}

// want is the next line, which must have the given fields.
func (s *scanner) want(names ...string) ([]string, error) {
	fields, err := s.next()
	switch {
	case err != nil:
		return nil, err
	case fields == nil:
		s.line++
		return nil, s.fault("the file ends where %s should follow", strings.Join(names, " "))
	case len(fields) != len(names):
		return nil, s.fault("%d fields where %s should be", len(fields), strings.Join(names, " "))
	}
	return fields, nil
}

// end checks that nothing follows.
func (s *scanner) end() error {
	fields, err := s.next()
	if err == nil && fields != nil {
		return s.fault("more lines than the first line says")
	}
	return err
}

func (s *scanner) fault(format string, args ...any) error {
	return &SyntaxError{s.line, fmt.Sprintf(format, args...)}
}

func (s *scanner) integer(name, text string, low, high int64) (int64, error) {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < low || value > high {
		return 0, s.fault("%s %q is not an integer from %d to %d", name, clip(text), low, high)
	}
	return value, nil
}

// maxCoordinate keeps squares of distances exact enough: a double has 53 bits.
const maxCoordinate = 1e9

func (s *scanner) coordinate(name, text string) (float64, error) {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(value) || math.Abs(value) > maxCoordinate {
		return 0, s.fault("%s %q is not a number within ±%g", name, clip(text), float64(maxCoordinate))
	}
	return value, nil
}

func clip(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}

// bounded reads up to a number of bytes, and fails where more follow.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if n > b.left {
		return b.left, fmt.Errorf("the file is larger than %d MB", MaxBytes>>20)
	}
	b.left -= n
	return n, err
}
