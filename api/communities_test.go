package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
)

// reviewers is a server with a planner, a reviewer and one who is both, all of the first community.
type reviewers struct {
	*doors
	planner, reviewer, both yizhan.User
}

func newReviewers(t *testing.T) *reviewers {
	t.Helper()
	d := newDoors(t)
	in := func(roles ...yizhan.Role) (grants []yizhan.Grant) {
		for _, role := range roles {
			grants = append(grants, yizhan.Grant{Role: role, Unit: herePlace})
		}
		return grants
	}
	return &reviewers{d, d.user(t, "planner", in(yizhan.RolePlanner)...), d.user(t, "reviewer", in(yizhan.RoleReviewer)...), d.user(t, "both", in(yizhan.RolePlanner, yizhan.RoleReviewer)...)}
}

// as asks about the community as somebody; the answer has to be of the status, and goes into a value.
func (r *reviewers) as(t *testing.T, u yizhan.User, method, path, body string, status int, into any) {
	t.Helper()
	r.be(t, u)
	a := r.send(t, method, "/api/communities/"+herePlace+path, body)
	if a.status != status {
		t.Fatalf("%s %s as %s: status %d, want %d: %.600s", method, path, u.Name, a.status, status, a.body)
	}
	if into != nil {
		if err := json.Unmarshal(a.body, into); err != nil {
			t.Fatal(err)
		}
	}
}

// standing is what the tests read of a CommunityReport.
type standing struct {
	CommunitySummary
	Seq       int64        `json:"seq"`
	Published *int64       `json:"published_seq"`
	Hands     []string     `json:"hands"`
	Steps     []StepReport `json:"steps"`
}

func (r *reviewers) state(t *testing.T, u yizhan.User) (report standing) {
	t.Helper()
	r.as(t, u, "GET", "", "", 200, &report)
	return report
}

func (r *reviewers) step(t *testing.T, u yizhan.User, step string, status int) (problem Problem) {
	t.Helper()
	r.as(t, u, "POST", "/"+step, fmt.Sprintf(`{"seq":%d,"note":"看过"}`, r.state(t, u).Seq), status, &problem)
	return problem
}

const diagonal = `[[119.7,49.2],[119.75,49.3]]`

// cut divides the community's one micro-grid from corner to corner: nowhere else has its outline a vertex.
func (r *reviewers) cut(t *testing.T, u yizhan.User, query string, status int) (report RedrawnReport) {
	t.Helper()
	r.as(t, u, "POST", "/cut"+query, `{"micro_grid":{"code":"`+herePlace+`001","version":1},"line":`+diagonal+`,"households":9}`, status, &report)
	return report
}

func TestReviewOverHTTP(t *testing.T) {
	r := newReviewers(t)
	if tried := r.cut(t, r.both, "?dry_run=true", 200); tried.ID != nil || len(tried.MicroGrids) != 2 || !tried.DryRun {
		t.Errorf("%+v", tried)
	}
	if report := r.state(t, r.both); report.Status != "published" || report.MicroGrids.Published != 1 || len(report.Hands) != 0 {
		t.Fatalf("a dry run has changed something: %+v", report)
	}
	if drawn := r.cut(t, r.both, "", 201); drawn.ID == nil || len(drawn.MicroGrids) != 2 || !strings.Contains(string(drawn.MicroGrids[1]), `"households":9`) {
		t.Fatalf("%+v", drawn)
	}
	r.as(t, r.reviewer, "POST", "/cut", `{"micro_grid":{"code":"`+herePlace+`001","version":2},"line":`+diagonal+`}`, 403, nil)

	var diff CommunityDifference
	r.as(t, r.reviewer, "GET", "/difference", "", 200, &diff)
	if len(diff.MicroGrids) != 2 || diff.MicroGrids[0].Change != "changed" || diff.MicroGrids[1].Change != "added" || fmt.Sprint(diff.Added.Coordinates) != "[[[119.7 49.2] [119.75 49.3]]]" || fmt.Sprint(diff.Removed.Coordinates) != "[]" {
		t.Errorf("%v %v %+v", diff.Added, diff.Removed, diff.MicroGrids[0].What)
	}
	r.step(t, r.reviewer, "submit", 403)
	r.step(t, r.both, "submit", 201)
	if report := r.state(t, r.both); report.Status != "in_review" || fmt.Sprint(report.Hands) != "[both]" || report.Steps[2].Why != "own_work" || report.Steps[1].Why != "" {
		t.Errorf("%+v", report)
	}
	if problem := r.step(t, r.both, "publish", 403); !strings.Contains(problem.Detail, "somebody else") {
		t.Errorf("%+v", problem)
	}
	r.step(t, r.planner, "publish", 403)
	r.as(t, r.reviewer, "POST", "/publish", `{"seq":1}`, 409, nil)
	r.step(t, r.reviewer, "return", 201)
	r.step(t, r.planner, "submit", 201)
	r.step(t, r.reviewer, "publish", 201)
	r.step(t, r.reviewer, "publish", 409)
	if report := r.state(t, r.reviewer); report.Status != "published" || report.Published == nil || *report.Published != report.Seq {
		t.Errorf("%+v", report)
	}

	var history CommunityHistory
	r.as(t, r.planner, "GET", "/history?limit=3", "", 200, &history)
	if len(history.Changesets) != 3 || history.Before == nil || *history.Changesets[0].Step != "publish" || history.Changesets[0].Reason != "看过" {
		t.Errorf("%+v", history)
	}
	var blame BlameCollection
	r.as(t, r.planner, "GET", "/blame", "", 200, &blame)
	drawn := ""
	for _, f := range blame.Features {
		if len(f.Properties.MicroGrids) == 2 {
			drawn += f.Properties.Author
		}
	}
	if drawn != "both" {
		t.Errorf("who drew the border between the two: %q", drawn)
	}
	var all CommunityList
	r.be(t, r.planner)
	if a := r.send(t, "GET", "/api/communities?unit=150702", ""); a.status != 200 || json.Unmarshal(a.body, &all) != nil || len(all.Communities) != 2 || all.Communities[0].MicroGrids.Published != 2 {
		t.Errorf("%s", a.body)
	}

	// Back to the beginning, as drafts.
	seq := r.state(t, r.planner).Seq
	start := history.Changesets[0].Seq - 8
	var then CommunityState
	for ; start > 0; start-- {
		if r.as(t, r.planner, "GET", fmt.Sprintf("/at?seq=%d", start), "", 200, &then); len(then.Features) == 1 {
			break
		}
	}
	r.as(t, r.planner, "POST", "/restore", fmt.Sprintf(`{"seq":%d,"base":%d}`, start, seq-1), 409, nil)
	r.as(t, r.planner, "POST", "/restore", fmt.Sprintf(`{"seq":%d,"base":%d}`, start, seq), 201, nil)
	if report := r.state(t, r.planner); report.Status != "draft" || report.MicroGrids.Draft != 1 || report.MicroGrids.Published != 0 {
		t.Errorf("%+v", report)
	}
	r.as(t, r.planner, "GET", "/at?seq=99999", "", 400, nil)
}

func TestMergeAndDivideOverHTTP(t *testing.T) {
	r := newReviewers(t)
	var drawn RedrawnReport
	r.as(t, r.planner, "POST", "/divide", `{"households":40}`, 409, nil)
	r.as(t, r.planner, "POST", "/divide", `{"households":15}`, 201, &drawn)
	if len(drawn.MicroGrids) != 2 {
		t.Fatalf("%+v", drawn)
	}
	r.as(t, r.planner, "POST", "/merge", `{"micro_grids":[{"code":"`+herePlace+`001","version":1},{"code":"`+herePlace+`002","version":1}]}`, 409, nil)
	r.as(t, r.planner, "POST", "/merge", `{"micro_grids":[{"code":"`+herePlace+`001","version":2},{"code":"`+herePlace+`002","version":1}]}`, 201, &drawn)
	if len(drawn.MicroGrids) != 1 || !strings.Contains(string(drawn.MicroGrids[0]), `"households":29`) || fmt.Sprint(drawn.Deleted) != "["+herePlace+"002]" {
		t.Errorf("%+v", drawn)
	}
	var problem Problem
	r.as(t, r.planner, "POST", "/cut", `{"micro_grid":{"code":"`+herePlace+`001","version":3},"line":[[119.72,49.25],[119.73,49.25]]}`, 400, &problem)
	if problem.Where == nil || problem.Where.Features[0].Properties.Kind != "line" {
		t.Errorf("%+v", problem)
	}
	for _, body := range []string{`{}`, `{"micro_grid":{"code":"x","version":1},"line":` + diagonal + `}`, `{"micro_grid":{"code":"` + herePlace + `001","version":3},"line":[[1]]}`,
		`{"micro_grid":{"code":"` + herePlace + `001","version":3},"line":[["a",1],[2,3]]}`, `{"micro_grid":{"code":"` + herePlace + `001","version":3},"line":` + diagonal + `,"households":99}`} {
		r.as(t, r.planner, "POST", "/cut", body, 400, nil)
	}
	r.as(t, r.planner, "POST", "/cut", `{"micro_grid":{"code":"`+therePlace+`001","version":1},"line":`+diagonal+`}`, 404, nil)
}

// What is refused tells where, and what others did, to programs that draw.
func TestRefusedEditsTellPlacesAndConflicts(t *testing.T) {
	r := newReviewers(t)
	r.cut(t, r.planner, "", 201)
	feature := func(ring string) string {
		return `{"reason":"x","edits":[{"op":"update","collection":"micro_grids","code":"` + herePlace + `001","version":%d,"feature":{"type":"Feature",
			"geometry":{"type":"Polygon","coordinates":[` + ring + `]},"properties":{"name":"网格","households":20,"zone":"core","status":"published"}}}]}`
	}
	whole := feature(`[[119.7,49.2],[119.75,49.2],[119.75,49.3],[119.7,49.3],[119.7,49.2]]`)
	r.be(t, r.planner)
	var problem Problem
	a := r.send(t, "POST", changesetsPath, fmt.Sprintf(whole, 2))
	if a.status != 400 || json.Unmarshal(a.body, &problem) != nil || problem.Where == nil || len(problem.Where.Features) != 2 || problem.Where.Features[1].Properties.Kind != "overlap" ||
		problem.Errors[0].Location != "body.edits[0].feature.geometry" {
		t.Errorf("%s", a.body)
	}
	a = r.send(t, "POST", changesetsPath, fmt.Sprintf(whole, 1))
	if a.status != 409 || json.Unmarshal(a.body, &problem) != nil || len(problem.Conflicts) != 1 || problem.Conflicts[0].Version != 1 ||
		!strings.Contains(string(problem.Conflicts[0].Base), `"version":1`) || !strings.Contains(string(problem.Conflicts[0].Theirs), `"version":2`) {
		t.Errorf("%s", a.body)
	}
}

func TestCommentsAndLeasesOverHTTP(t *testing.T) {
	r := newReviewers(t)
	var comment struct {
		ID     int64
		Author string
	}
	r.as(t, r.reviewer, "POST", "/comments", `{"text":"沿河走","location":[119.72,49.25],"micro_grid":"`+herePlace+`001"}`, 201, &comment)
	if comment.Author != "reviewer" {
		t.Errorf("%+v", comment)
	}
	for _, body := range []string{`{"text":""}`, `{"text":"x","micro_grid":"` + therePlace + `001"}`, `{"text":"x","location":[49.25,119.72]}`, `{"text":"x","who":"me"}`} {
		r.as(t, r.reviewer, "POST", "/comments", body, 400, nil)
	}
	r.as(t, r.planner, "PUT", fmt.Sprintf("/comments/%d", comment.ID), `{"resolved":true}`, 200, &comment)
	r.as(t, r.planner, "PUT", "/comments/999", `{"resolved":true}`, 404, nil)
	r.be(t, r.planner)
	list := string(r.send(t, "GET", "/api/communities/"+herePlace+"/comments", "").body)
	if strings.Count(list, `"id":`) != 1 || !strings.Contains(list, `"resolved_by":"planner"`) || !strings.Contains(list, `"location":[119.72,49.25]`) {
		t.Error(list)
	}
	var lease LeaseReport
	r.as(t, r.reviewer, "POST", "/lease", `{}`, 403, nil)
	r.as(t, r.planner, "POST", "/lease", `{}`, 200, &lease)
	r.as(t, r.both, "POST", "/lease", `{}`, 409, nil)
	r.as(t, r.both, "POST", "/lease", `{"take_over":true}`, 200, &lease)
	if who := r.editing(t); who != "both" {
		t.Errorf("%q edits", who)
	}
	r.as(t, r.both, "DELETE", "/lease", "", 204, nil)
	if who := r.editing(t); who != "" {
		t.Errorf("%q edits", who)
	}
}

// editing is who edits the community, empty for nobody.
func (r *reviewers) editing(t *testing.T) string {
	t.Helper()
	var report struct {
		Lease *LeaseReport `json:"lease"`
	}
	if r.as(t, r.planner, "GET", "", "", 200, &report); report.Lease == nil {
		return ""
	}
	return report.Lease.Holder
}

func TestLeadersOfACommunityOverHTTP(t *testing.T) {
	r := newReviewers(t)
	var all CommunityStewards
	r.as(t, r.reviewer, "GET", "/leaders", "", 200, &all)
	if len(all.MicroGrids) != 1 || fmt.Sprint(all.MicroGrids[0].Missing) != "[grid_member party_group_leader]" || !all.MicroGrids[0].Balanced || all.MayEdit || all.MayReveal {
		t.Errorf("%+v", all)
	}
	r.be(t, r.planner)
	var l Steward
	a := r.send(t, "POST", "/api/leaders", `{"micro_grid":"`+herePlace+`001","role":"unit_leader","households":0,"selected":"appointed"}`)
	if a.status != 201 || json.Unmarshal(a.body, &l) != nil || l.Code != herePlace+"00102" {
		t.Fatalf("%s", a.body)
	}
	expect(t, r.send(t, "POST", "/api/leaders", `{"micro_grid":"`+therePlace+`001","role":"unit_leader","households":0,"selected":"appointed"}`), 403, "forbidden")
	expect(t, r.send(t, "PUT", "/api/leaders/"+l.Code+"/contact", `{"name":"王小明","phone":"13800001234"}`), 204, "")
	var balanced BalancedReport
	r.as(t, r.reviewer, "POST", "/leaders/balance", "", 403, nil)
	r.as(t, r.planner, "POST", "/leaders/balance", "", 200, &balanced)
	if len(balanced.Leaders) != 2 || balanced.Leaders[0].Households != 15 || balanced.Leaders[1].Households != 14 || balanced.Leaders[1].MaskedName != "王**" {
		t.Errorf("%+v", balanced)
	}
	if r.as(t, r.planner, "POST", "/leaders/balance", "", 200, &balanced); len(balanced.Leaders) != 0 {
		t.Errorf("balanced already: %+v", balanced)
	}
	change := `{"version":%d,"role":"grid_member","households":0,"selected":"recommended"}`
	expect(t, r.send(t, "PUT", "/api/leaders/"+l.Code, fmt.Sprintf(change, 1)), 409, "conflict")
	expect(t, r.send(t, "PUT", "/api/leaders/"+l.Code, fmt.Sprintf(change, 2)), 200, "")
	if r.as(t, r.planner, "GET", "/leaders", "", 200, &all); fmt.Sprint(all.MicroGrids[0].Missing) != "[party_group_leader]" || all.MicroGrids[0].Balanced {
		t.Errorf("%+v", all)
	}
	expect(t, r.send(t, "DELETE", "/api/leaders/"+l.Code+"?version=3", ""), 204, "")
	expect(t, r.send(t, "DELETE", "/api/leaders/"+l.Code+"?version=3", ""), 409, "conflict")
	expect(t, r.send(t, "PUT", "/api/leaders/"+l.Code, fmt.Sprintf(change, 3)), 404, "not_found")
}
