package views

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/yizhan/yizhan/geo/coverage"
)

func TestResultsAreComputedOnceForManyWhoAskAtOnce(t *testing.T) {
	r := newResults()
	var computed atomic.Int32
	compute := func() (*coverage.Result, error) {
		computed.Add(1)
		return &coverage.Result{}, nil
	}
	var group sync.WaitGroup
	got := make([]*coverage.Result, 200)
	for i := range got {
		group.Go(func() { got[i], _ = r.get(Params{RadiusM: 1000}, compute) })
	}
	group.Wait()
	for i := range got {
		if got[i] == nil || got[i] != got[0] {
			t.Errorf("question %d got another answer", i)
		}
	}
	if n := computed.Load(); n != 1 {
		t.Errorf("computed %d times", n)
	}
}

func TestResultsAreBoundedAndKeepTheLatest(t *testing.T) {
	r := newResults()
	computed := 0
	ask := func(radiusM float64) {
		if _, err := r.get(Params{RadiusM: radiusM}, func() (*coverage.Result, error) {
			computed++
			return &coverage.Result{}, nil
		}); err != nil {
			t.Error(err)
		}
	}
	for i := range 10 * maxResults {
		ask(float64(i))
		ask(0) // asked for all the time, so it stays
	}
	if len(r.entries) != maxResults || computed != 10*maxResults {
		t.Errorf("%d results kept, %d computed", len(r.entries), computed)
	}
}

func TestAResultThatFailsSaysSo(t *testing.T) {
	broken := errors.New("broken")
	if _, err := newResults().get(Params{}, func() (*coverage.Result, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
