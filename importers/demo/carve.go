package demo

import (
	"fmt"
	"math"
	"slices"

	"github.com/yizhan/yizhan/geo/plane"
)

// carve cuts the built-up core out of a territory: a ring around the centre, and two lines from it to
// the border of the territory, so that no face has a hole.
func (b *builder) carve(territory plane.Face) (core plane.Face, outer []plane.Face, ok bool, err error) {
	s := b.shape(territory)
	b.site.center = b.roomiest(s)
	for _, size := range []float64{1, 0.9, 0.8, 0.7, 0.6, 0.5} {
		ring := b.ring(s, size)
		if !b.ringIsClear(s, ring) {
			continue
		}
		for start := range len(ring) / 2 {
			turned := slices.Concat(ring[start:], ring[:start])
			inner, first, ok := b.carveHalf(territory, s, turned)
			if !ok {
				continue
			}
			core, second, ok := b.carveRest(inner, turned)
			if !ok {
				return 0, nil, false, fmt.Errorf("the outline of the core does not close")
			}
			return core, []plane.Face{first, second}, true, nil
		}
	}
	return 0, nil, false, nil
}

// roomiest is the settlement's centre or, where a border is in the way, a place near it around which a town can
// be drawn.
func (b *builder) roomiest(s shape) vec {
	best, most := b.site.center, -1.0
	for k := range 1 + 6*12 {
		if k == 1 && most > 19.1 { // of 16 directions with 1.2 each
			break
		}
		p := b.site.center
		if k > 0 {
			p = p.plus(direction(float64(k%12) / 12).times(0.15 * b.site.radius * float64((k+11)/12)))
		}
		if !s.holds(p) {
			continue
		}
		free := 0.0
		for i := range 16 {
			free += min(1.2, s.reach(p, direction(float64(i)/16))/b.site.radius)
		}
		free -= float64(2 * (p.distance(b.site.center) / b.site.radius))
		if free > most {
			best, most = p, free
		}
	}
	return best
}

// ring is the outline of the core: a rounded rectangle along the axis, a little irregular, within the
// territory s. What the border of the territory takes away is added elsewhere.
func (b *builder) ring(s shape, size float64) []vec {
	wanted := math.Pi * float64(b.site.radius*b.site.radius)
	var ring []vec
	for grow := 1.0; grow < 2.5; grow *= 1.12 {
		ring = b.ringOf(s, size, grow)
		if area(ring) > float64(float64(size*size)*wanted*0.95) {
			break
		}
	}
	return ring
}

func (b *builder) ringOf(s shape, size, grow float64) []vec {
	d := roll("ring", b.site.name)
	count := int(min(72, 10+math.Round(2*math.Sqrt(float64(b.site.gridCount())))))
	stretch := d.between("stretch", 1, 1.35)
	ring := make([]vec, count)
	for k := range ring {
		turns := (float64(k) + d.sub(k).between("turn", -0.2, 0.2)) / float64(count)
		u := direction(turns)
		x, y := u.x/stretch, float64(u.y*stretch)
		x, y = float64(x*x), float64(y*y)
		reach := float64(grow*b.site.radius) * 0.94 / math.Sqrt(math.Sqrt(float64(x*x)+float64(y*y)))
		reach *= 1 + float64(0.2*d.lobes(turns)) + d.sub(k).between("reach", -0.04, 0.04)
		u = u.rotate(b.site.axis)
		free := s.reach(b.site.center, u)
		ring[k] = b.site.center.plus(u.times(float64(size * min(reach, float64(0.85*free)))))
	}
	return ring
}

// lobes is smooth noise around a circle.
func (d dice) lobes(turns float64) float64 {
	at := direction(turns).times(1.3)
	return (d.wave("x", at.x+7) + d.wave("y", at.y+7)) / 2
}

// carveHalf cuts the territory along a spoke, one half of the ring and another spoke. The core is then
// in the face to the left.
func (b *builder) carveHalf(territory plane.Face, s shape, ring []vec) (inner, outer plane.Face, ok bool) {
	half := len(ring) / 2
	d := roll("spoke", b.site.name)
	from, inwards, okFrom := b.spoke(s, ring[0], d.sub(0))
	to, outwards, okTo := b.spoke(s, ring[half], d.sub(1))
	if !okFrom || !okTo {
		return 0, 0, false
	}
	slices.Reverse(inwards)
	via := slices.Concat(inwards, ring[:half+1], outwards)
	return b.m.Cut(territory, plane.Cut{From: from, To: to, Via: b.latticeAll(via)})
}

// carveRest cuts along the other half of the ring.
func (b *builder) carveRest(inner plane.Face, ring []vec) (core, outer plane.Face, ok bool) {
	half := len(ring) / 2
	var cut plane.Cut
	cut.Via = b.latticeAll(ring[half+1:])
	cut.From.At, cut.To.At = b.frame.lattice(ring[half]), b.frame.lattice(ring[0])
	cut.From.On, _ = b.m.At(inner, cut.From.At)
	cut.To.On, _ = b.m.At(inner, cut.To.At)
	return b.m.Cut(inner, cut)
}

func (b *builder) latticeAll(line []vec) []plane.Point {
	points := make([]plane.Point, len(line))
	for i, v := range line {
		points[i] = b.frame.lattice(v)
	}
	return points
}

func (b *builder) ringIsClear(s shape, ring []vec) bool {
	side := b.site.radius / math.Sqrt(float64(b.site.gridCount()))
	for i, v := range ring {
		next := ring[(i+1)%len(ring)]
		for k, p := range s.ring {
			after := s.ring[(k+1)%len(s.ring)]
			if segmentDistance(p, v, next) < 0.3*side || segmentDistance(v, p, after) < 0.3*side {
				return false
			}
		}
	}
	return true
}

// spoke leads from a place outwards to the border of a shape: where it ends, and the places between.
func (b *builder) spoke(s shape, from vec, d dice) (plane.End, []vec, bool) {
	edge, hit, far := s.leave(from, from.minus(b.site.center).unit(), 1)
	if edge < 0 {
		return plane.End{}, nil, false
	}
	l := s.settle(landing{edge: edge, at: hit}, wish{side: far, join: 0.04})
	line := wander(d, from, l.at, int(min(12, far/max(150, b.site.radius/3))), float64(0.07*far))
	return b.end(s, l), line[1 : len(line)-1], true
}

// sectors gives the land outside the core to the communities at its edge, and divides it by spokes
// where they meet. A lone community gets a few sectors.
func (b *builder) sectors(parts, outer []plane.Face) [][]plane.Face {
	label := b.labels(parts)
	rim := b.rim(parts, label)
	spokes := b.spokeStarts(rim, label)
	d := roll("sector", b.site.name)
	for i, p := range spokes {
		for _, f := range outer {
			if e, on := b.m.At(f, p); on {
				outer = append(outer, b.spokeFrom(f, e, d.sub(i))...)
				break
			}
		}
	}
	return b.assignSectors(parts, outer, label)
}

// labels says which of the parts each face is, negative for none.
func (b *builder) labels(parts []plane.Face) map[plane.Face]int {
	label := map[plane.Face]int{}
	for i, f := range parts {
		label[f] = i
	}
	return label
}

// rim walks around the core: the half-edges of its parts that face outwards.
func (b *builder) rim(parts []plane.Face, label map[plane.Face]int) []plane.Edge {
	outward := func(e plane.Edge) bool {
		_, in := label[b.m.Left(e.Twin())]
		return !in
	}
	var start plane.Edge = -1
	for _, f := range parts {
		for _, e := range b.m.Around(f) {
			if outward(e) {
				start = e
				break
			}
		}
		if start >= 0 {
			break
		}
	}
	rim := []plane.Edge{start}
	for e := start; ; rim = append(rim, e) {
		e = b.m.Next(e)
		for !outward(e) {
			e = b.m.Next(e.Twin())
		}
		if e == start {
			return rim
		}
	}
}

// spokeStarts lists the places on the rim from which spokes should go: between communities, and no two
// close together.
func (b *builder) spokeStarts(rim []plane.Edge, label map[plane.Face]int) []plane.Point {
	var starts []plane.Point
	taken := b.spokesOn(rim)
	free := func(p plane.Point, apart float64) bool {
		v := b.frame.metres(p).minus(b.site.center).unit()
		for _, q := range taken {
			if v.dot(q) > apart {
				return false
			}
		}
		return true
	}
	take := func(p plane.Point, apart float64) {
		if free(p, apart) {
			starts = append(starts, p)
			taken = append(taken, b.frame.metres(p).minus(b.site.center).unit())
		}
	}
	for i, e := range rim {
		before := rim[(i+len(rim)-1)%len(rim)]
		if len(b.site.communities) > 1 && label[b.m.Left(e)] != label[b.m.Left(before)] {
			take(b.m.From(e), 0.94)
		}
	}
	if len(b.site.communities) == 1 && b.site.communities[0].grids > 4 {
		for _, e := range rim {
			take(b.m.From(e), 0.1)
		}
	}
	return starts
}

// spokesOn lists the directions of the spokes there are.
func (b *builder) spokesOn(rim []plane.Edge) []vec {
	var found []vec
	for i, e := range rim {
		before := rim[(i+len(rim)-1)%len(rim)]
		if b.m.Left(e.Twin()) != b.m.Left(before.Twin()) {
			found = append(found, b.frame.metres(b.m.From(e)).minus(b.site.center).unit())
		}
	}
	return found
}

// spokeFrom cuts a face outside the core from the vertex where e begins, and gives the new face. Where no
// spoke fits there is none: the sector stays whole.
func (b *builder) spokeFrom(f plane.Face, e plane.Edge, d dice) []plane.Face {
	start := b.m.From(e)
	to, via, ok := b.spoke(b.shape(f), b.frame.metres(start), d)
	if !ok {
		return nil
	}
	for _, via := range [][]plane.Point{b.latticeAll(via), nil} {
		if _, right, ok := b.m.Cut(f, plane.Cut{From: plane.End{On: e, At: start}, To: to, Via: via}); ok {
			return []plane.Face{right}
		}
	}
	return nil
}

// assignSectors gives each face outside the core to the part with which it has most border.
func (b *builder) assignSectors(parts, outer []plane.Face, label map[plane.Face]int) [][]plane.Face {
	owned := make([][]plane.Face, len(parts))
	for _, f := range outer {
		shared := make([]float64, len(parts))
		best := 0
		for _, e := range b.m.Around(f) {
			i, in := label[b.m.Left(e.Twin())]
			if !in {
				continue
			}
			shared[i] += b.frame.metres(b.m.From(e)).distance(b.frame.metres(b.m.To(e)))
			if shared[i] > shared[best] {
				best = i
			}
		}
		owned[best] = append(owned[best], f)
	}
	return owned
}

// reach is how far one can go from a place inside the shape in a direction before leaving it.
func (s shape) reach(from, u vec) float64 {
	_, _, far := s.leave(from, u, 0)
	return far
}

// leave is the edge and the place where one first leaves the shape, going from a place in a direction for more
// than a distance; the edge is negative if there is none.
func (s shape) leave(from, u vec, after float64) (edge int, at vec, far float64) {
	edge, far = -1, math.Inf(1)
	n := u.left()
	for i, v := range s.ring {
		next := s.ring[(i+1)%len(s.ring)]
		a, c := v.minus(from).dot(n), next.minus(from).dot(n)
		if (a > 0) == (c > 0) {
			continue
		}
		hit := v.to(next, a/(a-c))
		if t := hit.minus(from).dot(u); t > after && t < far {
			edge, at, far = i, hit, t
		}
	}
	return edge, at, far
}
