package siting

import (
	"cmp"
	"math"
	"slices"
)

// Fewest is the answer to a partial set covering question.
type Fewest struct {
	Answer
	Target   int64 // weight that had to be covered
	AtLeast  int   // no fewer sites cover the target; as many as there are sites when proved
	Possible bool  // all candidates together cover the target; if not, the answer covers all that they can (unless Stopped)
}

// FewestSites places as few sites as cover the target (partial LSCP). The limits P and Budget of the
// question are not looked at, and floors and costs must be left out.
//
// Answer.Bound is the most that as many sites can cover. Answer.Proved says that no fewer sites would do.
func FewestSites(q Cover, target int64, o Options) (Fewest, error) {
	q.P = q.Candidates
	switch {
	case target < 0 || target > maxTotal:
		return Fewest{}, invalid("Target", "%d is not a weight from 0 to %d", target, int64(maxTotal))
	case q.Costs != nil:
		return Fewest{}, invalid("Costs", "have no meaning where sites are counted")
	case q.needsFloors():
		return Fewest{}, invalid("Floors", "have no meaning where the fewest sites are sought")
	}
	m, err := prepare(&q, o)
	if err != nil {
		return Fewest{}, err
	}
	f := &fewest{solver: &solver{model: m, options: o}, target: target * m.unit}
	return f.run()
}

// maxNarrowed is the number of sites up to which fewer are sought. Memory and time for that grow with the
// product of sites and parts, and both are in the ten thousands where single farms are to be covered.
const maxNarrowed = 2_000

// fewest looks for the least number of sites between two bounds, both of which solving for a number of
// sites may move.
type fewest struct {
	*solver
	target    int64 // units
	low, high int   // fewer than low do not do; high do
}

func (f *fewest) run() (Fewest, error) {
	options := f.options
	answer := Fewest{Target: f.target / f.unit, Possible: true}
	sites, added := f.greedy(f.Candidates, f.target, options)
	if most := f.coveredBy(sites); most < f.target && !options.cancelled() {
		f.target, answer.Possible = most, false // greedy went on until nothing was left to gain
	}
	if options.cancelled() { // before anything of weight is made
		answer.Total, answer.Places = f.total/f.unit, len(sites)
		f.finish(&answer.Answer, sites, f.total, options)
		answer.Proved, answer.Stopped = false, true
		return answer, nil
	}
	if len(sites) > maxNarrowed {
		return f.plain(answer, sites), nil
	}
	var err error
	if f.solver, err = newSolver(f.model, len(sites), sites, added, options); err != nil {
		return Fewest{}, err
	}
	f.high = len(sites)
	f.narrow()
	share, _ := f.best(f.high)
	_, bound := f.ceiling(f.high)
	answer.Total, answer.Places = f.total/f.unit, f.high
	f.finish(&answer.Answer, f.chosen(share), bound, options)
	answer.AtLeast = min(f.low, len(answer.Sites))
	answer.Proved = answer.AtLeast == len(answer.Sites) && answer.Objective*f.unit >= f.target
	answer.Stopped = options.cancelled() && !answer.Proved
	return answer, nil
}

// plain answers with greedy's sites, and with the bounds that the credits of the candidates alone give: no
// sites cover more than they are credited with.
func (f *fewest) plain(answer Fewest, sites []int32) Fewest {
	credits := slices.Clone(f.credit)
	slices.SortFunc(credits, func(a, b int64) int { return cmp.Compare(b, a) })
	bound, reached := int64(0), int64(0)
	for k := 0; k < len(sites); k++ {
		bound += max(0, credits[k])
		if reached < f.target {
			reached = bound
			answer.AtLeast = k + 1
		}
	}
	a := &answer.Answer
	a.GroupGains = make([]int64, f.groups())
	left := slices.Clone(f.left)
	var buf []int32
	for _, site := range sites {
		buf = f.reach(int(site), buf[:0])
		a.Sites = append(a.Sites, f.open(a, int(site), buf, left))
	}
	a.Total, a.Places = f.total/f.unit, len(sites)
	a.Bound = max(min(bound, f.total)/f.unit, a.Objective)
	a.Proved = answer.AtLeast == len(a.Sites) && a.Objective*f.unit >= f.target
	return answer
}

// narrow halves the numbers of sites that are in question.
func (f *fewest) narrow() {
	f.look()
	for left := f.low; left < f.high && !f.halted(); left = max(left, f.low) {
		middle := (left + f.high) / 2
		f.work = f.options.work()
		f.solve(middle)
		if _, value := f.best(middle); value < f.target {
			left = middle + 1 // perhaps not for good, but low says what is proved
		}
		f.look()
		f.options.tell(Progress{Stage: "narrowing", Done: f.low, Total: f.high, Objective: int64(f.high), Bound: int64(f.low)})
	}
}

// look finds what the curves say.
func (f *fewest) look() {
	values, bounds := f.values(), f.bounds()
	f.high = min(f.high, firstReaching(sums(f.high, values), f.target))
	f.low = max(f.low, min(f.high, firstReaching(sums(f.high, bounds), f.target)))
}

// firstReaching is the first index with at least the target; the last if there is none.
func firstReaching(curve []int64, target int64) int {
	for k, value := range curve {
		if value >= target {
			return k
		}
	}
	return len(curve) - 1
}

// coveredBy is the units that candidates cover.
func (m *model) coveredBy(candidates []int32) int64 {
	left, covered := slices.Clone(m.left), int64(0)
	var buf []int32
	for _, candidate := range candidates {
		buf = m.reach(int(candidate), buf[:0])
		for _, point := range buf {
			if left[point] > 0 {
				if left[point]--; left[point] == 0 {
					covered += m.units(point)
				}
			}
		}
	}
	return covered
}

// TargetOf is the weight that is a share of a total, 0.95 for instance, rounded up.
func TargetOf(total int64, share float64) (int64, error) {
	if !(share >= 0 && share <= 1) {
		return 0, invalid("Share", "%g is not from 0 to 1", share)
	}
	return min(total, int64(math.Ceil(float64(total)*share))), nil
}
