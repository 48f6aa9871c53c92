package store_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// keyOf makes the n-th key, as a phone would.
func keyOf(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }

func problem(n int, topic yizhan.ReportTopic) yizhan.NewReport {
	return yizhan.NewReport{Key: keyOf(n), Kind: yizhan.ReportProblem, Topic: topic, Station: "150702-0001"}
}

func confirmation(n int) yizhan.NewReport {
	return yizhan.NewReport{Key: keyOf(n), Kind: yizhan.ReportConfirmation, Station: "150702-0001"}
}

func suggestion(n int, x, y float64) yizhan.NewReport {
	place := at(x, y)
	return yizhan.NewReport{Key: keyOf(n), Kind: yizhan.ReportSuggestion, Location: &place, Services: []yizhan.Service{yizhan.Heating, yizhan.Water}}
}

func submit(t testing.TB, s *store.Store, n yizhan.NewReport) yizhan.RiderReport {
	t.Helper()
	r, fresh, err := s.SubmitReport(t.Context(), n)
	if err != nil || !fresh {
		t.Fatalf("submit: fresh %v, %v", fresh, err)
	}
	return r
}

// became is what the rider of a report is told.
func became(t testing.TB, s *store.Store, n int) yizhan.RiderReport {
	t.Helper()
	found, err := s.RiderReports(t.Context(), []string{yizhan.ReportCode(keyOf(n))})
	if err != nil || found[0] == nil {
		t.Fatalf("report %d: %v", n, err)
	}
	return *found[0]
}

func queue(t testing.TB, s *store.Store, by *yizhan.Principal, q yizhan.ReportQuery) []yizhan.Report {
	t.Helper()
	q.Limit = yizhan.MaxReportPage
	page, err := s.Reports(t.Context(), by, q)
	if err != nil || page.Total != int64(len(page.Reports)) {
		t.Fatalf("%d of %d reports: %v", len(page.Reports), page.Total, err)
	}
	return page.Reports
}

func keeperOf(t *testing.T, s *store.Store, name, unit string) *yizhan.Principal {
	t.Helper()
	return principalOf(addUser(t, s, name, yizhan.Grant{Role: yizhan.RoleStationKeeper, Unit: unit}))
}

func stationNow(t testing.TB, s *store.Store) *yizhan.Station {
	t.Helper()
	return get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: "150702-0001"})
}

// TestReportIsTakenInOnce: a phone that is not sure whether it was heard sends again, and so do two of its
// service workers at once.
func TestReportIsTakenInOnce(t *testing.T) {
	s, _ := openFixture(t)
	before := stationNow(t, s)
	var wait sync.WaitGroup
	var fresh sync.Map
	for range 12 {
		for n, report := range []yizhan.NewReport{problem(0, yizhan.TopicClosed), confirmation(1), suggestion(2, 0.5, 0.5)} {
			wait.Go(func() {
				_, first, err := s.SubmitReport(t.Context(), report)
				if err != nil {
					t.Error(err)
				}
				if _, again := fresh.LoadOrStore(n, true); first && again {
					t.Errorf("report %d was taken in twice", n)
				} else if !first {
					fresh.Delete(n)
				}
			})
		}
	}
	wait.Wait()
	all := queue(t, s, yizhan.System("test"), yizhan.ReportQuery{Stages: yizhan.ReportStages()})
	if len(all) != 3 {
		t.Errorf("%d reports, want 3", len(all))
	}
	if now := stationNow(t, s); now.Version != before.Version+1 || !now.ConfirmedAt.After(before.ConfirmedAt) {
		t.Errorf("the station went from version %d to %d", before.Version, now.Version)
	}
	other := problem(0, yizhan.TopicNoHeat)
	_, _, err := s.SubmitReport(t.Context(), other)
	checkError(t, err, yizhan.CodeConflict, "key")
}

// TestOneTapRenewsWhatNobodyDoubts, and nothing else.
func TestOneTapRenewsWhatNobodyDoubts(t *testing.T) {
	s, _ := openFixture(t)
	keeper := keeperOf(t, s, "keeper", banner)
	before := stationNow(t, s)
	if r := submit(t, s, confirmation(1)); !r.Renewed || r.Stage != yizhan.StageConverted {
		t.Errorf("%+v", r)
	}
	now := stationNow(t, s)
	water, charging := now.Services[0], now.Services[1]
	if now.ConfirmedAt != now.ConfirmedAt.Truncate(time.Hour) || water.ConfirmedAt != now.ConfirmedAt || time.Since(now.ConfirmedAt) > 2*time.Hour {
		t.Errorf("confirmed at %v, water at %v", now.ConfirmedAt, water.ConfirmedAt)
	}
	if charging != before.Services[1] {
		t.Errorf("what staff found broken is now %+v", charging)
	}

	// More of the same say nothing new.
	for n := 2; n < 12; n++ {
		if r := submit(t, s, confirmation(n)); r.Renewed || r.Stage != yizhan.StageConverted {
			t.Errorf("%+v", r)
		}
	}
	if again := stationNow(t, s); again.Version != now.Version {
		t.Errorf("ten taps made %d versions", again.Version-now.Version)
	}

	// What a rider says who is nobody in particular does not stop others; what staff took up does.
	aged := *now
	aged.ConfirmedAt, aged.Services = now.ConfirmedAt.Add(-24*time.Hour), slices.Clone(now.Services)
	apply(t, s, yizhan.UpdateOf(&aged))
	submit(t, s, problem(20, yizhan.TopicNoHotWater))
	taken := queue(t, s, keeper, yizhan.ReportQuery{Kind: yizhan.ReportProblem})[0]
	if _, err := s.MoveReport(t.Context(), keeper, taken.ID, taken.Version, yizhan.StageCollected, "", ""); err != nil {
		t.Fatal(err)
	}
	late := confirmation(21)
	late.SeenAt = time.Now().Add(-8 * 24 * time.Hour)
	if r := submit(t, s, late); r.Renewed {
		t.Error("what was seen eight days ago counts as now")
	}
	ahead := confirmation(22)
	ahead.SeenAt = time.Now().Add(300 * time.Hour) // a phone whose clock is off
	if r := submit(t, s, ahead); !r.Renewed {
		t.Errorf("%+v", r)
	}
	if after := stationNow(t, s); after.Services[0].ConfirmedAt != water.ConfirmedAt || after.ConfirmedAt.After(time.Now()) {
		t.Errorf("water, which staff doubt, was confirmed at %v; the station at %v", after.Services[0].ConfirmedAt, after.ConfirmedAt)
	}
	closed := *stationNow(t, s)
	closed.Status = yizhan.StationSuspended
	apply(t, s, yizhan.UpdateOf(&closed))
	if r := submit(t, s, confirmation(23)); r.Renewed || r.Stage != yizhan.StageCalled {
		t.Errorf("a tap overrules staff: %+v", r)
	}
}

func TestReportsAreOfTheirUnit(t *testing.T) {
	s, url := openFixture(t)
	inWest, inEast := keeperOf(t, s, "west", west), keeperOf(t, s, "east", east)
	submit(t, s, problem(1, yizhan.TopicNoHeat))
	submit(t, s, suggestion(2, 2.5, 0.5)) // in the east
	if found := queue(t, s, inWest, yizhan.ReportQuery{}); len(found) != 1 || found[0].Community != west {
		t.Errorf("the west sees %+v", found)
	}
	there := queue(t, s, inEast, yizhan.ReportQuery{})
	if len(there) != 1 || there[0].Community != east {
		t.Fatalf("the east sees %+v", there)
	}
	id, version := there[0].ID, there[0].Version
	_, err := s.Report(t.Context(), inWest, id)
	checkError(t, err, yizhan.CodeNotFound, "id")
	_, err = s.MoveReport(t.Context(), inWest, id, version, yizhan.StageCollected, "", "")
	checkError(t, err, yizhan.CodeNotFound, "id")
	_, err = s.AssignReport(t.Context(), inWest, id, version, "west", time.Time{})
	checkError(t, err, yizhan.CodeNotFound, "id")
	_, err = s.AssignReport(t.Context(), inEast, id, version, "west", time.Time{})
	checkError(t, err, yizhan.CodeInvalid, "assignee")
	_, err = s.ReportPhoto(t.Context(), inWest, id)
	checkError(t, err, yizhan.CodeNotFound, "id")
	_, err = s.Reports(t.Context(), nil, yizhan.ReportQuery{Limit: 1})
	checkError(t, err, yizhan.CodeForbidden, "")

	// The database holds it too, whoever forgets to ask.
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), `SELECT set_config('yizhan.scope', 'reports:`+west+`', false); SET ROLE yizhan_staff`); err != nil {
		t.Fatal(err)
	}
	var seen int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM reports`).Scan(&seen); err != nil || seen != 1 {
		t.Errorf("the role of the west sees %d reports, %v", seen, err)
	}
	done, err := conn.Exec(t.Context(), `UPDATE reports SET stage = 'declined'`)
	if err != nil || done.RowsAffected() != 1 {
		t.Errorf("it changed %d, %v", done.RowsAffected(), err)
	}
	for _, query := range []string{`SELECT sealed FROM reports`, `SELECT code_hash FROM reports`, `UPDATE reports SET body = ''`, `DELETE FROM reports`,
		`INSERT INTO report_photos (report, width, height, jpeg) SELECT id, 1, 1, '\x00000000' FROM reports`} {
		_, err := conn.Exec(t.Context(), query)
		checkState(t, err, "42501", "permission denied")
	}
}

func TestStagesOfAReport(t *testing.T) {
	s, _ := openFixture(t)
	keeper := keeperOf(t, s, "keeper", banner)
	submit(t, s, problem(1, yizhan.TopicNoHeat))
	r := queue(t, s, keeper, yizhan.ReportQuery{})[0]
	if due := r.DueAt.Sub(r.CreatedAt); due < 11*time.Hour || due > 13*time.Hour {
		t.Errorf("a cold room is due after %v", due)
	}
	go1 := func(to yizhan.ReportStage, answer string) error {
		d, err := s.MoveReport(t.Context(), keeper, r.ID, r.Version, to, answer, "note of "+string(to))
		if err == nil {
			r = d.Report
		}
		return err
	}
	checkError(t, go1(yizhan.StageConverted, "done"), yizhan.CodeConflict, "to")
	checkError(t, go1(yizhan.StageDeclined, " "), yizhan.CodeInvalid, "answer")
	for _, to := range []yizhan.ReportStage{yizhan.StageCollected, yizhan.StageHandled} {
		if err := go1(to, ""); err != nil {
			t.Fatal(err)
		}
	}
	if r.Assignee != "keeper" {
		t.Errorf("it is given to %q", r.Assignee)
	}
	// Whoever may read it is told how its people are called; a rider is nobody.
	page, err := s.Reports(t.Context(), keeper, yizhan.ReportQuery{Limit: 1})
	if want := (yizhan.ReportNames{"keeper": keeper.User.DisplayName}); err != nil || !maps.Equal(page.Names, want) {
		t.Errorf("in the queue the names are %v: %v", page.Names, err)
	}
	if d, err := s.Report(t.Context(), keeper, r.ID); err != nil || !maps.Equal(d.Names, page.Names) {
		t.Errorf("of the report the names are %v: %v", d.Names, err)
	}
	stale := r
	if err := go1(yizhan.StageConverted, "暖气修好了"); err != nil {
		t.Fatal(err)
	}
	_, err = s.MoveReport(t.Context(), keeper, stale.ID, stale.Version, yizhan.StageDeclined, "no", "")
	checkError(t, err, yizhan.CodeConflict, "version")
	if told := became(t, s, 1); told.Stage != yizhan.StageConverted || told.Answer != "暖气修好了" {
		t.Errorf("the rider is told %+v", told)
	}
	d, err := s.Report(t.Context(), keeper, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var stages []string
	for _, step := range d.Steps {
		stages = append(stages, step.Actor+" "+string(step.Stage))
	}
	if want := "rider called, keeper collected, keeper handled, keeper converted"; strings.Join(stages, ", ") != want {
		t.Errorf("history %v, want %s", stages, want)
	}
	for from := range map[yizhan.ReportStage]bool{yizhan.StageMerged: true} {
		if moves := yizhan.MovesFrom(from); len(moves) != 0 {
			t.Errorf("from %s: %v", from, moves)
		}
	}
}

func TestMergedReportsAreToldTogether(t *testing.T) {
	s, _ := openFixture(t)
	keeper := keeperOf(t, s, "keeper", banner)
	for n, x := range []float64{0.5, 0.52, 0.54, 1.9} { // 15 m and 29 m apart, and 1 km
		submit(t, s, suggestion(n, x, 0.5))
	}
	found := queue(t, s, keeper, yizhan.ReportQuery{Kind: yizhan.ReportSuggestion})
	slices.SortFunc(found, func(a, b yizhan.Report) int { return int(a.ID - b.ID) })
	d, err := s.Report(t.Context(), keeper, found[0].ID)
	if err != nil || len(d.Duplicates) != 2 || d.Duplicates[0].ID != found[1].ID {
		t.Fatalf("%d duplicates, %v", len(d.Duplicates), err)
	}
	// A chain becomes flat: what was merged before goes along.
	if _, err := s.MergeReport(t.Context(), keeper, found[2].ID, found[2].Version, found[1].ID); err != nil {
		t.Fatal(err)
	}
	middle, err := s.Report(t.Context(), keeper, found[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := s.MergeReport(t.Context(), keeper, middle.ID, middle.Version, found[0].ID)
	if err != nil || whole.Weight != 3 || len(whole.Merged) != 2 {
		t.Fatalf("weight %d, %v", whole.Weight, err)
	}
	_, err = s.MergeReport(t.Context(), keeper, found[3].ID, found[3].Version, found[1].ID)
	checkError(t, err, yizhan.CodeConflict, "into")
	if _, err := s.MoveReport(t.Context(), keeper, whole.ID, whole.Version, yizhan.StageDeclined, "这里不合适", ""); err != nil {
		t.Fatal(err)
	}
	for n, merged := range []bool{false, true, true} {
		if told := became(t, s, n); told.Answer != "这里不合适" || told.Stage != yizhan.StageDeclined || told.Merged != merged {
			t.Errorf("rider %d is told %+v", n, told)
		}
	}
}

func TestSuggestionBecomesAPlannedStation(t *testing.T) {
	s, _ := openFixture(t)
	keeper, planner := keeperOf(t, s, "keeper", banner), principalOf(addUser(t, s, "planner", yizhan.Grant{Role: yizhan.RolePlanner, Unit: banner}))
	submit(t, s, suggestion(1, 1.5, 0.5))
	r := queue(t, s, keeper, yizhan.ReportQuery{})[0]
	planned := yizhan.PlannedStation{Name: "新站", Sponsor: yizhan.SponsorPost}
	_, err := s.ConvertReport(t.Context(), keeper, r.ID, r.Version, planned, "要建了")
	checkError(t, err, yizhan.CodeConflict, "to")
	for _, to := range []yizhan.ReportStage{yizhan.StageCollected, yizhan.StageHandled} {
		d, err := s.MoveReport(t.Context(), keeper, r.ID, r.Version, to, "", "")
		if err != nil {
			t.Fatal(err)
		}
		r = d.Report
		if list, err := s.Suggestions(t.Context(), keeper, banner); err != nil || len(list) != 1 || list[0].Weight != 1 {
			t.Errorf("candidates %+v, %v", list, err)
		}
	}
	_, err = s.ConvertReport(t.Context(), planner, r.ID, r.Version, planned, "要建了")
	checkError(t, err, yizhan.CodeForbidden, "")
	_, err = s.ConvertReport(t.Context(), keeper, r.ID, r.Version, yizhan.PlannedStation{Sponsor: yizhan.SponsorPost}, "要建了")
	checkError(t, err, yizhan.CodeInvalid, "name")
	d, err := s.ConvertReport(t.Context(), keeper, r.ID, r.Version, planned, "要建了")
	if err != nil {
		t.Fatal(err)
	}
	station := get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: d.Result})
	if station.Status != yizhan.StationPlanned || station.Location != at(1.5, 0.5) || station.MicroGrid != west+"002" || d.Result != "150702-0003" || len(station.Services) != 2 || !station.Synthetic {
		t.Errorf("%+v", station)
	}
	if told := became(t, s, 1); told.Result != d.Result || told.Stage != yizhan.StageConverted {
		t.Errorf("the rider is told %+v", told)
	}
	if of := queue(t, s, keeper, yizhan.ReportQuery{Station: d.Result, Stages: yizhan.ReportStages()}); len(of) != 1 {
		t.Errorf("%d reports lead to the station", len(of))
	}
	if list, err := s.Suggestions(t.Context(), keeper, banner); err != nil || len(list) != 0 {
		t.Errorf("candidates %+v, %v", list, err)
	}
	// A report does not keep a station from being deleted.
	if _, err := s.ApplyAs(t.Context(), keeper, yizhan.Changeset{Edits: []yizhan.Edit{deleteOf(station)}}); err != nil {
		t.Fatal(err)
	}
	if told := became(t, s, 1); told.Result != "" || told.Answer != "要建了" {
		t.Errorf("the rider is told %+v", told)
	}
}

func TestHowToReachARider(t *testing.T) {
	s, url, _ := openSealed(t)
	keeper := keeperOf(t, s, "keeper", banner)
	n := problem(1, yizhan.TopicOther)
	n.Text, n.Contact = "门坏了", planted.Phone
	submit(t, s, n)
	r := queue(t, s, keeper, yizhan.ReportQuery{})[0]
	if !r.HasContact {
		t.Error("there is no contact")
	}
	expectNothingPlanted(t, s, url)
	_, err := s.RevealRider(t.Context(), keeper, r.ID, "  ")
	checkError(t, err, yizhan.CodeInvalid, "reason")
	contact, err := s.RevealRider(t.Context(), keeper, r.ID, "问清楚是哪个门")
	if err != nil || contact != planted.Phone {
		t.Errorf("%q, %v", contact, err)
	}
	trail, err := s.Audit(t.Context(), yizhan.System("test"), 0, 1)
	if err != nil || trail[0].Act != "reports.reveal" || trail[0].Detail["reason"] != "问清楚是哪个门" {
		t.Errorf("%+v, %v", trail, err)
	}
	if _, err := s.MoveReport(t.Context(), keeper, r.ID, r.Version, yizhan.StageDeclined, "看不出是哪里", ""); err != nil {
		t.Fatal(err)
	}
	_, err = s.RevealRider(t.Context(), keeper, r.ID, "再问一次")
	checkError(t, err, yizhan.CodeNotFound, "id")
}

// TestStatisticsSumUp: whatever happens to reports, those of the parts are those of the whole, at each stage.
func TestStatisticsSumUp(t *testing.T) {
	s, _ := openFixture(t)
	keeper := keeperOf(t, s, "keeper", city)
	for n := range 12 {
		submit(t, s, suggestion(n, float64(n%4)+0.5, float64(n%2)+0.5))
	}
	for i, r := range queue(t, s, keeper, yizhan.ReportQuery{}) {
		for _, to := range [][]yizhan.ReportStage{{}, {yizhan.StageCollected}, {yizhan.StageCollected, yizhan.StageHandled}, {yizhan.StageDeclined}}[i%4] {
			d, err := s.MoveReport(t.Context(), keeper, r.ID, r.Version, to, "回复", "")
			if err != nil {
				t.Fatal(err)
			}
			r = d.Report
		}
	}
	sums := map[string]map[yizhan.ReportStage]int64{}
	for _, unit := range []string{city, banner, township, west, east} {
		sums[unit] = map[yizhan.ReportStage]int64{}
		counts, err := s.ReportStatistics(t.Context(), keeper, unit)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range counts {
			sums[unit][c.Stage] += c.Count
		}
	}
	for _, stage := range yizhan.ReportStages() {
		if whole := sums[city][stage]; sums[banner][stage] != whole || sums[township][stage] != whole || sums[west][stage]+sums[east][stage] != whole {
			t.Errorf("%s: %v", stage, sums)
		}
	}
	if total := sums[city][yizhan.StageCalled] + sums[city][yizhan.StageCollected] + sums[city][yizhan.StageHandled] + sums[city][yizhan.StageDeclined]; total != 12 {
		t.Errorf("%d reports, want 12", total)
	}
}

func TestReportsAreBounded(t *testing.T) {
	s, url := openFixture(t)
	conn := connect(t, url)
	fill := func(count int, station string) {
		if _, err := conn.Exec(t.Context(), `INSERT INTO reports (code_hash, fingerprint, kind, location, community, body, seen_at, stage, station)
			SELECT sha256(($3 || n)::bytea), sha256('y'), 'confirmation', ST_SetSRID(ST_MakePoint(119, 49), 4326), $2, '', now(), 'converted', nullif($3, '')
			FROM generate_series(1, $1::int) n`, count, west, station); err != nil {
			t.Fatal(err)
		}
	}
	fill(100, "150702-0001")
	_, _, err := s.SubmitReport(t.Context(), problem(1, yizhan.TopicClosed))
	checkError(t, err, yizhan.CodeUnavailable, "")
	submit(t, s, suggestion(2, 0.5, 0.5))
	fill(2_000, "")
	_, _, err = s.SubmitReport(t.Context(), suggestion(3, 0.5, 0.5))
	checkError(t, err, yizhan.CodeUnavailable, "")
	if _, fresh, err := s.SubmitReport(t.Context(), suggestion(2, 0.5, 0.5)); err != nil || fresh {
		t.Errorf("what was taken in is not told again: %v", err)
	}
	far := suggestion(4, 0.5, 0.5)
	far.Location = &orb.Point{10, 10}
	_, _, err = s.SubmitReport(t.Context(), far)
	checkError(t, err, yizhan.CodeInvalid, "location")
}

func TestPhotoIsKept(t *testing.T) {
	s, _ := openFixture(t)
	keeper := keeperOf(t, s, "keeper", banner)
	n := problem(1, yizhan.TopicClosed)
	n.Photo = &yizhan.Photo{JPEG: []byte("\xff\xd8\xff\xd9"), Width: 3, Height: 2}
	submit(t, s, n)
	r := queue(t, s, keeper, yizhan.ReportQuery{})[0]
	photo, err := s.ReportPhoto(t.Context(), keeper, r.ID)
	if err != nil || !bytes.Equal(photo.JPEG, n.Photo.JPEG) || photo.Width != 3 || !r.HasPhoto {
		t.Errorf("%+v, %v", photo, err)
	}
}
