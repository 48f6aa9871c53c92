package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/intake"
)

// again checks an import with other settings.
func (o *office) again(t *testing.T, found findings, change func(*intake.Settings)) findings {
	t.Helper()
	settings := found.im.State().Settings
	change(&settings)
	if _, err := found.im.Set(settings); err != nil {
		t.Fatal(err)
	}
	if err := found.im.Check(t.Context(), o.by, quiet); err != nil {
		t.Fatal(err)
	}
	page, err := found.im.Problems("", 0, 1_000)
	if err != nil {
		t.Fatal(err)
	}
	return findings{found.im, *found.im.State().Summary, page.Items}
}

func settle(list ...intake.Settlement) func(*intake.Settings) {
	return func(s *intake.Settings) { s.Settled = append(slices.Clone(s.Settled), list...) }
}

// twins adds a second community with a station and a micro-grid that are called as those of the first.
func (o *office) twins(t *testing.T) {
	t.Helper()
	other := yizhan.Unit{Code: "150702001002", Level: yizhan.LevelCommunity, Parent: "150702001", Name: "天润社区", Boundary: box(0, 1, 1, 2)}
	station := *o.city(t).Stations["150702-0001"]
	station.Code, station.Community, station.MicroGrid, station.Location = "150702-0009", other.Code, "", at(0.5, 1.5)
	grid := yizhan.MicroGrid{Code: other.Code + "001", Community: other.Code, Name: "第1微网格", Households: 10, Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: other.Boundary}
	if _, err := o.store.Apply(t.Context(), yizhan.Changeset{Author: "test", Reason: "twins", Edits: []yizhan.Edit{yizhan.CreateOf(&other), yizhan.CreateOf(&grid), yizhan.CreateOf(&station)}}); err != nil {
		t.Fatal(err)
	}
}

// TestRowsLeftForAPerson matches an old list without codes: what is clear goes by itself, and a person says the rest.
func TestRowsLeftForAPerson(t *testing.T) {
	o := newOffice(t)
	o.twins(t)
	found := o.mustCheck(t, write(t, "old.csv", "驿站名称,座位数\n老驿站1,11\n老驿站2,12\n老驿站02,13\n火星驿站,14\n"), intake.Settings{Collection: intake.Stations})
	if found.Updated != 1 || found.Left != 3 || found.Why(found.im.State().Settings) != "errors" {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	codes := func(p importers.Problem) (list []string) {
		for _, c := range p.Candidates {
			list = append(list, c.Code)
		}
		return list
	}
	for i, want := range []struct{ code, candidates string }{
		{importers.Ambiguous, "[150702-0001 150702-0009]"}, {importers.NotMatched, "[150702-0002 150702-0001 150702-0009]"}, {importers.NotMatched, "[]"},
	} {
		p := found.problems[i]
		if got := fmt.Sprint(codes(p)); p.Code != want.code || got != want.candidates && !(i == 1 && strings.Contains(got, "150702-0002")) {
			t.Errorf("row %d: %s %s", p.Row, p.Code, got)
		}
	}
	if c := found.problems[0].Candidates[1]; c.Name != "老驿站1" || c.Unit != "正阳街道 天润社区" {
		t.Errorf("%+v", c)
	}
	if found = o.again(t, found, settle(intake.Settlement{Row: 2, Field: "name", Code: "150702-0009"}, intake.Settlement{Row: 4, Field: "name", Code: "no such"}, intake.Settlement{Row: 5})); found.Errors != 1 || found.Left != 0 || found.problems[0].Code != importers.UnknownCode || found.problems[0].Row != 4 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	found = o.again(t, found, func(s *intake.Settings) { s.Settled[1] = intake.Settlement{Row: 4} })
	if found.Updated != 2 || found.Errors+found.Left != 0 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); err != nil {
		t.Fatal(err)
	}
	stations := o.city(t).Stations
	if stations["150702-0009"].Capacity != 11 || stations["150702-0002"].Capacity != 12 || stations["150702-0001"].Capacity != 8 {
		t.Errorf("%d %d %d", stations["150702-0009"].Capacity, stations["150702-0002"].Capacity, stations["150702-0001"].Capacity)
	}
}

// TestHouseholdsByNames brings counts up to date by the names of micro-grids, after a person said which of two
// communities of one name is meant.
func TestHouseholdsByNames(t *testing.T) {
	o := newOffice(t)
	o.twins(t)
	found := o.mustCheck(t, write(t, "counts.csv", "社区名称,网格名称,户数\n天润社区,第1微网格,31\n天润,第二微网格,32\n天闰社区,第1微网格,33\n"), intake.Settings{Collection: intake.MicroGrids})
	if found.Left != 3 || len(found.problems[0].Candidates) != 2 || found.problems[0].Field != "community_name" || len(found.problems[2].Candidates) == 0 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	found = o.again(t, found, settle(intake.Settlement{Row: 2, Field: "community_name", Code: "150702001002"}, intake.Settlement{Row: 3, Field: "community_name", Code: community}, intake.Settlement{Row: 4}))
	if found.Updated != 1 || found.Left != 1 || found.problems[0].Field != "name" || len(found.problems[0].Candidates) == 0 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	found = o.again(t, found, settle(intake.Settlement{Row: 3, Field: "name", Code: community + "002"}))
	if found.Updated != 2 || found.Errors+found.Left != 0 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	page, err := found.im.Changes(yizhan.Update, 0, 10)
	if err != nil || len(page.Items) != 2 || page.Items[0].Ref.Code != community+"002" || page.Items[0].Grid.Households != 32 || page.Items[1].Grid.Households != 31 || page.Items[1].Ref.Code != "150702001002001" {
		t.Errorf("%+v, %v", page.Items, err)
	}
}

func TestSettlementsAreChecked(t *testing.T) {
	o := newOffice(t)
	im, err := o.inspect(t, write(t, "a.csv", "驿站名称,座位数\n老驿站1,11\n"), intake.Settings{Collection: intake.Stations})
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]intake.Settlement{
		"no row":              {{Field: "name", Code: "A"}},
		"a field alone":       {{Row: 2, Field: "name"}},
		"a code alone":        {{Row: 2, Code: "A"}},
		"an unknown field":    {{Row: 2, Field: "nmae", Code: "A"}},
		"two answers":         {{Row: 2, Field: "name", Code: "A"}, {Row: 2, Field: "name", Code: "B"}},
		"a code that is long": {{Row: 2, Field: "name", Code: strings.Repeat("A", 65)}},
		"too many":            make([]intake.Settlement, intake.MaxSettled+1),
	} {
		if _, err := im.Set(intake.Settings{Collection: intake.Stations, Settled: list}); yizhan.CodeOf(err) != yizhan.CodeInvalid || !strings.HasPrefix(err.Error(), "settled: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Of another table the rows are others.
	if _, err := im.Set(intake.Settings{Collection: intake.Stations, Settled: []intake.Settlement{{Row: 2}}}); err != nil {
		t.Fatal(err)
	}
	settings := im.State().Settings
	settings.Delimiter = ";"
	if again, err := im.Set(settings); err != nil || !again || im.State().Settings.Settled != nil {
		t.Errorf("%v %v %+v", again, err, im.State().Settings.Settled)
	}
}

// TestUnitsByCodeAndName brings a register of units up to date, adds one that is new with what is above it, and moves no
// outline.
func TestUnitsByCodeAndName(t *testing.T) {
	o := newOffice(t)
	o.twins(t)
	text := "统计代码,社区名称,街道,级别,类别\n" + community + ",天润新社区,,社区,社区\n,正阳街道,,街道,街道\n,天润社区,正阳街道,社区,嘎查\n150702009001,新居社区,,,社区\n150702009,新街道,,,街道\n159902001001,别处社区,,,社区\n15070,不是代码,,,\n"
	found := o.mustCheck(t, write(t, "units.csv", text), intake.Settings{Collection: intake.Units})
	if found.Created != 2 || found.Updated != 2 || found.Left != 1 || found.Errors != 2 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	found = o.again(t, found, func(s *intake.Settings) {
		s.Settled = []intake.Settlement{{Row: 4, Field: "name", Code: "150702001002"}, {Row: 7}, {Row: 8}}
	})
	if found.Updated != 3 || found.Errors+found.Left != 0 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); err != nil {
		t.Fatal(err)
	}
	units := o.city(t).Units
	if units[community].Name != "天润新社区" || units["150702001002"].Type != "嘎查" || units["150702009001"].Parent != "150702009" || units["150702009"].Level != yizhan.LevelTownship {
		t.Errorf("%+v %+v", units[community], units["150702009001"])
	}
	if err := found.im.Revert(t.Context(), o.by, quiet); err != nil {
		t.Fatal(err)
	}

	outline := fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":"天润社区","level":"community","parent":"150702001"},"geometry":%s}`, community, geometryText(box(0, 0, 1, 1)))
	added := fmt.Sprintf(`{"type":"Feature","properties":{"code":"150702001003","name":"新社区","level":"community","parent":"150702001"},"geometry":%s}`, geometryText(box(1, 1, 2, 2)))
	beyond := fmt.Sprintf(`{"type":"Feature","properties":{"code":"150702001005","name":"外社区","level":"community","parent":"150702001"},"geometry":%s}`, geometryText(box(1, 1, 3, 2)))
	bowTie := `{"type":"Feature","properties":{"code":"150702001004","name":"坏社区","level":"community","parent":"150702001"},"geometry":` + polygon(lattice(0, 0, 1, 1, 1, 0, 0, 1, 0, 0)) + `}`
	found = o.mustCheck(t, write(t, "units.geojson", collection(outline, added, bowTie, beyond)), intake.Settings{})
	if got := found.codes(); found.im.State().Settings.Collection != intake.Units || found.Unchanged != 1 || found.Created != 1 || got[importers.OutlineKept] != 1 || got[importers.InvalidShape] != 1 || got[importers.OutsideUnit] != 1 {
		t.Errorf("%+v %+v", found.Summary, found.problems)
	}
}
