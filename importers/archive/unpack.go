// Package archive unpacks the zip files that shapefiles, geodatabases and KMZ come in. An archive is hostile: what
// it says of itself is not believed, nothing is written outside of one folder, and nothing but regular files.
package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yizhan/yizhan"
)

// Limits bound what an archive may become.
type Limits struct {
	Files int
	Bytes int64 // of all files, unpacked
	Ratio int64 // of a file that is larger than a megabyte, unpacked to packed
}

// DefaultLimits are for a file of up to a gigabyte.
func DefaultLimits() Limits { return Limits{Files: 2_000, Bytes: 2 << 30, Ratio: 200} }

const smallFile = 1 << 20

// Unpack writes the files of a zip into a folder, which it makes, and gives their paths in it.
func Unpack(from, folder string, limits Limits) (names []string, err error) {
	packed, err := zip.OpenReader(from)
	if err != nil {
		return nil, &yizhan.Error{Code: yizhan.CodeInvalid, Field: "file", Message: "is a zip archive that cannot be read: it may be cut off", Err: err}
	}
	defer func() { err = errors.Join(err, packed.Close()) }()
	if len(packed.File) > limits.Files {
		return nil, yizhan.Errorf(yizhan.CodeTooLarge, "file", "holds %d files; %d are allowed", len(packed.File), limits.Files)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder to unpack to: %w", err)
	}
	root, err := os.OpenRoot(folder) // whatever a name says, nothing outside is touched
	if err != nil {
		return nil, fmt.Errorf("open the folder to unpack to: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	left := limits.Bytes
	seen := map[string]bool{}
	for _, member := range packed.File {
		name, err := nameOf(member)
		if err != nil {
			return nil, err
		}
		if name == "" {
			continue
		}
		if seen[strings.ToLower(name)] {
			return nil, yizhan.Invalid("file", "holds %q twice", name)
		}
		seen[strings.ToLower(name)] = true
		written, err := unpack(root, member, name, left, limits.Ratio)
		if err != nil {
			return nil, err
		}
		left -= written
		names = append(names, name)
	}
	return names, nil
}

// nameOf gives the path of a member in the archive; empty for one that is left out.
func nameOf(member *zip.File) (string, error) {
	name := member.Name
	if !utf8.ValidString(name) || member.NonUTF8 && !isASCII(name) {
		if decoded, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil && !utf8.ValidString(name) {
			name = decoded
		}
	}
	name = strings.ReplaceAll(name, `\`, "/")
	switch mode := member.Mode(); {
	case strings.HasSuffix(name, "/") || mode.IsDir():
		return "", nil
	case !mode.IsRegular():
		return "", yizhan.Invalid("file", "holds %q, which is a link or a device", clip(name))
	case !filepath.IsLocal(name) || path.Clean(name) != name || strings.ContainsAny(name, "\x00:"):
		return "", yizhan.Invalid("file", "holds %q, which points outside of the archive", clip(name))
	case !utf8.ValidString(name) || len(name) > 200:
		return "", yizhan.Invalid("file", "holds a file whose name cannot be read")
	case strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), "."):
		return "", nil
	case member.Flags&1 != 0:
		return "", yizhan.Invalid("file", "is encrypted: unpack it, and pack it without a password")
	}
	return name, nil
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func clip(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), 60)], "�")
}

func unpack(root *os.Root, member *zip.File, name string, left, ratio int64) (written int64, err error) {
	in, err := member.Open()
	if err != nil {
		return 0, damaged(name, err)
	}
	defer in.Close()
	if folder := path.Dir(name); folder != "." {
		if err := root.MkdirAll(folder, 0o700); err != nil {
			return 0, taken(name, err)
		}
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, taken(name, err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	allowed := min(left, max(smallFile, int64(member.CompressedSize64)*ratio))
	written, err = io.Copy(out, io.LimitReader(in, allowed+1))
	switch {
	case written > allowed:
		return written, yizhan.Errorf(yizhan.CodeTooLarge, "file", "holds %q, which is far larger unpacked than it may be", clip(name))
	case err != nil:
		return written, damaged(name, err)
	}
	return written, nil
}

// taken is for a name that is a file in one place of the archive and a folder in another.
func taken(name string, err error) error {
	if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTDIR) {
		return &yizhan.Error{Code: yizhan.CodeInvalid, Field: "file", Message: fmt.Sprintf("holds %q both as a file and as a folder", clip(name)), Err: err}
	}
	return fmt.Errorf("unpack: %w", err)
}

func damaged(name string, err error) error {
	return &yizhan.Error{Code: yizhan.CodeInvalid, Field: "file", Message: fmt.Sprintf("holds %q, which is damaged or cut off", clip(name)), Err: err}
}
