package demo

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
)

// clock finds the times in opening hours, without the days.
var clock = regexp.MustCompile(`24/7|\d\d:\d\d-\d\d:\d\d`)

func TestStationTotals(t *testing.T) {
	sponsors, hours, services := map[yizhan.Sponsor]int{}, map[string]int{}, map[yizhan.Service]int{}
	for _, s := range generated(t).Stations {
		sponsors[s.Sponsor]++
		hours[clock.FindString(s.Hours.String())]++
		for _, have := range s.Services {
			services[have.Service]++
		}
		if s.Status != yizhan.StationActive {
			t.Errorf("%s is %s", s.Code, s.Status)
		}
	}
	checkTotals(t, "sponsors", sponsors, map[yizhan.Sponsor]int{
		yizhan.SponsorUnion: 220, yizhan.SponsorPartyCentre: 138, yizhan.SponsorBank: 44, yizhan.SponsorUtility: 33,
		yizhan.SponsorPost: 33, yizhan.SponsorRetail: 33, yizhan.SponsorFuel: 28, yizhan.SponsorPublicService: 21,
	})
	checkTotals(t, "hours", hours, map[string]int{
		"24/7": 66, "07:00-21:00": 132, "08:30-17:30": 264, "09:00-16:30": 44, "06:00-22:00": 44,
	})
	checkTotals(t, "services", services, map[yizhan.Service]int{
		yizhan.Water: 550, yizhan.Charging: 550, yizhan.Rest: 550, yizhan.Microwave: 495, yizhan.FirstAid: 468,
		yizhan.WiFi: 413, yizhan.Heating: 523, yizhan.Books: 275, yizhan.RainGear: 248, yizhan.Toilet: 330,
		yizhan.BatterySwap: 83, yizhan.Counselling: 55,
	})
}

func checkTotals[K comparable](t *testing.T, name string, got, want map[K]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", name, got, want)
	}
}

func TestGenheIsAsReported(t *testing.T) {
	unions, always := 0, 0
	for _, s := range generated(t).Stations {
		if !strings.HasPrefix(s.Code, "150785-") {
			continue
		}
		if s.Sponsor == yizhan.SponsorUnion {
			unions++
		}
		if s.Hours.String() == "24/7" {
			always++
		}
	}
	if unions != 11 || always != 3 {
		t.Errorf("Genhe has %d stations of unions, %d of them unattended; reported are 11 and 3", unions, always)
	}
}

func TestKnownStationsAreThere(t *testing.T) {
	for name, community := range map[string]string{
		"祥福里工会驿站": "150702002009", "创业路工会驿站": "150785001", "兴安路工会驿站": "150785002", "冷极驿站": "150785003",
	} {
		i := slices.IndexFunc(generated(t).Stations, func(s *yizhan.Station) bool { return s.Name == name })
		if i < 0 {
			t.Errorf("%s is missing", name)
			continue
		}
		s := generated(t).Stations[i]
		if !strings.HasPrefix(s.Community, community) || s.Sponsor != yizhan.SponsorUnion || !s.Approximate {
			t.Errorf("%s: community %s, sponsor %s, approximate %t", name, s.Community, s.Sponsor, s.Approximate)
		}
	}
}

func TestStationsAreWhereTheySay(t *testing.T) {
	city := generated(t)
	grids := map[string]*yizhan.MicroGrid{}
	for _, g := range city.MicroGrids {
		grids[g.Code] = g
	}
	names := map[string]bool{}
	for i, s := range city.Stations {
		grid := grids[s.MicroGrid]
		if grid.Zone != yizhan.ZoneCore || grid.Community != s.Community || !planar.MultiPolygonContains(grid.Boundary, s.Location) {
			t.Errorf("%s is not in the built-up micro-grid %s of its community", s.Code, s.MicroGrid)
		}
		if s.Entrance == nil || !planar.MultiPolygonContains(grid.Boundary, *s.Entrance) {
			t.Errorf("%s has no entrance in its micro-grid", s.Code)
		} else if d := geo.Distance(s.Location, *s.Entrance); d < 3 || d > 8 {
			t.Errorf("%s: the entrance is %.1f m away", s.Code, d)
		}
		for _, o := range city.Stations[:i] {
			if d := geo.Distance(s.Location, o.Location); d < 120 {
				t.Errorf("%s and %s are %.0f m apart", s.Code, o.Code, d)
			}
		}
		if key := s.Community + s.Name; names[key] {
			t.Errorf("%s: the name %s is taken", s.Code, s.Name)
		} else {
			names[key] = true
		}
		if !s.ConfirmedAt.Before(reference) {
			t.Errorf("%s was confirmed at %s, after the reference date", s.Code, s.ConfirmedAt)
		}
	}
}

func TestScenes(t *testing.T) {
	city := generated(t)
	grids := map[string]*yizhan.MicroGrid{}
	for _, g := range city.MicroGrids {
		grids[g.Code] = g
	}
	kinds := map[yizhan.SceneKind]int{}
	for _, s := range city.Scenes {
		kinds[s.Kind]++
		if n := len(s.MicroGrids); n < 3 || n > 12 {
			t.Errorf("%s has %d micro-grids, want 3 to 12", s.Code, n)
		}
		if len(s.Stations) < 2 {
			t.Errorf("%s has %d stations, want at least 2", s.Code, len(s.Stations))
		}
		if len(s.Boundary) != 1 {
			t.Errorf("%s: its micro-grids are not adjacent: %d parts", s.Code, len(s.Boundary))
		}
		for _, code := range s.MicroGrids {
			if grids[code].Zone != yizhan.ZoneCore || code[:12] != s.MicroGrids[0][:12] {
				t.Errorf("%s: micro-grid %s is not a block of the same neighbourhood", s.Code, code)
			}
		}
	}
	for _, kind := range yizhan.SceneKinds() {
		if kinds[kind] != 1 {
			t.Errorf("%d scenes of kind %s, want 1", kinds[kind], kind)
		}
	}
}

// TestMicroGridsAreUsable bounds how small and how thin a micro-grid may be: twice its area over its
// longest diagonal is about its mean width.
func TestMicroGridsAreUsable(t *testing.T) {
	const leastArea, leastWidth = 400, 8 // square metres, metres
	var total float64
	for _, g := range generated(t).MicroGrids {
		ring := g.Boundary[0][0]
		f := newFrame(toLattice(ring[0]), toLattice(ring[0]))
		shape := f.ring(lattice(ring[:len(ring)-1]))
		size, longest := area(shape), 0.0
		for _, v := range shape {
			for _, w := range shape {
				longest = max(longest, v.distance(w))
			}
		}
		if width := 2 * size / longest; size < leastArea || width < leastWidth {
			t.Errorf("%s has %.0f m² and is %.1f m wide", g.Code, size, width)
		}
		total += size
	}
	if km2 := total / 1e6; math.Abs(km2-251_526) > 1_500 { // the frame is good to half a percent
		t.Errorf("all micro-grids have %.0f km², the city 251526", km2)
	}
}

func TestSeatsAreInTheirUnits(t *testing.T) {
	seats := 0
	for _, u := range generated(t).Units {
		if u.Seat == nil || u.Boundary == nil {
			continue
		}
		seats++
		if !planar.MultiPolygonContains(u.Boundary, *u.Seat) {
			t.Errorf("%s %s: the seat %v is outside", u.Code, u.Name, orb.Point(*u.Seat))
		}
	}
	if seats != 1+14+142+1_173 {
		t.Errorf("%d seats, want one for every unit with a territory", seats)
	}
}
