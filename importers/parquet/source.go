package parquet

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/child"
	"github.com/yizhan/yizhan/importers/geojson"
)

// Magic is what a Parquet file begins and ends with.
const Magic = "PAR1"

// Source reads Parquet in a child process.
type Source struct {
	Folder string // where the child runs: that of the import
}

// head is what the child tells of a file first, in one line.
type head struct {
	Columns  []string `json:"columns"`
	CRS      string   `json:"crs"`
	Geometry bool     `json:"geometry"`
	Rows     int64    `json:"rows"`
}

// Head tells what the footer of the file says.
func (s Source) Head(ctx context.Context, file importers.File, _ importers.Options) (importers.Head, error) {
	var told head
	err := s.run(ctx, file, "head", func(out io.Reader) error {
		if err := json.NewDecoder(io.LimitReader(out, maxHead)).Decode(&told); err != nil {
			return io.ErrUnexpectedEOF // the child says why
		}
		return nil
	})
	return importers.Head{Format: "parquet", Geometry: told.Geometry, CRS: told.CRS, Columns: told.Columns, Rows: told.Rows}, err
}

const (
	maxHead   = 8 << 20
	maxMemory = 2 << 30 // bytes of addresses; the runtime of Go alone takes half of that
)

// Read hands over row after row.
func (s Source) Read(ctx context.Context, file importers.File, _ importers.Options, each func(*importers.Record) error) error {
	return s.run(ctx, file, "rows", func(out io.Reader) error {
		lines := bufio.NewReaderSize(out, 64<<10)
		var told head
		first, err := lines.ReadBytes('\n')
		if err != nil || json.Unmarshal(first, &told) != nil {
			return io.ErrUnexpectedEOF // the child says why
		}
		return geojson.ReadSequence(ctx, lines, told.Columns, each)
	})
}

func (s Source) run(ctx context.Context, file importers.File, what string, read func(io.Reader) error) error {
	program := fmt.Sprintf("/proc/%d/exe", os.Getpid()) // also when a newer one lies in its place
	return child.Run(ctx, child.Command{Folder: s.Folder, Env: []string{"GOMEMLIMIT=1GiB", "GOMAXPROCS=1", "GOTRACEBACK=none", "LANG=C.UTF-8"}, Program: program, Memory: maxMemory, Arguments: []string{Command, what, file.Path},
		Explain: func(complaint string) *yizhan.Error {
			if message, is := strings.CutPrefix(complaint, toldPrefix); is {
				return yizhan.Invalid("file", "%s", message)
			}
			return yizhan.Invalid("file", "is a Parquet file that cannot be read in the memory and time that it may take")
		}}, read)
}
