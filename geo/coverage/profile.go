package coverage

// Profile is how much each quarter-hour of the week weighs: when riders need a place. The weights are
// small integers and constant over some hours, so that a weighted share is a few counts of bits, and
// exact. Every day of the week is alike. They are choices of this model, after the hours at which orders are
// delivered; whoever knows better adds a profile.
type Profile uint8

// The profiles.
const (
	Uniform     Profile = iota // 1 at any time
	Lunch                      // 11:00-13:30 weighs 4; the half-hours before and after it 1; else 0
	Dinner                     // 17:00-20:00 weighs 4; the hour before it and the hour after it 1; else 0
	Night                      // 22:00-02:00 weighs 2; 21:00-22:00 and 02:00-06:00 weigh 1; else 0
	lastProfile = Night
)

// spell is a time of each day and its weight.
type spell struct{ from, to, weight int } // quarter-hours of the day

// spells of the profiles, which do not overlap in one profile.
func (p Profile) spells() []spell {
	const hour = QuartersAnHour
	switch p {
	case Lunch:
		return []spell{{11*hour - 2, 11 * hour, 1}, {11 * hour, 13*hour + 2, 4}, {13*hour + 2, 14 * hour, 1}}
	case Dinner:
		return []spell{{16 * hour, 17 * hour, 1}, {17 * hour, 20 * hour, 4}, {20 * hour, 21 * hour, 1}}
	case Night:
		return []spell{{0, 2 * hour, 2}, {2 * hour, 6 * hour, 1}, {21 * hour, 22 * hour, 1}, {22 * hour, 24 * hour, 2}}
	}
	return []spell{{0, 24 * hour, 1}}
}

// Weight is that of a quarter-hour of the week.
func (p Profile) Weight(quarter int) int {
	ofDay := quarter % (24 * QuartersAnHour)
	for _, s := range p.spells() {
		if ofDay >= s.from && ofDay < s.to {
			return s.weight
		}
	}
	return 0
}

// Total is the weight of the week. It fits into 16 bits.
func (p Profile) Total() int64 {
	total := 0
	for q := range QuarterHours {
		total += p.Weight(q)
	}
	return int64(total)
}

// weighing is a time to be weighed: the quarter-hours of each weight that there is.
type weighing []struct {
	weight int
	week   Week
}

// weighing of the profile, ascending by weight.
func (p Profile) weighing() weighing {
	var list weighing
	for weight := 1; weight <= 4; weight++ {
		var week Week
		for q := range QuarterHours {
			if p.Weight(q) == weight {
				week.Set(q)
			}
		}
		if !week.IsEmpty() {
			list = append(list, struct {
				weight int
				week   Week
			}{weight, week})
		}
	}
	return list
}

// of is the weight of some time.
func (list weighing) of(week *Week) int {
	sum := 0
	for i := range list {
		sum += list[i].weight * week.countBoth(&list[i].week)
	}
	return sum
}
