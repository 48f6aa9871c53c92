// Package formats tells by its first bytes, never by its name, how a file is read.
package formats

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/geojson"
	"github.com/yizhan/yizhan/importers/spreadsheet"
)

// sniffed is how much of a file is looked at.
const sniffed = 4 << 10

// Find gives the source that reads a file, and the file that it reads.
func Find(_ context.Context, file importers.File, _ string) (importers.Source, importers.File, error) {
	start, err := beginning(file.Path)
	if err != nil {
		return nil, file, err
	}
	switch text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), " \t\r\n\x1e"); {
	case len(text) > 0 && text[0] == '{':
		return geojson.Source{}, file, nil
	}
	return spreadsheet.Source{}, file, nil
}

// beginning reads the first bytes of a regular file, and of nothing else.
func beginning(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("look at the file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, yizhan.Invalid("file", "is not a regular file")
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer opened.Close()
	start := make([]byte, sniffed)
	n, err := io.ReadFull(opened, start)
	if err != nil && n == 0 {
		return nil, yizhan.Invalid("file", "is empty")
	}
	return start[:n], nil
}
