package coverage

import (
	"math"
	"sync"
)

// NotCounting stands for the seats of a site that does not count for a question.
const NotCounting = -1

// Seats gives the capacities of sites, 0 where it is not known, and NotCounting for those that do not
// count.
func (s Sites) Seats(counts func(site int) bool) []int {
	seats := make([]int, len(s))
	for i := range s {
		if seats[i] = NotCounting; counts(i) {
			seats[i] = s[i].Capacity
		}
	}
	return seats
}

// maxSeats bounds the capacity of a site, far above any station's.
const maxSeats = 1_000_000

// maxAccessHouseholds bounds the demand, so that a weighted sum of it has room in 63 bits.
const maxAccessHouseholds = math.MaxInt64 / billion

// Access is how many seats the households of a demand can count on, by the (enhanced) two-step floating
// catchment area method:
//
//	R_s = Q_s / Σ_c H_c·w_cs    seats a weighted household of site s
//	A_c = Σ_s R_s·w_cs          seats a household of cell c
//
// over the sites s in reach of each cell c, with seats Q_s, households H_c and weights w_cs of a Decay.
// Σ_c H_c·A_c is Σ_s Q_s over the sites that have demand in reach. Sites of unknown capacity take
// no part; they are counted. It is immutable and safe for concurrent use.
type Access struct {
	// Seats are those of all sites with demand in reach.
	Seats int64
	// UnknownSites count but have no known capacity. IdleSites have seats and no demand in reach, or only
	// such of weight 0.
	UnknownSites, IdleSites int

	demand   *Demand
	pairs    *Incidence
	seats    []int
	decay    Decay
	weighted []int64   // Σ H·w of each site in billionths of households; 0 where it takes no part
	cells    []float64 // A of each finest cell

	unitsOnce sync.Once
	micro     []int64 // millionths of seats of the units before each one, and of all
}

// Access works out the accessibility over an incidence of the demand. The seats are those of the sites
// that the incidence was made of, as Sites.Seats gives them.
func (d *Demand) Access(in *Incidence, seats []int, decay Decay) (*Access, error) {
	if err := d.checkSupply(in, seats); err != nil {
		return nil, err
	}
	if all := d.households[len(d.units)]; all > maxAccessHouseholds {
		return nil, invalid("households", "are %d; %d are allowed", all, int64(maxAccessHouseholds))
	}
	a := &Access{demand: d, pairs: in, seats: seats, decay: decay, weighted: make([]int64, len(seats))}
	for cell, households := range d.finest().households {
		sites, distancesM := in.Of(cell)
		for i, site := range sites {
			if seats[site] > 0 {
				a.weighted[site] += households * int64(decay.billionths(float64(distancesM[i])))
			}
		}
	}
	for site, n := range seats {
		switch {
		case n == 0:
			a.UnknownSites++
		case n > 0 && a.weighted[site] == 0:
			a.IdleSites++
		case n > 0:
			a.Seats += int64(n)
		}
	}
	a.cells = make([]float64, len(d.finest().cells))
	err := parallel(len(a.cells), func() func(int) error { return a.sumCell })
	return a, err
}

// sumCell adds up in the order of sites, which is that of their codes.
func (a *Access) sumCell(cell int) error {
	sites, distancesM := a.pairs.Of(cell)
	for i, site := range sites {
		if a.weighted[site] > 0 {
			weight := float64(a.decay.billionths(float64(distancesM[i])))
			a.cells[cell] += float64(a.seats[site]) * weight / float64(a.weighted[site])
		}
	}
	return nil
}

func (d *Demand) checkSupply(in *Incidence, seats []int) error {
	switch cells := len(d.finest().cells); {
	case in == nil || len(in.From) != cells+1 || len(in.Sites) != int(in.From[cells]) || len(in.DistancesM) != len(in.Sites):
		return invalid("incidence", "is not of this demand")
	}
	for _, site := range in.Sites {
		if site < 0 || int(site) >= len(seats) {
			return invalid("seats", "are those of %d sites; the incidence has site %d", len(seats), site)
		}
	}
	for site, n := range seats {
		if n < NotCounting || n > maxSeats {
			return invalid("capacity", "of site %d is %d; it must be in 0..%d", site, n, maxSeats)
		}
	}
	return nil
}

// Cell is A of a finest cell by its position, in seats a household; 0 where no seat is in reach.
func (a *Access) Cell(cell int) float64 { return a.cells[cell] }

// Rate is R of a site, in seats a weighted household; ok is false where it takes no part.
func (a *Access) Rate(site int) (seatsAHousehold float64, ok bool) {
	if a.weighted[site] == 0 {
		return 0, false
	}
	return float64(a.seats[site]) * billion / float64(a.weighted[site]), true
}

// AccessFigures are the seats that the households of some units can count on.
type AccessFigures struct {
	Households int64
	// MicroSeats is Σ H·A in millionths of seats. The seats of each site are divided among the units exactly, each
	// less than a millionth from its due, so those of the parts of a unit sum up to its own, and those of
	// all to the Seats.
	MicroSeats int64
}

// PerHousehold is the mean of A weighted by households, in seats a household; ok is false where there is
// none.
func (f AccessFigures) PerHousehold() (seats float64, ok bool) {
	if f.Households == 0 {
		return 0, false
	}
	return float64(f.MicroSeats) / million / float64(f.Households), true
}

const million = 1_000_000

// Figures sums up the units whose codes begin with the prefix.
func (a *Access) Figures(prefix string) AccessFigures {
	a.unitsOnce.Do(a.sumUnits)
	from, to := a.demand.unitsWith(prefix)
	return AccessFigures{
		Households: a.demand.households[to] - a.demand.households[from],
		MicroSeats: a.micro[to] - a.micro[from],
	}
}

func (a *Access) sumUnits() {
	d := a.demand
	a.micro = make([]int64, len(d.units)+1)
	division := newDivision(len(d.units))
	from, pairs := a.bySite()
	for site, weighted := range a.weighted {
		if weighted == 0 {
			continue
		}
		for _, p := range pairs[from[site]:from[site+1]] {
			weight := int64(a.decay.billionths(float64(p.distanceM)))
			for i := d.partsFrom[p.cell]; i < d.partsFrom[p.cell+1]; i++ {
				division.add(d.partUnit[i], int64(d.partHouseholds[i])*weight)
			}
		}
		division.share(int64(a.seats[site])*million, a.micro[1:])
	}
	accumulate(a.micro)
}

// bySite turns the sites of each cell into the cells of each site that takes part.
func (a *Access) bySite() (from []int32, pairs []pair) {
	from = make([]int32, len(a.seats)+1)
	for _, site := range a.pairs.Sites {
		from[site+1]++
	}
	for site := range a.seats {
		from[site+1] += from[site]
	}
	pairs = make([]pair, len(a.pairs.Sites))
	next := append([]int32(nil), from...)
	for cell := range a.cells {
		sites, distancesM := a.pairs.Of(cell)
		for i, site := range sites {
			pairs[next[site]] = pair{int32(cell), distancesM[i]}
			next[site]++
		}
	}
	return from, pairs
}
