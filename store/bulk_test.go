package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// lattice makes a city as large as Hulunbuir: banners × townships × communities of cells × cells
// micro-grids of eight vertices each, with a leader for each and some stations.
func lattice(banners, townships, communities, cells int) []yizhan.Feature {
	const step = 1e-3
	across := float64(communities * cells)
	outlineOf := func(x, y, width, height float64) orb.MultiPolygon {
		var ring orb.Ring
		point := func(px, py float64) {
			ring = append(ring, yizhan.SnapPoint(orb.Point{116 + px*step, 47 + py*step}))
		}
		for d := 0.0; d < width; d += 0.5 {
			point(x+d, y)
		}
		for d := 0.0; d < height; d += 0.5 {
			point(x+width, y+d)
		}
		for d := width; d > 0; d -= 0.5 {
			point(x+d, y+height)
		}
		for d := height; d > 0; d -= 0.5 {
			point(x, y+d)
		}
		return orb.MultiPolygon{{append(ring, ring[0])}}
	}
	high := float64(cells)
	features := []yizhan.Feature{unit(city, yizhan.LevelCity, "", outlineOf(0, 0, across, high*float64(banners*townships)))}
	var grids, leaders, stations []yizhan.Feature
	for b := range banners {
		bannerCode := fmt.Sprintf("1507%02d", b+1)
		bottom := float64(b*townships) * high
		features = append(features, unit(bannerCode, yizhan.LevelBanner, city, outlineOf(0, bottom, across, high*float64(townships))))
		for s := range townships {
			townshipCode := fmt.Sprintf("%s%03d", bannerCode, s+1)
			bottom := bottom + float64(s)*high
			features = append(features, unit(townshipCode, yizhan.LevelTownship, bannerCode, outlineOf(0, bottom, across, high)))
			for c := range communities {
				communityCode := fmt.Sprintf("%s%03d", townshipCode, c+1)
				left := float64(c * cells)
				features = append(features, unit(communityCode, yizhan.LevelCommunity, townshipCode, outlineOf(left, bottom, high, high)))
				for i := range cells * cells {
					g := grid(communityCode, i+1, outlineOf(left+float64(i%cells), bottom+float64(i/cells), 1, 1))
					grids = append(grids, g)
					leaders = append(leaders, leader(g.Code, 1))
				}
				if c%2 == 0 {
					stop := station(fmt.Sprintf("%s-%02d", communityCode, 1), 0, 0)
					stop.Location = yizhan.SnapPoint(orb.Point{116 + (left+0.5)*step, 47 + (bottom+0.5)*step})
					stop.Community, stop.MicroGrid = communityCode, communityCode+"001"
					stop.Services = []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Working}, {Service: yizhan.Rest, Condition: yizhan.Working}}
					stations = append(stations, stop)
				}
			}
		}
	}
	features = append(features, grids...)
	features = append(features, stations...)
	return append(features, leaders...)
}

// TestCityInBulk loads a city of the size of Hulunbuir and reads it back, with generous bounds: it fails
// when something becomes slow by its nature, not when the machine is busy.
func TestCityInBulk(t *testing.T) {
	s := open(t)
	features := lattice(14, 12, 7, 6) // 1,176 communities, 42,336 micro-grids
	took := func(what string, limit time.Duration, do func()) {
		start := time.Now()
		do()
		t.Logf("%-10s %v", what, time.Since(start).Round(time.Millisecond))
		if d := time.Since(start); d > limit {
			t.Errorf("%s took %v, more than %v", what, d, limit)
		}
	}
	took("apply", 120*time.Second, func() { apply(t, s, creates(features...)...) })
	took("snapshot", 20*time.Second, func() {
		read, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if have := len(read.MicroGrids); have != 42_336 || read.Seq != int64(len(features)) {
			t.Errorf("read %d micro-grids at seq %d", have, read.Seq)
		}
	})
	took("verify", 240*time.Second, func() {
		v, err := s.Verify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !v.OK() || v.Total.MicroGrids != 42_336 || v.Total.Communities != 1_176 {
			t.Errorf("%+v", v)
		}
	})
	for name, query := range map[string]yizhan.Query{
		"find in a small box": {Collection: yizhan.MicroGrids, Limit: 100, BBox: &[4]float64{116.011, 47.011, 116.0115, 47.0115}},
		"find in a large box": {Collection: yizhan.MicroGrids, Limit: 100, BBox: &[4]float64{116, 47, 119, 49}},
		"find in a township":  {Collection: yizhan.MicroGrids, Limit: 100, Unit: "150714012"},
		"find by service": {Collection: yizhan.Stations, Limit: 100, Unit: city,
			Filters: []yizhan.Filter{{Property: "service", Values: []string{"water"}}, {Property: "service", Values: []string{"rest"}}}},
	} {
		took(name, 2*time.Second, func() {
			if page, err := s.Find(t.Context(), query); err != nil || len(page.Features) == 0 {
				t.Errorf("found %d, %v", len(page.Features), err)
			}
		})
	}
	took("update one", 2*time.Second, func() {
		g := getGrid(t, s, "150701001001001")
		apply(t, s, yizhan.UpdateOf(g))
	})
	took("changes", 40*time.Second, func() {
		for after := int64(0); ; {
			changes, err := s.Changes(t.Context(), after, 10_000)
			if err != nil {
				t.Fatal(err)
			}
			if len(changes) == 0 {
				break
			}
			after = changes[len(changes)-1].Seq
		}
	})
}
