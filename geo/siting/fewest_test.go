package siting_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/yizhan/yizhan/geo/siting"
)

func TestFewestSitesAgainstAllSubsets(t *testing.T) {
	for _, name := range []string{"plain", "fixed", "second", "excluded"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proved := 0
			const cases = 200
			for seed := range uint64(cases) {
				q := random(seed)
				r := rand.New(rand.NewPCG(seed, 9))
				variants[name](&q, r)
				q.P = q.Candidates
				most := optimum(&q)
				if checkFewest(t, fmt.Sprint("seed ", seed), q, r.Int64N(most+most/4+1), most) {
					proved++
				}
			}
			if proved < cases*98/100 {
				t.Errorf("only %d of %d proved", proved, cases)
			}
		})
	}
}

func checkFewest(t *testing.T, name string, q siting.Cover, target, most int64) bool {
	t.Helper()
	got, err := siting.FewestSites(q, target, siting.Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	want := q.Candidates + 1
	for set := range uint(1) << q.Candidates {
		if allowed(&q, set) && covered(&q, set) >= min(target, most) {
			want = min(want, bits.OnesCount(set))
		}
	}
	set := uint(0)
	for _, s := range got.Sites {
		set |= 1 << s.Candidate
	}
	switch {
	case got.Possible != (target <= most):
		t.Errorf("%s: possible is %v, %d of %d", name, got.Possible, target, most)
	case !allowed(&q, set) || covered(&q, set) != got.Objective || got.Objective < min(target, most):
		t.Errorf("%s: %v cover %d, the target is %d", name, got.Sites, covered(&q, set), target)
	case got.AtLeast > want || len(got.Sites) < want:
		t.Errorf("%s: %d ≤ %d ≤ %d does not hold", name, got.AtLeast, want, len(got.Sites))
	case len(got.Sites) > want:
		t.Errorf("%s: %d sites, %d are enough", name, len(got.Sites), want)
	}
	return got.Proved
}

// TestFewestSitesCancelled stops after each number of progress reports.
func TestFewestSitesCancelled(t *testing.T) {
	q, _ := town(7, 150)
	full, err := siting.FewestSites(q, 1800, siting.Options{})
	if err != nil || !full.Possible || full.Objective < 1800 {
		t.Fatalf("%+v, %v", full, err)
	}
	for after := range 5 {
		cancel, reports := make(chan struct{}), 0
		if after == 0 {
			close(cancel)
		}
		got, err := siting.FewestSites(q, 1800, siting.Options{Cancel: cancel, Progress: func(siting.Progress) {
			if reports++; reports == after {
				close(cancel)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got.AtLeast > len(full.Sites) || got.Objective >= 1800 && len(got.Sites) < full.AtLeast || got.Proved && got.Stopped {
			t.Errorf("stopped after %d reports: %+v, in full %+v", after, got, full)
		}
	}
}
