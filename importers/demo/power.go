package demo

import (
	"math"

	"github.com/yizhan/yizhan/geo/plane"
)

// boundary is a piece of border between the territories of two settlements, which are given by index.
// Its path runs with one on the left.
type boundary struct {
	left, right int
	path        []vec
}

// powerDiagram gives the borders between the power cells of the settlements of a survey: each settlement gets what is
// nearest to it, distances being shortened by its size, so that the border between a town and a village runs
// outside the town.
func (s *survey) powerDiagram() []boundary {
	cells := make([][]corner, len(s.settlements))
	for i := range s.settlements {
		cells[i] = s.cell(i)
	}
	var borders []boundary
	for i, cell := range cells {
		for k, corner := range cell {
			next := cell[(k+1)%len(cell)]
			if corner.right > i {
				b := boundary{i, corner.right, []vec{s.corner(i, corner), s.corner(i, next)}}
				borders = append(borders, s.roughen(b, cells))
			}
		}
	}
	return borders
}

// corner is a vertex of a cell: the side that arrives faces settlement left, the one that leaves faces
// right; both are negative on the frame around everything.
type corner struct {
	at          vec
	left, right int
}

// cell clips a rectangle around the banner by the border with every other settlement.
func (s *survey) cell(i int) []corner {
	const margin = 10_000
	low, high := s.frame.metres(s.outline.low), s.frame.metres(s.outline.high)
	w, e, n, z := low.x-margin, high.x+margin, high.y+margin, low.y-margin
	cell := []corner{{vec{w, z}, -4, -1}, {vec{e, z}, -1, -2}, {vec{e, n}, -2, -3}, {vec{w, n}, -3, -4}}
	for j := range s.settlements {
		if j != i {
			cell = s.clip(cell, i, j)
		}
	}
	return cell
}

// clip keeps the part of cell i that is nearer to i than to j.
func (s *survey) clip(cell []corner, i, j int) []corner {
	var kept []corner
	for k, c := range cell {
		next := cell[(k+1)%len(cell)]
		in, inNext := s.excess(c.at, i, j), s.excess(next.at, i, j)
		if in >= 0 {
			kept = append(kept, c)
		}
		crossing := c.at.to(next.at, in/(in-inNext))
		switch {
		case in >= 0 && inNext < 0:
			kept = append(kept, corner{crossing, c.right, j})
		case in < 0 && inNext >= 0:
			kept = append(kept, corner{crossing, j, c.right})
		}
	}
	return kept
}

// excess is positive where p belongs to i rather than j. It is linear in p.
func (s *survey) excess(p vec, i, j int) float64 {
	a, b := s.settlements[i], s.settlements[j]
	apart := b.center.minus(a.center)
	balance := float64((apart.dot(apart) + float64(a.radius*a.radius) - float64(b.radius*b.radius)) / 2)
	return balance - p.minus(a.center).dot(apart)
}

// corner is the exact place of a cell's vertex: computed from the three settlements around it in the order
// of their indices, so that all three cells get the same.
func (s *survey) corner(i int, c corner) vec {
	if c.left < 0 || c.right < 0 {
		return c.at
	}
	j, k := min(c.left, c.right), max(c.left, c.right)
	i, j = min(i, j), max(i, j)
	j, k = min(j, k), max(j, k)
	origin := s.settlements[i].center
	u, v := s.settlements[j].center.minus(origin), s.settlements[k].center.minus(origin)
	p, q := s.excess(origin, i, j), s.excess(origin, i, k)
	det := u.cross(v)
	return origin.plus(vec{(float64(p*v.y) - float64(q*u.y)) / det, (float64(q*u.x) - float64(p*v.x)) / det})
}

// roughen bends a straight border as land is bent.
func (s *survey) roughen(b boundary, cells [][]corner) boundary {
	const (
		stride = 800   // metres between vertices
		hill   = 6_000 // and between the larger of the bends
		height = 900
	)
	from, to := b.path[0], b.path[1]
	length := from.distance(to)
	steps := int(min(64, max(1, math.Round(length/stride))))
	normal := to.minus(from).times(1 / length).left()
	d := roll("border", s.settlements[b.left].name, s.settlements[b.right].name)
	path := []vec{from}
	for k := 1; k < steps; k++ {
		t := float64(k) / float64(steps)
		foot := from.to(to, t)
		swing := float64(d.ripple(float64(t*length/hill))*height) + float64(0.06*float64(length*d.wave("long", float64(2.5*t))))
		room := min(s.room(foot, b.left, b.right, cells), s.room(foot, b.right, b.left, cells))
		path = append(path, foot.plus(normal.times(max(-room, min(room, swing)))))
	}
	b.path = append(path, to)
	return b
}

// room is how far a point on the border between two cells may safely be moved into one of them: less than half
// way to its other borders, so that those cannot meet this one even if they are moved too, and not into the
// settlement.
func (s *survey) room(p vec, in, other int, cells [][]corner) float64 {
	const share, yard = 0.4, 100
	n := s.settlements[in]
	room := p.distance(n.center) - float64(1.15*n.radius) - yard
	for k, c := range cells[in] {
		if c.right == other {
			continue
		}
		next := cells[in][(k+1)%len(cells[in])]
		room = min(room, float64(share*segmentDistance(p, c.at, next.at)))
	}
	return max(0, room)
}

// ripple is smooth noise from -1 to 1 along a line, in waves of about 1 and shorter.
func (d dice) ripple(x float64) float64 {
	return float64(0.6*d.wave("a", x)) + float64(0.28*d.wave("b", float64(x*2.3))) + float64(0.12*d.wave("c", float64(x*5.1)))
}

func (d dice) wave(key string, x float64) float64 {
	cell := math.Floor(x)
	t := x - cell
	t = float64(float64(t*t) * (3 - float64(2*t)))
	e := dice{d.path + "|" + key}
	low, high := e.sub(int(cell)).between("", -1, 1), e.sub(int(cell)+1).between("", -1, 1)
	return low + float64(t*(high-low))
}

// latticePath rounds a path, without repeats.
func (f frame) latticePath(path []vec) []plane.Point {
	var points []plane.Point
	for _, v := range path {
		if p := f.lattice(v); len(points) == 0 || p != points[len(points)-1] {
			points = append(points, p)
		}
	}
	return points
}
