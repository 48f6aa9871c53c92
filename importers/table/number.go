package table

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Value is what a cell says as a number.
type Value struct {
	Value   float64
	Known   bool // false for a cell that is empty, or has a dash for no data
	Percent bool // written as per cent; Value is the fraction
}

// halfWidth writes full-width digits and signs as ASCII, and cuts spaces.
var halfWidth = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"．", ".", "，", ",", "％", "%", "－", "-", "−", "-", "＋", "+", "＇", "", "'", "", " ", "", "\u00a0", "", "\u3000", "", "\u2009", "", "\u202f", "",
	"Ｅ", "E", "ｅ", "e")

// dashes mean that there is no figure. 无 is not here: it may be nought, too.
var dashes = map[string]bool{"": true, "-": true, "--": true, "---": true, "—": true, "——": true, "–": true, "―": true, "/": true, "／": true, "\\": true,
	"…": true, "……": true, "...": true, "*": true, "无数据": true, "暂无数据": true, "暂无": true, "缺": true, "缺失": true, "不详": true,
	"N/A": true, "n/a": true, "NA": true, "na": true, "null": true, "NULL": true, "#N/A": true}

var (
	plainNumber   = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?%?$`)
	groupedNumber = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+(\.\d+)?%?$`)
)

// NumberOf reads a cell as a number: full-width digits, separators of thousands and per cent signs are
// understood, a dash is no data. What could mean two things is refused.
func NumberOf(c Cell) (Value, error) {
	switch c.Kind {
	case Empty:
		return Value{}, nil
	case Failed:
		return Value{}, fmt.Errorf("%s", c.Why)
	case Date:
		return Value{}, fmt.Errorf("is a date (%s), not a number", c.Text)
	case Bool:
		return Value{}, fmt.Errorf("is %s, not a number", c.Text)
	}
	v, err := parseNumber(c.Text)
	v.Percent = v.Percent || c.Percent && v.Known
	return v, err
}

func parseNumber(text string) (Value, error) {
	text = halfWidth.Replace(text)
	if dashes[text] {
		return Value{}, nil
	}
	switch {
	case plainNumber.MatchString(text):
	case groupedNumber.MatchString(text):
		text = strings.ReplaceAll(text, ",", "")
	default:
		return Value{}, whyNoNumber(text)
	}
	digits, percent := strings.CutSuffix(text, "%")
	x, err := strconv.ParseFloat(digits, 64)
	if percent && err == nil {
		x, err = asFraction(digits)
	}
	if err != nil || math.IsInf(x, 0) {
		return Value{}, fmt.Errorf("%s is too large", quote(text))
	}
	return Value{Value: x + 0, Known: true, Percent: percent}, nil
}

// asFraction moves the point in the digits, so that 85.3% is 0.853 and not a float beside it.
func asFraction(digits string) (float64, error) {
	mantissa, exponent, has := strings.Cut(strings.ToLower(digits), "e")
	shift := -2
	if has {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return 0, err
		}
		shift += n
	}
	return strconv.ParseFloat(fmt.Sprintf("%se%d", mantissa, shift), 64)
}

func whyNoNumber(text string) error {
	switch {
	case text == "无":
		return fmt.Errorf("says 无: write 0 for none, or leave it empty for no data")
	case strings.HasSuffix(text, "‰"):
		return fmt.Errorf("%s is per mille: write it as per cent or as a fraction", quote(text))
	case strings.HasSuffix(text, "万"), strings.HasSuffix(text, "亿"):
		return fmt.Errorf("%s has a unit: write the number in full", quote(text))
	case strings.Contains(text, ","):
		return fmt.Errorf("%s has a comma that does not separate thousands", quote(text))
	}
	return fmt.Errorf("%s is not a number", quote(text))
}

// quote shows a text that somebody else wrote, cut to a length that fits a line.
func quote(text string) string {
	runes := []rune(text)
	if len(runes) > 24 {
		runes = append(runes[:24], '…')
	}
	return strconv.Quote(string(runes))
}

var (
	wholeNumber = regexp.MustCompile(`^\d+(\.0*)?$`)
	roundedCode = regexp.MustCompile(`^\d(\.\d+)?[eE]\+?\d+$`)
)

// CodeOf reads a cell as a code of digits, such as that of a unit. Spreadsheets take codes for numbers: 150702.0
// is read; what lost digits (1.50702E+11) is refused.
func CodeOf(c Cell) (string, error) {
	switch c.Kind {
	case Empty:
		return "", nil
	case Failed:
		return "", fmt.Errorf("%s", c.Why)
	case Date, Bool:
		return "", fmt.Errorf("%s is not a code", quote(c.Text))
	}
	text := halfWidth.Replace(c.Text)
	switch {
	case dashes[text]:
		return "", nil
	case wholeNumber.MatchString(text):
		code, _, _ := strings.Cut(text, ".")
		return code, nil
	case roundedCode.MatchString(text):
		return "", fmt.Errorf("%s has lost digits: make the column text before typing the codes", quote(text))
	}
	return "", fmt.Errorf("%s is not a code of digits", quote(text))
}
