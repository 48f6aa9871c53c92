package siting_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/yizhan/yizhan/geo/siting"
)

// hexCity is a made-up prefecture on a hexagonal grid like resolution 10 of H3 at 49° N: cells 122 m apart,
// so that 1 km reaches 241 of them. Towns thin out from the middle, villages are small, and lone households
// are strewn between. Every cell with a household is a point and a candidate.
type hexCity struct {
	width   int
	at      []int32 // point of each cell of the grid, -1 for none
	cell    []int32 // cell of each point
	weights []int64
	rows    [2*far + 1][2]int // first and last column in reach, by row, as seen from a cell
}

const (
	spacingM = 122.0
	far      = 9 // rows in reach

	// Cells over which the households of the largest town fall to a third: 130,000 households live in that of
	// a prefecture, 570,000 in a metropolis.
	prefecture = 20
	metropolis = 42
)

func newHexCity(width, cells int, largest float64) *hexCity {
	c := &hexCity{width: width, at: make([]int32, width*width)}
	random := rand.New(rand.NewPCG(1, 2))
	density := make([]float64, width*width)
	scale := width * width / 1000
	for i := range 13 { // banner towns, the first much larger than the last
		c.settle(density, random, 45-2*float64(i), largest/(1+float64(i)/3))
	}
	for range scale / 13 { // townships
		c.settle(density, random, 8+12*random.Float64(), 5+4*random.Float64())
	}
	for range scale { // villages
		c.settle(density, random, 2+6*random.Float64(), 1.5+random.Float64())
	}
	c.populate(density, random, cells)
	for q := -far; q <= far; q++ {
		c.rows[q+far] = [2]int{far, -far}
		for r := -far; r <= far; r++ {
			if distance := spacingM * math.Sqrt(float64(q*q+q*r+r*r)); distance <= 1000 {
				row := &c.rows[q+far]
				row[0], row[1] = min(row[0], r), max(row[1], r)
			}
		}
	}
	return c
}

// settle adds a town: households a cell in its middle, and the cells over which they fall to a third.
func (c *hexCity) settle(density []float64, random *rand.Rand, households, size float64) {
	q0, r0 := random.IntN(c.width), random.IntN(c.width)
	around := int(4 * size)
	for q := max(0, q0-around); q < min(c.width, q0+around); q++ {
		for r := max(0, r0-around); r < min(c.width, r0+around); r++ {
			dq, dr := float64(q-q0), float64(r-r0)
			density[q*c.width+r] += households * math.Exp(-math.Sqrt(dq*dq+dq*dr+dr*dr)/size)
		}
	}
}

// populate draws households for the cells, then lone ones until there are enough cells.
func (c *hexCity) populate(density []float64, random *rand.Rand, cells int) {
	households := make([]int64, len(density))
	count := 0
	for i, d := range density {
		if households[i] = int64(min(40, d*(0.5+random.Float64()))); households[i] > 0 {
			count++
		}
	}
	for count < cells {
		if i := random.IntN(len(households)); households[i] == 0 {
			households[i] = 1
			count++
		}
	}
	for i, h := range households {
		c.at[i] = -1
		if h > 0 {
			c.at[i] = int32(len(c.cell))
			c.cell, c.weights = append(c.cell, int32(i)), append(c.weights, h)
		}
	}
}

func (c *hexCity) reach(candidate int, buf []int32) []int32 {
	q, r := int(c.cell[candidate])/c.width, int(c.cell[candidate])%c.width
	for i, row := range c.rows {
		x := q + i - far
		first, last := max(0, r+row[0]), min(c.width-1, r+row[1])
		if x < 0 || x >= c.width || first > last {
			continue
		}
		for _, point := range c.at[x*c.width+first : x*c.width+last+1] {
			if point >= 0 {
				buf = append(buf, point)
			}
		}
	}
	return buf
}

func (c *hexCity) question(p int) siting.Cover {
	return siting.Cover{Weights: c.weights, Candidates: len(c.weights), Reach: c.reach, P: p}
}

// withStations fixes stations in cells drawn by their households.
func (c *hexCity) withStations(q siting.Cover, stations int) siting.Cover {
	random := rand.New(rand.NewPCG(3, 4))
	q.Fixed = make([]uint8, len(c.weights))
	for placed := 0; placed < stations; {
		cell := random.IntN(len(c.weights))
		if random.Int64N(41) >= c.weights[cell] {
			continue
		}
		placed++
		for _, point := range c.reach(cell, nil) {
			q.Fixed[point] = 1
		}
	}
	return q
}

// BenchmarkMCLPCity600k is the row "MCLP p = 20 over all cells" of the speed table: at most 2 s on two
// cores, with a gap of at most 1 %.
//
// It is asked of a prefecture and of a metropolis, each with 550 stations already there, as the question is
// meant, and with none.
func BenchmarkMCLPCity600k(b *testing.B) {
	for _, kind := range []struct {
		name     string
		largest  float64
		stations int
	}{
		{"prefecture/550 stations", prefecture, 550},
		{"prefecture/no station", prefecture, 0},
		{"metropolis/550 stations", metropolis, 550},
		{"metropolis/no station", metropolis, 0},
	} {
		b.Run(kind.name, func(b *testing.B) {
			city := newHexCity(1000, 600_000, kind.largest)
			question := city.withStations(city.question(20), kind.stations)
			runtime.GC()
			b.ReportAllocs()
			var answer siting.Answer
			for b.Loop() {
				var err error
				if answer, err = siting.MaxCover(question, siting.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			report(b, answer)
		})
	}
}

func report(b *testing.B, answer siting.Answer) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(100*answer.Gap(), "%gap")
	b.ReportMetric(float64(answer.Objective), "objective")
	b.ReportMetric(float64(answer.Bound), "bound")
	b.ReportMetric(float64(memory.HeapSys)/1e6, "MB-heap")
}
