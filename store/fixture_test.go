package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

// The fixture is a city of one banner and one township with two communities side by side, each of four
// square micro-grids, on a lattice of hundredths of a degree:
//
//	lat 2 ┌────┬────┬────┬────┐
//	      │003 │004 │003 │004 │
//	    1 ├────┼────┼────┼────┤
//	      │001 │002 │001 │002 │
//	    0 └────┴────┴────┴────┘
//	      0    1    2    3    4  lng
const (
	city      = "150700"
	banner    = "150702"
	township  = "150702001"
	west      = "150702001001"
	east      = "150702001002"
	originLng = 119.0
	originLat = 49.0
)

// at gives a point of the lattice.
func at(x, y float64) orb.Point {
	return yizhan.SnapPoint(orb.Point{originLng + x/100, originLat + y/100})
}

// area makes a polygon of one ring through the lattice points x0, y0, x1, y1, …
func area(lattice ...float64) orb.MultiPolygon {
	var ring orb.Ring
	for i := 0; i < len(lattice); i += 2 {
		ring = append(ring, at(lattice[i], lattice[i+1]))
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

func box(x0, y0, x1, y1 float64) orb.MultiPolygon { return area(x0, y0, x1, y0, x1, y1, x0, y1) }

func unit(code string, level yizhan.Level, parent string, boundary orb.MultiPolygon) *yizhan.Unit {
	return &yizhan.Unit{Code: code, Level: level, Parent: parent, Name: "单元" + code, Boundary: boundary, Synthetic: true}
}

func grid(community string, serial int, boundary orb.MultiPolygon) *yizhan.MicroGrid {
	return &yizhan.MicroGrid{Code: fmt.Sprintf("%s%03d", community, serial), Community: community, Name: fmt.Sprintf("第%d微网格", serial),
		Households: 29, Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: boundary, Synthetic: true}
}

func station(code string, x, y float64) *yizhan.Station {
	return &yizhan.Station{Code: code, Name: "驿站" + code, Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion, Location: at(x, y),
		Capacity: 12, Hours: yizhan.MustHours("Mo-Fr 08:30-17:30"), Status: yizhan.StationActive, Community: west, Synthetic: true}
}

func leader(microGrid string, serial int) *yizhan.Leader {
	return &yizhan.Leader{Code: fmt.Sprintf("%s%02d", microGrid, serial), MicroGrid: microGrid, Role: yizhan.RoleUnitLeader,
		Households: 29, Selected: "elected", Synthetic: true}
}

// gridsOf tiles a community whose lower left corner is at x, 0.
func gridsOf(community string, x float64) []*yizhan.MicroGrid {
	return []*yizhan.MicroGrid{
		grid(community, 1, box(x, 0, x+1, 1)), grid(community, 2, box(x+1, 0, x+2, 1)),
		grid(community, 3, box(x, 1, x+1, 2)), grid(community, 4, box(x+1, 1, x+2, 2)),
	}
}

// outline is the boundary of the community whose lower left corner is at x, 0, with a vertex at each
// corner of its micro-grids.
func outline(x float64) orb.MultiPolygon {
	return area(x, 0, x+1, 0, x+2, 0, x+2, 1, x+2, 2, x+1, 2, x, 2, x, 1)
}

func fixture() []yizhan.Feature {
	whole := area(0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 4, 1, 4, 2, 3, 2, 2, 2, 1, 2, 0, 2, 0, 1)
	features := []yizhan.Feature{
		unit(city, yizhan.LevelCity, "", whole), unit(banner, yizhan.LevelBanner, city, whole),
		unit(township, yizhan.LevelTownship, banner, whole),
		unit(west, yizhan.LevelCommunity, township, outline(0)), unit(east, yizhan.LevelCommunity, township, outline(2)),
	}
	for _, g := range append(gridsOf(west, 0), gridsOf(east, 2)...) {
		features = append(features, g, leader(g.Code, 1))
	}
	withServices := station("150702-0001", 0.5, 0.5)
	withServices.MicroGrid = west + "001"
	withServices.ConfirmedAt = time.Date(2026, 5, 1, 2, 3, 4, 5000, time.UTC)
	withServices.Services = []yizhan.StationService{
		{Service: yizhan.Water, Condition: yizhan.Working, ConfirmedAt: time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)},
		{Service: yizhan.Charging, Condition: yizhan.Broken}}
	return append(features, withServices, station("150702-0002", 1.5, 1.5),
		&yizhan.FriendlyScene{Code: "SCENE-1", Name: "友好商圈", Kind: yizhan.SceneShopping,
			MicroGrids: []string{west + "001", west + "002"}, Stations: []string{"150702-0001"}, Synthetic: true})
}

func creates(features ...yizhan.Feature) (edits []yizhan.Edit) {
	for _, f := range features {
		edits = append(edits, yizhan.CreateOf(f))
	}
	return edits
}

func deleteOf(f yizhan.Feature) yizhan.Edit {
	return yizhan.Edit{Op: yizhan.Delete, Ref: f.Ref(), BaseVersion: f.At()}
}

// open gives a store on a fresh migrated database.
func open(t testing.TB) *store.Store {
	t.Helper()
	return openURL(t, pgtest.DB(t))
}

func openURL(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url, MaxConns: 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// openFixture gives a store with the fixture in it, and its URL for SQL that goes around the store.
func openFixture(t testing.TB) (*store.Store, string) {
	t.Helper()
	url := pgtest.DB(t)
	s := openURL(t, url)
	apply(t, s, creates(fixture()...)...)
	return s, url
}

func apply(t testing.TB, s *store.Store, edits ...yizhan.Edit) yizhan.Applied {
	t.Helper()
	applied, err := s.Apply(t.Context(), yizhan.Changeset{Author: "test", Reason: t.Name(), Edits: edits})
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return applied
}

// get reads a feature of the given type.
func get[F yizhan.Feature](t testing.TB, s *store.Store, ref yizhan.Ref) F {
	t.Helper()
	f, err := s.FindOne(t.Context(), ref)
	if err != nil {
		t.Fatalf("find %s: %v", ref, err)
	}
	return f.(F)
}

func getGrid(t testing.TB, s *store.Store, code string) *yizhan.MicroGrid {
	t.Helper()
	return get[*yizhan.MicroGrid](t, s, yizhan.Ref{Collection: yizhan.MicroGrids, Code: code})
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conn
}
