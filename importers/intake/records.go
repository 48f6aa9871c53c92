package intake

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/datum"
)

// reader makes features of records. What is wrong with one it notes, and goes on: all of a record is told at
// once.
type reader struct {
	binding
	headings []string // of the columns
	from     datum.Candidate
	hours    map[string]parsedHours
	problems []importers.Problem // of the record that is being read
	row      int64
	at       *orb.Point // of the record, WGS84; nil if unknown
	settled  decisions
	compared int // names, to find what a record may be about
}

type parsedHours struct {
	hours yizhan.Hours
	err   error
}

func newReader(b binding, headings []string, from datum.Candidate) *reader {
	return &reader{binding: b, headings: headings, from: from, hours: map[string]parsedHours{}}
}

func (r *reader) begin(row int64) {
	r.problems, r.row, r.at = r.problems[:0], row, nil
}

// note adds a problem with a field.
func (r *reader) note(severity importers.Severity, code, field, value, message string) {
	p := importers.Problem{Severity: severity, Row: r.row, Code: code, Field: field, Value: importers.Clip(value), Message: message, Place: r.at}
	if i, ok := r.columns[field]; ok && i < len(r.headings) {
		p.Column = r.headings[i]
	}
	r.problems = append(r.problems, p)
}

func (r *reader) refuse(code, field, value, message string) {
	r.note(importers.Refused, code, field, value, message)
}

// refused tells whether the record cannot go in.
func (r *reader) refused() bool {
	for _, p := range r.problems {
		if p.Severity != importers.Warned {
			return true
		}
	}
	return false
}

// clears tells whether a cell empties what was there: an empty one leaves it as it is, as lists are often about
// a part of what is known.
func clears(text string) bool { return text == "-" || text == "－" || text == "—" || text == "无" }

// text reads a text into what is there.
func (r *reader) text(values []string, field string, into *string) {
	switch text := r.value(values, field); {
	case text == "":
	case clears(text) && field != "name":
		*into = ""
	default:
		*into = text
	}
}

func (r *reader) integer(values []string, field string, into *int) {
	text := narrow(r.value(values, field))
	if text == "" {
		return
	}
	text = strings.TrimRight(text, "户个人座位 ")
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil || n != float64(int(n)) {
		r.refuse(importers.BadValue, field, text, "is not a whole number")
		return
	}
	*into = int(n)
}

func (r *reader) boolean(values []string, field string, into *bool) {
	text := r.value(values, field)
	if text == "" {
		return
	}
	value, known := truth(text)
	if !known {
		r.refuse(importers.BadValue, field, text, "is neither yes (是) nor no (否)")
		return
	}
	*into = value
}

// openingHours reads opening hours, in OpenStreetMap's way or as lists have them.
func (r *reader) openingHours(values []string, into *yizhan.Hours) {
	text := r.value(values, "opening_hours")
	switch {
	case text == "":
		return
	case clears(text):
		*into = yizhan.Hours{}
		return
	}
	parsed, known := r.hours[text]
	if !known {
		parsed.hours, parsed.err = parseHours(text)
		if len(r.hours) > 10_000 {
			clear(r.hours)
		}
		r.hours[text] = parsed
	}
	if parsed.err != nil {
		r.refuse(importers.BadValue, "opening_hours", text, messageOf(parsed.err))
		return
	}
	*into = parsed.hours
}

func messageOf(err error) string {
	var ours *yizhan.Error
	if errors.As(err, &ours) {
		return ours.Message
	}
	return err.Error()
}

var (
	chineseDays = strings.NewReplacer("周一至周五", "Mo-Fr ", "周一到周五", "Mo-Fr ", "工作日", "Mo-Fr ", "周一至周日", "Mo-Su ", "周一到周日", "Mo-Su ", "周六至周日", "Sa-Su ", "周六日", "Sa,Su ", "周末", "Sa,Su ",
		"每天", "Mo-Su ", "每日", "Mo-Su ", "周一", "Mo", "周二", "Tu", "周三", "We", "周四", "Th", "周五", "Fr", "周六", "Sa", "周日", "Su", "星期", "周",
		"至", "-", "到", "-", "～", "-", "~", "-", "—", "-", "－", "-", "：", ":", "；", ";", "，", ",", "、", ",")
	shortClock = regexp.MustCompile(`\b([0-9]):`)
	bareClock  = regexp.MustCompile(`([0-9]{1,2})[点时](半|[0-5][0-9]分?)?`)
	spaced     = regexp.MustCompile(`\s*([-,;])\s*`)
)

// parseHours reads 8:30-20:00, 周一至周五 8:30—17:30, 24小时 and OpenStreetMap's syntax.
func parseHours(text string) (yizhan.Hours, error) {
	if hours, err := yizhan.ParseHours(text); err == nil {
		return hours, nil
	}
	plain := strings.ReplaceAll(narrow(text), " ", " ")
	switch strings.ReplaceAll(plain, " ", "") {
	case "24小时", "全天", "全天开放", "24h", "24小时开放", "全天24小时":
		return yizhan.ParseHours("24/7")
	}
	plain = bareClock.ReplaceAllStringFunc(plain, func(clock string) string {
		match := bareClock.FindStringSubmatch(clock)
		minutes := strings.TrimSuffix(match[2], "分")
		switch minutes {
		case "半":
			minutes = "30"
		case "":
			minutes = "00"
		}
		return match[1] + ":" + minutes
	})
	plain = spaced.ReplaceAllString(chineseDays.Replace(plain), "$1")
	plain = shortClock.ReplaceAllString(plain, "0$1:")
	if plain != "" && plain[0] >= '0' && plain[0] <= '9' && !strings.Contains(plain, "/") && (len(plain) < 5 || plain[4] != '-') {
		plain = "Mo-Su " + plain
	}
	return yizhan.ParseHours(strings.TrimSpace(plain))
}

// services reads the services of a station, from one column and from columns of their own.
func (r *reader) services(values []string, was []yizhan.StationService) []yizhan.StationService {
	list := was
	if text := r.value(values, "services"); text != "" {
		list = nil
		if !clears(text) {
			list = r.servicesIn(text)
		}
	}
	for _, service := range yizhan.Services() {
		text := r.value(values, serviceField+string(service))
		if text == "" {
			continue
		}
		has, known := truth(text)
		if !known {
			r.refuse(importers.BadValue, serviceField+string(service), text, "is neither yes (是) nor no (否)")
			continue
		}
		list = withService(list, service, has)
	}
	return list
}

// withService gives the list with or without a service; what is known about its condition stays.
func withService(list []yizhan.StationService, service yizhan.Service, has bool) []yizhan.StationService {
	var out []yizhan.StationService
	found := false
	for _, have := range list {
		if have.Service != service {
			out = append(out, have)
			continue
		}
		found = true
		if has {
			out = append(out, have)
		}
	}
	if has && !found {
		out = append(out, yizhan.StationService{Service: service, Condition: yizhan.Working})
	}
	return out
}

func (r *reader) servicesIn(text string) []yizhan.StationService {
	if strings.HasPrefix(text, "[") {
		list, err := servicesOfJSON(text)
		if err != nil {
			r.refuse(importers.BadValue, "services", text, err.Error())
		}
		return list
	}
	list, err := yizhan.ParseServices(text, func(word string) string {
		if s := serviceOf(word); s != "" {
			return string(s)
		}
		if c, ok := conditionNames[word]; ok {
			return string(c)
		}
		return word
	})
	if err != nil {
		r.refuse(importers.BadValue, "services", text, messageOf(err))
	}
	return list
}

var dayPattern = regexp.MustCompile(`^([12][0-9]{3})\s*[年./-]\s*([0-9]{1,2})\s*[月./-]\s*([0-9]{1,2})\s*日?$`)

// instant reads a time, or a day in China: 2026-03-01, 2026年3月1日, 2026/3/1.
func (r *reader) instant(values []string, field string, into *time.Time) {
	text := r.value(values, field)
	switch {
	case text == "":
		return
	case clears(text):
		*into = time.Time{}
		return
	}
	at, err := parseInstant(text)
	if err != nil {
		r.refuse(importers.BadValue, field, text, err.Error())
		return
	}
	*into = at
}

func parseInstant(text string) (time.Time, error) {
	text = narrow(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04"} {
		if at, err := time.ParseInLocation(layout, text, yizhan.China); err == nil {
			return checkYear(at)
		}
	}
	match := dayPattern.FindStringSubmatch(text)
	if match == nil {
		return time.Time{}, errors.New("is not a day such as 2026-03-01 or 2026年3月1日")
	}
	at, err := time.ParseInLocation("2006-1-2", fmt.Sprintf("%s-%s-%s", match[1], strings.TrimLeft(match[2], "0"), strings.TrimLeft(match[3], "0")), yizhan.China)
	if err != nil {
		return at, errors.New("is no day of the calendar")
	}
	return checkYear(at)
}

func checkYear(at time.Time) (time.Time, error) {
	if year := at.UTC().Year(); year < 2000 || year > 2100 {
		return at, errors.New("is not between 2000 and 2100")
	}
	return at.UTC().Truncate(time.Microsecond), nil
}
