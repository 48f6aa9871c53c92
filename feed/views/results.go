package views

import (
	"sync"

	"github.com/yizhan/yizhan/geo/coverage"
)

// results keeps the latest answers of one snapshot. Many who ask for the same at once wait for one
// computation.
type results struct {
	mu      sync.Mutex
	entries map[Params]*result
	clock   int64
}

type result struct {
	once sync.Once
	*coverage.Result
	err      error
	lastUsed int64
}

// maxResults bounds the memory of a snapshot's results to about 2 MB each in a city of 250,000 cells.
// To make one again takes some milliseconds.
const maxResults = 16

func newResults() *results { return &results{entries: map[Params]*result{}} }

func (r *results) get(p Params, compute func() (*coverage.Result, error)) (*coverage.Result, error) {
	entry := r.entry(p)
	entry.once.Do(func() { entry.Result, entry.err = compute() })
	return entry.Result, entry.err
}

func (r *results) entry(p Params) *result {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.entries[p]
	if entry == nil {
		if len(r.entries) == maxResults {
			r.evict()
		}
		entry = &result{}
		r.entries[p] = entry
	}
	r.clock++
	entry.lastUsed = r.clock
	return entry
}

func (r *results) evict() {
	var oldest Params
	at := r.clock + 1
	for p, entry := range r.entries {
		if entry.lastUsed < at {
			oldest, at = p, entry.lastUsed
		}
	}
	delete(r.entries, oldest)
}
