package parquet

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/yizhan/yizhan"
)

// Command is the first argument of the program that makes it a reader of Parquet, and nothing else.
const Command = "read-parquet"

// toldPrefix begins what the child says to its parent, which may be shown.
const toldPrefix = "parquet: "

// Main is the child: it writes what the arguments ask for, head or rows, of the file that they name. It gives the exit
// code of the process.
func Main(arguments []string, stdout, stderr io.Writer) (code int) {
	out := bufio.NewWriterSize(stdout, 64<<10)
	err := guarded(func() error {
		if len(arguments) != 2 {
			return errors.New("which file?")
		}
		return convert(arguments[1], arguments[0] == "rows", out)
	})
	if err = errors.Join(err, out.Flush()); err == nil {
		return 0
	}
	var told *yizhan.Error
	if !errors.As(err, &told) {
		told = yizhan.Invalid("file", "is a damaged or cut off Parquet file (%.120s)", oneLine(err.Error()))
	}
	fmt.Fprintln(stderr, toldPrefix+told.Message)
	return 1
}

// guarded makes an error of a panic: the reader of Parquet has them for some files that are damaged.
func guarded(do func() error) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = yizhan.Invalid("file", "is a damaged or cut off Parquet file")
		}
	}()
	return do()
}

func oneLine(text string) string {
	clean := []rune(text)
	for i, c := range clean {
		if c < ' ' || c == 0x7f {
			clean[i] = ' '
		}
	}
	return string(clean)
}

func convert(path string, rows bool, out *bufio.Writer) error {
	opened, err := os.Open(path)
	if err != nil {
		return err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return err
	}
	if err := checkFooter(opened, info.Size()); err != nil {
		return err
	}
	file, err := parquet.OpenFile(opened, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	t, err := tableOf(file)
	if err != nil {
		return err
	}
	first, err := json.Marshal(t.head())
	if err != nil {
		return err
	}
	if _, err := out.Write(append(first, '\n')); err != nil || !rows {
		return err
	}
	return t.write(out)
}

const maxFooter = 64 << 20

// checkFooter looks at the end of the file before anything is made of what it claims.
func checkFooter(file io.ReaderAt, size int64) error {
	var start [4]byte
	var end [8]byte
	if size < 12 {
		return yizhan.Invalid("file", "is a damaged or cut off Parquet file")
	}
	if _, err := file.ReadAt(start[:], 0); err != nil {
		return err
	}
	if _, err := file.ReadAt(end[:], size-8); err != nil {
		return err
	}
	length := int64(end[0]) | int64(end[1])<<8 | int64(end[2])<<16 | int64(end[3])<<24
	switch {
	case string(end[4:]) == "PARE" || string(start[:]) == "PARE":
		return yizhan.Invalid("file", "is a Parquet file with a password")
	case string(end[4:]) != Magic || length > size-12:
		return yizhan.Invalid("file", "is a damaged or cut off Parquet file")
	case length > maxFooter:
		return yizhan.Invalid("file", "is a Parquet file with a footer of more than %d MB", maxFooter>>20)
	}
	return nil
}
