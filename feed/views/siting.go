package views

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
	"github.com/yizhan/yizhan/geo/siting"
)

// Bounds of a SitingQuestion.
const (
	MaxSites       = 1_000
	MaxSitePoints  = 10_000
	MaxExclusions  = 10_000
	MaxEffort      = 20
	maxSitingMoney = 1_000_000_000_000
	MaxSiteWeight  = 1_000_000
)

// SitingModels lists the models.
func SitingModels() []string { return []string{MCLP, SecondCover, LSCP} }

// Validate gives an Error that names the parameter at fault, or nil.
func (s SitingQuestion) Validate() error {
	if err := s.Question.Validate(); err != nil {
		return err
	}
	for _, check := range []func() error{s.checkModel, s.checkMoney, s.checkCandidates} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (s SitingQuestion) checkModel() error {
	switch model := cmp.Or(s.Model, MCLP); {
	case model != MCLP && model != SecondCover && model != LSCP:
		return yizhan.Invalid("model", "%q is not one of %s", s.Model, strings.Join(SitingModels(), ", "))
	case model == LSCP && !(s.Share > 0 && s.Share <= 1):
		return yizhan.Invalid("share", "%g is not above 0 and at most 1", s.Share)
	case model == LSCP && (s.P != 0 || s.Budget != 0 || len(s.Floors) > 0):
		return yizhan.Invalid("model", "lscp looks for the fewest stations: p, budget and floors do not go with it")
	case model != LSCP && s.Share != 0:
		return yizhan.Invalid("share", "goes with the model lscp only")
	case s.P < 0 || s.P > MaxSites:
		return yizhan.Invalid("p", "%d is not in 1..%d", s.P, MaxSites)
	case model != LSCP && s.P == 0 && s.Budget == 0:
		return yizhan.Invalid("p", "0 stations cannot be placed: give p from 1 to %d, or a budget", MaxSites)
	case s.Effort < 0 || s.Effort > MaxEffort:
		return yizhan.Invalid("effort", "%d is not in 0..%d", s.Effort, MaxEffort)
	}
	return nil
}

func (s SitingQuestion) checkMoney() error {
	switch {
	case s.Budget < 0 || s.Budget > maxSitingMoney:
		return yizhan.Invalid("budget", "%d is not in 0..%d", s.Budget, int64(maxSitingMoney))
	case s.Cost < 0 || s.Cost > maxSitingMoney:
		return yizhan.Invalid("cost", "%d is not in 0..%d", s.Cost, int64(maxSitingMoney))
	case s.Budget > 0 && len(s.Points) == 0 && s.Cost == 0:
		return yizhan.Invalid("cost", "of a station is needed for a budget")
	}
	for _, floor := range s.Floors {
		if floor.Stations < 0 || floor.Stations > MaxSites {
			return yizhan.Invalid("floors", "%s: %d is not in 0..%d", floor.Banner, floor.Stations, MaxSites)
		}
	}
	return nil
}

func (s SitingQuestion) checkCandidates() error {
	switch {
	case s.Candidates != "" && s.Candidates != CandidateCells:
		return yizhan.Invalid("candidates", "%q is not %q nor a list of points", s.Candidates, CandidateCells)
	case s.Candidates == CandidateCells && len(s.Points) > 0:
		return yizhan.Invalid("candidates", "are cells or points, not both")
	case len(s.Points) > MaxSitePoints:
		return yizhan.Errorf(yizhan.CodeTooLarge, "candidates", "%d points; %d are allowed", len(s.Points), MaxSitePoints)
	case len(s.ExcludedUnits)+len(s.ExcludedCells) > MaxExclusions:
		return yizhan.Errorf(yizhan.CodeTooLarge, "excluded", "%d exclusions; %d are allowed", len(s.ExcludedUnits)+len(s.ExcludedCells), MaxExclusions)
	}
	for i, point := range s.Points {
		if !(math.Abs(point.At[0]) <= 180 && math.Abs(point.At[1]) <= 90) {
			return yizhan.Invalid("candidates", "point %d is no place: %v; the order is lng, lat", i, point.At)
		}
		if point.Weight < 0 || point.Weight > MaxSiteWeight {
			return yizhan.Invalid("candidates", "point %d weighs %d, which is not in 0..%d", i, point.Weight, MaxSiteWeight)
		}
		if point.Cost < 0 || point.Cost > maxSitingMoney {
			return yizhan.Invalid("candidates", "point %d costs %d, which is not in 0..%d", i, point.Cost, int64(maxSitingMoney))
		}
	}
	return nil
}

// CheckSites gives an Error that names the member at fault of a question that Site would refuse, so that one
// need not wait for Site to be told; nil for none.
func (p *Picture) CheckSites(s SitingQuestion) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if _, err := p.find(s.Unit); err != nil {
		return err
	}
	for _, floor := range s.Floors {
		if err := p.checkFloor(floor); err != nil {
			return err
		}
	}
	_, err := p.exclusions(s)
	return err
}

// Site finds places for stations. A new station is taken to offer all that is asked for, at any time, and
// to be heated. When ctx ends, the best so far is the answer, and Stopped. Progress, which may be nil, is
// told of each step from one goroutine at a time, and must not block.
func (p *Picture) Site(ctx context.Context, s SitingQuestion, progress func(SitingProgress)) (SitingAnswer, error) {
	if err := s.Validate(); err != nil {
		return SitingAnswer{}, err
	}
	s.Model = cmp.Or(s.Model, MCLP)
	task, err := p.prepare(s)
	if err != nil {
		return SitingAnswer{}, err
	}
	options := siting.Options{Cancel: ctx.Done(), Progress: progress, Effort: s.Effort}
	if s.Model == LSCP {
		found, err := siting.FewestSites(task.cover, task.target, options)
		if err != nil {
			return SitingAnswer{}, sited(err)
		}
		answer := task.tell(found.Answer)
		answer.Target, answer.AtLeast, answer.Possible = found.Target, found.AtLeast, found.Possible
		return answer, nil
	}
	found, err := siting.MaxCover(task.cover, options)
	if err != nil {
		return SitingAnswer{}, sited(err)
	}
	return task.tell(found), nil
}

// sited turns what geo/siting says of a question into an Error.
func sited(err error) error {
	var input *siting.InputError
	if errors.As(err, &input) {
		return yizhan.Invalid(strings.ToLower(input.Field), "%s", input.Why)
	}
	return err
}

// sitingTask is a question of siting in the terms of geo/siting.
type sitingTask struct {
	picture *Picture
	asked   SitingQuestion
	unit    *yizhan.Unit
	state   *coverage.State
	demand  *coverage.Demand
	reached *coverage.Reached
	banners []*yizhan.Unit

	cover      siting.Cover
	candidates []int32 // cells, if they are candidates
	own        []int32 // of each point: the demand that only it reaches; -1 for none
	households int64
	covered    int64 // before, weighted
	target     int64
}

func (p *Picture) prepare(s SitingQuestion) (*sitingTask, error) {
	state, _, err := p.state(s.Question)
	if err != nil {
		return nil, err
	}
	t := &sitingTask{picture: p, asked: s, state: state, demand: state.Demand()}
	if t.unit, err = p.find(s.Unit); err != nil {
		return nil, err
	}
	if t.reached, err = t.demand.Reached(state.Model().EffectiveReach()); err != nil {
		return nil, asked(err)
	}
	for _, unit := range yizhan.Sorted(p.units) {
		if unit.Level == yizhan.LevelBanner {
			t.banners = append(t.banners, unit)
		}
	}
	t.weigh()
	if err := t.nominate(); err != nil {
		return nil, err
	}
	return t, t.limit()
}

// weigh says what each cell adds when a new station reaches it: the households of the unit times the weight
// of the time when none (or, under SecondCover, just one) is there.
func (t *sitingTask) weigh() {
	weight := t.picture.modelOf(t.asked.Question).Weight
	prefix := prefixOf(t.unit)
	whole := t.unit.Level == yizhan.LevelCity
	t.cover.Weights = make([]int64, t.demand.Cells())
	for cell := range t.cover.Weights {
		households := t.householdsIn(cell, prefix, whole)
		once, twice := t.state.WeightAt(cell).Known, t.state.CrossWeightAt(cell).Known
		t.households += households
		if t.asked.Model == SecondCover {
			t.cover.Weights[cell] = households * (once - twice)
			t.covered += households * twice
		} else {
			t.cover.Weights[cell] = households * (weight - once)
			t.covered += households * once
		}
	}
	t.weighPoints(weight)
	if t.asked.Model == LSCP {
		const millionths = 1_000_000
		share := int64(math.Round(t.asked.Share * millionths))
		t.target = max(0, (t.households*weight*share+millionths-1)/millionths-t.covered)
	}
}

// weighPoints gives each place that counts by itself a piece of demand of its own, behind the cells, which only it
// reaches. LSCP covers a share of the households, and nothing else.
func (t *sitingTask) weighPoints(weight int64) {
	t.own = make([]int32, len(t.asked.Points))
	for i, point := range t.asked.Points {
		if t.own[i] = -1; point.Weight > 0 && t.asked.Model != LSCP {
			t.own[i] = int32(len(t.cover.Weights))
			t.cover.Weights = append(t.cover.Weights, point.Weight*weight)
		}
	}
}

func (t *sitingTask) householdsIn(cell int, prefix string, whole bool) (sum int64) {
	if whole {
		_, _, sum = t.demand.Cell(cell)
		return sum
	}
	t.demand.Parts(cell, func(unit string, households int64) {
		if strings.HasPrefix(unit, prefix) {
			sum += households
		}
	})
	return sum
}

// nominate names the candidates and what they reach.
func (t *sitingTask) nominate() error {
	if len(t.asked.Points) > 0 {
		t.cover.Candidates = len(t.asked.Points)
		t.cover.Reach = func(candidate int, buf []int32) []int32 {
			buf = t.reached.From(buf, t.asked.Points[candidate].At)
			if own := t.own[candidate]; own >= 0 {
				buf = append(buf, own)
			}
			return buf
		}
		return t.exclude()
	}
	prefix, whole := prefixOf(t.unit), t.unit.Level == yizhan.LevelCity
	for cell := range t.demand.Cells() {
		if whole || strings.HasPrefix(t.demand.Home(cell), prefix) {
			t.candidates = append(t.candidates, int32(cell))
		}
	}
	t.cover.Candidates = len(t.candidates)
	t.cover.Reach = func(candidate int, buf []int32) []int32 {
		return t.reached.FromCell(buf, int(t.candidates[candidate]))
	}
	gains := t.reached.Gains(t.cover.Weights)
	t.cover.Gains = make([]int64, len(t.candidates))
	for i, cell := range t.candidates {
		t.cover.Gains[i] = gains[cell]
	}
	return t.exclude()
}

// place tells of a candidate in which cell, where and in which community it is.
func (t *sitingTask) place(candidate int) (cell hex.Cell, at orb.Point, unit string) {
	if len(t.asked.Points) == 0 {
		position := int(t.candidates[candidate])
		cell, at, _ = t.demand.Cell(position)
		return cell, at, t.demand.Home(position)
	}
	at = t.asked.Points[candidate].At
	cell, err := hex.Of(at, t.demand.Resolution())
	if err != nil {
		return 0, at, ""
	}
	if position, found := t.demand.Find(cell); found {
		return cell, at, t.demand.Home(position)
	}
	return cell, at, t.picture.ground.index.community(at)
}

// exclude rules out the candidates in excluded units and cells.
func (t *sitingTask) exclude() error {
	if len(t.asked.ExcludedUnits)+len(t.asked.ExcludedCells) == 0 {
		return nil
	}
	x, err := t.picture.exclusions(t.asked)
	if err != nil {
		return err
	}
	t.cover.Excluded = make([]bool, t.cover.Candidates)
	for i := range t.cover.Excluded {
		cell, _, unit := t.place(i)
		t.cover.Excluded[i] = x.hold(cell, unit)
	}
	return nil
}

// exclusions are where no station may stand.
type exclusions struct {
	prefixes    []string // of the codes of units
	cells       map[hex.Cell]bool
	resolutions map[int]bool // of the cells
}

func (p *Picture) exclusions(s SitingQuestion) (exclusions, error) {
	x := exclusions{cells: map[hex.Cell]bool{}, resolutions: map[int]bool{}}
	for _, code := range s.ExcludedUnits {
		unit, err := p.find(code)
		if err != nil || code == "" {
			return x, yizhan.Invalid("excluded", "there is no unit %q", code)
		}
		x.prefixes = append(x.prefixes, prefixOf(unit))
	}
	finest := p.Resolution(s.Question)
	for _, text := range s.ExcludedCells {
		cell, err := hex.Parse(text)
		if err != nil || cell.Resolution() > finest {
			return x, yizhan.Invalid("excluded", "%q is no H3 cell of resolution %d or coarser", text, finest)
		}
		x.cells[cell], x.resolutions[cell.Resolution()] = true, true
	}
	return x, nil
}

func (x *exclusions) hold(cell hex.Cell, unit string) bool {
	for _, prefix := range x.prefixes {
		if unit != "" && strings.HasPrefix(unit, prefix) {
			return true
		}
	}
	for resolution := range x.resolutions {
		if x.cells[cell.Parent(resolution)] {
			return true
		}
	}
	return false
}

// limit says how many stations there may be, what they cost, and the least of them in each banner.
func (t *sitingTask) limit() error {
	s := t.asked
	if t.cover.P = s.P; s.P == 0 {
		t.cover.P = siting.NoLimit
	}
	if s.Budget > 0 {
		t.cover.Budget = s.Budget
		t.cover.Costs = make([]int64, t.cover.Candidates)
		for i := range t.cover.Costs {
			t.cover.Costs[i] = t.cost(i)
		}
	}
	if len(s.Floors) == 0 {
		return nil
	}
	t.cover.Floors = make([]int, len(t.banners))
	for _, floor := range s.Floors {
		if err := t.picture.checkFloor(floor); err != nil {
			return err
		}
		t.cover.Floors[t.bannerOf(floor.Banner)] = floor.Stations
	}
	t.cover.Groups = make([]int32, t.cover.Candidates)
	for i := range t.cover.Groups {
		_, _, unit := t.place(i)
		t.cover.Groups[i] = int32(t.bannerOf(unit))
	}
	return nil
}

func (p *Picture) checkFloor(floor Floor) error {
	if unit := p.units[floor.Banner]; unit == nil || unit.Level != yizhan.LevelBanner {
		return yizhan.Invalid("floors", "there is no banner %q", floor.Banner)
	}
	return nil
}

// bannerOf is the position of the banner that a unit is in, -1 if there is none.
func (t *sitingTask) bannerOf(unit string) int {
	for i, banner := range t.banners {
		if strings.HasPrefix(unit, banner.Code) {
			return i
		}
	}
	return -1
}

func (t *sitingTask) cost(candidate int) int64 {
	if len(t.asked.Points) > 0 {
		return cmp.Or(t.asked.Points[candidate].Cost, t.asked.Cost)
	}
	return t.asked.Cost
}

// tell makes the answer of what was found.
func (t *sitingTask) tell(found siting.Answer) SitingAnswer {
	weight := t.picture.modelOf(t.asked.Question).Weight
	answer := SitingAnswer{
		Basis: t.picture.basis(t.asked.Question), SitingQuestion: t.asked, Households: t.households, CoveredBefore: t.covered / weight,
		Objective: found.Objective, Bound: found.Bound, Total: found.Total, GapShare: found.Gap(), Proved: found.Proved,
		Stopped: found.Stopped, Capped: found.Capped, Places: found.Places, Possible: true,
	}
	for _, placed := range found.Sites {
		site := SitedStation{Gain: placed.Gain, Cumulative: placed.Cumulative, Cost: t.cost(placed.Candidate)}
		site.Cell, site.At, site.Unit = t.place(placed.Candidate)
		site.UnitName = t.picture.nameOf(site.Unit)
		if len(t.asked.Points) > 0 {
			site.Name = t.asked.Points[placed.Candidate].Name
		}
		answer.Cost += site.Cost
		answer.Sites = append(answer.Sites, site)
	}
	answer.Banners = t.bannerGains(found, answer.Sites)
	return answer
}

// bannerGains sums up what each banner gains, by the parts of the cells that are newly reached.
func (t *sitingTask) bannerGains(found siting.Answer, sites []SitedStation) []BannerGain {
	gains := make([]BannerGain, len(t.banners))
	for i, banner := range t.banners {
		gains[i].Unit = banner
	}
	for _, site := range sites {
		if at := t.bannerOf(site.Unit); at >= 0 {
			gains[at].Stations++
		}
	}
	reached := map[int32]bool{}
	var buf []int32
	prefix := prefixOf(t.unit)
	for _, placed := range found.Sites {
		buf = t.cover.Reach(placed.Candidate, buf[:0])
		for _, cell := range buf {
			if int(cell) >= t.demand.Cells() || t.cover.Weights[cell] == 0 || reached[cell] { // what a place counts for by itself is nobody's household
				continue
			}
			reached[cell] = true
			t.addGains(gains, int(cell), prefix)
		}
	}
	var told []BannerGain
	for _, gain := range gains {
		if gain.Gain > 0 || gain.Stations > 0 {
			told = append(told, gain)
		}
	}
	return told
}

func (t *sitingTask) addGains(gains []BannerGain, cell int, prefix string) {
	sum := t.householdsIn(cell, prefix, false)
	t.demand.Parts(cell, func(unit string, households int64) {
		if at := t.bannerOf(unit); at >= 0 && strings.HasPrefix(unit, prefix) {
			gains[at].Gain += t.cover.Weights[cell] / sum * households // the weight is a multiple of the sum
		}
	})
}
