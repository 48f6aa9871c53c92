// Package cql2 reads and writes filters in CQL2, the Common Query Language of the OGC (21-065r2), as text
// and as JSON. Both give the same small tree of Expr, and Check holds a tree against the types of the
// properties that may be asked for.
//
// What a filter means is not decided here: the store makes SQL of it. Input is hostile: its bytes, depth
// and nodes are bounded, reading takes time in proportion to its length, and every Fault says where.
//
// Functions other than those of the standard are not known. The third coordinate of a position is read
// and left away.
package cql2

import "fmt"

// The bounds of a filter.
const (
	MaxBytes = 16 << 10
	MaxDepth = 32
	MaxNodes = 500
)

// maxName bounds the name of a property, in bytes.
const maxName = 128

// Fault is what is wrong with a filter.
type Fault struct {
	Place   Place
	Message string
}

func (f *Fault) Error() string {
	if f.Place == "" {
		return f.Message
	}
	return string(f.Place) + ": " + f.Message
}

func fault(at Place, format string, args ...any) *Fault {
	return &Fault{at, fmt.Sprintf(format, args...)}
}

// Place says where in a filter something is: "character 12" in text, a JSON pointer in JSON, nothing for
// the filter as a whole.
type Place string

func character(n int) Place { return Place(fmt.Sprintf("character %d", n)) }

func tooLong(length int) error {
	if length > MaxBytes {
		return fault("", "has %d bytes; %d are allowed", length, MaxBytes)
	}
	return nil
}

// clip keeps hostile text short in a message.
func clip(text string) string {
	const longest = 40
	runes := []rune(text)
	if len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}
