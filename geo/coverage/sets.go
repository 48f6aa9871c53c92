package coverage

import "slices"

// siteSets are the different sets of sites that cells have in reach. There are far fewer than cells, so
// whatever depends on the set alone is computed once a set.
type siteSets struct {
	of     []int32 // the set of each cell, noSet where no site is in reach
	sample []int32 // a cell of each set, the first
}

const noSet = -1

// newSiteSets numbers the sets in the order of the first cells that have them.
func newSiteSets(in *Incidence) *siteSets {
	s := &siteSets{of: make([]int32, len(in.From)-1)}
	known := map[uint64][]int32{}
	var before []int32
	set := int32(noSet)
	for cell := range s.of {
		from, to := in.From[cell], in.From[cell+1]
		if from == to {
			s.of[cell] = noSet
			continue
		}
		if sites := in.Sites[from:to]; !slices.Equal(sites, before) {
			set = s.find(in, known, cell, sites)
			before = sites
		}
		s.of[cell] = set
	}
	return s
}

func (s *siteSets) find(in *Incidence, known map[uint64][]int32, cell int, sites []int32) int32 {
	hash := hashOf(sites)
	for _, set := range known[hash] {
		if other, _ := in.Of(int(s.sample[set])); slices.Equal(sites, other) {
			return set
		}
	}
	set := int32(len(s.sample))
	s.sample = append(s.sample, int32(cell))
	known[hash] = append(known[hash], set)
	return set
}

func hashOf(sites []int32) uint64 {
	hash := uint64(len(sites))
	for _, site := range sites {
		hash = (hash ^ uint64(site)) * 0x9e3779b97f4a7c15
		hash ^= hash >> 29
	}
	return hash
}

// values judges every set.
func (s *siteSets) values(in *Incidence, j *judge, merits []merit) []value {
	values := make([]value, len(s.sample))
	_ = parallel(len(values), func() func(int) error {
		return func(set int) error {
			sites, _ := in.Of(int(s.sample[set]))
			values[set] = j.of(sites, merits)
			return nil
		}
	})
	return values
}
