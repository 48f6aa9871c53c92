package views

import "sync"

// memo keeps the answers that were last asked for. Those who ask for the same at once wait for one
// computation; a failure is not kept.
type memo[K comparable, V any] struct {
	limit   int
	mu      sync.Mutex
	entries map[K]*memoEntry[V]
	clock   int64
}

type memoEntry[V any] struct {
	once     sync.Once
	value    V
	err      error
	done     bool // under the mutex of the memo
	lastUsed int64
}

func (m *memo[K, V]) get(key K, compute func() (V, error)) (V, error) {
	entry := m.entry(key)
	entry.once.Do(func() {
		entry.value, entry.err = compute()
		m.settle(key, entry)
	})
	return entry.value, entry.err
}

// settle notes that an answer is there, or makes room for another try.
func (m *memo[K, V]) settle(key K, entry *memoEntry[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if entry.done = entry.err == nil; !entry.done && m.entries[key] == entry {
		delete(m.entries, key)
	}
}

func (m *memo[K, V]) put(key K, value V) {
	_, _ = m.get(key, func() (V, error) { return value, nil })
}

// peek gives an answer that is there already.
func (m *memo[K, V]) peek(key K) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry := m.entries[key]
	if entry == nil || !entry.done {
		return value, false
	}
	m.clock++
	entry.lastUsed = m.clock
	return entry.value, true
}

func (m *memo[K, V]) entry(key K) *memoEntry[V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry := m.entries[key]
	if entry == nil {
		if m.entries == nil {
			m.entries = map[K]*memoEntry[V]{}
		}
		if len(m.entries) >= m.limit {
			m.evict()
		}
		entry = &memoEntry[V]{}
		m.entries[key] = entry
	}
	m.clock++
	entry.lastUsed = m.clock
	return entry
}

func (m *memo[K, V]) evict() {
	var oldest K
	at := m.clock + 1
	for key, entry := range m.entries {
		if entry.lastUsed < at {
			oldest, at = key, entry.lastUsed
		}
	}
	delete(m.entries, oldest)
}

// all gives what is there.
func (m *memo[K, V]) all() map[K]V {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[K]V, len(m.entries))
	for key, entry := range m.entries {
		if entry.done {
			all[key] = entry.value
		}
	}
	return all
}
