package api

import (
	"encoding/base64"
	"regexp"
)

// cursorPattern is base64url without padding: of a code, and of values before it where the order is another one.
// The bound of a query bounds it.
const cursorPattern = `^[A-Za-z0-9_-]{2,}$`

var codePattern = regexp.MustCompile(`^[0-9A-Z][0-9A-Z-]{2,31}$`)

// encodeCursor makes the opaque cursor that continues after a code. Opaque, because the order of pages is
// ours to change.
func encodeCursor(code string) string { return base64.RawURLEncoding.EncodeToString([]byte(code)) }

func decodeCursor(cursor string) (string, error) {
	code, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || !codePattern.Match(code) {
		return "", invalidParameter("query.after", "is not a cursor from a next link")
	}
	return string(code), nil
}
