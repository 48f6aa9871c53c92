package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/yizhan/yizhan"
)

// Encoding is how a text file writes characters.
type Encoding string

// The encodings. GBK and GB2312 are parts of GB18030.
const (
	UTF8    Encoding = "UTF-8"
	UTF16LE Encoding = "UTF-16LE"
	UTF16BE Encoding = "UTF-16BE"
	GB18030 Encoding = "GB18030"
)

// Encodings lists them.
func Encodings() []Encoding { return []Encoding{UTF8, UTF16LE, UTF16BE, GB18030} }

var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// findEncoding reads the whole file: the first Chinese character may be in its last row.
func findEncoding(r io.ReaderAt, size int64) (Encoding, error) {
	start := make([]byte, 3)
	n, err := r.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", unreadable(err)
	}
	switch start = start[:n]; {
	case bytes.HasPrefix(start, markUTF8):
		return UTF8, nil
	case bytes.HasPrefix(start, markUTF16LE):
		return UTF16LE, nil
	case bytes.HasPrefix(start, markUTF16BE):
		return UTF16BE, nil
	}
	seen, err := lookAtUTF8(io.NewSectionReader(r, 0, size))
	switch {
	case err != nil:
		return "", err
	case seen.wrong == 0:
		return UTF8, nil
	case seen.long > 2*seen.wrong: // text in GB18030 hardly ever looks like UTF-8
		return "", yizhan.Invalid("file", "row %d: is UTF-8 with bytes in it that are none: damaged, or cut off", seen.firstWrong)
	}
	return GB18030, nil
}

// utf8Look counts the characters of more than two bytes, and the bytes that are no UTF-8.
type utf8Look struct{ long, wrong, firstWrong int }

func lookAtUTF8(r io.Reader) (look utf8Look, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	line := 1
	for {
		c, size, err := in.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return look, nil
		case err != nil:
			return look, unreadable(err)
		case c == utf8.RuneError && size == 1:
			if look.wrong++; look.wrong == 1 {
				look.firstWrong = line
			}
		case c == '\n':
			line++
		case size > 2:
			look.long++
		}
	}
}

// decode gives a file as UTF-8, without its mark. For bytes that mean nothing it gives utf8.RuneError.
func decode(r io.Reader, e Encoding) (io.Reader, error) {
	var decoder transform.Transformer
	switch e {
	case UTF8:
		decoder = unicode.UTF8BOM.NewDecoder()
	case UTF16LE:
		decoder = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case UTF16BE:
		decoder = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()
	case GB18030:
		decoder = simplifiedchinese.GB18030.NewDecoder()
	default:
		return nil, yizhan.Invalid("encoding", "is not one of UTF-8, UTF-16LE, UTF-16BE, GB18030")
	}
	return transform.NewReader(r, decoder), nil
}
