package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/internal/benchcity"
)

// Growth is what a city of some times the demo city takes.
type Growth struct {
	Times      int    `json:"times"`
	MicroGrids int    `json:"micro_grids"`
	Generate   Millis `json:"generate_ms"`
	CityBytes  int64  `json:"city_heap_bytes"`
	View       View   `json:"view"`
	Mix        Millis `json:"mix_cold_ms"`
	Tile       Spread `json:"tile"`      // of the mix, with units
	LowZooms   Spread `json:"low_zooms"` // zooms 0 to 5, which show the whole of it
	PeakBytes  int64  `json:"peak_resident_bytes"`
}

// frugalFrom is the size from which the collector may keep little garbage: at a hundred times, as much
// garbage as there is data would not fit the machine.
const frugalFrom = 100

func measureGrowth(ctx context.Context, scale int, report *Report, say func(string, ...any)) error {
	var one *yizhan.City
	for _, times := range []int{1, 10, 100} {
		if times > scale {
			break
		}
		if one == nil {
			generated, err := demo.Generate(ctx, nil)
			if err != nil {
				return err
			}
			one = publicCity(generated)
		}
		say("building a city %d times as large", times)
		if times >= frugalFrom {
			defer debug.SetGCPercent(debug.SetGCPercent(30))
		}
		grown, err := measureTimes(ctx, one, times)
		if err != nil {
			return err
		}
		report.Growth = append(report.Growth, grown)
		debug.FreeOSMemory()
	}
	return nil
}

func publicCity(generated *demo.City) *yizhan.City {
	return &yizhan.City{Seq: 1, Units: byCode(generated.Units), MicroGrids: byCode(generated.MicroGrids),
		Stations: byCode(generated.Stations), Scenes: byCode(generated.Scenes)}
}

func byCode[F yizhan.Feature](features []F) map[string]F {
	index := make(map[string]F, len(features))
	for _, f := range features {
		index[f.Ref().Code] = f
	}
	return index
}

func measureTimes(ctx context.Context, one *yizhan.City, times int) (Growth, error) {
	before, began := heapBytes(), time.Now()
	city, err := benchcity.Times(one, times)
	if err != nil {
		return Growth{}, err
	}
	grown := Growth{Times: times, MicroGrids: len(city.MicroGrids), Generate: Millis(time.Since(began))}
	grown.CityBytes = heapBytes() - before
	pyramid, view, err := build(city, 1)
	if err != nil {
		return grown, err
	}
	grown.View = view
	side, err := rounds(makerOf(ctx, pyramid, allLayers), coldRounds)
	if err != nil {
		return grown, err
	}
	grown.Mix, grown.Tile = side.Cold, side.Tile
	low, err := lowZooms(ctx, pyramid, city)
	if err != nil {
		return grown, err
	}
	grown.LowZooms, grown.PeakBytes = low, peakBytes()
	runtime.KeepAlive(city)
	return grown, nil
}
