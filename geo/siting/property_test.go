package siting_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/yizhan/yizhan/geo/siting"
)

// town is a question too large for brute force, too small to take long.
func town(seed uint64, points int) (siting.Cover, [][]int32) {
	r := rand.New(rand.NewPCG(seed, 3))
	q := siting.Cover{Candidates: points, P: 6}
	x, y := make([]float64, points), make([]float64, points)
	for i := range points {
		x[i], y[i] = r.NormFloat64(), r.NormFloat64()
		q.Weights = append(q.Weights, 1+r.Int64N(30))
	}
	reach := make([][]int32, points)
	for j := range points {
		for i := range points {
			if math.Hypot(x[i]-x[j], y[i]-y[j]) <= 0.5 {
				reach[j] = append(reach[j], int32(i))
			}
		}
	}
	q.Reach = reachOf(reach)
	return q, reach
}

func solve(t testing.TB, q siting.Cover) siting.Answer {
	t.Helper()
	a, err := siting.MaxCover(q, siting.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Bound < a.Objective || a.Bound > a.Total || math.IsNaN(a.Gap()) {
		t.Fatalf("%d ≤ %d ≤ %d does not hold, or the gap is not a number: %v", a.Objective, a.Bound, a.Total, a.Gap())
	}
	return a
}

func TestMoreSitesCoverNoLess(t *testing.T) {
	q, _ := town(1, 120)
	last := siting.Answer{}
	for q.P = 0; q.P <= 30; q.P++ {
		a := solve(t, q)
		if a.Objective < last.Objective || a.Bound < last.Objective {
			t.Errorf("p = %d covers %d (bound %d), one site less %d", q.P, a.Objective, a.Bound, last.Objective)
		}
		if len(a.Sites) > q.P {
			t.Errorf("p = %d places %d sites", q.P, len(a.Sites))
		}
		last = a
	}
	if last.Objective != last.Total {
		t.Errorf("30 sites cover %d of %d", last.Objective, last.Total)
	}
}

func TestOrderOfCandidatesDoesNotMatter(t *testing.T) {
	q, reach := town(2, 120)
	want := solve(t, q)
	if !want.Proved {
		t.Fatalf("%d of %d is not proved", want.Objective, want.Bound)
	}
	for seed := range uint64(5) {
		order := rand.New(rand.NewPCG(seed, 4)).Perm(len(reach))
		shuffled := make([][]int32, len(reach))
		for at, j := range order {
			shuffled[at] = reach[j]
		}
		q.Reach = reachOf(shuffled)
		if got := solve(t, q); got.Objective != want.Objective {
			t.Errorf("shuffled, %d are covered, not %d", got.Objective, want.Objective)
		}
	}
}

func TestAnotherCandidateNeverHurts(t *testing.T) {
	q, reach := town(3, 100)
	last := int64(0)
	for q.Candidates = 20; q.Candidates <= len(reach); q.Candidates += 16 {
		a := solve(t, q)
		if a.Objective < last {
			t.Errorf("with %d candidates %d are covered, with fewer %d", q.Candidates, a.Objective, last)
		}
		last = a.Objective
	}
}

// TestRulesNeverHelp: an answer under a floor or a budget is no better than one without.
func TestRulesNeverHelp(t *testing.T) {
	q, reach := town(4, 100)
	free := solve(t, q)
	for j := range reach {
		q.Groups = append(q.Groups, int32(j%4))
		q.Costs = append(q.Costs, 1)
	}
	q.Floors, q.Budget = []int{3, 0, 2, 0}, 1000
	if a := solve(t, q); a.Objective > free.Bound || a.Cost != int64(len(a.Sites)) {
		t.Errorf("with floors %d are covered at %d, without %d", a.Objective, a.Cost, free.Bound)
	}
	q.Floors, q.Groups, q.P, q.Budget = nil, nil, siting.NoLimit, 6 // six sites at a cost of 1 each
	if a := solve(t, q); a.Objective != free.Objective {
		t.Errorf("with a budget for six sites %d are covered, with six sites %d", a.Objective, free.Objective)
	}
}

// TestSameAnswerOnAnyNumberOfCores runs a question with parts, and one with rules, again and again.
func TestSameAnswerOnAnyNumberOfCores(t *testing.T) {
	city := newHexCity(120, 11_000, 5)
	q := city.question(5)
	limited := city.question(6)
	limited.Floors = []int{2, 3}
	for j := range limited.Candidates {
		limited.Groups = append(limited.Groups, int32(j%3)-1)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, q := range map[string]siting.Cover{"plain": q, "limited": limited} {
		runtime.GOMAXPROCS(1)
		want := solve(t, q)
		for _, cores := range []int{2, 7} {
			runtime.GOMAXPROCS(cores)
			if got := solve(t, q); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: on %d cores %+v, on one %+v", name, cores, got, want)
			}
		}
	}
}

// TestGivenGainsChangeNothing: the caller may know what each candidate gains.
func TestGivenGainsChangeNothing(t *testing.T) {
	city := newHexCity(120, 11_000, 5)
	q := city.question(3)
	want := solve(t, q)
	var buf []int32
	for j := range q.Candidates {
		gain := int64(0)
		buf = city.reach(j, buf[:0])
		for _, i := range buf {
			gain += city.weights[i]
		}
		q.Gains = append(q.Gains, gain)
	}
	if got := solve(t, q); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, without the gains %+v", got, want)
	}
}

// TestScaledWeights: weights are only integers, such as household quarter-hours.
func TestScaledWeights(t *testing.T) {
	q, _ := town(5, 100)
	want := solve(t, q)
	for i := range q.Weights {
		q.Weights[i] *= 672_000_000_000
	}
	if got := solve(t, q); got.Objective != want.Objective*672_000_000_000 || !got.Proved {
		t.Errorf("%d, want %d times 672e9", got.Objective, want.Objective)
	}
}

func TestGroupGains(t *testing.T) {
	q, reach := town(6, 80)
	for i := range reach {
		q.PointGroups = append(q.PointGroups, int32(i%5))
	}
	a := solve(t, q)
	sum := int64(0)
	for _, gain := range a.GroupGains {
		sum += gain
	}
	if len(a.GroupGains) != 5 || sum != a.Objective {
		t.Errorf("groups gain %v, %d in all", a.GroupGains, a.Objective)
	}
}

// TestCancelled stops after each number of progress reports: whatever there is must be valid.
func TestCancelled(t *testing.T) {
	city := newHexCity(120, 11_000, 5)
	q := city.question(4)
	full := solve(t, q)
	for after := range 6 {
		cancel, reports := make(chan struct{}), 0
		if after == 0 {
			close(cancel)
		}
		a, err := siting.MaxCover(q, siting.Options{Cancel: cancel, Progress: func(siting.Progress) {
			if reports++; reports == after {
				close(cancel)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if a.Objective > full.Bound || a.Bound < full.Objective || a.Stopped == a.Proved && reports >= after {
			t.Errorf("stopped after %d reports: %d to %d, proved %v, stopped %v; in full %d to %d",
				after, a.Objective, a.Bound, a.Proved, a.Stopped, full.Objective, full.Bound)
		}
	}
}

func TestEdgesOfTheQuestion(t *testing.T) {
	none := func(_ int, buf []int32) []int32 { return buf }
	all := func(_ int, buf []int32) []int32 { return append(buf, 0, 1) }
	for name, test := range map[string]struct {
		q                 siting.Cover
		objective, bound  int64
		sites, places     int
		capped, allProved bool
	}{
		"nothing at all":         {q: siting.Cover{P: 3}, capped: true},
		"no candidates":          {q: siting.Cover{Weights: []int64{5}, P: 3}, capped: true},
		"no demand":              {q: siting.Cover{Weights: []int64{0, 0}, Candidates: 2, Reach: all, P: 1}, places: 1},
		"no sites":               {q: siting.Cover{Weights: []int64{1, 2}, Candidates: 2, Reach: all}},
		"reach of nothing":       {q: siting.Cover{Weights: []int64{1, 2}, Candidates: 2, Reach: none, P: 2}, places: 2},
		"p above the candidates": {q: siting.Cover{Weights: []int64{1, 2}, Candidates: 2, Reach: all, P: 1000}, objective: 3, bound: 3, sites: 1, places: 2, capped: true},
		"all excluded":           {q: siting.Cover{Weights: []int64{1, 2}, Candidates: 2, Reach: all, P: 1, Excluded: []bool{true, true}}, capped: true},
		"all covered":            {q: siting.Cover{Weights: []int64{1, 2}, Candidates: 2, Reach: all, P: 1, Fixed: []uint8{1, 9}}, places: 1},
		"a floor of what gains nothing": {
			q:      siting.Cover{Weights: []int64{1, 2}, Candidates: 2, Reach: none, P: 2, Groups: []int32{0, 0}, Floors: []int{1}},
			sites:  1,
			places: 2,
		},
		"a budget of nothing": {
			q:      siting.Cover{Weights: []int64{1, 2}, Candidates: 2, Reach: all, P: siting.NoLimit, Costs: []int64{0, 5}},
			places: 2, objective: 3, bound: 3, sites: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := solve(t, test.q)
			if a.Objective != test.objective || a.Bound != test.bound || len(a.Sites) != test.sites || a.Places != test.places || a.Capped != test.capped || !a.Proved {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestWrongQuestions(t *testing.T) {
	good := func() siting.Cover {
		return siting.Cover{Weights: []int64{1, 2}, Candidates: 2, P: 1, Reach: func(j int, buf []int32) []int32 { return append(buf, int32(j)) }}
	}
	for field, spoil := range map[string][]func(q *siting.Cover){
		"Weights":    {func(q *siting.Cover) { q.Weights[1] = -1 }, func(q *siting.Cover) { q.Weights = []int64{math.MaxInt64, math.MaxInt64} }},
		"Candidates": {func(q *siting.Cover) { q.Candidates = -1 }, func(q *siting.Cover) { q.Candidates = math.MaxInt }},
		"Reach":      {func(q *siting.Cover) { q.Reach = nil }, func(q *siting.Cover) { q.Weights = q.Weights[:1] }},
		"P":          {func(q *siting.Cover) { q.P = -2 }, func(q *siting.Cover) { q.P = siting.NoLimit }},
		"Needs":      {func(q *siting.Cover) { q.Needs = []uint8{3, 1} }, func(q *siting.Cover) { q.Needs = []uint8{1} }},
		"Fixed":      {func(q *siting.Cover) { q.Fixed = []uint8{1} }},
		"Gains":      {func(q *siting.Cover) { q.Gains = []int64{1} }, func(q *siting.Cover) { q.Gains = []int64{1, -1} }},
		"Excluded":   {func(q *siting.Cover) { q.Excluded = []bool{true} }},
		"Costs":      {func(q *siting.Cover) { q.Costs = []int64{1, -1} }, func(q *siting.Cover) { q.Costs = []int64{math.MaxInt64, 1} }},
		"Budget": {func(q *siting.Cover) { q.Costs, q.Budget = []int64{1, 1}, -1 }, func(q *siting.Cover) {
			q.Costs, q.Budget, q.Groups, q.Floors = []int64{3, 4}, 2, []int32{0, 0}, []int{1}
		}},
		"Groups": {func(q *siting.Cover) { q.Floors = []int{1} }, func(q *siting.Cover) { q.Floors, q.Groups = []int{1}, []int32{0, 1} }},
		"Floors": {
			func(q *siting.Cover) { q.Groups, q.Floors = []int32{0, 0}, []int{-1} },
			func(q *siting.Cover) { q.Groups, q.Floors = []int32{0, 0}, []int{2} },
			func(q *siting.Cover) { q.P, q.Groups, q.Floors = 9, []int32{0, -1}, []int{2} },
		},
		"PointGroups": {func(q *siting.Cover) { q.PointGroups = []int32{1} }},
	} {
		for i, spoil := range spoil {
			t.Run(fmt.Sprint(field, i), func(t *testing.T) {
				q := good()
				spoil(&q)
				_, err := siting.MaxCover(q, siting.Options{})
				var wrong *siting.InputError
				if !errors.As(err, &wrong) || wrong.Field != field {
					t.Errorf("%v, want a fault of %s", err, field)
				}
			})
		}
	}
}

// TestDistancesAgainstAllSubsets holds p-median and p-center against all choices.
func TestDistancesAgainstAllSubsets(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 5))
		q := siting.Distances{P: 1 + r.IntN(5)}
		points := 1 + r.IntN(15)
		for range 1 + r.IntN(10) {
			row := make([]int64, points)
			for i := range row {
				row[i] = r.Int64N(50)
			}
			q.Rows = append(q.Rows, row)
		}
		for range points {
			q.Weights = append(q.Weights, r.Int64N(4))
		}
		median, center := int64(math.MaxInt64), int64(math.MaxInt64)
		for set := uint(1); set < 1<<len(q.Rows); set++ {
			if m, c, sites := valuesOf(q, set); sites <= q.P {
				median, center = min(median, m), min(center, c)
			}
		}
		for name, want := range map[string]int64{"pmedian": median, "pcenter": center} {
			got, err := solvers[name](q, siting.Options{})
			if err != nil || got.Objective != want || !got.Proved || !slices.IsSorted(got.Sites) || len(got.Sites) > q.P {
				t.Errorf("seed %d: %s is %+v, %v; the optimum is %d", seed, name, got, err, want)
			}
		}
	}
}

func valuesOf(q siting.Distances, set uint) (median, center int64, sites int) {
	for j := range q.Rows {
		sites += int(set >> j & 1)
	}
	for i, weight := range q.Weights {
		least := int64(math.MaxInt64)
		for j := range q.Rows {
			if set>>j&1 == 1 {
				least = min(least, q.Rows[j][i])
			}
		}
		median += weight * least
		if weight > 0 {
			center = max(center, least)
		}
	}
	return median, center, sites
}

func TestWrongDistances(t *testing.T) {
	for field, q := range map[string]siting.Distances{
		"P":       {Rows: [][]int64{{1}}, P: 0},
		"Rows":    {Rows: [][]int64{{1, 2}, {3}}, P: 1},
		"Weights": {Rows: [][]int64{{1, 2}}, Weights: []int64{1}, P: 1},
	} {
		for name, solve := range solvers {
			_, err := solve(q, siting.Options{})
			var wrong *siting.InputError
			if !errors.As(err, &wrong) || wrong.Field != field {
				t.Errorf("%s: %v, want a fault of %s", name, err, field)
			}
		}
	}
	apart := siting.Distances{Rows: [][]int64{{0, siting.Far}, {siting.Far, 0}}, P: 1}
	for name, solve := range solvers {
		if _, err := solve(apart, siting.Options{}); err == nil {
			t.Errorf("%s: one site reaches two islands", name)
		}
		if a, err := solve(siting.Distances{P: 2}, siting.Options{}); err != nil || !a.Proved || a.Gap() != 0 {
			t.Errorf("%s of nothing: %+v, %v", name, a, err)
		}
		both := apart
		both.P = 7
		if a, err := solve(both, siting.Options{}); err != nil || !a.Proved || !a.Capped || a.Objective != 0 || len(a.Sites) != 2 {
			t.Errorf("%s of two islands: %+v, %v", name, a, err)
		}
	}
}

// TestRulesOverManyCandidates: where most candidates are left aside, a floor that any answer keeps and a
// budget that allows as many sites ask the same as p.
func TestRulesOverManyCandidates(t *testing.T) {
	city := newHexCity(120, 11_000, 5)
	q := city.question(5)
	want := solve(t, q)
	floor, budget := q, q
	floor.Groups, floor.Floors = make([]int32, q.Candidates), []int{1}
	budget.P, budget.Budget = siting.NoLimit, 5
	for range q.Candidates {
		budget.Costs = append(budget.Costs, 1)
	}
	for name, q := range map[string]siting.Cover{"floor": floor, "budget": budget} {
		a := solve(t, q)
		if a.Objective > want.Bound || a.Bound < want.Objective || a.Gap() > 0.02 {
			t.Errorf("%s: %d to %d, without %d to %d", name, a.Objective, a.Bound, want.Objective, want.Bound)
		}
	}
}
