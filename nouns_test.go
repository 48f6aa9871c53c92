package yizhan_test

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

func square() orb.MultiPolygon {
	return orb.MultiPolygon{{{{119, 49}, {120, 49}, {120, 50}, {119, 50}, {119, 49}}}}
}

// checkValidate breaks a valid feature in one way at a time.
func checkValidate[F any, P interface {
	*F
	yizhan.Feature
}](t *testing.T, valid func() F, breaks []broken[F]) {
	t.Helper()
	whole := valid()
	if err := P(&whole).Validate(); err != nil {
		t.Fatalf("the valid one: %v", err)
	}
	for _, b := range breaks {
		t.Run(b.name, func(t *testing.T) {
			feature := valid()
			b.change(&feature)
			err := P(&feature).Validate()
			if b.field == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			code := yizhan.CodeInvalid
			if b.tooLarge {
				code = yizhan.CodeTooLarge
			}
			checkError(t, err, code, b.field)
		})
	}
}

// broken is a change to a valid feature and the field that must be refused for it; none if it is fine.
type broken[F any] struct {
	name     string
	field    string
	change   func(*F)
	tooLarge bool
}

func TestValidateUnit(t *testing.T) {
	type unit = yizhan.Unit
	valid := func() unit {
		return unit{Code: "150702001001", Level: yizhan.LevelCommunity, Parent: "150702001", Name: "天润社区", Type: "社区",
			Seat: &orb.Point{119.7, 49.2}, Boundary: square(), Version: 1}
	}
	checkValidate(t, valid, []broken[unit]{
		{name: "no territory", change: func(u *unit) { u.Boundary = nil }},
		{name: "no seat", change: func(u *unit) { u.Seat = nil }},
		{name: "city", change: func(u *unit) { u.Code, u.Level, u.Parent = "150700", yizhan.LevelCity, "" }},
		{name: "banner", change: func(u *unit) { u.Code, u.Level, u.Parent = "150702", yizhan.LevelBanner, "150700" }},
		{name: "township", change: func(u *unit) { u.Code, u.Level, u.Parent = "150702001", yizhan.LevelTownship, "150702" }},
		{name: "no level", field: "level", change: func(u *unit) { u.Level = "" }},
		{name: "other level", field: "level", change: func(u *unit) { u.Level = "province" }},
		{name: "code of another level", field: "code", change: func(u *unit) { u.Code = "150702001" }},
		{name: "letters in code", field: "code", change: func(u *unit) { u.Code = "15070200100x" }},
		{name: "line after code", field: "code", change: func(u *unit) { u.Code = "150702001001\n" }},
		{name: "banner with a city's code", field: "code", change: func(u *unit) { u.Code, u.Level, u.Parent = "150700", yizhan.LevelBanner, "150700" }},
		{name: "no parent", field: "parent", change: func(u *unit) { u.Parent = "" }},
		{name: "other parent", field: "parent", change: func(u *unit) { u.Parent = "150702002" }},
		{name: "grandparent", field: "parent", change: func(u *unit) { u.Parent = "150702" }},
		{name: "city with parent", field: "parent", change: func(u *unit) { u.Code, u.Level, u.Parent = "150700", yizhan.LevelCity, "150000" }},
		{name: "banner of another city", field: "parent", change: func(u *unit) { u.Code, u.Level, u.Parent = "150702", yizhan.LevelBanner, "150800" }},
		{name: "no name", field: "name", change: func(u *unit) { u.Name = "" }},
		{name: "long name", field: "name", change: func(u *unit) { u.Name = strings.Repeat("驿", 121) }},
		{name: "name as long as allowed", change: func(u *unit) { u.Name = strings.Repeat("驿", 120) }},
		{name: "name is not UTF-8", field: "name", change: func(u *unit) { u.Name = "a\xff" }},
		{name: "name with a zero", field: "name", change: func(u *unit) { u.Name = "a\x00b" }},
		{name: "long English name", field: "name_en", change: func(u *unit) { u.NameEn = strings.Repeat("x", 241) }},
		{name: "long type", field: "type", change: func(u *unit) { u.Type = strings.Repeat("x", 61) }},
		{name: "seat is not a number", field: "seat", change: func(u *unit) { u.Seat = &orb.Point{math.NaN(), 49} }},
		{name: "seat with lng and lat swapped", field: "seat", change: func(u *unit) { u.Seat = &orb.Point{49.2, 119.7} }},
		{name: "boundary", field: "boundary", change: func(u *unit) { u.Boundary = orb.MultiPolygon{} }},
	})
}

func TestValidateMicroGrid(t *testing.T) {
	type grid = yizhan.MicroGrid
	valid := func() grid {
		return grid{Code: "150702001001001", Community: "150702001001", Name: "第1微网格", Households: 29, Zone: yizhan.ZoneCore,
			Status: yizhan.GridPublished, Boundary: square(), Version: 1}
	}
	shape := func(name, field string, boundary orb.MultiPolygon) broken[grid] {
		return broken[grid]{name: name, field: field, change: func(g *grid) { g.Boundary = boundary }}
	}
	huge := make(orb.Ring, yizhan.MaxVertices+1)
	for i := range huge {
		huge[i] = orb.Point{119, 49}
	}
	many := shape("too many vertices", "boundary", orb.MultiPolygon{{huge}})
	many.tooLarge = true
	checkValidate(t, valid, []broken[grid]{
		{name: "nobody", change: func(g *grid) { g.Households = 0 }},
		{name: "draft", change: func(g *grid) { g.Status = yizhan.GridDraft }},
		{name: "hinterland", change: func(g *grid) { g.Zone = yizhan.ZoneHinterland }},
		{name: "short code", field: "code", change: func(g *grid) { g.Code = "150702001001" }},
		{name: "other community", field: "community", change: func(g *grid) { g.Community = "150702001002" }},
		{name: "negative households", field: "households", change: func(g *grid) { g.Households = -1 }},
		{name: "too many households", field: "households", change: func(g *grid) { g.Households = yizhan.MaxHouseholds + 1 }},
		{name: "no zone", field: "zone", change: func(g *grid) { g.Zone = "" }},
		{name: "no status", field: "status", change: func(g *grid) { g.Status = "" }},
		{name: "no name", field: "name", change: func(g *grid) { g.Name = "" }},
		shape("no boundary", "boundary", nil),
		shape("polygon without ring", "boundary", orb.MultiPolygon{{}}),
		shape("ring too short", "boundary", orb.MultiPolygon{{{{119, 49}, {120, 49}, {119, 49}}}}),
		shape("ring not closed", "boundary", orb.MultiPolygon{{{{119, 49}, {120, 49}, {120, 50}, {119, 50}}}}),
		shape("vertex is not a number", "boundary", orb.MultiPolygon{{{{119, 49}, {math.NaN(), 49}, {120, 50}, {119, 49}}}}),
		shape("vertex is infinite", "boundary", orb.MultiPolygon{{{{119, 49}, {120, math.Inf(1)}, {120, 50}, {119, 49}}}}),
		shape("vertex off the world", "boundary", orb.MultiPolygon{{{{119, 49}, {190, 49}, {120, 50}, {119, 49}}}}),
		shape("hole not closed", "boundary", orb.MultiPolygon{{square()[0][0], {{119.2, 49.2}, {119.4, 49.2}, {119.4, 49.4}, {119.2, 49.4}}}}),
		many,
	})
}

func TestValidateStation(t *testing.T) {
	type station = yizhan.Station
	valid := func() station {
		return station{Code: "150702-0001", Name: "新春社区工会驿站", Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion,
			Location: orb.Point{119.7, 49.2}, Capacity: 20, Status: yizhan.StationActive, Community: "150702001001",
			MicroGrid: "150702001001001", Version: 1,
			Services: []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Working}, {Service: yizhan.Rest, Condition: yizhan.Uncertain}}}
	}
	services := func(services ...yizhan.StationService) func(*station) {
		return func(s *station) { s.Services = services }
	}
	water := yizhan.StationService{Service: yizhan.Water, Condition: yizhan.Working}
	checkValidate(t, valid, []broken[station]{
		{name: "no services", change: services()},
		{name: "no micro-grid", change: func(s *station) { s.MicroGrid = "" }},
		{name: "entrance", change: func(s *station) { s.Entrance = &orb.Point{119.7, 49.2} }},
		{name: "lower case in code", field: "code", change: func(s *station) { s.Code = "st-1" }},
		{name: "short code", field: "code", change: func(s *station) { s.Code = "ST" }},
		{name: "long code", field: "code", change: func(s *station) { s.Code = strings.Repeat("A", 33) }},
		{name: "other sponsor", field: "sponsor", change: func(s *station) { s.Sponsor = "me" }},
		{name: "kind of another sponsor", field: "kind", change: func(s *station) { s.Kind = yizhan.KindCommunity }},
		{name: "negative capacity", field: "capacity", change: func(s *station) { s.Capacity = -1 }},
		{name: "large capacity", field: "capacity", change: func(s *station) { s.Capacity = yizhan.MaxCapacity + 1 }},
		{name: "community", field: "community", change: func(s *station) { s.Community = "150702001" }},
		{name: "micro-grid", field: "micro_grid", change: func(s *station) { s.MicroGrid = "150702001001" }},
		{name: "micro-grid of another community", field: "micro_grid", change: func(s *station) { s.MicroGrid = "150702001002001" }},
		{name: "status", field: "status", change: func(s *station) { s.Status = "open" }},
		{name: "no name", field: "name", change: func(s *station) { s.Name = "" }},
		{name: "long address", field: "address", change: func(s *station) { s.Address = strings.Repeat("路", 301) }},
		{name: "location swapped", field: "location", change: func(s *station) { s.Location = orb.Point{49.2, 119.7} }},
		{name: "location is not a number", field: "location", change: func(s *station) { s.Location[1] = math.NaN() }},
		{name: "entrance off the world", field: "entrance", change: func(s *station) { s.Entrance = &orb.Point{-181, 0} }},
		{name: "other service", field: "services", change: services(yizhan.StationService{Service: "beer", Condition: yizhan.Working})},
		{name: "service twice", field: "services", change: services(water, water)},
		{name: "other condition", field: "services", change: services(yizhan.StationService{Service: yizhan.Water, Condition: "fine"})},
	})
}

func TestValidateFriendlyScene(t *testing.T) {
	type scene = yizhan.FriendlyScene
	valid := func() scene {
		return scene{Code: "FS-01", Name: "友好商圈", Kind: yizhan.SceneShopping, MicroGrids: []string{"150702001001001", "150702001001002"},
			Stations: []string{"150702-0001", "150702-0002"}, Version: 1}
	}
	checkValidate(t, valid, []broken[scene]{
		{name: "no stations", change: func(s *scene) { s.Stations = nil }},
		{name: "code", field: "code", change: func(s *scene) { s.Code = "" }},
		{name: "kind", field: "kind", change: func(s *scene) { s.Kind = "bar" }},
		{name: "no name", field: "name", change: func(s *scene) { s.Name = "" }},
		{name: "no micro-grids", field: "micro_grids", change: func(s *scene) { s.MicroGrids = nil }},
		{name: "too many micro-grids", field: "micro_grids", change: func(s *scene) { s.MicroGrids = make([]string, 1001) }},
		{name: "micro-grids out of order", field: "micro_grids", change: func(s *scene) { s.MicroGrids = []string{"2", "1"} }},
		{name: "micro-grid twice", field: "micro_grids", change: func(s *scene) { s.MicroGrids = []string{"1", "1"} }},
		{name: "too many stations", field: "stations", change: func(s *scene) { s.Stations = make([]string, 1001) }},
		{name: "stations out of order", field: "stations", change: func(s *scene) { s.Stations = []string{"B", "A"} }},
		{name: "station twice", field: "stations", change: func(s *scene) { s.Stations = []string{"A", "A"} }},
	})
}

func TestValidateLeader(t *testing.T) {
	type leader = yizhan.Leader
	valid := func() leader {
		return leader{Code: "15070200100100101", MicroGrid: "150702001001001", Role: yizhan.RoleUnitLeader, Households: 29,
			Selected: "elected", Version: 1}
	}
	checkValidate(t, valid, []broken[leader]{
		{name: "code", field: "code", change: func(l *leader) { l.Code = "150702001001001" }},
		{name: "other micro-grid", field: "micro_grid", change: func(l *leader) { l.MicroGrid = "150702001001002" }},
		{name: "negative households", field: "households", change: func(l *leader) { l.Households = -1 }},
		{name: "too many households", field: "households", change: func(l *leader) { l.Households = yizhan.MaxHouseholds + 1 }},
		{name: "role", field: "role", change: func(l *leader) { l.Role = "boss" }},
		{name: "selected", field: "selected", change: func(l *leader) { l.Selected = "" }},
	})
}

func TestEverySponsorHasItsKind(t *testing.T) {
	kinds := map[yizhan.StationKind]int{}
	for _, sponsor := range yizhan.Sponsors() {
		kinds[sponsor.Kind()]++
	}
	want := map[yizhan.StationKind]int{yizhan.KindUnion: 1, yizhan.KindCommunity: 1, yizhan.KindEnterprise: 6}
	for kind, n := range want {
		if kinds[kind] != n {
			t.Errorf("%d sponsors of kind %s, want %d", kinds[kind], kind, n)
		}
	}
}

func TestOffers(t *testing.T) {
	s := yizhan.Station{Services: []yizhan.StationService{
		{Service: yizhan.Water, Condition: yizhan.Working}, {Service: yizhan.Rest, Condition: yizhan.Limited},
		{Service: yizhan.Heating, Condition: yizhan.Uncertain}, {Service: yizhan.Toilet, Condition: yizhan.Broken},
	}}
	for service, want := range map[yizhan.Service]bool{
		yizhan.Water: true, yizhan.Rest: true, yizhan.Heating: true, yizhan.Toilet: false, yizhan.Books: false, "": false,
	} {
		if got := s.Offers(service); got != want {
			t.Errorf("offers %q: %v", service, got)
		}
	}
}

func TestSnap(t *testing.T) {
	for _, test := range []struct{ degrees, want float64 }{
		{119.73641234567, 119.7364123}, {119.73641236, 119.7364124}, {-0.00000004, 0}, {180, 180},
	} {
		if got := yizhan.Snap(test.degrees); got != test.want {
			t.Errorf("Snap(%v) = %v, want %v", test.degrees, got, test.want)
		}
		if got := yizhan.Snap(yizhan.Snap(test.degrees)); got != yizhan.Snap(test.degrees) {
			t.Errorf("snapping %v twice moves it", test.degrees)
		}
	}
	if got := yizhan.SnapPoint(orb.Point{1.00000004, 2.00000006}); got != (orb.Point{1, 2.0000001}) {
		t.Errorf("SnapPoint gives %v", got)
	}
}
