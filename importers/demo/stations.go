package demo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/plane"
)

// post is a station in the making.
type post struct {
	community *community
	station   *yizhan.Station
	spot      vec
	dice      dice
	known     *knownStation // nil for an invented one
	always    bool          // unattended, day and night
}

// knownStation is a station that is publicly known, though not where exactly.
type knownStation struct {
	name, community, address, source string
	has                              []yizhan.Service // as reported
}

// knownStations lists them. Where the reports leave the community open, it is a guess from the name of the
// street.
var knownStations = []knownStation{
	{name: "祥福里工会驿站", community: "150702002009", source: "2025-12-04"},
	{name: "创业路工会驿站", community: "150785001", address: "根河市创业路", source: "2026-01-02",
		has: []yizhan.Service{yizhan.FirstAid, yizhan.Microwave}},
	{name: "兴安路工会驿站", community: "150785002", address: "根河市兴安路", source: "2026-01-02",
		has: []yizhan.Service{yizhan.FirstAid, yizhan.Microwave}},
	{name: "冷极驿站", community: "150785003", address: "根河市森工路64号",
		has: []yizhan.Service{yizhan.FirstAid, yizhan.Microwave, yizhan.Books}},
}

// addStations opens the stations. They are counted per banner, then per community; sponsors, hours and services
// have exact totals over the city.
func (a *assembly) addStations() error {
	var posts []*post
	for i, n := range a.stationsPerBanner() {
		posts = append(posts, a.openIn(a.source.banners[i], n)...)
	}
	giveSponsors(posts)
	if err := placeKnown(posts); err != nil {
		return err
	}
	giveHours(posts)
	giveServices(posts)
	for _, p := range posts {
		if err := a.locate(p, posts); err != nil {
			return err
		}
		p.furnish()
		a.city.Stations = append(a.city.Stations, p.station)
	}
	giveNames(posts)
	return nil
}

// stationsPerBanner follows the people, and more so those in towns.
func (a *assembly) stationsPerBanner() []int {
	const least = 8
	urban, population := 0, 0
	for _, b := range a.source.banners {
		urban, population = urban+b.urban, population+b.population
	}
	weights := make([]int64, len(a.source.banners))
	for i, b := range a.source.banners {
		weights[i] = integerWeight(float64(0.75*float64(b.urban)/float64(urban)) + float64(0.25*float64(b.population)/float64(population)))
	}
	return apportion(stationsTotal, weights, least)
}

func (a *assembly) openIn(b *banner, n int) []*post {
	weights := make([]int64, len(b.communities))
	for i, c := range b.communities {
		weights[i] = int64(c.households) * c.draw()
	}
	counts := apportion(n, weights, 0)
	var posts []*post
	for i, c := range b.communities {
		for range counts[i] {
			code := fmt.Sprintf("%s-%04d", b.code, len(posts)+1)
			posts = append(posts, &post{
				community: c,
				dice:      roll("station", code),
				station: &yizhan.Station{Code: code, Community: c.code, Status: yizhan.StationActive,
					Address: b.name + c.township.name + c.name, Synthetic: true, Version: 1},
			})
		}
	}
	return posts
}

// draw is how strongly a household draws stations.
func (c *community) draw() int64 {
	switch {
	case c.kind != neighbourhood:
		return 15
	case c.township.kind == street:
		return 300
	case c.township.central:
		return 200
	}
	return 100
}

// sponsorTotals is in the order in which ties go.
var sponsorTotals = []struct {
	sponsor yizhan.Sponsor
	total   int
}{
	{yizhan.SponsorUnion, 220},
	{yizhan.SponsorPartyCentre, 138},
	{yizhan.SponsorBank, 44},
	{yizhan.SponsorUtility, 33},
	{yizhan.SponsorPost, 33},
	{yizhan.SponsorRetail, 33},
	{yizhan.SponsorFuel, 28},
	{yizhan.SponsorPublicService, 21},
}

// giveSponsors deals the sponsors out evenly along the list, then makes Genhe's union stations the eleven that
// are reported, by exchange with Yakeshi.
func giveSponsors(posts []*post) {
	const genhe, yakeshi, reported = "150785", "150782", 11
	given := make([]int, len(sponsorTotals))
	for i, p := range posts {
		best, most := 0, math.MinInt
		for k, s := range sponsorTotals {
			if due := s.total*(i+1) - given[k]*len(posts); due > most {
				best, most = k, due
			}
		}
		given[best]++
		p.station.Sponsor = sponsorTotals[best].sponsor
	}
	isUnion := func(p *post) bool { return p.station.Sponsor == yizhan.SponsorUnion }
	for have := count(posts, genhe, isUnion); have != reported; have = count(posts, genhe, isUnion) {
		wantUnion := have < reported
		here := find(posts, genhe, func(p *post) bool { return isUnion(p) != wantUnion })
		there := find(posts, yakeshi, func(p *post) bool { return isUnion(p) == wantUnion })
		exchange(here, there)
	}
}

func exchange(p, q *post) {
	p.station.Sponsor, q.station.Sponsor = q.station.Sponsor, p.station.Sponsor
}

func count(posts []*post, prefix string, is func(*post) bool) int {
	n := 0
	for _, p := range posts {
		if strings.HasPrefix(p.community.code, prefix) && is(p) {
			n++
		}
	}
	return n
}

// find gives the first such post, or nil.
func find(posts []*post, prefix string, is func(*post) bool) *post {
	i := slices.IndexFunc(posts, func(p *post) bool { return strings.HasPrefix(p.community.code, prefix) && is(p) })
	if i < 0 {
		return nil
	}
	return posts[i]
}

// placeKnown turns one post in the right community into each known station. All are run by unions.
func placeKnown(posts []*post) error {
	for i := range knownStations {
		k := &knownStations[i]
		free := func(p *post) bool { return p.known == nil }
		p := find(posts, k.community, free)
		if p == nil {
			return fmt.Errorf("no station in %s for %s", k.community, k.name)
		}
		if p.station.Sponsor != yizhan.SponsorUnion {
			other := find(posts, k.community[:6], func(q *post) bool { return free(q) && q.station.Sponsor == yizhan.SponsorUnion })
			exchange(p, other)
		}
		p.known = k
		p.station.Approximate = true
		if k.address != "" {
			p.station.Address = k.address
		}
	}
	return nil
}

// lowest gives the n posts of the list with the lowest dice of that name.
func lowest(posts []*post, key string, n int) []*post {
	sorted := slices.Clone(posts)
	slices.SortStableFunc(sorted, func(p, q *post) int { return cmp.Compare(p.dice.uniform(key), q.dice.uniform(key)) })
	return sorted[:n]
}

func those(posts []*post, is func(*post) bool) []*post {
	var kept []*post
	for _, p := range posts {
		if is(p) {
			kept = append(kept, p)
		}
	}
	return kept
}

// giveHours follows who keeps the station: 66 unattended rooms of unions are always open (three of them in
// Genhe), 132 stations are open into the evening, the rest in office hours, banks shorter, shops and filling
// stations longer.
func giveHours(posts []*post) {
	const alwaysTotal, alwaysGenhe, eveningTotal, earlyShops = 66, 3, 132, 16
	by := func(sponsors ...yizhan.Sponsor) []*post {
		return those(posts, func(p *post) bool { return slices.Contains(sponsors, p.station.Sponsor) && !p.station.Hours.Known() })
	}
	unions := by(yizhan.SponsorUnion)
	inGenhe := func(p *post) bool { return strings.HasPrefix(p.community.code, "150785") && p.known == nil }
	elsewhere := func(p *post) bool { return !strings.HasPrefix(p.community.code, "150785") && p.known == nil }
	for _, p := range slices.Concat(lowest(those(unions, inGenhe), "always", alwaysGenhe), lowest(those(unions, elsewhere), "always", alwaysTotal-alwaysGenhe)) {
		p.always = true
		p.station.Hours = yizhan.MustHours("24/7")
	}
	set(by(yizhan.SponsorBank), "Mo-Su 09:00-16:30", "Mo-Fr 09:00-16:30", "Mo-Sa 09:00-16:30")
	set(by(yizhan.SponsorFuel), "Mo-Su 06:00-22:00")
	set(lowest(by(yizhan.SponsorRetail), "early", earlyShops), "Mo-Su 06:00-22:00")
	late := by(yizhan.SponsorPost, yizhan.SponsorRetail)
	late = append(late, lowest(by(yizhan.SponsorUnion), "late", eveningTotal-len(late))...)
	set(late, "Mo-Su 07:00-21:00")
	set(by(yizhan.SponsorPublicService, yizhan.SponsorUtility), "Mo-Fr 08:30-17:30", "Mo-Su 08:30-17:30")
	set(by(yizhan.SponsorPartyCentre), "Mo-Fr 08:30-17:30", "Mo-Sa 08:30-17:30", "Mo-Su 08:30-17:30", "Mo-Su 08:30-17:30")
	set(by(yizhan.SponsorUnion), "Mo-Su 08:30-17:30")
}

// set gives each post one of the hours.
func set(posts []*post, hours ...string) {
	for _, p := range posts {
		p.station.Hours = yizhan.MustHours(hours[p.dice.pick("hours", len(hours))])
	}
}

// serviceTotals are how many stations have each service.
var serviceTotals = []struct {
	service yizhan.Service
	percent int
}{
	{yizhan.Water, 100}, {yizhan.Charging, 100}, {yizhan.Rest, 100}, {yizhan.Heating, 95}, {yizhan.Toilet, 60},
	{yizhan.Microwave, 90}, {yizhan.FirstAid, 85}, {yizhan.WiFi, 75}, {yizhan.BatterySwap, 15},
	{yizhan.Books, 50}, {yizhan.RainGear, 45}, {yizhan.Counselling, 10},
}

// giveServices gives each service to the stations with the lowest dice, and first to those that are known to
// have it. Batteries are swapped in neighbourhoods only.
func giveServices(posts []*post) {
	for _, s := range serviceTotals {
		able := those(posts, func(p *post) bool {
			return s.service != yizhan.BatterySwap || p.community.kind == neighbourhood
		})
		rank := func(p *post) float64 {
			if p.known != nil && slices.Contains(p.known.has, s.service) {
				return -1
			}
			return p.dice.uniform(string(s.service))
		}
		slices.SortStableFunc(able, func(p, q *post) int { return cmp.Compare(rank(p), rank(q)) })
		for _, p := range able[:(len(posts)*s.percent+50)/100] {
			p.station.Services = append(p.station.Services, yizhan.StationService{Service: s.service, Condition: yizhan.Working})
		}
	}
}

// locate finds a place for a station on the street side of a block, clear of all others.
func (a *assembly) locate(p *post, posts []*post) error {
	cut := cutter{m: a.m, frame: a.frameOf(p.community.township.banner)}
	var blocks []plane.Face
	for _, f := range a.owned[p.community] {
		if a.grids.core[f] {
			blocks = append(blocks, f)
		}
	}
	for try := range 400 {
		d := p.dice.sub(try)
		f := blocks[d.pick("block", len(blocks))]
		spot, door, ok := cut.shape(f).frontage(d)
		if !ok || !apartFrom(spot, p, posts) {
			continue
		}
		entrance := fromLattice(cut.frame.lattice(door))
		p.spot = spot
		p.station.Location = fromLattice(cut.frame.lattice(spot))
		p.station.Entrance = &entrance
		p.station.MicroGrid = a.gridOf[f].Code
		return nil
	}
	return fmt.Errorf("no room for station %s", p.station.Code)
}

// frontage is a place behind one side of a block, with a door between it and the street.
func (s shape) frontage(d dice) (spot, door vec, ok bool) {
	i := d.pick("side", len(s.ring))
	from, to := s.ring[i], s.ring[(i+1)%len(s.ring)]
	if from.distance(to) < 25 {
		return vec{}, vec{}, false
	}
	inward := to.minus(from).unit().left()
	at := from.to(to, d.between("along", 0.2, 0.8))
	depth := d.between("depth", 11, 20)
	spot, door = at.plus(inward.times(depth)), at.plus(inward.times(depth-d.between("door", 4, 7)))
	if !s.holds(spot) || !s.holds(door) {
		return vec{}, vec{}, false
	}
	for k, v := range s.ring {
		if segmentDistance(spot, v, s.ring[(k+1)%len(s.ring)]) < 8 {
			return vec{}, vec{}, false
		}
	}
	return spot, door, true
}

// apartFrom tells whether a place is not too near to the stations placed before. Those of other banners have
// other frames, but borders run far from streets.
func apartFrom(spot vec, p *post, posts []*post) bool {
	const apart = 130 // metres; a little more than 120 m, for the frame's error
	for _, q := range posts {
		if q == p {
			return true
		}
		if q.community.township.banner == p.community.township.banner && spot.distance(q.spot) < apart {
			return false
		}
	}
	return true
}
