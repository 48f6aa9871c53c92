package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// named is somebody with roles in the west.
func named(name string, roles ...yizhan.Role) *yizhan.Principal {
	p := &yizhan.Principal{User: yizhan.User{Name: name}, From: "192.0.2.1"}
	for _, role := range roles {
		p.Grants = append(p.Grants, yizhan.Grant{Role: role, Unit: west})
	}
	return p
}

var (
	anna  = named("anna", yizhan.RolePlanner)
	bo    = named("bo", yizhan.RoleReviewer)
	both  = named("chen", yizhan.RolePlanner, yizhan.RoleReviewer)
	chief = named("dina", yizhan.RoleAdmin)
)

// bend moves the border between 001 and 003 of the west: x is where its middle is, in the north.
func bend(t *testing.T, s *store.Store, north float64) []yizhan.Edit {
	t.Helper()
	one, three := *getGrid(t, s, west+"001"), *getGrid(t, s, west+"003")
	one.Boundary, three.Boundary = area(0, 0, 1, 0, 1, 1, 0.5, north, 0, 1), area(0, 1, 0.5, north, 1, 1, 1, 2, 0, 2)
	return []yizhan.Edit{yizhan.UpdateOf(&one), yizhan.UpdateOf(&three)}
}

func draw(t *testing.T, s *store.Store, by *yizhan.Principal, edits ...yizhan.Edit) yizhan.Applied {
	t.Helper()
	applied, err := s.ApplyAs(t.Context(), by, yizhan.Changeset{Reason: t.Name(), Edits: edits})
	if err != nil {
		t.Fatalf("draw: %v", err)
	}
	return applied
}

func step(t *testing.T, s *store.Store, by *yizhan.Principal, step yizhan.Step) error {
	t.Helper()
	_, err := s.TakeStep(t.Context(), by, yizhan.StepRequest{Community: west, Step: step, Seq: lastSeq(t, s)})
	return err
}

func mustStep(t *testing.T, s *store.Store, by *yizhan.Principal, which yizhan.Step) {
	t.Helper()
	if err := step(t, s, by, which); err != nil {
		t.Fatalf("%s: %v", which, err)
	}
}

func standing(t *testing.T, s *store.Store) yizhan.Standing {
	t.Helper()
	st, err := s.FindStanding(t.Context(), west)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// The whole way, with everybody who may not go it.
func TestReview(t *testing.T) {
	s, _ := openFixture(t)
	start := standing(t, s)
	if start.Status() != yizhan.GridPublished || len(start.Hands) != 0 || start.Published == 0 {
		t.Fatalf("at first: %+v", start)
	}
	checkError(t, step(t, s, anna, yizhan.StepSubmit), yizhan.CodeConflict, "", "no micro-grid to submit", "published")

	edits := bend(t, s, 1.2)
	edits[0].Feature.(*yizhan.MicroGrid).Status = yizhan.GridPublished // nobody publishes by drawing
	draw(t, s, both, edits...)
	if st := standing(t, s); st.Status() != yizhan.GridDraft || st.Counts[yizhan.GridDraft] != 2 || !slices.Equal(st.Hands, []string{"chen"}) || st.Published != start.Published {
		t.Fatalf("drawn: %+v", st)
	}
	checkError(t, step(t, s, bo, yizhan.StepSubmit), yizhan.CodeForbidden, "", "submit")
	checkError(t, step(t, s, bo, yizhan.StepPublish), yizhan.CodeConflict, "", "no micro-grid to publish", "draft")
	mustStep(t, s, both, yizhan.StepSubmit)

	checkError(t, step(t, s, anna, yizhan.StepPublish), yizhan.CodeForbidden, "", "publish")
	checkError(t, step(t, s, both, yizhan.StepPublish), yizhan.CodeForbidden, "", "somebody else has to publish")
	checkError(t, step(t, s, as(yizhan.RoleReviewer, east), yizhan.StepPublish), yizhan.CodeForbidden, "", "publish")
	checkError(t, step(t, s, nil, yizhan.StepPublish), yizhan.CodeForbidden, "", "publish")
	mustStep(t, s, bo, yizhan.StepReturn)
	if st := standing(t, s); st.Status() != yizhan.GridReturned || !slices.Equal(st.Hands, []string{"chen"}) {
		t.Fatalf("returned: %+v; to return is not to draw", st)
	}
	mustStep(t, s, anna, yizhan.StepSubmit) // who submits has drawn nothing either

	_, err := s.TakeStep(t.Context(), bo, yizhan.StepRequest{Community: west, Step: yizhan.StepPublish, Seq: start.Seq})
	checkError(t, err, yizhan.CodeConflict, "seq", "look again")
	mustStep(t, s, bo, yizhan.StepPublish)
	end := standing(t, s)
	if end.Status() != yizhan.GridPublished || len(end.Hands) != 0 || end.Published != end.Seq {
		t.Fatalf("published: %+v", end)
	}

	history, err := s.CommunityChanges(t.Context(), west, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, c := range history {
		steps = append(steps, fmt.Sprintf("%s by %s: %d, %d", c.Step, c.Author, c.MicroGrids, c.Reshaped))
	}
	if want := []string{"publish by bo: 2, 0", "submit by anna: 2, 0", "return by bo: 2, 0", "submit by chen: 2, 0", " by chen: 2, 2", " by test: 4, 4"}; !slices.Equal(steps, want) {
		t.Errorf("history %q", steps)
	}
	if all, err := s.Standings(t.Context(), city); err != nil || len(all) != 2 || all[0].Community != west || all[1].Counts[yizhan.GridPublished] != 4 || all[1].Households != 4*29 || all[1].Leaderless != 0 || all[1].Overloaded != 0 {
		t.Errorf("%+v %v", all, err)
	}
	gone := leader(east+"001", 1)
	gone.Version = 1
	crowded := *getGrid(t, s, east+"002")
	crowded.Households = yizhan.OverloadedHouseholds
	apply(t, s, deleteOf(gone), yizhan.UpdateOf(&crowded))
	if all, err := s.Standings(t.Context(), east); err != nil || len(all) != 1 || all[0].Leaderless != 1 || all[0].Overloaded != 1 {
		t.Errorf("%+v %v", all, err)
	}
	if _, err := s.FindStanding(t.Context(), township); yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("a township has no standing: %v", err)
	}
}

// An administrator may do all of it, and still not alone. Neither a change of the name only, nor the way through an
// undo, lets own work pass.
func TestFourEyes(t *testing.T) {
	s, _ := openFixture(t)
	one := *getGrid(t, s, west+"001")
	one.Name = "改名"
	draw(t, s, chief, yizhan.UpdateOf(&one))
	mustStep(t, s, chief, yizhan.StepSubmit)
	checkError(t, step(t, s, chief, yizhan.StepPublish), yizhan.CodeForbidden, "", "somebody else")
	other := *getGrid(t, s, west+"001")
	other.Name = "又改名"
	applied := draw(t, s, both, yizhan.UpdateOf(&other))
	checkError(t, step(t, s, bo, yizhan.StepPublish), yizhan.CodeConflict, "", "draft")
	inverse, err := s.Inverse(t.Context(), applied.ChangesetID)
	if err != nil {
		t.Fatal(err)
	}
	draw(t, s, anna, inverse.Edits...)
	mustStep(t, s, anna, yizhan.StepSubmit)
	for _, hand := range []*yizhan.Principal{chief, both} {
		checkError(t, step(t, s, hand, yizhan.StepPublish), yizhan.CodeForbidden, "", "somebody else")
	}
	mustStep(t, s, bo, yizhan.StepPublish)
	if got := getGrid(t, s, west+"001"); got.Name != "改名" || got.Status != yizhan.GridPublished {
		t.Errorf("%+v", got)
	}
	// A part that is drawn again keeps the rest waiting.
	draw(t, s, anna, bend(t, s, 1.1)...)
	mustStep(t, s, anna, yizhan.StepSubmit)
	four := *getGrid(t, s, west+"004")
	four.Households++
	draw(t, s, anna, yizhan.UpdateOf(&four))
	checkError(t, step(t, s, bo, yizhan.StepPublish), yizhan.CodeConflict, "", "drawn again")
}

// The database holds the steps too, whatever the program does.
func TestStepsUnderRowLevelSecurity(t *testing.T) {
	s, url := openFixture(t)
	draw(t, s, anna, bend(t, s, 1.2)...)
	mustStep(t, s, anna, yizhan.StepSubmit)
	conn := connect(t, url)
	set := func(status, code string) string {
		return fmt.Sprintf(`UPDATE micro_grids SET status = '%s' WHERE code = '%s'`, status, code)
	}
	const draws, reviews = "micro_grids:" + west, "reviews:" + west
	for _, c := range []struct {
		scope, sql string
		done       bool
	}{
		{reviews, set("published", west+"001"), true}, {reviews, set("returned", west+"001"), true}, {reviews, set("draft", west+"001"), false},
		{draws, set("published", west+"001"), false}, {draws, set("draft", west+"001"), true}, {draws, set("in_review", west+"002"), false},
		{reviews, set("returned", west+"002"), false}, {"reviews:" + east, set("published", west+"001"), false},
		{reviews, `UPDATE micro_grids SET status = 'published', name = 'x' WHERE code = '` + west + `001'`, false},
		{draws + " " + reviews, `UPDATE micro_grids SET status = 'published', households = 1 WHERE code = '` + west + `001'`, false},
		{reviews, `INSERT INTO comments (community, seq, author, body) VALUES ('` + west + `', 0, 'x', 'x')`, true},
		{"stations:1507", `INSERT INTO comments (community, seq, author, body) VALUES ('` + west + `', 0, 'x', 'x')`, false},
		{draws, `INSERT INTO comments (community, seq, author, body) VALUES ('` + east + `', 0, 'x', 'x')`, false},
		{draws, `INSERT INTO leases VALUES ('` + west + `', 'x', now(), now() + interval '1 hour')`, true},
		{reviews, `INSERT INTO leases VALUES ('` + west + `', 'x', now(), now() + interval '1 hour')`, false},
	} {
		n, err := staff(t, conn, c.scope, c.sql)
		if err != nil && stateOf(err) != "42501" || (err == nil && n == 1) != c.done {
			t.Errorf("%s in scope %q: %d rows, %v", c.sql, c.scope, n, err)
		}
	}
}

// Each rule is broken, and the answer says where.
func TestShapesAreRefusedWithThePlace(t *testing.T) {
	s, _ := openFixture(t)
	before := lastSeq(t, s)
	with := func(one, three orb.MultiPolygon) []yizhan.Edit {
		edits := bend(t, s, 1.2)
		edits[0].Feature.(*yizhan.MicroGrid).Boundary, edits[1].Feature.(*yizhan.MicroGrid).Boundary = one, three
		return edits
	}
	// A hundredth of a degree is 730 m by 1,112 m here.
	for name, c := range map[string]struct {
		edits []yizhan.Edit
		kinds []string
	}{
		"overlap":       {with(area(0, 0, 1, 0, 1, 1, 0.5, 1.2, 0, 1), box(0, 1, 1, 2)), []string{"edge", "overlap"}},
		"gap":           {with(area(0, 0, 1, 0, 1, 1, 0.5, 0.8, 0, 1), box(0, 1, 1, 2)), []string{"edge", "gap"}},
		"outside":       {with(box(0, 0, 1, 1), area(0, 1, 1, 1, 1, 2, 0.5, 2.3, 0, 2)), []string{"edge", "outside"}},
		"own vertex":    {with(box(0, 0, 1, 1), area(0, 1, 0.5, 1, 1, 1, 1, 2, 0, 2)), []string{"edge"}},
		"spike":         {with(area(0, 0, 1, 0, 1, 1, 0.501, 1, 0.5, 1.5, 0.499, 1, 0, 1), area(0, 1, 0.499, 1, 0.5, 1.5, 0.501, 1, 1, 1, 1, 2, 0, 2)), []string{"narrow"}},
		"small":         {with(area(0, 0, 0.01, 0, 0.01, 0.01), area(0, 1, 1, 1, 1, 2, 0, 2)), []string{"small"}},
		"two parts":     {with(append(box(0, 0, 1, 1), box(0.2, 1.2, 0.4, 1.4)...), box(0, 1, 1, 2)), []string{"multipart"}},
		"self-crossing": {with(area(0, 0, 1, 0, 0.2, 1, 1, 1), box(0, 1, 1, 2)), []string{"invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.ApplyAs(t.Context(), anna, yizhan.Changeset{Edits: c.edits})
			var refused *yizhan.Error
			if !errors.As(err, &refused) || refused.Code != yizhan.CodeInvalid || refused.Field != "boundary" {
				t.Fatalf("%v", err)
			}
			var kinds []string
			for _, place := range refused.Places {
				kinds = append(kinds, place.Kind)
				if place.Shape == nil || place.Kind != "gap" && len(place.MicroGrids) == 0 || orb.Bound.IsEmpty(place.Shape.Bound()) {
					t.Errorf("%+v does not say where", place)
				}
				if !place.Shape.Bound().Intersects(outline(0).Bound().Pad(0.01)) {
					t.Errorf("%s is at %v", place.Kind, place.Shape.Bound())
				}
			}
			if !slices.Equal(kinds, c.kinds) {
				t.Errorf("places %v, want %v (%v)", kinds, c.kinds, err)
			}
		})
	}
	if got := lastSeq(t, s); got != before {
		t.Errorf("something went in: seq %d, was %d", got, before)
	}
	// What runs the server may do as it likes, as long as it is a partition.
	apply(t, s, with(area(0, 0, 1, 0, 1, 1, 0.501, 1, 0.5, 1.5, 0.499, 1, 0, 1), area(0, 1, 0.499, 1, 0.5, 1.5, 0.501, 1, 1, 1, 1, 2, 0, 2))...)
}

// Who comes second is told what was, and what is.
func TestConflictsTellBothStates(t *testing.T) {
	s, _ := openFixture(t)
	mine := bend(t, s, 1.3)
	draw(t, s, both, bend(t, s, 1.1)...)
	_, err := s.ApplyAs(t.Context(), anna, yizhan.Changeset{Edits: mine})
	checkError(t, err, yizhan.CodeConflict, "version", "version 2", "based on version 1")
	var refused *yizhan.Error
	if !errors.As(err, &refused) || len(refused.Conflicts) != 2 {
		t.Fatalf("%+v", refused)
	}
	for i, c := range refused.Conflicts {
		was, now := c.Was.(*yizhan.MicroGrid), c.Now.(*yizhan.MicroGrid)
		if c.Ref != mine[i].Ref || c.Base != 1 || was.Version != 1 || now.Version != 2 || was.Boundary.Equal(now.Boundary) {
			t.Errorf("%+v", c)
		}
	}
}

// What was deleted since is a conflict too, and so is a code that somebody else took first.
func TestConflictsOverWhatIsGoneOrTaken(t *testing.T) {
	s, _ := openFixture(t)
	two := *getGrid(t, s, west+"002")
	draw(t, s, both, merge(t, s)...)
	two.Name = "二"
	_, err := s.ApplyAs(t.Context(), anna, yizhan.Changeset{Edits: []yizhan.Edit{yizhan.UpdateOf(&two)}})
	checkError(t, err, yizhan.CodeConflict, "version", "was deleted")
	var refused *yizhan.Error
	if !errors.As(err, &refused) || len(refused.Conflicts) != 1 || refused.Conflicts[0].Now != nil || refused.Conflicts[0].Was == nil {
		t.Errorf("%+v", refused)
	}
	_, err = s.ApplyAs(t.Context(), anna, yizhan.Changeset{Edits: []yizhan.Edit{yizhan.CreateOf(grid(west, 3, box(0, 1, 1, 2)))}})
	checkError(t, err, yizhan.CodeConflict, "code", "exists already")
	if !errors.As(err, &refused) || len(refused.Conflicts) != 1 || refused.Conflicts[0].Now == nil {
		t.Errorf("%+v", refused)
	}
	never := *getGrid(t, s, west+"003")
	never.Code = west + "099"
	_, err = s.ApplyAs(t.Context(), anna, yizhan.Changeset{Edits: []yizhan.Edit{yizhan.UpdateOf(&never)}})
	checkError(t, err, yizhan.CodeNotFound, "code", "does not exist")
}

// merge makes 001 and 002 of the west one.
func merge(t *testing.T, s *store.Store) []yizhan.Edit {
	t.Helper()
	one, two := *getGrid(t, s, west+"001"), getGrid(t, s, west+"002")
	one.Boundary = area(0, 0, 1, 0, 2, 0, 2, 1, 1, 1, 0, 1)
	one.Households += two.Households
	return []yizhan.Edit{yizhan.UpdateOf(&one), deleteOf(two)}
}

// cut makes the west and the east half of 001 two.
func cut(t *testing.T, s *store.Store) []yizhan.Edit {
	t.Helper()
	one, three := *getGrid(t, s, west+"001"), *getGrid(t, s, west+"003")
	fresh := grid(west, 9, nil)
	one.Boundary, fresh.Boundary = area(0, 0, 1, 0, 0.4, 1, 0, 1), area(1, 0, 1, 1, 0.4, 1)
	three.Boundary = area(0, 1, 0.4, 1, 1, 1, 1, 2, 0, 2)
	return []yizhan.Edit{yizhan.UpdateOf(&one), yizhan.UpdateOf(&three), yizhan.CreateOf(fresh)}
}

// Stations, scenes and leaders go with the ground, and contacts with their leaders.
func TestWhatStandsOnTheGroundFollows(t *testing.T) {
	s, url, _ := openSealed(t)
	stop := station("EDGE-1", 0.8, 0.8)
	stop.MicroGrid = west + "001"
	apply(t, s, yizhan.CreateOf(stop))

	draw(t, s, anna, cut(t, s)...)
	if got := get[*yizhan.Station](t, s, stop.Ref()); got.MicroGrid != west+"009" || got.Version != 2 {
		t.Errorf("the station in the part that was cut off is in %s", got.MicroGrid)
	}
	if got := get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: "150702-0001"}); got.MicroGrid != west+"001" || got.Version != 1 {
		t.Errorf("the other station is in %s", got.MicroGrid)
	}
	scene := get[*yizhan.FriendlyScene](t, s, yizhan.Ref{Collection: yizhan.FriendlyScenes, Code: "SCENE-1"})
	if want := []string{west + "001", west + "002", west + "009"}; !slices.Equal(scene.MicroGrids, want) || scene.Version != 2 {
		t.Errorf("the scene is %+v", scene)
	}

	// The one with the planted leader goes to its neighbour.
	two, nine, one := *getGrid(t, s, west+"002"), getGrid(t, s, west+"009"), getGrid(t, s, west+"001")
	two.Boundary = area(0, 0, 1, 0, 2, 0, 2, 1, 1, 1, 0.4, 1, 0, 1)
	applied := draw(t, s, anna, yizhan.UpdateOf(&two), deleteOf(nine), deleteOf(one))
	for _, code := range []string{"EDGE-1", "150702-0001"} {
		if got := get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: code}); got.MicroGrid != two.Code {
			t.Errorf("%s is in %s", code, got.MicroGrid)
		}
	}
	if scene := get[*yizhan.FriendlyScene](t, s, scene.Ref()); !slices.Equal(scene.MicroGrids, []string{two.Code}) {
		t.Errorf("the scene is %v", scene.MicroGrids)
	}
	leaders, masked, err := s.Leaders(t.Context(), anna, two.Code)
	if err != nil || len(leaders) != 2 || leaders[1].Code != two.Code+"02" || masked[1].Name != "欧**" {
		t.Fatalf("%+v %+v %v", leaders, masked, err)
	}
	if contact, err := s.Reveal(t.Context(), anna, two.Code+"02", "a test of what moved"); err != nil || contact != planted {
		t.Errorf("%v %v", contact, err)
	}
	expectNothingPlanted(t, s, url)

	// To take it back, without the leaders.
	inverse, err := s.Inverse(t.Context(), applied.ChangesetID)
	if err != nil {
		t.Fatal(err)
	}
	draw(t, s, anna, inverse.Edits...)
	if got := get[*yizhan.Station](t, s, stop.Ref()); got.MicroGrid != west+"009" {
		t.Errorf("taken back, the station is in %s", got.MicroGrid)
	}
	// Nothing is left to go to: as before, that is refused.
	var all []yizhan.Edit
	for _, code := range []string{"001", "002", "003", "004", "009"} {
		all = append(all, deleteOf(getGrid(t, s, west+code)))
	}
	_, err = s.ApplyAs(t.Context(), anna, yizhan.Changeset{Edits: all})
	checkError(t, err, yizhan.CodeConflict, "code", "refer to it")
}

// The state at a seq, the way back to it, and who drew what.
func TestHistoryOfACommunity(t *testing.T) {
	s, _ := openFixture(t)
	start := lastSeq(t, s)
	first, _, err := s.CommunityAt(t.Context(), west, 0)
	if err != nil {
		t.Fatal(err)
	}
	bent := draw(t, s, anna, bend(t, s, 1.2)...)
	two, four := *getGrid(t, s, west+"002"), getGrid(t, s, west+"004")
	two.Boundary = area(1, 0, 2, 0, 2, 1, 2, 2, 1, 2, 1, 1)
	merged := draw(t, s, both, yizhan.UpdateOf(&two), deleteOf(four))

	then, at, err := s.CommunityAt(t.Context(), west, start)
	if err != nil || at != start || len(then) != 4 {
		t.Fatalf("%v at %d: %v", then, at, err)
	}
	for i, g := range then {
		if !g.Boundary.Equal(first[i].Boundary) || g.Version != first[i].Version || g.Status != first[i].Status {
			t.Errorf("%+v was %+v", g, first[i])
		}
	}
	if _, _, err := s.CommunityAt(t.Context(), west, 9_999); yizhan.CodeOf(err) != yizhan.CodeInvalid {
		t.Errorf("a seq that is to come: %v", err)
	}

	stretches, err := s.BorderBlame(t.Context(), west)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]int64{}
	for _, st := range stretches {
		key := fmt.Sprint(st.MicroGrids, " by ", st.Author)
		by[key] += int64(len(st.Lines))
		if st.ID == 0 || st.At.IsZero() {
			t.Errorf("nobody drew %+v", st)
		}
	}
	if by[fmt.Sprintf("[%s001 %s003] by anna", west, west)] != 1 || by[fmt.Sprintf("[%s002 %s003] by test", west, west)] != 1 {
		t.Errorf("blame %v", by)
	}
	for key := range by {
		if strings.HasSuffix(key, "by chen") {
			t.Errorf("%s: to merge draws no border", key)
		}
	}

	_, err = s.RestoreCommunity(t.Context(), anna, west, start, bent.LastSeq, "")
	checkError(t, err, yizhan.CodeConflict, "base", "look again")
	_, err = s.RestoreCommunity(t.Context(), bo, west, start, merged.LastSeq, "")
	checkError(t, err, yizhan.CodeForbidden, "", "draw")
	if _, err := s.RestoreCommunity(t.Context(), anna, west, start, merged.LastSeq, "zurück"); err != nil {
		t.Fatal(err)
	}
	now, _, err := s.CommunityAt(t.Context(), west, 0)
	if err != nil || len(now) != 4 {
		t.Fatalf("%v %v", now, err)
	}
	for i, g := range now {
		if !g.Boundary.Equal(first[i].Boundary) || g.Status != yizhan.GridDraft {
			t.Errorf("restored %s: %+v", g.Code, g)
		}
	}
	_, err = s.RestoreCommunity(t.Context(), anna, west, start, lastSeq(t, s), "")
	checkError(t, err, yizhan.CodeConflict, "seq", "are what they were")
}

func TestComments(t *testing.T) {
	s, _ := openFixture(t)
	place := at(0.5, 1)
	added, err := s.AddComment(t.Context(), bo, yizhan.Comment{Community: west, MicroGrid: west + "001", Location: &place, Text: " 边界应沿道路 "})
	if err != nil || added.ID == 0 || added.Author != "bo" || added.Text != "边界应沿道路" || *added.Location != place || added.Seq != lastSeq(t, s) {
		t.Fatalf("%+v %v", added, err)
	}
	for name, c := range map[string]yizhan.Comment{
		"text": {Community: west, Text: "  "}, "micro_grid": {Community: west, MicroGrid: east + "001", Text: "x"},
		"location": {Community: west, Location: &orb.Point{49, 119}, Text: "x"},
	} {
		_, err := s.AddComment(t.Context(), anna, c)
		checkError(t, err, yizhan.CodeInvalid, name)
	}
	_, err = s.AddComment(t.Context(), anna, yizhan.Comment{Community: east, Text: "x"})
	checkError(t, err, yizhan.CodeForbidden, "")
	_, err = s.ResolveComment(t.Context(), as(yizhan.RoleStationKeeper, west), west, added.ID, true)
	checkError(t, err, yizhan.CodeForbidden, "")
	_, err = s.ResolveComment(t.Context(), as(yizhan.RolePlanner, city), east, added.ID, true)
	checkError(t, err, yizhan.CodeNotFound, "id")
	done, err := s.ResolveComment(t.Context(), anna, west, added.ID, true)
	if err != nil || done.ResolvedBy != "anna" || done.ResolvedAt.IsZero() {
		t.Errorf("%+v %v", done, err)
	}
	if again, err := s.ResolveComment(t.Context(), anna, west, added.ID, false); err != nil || again.ResolvedBy != "" || !again.ResolvedAt.IsZero() {
		t.Errorf("%+v %v", again, err)
	}
	if list, err := s.Comments(t.Context(), west); err != nil || len(list) != 1 || list[0].ID != added.ID {
		t.Errorf("%+v %v", list, err)
	}
}

func TestLeases(t *testing.T) {
	s, url := openFixture(t)
	if lease, err := s.FindLease(t.Context(), west); err != nil || lease != nil {
		t.Fatalf("%+v %v", lease, err)
	}
	first, err := s.TakeLease(t.Context(), anna, west, false)
	if err != nil || first.Holder != "anna" || first.Until.Sub(first.Since) < yizhan.LeaseLife-time.Minute {
		t.Fatalf("%+v %v", first, err)
	}
	_, err = s.TakeLease(t.Context(), both, west, false)
	checkError(t, err, yizhan.CodeConflict, "", "anna is editing")
	again, err := s.TakeLease(t.Context(), anna, west, false)
	if err != nil || !again.Since.Equal(first.Since) || again.Until.Before(first.Until) {
		t.Errorf("a sign of life: %+v %v", again, err)
	}
	taken, err := s.TakeLease(t.Context(), both, west, true)
	if err != nil || taken.Holder != "chen" || !taken.Since.After(first.Since) {
		t.Errorf("%+v %v", taken, err)
	}
	if err := s.EndLease(t.Context(), anna, west); err != nil { // hers is over
		t.Fatal(err)
	}
	if lease, err := s.FindLease(t.Context(), west); err != nil || lease == nil || lease.Holder != "chen" {
		t.Errorf("%+v %v", lease, err)
	}
	if _, err := connect(t, url).Exec(t.Context(), `UPDATE leases SET since = now() - interval '2 hours', until = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if lease, err := s.TakeLease(t.Context(), anna, west, false); err != nil || lease.Holder != "anna" || time.Since(lease.Since) > time.Hour {
		t.Errorf("after it ran out: %+v %v", lease, err)
	}
	_, err = s.TakeLease(t.Context(), bo, west, true)
	checkError(t, err, yizhan.CodeForbidden, "")
	_, err = s.TakeLease(t.Context(), as(yizhan.RolePlanner, city), "150702001009", false)
	checkError(t, err, yizhan.CodeNotFound, "code")
	trail, err := s.Audit(t.Context(), as(yizhan.RoleAdmin, city), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	takeOvers := 0
	for _, e := range trail {
		if e.Act == "leases.take_over" && e.Actor == "chen" && e.Detail["from"] == "anna" {
			takeOvers++
		}
	}
	if takeOvers != 1 {
		t.Errorf("the trail has %d: %+v", takeOvers, trail)
	}
}
