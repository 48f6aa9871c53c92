package tiles_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// coldPyramid keeps no tile.
func coldPyramid(b *testing.B) *tiles.Pyramid { return demoPyramid(b) }

func BenchmarkLoad(b *testing.B) {
	city := mustDemo(b)
	before := heapBytes()
	var p *tiles.Pyramid
	for b.Loop() {
		p = tiles.NewPyramid(tiles.Options{Logger: quiet()})
		if err := p.Update(city, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(heapBytes()-before)/1e6, "MB")
	runtime.KeepAlive(p)
}

func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkCold makes the tile around the largest town that nobody asked for before.
func BenchmarkCold(b *testing.B) {
	p := coldPyramid(b)
	seat := world.Project(*mustDemo(b).Units["150702"].Seat)
	for _, layer := range cityLayers {
		for _, zoom := range []uint32{0, 3, 6, 8, 10, 11, 12, 14, 16} {
			at := world.Tile{Z: zoom, X: seat.X >> (world.Bits - zoom), Y: seat.Y >> (world.Bits - zoom)}
			b.Run(fmt.Sprintf("%s/z%02d", layer, zoom), func(b *testing.B) {
				size := 0
				for b.Loop() {
					size = len(get(b, p, layer, at).Gzip)
				}
				b.ReportMetric(float64(size), "gzip-B")
			})
		}
	}
}

func BenchmarkWarm(b *testing.B) {
	p := pyramidOf(b, testCity())
	r := tiles.Request{Layers: []string{tiles.MicroGrids}, Z: 12, X: 3405, Y: 1410}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.Tile(context.Background(), r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	first := mustDemo(b)
	edits := map[string]func(city *yizhan.City) yizhan.Feature{
		"station": func(city *yizhan.City) yizhan.Feature {
			f := *yizhan.Sorted(city.Stations)[0]
			f.Name += "."
			return &f
		},
		"micro_grid_households": func(city *yizhan.City) yizhan.Feature {
			f := *city.MicroGrids["150702001001005"]
			f.Households++
			return &f
		},
		"micro_grid_outline": func(city *yizhan.City) yizhan.Feature {
			f := *city.MicroGrids["150702001001005"]
			f.Boundary = f.Boundary.Clone()
			ring := f.Boundary[0][0]
			ring[1][0] += 1e-6
			return &f
		},
		"unit_outline": func(city *yizhan.City) yizhan.Feature {
			f := *city.Units["150702001001"]
			f.Boundary = f.Boundary.Clone()
			f.Boundary[0][0][1][0] += 1e-6
			return &f
		},
		"unit_name": func(city *yizhan.City) yizhan.Feature {
			f := *city.Units["150702001001"]
			f.Name += "."
			return &f
		},
	}
	for name, edit := range edits {
		b.Run(name, func(b *testing.B) {
			city := first
			p := tiles.NewPyramid(tiles.Options{Logger: quiet()})
			if err := p.Update(city, nil); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				f := edit(city)
				changes := []yizhan.Change{{Seq: city.Seq + 1, Op: yizhan.Update, Ref: f.Ref(), After: f}}
				city = city.Next(changes)
				if err := p.Update(city, changes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
