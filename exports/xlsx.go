package exports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"
)

// Limits of a spreadsheet.
const (
	maxSheetRows  = excelize.TotalRows - 1 // and the head
	maxCellUnits  = excelize.TotalCellChars
	maxSheetName  = 31
	aboutSheet    = "说明"
	fallbackSheet = "数据"
	exactInteger  = 1 << 53 // spreadsheets count in floats
)

// neverChanges is when every spreadsheet was made: the bytes must not depend on the clock.
const neverChanges = "2000-01-01T00:00:00Z"

// WriteXLSX writes a table as an Excel workbook: a sheet of rows under a bold head that stays in sight, and
// a sheet 说明 with About and what each column means. Texts are texts, whatever they begin with: no
// spreadsheet runs them. Cells are hexadecimal text; a float has the 15 digits that Excel knows; a whole
// number that a float cannot hold is text; a character that XML cannot hold becomes U+FFFD.
func WriteXLSX(w io.Writer, t Table) (err error) {
	if err := t.check(); err != nil {
		return err
	}
	file := excelize.NewFile()
	defer func() {
		if closing := file.Close(); err == nil && closing != nil { // takes away temporary files
			err = fmt.Errorf("exports: %w", closing)
		}
	}()
	sheet := sheetName(t.Name)
	for _, step := range []func() error{
		func() error { return file.SetSheetName("Sheet1", sheet) },
		func() error { return writeRows(file, sheet, t) },
		func() error { return writeAbout(file, t) },
		func() error {
			return file.SetDocProps(&excelize.DocProperties{Creator: "Yizhan 驿站", LastModifiedBy: "Yizhan 驿站", Title: t.Name,
				Created: neverChanges, Modified: neverChanges})
		},
		func() error { _, err := file.WriteTo(w); return err },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("exports: write XLSX: %w", err)
		}
	}
	return nil
}

// sheetName makes a name that Excel takes.
func sheetName(name string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) || r < ' ' {
			return ' '
		}
		return r
	}, name))
	name = strings.TrimSpace(string(runes[:min(len(runes), maxSheetName)]))
	if name == "" || name == aboutSheet || len(utf16.Encode([]rune(name))) > maxSheetName {
		return fallbackSheet
	}
	return name
}

func writeRows(file *excelize.File, sheet string, t Table) error {
	stream, err := file.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := dressColumns(file, stream, t); err != nil {
		return err
	}
	if err := offerChoices(file, sheet, t); err != nil {
		return err
	}
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return err
	}
	var head []any
	for _, title := range t.headings(true) {
		head = append(head, excelize.Cell{StyleID: bold, Value: title})
	}
	if err := stream.SetRow("A1", head); err != nil {
		return err
	}
	cells := make([]any, 0, len(head))
	err = t.each(func(n int, row []Value) error {
		if n > maxSheetRows {
			return fmt.Errorf("a sheet has at most %d rows", maxSheetRows)
		}
		cells = cells[:0]
		for i, v := range row {
			if cells, err = t.appendCells(cells, t.Columns[i], v); err != nil {
				return err
			}
		}
		return stream.SetRow(fmt.Sprintf("A%d", n+1), cells)
	})
	if err != nil {
		return err
	}
	return stream.Flush()
}

// dressColumns sets widths and number formats, and keeps the head in sight.
func dressColumns(file *excelize.File, stream *excelize.StreamWriter, t Table) error {
	at := 1
	for _, c := range t.Columns {
		last := at
		if c.Type == PointType {
			last++
		}
		if err := stream.SetColWidth(at, last, width(c)); err != nil {
			return err
		}
		if format := numberFormat(c, t.Reference.Projected()); format != "" {
			style, err := file.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				return err
			}
			if err := stream.SetColStyle(at, last, style); err != nil {
				return err
			}
		}
		at = last + 1
	}
	return stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// offeredRows is how far down a sheet its cells offer choices.
const offeredRows = 10_000

// offerChoices makes cells offer what they may be, and refuse anything else. A table that is filled in has no points: each
// column of it is one of the sheet.
func offerChoices(file *excelize.File, sheet string, t Table) error {
	for i, c := range t.Columns {
		if len(c.Choices) == 0 {
			continue
		}
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		offer := excelize.NewDataValidation(true)
		offer.Sqref = fmt.Sprintf("%[1]s2:%[1]s%[2]d", name, offeredRows)
		if err := offer.SetDropList(c.Choices); err != nil {
			return err
		}
		offer.SetError(excelize.DataValidationErrorStyleStop, c.title(), strings.Join(c.Choices, " / "))
		if err := file.AddDataValidation(sheet, offer); err != nil {
			return err
		}
	}
	return nil
}

func numberFormat(c Column, projected bool) string {
	decimals := ""
	if c.Decimals > 0 {
		decimals = "." + strings.Repeat("0", min(c.Decimals, 15))
	}
	switch {
	case c.Type == IntType:
		return "#,##0"
	case c.Type == FloatType && c.Share:
		return "0" + decimals + "%"
	case c.Type == FloatType && c.Decimals > 0:
		return "#,##0" + decimals
	case c.Type == PointType && projected:
		return "0.0000"
	case c.Type == PointType:
		return "0.0000000"
	}
	return ""
}

// width is that of the title, in which a Chinese character takes two places, and of usual values.
func width(c Column) float64 {
	usual := map[Type]int{TextType: 24, CellType: 18, PointType: 14}[c.Type]
	return float64(min(max(places(c.title())+2, usual, 11), 60))
}

func places(text string) (n int) {
	for _, r := range text {
		n++
		if r >= 0x1100 {
			n++
		}
	}
	return n
}

// appendCells appends what a spreadsheet shows of a value.
func (t *Table) appendCells(cells []any, c Column, v Value) ([]any, error) {
	switch {
	case !v.known && c.Type == PointType:
		return append(cells, nil, nil), nil
	case !v.known:
		return append(cells, nil), nil
	}
	switch c.Type {
	case IntType:
		if n := v.int(); n <= exactInteger && n >= -exactInteger {
			return append(cells, n), nil
		}
		return append(cells, fmt.Sprint(v.int())), nil
	case FloatType:
		return append(cells, v.float()), nil
	case BoolType:
		return append(cells, v.bool()), nil
	case CellType:
		return append(cells, v.cell().String()), nil
	case PointType:
		p := t.Reference.FromWGS84(v.point)
		return append(cells, p[0], p[1]), nil
	case AreaType:
		v.text = string(appendWKT(nil, t.moved(v).(orb.MultiPolygon)))
	}
	if n := len(v.text); n > maxCellUnits && len(utf16.Encode([]rune(v.text))) > maxCellUnits {
		return nil, fmt.Errorf("column %s: a cell of a sheet has at most %d characters", c.Name, maxCellUnits)
	}
	return append(cells, v.text), nil
}

// writeAbout writes the sheet that explains the other.
func writeAbout(file *excelize.File, t Table) error {
	if _, err := file.NewSheet(aboutSheet); err != nil {
		return err
	}
	lines := [][]string{{t.Name}}
	for _, fact := range append([]Fact{t.referenceFact()}, t.About...) {
		lines = append(lines, []string{fact.Label, fact.Text})
	}
	lines = append(lines, nil, []string{"列", "名称", "类型", "单位", "含义"})
	for _, c := range t.Columns {
		lines = append(lines, []string{c.title(), c.Name, c.Type.String(), c.Unit, c.Description})
	}
	for i, line := range lines {
		for j, text := range line {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				return err
			}
			if err := file.SetCellStr(aboutSheet, cell, text); err != nil {
				return err
			}
		}
	}
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	head := len(t.About) + 4
	for _, row := range []int{1, head} {
		if err := file.SetRowStyle(aboutSheet, row, row, bold); err != nil {
			return err
		}
	}
	for column, wide := range map[string]float64{"A": 24, "B": 24, "C": 10, "D": 14, "E": 60} {
		if err := file.SetColWidth(aboutSheet, column, column, wide); err != nil {
			return err
		}
	}
	return nil
}
