package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan"
)

// maxMerges bounds the merged areas of a sheet.
const maxMerges = 200_000

// merge is an area of cells that are merged: rows from 1, columns from 0.
type merge struct{ firstRow, lastRow, firstColumn, lastColumn int }

// readMerges reads the merged areas, which stand in a sheet behind its rows. The rows are passed over without
// being read as XML.
func (b *workbook) readMerges(part string) (merges []merge, err error) {
	f := b.parts[strings.ToLower(part)]
	if f == nil {
		return nil, yizhan.Invalid("file", "is a damaged workbook: a part of it is missing")
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	defer func() { _ = in.Close() }() // it was only read
	rest := bufio.NewReaderSize(&limited{in: in, left: b.limits.Bytes}, 64<<10)
	if err := passRows(rest); errors.Is(err, io.EOF) {
		return nil, nil // the rows are told to be cut off when they are read
	} else if err != nil {
		return nil, damaged(err)
	}
	// What follows the rows ends the element of the sheet, so it must begin.
	err = walkXML(io.MultiReader(strings.NewReader("<worksheet>"), &shortTokens{in: rest}), func(e event) error {
		if e.start != "mergeCell" {
			return nil
		}
		m, ok := areaOf(e.attr("ref"))
		if !ok {
			return damaged(errors.New("a merged area without a place"))
		}
		if merges = append(merges, m); len(merges) > maxMerges {
			return yizhan.Errorf(yizhan.CodeTooLarge, "file", "has more than %d merged cells", maxMerges)
		}
		return nil
	})
	slices.SortFunc(merges, func(a, b merge) int {
		if a.firstRow != b.firstRow {
			return a.firstRow - b.firstRow
		}
		return a.firstColumn - b.firstColumn
	})
	return merges, err
}

// passRows reads up to the end of the element of rows, with whatever prefix it is written.
func passRows(in *bufio.Reader) error {
	const name = "sheetData"
	var tag []byte
	for {
		if err := skipTo(in, '<'); err != nil {
			return err
		}
		tag = tag[:0]
		for {
			c, err := in.ReadByte()
			if err != nil {
				return err
			}
			if c == '>' || len(tag) == 256 {
				break
			}
			tag = append(tag, c)
		}
		ends := bytes.HasPrefix(tag, []byte("/")) || bytes.HasSuffix(tag, []byte("/"))
		bare := bytes.Trim(tag, "/ \t\r\n")
		if i := bytes.LastIndexByte(bare, ':'); i >= 0 {
			bare = bare[i+1:]
		}
		if ends && string(bare) == name {
			return nil
		}
	}
}

func skipTo(in *bufio.Reader, c byte) error {
	for {
		_, err := in.ReadSlice(c)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// areaOf reads a reference such as A1:C2.
func areaOf(ref string) (m merge, ok bool) {
	from, to, has := strings.Cut(strings.ReplaceAll(ref, "$", ""), ":")
	if !has {
		to = from
	}
	var ok1, ok2 bool
	m.firstColumn, m.firstRow, ok1 = placeOf(from)
	m.lastColumn, m.lastRow, ok2 = placeOf(to)
	return m, ok1 && ok2 && m.firstColumn <= m.lastColumn && m.firstRow <= m.lastRow
}

func placeOf(ref string) (column, row int, ok bool) {
	column, ok = columnOf(ref)
	row, err := strconv.Atoi(strings.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
	return column, row, ok && err == nil && row > 0
}

// mergeFiller gives all cells of a merged area the value of its first.
type mergeFiller struct {
	merges  []merge // by first row; those not yet reached
	columns int
	open    []openMerge
}

type openMerge struct {
	merge
	value Cell
}

// fill fills a row. Areas must not overlap, so no more are open than there are columns.
func (f *mergeFiller) fill(row int, cells []Cell) ([]Cell, error) {
	f.open = slices.DeleteFunc(f.open, func(m openMerge) bool { return m.lastRow < row })
	for len(f.merges) > 0 && f.merges[0].firstRow <= row {
		m := f.merges[0]
		f.merges = f.merges[1:]
		if m.lastRow < row || m.firstColumn >= f.columns || m.firstRow == m.lastRow && m.firstColumn == m.lastColumn {
			continue
		}
		open := openMerge{merge: m}
		if m.firstRow == row && m.firstColumn < len(cells) {
			open.value = cells[m.firstColumn]
			open.value.Merged = open.value.Kind != Empty
		}
		if f.open = append(f.open, open); len(f.open) > f.columns {
			return nil, yizhan.Invalid("file", "row %d: has merged cells that overlap", row)
		}
	}
	for _, m := range f.open {
		if m.value.Kind != Empty {
			cells = m.fill(row, cells, f.columns)
		}
	}
	return cells, nil
}

func (m *openMerge) fill(row int, cells []Cell, columns int) []Cell {
	for column := m.firstColumn; column <= min(m.lastColumn, columns-1); column++ {
		for len(cells) <= column {
			cells = append(cells, Cell{})
		}
		cells[column] = m.value
		cells[column].covered = column > m.firstColumn || row > m.firstRow
	}
	return cells
}
