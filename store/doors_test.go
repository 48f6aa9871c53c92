package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// Micro-grids in the two communities of the fixture.
const (
	westGrid = west + "003"
	eastGrid = east + "003"
)

func as(role yizhan.Role, unit string) *yizhan.Principal {
	return &yizhan.Principal{User: yizhan.User{Name: "anna"}, Grants: []yizhan.Grant{{Role: role, Unit: unit}}, From: "192.0.2.1"}
}

// attempts are what a principal may try in a community: one edit for each act of editing.
func attempts(t *testing.T, s *store.Store, community string) map[yizhan.Act]yizhan.Edit {
	t.Helper()
	g := *getGrid(t, s, community+"003")
	g.Name += "′"
	stop := station(community[len(community)-3:]+"-NEW", 0.2, 0.2)
	stop.Community = community
	chief := leader(community+"004", 7)
	u := *get[*yizhan.Unit](t, s, yizhan.Ref{Collection: yizhan.Units, Code: community})
	u.NameEn = "Community"
	return map[yizhan.Act]yizhan.Edit{
		yizhan.ActEditGrids:    yizhan.UpdateOf(&g),
		yizhan.ActEditStations: yizhan.CreateOf(stop),
		yizhan.ActEditLeaders:  yizhan.CreateOf(chief),
		yizhan.ActEditUnits:    yizhan.UpdateOf(&u),
		yizhan.ActEditScenes: yizhan.CreateOf(&yizhan.FriendlyScene{Code: "SCENE-" + community[9:], Name: "场景", Kind: yizhan.SceneMarket,
			MicroGrids: []string{community + "002"}, Synthetic: true}),
	}
}

// TestApplyAs tries every role, in every region, at every kind of edit, in both communities.
func TestApplyAs(t *testing.T) {
	for _, role := range yizhan.Roles() {
		for _, region := range []string{city, banner, township, west} {
			t.Run(fmt.Sprintf("%s in %s", role, region), func(t *testing.T) {
				t.Parallel()
				s, _ := openFixture(t)
				p := as(role, region)
				for _, community := range []string{west, east} {
					for act, edit := range attempts(t, s, community) {
						_, err := s.ApplyAs(t.Context(), p, yizhan.Changeset{Edits: []yizhan.Edit{edit}})
						if want := p.May(act, community); want && err != nil {
							t.Errorf("%s in %s: %v", act, community, err)
						} else if !want && yizhan.CodeOf(err) != yizhan.CodeForbidden {
							t.Errorf("%s in %s: %v, want it to be forbidden", act, community, err)
						}
					}
				}
			})
		}
	}
}

// What is out of scope at either end is refused, and nothing of the changeset is done.
func TestApplyAsRefusesMovesAcrossTheBorder(t *testing.T) {
	s, _ := openFixture(t)
	keeper := as(yizhan.RoleStationKeeper, west)
	before := lastSeq(t, s)
	abroad := station("ABROAD-1", 3.5, 0.5)
	abroad.Community = east
	apply(t, s, yizhan.CreateOf(abroad))
	abroad.Version = 1
	home := *get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: "150702-0002"})
	out, in := home, *abroad
	out.Community, in.Community = east, west
	for name, edit := range map[string]yizhan.Edit{
		"out": yizhan.UpdateOf(&out), "in": yizhan.UpdateOf(&in), "delete abroad": deleteOf(abroad),
	} {
		_, err := s.ApplyAs(t.Context(), keeper, yizhan.Changeset{Edits: []yizhan.Edit{edit}})
		checkError(t, err, yizhan.CodeForbidden, "", "stations")
		_ = name
	}
	if got := lastSeq(t, s); got != before+1 {
		t.Errorf("seq %d, want %d", got, before+1)
	}
	home.Name = "改名"
	applied, err := s.ApplyAs(t.Context(), keeper, yizhan.Changeset{Author: "somebody else", Edits: []yizhan.Edit{yizhan.UpdateOf(&home)}})
	if err != nil {
		t.Fatal(err)
	}
	changes, err := s.Changes(t.Context(), applied.FirstSeq-1, 1)
	if err != nil || changes[0].Author != "anna" {
		t.Errorf("%+v %v: the author is whoever is signed in", changes, err)
	}
	if _, err := s.ApplyAs(t.Context(), nil, yizhan.Changeset{Edits: []yizhan.Edit{deleteOf(&home)}}); yizhan.CodeOf(err) != yizhan.CodeForbidden {
		t.Errorf("a guest: %v", err)
	}
}

// A planner of one community moves a border inside it; the scene over it, which reaches beyond, follows.
func TestApplyAsUpdatesScenesThatReachBeyond(t *testing.T) {
	s, _ := openFixture(t)
	apply(t, s, yizhan.CreateOf(&yizhan.FriendlyScene{Code: "WIDE", Name: "宽", Kind: yizhan.ScenePark, MicroGrids: []string{west + "001", east + "001"}, Synthetic: true}))
	planner := as(yizhan.RolePlanner, west)
	scene := *get[*yizhan.FriendlyScene](t, s, yizhan.Ref{Collection: yizhan.FriendlyScenes, Code: "WIDE"})
	scene.Name = "窄"
	_, err := s.ApplyAs(t.Context(), planner, yizhan.Changeset{Edits: []yizhan.Edit{yizhan.UpdateOf(&scene)}})
	checkError(t, err, yizhan.CodeForbidden, "", "friendly_scenes")

	one, three := *getGrid(t, s, west+"001"), *getGrid(t, s, west+"003")
	one.Boundary, three.Boundary = area(0, 0, 1, 0, 1, 1, 0.5, 1.2, 0, 1), area(0, 1, 0.5, 1.2, 1, 1, 1, 2, 0, 2)
	if _, err := s.ApplyAs(t.Context(), planner, yizhan.Changeset{Edits: []yizhan.Edit{yizhan.UpdateOf(&one), yizhan.UpdateOf(&three)}}); err != nil {
		t.Fatal(err)
	}
	if after := get[*yizhan.FriendlyScene](t, s, scene.Ref()); after.Version != 2 || after.Name != "宽" {
		t.Errorf("the scene is %+v", after)
	}
	// The partition is checked for whoever writes.
	three = *getGrid(t, s, west+"003")
	three.Boundary = box(0, 1, 1, 1.5)
	_, err = s.ApplyAs(t.Context(), planner, yizhan.Changeset{Edits: []yizhan.Edit{yizhan.UpdateOf(&three)}})
	checkError(t, err, yizhan.CodeInvalid, "boundary", "do not fit together")
}

// staff runs a statement as the role of people, with a scope, and gives how many rows it touched. Nothing stays.
func staff(t *testing.T, conn *pgx.Conn, scope, statement string) (int64, error) {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := tx.Exec(t.Context(), `SELECT set_config('yizhan.scope', $1, true)`, scope); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SET LOCAL ROLE yizhan_staff`); err != nil {
		t.Fatal(err)
	}
	done, err := tx.Exec(t.Context(), statement)
	return done.RowsAffected(), err
}

// TestRowLevelSecurity asks the database itself, as the role that is not the owner.
func TestRowLevelSecurity(t *testing.T) {
	_, url := openFixture(t)
	conn := connect(t, url)
	statements := []struct{ collection, at, sql string }{
		{"micro_grids", westGrid, `UPDATE micro_grids SET name = 'x', status = 'draft' WHERE code = '%s'`},
		{"stations", west, `UPDATE stations SET name = 'x' WHERE community = '%s'`},
		{"stations", west, `INSERT INTO stations (code, name, kind, sponsor, address, location, approximate, capacity, opening_hours, status, community, synthetic, services, service_conditions, service_confirmed, version)
			SELECT 'NEW-1', name, kind, sponsor, address, location, approximate, capacity, opening_hours, status, '%s', synthetic, '{}', '{}', '{}', 1 FROM stations LIMIT 1`},
		{"stations", west, `DELETE FROM stations WHERE community = '%s' AND code NOT IN (SELECT station FROM friendly_scene_stations)`},
		{"leaders", westGrid, `UPDATE leaders SET households = 1 WHERE micro_grid = '%s'`},
		{"leaders", westGrid, `DELETE FROM leaders WHERE micro_grid = '%s'`},
		{"units", west, `UPDATE units SET name = 'x' WHERE code = '%s'`},
		{"friendly_scenes", westGrid, `INSERT INTO friendly_scene_micro_grids VALUES ('SCENE-1', '%s')`},
	}
	scopes := func(collection string) map[string]bool {
		return map[string]bool{
			"": false, collection: false, collection + ":": false, collection + ":1": false, "%s": false, collection + ":1508": false,
			collection + ":" + east: false, collection + ":150702002": false, "other:1507": false, "other:1507 " + collection + ":" + east: false,
			collection + ":1507": true, collection + ":150702": true, collection + ":" + township: true, collection + ":" + west: true,
			"other:1508 " + collection + ":" + west: true,
		}
	}
	for _, st := range statements {
		for scope, want := range scopes(st.collection) {
			n, err := staff(t, conn, scope, fmt.Sprintf(st.sql, st.at))
			refused := n == 0 || stateOf(err) == "42501"
			if err != nil && stateOf(err) != "42501" {
				t.Errorf("%s in scope %q: %v", st.sql, scope, err)
			}
			if refused == want {
				t.Errorf("%s in scope %q: %d rows, %v; want it done: %v", st.sql, scope, n, err, want)
			}
		}
	}
}

func stateOf(err error) string {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code
	}
	return ""
}

// The role of people sees all that is public and nothing that is sealed, and has no business elsewhere.
func TestStaffRoleSeesNothingSealed(t *testing.T) {
	_, url := openFixture(t)
	conn := connect(t, url)
	if n, err := staff(t, conn, "", `SELECT code, version FROM leaders`); err != nil || n != 8 {
		t.Errorf("leaders: %d rows, %v", n, err)
	}
	for _, statement := range []string{
		`SELECT sealed FROM leaders`, `SELECT * FROM leaders`, `UPDATE leaders SET sealed = 'x'`, `SELECT * FROM users`, `SELECT * FROM sessions`,
		`SELECT * FROM tokens`, `SELECT * FROM audit`, `INSERT INTO changesets (author, reason, first_seq, last_seq) VALUES ('x', 'x', 1, 1)`, `UPDATE change_head SET seq = 0`,
		`DELETE FROM changes`, `TRUNCATE stations`, `ALTER TABLE stations DISABLE ROW LEVEL SECURITY`, `UPDATE partitions SET checked = true`,
	} {
		if _, err := staff(t, conn, "stations:1507 leaders:1507 units:1507", statement); stateOf(err) != "42501" {
			t.Errorf("%s: %v, want it refused", statement, err)
		}
	}
	var unprotected []string
	for _, table := range yizhan.Collections() {
		var on bool
		if err := conn.QueryRow(t.Context(), `SELECT relrowsecurity FROM pg_class WHERE relname = $1`, string(table)).Scan(&on); err != nil {
			t.Fatal(err)
		}
		if !on {
			unprotected = append(unprotected, string(table))
		}
	}
	if slices.Sort(unprotected); len(unprotected) > 0 {
		t.Errorf("without row-level security: %v", unprotected)
	}
}
