package coverage

import "slices"

// signatures takes the cells that reach the very same sites together. There are as many as there are pieces
// into which the circles around the sites cut each other: far fewer than cells.
type signatures struct {
	of         []int32 // the signature of each finest cell, nowhere if it reaches no site with seats
	from       []int32 // sites of each signature, and the end
	sites      []int32
	households []int64
	cells      []int32 // how many
}

// sign numbers the signatures in the order of their first cells. Sites without capacity do not count.
func sign(households []int64, in *Incidence, capacity []int64) *signatures {
	s := &signatures{of: make([]int32, len(households)), from: []int32{0}}
	table := signatureTable{signatures: s, slots: make([]int32, 1<<10)}
	var sites []int32
	for cell, n := range households {
		sites = sites[:0]
		for _, site := range in.Sites[in.From[cell]:in.From[cell+1]] {
			if capacity[site] > 0 {
				sites = append(sites, site)
			}
		}
		if s.of[cell] = nowhere; len(sites) == 0 || n <= 0 {
			continue
		}
		sig := table.find(sites)
		s.of[cell] = sig
		s.households[sig] += n
		s.cells[sig]++
	}
	return s
}

func (s *signatures) sitesOf(sig int32) []int32 { return s.sites[s.from[sig]:s.from[sig+1]] }

// signatureTable finds a signature by its sites: a hash table whose slots hold numbers above 0.
type signatureTable struct {
	*signatures
	slots []int32 // number of a signature and 1, or 0; a power of two
	last  int32   // the last one found, as neighbours often have the same
}

func (t *signatureTable) find(sites []int32) int32 {
	if len(t.households) > 0 && slices.Equal(t.sitesOf(t.last), sites) {
		return t.last
	}
	at := t.slotOf(sites)
	if t.slots[at] == 0 {
		t.sites = append(t.sites, sites...)
		t.from = append(t.from, int32(len(t.sites)))
		t.households, t.cells = append(t.households, 0), append(t.cells, 0)
		t.slots[at] = int32(len(t.households))
		t.last = t.slots[at] - 1
		if 2*len(t.households) > len(t.slots) {
			t.grow()
		}
		return t.last
	}
	t.last = t.slots[at] - 1
	return t.last
}

func (t *signatureTable) slotOf(sites []int32) int {
	mask := len(t.slots) - 1
	at := int(hashOf(sites)) & mask
	for t.slots[at] != 0 && !slices.Equal(t.sitesOf(t.slots[at]-1), sites) {
		at = (at + 1) & mask
	}
	return at
}

func (t *signatureTable) grow() {
	t.slots = make([]int32, 4*len(t.slots))
	for sig := range t.households {
		t.slots[t.slotOf(t.sitesOf(int32(sig)))] = int32(sig) + 1
	}
}
