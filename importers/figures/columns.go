package figures

import (
	"regexp"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/table"
)

// maxRows bounds what is read of a table: figures are about units, and there are not more of those.
const maxRows = yizhan.MaxFigures

// sheet is a table read as a whole, with what each column may be.
type sheet struct {
	*table.Table
	rows []table.Row
}

func readSheet(file []byte, ask yizhan.TableAsk) (*sheet, []yizhan.TableProblem, error) {
	options := table.Options{Sheet: ask.Sheet, Limits: table.Limits{Rows: maxRows, Columns: 200, CellBytes: 8 << 10, Bytes: 64 << 20, Texts: 16 << 20}}
	if ask.Header != nil {
		options.Header = &table.Header{First: ask.Header[0], Last: ask.Header[1]}
	}
	opened, err := table.Open(readerOf(file), int64(len(file)), options)
	if err != nil {
		return nil, nil, err
	}
	s := &sheet{Table: opened}
	var problems []yizhan.TableProblem
	for row, err := range opened.Rows() {
		if err != nil {
			return nil, nil, err
		}
		for _, p := range row.Problems {
			problems = append(problems, yizhan.TableProblem(p))
		}
		s.rows = append(s.rows, table.Row{Number: row.Number, Cells: append([]table.Cell(nil), row.Cells...)})
	}
	return s, problems, nil
}

func (s *sheet) reading(roles map[string]string, problems []yizhan.TableProblem) yizhan.TableReading {
	r := yizhan.TableReading{Format: string(s.Format), Encoding: string(s.Encoding), Sheet: s.Sheet, Sheets: s.Sheets,
		Header: [2]int{s.Header.First, s.Header.Last}, Above: s.Above, Roles: roles, Problems: problems}
	for _, c := range s.Columns {
		r.Columns = append(r.Columns, yizhan.TableColumn{Letter: c.Letter, Name: c.Name})
	}
	return r
}

// column is the index of the column with a letter; -1 for none.
func (s *sheet) column(letter string) int {
	for _, c := range s.Columns {
		if c.Letter == letter {
			return c.Index
		}
	}
	return -1
}

// asked takes the columns that were named, and refuses letters that there are not.
func (s *sheet) asked(ask yizhan.TableAsk, roles ...string) (map[string]string, error) {
	known := map[string]string{}
	for _, role := range roles {
		letter, named := ask.Columns[role]
		switch {
		case !named || letter == "":
		case letter == "-":
			known[role] = ""
		case s.column(letter) < 0:
			return nil, yizhan.Invalid(role, "the table has no column %s", letter)
		default:
			known[role] = letter
		}
	}
	return known, nil
}

// taken tells whether a column has a role already.
func taken(roles map[string]string, letter string) bool {
	for _, other := range roles {
		if other == letter {
			return true
		}
	}
	return false
}

func (s *sheet) cell(row table.Row, letter string) table.Cell {
	if i := s.column(letter); letter != "" && i >= 0 {
		return row.Cells[i]
	}
	return table.Cell{}
}

var (
	serialHead = regexp.MustCompile(`^(序号|编号|行号|no\.?|#|id)$`)
	valueHead  = regexp.MustCompile(`率|数|量|比|值|得分|人|户|件|value|count|share|rate|%`)
)

// findValue is the first column of mostly numbers, one whose name sounds like a figure before others.
func (s *sheet) findValue(roles map[string]string) string {
	best, bestScore := "", 0
	for _, c := range s.Columns {
		if taken(roles, c.Letter) || serialHead.MatchString(strings.ToLower(c.Name)) {
			continue
		}
		numbers, texts := 0, 0
		for _, row := range s.rows {
			v, err := table.NumberOf(row.Cells[c.Index])
			switch {
			case err != nil:
				texts++
			case v.Known:
				numbers++
			}
		}
		if numbers <= texts {
			continue
		}
		score := numbers
		if valueHead.MatchString(strings.ToLower(c.Name)) {
			score += len(s.rows)
		}
		if score > bestScore {
			best, bestScore = c.Letter, score
		}
	}
	return best
}
