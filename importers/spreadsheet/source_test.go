package spreadsheet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/spreadsheet"
)

// TestTextTellsHowFarItWasRead holds what a progress bar is drawn from.
func TestTextTellsHowFarItWasRead(t *testing.T) {
	var text strings.Builder
	text.WriteString("编码,名称\n")
	for n := range 50_000 {
		fmt.Fprintf(&text, "X-%d,第%d站\n", n, n)
	}
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var steps, last int64
	err := spreadsheet.Source{}.Read(t.Context(), importers.File{Path: path, Name: "a.csv"}, importers.Options{}, func(r *importers.Record) error {
		if r.Read < last {
			t.Fatalf("row %d: %d bytes after %d", r.Row, r.Read, last)
		}
		if r.Read > last {
			steps, last = steps+1, r.Read
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != int64(text.Len()) || steps < 5 {
		t.Errorf("%d of %d bytes in %d steps", last, text.Len(), steps)
	}
}
