package coverage

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// Explanation tells how the figure of a place comes about.
type Explanation struct {
	Cell       hex.Cell  // the finest cell that holds the place
	Center     orb.Point // from which distances are taken
	Households int64
	Parts      []UnitHouseholds // by code
	Reach      Reach            // that is left in the cold
	LimitM     float64          // of the straight line, or of the way where there is a network
	Sites      []Witness        // in reach, the nearest first
	// What they make of it: SitesCount as in State.SitesAt, the weights of the time when one, and when two
	// or more, are there, out of Weight.
	SitesCount, CoveredWeight, CrossWeight Interval
	Weight                                 int64
}

// Witness is a site in reach and why it counts, or does not.
type Witness struct {
	Site      *Site // not to be changed
	DistanceM float64
	WayM      float64 // along the network, DistanceM without one
	// Cold means that the site is left out because it is surely not heated. Services are those asked for that it
	// is sure to offer, and may offer. Sure and Maybe tell whether it counts at all, for some service and
	// at some moment asked about; OpenWeight is the weight of the time when it is open.
	Cold                    bool
	Services, MaybeServices uint32
	Sure, Maybe             bool
	OpenWeight              Interval
}

// ExplainPoint explains the cell that holds a point.
func (s *State) ExplainPoint(p orb.Point) (Explanation, error) {
	cell, err := hex.Of(p, s.demand.resolution)
	if err != nil {
		return Explanation{}, invalid("point", "is no place: %v", p)
	}
	return s.ExplainCell(cell)
}

// ExplainCell explains a finest cell, with or without households.
func (s *State) ExplainCell(cell hex.Cell) (Explanation, error) {
	if !cell.Valid() || cell.Resolution() != s.demand.resolution {
		return Explanation{}, invalid("cell", "%s is none of resolution %d", cell, s.demand.resolution)
	}
	e := Explanation{Cell: cell, Center: cell.Center(), Reach: s.judge.model.EffectiveReach(), LimitM: s.metric.limitM, Weight: s.judge.total}
	if at, found := slices.BinarySearch(s.demand.finest().cells, cell); found {
		e.Households = s.demand.finest().households[at]
		s.demand.Parts(at, func(unit string, households int64) { e.Parts = append(e.Parts, UnitHouseholds{unit, households}) })
	}
	merits := s.merits()
	var inReach []int32
	center := geo.ToECEF(e.Center)
	for i := range s.sites {
		if w, ok := s.witness(e.Center, center.SquaredChord(s.places[i]), i); ok {
			w.Sure, w.Maybe = merits[i].sure != 0, merits[i].maybe != 0
			e.Sites = append(e.Sites, w)
			inReach = append(inReach, int32(i))
		}
	}
	slices.SortStableFunc(e.Sites, func(a, b Witness) int { return cmp.Compare(a.WayM, b.WayM) })
	v := s.judge.of(inReach, merits)
	e.SitesCount = Interval{int64(v.known.sites), int64(v.possible.sites)}
	e.CoveredWeight = Interval{int64(v.known.once), int64(v.possible.once)}
	e.CrossWeight = Interval{int64(v.known.twice), int64(v.possible.twice)}
	return e, nil
}

func (s *State) witness(center orb.Point, squaredChord float64, site int) (w Witness, ok bool) {
	if squaredChord > s.metric.squaredChord {
		return w, false
	}
	w.Site = &s.sites[site]
	w.DistanceM = geo.DistanceOfSquaredChord(squaredChord)
	if w.WayM, ok = s.metric.meters(squaredChord, center, w.Site.At); !ok {
		return w, false
	}
	asked := s.judge.model.Services
	w.Cold = s.judge.model.Cold && !w.Site.Heated && !w.Site.MaybeHeated
	w.Services, w.MaybeServices = w.Site.Services&asked, w.Site.MaybeServices&asked
	w.OpenWeight = Interval{s.judge.openWeight(&w.Site.Open), s.judge.openWeight(&w.Site.MaybeOpen)}
	return w, true
}

// openWeight is the weight of the time asked about in which a site with these hours is open.
func (j *judge) openWeight(open *Week) int64 {
	switch j.model.Time.Kind {
	case AtQuarter:
		return int64(boolBit(open.Has(j.model.Time.Quarter)))
	case OverWeek:
		return int64(j.weigh.of(open))
	}
	return 1
}

// UnitExplanation tells how the figures of a unit come about.
type UnitExplanation struct {
	UnitFigures
	Reach  Reach
	LimitM float64
	Sites  []Server // by code
}

// Server is a site that has households of a unit in reach.
type Server struct {
	Site        *Site // not to be changed
	Sure, Maybe bool  // counts for some service at some moment asked about
	Reached     int64 // households of the unit in reach of the site
	Alone       int64 // those of them that have no other site in reach that may count
}

// ExplainUnit explains the figures of the units whose codes begin with a prefix.
func (s *State) ExplainUnit(prefix string) UnitExplanation {
	e := UnitExplanation{UnitFigures: s.Figures(prefix), Reach: s.judge.model.EffectiveReach(), LimitM: s.metric.limitM}
	d, merits := s.demand, s.merits()
	from, to := d.unitsWith(prefix)
	households := make([]int64, len(d.finest().cells))
	parts, cells := d.partsOf(from, to)
	for n, i := range parts {
		households[cells[n]] += int64(d.partHouseholds[i])
	}
	var list []pair
	lists := make([][]pair, len(s.sites))
	others := make([]int32, len(households)) // sites that may count, up to many
	for i := range s.sites {
		list = d.finest().reachedFrom(list[:0], s.sites[i].At, &s.metric)
		for _, p := range list {
			if households[p.cell] == 0 {
				continue
			}
			lists[i] = append(lists[i], p)
			if merits[i].counts() {
				others[p.cell]++
			}
		}
	}
	for i, list := range lists {
		if len(list) == 0 {
			continue
		}
		server := Server{Site: &s.sites[i], Sure: merits[i].sure != 0, Maybe: merits[i].counts()}
		for _, p := range list {
			server.Reached += households[p.cell]
			if others[p.cell] == 0 || others[p.cell] == 1 && server.Maybe {
				server.Alone += households[p.cell]
			}
		}
		e.Sites = append(e.Sites, server)
	}
	return e
}
