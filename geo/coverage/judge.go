package coverage

import "math/bits"

// judge decides under a model what a site is good for, and what a set of sites is.
type judge struct {
	model  Model
	layers int      // what has to be covered, each by itself: services under AllServices, else one thing
	weigh  weighing // nil unless the model is over the week
	asked  Week     // the quarter-hours that weigh anything
	total  int64    // weight of all: 1 unless the model is over the week
}

func newJudge(m Model) *judge {
	j := &judge{model: m, layers: 1, total: 1}
	if m.Rule == AllServices {
		j.layers = bits.OnesCount32(m.Services)
	}
	if m.Time.Kind == OverWeek {
		j.weigh, j.total = m.Time.Profile.weighing(), m.Time.Profile.Total()
		for i := range j.weigh {
			j.asked = j.asked.Or(j.weigh[i].week)
		}
	}
	return j
}

// merit is what a site is good for: layers that it is sure to serve, layers that it may serve, and over
// the week also when. It points into the site.
type merit struct {
	sure, maybe     uint32
	open, maybeOpen *Week
	certain         bool // sure and maybe are the same at any time
}

// merit judges a site.
func (j *judge) merit(s *Site) merit {
	cold := j.model.Cold && !s.Heated
	if cold && !s.MaybeHeated {
		return merit{certain: true}
	}
	v := merit{sure: j.layersOf(s.Services), maybe: j.layersOf(s.MaybeServices), open: &s.Open, maybeOpen: &s.MaybeOpen}
	open, maybeOpen := true, true
	switch j.model.Time.Kind {
	case AtQuarter:
		open, maybeOpen = s.Open.Has(j.model.Time.Quarter), s.MaybeOpen.Has(j.model.Time.Quarter)
	case OverWeek:
		open, maybeOpen = s.Open.countBoth(&j.asked) > 0, s.MaybeOpen.countBoth(&j.asked) > 0
	}
	if !open || cold {
		v.sure = 0
	}
	if !maybeOpen {
		v.maybe = 0
	}
	v.certain = v.sure == v.maybe && (j.weigh == nil || s.Open == s.MaybeOpen)
	return v
}

// layersOf turns services into layers.
func (j *judge) layersOf(services uint32) uint32 {
	asked := j.model.Services
	have := services & asked
	switch j.model.Rule {
	case OneStop:
		return boolBit(have == asked)
	case AllServices:
		layers, n := uint32(0), 0
		for rest := asked; rest != 0; rest &= rest - 1 {
			layers |= boolBit(have&rest&-rest != 0) << n
			n++
		}
		return layers
	}
	return boolBit(asked == 0 || have != 0)
}

func boolBit(is bool) uint32 {
	if is {
		return 1
	}
	return 0
}

// counts tells whether the site may count at all.
func (v *merit) counts() bool { return v.maybe != 0 }

// value is what the sites in reach of a cell make of it.
type value struct{ known, possible half }

// half is one end of an interval of values.
type half struct {
	sites uint16 // that count; over several layers, of the layer that has the fewest
	// Weight of the time when one site, and when two or more, are there for each layer. It is 0 or 1
	// unless the model is over the week.
	once, twice uint16
}

// of judges a set of sites by their merits.
func (j *judge) of(sites []int32, merits []merit) value {
	certain := true
	for _, site := range sites {
		certain = certain && merits[site].certain
	}
	v := value{known: j.half(sites, merits, true)}
	if v.possible = v.known; !certain {
		v.possible = j.half(sites, merits, false)
	}
	return v
}

func (j *judge) half(sites []int32, merits []merit, known bool) half {
	if j.weigh != nil {
		return j.halfOverWeek(sites, merits, known)
	}
	fewest := len(sites)
	for layer := range j.layers {
		n := 0
		for _, site := range sites {
			n += int(merits[site].layers(known) >> layer & 1)
		}
		fewest = min(fewest, n)
	}
	return half{sites: uint16(fewest), once: uint16(min(fewest, 1)), twice: uint16(min(fewest, 2) / 2)}
}

func (v *merit) layers(known bool) uint32 {
	if known {
		return v.sure
	}
	return v.maybe
}

func (v *merit) week(known bool) *Week {
	if known {
		return v.open
	}
	return v.maybeOpen
}

func (j *judge) halfOverWeek(sites []int32, merits []merit, known bool) half {
	all, fewest := j.weekCount(sites, merits, known)
	return half{sites: fewest, once: uint16(j.weigh.of(&all.once)), twice: uint16(j.weigh.of(&all.twice))}
}

// weekCount tells when each layer is served once, and when twice, by a set of sites.
func (j *judge) weekCount(sites []int32, merits []merit, known bool) (all weekCount, fewest uint16) {
	smallest := len(sites)
	for layer := range j.layers {
		var count weekCount
		n := 0
		for _, site := range sites {
			if v := &merits[site]; v.layers(known)>>layer&1 == 1 {
				count.add(v.week(known))
				n++
			}
		}
		if smallest = min(smallest, n); layer == 0 {
			all = count
		} else {
			all.once, all.twice = all.once.And(count.once), all.twice.And(count.twice)
		}
	}
	return all, uint16(smallest)
}
