package demo

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/yizhan/yizhan/geo/plane"
)

// builder divides the territories of settlements into communities and those into micro-grids. Each is
// one face of the map.
type builder struct {
	cutter
	site  *settlement
	grids *gridding
}

// gridding says whose every face is.
type gridding struct {
	owner []*community // of each face; nil outside the city
	core  []bool       // of each face
}

func (g *gridding) set(f plane.Face, c *community, core bool) {
	for len(g.owner) <= int(f) {
		g.owner, g.core = append(g.owner, nil), append(g.core, false)
	}
	g.owner[f], g.core[f] = c, core
}

// divideSites makes the micro-grids of all settlements.
func (l *land) divideSites(ctx context.Context, progress func(done, total int)) (*gridding, error) {
	g := &gridding{}
	g.set(plane.Face(l.m.Faces()-1), nil, false)
	done := 0
	for i, site := range l.sites {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := &builder{cutter: cutter{m: l.m, frame: l.frameOf(site.banner)}, site: site, grids: g}
		if err := b.divideSite(l.faces[i]); err != nil {
			return nil, fmt.Errorf("settlement %s: %w", site.name, err)
		}
		done += site.gridCount()
		progress(done, gridsTotal)
	}
	return g, nil
}

func (n *settlement) gridCount() int {
	sum := 0
	for _, c := range n.communities {
		sum += c.grids
	}
	return sum
}

// divideSite carves the built-up core out of a territory and divides both, or the whole if it is hardly
// larger than the core.
func (b *builder) divideSite(territory plane.Face) error {
	built := math.Pi * float64(b.site.radius*b.site.radius)
	if b.shape(territory).area > float64(1.4*built) {
		switch core, outer, ok, err := b.carve(territory); {
		case err != nil:
			return err
		case ok:
			return b.divideTown(core, outer)
		}
	}
	parts, err := b.allot(territory, b.site.communities, roll("allot", b.site.name))
	for i, c := range b.site.communities {
		if err == nil {
			err = b.blocks(parts[i], c, c.grids, roll("blocks", c.code))
		}
	}
	return err
}

// divideTown gives each community of a town its part of the core, and to those at the edge of the core
// the land outside it.
func (b *builder) divideTown(core plane.Face, outer []plane.Face) error {
	parts, err := b.allot(core, b.site.communities, roll("allot", b.site.name))
	if err != nil {
		return err
	}
	outside := b.sectors(parts, outer)
	for i, c := range b.site.communities {
		wild := c.hinterlandGrids(outside[i], b)
		if err := b.blocks(parts[i], c, c.grids-wild, roll("blocks", c.code)); err != nil {
			return err
		}
		if err := b.fields(outside[i], c, wild, roll("fields", c.code)); err != nil {
			return err
		}
	}
	return nil
}

// hinterlandGrids is how many of a community's micro-grids lie outside the core: a part that depends on
// how its people live, more where the land is vast.
func (c *community) hinterlandGrids(sectors []plane.Face, b *builder) int {
	if len(sectors) == 0 {
		return 0
	}
	share := map[string]float64{neighbourhood: 0.03, village: 0.15, gacha: 0.6}[c.kind]
	wanted := math.Round(share * float64(c.grids))
	land := 0.0
	for _, f := range sectors {
		land += b.shape(f).area
	}
	const vast = 120e6 // square metres
	wanted = max(wanted, 3, min(math.Round(land/vast), math.Floor(0.2*float64(c.grids))))
	return max(len(sectors), min(int(wanted), c.grids-1))
}

// allot divides a face among communities by their micro-grids. The list is halved again and again where
// townships meet or near the middle.
func (b *builder) allot(f plane.Face, communities []*community, d dice) ([]plane.Face, error) {
	if len(communities) == 1 {
		return []plane.Face{f}, nil
	}
	half := b.halve(communities)
	here, there := communities[:half], communities[half:]
	flip := b.flip(f, here, there, d)
	first, second := here, there
	if flip {
		first, second = there, here
	}
	left, right, err := b.cutStreet(f, gridsOf(first), gridsOf(second), d)
	if err != nil {
		return nil, err
	}
	if flip {
		left, right = right, left
	}
	a, err := b.allot(left, here, d.sub(0))
	if err != nil {
		return nil, err
	}
	z, err := b.allot(right, there, d.sub(1))
	return append(a, z...), err
}

func gridsOf(communities []*community) int {
	return (&settlement{communities: communities}).gridCount()
}

// halve finds where to part a list of communities: as near to the middle as it can, but sooner between
// two townships than within one.
func (b *builder) halve(communities []*community) int {
	total, before := float64(gridsOf(communities)), 0.0
	best, least := 1, math.Inf(1)
	for i := 1; i < len(communities); i++ {
		before += float64(communities[i-1].grids)
		off := math.Abs(before/total - 0.5)
		if communities[i].township == communities[i-1].township && communities[0].township != communities[len(communities)-1].township {
			off += 0.5
		}
		if off < least {
			best, least = i, off
		}
	}
	return best
}

// flip tells whether the second group should come to the left of the cut rather than the first: by
// where their townships are known to be, else by hash.
func (b *builder) flip(f plane.Face, here, there []*community, d dice) bool {
	line := b.street(b.shape(f))[0]
	lean := b.lean(here).minus(b.lean(there)).dot(line.left())
	if lean == 0 {
		return d.uniform("flip") < 0.5
	}
	return lean < 0
}

// lean is in which direction from the town's centre the communities are known to be.
func (b *builder) lean(communities []*community) vec {
	sum := vec{}
	for _, c := range communities {
		if c.township.point != nil && !c.township.central {
			sum = sum.plus(b.frame.metres(toLattice(*c.township.point)).minus(b.site.center))
		}
	}
	return sum.times(1 / float64(len(communities)))
}

// street is the directions in which a street may be cut through a shape: across its longer side first.
// They follow the axis of the town, which turns a little from place to place.
func (b *builder) street(s shape) []vec {
	middle := s.middle()
	off := middle.minus(b.site.center).times(1 / (b.site.radius + 200))
	d := roll("bend", b.site.name)
	angle := float64(0.035*d.wave("x", off.x)) + float64(0.035*d.wave("y", off.y))
	along := b.site.axis.rotate(direction(angle))
	across := along.left()
	lowA, highA := s.extent(along)
	lowB, highB := s.extent(across)
	if highA-lowA > float64(1.3*(highB-lowB)) { // most blocks lie the same way
		along, across = across, along
	}
	return []vec{along, across, along.plus(across).unit(), along.minus(across).unit()}
}

// middle is the centroid.
func (s shape) middle() vec {
	sum, o := vec{}, s.ring[0]
	for i, v := range s.ring {
		a, c := v.minus(o), s.ring[(i+1)%len(s.ring)].minus(o)
		sum = sum.plus(a.plus(c).times(a.cross(c)))
	}
	return o.plus(sum.times(1 / (6 * s.area)))
}

// cutStreet divides a face by a street so that the parts suit the given numbers of micro-grids. Blocks
// grow towards the edge of the town.
func (b *builder) cutStreet(f plane.Face, left, right int, d dice) (plane.Face, plane.Face, error) {
	s := b.shape(f)
	lines := b.street(s)
	share := b.roomFor(s, lines[0], left, right)
	total := left + right
	w := wish{
		share:      share,
		directions: lines,
		side:       math.Sqrt(s.area / float64(total)),
		join:       0.32,
		stray:      2,
		bend:       bend{stride: 260, swing: 0.02, most: 6},
		dice:       d,
	}
	if l, r, ok := b.divide(f, w); ok {
		return l, r, nil
	}
	return 0, 0, fmt.Errorf("no street fits a block of %.0f m²", s.area)
}

// roomFor is the share of a shape that the left part needs.
func (b *builder) roomFor(s shape, line vec, left, right int) float64 {
	n := line.left()
	low, high := s.extent(n)
	middle := s.middle()
	shift := n.times((high - low) / 4)
	share := float64(left) / float64(left+right)
	for range 2 {
		l := float64(float64(left) * b.roominess(middle.plus(shift)))
		r := float64(float64(right) * b.roominess(middle.minus(shift)))
		share = l / (l + r)
	}
	return share
}

// roominess is how large blocks are at a place, against those at the centre.
func (b *builder) roominess(p vec) float64 {
	far := p.distance(b.site.center) / b.site.radius
	return 0.6 + float64(0.8*min(1, float64(far*far)))
}

// blocks divides a face into n blocks of a community.
func (b *builder) blocks(f plane.Face, c *community, n int, d dice) error {
	if n == 1 {
		b.grids.set(f, c, true)
		return nil
	}
	part := n / 2
	if n > 5 {
		part = int(math.Round(float64(n) * d.between("part", 0.38, 0.62)))
	}
	left, right, err := b.cutStreet(f, part, n-part, d)
	if err != nil {
		return err
	}
	if err := b.blocks(left, c, part, d.sub(0)); err != nil {
		return err
	}
	return b.blocks(right, c, n-part, d.sub(1))
}

// fields divides the land of a community outside the core into n parts, the largest first. Parts near
// the settlement are smaller.
func (b *builder) fields(faces []plane.Face, c *community, n int, d dice) error {
	faces = slices.Clone(faces)
	for len(faces) < n {
		largest := b.largest(faces)
		left, right, err := b.cutField(faces[largest], d.sub(len(faces)))
		if err != nil {
			return err
		}
		faces[largest] = left
		faces = append(faces, right)
	}
	for _, f := range faces {
		b.grids.set(f, c, false)
	}
	return nil
}

func (b *builder) largest(faces []plane.Face) int {
	best, most := 0, 0.0
	for i, f := range faces {
		s := b.shape(f)
		if size := s.area / (s.middle().distance(b.site.center) + float64(4*b.site.radius)); size > most {
			best, most = i, size
		}
	}
	return best
}

// cutField divides a face across its longer axis by a line as of a stream or a track.
func (b *builder) cutField(f plane.Face, d dice) (plane.Face, plane.Face, error) {
	s := b.shape(f)
	across := s.longAxis().left()
	lines := []vec{across}
	for _, turns := range []float64{0.03, -0.03, 0.08, -0.08, 0.14, -0.14, 0.25} {
		lines = append(lines, across.rotate(direction(turns)))
	}
	w := wish{
		share:      d.between("share", 0.42, 0.58),
		directions: lines,
		side:       math.Sqrt(s.area) / 4,
		join:       0.3,
		bend:       bend{stride: max(120, math.Sqrt(s.area)/12), swing: 0.1, most: 14},
		dice:       d,
	}
	if l, r, ok := b.divide(f, w); ok {
		return l, r, nil
	}
	return 0, 0, fmt.Errorf("no line fits land of %.0f m²", s.area)
}

// longAxis is the direction in which the shape is longest: that of the greater moment of its outline.
func (s shape) longAxis() vec {
	middle := s.middle()
	var xx, xy, yy float64
	for i, v := range s.ring {
		next := s.ring[(i+1)%len(s.ring)]
		p, w := v.to(next, 0.5).minus(middle), v.distance(next)
		xx, xy, yy = xx+float64(float64(p.x*p.x)*w), xy+float64(float64(p.x*p.y)*w), yy+float64(float64(p.y*p.y)*w)
	}
	// The eigenvector of the larger eigenvalue.
	gap := float64((xx - yy) / 2)
	root := math.Sqrt(float64(gap*gap) + float64(xy*xy))
	switch {
	case root == 0:
		return vec{1, 0}
	case gap >= 0:
		return vec{gap + root, xy}.unit()
	}
	return vec{xy, root - gap}.unit()
}

// faces lists the faces of each community from north-west to south-east, as their codes run.
func (g *gridding) faces(m *plane.Map) map[*community][]plane.Face {
	byCommunity := map[*community][]plane.Face{}
	for f, c := range g.owner {
		if c != nil {
			byCommunity[c] = append(byCommunity[c], plane.Face(f))
		}
	}
	for _, faces := range byCommunity {
		slices.SortStableFunc(faces, func(f, g plane.Face) int { return cmp.Compare(southEast(m, f), southEast(m, g)) })
	}
	return byCommunity
}

func southEast(m *plane.Map, f plane.Face) int64 {
	ring := m.Ring(f)
	var sum int64
	for _, p := range ring {
		sum += 2*p.X - 3*p.Y
	}
	return sum / int64(len(ring))
}
