package coverage_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/coverage"
)

func serve(t testing.TB, d *coverage.Demand, in *coverage.Incidence, seats []int, householdsASeat int) *coverage.Served {
	t.Helper()
	s, err := d.Serve(in, seats, householdsASeat)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fordFulkerson is a maximum flow by single steps along any way that is left: slow, and unlike the method
// under test in every part.
func fordFulkerson(households []int64, reach [][]int, capacity []int64) int64 {
	sent := make([]map[int]int64, len(households)) // by cell, to site
	for i := range sent {
		sent[i] = map[int]int64{}
	}
	left := slices.Clone(capacity)
	total := int64(0)
	for cell := range households {
		for range households[cell] {
			seen := map[int]bool{}
			var place func(cell int) bool
			place = func(cell int) bool {
				for _, site := range reach[cell] {
					if seen[site] {
						continue
					}
					seen[site] = true
					if left[site] > 0 {
						left[site]--
						sent[cell][site]++
						return true
					}
					for other := range sent {
						if sent[other][site] > 0 && place(other) {
							sent[other][site]--
							sent[cell][site]++
							return true
						}
					}
				}
				return false
			}
			if place(cell) {
				total++
			}
		}
	}
	return total
}

// fairShares finds the share of each cell by looking at every set of cells: the least served are those whose
// sites have the least room for their households; they take those sites away with them.
func fairShares(households []int64, reach [][]int, capacity []int64) []float64 {
	shares := make([]float64, len(households))
	open, taken := uint(0), uint(0)
	sitesOf := make([]uint, len(households))
	for cell := range households {
		for _, site := range reach[cell] {
			if capacity[site] > 0 {
				sitesOf[cell] |= 1 << site
			}
		}
		if sitesOf[cell] != 0 {
			open |= 1 << cell
		}
	}
	for open != 0 {
		best, bestSet := math.Inf(1), uint(0)
		for set := open; set != 0; set = (set - 1) & open {
			var want, have int64
			sites := uint(0)
			for cell := range households {
				if set>>cell&1 != 0 {
					want += households[cell]
					sites |= sitesOf[cell] &^ taken
				}
			}
			for site := range capacity {
				if sites>>site&1 != 0 {
					have += capacity[site]
				}
			}
			if ratio := float64(have) / float64(want); ratio < best {
				best, bestSet = ratio, set
			}
		}
		for cell := range households {
			if bestSet>>cell&1 != 0 {
				shares[cell] = min(1, best)
				taken |= sitesOf[cell]
			}
		}
		open &^= bestSet
	}
	return shares
}

// toy is a small problem: cells that are given sites by chance.
type toy struct {
	households []int64
	reach      [][]int
	capacity   []int64
}

func randomToy(rng *rand.Rand) toy {
	var p toy
	cells, sites := 1+rng.IntN(8), 1+rng.IntN(6)
	for range cells {
		p.households = append(p.households, 1+rng.Int64N(12))
		var reach []int
		for site := range sites {
			if rng.IntN(3) == 0 {
				reach = append(reach, site)
			}
		}
		p.reach = append(p.reach, reach)
	}
	for range sites {
		p.capacity = append(p.capacity, rng.Int64N(20))
	}
	return p
}

// ask puts the problem as one of cells and sites.
func (p toy) ask(t testing.TB) (*coverage.Demand, *coverage.Incidence, []int) {
	t.Helper()
	middle := middleOf(t, hailar)
	cells := slices.Clone(middle.Disk(3))
	slices.Sort(cells)
	in := &coverage.Incidence{From: []int32{0}}
	var allotments []coverage.UnitAllotment
	for i, n := range p.households {
		shares := []coverage.Share{{Cell: cells[i], Households: int32(n)}}
		allotments = append(allotments, coverage.UnitAllotment{Unit: fmt.Sprintf("1507%d", i%3), Allotment: coverage.Allotment{Shares: shares}})
		for _, site := range p.reach[i] {
			in.Sites = append(in.Sites, int32(site))
			in.DistancesM = append(in.DistancesM, 1)
		}
		in.From = append(in.From, int32(len(in.Sites)))
	}
	seats := make([]int, len(p.capacity))
	for i, n := range p.capacity {
		seats[i] = int(n)
	}
	return demandOf(t, allotments), in, seats
}

func TestServedIsTheMaximumAndTheFairest(t *testing.T) {
	rng := rand.New(rand.NewPCG(30, 30))
	short := 0
	for n := range 2000 {
		p := randomToy(rng)
		d, in, seats := p.ask(t)
		s := serve(t, d, in, seats, 1)
		if err := s.Verify(); err != nil {
			t.Fatalf("problem %d, %+v: %v", n, p, err)
		}
		if want := fordFulkerson(p.households, p.reach, p.capacity); s.Served != want {
			t.Fatalf("problem %d, %+v: %d served, want %d", n, p, s.Served, want)
		}
		loads, wanted := 0.0, 0.0
		for cell, want := range fairShares(p.households, p.reach, p.capacity) {
			if got := s.CellShare(cell); math.Abs(got-want) > 1e-12 {
				t.Fatalf("problem %d, %+v: cell %d is served %g, want %g", n, p, cell, got, want)
			}
			wanted += want * float64(p.households[cell])
		}
		for site := range p.capacity {
			load, _ := s.Site(site)
			loads += load.Households
		}
		if math.Abs(loads-float64(s.Served)) > 1e-9 || math.Abs(wanted-loads) > 1e-9 {
			t.Fatalf("problem %d: sites serve %g, cells are served %g, in all %d", n, loads, wanted, s.Served)
		}
		checkServedFigures(t, s, d)
		short += len(s.Bottlenecks())
	}
	if short < 500 {
		t.Errorf("only %d bottlenecks: the problems are too easy", short)
	}
}

func checkServedFigures(t *testing.T, s *coverage.Served, d *coverage.Demand) {
	t.Helper()
	all := s.Figures("")
	if all.MicroServed != s.Served*1_000_000 || all.Households != s.Households || all.InReach != s.InReach {
		t.Fatalf("%+v in all, %d of %d served", all, s.Served, s.Households)
	}
	var sum coverage.ServedFigures
	for _, unit := range []string{"15070", "15071", "15072"} {
		f := s.Figures(unit)
		sum.Households += f.Households
		sum.InReach += f.InReach
		sum.MicroServed += f.MicroServed
		if f.MicroServed < 0 || f.MicroServed > f.InReach*1_000_000 || f.Households != d.Households(unit) {
			t.Fatalf("unit %s: %+v", unit, f)
		}
	}
	if whole := s.Figures("1507"); d.Households("1507") == d.Households("15070")+d.Households("15071")+d.Households("15072") && sum != whole {
		t.Fatalf("parts %+v, whole %+v", sum, whole)
	}
	short := int64(0)
	for _, b := range s.Bottlenecks() {
		if b.Short() <= 0 || len(b.Sites) == 0 || b.Cells == 0 {
			t.Fatalf("bottleneck %+v", b)
		}
		short += b.Short()
	}
	if short != s.InReach-s.Served {
		t.Fatalf("bottlenecks lack %d seats, %d in reach are not served", short, s.InReach-s.Served)
	}
}

// Cells of H3 have their order, but sites may take any.
func TestServedDoesNotDependOnTheOrderOfSites(t *testing.T) {
	allotments := strewn(31, 400, hailar, 0.03)
	p, d := populatedOf(allotments), demandOf(t, allotments)
	sites := randomSites(32, 40, hailar)
	rng := rand.New(rand.NewPCG(33, 33))
	first := serve(t, d, incidenceOf(t, d, sites, 1200), sites.Seats(everySite), 7)
	if first.Served == 0 || first.Served == first.InReach {
		t.Fatalf("%d served of %d: too easy", first.Served, first.InReach)
	}
	for range 10 {
		order := rng.Perm(len(sites))
		turned := make(coverage.Sites, len(sites))
		for i, at := range order {
			turned[i] = sites[at]
			turned[i].Code = fmt.Sprintf("T%03d", i)
		}
		s := serve(t, d, incidenceOf(t, d, turned, 1200), turned.Seats(everySite), 7)
		if err := s.Verify(); err != nil {
			t.Fatal(err)
		}
		for _, prefix := range prefixes {
			if s.Figures(prefix) != first.Figures(prefix) {
				t.Errorf("unit %q: %+v and %+v", prefix, s.Figures(prefix), first.Figures(prefix))
			}
		}
		for cell := range p.cells {
			if s.CellShare(cell) != first.CellShare(cell) {
				t.Errorf("cell %d: %g and %g", cell, s.CellShare(cell), first.CellShare(cell))
			}
		}
		for i, at := range order {
			a, okA := s.Site(i)
			b, okB := first.Site(at)
			if a != b || okA != okB {
				t.Errorf("site %d: %+v and %+v", at, a, b)
			}
		}
		a, b := s.Bottlenecks(), first.Bottlenecks()
		if len(a) != len(b) {
			t.Errorf("%d and %d bottlenecks", len(a), len(b))
		}
	}
}

func TestServedOverDistances(t *testing.T) {
	allotments := strewn(34, 300, hailar, 0.03)
	p, d := populatedOf(allotments), demandOf(t, allotments)
	sites := randomSites(35, 25, hailar)
	for _, householdsASeat := range []int{1, 4, 1000} {
		var small toy
		inReach := int64(0)
		for _, cell := range p.cells {
			small.households = append(small.households, p.households[cell])
			var reach []int
			counts := false
			for i, site := range sites {
				if geo.Distance(site.At, cell.Center()) <= 1200 {
					reach = append(reach, i)
					counts = counts || site.Capacity > 0
				}
			}
			if counts {
				inReach += p.households[cell]
			}
			small.reach = append(small.reach, reach)
		}
		for _, site := range sites {
			small.capacity = append(small.capacity, int64(site.Capacity*householdsASeat))
		}
		s := serve(t, d, incidenceOf(t, d, sites, 1200), sites.Seats(everySite), householdsASeat)
		if want := fordFulkerson(small.households, small.reach, small.capacity); s.Served != want || s.InReach != inReach {
			t.Errorf("%d households a seat: %d of %d served, want %d of %d", householdsASeat, s.Served, s.InReach, want, inReach)
		}
		if err := s.Verify(); err != nil {
			t.Error(err)
		}
		if s.UnknownSites == 0 || s.IdleSites == 0 {
			t.Errorf("%d unknown, %d idle sites: too easy", s.UnknownSites, s.IdleSites)
		}
		if householdsASeat == 1000 && s.Served != s.InReach {
			t.Errorf("%d of %d are served though there are seats for all", s.Served, s.InReach)
		}
	}
}

func TestServedIsTheSameOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	d := demandOf(t, strewn(42, 400, hailar, 0.2))
	sites := randomSites(43, 60, hailar)
	for i := range sites { // in several towns
		sites[i].At[0] += float64(i%4) * 0.1
	}
	in := incidenceOf(t, d, sites, 2000)
	var first [][]any
	for _, processors := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(processors)
		s := serve(t, d, in, sites.Seats(everySite), 2)
		got := [][]any{{s.Served, s.Bottlenecks()}}
		for site := range sites {
			load, ok := s.Site(site)
			got = append(got, []any{load, ok})
		}
		if first == nil {
			first = got
		}
		if !reflect.DeepEqual(first, got) {
			t.Errorf("another answer on %d processors", processors)
		}
	}
}

// One more site never serves fewer.
func TestASiteNeverServesFewer(t *testing.T) {
	d := demandOf(t, strewn(36, 300, hailar, 0.03))
	sites := randomSites(37, 30, hailar)
	in := incidenceOf(t, d, sites, 1200)
	before := int64(0)
	for n := range sites {
		s := serve(t, d, in, sites.Seats(func(site int) bool { return site <= n }), 5)
		if s.Served < before {
			t.Errorf("%d served with %d sites, %d with one fewer", s.Served, n+1, before)
		}
		before = s.Served
	}
}

func TestServedWithoutAnything(t *testing.T) {
	empty := demandOf(t, nil)
	s := serve(t, empty, incidenceOf(t, empty, nil, 1000), nil, 1)
	if _, ok := s.Figures("").Share(); ok || s.Served != 0 || s.Verify() != nil || len(s.Bottlenecks()) != 0 {
		t.Errorf("%+v", s)
	}
	d := demandOf(t, strewn(38, 30, hailar, 0.03))
	s = serve(t, d, incidenceOf(t, d, nil, 1000), nil, 1)
	if share, ok := s.Figures("").Share(); !ok || share != 0 || s.CellShare(0) != 0 || s.Verify() != nil {
		t.Errorf("without sites: %g, %v", share, ok)
	}
}

func TestServeRefuses(t *testing.T) {
	d := demandOf(t, strewn(39, 30, hailar, 0.03))
	sites := randomSites(40, 5, hailar)
	in := incidenceOf(t, d, sites, 1500)
	for name, test := range map[string]struct {
		in              *coverage.Incidence
		seats           []int
		householdsASeat int
		field           string
	}{
		"no incidence":       {nil, nil, 1, "incidence"},
		"no seats":           {in, nil, 1, "seats"},
		"negative":           {in, []int{-5, 0, 0, 0, 0}, 1, "capacity"},
		"nothing a seat":     {in, make([]int, 5), 0, "households_a_seat"},
		"the world a seat":   {in, make([]int, 5), 1 << 40, "households_a_seat"},
		"more than 63 bits ": {in, slices.Repeat([]int{1_000_000}, 5), 1_000_000, ""},
	} {
		_, err := d.Serve(test.in, test.seats, test.householdsASeat)
		var input *coverage.InputError
		if test.field == "" {
			if err != nil && !strings.Contains(err.Error(), "too large") {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &input) || input.Field != test.field {
			t.Errorf("%s: %v, want an error about %s", name, err, test.field)
		}
	}
}

// FuzzServed makes a problem of bytes: two of a cell (households, sites in reach), after the capacities of six
// sites.
func FuzzServed(f *testing.F) {
	f.Add([]byte{3, 5, 0, 1, 9, 2, 4, 1, 7, 3, 8, 6})
	f.Add([]byte{1, 1, 1, 1, 1, 1, 9, 63, 9, 63, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		const sites = 6
		if len(data) < sites || len(data) > sites+2*8 {
			return
		}
		var p toy
		for _, n := range data[:sites] {
			p.capacity = append(p.capacity, int64(n))
		}
		for rest := data[sites:]; len(rest) >= 2; rest = rest[2:] {
			var reach []int
			for site := range sites {
				if rest[1]>>site&1 != 0 {
					reach = append(reach, site)
				}
			}
			p.households, p.reach = append(p.households, 1+int64(rest[0])), append(p.reach, reach)
		}
		d, in, seats := p.ask(t)
		s := serve(t, d, in, seats, 1)
		if err := s.Verify(); err != nil {
			t.Fatal(err)
		}
		if want := fordFulkerson(p.households, p.reach, p.capacity); s.Served != want {
			t.Fatalf("%d served, want %d", s.Served, want)
		}
	})
}

func BenchmarkServed(b *testing.B) {
	city := largeCity()
	for name, sites := range map[string]coverage.Sites{"whole city": city.sites, "one town": city.inTown} {
		for _, radiusM := range []float64{1000, 3000} {
			in := incidenceOf(b, city.demand, sites, radiusM)
			for _, householdsASeat := range []int{1, 10, 100} {
				b.Run(fmt.Sprintf("%s, %g m, %d a seat", name, radiusM, householdsASeat), func(b *testing.B) {
					benchmarkServed(b, city.demand, in, sites.Seats(everySite), householdsASeat)
				})
			}
		}
	}
}

func benchmarkServed(b *testing.B, d *coverage.Demand, in *coverage.Incidence, seats []int, householdsASeat int) {
	var s *coverage.Served
	for b.Loop() {
		s = serve(b, d, in, seats, householdsASeat)
	}
	if err := s.Verify(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(in.Sites)), "pairs")
	b.ReportMetric(float64(s.Served), "served")
	b.ReportMetric(float64(s.InReach), "in_reach")
	b.ReportMetric(float64(len(s.Bottlenecks())), "bottlenecks")
}
