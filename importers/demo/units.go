package demo

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/plane"
)

// addUnits adds the city, the banners, the townships and the communities.
func (a *assembly) addUnits() {
	a.addCity()
	a.addBanners()
	a.addTownships()
	a.addCommunities()
}

func (a *assembly) addCity() {
	shape := a.shapes(1, func(f plane.Face) int {
		if a.grids.owner[f] == nil {
			return outsideLabel
		}
		return 0
	})
	seat := yizhan.SnapPoint(a.source.banners[0].seat) // the city's government is in Hailar
	a.city.Units = append(a.city.Units, &yizhan.Unit{
		Code: cityCode, Level: yizhan.LevelCity, Name: "呼伦贝尔市", NameEn: "Hulunbuir", Type: "地级市",
		Seat: &seat, Boundary: shape[0], Version: 1,
	})
}

func (a *assembly) addBanners() {
	index := map[*banner]int{}
	for i, b := range a.source.banners {
		index[b] = i
	}
	shapes := a.shapesBy(len(index), func(c *community) int { return index[c.township.banner] })
	for i, b := range a.source.banners {
		seat := yizhan.SnapPoint(b.seat)
		a.city.Units = append(a.city.Units, &yizhan.Unit{
			Code: b.code, Level: yizhan.LevelBanner, Parent: cityCode, Name: b.name, NameEn: b.nameEn, Type: b.kind,
			Seat: &seat, Boundary: shapes[i], Version: 1,
		})
	}
}

func (a *assembly) addTownships() {
	index := map[*township]int{}
	var townships []*township
	for _, b := range a.source.banners {
		for _, t := range b.townships {
			index[t] = len(townships)
			townships = append(townships, t)
		}
	}
	shapes := a.shapesBy(len(townships), func(c *community) int { return index[c.township] })
	for i, t := range townships {
		a.city.Units = append(a.city.Units, &yizhan.Unit{
			Code: t.code, Level: yizhan.LevelTownship, Parent: t.banner.code, Name: t.name, Type: t.kind,
			Seat: a.townshipSeat(t), Boundary: shapes[i], Synthetic: shapes[i] != nil, Version: 1,
		})
	}
}

func (a *assembly) addCommunities() {
	index := map[*community]int{}
	var communities []*community
	for _, b := range a.source.banners {
		for _, c := range b.communities {
			index[c] = len(communities)
			communities = append(communities, c)
		}
	}
	shapes := a.shapesBy(len(communities), func(c *community) int { return index[c] })
	for i, c := range communities {
		seat := a.communitySeat(c)
		a.city.Units = append(a.city.Units, &yizhan.Unit{
			Code: c.code, Level: yizhan.LevelCommunity, Parent: c.township.code, Name: c.name, Type: c.kind,
			Seat: &seat, Boundary: shapes[i], Synthetic: true, Version: 1,
		})
	}
}

func (a *assembly) shapesBy(sets int, of func(*community) int) []orb.MultiPolygon {
	return a.shapes(sets, func(f plane.Face) int {
		if c := a.grids.owner[f]; c != nil {
			return of(c)
		}
		return outsideLabel
	})
}

// townshipSeat is the known seat if it lies in the township as drawn, else that of its largest community.
// A township without communities has the point that is known, if any.
func (a *assembly) townshipSeat(t *township) *orb.Point {
	if len(t.communities) == 0 {
		return t.point
	}
	largest := t.communities[0]
	for _, c := range t.communities {
		if t.point != nil && a.holds(c, toLattice(*t.point)) {
			seat := yizhan.SnapPoint(*t.point)
			return &seat
		}
		if c.households > largest.households {
			largest = c
		}
	}
	seat := a.communitySeat(largest)
	return &seat
}

func (a *assembly) holds(c *community, p plane.Point) bool {
	for _, f := range a.owned[c] {
		if plane.Inside(a.m.Ring(f), p) {
			return true
		}
	}
	return false
}

// communitySeat is inside the block nearest to the middle of the community's core.
func (a *assembly) communitySeat(c *community) orb.Point {
	cut := cutter{m: a.m, frame: a.frameOf(c.township.banner)}
	var core []shape
	middle := vec{}
	for _, f := range a.owned[c] {
		if a.grids.core[f] {
			core = append(core, cut.shape(f))
			middle = middle.plus(core[len(core)-1].middle())
		}
	}
	middle = middle.times(1 / float64(len(core)))
	nearest, far := core[0], math.Inf(1)
	for _, s := range core {
		if d := s.middle().distance(middle); d < far {
			nearest, far = s, d
		}
	}
	return fromLattice(cut.frame.lattice(nearest.within()))
}

// within is a place well inside the shape: the middle if it is, else half way across.
func (s shape) within() vec {
	middle := s.middle()
	if s.holds(middle) {
		return middle
	}
	north := vec{0, 1}
	best, widest := middle, 0.0
	for _, chord := range s.chords(vec{1, 0}, north, s.level(north, 0.5)) {
		if width := chord.from.at.distance(chord.to.at); width > widest {
			best, widest = chord.from.at.to(chord.to.at, 0.5), width
		}
	}
	return best
}

func (s shape) holds(p vec) bool {
	inside := false
	for i, a := range s.ring {
		b := s.ring[(i+1)%len(s.ring)]
		if (a.y > p.y) != (b.y > p.y) && (b.minus(a).cross(p.minus(a)) > 0) == (b.y > a.y) {
			inside = !inside
		}
	}
	return inside
}
