package siting

import "math/bits"

// NoLimit as Cover.P leaves the number of sites to the budget.
const NoLimit = -1

// Cover is a question of maximal covering: place at most P sites so that the weight of the points that
// they cover is greatest.
type Cover struct {
	Weights []int64 // demand at each point, not negative; covered or not, points have no parts
	Needs   []uint8 // how many sites must reach a point to cover it, 1 or 2; nil for 1 everywhere
	Fixed   []uint8 // how many existing sites reach it already; nil for none

	Candidates int
	// Reach appends to buf the points that a candidate reaches, each once, in any order. It is called from
	// several goroutines at once, and more than once for the same candidate.
	Reach func(candidate int, buf []int32) []int32
	// Gains are the weights that each candidate alone would newly cover, if the caller knows them; nil has
	// them computed. They are used only where every need is 1.
	Gains    []int64
	Excluded []bool // candidates that must not be chosen; nil for none

	P int // the most sites to place, or NoLimit with a Budget

	Costs  []int64 // cost of each candidate, not negative; nil for no budget
	Budget int64   // the most that all sites together may cost, with Costs

	Groups []int32 // group of each candidate, below len(Floors); negative for none; nil for no groups
	Floors []int   // the least sites to place in each group

	// PointGroups are the groups that Answer.GroupGains is counted by, such as the banner of each point;
	// negative for none. Nil counts what a site gains under the site's own group.
	PointGroups []int32
}

// Answer is a set of sites, what it gains, and how good it can be at most.
type Answer struct {
	Sites      []Placed // in the order in which greedy would open them
	Objective  int64    // weight newly covered
	Bound      int64    // no choice of sites covers more
	Total      int64    // weight that was still uncovered
	Cost       int64    // what the sites cost together; 0 without Costs
	Places     int      // sites that could be placed at most: P, or the eligible candidates if fewer
	Capped     bool     // P was above the eligible candidates
	GroupGains []int64  // weight newly covered by group
	Proved     bool     // Objective equals Bound
	Stopped    bool     // cancelled before the work was done
}

// Placed is a chosen site.
type Placed struct {
	Candidate  int
	Gain       int64 // weight that it adds to that of the sites before it
	Cumulative int64 // weight that it and the sites before it cover
}

// Gap is how far the answer may be from the optimum, as a share of the bound; 0 when there is nothing to cover.
func (a Answer) Gap() float64 { return gap(a.Objective, a.Bound) }

func gap(low, high int64) float64 {
	if high <= low || high <= 0 {
		return 0
	}
	return float64(high-low) / float64(high)
}

// maxTotal keeps sums of weights, prices and halves within 64 bits.
const maxTotal = 1 << 56

// maxPoints and maxCandidates are what 32-bit indices and memory allow.
const (
	maxPoints     = 1 << 27
	maxCandidates = 1 << 27
)

func (q *Cover) check() error {
	n := len(q.Weights)
	switch {
	case n > maxPoints:
		return invalid("Weights", "%d points are too many", n)
	case q.Candidates < 0 || q.Candidates > maxCandidates:
		return invalid("Candidates", "%d is not a number of candidates from 0 to %d", q.Candidates, maxCandidates)
	case q.Candidates > 0 && q.Reach == nil:
		return invalid("Reach", "is needed")
	case q.P < 0 && q.P != NoLimit:
		return invalid("P", "%d sites cannot be placed", q.P)
	case q.P == NoLimit && q.Costs == nil:
		return invalid("P", "without a limit there must be a budget")
	}
	if err := q.checkLengths(); err != nil {
		return err
	}
	if err := q.checkPoints(); err != nil {
		return err
	}
	return q.checkCandidates()
}

func (q *Cover) checkLengths() error {
	points, candidates := len(q.Weights), q.Candidates
	for _, each := range []struct {
		field        string
		length, want int
	}{
		{"Needs", len(q.Needs), points},
		{"Fixed", len(q.Fixed), points},
		{"PointGroups", len(q.PointGroups), points},
		{"Gains", len(q.Gains), candidates},
		{"Excluded", len(q.Excluded), candidates},
		{"Costs", len(q.Costs), candidates},
		{"Groups", len(q.Groups), candidates},
	} {
		if each.length != 0 && each.length != each.want {
			return invalid(each.field, "has %d values, %d are needed", each.length, each.want)
		}
	}
	if len(q.Floors) > 0 && q.Groups == nil && candidates > 0 {
		return invalid("Groups", "are needed for floors")
	}
	return nil
}

func (q *Cover) checkPoints() error {
	total := int64(0)
	for i, weight := range q.Weights {
		if weight < 0 {
			return invalid("Weights", "point %d weighs %d, below 0", i, weight)
		}
		if total += weight; weight > maxTotal || total > maxTotal {
			return invalid("Weights", "sum up to more than %d", int64(maxTotal))
		}
	}
	for i, need := range q.Needs {
		if need < 1 || need > 2 {
			return invalid("Needs", "point %d needs %d sites, neither 1 nor 2", i, need)
		}
	}
	return nil
}

func (q *Cover) checkCandidates() error {
	total := int64(0)
	for j, cost := range q.Costs {
		if cost < 0 {
			return invalid("Costs", "candidate %d costs %d, below 0", j, cost)
		}
		if total += cost; cost > maxTotal || total > maxTotal {
			return invalid("Costs", "sum up to more than %d", int64(maxTotal))
		}
	}
	if q.Costs != nil && q.Budget < 0 {
		return invalid("Budget", "%d is below 0", q.Budget)
	}
	for j, group := range q.Groups {
		if int(group) >= len(q.Floors) && len(q.Floors) > 0 {
			return invalid("Groups", "candidate %d is of group %d, there are %d", j, group, len(q.Floors))
		}
	}
	for g, floor := range q.Floors {
		if floor < 0 {
			return invalid("Floors", "group %d has a floor of %d, below 0", g, floor)
		}
	}
	for j, gain := range q.Gains {
		if gain < 0 || gain > maxTotal {
			return invalid("Gains", "candidate %d gains %d", j, gain)
		}
	}
	return nil
}

func (q *Cover) excluded(candidate int) bool { return q.Excluded != nil && q.Excluded[candidate] }

// left is how many more sites a point needs.
func (q *Cover) left(point int32) uint8 {
	need, have := uint8(1), uint8(0)
	if q.Needs != nil {
		need = q.Needs[point]
	}
	if q.Fixed != nil {
		have = q.Fixed[point]
	}
	if q.Weights[point] == 0 || have >= need {
		return 0
	}
	return need - have
}

// shiftFor is how many binary places prices can have without a sum of them, up to total, leaving 61 bits.
func shiftFor(total int64) uint {
	return uint(max(0, min(16, 60-bits.Len64(uint64(total)))))
}
