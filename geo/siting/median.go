package siting

import (
	"math"
	"slices"
)

// Distances is a question over a matrix of distances: open P candidates so that points are near them.
type Distances struct {
	Rows    [][]int64 // distance of each point from each candidate, a row a candidate; Far where there is no way
	Weights []int64   // of each point, not negative; nil for 1
	P       int       // candidates to open
}

// Located is an answer of PMedian or PCenter.
type Located struct {
	Sites     []int // ascending
	Objective int64 // sum of weighted distances to the nearest site, or the greatest distance
	Bound     int64 // no choice of P sites has a lesser one
	Places    int   // sites that could be opened: P, or all candidates if fewer
	Capped    bool  // P was above the candidates
	Proved    bool  // Objective equals Bound
	Stopped   bool  // cancelled before the work was done
}

// Gap is how far the answer may be from the optimum, as a share of it.
func (l Located) Gap() float64 { return gap(l.Bound, l.Objective) }

// PMedian opens P candidates so that the sum over all points of weight times distance to the nearest open
// one is least.
func PMedian(q Distances, o Options) (Located, error) {
	points, err := q.check()
	if err != nil {
		return Located{}, err
	}
	places := min(q.P, len(q.Rows))
	answer := Located{Places: places, Capped: q.P > places}
	if points == 0 {
		answer.Proved = true
		return answer, nil
	}
	if places == 0 {
		return Located{}, invalid("P", "no sites are to be opened, so no point has a distance")
	}
	m, err := newMedian(q, places, points, o)
	if err != nil {
		return Located{}, err
	}
	m.solve()
	return m.fill(answer)
}

func (q *Distances) check() (points int, err error) {
	switch {
	case q.P < 0:
		return 0, invalid("P", "%d sites cannot be opened", q.P)
	case len(q.Rows) > maxMatrix:
		return 0, invalid("Rows", "%d candidates are too many for a matrix, %d are allowed", len(q.Rows), maxMatrix)
	case len(q.Rows) == 0 && len(q.Weights) > 0:
		return 0, invalid("Rows", "there is no candidate")
	case len(q.Rows) == 0:
		return 0, nil
	}
	points = len(q.Rows[0])
	if points > maxMatrix {
		return 0, invalid("Rows", "%d points are too many for a matrix, %d are allowed", points, maxMatrix)
	}
	if q.Weights != nil && len(q.Weights) != points {
		return 0, invalid("Weights", "are %d, there are %d points", len(q.Weights), points)
	}
	for j, row := range q.Rows {
		if len(row) != points {
			return 0, invalid("Rows", "row %d has %d points, the first %d", j, len(row), points)
		}
		for i, d := range row {
			if d < 0 || d > maxDistance && d != Far {
				return 0, invalid("Rows", "the distance from %d to %d is %d", j, i, d)
			}
		}
	}
	for i, w := range q.Weights {
		if w < 0 {
			return 0, invalid("Weights", "point %d weighs %d, below 0", i, w)
		}
	}
	return points, nil
}

// median is a p-median question prepared.
type median struct {
	options Options
	most    int
	points  int
	cost    [][]int64 // weight times distance, by candidate and point; far where there is no way
	order   [][]int32 // candidates of each point, the nearest first
	far     int64     // more than all points cost together where there are ways
	shift   uint
	value   int64 // of best
	best    []int32
	bound   int64
}

func newMedian(q Distances, places, points int, o Options) (*median, error) {
	m := &median{options: o, most: places, points: points, cost: make([][]int64, len(q.Rows))}
	if err := m.weigh(q); err != nil {
		return nil, err
	}
	m.order = make([][]int32, points)
	parallel(points, 16, func(from, to int) {
		for i := from; i < to; i++ {
			m.order[i] = m.byCost(i)
		}
	})
	return m, nil
}

// weigh multiplies weights and distances. Where there is no way the cost is so high that as many points as
// can be are reached first.
func (m *median) weigh(q Distances) error {
	worst := make([]int64, m.points)
	for j, row := range q.Rows {
		m.cost[j] = make([]int64, m.points)
		for i, d := range row {
			w := int64(1)
			if q.Weights != nil {
				w = q.Weights[i]
			}
			switch {
			case d == Far:
				m.cost[j][i] = Far
			case d > 0 && w > maxTotal/d:
				return invalid("Weights", "times distances are more than %d", int64(maxTotal))
			default:
				m.cost[j][i] = w * d
				worst[i] = max(worst[i], w*d)
			}
		}
	}
	for _, w := range worst {
		if m.far += w; m.far > maxTotal {
			return invalid("Weights", "times distances sum up to more than %d", int64(maxTotal))
		}
	}
	if m.far++; m.far > maxTotal/int64(m.points) {
		return invalid("Weights", "times distances sum up to %d, too much for %d points", m.far, m.points)
	}
	for _, row := range m.cost {
		for i := range row {
			row[i] = min(row[i], m.far)
		}
	}
	m.shift = shiftFor(m.far * int64(m.points))
	return nil
}

func (m *median) byCost(point int) []int32 {
	order := make([]int32, len(m.cost))
	for j := range order {
		order[j] = int32(j)
	}
	slices.SortFunc(order, func(a, b int32) int {
		switch ca, cb := m.cost[a][point], m.cost[b][point]; {
		case ca < cb:
			return -1
		case ca > cb:
			return 1
		}
		return int(a) - int(b)
	})
	return order
}

func (m *median) halted() bool { return m.options.cancelled() }

// valueOf is what a choice of sites costs.
func (m *median) valueOf(sites []int32) int64 {
	sum := int64(0)
	for i := range m.points {
		least := int64(math.MaxInt64)
		for _, j := range sites {
			least = min(least, m.cost[j][i])
		}
		sum += least
	}
	return sum
}

func (m *median) offer(sites []int32, value int64) {
	if m.best == nil || value < m.value {
		m.best, m.value = slices.Clone(sites), value
	}
}

func (m *median) tell(stage string, done, total int) {
	m.options.tell(Progress{Stage: stage, Done: done, Total: total, Objective: m.value, Bound: m.bound})
}

func (m *median) fill(a Located) (Located, error) {
	for i := range m.points {
		reached := false
		for _, j := range m.best {
			reached = reached || m.cost[j][i] < m.far
		}
		if !reached {
			return Located{}, invalid("P", "no %d sites were found from which there is a way to every point", m.most)
		}
	}
	slices.Sort(m.best)
	for _, j := range m.best {
		a.Sites = append(a.Sites, int(j))
	}
	a.Objective, a.Bound = m.value, min(m.bound, m.value)
	a.Proved = a.Objective == a.Bound
	a.Stopped = m.halted() && !a.Proved
	return a, nil
}
