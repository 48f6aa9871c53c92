package siting

import "slices"

// lists are lists of indices, one behind the other.
type lists struct {
	from []int
	to   []int32
}

func (l *lists) of(i int32) []int32 { return l.to[l.from[i]:l.from[i+1]] }

func (l *lists) len() int { return len(l.from) - 1 }

// transpose turns the points of each site into the sites of each point, ascending.
func (l *lists) transpose(points int) lists {
	t := lists{from: make([]int, points+1), to: make([]int32, len(l.to))}
	for _, point := range l.to {
		t.from[point+1]++
	}
	for i := range points {
		t.from[i+1] += t.from[i]
	}
	next := slices.Clone(t.from)
	for site := range int32(l.len()) {
		for _, point := range l.of(site) {
			t.to[next[point]] = site
			next[point]++
		}
	}
	return t
}

// part is a set of candidates that share no point with a candidate of another part, and their points.
type part struct {
	sites  []int32 // the candidate that each site is, ascending
	points []int32 // the point of the question that each point is, ascending
	weight []int64 // units
	need   []uint8 // 1 or 2
	cover  lists   // points of each site, ascending
	within lists   // sites of each point, ascending
	total  int64
	grain  int64 // every weight is a multiple of it
	single bool  // every need is 1
}

// edges is the length of all lists, which is what a sweep over the part costs.
func (p *part) edges() int64 { return int64(len(p.cover.to)) }

// tables are the reach lists of the active candidates.
type tables struct {
	candidates []int32 // ascending
	reach      [][]int32
	whole      bool // every candidate that could gain anything is among them
}

// materialize reads the reach of the given candidates, most important first, as long as all lists together
// have at most limit entries.
func (m *model) materialize(candidates []int32, limit int) tables {
	const batch = 8192
	reach := make([][]int32, len(candidates))
	entries, done := 0, 0
	for done < len(candidates) && entries < limit {
		end := min(done+batch, len(candidates))
		base := done
		parallel(end-base, 64, func(from, to int) {
			var arena []int32
			for i := base + from; i < base+to; i++ {
				start := len(arena)
				arena = m.reach(int(candidates[i]), arena)
				reach[i] = arena[start:len(arena):len(arena)]
				slices.Sort(reach[i])
			}
		})
		for ; done < end; done++ {
			entries += len(reach[done])
		}
	}
	order := make([]int, done)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(candidates[a]) - int(candidates[b]) })
	t := tables{candidates: make([]int32, done), reach: make([][]int32, done), whole: done == len(candidates)}
	for at, i := range order {
		t.candidates[at], t.reach[at] = candidates[i], reach[i]
	}
	return t
}

// components numbers the sets of candidates that are joined by shared points, in the order of their first
// candidate.
func (t *tables) components(points int) (of []int32, count int) {
	parent := make([]int32, len(t.candidates))
	for i := range parent {
		parent[i] = int32(i)
	}
	find := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := make([]int32, points) // 1 + a site of each point
	for i := range t.candidates {
		for _, point := range t.reach[i] {
			if first[point] == 0 {
				first[point] = int32(i) + 1
				continue
			}
			a, b := find(first[point]-1), find(int32(i))
			parent[max(a, b)] = min(a, b) // the root is the first of its set
		}
	}
	of = make([]int32, len(parent))
	for i := range of {
		if root := find(int32(i)); root == int32(i) {
			of[i] = int32(count)
			count++
		} else {
			of[i] = of[root]
		}
	}
	return of, count
}

// split cuts the candidates into parts. Joined, they are one part.
func (m *model) split(t tables, joined bool) []*part {
	of, count := make([]int32, len(t.candidates)), 1
	if !joined {
		of, count = t.components(len(m.left))
	}
	members := make([][]int32, count)
	for i, c := range of {
		members[c] = append(members[c], int32(i))
	}
	local := make([]int32, len(m.left))
	parts := make([]*part, 0, count)
	for _, each := range members {
		if len(each) > 0 {
			parts = append(parts, m.part(t, each, local))
		}
	}
	return parts
}

// part makes the part of some candidates. The scratch array is as long as all points, and zero.
func (m *model) part(t tables, members, local []int32) *part {
	p := &part{single: true}
	p.cover.from = make([]int, 1, len(members)+1)
	entries := 0
	for _, i := range members {
		entries += len(t.reach[i])
		for _, point := range t.reach[i] {
			if local[point] == 0 {
				local[point] = 1
				p.points = append(p.points, point)
			}
		}
	}
	slices.Sort(p.points)
	for at, point := range p.points {
		local[point] = int32(at)
		p.weight = append(p.weight, m.units(point))
		p.need = append(p.need, m.left[point])
		p.total += m.units(point)
		p.grain = gcd(p.grain, m.units(point))
		p.single = p.single && m.left[point] == 1
	}
	p.grain = max(p.grain, 1)
	p.cover.to = make([]int32, 0, entries)
	for _, i := range members {
		p.sites = append(p.sites, t.candidates[i])
		for _, point := range t.reach[i] {
			p.cover.to = append(p.cover.to, local[point])
		}
		p.cover.from = append(p.cover.from, len(p.cover.to))
	}
	p.within = p.cover.transpose(len(p.points))
	for _, point := range p.points {
		local[point] = 0
	}
	return p
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
