package tiles_test

import (
	"context"
	"sync"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// bigCity is as large as Hulunbuir: 36,864 micro-grids.
var bigCity = sync.OnceValue(func() *yizhan.City { return newLattice(4, 4, 2, 6, 6, 2).city() })

func BenchmarkLoad(b *testing.B) {
	city := bigCity()
	for b.Loop() {
		pyramidOf(b, city)
	}
}

// BenchmarkCold makes tiles that are not kept: a cache of one byte keeps none.
func BenchmarkCold(b *testing.B) {
	city := bigCity()
	p := tiles.NewPyramid(tiles.Options{CacheBytes: 1})
	if err := p.Update(city, nil); err != nil {
		b.Fatal(err)
	}
	middle := world.Project(city.Stations["ST-150706006002"].Location)
	for _, layer := range []string{tiles.Base, tiles.Units, tiles.MicroGrids, tiles.Stations} {
		for _, zoom := range []uint32{3, 6, 8, 10, 11, 12, 14, 15} {
			at := world.Tile{Z: zoom, X: middle.X >> (world.Bits - zoom), Y: middle.Y >> (world.Bits - zoom)}
			b.Run(layer+"/z"+string('0'+rune(zoom/10))+string('0'+rune(zoom%10)), func(b *testing.B) {
				size := 0
				for b.Loop() {
					size = len(get(b, p, layer, at).Gzip)
				}
				b.ReportMetric(float64(size), "gzip-bytes")
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
