package store_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

func someScenario() yizhan.Scenario {
	return yizhan.Scenario{Name: "冬季 \"方案\"", Note: "a\nb", Author: "分析员", Seq: 1, Edits: []yizhan.ScenarioEdit{
		{Kind: yizhan.AddStation, Name: "新站", Location: at(0.5, 1.5), Services: []yizhan.Service{yizhan.Water, yizhan.Rest},
			Hours: yizhan.MustHours("Mo 22:00-06:00; 2026-02-17 off"), Capacity: 8, Heated: true},
		{Kind: yizhan.MoveStation, Station: "new-1", Location: at(1, 1)},
		{Kind: yizhan.CloseStation, Station: "150702-0001"},
		{Kind: yizhan.SetHours, Station: "150702-0002"},
		{Kind: yizhan.SetServices, Station: "150702-0002"},
		{Kind: yizhan.SetCapacity, Station: "150702-0002", Capacity: 3},
		{Kind: yizhan.ScaleDemand, Unit: banner, PerMille: 0},
	}}
}

func createScenario(t testing.TB, s *store.Store, scenario yizhan.Scenario) *yizhan.Scenario {
	t.Helper()
	created, err := s.CreateScenario(t.Context(), yizhan.System("test"), scenario)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func findScenario(t *testing.T, s *store.Store, id string) *yizhan.Scenario {
	t.Helper()
	found, err := s.FindScenario(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestScenariosComeBack(t *testing.T) {
	s, _ := openFixture(t)
	given := someScenario()
	created := createScenario(t, s, given)
	if given.Edits[0].Station != "" {
		t.Error("what was given has changed")
	}
	if !yizhan.IsScenarioID(created.ID) || created.Version != 1 || time.Since(created.CreatedAt) > time.Minute || created.CreatedAt.Location() != time.UTC {
		t.Errorf("created %+v", created)
	}
	want := someScenario()
	want.Edits[0].Station = "new-1"
	want.ID, want.Version, want.CreatedAt, want.UpdatedAt = created.ID, 1, created.CreatedAt, created.UpdatedAt
	for what, got := range map[string]*yizhan.Scenario{"created": created, "found": findScenario(t, s, created.ID)} {
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s\n%+v, want\n%+v", what, *got, want)
		}
	}

	want.Name, want.Note, want.Edits, want.Author = "夏季", "", []yizhan.ScenarioEdit{}, "somebody else"
	replaced, err := s.ReplaceScenario(t.Context(), yizhan.System("test"), want)
	if err != nil {
		t.Fatal(err)
	}
	if replaced.Version != 2 || replaced.Author != "分析员" || !replaced.CreatedAt.Equal(created.CreatedAt) || !replaced.UpdatedAt.After(created.UpdatedAt) {
		t.Errorf("replaced %+v", replaced)
	}
	if found := findScenario(t, s, created.ID); !reflect.DeepEqual(found, replaced) || len(found.Edits) != 0 {
		t.Errorf("found %+v, want %+v", found, replaced)
	}

	err = s.DeleteScenario(t.Context(), yizhan.System("test"), created.ID, 1)
	checkError(t, err, yizhan.CodeConflict, "version", "is at version 2", "based on version 1")
	if err := s.DeleteScenario(t.Context(), yizhan.System("test"), created.ID, 2); err != nil {
		t.Fatal(err)
	}
	_, err = s.FindScenario(t.Context(), created.ID)
	checkError(t, err, yizhan.CodeNotFound, "id")
	checkError(t, s.DeleteScenario(t.Context(), yizhan.System("test"), created.ID, 2), yizhan.CodeNotFound, "id")
	_, err = s.ReplaceScenario(t.Context(), yizhan.System("test"), *replaced)
	checkError(t, err, yizhan.CodeNotFound, "id")
}

func TestBadScenarios(t *testing.T) {
	s, _ := openFixture(t)
	last := lastSeq(t, s)
	good := createScenario(t, s, someScenario())
	for _, c := range []struct {
		name   string
		change func(*yizhan.Scenario)
		code   yizhan.ErrorCode
		field  string
	}{
		{"after the log", func(y *yizhan.Scenario) { y.Seq = last + 1 }, yizhan.CodeInvalid, "seq"},
		{"no name", func(y *yizhan.Scenario) { y.Name = "" }, yizhan.CodeInvalid, "name"},
		{"an edit out of order", func(y *yizhan.Scenario) { y.Edits[1].Station = "new-9" }, yizhan.CodeInvalid, "edits[1].station"},
		{"too many edits", func(y *yizhan.Scenario) { y.Edits = make([]yizhan.ScenarioEdit, 1001) }, yizhan.CodeTooLarge, "edits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := someScenario()
			c.change(&bad)
			_, err := s.CreateScenario(t.Context(), yizhan.System("test"), bad)
			checkError(t, err, c.code, c.field)
			bad.ID, bad.Version = good.ID, 1
			_, err = s.ReplaceScenario(t.Context(), yizhan.System("test"), bad)
			checkError(t, err, c.code, c.field)
		})
	}
	if found := findScenario(t, s, good.ID); !reflect.DeepEqual(found, good) {
		t.Errorf("has become %+v", found)
	}
	for _, id := range []string{"", "x", "aaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaa'", "a\x00"} {
		_, err := s.FindScenario(t.Context(), id)
		checkError(t, err, yizhan.CodeNotFound, "id")
	}
	for _, limit := range []int{0, -1, yizhan.MaxScenarioPage + 1} {
		_, err := s.ListScenarios(t.Context(), yizhan.ScenarioQuery{Limit: limit})
		checkError(t, err, yizhan.CodeInvalid, "limit")
	}
	_, err := s.ListScenarios(t.Context(), yizhan.ScenarioQuery{Limit: 1, After: yizhan.ScenarioKey{ID: "x"}})
	checkError(t, err, yizhan.CodeInvalid, "after")
}

// TestOneOfManyReplacementsWins has fifty writers replace one scenario at one version.
func TestOneOfManyReplacementsWins(t *testing.T) {
	s, _ := openFixture(t)
	created := createScenario(t, s, someScenario())
	const writers = 50
	var won atomic.Int64
	var winner atomic.Value
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			mine := *created
			mine.Name = fmt.Sprintf("of %d", w)
			_, err := s.ReplaceScenario(context.Background(), yizhan.System("test"), mine)
			switch yizhan.CodeOf(err) {
			case yizhan.CodeConflict:
			default:
				if err != nil {
					t.Error(err)
					return
				}
				won.Add(1)
				winner.Store(mine.Name)
			}
		})
	}
	wait.Wait()
	found := findScenario(t, s, created.ID)
	if won.Load() != 1 || found.Version != 2 || found.Name != winner.Load() {
		t.Errorf("%d won; it is %q at version %d, the winner was %v", won.Load(), found.Name, found.Version, winner.Load())
	}
}

func TestScenariosArePaged(t *testing.T) {
	s, _ := openFixture(t)
	const all = 23
	var made []string // newest first
	for range all {
		made = append([]string{createScenario(t, s, someScenario()).ID}, made...)
	}
	var seen []string
	var after yizhan.ScenarioKey
	for {
		page, err := s.ListScenarios(t.Context(), yizhan.ScenarioQuery{After: after, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, y := range page.Scenarios {
			if y.Edits != nil || y.EditCount != 7 || y.Name != someScenario().Name || y.Version != 1 {
				t.Errorf("%+v", y)
			}
			seen = append(seen, y.ID)
			after = yizhan.ScenarioKey{CreatedAt: y.CreatedAt, ID: y.ID}
		}
		if !page.More {
			break
		}
		// What others do meanwhile neither hides nor repeats a scenario.
		createScenario(t, s, someScenario())
		if len(seen) == 10 {
			if err := s.DeleteScenario(t.Context(), yizhan.System("test"), seen[9], 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !reflect.DeepEqual(seen, made) {
		t.Errorf("seen %v, made %v", seen, made)
	}
}

// TestScenariosAreBounded fills the table to one less than what is kept.
func TestScenariosAreBounded(t *testing.T) {
	s, url := openFixture(t)
	conn := connect(t, url)
	exec(t, conn, `INSERT INTO scenarios (id, name, note, author, seq, edits, version)
		SELECT translate(left(md5(n::text), 16), '0189', 'wxyz'), 'x', '', '', 0, '[]', 1 FROM generate_series(1, 9999) n`)
	const writers = 8
	var wait sync.WaitGroup
	errs := make(chan error, writers)
	for range writers {
		wait.Go(func() {
			_, err := s.CreateScenario(context.Background(), yizhan.System("test"), someScenario())
			errs <- err
		})
	}
	wait.Wait()
	close(errs)
	went := 0
	for err := range errs {
		if err == nil {
			went++
			continue
		}
		checkError(t, err, yizhan.CodeTooLarge, "", "10000 scenarios")
	}
	if went != 1 {
		t.Errorf("%d went in, want 1", went)
	}
}

// TestDatabaseChecksScenarios goes around the store.
func TestDatabaseChecksScenarios(t *testing.T) {
	_, url := openFixture(t)
	conn := connect(t, url)
	for constraint, values := range map[string]string{
		"scenarios_id_check":      `'AAAAAAAAAAAAAAAA', 'x', '', '', 0, '[]', 1`,
		"scenarios_name_check":    `'aaaaaaaaaaaaaaaa', '', '', '', 0, '[]', 1`,
		"scenarios_note_check":    `'aaaaaaaaaaaaaaaa', 'x', '` + strings.Repeat("x", 2001) + `', '', 0, '[]', 1`,
		"scenarios_author_check":  `'aaaaaaaaaaaaaaaa', 'x', '', '` + strings.Repeat("x", 201) + `', 0, '[]', 1`,
		"scenarios_seq_check":     `'aaaaaaaaaaaaaaaa', 'x', '', '', -1, '[]', 1`,
		"scenarios_edits_check":   `'aaaaaaaaaaaaaaaa', 'x', '', '', 0, '{}', 1`,
		"scenarios_edits_size":    `'aaaaaaaaaaaaaaaa', 'x', '', '', 0, (SELECT jsonb_agg(repeat(md5(n::text), 200)) FROM generate_series(1, 1000) n), 1`,
		"scenarios_version_check": `'aaaaaaaaaaaaaaaa', 'x', '', '', 0, '[]', 0`,
	} {
		_, err := conn.Exec(t.Context(), `INSERT INTO scenarios (id, name, note, author, seq, edits, version) VALUES (`+values+`)`)
		checkState(t, err, "23514", constraint)
	}
	_, err := conn.Exec(t.Context(), `INSERT INTO scenarios (id, name, note, author, seq, edits, version)
		SELECT 'aaaaaaaaaaaaaaaa', 'x', '', '', 0, jsonb_agg(n), 1 FROM generate_series(1, 1001) n`)
	checkState(t, err, "23514", "scenarios_edits_check")
}

func TestScenariosAreNotInTheLog(t *testing.T) {
	s, _ := openFixture(t)
	before := lastSeq(t, s)
	created := createScenario(t, s, someScenario())
	if _, err := s.ReplaceScenario(t.Context(), yizhan.System("test"), *created); err != nil {
		t.Fatal(err)
	}
	if after := lastSeq(t, s); after != before {
		t.Errorf("seq went from %d to %d", before, after)
	}
}

// TestScenariosBelongToWhoMadeThem tries every role at its own scenario, at that of another, and at one of nobody.
func TestScenariosBelongToWhoMadeThem(t *testing.T) {
	s, url := openFixture(t)
	conn := connect(t, url)
	exec(t, conn, `INSERT INTO users (name, display_name) VALUES ('anna', 'Anna'), ('bert', 'Bert')`)
	ofNobody := createScenario(t, s, someScenario())
	bert := as(yizhan.RoleAnalyst, city)
	bert.User = yizhan.User{ID: userID(t, conn, "bert"), Name: "bert"}
	ofBert, err := s.CreateScenario(t.Context(), bert, someScenario())
	if err != nil || ofBert.Owner != bert.User.ID {
		t.Fatalf("%+v %v", ofBert, err)
	}
	for _, role := range yizhan.Roles() {
		anna := as(role, banner)
		anna.User.ID = userID(t, conn, "anna")
		own, err := s.CreateScenario(t.Context(), anna, someScenario())
		if !anna.May(yizhan.ActEditScenarios, "") {
			checkError(t, err, yizhan.CodeForbidden, "")
			own = ofNobody
		} else if err != nil || own.Owner != anna.User.ID {
			t.Fatalf("%s: %+v %v", role, own, err)
		}
		for _, one := range []*yizhan.Scenario{own, ofBert, ofNobody} {
			now := *findScenario(t, s, one.ID)
			replaced, err := s.ReplaceScenario(t.Context(), anna, now)
			if !anna.MayEditScenario(&now) {
				checkError(t, err, yizhan.CodeForbidden, "", "scenarios")
				checkError(t, s.DeleteScenario(t.Context(), anna, now.ID, now.Version), yizhan.CodeForbidden, "", "scenarios")
			} else if err != nil || replaced.Owner != now.Owner {
				t.Errorf("%s: %+v %v", role, replaced, err)
			}
		}
		if own != ofNobody {
			if err := s.DeleteScenario(t.Context(), anna, own.ID, 2); err != nil {
				t.Errorf("%s: %v", role, err)
			}
		}
	}
	now := findScenario(t, s, ofNobody.ID) // an administrator has replaced it
	checkError(t, s.DeleteScenario(t.Context(), nil, now.ID, now.Version), yizhan.CodeForbidden, "", "scenarios")
	if v := verify(t, s, nil); v.Broken != 0 || v.Entries < 10 {
		t.Errorf("the trail: %+v", v)
	}
}

// TestScenariosOfOneAccountAreBounded fills those of one account to what is kept.
func TestScenariosOfOneAccountAreBounded(t *testing.T) {
	s, url := openFixture(t)
	conn := connect(t, url)
	exec(t, conn, `INSERT INTO users (name, display_name) VALUES ('anna', 'Anna')`)
	exec(t, conn, `INSERT INTO scenarios (id, name, note, author, owner, seq, edits, version)
		SELECT translate(left(md5(n::text), 16), '0189', 'wxyz'), 'x', '', '', (SELECT id FROM users), 0, '[]', 1 FROM generate_series(1, 1000) n`)
	anna := as(yizhan.RoleAnalyst, city)
	anna.User.ID = userID(t, conn, "anna")
	_, err := s.CreateScenario(t.Context(), anna, someScenario())
	checkError(t, err, yizhan.CodeTooLarge, "", "1000 scenarios of this account")
	createScenario(t, s, someScenario())
}

func userID(t *testing.T, conn *pgx.Conn, name string) (id int64) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), `SELECT id FROM users WHERE name = $1`, name).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}
