package nearest

import "github.com/yizhan/yizhan/geo"

// search is one walk of the tree. best is a heap with the worst candidate on top; until the end its
// DistanceM holds the squared chord, which is all that a comparison needs.
type search struct {
	index *Index
	at    [3]float64
	keep  func(int) bool
	k     int
	worst candidate // a candidate must be better than this, or as good while best is not full
	best  []Found
}

type candidate struct {
	squaredChord float64
	index        int
}

func (c candidate) less(other candidate) bool {
	return c.squaredChord < other.squaredChord ||
		c.squaredChord == other.squaredChord && c.index < other.index
}

// visit offers the places of a range, nearer side first. Rounding cannot cut off a place: the distance
// to the plane is one addend of the squared chord of every place behind it, rounded the same way.
func (s *search) visit(from, to int) {
	for to-from > leafSize {
		middle := (from + to) / 2
		axis := s.index.axes[middle]
		beyond := s.at[axis] - s.index.places[middle].at[axis]
		if beyond <= 0 {
			s.visit(from, middle)
			from = middle + 1
		} else {
			s.visit(middle+1, to)
			to = middle
		}
		if beyond*beyond > s.worst.squaredChord {
			return
		}
		s.offer(&s.index.places[middle])
	}
	for i := from; i < to; i++ {
		s.offer(&s.index.places[i])
	}
}

func (s *search) offer(p *place) {
	x, y, z := s.at[0]-p.at[0], s.at[1]-p.at[1], s.at[2]-p.at[2]
	c := candidate{x*x + y*y + z*z, int(p.index)}
	if !c.less(s.worst) || s.keep != nil && !s.keep(c.index) {
		return
	}
	if len(s.best) < s.k {
		s.best = append(s.best, Found{c.index, c.squaredChord})
		s.up(len(s.best) - 1)
	} else {
		s.best[0] = Found{c.index, c.squaredChord}
		s.down(0, len(s.best))
	}
	if len(s.best) == s.k {
		s.worst = s.candidate(0)
	}
}

func (s *search) candidate(i int) candidate { return candidate{s.best[i].DistanceM, s.best[i].Index} }

func (s *search) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !s.candidate(parent).less(s.candidate(i)) {
			return
		}
		s.best[parent], s.best[i] = s.best[i], s.best[parent]
		i = parent
	}
}

func (s *search) down(i, size int) {
	for {
		child := 2*i + 1
		if child >= size {
			return
		}
		if child+1 < size && s.candidate(child).less(s.candidate(child+1)) {
			child++
		}
		if !s.candidate(i).less(s.candidate(child)) {
			return
		}
		s.best[i], s.best[child] = s.best[child], s.best[i]
		i = child
	}
}

// sort turns the heap into ascending order and squared chords into distances.
func (s *search) sort() {
	for size := len(s.best) - 1; size > 0; size-- {
		s.best[0], s.best[size] = s.best[size], s.best[0]
		s.down(0, size)
	}
	for i := range s.best {
		s.best[i].DistanceM = geo.DistanceOfSquaredChord(s.best[i].DistanceM)
	}
}
