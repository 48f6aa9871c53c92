package api

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// object appends one JSON object to a buffer, member by member. It exists because the large answers are
// coordinates and short strings, for which reflection costs several times the work itself. Member names
// are constants that need no escaping.
type object struct {
	buf   []byte
	begun bool
	only  map[string]bool // the members to write; nil for all
}

// wants tells whether a member is to be written.
func (o *object) wants(name string) bool { return o.only == nil || o.only[name] }

func (o *object) open() {
	o.buf = append(o.buf, '{')
	o.begun = false
}

func (o *object) close() {
	o.buf = append(o.buf, '}')
	o.begun = true
}

func (o *object) name(name string) {
	if o.begun {
		o.buf = append(o.buf, ',')
	}
	o.begun = true
	o.buf = append(o.buf, '"')
	o.buf = append(o.buf, name...)
	o.buf = append(o.buf, '"', ':')
}

func (o *object) text(name, value string) {
	if !o.wants(name) {
		return
	}
	o.name(name)
	o.buf = appendString(o.buf, value)
}

func (o *object) integer(name string, value int64) {
	if !o.wants(name) {
		return
	}
	o.name(name)
	o.buf = strconv.AppendInt(o.buf, value, 10)
}

func (o *object) boolean(name string, value bool) {
	if !o.wants(name) {
		return
	}
	o.name(name)
	o.buf = strconv.AppendBool(o.buf, value)
}

// instant writes a time, or null for the zero one.
func (o *object) instant(name string, value time.Time) {
	if !o.wants(name) {
		return
	}
	o.name(name)
	o.buf = appendInstant(o.buf, value)
}

// position writes a point as [lng, lat], or null.
func (o *object) position(name string, value *orb.Point) {
	if !o.wants(name) {
		return
	}
	o.name(name)
	if value == nil {
		o.buf = append(o.buf, "null"...)
		return
	}
	o.buf = appendPosition(o.buf, *value)
}

func (o *object) texts(name string, values []string) {
	if !o.wants(name) {
		return
	}
	o.name(name)
	o.buf = append(o.buf, '[')
	for i, value := range values {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendString(o.buf, value)
	}
	o.buf = append(o.buf, ']')
}

func appendInstant(dst []byte, value time.Time) []byte {
	if value.IsZero() {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	dst = value.UTC().AppendFormat(dst, time.RFC3339)
	return append(dst, '"')
}

func appendPosition(dst []byte, p orb.Point) []byte {
	dst = append(dst, '[')
	dst = appendDegrees(dst, p[0])
	dst = append(dst, ',')
	dst = appendDegrees(dst, p[1])
	return append(dst, ']')
}

// appendDegrees writes a coordinate on the 1e-7 grid in its shortest decimal form.
func appendDegrees(dst []byte, degrees float64) []byte {
	scaled := int64(math.Round(degrees * 1e7))
	if scaled < 0 {
		dst = append(dst, '-')
		scaled = -scaled
	}
	dst = strconv.AppendInt(dst, scaled/1e7, 10)
	fraction := uint32(scaled % 1e7)
	if fraction == 0 {
		return dst
	}
	digits := [8]byte{'.'}
	for i := 7; i > 0; i-- {
		digits[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	last := 7
	for digits[last] == '0' {
		last--
	}
	return append(dst, digits[:last+1]...)
}

// appendString writes a JSON string (RFC 8259); bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, text string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); {
		b := text[i]
		if b >= ' ' && b != '"' && b != '\\' && b < utf8.RuneSelf {
			i++
			continue
		}
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, text[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, text[start:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
		i++
		start = i
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}
