package demo

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/yizhan/yizhan/geo/plane"
)

// land is the whole city as one planar map, and who owns what in it.
type land struct {
	m       *plane.Map
	surveys []*survey
	sites   []*settlement // of all banners
	site    []int32       // of each face; negative outside the city
	faces   []plane.Face  // of each site
}

// line is a segment of the map to be, with the sites on its sides: negative where the border of a
// banner hides them.
type line struct {
	plane.Segment
	left, right int32
}

// divideLand gives every settlement its territory: the power cells of the settlements, with roughened
// borders, within their banners.
func divideLand(surveys []*survey) (*land, error) {
	l := &land{surveys: surveys}
	borders := newBorders(surveys)
	var inner []line
	for i, s := range surveys {
		first := int32(len(l.sites))
		l.sites = append(l.sites, s.settlements...)
		for _, b := range s.powerDiagram() {
			for _, part := range borders.clip(i, s.frame.latticePath(b.path)) {
				for k := 1; k < len(part); k++ {
					inner = append(inner, line{plane.Segment{A: part[k-1], B: part[k]}, first + int32(b.left), first + int32(b.right)})
				}
			}
		}
	}
	outer := borders.lines()
	if err := l.build(outer, inner); err != nil {
		return nil, err
	}
	joined := l.joinStrays(inner)
	if len(joined) == len(inner) {
		return l, l.assign()
	}
	if err := l.build(outer, joined); err != nil {
		return nil, err
	}
	return l, l.assign()
}

// build makes the map of banner borders and inner lines, and names the site of each face by the inner
// lines along it.
func (l *land) build(outer []plane.Segment, inner []line) error {
	segments := slices.Clone(outer)
	for _, s := range inner {
		segments = append(segments, s.Segment)
	}
	m, err := plane.Build(segments)
	if err != nil {
		return fmt.Errorf("territories: %w", err)
	}
	l.m, l.site = m, make([]int32, m.Faces())
	for f := range l.site {
		l.site[f] = -1
	}
	for i, s := range inner {
		e := plane.Edge(2 * (len(outer) + i))
		l.site[m.Left(e)], l.site[m.Left(e.Twin())] = s.left, s.right
	}
	return nil
}

// joinStrays finds the parts of territories that the banner's border has cut off from their settlement, and
// gives each to the neighbour with which it has most border, by leaving out the lines between them.
func (l *land) joinStrays(inner []line) []line {
	home := make([]bool, l.m.Faces())
	for f := range home {
		if site := l.site[f]; site >= 0 {
			home[f] = plane.Inside(l.m.Ring(plane.Face(f)), l.seat(site))
		}
	}
	host := make([]plane.Face, l.m.Faces())
	for f := range host {
		host[f] = plane.Face(f)
		if l.site[f] >= 0 && !home[f] {
			host[f] = l.host(plane.Face(f), home)
		}
	}
	first := l.m.Edges() - 2*len(inner)
	var kept []line
	for i, s := range inner {
		left, right := l.m.Left(plane.Edge(first+2*i)), l.m.Left(plane.Edge(first+2*i).Twin())
		if host[left] == host[right] {
			continue
		}
		s.left, s.right = l.site[host[left]], l.site[host[right]]
		kept = append(kept, s)
	}
	return kept
}

func (l *land) seat(site int32) plane.Point {
	return l.frameOf(l.sites[site].banner).lattice(l.sites[site].center)
}

func (l *land) frameOf(b *banner) frame {
	for _, s := range l.surveys {
		if s.banner == b {
			return s.frame
		}
	}
	panic("demo: a banner without a survey")
}

// host is the home territory that shares most border with a stray face of the same banner.
func (l *land) host(stray plane.Face, home []bool) plane.Face {
	f := l.frameOf(l.sites[l.site[stray]].banner)
	shared := make([]float64, l.m.Faces())
	best := stray
	for _, e := range l.m.Around(stray) {
		other := l.m.Left(e.Twin())
		if !home[other] || l.sites[l.site[other]].banner != l.sites[l.site[stray]].banner {
			continue
		}
		shared[other] += f.metres(l.m.From(e)).distance(f.metres(l.m.To(e)))
		if best == stray || shared[other] > shared[best] {
			best = other
		}
	}
	return best
}

// assign notes the one face of each site.
func (l *land) assign() error {
	l.faces = make([]plane.Face, len(l.sites))
	count := make([]int, len(l.sites))
	for f, site := range l.site {
		if site >= 0 {
			l.faces[site] = plane.Face(f)
			count[site]++
		}
	}
	for site, n := range count {
		if n != 1 {
			return fmt.Errorf("territory of %s is in %d parts", l.sites[site].name, n)
		}
	}
	return nil
}

// borders are the outlines of all banners, each edge once, with the vertices that inner lines put on them.
type borders struct {
	surveys []*survey
	index   map[plane.Segment]int
	edges   []plane.Segment
	added   [][]plane.Point
}

func newBorders(surveys []*survey) *borders {
	b := &borders{surveys: surveys, index: map[plane.Segment]int{}}
	for _, s := range surveys {
		for _, e := range s.outline.edges {
			if _, known := b.index[ordered(e)]; !known {
				b.index[ordered(e)] = len(b.edges)
				b.edges = append(b.edges, ordered(e))
			}
		}
	}
	b.added = make([][]plane.Point, len(b.edges))
	return b
}

func ordered(s plane.Segment) plane.Segment {
	if s.A.Compare(s.B) > 0 {
		s.A, s.B = s.B, s.A
	}
	return s
}

// clip cuts a path at the border of a banner, keeps the parts inside, and puts the vertices where they
// begin and end on the border.
func (b *borders) clip(survey int, path []plane.Point) [][]plane.Point {
	var parts [][]plane.Point
	part := []plane.Point{path[0]}
	finish := func() {
		if b.inside(survey, part) {
			parts = append(parts, part)
		}
	}
	for k := 1; k < len(path); k++ {
		for _, x := range b.crossings(survey, plane.Segment{A: path[k-1], B: path[k]}) {
			if x != part[len(part)-1] {
				part = append(part, x)
			}
			finish()
			part = []plane.Point{x}
		}
		if path[k] != part[len(part)-1] {
			part = append(part, path[k])
		}
	}
	finish()
	for _, part := range parts {
		b.anchor(survey, part[0])
		b.anchor(survey, part[len(part)-1])
	}
	return parts
}

// inside tells whether the part of a path, which does not cross the border, is inside the banner.
func (b *borders) inside(survey int, part []plane.Point) bool {
	if len(part) < 2 {
		return false
	}
	k := len(part) / 2
	middle := plane.Point{X: (part[k-1].X + part[k].X) / 2, Y: (part[k-1].Y + part[k].Y) / 2}
	return b.surveys[survey].outline.holds(middle)
}

// crossings lists where the segment crosses the border of the banner, in order from A.
func (b *borders) crossings(survey int, s plane.Segment) []plane.Point {
	outline, f := b.surveys[survey].outline, b.surveys[survey].frame
	from, to := f.metres(s.A), f.metres(s.B)
	var found []plane.Point
	for _, i := range outline.crossed(s) {
		u, v := f.metres(outline.edges[i].A), f.metres(outline.edges[i].B)
		found = append(found, f.lattice(meeting(from, to, u, v)))
	}
	slices.SortFunc(found, func(p, q plane.Point) int {
		return cmp.Compare(f.metres(p).distance(from), f.metres(q).distance(from))
	})
	return found
}

// meeting is where the lines ab and cd meet.
func meeting(a, b, c, d vec) vec {
	ab, cd := b.minus(a), d.minus(c)
	return a.to(b, c.minus(a).cross(cd)/ab.cross(cd))
}

// anchor makes p a vertex of the banner's border if it is on it.
func (b *borders) anchor(survey int, p plane.Point) {
	const reach = 1 // lattice units that rounding may move a crossing
	s := plane.Segment{A: plane.Point{X: p.X - reach, Y: p.Y - reach}, B: plane.Point{X: p.X + reach, Y: p.Y + reach}}
	t := plane.Segment{A: plane.Point{X: p.X - reach, Y: p.Y + reach}, B: plane.Point{X: p.X + reach, Y: p.Y - reach}}
	outline := b.surveys[survey].outline
	near := slices.Concat(outline.crossed(s), outline.crossed(t))
	if len(near) == 0 {
		return
	}
	e := outline.edges[near[0]]
	if k := b.index[ordered(e)]; p != e.A && p != e.B && !slices.Contains(b.added[k], p) {
		b.added[k] = append(b.added[k], p)
	}
}

// lines lists the pieces of all banner borders.
func (b *borders) lines() []plane.Segment {
	var pieces []plane.Segment
	for i, e := range b.edges {
		along := b.added[i]
		slices.SortFunc(along, func(p, q plane.Point) int { return cmp.Compare(alongEdge(e, p), alongEdge(e, q)) })
		from := e.A
		for _, p := range append(along, e.B) {
			pieces = append(pieces, plane.Segment{A: from, B: p})
			from = p
		}
	}
	return pieces
}

func alongEdge(e plane.Segment, p plane.Point) int64 {
	return (p.X-e.A.X)*(e.B.X-e.A.X) + (p.Y-e.A.Y)*(e.B.Y-e.A.Y)
}
