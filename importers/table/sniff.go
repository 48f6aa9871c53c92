package table

import (
	"bytes"

	"github.com/yizhan/yizhan"
)

// sniff tells what a file is by how it begins, and what to do about those that are no tables for us.
func sniff(start []byte) (Format, error) {
	lower := bytes.ToLower(bytes.TrimLeft(start, spaces))
	switch {
	case len(start) == 0:
		return "", yizhan.Invalid("file", "is empty")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return XLSX, nil
	case bytes.HasPrefix(start, []byte("PK")):
		return "", yizhan.Invalid("file", "is an archive without files, or cut off")
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")):
		return "", yizhan.Invalid("file", "is an old XLS workbook, or one with a password: save it as XLSX without a password")
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")), bytes.HasPrefix(lower, []byte("<table")),
		bytes.HasPrefix(lower, []byte("<?xml")):
		return "", yizhan.Invalid("file", "is a web page or XML, whatever its name says: open it in a spreadsheet program and save it as XLSX")
	case bytes.HasPrefix(start, []byte("%PDF")):
		return "", yizhan.Invalid("file", "is a PDF, not a table")
	}
	return CSV, nil
}
