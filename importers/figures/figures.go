package figures

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/gazetteer"
	"github.com/yizhan/yizhan/importers/table"
)

const (
	maxCandidates = 12    // units that an ambiguous row names
	sampledRows   = 2_000 // that tell what a column is
)

func readerOf(file []byte) *bytes.Reader { return bytes.NewReader(file) }

// ReadFigures reads a table of figures about units of a city.
func ReadFigures(file []byte, ask yizhan.TableAsk, city *yizhan.City) (*yizhan.FigureTable, error) {
	s, problems, err := readSheet(file, ask)
	if err != nil {
		return nil, err
	}
	roles, err := s.asked(ask, yizhan.ColumnCode, yizhan.ColumnName, yizhan.ColumnParent, yizhan.ColumnValue)
	if err != nil {
		return nil, err
	}
	g := gazetteer.New(city, ask.Unit)
	level := s.findUnits(g, roles, ask.Level)
	if _, named := roles[yizhan.ColumnValue]; !named {
		roles[yizhan.ColumnValue] = s.findValue(roles)
	}
	t := &yizhan.FigureTable{Level: level}
	m := matcher{g: g, level: level, seen: map[string]int{}}
	for _, row := range s.rows {
		t.Rows = append(t.Rows, m.match(s, row, roles))
	}
	values := valueReader{sheet: s, letter: roles[yizhan.ColumnValue]}
	problems = append(problems, values.read(t)...)
	problems = append(problems, m.problems...)
	slices.SortStableFunc(problems, func(a, b yizhan.TableProblem) int { return a.Row - b.Row })
	t.TableReading = s.reading(roles, problems)
	return t, nil
}

// hits counts what units of each level a column names.
type hits struct {
	codes, names map[yizhan.Level]map[string]bool
	rows         map[yizhan.Level]int
}

// findUnits finds the columns of codes, names and parents that nobody named, and the level: the one of which
// most units are there, the lower of equals.
func (s *sheet) findUnits(g *gazetteer.Gazetteer, roles map[string]string, asked yizhan.Level) yizhan.Level {
	all := make([]hits, len(s.Columns))
	for i := range all {
		all[i] = s.hitsOf(i, g)
	}
	level := asked
	if level == "" {
		level = bestLevel(all)
	}
	pick := func(role string, count func(hits) int) {
		if _, named := roles[role]; named {
			return
		}
		best, most := "", 0
		for i, c := range s.Columns {
			if n := count(all[i]); n > most && !taken(roles, c.Letter) {
				best, most = c.Letter, n
			}
		}
		roles[role] = best
	}
	pick(yizhan.ColumnCode, func(h hits) int { return len(h.codes[level]) })
	pick(yizhan.ColumnName, func(h hits) int { return len(h.names[level]) })
	pick(yizhan.ColumnParent, func(h hits) int {
		levels := yizhan.Levels()
		for i := slices.Index(levels, level) - 1; i >= 1; i-- {
			if n := h.rows[levels[i]]; n*2 >= min(len(s.rows), sampledRows) {
				return n * (i + 1) // the nearest level above tells most
			}
		}
		return 0
	})
	return level
}

func bestLevel(all []hits) yizhan.Level {
	best, most := yizhan.LevelBanner, 0
	for _, level := range yizhan.Levels()[1:] {
		for _, h := range all {
			if n := max(len(h.codes[level]), len(h.names[level])); n >= most && n > 0 {
				best, most = level, n
			}
		}
	}
	return best
}

func (s *sheet) hitsOf(column int, g *gazetteer.Gazetteer) hits {
	h := hits{codes: map[yizhan.Level]map[string]bool{}, names: map[yizhan.Level]map[string]bool{}, rows: map[yizhan.Level]int{}}
	for _, level := range yizhan.Levels() {
		h.codes[level], h.names[level] = map[string]bool{}, map[string]bool{}
	}
	for _, row := range s.rows[:min(len(s.rows), sampledRows)] {
		c := row.Cells[column]
		if code, err := table.CodeOf(c); err == nil && code != "" {
			if unit := g.Unit(code); unit != nil {
				h.codes[unit.Level][code] = true
			}
			continue
		}
		if c.Kind != table.Text {
			continue
		}
		for _, level := range yizhan.Levels()[1:] {
			if found, _ := named(g, c.Text, "", level); len(found) > 0 {
				h.names[level][c.Text] = true
				h.rows[level]++
			}
		}
	}
	return h
}

// matcher finds the unit of each row.
type matcher struct {
	g        *gazetteer.Gazetteer
	level    yizhan.Level
	seen     map[string]int // a unit to the row that has it
	problems []yizhan.TableProblem
}

func (m *matcher) match(s *sheet, row table.Row, roles map[string]string) yizhan.FigureRow {
	r := yizhan.FigureRow{Row: row.Number, Match: yizhan.MatchUnknown}
	codeCell := s.cell(row, roles[yizhan.ColumnCode])
	r.Code, r.Name, r.Parent = codeCell.Text, s.cell(row, roles[yizhan.ColumnName]).Text, s.cell(row, roles[yizhan.ColumnParent]).Text
	code, err := table.CodeOf(codeCell)
	switch {
	case isTotal(r.Name) || r.Name == "" && (isTotal(r.Parent) || isTotal(r.Code)):
		r.Match = yizhan.MatchTotal
		return r
	case err != nil:
		m.problems = append(m.problems, yizhan.TableProblem{Row: row.Number, Column: s.Columns[s.column(roles[yizhan.ColumnCode])].Name, Why: err.Error()})
	case m.byCode(&r, code):
	default:
		m.byName(&r)
	}
	if r.Unit != "" && r.Match != yizhan.MatchOtherLevel {
		if before, twice := m.seen[r.Unit]; twice {
			r.Match = yizhan.MatchRepeated
			m.problems = append(m.problems, yizhan.TableProblem{Row: row.Number, Why: fmt.Sprintf("is of the same unit as row %d", before)})
		} else {
			m.seen[r.Unit] = row.Number
		}
	}
	return r
}

// byCode tells whether the code settles it. Codes of 12 digits that end in noughts are those of townships and
// banners in full.
func (m *matcher) byCode(r *yizhan.FigureRow, code string) bool {
	if code == "" {
		return false
	}
	unit := m.g.Unit(code)
	if unit == nil && len(code) == 12 {
		unit = m.g.Unit(strings.TrimSuffix(strings.TrimSuffix(code, "000"), "000"))
	}
	if unit == nil {
		return false
	}
	r.Unit, r.Match = unit.Code, yizhan.MatchCode
	if unit.Level != m.level {
		r.Match = yizhan.MatchOtherLevel
	}
	return true
}

func (m *matcher) byName(r *yizhan.FigureRow) {
	found, exact := named(m.g, r.Name, r.Parent, m.level)
	switch {
	case len(found) == 1 && exact:
		r.Unit, r.Match = found[0].Code, yizhan.MatchName
	case len(found) == 1:
		r.Unit, r.Match = found[0].Code, yizhan.MatchSimilar
	case len(found) > 1:
		r.Match = yizhan.MatchAmbiguous
		for _, unit := range found[:min(len(found), maxCandidates)] {
			r.Candidates = append(r.Candidates, unit.Code)
		}
	default:
		m.byOtherLevel(r)
	}
}

// byOtherLevel knows rows of sums over a unit above, of which many tables have one before its parts.
func (m *matcher) byOtherLevel(r *yizhan.FigureRow) {
	for _, name := range []string{r.Name, r.Parent} {
		if name == "" {
			continue
		}
		for _, level := range yizhan.Levels() {
			if found, exact := named(m.g, name, "", level); level != m.level && len(found) == 1 && exact {
				r.Unit, r.Match = found[0].Code, yizhan.MatchOtherLevel
				return
			}
		}
		return
	}
}

// valueReader reads the values of a column.
type valueReader struct {
	sheet  *sheet
	letter string
}

func (v *valueReader) read(t *yizhan.FigureTable) []yizhan.TableProblem {
	if v.letter == "" {
		return []yizhan.TableProblem{{Why: "no column of numbers was found"}}
	}
	name := v.sheet.Columns[v.sheet.column(v.letter)].Name
	var problems []yizhan.TableProblem
	problem := func(i int, why string) {
		problems = append(problems, yizhan.TableProblem{Row: t.Rows[i].Row, Column: name, Why: why})
	}
	percent := make([]bool, len(t.Rows))
	for i, row := range v.sheet.rows {
		c := v.sheet.cell(row, v.letter)
		t.Rows[i].Text = c.Text
		value, err := table.NumberOf(c)
		switch {
		case err != nil:
			problem(i, err.Error())
		case value.Known && c.Merged:
			problem(i, "is one figure for several cells that are merged: of which unit is it?")
		case value.Known:
			t.Rows[i].Value, percent[i] = &value.Value, value.Percent
			t.Percent = t.Percent || value.Percent
		}
	}
	for i := range t.Rows {
		if t.Percent && t.Rows[i].Value != nil && !percent[i] && *t.Rows[i].Value != 0 {
			t.Rows[i].Value = nil
			problem(i, "is without a per cent sign, which other rows have")
		}
	}
	return problems
}
