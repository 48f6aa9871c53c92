package yizhan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

// weekText draws a week as the quarter-hours at which it opens and closes, such as 34-70.
func weekText(w yizhan.WeekHours) string {
	var spans []string
	for q := 0; q < yizhan.QuarterHours; q++ {
		if !w.Has(q) {
			continue
		}
		from := q
		for q < yizhan.QuarterHours && w.Has(q) {
			q++
		}
		spans = append(spans, fmt.Sprintf("%d-%d", from, q))
	}
	return strings.Join(spans, " ")
}

func TestWeek(t *testing.T) {
	spring := time.Date(2026, 2, 18, 15, 0, 0, 0, time.UTC) // a Wednesday, late in the evening in China
	tests := []struct {
		name, hours string
		at          time.Time
		want        string
	}{
		{"nobody knows", "", time.Time{}, ""},
		{"always", "24/7", time.Time{}, "0-672"},
		{"off", "Mo-Su off", time.Time{}, ""},
		{"Monday morning", "Mo 08:30-12:00", time.Time{}, "34-48"},
		{"not all of a quarter-hour", "Mo 08:20-12:10", time.Time{}, "34-48"},
		{"less than a quarter-hour", "Mo 08:20-08:29", time.Time{}, ""},
		{"a quarter-hour of two spans", "Mo 08:00-08:20,08:20-09:00", time.Time{}, "32-36"},
		{"until midnight", "Mo 23:00-24:00", time.Time{}, "92-96"},
		{"through the night", "Mo 22:00-06:00", time.Time{}, "88-120"},
		{"Sunday night runs into Monday", "Su 22:00-06:00", time.Time{}, "0-24 664-672"},
		{"nights that overlap mornings", "Mo 22:00-06:00; Tu 05:00-07:05", time.Time{}, "88-124"},
		{"an exception is nothing usual", "Mo-Su 08:00-09:00; 2026-02-17 off", time.Time{},
			"32-36 128-132 224-228 320-324 416-420 512-516 608-612"},
		{"an exception in its week", "Mo-Su 08:00-09:00; 2026-02-17 off", spring, "32-36 224-228 320-324 416-420 512-516 608-612"},
		{"an exception in another week", "Tu 08:00-09:00; 2026-02-17 off", spring.AddDate(0, 0, 7), "128-132"},
		{"the Sunday before was an exception", "Su 22:00-06:00; 2026-02-15 off", spring, "664-672"},
		{"only the Sunday before was open", "2026-02-15 22:00-06:00", spring, "0-24"},
		{"the Sunday is an exception", "Su 22:00-06:00; 2026-02-22 off", spring, "0-24"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := weekText(yizhan.MustHours(test.hours).Week(test.at)); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// wholeQuarters makes hours that begin and end with quarter-hours, so that a week says all about them.
func wholeQuarters(rng *rand.Rand) string {
	clock := func(quarter int) string { return fmt.Sprintf("%02d:%02d", quarter/4, quarter%4*15) }
	span := func() string {
		if rng.IntN(6) == 0 {
			return "off"
		}
		first := rng.IntN(40)
		last := first + 1 + rng.IntN(40)
		text := clock(first) + "-" + clock(last)
		if rng.IntN(2) == 0 {
			start := last + rng.IntN(96-last)
			text += "," + clock(start) + "-" + clock(rng.IntN(first+1))
		}
		return text
	}
	var rules []string
	for _, day := range []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"} {
		if rng.IntN(4) > 0 {
			rules = append(rules, day+" "+span())
		}
	}
	for range rng.IntN(4) {
		rules = append(rules, fmt.Sprintf("2026-02-%02d %s", 14+rng.IntN(11), span()))
	}
	return strings.Join(append(rules, "2030-01-01 off"), "; ")
}

// checkWeekAgrees compares a week, whose Monday is given, with the states at the start and in the middle
// of each quarter-hour. Where the hours begin or end within one, it is not open all the time.
func checkWeekAgrees(t *testing.T, hours yizhan.Hours, monday time.Time, whole bool) {
	t.Helper()
	week := hours.Week(monday.Add(77 * time.Hour))
	for q := range yizhan.QuarterHours {
		start := monday.Add(time.Duration(q) * 15 * time.Minute)
		atStart, until := hours.StateAt(start)
		open := atStart == yizhan.Open && (until.IsZero() || !until.Before(start.Add(15*time.Minute)))
		if week.Has(q) != open {
			t.Fatalf("%s: quarter-hour %d is open all the time: %v, want %v", hours, q, week.Has(q), open)
		}
		inMiddle, _ := hours.StateAt(start.Add(7*time.Minute + 30*time.Second))
		if whole && (week.Has(q) != (atStart == yizhan.Open) || week.Has(q) != (inMiddle == yizhan.Open)) {
			t.Fatalf("%s: quarter-hour %d is %v, but %s at its start and %s in its middle", hours, q, week.Has(q), atStart, inMiddle)
		}
	}
}

var aMonday = time.Date(2026, 2, 16, 0, 0, 0, 0, yizhan.China)

func TestWeekIsWhatTheStatesAre(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 672))
	for range 300 {
		hours := yizhan.MustHours(wholeQuarters(rng))
		checkWeekAgrees(t, hours, aMonday, true)
		checkWeekAgrees(t, hours, aMonday.AddDate(0, 0, 7), true)
		// No exception is near a week of the far future, so it is a usual one.
		if future := aMonday.AddDate(1, 0, 0); hours.Week(future) != hours.Week(time.Time{}) {
			t.Fatalf("%s: the usual week is not that of %s", hours, future)
		}
	}
}

func FuzzWeek(f *testing.F) {
	for _, text := range []string{
		"", "24/7", "Mo-Fr 08:30-17:30; Sa,Su 09:00-12:00,13:00-16:30; 2026-02-17 off", "22:00-06:00",
		"Su 22:07-06:01; 2026-02-15 23:59-23:58", "Mo 00:00-24:00; Tu 00:00-00:00", "Mo 08:01-08:14,08:14-08:46",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hours, err := yizhan.ParseHours(text)
		if err != nil {
			return
		}
		if !hours.Known() {
			if hours.Week(aMonday) != (yizhan.WeekHours{}) {
				t.Fatal("open when nobody knows")
			}
			return
		}
		checkWeekAgrees(t, hours, aMonday, false)
	})
}
