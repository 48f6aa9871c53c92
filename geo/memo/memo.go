// Package memo keeps the latest answers to questions that many ask at once.
package memo

import "sync"

// Memo keeps the answers that were last asked for, at most Limit of them; it needs no other making. Those
// who ask for the same at once wait for one computation; a failure is not kept.
type Memo[K comparable, V any] struct {
	Limit   int
	mu      sync.Mutex
	entries map[K]*entryOf[V]
	clock   int64
}

type entryOf[V any] struct {
	once     sync.Once
	value    V
	err      error
	done     bool // under the mutex of the memo
	lastUsed int64
}

// Get gives the answer for a key, computed if need be.
func (m *Memo[K, V]) Get(key K, compute func() (V, error)) (V, error) {
	entry := m.entry(key)
	entry.once.Do(func() {
		entry.value, entry.err = compute()
		m.settle(key, entry)
	})
	return entry.value, entry.err
}

// settle notes that an answer is there, or makes room for another try.
func (m *Memo[K, V]) settle(key K, entry *entryOf[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if entry.done = entry.err == nil; !entry.done && m.entries[key] == entry {
		delete(m.entries, key)
	}
}

// Put keeps an answer that is known, unless there is one.
func (m *Memo[K, V]) Put(key K, value V) {
	_, _ = m.Get(key, func() (V, error) { return value, nil })
}

// Peek gives an answer that is there already.
func (m *Memo[K, V]) Peek(key K) (value V, ok bool) {
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

func (m *Memo[K, V]) entry(key K) *entryOf[V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry := m.entries[key]
	if entry == nil {
		if m.entries == nil {
			m.entries = map[K]*entryOf[V]{}
		}
		if len(m.entries) >= m.Limit {
			m.evict()
		}
		entry = &entryOf[V]{}
		m.entries[key] = entry
	}
	m.clock++
	entry.lastUsed = m.clock
	return entry
}

func (m *Memo[K, V]) evict() {
	var oldest K
	at := m.clock + 1
	for key, entry := range m.entries {
		if entry.lastUsed < at {
			oldest, at = key, entry.lastUsed
		}
	}
	delete(m.entries, oldest)
}

// All gives what is there.
func (m *Memo[K, V]) All() map[K]V {
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
