package coverage

import "math/bits"

// QuarterHours is how many there are in a week. The first begins on Monday at 00:00 China's time.
const QuarterHours = 7 * 24 * 4

// QuartersAnHour is how many quarter-hours an hour has.
const QuartersAnHour = 4

// Week is a set of quarter-hours of a week: quarter-hour q is bit q%64 of word q/64. The bits beyond the
// last quarter-hour are never set.
type Week [(QuarterHours + 63) / 64]uint64

// FullWeek has every quarter-hour.
func FullWeek() Week { return SpanOfWeek(0, QuarterHours) }

// SpanOfWeek has the quarter-hours from one up to, but without, another; none beyond the week.
func SpanOfWeek(from, to int) Week {
	var w Week
	for q := max(from, 0); q < min(to, QuarterHours); q++ {
		w.Set(q)
	}
	return w
}

// Has tells whether the week has a quarter-hour, which must be in 0..QuarterHours-1.
func (w *Week) Has(quarter int) bool { return w[quarter/64]>>(quarter%64)&1 == 1 }

// Set adds a quarter-hour, which must be in 0..QuarterHours-1.
func (w *Week) Set(quarter int) { w[quarter/64] |= 1 << (quarter % 64) }

// Or has the quarter-hours of either week.
func (w Week) Or(other Week) Week {
	for i, word := range other {
		w[i] |= word
	}
	return w
}

// And has the quarter-hours of both weeks.
func (w Week) And(other Week) Week {
	for i, word := range other {
		w[i] &= word
	}
	return w
}

// Without has the quarter-hours of w that the other week does not have.
func (w Week) Without(other Week) Week {
	for i, word := range other {
		w[i] &^= word
	}
	return w
}

// Count is the number of quarter-hours.
func (w *Week) Count() int {
	n := 0
	for _, word := range w {
		n += bits.OnesCount64(word)
	}
	return n
}

// IsEmpty tells whether the week has no quarter-hour.
func (w *Week) IsEmpty() bool { return *w == Week{} }

// Within tells whether the other week has every quarter-hour of w.
func (w Week) Within(other Week) bool { return w.And(other) == w }

// countBoth is the number of quarter-hours of both weeks.
func (w *Week) countBoth(other *Week) int {
	n := 0
	for i, word := range other {
		n += bits.OnesCount64(w[i] & word)
	}
	return n
}

// weekCount counts weeks up to two: which quarter-hours occurred at all, and which twice or more.
type weekCount struct{ once, twice Week }

func (c *weekCount) add(w *Week) {
	for i, word := range w {
		c.twice[i] |= c.once[i] & word
		c.once[i] |= word
	}
}
