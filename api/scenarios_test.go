package api

import (
	"net/http"
	"strings"
	"testing"
)

// scenario is one question and what must and must not be in its answer.
type scenario struct {
	name    string
	method  string // GET if empty
	target  string
	headers []string
	status  int
	code    string // of the problem
	has     []string
	hasNot  []string
	header  map[string]string
}

func (s scenario) check(t *testing.T, w *stage) {
	t.Helper()
	method := s.method
	if method == "" {
		method = http.MethodGet
	}
	a := w.ask(t, method, s.target, s.headers...)
	if a.status != s.status {
		t.Errorf("status %d, want %d: %.300s", a.status, s.status, a.body)
	}
	if s.code != "" && !strings.Contains(string(a.body), `"code":"`+s.code+`"`) {
		t.Errorf("code is not %q: %s", s.code, a.body)
	}
	for _, want := range s.has {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("has no %q: %.600s", want, a.body)
		}
	}
	for _, unwanted := range s.hasNot {
		if strings.Contains(string(a.body), unwanted) {
			t.Errorf("has %q: %.600s", unwanted, a.body)
		}
	}
	for name, want := range s.header {
		if got := a.header.Get(name); got != want {
			t.Errorf("header %s is %q, want %q", name, got, want)
		}
	}
}

func runScenarios(t *testing.T, scenarios []scenario, bend ...func(*stage)) {
	t.Helper()
	w := newStage(t, bend...)
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { s.check(t, w) })
	}
}

func TestReading(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "city", target: "/api/city", status: 200,
			has: []string{`"code":"150700"`, `"demo":true`, `"seq":42`, `"households":60`, `"micro_grids":2`, `"center":[119.7364,49.2122]`,
				`"bbox":[115.5,47,125.5,57]`, `"bbox":null`, `"text":"Made with Natural Earth"`},
			header: map[string]string{"X-Yizhan-Seq": "42", "X-Yizhan-Age": "3"}},
		{name: "landing", target: "/api/", status: 200, has: []string{`"rel":"service-desc"`, `http://example.com/api/collections`}},
		{name: "landing without the slash", target: "/api", status: 200, has: []string{`"rel":"data","href":"http://example.com/api/collections"`}},
		{name: "collections", target: "/api/collections", status: 200, has: []string{`"id":"stations"`}, hasNot: []string{"leaders"}},
		{name: "a collection", target: "/api/collections/micro_grids", status: 200, has: []string{`"id":"micro_grids"`}},
		{name: "units", target: "/api/collections/units/items", status: 200,
			has: []string{`"numberReturned":5`, `"timeStamp":"2026-03-10T04:00:00Z"`, `"seat":null`, `"geometry":null`, `"id":"150702001001"`}, hasNot: []string{`"rel":"next"`}},
		{name: "stations", target: "/api/collections/stations/items", status: 200,
			has: []string{`"coordinates":[119.7364,49.2122]`, `"name":"\"驿站\" 1"`, `"entrance":[119.7365,49.2123]`, `"opening_hours":"24/7"`, `"confirmed_at":null`}},
		{name: "scenes", target: "/api/collections/friendly_scenes/items?kind=shopping,market", status: 200, has: []string{`"stations":["S-001"]`}},
		{name: "micro-grids without geometry", target: "/api/collections/micro_grids/items?skip_geometry=true", status: 200,
			has: []string{`"geometry":null`}, hasNot: []string{"coordinates"}},
		{name: "one station", target: "/api/collections/stations/items/S-001", status: 200, header: map[string]string{"ETag": `"7"`, "Content-Type": "application/geo+json"}},
		{name: "one station, known", target: "/api/collections/stations/items/S-001", headers: []string{"If-None-Match", `"7"`}, status: 304},
		{name: "one station, known weakly among others", target: "/api/collections/stations/items/S-001", headers: []string{"If-None-Match", `"1", W/"7-gzip"`}, status: 304},
		{name: "one station, changed", target: "/api/collections/stations/items/S-001", headers: []string{"If-None-Match", `"6"`}, status: 200},
		{name: "no such station", target: "/api/collections/stations/items/S-999", status: 404, code: "not_found"},
		{name: "no such code", target: "/api/collections/stations/items/%3Cscript%3E", status: 404, code: "not_found", hasNot: []string{"script"}},
		{name: "leaders", target: "/api/collections/leaders", status: 404, code: "not_found"},
		{name: "items of leaders", target: "/api/collections/leaders/items", status: 404, code: "not_found"},
		{name: "one leader", target: "/api/collections/leaders/items/15070200100100101", status: 404, code: "not_found"},
		{name: "nearest", target: "/api/nearest?lng=119.7364&lat=49.2122", status: 200,
			has: []string{`"numberReturned":3`, `"distance_m":0,`, `"state":"open","until":null`, `"state":"unknown"`, `"until":"2026-03-10T09:30:00Z"`, `"seq":42`}},
		{name: "nearest, few", target: "/api/nearest?lng=119.7364&lat=49.2122&k=1&services=water,heating&max_m=500", status: 200, has: []string{`"numberReturned":1`}},
		{name: "nearest, open now", target: "/api/nearest?lng=119.7364&lat=49.2122&open_at=now", status: 200, has: []string{`"numberReturned":2`}, hasNot: []string{`"state":"unknown"`, "S-003"}},
		{name: "nearest, open at night", target: "/api/nearest?lng=119.7364&lat=49.2122&open_at=2026-03-10T23:00:00%2B08:00", status: 200, has: []string{`"numberReturned":1`, `"as_of":"2026-03-10T15:00:00Z"`}},
		{name: "nearest, a plus not escaped", target: "/api/nearest?lng=119.7364&lat=49.2122&open_at=2026-03-10T23:00:00+08:00", status: 200, has: []string{`"as_of":"2026-03-10T15:00:00Z"`}},
		{name: "nearest, a service nobody has", target: "/api/nearest?lng=119.7364&lat=49.2122&services=books", status: 200, has: []string{`"features":[]`}},
		{name: "coverage", target: "/api/coverage?radius_m=500&service=water", status: 200, has: []string{`"share":0.75`, `"share":null`, `"radius_m":500`, `"service":"water"`, `"unmet":15`}},
		{name: "coverage of no unit", target: "/api/coverage?unit=159999", status: 404, code: "not_found"},
		{name: "cells", target: "/api/coverage/cells?bbox=119,49,120,50", status: 200, has: []string{`["881ec9b64bfffff",60,45,50]`}},
		{name: "too many cells", target: "/api/coverage/cells?bbox=119,49,120,50&resolution=10", status: 413, code: "too_large"},
		{name: "tile", target: "/api/tiles/base,units/5/25/10", status: 200, has: []string{"PLAIN"},
			header: map[string]string{"Content-Type": "application/vnd.mapbox-vector-tile", "ETag": `"t1"`, "Vary": "Accept-Encoding", "X-Yizhan-Seq": "42", "Content-Encoding": ""}},
		{name: "tile, gzip", target: "/api/tiles/base/5/25/10", headers: []string{"Accept-Encoding", "deflate, gzip"}, status: 200, has: []string{"GZIPPED"},
			header: map[string]string{"Content-Encoding": "gzip", "ETag": `"t1-gzip"`}},
		{name: "tile, gzip refused", target: "/api/tiles/base/5/25/10", headers: []string{"Accept-Encoding", "gzip;q=0"}, status: 200, has: []string{"PLAIN"}},
		{name: "tile, known", target: "/api/tiles/base/5/25/10", headers: []string{"If-None-Match", `"t1-gzip"`}, status: 304},
		{name: "tile, empty", target: "/api/tiles/base/0/0/0", status: 204},
		{name: "tile off the map", target: "/api/tiles/base/2/4/0", status: 404, code: "not_found"},
		{name: "tile too deep", target: "/api/tiles/base/23/0/0", status: 404, code: "not_found"},
		{name: "tile at a name", target: "/api/tiles/base/a/0/0", status: 404, code: "not_found"},
		{name: "tile of no layer", target: "/api/tiles/leaders/3/1/1", status: 404, code: "not_found"},
		{name: "tile of many layers", target: "/api/tiles/" + strings.Repeat("base,", 8) + "base/3/1/1", status: 404, code: "not_found"},
		{name: "tilejson", target: "/api/tiles/coverage?radius_m=500&service=water", status: 200,
			has: []string{`"tilejson":"3.0.0"`, `http://example.com/api/tiles/coverage/{z}/{x}/{y}?radius_m=500&service=water`}},
		{name: "health", target: "/healthz", status: 200, has: []string{`"status":"ok"`}},
		{name: "readiness", target: "/readyz", status: 200, has: []string{`"seq":42`, `"nearest":42`}},
		{name: "metrics", target: "/metrics", status: 200, has: []string{"yizhan_feed_seq 42", "yizhan_feed_contact_age_seconds 3", `yizhan_http_requests_total{method="GET",route="/api/city",status="200"}`, "go_goroutines", "yizhan_tile_cache_hits_total 7"}},
		{name: "openapi", target: "/api/openapi.json", status: 200, has: []string{`"openapi": "3.1.0"`}},
		{name: "docs", target: "/api/docs", status: 200, has: []string{"<h1>Yizhan", "problem-invalid_parameter", "schema-StationProperties"}, hasNot: []string{"<script", "http://cdn", "https://cdn"}},
		{name: "a kind of problem", target: "/problems/not_found", status: 303, header: map[string]string{"Location": "/api/docs#problem-not_found"}},
		{name: "head", method: "HEAD", target: "/api/city", status: 200, header: map[string]string{"Content-Type": "application/json"}},
	})
}

func TestBadInput(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("water,", 600), ",")
	bad := func(name, target string, has ...string) scenario {
		return scenario{name: name, target: target, status: 400, code: "invalid_parameter", has: has}
	}
	runScenarios(t, []scenario{
		bad("unknown parameter", "/api/city?colour=red", `"query.colour"`, "there are no parameters here"),
		bad("unknown parameter among known", "/api/collections/units/items?boxx=1", `"query.boxx"`, "known are bbox, unit, limit"),
		bad("filter of another collection", "/api/collections/units/items?sponsor=bank", `"query.sponsor"`),
		bad("parameter twice", "/api/collections/units/items?limit=1&limit=2", `"query.limit"`, "more than once"),
		bad("list twice", "/api/collections/units/items?level=city&level=banner", `"query.level"`, "more than once"),
		bad("empty", "/api/collections/units/items?unit=", `"query.unit"`, "is empty"),
		bad("limit zero", "/api/collections/units/items?limit=0", "from 1 to 10000"),
		bad("limit too high", "/api/collections/units/items?limit=10001", "from 1 to 10000"),
		bad("limit not whole", "/api/collections/units/items?limit=1.5", "whole number"),
		bad("limit huge", "/api/collections/units/items?limit=99999999999999999999999", "from 1 to 10000"),
		bad("bbox of three", "/api/collections/units/items?bbox=1,2,3", "has 3 numbers; it takes west,south,east,north"),
		bad("bbox of words", "/api/collections/units/items?bbox=a,b,c,d", "is not a number"),
		bad("bbox NaN", "/api/collections/units/items?bbox=NaN,2,3,4", "is not a number"),
		bad("bbox Inf", "/api/collections/units/items?bbox=119,49,Inf,50", "is not a number"),
		bad("bbox overflow", "/api/collections/units/items?bbox=119,49,1e999,50", "is not a number"),
		bad("bbox west of east", "/api/collections/units/items?bbox=121,49,119,50", "west 121 east of east 119"),
		bad("bbox south of north", "/api/collections/units/items?bbox=119,50,120,49", "south 50 north of north 49"),
		bad("bbox swapped", "/api/collections/units/items?bbox=49,119,50,120", "swapped"),
		bad("bbox off the earth", "/api/collections/units/items?bbox=190,49,200,50", "outside of lng -180..180"),
		bad("cursor not ours", "/api/collections/units/items?after=!!!", `"query.after"`),
		bad("cursor of nonsense", "/api/collections/units/items?after=AAAA", `"query.after"`),
		bad("unit not a code", "/api/collections/units/items?unit=hailar", "a code of 6, 9 or 12 digits"),
		bad("level unknown", "/api/collections/units/items?level=village", "is not one of city, banner, township, community"),
		bad("skip_geometry maybe", "/api/collections/units/items?skip_geometry=maybe", "neither true nor false"),
		bad("service unknown", "/api/collections/stations/items?service=beer", `"query.service"`, "water, charging"),
		bad("services many", "/api/collections/stations/items?service="+many, "longer than"),
		bad("values many", "/api/collections/stations/items?sponsor="+strings.Repeat("bank,", 9)+"bank", "10 values"),
		bad("not UTF-8", "/api/collections/units/items?unit=%ff", "percent-encoded UTF-8"),
		bad("not escaped", "/api/collections/units/items?unit=%zz", "percent-encoded UTF-8"),
		bad("NUL", "/api/collections/units/items?unit=150702%00", "percent-encoded UTF-8"),
		bad("nearest without a place", "/api/nearest", `"query.lng"`, `"query.lat"`, "is required"),
		bad("nearest NaN", "/api/nearest?lng=NaN&lat=49", "is not a number"),
		bad("nearest hex", "/api/nearest?lng=0x77&lat=49", "is not a number"),
		bad("nearest swapped", "/api/nearest?lng=49.2122&lat=119.7364", "look swapped", `"query.lng"`, `"query.lat"`),
		bad("nearest off the earth", "/api/nearest?lng=119&lat=95", `"query.lat"`, "from -90 to 90"),
		bad("nearest k 0", "/api/nearest?lng=119&lat=49&k=0", "from 1 to 50"),
		bad("nearest k 51", "/api/nearest?lng=119&lat=49&k=51", "from 1 to 50"),
		bad("nearest max_m", "/api/nearest?lng=119&lat=49&max_m=-1", `"query.max_m"`),
		bad("nearest open_at", "/api/nearest?lng=119&lat=49&open_at=tomorrow", "now or a time such as"),
		bad("nearest open_at no zone", "/api/nearest?lng=119&lat=49&open_at=2026-02-17T12:30:00", "now or a time such as"),
		bad("nearest open_at 31 February", "/api/nearest?lng=119&lat=49&open_at=2026-02-31T12:30:00Z", "now or a time such as"),
		bad("nearest open_at far", "/api/nearest?lng=119&lat=49&open_at=9999-02-17T12:30:00Z", "2000 to 2100"),
		bad("coverage radius", "/api/coverage?radius_m=99", "from 100 to 10000"),
		bad("coverage radius NaN", "/api/coverage?radius_m=NaN", "from 100 to 10000"),
		bad("coverage service", "/api/coverage?service=beer", "is not one of water"),
		bad("cells without a box", "/api/coverage/cells", `"query.bbox"`, "is required"),
		bad("cells resolution", "/api/coverage/cells?bbox=119,49,120,50&resolution=15", `"query.resolution"`),
		bad("tile radius", "/api/tiles/coverage/5/25/10?radius_m=1", `"query.radius_m"`),
		bad("tile unknown parameter", "/api/tiles/base/5/25/10?v=2", `"query.v"`),
		bad("events after", "/api/events?after=-1", `"query.after"`),
		bad("events after words", "/api/events?after=x", `"query.after"`),
		bad("health with a parameter", "/healthz?x=1", `"query.x"`),
		{name: "events from a later seq", target: "/api/events", headers: []string{"Last-Event-ID", "43"}, status: 400, code: "invalid_parameter", has: []string{"header.Last-Event-ID", "42"}},
		{name: "hostile name", target: "/api/city?%3Cscript%3Ealert(1)%3C/script%3E=1", status: 400, hasNot: []string{"<script>"}},
		{name: "values are not echoed", target: "/api/collections/units/items?level=topSecretValue", status: 400, hasNot: []string{"topSecretValue"}},
		{name: "query too long", target: "/api/nearest?services=" + strings.Repeat("water,", 1000), status: 414, code: "uri_too_long"},
		{name: "query with a filter too long", target: "/api/collections/stations/items?filter=" + strings.Repeat("a", 13000), status: 414, code: "uri_too_long"},
		{name: "no such path", target: "/api/nothing", status: 404, code: "not_found", hasNot: []string{"Cannot"}},
		{name: "no such page", target: "/nothing/%3Cb%3E", status: 404, code: "not_found", hasNot: []string{"<b>"}},
		{name: "post", method: "POST", target: "/api/city", status: 405, code: "method_not_allowed", header: map[string]string{"Allow": "GET, HEAD"}},
		{name: "delete", method: "DELETE", target: "/api/collections/stations/items/S-001", status: 401, code: "unauthenticated"},
		{name: "unheard method", method: "BREW", target: "/api/city", status: 501, code: "not_implemented"},
		{name: "no such kind of problem", target: "/problems/none", status: 404, code: "not_found"},
	})
}
