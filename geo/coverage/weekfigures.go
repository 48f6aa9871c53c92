package coverage

import "math/bits"

// WeekFigures are the households covered in each quarter-hour of a week, by one model.
type WeekFigures struct {
	Households            int64
	Covered, CrossCovered [QuarterHours]Interval
}

// HourUnits is how many units of an hour's figures make one household.
const HourUnits = QuartersAnHour

// Hour sums up the quarter-hours of one of the 168 hours of the week: households times HourUnits.
func (f *WeekFigures) Hour(hour int) (covered, crossCovered Interval) {
	for q := hour * QuartersAnHour; q < (hour+1)*QuartersAnHour; q++ {
		covered, crossCovered = covered.Plus(f.Covered[q]), crossCovered.Plus(f.CrossCovered[q])
	}
	return covered, crossCovered
}

// Hours tells, for all units whose codes begin with the prefix, what is covered in each quarter-hour of
// the week under each model. The models must ask for no time, as the answer is for all of them.
func (e *Engine) Hours(prefix string, models ...Model) ([]WeekFigures, error) {
	figures := make([]WeekFigures, len(models))
	for i, m := range models {
		if m.Time != (Time{}) {
			return nil, invalid("time", "is given, but the answer is for each quarter-hour of the week")
		}
		if err := m.Validate(); err != nil {
			return nil, err
		}
		r, err := e.reach(m)
		if err != nil {
			return nil, err
		}
		m.Time = Time{Kind: OverWeek}
		figures[i].fill(e, newJudge(m), r, r.sets.households(e.demand, prefix))
		figures[i].Households = e.demand.Households(prefix)
	}
	return figures, nil
}

// households sums up those of the units of a prefix by the sets of sites that their cells have in reach.
func (s *siteSets) households(d *Demand, prefix string) []int64 {
	households := make([]int64, len(s.sample))
	if from, to := d.unitsWith(prefix); from > 0 || to < len(d.units) {
		parts, cells := d.partsOf(from, to)
		for n, i := range parts {
			if set := s.of[cells[n]]; set != noSet {
				households[set] += int64(d.partHouseholds[i])
			}
		}
		return households
	}
	for cell, number := range d.finest().households {
		if set := s.of[cell]; set != noSet {
			households[set] += number
		}
	}
	return households
}

// fill notes for each set when it begins and ceases to be covered, and then sums up over the week.
func (f *WeekFigures) fill(e *Engine, j *judge, r reached, households []int64) {
	merits := make([]merit, len(e.sites))
	for i := range e.sites {
		merits[i] = j.merit(&e.sites[i])
	}
	for set, number := range households {
		if number == 0 {
			continue
		}
		sites, _ := r.Of(int(r.sets.sample[set]))
		known, _ := j.weekCount(sites, merits, true)
		possible, _ := j.weekCount(sites, merits, false)
		eachChange(&known.once, func(q int, sign int64) { f.Covered[q].Known += sign * number })
		eachChange(&known.twice, func(q int, sign int64) { f.CrossCovered[q].Known += sign * number })
		eachChange(&possible.once, func(q int, sign int64) { f.Covered[q].Possible += sign * number })
		eachChange(&possible.twice, func(q int, sign int64) { f.CrossCovered[q].Possible += sign * number })
	}
	for q := 1; q < QuarterHours; q++ {
		f.Covered[q] = f.Covered[q].Plus(f.Covered[q-1])
		f.CrossCovered[q] = f.CrossCovered[q].Plus(f.CrossCovered[q-1])
	}
}

// eachChange calls do with each quarter-hour that is in the week when the one before is not, and with -1
// for each that is not when the one before is.
func eachChange(w *Week, do func(quarter int, sign int64)) {
	before := uint64(0)
	for i, word := range w {
		changes := word ^ (word<<1 | before)
		before = word >> 63
		for ; changes != 0; changes &= changes - 1 {
			bit := bits.TrailingZeros64(changes)
			if q := i*64 + bit; q < QuarterHours {
				do(q, int64(word>>bit&1)*2-1)
			}
		}
	}
}
