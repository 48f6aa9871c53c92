package partition

import (
	"maps"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Blame finds out which change drew each edge of some borders. It is told of the changes from the last to the
// first, until all edges are known.
type Blame struct {
	borders map[Edge][]string
	by      map[Edge]int64
}

// NewBlame begins with the parts as they are.
func NewBlame(parts []Part) *Blame {
	return &Blame{borders: Borders(parts), by: map[Edge]int64{}}
}

// Take tells of the change before those that were told: its name, and the parts that it changed as they were
// before and after it. It tells whether every edge is known now.
func (b *Blame) Take(name int64, before, after []Part) (done bool) {
	was := Borders(before)
	for e := range Borders(after) {
		_, known := b.by[e]
		if _, is := b.borders[e]; is && !known && was[e] == nil {
			b.by[e] = name
		}
	}
	return len(b.by) == len(b.borders)
}

// Stretch is a piece of the borders that one change drew.
type Stretch struct {
	Name  int64    // of the change; 0 if none of those told drew it
	Codes []string // of the one or two parts that it bounds
	Lines orb.MultiLineString
}

// Stretches lists the pieces, each as long as it can be, in the order of the codes on their sides.
func (b *Blame) Stretches() []Stretch {
	type key struct {
		codes string
		name  int64
	}
	groups := map[key][]Edge{}
	for e, codes := range b.borders {
		codes = slices.Sorted(slices.Values(codes))
		k := key{strings.Join(codes, " "), b.by[e]}
		groups[k] = append(groups[k], e)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b key) int {
		if c := strings.Compare(a.codes, b.codes); c != 0 {
			return c
		}
		return int(min(1, max(-1, a.name-b.name)))
	})
	stretches := make([]Stretch, len(keys))
	for i, k := range keys {
		stretches[i] = Stretch{k.name, strings.Split(k.codes, " "), Lines(groups[k])}
	}
	return stretches
}

// Difference gives the borders that some parts have and others have not.
func Difference(of, but []Part) orb.MultiLineString {
	others := Borders(but)
	var edges []Edge
	for e := range Borders(of) {
		if others[e] == nil {
			edges = append(edges, e)
		}
	}
	return Lines(edges)
}
