package partition

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/yizhan/yizhan/geo/plane"
)

// Divide makes a part into as many compact parts of about one area as there are codes and one more; the
// codes are for the new ones. It halves again and again, each time across the direction in which the two
// sides are roundest.
func (p *Map) Divide(code string, fresh []string) error {
	part, err := p.index(code)
	if err != nil {
		return err
	}
	return p.split(part, fresh)
}

func (p *Map) split(part int32, fresh []string) error {
	if len(fresh) == 0 {
		return nil
	}
	count := len(fresh) + 1
	made, err := p.add(fresh[0])
	if err != nil {
		return err
	}
	if err := p.bisect(part, made, float64(count/2)/float64(count)); err != nil {
		return err
	}
	// The smaller side became the new part; each side is divided as its area asks.
	share := p.area(made) / (p.area(part) + p.area(made))
	inMade := min(count-1, max(1, int(math.Round(share*float64(count)))))
	if err := p.split(made, fresh[1:inMade]); err != nil {
		return err
	}
	return p.split(part, fresh[inMade:])
}

// bisector is a straight way to divide a part.
type bisector struct {
	chord chord
	score float64 // the smaller the better
}

// directions is how many are tried in half a turn, each at the place that leaves the wanted share on one side
// and then at places near it.
const directions = 18

// bisect cuts a part in two by the best line that can be.
func (p *Map) bisect(part, made int32, share float64) error {
	for _, shift := range []float64{0, -0.05, 0.05, -0.12, 0.12, -0.2, 0.2} {
		for _, b := range p.bisectors(part, share, shift) {
			if done, err := p.tryDivide(part, made, b.chord); done || err != nil {
				return err
			}
		}
	}
	return &Error{Message: fmt.Sprintf("%s cannot be divided evenly by straight lines; cut it by hand", p.parts[part].Code)}
}

// bisectors lists lines that cross the part once, the best first.
func (p *Map) bisectors(part int32, share, shift float64) (list []bisector) {
	s := p.silhouette(part)
	for k := range 2 * directions {
		line := s.line(math.Pi*float64(k)/directions, min(0.95, max(0.05, share+shift)))
		if c, err := p.chord(part, line); err == nil {
			list = append(list, bisector{c, p.score(part, c, share)})
		}
	}
	slices.SortStableFunc(list, func(a, b bisector) int { return cmp.Compare(a.score, b.score) })
	return list
}

// score is small where the cut is short for the area and leaves the share that is wanted.
func (p *Map) score(part int32, c chord, share float64) float64 {
	k := p.squeeze(part)
	path := append(append([]plane.Point{c.from.at}, c.via...), c.to.at)
	length := 0.0
	for i := 1; i < len(path); i++ {
		length += math.Hypot(k*float64(path[i].X-path[i-1].X), float64(path[i].Y-path[i-1].Y))
	}
	got := p.sideArea(c) / p.area(part)
	wrong := min(math.Abs(got-share), math.Abs(got-(1-share)))
	return length/math.Sqrt(k*p.area(part)) + 6*wrong
}

// sideArea is the area on one side of a chord, holes not counted off.
func (p *Map) sideArea(c chord) float64 {
	face := p.m.Left(c.from.edges[0])
	var ring []plane.Point
	on := false
	edges := p.m.Around(face)
	for i := range 2 * len(edges) {
		e := edges[i%len(edges)]
		if on {
			ring = append(ring, p.m.From(e))
		}
		if e == c.to.edges[0] && on {
			break
		}
		on = on || e == c.from.edges[0]
	}
	ring = append(append([]plane.Point{c.from.at}, ring...), c.to.at)
	return math.Abs(float64(plane.Area2(ring))) / 2
}

// area is in square steps of the grid.
func (p *Map) area(part int32) float64 {
	sum := 0.0
	for _, f := range p.cycles(part) {
		sum += float64(plane.Area2(p.m.Ring(f))) / 2
	}
	return sum
}

// squeeze is how much shorter a degree of longitude is than one of latitude at a part.
func (p *Map) squeeze(part int32) float64 {
	q := p.m.Ring(p.cycles(part)[0])[0]
	return max(0.05, math.Cos(float64(q.Y)/unit*math.Pi/180))
}
