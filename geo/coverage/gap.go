package coverage

import (
	"cmp"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
	"github.com/yizhan/yizhan/geo/nearest"
)

// Gaps are the gaps (盲区) of a demand: its uncovered populated cells, those that touch taken together.
// Each such cell is in exactly one gap, and every gap is in one piece: from cell to cell across edges.
// Gaps are numbered from 0 in the order of households, most first, then of ids. They are immutable and
// safe for concurrent use.
type Gaps struct {
	demand *Demand
	rows   []gapRow
	cells  []int32 // positions of finest cells, gap by gap, ascending in each
	gapOf  []int32 // the gap of each finest cell, or nowhere

	uncovered struct { // made when first asked for, as only BestSite needs it
		once sync.Once
		upTo []int64 // households in gaps in the finest cells before each one, and in all
	}
}

type gapRow struct {
	households int64
	from, to   int32 // cells
	anchor     int32 // the cell with most households, the first of equals
}

// Gap is what there is to say about a gap.
type Gap struct {
	// ID is the H3 text of the cell with most households, the lowest of equal ones. So it outlives every
	// change of the gap that leaves this cell uncovered and the fullest.
	ID         string
	Cells      int
	Households int64
	Units      []UnitHouseholds // those that have households in the gap, ascending
	// Center is the mean of the centres of the cells, weighted by households. It may lie outside of a
	// gap that is bent or has a hole.
	Center orb.Point
	// Bound holds all of the cells; it is up to about one cell too large on each side.
	Bound orb.Bound
}

// UnitHouseholds are some households of a unit.
type UnitHouseholds struct {
	Unit       string
	Households int64
}

// Gaps finds the gaps that are left if some of the finest cells are covered.
func (d *Demand) Gaps(covered []bool) (*Gaps, error) {
	l := d.finest()
	if len(covered) != len(l.cells) {
		return nil, invalid("covered", "is about %d cells; there are %d", len(covered), len(l.cells))
	}
	g := &Gaps{demand: d}
	var number int32
	g.gapOf, number = clusters(l.neighborsOf(), func(cell int) bool { return !covered[cell] && l.households[cell] > 0 })
	g.rows = make([]gapRow, number)
	for i := range g.rows {
		g.rows[i].anchor = nowhere
	}
	for cell, gap := range g.gapOf {
		if gap != nowhere {
			g.rows[gap].add(l, int32(cell))
		}
	}
	g.rank()
	return g, nil
}

// clusters joins the cells that belong and touch. It numbers the clusters in the order of their first
// cells, and gives that of each cell, or nowhere.
func clusters(neighbors [][maxNeighbors]int32, belongs func(cell int) bool) (clusterOf []int32, number int32) {
	// A forest in which nobody's parent comes later, so that the root of a cluster is its first cell.
	parents := make([]int32, len(neighbors))
	for cell := range neighbors {
		if parents[cell] = nowhere; !belongs(cell) {
			continue
		}
		root := int32(cell)
		parents[cell] = root
		for _, other := range neighbors[cell] {
			if other != nowhere && other < int32(cell) && parents[other] != nowhere {
				root = join(parents, root, rootOf(parents, other))
			}
		}
	}
	for cell, parent := range parents { // parents come first and are numbers already
		switch {
		case parent == int32(cell):
			parents[cell] = number
			number++
		case parent != nowhere:
			parents[cell] = parents[parent]
		}
	}
	return parents, number
}

func rootOf(parents []int32, cell int32) int32 {
	for parents[cell] != cell {
		parents[cell] = parents[parents[cell]]
		cell = parents[cell]
	}
	return cell
}

func join(parents []int32, a, b int32) int32 {
	first := min(a, b)
	parents[a], parents[b] = first, first
	return first
}

// add counts a cell, for now in to.
func (row *gapRow) add(l *level, cell int32) {
	row.to++
	row.households += l.households[cell]
	if row.anchor == nowhere || l.households[cell] > l.households[row.anchor] {
		row.anchor = cell
	}
}

// rank puts the gaps in order and gives each its cells.
func (g *Gaps) rank() {
	// Finest cells have text of one length, so their order is that of ids.
	ranking := make([]int32, len(g.rows))
	for i := range ranking {
		ranking[i] = int32(i)
	}
	slices.SortFunc(ranking, func(a, b int32) int {
		return cmp.Or(cmp.Compare(g.rows[b].households, g.rows[a].households), cmp.Compare(g.rows[a].anchor, g.rows[b].anchor))
	})
	ranked, rankOf := make([]gapRow, len(g.rows)), make([]int32, len(g.rows))
	from := int32(0)
	for rank, gap := range ranking {
		rankOf[gap] = int32(rank)
		row := g.rows[gap]
		from, row.from, row.to = from+row.to, from, from
		ranked[rank] = row
	}
	g.rows, g.cells = ranked, make([]int32, from)
	for cell, gap := range g.gapOf {
		if gap == nowhere {
			continue
		}
		row := &g.rows[rankOf[gap]]
		g.gapOf[cell] = rankOf[gap]
		g.cells[row.to] = int32(cell)
		row.to++
	}
}

// Len is the number of gaps.
func (g *Gaps) Len() int { return len(g.rows) }

// Cells is the number of cells in gaps.
func (g *Gaps) Cells() int { return len(g.cells) }

// Households is how many there are in all gaps.
func (g *Gaps) Households() int64 {
	sum := int64(0)
	for i := range g.rows {
		sum += g.rows[i].households
	}
	return sum
}

// CellsOf lists the cells of a gap in ascending order.
func (g *Gaps) CellsOf(gap int) []hex.Cell {
	positions := g.positions(gap)
	cells := make([]hex.Cell, len(positions))
	for i, at := range positions {
		cells[i] = g.demand.finest().cells[at]
	}
	return cells
}

func (g *Gaps) positions(gap int) []int32 { return g.cells[g.rows[gap].from:g.rows[gap].to] }

// Holding is the gap that holds a finest cell.
func (g *Gaps) Holding(cell hex.Cell) (gap int, ok bool) {
	at, found := slices.BinarySearch(g.demand.finest().cells, cell)
	if !found || g.gapOf[at] == nowhere {
		return 0, false
	}
	return int(g.gapOf[at]), true
}

// Find is the gap with an id.
func (g *Gaps) Find(id string) (gap int, ok bool) {
	cell, err := hex.Parse(id)
	if err != nil {
		return 0, false
	}
	gap, ok = g.Holding(cell)
	return gap, ok && g.id(gap) == id
}

func (g *Gaps) id(gap int) string { return g.demand.finest().cells[g.rows[gap].anchor].String() }

// Gap tells about a gap.
func (g *Gaps) Gap(gap int) Gap {
	row := &g.rows[gap]
	center, bound := g.middle(gap)
	return Gap{
		ID: g.id(gap), Cells: int(row.to - row.from), Households: row.households,
		Units: g.units(gap), Center: center, Bound: bound,
	}
}

func (g *Gaps) middle(gap int) (center orb.Point, bound orb.Bound) {
	l, row := g.demand.finest(), &g.rows[gap]
	anchor := l.centers[row.anchor]
	bound = anchor.Bound()
	var east, north float64 // of the anchor, times households
	for _, cell := range g.positions(gap) {
		at := l.centers[cell]
		at[0] = hex.LngNear(at[0], anchor[0])
		bound = bound.Extend(at)
		households := float64(l.households[cell])
		east += households * (at[0] - anchor[0])
		north += households * (at[1] - anchor[1])
	}
	all := float64(row.households)
	center = orb.Point{hex.LngNear(anchor[0]+east/all, 0), anchor[1] + north/all}
	return center, geo.ExpandMeters(bound, l.reachM())
}

func (g *Gaps) units(gap int) []UnitHouseholds {
	d := g.demand
	var parts []part
	for _, cell := range g.positions(gap) {
		for i := d.partsFrom[cell]; i < d.partsFrom[cell+1]; i++ {
			parts = append(parts, part{unit: d.partUnit[i], households: int64(d.partHouseholds[i])})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.unit, b.unit) })
	var units []UnitHouseholds
	for i, p := range parts {
		switch {
		case p.households == 0:
		case i > 0 && len(units) > 0 && d.units[p.unit] == units[len(units)-1].Unit:
			units[len(units)-1].Households += p.households
		default:
			units = append(units, UnitHouseholds{d.units[p.unit], p.households})
		}
	}
	return units
}

// SiteDistance is how far a site is.
type SiteDistance struct {
	Site      int     // as given to nearest.New
	DistanceM float64 // true metres along the straight line
}

// GapDistances tell how far a gap is from a site.
type GapDistances struct {
	// Edge is from the nearest centre of a cell of the gap: how far the first of its households are. It
	// is just beyond the reach wherever a gap borders on covered cells.
	Edge SiteDistance
	// Center is from the centre of the gap: how far its households are as a whole.
	Center SiteDistance
}

// Distances gives the sites nearest to a gap, the first of equally near ones; ok is false if there is
// no site. The sites should be those that count for what is covered.
func (g *Gaps) Distances(gap int, sites *nearest.Index) (distances GapDistances, ok bool) {
	center, _ := g.middle(gap)
	from := sites.Find(nearest.Query{At: center, K: 1})
	if len(from) == 0 {
		return GapDistances{}, false
	}
	distances.Center = SiteDistance{from[0].Index, from[0].DistanceM}
	q := nearest.Query{K: 1}
	var best nearest.Found
	for i, cell := range g.positions(gap) {
		q.At = g.demand.finest().centers[cell]
		found := sites.AppendFind(from[:0], q)
		if len(found) == 0 {
			continue // nothing as near as the best so far
		}
		nearer := cmp.Or(cmp.Compare(found[0].DistanceM, best.DistanceM), cmp.Compare(found[0].Index, best.Index)) < 0
		if i == 0 || nearer {
			best = found[0]
			q.MaxDistanceM = max(best.DistanceM, 1e-6) // as 0 is no limit
		}
	}
	distances.Edge = SiteDistance{best.Index, best.DistanceM}
	return distances, true
}
