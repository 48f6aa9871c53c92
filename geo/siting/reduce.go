package siting

import (
	"encoding/binary"
	"slices"
)

// A part with more edges is not looked through for sites that can go: the towns of a city have hardly any.
const maxReduce = 400_000

// reduced is the part without sites that reach no more than another one does (of equals the first stays),
// and with points that the same sites reach made one. It has the same best value for every number of sites,
// as long as each point needs one site and one site is as good as another otherwise.
func (p *part) reduced(limit int64) *part {
	if !p.single || p.edges() > limit {
		return p
	}
	kept := make([]bool, len(p.sites))
	for site := range kept {
		kept[site] = !p.dominated(int32(site))
	}
	r := &part{single: true, total: p.total, grain: p.grain}
	merged := make([]int32, len(p.points)) // new number of each point
	number := map[string]int32{}
	for point := range int32(len(p.points)) {
		key := p.keyOf(point, kept)
		at, ok := number[key]
		if !ok {
			at = int32(len(r.points))
			number[key] = at
			r.points, r.weight, r.need = append(r.points, p.points[point]), append(r.weight, 0), append(r.need, 1)
		}
		r.weight[at] += p.weight[point]
		merged[point] = at
	}
	r.cover.from = make([]int, 1)
	for site, keep := range kept {
		if !keep {
			continue
		}
		r.sites = append(r.sites, p.sites[site])
		start := len(r.cover.to)
		for _, point := range p.cover.of(int32(site)) {
			r.cover.to = append(r.cover.to, merged[point])
		}
		slices.Sort(r.cover.to[start:])
		r.cover.to = r.cover.to[:start+len(slices.Compact(r.cover.to[start:]))]
		r.cover.from = append(r.cover.from, len(r.cover.to))
	}
	r.within = r.cover.transpose(len(r.points))
	return r
}

// keyOf names the kept sites that reach a point.
func (p *part) keyOf(point int32, kept []bool) string {
	var key []byte
	for _, site := range p.within.of(point) {
		if kept[site] {
			key = binary.LittleEndian.AppendUint32(key, uint32(site))
		}
	}
	return string(key)
}

// dominated tells whether another site reaches all that a site does. All of them reach its rarest point.
func (p *part) dominated(site int32) bool {
	mine := p.cover.of(site)
	if len(mine) == 0 {
		return true
	}
	rarest := slices.MinFunc(mine, func(a, b int32) int {
		return len(p.within.of(a)) - len(p.within.of(b))
	})
	for _, other := range p.within.of(rarest) {
		theirs := p.cover.of(other)
		if other == site || len(theirs) < len(mine) || len(theirs) == len(mine) && other > site {
			continue
		}
		if contains(theirs, mine) {
			return true
		}
	}
	return false
}

// contains tells whether an ascending list has all of another.
func contains(list, some []int32) bool {
	at := 0
	for _, want := range some {
		for at < len(list) && list[at] < want {
			at++
		}
		if at == len(list) || list[at] != want {
			return false
		}
	}
	return true
}
