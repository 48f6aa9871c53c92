package siting

import (
	"fmt"
	"sync/atomic"
)

// model is a question prepared: what each point still needs, and what each candidate gains alone.
//
// Weights are counted in units: 2 a weight when some point needs two sites, so that half of a point is an
// integer, else 1. The credit of a point is its weight shared among the sites it still needs.
type model struct {
	*Cover
	unit   int64
	left   []uint8 // sites each point still needs; 0 when it is covered or weighs nothing
	each   []int64 // what each of the sites that a point still needs is credited with
	total  int64   // units still to be had
	credit []int64 // units that each candidate is credited with alone; -1 when excluded
	fault  atomic.Pointer[InputError]
}

func prepare(q *Cover, o Options) (*model, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	m := &model{Cover: q, unit: 1, left: make([]uint8, len(q.Weights)), each: make([]int64, len(q.Weights)), credit: make([]int64, q.Candidates)}
	for i, weight := range q.Weights {
		m.left[i] = q.left(int32(i))
		if m.left[i] > 0 {
			m.total += weight
		}
		if m.left[i] == 2 {
			m.unit = 2
		}
	}
	m.total *= m.unit
	for i, left := range m.left {
		if left > 0 {
			m.each[i] = m.units(int32(i)) / int64(left)
		}
	}
	m.findCredits(o)
	if fault := m.fault.Load(); fault != nil {
		return nil, fault
	}
	return m, nil
}

// units is what a point adds when it is covered.
func (m *model) units(point int32) int64 { return m.Weights[point] * m.unit }

// reach appends the points that count of those a candidate reaches.
func (m *model) reach(candidate int, buf []int32) []int32 {
	start := len(buf)
	buf = m.Reach(candidate, buf)
	kept := start
	for _, point := range buf[start:] {
		if uint(point) >= uint(len(m.left)) {
			m.blame(candidate, point)
			continue
		}
		if m.left[point] > 0 {
			buf[kept] = point
			kept++
		}
	}
	return buf[:kept]
}

func (m *model) findCredits(o Options) {
	given := m.Gains != nil && m.unit == 1
	parallel(m.Candidates, 2048, func(from, to int) {
		var buf []int32
		for j := from; j < to; j++ {
			switch {
			case m.excluded(j):
				m.credit[j] = -1
			case given:
				m.credit[j] = min(m.Gains[j], m.total)
			case o.cancelled():
				m.credit[j] = m.total // valid, as a bound
			default:
				buf = m.Reach(j, buf[:0])
				m.credit[j] = m.creditOf(j, buf)
			}
		}
	})
}

// creditOf is what the points are credited with that a candidate reaches. The points are fresh from the caller.
func (m *model) creditOf(candidate int, points []int32) (credit int64) {
	for _, point := range points {
		if uint(point) >= uint(len(m.each)) {
			m.blame(candidate, point)
			continue
		}
		credit += m.each[point]
	}
	return credit
}

func (m *model) blame(candidate int, point int32) {
	m.fault.CompareAndSwap(nil, &InputError{"Reach", fmt.Sprintf("candidate %d reaches point %d of %d", candidate, point, len(m.left))})
}

// eligible is the number of candidates that may be chosen.
func (m *model) eligible() int {
	count := 0
	for _, credit := range m.credit {
		if credit >= 0 {
			count++
		}
	}
	return count
}
