// Package spreadsheet makes records of the rows of tables: CSV, TSV and XLSX.
package spreadsheet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"unicode/utf8"

	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/table"
)

// Source reads tables.
type Source struct{}

const maxRows = 5_000_000

// Head finds the encoding, the delimiter and the heading.
func (Source) Head(_ context.Context, file importers.File, options importers.Options) (importers.Head, error) {
	t, from, err := open(file, options)
	if err != nil {
		return importers.Head{}, err
	}
	defer from.close()
	head := importers.Head{Format: string(t.Format), Layer: t.Sheet, Layers: t.Sheets}
	if t.Format == table.CSV {
		head.Encoding = string(t.Encoding)
		for _, encoding := range table.Encodings() {
			head.Encodings = append(head.Encodings, string(encoding))
		}
		if t.Delimiter != 0 {
			head.Delimiter = string(t.Delimiter)
		}
	}
	for _, column := range t.Columns {
		head.Columns = append(head.Columns, column.Name)
		if head.CRS == "" {
			head.CRS = datumIn(column.Name)
		}
	}
	return head, nil
}

var bracketed = regexp.MustCompile(`\(([a-z0-9-]{4,20})\)$`)

// datumIn is the datum that a heading says in brackets, as our own exports do: lng(gcj02). Empty for none.
func datumIn(heading string) string {
	if match := bracketed.FindStringSubmatch(heading); match != nil {
		if _, known := geo.ReferenceOf(match[1]); known {
			return match[1]
		}
	}
	return ""
}

// reading is a file that knows how far it was read.
type reading struct {
	*os.File
	at int64
}

func (r *reading) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.File.ReadAt(p, off)
	r.at = off + int64(n)
	return n, err
}

func (r *reading) close() { _ = r.Close() } // it was only read

func open(file importers.File, options importers.Options) (*table.Table, *reading, error) {
	opened, err := os.Open(file.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the file: %w", err)
	}
	info, err := opened.Stat()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("look at the file: %w", err), opened.Close())
	}
	delimiter, _ := utf8.DecodeRuneInString(options.Delimiter)
	if options.Delimiter == "" {
		delimiter = 0
	}
	from := &reading{File: opened}
	t, err := table.Open(from, info.Size(), table.Options{Sheet: options.Layer, Encoding: table.Encoding(options.Encoding), Delimiter: delimiter,
		Limits: table.Limits{Rows: maxRows, Columns: 300, CellBytes: importers.MaxValue}})
	if err != nil {
		return nil, nil, errors.Join(err, opened.Close())
	}
	return t, from, nil
}

// Read hands over row after row.
func (Source) Read(ctx context.Context, file importers.File, options importers.Options, each func(*importers.Record) error) error {
	t, from, err := open(file, options)
	if err != nil {
		return err
	}
	defer from.close()
	record := importers.Record{Values: make([]string, len(t.Columns))}
	for row, err := range t.Rows() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		fill(&record, t, row)
		if t.Format == table.CSV { // the sheet of a workbook lies anywhere in it
			record.Read = from.at
		}
		if err := each(&record); err != nil {
			return err
		}
	}
	return nil
}

func fill(r *importers.Record, t *table.Table, row table.Row) {
	r.Row, r.Fault = int64(row.Number), nil
	for i, cell := range row.Cells {
		r.Values[i] = exports.Unguard(cell.Text)
		if cell.Kind == table.Failed && r.Fault == nil {
			r.Fault = &importers.Problem{Severity: importers.Refused, Row: r.Row, Column: t.Columns[i].Name, Code: importers.BadValue, Value: importers.Clip(cell.Text), Message: cell.Why}
		}
	}
	if len(row.Problems) > 0 && r.Fault == nil {
		p := row.Problems[0]
		r.Fault = &importers.Problem{Severity: importers.Refused, Row: r.Row, Column: p.Column, Code: importers.TooManyValues, Message: p.Why}
	}
}
