package api

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
)

func TestQuestionsReachThePicture(t *testing.T) {
	var heard views.Question
	w := newStage(t)
	w.coverage.now.hours = func(q views.Question, unit string) (views.Hours, error) {
		heard = q
		return newFakePicture(42, nil).hours(q, unit)
	}
	figures := w.coverage.now.figures
	w.coverage.now.figures = func(q views.Question, unit string) (views.Figures, error) {
		heard = q
		return figures(q, unit)
	}
	for target, want := range map[string]views.Question{
		"/api/coverage": {},
		"/api/coverage?mode=radius&radius_m=500&service=water":         {Mode: "radius", RadiusM: 500, Services: "water"},
		"/api/coverage?services=toilet,water&rule=all":                 {Services: "water,toilet", Rule: "all"},
		"/api/coverage?mode=walk&minutes=10":                           {Mode: "walk", Minutes: 10},
		"/api/coverage?mode=ebike&rule=one_stop&services=rest":         {Mode: "ebike", Rule: "one_stop", Services: "rest"},
		"/api/coverage?quarter=0":                                      {Quarter: 1},
		"/api/coverage?quarter=671&week=2026-02-16":                    {Quarter: 672, Week: "2026-02-16"},
		"/api/coverage?at=now":                                         {Quarter: 1 + (24+12)*4, Week: "2026-03-09"}, // Tuesday noon
		"/api/coverage?at=2026-02-16T00:14:59%2B08:00":                 {Quarter: 1, Week: "2026-02-16"},
		"/api/coverage?at=2026-02-22T23:59:59+08:00":                   {Quarter: 672, Week: "2026-02-16"},
		"/api/coverage?profile=lunch&week=2026-02-16":                  {Profile: "lunch", Week: "2026-02-16"},
		"/api/coverage?temperature_c=-25.5":                            {Cold: true, Celsius: -25.5},
		"/api/coverage?temperature_c=0":                                {Cold: true},
		"/api/coverage/hours?service=water&week=2026-02-16&mode=ebike": {Services: "water", Week: "2026-02-16", Mode: "ebike"},
	} {
		heard = views.Question{RadiusM: -1}
		if a := w.get(t, target); a.status != 200 || heard != want {
			t.Errorf("%s: status %d, asks %+v, want %+v: %.300s", target, a.status, heard, want, a.body)
		}
	}
}

func TestCoverageAnswers(t *testing.T) {
	age := map[string]string{"X-Yizhan-Seq": "42", "X-Yizhan-Age": "3"}
	runScenarios(t, []scenario{
		{name: "plain", target: "/api/coverage", status: 200, header: age, has: []string{`"seq":42,"scenario":null,"model":{"radius_m":1000,"service":"",`,
			`"covered":45,"cross_covered":15,"unmet":15,"share":0.75,"stations":3,"covered_possible":50`, `"p50_m":{"known":1234.6,"possible":1234.6}`, `"gini":{"known":0.75`, `"rate":{"known":null,"possible":null}`,
			`"unmet_weight":{"known":10,"possible":15}`}, hasNot: []string{"seats_a_household", `"served"`}},
		{name: "more", target: "/api/coverage?include=access,served&households_a_seat=4", status: 200, has: []string{`"seats_a_household":{"known":0.012345679,"possible":null}`,
			`"served":{"households_a_seat":4,"in_reach":45,"served_millionths":30000000,"share":0.5,"capacity":30`, `"stations":["S-001"]`}},
		{name: "at a moment", target: "/api/coverage?at=now", status: 200, has: []string{`"quarter":144,"week":"2026-03-09"`}},
		{name: "hours", target: "/api/coverage/hours?service=water", status: 200, header: age, has: []string{`"service":"water","covered":[0,0,0,0,0,0,0,0,0,45.25,0`, `"service":null`}},
		{name: "ranking", target: "/api/coverage/ranking?level=banner", status: 200, header: age, has: []string{`"level":"banner","within":null`, `"rank":1,"code":"150702"`, `"rank":2,"code":"150781"`}},
		{name: "ranking within", target: "/api/coverage/ranking?level=township&within=150702", status: 200, has: []string{`"within":"150702"`}},
		{name: "ranking within nothing", target: "/api/coverage/ranking?level=township&within=159999", status: 404, code: "not_found"},
		{name: "cells", target: "/api/coverage/cells?bbox=119,49,120,50", status: 200, header: age, has: []string{`"seq":42,"scenario":null,"model":{`, `"resolution":8,"cells":[["881ec9b64bfffff",60,45,50]]}`}},
		{name: "gaps", target: "/api/gaps?limit=1&unit=150702", status: 200, header: age, has: []string{`"total":2,"cells":3,"households":20`, `"center":[119.7364,49.2122],"bbox":[119.7,49.2,119.71,49.21],"reason":"none_in_reach"`,
			`"nearest":{"code":"S-001","name":"驿站","location":[119.7364,49.2122],"edge_m":1234.6}`, `"best_site":{"h3":"881ec9b64bfffff"`}, hasNot: []string{"coordinates", "881ec9b64dfffff"}},
		{name: "gaps at once", target: "/api/gaps?limit=1&sketch=true", status: 200, header: age, has: []string{`"reason":"none_in_reach"`, `"best_site":null`}, hasNot: []string{"coordinates"}},
		{name: "trend", target: "/api/coverage/trend?days=30&service=water", status: 200, header: age, has: []string{`"households":30,"from":"2026-03-10","since":null,"points":[{"at":"2026-03-10T`, `"seq":42,"covered":20,"covered_possible":25,"cross_covered":0,"stations":3}`}},
		{name: "gaps without a station", target: "/api/gaps", status: 200, has: []string{`"nearest":null`, `"units":[]`}},
		{name: "gaps as GeoJSON", target: "/api/gaps?format=geojson", status: 200, has: []string{`"type":"FeatureCollection","seq":42`, `"coordinates":[[[[119.7,49.2]`}, header: map[string]string{"Content-Type": "application/geo+json"}},
		{name: "gaps of no unit", target: "/api/gaps?unit=159999", status: 404, code: "not_found"},
		{name: "one gap", target: "/api/gaps/881ec9b64bfffff?service=water", status: 200, has: []string{`"id":"881ec9b64bfffff"`, `"basis":{"seq":42`, `"service":"water"`}, header: map[string]string{"Content-Type": "application/geo+json"}},
		{name: "no such gap", target: "/api/gaps/881ec9b64cfffff", status: 404, code: "not_found"},
		{name: "no gap at all", target: "/api/gaps/8a1ec9b64a6ffff", status: 404, code: "not_found"},
		{name: "explain a place", target: "/api/explain?lng=119.7364&lat=49.2122", status: 200, header: age, has: []string{`"formula":[{"name":"reach"`, `"unit":null`, `"distance_m":12.35`, `"counts":"yes"`, `"opening_hours":"24/7"`, `"services_possible":[]`}},
		{name: "explain a cell", target: "/api/explain?cell=881ec9b64bfffff", status: 200, has: []string{`"h3":"881ec9b64bfffff"`}},
		{name: "explain the city", target: "/api/explain", status: 200, has: []string{`"cell":null`, `"counts":"perhaps","reached":40,"alone":3`}},
		{name: "explain no unit", target: "/api/explain?unit=159999", status: 404, code: "not_found"},
		{name: "explain another cell", target: "/api/explain?cell=8a1ec9b64a6ffff", status: 400, code: "invalid_parameter", has: []string{"query.cell"}},
	})
}

func TestBadQuestions(t *testing.T) {
	bad := func(name, target string, has ...string) scenario {
		return scenario{name: name, target: target, status: 400, code: "invalid_parameter", has: has}
	}
	runScenarios(t, []scenario{
		bad("no such mode", "/api/coverage?mode=swim", "query.mode"),
		bad("minutes of a radius", "/api/coverage?minutes=10", "query.minutes", "modes walk and ebike"),
		bad("a radius of a walk", "/api/coverage?mode=walk&radius_m=500", "query.radius_m"),
		bad("radius 0", "/api/coverage?radius_m=0", "query.radius_m", "from 100 to 10000"),
		bad("radius of 10,000 km", "/api/coverage?radius_m=10000000", "query.radius_m"),
		bad("minutes without end", "/api/coverage?mode=walk&minutes=1e9", "query.minutes"),
		bad("both services", "/api/coverage?service=water&services=rest", "query.service"),
		bad("a service twice", "/api/coverage?services=water,water", "query.services", "twice"),
		bad("no such rule", "/api/coverage?services=water,rest&rule=some", "query.rule"),
		bad("a rule of nothing", "/api/coverage?rule=all", "query.rule"),
		bad("both moments", "/api/coverage?at=now&quarter=3", "query.at"),
		bad("a moment and a week", "/api/coverage?at=now&week=2026-02-16", "query.at"),
		bad("no moment", "/api/coverage?at=yesterday", "query.at"),
		bad("31 February", "/api/coverage?at=2026-02-31T12:30:00Z", "query.at"),
		bad("far away", "/api/coverage?at=9999-02-17T12:30:00Z", "query.at", "2000 to 2100"),
		bad("quarter 672", "/api/coverage?quarter=672", "query.quarter"),
		bad("a Tuesday", "/api/coverage?week=2026-02-17&profile=lunch", "query.week"),
		bad("no date", "/api/coverage?week=2026-02-31&profile=lunch", "query.week"),
		bad("not a date", "/api/coverage?week=soon", "query.week"),
		bad("a profile of a moment", "/api/coverage?quarter=3&profile=lunch", "query.profile"),
		bad("a sketch of gaps as GeoJSON", "/api/gaps?sketch=true&format=geojson", "query.sketch", "JSON only"),
		bad("a trend of no days", "/api/coverage/trend?days=0", "query.days", "1"),
		bad("a trend of a lifetime", "/api/coverage/trend?days=367", "query.days", "366"),
		bad("a moment of hours", "/api/coverage/hours?at=now", "query.at", "is unknown"),
		bad("colder than cold", "/api/coverage?temperature_c=-273", "query.temperature_c"),
		bad("no temperature", "/api/coverage?temperature_c=NaN", "query.temperature_c"),
		bad("no scenario", "/api/coverage?scenario=x", "query.scenario"),
		bad("include", "/api/coverage?include=everything", "query.include"),
		bad("seats", "/api/coverage?include=served&households_a_seat=0", "query.households_a_seat"),
		bad("ranking without a level", "/api/coverage/ranking", "query.level", "is required"),
		bad("ranking of cities", "/api/coverage/ranking?level=city", "query.level"),
		bad("format", "/api/coverage/ranking?level=banner&format=pdf", "query.format"),
		bad("a unit without a place", "/api/coverage/ranking?level=banner&format=parquet", "query.format", "150781"),
		bad("gaps without end", "/api/gaps?limit=1001", "query.limit"),
		bad("two places", "/api/explain?unit=150702&cell=881ec9b64bfffff", "more than one"),
		bad("half a place", "/api/explain?lng=119", "query.lat"),
		bad("the other half", "/api/explain?lat=49", "query.lng"),
		bad("swapped", "/api/explain?lng=49.2122&lat=119.7364", "look swapped"),
		bad("compare nothing", "/api/scenarios/compare", "query.ids"),
		bad("compare nonsense", "/api/scenarios/compare?ids=a,b", "query.ids"),
		bad("compare twice", "/api/scenarios/compare?ids=city,city", "query.ids", "twice"),
		{name: "of no scenario", target: "/api/coverage?scenario=aaaaaaaaaaaaaaaa", status: 404, code: "not_found"},
		{name: "compare with none", target: "/api/scenarios/compare?ids=city,aaaaaaaaaaaaaaaa", status: 404, code: "not_found"},
		{name: "no difference", target: "/api/scenarios/aaaaaaaaaaaaaaaa/difference", status: 404, code: "not_found"},
	}, byAnalyst)
}

func TestUnderAScenario(t *testing.T) {
	w := newStage(t, byAnalyst)
	id := strings.TrimPrefix(w.send(t, "POST", "/api/scenarios", `{"name":"少一站","edits":[{"kind":"close_station","station":"S-001"}]}`).header.Get("Location"), "/api/scenarios/")
	older := strings.TrimPrefix(w.send(t, "POST", "/api/scenarios", `{"name":"从前","seq":40,"edits":[]}`).header.Get("Location"), "/api/scenarios/")
	named := `"scenario":{"id":"` + id + `","version":1,"name":"少一站"}`
	for _, s := range []scenario{
		{name: "figures", target: "/api/coverage?scenario=" + id, status: 200, has: []string{named}},
		{name: "cells", target: "/api/coverage/cells?bbox=119,49,120,50&scenario=" + id, status: 200, has: []string{named}},
		{name: "gaps", target: "/api/gaps?scenario=" + id, status: 200, has: []string{named}},
		{name: "difference", target: "/api/scenarios/" + id + "/difference?service=water", status: 200,
			has: []string{named, `"base":{"seq":42,"scenario":null`, `"after":null`, `"kind":"closed","before":["881ec9b64bfffff"],"after":[]`, `"type":"MultiPolygon"`}},
		{name: "difference of an old one", target: "/api/scenarios/" + older + "/difference", status: 200, has: []string{`"base":{"seq":40,"scenario":null`}, header: map[string]string{"X-Yizhan-Seq": "40"}},
		{name: "compare", target: "/api/scenarios/compare?ids=city," + id + "," + older, status: 200,
			has: []string{`"pictures":[{"seq":42,"scenario":null},{"seq":42,` + named, `{"seq":40,`, `"breaks":[0.5,0.75]`, `"classes":[1,1,1]`, `"figures":[null,null,null],"classes":[null,null,null]`}},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, w) })
	}
	w.coverage.pictureOf = func(context.Context, *yizhan.Scenario) (Picture, error) {
		return nil, yizhan.Invalid("edits[0].station", "S-001 does not exist at seq 42")
	}
	scenario{target: "/api/coverage?scenario=" + id, status: 400, code: "invalid_parameter", has: []string{`"query.scenario"`, "edits[0].station S-001"}}.check(t, w)
	w.coverage.picture = func() (Picture, error) {
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the coverage is still being built")
	}
	for _, target := range []string{"/api/coverage", "/api/coverage/hours", "/api/gaps", "/api/explain", "/api/coverage/ranking?level=banner", "/api/scenarios/compare?ids=city"} {
		scenario{target: target, status: 503, code: "unavailable"}.check(t, w)
	}
}

func TestExports(t *testing.T) {
	w := newStage(t, byAnalyst)
	for _, target := range []string{"/api/coverage/ranking?level=banner", "/api/coverage/cells?bbox=119,49,120,50&service=water", "/api/gaps?temperature_c=-25"} {
		for format, begins := range map[string]string{"csv": "", "excel-csv": "\ufeff", "xlsx": "PK", "parquet": "PAR1"} {
			if strings.Contains(target, "ranking") && format == "parquet" {
				continue
			}
			a, again := w.get(t, target+"&format="+format), w.get(t, target+"&format="+format)
			disposition := a.header.Get("Content-Disposition")
			if a.status != 200 || !bytes.HasPrefix(a.body, []byte(begins)) || !bytes.Equal(a.body, again.body) || a.header.Get("ETag") == "" || a.header.Get("X-Yizhan-Seq") != "42" ||
				!strings.Contains(disposition, "-seq42."+strings.TrimPrefix(format, "excel-")) || !strings.Contains(disposition, "filename*=UTF-8''%") {
				t.Errorf("%s as %s: status %d, %v: %.200q", target, format, a.status, a.header, a.body)
			}
			if format == "xlsx" {
				checkAbout(t, a.body)
			}
		}
	}
	csv := string(w.get(t, "/api/coverage/ranking?level=banner&format=csv").body)
	if !strings.HasPrefix(csv, "rank,code,name,households,covered,covered_possible,") || !strings.Contains(csv, "2,150781,'=满洲里市,0,0,0,0,0,,,") {
		t.Errorf("the table is %s", csv)
	}
	empty := w.get(t, "/api/coverage/cells?bbox=119,49,120,50&format=json")
	scenario{target: "/api/coverage/cells?bbox=119,49,120,50&format=json", headers: []string{"If-None-Match", empty.header.Get("ETag")}, status: 304}.check(t, w)
}

// checkAbout opens a spreadsheet and looks for what it says of itself.
func checkAbout(t *testing.T, body []byte) {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := file.GetRows("说明")
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, row := range rows {
		text += strings.Join(row, " ") + "\n"
	}
	for _, want := range []string{"seq 42", "radius_m 1000", "h3_resolution 10", "Made with Natural Earth"} {
		if !strings.Contains(text, want) {
			t.Errorf("the second sheet has no %s:\n%s", want, text)
		}
	}
}

// Whatever comes from below, no answer has a number that is none.
func TestNoAnswerHasNaN(t *testing.T) {
	w := newStage(t, byAnalyst)
	nan, inf := math.NaN(), math.Inf(1)
	odd := fakeFigures(fakeHailar)
	odd.Share, odd.Gini = &nan, views.Quantile{Known: &inf, Possible: &nan}
	odd.P50M, odd.SeatsAHousehold = views.Quantile{Known: &nan}, views.Quantile{Known: &inf}
	w.coverage.now.figures = func(q views.Question, _ string) (views.Figures, error) {
		return views.Figures{Seq: 42, Model: fakeModel(q), UnitFigures: odd, Children: []views.UnitFigures{odd}}, nil
	}
	w.coverage.now.ranking = func(views.Question, yizhan.Level, string) ([]views.UnitFigures, error) {
		return []views.UnitFigures{odd}, nil
	}
	for _, target := range []string{"/api/coverage?include=access", "/api/coverage/ranking?level=banner"} {
		a := w.get(t, target)
		var value any
		if err := json.Unmarshal(a.body, &value); a.status != 200 || err != nil || !bytes.Contains(a.body, []byte(`"gini":{"known":null,"possible":null}`)) {
			t.Errorf("%s: status %d, %v: %s", target, a.status, err, a.body)
		}
	}
	if a := w.get(t, "/api/coverage/ranking?level=banner&format=csv"); a.status != 200 || bytes.Contains(a.body, []byte("NaN")) || bytes.Contains(a.body, []byte("Inf")) {
		t.Errorf("as a table, status %d: %s", a.status, a.body)
	}
}

func TestTilesTakeQuestions(t *testing.T) {
	w := newStage(t, byAnalyst)
	var heard tiles.Params
	w.tiles.asked = func(r tiles.Request) { heard = r.Params }
	id := strings.TrimPrefix(w.send(t, "POST", "/api/scenarios", `{"name":"x","edits":[]}`).header.Get("Location"), "/api/scenarios/")
	for query, want := range map[string]tiles.Params{
		"radius_m=500&service=water":                        {RadiusM: 500, Services: "water"},
		"mode=walk&minutes=10&services=rest,water&rule=all": {Mode: "walk", Minutes: 10, Services: "water,rest", Rule: "all"},
		"quarter=5&week=2026-02-16":                         {Quarter: 6, Week: "2026-02-16"},
		"profile=night&temperature_c=-20":                   {Profile: "night", Cold: true, Celsius: -20},
		"scenario=" + id + "&scenario_version=1":            {Scenario: id, ScenarioVersion: 1},
	} {
		heard = tiles.Params{}
		if a := w.get(t, "/api/tiles/coverage/5/25/10?"+query); a.status != 200 || heard != want {
			t.Errorf("%s: status %d, asks %+v: %s", query, a.status, heard, a.body)
		}
	}
	for query, field := range map[string]string{"at=now": "query.at", "scenario=" + id: "query.scenario_version", "scenario_version=1": "query.scenario_version", "mode=walk&radius_m=500": "query.radius_m"} {
		scenario{target: "/api/tiles/coverage/5/25/10?" + query, status: 400, code: "invalid_parameter", has: []string{field}}.check(t, w)
	}
	scenario{target: "/api/tiles/coverage?at=now&scenario=" + id, status: 200, has: []string{"quarter=144", "week=2026-03-09", "scenario=" + id, "scenario_version=1"}, hasNot: []string{"at=now"}}.check(t, w)
}

// A question that takes too long is told so.
func TestCellsThatTakeTooLong(t *testing.T) {
	w := newStage(t)
	w.coverage.now.cells = func(views.Question, orb.Bound, int) ([]views.Cell, error) {
		return nil, context.DeadlineExceeded
	}
	if a := w.get(t, "/api/coverage/cells?bbox=119,49,120,50"); a.status != http.StatusServiceUnavailable {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}
