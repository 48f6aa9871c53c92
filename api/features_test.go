package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
)

func filterAt(collection, filter string, more ...string) string {
	query := url.Values{"filter": {filter}}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return "/api/collections/" + collection + "/items?" + query.Encode()
}

// TestFilters holds that a filter reaches the store as a tree, in lng, lat.
func TestFilters(t *testing.T) {
	var asked yizhan.Query
	w := newStage(t, func(w *stage) {
		find := w.store.find
		w.store.find = func(ctx context.Context, q yizhan.Query) (yizhan.Page, error) { asked = q; return find(ctx, q) }
	})
	for _, test := range []struct{ target, want string }{
		{filterAt("stations", "name LIKE '驿%' AND capacity > 3"), "name LIKE '驿%' AND capacity > 3"},
		{filterAt("stations", `{"op":"=","args":[{"property":"name"},"x"]}`, "filter-lang", "cql2-json"), "name = 'x'"},
		{filterAt("units", "S_INTERSECTS(geometry, POINT(49.2 119.7))", "filter-crs", "[EPSG:4326]"), "S_INTERSECTS(geometry, POINT(119.7 49.2))"},
		{filterAt("units", "S_INTERSECTS(geometry, BBOX(49,119,50,120))", "filter-crs", epsgBase+"4490"), "S_INTERSECTS(geometry, BBOX(119,49,120,50))"},
		{filterAt("units", "S_INTERSECTS(geometry, POINT(119.7 49.2))", "filter-crs", crs84), "S_INTERSECTS(geometry, POINT(119.7 49.2))"},
		{"/api/collections/units/items", ""},
	} {
		asked = yizhan.Query{}
		if a := w.get(t, test.target); a.status != 200 {
			t.Errorf("%s: status %d: %s", test.target, a.status, a.body)
		}
		got := ""
		if asked.Where != nil {
			got = cql2.String(asked.Where)
		}
		if got != test.want {
			t.Errorf("%s asks for %s, not %s", test.target, got, test.want)
		}
	}
	w.get(t, filterAt("units", "S_INTERSECTS(geometry, POINT(13358502.2 6311838.8))", "filter-crs", "[EPSG:3857]"))
	point := asked.Where.(*cql2.Call).Args[1].(*cql2.Shape).Geometry.(orb.Point)
	if d := point[0] - 120; d > 0.01 || d < -0.01 || point[1] < 49.2 || point[1] > 49.4 {
		t.Errorf("read as %v", point)
	}
}

func TestFilterFaults(t *testing.T) {
	bad := func(name, target string, has ...string) scenario {
		return scenario{name: name, target: target, status: 400, code: "invalid_parameter", has: append(has, `"location":"query.filter`)}
	}
	runScenarios(t, []scenario{
		bad("syntax", filterAt("units", "name ="), "character 7: the filter ends"),
		bad("property of another collection", filterAt("units", "capacity > 1"), `there is no property \"capacity\" to filter by; there are code, geometry`),
		bad("type", filterAt("stations", "capacity = 'x'"), "the property capacity, a number"),
		bad("script", filterAt("stations", `"<script>alert(1)</script>" = 1`), "?script?"),
		bad("injection", filterAt("stations", "name = 'x'; DROP TABLE stations"), "';' is not expected"),
		bad("function", filterAt("stations", "pg_sleep(10) = 1"), "there is no function pg_sleep"),
		bad("JSON as text", filterAt("stations", `{"op":"=","args":[1,1]}`), "'{' is not expected"),
		bad("text as JSON", filterAt("stations", "name = 'x'", "filter-lang", "cql2-json"), "character 1"),
		bad("language unknown", filterAt("stations", "name = 'x'", "filter-lang", "sql"), "is not one of cql2-text, cql2-json"),
		bad("language without filter", "/api/collections/stations/items?filter-lang=cql2-text", "without a filter"),
		bad("system without filter", "/api/collections/stations/items?filter-crs="+url.QueryEscape(crs84), "without a filter"),
		bad("system unknown", filterAt("stations", "name = 'x'", "filter-crs", "[EPSG:32650]"), "is not one of"),
		bad("filter empty", "/api/collections/stations/items?filter=", "is empty"),
		bad("filter deep", filterAt("stations", strings.Repeat("(", 50)+"synthetic"+strings.Repeat(")", 50)), "nested deeper than 32"),
	})
}

func TestSystems(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "default", target: "/api/collections/stations/items/S-001", status: 200, has: []string{`"coordinates":[119.7364,49.2122]`},
			header: map[string]string{"Content-Crs": "<" + crs84 + ">", "Vary": "Accept, Accept-Encoding"}},
		{name: "lat first", target: "/api/collections/stations/items/S-001?crs=" + url.QueryEscape(epsgBase+"4326"), status: 200, has: []string{`"coordinates":[49.2122,119.7364]`, `"entrance":[119.7365,49.2123]`},
			header: map[string]string{"Content-Crs": "<" + epsgBase + "4326>"}},
		{name: "CGCS2000", target: "/api/collections/stations/items?crs=[EPSG:4490]", status: 200, has: []string{`"coordinates":[49.2122,119.7364]`},
			header: map[string]string{"Content-Crs": "<" + epsgBase + "4490>"}},
		{name: "Web Mercator", target: "/api/collections/stations/items/S-001?crs=[EPSG:3857]", status: 200, has: []string{`"coordinates":[13328995.`}},
		{name: "areas lat first", target: "/api/collections/micro_grids/items/150702001001001?crs=[EPSG:4326]", status: 200,
			has: []string{`[[[[49.2,119.7],[49.2,119.72],[49.22,119.72],[49.22,119.7],[49.2,119.7]]]]`}},
		{name: "unknown", target: "/api/collections/stations/items?crs=http://www.opengis.net/def/crs/EPSG/0/32650", status: 400, code: "invalid_parameter", has: []string{"query.crs"}},
		{name: "box lat first", target: "/api/collections/stations/items?bbox=49,119,50,120&bbox-crs=[EPSG:4326]", status: 200},
		{name: "box lng first where lat is", target: "/api/collections/stations/items?bbox=119,49,120,50&bbox-crs=[EPSG:4326]", status: 400, code: "invalid_parameter", has: []string{"swapped"}},
		{name: "box in metres", target: "/api/collections/stations/items?bbox=13300000,6300000,13400000,6400000&bbox-crs=[EPSG:3857]", status: 200},
		{name: "box in metres unknown", target: "/api/collections/stations/items?bbox=1,2,3,4&bbox-crs=EPSG:3857", status: 400, code: "invalid_parameter", has: []string{"query.bbox-crs"}},
		{name: "of the collection", target: "/api/collections/stations", status: 200, has: []string{epsgBase + "4490", `"storageCrs":"` + crs84 + `"`}},
	})
}

// TestBoxesReachTheStoreInLngLat holds bbox-crs against what the store is asked.
func TestBoxesReachTheStoreInLngLat(t *testing.T) {
	var asked yizhan.Query
	w := newStage(t, func(w *stage) {
		w.store.find = func(_ context.Context, q yizhan.Query) (yizhan.Page, error) { asked = q; return yizhan.Page{}, nil }
	})
	w.get(t, "/api/collections/units/items?bbox=49,119,50,120&bbox-crs=[EPSG:4490]")
	if asked.BBox == nil || *asked.BBox != [4]float64{119, 49, 120, 50} {
		t.Errorf("asks for %v", asked.BBox)
	}
	w.get(t, "/api/collections/units/items?bbox=13358338.895,6274861.394,13469658.385,6446275.841&bbox-crs=[EPSG:3857]")
	for i, want := range []float64{120, 49, 121, 50} {
		if got := asked.BBox[i]; got-want > 1e-7 || want-got > 1e-7 {
			t.Errorf("asks for %v", asked.BBox)
		}
	}
}

func TestDatetime(t *testing.T) {
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for _, test := range []struct {
		text, start, end string
		bad              bool
	}{
		{text: "2026-02-17T12:30:00Z", start: "2026-02-17T12:30:00Z", end: "2026-02-17T12:30:00Z"},
		{text: "2026-02-17T12:30:00 08:00", start: "2026-02-17T12:30:00+08:00", end: "2026-02-17T12:30:00+08:00"},
		{text: "2026-02-17T12:30:00Z/..", start: "2026-02-17T12:30:00Z"}, {text: "2026-02-17T12:30:00Z/", start: "2026-02-17T12:30:00Z"},
		{text: "../2026-02-17T12:30:00Z", end: "2026-02-17T12:30:00Z"}, {text: "/2026-02-17T12:30:00.5Z", end: "2026-02-17T12:30:00.5Z"},
		{text: "2026-02-17T12:30:00Z/2026-02-18T12:30:00Z", start: "2026-02-17T12:30:00Z", end: "2026-02-18T12:30:00Z"},
		{text: "..", bad: true}, {text: "../..", bad: true}, {text: "/", bad: true}, {text: "2026-02-17", bad: true}, {text: "2026-02-30T00:00:00Z", bad: true},
		{text: "2026-02-18T12:30:00Z/2026-02-17T12:30:00Z", bad: true}, {text: "2026-02-17T12:30:00Z/P1D", bad: true}, {text: "a/b/c", bad: true}, {text: "yesterday", bad: true},
	} {
		period, err := parsePeriod(test.text)
		switch {
		case test.bad != (err != nil):
			t.Errorf("%q: %v", test.text, err)
		case err == nil && (!period.Start.Equal(at(test.start)) || !period.End.Equal(at(test.end))):
			t.Errorf("%q is %v", test.text, period)
		}
	}
	runScenarios(t, []scenario{
		{name: "everywhere", target: "/api/collections/units/items?datetime=2026-02-17T12:30:00Z", status: 200},
		{name: "bad", target: "/api/collections/stations/items?datetime=2026", status: 400, code: "invalid_parameter", has: []string{"query.datetime"}},
	})
}

func TestProperties(t *testing.T) {
	w := newStage(t)
	for _, test := range []struct {
		target      string
		has, hasNot []string
	}{
		{"/api/collections/stations/items?properties=name,services", []string{`"properties":{"name":`, `"services":[{"service":"water","condition":"working","confirmed_at":`}, []string{`"capacity"`, `"code"`}},
		{"/api/collections/stations/items/S-001?properties=code", []string{`"properties":{"code":"S-001"}`}, []string{`"services"`}},
	} {
		a := w.fetch(t, http.MethodGet, test.target, "") // the schema is that of all properties
		for _, want := range test.has {
			if !strings.Contains(string(a.body), want) {
				t.Errorf("%s has no %s: %s", test.target, want, a.body)
			}
		}
		for _, unwanted := range test.hasNot {
			if strings.Contains(string(a.body), unwanted) {
				t.Errorf("%s has %s: %s", test.target, unwanted, a.body)
			}
		}
	}
	scenario{target: "/api/collections/stations/items?properties=phone", status: 400, code: "invalid_parameter", has: []string{"query.properties"}}.check(t, w)
}

func TestSchemas(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "queryables", target: "/api/collections/stations/queryables", status: 200, header: map[string]string{"Content-Type": schemaType},
			has: []string{`"$id":"http://example.com/api/collections/stations/queryables"`, `"additionalProperties":false`, `"confirmed_at":{"format":"date-time"`, `"x-ogc-role":"primary-geometry"`, `"x-ogc-role":"primary-instant"`}},
		{name: "schema", target: "/api/collections/stations/schema", status: 200, header: map[string]string{"Content-Type": schemaType},
			has: []string{`"x-ogc-role":"id"`, `"readOnly":true`, `"geometry-point"`, `"required":["code","name"`, `"battery_swap"`}, hasNot: []string{"$ref"}},
		{name: "schema of areas", target: "/api/collections/micro_grids/schema", status: 200, has: []string{`"geometry-multipolygon"`}},
		{name: "of leaders", target: "/api/collections/leaders/schema", status: 404, code: "not_found"},
		{name: "as a page", target: "/api/collections/stations/queryables?f=html", status: 200, has: []string{"<table>", "confirmed_at"}},
	})
}

func TestPagesForPeople(t *testing.T) {
	browser := []string{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
	scenarios := []scenario{
		{name: "landing", target: "/api/", has: []string{"驿站数据接口", `href="http://example.com/api/collections"`}},
		{name: "conformance", target: "/api/conformance", has: []string{"ogcapi-features-1/1.0/conf/core"}},
		{name: "collections", target: "/api/collections", has: []string{"服务驿站 · stations", "微网格"}},
		{name: "collection", target: "/api/collections/stations", has: []string{"/api/collections/stations/items", "queryables"}},
		{name: "items", target: "/api/collections/stations/items", has: []string{"S-001", "&#34;驿站&#34; 1", `href="/api/collections/stations/items/S-001"`}, hasNot: []string{`"驿站" 1`}},
		{name: "items of a page", target: "/api/collections/units/items?limit=1", has: []string{`rel="next" href="?after=`}},
		{name: "item", target: "/api/collections/stations/items/S-001", has: []string{"opening_hours", "24/7", "Point, [119.736400, 49.212200]"}},
		{name: "item without a place", target: "/api/collections/units/items/150781", has: []string{"满洲里市"}},
	}
	for i := range scenarios {
		s := &scenarios[i]
		s.headers, s.status = browser, 200
		s.header = map[string]string{"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": browsePolicy}
		s.hasNot = append(s.hasNot, "<script", "http://cdn")
	}
	runScenarios(t, append(scenarios, []scenario{
		{name: "asked for", target: "/api/?f=html", status: 200, has: []string{"<!doctype html>"}},
		{name: "JSON all the same", target: "/api/?f=json", headers: browser, status: 200, has: []string{`"title"`}},
		{name: "JSON preferred", target: "/api/", headers: []string{"Accept", "text/html;q=0.5, application/json"}, status: 200, has: []string{`"title"`}},
		{name: "anything", target: "/api/", headers: []string{"Accept", "*/*"}, status: 200, has: []string{`"title"`}},
		{name: "problems are for programs", target: "/api/collections/stations/items/S-999", headers: browser, status: 404, code: "not_found"},
		{name: "form unknown", target: "/api/?f=xml", status: 400, code: "invalid_parameter", has: []string{"query.f"}},
	}...))
}

func FuzzDatetime(f *testing.F) {
	for _, seed := range []string{"", "..", "/", "2026-02-17T12:30:00Z/..", "../2026-02-17T12:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "a/b/c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		period, err := parsePeriod(text)
		if err != nil {
			if p := problemOf(err); p.Status != 400 || p.Errors[0].Location != "query.datetime" {
				t.Errorf("%q: %+v", text, p)
			}
			return
		}
		if period != nil && (period.Start.IsZero() && period.End.IsZero() || !period.End.IsZero() && period.End.Before(period.Start)) {
			t.Errorf("%q is %v", text, period)
		}
	})
}

func FuzzAccept(f *testing.F) {
	for _, seed := range []string{"", "text/html", "text/html;q=NaN", ";q=;q=", "*/*,,;", "text/html;q=1e309"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, accept string) { prefersHTML("", accept) })
}
