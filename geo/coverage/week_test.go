package coverage_test

import (
	"math/rand/v2"
	"testing"

	"github.com/yizhan/yizhan/geo/coverage"
)

func TestWeekIsASet(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 9))
	draw := func() (w coverage.Week, set [coverage.QuarterHours]bool) {
		for range rng.IntN(700) {
			q := rng.IntN(coverage.QuarterHours)
			w.Set(q)
			set[q] = true
		}
		return w, set
	}
	for range 100 {
		a, inA := draw()
		b, inB := draw()
		count, within := 0, true
		or, and, without := a.Or(b), a.And(b), a.Without(b)
		for q := range coverage.QuarterHours {
			if a.Has(q) != inA[q] || or.Has(q) != (inA[q] || inB[q]) || and.Has(q) != (inA[q] && inB[q]) || without.Has(q) != (inA[q] && !inB[q]) {
				t.Fatalf("quarter-hour %d is wrong", q)
			}
			if inA[q] {
				count++
				within = within && inB[q]
			}
		}
		if a.Count() != count || a.Within(b) != within || a.IsEmpty() != (count == 0) || !and.Within(a) || !a.Within(coverage.FullWeek()) {
			t.Fatalf("%v and %v", a, b)
		}
	}
	if full := coverage.FullWeek(); full.Count() != coverage.QuarterHours || full != coverage.SpanOfWeek(-5, 9999) {
		t.Error("a full week is not full")
	}
	if span := coverage.SpanOfWeek(10, 12); span.Count() != 2 || !span.Has(10) || !span.Has(11) {
		t.Error("a span is not its quarter-hours")
	}
}
