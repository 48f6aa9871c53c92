package cql2

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd    tokenKind = iota
	tokenWord             // an identifier or a keyword
	tokenQuoted           // an identifier in double quotes
	tokenText
	tokenNumber
	tokenSymbol
)

type token struct {
	kind tokenKind
	text string // without quotes; of a word, as written
	at   Place
}

// lexer cuts a text into tokens, one at a time.
type lexer struct {
	text   string
	offset int // bytes read
	count  int // characters read
}

// symbols, longest first.
var symbols = []string{"<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", "+", "-", "*", "/", "%", "^"}

func (l *lexer) next() (token, error) {
	l.skip(l.run(unicode.IsSpace))
	at := character(l.count + 1)
	rest := l.text[l.offset:]
	first, size := utf8.DecodeRuneInString(rest)
	switch {
	case rest == "":
		return token{tokenEnd, "", at}, nil
	case first == '\'':
		return l.quoted(at, true)
	case first == '"':
		return l.quoted(at, false)
	case isDigit(first) || first == '.' && size < len(rest) && isDigit(rune(rest[1])):
		return token{tokenNumber, l.skip(numberLength(rest)), at}, nil
	case isNameStart(first):
		return token{tokenWord, l.skip(l.run(isNamePart)), at}, nil
	}
	for _, symbol := range symbols {
		if strings.HasPrefix(rest, symbol) {
			return token{tokenSymbol, l.skip(len(symbol)), at}, nil
		}
	}
	return token{}, fault(at, "%q is not expected here", first)
}

// run gives the length of what begins the rest and holds to a rule.
func (l *lexer) run(rule func(rune) bool) int {
	rest := l.text[l.offset:]
	if end := strings.IndexFunc(rest, func(r rune) bool { return !rule(r) }); end >= 0 {
		return end
	}
	return len(rest)
}

func (l *lexer) skip(length int) string {
	skipped := l.text[l.offset : l.offset+length]
	l.offset += length
	l.count += utf8.RuneCountInString(skipped)
	return skipped
}

// quoted reads a text in single quotes, in which a quote is doubled or escaped, or a name in double quotes.
func (l *lexer) quoted(at Place, isText bool) (token, error) {
	rest := l.text[l.offset:]
	quote := rest[0]
	var value strings.Builder
	for i := 1; i < len(rest); i++ {
		escape := isText && i+1 < len(rest) && rest[i+1] == quote && (rest[i] == quote || rest[i] == '\\')
		switch {
		case escape:
			i++
		case rest[i] == quote:
			l.skip(i + 1)
			if isText {
				return token{tokenText, value.String(), at}, nil
			}
			return token{tokenQuoted, value.String(), at}, nil
		}
		value.WriteByte(rest[i])
	}
	return token{}, fault(at, "the quote %q is not closed", quote)
}

// numberLength gives the length of the number that begins a text.
func numberLength(text string) int {
	digits := func(i int) int {
		for i < len(text) && isDigit(rune(text[i])) {
			i++
		}
		return i
	}
	end := digits(0)
	if end < len(text) && text[end] == '.' {
		end = digits(end + 1)
	}
	if end < len(text) && (text[end] == 'e' || text[end] == 'E') {
		exponent := end + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if last := digits(exponent); last > exponent {
			end = last
		}
	}
	return end
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isNameStart is somewhat wider than the list of the standard: any letter.
func isNameStart(r rune) bool { return r == '_' || r == ':' || unicode.IsLetter(r) }

func isNamePart(r rune) bool {
	return isNameStart(r) || r == '.' || isDigit(r) || unicode.Is(unicode.Mn, r)
}

// words that cannot stand for a property unless in quotes.
var words = map[string]bool{
	"and": true, "or": true, "not": true, "like": true, "between": true, "in": true, "is": true, "null": true,
	"true": true, "false": true, "div": true,
}

// lower lowers ASCII only, as keywords are ASCII and no other letter should become one.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
