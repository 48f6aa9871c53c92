package nearest_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/nearest"
)

// bruteForce is the answer by a scan of all points.
func bruteForce(points []orb.Point, q nearest.Query) []nearest.Found {
	type scored struct {
		squaredChord float64
		index        int
	}
	var all []scored
	at := geo.ToECEF(q.At)
	limit := math.Inf(1)
	if q.MaxDistanceM != 0 {
		limit = geo.SquaredChordOf(q.MaxDistanceM)
	}
	for i, p := range points {
		square := geo.ToECEF(p).SquaredChord(at)
		if square <= limit && (q.Keep == nil || q.Keep(i)) {
			all = append(all, scored{square, i})
		}
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.squaredChord, b.squaredChord), a.index-b.index)
	})
	var found []nearest.Found
	for _, s := range all[:max(0, min(len(all), q.K))] {
		found = append(found, nearest.Found{Index: s.index, DistanceM: geo.DistanceOfSquaredChord(s.squaredChord)})
	}
	return found
}

func check(t *testing.T, points []orb.Point, q nearest.Query) {
	t.Helper()
	got, want := nearest.New(points).Find(q), bruteForce(points, q)
	if !slices.Equal(got, want) {
		t.Fatalf("k = %d of %d points within %g m of %v:\n got %v\nwant %v", q.K, len(points), q.MaxDistanceM, q.At, got, want)
	}
}

// clouds are ways to strew points, each with its own trap.
var clouds = []struct {
	name string
	at   func(rng *rand.Rand) orb.Point
}{
	{"city", func(rng *rand.Rand) orb.Point { return orb.Point{119.6 + rng.Float64()/4, 49.1 + rng.Float64()/4} }},
	{"world", func(rng *rand.Rand) orb.Point { return orb.Point{rng.Float64()*360 - 180, rng.Float64()*180 - 90} }},
	{"antimeridian", func(rng *rand.Rand) orb.Point {
		return orb.Point{math.Copysign(179.5+rng.Float64()/2, rng.Float64()-0.5), rng.Float64()}
	}},
	{"pole", func(rng *rand.Rand) orb.Point { return orb.Point{rng.Float64()*360 - 180, 89.9 + rng.Float64()/10} }},
	{"duplicates", func(rng *rand.Rand) orb.Point { return orb.Point{119 + float64(rng.IntN(3)), 49} }},
	{"line", func(rng *rand.Rand) orb.Point { return orb.Point{119 + float64(rng.IntN(50))/100, 49} }},
}

func TestFindIsBruteForce(t *testing.T) {
	for _, cloud := range clouds {
		t.Run(cloud.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			for range 300 {
				points := make([]orb.Point, rng.IntN(200))
				for i := range points {
					points[i] = cloud.at(rng)
				}
				q := nearest.Query{At: cloud.at(rng), K: rng.IntN(20)}
				check(t, points, q)
				q.MaxDistanceM = math.Pow(10, rng.Float64()*7)
				check(t, points, q)
				q.Keep = func(i int) bool { return i%3 == 0 }
				check(t, points, q)
				q.K = len(points) + 5
				check(t, points, q)
			}
		})
	}
}

func TestFindEdges(t *testing.T) {
	x := nearest.New([]orb.Point{{119, 49}, {math.NaN(), 49}, {120, 49}, {119, 49}})
	if x.Len() != 3 {
		t.Errorf("%d points can be found, want 3: NaN cannot", x.Len())
	}
	tests := []struct {
		name string
		q    nearest.Query
		want []int
	}{
		{"ties by index", nearest.Query{At: orb.Point{119, 49}, K: 9}, []int{0, 3, 2}},
		{"no k", nearest.Query{At: orb.Point{119, 49}}, nil},
		{"negative k", nearest.Query{At: orb.Point{119, 49}, K: -1}, nil},
		{"NaN", nearest.Query{At: orb.Point{119, math.NaN()}, K: 9}, nil},
		{"nothing kept", nearest.Query{At: orb.Point{119, 49}, K: 9, Keep: func(int) bool { return false }}, nil},
		{"negative distance", nearest.Query{At: orb.Point{119, 49}, K: 1, MaxDistanceM: -1}, nil},
		{"tiny distance", nearest.Query{At: orb.Point{119, 49}, K: 9, MaxDistanceM: 1e-9}, []int{0, 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []int
			for _, found := range x.Find(test.q) {
				got = append(got, found.Index)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
	if got := nearest.New(nil).Find(nearest.Query{K: 5}); len(got) != 0 {
		t.Errorf("an empty index found %v", got)
	}
}

func TestMaxDistanceIsInclusive(t *testing.T) {
	points := []orb.Point{{119.71, 49.2}, {119.72, 49.2}, {119.9, 49.3}}
	at := orb.Point{119.7, 49.2}
	for n, p := range points {
		found := nearest.New(points).Find(nearest.Query{At: at, K: 9, MaxDistanceM: geo.Distance(at, p)})
		if len(found) != n+1 {
			t.Errorf("within the distance of point %d: %v", n, found)
		}
	}
}

func TestAppendFindKeepsWhatIsThere(t *testing.T) {
	x := nearest.New([]orb.Point{{119, 49}, {120, 49}})
	before := nearest.Found{Index: 77}
	got := x.AppendFind([]nearest.Found{before}, nearest.Query{At: orb.Point{120, 49}, K: 1})
	if len(got) != 2 || got[0] != before || got[1].Index != 1 {
		t.Errorf("appended to %v: %v", before, got)
	}
}

func TestAppendFindAllocatesNothing(t *testing.T) {
	points := cityPoints(10_000)
	x := nearest.New(points)
	room := make([]nearest.Found, 0, 5)
	q := nearest.Query{At: points[7], K: 5, Keep: func(i int) bool { return i%2 == 0 }}
	if n := testing.AllocsPerRun(100, func() { room = x.AppendFind(room[:0], q) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func FuzzFind(f *testing.F) {
	f.Add(uint64(1), 119.7, 49.2, 5, 1000.0)
	f.Add(uint64(2), -180.0, 90.0, 50, 0.0)
	f.Fuzz(func(t *testing.T, seed uint64, lng, lat float64, k int, maxM float64) {
		if math.IsNaN(lng+lat+maxM) || math.Abs(lng) > 180 || math.Abs(lat) > 90 {
			return // refused by callers
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		cloud := clouds[seed%uint64(len(clouds))]
		points := make([]orb.Point, rng.IntN(100))
		for i := range points {
			points[i] = cloud.at(rng)
		}
		check(t, points, nearest.Query{At: orb.Point{lng, lat}, K: min(k, 200), MaxDistanceM: maxM})
	})
}

func cityPoints(n int) []orb.Point {
	rng := rand.New(rand.NewPCG(7, 8))
	points := make([]orb.Point, n)
	for i := range points {
		// A city is towns with much between them.
		town := rand.New(rand.NewPCG(uint64(rng.IntN(40)), 9))
		points[i] = orb.Point{
			115.5 + town.Float64()*10.5 + rng.NormFloat64()*0.05,
			47 + town.Float64()*6 + rng.NormFloat64()*0.04,
		}
	}
	return points
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{550, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x := nearest.New(cityPoints(n))
			places := cityPoints(4096)
			room := make([]nearest.Found, 0, 5)
			took := make([]time.Duration, 0, 1<<20)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				room = x.AppendFind(room[:0], nearest.Query{At: places[i%4096], K: 5})
				if len(took) < cap(took) {
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
		})
	}
}

func BenchmarkFindNothingKept(b *testing.B) {
	x := nearest.New(cityPoints(100_000))
	for b.Loop() {
		x.Find(nearest.Query{At: orb.Point{119.7, 49.2}, K: 5, Keep: func(int) bool { return false }})
	}
}

func BenchmarkNew(b *testing.B) {
	points := cityPoints(100_000)
	for b.Loop() {
		nearest.New(points)
	}
}
