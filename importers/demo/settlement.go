package demo

import "math"

// settlement is a place where people live together: a town with all its neighbourhoods, or a village.
type settlement struct {
	banner      *banner
	name        string // keys its dice: the code of its first community
	center      vec
	radius      float64 // metres, of a circle as large as the built-up area
	axis        vec     // its streets run along and across this
	communities []*community
}

// survey places the settlements of one banner.
type survey struct {
	banner      *banner
	frame       frame
	outline     *outline
	settlements []*settlement
	townships   []*township // those with communities
	seats       []vec       // of townships
	main        float64     // radius of the main town
}

// settle finds or invents a place for every community of the banner. Real points come first; the
// invented ones then keep clear of them.
func settle(b *banner) *survey {
	o := newOutline(b.outline)
	s := &survey{banner: b, frame: newFrame(o.low, o.high), outline: o}
	s.seatTownships()
	s.placeTowns()
	s.placeKnown()
	s.placeVillages()
	return s
}

// Households in a square kilometre of built-up land.
const (
	denseTown   = 2_600
	looseTown   = 1_200
	denseHamlet = 350
	looseHamlet = 150
)

func builtRadius(households int, perSquareKm float64) float64 {
	return 1_000 * math.Sqrt(float64(households)/(math.Pi*perSquareKm))
}

func (s *survey) center() vec { return s.frame.metres(toLattice(s.banner.seat)) }

// seatTownships finds where each township has its seat. The streets of the main town lie around the
// banner's seat; a township of unknown place goes where the map is emptiest.
func (s *survey) seatTownships() {
	households := 0
	for _, t := range s.banner.townships {
		if len(t.communities) == 0 {
			continue
		}
		s.townships = append(s.townships, t)
		if t.inSeatTown() {
			households += t.urbanHouseholds()
		}
	}
	s.main = builtRadius(households, denseTown)
	s.seats = make([]vec, len(s.townships))
	var streets, lost []int
	for i, t := range s.townships {
		far := t.point != nil && s.frame.metres(toLattice(*t.point)).distance(s.center()) > 2.5*s.main
		switch {
		case t.central:
			s.seats[i] = s.center()
		case t.kind == street && !far:
			streets = append(streets, i)
		case t.point != nil:
			s.seats[i] = s.frame.metres(toLattice(*t.point))
		default:
			lost = append(lost, i)
		}
	}
	for k, i := range streets {
		s.seats[i] = s.center().plus(s.sunflower(k, len(streets)))
	}
	s.seatEmptiest(lost)
}

func (t *township) urbanHouseholds() int {
	sum := 0
	for _, c := range t.communities {
		if c.kind == neighbourhood {
			sum += c.households
		}
	}
	return sum
}

// sunflower spreads n places evenly over the main town.
func (s *survey) sunflower(k, n int) vec {
	const goldenTurns = 0.381966
	turns := roll("sunflower", s.banner.code).uniform("turns") + float64(goldenTurns*float64(k))
	return direction(turns).times(0.8 * s.main * math.Sqrt((float64(k)+0.5)/float64(n)))
}

// seatEmptiest puts each lost township on the lattice point farthest from all known seats.
func (s *survey) seatEmptiest(lost []int) {
	if len(lost) == 0 {
		return
	}
	known := make([]bool, len(s.seats))
	for i := range known {
		known[i] = true
	}
	for _, i := range lost {
		known[i] = false
	}
	spots := s.lattice(2_000)
	for _, i := range lost {
		best := -1.0
		for _, p := range spots {
			nearest := math.Inf(1)
			for j, seat := range s.seats {
				if known[j] {
					nearest = min(nearest, p.distance(seat))
				}
			}
			if nearest > best && s.outline.holdsAround(s.frame, p, 2_500) {
				best, s.seats[i] = nearest, p
			}
		}
		known[i] = true
	}
}

// lattice lists the points of a square lattice that lie in the banner.
func (s *survey) lattice(step float64) []vec {
	low, high := s.frame.metres(s.outline.low), s.frame.metres(s.outline.high)
	var spots []vec
	half := float64(step / 2)
	for y := low.y + half; y < high.y; y += step {
		for x := low.x + half; x < high.x; x += step {
			if s.outline.holds(s.frame.lattice(vec{x, y})) {
				spots = append(spots, vec{x, y})
			}
		}
	}
	return spots
}

// placeTowns makes the main town, of all townships that lie in it, and one town at each other seat.
func (s *survey) placeTowns() {
	main := &settlement{banner: s.banner, center: s.center()}
	var others []*settlement
	for i, t := range s.townships {
		town := &settlement{banner: s.banner, center: s.seats[i]}
		if s.seats[i].distance(s.center()) < 1.5*s.main {
			town = main
		}
		for _, c := range t.communities {
			if c.kind == neighbourhood && !s.liesApart(c, town.center) {
				town.communities = append(town.communities, c)
			}
		}
		if town != main && len(town.communities) > 0 {
			others = append(others, town)
		}
	}
	for _, town := range append([]*settlement{main}, others...) {
		s.place(town)
	}
}

// liesApart tells whether a neighbourhood is known to be a place of its own, such as a merged township.
func (s *survey) liesApart(c *community, center vec) bool {
	return c.point != nil && s.frame.metres(toLattice(*c.point)).distance(center) > max(s.main, 2_500)
}

// placeKnown makes a settlement at each known point that is not in a town.
func (s *survey) placeKnown() {
	for _, c := range s.banner.communities {
		if c.point == nil || s.has(c) {
			continue
		}
		s.place(&settlement{banner: s.banner, center: s.frame.metres(toLattice(*c.point)), communities: []*community{c}})
	}
}

func (s *survey) has(c *community) bool {
	for _, other := range s.settlements {
		for _, o := range other.communities {
			if o == c {
				return true
			}
		}
	}
	return false
}

// place adds the settlement, moved aside in widening circles until it is clear of those before it.
func (s *survey) place(n *settlement) {
	n.complete()
	wanted, d := n.center, roll("move", n.name)
	for try := 0; !s.clear(n); try++ {
		far := 300 + float64(60*float64(try))
		n.center = wanted.plus(direction(d.sub(try).uniform("turns")).times(far))
	}
	s.settlements = append(s.settlements, n)
}

func (n *settlement) complete() {
	households := 0
	for _, c := range n.communities {
		households += c.households
	}
	first := n.communities[0]
	n.name = first.code
	n.radius = builtRadius(households, first.density())
	n.axis = direction(roll("axis", n.name).uniform("turns"))
}

func (c *community) density() float64 {
	switch {
	case c.kind == neighbourhood && c.township.inSeatTown():
		return denseTown
	case c.kind == neighbourhood:
		return looseTown
	case c.kind == village:
		return denseHamlet
	}
	return looseHamlet
}

// clear tells whether the settlement has room: it is inside the banner, and no other is too near.
func (s *survey) clear(n *settlement) bool {
	for _, o := range s.settlements {
		if o.center.distance(n.center) < float64(1.1*(o.radius+n.radius))+300 {
			return false
		}
	}
	margin := 300 + min(n.radius, 1_500)
	return s.outline.holdsAround(s.frame, n.center, margin)
}

// region is what is nearer to one township's seat than to any other.
type region struct {
	low, high vec
	area      float64 // square metres
}

func (s *survey) regions() []region {
	const step = 1_500
	regions := make([]region, len(s.seats))
	for i := range regions {
		regions[i] = region{low: s.seats[i], high: s.seats[i]}
	}
	for _, p := range s.lattice(step) {
		r := &regions[s.nearestSeat(p)]
		r.low = vec{min(r.low.x, p.x), min(r.low.y, p.y)}
		r.high = vec{max(r.high.x, p.x), max(r.high.y, p.y)}
		r.area += step * step
	}
	return regions
}

func (s *survey) nearestSeat(p vec) int {
	best := 0
	for i, seat := range s.seats {
		if p.distance(seat) < p.distance(s.seats[best]) {
			best = i
		}
	}
	return best
}

// placeVillages scatters the villages of unknown place over their townships: nearer to the seat more
// likely, and apart from each other.
func (s *survey) placeVillages() {
	regions := s.regions()
	for i, t := range s.townships {
		var villages []*community
		for _, c := range t.communities {
			if !s.has(c) {
				villages = append(villages, c)
			}
		}
		apart := 0.7 * math.Sqrt(regions[i].area/float64(max(1, len(t.communities))))
		for k, c := range villages {
			s.placeVillage(c, i, k, regions[i], apart)
		}
	}
}

func (s *survey) placeVillage(c *community, seat, k int, r region, apart float64) {
	const (
		patience = 4_000
		usual    = 25_000 // metres from the seat
	)
	d := roll("village", c.code)
	start := 20 + d.pick("start", 1_000)
	n := &settlement{banner: s.banner, center: s.seats[seat], communities: []*community{c}}
	size := r.high.minus(r.low)
	for try := range patience {
		if try%400 == 399 {
			apart *= 0.85
		}
		i := start + 7*k + try
		p := r.low.plus(vec{float64(size.x * halton(i, 2)), float64(size.y * halton(i, 3))})
		far := p.distance(s.seats[seat]) / usual
		if s.nearestSeat(p) != seat || d.sub(try).uniform("accept") > 1/(1+float64(far*far)) {
			continue
		}
		n.center = p
		n.complete()
		if s.nearest(p) >= apart && s.clear(n) {
			s.settlements = append(s.settlements, n)
			return
		}
	}
	n.center = s.seats[seat] // a crowded township: as near to its seat as there is room
	s.place(n)
}

func (s *survey) nearest(p vec) float64 {
	nearest := math.Inf(1)
	for _, o := range s.settlements {
		nearest = min(nearest, o.center.distance(p))
	}
	return nearest
}

// halton is the i-th number of the low-discrepancy sequence of that base.
func halton(i, base int) float64 {
	sum, f := 0.0, 1.0
	for ; i > 0; i /= base {
		f /= float64(base)
		sum += float64(f * float64(i%base))
	}
	return sum
}
