package intake

import (
	"iter"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/tidwall/rtree"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/gazetteer"
)

// places finds units, micro-grids and stations of a city by where they are and by their names. It is made once
// for an inspection or a check, and not changed.
type places struct {
	city        *yizhan.City
	communities rtree.RTreeG[*bounded[*yizhan.Unit]]
	units       *gazetteer.Gazetteer
	grids       map[string][]*yizhan.MicroGrid // by community, by code
	stations    map[named][]*yizhan.Station
	gridNames   map[named][]*yizhan.MicroGrid
	anywhere    map[string][]*yizhan.Station            // by name alone
	boxes       map[string][]bounded[*yizhan.MicroGrid] // by community; made when first asked for
	last        *bounded[*yizhan.Unit]                  // that was found: the next point is often in it, too
}

// bounded is a feature with its bound, which orb works out again each time.
type bounded[F any] struct {
	orb.Bound
	boundary orb.MultiPolygon
	of       F
}

func (b *bounded[F]) holds(at orb.Point) bool {
	return b.Contains(at) && planar.MultiPolygonContains(b.boundary, at)
}

// named is a name within a community.
type named struct{ community, name string }

func newPlaces(city *yizhan.City) *places {
	p := &places{city: city, units: gazetteer.New(city, ""), grids: map[string][]*yizhan.MicroGrid{}, stations: map[named][]*yizhan.Station{},
		gridNames: map[named][]*yizhan.MicroGrid{}, boxes: map[string][]bounded[*yizhan.MicroGrid]{}, anywhere: map[string][]*yizhan.Station{}}
	for _, u := range yizhan.Sorted(city.Units) {
		if u.Level == yizhan.LevelCommunity && len(u.Boundary) > 0 {
			b := u.Boundary.Bound()
			p.communities.Insert(b.Min, b.Max, &bounded[*yizhan.Unit]{b, u.Boundary, u})
		}
	}
	for _, s := range yizhan.Sorted(city.Stations) {
		p.stations[named{s.Community, s.Name}] = append(p.stations[named{s.Community, s.Name}], s)
		p.anywhere[s.Name] = append(p.anywhere[s.Name], s)
	}
	for _, g := range yizhan.Sorted(city.MicroGrids) {
		p.grids[g.Community] = append(p.grids[g.Community], g)
		p.gridNames[named{g.Community, g.Name}] = append(p.gridNames[named{g.Community, g.Name}], g)
	}
	return p
}

// communityAt finds the community that a point lies in; nil if in none.
func (p *places) communityAt(at orb.Point) *yizhan.Unit {
	if p.last != nil && p.last.holds(at) {
		return p.last.of
	}
	var found *bounded[*yizhan.Unit]
	p.communities.Search(at, at, func(_, _ [2]float64, u *bounded[*yizhan.Unit]) bool {
		if (found == nil || u.of.Code < found.of.Code) && u.holds(at) {
			found = u
		}
		return true
	})
	if found == nil {
		return nil
	}
	p.last = found
	return found.of
}

// gridAt finds the micro-grid of a community that a point lies in; nil if in none.
func (p *places) gridAt(community string, at orb.Point) *yizhan.MicroGrid {
	boxes, made := p.boxes[community]
	if !made {
		for _, g := range p.grids[community] {
			boxes = append(boxes, bounded[*yizhan.MicroGrid]{g.Boundary.Bound(), g.Boundary, g})
		}
		p.boxes[community] = boxes
	}
	for i := range boxes {
		if boxes[i].holds(at) {
			return boxes[i].of
		}
	}
	return nil
}

// unitNames are the names that a record has for where it is; any may be empty.
type unitNames struct{ community, township, banner string }

// communitiesCalled lists the communities that the names may mean.
func (p *places) communitiesCalled(names unitNames) []*yizhan.Unit {
	found, _ := p.units.Called(names.community, yizhan.LevelCommunity, func(u *yizhan.Unit) bool {
		return p.isBelow(u, yizhan.LevelTownship, names.township) && p.isBelow(u, yizhan.LevelBanner, names.banner)
	})
	return found
}

// isBelow tells whether a unit is below one of the level with the name; an empty name holds for all.
func (p *places) isBelow(u *yizhan.Unit, level yizhan.Level, name string) bool {
	if name == "" {
		return true
	}
	for above := p.city.Units[u.Parent]; above != nil; above = p.city.Units[above.Parent] {
		if above.Level == level {
			return p.units.IsCalled(above, name)
		}
	}
	return false
}

// inUnit gives a test for being in a unit; nil for a unit that is not known or has no outline.
func (p *places) inUnit(code string) func(orb.Point) bool {
	u := p.city.Units[code]
	if u == nil || len(u.Boundary) == 0 {
		return nil
	}
	unit := bounded[*yizhan.Unit]{u.Boundary.Bound(), u.Boundary, u}
	return unit.holds
}

// inside tells whether a point lies in the city: in a community, where there are any.
func (p *places) inside(at orb.Point) bool {
	if p.communities.Len() > 0 {
		return p.communityAt(at) != nil
	}
	for _, u := range p.city.Units {
		if u.Level == yizhan.LevelCity && u.Boundary.Bound().Contains(at) && planar.MultiPolygonContains(u.Boundary, at) {
			return true
		}
	}
	return false
}

// unitsByName goes through the units that are meant, with their names.
func (p *places) unitsByName(isMeant func(*yizhan.Unit) bool) iter.Seq2[string, *yizhan.Unit] {
	return func(yield func(string, *yizhan.Unit) bool) {
		for _, u := range p.city.Units {
			if isMeant(u) && !yield(u.Name, u) {
				return
			}
		}
	}
}

// stationsIn goes through the stations of a community, or of the city if it is empty, with their names.
func (p *places) stationsIn(community string) iter.Seq2[string, *yizhan.Station] {
	return func(yield func(string, *yizhan.Station) bool) {
		for _, s := range p.city.Stations {
			if (community == "" || s.Community == community) && !yield(s.Name, s) {
				return
			}
		}
	}
}

// gridsIn goes through the micro-grids of a community, with their names.
func (p *places) gridsIn(community string) iter.Seq2[string, *yizhan.MicroGrid] {
	return func(yield func(string, *yizhan.MicroGrid) bool) {
		for _, g := range p.grids[community] {
			if !yield(g.Name, g) {
				return
			}
		}
	}
}
