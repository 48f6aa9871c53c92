package coverage

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// Served is how many households the seats suffice for: a maximum flow from the cells, H_c households each, to the
// sites in their reach, that can take Q_s seats times some households a seat each.
//
// How many are served in all is one number, but there are many ways to send households to sites that reach
// it, and most figures of a single cell, unit or site depend on the way. This is the fairest way of all: the
// seats of each site are shared by those who cannot do with less crowded ones, so that the least served are
// served as well as can be, then the next least, and so on; and the least used sites are used as well as can
// be. There is just one such way, as far as cells and sites are concerned (Megiddo 1974, Fujishige 1980). So the
// figures do not depend on the order of cells or sites.
//
// It parts cells and sites into blocks, each with households D and capacity C: those of the block get C/D
// of what they want, or all of it where C ≥ D; its sites are used to D/C, or fully where D ≥ C. A cell
// reaches no site of a less crowded block than its own. So the blocks with C < D, taken together, are a minimum
// cut: their cells reach none but their own sites, and those are full. Verify proves all this anew.
//
// Sites of unknown capacity take no part; they are counted. It is immutable and safe for concurrent use.
type Served struct {
	Households int64 // of all cells
	InReach    int64 // of those that reach a site with known capacity
	// Capacity is how many households the sites with demand in reach have seats for.
	Capacity int64
	// Served is the value of the flow, and the capacity of the cut.
	Served int64
	// UnknownSites count but have no known capacity. IdleSites have seats but no demand in reach.
	UnknownSites, IdleSites int

	demand   *Demand
	pairs    *Incidence
	capacity []int64 // households of each site, 0 if it takes no part
	*signatures
	flows       []int64 // along each pair of a signature and a site, in units of its block
	blocks      []block
	blockOfSig  []int32
	blockOfSite []int32 // nowhere if it takes no part or is idle

	unitsOnce sync.Once
	micro     []int64 // served millionths of households of the units before each one, and of all
	inReach   []int64 // households of the units before each one, and of all
}

// block is a set of cells and sites that share alike. Its flows are in units of a household times C×D: each
// cell of H households sends H·C, each site of capacity Q gets Q·D.
type block struct {
	households, capacity int64 // D and C, both above 0
}

// crowding compares D/C of two blocks.
func (b block) crowding(other block) int {
	return compareProducts(b.households, other.capacity, other.households, b.capacity)
}

// isShort tells whether the block has fewer seats than it needs.
func (b block) isShort() bool { return b.capacity < b.households }

// maxFlowUnits bounds households times capacity, so that flows and their sums have room in 63 bits.
const maxFlowUnits = math.MaxInt64 / 4

// Serve finds the served demand over an incidence. The seats are those of the sites that the incidence
// was made of, as Sites.Seats gives them; each is good for some households.
func (d *Demand) Serve(in *Incidence, seats []int, householdsASeat int) (*Served, error) {
	if err := d.checkSupply(in, seats); err != nil {
		return nil, err
	}
	if householdsASeat < 1 || householdsASeat > million {
		return nil, invalid("households_a_seat", "%d is not in 1..%d", householdsASeat, million)
	}
	s := &Served{demand: d, pairs: in, Households: d.households[len(d.units)], capacity: make([]int64, len(seats))}
	for site, n := range seats {
		if n == 0 {
			s.UnknownSites++
		}
		s.capacity[site] = int64(max(0, n)) * int64(householdsASeat)
	}
	s.signatures = sign(d.finest().households, in, s.capacity)
	s.countIdle()
	if s.Capacity > 0 && s.InReach > maxFlowUnits/s.Capacity {
		return nil, invalid("households_a_seat", "%d make the numbers too large: %d households times %d", householdsASeat, s.InReach, s.Capacity)
	}
	if err := s.divide(); err != nil {
		return nil, err
	}
	for _, b := range s.blocks {
		s.Served += min(b.households, b.capacity)
	}
	return s, nil
}

func (s *Served) countIdle() {
	reached := make([]bool, len(s.capacity))
	for _, site := range s.sites {
		reached[site] = true
	}
	for site, capacity := range s.capacity {
		switch {
		case capacity > 0 && reached[site]:
			s.Capacity += capacity
		case capacity > 0:
			s.IdleSites++
		}
	}
	for _, households := range s.households {
		s.InReach += households
	}
}

// CellShare is the part of its households that is served in a finest cell, by its position: 0 where no
// seat is in reach.
func (s *Served) CellShare(cell int) float64 {
	sig := s.of[cell]
	if sig == nowhere {
		return 0
	}
	b := s.blocks[s.blockOfSig[sig]]
	return min(1, float64(b.capacity)/float64(b.households))
}

// SiteLoad is how crowded a site is.
type SiteLoad struct {
	Capacity   int64   // households
	Households float64 // those it serves, at most Capacity
	// Pressure is the households that cannot do with less crowded sites, over the capacity there is for
	// them. Above 1 the site is full whichever way households are sent, and some go without; at 1 it is
	// full and none does; below 1 it has seats to spare.
	Pressure float64
}

// Site tells how crowded a site is; ok is false if it takes no part. An idle site has no pressure.
func (s *Served) Site(site int) (load SiteLoad, ok bool) {
	capacity := s.capacity[site]
	if capacity == 0 {
		return SiteLoad{}, false
	}
	load.Capacity = capacity
	if at := s.blockOfSite[site]; at != nowhere {
		b := s.blocks[at]
		load.Pressure = float64(b.households) / float64(b.capacity)
		load.Households = float64(capacity) * min(1, load.Pressure)
	}
	return load, true
}

// Bottleneck is a part of the city that is short of seats. Its households reach no site outside of it but such as
// are part of a worse one.
type Bottleneck struct {
	Sites                []int // ascending
	Cells                int
	Households, Capacity int64 // more and less
}

// Short is how many households go without.
func (b Bottleneck) Short() int64 { return b.Households - b.Capacity }

// Bottlenecks are the blocks of the minimum cut, most households without a seat first, then in the order
// of their first sites.
func (s *Served) Bottlenecks() []Bottleneck {
	all := make([]Bottleneck, len(s.blocks))
	for i, b := range s.blocks {
		all[i].Households, all[i].Capacity = b.households, b.capacity
	}
	for site, at := range s.blockOfSite {
		if at != nowhere {
			all[at].Sites = append(all[at].Sites, site)
		}
	}
	for sig, at := range s.blockOfSig {
		all[at].Cells += int(s.cells[sig])
	}
	short := slices.DeleteFunc(all, func(b Bottleneck) bool { return b.Short() <= 0 })
	slices.SortFunc(short, func(a, b Bottleneck) int {
		return cmp.Or(cmp.Compare(b.Short(), a.Short()), cmp.Compare(a.Sites[0], b.Sites[0]))
	})
	return short
}

// ServedFigures are those of some units.
type ServedFigures struct {
	Households int64
	InReach    int64 // of a site with known capacity
	// MicroServed is the served households in millionths. What a block serves is divided among the units exactly, each
	// less than a millionth from its due, so the parts of a unit sum up to its own, and all to Served.
	MicroServed int64
}

// Share is the part of the households that is served; ok is false where there is none.
func (f ServedFigures) Share() (share float64, ok bool) {
	if f.Households == 0 {
		return 0, false
	}
	return float64(f.MicroServed) / million / float64(f.Households), true
}

// Figures sums up the units whose codes begin with the prefix.
func (s *Served) Figures(prefix string) ServedFigures {
	s.unitsOnce.Do(s.sumUnits)
	from, to := s.demand.unitsWith(prefix)
	return ServedFigures{
		Households:  s.demand.households[to] - s.demand.households[from],
		InReach:     s.inReach[to] - s.inReach[from],
		MicroServed: s.micro[to] - s.micro[from],
	}
}

func (s *Served) sumUnits() {
	d := s.demand
	s.inReach, s.micro = make([]int64, len(d.units)+1), make([]int64, len(d.units)+1)
	from, cells := s.cellsByBlock()
	division := newDivision(len(d.units))
	for at, b := range s.blocks {
		for _, cell := range cells[from[at]:from[at+1]] {
			for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
				division.add(d.partUnit[i], int64(d.partHouseholds[i]))
				s.inReach[d.partUnit[i]+1] += int64(d.partHouseholds[i])
			}
		}
		division.share(min(b.households, b.capacity)*million, s.micro[1:])
	}
	accumulate(s.inReach)
	accumulate(s.micro)
}

// cellsByBlock lists the cells of each block in ascending order.
func (s *Served) cellsByBlock() (from, cells []int32) {
	from = make([]int32, len(s.blocks)+1)
	for _, sig := range s.of {
		if sig != nowhere {
			from[s.blockOfSig[sig]+1]++
		}
	}
	for at := range s.blocks {
		from[at+1] += from[at]
	}
	cells = make([]int32, from[len(s.blocks)])
	next := slices.Clone(from)
	for cell, sig := range s.of {
		if sig != nowhere {
			at := s.blockOfSig[sig]
			cells[next[at]] = int32(cell)
			next[at]++
		}
	}
	return from, cells
}
