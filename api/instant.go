package api

import (
	"strings"
	"time"
)

// instantPattern is a first look only: parseInstant decides.
const instantPattern = `^(now|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(Z|[+ -][0-9]{2}:[0-9]{2}))$`

const instantText = "now or a time such as 2026-02-17T12:30:00+08:00"

// The years that opening hours may be asked for: a time far away is a slip, and its answer would be
// about rules that nobody has made.
const (
	firstYear = 2000
	lastYear  = 2100
)

// parseInstant reads an RFC 3339 time, or "now".
func parseInstant(text string, now time.Time) (time.Time, error) {
	return parseInstantAt("query.open_at", text, now)
}

// parseInstantAt is parseInstant for a moment that stands elsewhere.
func parseInstantAt(location, text string, now time.Time) (time.Time, error) {
	if text == "now" {
		return now, nil
	}
	text = strings.Replace(text, " ", "+", 1) // an unescaped + in a query is a space
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, invalidParameter(location, "is not "+instantText)
	}
	if year := at.UTC().Year(); year < firstYear || year > lastYear {
		return time.Time{}, invalidParameter(location, "is not in the years 2000 to 2100")
	}
	return at, nil
}
