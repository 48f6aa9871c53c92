package archive_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/archive"
)

// FuzzUnpack unpacks whatever bytes there are: nothing comes to lie outside of the folder, nothing but regular files
// in it, no more of them than may be, and what is refused is refused for a reason that a person can read.
func FuzzUnpack(f *testing.F) {
	for _, names := range [][]string{{"a.shp", "a.dbf"}, {"数据/a.shp"}, {"../a"}, {"/a"}, {`..\a`}, {"a/../../b"}, {"a", "A"}, {"a", "a/b"}, {"C:a"}, {"\xcd\xf8\xb8\xf1.shp"}, {"a\x00b"}, {"a/"}} {
		f.Add(archiveOf(f, names))
	}
	whole := archiveOf(f, []string{"a.shp"})
	f.Add(whole[:len(whole)-10])
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		around := t.TempDir()
		from, folder := filepath.Join(around, "upload"), filepath.Join(around, "unpacked")
		if err := os.WriteFile(from, data, 0o600); err != nil {
			t.Fatal(err)
		}
		limits := archive.Limits{Files: 10, Bytes: 1 << 20, Ratio: 10}
		names, err := archive.Unpack(from, folder, limits)
		if err != nil {
			if code := yizhan.CodeOf(err); code != yizhan.CodeInvalid && code != yizhan.CodeTooLarge {
				t.Errorf("%v", err)
			}
		}
		if len(names) > limits.Files {
			t.Errorf("%d files", len(names))
		}
		checkFolder(t, around, limits.Bytes)
	})
}

// checkFolder looks at all that is there.
func checkFolder(t *testing.T, around string, most int64) {
	t.Helper()
	total := int64(0)
	err := filepath.WalkDir(around, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !entry.Type().IsRegular() {
			t.Errorf("%s is %v", path, entry.Type())
		}
		switch filepath.Dir(path) {
		case around:
			if entry.Name() != "upload" {
				t.Errorf("%s lies outside", path)
			}
		default:
			total += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > most+1 { // the byte that tells that there is too much
		t.Errorf("%d bytes were unpacked", total)
	}
}

func archiveOf(t testing.TB, names []string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		member, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil && !bytes.HasSuffix([]byte(name), []byte("/")) {
			_, err = member.Write(bytes.Repeat([]byte(name), 100))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
