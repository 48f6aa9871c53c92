package yizhan

import (
	"slices"
	"time"
)

// QuarterHours is how many there are in a week.
const QuarterHours = 7 * 24 * 4

// WeekHours are quarter-hours of a week, from Monday 00:00 China's time: number q is bit q%64 of word
// q/64.
type WeekHours [(QuarterHours + 63) / 64]uint64

// Has tells whether the quarter-hour is one of them; q is in 0..QuarterHours-1.
func (w *WeekHours) Has(q int) bool { return w[q/64]>>(q%64)&1 == 1 }

const quarterMinutes = 15

// Week tells in which quarter-hours of a week the place is open all the time: from 08:20 on it is open
// in the quarter-hour that begins at 08:30. The week is the one that holds the given moment, with its
// dated exceptions, and what runs into its Monday from the Sunday before. The zero time stands for the
// usual week: without any exception, and into its Monday runs what begins on its own Sunday.
// Where nobody knows the hours there are none; ask Known.
func (h Hours) Week(at time.Time) WeekHours {
	day := h.usualDay
	if !at.IsZero() {
		monday := mondayOf(at)
		day = func(offset int) []span { return h.spansOn(monday.AddDate(0, 0, offset)) }
	}
	var spans []span
	for offset := -1; offset < 7; offset++ {
		for _, s := range day(offset) {
			spans = append(spans, span{s.start + offset*dayMinutes, s.end + offset*dayMinutes})
		}
	}
	var week WeekHours
	for _, s := range joinSpans(spans) {
		week.set(s)
	}
	return week
}

// usualDay gives the spans of a day of the usual week, counted from Monday.
func (h Hours) usualDay(offset int) []span { return h.week[(offset+8)%7] }

// mondayOf is the midnight with which the week of a moment begins.
func mondayOf(at time.Time) time.Time {
	local := at.In(China)
	sinceMonday := (int(local.Weekday()) + 6) % 7
	return time.Date(local.Year(), local.Month(), local.Day()-sinceMonday, 0, 0, 0, 0, China)
}

// joinSpans joins spans that touch or overlap, as those of neighbouring days can.
func joinSpans(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	joined := spans[:0]
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && s.start <= joined[last].end {
			joined[last].end = max(joined[last].end, s.end)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// set adds the quarter-hours of the week that lie in a span all the time.
func (w *WeekHours) set(s span) {
	from := (max(s.start, 0) + quarterMinutes - 1) / quarterMinutes
	to := min(max(s.end, 0)/quarterMinutes, QuarterHours)
	for q := from; q < to; q++ {
		w[q/64] |= 1 << (q % 64)
	}
}
