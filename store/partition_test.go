package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// reshaped is a micro-grid of the fixture, at version 1, with another boundary.
func reshaped(code string, boundary orb.MultiPolygon) *yizhan.MicroGrid {
	g := grid(code[:12], 1, boundary)
	g.Code, g.Version = code, 1
	return g
}

func TestPartitionIsKept(t *testing.T) {
	first, second := west+"001", west+"002"
	extra := func(boundary orb.MultiPolygon) yizhan.Edit { return yizhan.CreateOf(grid(west, 5, boundary)) }
	movedBorder := []yizhan.Edit{
		yizhan.UpdateOf(reshaped(first, area(0, 0, 1, 0, 1, 0.5, 1.2, 0.7, 1, 1, 0, 1))),
		yizhan.UpdateOf(reshaped(second, area(1, 0, 2, 0, 2, 1, 1, 1, 1.2, 0.7, 1, 0.5))),
	}
	holed := orb.MultiPolygon{{box(0, 0, 1, 1)[0][0], box(0.4, 0.4, 0.6, 0.6)[0][0]}}
	widened := unit(west, yizhan.LevelCommunity, township, area(0, 0, 1, 0, 2, 0, 2, 1, 2, 2, 1, 2, 0, 2))
	widened.Version = 1
	for _, c := range []struct {
		name  string
		edits []yizhan.Edit
		place string // in the message; empty if allowed
	}{
		{"a border moves on both sides", movedBorder, ""},
		{"a border moves on one side", movedBorder[:1], "from [119.01, 49] to [119.01, 49.005]"},
		{"gap", []yizhan.Edit{yizhan.UpdateOf(reshaped(first, box(0, 0, 0.9, 1)))}, "from [119, 49] to [119.009, 49]"},
		{"a micro-grid less", []yizhan.Edit{{Op: yizhan.Delete, Ref: yizhan.Ref{Collection: yizhan.Leaders, Code: west + "00401"}, BaseVersion: 1},
			{Op: yizhan.Delete, Ref: yizhan.Ref{Collection: yizhan.MicroGrids, Code: west + "004"}, BaseVersion: 1}}, "from [119.01, 49.01]"},
		{"overlap", []yizhan.Edit{extra(box(0.2, 0.2, 0.4, 0.4))}, "from [119.002, 49.002]"},
		{"the same area twice", []yizhan.Edit{extra(box(0, 0, 1, 1))}, "from [119, 49]"},
		{"missing shared vertex", []yizhan.Edit{yizhan.UpdateOf(reshaped(first, area(0, 0, 1, 0, 1, 0.5, 1, 1, 0, 1)))}, "from [119.01, 49]"},
		{"hole", []yizhan.Edit{yizhan.UpdateOf(reshaped(first, holed))}, "from [119.004, 49.004]"},
		{"hole that another fills", []yizhan.Edit{yizhan.UpdateOf(reshaped(first, holed)), extra(box(0.4, 0.4, 0.6, 0.6))}, ""},
		{"beyond the community", []yizhan.Edit{extra(box(0, 2, 1, 3))}, "from [119, 49.02]"},
		{"clockwise ring", []yizhan.Edit{yizhan.UpdateOf(reshaped(first, area(0, 0, 0, 1, 1, 1, 1, 0)))}, ""},
		{"repeated vertex", []yizhan.Edit{yizhan.UpdateOf(reshaped(first, area(0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 0, 1)))}, ""},
		{"community's border without a vertex", []yizhan.Edit{yizhan.UpdateOf(widened)}, "from [119, 49]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := openFixture(t)
			before := lastSeq(t, s)
			_, err := s.Apply(t.Context(), yizhan.Changeset{Author: "test", Edits: c.edits})
			if c.place == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkPartition(t, s)
				return
			}
			checkError(t, err, yizhan.CodeInvalid, "boundary", "community "+west, c.place)
			if after := lastSeq(t, s); after != before {
				t.Errorf("seq went from %d to %d", before, after)
			}
			checkPartition(t, s)
		})
	}
}

// TestPartitionHoldsForAnybody goes around the store.
func TestPartitionHoldsForAnybody(t *testing.T) {
	for _, c := range []struct{ name, sql string }{
		{"delete", `DELETE FROM leaders; DELETE FROM friendly_scenes; UPDATE stations SET micro_grid = NULL;
			DELETE FROM micro_grids WHERE code = '` + west + `003'`},
		{"scale", `UPDATE micro_grids SET boundary = ST_Scale(boundary, ST_MakePoint(0.999, 0.999), ST_Centroid(boundary)) WHERE code = '` + west + `003'`},
		{"insert", `INSERT INTO micro_grids SELECT '` + west + `009', community, name, 1, zone, status, boundary, true, 1
			FROM micro_grids WHERE code = '` + west + `003'`},
		{"other vertices on the community", `UPDATE units SET boundary = ST_Segmentize(boundary, 0.003) WHERE code = '` + west + `'`},
		{"no territory", `UPDATE units SET boundary = NULL WHERE code = '` + west + `'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, url := openFixture(t)
			_, err := connect(t, url).Exec(t.Context(), c.sql)
			checkState(t, err, "YZ001", west)
			checkPartition(t, s)
		})
	}
}

// TestPartitionAgainstTwoWriters has pairs of transactions each of which would be right alone. Changes that
// keep a partition add up, so only a community without micro-grids can be spoilt by two: both fill it, or
// one fills it while the other moves its border.
func TestPartitionAgainstTwoWriters(t *testing.T) {
	const spare = "159902001001" // in a city of its own
	plot := box(10, 0, 14, 2)
	neighbours := creates(unit("159900", yizhan.LevelCity, "", plot), unit("159902", yizhan.LevelBanner, "159900", plot),
		unit("159902001", yizhan.LevelTownship, "159902", plot), unit(spare, yizhan.LevelCommunity, "159902001", outline(10)))
	fill := func(first int) (sql string) {
		for _, g := range gridsOf(spare, 10) {
			sql += fmt.Sprintf(`INSERT INTO micro_grids VALUES ('%s%d', '%s', 'x', 1, 'core', 'draft', ST_GeomFromText('%s', 4326), true, 1);`,
				g.Code[:14], first+int(g.Code[14]-'0'), spare, wkt.MarshalString(g.Boundary))
		}
		return sql
	}
	move := fmt.Sprintf(`UPDATE units SET boundary = ST_GeomFromText('%s', 4326) WHERE code = '%s'; `, wkt.MarshalString(outline(12)), spare)
	for _, pair := range []struct{ name, one, two string }{
		{"both fill it", fill(0), fill(4)},
		{"one fills it, the other moves it", fill(0), move},
		{"one moves it, the other fills it", move, fill(0)},
	} {
		for _, isolation := range []string{"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"} {
			t.Run(pair.name+"/"+isolation, func(t *testing.T) {
				s, url := openFixture(t)
				apply(t, s, neighbours...)
				one, two := connect(t, url), connect(t, url)
				for _, conn := range []*pgx.Conn{one, two} { // both take their snapshot before either writes
					exec(t, conn, "BEGIN ISOLATION LEVEL "+isolation+"; SELECT count(*) FROM micro_grids")
				}
				exec(t, one, pair.one)
				second := make(chan error, 1)
				go func() {
					_, err := two.Exec(t.Context(), pair.two+"COMMIT")
					second <- err
				}()
				select {
				case err := <-second:
					t.Fatalf("the second did not wait for the first: %v", err)
				case <-time.After(100 * time.Millisecond):
				}
				exec(t, one, "COMMIT")
				if err := <-second; err == nil {
					t.Error("the second went in too")
				}
				checkPartition(t, s)
			})
		}
	}
}

func exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// checkPartition asks PostGIS whether all partitions of the database hold.
func checkPartition(t *testing.T, s *store.Store) {
	t.Helper()
	v, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range v.Proofs {
		about := strings.Contains(p.Name, "communities, edge") || strings.Contains(p.Name, "areas") || strings.Contains(p.Name, "overlap")
		if about && (!p.OK() || p.Checked == 0) {
			t.Errorf("%+v", p)
		}
	}
}
