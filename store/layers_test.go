package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

func someIndicator(unit string) yizhan.Indicator {
	return yizhan.Indicator{LayerHead: yizhan.LayerHead{Name: "党组织覆盖率", Note: "a\nb", Unit: unit}, Kind: yizhan.ShareKind, Level: yizhan.LevelCommunity}
}

func someRelease(date string, figures ...yizhan.Figure) yizhan.Release {
	return yizhan.Release{ReleaseHead: yizhan.ReleaseHead{Date: day(date), Source: "组织部"}, Figures: figures}
}

func createIndicator(t testing.TB, s *store.Store, by *yizhan.Principal, i yizhan.Indicator, r yizhan.Release) *yizhan.Indicator {
	t.Helper()
	created, err := s.CreateIndicator(t.Context(), by, i, r)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// hasVersion tells whether an indicator is at a version for a principal; 0 if it is not there.
func hasVersion(t *testing.T, s *store.Store, by *yizhan.Principal, id string, want int64) bool {
	t.Helper()
	version, err := s.IndicatorVersion(t.Context(), by, id)
	return version == want && (want > 0) == (err == nil) && (err == nil || yizhan.CodeOf(err) == yizhan.CodeNotFound)
}

func TestIndicatorsComeBackAndGrow(t *testing.T) {
	s, _ := openFixture(t)
	before := lastSeq(t, s)
	analyst := as(yizhan.RoleAnalyst, banner)
	first := createIndicator(t, s, analyst, someIndicator(banner), someRelease("2025-12-31", yizhan.Figure{Unit: east, Value: 0.25}, yizhan.Figure{Unit: west, Value: 0.5}))
	if !yizhan.IsLayerID(first.ID) || first.Version != 1 || first.Author != analyst.User.Name || len(first.Releases) != 1 || first.Releases[0].Figures != 2 || first.Releases[0].Sum != 0.75 {
		t.Fatalf("created %+v", first)
	}
	grown, err := s.PutRelease(t.Context(), analyst, first.ID, 1, someRelease("2026-06-30", yizhan.Figure{Unit: west, Value: 0.75}))
	if err != nil {
		t.Fatal(err)
	}
	if grown.Version != 2 || len(grown.Releases) != 2 || !grown.Releases[0].Date.Equal(day("2026-06-30")) || !grown.Releases[1].Date.Equal(day("2025-12-31")) {
		t.Errorf("grown %+v", grown)
	}
	if first.Releases[0].Whole || !hasVersion(t, s, analyst, first.ID, 2) || !hasVersion(t, s, nil, first.ID, 0) || !hasVersion(t, s, analyst, "aaaaaaaaaaaaaaaa", 0) || !hasVersion(t, s, analyst, "orders", 0) {
		t.Errorf("a quarter is whole, or the version is not for who may see it: %+v", first)
	}
	checkFigures := func(date string, want ...yizhan.Figure) {
		t.Helper()
		at := time.Time{}
		if date != "" {
			at = day(date)
		}
		_, r, err := s.Figures(t.Context(), analyst, first.ID, at)
		if err != nil || !reflect.DeepEqual(r.Figures, want) {
			t.Errorf("figures of %q: %+v, %v; want %+v", date, r, err, want)
		}
	}
	checkFigures("2025-12-31", yizhan.Figure{Unit: west, Value: 0.5}, yizhan.Figure{Unit: east, Value: 0.25}) // the older table stays
	checkFigures("", yizhan.Figure{Unit: west, Value: 0.75})

	// The same date again takes the place of what was there.
	if _, err := s.PutRelease(t.Context(), analyst, first.ID, 2, someRelease("2026-06-30", yizhan.Figure{Unit: west, Value: 1})); err != nil {
		t.Fatal(err)
	}
	checkFigures("2026-06-30", yizhan.Figure{Unit: west, Value: 1})
	_, err = s.PutRelease(t.Context(), analyst, first.ID, 2, someRelease("2027-06-30", yizhan.Figure{Unit: west, Value: 1}))
	checkError(t, err, yizhan.CodeConflict, "version", "is at version 3", "based on version 2")

	changed := *first
	changed.Name, changed.Version, changed.Public = "覆盖率", 3, true
	if replaced, err := s.ReplaceIndicator(t.Context(), analyst, changed); err != nil || replaced.Name != "覆盖率" || !replaced.Public || replaced.Version != 4 || len(replaced.Releases) != 2 {
		t.Errorf("replaced %+v, %v", replaced, err)
	}
	if left, err := s.DeleteRelease(t.Context(), analyst, first.ID, 4, day("2025-12-31")); err != nil || len(left.Releases) != 1 {
		t.Errorf("left %+v, %v", left, err)
	}
	_, err = s.DeleteRelease(t.Context(), analyst, first.ID, 5, day("2025-12-31"))
	checkError(t, err, yizhan.CodeNotFound, "date")
	_, err = s.DeleteRelease(t.Context(), analyst, first.ID, 5, day("2026-06-30"))
	checkError(t, err, yizhan.CodeConflict, "date", "delete the indicator")
	if err := s.DeleteIndicator(t.Context(), analyst, first.ID, 5); err != nil {
		t.Fatal(err)
	}
	_, err = s.FindIndicator(t.Context(), analyst, first.ID)
	checkError(t, err, yizhan.CodeNotFound, "id")

	if after := lastSeq(t, s); after != before {
		t.Errorf("the change log went from %d to %d: figures are no features", before, after)
	}
	entries, err := s.Audit(t.Context(), as(yizhan.RoleAdmin, city), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var acts []string
	for _, e := range entries {
		acts = append([]string{e.Act + " " + e.Actor}, acts...)
	}
	who := " " + analyst.User.Name
	if want := []string{"layers.create" + who, "layers.release" + who, "layers.release" + who, "layers.update" + who, "layers.unrelease" + who, "layers.delete" + who}; !reflect.DeepEqual(acts, want) {
		t.Errorf("audited %q, want %q", acts, want)
	}
}

func TestBadIndicators(t *testing.T) {
	s, _ := openFixture(t)
	for name, c := range map[string]struct {
		change func(*yizhan.Indicator, *yizhan.Release)
		code   yizhan.ErrorCode
		field  string
	}{
		"no name":            {func(i *yizhan.Indicator, _ *yizhan.Release) { i.Name = "" }, yizhan.CodeInvalid, "name"},
		"no such kind":       {func(i *yizhan.Indicator, _ *yizhan.Release) { i.Kind = "sum" }, yizhan.CodeInvalid, "kind"},
		"level of the city":  {func(i *yizhan.Indicator, _ *yizhan.Release) { i.Level = yizhan.LevelCity }, yizhan.CodeInvalid, "level"},
		"no such unit":       {func(i *yizhan.Indicator, _ *yizhan.Release) { i.Unit = "150703" }, yizhan.CodeInvalid, "values[0].unit"},
		"no source":          {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Source = " " }, yizhan.CodeInvalid, "source"},
		"no date":            {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Date = time.Time{} }, yizhan.CodeInvalid, "date"},
		"no figures":         {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures = nil }, yizhan.CodeInvalid, "values"},
		"a share above 1":    {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures[1].Value = 1.2 }, yizhan.CodeInvalid, "values[1].value"},
		"a count below 0":    {func(i *yizhan.Indicator, r *yizhan.Release) { i.Kind, r.Figures[0].Value = yizhan.CountKind, -1 }, yizhan.CodeInvalid, "values[0].value"},
		"a unit twice":       {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures[1].Unit = west }, yizhan.CodeInvalid, "values[1].unit"},
		"a unit of no level": {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures[1].Unit = township }, yizhan.CodeInvalid, "values[1].unit"},
		"an unknown unit":    {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures[1].Unit = township + "009" }, yizhan.CodeInvalid, "values[1].unit"},
		"too many figures":   {func(_ *yizhan.Indicator, r *yizhan.Release) { r.Figures = make([]yizhan.Figure, yizhan.MaxFigures+1) }, yizhan.CodeTooLarge, "values"},
	} {
		t.Run(name, func(t *testing.T) {
			i, r := someIndicator(banner), someRelease("2025-12-31", yizhan.Figure{Unit: west, Value: 0.5}, yizhan.Figure{Unit: east, Value: 0.5})
			c.change(&i, &r)
			_, err := s.CreateIndicator(t.Context(), as(yizhan.RoleAdmin, city), i, r)
			checkError(t, err, c.code, c.field)
		})
	}
}

// TestWhoSeesAndEditsLayers asks the store, and then the database itself.
func TestWhoSeesAndEditsLayers(t *testing.T) {
	s, url := openFixture(t)
	ofWest := as(yizhan.RoleAnalyst, west)
	figure := yizhan.Figure{Unit: west, Value: 0.5}
	_, err := s.CreateIndicator(t.Context(), ofWest, someIndicator(banner), someRelease("2025-12-31", figure))
	checkError(t, err, yizhan.CodeForbidden, "")
	for _, by := range []*yizhan.Principal{nil, as(yizhan.RoleViewer, city), as(yizhan.RolePlanner, city), as(yizhan.RoleAnalyst, east)} {
		_, err := s.CreateIndicator(t.Context(), by, someIndicator(west), someRelease("2025-12-31", figure))
		checkError(t, err, yizhan.CodeForbidden, "")
	}
	mine := createIndicator(t, s, ofWest, someIndicator(west), someRelease("2025-12-31", figure))
	open := someIndicator(west)
	open.Name, open.Public = "公开", true
	createIndicator(t, s, ofWest, open, someRelease("2025-12-31", figure))

	names := func(by *yizhan.Principal) (names []string) {
		list, err := s.ListIndicators(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range list {
			names = append(names, i.Name)
		}
		return names
	}
	for who, c := range map[string]struct {
		by   *yizhan.Principal
		want []string
	}{
		"a guest": {nil, []string{"公开"}}, "a viewer": {as(yizhan.RoleViewer, east), []string{"党组织覆盖率", "公开"}}, "the system": {yizhan.System("x"), []string{"党组织覆盖率", "公开"}},
	} {
		got := names(c.by)
		if len(got) != len(c.want) || fmt.Sprint(asSet(got)) != fmt.Sprint(asSet(c.want)) {
			t.Errorf("%s sees %q, want %q", who, got, c.want)
		}
	}
	_, err = s.FindIndicator(t.Context(), nil, mine.ID)
	checkError(t, err, yizhan.CodeNotFound, "id")
	_, _, err = s.Figures(t.Context(), nil, mine.ID, time.Time{})
	checkError(t, err, yizhan.CodeNotFound, "id")
	checkError(t, s.DeleteIndicator(t.Context(), as(yizhan.RoleAnalyst, east), mine.ID, 1), yizhan.CodeForbidden, "")

	conn := connect(t, url)
	for _, sql := range []string{
		`UPDATE indicators SET name = 'x' WHERE id = '` + mine.ID + `'`, `DELETE FROM indicators WHERE id = '` + mine.ID + `'`,
		`UPDATE indicator_releases SET source = 'x' WHERE indicator = '` + mine.ID + `'`,
		`UPDATE indicator_figures SET value = 0 WHERE indicator = '` + mine.ID + `'`,
	} {
		for scope, want := range map[string]bool{"": false, "layers:" + east: false, "units:1507": false, "layers:" + west: true, "layers:1507": true} {
			n, err := staffReading(t, conn, scope, sql)
			if done := err == nil && n > 0; done != want {
				t.Errorf("%s in scope %q: %d rows, %v; want it done: %v", sql, scope, n, err, want)
			}
		}
	}
	beyond := `INSERT INTO indicator_figures VALUES ('` + mine.ID + `', '2025-12-31', '` + east + `', 0.5)`
	if _, err := staffReading(t, conn, "layers:"+west, beyond); stateOf(err) != "42501" {
		t.Errorf("a figure beyond the scope: %v", err)
	}
	if n, err := staff(t, conn, "layers:1507", `SELECT FROM indicator_figures`); err != nil || n != 1 {
		t.Errorf("a guest sees %d figures, %v; want those of the public one", n, err)
	}
}

func asSet(names []string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// staffReading is staff, for somebody who sees what staff see.
func staffReading(t *testing.T, conn *pgx.Conn, scope, statement string) (int64, error) {
	t.Helper()
	exec(t, conn, `SELECT set_config('yizhan.reads', 'staff', false)`)
	defer exec(t, conn, `SELECT set_config('yizhan.reads', '', false)`)
	return staff(t, conn, scope, statement)
}

func TestLayersAreBounded(t *testing.T) {
	s, url := openFixture(t)
	conn := connect(t, url)
	exec(t, conn, `INSERT INTO indicators (id, name, note, unit, public, author, synthetic, version, kind, level, measure)
		SELECT translate(left(md5(n::text), 16), '0189', 'wxyz'), 'x', '', '150702', false, '', false, 1, 'count', 'community', '' FROM generate_series(1, 999) n`)
	analyst := as(yizhan.RoleAnalyst, banner)
	made := createIndicator(t, s, analyst, someIndicator(banner), someRelease("2025-12-31", yizhan.Figure{Unit: west, Value: 0.5}))
	_, err := s.CreateIndicator(t.Context(), analyst, someIndicator(banner), someRelease("2025-12-31", yizhan.Figure{Unit: west, Value: 0.5}))
	checkError(t, err, yizhan.CodeTooLarge, "", "1000")
	exec(t, conn, `INSERT INTO indicator_releases SELECT '`+made.ID+`', date '2000-01-01' + n, 'x', '' FROM generate_series(1, 199) n`)
	_, err = s.PutRelease(t.Context(), analyst, made.ID, 1, someRelease("2026-12-31", yizhan.Figure{Unit: west, Value: 0.5}))
	checkError(t, err, yizhan.CodeTooLarge, "", "200 dates")
}

func TestPlaceLayersComeBack(t *testing.T) {
	s, _ := openFixture(t)
	analyst := as(yizhan.RoleAnalyst, banner)
	given := yizhan.PlaceLayer{LayerHead: yizhan.LayerHead{Name: "观察点", Unit: banner}, Source: "民政局", Date: day("2026-01-01"), Places: []yizhan.LayerPlace{
		{Name: "东边", Kind: "观察点", Location: at(3.5, 0.5)}, {Name: "西边", Note: "二楼", Location: at(0.5, 1.5)}, {Name: "界上", Location: at(2, 1)}, {Name: "外面", Location: at(50, 50)}}}
	created, err := s.CreatePlaceLayer(t.Context(), analyst, given)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]yizhan.LayerPlace{}, given.Places...)
	for n, community := range []string{east, west, west, ""} {
		want[n].Community = community
	}
	if created.Count != 4 || created.Version != 1 || !reflect.DeepEqual(created.Places, want) || !created.Date.Equal(given.Date) {
		t.Errorf("created %+v", created)
	}
	if list, err := s.ListPlaceLayers(t.Context(), nil); err != nil || len(list) != 0 {
		t.Errorf("a guest sees %+v, %v", list, err)
	}
	changed := *created
	changed.Places, changed.Public, changed.Unit = changed.Places[:1], true, city
	replaced, err := s.ReplacePlaceLayer(t.Context(), analyst, changed)
	if err != nil || replaced.Count != 1 || replaced.Version != 2 || replaced.Unit != banner {
		t.Errorf("replaced %+v, %v", replaced, err)
	}
	if list, err := s.ListPlaceLayers(t.Context(), nil); err != nil || len(list) != 1 || list[0].Count != 1 || list[0].Places != nil {
		t.Errorf("a guest sees %+v, %v", list, err)
	}
	_, err = s.ReplacePlaceLayer(t.Context(), analyst, changed)
	checkError(t, err, yizhan.CodeConflict, "version", "is at version 2")
	checkError(t, s.DeletePlaceLayer(t.Context(), as(yizhan.RoleAnalyst, west), created.ID, 2), yizhan.CodeForbidden, "")
	if err := s.DeletePlaceLayer(t.Context(), analyst, created.ID, 2); err != nil {
		t.Fatal(err)
	}
	_, err = s.FindPlaceLayer(t.Context(), analyst, created.ID)
	checkError(t, err, yizhan.CodeNotFound, "id")

	for field, change := range map[string]func(*yizhan.PlaceLayer){
		"places":             func(l *yizhan.PlaceLayer) { l.Places = nil },
		"places[1].name":     func(l *yizhan.PlaceLayer) { l.Places[1].Name = "" },
		"places[0].location": func(l *yizhan.PlaceLayer) { l.Places[0].Location[1] = 119 },
		"source":             func(l *yizhan.PlaceLayer) { l.Source = "" },
	} {
		bad := given
		bad.Places = append([]yizhan.LayerPlace{}, given.Places...)
		change(&bad)
		_, err := s.CreatePlaceLayer(t.Context(), analyst, bad)
		var ours *yizhan.Error
		if !errors.As(err, &ours) || ours.Field != field {
			t.Errorf("%v, want a fault of %s", err, field)
		}
	}
}
