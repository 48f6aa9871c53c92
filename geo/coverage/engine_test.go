package coverage_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
)

// drawWeek draws hours: the usual ones of an office, a shop or a night, all of the week, none, or nobody
// knows.
func drawWeek(rng *rand.Rand) (open, maybe coverage.Week) {
	daily := func(from, to int) (w coverage.Week) {
		for q := range coverage.QuarterHours {
			if ofDay := q % 96; from <= to == (ofDay >= from && ofDay < to) {
				w.Set(q)
			}
		}
		return w
	}
	switch rng.IntN(6) {
	case 0:
		open = daily(32, 70).And(coverage.SpanOfWeek(0, 5*96))
	case 1:
		open = daily(36+rng.IntN(8), 80+rng.IntN(12))
	case 2:
		open = coverage.FullWeek().Without(daily(24, 88))
	case 3:
		open = coverage.FullWeek()
	case 4:
		return open, coverage.FullWeek()
	}
	if rng.IntN(5) == 0 {
		return open, open.Or(daily(40, 50))
	}
	return open, open
}

// drawSite draws a site with some of three services at a place.
func drawSite(rng *rand.Rand, code string, at orb.Point) coverage.Site {
	s := coverage.Site{Code: code, At: at, Unit: fmt.Sprintf("1507%02d%03d%03d", 2+rng.IntN(3), rng.IntN(4), rng.IntN(5)),
		Services: uint32(rng.IntN(8)), Capacity: rng.IntN(30), Heated: rng.IntN(3) > 0, MaybeHeated: rng.IntN(3) == 0}
	s.MaybeServices = s.Services | uint32(rng.IntN(8)&rng.IntN(8))
	s.Open, s.MaybeOpen = drawWeek(rng)
	return s
}

func drawSites(rng *rand.Rand, points []orb.Point) coverage.Sites {
	sites := make(coverage.Sites, len(points))
	for i, at := range points {
		sites[i] = drawSite(rng, fmt.Sprintf("S-%04d", i), at)
	}
	return sites
}

// drawModel draws a question.
func drawModel(rng *rand.Rand) coverage.Model {
	m := coverage.Model{Services: uint32(rng.IntN(8)), Rule: coverage.Rule(rng.IntN(3))}
	if m.Rule != coverage.AnyService && m.Services == 0 {
		m.Services = 0b101
	}
	switch m.Mode = coverage.Mode(rng.IntN(3)); m.Mode {
	case coverage.ByRadius:
		m.RadiusM = 200 + 1500*rng.Float64()
	case coverage.OnFoot:
		m.Minutes = 5 + 20*rng.Float64()
	case coverage.ByEBike:
		m.Minutes = 2 + 6*rng.Float64()
	}
	switch m.Time.Kind = coverage.TimeKind(rng.IntN(3)); m.Time.Kind {
	case coverage.AtQuarter:
		m.Time.Quarter = rng.IntN(coverage.QuarterHours)
	case coverage.OverWeek:
		m.Time.Profile = coverage.Profile(rng.IntN(4))
	}
	if m.Cold = rng.IntN(4) == 0; m.Cold {
		m.Celsius = -25 * rng.Float64()
	}
	return m
}

// oracle answers questions by asking each cell about each site at each moment.
type oracle struct {
	*populated
	sites coverage.Sites
	model coverage.Model
	done  map[cellEnd]cellOracle
}

// cellEnd is a cell and which end of its intervals.
type cellEnd struct {
	cell  hex.Cell
	known bool
}

// moments lists the quarter-hours asked about, with their weights; -1 is any time.
func (o *oracle) moments() map[int]int64 {
	switch o.model.Time.Kind {
	case coverage.AtQuarter:
		return map[int]int64{o.model.Time.Quarter: 1}
	case coverage.OverWeek:
		moments := map[int]int64{}
		for q := range coverage.QuarterHours {
			if weight := o.model.Time.Profile.Weight(q); weight > 0 {
				moments[q] = int64(weight)
			}
		}
		return moments
	}
	return map[int]int64{-1: 1}
}

// serves tells whether a site serves what is asked: one service of a rule, or all the rule asks at once.
func (o *oracle) serves(s *coverage.Site, service uint32, moment int, known bool) bool {
	have, open, heated := s.MaybeServices, s.MaybeOpen, s.Heated || s.MaybeHeated
	if known {
		have, open, heated = s.Services, s.Open, s.Heated
	}
	offers := have&service != 0 || service == 0
	if o.model.Rule == coverage.OneStop {
		offers = have&service == service
	}
	return offers && (moment < 0 || open.Has(moment)) && (!o.model.Cold || heated)
}

// asks lists what must be served, each by itself.
func (o *oracle) asks() []uint32 {
	if o.model.Rule != coverage.AllServices {
		return []uint32{o.model.Services}
	}
	var asks []uint32
	for bit := range 32 {
		if o.model.Services>>bit&1 == 1 {
			asks = append(asks, 1<<bit)
		}
	}
	return asks
}

// in tells how many sites there are in a cell at a moment, for what has the fewest.
func (o *oracle) in(reached []*coverage.Site, moment int, known bool) int {
	fewest := math.MaxInt
	for _, service := range o.asks() {
		n := 0
		for _, s := range reached {
			if o.serves(s, service, moment, known) {
				n++
			}
		}
		fewest = min(fewest, n)
	}
	return fewest
}

func (o *oracle) reached(cell hex.Cell) (sites []*coverage.Site) {
	reachM := o.model.RadiusM
	switch o.model.Mode {
	case coverage.OnFoot:
		if reachM = o.model.Minutes * 5000 / 60 / 1.3; o.model.Cold {
			reachM *= coverage.WalkFactor(o.model.Celsius)
		}
	case coverage.ByEBike:
		reachM = o.model.Minutes * 15_000 / 60 / 1.3
	}
	for i := range o.sites {
		if geo.Distance(cell.Center(), o.sites[i].At) <= reachM {
			sites = append(sites, &o.sites[i])
		}
	}
	return sites
}

// cellOracle is what there is in one cell: if sites came once, and twice, and the weights of both.
type cellOracle struct {
	sites                   int64
	once, twice             bool
	onceWeight, twiceWeight int64
}

func (o *oracle) cell(cell hex.Cell, known bool) (c cellOracle) {
	if done, ok := o.done[cellEnd{cell, known}]; ok {
		return done
	}
	defer func() { o.done[cellEnd{cell, known}] = c }()
	reached := o.reached(cell)
	counting := map[uint32]map[string]bool{} // who ever counts, for what
	for moment, weight := range o.moments() {
		n := o.in(reached, moment, known)
		if n >= 1 {
			c.once = true
			c.onceWeight += weight
		}
		if n >= 2 {
			c.twice = true
			c.twiceWeight += weight
		}
		for _, service := range o.asks() {
			for _, s := range reached {
				if o.serves(s, service, moment, known) {
					if counting[service] == nil {
						counting[service] = map[string]bool{}
					}
					counting[service][s.Code] = true
				}
			}
		}
	}
	c.sites = math.MaxInt64
	for _, service := range o.asks() {
		c.sites = min(c.sites, int64(len(counting[service])))
	}
	return c
}

func (o *oracle) figures(prefix string) (f coverage.UnitFigures) {
	for _, weight := range o.moments() {
		f.Weight += weight
	}
	for _, cell := range o.cells {
		households, home := int64(0), ""
		for _, unit := range slices.Sorted(maps.Keys(o.units[cell])) {
			if home == "" || o.units[cell][unit] > o.units[cell][home] {
				home = unit
			}
			if strings.HasPrefix(unit, prefix) {
				households += o.units[cell][unit]
			}
		}
		known, possible := o.cell(cell, true), o.cell(cell, false)
		if strings.HasPrefix(home, prefix) {
			area := int64(math.Round(cell.AreaM2()))
			f.AreaM2 += area
			f.CoveredAreaM2 = f.CoveredAreaM2.Plus(interval(known.once, possible.once).Times(area))
		}
		f.Households += households
		f.Covered = f.Covered.Plus(interval(known.once, possible.once).Times(households))
		f.CrossCovered = f.CrossCovered.Plus(interval(known.twice, possible.twice).Times(households))
		f.CoveredWeight = f.CoveredWeight.Plus(coverage.Interval{Known: known.onceWeight, Possible: possible.onceWeight}.Times(households))
		f.CrossWeight = f.CrossWeight.Plus(coverage.Interval{Known: known.twiceWeight, Possible: possible.twiceWeight}.Times(households))
	}
	for i := range o.sites {
		if strings.HasPrefix(o.sites[i].Unit, prefix) {
			f.Sites = f.Sites.Plus(interval(o.everServes(&o.sites[i], true), o.everServes(&o.sites[i], false)))
		}
	}
	return f
}

func interval(known, possible bool) (i coverage.Interval) {
	if known {
		i.Known = 1
	}
	if possible {
		i.Possible = 1
	}
	return i
}

func (o *oracle) everServes(s *coverage.Site, known bool) bool {
	for moment := range o.moments() {
		for _, service := range o.asks() {
			if o.serves(s, service, moment, known) {
				return true
			}
		}
	}
	return false
}

// spread finds percentiles by lining all households up, and the Gini coefficient by comparing each cell
// with each.
func (o *oracle) spread(prefix string, known bool) (p50, p90, gini *float64) {
	var distances, haves, weights []float64
	for _, cell := range o.cells {
		households := int64(0)
		for unit, n := range o.units[cell] {
			if strings.HasPrefix(unit, prefix) {
				households += n
			}
		}
		if households == 0 {
			continue
		}
		c := o.cell(cell, known)
		have := c.sites
		if o.model.Time.Kind == coverage.OverWeek {
			have = c.onceWeight
		}
		haves, weights = append(haves, float64(have)), append(weights, float64(households))
		nearest := o.nearest(cell, known)
		for range households {
			distances = append(distances, nearest)
		}
	}
	slices.Sort(distances)
	return percentileOf(distances, 50), percentileOf(distances, 90), giniOf(haves, weights)
}

func (o *oracle) nearest(cell hex.Cell, known bool) float64 {
	farthest := 0.0
	for _, service := range o.asks() {
		nearest := math.Inf(1)
		for i := range o.sites {
			for moment := range o.moments() {
				if o.serves(&o.sites[i], service, moment, known) {
					nearest = min(nearest, geo.Distance(cell.Center(), o.sites[i].At))
					break
				}
			}
		}
		farthest = max(farthest, nearest)
	}
	return farthest
}

func percentileOf(sorted []float64, hundredths int) *float64 {
	if len(sorted) == 0 {
		return nil
	}
	at := sorted[(len(sorted)*hundredths+99)/100-1]
	if math.IsInf(at, 1) {
		return nil
	}
	return &at
}

func giniOf(haves, weights []float64) *float64 {
	differences, people, sum := 0.0, 0.0, 0.0
	for i := range haves {
		people += weights[i]
		sum += weights[i] * haves[i]
		for j := range haves {
			differences += weights[i] * weights[j] * math.Abs(haves[i]-haves[j])
		}
	}
	if sum == 0 {
		return nil
	}
	gini := differences / (2 * people * sum)
	return &gini
}

func near(a, b *float64, tolerance float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= tolerance
}

func text(number *float64) string {
	if number == nil {
		return "none"
	}
	return fmt.Sprint(*number)
}

func TestStatesAreBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 6))
	for round := range 40 {
		allotments := strewn(uint64(round), 20, hailar, 0.008)
		o := oracle{populatedOf(allotments), drawSites(rng, pointsAround(uint64(round), rng.IntN(15), hailar, 0.01)), drawModel(rng), map[cellEnd]cellOracle{}}
		s := stateOf(t, engineOf(t, demandOf(t, allotments), o.sites), o.model)
		for _, prefix := range []string{"", "150702", "150703001", "9"} {
			if got, want := s.Figures(prefix), o.figures(prefix); got != want {
				t.Errorf("%+v, unit %q:\n got %+v\nwant %+v", o.model, prefix, got, want)
			}
			spread := s.Spread(prefix)
			for _, known := range []bool{true, false} {
				p50, p90, gini := o.spread(prefix, known)
				got50, got90, gotGini := spread.P50M.Possible, spread.P90M.Possible, spread.Gini.Possible
				if known {
					got50, got90, gotGini = spread.P50M.Known, spread.P90M.Known, spread.Gini.Known
				}
				if !near(got50, p50, 1e-6) || !near(got90, p90, 1e-6) || !near(gotGini, gini, 1e-9) {
					t.Errorf("%+v, unit %q, known %v: %s %s %s, want %s %s %s", o.model, prefix, known,
						text(got50), text(got90), text(gotGini), text(p50), text(p90), text(gini))
				}
			}
		}
		checkCellsAgree(t, s, &o)
	}
}

// checkCellsAgree compares cells, explanations and the incidence with the oracle.
func checkCellsAgree(t *testing.T, s *coverage.State, o *oracle) {
	t.Helper()
	known, possible := s.CoveredCells()
	for i, cell := range o.cells {
		least, most := o.cell(cell, true), o.cell(cell, false)
		if known[i] != least.once || possible[i] != most.once {
			t.Errorf("%s is covered: %v, perhaps %v; want %v, %v", cell, known[i], possible[i], least.once, most.once)
		}
		if got, want := s.SitesAt(i), (coverage.Interval{Known: least.sites, Possible: most.sites}); got != want {
			t.Errorf("%s has %v sites, want %v", cell, got, want)
		}
		e, err := s.ExplainCell(cell)
		if err != nil {
			t.Fatal(err)
		}
		if e.CoveredWeight != s.WeightAt(i) || e.CrossWeight.Known != least.twiceWeight || e.SitesCount != s.SitesAt(i) ||
			len(e.Sites) != len(o.reached(cell)) || e.Households != o.households[cell] {
			t.Errorf("%s is explained as %+v", cell, e)
		}
	}
}

func TestHoursAreTheInstants(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 6))
	for round := range 6 {
		e := engineOf(t, demandOf(t, strewn(uint64(round), 200, hailar, 0.02)), drawSites(rng, pointsAround(uint64(round), 25, hailar, 0.02)))
		models := make([]coverage.Model, 3)
		for i := range models {
			models[i] = drawModel(rng)
			models[i].Time = coverage.Time{}
		}
		for _, prefix := range []string{"", "150703"} {
			figures, err := e.Hours(prefix, models...)
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range models {
				var covered coverage.Interval
				for _, q := range []int{4 * (round * 20), 4*(round*20) + 1, 4*(round*20) + 2, 4*(round*20) + 3, 671} {
					m.Time = coverage.Time{Kind: coverage.AtQuarter, Quarter: q}
					want := stateOf(t, e, m).Figures(prefix)
					if figures[i].Covered[q] != want.Covered || figures[i].CrossCovered[q] != want.CrossCovered || figures[i].Households != want.Households {
						t.Errorf("%+v, unit %q: %v %v, want %+v", m, prefix, figures[i].Covered[q], figures[i].CrossCovered[q], want)
					}
					if q < 671 {
						covered = covered.Plus(want.Covered)
					}
				}
				if got, _ := figures[i].Hour(round * 20); got != covered {
					t.Errorf("hour %d: %v, want %v", round*20, got, covered)
				}
			}
		}
	}
}
