package store_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

func find(t *testing.T, s *store.Store, q yizhan.Query) []string {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	page, err := s.Find(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	codes := []string{}
	for _, f := range page.Features {
		codes = append(codes, f.Ref().Code)
	}
	return codes
}

func filters(pairs ...string) (list []yizhan.Filter) {
	for _, pair := range pairs {
		property, values, _ := strings.Cut(pair, "=")
		list = append(list, yizhan.Filter{Property: property, Values: strings.Split(values, ",")})
	}
	return list
}

func TestFind(t *testing.T) {
	s, _ := openFixture(t)
	lattice := func(x0, y0, x1, y1 float64) *[4]float64 {
		low, high := at(x0, y0), at(x1, y1)
		return &[4]float64{low[0], low[1], high[0], high[1]}
	}
	grids := func(community string, serials ...int) (codes []string) {
		for _, serial := range serials {
			codes = append(codes, fmt.Sprintf("%s%03d", community, serial))
		}
		return codes
	}
	first, second := "150702-0001", "150702-0002"
	for _, c := range []struct {
		name  string
		query yizhan.Query
		want  []string
	}{
		{"all units", yizhan.Query{Collection: yizhan.Units}, []string{city, banner, township, west, east}},
		{"level", yizhan.Query{Collection: yizhan.Units, Filters: filters("level=banner,township")}, []string{banner, township}},
		{"parent", yizhan.Query{Collection: yizhan.Units, Filters: filters("parent=" + township)}, []string{west, east}},
		{"units below", yizhan.Query{Collection: yizhan.Units, Unit: township}, []string{township, west, east}},
		{"units of the city", yizhan.Query{Collection: yizhan.Units, Unit: city}, []string{city, banner, township, west, east}},
		{"units of another city", yizhan.Query{Collection: yizhan.Units, Unit: "150800"}, []string{}},
		{"grids of a community", yizhan.Query{Collection: yizhan.MicroGrids, Unit: east}, grids(east, 1, 2, 3, 4)},
		{"grids by zone and community", yizhan.Query{Collection: yizhan.MicroGrids, Filters: filters("community="+west, "zone=core", "status=published")}, grids(west, 1, 2, 3, 4)},
		{"no such zone here", yizhan.Query{Collection: yizhan.MicroGrids, Filters: filters("zone=hinterland")}, []string{}},
		{"grids in a box", yizhan.Query{Collection: yizhan.MicroGrids, BBox: lattice(0.2, 0.2, 1.5, 0.8)}, grids(west, 1, 2)},
		{"grids at a corner", yizhan.Query{Collection: yizhan.MicroGrids, BBox: lattice(1, 1, 1, 1)}, grids(west, 1, 2, 3, 4)},
		{"grids on a line", yizhan.Query{Collection: yizhan.MicroGrids, BBox: lattice(0.5, 0.5, 0.5, 1.5)}, grids(west, 1, 3)},
		{"grids far away", yizhan.Query{Collection: yizhan.MicroGrids, BBox: &[4]float64{-180, -90, 0, 90}}, []string{}},
		{"stations below", yizhan.Query{Collection: yizhan.Stations, Unit: banner}, []string{first, second}},
		{"stations elsewhere", yizhan.Query{Collection: yizhan.Stations, Unit: east}, []string{}},
		{"stations in a box", yizhan.Query{Collection: yizhan.Stations, BBox: lattice(1, 1, 2, 2)}, []string{second}},
		{"a service", yizhan.Query{Collection: yizhan.Stations, Filters: filters("service=water")}, []string{first}},
		{"a broken service is none", yizhan.Query{Collection: yizhan.Stations, Filters: filters("service=charging")}, []string{}},
		{"any of two services", yizhan.Query{Collection: yizhan.Stations, Filters: filters("service=charging,water")}, []string{first}},
		{"both of two services", yizhan.Query{Collection: yizhan.Stations, Filters: filters("service=water", "service=charging")}, []string{}},
		{"kind and sponsor", yizhan.Query{Collection: yizhan.Stations, Filters: filters("kind=union", "sponsor=union", "status=active")}, []string{first, second}},
		{"scenes in a box", yizhan.Query{Collection: yizhan.FriendlyScenes, BBox: lattice(0, 0, 0.1, 0.1)}, []string{"SCENE-1"}},
		{"scenes beside a box", yizhan.Query{Collection: yizhan.FriendlyScenes, BBox: lattice(0, 1.5, 1, 2)}, []string{}},
		{"scenes of a community", yizhan.Query{Collection: yizhan.FriendlyScenes, Unit: west, Filters: filters("kind=shopping")}, []string{"SCENE-1"}},
		{"leaders", yizhan.Query{Collection: yizhan.Leaders, Unit: west, Limit: 1}, []string{west + "00101"}},
		{"after", yizhan.Query{Collection: yizhan.MicroGrids, After: west + "004", Limit: 2}, grids(east, 1, 2)},
		{"after the last", yizhan.Query{Collection: yizhan.MicroGrids, After: "~"}, []string{}},
		{"hostile text finds nothing", yizhan.Query{Collection: yizhan.Units, Filters: filters("parent='; DROP TABLE units; --")}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := find(t, s, c.query); !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
		})
	}
}

func TestFindRefuses(t *testing.T) {
	s, _ := openFixture(t)
	many := strings.TrimSuffix(strings.Repeat("water,", 10_000), ",")
	for _, c := range []struct {
		name  string
		query yizhan.Query
		code  yizhan.ErrorCode
		field string
	}{
		{"collection", yizhan.Query{Collection: "users", Limit: 1}, yizhan.CodeNotFound, "collection"},
		{"limit 0", yizhan.Query{Collection: yizhan.Units}, yizhan.CodeInvalid, "limit"},
		{"limit", yizhan.Query{Collection: yizhan.Units, Limit: 10_001}, yizhan.CodeInvalid, "limit"},
		{"property", yizhan.Query{Collection: yizhan.Units, Limit: 1, Filters: filters("name=x")}, yizhan.CodeInvalid, "name"},
		{"property that is SQL", yizhan.Query{Collection: yizhan.Units, Limit: 1, Filters: filters("1) OR (1=1")}, yizhan.CodeInvalid, "1) OR (1"},
		{"value", yizhan.Query{Collection: yizhan.Stations, Limit: 1, Filters: filters("service=beer")}, yizhan.CodeInvalid, "service"},
		{"10,000 values", yizhan.Query{Collection: yizhan.Stations, Limit: 1, Filters: filters("service=" + many)}, yizhan.CodeInvalid, "service"},
		{"no value", yizhan.Query{Collection: yizhan.Stations, Limit: 1, Filters: []yizhan.Filter{{Property: "kind"}}}, yizhan.CodeInvalid, "kind"},
		{"10,000 filters", yizhan.Query{Collection: yizhan.Stations, Limit: 1, Filters: make([]yizhan.Filter, 10_000)}, yizhan.CodeInvalid, "filters"},
		{"NUL in a value", yizhan.Query{Collection: yizhan.Units, Limit: 1, Filters: filters("parent=\x00")}, yizhan.CodeInvalid, "parent"},
		{"NUL in after", yizhan.Query{Collection: yizhan.Units, Limit: 1, After: "\x00"}, yizhan.CodeInvalid, "after"},
		{"after is not UTF-8", yizhan.Query{Collection: yizhan.Units, Limit: 1, After: "\xff"}, yizhan.CodeInvalid, "after"},
		{"unit", yizhan.Query{Collection: yizhan.Units, Limit: 1, Unit: "15070"}, yizhan.CodeInvalid, "unit"},
		{"unit of letters", yizhan.Query{Collection: yizhan.Units, Limit: 1, Unit: "15070A"}, yizhan.CodeInvalid, "unit"},
		{"unit of zero width", yizhan.Query{Collection: yizhan.Units, Limit: 1, Unit: "\x00\x00\x00\x00\x00\x00"}, yizhan.CodeInvalid, "unit"},
		{"NaN", yizhan.Query{Collection: yizhan.Units, Limit: 1, BBox: &[4]float64{math.NaN(), 0, 1, 1}}, yizhan.CodeInvalid, "bbox"},
		{"Inf", yizhan.Query{Collection: yizhan.Units, Limit: 1, BBox: &[4]float64{0, 0, math.Inf(1), 1}}, yizhan.CodeInvalid, "bbox"},
		{"lat before lng", yizhan.Query{Collection: yizhan.Units, Limit: 1, BBox: &[4]float64{49, 119, 50, 120}}, yizhan.CodeInvalid, "bbox"},
		{"turned round", yizhan.Query{Collection: yizhan.Units, Limit: 1, BBox: &[4]float64{120, 49, 119, 50}}, yizhan.CodeInvalid, "bbox"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Find(t.Context(), c.query)
			checkError(t, err, c.code, c.field)
		})
	}
	for _, ref := range []yizhan.Ref{{Collection: "users", Code: "1"}, {Collection: yizhan.Units, Code: "999999"}, {Collection: yizhan.Units},
		{Collection: yizhan.Units, Code: "\x00"}, {Collection: yizhan.Units, Code: "\xff"}, {Collection: yizhan.Units, Code: strings.Repeat("1", 1e6)}} {
		if _, err := s.FindOne(t.Context(), ref); yizhan.CodeOf(err) != yizhan.CodeNotFound {
			t.Errorf("%q: %v", clip(ref.Code), err)
		}
	}
}

func clip(text string) string { return text[:min(len(text), 20)] }

func TestSkipGeometry(t *testing.T) {
	s, _ := openFixture(t)
	for _, collection := range []yizhan.Collection{yizhan.Units, yizhan.MicroGrids, yizhan.FriendlyScenes} {
		for _, skip := range []bool{false, true} {
			page, err := s.Find(t.Context(), yizhan.Query{Collection: collection, Limit: 100, SkipGeometry: skip})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Features {
				has := true
				switch f := f.(type) {
				case *yizhan.Unit:
					has = f.Boundary != nil
				case *yizhan.MicroGrid:
					has = f.Boundary != nil
				case *yizhan.FriendlyScene:
					has = f.Boundary != nil
				}
				if has == skip {
					t.Errorf("skip %v: %s has a boundary: %v", skip, f.Ref(), has)
				}
			}
		}
	}
}

// TestPagesAreWholeWhileOthersWrite turns pages while stations come and go between those that stay.
func TestPagesAreWholeWhileOthersWrite(t *testing.T) {
	s, _ := openFixture(t)
	var stay []yizhan.Edit
	var want []string
	for i := range 200 {
		code := fmt.Sprintf("P-%04d", i*10)
		stay, want = append(stay, yizhan.CreateOf(station(code, 1, 1))), append(want, code)
	}
	apply(t, s, stay...)
	var stop atomic.Bool
	var wait sync.WaitGroup
	for w := range 3 {
		wait.Go(func() {
			for i := 0; !stop.Load(); i++ {
				f := station(fmt.Sprintf("P-%04d", (i*37%200)*10+1+w), 1, 1)
				apply(t, s, yizhan.CreateOf(f))
				apply(t, s, yizhan.Edit{Op: yizhan.Delete, Ref: f.Ref(), BaseVersion: 1})
			}
		})
	}
	for range 10 {
		var got []string
		query := yizhan.Query{Collection: yizhan.Stations, Limit: 7, After: "P"}
		for more := true; more; {
			page, err := s.Find(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Features {
				code := f.Ref().Code
				if query.After >= code {
					t.Errorf("%s after %s", code, query.After)
				}
				if query.After = code; strings.HasSuffix(code, "0") {
					got = append(got, code)
				}
			}
			if more = page.More; more && len(page.Features) != 7 {
				t.Errorf("a page of %d with more to come", len(page.Features))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("found %d of %d", len(got), len(want))
		}
	}
	stop.Store(true)
	wait.Wait()
}
