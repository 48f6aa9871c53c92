package yizhan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours says when a place is open, in the subset of OpenStreetMap's opening_hours that stations need:
//
//	24/7
//	Mo-Fr 08:30-17:30; Sa,Su 09:00-12:00,13:00-16:30; 2026-02-17 off
//	22:00-06:00
//
// Rules are separated by semicolons; a later rule replaces an earlier one for the days it names, and a
// dated rule replaces every weekday rule on its day. A span whose end is not after its start runs into
// the next day. 24:00 is legal as an end. The zero Hours means that nobody knows.
// Times are China's: UTC+8 all year.
type Hours struct {
	week  [7][]span // by time.Weekday; the spans that begin on that day
	dates []dated   // ascending by day
	known bool
}

// span is a time of opening in minutes from the start of its day; end may pass 1440.
type span struct{ start, end int }

type dated struct {
	day   civil
	spans []span // none: closed
}

type civil struct {
	year  int
	month time.Month
	day   int
}

// China is the time zone in which all opening hours are read.
var China = time.FixedZone("UTC+8", 8*60*60)

// OpenState is what Hours say about a moment.
type OpenState string

// The states.
const (
	Open    OpenState = "open"
	Closed  OpenState = "closed"
	Unknown OpenState = "unknown"
)

const (
	dayMinutes    = 24 * 60
	maxHoursText  = 2_000
	maxSpansADay  = 6
	maxDatedRules = 400
)

var weekdays = []string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"}

// ParseHours reads opening hours. The empty string gives unknown hours.
func ParseHours(text string) (Hours, error) {
	if len(text) > maxHoursText {
		return Hours{}, Errorf(CodeTooLarge, "opening_hours", "has %d bytes; %d are allowed", len(text), maxHoursText)
	}
	var hours Hours
	if strings.TrimSpace(text) == "" {
		return hours, nil
	}
	for _, rule := range strings.Split(text, ";") {
		if err := hours.addRule(strings.TrimSpace(rule)); err != nil {
			return Hours{}, Invalid("opening_hours", "%s in %q", err, rule)
		}
	}
	hours.known = true
	// What is stored is the canonical form, which can be longer, and which must be read back.
	if n := len(hours.String()); n > maxHoursText {
		return Hours{}, Errorf(CodeTooLarge, "opening_hours", "has %d bytes when written in full; %d are allowed", n, maxHoursText)
	}
	return hours, nil
}

// MustHours is ParseHours for text that is known to be right.
func MustHours(text string) Hours {
	hours, err := ParseHours(text)
	if err != nil {
		panic(err)
	}
	return hours
}

func (h *Hours) addRule(rule string) error {
	if rule == "24/7" {
		for day := range h.week {
			h.week[day] = []span{{0, dayMinutes}}
		}
		return nil
	}
	selector, times, _ := strings.Cut(rule, " ")
	if strings.Contains(selector, ":") { // times right away, for every day
		selector, times = "Mo-Su", rule
	}
	spans, err := parseSpans(strings.TrimSpace(times))
	if err != nil {
		return err
	}
	if selector != "" && selector[0] >= '0' && selector[0] <= '9' {
		return h.addDate(selector, spans)
	}
	days, err := parseDays(selector)
	for _, day := range days {
		h.week[day] = spans
	}
	return err
}

func (h *Hours) addDate(selector string, spans []span) error {
	at, err := time.Parse(time.DateOnly, selector)
	if err != nil {
		return fmt.Errorf("%q is not a date such as 2026-02-17", selector)
	}
	rule := dated{day: civilOf(at), spans: spans}
	i, exists := slices.BinarySearchFunc(h.dates, rule, func(a, b dated) int { return a.day.compare(b.day) })
	switch {
	case exists:
		h.dates[i] = rule
	case len(h.dates) == maxDatedRules:
		return fmt.Errorf("more than %d dates", maxDatedRules)
	default:
		h.dates = slices.Insert(h.dates, i, rule)
	}
	return nil
}

func parseDays(selector string) ([]int, error) {
	var days []int
	for _, part := range strings.Split(selector, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from := slices.Index(weekdays, first)
		to := from
		if isRange {
			to = slices.Index(weekdays, last)
		}
		if from < 0 || to < 0 {
			return nil, fmt.Errorf("%q is not a weekday such as Mo or a range such as Mo-Fr", part)
		}
		for day := from; ; day = (day + 1) % 7 {
			days = append(days, day)
			if day == to {
				break
			}
		}
	}
	return days, nil
}

func parseSpans(text string) ([]span, error) {
	switch text {
	case "off", "closed":
		return nil, nil
	case "":
		return nil, fmt.Errorf("no times")
	}
	var spans []span
	for _, part := range strings.Split(text, ",") {
		from, to, _ := strings.Cut(strings.TrimSpace(part), "-")
		start, err := parseClock(from)
		if err != nil {
			return nil, err
		}
		end, err := parseClock(to)
		if err != nil {
			return nil, err
		}
		if start == dayMinutes {
			return nil, fmt.Errorf("a span cannot begin at 24:00")
		}
		if end <= start {
			end += dayMinutes
		}
		spans = append(spans, span{start, end})
	}
	if len(spans) > maxSpansADay {
		return nil, fmt.Errorf("more than %d spans a day", maxSpansADay)
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	for i := 1; i < len(spans); i++ {
		if spans[i].start < spans[i-1].end {
			return nil, fmt.Errorf("spans overlap")
		}
	}
	return spans, nil
}

func parseClock(text string) (int, error) {
	hour, minute, _ := strings.Cut(text, ":")
	h, okHour := parseTwoDigits(hour)
	m, okMinute := parseTwoDigits(minute)
	if !okHour || !okMinute || m > 59 || h*60+m > dayMinutes {
		return 0, fmt.Errorf("%q is not a time such as 08:30", text)
	}
	return h*60 + m, nil
}

// parseTwoDigits takes digits only, where strconv would also take a sign.
func parseTwoDigits(text string) (number int, ok bool) {
	if len(text) != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9' {
		return 0, false
	}
	return int(text[0]-'0')*10 + int(text[1]-'0'), true
}

// Known tells whether anybody knows the hours.
func (h Hours) Known() bool { return h.known }

// String gives the hours in a canonical form that ParseHours reads back; empty if unknown.
func (h Hours) String() string {
	if !h.known {
		return ""
	}
	var rules []string
	if h.isAlwaysOpen() {
		rules = append(rules, "24/7")
	} else {
		rules = h.weekRules()
	}
	for _, rule := range h.dates {
		rules = append(rules, fmt.Sprintf("%04d-%02d-%02d %s", rule.day.year, rule.day.month, rule.day.day, spansText(rule.spans)))
	}
	return strings.Join(rules, "; ")
}

// MarshalBinary gives the canonical text, for encoding/gob.
func (h Hours) MarshalBinary() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalBinary reads what MarshalBinary gave.
func (h *Hours) UnmarshalBinary(data []byte) (err error) {
	*h, err = ParseHours(string(data))
	return err
}

func (h Hours) isAlwaysOpen() bool {
	for _, spans := range h.week {
		if !slices.Equal(spans, []span{{0, dayMinutes}}) {
			return false
		}
	}
	return true
}

// weekRules joins neighbouring days with equal spans, Monday first.
func (h Hours) weekRules() []string {
	var rules []string
	for first := 1; first <= 7; {
		last := first
		for last < 7 && slices.Equal(h.week[(last+1)%7], h.week[first%7]) {
			last++
		}
		days := weekdays[first%7]
		if last > first {
			days += "-" + weekdays[last%7]
		}
		rules = append(rules, days+" "+spansText(h.week[first%7]))
		first = last + 1
	}
	return rules
}

func spansText(spans []span) string {
	if len(spans) == 0 {
		return "off"
	}
	parts := make([]string, len(spans))
	for i, s := range spans {
		end := s.end
		if end > dayMinutes {
			end -= dayMinutes
		}
		parts[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", s.start/60, s.start%60, end/60, end%60)
	}
	return strings.Join(parts, ",")
}

// StateAt tells whether the place is open at a moment, and when that next changes. The change is zero
// when it is not within the next eight days, or when the hours are unknown.
func (h Hours) StateAt(at time.Time) (state OpenState, until time.Time) {
	if !h.known {
		return Unknown, time.Time{}
	}
	local := at.In(China)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, China)
	spans := h.spansAround(midnight)
	minutes := local.Sub(midnight).Minutes()
	for i, s := range spans {
		switch {
		case minutes < float64(s.start):
			return Closed, midnight.Add(time.Duration(s.start) * time.Minute)
		case minutes < float64(s.end):
			end := s.end
			for _, following := range spans[i+1:] { // midnight between two spans that touch is no change
				if following.start > end {
					break
				}
				end = max(end, following.end)
			}
			if end >= (daysAhead+1)*dayMinutes {
				return Open, time.Time{}
			}
			return Open, midnight.Add(time.Duration(end) * time.Minute)
		}
	}
	return Closed, time.Time{}
}

const daysAhead = 8

// spansAround lists the spans that begin from the day before midnight to daysAhead days after it, in
// minutes from midnight.
func (h Hours) spansAround(midnight time.Time) []span {
	var spans []span
	for offset := -1; offset <= daysAhead; offset++ {
		for _, s := range h.spansOn(midnight.AddDate(0, 0, offset)) {
			spans = append(spans, span{s.start + offset*dayMinutes, s.end + offset*dayMinutes})
		}
	}
	return spans
}

func (h Hours) spansOn(day time.Time) []span {
	wanted := civilOf(day)
	i, exists := slices.BinarySearchFunc(h.dates, wanted, func(rule dated, day civil) int { return rule.day.compare(day) })
	if exists {
		return h.dates[i].spans
	}
	return h.week[day.Weekday()]
}

func civilOf(t time.Time) civil {
	year, month, day := t.Date()
	return civil{year, month, day}
}

func (c civil) compare(other civil) int {
	return (c.year-other.year)*10_000 + int(c.month-other.month)*100 + c.day - other.day
}
