package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/yizhan/yizhan"
)

// fakeScenarios keeps scenarios in memory, as the store does in the database; a test may bend what it does.
type fakeScenarios struct {
	create  func(context.Context, yizhan.Scenario) (*yizhan.Scenario, error)
	find    func(context.Context, string) (*yizhan.Scenario, error)
	list    func(context.Context, yizhan.ScenarioQuery) (yizhan.ScenarioPage, error)
	replace func(context.Context, yizhan.Scenario) (*yizhan.Scenario, error)
	remove  func(context.Context, string, int64) error
	cityAt  func(context.Context, int64) (*yizhan.City, error)

	mu   sync.Mutex
	all  map[string]yizhan.Scenario
	made int
}

func (f *fakeScenarios) CreateScenario(ctx context.Context, by *yizhan.Principal, s yizhan.Scenario) (*yizhan.Scenario, error) {
	s.Owner = by.User.ID
	return f.create(ctx, s)
}

func (f *fakeScenarios) FindScenario(ctx context.Context, id string) (*yizhan.Scenario, error) {
	return f.find(ctx, id)
}

func (f *fakeScenarios) ListScenarios(ctx context.Context, q yizhan.ScenarioQuery) (yizhan.ScenarioPage, error) {
	return f.list(ctx, q)
}

func (f *fakeScenarios) ReplaceScenario(ctx context.Context, _ *yizhan.Principal, s yizhan.Scenario) (*yizhan.Scenario, error) {
	return f.replace(ctx, s)
}

func (f *fakeScenarios) DeleteScenario(ctx context.Context, _ *yizhan.Principal, id string, version int64) error {
	return f.remove(ctx, id, version)
}

func (f *fakeScenarios) CityAt(ctx context.Context, seq int64) (*yizhan.City, error) {
	return f.cityAt(ctx, seq)
}

func newFakeScenarios(w *stage) *fakeScenarios {
	f := &fakeScenarios{all: map[string]yizhan.Scenario{}}
	f.create, f.find, f.list, f.replace, f.remove = f.keep, f.one, f.page, f.swap, f.drop
	f.cityAt = func(_ context.Context, seq int64) (*yizhan.City, error) {
		if seq > w.city.Seq {
			return nil, yizhan.Invalid("seq", "%d is after the last change, %d", seq, w.city.Seq)
		}
		old := *w.city
		old.Seq = seq
		return &old, nil
	}
	return f
}

// scenarioIDAt is the id of the n-th scenario, from 1.
func scenarioIDAt(n int) string { return fmt.Sprintf("scenarioabcdefg%c", 'a'+rune(n)-1) }

func (f *fakeScenarios) keep(_ context.Context, s yizhan.Scenario) (*yizhan.Scenario, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	s.ID, s.Version = scenarioIDAt(f.made), 1
	s.CreatedAt = noon.Add(time.Duration(f.made/3) * time.Microsecond) // some at the same moment
	s.UpdatedAt = s.CreatedAt
	s.NameNewStations()
	f.all[s.ID] = s
	return &s, nil
}

func (f *fakeScenarios) one(_ context.Context, id string) (*yizhan.Scenario, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.all[id]
	if !ok {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such scenario")
	}
	s.Edits = slices.Clone(s.Edits)
	return &s, nil
}

func (f *fakeScenarios) page(_ context.Context, q yizhan.ScenarioQuery) (page yizhan.ScenarioPage, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.all {
		after := q.After == (yizhan.ScenarioKey{}) || s.CreatedAt.Before(q.After.CreatedAt) || s.CreatedAt.Equal(q.After.CreatedAt) && s.ID < q.After.ID
		if after {
			count := len(s.Edits)
			s.Edits = nil
			page.Scenarios = append(page.Scenarios, yizhan.ScenarioSummary{Scenario: s, EditCount: count})
		}
	}
	slices.SortFunc(page.Scenarios, func(a, b yizhan.ScenarioSummary) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(b.ID, a.ID))
	})
	if page.More = len(page.Scenarios) > q.Limit; page.More {
		page.Scenarios = page.Scenarios[:q.Limit]
	}
	return page, nil
}

func (f *fakeScenarios) swap(_ context.Context, s yizhan.Scenario) (*yizhan.Scenario, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.isAt(s.ID, s.Version); err != nil {
		return nil, err
	}
	s.Version++
	f.all[s.ID] = s
	return &s, nil
}

func (f *fakeScenarios) drop(_ context.Context, id string, version int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.isAt(id, version); err != nil {
		return err
	}
	delete(f.all, id)
	return nil
}

func (f *fakeScenarios) isAt(id string, version int64) error {
	switch s, ok := f.all[id]; {
	case !ok:
		return yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such scenario")
	case s.Version != version:
		return yizhan.Errorf(yizhan.CodeConflict, "version", "the scenario is at version %d, the edit was based on version %d", s.Version, version)
	}
	return nil
}
