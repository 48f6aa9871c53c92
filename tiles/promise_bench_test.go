package tiles_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// mixTiles are the 40 tiles of the design page: one of each zoom from 6 to 15 for the three largest towns, and
// ten in open country, by Zhalantun among them.
func mixTiles(city *yizhan.City) []world.Tile {
	var all []world.Tile
	for i, code := range []string{"150702", "150781", "150782", "150783"} { // Hailar, Manzhouli, Yakeshi, Zhalantun
		at := world.Project(*city.Units[code].Seat)
		for zoom := uint32(6); zoom <= 15; zoom++ {
			if i == 3 && zoom%2 == 0 { // open country, 40 km away
				open := world.Project(orb.Point{city.Units[code].Seat[0] - 0.5, city.Units[code].Seat[1] + 0.2})
				all = append(all, tileOf(open, zoom))
				continue
			}
			all = append(all, tileOf(at, zoom))
		}
	}
	return all
}

func tileOf(at world.Point, zoom uint32) world.Tile {
	return world.Tile{Z: zoom, X: at.X >> (world.Bits - zoom), Y: at.Y >> (world.Bits - zoom)}
}

func makeAll(t testing.TB, p *tiles.Pyramid, all []world.Tile, layers []string) []time.Duration {
	took := make([]time.Duration, len(all))
	for i, at := range all {
		began := time.Now()
		if _, err := p.Tile(context.Background(), tiles.Request{Layers: layers, Z: at.Z, X: at.X, Y: at.Y}); err != nil {
			t.Fatal(err)
		}
		took[i] = time.Since(began)
	}
	return took
}

// BenchmarkPromiseColdMix: the 40 tiles with nothing cached, at most 100 ms in total.
func BenchmarkPromiseColdMix(b *testing.B) {
	p := coldPyramid(b)
	all := mixTiles(mustDemo(b))
	for _, set := range [][]string{{tiles.MicroGrids}, {tiles.Units, tiles.MicroGrids, tiles.Stations}, cityLayers} {
		b.Run(set[0]+"-"+string('0'+rune(len(set))), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				makeAll(b, p, all, set)
			}
		})
	}
}

// BenchmarkPromiseColdAnywhere: the 99th percentile over tiles around every station and over the whole city,
// all layers: at most 50 ms at any zoom and 5 ms from zoom 12.
func BenchmarkPromiseColdAnywhere(b *testing.B) {
	p := coldPyramid(b)
	city := mustDemo(b)
	random := rand.New(rand.NewPCG(6, 6))
	for zoom := uint32(0); zoom <= 15; zoom++ {
		var all []world.Tile
		for _, station := range yizhan.Sorted(city.Stations) {
			all = append(all, tileOf(world.Project(station.Location), zoom))
		}
		bounds := boundsOf(city)
		for range 500 {
			all = append(all, tileOf(world.Point{
				X: uint32(bounds.MinX + random.Int64N(bounds.MaxX-bounds.MinX)), Y: uint32(bounds.MinY + random.Int64N(bounds.MaxY-bounds.MinY))}, zoom))
		}
		slices.SortFunc(all, func(a, b world.Tile) int { return int(a.X) - int(b.X) + (int(a.Y)-int(b.Y))*4096 })
		all = slices.Compact(all)
		b.Run("z"+string('0'+rune(zoom/10))+string('0'+rune(zoom%10)), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				took = append(took, makeAll(b, p, all, cityLayers)...)
			}
			slices.Sort(took)
			for name, share := range map[string]int{"p50-ms": 50, "p99-ms": 99} {
				b.ReportMetric(float64(took[len(took)*share/100].Microseconds())/1e3, name)
			}
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1e3, "max-ms")
		})
	}
}

// TestPromiseMemoryAndBuild: the view of the city takes at most 150 MB and 10 s to build.
func TestPromiseMemoryAndBuild(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector changes what memory and time are; the run without it measures them")
	}
	city := mustDemo(t)
	before := heapBytes()
	began := time.Now()
	p := tiles.NewPyramid(tiles.Options{Logger: quiet()})
	if err := p.Update(city, nil); err != nil {
		t.Fatal(err)
	}
	took, size := time.Since(began), heapBytes()-before
	runtime.KeepAlive(p)
	t.Logf("%d bytes, %v", size, took)
	if size > 150e6 {
		t.Errorf("the view takes %d bytes", size)
	}
	if took > 10*time.Second {
		t.Errorf("the view took %v", took)
	}
}

// BenchmarkPromiseFlatGrowth makes the same towns of 1, 10 and 100 times the area, as dense as each other. The
// time of a tile must stay the same within half; update tells how an edit of one micro-grid grows.
func BenchmarkPromiseFlatGrowth(b *testing.B) {
	for _, size := range []struct {
		name                 string
		banners, communities int
		width                float64
	}{{"0004k", 2, 4, 0.12}, {"0041k", 4, 6, 0.36}, {"0410k", 8, 10, 1.2}} {
		city := newLattice(size.banners, 2, size.communities, 4, size.width, 2).city()
		before, began := heapBytes(), time.Now()
		p := tiles.NewPyramid(tiles.Options{CacheBytes: 1, Logger: quiet()})
		if err := p.Update(city, nil); err != nil {
			b.Fatal(err)
		}
		built, memory := time.Since(began), heapBytes()-before
		middle := world.Project(orb.Point{latticeWest + size.width/2, latticeSouth + 0.65*size.width/2})
		for _, zoom := range []uint32{8, 12, 14} {
			b.Run(size.name+"/z"+string('0'+rune(zoom/10))+string('0'+rune(zoom%10)), func(b *testing.B) {
				for b.Loop() {
					makeAll(b, p, []world.Tile{tileOf(middle, zoom)}, cityLayers)
				}
			})
		}
		b.Run(size.name+"/update", func(b *testing.B) {
			for b.Loop() {
				f := *city.MicroGrids["150701001001001"]
				f.Households++
				changes := []yizhan.Change{{Seq: city.Seq + 1, Op: yizhan.Update, Ref: f.Ref(), After: &f}}
				city = city.Next(changes)
				if err := p.Update(city, changes); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(city.MicroGrids)), "grids")
			b.ReportMetric(built.Seconds(), "build-s")
			b.ReportMetric(float64(memory)/1e6, "MB")
		})
	}
}

// BenchmarkPromiseNewsOfAnEdit takes the time from an edit to the list of the tiles that it changed, in a town
// and for the largest micro-grid, which reaches over thousands of tiles.
func BenchmarkPromiseNewsOfAnEdit(b *testing.B) {
	largest, most := "", int64(0)
	for code, grid := range mustDemo(b).MicroGrids {
		if bounds := grid.Boundary.Bound(); int64((bounds.Max[0]-bounds.Min[0])*1e7) > most {
			largest, most = code, int64((bounds.Max[0]-bounds.Min[0])*1e7)
		}
	}
	for name, code := range map[string]string{"town": "150702001001005", "largest": largest} {
		b.Run(name, func(b *testing.B) {
			city, p := mustDemo(b), tiles.NewPyramid(tiles.Options{Logger: quiet()})
			if err := p.Update(city, nil); err != nil {
				b.Fatal(err)
			}
			news := make(chan tiles.Touched, 1)
			p.OnTouched(func(touched tiles.Touched) { news <- touched })
			runs, listed := 0, 0
			for b.Loop() {
				f := *city.MicroGrids[code]
				f.Households++
				changes := []yizhan.Change{{Seq: city.Seq + 1, Op: yizhan.Update, Ref: f.Ref(), After: &f}}
				city = city.Next(changes)
				if err := p.Update(city, changes); err != nil {
					b.Fatal(err)
				}
				runs, listed = 0, 0
				for _, l := range (<-news).Layers {
					for _, run := range l.Runs {
						runs++
						listed += int(run.MaxX-run.MinX) + 1
					}
				}
			}
			b.ReportMetric(float64(runs), "runs")
			b.ReportMetric(float64(listed), "tiles")
		})
	}
}
