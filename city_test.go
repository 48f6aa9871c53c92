package yizhan_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/yizhan/yizhan"
)

func cityOfOne() *yizhan.City {
	return &yizhan.City{
		Seq:        7,
		Units:      map[string]*yizhan.Unit{"150700": {Code: "150700"}},
		Stations:   map[string]*yizhan.Station{"ST-1": {Code: "ST-1", Version: 1}},
		Scenes:     map[string]*yizhan.FriendlyScene{"FS-1": {Code: "FS-1"}},
		MicroGrids: map[string]*yizhan.MicroGrid{"150702001001001": {Code: "150702001001001"}},
	}
}

func change(seq int64, op yizhan.Op, ref yizhan.Ref, after yizhan.Feature) yizhan.Change {
	return yizhan.Change{Seq: seq, Op: op, Ref: ref, After: after}
}

func TestNextPutsChangesInAndLeavesTheOldCityAsItWas(t *testing.T) {
	old := cityOfOne()
	features := []yizhan.Feature{
		&yizhan.Unit{Code: "150702"}, &yizhan.Station{Code: "ST-2"}, &yizhan.FriendlyScene{Code: "FS-2"}, &yizhan.MicroGrid{Code: "150702001001002"},
	}
	var changes []yizhan.Change
	for i, f := range features {
		changes = append(changes, change(int64(8+i), yizhan.Create, f.Ref(), f))
	}
	next := old.Next(changes)
	if next.Seq != 11 || len(next.Units) != 2 || len(next.Stations) != 2 || len(next.Scenes) != 2 || len(next.MicroGrids) != 2 {
		t.Errorf("the next city is %+v", next)
	}
	if next.Units["150702"] != features[0] || next.Stations["ST-2"] != features[1] || next.Scenes["FS-2"] != features[2] || next.MicroGrids["150702001001002"] != features[3] {
		t.Errorf("the next city holds other features: %+v", next)
	}
	if want := cityOfOne(); old.Seq != 7 || len(old.Units) != len(want.Units) || len(old.Stations) != len(want.Stations) ||
		len(old.Scenes) != len(want.Scenes) || len(old.MicroGrids) != len(want.MicroGrids) {
		t.Errorf("the old city became %+v", old)
	}
}

func TestNextUpdatesAndDeletes(t *testing.T) {
	old := cityOfOne()
	two, three := &yizhan.Station{Code: "ST-1", Version: 2}, &yizhan.Station{Code: "ST-1", Version: 3}
	updated := old.Next([]yizhan.Change{change(8, yizhan.Update, two.Ref(), two), change(9, yizhan.Update, three.Ref(), three)})
	if updated.Stations["ST-1"] != three || old.Stations["ST-1"].Version != 1 {
		t.Errorf("updated to %+v, the old one is %+v", updated.Stations["ST-1"], old.Stations["ST-1"])
	}
	gone := updated.Next([]yizhan.Change{change(10, yizhan.Delete, three.Ref(), nil)})
	if _, exists := gone.Stations["ST-1"]; exists || gone.Seq != 10 || updated.Stations["ST-1"] != three {
		t.Errorf("deleted: %+v; before: %+v", gone.Stations, updated.Stations)
	}
}

func TestNextSharesWhatIsNotTouched(t *testing.T) {
	old := cityOfOne()
	next := old.Next([]yizhan.Change{change(8, yizhan.Create, yizhan.Ref{Collection: yizhan.Stations, Code: "ST-2"}, &yizhan.Station{Code: "ST-2"})})
	next.Units["mark"] = nil // shared maps show each other's marks
	if _, shared := old.Units["mark"]; !shared {
		t.Error("units were copied though nothing touched them")
	}
}

func TestNextKeepsLeadersOut(t *testing.T) {
	old := cityOfOne()
	leader := &yizhan.Leader{Code: "15070200100100101"}
	next := old.Next([]yizhan.Change{change(8, yizhan.Create, leader.Ref(), nil)})
	if next.Seq != 8 || !maps.Equal(next.MicroGrids, old.MicroGrids) || !maps.Equal(next.Units, old.Units) {
		t.Errorf("the next city is %+v", next)
	}
	if none := old.Next(nil); none.Seq != old.Seq {
		t.Errorf("no change gives seq %d", none.Seq)
	}
}

func TestSortedIsInTheOrderOfCodes(t *testing.T) {
	stations := map[string]*yizhan.Station{}
	for i := range 100 {
		code := fmt.Sprintf("ST-%02d", i*37%100)
		stations[code] = &yizhan.Station{Code: code}
	}
	for i, s := range yizhan.Sorted(stations) {
		if want := fmt.Sprintf("ST-%02d", i); s.Code != want {
			t.Errorf("station %d is %s", i, s.Code)
		}
	}
	if empty := yizhan.Sorted[*yizhan.Unit](nil); empty == nil || len(empty) != 0 {
		t.Errorf("nothing is sorted as %v", empty)
	}
}

func TestCollections(t *testing.T) {
	for _, c := range yizhan.Collections() {
		if !c.Valid() {
			t.Errorf("%s is not valid", c)
		}
	}
	for _, c := range yizhan.PublicCollections() {
		if c == yizhan.Leaders {
			t.Error("leaders are public")
		}
	}
	for _, c := range []yizhan.Collection{"", "reports", "Stations"} {
		if c.Valid() {
			t.Errorf("%q is valid", c)
		}
	}
}

func TestEditsNameTheirFeature(t *testing.T) {
	s := &yizhan.Station{Code: "ST-1", Version: 5}
	if e := yizhan.CreateOf(s); e.Op != yizhan.Create || e.Ref.String() != "stations/ST-1" || e.BaseVersion != 0 || e.Feature != s {
		t.Errorf("create: %+v", e)
	}
	if e := yizhan.UpdateOf(s); e.Op != yizhan.Update || e.Ref != s.Ref() || e.BaseVersion != 5 || e.Feature != s {
		t.Errorf("update: %+v", e)
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("the cause")
	err := &yizhan.Error{Code: yizhan.CodeConflict, Field: "version", Message: "is old", Err: cause}
	wrapped := fmt.Errorf("apply: %w", err)
	if got := wrapped.Error(); got != "apply: version: is old: the cause" {
		t.Errorf("text %q", got)
	}
	if !errors.Is(wrapped, cause) || yizhan.CodeOf(wrapped) != yizhan.CodeConflict {
		t.Errorf("code %s", yizhan.CodeOf(wrapped))
	}
	if yizhan.CodeOf(cause) != yizhan.CodeInternal || yizhan.CodeOf(nil) != yizhan.CodeInternal {
		t.Error("an error without a code is not internal")
	}
	checkError(t, yizhan.Invalid("k", "%d is too many", 51), yizhan.CodeInvalid, "k")
}
