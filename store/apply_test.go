package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// TestOneOfManyUpdatesWins sends fifty updates of the same version at once.
func TestOneOfManyUpdatesWins(t *testing.T) {
	s, _ := openFixture(t)
	base := getGrid(t, s, west+"001")
	var wait sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wait.Go(func() {
			mine := *base
			mine.Name = fmt.Sprintf("名称%d", i)
			_, errs[i] = s.Apply(t.Context(), yizhan.Changeset{Author: "test", Edits: []yizhan.Edit{yizhan.UpdateOf(&mine)}})
		})
	}
	wait.Wait()
	winner := -1
	for i, err := range errs {
		if err == nil {
			if winner >= 0 {
				t.Errorf("%d and %d both won", winner, i)
			}
			winner = i
			continue
		}
		checkError(t, err, yizhan.CodeConflict, "version", "micro_grids/"+west+"001", "version 2", "version 1")
	}
	if after := getGrid(t, s, west+"001"); winner < 0 || after.Version != 2 || after.Name != fmt.Sprintf("名称%d", winner) {
		t.Errorf("winner %d, and in the database is %+v", winner, after)
	}
}

// TestBadChangesetsChangeNothing puts something wrong beside something right.
func TestBadChangesetsChangeNothing(t *testing.T) {
	s, _ := openFixture(t)
	before, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	right := yizhan.CreateOf(station("RIGHT", 0.5, 0.5))
	with := func(change func(*yizhan.Station)) []yizhan.Edit {
		wrong := station("WRONG", 0.5, 0.5)
		change(wrong)
		return []yizhan.Edit{right, yizhan.CreateOf(wrong)}
	}
	withGrid := func(boundary orb.MultiPolygon) []yizhan.Edit {
		return []yizhan.Edit{right, yizhan.UpdateOf(reshaped(west+"001", boundary))}
	}
	stale := *before.Stations["150702-0001"]
	stale.Version = 7
	for _, c := range []struct {
		name  string
		edits []yizhan.Edit
		code  yizhan.ErrorCode
		field string
		part  string
	}{
		{"nothing", nil, yizhan.CodeInvalid, "edits", "at least one"},
		{"rule of the root package", with(func(s *yizhan.Station) { s.Capacity = -1 }), yizhan.CodeInvalid, "capacity", "stations/WRONG"},
		{"NUL in a name", with(func(s *yizhan.Station) { s.Name = "a\x00b" }), yizhan.CodeInvalid, "name", "stations/WRONG: holds a zero character"},
		{"NUL in an address", with(func(s *yizhan.Station) { s.Address = "\x00" }), yizhan.CodeInvalid, "address", "holds a zero character"},
		{"invalid UTF-8", with(func(s *yizhan.Station) { s.Address = "\xff\xfe" }), yizhan.CodeInvalid, "address", "UTF-8"},
		{"long address", with(func(s *yizhan.Station) { s.Address = strings.Repeat("长", 301) }), yizhan.CodeInvalid, "address", "stations/WRONG"},
		{"community that is not there", with(func(s *yizhan.Station) { s.Community = "150702001999" }), yizhan.CodeInvalid, "community", "units/150702001999, which does not exist"},
		{"micro-grid that is not there", with(func(s *yizhan.Station) { s.MicroGrid = west + "099" }), yizhan.CodeInvalid, "micro_grid", "which does not exist"},
		{"micro-grid of another community", with(func(s *yizhan.Station) { s.MicroGrid = east + "001" }), yizhan.CodeInvalid, "micro_grid", "stations/WRONG"},
		{"outside the city", with(func(s *yizhan.Station) { s.Location = orb.Point{121, 49} }), yizhan.CodeInvalid, "location", "stations/WRONG"},
		{"lng and lat swapped", with(func(s *yizhan.Station) { s.Location = orb.Point{49, 119} }), yizhan.CodeInvalid, "location", "order is lng, lat"},
		{"exists already", []yizhan.Edit{right, yizhan.CreateOf(station("150702-0001", 0.5, 0.5))}, yizhan.CodeConflict, "code", "stations/150702-0001 exists"},
		{"twice", []yizhan.Edit{right, right}, yizhan.CodeInvalid, "edits", "stations/RIGHT occurs twice"},
		{"stale", []yizhan.Edit{right, yizhan.UpdateOf(&stale)}, yizhan.CodeConflict, "version", "stations/150702-0001 is at version 1"},
		{"update of nothing", []yizhan.Edit{right, yizhan.UpdateOf(func() *yizhan.Station { s := station("NONE", 0, 0); s.Version = 1; return s }())}, yizhan.CodeNotFound, "code", "stations/NONE"},
		{"delete of nothing", []yizhan.Edit{right, {Op: yizhan.Delete, Ref: yizhan.Ref{Collection: yizhan.Stations, Code: "NONE"}, BaseVersion: 1}}, yizhan.CodeNotFound, "code", "stations/NONE"},
		{"delete of a stale version", []yizhan.Edit{right, deleteOf(&stale)}, yizhan.CodeConflict, "version", "stations/150702-0001"},
		{"delete of a unit with units below", []yizhan.Edit{right, deleteOf(before.Units[township])}, yizhan.CodeConflict, "code", "units/150702001 cannot be deleted: units"},
		{"delete of a community with micro-grids", []yizhan.Edit{right, deleteOf(before.Units[east])}, yizhan.CodeConflict, "code", "micro_grids refer"},
		{"delete of a micro-grid with leaders", []yizhan.Edit{right, deleteOf(before.MicroGrids[east+"001"])}, yizhan.CodeConflict, "code", "leaders refer"},
		{"delete of a station in a scene", []yizhan.Edit{right, deleteOf(before.Stations["150702-0001"])}, yizhan.CodeConflict, "code", "friendly_scenes refer"},
		{"refers to what it deletes", []yizhan.Edit{deleteOf(before.Stations["150702-0002"]), yizhan.CreateOf(&yizhan.FriendlyScene{Code: "S-2", Name: "n",
			Kind: yizhan.ScenePark, MicroGrids: []string{west + "001"}, Stations: []string{"150702-0002"}})}, yizhan.CodeInvalid, "stations", "same changeset deletes"},
		{"NUL in a reference", []yizhan.Edit{right, yizhan.CreateOf(&yizhan.FriendlyScene{Code: "S-2", Name: "n", Kind: yizhan.ScenePark,
			MicroGrids: []string{west + "001"}, Stations: []string{"\x00"}})}, yizhan.CodeInvalid, "stations", "friendly_scenes/S-2: holds a zero character"},
		{"bow tie", withGrid(area(0, 0, 1, 1, 1, 0, 0, 1)), yizhan.CodeInvalid, "boundary", "micro_grids/" + west + "001 is not a valid shape: Self-intersection at [119.005, 49.005]"},
		{"flat", withGrid(area(0, 0, 1, 0, 0.5, 0)), yizhan.CodeInvalid, "boundary", "micro_grids/" + west + "001"},
		{"hole outside", withGrid(orb.MultiPolygon{{box(0, 0, 1, 1)[0][0], box(2, 2, 3, 3)[0][0]}}), yizhan.CodeInvalid, "boundary", "Hole lies outside shell"},
		{"two parts that overlap", withGrid(append(box(0, 0, 1, 1), box(0.5, 0, 1, 1)...)), yizhan.CodeInvalid, "boundary", "not a valid shape"},
		{"community beyond its township", []yizhan.Edit{right, yizhan.CreateOf(unit("150702001003", yizhan.LevelCommunity, township, box(3, 0, 5, 1)))}, yizhan.CodeInvalid, "boundary", "units/150702001003"},
		{"code of another parent", []yizhan.Edit{right, yizhan.CreateOf(unit("150799001", yizhan.LevelTownship, banner, nil))}, yizhan.CodeInvalid, "parent", "units/150799001"},
		{"banner with the code of a city", []yizhan.Edit{right, yizhan.CreateOf(unit("159900", yizhan.LevelBanner, city, nil))}, yizhan.CodeInvalid, "code", "units/159900"},
		{"another type", []yizhan.Edit{{Op: yizhan.Create, Ref: yizhan.Ref{Collection: yizhan.Units, Code: "X"}, Feature: station("X", 0, 0)}}, yizhan.CodeInvalid, "feature", "units"},
		{"nil", []yizhan.Edit{{Op: yizhan.Create, Ref: yizhan.Ref{Collection: yizhan.Stations, Code: "X"}, Feature: (*yizhan.Station)(nil)}}, yizhan.CodeInvalid, "feature", "stations"},
		{"no collection", []yizhan.Edit{{Op: yizhan.Create, Ref: yizhan.Ref{Collection: "users", Code: "X"}}}, yizhan.CodeInvalid, "collection", "users"},
		{"hostile code", []yizhan.Edit{{Op: yizhan.Delete, Ref: yizhan.Ref{Collection: yizhan.Units, Code: "a\x00"}, BaseVersion: 1}}, yizhan.CodeInvalid, "code", "zero character"},
		{"long code", []yizhan.Edit{{Op: yizhan.Delete, Ref: yizhan.Ref{Collection: yizhan.Units, Code: strings.Repeat("9", 1e6)}, BaseVersion: 1}}, yizhan.CodeInvalid, "code", "longer"},
		{"no version", []yizhan.Edit{{Op: yizhan.Delete, Ref: yizhan.Ref{Collection: yizhan.Units, Code: city}}}, yizhan.CodeInvalid, "version", "begin at 1"},
		{"no op", []yizhan.Edit{{Op: "upsert", Ref: yizhan.Ref{Collection: yizhan.Units, Code: city}}}, yizhan.CodeInvalid, "op", "upsert"},
		{"too many", make([]yizhan.Edit, 200_001), yizhan.CodeTooLarge, "edits", "200000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Apply(t.Context(), yizhan.Changeset{Author: "test", Edits: c.edits})
			checkError(t, err, c.code, c.field, c.part)
			var ours *yizhan.Error
			if errors.As(err, &ours) && len(ours.Message) > 400 {
				t.Errorf("the message has %d bytes", len(ours.Message))
			}
		})
	}
	for _, head := range []yizhan.Changeset{{Author: " "}, {Author: "a\x00"}, {Author: "\xff"}, {Author: strings.Repeat("a", 201)}, {Author: "a", Reason: "\x00"}} {
		head.Edits = []yizhan.Edit{right}
		if _, err := s.Apply(t.Context(), head); yizhan.CodeOf(err) != yizhan.CodeInvalid {
			t.Errorf("author %q, reason %q: %v", head.Author, head.Reason, err)
		}
	}
	after, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkSameCity(t, after, before)
}

// TestCancelledApplyLeavesNothing cancels at many moments.
func TestCancelledApplyLeavesNothing(t *testing.T) {
	s := open(t)
	features := lattice(1, 2, 4, 4)
	cancelled := 0
	for wait := time.Duration(0); wait < 2*time.Second; wait += 10 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		_, err := s.Apply(ctx, yizhan.Changeset{Author: "test", Edits: creates(features...)})
		cancel()
		seq := lastSeq(t, s)
		page, findErr := s.Find(t.Context(), yizhan.Query{Collection: yizhan.Units, Limit: 10})
		if findErr != nil {
			t.Fatal(findErr)
		}
		if err == nil {
			if seq != int64(len(features)) {
				t.Errorf("applied, but seq is %d", seq)
			}
			break
		}
		cancelled++
		if seq == int64(len(features)) {
			break // the commit was on its way when the time ran out: then all of it is there
		}
		if seq != 0 || len(page.Features) != 0 {
			t.Fatalf("after %v: seq %d and %d units", wait, seq, len(page.Features))
		}
		if !errors.Is(err, context.DeadlineExceeded) || yizhan.CodeOf(err) != yizhan.CodeUnavailable {
			t.Errorf("after %v: %v", wait, err)
		}
	}
	if cancelled < 2 {
		t.Errorf("cancelled only %d times", cancelled)
	}
}

// TestOrderOfEditsIsFree sends edits the wrong way round, and a whole tree to delete.
func TestOrderOfEditsIsFree(t *testing.T) {
	s := open(t)
	features := fixture()
	edits := creates(features...)
	for i := range len(edits) / 2 {
		edits[i], edits[len(edits)-1-i] = edits[len(edits)-1-i], edits[i]
	}
	applied := apply(t, s, edits...)
	changes, err := s.Changes(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range changes {
		if c.Seq != applied.FirstSeq+int64(i) || c.Ref != edits[i].Ref || c.ChangesetID != applied.ChangesetID {
			t.Errorf("change %d is of %s, the edit of %s", c.Seq, c.Ref, edits[i].Ref)
		}
	}
	var deletes []yizhan.Edit
	for _, f := range features {
		deletes = append(deletes, yizhan.Edit{Op: yizhan.Delete, Ref: f.Ref(), BaseVersion: 1})
	}
	apply(t, s, deletes...)
	after, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Units)+len(after.MicroGrids)+len(after.Stations)+len(after.Scenes) != 0 {
		t.Errorf("left over: %+v", after)
	}
}

// TestSceneFollowsItsMicroGrids moves a border of a scene without editing the scene.
func TestSceneFollowsItsMicroGrids(t *testing.T) {
	s, _ := openFixture(t)
	ref := yizhan.Ref{Collection: yizhan.FriendlyScenes, Code: "SCENE-1"} // 001 and 002
	before := get[*yizhan.FriendlyScene](t, s, ref)
	named := getGrid(t, s, west+"001")
	named.Name = "新名"
	if applied := apply(t, s, yizhan.UpdateOf(named)); applied.FirstSeq != applied.LastSeq {
		t.Errorf("a name alone made changes %d to %d", applied.FirstSeq, applied.LastSeq)
	}
	low, high := getGrid(t, s, west+"001"), getGrid(t, s, west+"003")
	low.Boundary, high.Boundary = area(0, 0, 1, 0, 1, 1, 0.5, 1.2, 0, 1), area(0, 1, 0.5, 1.2, 1, 1, 1, 2, 0, 2)
	applied := apply(t, s, yizhan.UpdateOf(low), yizhan.UpdateOf(high))
	changes, err := s.Changes(t.Context(), applied.FirstSeq-1, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 3 || changes[2].Ref != ref || changes[2].Version != 2 || changes[2].Op != yizhan.Update {
		t.Fatalf("changes: %+v", changes)
	}
	now := get[*yizhan.FriendlyScene](t, s, ref)
	checkEqual(t, "before", changes[2].Before, before)
	checkEqual(t, "after", changes[2].After, now)
	if orb.Equal(before.Boundary, now.Boundary) {
		t.Error("the boundary stayed")
	}
}
