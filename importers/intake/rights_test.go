package intake_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/intake"
)

const neighbour = "150703001001" // a community of another banner, east of that of the test

// neighbourOfTest is a second banner with a community, a micro-grid and a station.
func neighbourOfTest() yizhan.Changeset {
	whole := box(2, 0, 3, 1)
	changeset := yizhan.Changeset{Author: "test", Reason: "the banner beside it"}
	for _, u := range []yizhan.Unit{
		{Code: "150703", Level: yizhan.LevelBanner, Parent: "150700", Name: "扎赉诺尔区"},
		{Code: "150703001", Level: yizhan.LevelTownship, Parent: "150703", Name: "第一街道"}, {Code: neighbour, Level: yizhan.LevelCommunity, Parent: "150703001", Name: "湖滨社区"},
	} {
		u.Boundary = whole
		changeset.Edits = append(changeset.Edits, yizhan.CreateOf(&u))
	}
	changeset.Edits = append(changeset.Edits,
		yizhan.CreateOf(&yizhan.MicroGrid{Code: neighbour + "001", Community: neighbour, Name: "第1微网格", Households: 20, Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: whole}),
		yizhan.CreateOf(&yizhan.Station{Code: "150703-0001", Name: "湖滨驿站", Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion, Location: at(2.5, 0.5), Hours: yizhan.MustHours("24/7"),
			Status: yizhan.StationActive, Community: neighbour, MicroGrid: neighbour + "001", Capacity: 8}))
	return changeset
}

// newOfficeOfTwo is an office in a city of two banners.
func newOfficeOfTwo(t *testing.T) *office {
	t.Helper()
	first := cityOfTest()
	for _, e := range first.Edits {
		if u, is := e.Feature.(*yizhan.Unit); is && u.Level == yizhan.LevelCity {
			u.Boundary = box(0, 0, 3, 2)
		}
	}
	o := newOfficeIn(t, first)
	if _, err := o.store.Apply(t.Context(), neighbourOfTest()); err != nil {
		t.Fatal(err)
	}
	return o
}

// somebody has one role in one unit.
func somebody(role yizhan.Role, unit string) *yizhan.Principal {
	return &yizhan.Principal{User: yizhan.User{ID: 7, Name: "somebody"}, Grants: []yizhan.Grant{{Role: role, Unit: unit}}}
}

func stationsOfBoth() string {
	row := func(code, name string, seats int, at orb.Point) string {
		return fmt.Sprintf("%s,%s,工会,%d,%.7f,%.7f\n", code, name, seats, at[0], at[1])
	}
	return "驿站编码,名称,建设单位,座位数,经度,纬度\n" +
		row("150702-0001", "老驿站1", 31, at(0.5, 0.5)) + // 2: within the rights of a planner of 150702
		row("150703-0001", "湖滨驿站", 32, at(2.5, 0.5)) + // 3: outside
		row("", "新驿站", 5, at(2.2, 0.2)) + // 4: new, outside
		row("150702-0002", "老驿站2", 8, at(2.7, 0.7)) + // 5: moved out
		row("150703-0001", "又一次", 32, at(2.5, 0.5)) // 6: twice, which is told as such
}

func TestCheckTellsWhatLiesOutsideRights(t *testing.T) {
	o := newOfficeOfTwo(t)
	o.by = somebody(yizhan.RolePlanner, "150702")
	file := write(t, "both.csv", stationsOfBoth())
	found := o.mustCheck(t, file, intake.Settings{Collection: intake.Stations, Datum: "wgs84"})
	if found.Denied != 3 || found.Errors != 4 || found.Updated != 1 || found.Created != 0 || found.Why(intake.Settings{}) != "errors" {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	var rows []int64
	for _, p := range found.problems {
		if p.Code != importers.OutsideRights {
			continue
		}
		rows = append(rows, p.Row)
		if p.Severity != importers.Refused || p.Place == nil || p.Place[0] < at(2, 0)[0] || p.Column != "驿站编码" ||
			p.Message != "lies in 第一街道 湖滨社区, outside the rights of this account" || importers.Chinese(p.Message) != "在“第一街道 湖滨社区”，不在你的账号负责的范围内" {
			t.Errorf("%+v: %s", p, importers.Chinese(p.Message))
		}
	}
	if !slices.Equal(rows, []int64{3, 4, 5}) {
		t.Errorf("rows %d", rows)
	}
	o.forget(t, found)

	// What the check would let in goes in, and nothing else would: the commit holds it against the rights again.
	found = o.mustCheck(t, file, intake.Settings{Collection: intake.Stations, Datum: "wgs84", SkipBad: true})
	if err := found.im.Commit(t.Context(), o.by, "", quiet); err != nil {
		t.Fatal(err)
	}
	if city := o.city(t); city.Stations["150702-0001"].Capacity != 31 || city.Stations["150703-0001"].Capacity != 8 || len(city.Stations) != 3 {
		t.Errorf("%+v", city.Stations)
	}
	o.forget(t, found)
	by := o.by
	o.by = yizhan.System("import")
	found = o.mustCheck(t, file, intake.Settings{Collection: intake.Stations, Datum: "wgs84", SkipBad: true})
	if found.Denied != 0 || found.Created != 1 || found.Updated != 2 {
		t.Errorf("with all rights: %+v", found.Summary)
	}
	if err := found.im.Commit(t.Context(), by, "", quiet); yizhan.CodeOf(err) != yizhan.CodeForbidden {
		t.Errorf("a commit outside one's rights: %v", err)
	}
}

func TestCheckTellsWhoMayNotDeleteOrRedraw(t *testing.T) {
	o := newOfficeOfTwo(t)
	o.by = somebody(yizhan.RolePlanner, "150702")
	// The file names the community of the neighbour, and so its station would go, which the planner may not.
	rows := fmt.Sprintf("名称,建设单位,经度,纬度\n新的,工会,%.7f,%.7f\n", at(2.2, 0.2)[0], at(2.2, 0.2)[1])
	found := o.checkOnce(t, write(t, "list.csv", rows), intake.Settings{Collection: intake.Stations, Datum: "wgs84", Missing: intake.Delete})
	if found.Denied != 2 || found.Deleted != 0 || found.problems[1].Row != 0 || found.problems[1].Value != "150703-0001" || found.problems[1].Place == nil {
		t.Errorf("%+v %+v", found.Summary, found.problems)
	}
	rows = "编码,户数\n" + community + "001,40\n" + neighbour + "001,41\n"
	found = o.checkOnce(t, write(t, "grids.csv", rows), intake.Settings{Collection: intake.MicroGrids})
	if found.Denied != 1 || found.Updated != 1 || found.problems[0].Place == nil {
		t.Errorf("%+v %+v", found.Summary, found.problems)
	}
	rows = "编码,名称,类别,微网格\n150702-S01,一条街,友好商圈," + community + "001\n150702-S02,两条街,友好商圈," + community + "002;" + neighbour + "001\n"
	found = o.checkOnce(t, write(t, "scenes.csv", rows), intake.Settings{Collection: intake.Scenes})
	if found.Denied != 1 || found.Created != 1 {
		t.Errorf("%+v %+v", found.Summary, found.problems)
	}
}

// Who may change nothing of a kind is told so once, and still sees what the file would do.
func TestCheckWithoutAnyRights(t *testing.T) {
	o := newOfficeOfTwo(t)
	o.by = somebody(yizhan.RoleReviewer, "150700")
	settings := intake.Settings{Collection: intake.Stations, Datum: "wgs84", SkipBad: true}
	found := o.mustCheck(t, write(t, "both.csv", stationsOfBoth()), settings)
	if found.Denied != 0 || found.Updated != 3 || found.Created != 1 || found.Why(settings) != "rights" {
		t.Errorf("%+v", found.Summary)
	}
	if err := found.im.MayCommit(); yizhan.CodeOf(err) != yizhan.CodeForbidden {
		t.Errorf("%v", err)
	}
}
