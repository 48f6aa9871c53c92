package views

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/nearest"
)

// MaxGaps bounds an answer.
const MaxGaps = 1_000

// gapsKey names the gaps of a question.
type gapsKey struct {
	engineKey
	coverage.Model
}

// gapSet are the gaps of a question, and what there is to say of all of them.
type gapSet struct {
	*coverage.Gaps
	state  *coverage.State
	engine *coverage.Engine
	reachM float64

	once struct{ reasons, sites, told, bounds sync.Once }

	reasonOf   []uint8 // of each finest cell, a position in Reasons
	reasonsErr error
	nearest    *nearest.Index // of the stations that count for sure
	codes      []string       // of those
	told       []atomic.Pointer[Gap]
	bounds     []orb.Bound
	outlines   []atomic.Pointer[orb.MultiPolygon] // those asked for, with bounds
}

// gapsOf finds the gaps of a question.
func (p *Picture) gapsOf(q Question) (*gapSet, error) {
	state, engine, err := p.state(q)
	if err != nil {
		return nil, err
	}
	key := gapsKey{engineKey{q.hoursWeek(), p.Resolution(q)}, q.model()}
	return p.gaps.Get(key, func() (*gapSet, error) {
		gaps, err := state.Gaps(coverage.Known)
		if err != nil {
			return nil, asked(err)
		}
		return &gapSet{Gaps: gaps, state: state, engine: engine, reachM: key.EffectiveReach().StraightM()}, nil
	})
}

// Gaps lists the gaps that touch a unit, empty for the city, those with most households first, at most
// limit of them.
func (p *Picture) Gaps(q Question, unit string, limit int) (GapList, error) {
	return p.listGaps(q, unit, limit, p.tellGaps)
}

// SketchGaps lists the same without their outlines and best sites, which take most of the time: to show at once
// what is where, while those are on their way.
func (p *Picture) SketchGaps(q Question, unit string, limit int) (GapList, error) {
	return p.listGaps(q, unit, limit, p.sketchGaps)
}

func (p *Picture) listGaps(q Question, unit string, limit int, tell func(*gapSet, []int) ([]Gap, error)) (GapList, error) {
	if limit < 1 || limit > MaxGaps {
		return GapList{}, yizhan.Invalid("limit", "%d is not in 1..%d", limit, MaxGaps)
	}
	at, err := p.findFor(q, unit)
	if err != nil {
		return GapList{}, err
	}
	set, err := p.gapsOf(q)
	if err != nil {
		return GapList{}, err
	}
	list := GapList{Basis: p.basis(q), Unit: at}
	touched := set.touching(at)
	var first []int
	for gap := range set.Len() {
		if !touched(gap) {
			continue
		}
		cells, households := set.Size(gap)
		list.Total++
		list.Cells += cells
		list.Households += households
		if len(first) < limit {
			first = append(first, gap)
		}
	}
	list.Gaps, err = tell(set, first)
	return list, err
}

// tellGaps tells all of some gaps. What was told once is kept: to find the best site of a gap takes long.
func (p *Picture) tellGaps(set *gapSet, gaps []int) ([]Gap, error) {
	set.once.told.Do(func() { set.told = make([]atomic.Pointer[Gap], set.Len()) })
	var untold []int
	for _, gap := range gaps {
		if set.told[gap].Load() == nil {
			untold = append(untold, gap)
		}
	}
	best, err := set.BestSitesOf(untold, set.reachM)
	if err != nil {
		return nil, asked(err)
	}
	var failures atomic.Pointer[error]
	var group sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) { // outlines of large gaps take long, too
		group.Go(func() {
			for i := worker; i < len(untold); i += runtime.GOMAXPROCS(0) {
				full, err := p.tellGap(set, untold[i])
				if err != nil {
					failures.Store(&err)
					return
				}
				full.BestSite = BestSite{Cell: best[i].Cell, At: best[i].At, Households: best[i].Households, OfGap: best[i].OfGap}
				set.told[untold[i]].Store(&full)
			}
		})
	}
	group.Wait()
	if failed := failures.Load(); failed != nil {
		return nil, *failed
	}
	told := make([]Gap, len(gaps))
	for i, gap := range gaps {
		told[i] = *set.told[gap].Load()
	}
	return told, nil
}

func (p *Picture) sketchGaps(set *gapSet, gaps []int) ([]Gap, error) {
	sketched := make([]Gap, len(gaps))
	for i, gap := range gaps {
		var err error
		if sketched[i], err = p.sketchGap(set, gap); err != nil {
			return nil, err
		}
	}
	return sketched, nil
}

// named gives units their names.
func (p *Picture) named(units []coverage.UnitHouseholds) []UnitHouseholds {
	named := make([]UnitHouseholds, len(units))
	for i, u := range units {
		named[i] = UnitHouseholds{u.Unit, p.nameOf(u.Unit), u.Households}
	}
	return named
}

// nameOf is the name of a unit; empty if there is none of the code.
func (p *Picture) nameOf(code string) string {
	if unit := p.units[code]; unit != nil {
		return unit.Name
	}
	return ""
}

// findFor checks a question and finds the unit that it is about.
func (p *Picture) findFor(q Question, unit string) (*yizhan.Unit, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	return p.find(unit)
}

// touching tells which gaps have households of a unit.
func (s *gapSet) touching(unit *yizhan.Unit) func(gap int) bool {
	if unit.Level == yizhan.LevelCity {
		return func(int) bool { return true }
	}
	touched := make([]bool, s.Len())
	s.state.Demand().EachCellOf(prefixOf(unit), func(cell int) {
		if gap, ok := s.At(cell); ok {
			touched[gap] = true
		}
	})
	return func(gap int) bool { return touched[gap] }
}

func (p *Picture) tellGap(set *gapSet, gap int) (Gap, error) {
	full, err := p.sketchGap(set, gap)
	if err == nil {
		full.Outline, err = set.Outline(gap)
	}
	return full, err
}

// sketchGap tells of a gap what takes no time.
func (p *Picture) sketchGap(set *gapSet, gap int) (Gap, error) {
	told := set.Gap(gap)
	sketched := Gap{ID: told.ID, Cells: told.Cells, Households: told.Households, Units: p.named(told.Units), Center: told.Center, Bound: told.Bound}
	var err error
	if sketched.Reasons, err = set.reasons(gap); err != nil {
		return sketched, err
	}
	sketched.Reason = mainReason(sketched.Reasons)
	if at, code, ok := set.nearestTo(gap); ok {
		station := findStation(p.stations, code)
		sketched.Nearest = &NearestStation{Code: code, Name: station.Name, At: placeOf(station), EdgeM: at}
	}
	return sketched, nil
}

// nearestTo is how far the nearest station that counts for sure is from a gap, and its code.
func (s *gapSet) nearestTo(gap int) (meters float64, code string, ok bool) {
	s.once.sites.Do(func() {
		counts := s.state.Counts(coverage.Known)
		var places []orb.Point
		for i, site := range s.state.Sites() {
			if counts(i) {
				places, s.codes = append(places, site.At), append(s.codes, site.Code)
			}
		}
		s.nearest = nearest.New(places)
	})
	distances, ok := s.Distances(gap, s.nearest)
	if !ok {
		return 0, "", false
	}
	return distances.Edge.DistanceM, s.codes[distances.Edge.Site], true
}

// reasons sums up why the cells of a gap are in it.
func (s *gapSet) reasons(gap int) ([]ReasonHouseholds, error) {
	s.once.reasons.Do(func() { s.reasonOf, s.reasonsErr = s.judge() })
	if s.reasonsErr != nil {
		return nil, s.reasonsErr
	}
	demand := s.state.Demand()
	households := make([]int64, len(Reasons()))
	s.EachCell(gap, func(cell int) {
		_, _, number := demand.Cell(cell)
		households[s.reasonOf[cell]] += number
	})
	var reasons []ReasonHouseholds
	for i, reason := range Reasons() {
		if households[i] > 0 {
			reasons = append(reasons, ReasonHouseholds{reason, households[i]})
		}
	}
	return reasons, nil
}

// mainReason holds for most households, the first of equal ones.
func mainReason(reasons []ReasonHouseholds) Reason {
	if len(reasons) == 0 {
		return ""
	}
	main := reasons[0]
	for _, r := range reasons[1:] {
		if r.Households > main.Households {
			main = r
		}
	}
	return main.Reason
}

// judge finds a reason for each cell: what would have to be otherwise for it to be covered. The first that
// holds is the reason; cells that are covered get one, too, that means nothing.
func (s *gapSet) judge() ([]uint8, error) {
	asked := s.state.Model()
	left := asked // the reach as the cold leaves it, and no other condition
	left.Reach, left.Cold, left.Celsius = asked.EffectiveReach(), false, 0
	anywhere := coverage.Model{Reach: left.Reach}
	anytime, warm := asked, left
	anytime.Time = coverage.Time{}

	var states [3]*coverage.State
	for i, m := range []coverage.Model{anywhere, anytime, warm} {
		var err error
		if states[i], err = s.engine.State(m); err != nil {
			return nil, err
		}
	}
	reason := func(r Reason) uint8 { return uint8(slices.Index(Reasons(), r)) }
	none, unknown, closed := reason(NoneInReach), reason(HoursUnknown), reason(ClosedThen)
	unheated, missing := reason(Unheated), reason(ServiceMissing)
	reasonOf := make([]uint8, s.state.Demand().Cells())
	for cell := range reasonOf {
		switch {
		case states[0].SitesAt(cell).Known == 0:
			reasonOf[cell] = none
		case s.state.WeightAt(cell).Possible > 0:
			reasonOf[cell] = unknown
		case states[1].WeightAt(cell).Possible > 0:
			reasonOf[cell] = closed
		case states[2].WeightAt(cell).Possible > 0:
			reasonOf[cell] = unheated
		default:
			reasonOf[cell] = missing
		}
	}
	return reasonOf, nil
}

// OutlinedGap is a gap with what it takes to draw it.
type OutlinedGap struct {
	ID         string
	Households int64
	Cells      int
	Reason     Reason
	Outline    orb.MultiPolygon // shared: it must not be changed
}

// OutlinedGaps gives the gaps that touch the box and have at least some cells, those with most households
// first. More than MaxCells are CodeTooLarge.
func (p *Picture) OutlinedGaps(q Question, bbox orb.Bound, minCells int) ([]OutlinedGap, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	if !isBox(bbox) {
		return nil, yizhan.Invalid("bbox", "must be west,south,east,north in degrees, west not beyond east")
	}
	set, err := p.gapsOf(q)
	if err != nil {
		return nil, err
	}
	var found []OutlinedGap
	for gap, bound := range set.boundsOf() {
		cells, households := set.Size(gap)
		if cells < minCells || !bound.Intersects(bbox) {
			continue
		}
		if len(found) == MaxCells {
			return nil, yizhan.Errorf(yizhan.CodeTooLarge, "bbox", "holds more than %d gaps; ask for a smaller box", MaxCells)
		}
		outline, err := set.outline(gap)
		if err != nil {
			return nil, err
		}
		reasons, err := set.reasons(gap)
		if err != nil {
			return nil, err
		}
		found = append(found, OutlinedGap{set.Gap(gap).ID, households, cells, mainReason(reasons), outline})
	}
	return found, nil
}

// boundsOf gives what holds each gap.
func (s *gapSet) boundsOf() []orb.Bound {
	s.once.bounds.Do(func() {
		s.bounds, s.outlines = make([]orb.Bound, s.Len()), make([]atomic.Pointer[orb.MultiPolygon], s.Len())
		for gap := range s.bounds {
			s.bounds[gap] = s.BoundOf(gap)
		}
	})
	return s.bounds
}

// outline is that of a gap; those of more than one cell are kept.
func (s *gapSet) outline(gap int) (orb.MultiPolygon, error) {
	if kept := s.outlines[gap].Load(); kept != nil {
		return *kept, nil
	}
	if cells := s.CellsOf(gap); len(cells) == 1 {
		return orb.MultiPolygon{{cells[0].Boundary()}}, nil
	}
	outline, err := s.Outline(gap)
	if err == nil {
		s.outlines[gap].Store(&outline)
	}
	return outline, err
}
