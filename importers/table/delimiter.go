package table

import (
	"bufio"
	"errors"
	"io"

	"github.com/yizhan/yizhan"
)

// delimiters are tried in this order; the first of equals wins.
var delimiters = []rune{',', '\t', ';', '|'}

// sampled is how many rows tell the delimiter.
const sampled = 40

// findDelimiter takes the delimiter that cuts most rows into equally many cells, and more than one.
func findDelimiter(r io.ReaderAt, size int64, e Encoding, l Limits) (rune, error) {
	best, bestScore := delimiters[0], 0
	for _, d := range delimiters {
		decoded, err := decode(io.NewSectionReader(r, 0, size), e)
		if err != nil {
			return 0, err
		}
		score, hint := scoreDelimiter(&scanner{in: bufio.NewReader(decoded), delimiter: d, limits: l})
		if hint != 0 {
			return hint, nil
		}
		if score > bestScore {
			best, bestScore = d, score
		}
	}
	return best, nil
}

// scoreDelimiter counts the rows of the commonest width above one, times that width. A file that says
// "sep=;" in its first line has said it.
func scoreDelimiter(s *scanner) (score int, hint rune) {
	widths := map[int]int{}
	for range sampled {
		row, err := s.row()
		if row.number == 1 && len(row.cells) > 0 && isDelimiterHint(row.cells) {
			if said := []rune(row.cells[0].Text); len(said) == 5 {
				return 0, said[4]
			}
		}
		var ours *yizhan.Error
		if errors.Is(err, io.EOF) || errors.As(err, &ours) { // what is wrong with the file is told when it is read
			break
		}
		if width := widthOf(row.cells); width > 1 {
			widths[width]++
		}
	}
	for width, rows := range widths {
		score = max(score, rows*(width+10)) // that all rows agree matters more than that they are wide
	}
	return score, 0
}

// widthOf is where the last cell stands that has something in it of its own, from 1.
func widthOf(cells []Cell) int {
	for i := len(cells); i > 0; i-- {
		if cells[i-1].Kind != Empty && !cells[i-1].covered {
			return i
		}
	}
	return 0
}
