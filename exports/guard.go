package exports

import "strings"

// formulas are what a spreadsheet takes for the beginning of one.
var formulas = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}

// Guard keeps a text from being run as a formula by a spreadsheet, because it begins with = + - @, their
// full-width forms, a tab or a line break: it puts an apostrophe in front. A text that looks guarded already
// gets one more, so that Unguard gives back every text.
func Guard(text string) string {
	if looksLikeFormula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// Unguard is the inverse of Guard.
func Unguard(text string) string {
	if strings.HasPrefix(text, "'") && looksLikeFormula(strings.TrimLeft(text, "'")) {
		return text[1:]
	}
	return text
}

func looksLikeFormula(text string) bool {
	for _, prefix := range formulas {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}
