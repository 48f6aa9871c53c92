package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan"
)

// maxHeadRows is how many rows a head has at most.
const maxHeadRows = 4

func (h Header) check(head []sourceRow) error {
	last := head[len(head)-1].number
	switch {
	case h.First < 0 || h.Last < h.First || h.First == 0 && h.Last > last:
		return yizhan.Invalid("header", "is not the first and the last row of a head")
	case h.Last-h.First >= maxHeadRows && h.First > 0:
		return yizhan.Invalid("header", "is of more than %d rows", maxHeadRows)
	case h.Last > last:
		return yizhan.Invalid("header", "ends at row %d, below the first %d rows that have something in them", h.Last, len(head))
	}
	return nil
}

// findHeader finds the head: the rows right above the first row of figures that look like names of columns. A
// title (one text for all columns) and notes ("单位：%") are none. Without figures it is the first row of
// more than one text.
func findHeader(head []sourceRow) Header {
	first := slices.IndexFunc(head, func(r sourceRow) bool { return r.isData() })
	if first < 0 {
		return headOfTexts(head)
	}
	top := first
	for top > 0 && first-top < maxHeadRows && head[top-1].number == head[top].number-1 && head[top-1].isNames(head[top:first]) {
		top--
	}
	if top == first {
		return Header{First: 0, Last: head[first].number - 1}
	}
	return Header{First: head[top].number, Last: head[first].number - 1}
}

// headOfTexts finds the head of a table that has no figure: one row, and those that its cells reach into.
func headOfTexts(head []sourceRow) Header {
	widest := 0
	for _, r := range head {
		widest = max(widest, r.filled())
	}
	i := slices.IndexFunc(head, func(r sourceRow) bool { return r.filled() >= min(2, widest) && !r.hasNote() })
	if i < 0 {
		return Header{Last: head[0].number - 1}
	}
	last := i
	for last+1 < len(head) && last+1-i < maxHeadRows && head[last+1].continues(head[last]) {
		last++
	}
	return Header{First: head[i].number, Last: head[last].number}
}

// continues tells whether a cell of the row above reaches down into this row.
func (r *sourceRow) continues(above sourceRow) bool {
	for i, c := range r.cells {
		if c.covered && i < len(above.cells) && above.cells[i].Merged && above.cells[i].Text == c.Text && r.number == above.number+1 {
			return true
		}
	}
	return false
}

// isData tells whether a row has a figure or a code. A lone year may be the name of a column.
func (r *sourceRow) isData() bool {
	if r.filled() < 2 && len(r.cells) > 1 && widthOf(r.cells) > 1 {
		return false
	}
	for _, c := range r.cells {
		if c.Kind == Bool || c.Kind == Failed {
			return true
		}
		if n, err := NumberOf(c); err == nil && n.Known && !isYear(n.Value) {
			return true
		}
	}
	return false
}

func isYear(x float64) bool { return x == float64(int(x)) && x >= 1900 && x <= 2100 }

// isNames tells whether a row belongs to the head that the rows below it begin.
func (r *sourceRow) isNames(below []sourceRow) bool {
	switch {
	case r.hasNote():
		return false
	case r.filled() >= 2:
		return true
	}
	// One text alone is a group over some columns, or the title of all.
	return r.filled() == 1 && (len(below) > 0 && r.cells[0].Kind == Empty || len(below) == 0 && widthOf(r.cells) == 1 && !r.cells[0].Merged)
}

// filled counts the cells of a row, a merged one as one.
func (r *sourceRow) filled() (n int) {
	for i, c := range r.cells {
		if c.Kind != Empty && !(c.covered && i > 0 && r.cells[i-1].Merged && r.cells[i-1].Text == c.Text) {
			n++
		}
	}
	return n
}

// hasNote tells whether a cell says something about the table, as "单位：%" does. In brackets it is about
// its column.
func (r *sourceRow) hasNote() bool {
	return slices.ContainsFunc(r.cells, func(c Cell) bool {
		at := strings.IndexAny(c.Text, ":：")
		return at > 0 && !strings.ContainsAny(c.Text[:at], "(（[【")
	})
}

// nameColumns reads the names of the columns from the head.
func nameColumns(head []sourceRow, h Header) []Column {
	var names []sourceRow
	width := 0
	for _, r := range head {
		if h.First > 0 && r.number >= h.First && r.number <= h.Last {
			names = append(names, r)
			width = max(width, widthOf(r.cells))
		} else if r.number > h.Last && h.First == 0 {
			width = max(width, widthOf(r.cells))
		}
	}
	columns := make([]Column, max(width, widestBelow(head, h, width)))
	taken := map[string]bool{}
	for i := range columns {
		letter := Letter(i)
		name := columnName(names, i)
		if name == "" {
			name = letter
		}
		if taken[name] {
			name = fmt.Sprintf("%s (%s)", name, letter)
		}
		taken[name] = true
		columns[i] = Column{Index: i, Letter: letter, Name: name}
	}
	return columns
}

// widestBelow is one more than the head if most rows below have a cell beside it: its last column has no
// name then. Further cells are notes at the margin.
func widestBelow(head []sourceRow, h Header, width int) int {
	rows, wider := 0, 0
	for _, r := range head {
		if r.number > h.Last {
			rows++
			if widthOf(r.cells) > width {
				wider++
			}
		}
	}
	if wider*2 > rows {
		return width + 1
	}
	return width
}

// columnName joins what the rows of the head say of one column, from above: "党组织 / 覆盖率".
func columnName(names []sourceRow, column int) string {
	var parts []string
	for i := range names {
		text := headText(names, i, column)
		if text != "" && (len(parts) == 0 || parts[len(parts)-1] != text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " / ")
}

// headText is what a row of the head says of a column. Over a name that stands there, an empty cell takes the text
// to its left: it was merged before the table became text.
func headText(names []sourceRow, row, column int) string {
	cells := names[row].cells
	own := cellText(cells, column)
	if own != "" || row+1 >= len(names) || cellText(names[row+1].cells, column) == "" {
		return own
	}
	for left := column - 1; left >= 0; left-- {
		if text := cellText(cells, left); text != "" {
			if cellText(names[row+1].cells, left) == "" || names[row+1].cells[left].covered {
				return "" // that name is of its own column alone
			}
			return text
		}
	}
	return ""
}

func cellText(cells []Cell, i int) string {
	if i >= len(cells) {
		return ""
	}
	return strings.Join(strings.Fields(cells[i].Text), " ")
}

// above lists what is written over the head.
func above(head []sourceRow, h Header) []string {
	var texts []string
	for _, r := range head {
		first := h.First
		if first == 0 {
			first = h.Last + 1
		}
		if r.number >= first {
			break
		}
		for _, c := range r.cells {
			if c.Kind != Empty && !c.covered {
				texts = append(texts, c.Text)
			}
		}
	}
	return texts
}

// formatNumber writes a float in digits, as Excel does with 15 of them at most.
func formatNumber(x float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil {
		rounded = x
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
