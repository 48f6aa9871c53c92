package coverage_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
	"github.com/yizhan/yizhan/geo/nearest"
)

// populated is the demand cell by cell, in the order of a Demand.
type populated struct {
	cells      []hex.Cell
	households map[hex.Cell]int64
	units      map[hex.Cell]map[string]int64
	sorted     []coverage.UnitAllotment
}

func populatedOf(allotments []coverage.UnitAllotment) *populated {
	p := &populated{households: map[hex.Cell]int64{}, units: map[hex.Cell]map[string]int64{}, sorted: allotments}
	for _, a := range allotments {
		for _, share := range a.Shares {
			if share.Households == 0 {
				continue // a demand has no cells of nobody
			}
			if _, known := p.households[share.Cell]; !known {
				p.cells = append(p.cells, share.Cell)
				p.units[share.Cell] = map[string]int64{}
			}
			p.households[share.Cell] += int64(share.Households)
			p.units[share.Cell][a.Unit] += int64(share.Households)
		}
	}
	slices.Sort(p.cells)
	return p
}

// coveredBy tells which cells are within a distance of a point.
func (p *populated) coveredBy(points []orb.Point, radiusM float64) []bool {
	covered := make([]bool, len(p.cells))
	for i, cell := range p.cells {
		covered[i] = slices.ContainsFunc(points, func(at orb.Point) bool { return geo.Distance(at, cell.Center()) <= radiusM })
	}
	return covered
}

// flood finds the gaps by spreading from cell to cell: sets of cells, most households first, then by the
// fullest cell.
func (p *populated) flood(covered []bool) [][]hex.Cell {
	open := map[hex.Cell]bool{}
	for i, cell := range p.cells {
		if !covered[i] && p.households[cell] > 0 {
			open[cell] = true
		}
	}
	var gaps [][]hex.Cell
	for _, cell := range p.cells {
		if !open[cell] {
			continue
		}
		gap := []hex.Cell{cell}
		delete(open, cell)
		for i := 0; i < len(gap); i++ {
			for _, other := range gap[i].Disk(1) {
				if open[other] {
					delete(open, other)
					gap = append(gap, other)
				}
			}
		}
		slices.Sort(gap)
		gaps = append(gaps, gap)
	}
	slices.SortFunc(gaps, func(a, b []hex.Cell) int {
		return cmp.Or(cmp.Compare(p.sum(b), p.sum(a)), cmp.Compare(p.fullest(a).String(), p.fullest(b).String()))
	})
	return gaps
}

func (p *populated) sum(cells []hex.Cell) (households int64) {
	for _, cell := range cells {
		households += p.households[cell]
	}
	return households
}

func (p *populated) fullest(cells []hex.Cell) hex.Cell {
	best := cells[0]
	for _, cell := range cells {
		if p.households[cell] > p.households[best] {
			best = cell
		}
	}
	return best
}

func (p *populated) unitsOf(cells []hex.Cell) []coverage.UnitHouseholds {
	sums := map[string]int64{}
	for _, cell := range cells {
		for unit, households := range p.units[cell] {
			sums[unit] += households
		}
	}
	var units []coverage.UnitHouseholds
	for unit, households := range sums {
		if households > 0 {
			units = append(units, coverage.UnitHouseholds{Unit: unit, Households: households})
		}
	}
	slices.SortFunc(units, func(a, b coverage.UnitHouseholds) int { return cmp.Compare(a.Unit, b.Unit) })
	return units
}

func gapsOf(t testing.TB, d *coverage.Demand, covered []bool) *coverage.Gaps {
	t.Helper()
	g, err := d.Gaps(covered)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// townsOf makes allotments of full disks of cells around some places: gaps with an inside.
func townsOf(seed uint64, at orb.Point, towns, rings, resolution int) []coverage.UnitAllotment {
	rng := rand.New(rand.NewPCG(seed, 6))
	allotments := make([]coverage.UnitAllotment, towns)
	step := math.Sqrt(hex.AverageAreaM2(resolution)) * float64(rings) / 111_000
	for i := range allotments {
		allotments[i].Unit = fmt.Sprintf("1507%02d%03d", 2+rng.IntN(2), rng.IntN(4))
		p := orb.Point{math.Remainder(at[0]+rng.NormFloat64()*step*2, 360), at[1] + rng.NormFloat64()*step}
		middle, err := hex.Of(p, resolution)
		if err != nil {
			panic(err)
		}
		for _, cell := range middle.Disk(rng.IntN(rings + 1)) {
			allotments[i].Shares = append(allotments[i].Shares, coverage.Share{Cell: cell, Households: int32(rng.IntN(9))})
		}
	}
	return allotments
}

// pentagonAt is the middle of a pentagon of the resolution, far from any edge of the world.
func pentagonAt(t testing.TB, resolution int) orb.Point {
	t.Helper()
	// Base cell 14 is a pentagon, at 38.6°N 7.0°E or so; the middle child of a pentagon is one.
	cell, err := hex.Parse("801dfffffffffff")
	if err != nil {
		t.Fatal(err)
	}
	p := cell.Center()
	if at, err := hex.Of(p, resolution); err != nil || len(at.Disk(1)) != 6 {
		t.Fatalf("%s is no pentagon (%v)", at, err)
	}
	return p
}

// gapPlaces are places that each have a trap: cells with five neighbours, cells with more than six
// vertices, the end of the map.
func gapPlaces(t testing.TB) map[string]orb.Point {
	return map[string]orb.Point{
		"Hailar": hailar, "pentagon": pentagonAt(t, 10), "antimeridian": {180, 51}, "equator": {0, 0},
		// An edge of the icosahedron crosses the west of the city here: see TestAnIcosahedronEdgeIsMet.
		"icosahedron edge": icosahedronEdge,
	}
}

var icosahedronEdge = orb.Point{115.2, 48.45}

func TestGapsAreFlooded(t *testing.T) {
	for name, at := range gapPlaces(t) {
		for _, resolution := range []int{9, 10} {
			t.Run(fmt.Sprintf("%s at %d", name, resolution), func(t *testing.T) {
				allotments := townsOf(1, at, 40, 6, resolution)
				p := populatedOf(allotments)
				d, err := coverage.NewDemand(resolution, allotments)
				if err != nil {
					t.Fatal(err)
				}
				for _, points := range [][]orb.Point{nil, {at}, pointsAround(3, 12, at, 0.02), pointsAround(4, 60, at, 0.02)} {
					covered := p.coveredBy(points, 600)
					checkGaps(t, p, gapsOf(t, d, covered), covered, points)
				}
			})
		}
	}
}

func checkGaps(t *testing.T, p *populated, g *coverage.Gaps, covered []bool, points []orb.Point) {
	t.Helper()
	want := p.flood(covered)
	if g.Len() != len(want) {
		t.Fatalf("%d gaps, want %d", g.Len(), len(want))
	}
	cells, households := 0, int64(0)
	index := nearest.New(points)
	for i, cellsWanted := range want {
		gap := g.Gap(i)
		cells += gap.Cells
		households += gap.Households
		if got := g.CellsOf(i); !slices.Equal(got, cellsWanted) {
			t.Fatalf("gap %d is %v, want %v", i, got, cellsWanted)
		}
		if gap.ID != p.fullest(cellsWanted).String() || gap.Households != p.sum(cellsWanted) || gap.Cells != len(cellsWanted) {
			t.Errorf("gap %d: %+v", i, gap)
		}
		if units := p.unitsOf(cellsWanted); !slices.Equal(gap.Units, units) {
			t.Errorf("gap %s touches %v, want %v", gap.ID, gap.Units, units)
		}
		if at, ok := g.Find(gap.ID); !ok || at != i {
			t.Errorf("gap %s is found at %d, %v", gap.ID, at, ok)
		}
		checkDistances(t, g, i, points, index)
		checkOutline(t, g, i)
	}
	if cells != g.Cells() || households != g.Households() {
		t.Errorf("gaps have %d cells and %d households in all, it says %d and %d", cells, households, g.Cells(), g.Households())
	}
}

func checkDistances(t *testing.T, g *coverage.Gaps, gap int, points []orb.Point, index *nearest.Index) {
	t.Helper()
	distances, ok := g.Distances(gap, index)
	if ok != (len(points) > 0) {
		t.Errorf("gap %d of %d points: distances %v", gap, len(points), ok)
	}
	if !ok {
		return
	}
	edge, center := math.Inf(1), math.Inf(1)
	for _, p := range points {
		center = min(center, geo.Distance(p, g.Gap(gap).Center))
		for _, cell := range g.CellsOf(gap) {
			edge = min(edge, geo.Distance(p, cell.Center()))
		}
	}
	if math.Abs(distances.Edge.DistanceM-edge) > 1e-6 || math.Abs(distances.Center.DistanceM-center) > 1e-6 {
		t.Errorf("gap %d: distances %+v, want %g and %g", gap, distances, edge, center)
	}
	if got := geo.Distance(points[distances.Center.Site], g.Gap(gap).Center); math.Abs(got-center) > 1e-6 {
		t.Errorf("gap %d: site %d is %g m away, not %g", gap, distances.Center.Site, got, center)
	}
}

// checkOutline asks for a valid polygon of the area of the cells, with the right winding, that holds
// the centres of all of its cells and no others near by.
func checkOutline(t *testing.T, g *coverage.Gaps, gap int) {
	t.Helper()
	outline, err := g.Outline(gap)
	if err != nil {
		t.Fatal(err)
	}
	cells := g.CellsOf(gap)
	area := 0.0
	bound := g.Gap(gap).Bound
	for _, cell := range cells {
		area += hex.NewShape(orb.MultiPolygon{{cell.Boundary()}}, nil).AreaM2()
	}
	// Every ring is projected around the polygon's first vertex and each cell around its own: areas in the plane
	// depend on the origin a little.
	if got := hex.NewShape(outline, nil).AreaM2(); math.Abs(got-area) > 2e-3*area {
		t.Errorf("gap %d: outline of %g m², its %d cells have %g", gap, got, len(cells), area)
	}
	if got, want := math.Abs(degreesArea(outline)), sumOfDegrees(cells); math.Abs(got-want) > 1e-6*want {
		t.Errorf("gap %d: outline of %g square degrees, its %d cells have %g", gap, got, len(cells), want)
	}
	for i, ring := range outline[0] {
		if want := map[bool]orb.Orientation{true: orb.CCW, false: orb.CW}[i == 0]; ring.Orientation() != want {
			t.Errorf("gap %d: ring %d of %d is wound %d", gap, i, len(outline[0]), ring.Orientation())
		}
		if ring[0] != ring[len(ring)-1] || len(ring) < 6 || !isSimple(ring) {
			t.Errorf("gap %d: ring %d is not simple and closed: %v", gap, i, ring)
		}
		if b := ring.Bound(); bound.Max[0]-bound.Min[0] < 300 && (!bound.Contains(b.Min) || !bound.Contains(b.Max)) {
			t.Errorf("gap %d: bound %v does not hold ring %v", gap, bound, b)
		}
	}
}

func sumOfDegrees(cells []hex.Cell) float64 {
	sum := 0.0
	for _, cell := range cells {
		sum += degreesArea(orb.MultiPolygon{{cell.Boundary()}})
	}
	return sum
}

// degreesArea is the area in the plane of degrees, holes taken off by their winding. In this plane, unlike in
// one drawn around each cell, cells add up to the last bits.
func degreesArea(area orb.MultiPolygon) float64 {
	sum := 0.0
	for _, polygon := range area {
		for _, ring := range polygon {
			for i := 1; i+1 < len(ring); i++ {
				a, b := [2]float64{ring[i][0] - ring[0][0], ring[i][1] - ring[0][1]}, [2]float64{ring[i+1][0] - ring[0][0], ring[i+1][1] - ring[0][1]}
				sum += (a[0]*b[1] - a[1]*b[0]) / 2
			}
		}
	}
	return sum
}

// isSimple tells whether no vertex comes twice and no two edges cross.
func isSimple(ring orb.Ring) bool {
	n := len(ring) - 1
	seen := map[orb.Point]bool{}
	for i := range n {
		if seen[ring[i]] {
			return false
		}
		seen[ring[i]] = true
	}
	if n > 400 {
		return true // too many pairs for a quick test
	}
	side := func(a, b, p orb.Point) float64 { return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0]) }
	for i := range n {
		for j := i + 2; j < n; j++ {
			a, b, c, d := ring[i], ring[i+1], ring[j], ring[j+1]
			if (i > 0 || j < n-1) && side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0 {
				return false
			}
		}
	}
	return true
}

// A ring of cells around a pond is a gap with a hole, and an island in it another gap.
func TestAGapMayHaveAHoleWithAGapInIt(t *testing.T) {
	middle, err := hex.Of(hailar, resolution)
	if err != nil {
		t.Fatal(err)
	}
	pond := middle.Disk(3)
	var shares []coverage.Share
	for _, cell := range middle.Disk(5) {
		if cell == middle || !slices.Contains(pond, cell) {
			shares = append(shares, coverage.Share{Cell: cell, Households: 2})
		}
	}
	slices.SortFunc(shares, func(a, b coverage.Share) int { return cmp.Compare(a.Cell, b.Cell) })
	d := demandOf(t, []coverage.UnitAllotment{{Unit: "150702", Allotment: coverage.Allotment{Shares: shares}}})
	g := gapsOf(t, d, make([]bool, len(shares)))
	if g.Len() != 2 || g.Gap(0).Cells != 91-37 || g.Gap(1).Cells != 1 {
		t.Fatalf("%d gaps, the first of %+v", g.Len(), g.Gap(0))
	}
	for gap, rings := range []int{2, 1} {
		outline, err := g.Outline(gap)
		if err != nil || len(outline) != 1 || len(outline[0]) != rings {
			t.Errorf("gap %d has outline %v (%v), want %d rings", gap, outline, err, rings)
		}
		checkOutline(t, g, gap)
	}
	if d := geo.Distance(g.Gap(0).Center, middle.Center()); d > 10 {
		t.Errorf("the ring has its centre %g m off", d)
	}
}

// The traps of gapPlaces must be where they are said to be.
func TestAnIcosahedronEdgeIsMet(t *testing.T) {
	most := 0
	for _, a := range townsOf(1, icosahedronEdge, 40, 6, 9) {
		for _, share := range a.Shares {
			most = max(most, len(share.Cell.Boundary())-1)
		}
	}
	if most < 7 {
		t.Errorf("no cell has more than %d vertices", most)
	}
}

func TestCellsWithoutHouseholdsAreNoGap(t *testing.T) {
	middle, err := hex.Of(hailar, resolution)
	if err != nil {
		t.Fatal(err)
	}
	shares := []coverage.Share{{Cell: middle}}
	d := demandOf(t, []coverage.UnitAllotment{{Unit: "1", Allotment: coverage.Allotment{Shares: shares}}})
	if g := gapsOf(t, d, make([]bool, d.Cells())); g.Len() != 0 || g.Households() != 0 {
		t.Errorf("%d gaps", g.Len())
	}
	empty := demandOf(t, nil)
	g := gapsOf(t, empty, nil)
	if sites, err := g.BestSites(5, 1000); g.Len() != 0 || err != nil || len(sites) != 0 {
		t.Errorf("%d gaps where there is nobody: %v, %v", g.Len(), sites, err)
	}
}

func TestGapsRefuse(t *testing.T) {
	d := demandOf(t, strewn(1, 30, hailar, 0.05))
	var input *coverage.InputError
	if _, err := d.Gaps(make([]bool, d.Cells()+1)); !errors.As(err, &input) || input.Field != "covered" {
		t.Errorf("covered cells of another demand: %v", err)
	}
	g := gapsOf(t, d, make([]bool, d.Cells()))
	for _, reachM := range []float64{-1, math.NaN(), math.Inf(1), coverage.MaxReachM + 1} {
		if _, err := g.BestSite(0, reachM); !errors.As(err, &input) || input.Field != "reach_m" {
			t.Errorf("reach %g: %v", reachM, err)
		}
	}
	other, err := coverage.NewDemand(9, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := coverage.GapDiff(g, gapsOf(t, other, nil)); !errors.As(err, &input) || input.Field != "resolution" {
		t.Errorf("difference of two resolutions: %v", err)
	}
	for _, id := range []string{"", "zz", "8a2830828767fff", middleOf(t, hailar).Parent(9).String()} {
		if gap, ok := g.Find(id); ok {
			t.Errorf("%q is gap %d", id, gap)
		}
	}
}

func middleOf(t testing.TB, at orb.Point) hex.Cell {
	t.Helper()
	cell, err := hex.Of(at, resolution)
	if err != nil {
		t.Fatal(err)
	}
	return cell
}

// One more site never adds a cell to the gaps, nor a household.
func TestASiteNeverAddsToGaps(t *testing.T) {
	allotments := townsOf(5, hailar, 60, 6, resolution)
	p, d := populatedOf(allotments), demandOf(t, allotments)
	points := pointsAround(6, 30, hailar, 0.05)
	before := gapsOf(t, d, p.coveredBy(nil, 800))
	for n := range points {
		after := gapsOf(t, d, p.coveredBy(points[:n+1], 800))
		changes, err := coverage.GapDiff(before, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if c.CellsGained != 0 || c.HouseholdsGained != 0 || c.Kind == coverage.GapCreated || c.Kind == coverage.GapMerged {
				t.Errorf("site %d: %+v", n, c)
			}
		}
		if after.Households() > before.Households() {
			t.Errorf("site %d: %d households in gaps, %d before", n, after.Households(), before.Households())
		}
		before = after
	}
}

func TestBestSiteIsBruteForce(t *testing.T) {
	for name, at := range gapPlaces(t) {
		t.Run(name, func(t *testing.T) {
			allotments := townsOf(7, at, 40, 5, resolution)
			p, d := populatedOf(allotments), demandOf(t, allotments)
			covered := p.coveredBy(pointsAround(8, 10, at, 0.02), 700)
			g := gapsOf(t, d, covered)
			for _, reachM := range []float64{0, 100, 500, 1000, 3000} {
				sites, err := g.BestSites(8, reachM)
				if err != nil {
					t.Fatal(err)
				}
				for gap, got := range sites {
					if want := p.bestSite(g, gap, reachM); got != want {
						t.Errorf("%g m, gap %d: %+v, want %+v", reachM, gap, got, want)
					}
					if one, err := g.BestSite(gap, reachM); err != nil || one != got {
						t.Errorf("%g m, gap %d: alone %+v, %v", reachM, gap, one, err)
					}
				}
			}
		})
	}
}

func TestGapsAreTheSameOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	allotments := townsOf(15, hailar, 60, 6, resolution)
	p := populatedOf(allotments)
	covered := p.coveredBy(pointsAround(16, 12, hailar, 0.02), 600)
	var first []any
	for _, processors := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(processors)
		g := gapsOf(t, demandOf(t, allotments), covered)
		sites, err := g.BestSites(g.Len(), 800)
		if err != nil {
			t.Fatal(err)
		}
		got := []any{sites}
		for gap := range g.Len() {
			outline, err := g.Outline(gap)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, g.Gap(gap), outline)
		}
		if first == nil {
			first = got
		}
		if !reflect.DeepEqual(first, got) {
			t.Errorf("other gaps on %d processors", processors)
		}
	}
}

func (p *populated) bestSite(g *coverage.Gaps, gap int, reachM float64) (best coverage.SiteGain) {
	places := make([]geo.ECEF, len(p.cells))
	for i, cell := range p.cells {
		places[i] = geo.ToECEF(cell.Center())
	}
	limit := geo.SquaredChordOf(reachM)
	for i, cell := range p.cells {
		if p.households[cell] == 0 {
			continue
		}
		site := coverage.SiteGain{Cell: cell, At: cell.Center()}
		for j, other := range p.cells {
			if at, ok := g.Holding(other); ok && places[i].SquaredChord(places[j]) <= limit {
				site.Households += p.households[other]
				if at == gap {
					site.OfGap += p.households[other]
				}
			}
		}
		if site.OfGap > 0 && site.Households > best.Households {
			best = site
		}
	}
	return best
}

func TestGapDiff(t *testing.T) {
	row := rowOfCells(t, 9)
	open := func(pattern string) []bool {
		covered := make([]bool, len(row.cells))
		for i, cell := range row.along {
			at, _ := slices.BinarySearch(row.cells, cell)
			covered[at] = pattern[i] == '.'
		}
		return covered
	}
	tests := []struct {
		before, after string
		kinds         []coverage.GapChangeKind
	}{
		{".........", ".........", nil},
		{"###......", "###......", nil},
		{".........", "###......", []coverage.GapChangeKind{coverage.GapCreated}},
		{"##.......", ".........", []coverage.GapChangeKind{coverage.GapClosed}},
		{"##.......", "###......", []coverage.GapChangeKind{coverage.GapGrown}},
		{"####.....", "###......", []coverage.GapChangeKind{coverage.GapShrunk}},
		{"####.....", ".####....", []coverage.GapChangeKind{coverage.GapShifted}},
		{"#####....", "##.##....", []coverage.GapChangeKind{coverage.GapSplit}},
		{"##.##....", "#####....", []coverage.GapChangeKind{coverage.GapMerged}},
		{"#####.##.", "##.#####.", []coverage.GapChangeKind{coverage.GapRegrouped}},
		{"##.......", "......##.", []coverage.GapChangeKind{coverage.GapClosed, coverage.GapCreated}},
		{"#########", ".........", []coverage.GapChangeKind{coverage.GapClosed}},
	}
	for _, test := range tests {
		a, b := gapsOf(t, row.demand, open(test.before)), gapsOf(t, row.demand, open(test.after))
		changes, err := coverage.GapDiff(a, b)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []coverage.GapChangeKind
		for _, c := range changes {
			kinds = append(kinds, c.Kind)
		}
		slices.Sort(kinds)
		want := slices.Clone(test.kinds)
		slices.Sort(want)
		if !slices.Equal(kinds, want) {
			t.Errorf("%s to %s: %+v, want %v", test.before, test.after, changes, want)
		}
		checkDiff(t, a, b, changes)
	}
}

// checkDiff asks that the changes account for the whole difference.
func checkDiff(t *testing.T, before, after *coverage.Gaps, changes []coverage.GapChange) {
	t.Helper()
	cells, households := before.Cells(), before.Households()
	for _, c := range changes {
		cells += c.CellsGained - c.CellsLost
		households += c.HouseholdsGained - c.HouseholdsLost
	}
	if cells != after.Cells() || households != after.Households() {
		t.Errorf("changes lead to %d cells and %d households, want %d and %d", cells, households, after.Cells(), after.Households())
	}
}

type cellRow struct {
	along, cells []hex.Cell // in a row, and ascending
	demand       *coverage.Demand
}

// rowOfCells is n cells in a row, each touching the next one only.
func rowOfCells(t *testing.T, n int) cellRow {
	t.Helper()
	row := cellRow{along: []hex.Cell{middleOf(t, hailar)}}
	for len(row.along) < n {
		edges := row.along[len(row.along)-1].Edges()
		east := slices.MaxFunc(edges, func(a, b hex.Edge) int {
			return cmp.Compare(a.Neighbor.Center()[0], b.Neighbor.Center()[0])
		})
		row.along = append(row.along, east.Neighbor)
	}
	var shares []coverage.Share
	for _, cell := range row.along {
		shares = append(shares, coverage.Share{Cell: cell, Households: 3})
	}
	row.cells = slices.Sorted(slices.Values(row.along))
	row.demand = demandOf(t, []coverage.UnitAllotment{{Unit: "1", Allotment: coverage.Allotment{Shares: shares}}})
	return row
}

func TestGapDiffAccountsForRandomChanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	// Two demands, of which the second lacks some cells and has others, and other households.
	a, b := townsOf(10, hailar, 50, 6, resolution), townsOf(11, hailar, 50, 6, resolution)
	b = append(b, a[:25]...)
	var all [2]*coverage.Gaps
	for range 20 {
		for i, allotments := range [][]coverage.UnitAllotment{a, b} {
			d := demandOf(t, allotments)
			covered := make([]bool, d.Cells())
			for cell := range covered {
				covered[cell] = rng.IntN(3) == 0
			}
			all[i] = gapsOf(t, d, covered)
		}
		changes, err := coverage.GapDiff(all[0], all[1])
		if err != nil {
			t.Fatal(err)
		}
		checkDiff(t, all[0], all[1], changes)
		back, err := coverage.GapDiff(all[1], all[0])
		if err != nil || len(back) != len(changes) {
			t.Errorf("%d changes, %d back (%v)", len(changes), len(back), err)
		}
		if same, err := coverage.GapDiff(all[0], all[0]); err != nil || len(same) != 0 {
			t.Errorf("from a state to itself: %v (%v)", same, err)
		}
		again, err := coverage.GapDiff(all[0], all[1])
		if err != nil || !reflect.DeepEqual(changes, again) {
			t.Errorf("another difference the second time (%v)", err)
		}
	}
}

// manyCells is a city of about n cells: a large town, towns, villages and lonely farms, denser towards their
// middles.
func manyCells(n int) []coverage.UnitAllotment {
	rng := rand.New(rand.NewPCG(12, 12))
	seen := make(map[hex.Cell]bool, n)
	var allotments []coverage.UnitAllotment
	for len(seen) < n {
		at, rings := orb.Point{116 + 9*rng.Float64(), 47.5 + 4*rng.Float64()}, 0
		switch kind := rng.IntN(100); {
		case len(seen) == 0:
			at, rings = hailar, 120
		case kind < 2:
			rings = 30 + rng.IntN(30)
		case kind < 50:
			rings = 1 + rng.IntN(8)
		}
		middle, err := hex.Of(at, resolution)
		if err != nil {
			panic(err)
		}
		unit := fmt.Sprintf("1507%02d%03d", 2+rng.IntN(14), rng.IntN(10))
		for ring, cells := range diskByRing(middle, rings) {
			a := coverage.UnitAllotment{Unit: fmt.Sprintf("%s%03d", unit, ring/8)}
			for _, cell := range cells {
				if !seen[cell] && len(seen) < n {
					seen[cell] = true
					a.Shares = append(a.Shares, coverage.Share{Cell: cell, Households: 1 + int32(rng.IntN(2+rings-ring))})
				}
			}
			allotments = append(allotments, a)
		}
	}
	return allotments
}

// diskByRing gives about the rings of a disk: its cells by their distance from the middle.
func diskByRing(middle hex.Cell, rings int) [][]hex.Cell {
	byRing := make([][]hex.Cell, rings+1)
	step := math.Sqrt(hex.AverageAreaM2(resolution))
	for _, cell := range middle.Disk(rings) {
		ring := min(rings, int(geo.Distance(middle.Center(), cell.Center())/step))
		byRing[ring] = append(byRing[ring], cell)
	}
	return byRing
}

type cityOfSites struct {
	demand *coverage.Demand
	sites  coverage.Sites // where people are, each with a capacity
	inTown coverage.Sites // all of them in the large town
}

// largeCity is a demand of 600,000 cells and 550 sites.
var largeCity = sync.OnceValue(func() cityOfSites {
	allotments := manyCells(600_000)
	d, err := coverage.NewDemand(resolution, allotments)
	if err != nil {
		panic(err)
	}
	city := cityOfSites{demand: d}
	rng := rand.New(rand.NewPCG(13, 13))
	for len(city.sites) < 550 {
		a := allotments[rng.IntN(len(allotments))]
		if len(a.Shares) < 20 && rng.IntN(20) > 0 {
			continue
		}
		city.sites = append(city.sites, coverage.Site{
			Code: fmt.Sprintf("S%04d", len(city.sites)), At: a.Shares[rng.IntN(len(a.Shares))].Cell.Center(), Capacity: rng.IntN(40),
		})
	}
	city.inTown = slices.Clone(city.sites)
	for i := range city.inTown {
		city.inTown[i].At = orb.Point{hailar[0] + rng.NormFloat64()*0.08, hailar[1] + rng.NormFloat64()*0.05}
	}
	return city
})

func largeCoverage(b *testing.B) (d *coverage.Demand, covered []bool) {
	b.Helper()
	city := largeCity()
	in, err := city.demand.Incidence(city.sites, coverage.Reach{RadiusM: 1000}, nil)
	if err != nil {
		b.Fatal(err)
	}
	covered = make([]bool, city.demand.Cells())
	for i := range covered {
		covered[i] = in.From[i] < in.From[i+1]
	}
	return city.demand, covered
}

func BenchmarkGaps600k(b *testing.B) {
	d, covered := largeCoverage(b)
	scattered := make([]bool, len(covered)) // many small gaps: the worst there can be
	rng := rand.New(rand.NewPCG(14, 14))
	for i := range scattered {
		scattered[i] = rng.IntN(3) > 0
	}
	for name, covered := range map[string][]bool{
		"550 sites": covered, "no site": make([]bool, len(covered)), "scattered": scattered,
	} {
		b.Run(name, func(b *testing.B) {
			g := gapsOf(b, d, covered) // makes the neighbours
			for b.Loop() {
				g = gapsOf(b, d, covered)
			}
			b.ReportMetric(float64(g.Len()), "gaps")
			b.ReportMetric(float64(g.Cells()), "cells")
		})
	}
}

func BenchmarkGapNeighbors600k(b *testing.B) {
	allotments := manyCells(600_000)
	for b.Loop() {
		b.StopTimer()
		d := demandOf(b, allotments)
		b.StartTimer()
		gapsOf(b, d, make([]bool, d.Cells()))
	}
}

func BenchmarkBestSitesOf50Gaps(b *testing.B) {
	d, covered := largeCoverage(b)
	g := gapsOf(b, d, covered)
	for _, reachM := range []float64{500, 1000, 3000} {
		b.Run(fmt.Sprintf("%g m", reachM), func(b *testing.B) {
			for b.Loop() {
				if _, err := g.BestSites(50, reachM); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDetailsOf50Gaps(b *testing.B) {
	d, covered := largeCoverage(b)
	g := gapsOf(b, d, covered)
	var points []orb.Point
	for _, site := range largeCity().sites {
		points = append(points, site.At)
	}
	index := nearest.New(points)
	b.Run("figures", func(b *testing.B) {
		for b.Loop() {
			for gap := range 50 {
				g.Gap(gap)
				g.Distances(gap, index)
			}
		}
	})
	b.Run("outlines", func(b *testing.B) {
		for b.Loop() {
			for gap := range 50 {
				if _, err := g.Outline(gap); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkGapDiff600k(b *testing.B) {
	d, covered := largeCoverage(b)
	city := largeCity()
	in, err := d.Incidence(slices.Delete(slices.Clone(city.sites), 100, 120), coverage.Reach{RadiusM: 1000}, nil)
	if err != nil {
		b.Fatal(err)
	}
	fewer := make([]bool, len(covered))
	for i := range fewer {
		fewer[i] = in.From[i] < in.From[i+1]
	}
	before, after := gapsOf(b, d, covered), gapsOf(b, d, fewer)
	var changes []coverage.GapChange
	for b.Loop() {
		if changes, err = coverage.GapDiff(before, after); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(changes)), "changes")
}
