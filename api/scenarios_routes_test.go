package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/yizhan/yizhan"
)

const scenarioOfAll = `{"name":"再建一站","note":"冬天","author":"规划科","edits":[
	{"kind":"add_station","location":[119.74,49.21],"services":["water","rest"],"opening_hours":"24/7","capacity":8,"heated":true},
	{"kind":"move_station","station":"S-001","location":[119.75,49.22]},
	{"kind":"set_hours","station":"S-002","opening_hours":""},
	{"kind":"set_services","station":"S-002","services":[]},
	{"kind":"set_capacity","station":"new-1","capacity":12},
	{"kind":"close_station","station":"S-003"},
	{"kind":"scale_demand","unit":"150702","per_mille":1200}]}`

func TestScenarioIsKeptAsItWasSent(t *testing.T) {
	w := newStage(t, byAnalyst)
	made := w.send(t, "POST", "/api/scenarios", scenarioOfAll)
	if made.status != 201 || made.header.Get("ETag") != `"1"` || made.header.Get("Location") != "/api/scenarios/"+scenarioIDAt(1) {
		t.Fatalf("status %d, %v: %s", made.status, made.header, made.body)
	}
	var report struct {
		Seq   int64
		Edits json.RawMessage
	}
	if err := json.Unmarshal(made.body, &report); err != nil {
		t.Fatal(err)
	}
	want := `[{"kind":"add_station","station":"new-1","name":"","location":[119.74,49.21],"services":["water","rest"],"opening_hours":"24/7","capacity":8,"heated":true},` +
		`{"kind":"move_station","station":"S-001","location":[119.75,49.22]},{"kind":"set_hours","station":"S-002","opening_hours":""},` +
		`{"kind":"set_services","station":"S-002","services":[]},{"kind":"set_capacity","station":"new-1","capacity":12},` +
		`{"kind":"close_station","station":"S-003"},{"kind":"scale_demand","unit":"150702","per_mille":1200}]`
	if report.Seq != 42 || string(report.Edits) != want {
		t.Errorf("seq %d, edits %s", report.Seq, report.Edits)
	}
	again := w.get(t, made.header.Get("Location"))
	if again.status != 200 || string(again.body) != string(made.body) || again.header.Get("ETag") != `"1"` {
		t.Errorf("asked for, status %d: %s", again.status, again.body)
	}
	scenario{target: made.header.Get("Location"), headers: []string{"If-None-Match", `"1"`}, status: 304}.check(t, w)
	back := fmt.Sprintf(`{"name":"同上","edits":%s}`, report.Edits)
	replaced := w.send(t, "PUT", made.header.Get("Location"), back, "If-Match", `"1"`)
	if replaced.status != 200 || replaced.header.Get("ETag") != `"2"` || !strings.Contains(string(replaced.body), want) || !strings.Contains(string(replaced.body), `"author":"规划科"`) {
		t.Errorf("sent back, status %d: %s", replaced.status, replaced.body)
	}
}

func TestScenarioConditions(t *testing.T) {
	w := newStage(t, byAnalyst)
	body := `{"name":"一","edits":[]}`
	at := w.send(t, "POST", "/api/scenarios", body).header.Get("Location")
	for _, try := range []struct {
		method, target, ifMatch string
		status                  int
		etag                    string
	}{
		{"PUT", at, "", 428, ""},
		{"DELETE", at, "", 428, ""},
		{"POST", at + "/rebase", "", 428, ""},
		{"PUT", at, `"2"`, 412, `"1"`},
		{"DELETE", at, `"7"`, 412, `"1"`},
		{"POST", at + "/rebase", `"7"`, 412, `"1"`},
		{"PUT", at, `W/"1"`, 400, ""},
		{"PUT", at, `1`, 400, ""},
		{"PUT", at, `"x"`, 400, ""},
		{"PUT", at, `"1-gzip"`, 200, `"2"`},
		{"PUT", at, `*`, 200, `"3"`},
		{"DELETE", at, `"2"`, 412, `"3"`},
		{"DELETE", at, `"3"`, 204, ""},
		{"DELETE", at, `"3"`, 404, ""},
		{"PUT", at, `*`, 404, ""},
		{"PUT", "/api/scenarios/nonsense", `*`, 404, ""},
	} {
		sent := ""
		if try.method == "PUT" {
			sent = body
		}
		headers := []string{"If-Match", try.ifMatch}
		if try.ifMatch == "" {
			headers = nil
		}
		a := w.send(t, try.method, try.target, sent, headers...)
		if a.status != try.status || a.header.Get("ETag") != try.etag {
			t.Errorf("%s with %s: status %d, ETag %s: %s", try.method, try.ifMatch, a.status, a.header.Get("ETag"), a.body)
		}
		if a.status == 204 && len(a.body) != 0 {
			t.Errorf("204 with %q", a.body)
		}
	}
}

// Of many who replace one version at the same time, one wins.
func TestScenarioIsReplacedOnce(t *testing.T) {
	w := newStage(t, byAnalyst)
	at := w.send(t, "POST", "/api/scenarios", `{"name":"一","edits":[]}`).header.Get("Location")
	statuses := make([]int, 20)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() {
			statuses[i] = w.send(t, "PUT", at, fmt.Sprintf(`{"name":"第%d","edits":[]}`, i), "If-Match", `"1"`).status
		})
	}
	group.Wait()
	slices.Sort(statuses)
	if statuses[0] != 200 || statuses[1] != 412 || statuses[len(statuses)-1] != 412 {
		t.Errorf("statuses %v", statuses)
	}
}

func TestBadScenarios(t *testing.T) {
	w := newStage(t, byAnalyst)
	edit := func(text string) string {
		return `{"name":"x","edits":[{"kind":"close_station","station":"S-003"},` + text + `]}`
	}
	for name, bad := range map[string]struct {
		body string
		has  []string
	}{
		"empty":                  {"  ", []string{"is empty"}},
		"not JSON":               {`{"name":`, []string{"is not JSON"}},
		"two values":             {`{"name":"x","edits":[]} {}`, []string{"after its end"}},
		"an array":               {`[]`, []string{`"location":"body"`, "object"}},
		"no name":                {`{"edits":[]}`, []string{"name"}},
		"empty name":             {`{"name":"","edits":[]}`, []string{`"body.name"`}},
		"no edits":               {`{"name":"x"}`, []string{"edits"}},
		"null edits":             {`{"name":"x","edits":null}`, []string{`"body.edits"`}},
		"unknown member":         {`{"name":"x","edits":[],"colour":"red"}`, []string{`"body.colour"`, "is unknown here"}},
		"member of another case": {`{"Name":"x","name":"x","edits":[]}`, []string{`"body.Name"`}},
		"member twice":           {`{"name":"x","name":"y","edits":[]}`, []string{"twice"}},
		"not UTF-8":              {"{\"name\":\"\xff\",\"edits\":[]}", []string{"UTF-8"}},
		"deep":                   {`{"name":"x","edits":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`, []string{"nested deeper"}},
		"huge number":            {edit(`{"kind":"set_capacity","station":"S-002","capacity":1e999}`), []string{"out of range"}},
		"half a seat":            {edit(`{"kind":"set_capacity","station":"S-002","capacity":1.5}`), []string{`"body.edits[1].capacity"`}},
		"unknown member inside":  {edit(`{"kind":"close_station","station":"S-002","reason":"x"}`), []string{`"body.edits[1].reason"`}},
		"unknown kind":           {edit(`{"kind":"burn_station","station":"S-002"}`), []string{`"body.edits[1].kind"`}},
		"no station":             {edit(`{"kind":"close_station"}`), []string{`"body.edits[1].station"`, "is needed by close_station"}},
		"not taken":              {edit(`{"kind":"close_station","station":"S-002","capacity":3}`), []string{`"body.edits[1].capacity"`, "is not taken by"}},
		"no place":               {edit(`{"kind":"add_station"}`), []string{`"body.edits[1].location"`, "is needed by"}},
		"a place of three":       {edit(`{"kind":"add_station","location":[119,49,5]}`), []string{`"body.edits[1].location"`}},
		"a place outside":        {edit(`{"kind":"add_station","location":[100,20]}`), []string{`"body.edits[1].location"`, "outside of the city"}},
		"swapped":                {edit(`{"kind":"add_station","location":[49.2,119.7]}`), []string{`"body.edits[1].location"`}},
		"unknown service":        {edit(`{"kind":"set_services","station":"S-002","services":["beer"]}`), []string{`"body.edits[1].services`}},
		"service twice":          {edit(`{"kind":"set_services","station":"S-002","services":["water","water"]}`), []string{`"body.edits[1].services`}},
		"hours":                  {edit(`{"kind":"set_hours","station":"S-002","opening_hours":"always"}`), []string{`"body.edits[1].opening_hours"`}},
		"closed before":          {edit(`{"kind":"move_station","station":"S-003","location":[119.7,49.2]}`), []string{`"body.edits[1].station"`, "is closed by edits[0]"}},
		"no such station":        {edit(`{"kind":"close_station","station":"S-999"}`), []string{`"body.edits[1].station"`, "S-999 does not exist at seq 42"}},
		"no such unit":           {edit(`{"kind":"scale_demand","unit":"150799","per_mille":1000}`), []string{`"body.edits[1].unit"`, "does not exist"}},
		"too much":               {edit(`{"kind":"scale_demand","unit":"150702","per_mille":10001}`), []string{`"body.edits[1].per_mille"`}},
		"seq to come":            {`{"name":"x","edits":[],"seq":43}`, []string{`"body.seq"`, "after the last change"}},
		"seq below 0":            {`{"name":"x","edits":[],"seq":-1}`, []string{`"body.seq"`}},
		"too many edits":         {`{"name":"x","edits":[` + strings.TrimSuffix(strings.Repeat(`{"kind":"close_station","station":"S-002"},`, 1001), ",") + `]}`, []string{`"body.edits"`}},
		"hostile member":         {`{"name":"x","edits":[],"<script>alert(1)</script>":1}`, []string{"body."}},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.send(t, "POST", "/api/scenarios", bad.body)
			if a.status != 400 || strings.Contains(string(a.body), "<script>") {
				t.Errorf("status %d: %s", a.status, a.body)
			}
			for _, has := range bad.has {
				if !strings.Contains(string(a.body), has) {
					t.Errorf("has no %s: %s", has, a.body)
				}
			}
		})
	}
	if len(w.kept.all) != 0 {
		t.Errorf("%d were kept", len(w.kept.all))
	}
}

func TestBodiesThatAreNotRead(t *testing.T) {
	w := newStage(t, byAnalyst)
	body := `{"name":"x","edits":[]}`
	for name, try := range map[string]struct {
		headers []string
		status  int
	}{
		"text":       {[]string{"Content-Type", "text/plain"}, 415},
		"form":       {[]string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		"none":       {[]string{"Content-Type", ""}, 415},
		"compressed": {[]string{"Content-Encoding", "gzip"}, 415},
		"a charset":  {[]string{"Content-Type", "application/json; charset=utf-8"}, 201},
	} {
		t.Run(name, func(t *testing.T) {
			if a := w.send(t, "POST", "/api/scenarios", body, try.headers...); a.status != try.status {
				t.Errorf("status %d: %s", a.status, a.body)
			}
		})
	}
}

func TestScenarioPages(t *testing.T) {
	w := newStage(t, byAnalyst)
	for i := range 7 {
		w.send(t, "POST", "/api/scenarios", fmt.Sprintf(`{"name":"第%d","edits":[{"kind":"close_station","station":"S-001"}]}`, i+1))
	}
	var names []string
	for target := "/api/scenarios?limit=3"; target != "" && len(names) < 20; {
		var page struct {
			Scenarios []struct {
				Name      string
				EditCount int `json:"edit_count"`
			}
			Links []Link
		}
		a := w.get(t, target)
		if err := json.Unmarshal(a.body, &page); err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Scenarios {
			if names = append(names, s.Name); s.EditCount != 1 {
				t.Errorf("%+v", s)
			}
		}
		target = ""
		for _, link := range page.Links {
			if link.Rel == "next" {
				target = strings.TrimPrefix(link.Href, "http://example.com")
			}
		}
		w.send(t, "POST", "/api/scenarios", `{"name":"一边来的","edits":[]}`) // newer: on no later page
	}
	if want := []string{"第7", "第6", "第5", "第4", "第3", "第2", "第1"}; !slices.Equal(names, want) {
		t.Errorf("pages give %v", names)
	}
	for _, cursor := range []string{"AAAA", "____________________________", encodeCursor("S-001")} {
		scenario{target: "/api/scenarios?after=" + cursor, status: 400, code: "invalid_parameter", has: []string{"query.after"}}.check(t, w)
	}
}

func TestRebase(t *testing.T) {
	w := newStage(t, byAnalyst)
	at := w.send(t, "POST", "/api/scenarios", `{"name":"x","seq":40,"edits":[{"kind":"close_station","station":"S-001"},
		{"kind":"move_station","station":"S-002","location":[119.75,49.22]},{"kind":"set_hours","station":"S-002","opening_hours":"24/7"},
		{"kind":"scale_demand","unit":"150781","per_mille":500},{"kind":"add_station","location":[119.74,49.21]}]}`).header.Get("Location")
	whole := w.city
	fewer := *whole
	fewer.Stations, fewer.Units = map[string]*yizhan.Station{"S-001": whole.Stations["S-001"]}, map[string]*yizhan.Unit{"150700": whole.Units["150700"]}
	w.city = &fewer
	a := w.send(t, "POST", at+"/rebase", "", "If-Match", `"1"`)
	if a.status != 409 {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	var problem Problem
	if err := json.Unmarshal(a.body, &problem); err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, fault := range problem.Errors {
		places = append(places, fault.Location)
	}
	if want := []string{"edits[1].station", "edits[2].station", "edits[3].unit"}; !slices.Equal(places, want) {
		t.Errorf("names %v: %s", places, a.body)
	}
	scenario{target: at, status: 200, has: []string{`"seq":40`}}.check(t, w)
	w.city = whole
	moved := w.send(t, "POST", at+"/rebase", "", "If-Match", `"1"`)
	if moved.status != 200 || moved.header.Get("ETag") != `"2"` || !strings.Contains(string(moved.body), `"seq":42`) {
		t.Errorf("status %d: %s", moved.status, moved.body)
	}
	if same := w.send(t, "POST", at+"/rebase", "", "If-Match", `"2"`); same.status != 200 || same.header.Get("ETag") != `"2"` {
		t.Errorf("again: status %d: %s", same.status, same.body)
	}
}

// Somebody may be faster between our look and our edit.
func TestScenarioChangesMeanwhile(t *testing.T) {
	w := newStage(t, byAnalyst)
	at := w.send(t, "POST", "/api/scenarios", `{"name":"一","edits":[]}`).header.Get("Location")
	swap := w.kept.replace
	w.kept.replace = func(ctx context.Context, s yizhan.Scenario) (*yizhan.Scenario, error) {
		if _, err := w.kept.swap(ctx, s); err != nil {
			return nil, err
		}
		return swap(ctx, s)
	}
	if a := w.send(t, "PUT", at, `{"name":"二","edits":[]}`, "If-Match", `"1"`); a.status != 412 || a.header.Get("ETag") != `"2"` {
		t.Errorf("status %d, ETag %s: %s", a.status, a.header.Get("ETag"), a.body)
	}
}

func TestWithoutScenarios(t *testing.T) {
	w := newStage(t, byAnalyst, func(w *stage) { w.options.Scenarios = nil })
	for _, try := range [][2]string{{http.MethodGet, "/api/scenarios"}, {http.MethodGet, "/api/scenarios/" + scenarioIDAt(1)}} {
		if a := w.ask(t, try[0], try[1]); a.status != 503 {
			t.Errorf("%v: status %d", try, a.status)
		}
	}
	if a := w.send(t, "POST", "/api/scenarios", `{"name":"x","edits":[]}`); a.status != 503 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

// Everybody may look at a scenario whose address they have; only its owner, and who looks after all of them, may
// change it.
func TestScenariosAreTheirOwners(t *testing.T) {
	w := newStage(t, byAnalyst)
	body := `{"name":"一","edits":[]}`
	made := w.send(t, "POST", "/api/scenarios", body)
	at := made.header.Get("Location")
	if made.status != 201 || !strings.Contains(string(made.body), `"owner":7`) {
		t.Fatalf("status %d: %s", made.status, made.body)
	}
	edits := [][2]string{{"PUT", at}, {"POST", at + "/rebase"}, {"DELETE", at}}
	for _, who := range []struct {
		id     int64
		role   yizhan.Role
		status int    // of an edit at a version that is not there
		code   string // of making one
	}{
		{0, "", 401, "unauthenticated"},
		{8, yizhan.RoleViewer, 403, "forbidden"},
		{8, yizhan.RoleStationKeeper, 403, "forbidden"},
		{8, yizhan.RolePlanner, 403, ""},
		{8, yizhan.RoleReviewer, 403, ""},
		{8, yizhan.RoleAnalyst, 403, ""},
		{8, yizhan.RoleAdmin, 412, ""},
		{7, yizhan.RoleViewer, 403, "forbidden"}, // is no analyst any more
		{7, yizhan.RoleAnalyst, 412, ""},
	} {
		w.by = nil
		if who.role != "" {
			w.by = &yizhan.Principal{User: yizhan.User{ID: who.id}, Grants: []yizhan.Grant{{Role: who.role, Unit: "150702"}}}
		}
		for _, edit := range edits {
			sent := ""
			if edit[0] == "PUT" {
				sent = body
			}
			if a := w.send(t, edit[0], edit[1], sent, "If-Match", `"9"`); a.status != who.status {
				t.Errorf("%+v: %v: status %d: %s", who, edit, a.status, a.body)
			}
		}
		if a := w.send(t, "POST", "/api/scenarios", body); (who.code == "") != (a.status == 201) || !strings.Contains(string(a.body), who.code) {
			t.Errorf("%+v: making one: status %d: %s", who, a.status, a.body)
		}
		list := 200
		if who.role == "" {
			list = 401
		}
		if a := w.get(t, "/api/scenarios"); a.status != list {
			t.Errorf("%+v: the list: status %d: %s", who, a.status, a.body)
		}
		for _, target := range []string{at, at + "/difference", "/api/scenarios/compare?ids=city," + strings.TrimPrefix(at, "/api/scenarios/")} {
			if a := w.get(t, target); a.status != 200 {
				t.Errorf("%+v: %s: status %d: %s", who, target, a.status, a.body)
			}
		}
	}
}

// Tables to take away are for those whose role allows it; the same figures to look at are for everybody.
func TestWhoMayExport(t *testing.T) {
	w := newStage(t, byAnalyst)
	for _, role := range append([]yizhan.Role{""}, yizhan.Roles()...) {
		w.by = nil
		if role != "" {
			w.by = &yizhan.Principal{Grants: []yizhan.Grant{{Role: role, Unit: "150702"}}}
		}
		want := 200
		if !w.by.May(yizhan.ActExport, "") {
			if want = 403; role == "" {
				want = 401
			}
		}
		for _, target := range []string{"/api/coverage/ranking?level=banner", "/api/coverage/cells?bbox=119,49,120,50", "/api/gaps?limit=5"} {
			for _, format := range []string{"csv", "excel-csv", "xlsx"} {
				for _, method := range []string{"GET", "HEAD"} {
					a := w.ask(t, method, target+"&format="+format)
					if a.status != want || want == 200 && a.header.Get("Cache-Control") != "private, no-cache" {
						t.Errorf("%q: %s %s as %s: status %d, want %d, %q", role, method, target, format, a.status, want, a.header.Get("Cache-Control"))
					}
				}
			}
			if a := w.get(t, target+"&format=json"); a.status != 200 {
				t.Errorf("%q: %s as json: status %d", role, target, a.status)
			}
		}
	}
}
