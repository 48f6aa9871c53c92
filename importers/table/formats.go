package table

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// cellFormat is what matters of how a cell shows its number.
type cellFormat int

const (
	plainFormat cellFormat = iota
	percentFormat
	dateFormat
	timeFormat // without a date
)

// readFormats reads the formats that cells refer to by index.
func (b *workbook) readFormats(part string) error {
	custom := map[int]string{}
	inCells := false
	return b.walk(part, maxSmallPart, func(e event) error {
		switch {
		case e.start == "numFmt":
			if id, err := strconv.Atoi(e.attr("numFmtId")); err == nil {
				custom[id] = e.attr("formatCode")
			}
		case e.start == "cellXfs":
			inCells = true
		case e.end == "cellXfs":
			inCells = false
		case e.start == "xf" && inCells:
			id, err := strconv.Atoi(e.attr("numFmtId"))
			if err != nil {
				id = 0
			}
			b.formats = append(b.formats, formatOf(id, custom[id]))
		}
		return nil
	})
}

// formatOf knows the built-in formats by number (those from 27 on are of Chinese spreadsheets) and others by
// their code.
func formatOf(id int, code string) cellFormat {
	switch {
	case code != "":
		return formatOfCode(code)
	case id == 9 || id == 10:
		return percentFormat
	case id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id >= 57 && id <= 58:
		return dateFormat
	case id >= 18 && id <= 21 || id >= 32 && id <= 35 || id >= 45 && id <= 47 || id == 55 || id == 56:
		return timeFormat
	}
	return plainFormat
}

func formatOfCode(code string) cellFormat {
	code, _, _ = strings.Cut(code, ";") // the first section is for positive numbers
	bare := strings.ToLower(stripQuoted(code))
	switch {
	case strings.Contains(bare, "%"):
		return percentFormat
	case strings.Contains(bare, "general"):
		return plainFormat
	case strings.ContainsAny(bare, "yd") || strings.Contains(bare, "m") && !strings.ContainsAny(bare, "hs0#"):
		return dateFormat
	case strings.ContainsAny(bare, "hs"):
		return timeFormat
	}
	return plainFormat
}

// stripQuoted leaves out what a format shows as it is: "年", \d, [$-804], [Red].
func stripQuoted(code string) string {
	var out strings.Builder
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case quoted:
			quoted = c != '"'
		case bracket:
			bracket = c != ']'
		case c == '"':
			quoted = true
		case c == '[':
			bracket = true
		case c == '\\', c == '_', c == '*':
			i++
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// formatDate writes the days since the beginning of a workbook's calendar as a date, and whether there is one.
func formatDate(days float64, date1904 bool) (string, bool) {
	if math.IsNaN(days) || days < 0 || days > 2_958_466 {
		return "", false
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) // as if 1900 had been a leap year, as Excel has it
	if date1904 {
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	at := start.AddDate(0, 0, int(days)).Add(time.Duration(math.Round((days-math.Floor(days))*86_400)) * time.Second)
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Format(time.DateOnly), true
	}
	return at.Format(time.DateTime), true
}
