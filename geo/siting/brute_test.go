package siting_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/yizhan/yizhan/geo/siting"
)

// random makes a small question: points and candidates in a square, each candidate reaching what is near.
func random(seed uint64) siting.Cover {
	r := rand.New(rand.NewPCG(seed, 7))
	points, candidates := 1+r.IntN(25), 1+r.IntN(12)
	q := siting.Cover{Candidates: candidates, P: r.IntN(candidates + 2)}
	var at [][2]float64
	for range points {
		at = append(at, [2]float64{r.Float64(), r.Float64()})
		q.Weights = append(q.Weights, r.Int64N(20))
	}
	radius := 0.1 + 0.4*r.Float64()
	reach := make([][]int32, candidates)
	for j := range reach {
		x, y := r.Float64(), r.Float64()
		for i := range at {
			if dx, dy := at[i][0]-x, at[i][1]-y; dx*dx+dy*dy <= radius*radius {
				reach[j] = append(reach[j], int32(i))
			}
		}
	}
	q.Reach = reachOf(reach)
	return q
}

func reachOf(reach [][]int32) func(int, []int32) []int32 {
	return func(j int, buf []int32) []int32 { return append(buf, reach[j]...) }
}

// variants change a question into each kind there is.
var variants = map[string]func(q *siting.Cover, r *rand.Rand){
	"plain": func(*siting.Cover, *rand.Rand) {},
	"fixed": func(q *siting.Cover, r *rand.Rand) { q.Fixed = bytes(r, len(q.Weights), 2) },
	"second": func(q *siting.Cover, r *rand.Rand) {
		q.Needs, q.Fixed = bytes(r, len(q.Weights), 2), bytes(r, len(q.Weights), 3)
		for i := range q.Needs {
			q.Needs[i]++
		}
	},
	"excluded": func(q *siting.Cover, r *rand.Rand) {
		for range q.Candidates {
			q.Excluded = append(q.Excluded, r.IntN(3) == 0)
		}
	},
	"floors": withFloors,
	"budget": withBudget,
	"budget and floors": func(q *siting.Cover, r *rand.Rand) {
		withBudget(q, r)
		withFloors(q, r)
	},
	"budget, floors and second": func(q *siting.Cover, r *rand.Rand) {
		withBudget(q, r)
		withFloors(q, r)
		q.Needs = bytes(r, len(q.Weights), 2)
		for i := range q.Needs {
			q.Needs[i]++
		}
		q.P = q.Candidates/2 + 1
	},
}

func bytes(r *rand.Rand, n, below int) (list []uint8) {
	for range n {
		list = append(list, uint8(r.IntN(below)))
	}
	return list
}

func withFloors(q *siting.Cover, r *rand.Rand) {
	q.Floors = []int{r.IntN(2), r.IntN(3), 0}
	for range q.Candidates {
		q.Groups = append(q.Groups, int32(r.IntN(4))-1)
	}
}

func withBudget(q *siting.Cover, r *rand.Rand) {
	q.P = siting.NoLimit
	for range q.Candidates {
		q.Costs = append(q.Costs, r.Int64N(10))
	}
	q.Budget = r.Int64N(30)
}

// allowed tells whether a set of candidates, as bits, keeps the rules of a question.
func allowed(q *siting.Cover, set uint) bool {
	sites, cost, groups := 0, int64(0), make([]int, len(q.Floors))
	for j := range q.Candidates {
		if set>>j&1 == 0 {
			continue
		}
		if sites++; q.Excluded != nil && q.Excluded[j] {
			return false
		}
		if q.Costs != nil {
			cost += q.Costs[j]
		}
		if q.Groups != nil && q.Groups[j] >= 0 {
			groups[q.Groups[j]]++
		}
	}
	for g, floor := range q.Floors {
		if groups[g] < floor {
			return false
		}
	}
	return (q.P == siting.NoLimit || sites <= q.P) && (q.Costs == nil || cost <= q.Budget)
}

// covered is what a set of candidates newly covers.
func covered(q *siting.Cover, set uint) int64 {
	count := make([]int, len(q.Weights))
	for j := range q.Candidates {
		if set>>j&1 == 1 {
			for _, i := range q.Reach(j, nil) {
				count[i]++
			}
		}
	}
	total := int64(0)
	for i, weight := range q.Weights {
		need, have := 1, 0
		if q.Needs != nil {
			need = int(q.Needs[i])
		}
		if q.Fixed != nil {
			have = int(q.Fixed[i])
		}
		if have < need && have+count[i] >= need {
			total += weight
		}
	}
	return total
}

// optimum tries all sets; -1 when none is allowed.
func optimum(q *siting.Cover) int64 {
	best := int64(-1)
	for set := range uint(1) << q.Candidates {
		if allowed(q, set) {
			best = max(best, covered(q, set))
		}
	}
	return best
}

func TestMaxCoverAgainstAllSubsets(t *testing.T) {
	for name, vary := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proved := 0
			const cases = 250
			for seed := range uint64(cases) {
				q := random(seed)
				vary(&q, rand.New(rand.NewPCG(seed, 8)))
				if check(t, fmt.Sprint("seed ", seed), q) {
					proved++
				}
			}
			if proved < cases*98/100 {
				t.Errorf("only %d of %d proved", proved, cases)
			}
		})
	}
}

// check holds an answer against all subsets, and tells whether it was proved (or cannot be).
func check(t *testing.T, name string, q siting.Cover) bool {
	t.Helper()
	want := optimum(&q)
	a, err := siting.MaxCover(q, siting.Options{})
	if err != nil {
		if want >= 0 {
			t.Errorf("%s: %v, but %d can be covered", name, err, want)
		}
		return true
	}
	set := uint(0)
	for _, s := range a.Sites {
		set |= 1 << s.Candidate
	}
	switch {
	case !allowed(&q, set):
		t.Errorf("%s: %v is not allowed", name, a.Sites)
	case covered(&q, set) != a.Objective:
		t.Errorf("%s: %v cover %d, not %d", name, a.Sites, covered(&q, set), a.Objective)
	case a.Objective > want || a.Bound < want:
		t.Errorf("%s: %d ≤ %d ≤ %d does not hold", name, a.Objective, want, a.Bound)
	case a.Objective < want:
		t.Errorf("%s: %d found of %d, bound %d", name, a.Objective, want, a.Bound)
	case a.Proved != (a.Objective == a.Bound):
		t.Errorf("%s: proved is %v with %d ≤ %d", name, a.Proved, a.Objective, a.Bound)
	}
	checkCurve(t, name, a)
	return a.Proved
}

func checkCurve(t *testing.T, name string, a siting.Answer) {
	t.Helper()
	sum := int64(0)
	var seen []int
	for _, s := range a.Sites {
		if sum += s.Gain; s.Cumulative != sum || slices.Contains(seen, s.Candidate) {
			t.Errorf("%s: wrong curve %v", name, a.Sites)
		}
		seen = append(seen, s.Candidate)
	}
	if sum != a.Objective {
		t.Errorf("%s: the gains are %d together, not %d", name, sum, a.Objective)
	}
}
