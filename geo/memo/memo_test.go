package memo

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAMemoComputesOnceForManyWhoAskAtOnce(t *testing.T) {
	m := Memo[int, *int]{Limit: 4}
	var computed atomic.Int32
	var group sync.WaitGroup
	got := make([]*int, 200)
	for i := range got {
		group.Go(func() {
			got[i], _ = m.Get(7, func() (*int, error) {
				computed.Add(1)
				return new(int), nil
			})
		})
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

func TestAMemoIsBoundedAndKeepsTheLatest(t *testing.T) {
	m := Memo[int, int]{Limit: 8}
	computed := 0
	ask := func(key int) {
		if _, err := m.Get(key, func() (int, error) { computed++; return key, nil }); err != nil {
			t.Error(err)
		}
	}
	for i := range 80 {
		ask(i)
		ask(0) // asked for all the time, so it stays
	}
	if len(m.entries) != 8 || computed != 80 {
		t.Errorf("%d answers kept, %d computed", len(m.entries), computed)
	}
	if value, ok := m.Peek(79); !ok || value != 79 {
		t.Errorf("peek gives %d, %v", value, ok)
	}
	if _, ok := m.Peek(40); ok || len(m.All()) != 8 {
		t.Error("what was dropped is still there")
	}
}

func TestAMemoKeepsNoFailure(t *testing.T) {
	m := Memo[int, int]{Limit: 2}
	broken := errors.New("broken")
	if _, err := m.Get(1, func() (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if value, err := m.Get(1, func() (int, error) { return 5, nil }); value != 5 || err != nil {
		t.Errorf("%d, %v after a failure", value, err)
	}
}
