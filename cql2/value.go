package cql2

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// value is a JSON value: nil, bool, number, string, []value or object. This reader is here because it
// bounds depth and size, refuses members that occur twice, and says where a fault is.
type value any

// number is a JSON number as written.
type number string

// object is a JSON object in the order of its members.
type object []member

type member struct {
	name  string
	value value
}

func (o object) get(name string) (value, bool) {
	for _, m := range o {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// Geometry nests deeper than filters do: four lists in a member in a collection in a call.
const maxJSONDepth = 3*MaxDepth + 8

type jsonReader struct {
	text   string
	offset int
	depth  int
}

// readJSON reads one value and nothing after it.
func readJSON(text string) (value, error) {
	r := &jsonReader{text: text}
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.space(); r.offset < len(r.text) {
		return nil, r.fault("is not expected after the end of the filter")
	}
	return v, nil
}

func (r *jsonReader) fault(message string) error {
	at := character(utf8.RuneCountInString(r.text[:r.offset]) + 1)
	if r.offset == len(r.text) {
		return fault(at, "the filter ends too early")
	}
	first, _ := utf8.DecodeRuneInString(r.text[r.offset:])
	return fault(at, "%q %s", first, message)
}

func (r *jsonReader) space() {
	for r.offset < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.offset]) >= 0 {
		r.offset++
	}
}

// take goes past a byte, after space.
func (r *jsonReader) take(b byte) bool {
	if r.space(); r.offset < len(r.text) && r.text[r.offset] == b {
		r.offset++
		return true
	}
	return false
}

var literals = []struct {
	text  string
	value value
}{{"null", nil}, {"true", true}, {"false", false}}

func (r *jsonReader) value() (value, error) {
	r.space()
	rest := r.text[r.offset:]
	for _, word := range literals {
		if strings.HasPrefix(rest, word.text) {
			r.offset += len(word.text)
			return word.value, nil
		}
	}
	switch {
	case rest == "":
		return nil, r.fault("")
	case rest[0] == '"':
		return r.string()
	case rest[0] == '[':
		return r.nested(r.list)
	case rest[0] == '{':
		return r.nested(r.object)
	}
	return r.number()
}

func (r *jsonReader) nested(read func() (value, error)) (value, error) {
	if r.depth++; r.depth > maxJSONDepth {
		return nil, r.fault("is nested too deeply")
	}
	defer func() { r.depth-- }()
	r.offset++
	return read()
}

func (r *jsonReader) list() (value, error) {
	list := []value{}
	if r.take(']') {
		return list, nil
	}
	for {
		item, err := r.value()
		if err != nil {
			return nil, err
		}
		list = append(list, item)
		if r.take(']') {
			return list, nil
		}
		if !r.take(',') {
			return nil, r.fault("is not expected in a list, but a comma or ]")
		}
	}
}

// maxMembers bounds an object, so that looking for a name twice takes little.
const maxMembers = 16

func (r *jsonReader) object() (value, error) {
	o := object{}
	if r.take('}') {
		return o, nil
	}
	for {
		r.space()
		if r.offset < len(r.text) && r.text[r.offset] != '"' || r.offset == len(r.text) {
			return nil, r.fault("is not expected in an object, but a name in quotes")
		}
		name, err := r.string()
		if err != nil {
			return nil, err
		}
		if _, again := o.get(name.(string)); again || len(o) == maxMembers {
			return nil, r.fault("comes after a name that is there already, or one name too many")
		}
		if !r.take(':') {
			return nil, r.fault("is not expected after a name, but a colon")
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		o = append(o, member{name.(string), v})
		if r.take('}') {
			return o, nil
		}
		if !r.take(',') {
			return nil, r.fault("is not expected in an object, but a comma or }")
		}
	}
}

// number reads a number by the grammar of JSON.
func (r *jsonReader) number() (value, error) {
	start := r.offset
	end := start
	if end < len(r.text) && r.text[end] == '-' {
		end++
	}
	length := numberLength(r.text[end:])
	digits := r.text[end : end+length]
	mantissa, _, _ := strings.Cut(strings.ToLower(digits), "e")
	whole, fraction, pointed := strings.Cut(mantissa, ".")
	if whole == "" || len(whole) > 1 && whole[0] == '0' || pointed && fraction == "" {
		return nil, r.fault("does not begin a value of JSON")
	}
	r.offset = end + length
	return number(r.text[start:r.offset]), nil
}

func (r *jsonReader) string() (value, error) {
	var text strings.Builder
	r.offset++
	for r.offset < len(r.text) {
		b := r.text[r.offset]
		switch {
		case b == '"':
			r.offset++
			return text.String(), nil
		case b < ' ':
			return nil, r.fault("is a control character; it has to be escaped")
		case b == '\\':
			if err := r.escape(&text); err != nil {
				return nil, err
			}
		default:
			text.WriteByte(b)
			r.offset++
		}
	}
	return nil, r.fault("")
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (r *jsonReader) escape(text *strings.Builder) error {
	if r.offset+1 == len(r.text) {
		r.offset++
		return r.fault("")
	}
	b := r.text[r.offset+1]
	if plain, ok := escapes[b]; ok {
		text.WriteByte(plain)
		r.offset += 2
		return nil
	}
	unit, ok := r.unit()
	if !ok {
		return r.fault("is not a known escape")
	}
	if utf16.IsSurrogate(unit) {
		low, ok := r.unit()
		if unit = utf16.DecodeRune(unit, low); !ok || unit == utf8.RuneError {
			return r.fault("is not expected after half of a surrogate pair")
		}
	}
	text.WriteRune(unit)
	return nil
}

// unit reads \uXXXX.
func (r *jsonReader) unit() (rune, bool) {
	rest := r.text[r.offset:]
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(rest[2:6], 16, 16)
	if err != nil {
		return 0, false
	}
	r.offset += 6
	return rune(n), true
}
