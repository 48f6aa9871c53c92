package siting

import "testing"

// Many farms far from each other need a site each: the answer comes at once, in memory that grows with their
// number alone.
func TestFewestOfVeryMany(t *testing.T) {
	const farms = 60_000
	q := Cover{Weights: make([]int64, farms), Candidates: farms, Reach: func(candidate int, buf []int32) []int32 {
		buf = append(buf, int32(candidate))
		if candidate%3 == 0 && candidate+1 < farms { // each third reaches its neighbour as well
			buf = append(buf, int32(candidate+1))
		}
		return buf
	}}
	for i := range q.Weights {
		q.Weights[i] = int64(1 + i%5)
	}
	for _, target := range []int64{120_000, 3 * farms} {
		a, err := FewestSites(q, target, Options{})
		if err != nil {
			t.Fatal(err)
		}
		last := a.Sites[len(a.Sites)-1]
		switch {
		case len(a.Sites) <= maxNarrowed:
			t.Fatalf("%d sites are not many", len(a.Sites))
		case a.Objective < target || a.Objective-last.Gain >= target || last.Cumulative != a.Objective:
			t.Errorf("%d sites cover %d of %d", len(a.Sites), a.Objective, target)
		case a.AtLeast < 1 || a.AtLeast > len(a.Sites) || a.Bound < a.Objective || a.Bound > a.Total || !a.Possible:
			t.Errorf("at least %d of %d sites, %d of at most %d", a.AtLeast, len(a.Sites), a.Objective, a.Bound)
		}
	}
}
