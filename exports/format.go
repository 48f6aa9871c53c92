package exports

import (
	"fmt"
	"io"
)

// Format is a kind of file.
type Format struct {
	Name      string // as asked for, such as csv
	MediaType string
	Extension string // with the dot
	write     func(io.Writer, Table) error
}

// Write writes the table.
func (f Format) Write(w io.Writer, t Table) error { return f.write(w, t) }

// Formats lists the formats. CSV is for programs: names, no byte order mark. ExcelCSV is for a double click
// in Excel: titles, and a byte order mark.
func Formats() []Format {
	return []Format{
		{"csv", "text/csv; charset=utf-8; header=present", ".csv", func(w io.Writer, t Table) error { return WriteCSV(w, t, CSVOptions{}) }},
		{"excel-csv", "text/csv; charset=utf-8; header=present", ".csv", func(w io.Writer, t Table) error { return WriteCSV(w, t, CSVOptions{BOM: true, Titles: true}) }},
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", WriteXLSX},
		{"parquet", "application/vnd.apache.parquet", ".parquet", WriteGeoParquet},
	}
}

// FormatOf finds a format by its name.
func FormatOf(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("exports: no format has this name; there are csv, excel-csv, xlsx and parquet")
}
