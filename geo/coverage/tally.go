package coverage

// Interval is from what is known for sure to what is possible, as far as anybody knows.
type Interval struct{ Known, Possible int64 }

// Plus adds both ends.
func (i Interval) Plus(other Interval) Interval {
	return Interval{i.Known + other.Known, i.Possible + other.Possible}
}

// Times multiplies both ends by a number that is not negative.
func (i Interval) Times(number int64) Interval {
	return Interval{i.Known * number, i.Possible * number}
}

// Tally sums up covered households. Tallies of parts sum up to that of the whole exactly.
type Tally struct {
	// Households for which one site, and for which two or more, count at some moment that the model
	// asks about.
	Covered, CrossCovered Interval
	// The same weighted by time: households times the weight of the moments, in units of one household
	// and UnitFigures.Weight. Without a time or at one instant they are Covered and CrossCovered.
	CoveredWeight, CrossWeight Interval
}

// Plus adds two tallies.
func (t Tally) Plus(other Tally) Tally {
	return Tally{
		t.Covered.Plus(other.Covered), t.CrossCovered.Plus(other.CrossCovered),
		t.CoveredWeight.Plus(other.CoveredWeight), t.CrossWeight.Plus(other.CrossWeight),
	}
}

// add counts households in a cell of a value; a negative number takes them away.
func (t *Tally) add(v *value, households int64) {
	t.Covered.addIf(v.known.once, v.possible.once, households)
	t.CrossCovered.addIf(v.known.twice, v.possible.twice, households)
	t.CoveredWeight.Known += households * int64(v.known.once)
	t.CoveredWeight.Possible += households * int64(v.possible.once)
	t.CrossWeight.Known += households * int64(v.known.twice)
	t.CrossWeight.Possible += households * int64(v.possible.twice)
}

func (i *Interval) addIf(known, possible uint16, number int64) {
	if known > 0 {
		i.Known += number
	}
	if possible > 0 {
		i.Possible += number
	}
}

// unitTally is that of the parts of one unit, and the area of the cells that belong to it.
type unitTally struct {
	Tally
	areaM2 Interval
}
