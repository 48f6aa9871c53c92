package yizhan_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

func at(text string) time.Time {
	moment, err := time.ParseInLocation("2006-01-02 15:04:05", text, yizhan.China)
	if err != nil {
		panic(err)
	}
	return moment
}

func TestParseHoursGivesTheCanonicalForm(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"  ", ""},
		{"24/7", "24/7"},
		{"00:00-24:00", "24/7"},
		{"00:00-00:00", "24/7"},
		{"Mo-Su 00:00-24:00", "24/7"},
		{"08:30-17:30", "Mo-Su 08:30-17:30"},
		{"08:30-12:00, 13:00-17:30", "Mo-Su 08:30-12:00,13:00-17:30"},
		{"13:00-17:30,08:30-12:00", "Mo-Su 08:30-12:00,13:00-17:30"},
		{"22:00-06:00", "Mo-Su 22:00-06:00"},
		{"22:00-00:00", "Mo-Su 22:00-24:00"},
		{"10:00-10:00", "Mo-Su 10:00-10:00"},
		{"Mo-Fr 08:30-17:30; Sa,Su 09:00-12:00,13:00-16:30; 2026-02-17 off",
			"Mo-Fr 08:30-17:30; Sa-Su 09:00-12:00,13:00-16:30; 2026-02-17 off"},
		{"Mo-Fr 08:30-17:30", "Mo-Fr 08:30-17:30; Sa-Su off"},
		{"Sa-Mo 10:00-12:00", "Mo 10:00-12:00; Tu-Fr off; Sa-Su 10:00-12:00"},
		{"24/7; Su off", "Mo-Sa 00:00-24:00; Su off"},
		{"Mo-Su 08:00-10:00; We 09:00-11:00; We off", "Mo-Tu 08:00-10:00; We off; Th-Su 08:00-10:00"},
		{"24/7; 2026-02-18 closed; 2026-02-17 10:00-12:00", "24/7; 2026-02-17 10:00-12:00; 2026-02-18 off"},
		{"24/7; 2026-02-17 off; 2026-02-17 10:00-12:00", "24/7; 2026-02-17 10:00-12:00"},
		{"2026-02-17 10:00-12:00", "Mo-Su off; 2026-02-17 10:00-12:00"},
		{"Mo off", "Mo-Su off"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			hours, err := yizhan.ParseHours(test.text)
			if err != nil || hours.String() != test.want {
				t.Errorf("%q, %v; want %q", hours.String(), err, test.want)
			}
			if hours.Known() != (test.want != "") {
				t.Errorf("known: %v", hours.Known())
			}
			checkRoundTrip(t, hours)
		})
	}
}

func checkRoundTrip(t *testing.T, hours yizhan.Hours) {
	t.Helper()
	back, err := yizhan.ParseHours(hours.String())
	if err != nil || back.String() != hours.String() || back.Known() != hours.Known() {
		t.Errorf("%q comes back as %q, %v", hours.String(), back.String(), err)
	}
}

func TestParseHoursRefuses(t *testing.T) {
	tooManyDates := make([]string, 0, 200)
	for day := range 130 {
		tooManyDates = append(tooManyDates, at("2026-01-01 00:00:00").AddDate(0, 0, day).Format(time.DateOnly)+" off")
	}
	tests := []struct {
		text string
		code yizhan.ErrorCode
	}{
		{"always", yizhan.CodeInvalid},
		{";", yizhan.CodeInvalid},
		{"24/7;", yizhan.CodeInvalid},
		{"off", yizhan.CodeInvalid},
		{"Mo", yizhan.CodeInvalid},
		{"Mo-", yizhan.CodeInvalid},
		{"Mo-Xx 08:00-10:00", yizhan.CodeInvalid},
		{"mo 08:00-10:00", yizhan.CodeInvalid},
		{"Mo 8:00-10:00", yizhan.CodeInvalid},
		{"Mo +8:00-10:00", yizhan.CodeInvalid},
		{"Mo 01:00--0:30", yizhan.CodeInvalid},
		{"Mo 08:00", yizhan.CodeInvalid},
		{"Mo 08:00-", yizhan.CodeInvalid},
		{"Mo 08:00-24:01", yizhan.CodeInvalid},
		{"Mo 08:60-09:00", yizhan.CodeInvalid},
		{"Mo 25:00-09:00", yizhan.CodeInvalid},
		{"Mo 24:00-09:00", yizhan.CodeInvalid},
		{"Mo ０８:00-09:00", yizhan.CodeInvalid},
		{"Mo 08:00-10:00,09:00-11:00", yizhan.CodeInvalid},
		{"Mo 08:00-10:00,", yizhan.CodeInvalid},
		{"Mo 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00,11:00-12:00,13:00-14:00", yizhan.CodeInvalid},
		{"2026-02-30 off", yizhan.CodeInvalid},
		{"2026-2-3 off", yizhan.CodeInvalid},
		{"2026-02-03", yizhan.CodeInvalid},
		{strings.Repeat("24/7; ", 400) + "24/7", yizhan.CodeTooLarge},
		{strings.Join(tooManyDates, ";"), yizhan.CodeTooLarge}, // 1,949 bytes, but more in canonical form
	}
	for _, test := range tests {
		t.Run(test.text[:min(40, len(test.text))], func(t *testing.T) {
			hours, err := yizhan.ParseHours(test.text)
			checkError(t, err, test.code, "opening_hours")
			if hours.Known() || hours.String() != "" {
				t.Errorf("gave %q", hours.String())
			}
		})
	}
}

func checkError(t *testing.T, err error, code yizhan.ErrorCode, field string) {
	t.Helper()
	var e *yizhan.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field || e.Message == "" {
		t.Errorf("error %v, want %s of field %q", err, code, field)
	}
}

func TestMustHoursPanicsOnBadText(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	yizhan.MustHours("whenever")
}

func TestStateAt(t *testing.T) {
	// 2026-03-02 is a Monday.
	const (
		office   = "Mo-Fr 08:30-17:30"
		lunch    = "08:00-12:00,13:00-17:00"
		night    = "22:00-06:00"
		sunday   = "Su 22:00-06:00"
		holidays = "08:00-18:00; 2026-03-03 off; 2026-03-04 22:00-02:00"
	)
	tests := []struct {
		hours, at string
		state     yizhan.OpenState
		until     string // empty for never
	}{
		{"", "2026-03-02 12:00:00", yizhan.Unknown, ""},
		{"24/7", "2026-03-02 00:00:00", yizhan.Open, ""},
		{"Mo off", "2026-03-02 00:00:00", yizhan.Closed, ""},
		{office, "2026-03-02 08:29:59", yizhan.Closed, "2026-03-02 08:30:00"},
		{office, "2026-03-02 08:30:00", yizhan.Open, "2026-03-02 17:30:00"},
		{office, "2026-03-02 17:29:59", yizhan.Open, "2026-03-02 17:30:00"},
		{office, "2026-03-02 17:30:00", yizhan.Closed, "2026-03-03 08:30:00"},
		{office, "2026-03-06 17:30:00", yizhan.Closed, "2026-03-09 08:30:00"},
		{lunch, "2026-03-02 12:00:00", yizhan.Closed, "2026-03-02 13:00:00"},
		{lunch, "2026-03-02 13:00:00", yizhan.Open, "2026-03-02 17:00:00"},
		{night, "2026-03-02 00:00:00", yizhan.Open, "2026-03-02 06:00:00"},
		{night, "2026-03-02 06:00:00", yizhan.Closed, "2026-03-02 22:00:00"},
		{night, "2026-03-02 22:00:00", yizhan.Open, "2026-03-03 06:00:00"},
		{sunday, "2026-03-01 23:00:00", yizhan.Open, "2026-03-02 06:00:00"},
		{sunday, "2026-03-02 05:59:00", yizhan.Open, "2026-03-02 06:00:00"},
		{sunday, "2026-03-02 06:00:00", yizhan.Closed, "2026-03-08 22:00:00"},
		{"Mo 08:00-24:00; Tu 00:00-02:00", "2026-03-02 09:00:00", yizhan.Open, "2026-03-03 02:00:00"},
		{"Mo 08:00-24:00", "2026-03-02 23:59:59", yizhan.Open, "2026-03-03 00:00:00"},
		{"22:00-06:00,05:00-07:00", "2026-03-02 01:00:00", yizhan.Open, "2026-03-02 07:00:00"},
		{"10:00-10:00", "2026-03-02 09:00:00", yizhan.Open, ""},
		{holidays, "2026-03-02 17:00:00", yizhan.Open, "2026-03-02 18:00:00"},
		{holidays, "2026-03-03 12:00:00", yizhan.Closed, "2026-03-04 22:00:00"},
		{holidays, "2026-03-05 01:00:00", yizhan.Open, "2026-03-05 02:00:00"},
		{holidays, "2026-03-05 08:00:00", yizhan.Open, "2026-03-05 18:00:00"},
		{"2026-03-02 off; 22:00-06:00", "2026-03-02 01:00:00", yizhan.Open, "2026-03-02 06:00:00"}, // began on Sunday
		{"24/7; 2026-03-03 off", "2026-03-02 12:00:00", yizhan.Open, "2026-03-03 00:00:00"},
		{"2026-12-24 10:00-12:00", "2026-12-31 10:00:00", yizhan.Closed, ""},
	}
	for _, test := range tests {
		t.Run(test.hours+" at "+test.at, func(t *testing.T) {
			want := time.Time{}
			if test.until != "" {
				want = at(test.until)
			}
			// The same moment in another zone is the same moment.
			for _, zone := range []*time.Location{yizhan.China, time.UTC, time.FixedZone("", -11*3600)} {
				state, until := yizhan.MustHours(test.hours).StateAt(at(test.at).In(zone))
				if state != test.state || !until.Equal(want) {
					t.Errorf("%s until %v, want %s until %v", state, until, test.state, want)
				}
			}
		})
	}
}

// clock reads canonical hours its own slow way: one minute at a time.
type clock struct {
	week  map[time.Weekday]string
	dates map[string]string
}

func newClock(canonical string) clock {
	c := clock{map[time.Weekday]string{}, map[string]string{}}
	names := []string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"}
	for _, rule := range strings.Split(strings.ReplaceAll(canonical, "24/7", "Mo-Su 00:00-24:00"), "; ") {
		selector, times, _ := strings.Cut(rule, " ")
		if selector[0] == '2' {
			c.dates[selector] = times
			continue
		}
		first, last, _ := strings.Cut(selector+"-"+selector, "-")
		last = strings.Split(last, "-")[0]
		for day, in := 1, false; day <= 7; day++ {
			in = in || names[day%7] == first
			if in {
				c.week[time.Weekday(day%7)] = times
			}
			in = in && names[day%7] != last
		}
	}
	return c
}

func (c clock) isOpen(moment time.Time) bool {
	midnight := time.Date(moment.Year(), moment.Month(), moment.Day(), 0, 0, 0, 0, yizhan.China)
	minute := int(moment.Sub(midnight).Minutes())
	return c.covers(midnight, minute) || c.covers(midnight.AddDate(0, 0, -1), minute+24*60)
}

// covers tells whether a span that begins on the day covers the minute after its midnight.
func (c clock) covers(day time.Time, minute int) bool {
	times, dated := c.dates[day.Format(time.DateOnly)]
	if !dated {
		times = c.week[day.Weekday()]
	}
	if times == "off" || times == "" {
		return false
	}
	for _, span := range strings.Split(times, ",") {
		start, end := minutes(span[:5]), minutes(span[6:])
		if end <= start {
			end += 24 * 60
		}
		if minute >= start && minute < end {
			return true
		}
	}
	return false
}

func minutes(text string) int {
	hour, _ := strconv.Atoi(text[:2])
	minute, _ := strconv.Atoi(text[3:])
	return hour*60 + minute
}

func randomHours(rng *rand.Rand) string {
	times := []string{"off", "08:30-17:30", "22:00-06:00", "00:00-24:00", "06:00-12:00,18:00-02:00", "10:00-10:00", "23:59-00:01", "12:00-24:00"}
	days := []string{"Mo-Su", "Mo-Fr", "Sa,Su", "Su", "Mo", "Fr-Mo", "We,Th"}
	var rules []string
	for range 1 + rng.IntN(4) {
		rules = append(rules, days[rng.IntN(len(days))]+" "+times[rng.IntN(len(times))])
	}
	for range rng.IntN(4) {
		rules = append(rules, fmt.Sprintf("2026-03-%02d %s", 1+rng.IntN(20), times[rng.IntN(len(times))]))
	}
	return strings.Join(rules, "; ")
}

func TestStateAtIsWhatAClockSaysMinuteByMinute(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	for range 40 {
		hours := yizhan.MustHours(randomHours(rng))
		c := newClock(hours.String())
		from := at("2026-02-27 00:00:00")
		open := make([]bool, 30*24*60)
		for i := range open {
			open[i] = c.isOpen(from.Add(time.Duration(i) * time.Minute))
		}
		for i := 0; i < 16*24*60; i += 1 + rng.IntN(9) {
			checkState(t, hours, open, i, from)
		}
	}
}

func checkState(t *testing.T, hours yizhan.Hours, open []bool, i int, from time.Time) {
	t.Helper()
	moment := from.Add(time.Duration(i)*time.Minute + 13*time.Second)
	state, until := hours.StateAt(moment)
	if want := map[bool]yizhan.OpenState{true: yizhan.Open, false: yizhan.Closed}[open[i]]; state != want {
		t.Fatalf("%s: %s at %v, want %s", hours, state, moment, want)
	}
	change := i
	for change < len(open) && open[change] == open[i] {
		change++
	}
	want := from.Add(time.Duration(change) * time.Minute)
	soon := change-i <= 8*24*60
	if soon && !until.Equal(want) || !soon && !until.IsZero() && !until.Equal(want) {
		t.Fatalf("%s: %s at %v until %v, want %v", hours, state, moment, until, want)
	}
}

func FuzzParseHours(f *testing.F) {
	for _, text := range []string{"", "24/7", "Mo-Fr 08:30-17:30; Sa,Su 09:00-12:00,13:00-16:30; 2026-02-17 off", "22:00-06:00", "Su 10:00-10:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hours, err := yizhan.ParseHours(text)
		if err != nil {
			var e *yizhan.Error
			if !errors.As(err, &e) || e.Field != "opening_hours" {
				t.Errorf("error %v names no field", err)
			}
			return
		}
		checkRoundTrip(t, hours)
		moment := at("2026-03-02 12:00:00")
		state, until := hours.StateAt(moment)
		if !until.IsZero() && !until.After(moment) {
			t.Errorf("%q: %s until %v, which is past", text, state, until)
		}
	})
}

func BenchmarkStateAt(b *testing.B) {
	hours := yizhan.MustHours("Mo-Fr 08:30-17:30; Sa,Su 09:00-12:00,13:00-16:30; 2026-02-17 off")
	moment := at("2026-03-02 12:00:00")
	for b.Loop() {
		hours.StateAt(moment)
	}
}
