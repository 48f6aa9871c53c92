package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

// Tokens of the people of these tests.
const (
	adminToken = auth.TokenPrefix + "admin"
	eastToken  = auth.TokenPrefix + "east"
)

type tokenAccounts struct {
	Accounts
	people map[string]*yizhan.Principal
}

func (a tokenAccounts) FindToken(_ context.Context, secret []byte) (*yizhan.Principal, error) {
	for token, p := range a.people {
		if string(auth.HashSecret(token)) == string(secret) {
			known := *p
			return &known, nil
		}
	}
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "", "there is no such token")
}

// newEditingStage is a server on a real PostGIS with a city of one community of two micro-grids, a station
// and a scene; an administrator of the city, and one who keeps the stations of another banner.
func newEditingStage(t *testing.T) *stage {
	t.Helper()
	kept, err := store.Open(t.Context(), store.Options{URL: pgtest.DB(t), MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kept.Close)
	if _, err := kept.Apply(t.Context(), editingCity()); err != nil {
		t.Fatal(err)
	}
	// A principal's name stands in the audit trail, not in the tables of accounts.
	person := func(id int64, name string, role yizhan.Role, unit string) *yizhan.Principal {
		return &yizhan.Principal{User: yizhan.User{ID: id, Name: name}, Grants: []yizhan.Grant{{Role: role, Unit: unit}}}
	}
	return newStage(t, func(w *stage) {
		w.options.Store = kept
		w.options.Accounts = tokenAccounts{people: map[string]*yizhan.Principal{
			adminToken: person(1, "admin", yizhan.RoleAdmin, "150700"), eastToken: person(2, "keeper", yizhan.RoleStationKeeper, "150703")}}
	})
}

func editingCity() yizhan.Changeset {
	square := func(west, south, width, height float64) orb.MultiPolygon {
		p := func(x, y float64) orb.Point { return yizhan.SnapPoint(orb.Point{119.7 + x/100, 49.2 + y/100}) }
		return orb.MultiPolygon{{{p(west, south), p(west+width, south), p(west+width, south+height), p(west, south+height), p(west, south)}}}
	}
	whole := orb.MultiPolygon{{{{119.7, 49.2}, {119.71, 49.2}, {119.72, 49.2}, {119.72, 49.21}, {119.71, 49.21}, {119.7, 49.21}, {119.7, 49.2}}}}
	changeset := yizhan.Changeset{Author: "test", Reason: "the city of the test"}
	add := func(f yizhan.Feature) { changeset.Edits = append(changeset.Edits, yizhan.CreateOf(f)) }
	for _, u := range []struct {
		level              yizhan.Level
		code, parent, name string
	}{
		{yizhan.LevelCity, "150700", "", "呼伦贝尔市"}, {yizhan.LevelBanner, "150702", "150700", "海拉尔区"},
		{yizhan.LevelTownship, "150702001", "150702", "正阳街道"}, {yizhan.LevelCommunity, "150702001001", "150702001", "天润社区"},
	} {
		add(&yizhan.Unit{Code: u.code, Level: u.level, Parent: u.parent, Name: u.name, Boundary: whole})
	}
	for i := range 2 {
		add(&yizhan.MicroGrid{Code: fmt.Sprintf("15070200100100%d", i+1), Community: "150702001001", Name: fmt.Sprintf("第%d网格", i+1), Households: 29,
			Zone: yizhan.ZoneCore, Status: yizhan.GridDraft, Boundary: square(float64(i), 0, 1, 1)})
	}
	add(&yizhan.Station{Code: "S-001", Name: "驿站", Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion, Location: orb.Point{119.705, 49.205}, Capacity: 10,
		Hours: yizhan.MustHours("24/7"), Status: yizhan.StationActive, Community: "150702001001",
		Services: []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Working}}})
	add(&yizhan.FriendlyScene{Code: "F-001", Name: "商圈", Kind: yizhan.SceneShopping, MicroGrids: []string{"150702001001001"}})
	return changeset
}

const (
	stationsItems = "/api/collections/stations/items"
	aStation      = stationsItems + "/S-001"
	newStation    = `{"type":"Feature","geometry":{"type":"Point","coordinates":[119.715,49.205]},"properties":{"code":"S-002","name":"新驿站","sponsor":"bank","status":"active","community":"150702001001"}}`
)

// as sends a body in the name of the administrator.
func (w *stage) as(t *testing.T, token, method, target, body string, headers ...string) answer {
	t.Helper()
	return w.send(t, method, target, body, append([]string{"Authorization", "Bearer " + token, "Content-Type", geoJSONType}, headers...)...)
}

func (w *stage) admin(t *testing.T, method, target, body string, headers ...string) answer {
	t.Helper()
	return w.as(t, adminToken, method, target, body, headers...)
}

func (a answer) want(t *testing.T, status int, has ...string) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %.600s", a.status, status, a.body)
	}
	for _, text := range has {
		if !strings.Contains(string(a.body), text) {
			t.Errorf("has no %q: %.600s", text, a.body)
		}
	}
	return a
}

// TestPart4 is the abstract test suite of OGC API Features part 4, by the ids of its tests.
func TestPart4(t *testing.T) { runAbstract(t, writingTests(), newEditingStage) }

func writingTests() []abstractTest {
	return []abstractTest{
		{"/conf/create-replace-delete/options", func(t *testing.T, w *stage) {
			a := w.ask(t, http.MethodOptions, stationsItems).want(t, 200)
			if a.header.Get("Allow") != itemsMethods || a.header.Get(headerAcceptPost) == "" {
				t.Errorf("headers %v", a.header)
			}
			a = w.ask(t, http.MethodOptions, aStation).want(t, 200)
			if a.header.Get("Allow") != itemMethods || a.header.Get(headerAcceptPatch) != mergePatchType {
				t.Errorf("headers %v", a.header)
			}
		}},
		{"/conf/create-replace-delete/create", func(t *testing.T, w *stage) {
			a := w.admin(t, http.MethodPost, stationsItems, newStation).want(t, 201, `"新驿站"`, `"version":1`)
			location := strings.TrimPrefix(a.header.Get("Location"), "http://example.com")
			if location != stationsItems+"/S-002" || a.header.Get("ETag") != `"1"` {
				t.Errorf("headers %v", a.header)
			}
			w.get(t, location).want(t, 200, `"coordinates":[119.715,49.205]`, `"kind":"enterprise"`)
			// One whose id is a member of the feature, which becomes its code.
			w.admin(t, http.MethodPost, stationsItems, strings.NewReplacer(`"type":"Feature"`, `"type":"Feature","id":"S-007"`, "S-002", "S-007").Replace(newStation)).want(t, 201)
			w.get(t, stationsItems+"/S-007").want(t, 200, `"id":"S-007"`)
			w.admin(t, http.MethodPost, stationsItems, newStation).want(t, 409, "exists already")
			w.admin(t, http.MethodPost, stationsItems, strings.Replace(newStation, `"code":"S-002"`, `"code":"S-003","version":1`, 1)).want(t, 400, "body.properties.version")
			w.get(t, stationsItems+"/S-003").want(t, 404)
		}},
		{"/conf/create-replace-delete/create-content-type", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPost, stationsItems, newStation, "Content-Type", "").want(t, 400, "header.Content-Type")
			w.admin(t, http.MethodPost, stationsItems, newStation, "Content-Type", "text/csv").want(t, 415)
		}},
		{"/conf/create-replace-delete/replace", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPut, aStation, strings.Replace(newStation, "S-002", "S-001", 1), "If-Match", `"1"`).want(t, 200, "新驿站", `"services":[]`, `"version":2`)
			w.get(t, aStation).want(t, 200, "新驿站", `"capacity":0`)
		}},
		{"/conf/create-replace-delete/replace-content-type", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPut, aStation, newStation, "If-Match", `"1"`, "Content-Type", "").want(t, 400)
		}},
		{"/conf/create-replace-delete/replace-rid", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPut, aStation, newStation, "If-Match", `"1"`).want(t, 400, "a code cannot be changed")
			w.get(t, aStation).want(t, 200, `"version":1`)
		}},
		{"/conf/create-replace-delete/replace-exceptions", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPut, stationsItems+"/S-404", newStation).want(t, 404)
			w.admin(t, http.MethodPut, stationsItems+"/S-405", newStation, "If-Match", `"xyz"`).want(t, 404)
			w.get(t, stationsItems+"/S-405").want(t, 404)
		}},
		{"/conf/create-replace-delete/delete", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodDelete, aStation, "", "If-Match", `"1"`).want(t, 204)
			w.get(t, aStation).want(t, 404)
		}},
		{"/conf/update/options", func(t *testing.T, w *stage) {
			if a := w.ask(t, http.MethodOptions, aStation).want(t, 200, `"PATCH"`); !strings.Contains(a.header.Get("Allow"), "PATCH") {
				t.Errorf("headers %v", a.header)
			}
		}},
		{"/conf/update/update", func(t *testing.T, w *stage) {
			before := w.get(t, aStation).want(t, 200)
			w.admin(t, http.MethodPatch, aStation, `{"properties":{"capacity":12}}`, "If-Match", `"1"`, "Content-Type", mergePatchType).want(t, 200)
			after := w.get(t, aStation).want(t, 200)
			want := strings.NewReplacer(`"capacity":10`, `"capacity":12`, `"version":1`, `"version":2`).Replace(string(before.body))
			if string(after.body) != want {
				t.Errorf("is\n%s\nand not\n%s", after.body, want)
			}
		}},
		{"/conf/update/update-content-type", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPatch, aStation, `{"properties":{"capacity":12}}`, "If-Match", `"1"`, "Content-Type", "").want(t, 400)
		}},
		{"/conf/update/update-rid", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPatch, aStation, `{"id":"S-009"}`, "If-Match", `"1"`, "Content-Type", mergePatchType).want(t, 400)
		}},
		{"/conf/optimistic-locking-etags/get-etag", func(t *testing.T, w *stage) {
			for _, target := range []string{aStation, "/api/collections/units/items/150702", "/api/collections/friendly_scenes/items/F-001", "/api/collections/micro_grids/items/150702001001001"} {
				if a := w.get(t, target).want(t, 200); a.header.Get("ETag") != `"1"` {
					t.Errorf("%s: ETag %s", target, a.header.Get("ETag"))
				}
			}
		}},
		{"/conf/optimistic-locking-etags/replace", func(t *testing.T, w *stage) {
			body := strings.Replace(newStation, "S-002", "S-001", 1)
			a := w.admin(t, http.MethodPut, aStation, body, "If-Match", `"0"`).want(t, 412)
			if a.header.Get("ETag") != `"1"` {
				t.Errorf("ETag %s", a.header.Get("ETag"))
			}
			w.get(t, aStation).want(t, 200, `"version":1`)
			if a := w.admin(t, http.MethodPut, aStation, body, "If-Match", `"7", "1"`).want(t, 200); a.header.Get("ETag") != `"2"` {
				t.Errorf("ETag %s", a.header.Get("ETag"))
			}
			w.admin(t, http.MethodPut, aStation, body).want(t, 428)
			w.admin(t, http.MethodPut, aStation, body, "If-Match", `W/"2"`).want(t, 412)
			w.admin(t, http.MethodPut, aStation, body, "If-Match", `"2-gzip"`).want(t, 200)
			w.admin(t, http.MethodPut, aStation, body, "If-Match", `*`).want(t, 200)
		}},
		{"/conf/optimistic-locking-etags/update", func(t *testing.T, w *stage) {
			patch := func(match ...string) answer {
				return w.admin(t, http.MethodPatch, aStation, `{"properties":{"name":"x"}}`, append(match, "Content-Type", mergePatchType)...)
			}
			patch("If-Match", `"0"`).want(t, 412)
			if a := patch("If-Match", `"1"`).want(t, 200); a.header.Get("ETag") != `"2"` {
				t.Errorf("ETag %s", a.header.Get("ETag"))
			}
			patch().want(t, 428)
		}},
		{"/conf/optimistic-locking-etags/delete", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodDelete, aStation, "", "If-Match", `"0"`).want(t, 412)
			w.get(t, aStation).want(t, 200)
			w.admin(t, http.MethodDelete, aStation, "", "If-Match", `"1"`).want(t, 204)
			w.get(t, aStation).want(t, 404)
			w.admin(t, http.MethodDelete, "/api/collections/friendly_scenes/items/F-001", "").want(t, 428)
		}},
		{"/conf/features/endpoints", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				if methods := w.ask(t, http.MethodOptions, path+"/items").want(t, 200).header.Get("Allow"); methods != itemsMethods {
					t.Errorf("%s allows %s", path, methods)
				}
				for _, f := range decoded[pageOf](t, w.get(t, path+"/items")).Features {
					if methods := w.ask(t, http.MethodOptions, path+"/items/"+f.ID).want(t, 200).header.Get("Allow"); methods != itemMethods {
						t.Errorf("%s/items/%s allows %s", path, f.ID, methods)
					}
				}
				if described := decoded[map[string]any](t, w.get(t, path)); described["supportsNonAutogeneratedResourceIds"] != nil {
					t.Errorf("%s says that PUT creates, which it does not", path)
				}
			})
		}},
		{"/conf/features/crs", func(t *testing.T, w *stage) {
			for i, system := range []struct{ name, at string }{{"", "[119.715,49.205]"}, {epsgBase + "4326", "[49.205,119.715]"}, {epsgBase + "4490", "[49.205,119.715]"}, {epsgBase + "3857", string(appendMercator(nil, orb.Point{119.715, 49.205}))}} {
				body := strings.NewReplacer("S-002", fmt.Sprintf("S-1%d", i), "[119.715,49.205]", system.at).Replace(newStation)
				header := ""
				if system.name != "" {
					header = "<" + system.name + ">"
				}
				w.admin(t, http.MethodPost, stationsItems, body, headerContentCRS, header).want(t, 201, system.at[:6])
				w.get(t, fmt.Sprintf("%s/S-1%d", stationsItems, i)).want(t, 200, `"coordinates":[119.715,49.205]`)
			}
			w.admin(t, http.MethodPost, stationsItems, newStation, headerContentCRS, "<"+epsgBase+"32650>").want(t, 400, headerContentCRS)
		}},
		{"/conf/features/schema", func(t *testing.T, w *stage) {
			schema := decoded[struct {
				Schema               string `json:"$schema"`
				AdditionalProperties any    `json:"additionalProperties"`
				Properties           map[string]struct {
					ReadOnly bool `json:"readOnly"`
				} `json:"properties"`
			}](t, w.get(t, "/api/collections/stations/schema"))
			if schema.Schema == "" || schema.AdditionalProperties != false {
				t.Errorf("the schema is %+v", schema)
			}
			w.admin(t, http.MethodPost, stationsItems, newStation).want(t, 201)
			w.admin(t, http.MethodPost, stationsItems, strings.Replace(newStation, `"S-002"`, `"S-003","phone":"1"`, 1)).want(t, 400, "body.properties.phone", "is unknown here")
			readOnly := 0
			for name, property := range schema.Properties {
				if property.ReadOnly {
					readOnly++
					w.admin(t, http.MethodPost, stationsItems, strings.Replace(newStation, `"S-002"`, `"S-003","`+name+`":1`, 1)).want(t, 400, "body.properties."+name)
				}
			}
			if readOnly == 0 {
				t.Error("the schema says of no property that it can only be read")
			}
			w.get(t, stationsItems+"/S-003").want(t, 404)
		}},
		{"/conf/features/geojson", func(t *testing.T, w *stage) {
			body := strings.Replace(newStation, `"type":"Feature"`, `"type":"Feature","id":"S-009"`, 1)
			before := w.get(t, aStation).want(t, 200)
			w.admin(t, http.MethodPut, aStation, body, "If-Match", `"1"`).want(t, 400)
			if after := w.get(t, aStation).want(t, 200); string(after.body) != string(before.body) {
				t.Errorf("was refused and is changed: %s", after.body)
			}
			w.get(t, stationsItems+"/S-009").want(t, 404)
			right := strings.NewReplacer(`"type":"Feature"`, `"type":"Feature","id":"S-001"`, "S-002", "S-001").Replace(newStation)
			w.admin(t, http.MethodPut, aStation, right, "If-Match", `"1"`).want(t, 200)
			w.get(t, aStation).want(t, 200, `"id":"S-001"`, `"coordinates":[119.715,49.205]`)
		}},
		{"/conf/features/json-merge-patch", func(t *testing.T, w *stage) {
			w.admin(t, http.MethodPatch, aStation, `{"geometry":{"type":"Point","coordinates":[119.706,49.206]},"properties":{"name":"改名","address":"胜利大街","services":null}}`,
				"If-Match", `"1"`, "Content-Type", mergePatchType).want(t, 200, "改名", "胜利大街", `"services":[]`, `[119.706,49.206]`, `"capacity":10`)
			w.admin(t, http.MethodPatch, aStation, `{"properties":{"code":"S-009"}}`, "If-Match", `"2"`, "Content-Type", mergePatchType).want(t, 400)
		}},
	}
}

func TestWhoMayWrite(t *testing.T) {
	w := newEditingStage(t)
	w.send(t, http.MethodPost, stationsItems, newStation, "Content-Type", geoJSONType).want(t, 401)
	w.as(t, eastToken, http.MethodPost, stationsItems, newStation).want(t, 403)
	w.as(t, eastToken, http.MethodDelete, aStation, "", "If-Match", `"1"`).want(t, 403)
	w.get(t, aStation).want(t, 200, `"version":1`)
	w.send(t, http.MethodPost, changesetsPath, `{"edits":[]}`).want(t, 401)
	nobody := newStage(t)
	nobody.send(t, http.MethodPost, stationsItems, newStation, "Content-Type", geoJSONType).want(t, 401)
}

func TestFaultsOfFeaturesThatAreSent(t *testing.T) {
	w := newEditingStage(t)
	area := func(coordinates string) string {
		return `{"type":"Feature","geometry":{"type":"Polygon","coordinates":` + coordinates + `},"properties":{"code":"150702001001003","name":"x","households":1,"zone":"core","status":"draft"}}`
	}
	for _, test := range []struct {
		name, collection, body string
		status                 int
		has                    []string
	}{
		{"nothing", "stations", " ", 400, []string{"is empty"}},
		{"no JSON", "stations", `{"type":`, 400, []string{"is not JSON"}},
		{"not UTF-8", "stations", "\"\xff\"", 400, []string{"UTF-8"}},
		{"member twice", "stations", `{"type":"Feature","type":"Feature"}`, 400, []string{"twice"}},
		{"no feature", "stations", `[]`, 400, []string{"is not a GeoJSON feature"}},
		{"null", "stations", `null`, 400, []string{"is not a GeoJSON feature"}},
		{"another type", "stations", `{"type":"FeatureCollection"}`, 400, []string{"body.type"}},
		{"unknown member", "stations", `{"type":"Feature","colour":"red"}`, 400, []string{"body.colour"}},
		{"old crs", "stations", `{"type":"Feature","crs":{}}`, 400, []string{"Content-Crs"}},
		{"no properties", "stations", `{"type":"Feature","geometry":null}`, 400, []string{"body.properties"}},
		{"no geometry", "stations", strings.Replace(newStation, `{"type":"Point","coordinates":[119.715,49.205]}`, "null", 1), 400, []string{"body.geometry", "is required"}},
		{"swapped", "stations", strings.Replace(newStation, "[119.715,49.205]", "[49.205,119.715]", 1), 400, []string{"body#/geometry/coordinates", "not on the earth"}},
		{"out of range", "stations", strings.Replace(newStation, "119.715", "1e999", 1), 400, []string{"out of range"}},
		{"NaN", "stations", strings.Replace(newStation, "119.715", "NaN", 1), 400, []string{"is not JSON"}},
		{"a text", "stations", strings.Replace(newStation, "119.715", `"119.7"`, 1), 400, []string{"body#/geometry/coordinates/0", "is not a number"}},
		{"another geometry", "stations", strings.Replace(newStation, `"Point"`, `"LineString"`, 1), 400, []string{"body#/geometry/type"}},
		{"id and code", "stations", strings.Replace(newStation, `"type":"Feature"`, `"type":"Feature","id":"S-9"`, 1), 400, []string{"body.id"}},
		{"no code", "stations", strings.Replace(newStation, `"code":"S-002",`, "", 1), 400, []string{"body.properties.code"}},
		{"rule of the noun", "stations", strings.Replace(newStation, `"bank"`, `"bank","kind":"union"`, 1), 400, []string{"body.properties.kind"}},
		{"hours", "stations", strings.Replace(newStation, `"bank"`, `"bank","opening_hours":"sometimes"`, 1), 400, []string{"body.properties.opening_hours"}},
		{"type of a property", "stations", strings.Replace(newStation, `"bank"`, `"bank","capacity":"ten"`, 1), 400, []string{"body.properties.capacity"}},
		{"reference", "stations", strings.Replace(newStation, "150702001001", "150702001009", 1), 400, []string{"body.properties.community"}},
		{"outside the city", "stations", strings.Replace(newStation, "119.715", "120.715", 1), 400, []string{"body.geometry", "outside the extent"}},
		{"ring open", "micro_grids", area(`[[[119.7,49.2],[119.71,49.2],[119.71,49.21],[119.7,49.21]]]`), 400, []string{"body#/geometry/coordinates/0/3", "not closed"}},
		{"ring short", "micro_grids", area(`[[[119.7,49.2],[119.71,49.2],[119.7,49.2]]]`), 400, []string{"body#/geometry/coordinates/0", "at least 4"}},
		{"position short", "micro_grids", area(`[[[119.7,49.2],[119.71],[119.71,49.21],[119.7,49.2]]]`), 400, []string{"body#/geometry/coordinates/0/1"}},
		{"position text", "micro_grids", area(`[[[119.7,49.2],[119.71,"a"],[119.71,49.21],[119.7,49.2]]]`), 400, []string{"body#/geometry/coordinates/0/1/1"}},
		{"no ring", "micro_grids", area(`[]`), 400, []string{"has no ring"}},
		{"deep", "micro_grids", area(strings.Repeat("[", 60) + strings.Repeat("]", 60)), 400, []string{"nested deeper"}},
		{"crossing itself", "micro_grids", area(`[[[119.7,49.2],[119.71,49.21],[119.71,49.2],[119.7,49.21],[119.7,49.2]]]`), 400, []string{"body.geometry", "Self-intersection at [119.705, 49.205]"}},
		{"overlap", "micro_grids", area(`[[[119.7,49.2],[119.71,49.2],[119.71,49.21],[119.7,49.21],[119.7,49.2]]]`), 400, []string{"body.geometry", "do not fit together"}},
		{"scene with an outline", "friendly_scenes", `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[119.7,49.2],[119.71,49.2],[119.71,49.21],[119.7,49.2]]]},"properties":{"code":"F-002","name":"x","kind":"park","micro_grids":["150702001001001"]}}`,
			400, []string{"follows from micro_grids"}},
		{"script", "stations", strings.Replace(newStation, `"bank"`, `"<script>"`, 1), 400, []string{"body.properties.sponsor"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := w.admin(t, http.MethodPost, "/api/collections/"+test.collection+"/items", test.body).want(t, test.status, test.has...)
			if strings.Contains(string(a.body), "<script>") {
				t.Errorf("echoes: %s", a.body)
			}
		})
	}
	large := strings.Replace(newStation, "新驿站", strings.Repeat("x", bodyLimit), 1)
	address := w.listen(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+stationsItems, strings.NewReader(large))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a large body: status %d", response.StatusCode)
		}
	}
}

func TestAreasAreEdited(t *testing.T) {
	w := newEditingStage(t)
	grid := "/api/collections/micro_grids/items/150702001001001"
	before := w.get(t, grid).want(t, 200)
	// What was read can be written as it is, in any system.
	for version, system := range []string{"", "[EPSG:4326]", "[EPSG:3857]"} {
		as, header := grid, ""
		if system != "" {
			as, header = grid+"?crs="+system, system
		}
		read := w.get(t, as).want(t, 200)
		w.admin(t, http.MethodPut, grid, string(read.body), "If-Match", fmt.Sprintf(`"%d"`, version+1), headerContentCRS, header).want(t, 200)
	}
	if after := w.get(t, grid); strings.Replace(string(after.body), `"version":4`, `"version":1`, 1) != string(before.body) {
		t.Errorf("became\n%s\nfrom\n%s", after.body, before.body)
	}
	// A ring the other way round is turned.
	turned := `{"geometry":{"type":"Polygon","coordinates":[[[119.7,49.2],[119.7,49.21],[119.71,49.21],[119.71,49.2],[119.7,49.2]]]}}`
	w.admin(t, http.MethodPatch, grid, turned, "If-Match", `"4"`, "Content-Type", mergePatchType).want(t, 200, `[[[[119.7,49.2],[119.71,49.2],[119.71,49.21],[119.7,49.21],[119.7,49.2]]]]`)
	scene := "/api/collections/friendly_scenes/items/F-001"
	w.admin(t, http.MethodPut, scene, string(w.get(t, scene).body), "If-Match", "*").want(t, 200)
}

// TestOneOfFiftyWins holds the promise of If-Match under fifty writers at once.
func TestOneOfFiftyWins(t *testing.T) {
	w := newEditingStage(t)
	var won, lost sync.Map
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			body := strings.NewReplacer("S-002", "S-001", "新驿站", fmt.Sprintf("第%d", i)).Replace(newStation)
			switch a := w.fetch(t, http.MethodPut, aStation, body, "Authorization", "Bearer "+adminToken, "Content-Type", geoJSONType, "If-Match", `"1"`); a.status {
			case http.StatusOK:
				won.Store(i, string(a.body))
			case http.StatusPreconditionFailed:
				lost.Store(i, a.header.Get("ETag"))
			default:
				t.Errorf("writer %d: status %d: %s", i, a.status, a.body)
			}
		})
	}
	group.Wait()
	winners, losers := 0, 0
	won.Range(func(i, _ any) bool {
		winners++
		w.get(t, aStation).want(t, 200, fmt.Sprintf("第%d", i), `"version":2`)
		return true
	})
	lost.Range(func(i, tag any) bool {
		losers++
		if tag != `"2"` {
			t.Errorf("writer %v is told %v", i, tag)
		}
		return true
	})
	if winners != 1 || losers != 49 {
		t.Errorf("%d won and %d lost", winners, losers)
	}
}

func TestChangesets(t *testing.T) {
	w := newEditingStage(t)
	post := func(query, body string) answer {
		return w.admin(t, http.MethodPost, changesetsPath+query, body, "Content-Type", mediaJSON)
	}
	edits := `{"reason":"两处","edits":[{"op":"create","collection":"stations","feature":` + newStation + `},
		{"op":"update","collection":"units","code":"150702","version":1,"feature":{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[119.7,49.2],[119.71,49.2],[119.72,49.2],[119.72,49.21],[119.71,49.21],[119.7,49.21],[119.7,49.2]]]},"properties":{"level":"banner","name":"海拉尔"}}},
		{"op":"delete","collection":"friendly_scenes","code":"F-001","version":1}]}`
	post("?dry_run=true", edits).want(t, 200, `"id":null`, `"changes":3`, `"dry_run":true`)
	w.get(t, stationsItems+"/S-002").want(t, 404)
	a := post("", edits).want(t, 201, `"changes":3`)
	var applied AppliedReport
	if err := json.Unmarshal(a.body, &applied); err != nil || applied.ID == nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	w.get(t, stationsItems+"/S-002").want(t, 200)
	w.get(t, "/api/collections/units/items/150702").want(t, 200, `"海拉尔"`, `"version":2`)
	own := fmt.Sprintf("%s/%d", changesetsPath, *applied.ID)
	if a.header.Get("Location") != own {
		t.Errorf("Location %s", a.header.Get("Location"))
	}
	w.ask(t, http.MethodGet, own).want(t, 401)
	w.admin(t, http.MethodGet, own, "").want(t, 200, `"author":"admin"`, `"reason":"两处"`, `"before":null`, `"after":null`, `"海拉尔区"`)
	w.admin(t, http.MethodGet, own+"?limit=2", "").want(t, 200, fmt.Sprintf(`"next":%d`, *applied.LastSeq-1))

	w.admin(t, http.MethodPost, own+"/revert", "").want(t, 201, `"changes":3`)
	w.get(t, stationsItems+"/S-002").want(t, 404)
	w.get(t, "/api/collections/units/items/150702").want(t, 200, `"海拉尔区"`, `"version":3`)
	w.get(t, "/api/collections/friendly_scenes/items/F-001").want(t, 200)
	w.admin(t, http.MethodPost, own+"/revert", "").want(t, 409, "changed since: ", "units/150702 by changeset")
	w.admin(t, http.MethodPost, changesetsPath+"/999/revert", "").want(t, 404)

	for _, bad := range []struct{ body, has string }{
		{`{"edits":[]}`, "body.edits"}, {`{"edits":[{"op":"merge","collection":"units"}]}`, "body.edits[0].op"}, {`{"edits":[{"op":"create","collection":"leaders"}]}`, "body.edits[0].collection"},
		{`{"edits":[{"op":"delete","collection":"units","code":"150702"}]}`, "body.edits[0]"}, {`{"edits":[{"op":"delete","collection":"units","code":"150702","version":1,"force":true}]}`, "body.edits[0].force"},
		{`{"edits":[{"op":"create","collection":"stations","feature":` + strings.Replace(newStation, "119.715", `"a"`, 1) + `}]}`, "body.edits[0].feature#/geometry/coordinates/0"},
		{`{"edits":[{"op":"create","collection":"stations","feature":` + strings.Replace(newStation, "150702001001", "150702001009", 1) + `}]}`, "body.edits[0].feature.properties.community"},
	} {
		post("", bad.body).want(t, 400, bad.has)
	}
	post("", `{"edits":[{"op":"delete","collection":"stations","code":"S-001","version":9}]}`).want(t, 409, "version")
	post("?dry_run=true", `{"edits":[{"op":"delete","collection":"stations","code":"S-001","version":9}]}`).want(t, 409)
	w.as(t, eastToken, http.MethodPost, changesetsPath+"?dry_run=true", `{"edits":[{"op":"delete","collection":"stations","code":"S-001","version":1}]}`, "Content-Type", mediaJSON).want(t, 403)
}

func TestHistory(t *testing.T) {
	w := newEditingStage(t)
	w.admin(t, http.MethodPatch, aStation, `{"properties":{"name":"二"}}`, "If-Match", `"1"`, "Content-Type", mergePatchType).want(t, 200)
	w.admin(t, http.MethodDelete, aStation, "", "If-Match", `"2"`).want(t, 204)
	history := "/api/history/stations/S-001"
	a := w.get(t, history).want(t, 200, `"op":"delete"`, `"op":"update"`, `"op":"create"`, `"author":null`)
	var report HistoryReport
	if err := json.Unmarshal(a.body, &report); err != nil || len(report.Versions) != 3 {
		t.Fatalf("%v: %s", err, a.body)
	}
	w.admin(t, http.MethodGet, history, "").want(t, 200, `"author":"admin"`, `"author":"test"`, `"reason":"update stations/S-001"`)
	w.get(t, history+"?limit=1").want(t, 200, `"rel":"next"`, fmt.Sprintf("before=%d", report.Versions[0].Seq))
	w.get(t, fmt.Sprintf("%s?before=%d", history, report.Versions[1].Seq)).want(t, 200, `"op":"create"`)
	at := func(moment string) answer { return w.get(t, history+"?at="+moment) }
	at(fmt.Sprint(report.Versions[2].Seq)).want(t, 200, `"name":"驿站"`, `"version":1`)
	at(fmt.Sprint(report.Versions[1].Seq)).want(t, 200, `"name":"二"`, `"version":2`)
	at(fmt.Sprint(report.Versions[0].Seq)).want(t, 404, "there was no")
	at(report.Versions[1].At.Format("2006-01-02T15:04:05.999999Z")).want(t, 200, `"version":2`)
	at("2020-01-01T00:00:00Z").want(t, 404)
	at("99999").want(t, 400, "query.at", "after the last change")
	at("yesterday").want(t, 400, "query.at")
	w.get(t, "/api/history/stations/S-404").want(t, 404)
	w.get(t, "/api/history/leaders/15070200100100101").want(t, 404)
}

// FuzzFeature holds that no body at all is our fault, and that what is read is written as it was.
func FuzzFeature(f *testing.F) {
	for _, seed := range []string{newStation, `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[119.7,49.2],[119.71,49.2],[119.71,49.21],[119.7,49.2]]]},"properties":{"code":"150702001001003","name":"x","households":1,"zone":"core","status":"draft"}}`,
		`{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[1,2],[3,4,5],[5,6],[1,2]]]]},"properties":{}}`, "{}", "[]", "null", `{"type":"Feature","properties":{"version":1e400}}`, strings.Repeat("[", 3000), `{"type":"Feature","geometry":{"type":"Point","coordinates":[[[]]]}}`} {
		f.Add(seed)
	}
	s := assemble(Options{})
	f.Fuzz(func(t *testing.T, body string) {
		in := writeInput{contentType: geoJSONType, body: []byte(body)}
		for _, c := range collections() {
			system, err := in.prepare(geoJSONType)
			var read yizhan.Feature
			if err == nil {
				read, err = received{server: s, system: system, at: "body"}.feature(c, in.body)
			}
			if err != nil {
				if p := problemOf(err); p.Status >= 500 || p.Status < 400 {
					t.Errorf("%q: %+v", body, p)
				}
				continue
			}
			again, err := appendFeature(nil, read, form{crs: system})
			if err != nil || !json.Valid(again) {
				t.Errorf("%q is written %s (%v)", body, again, err)
			}
			if _, err := patched(read, in.body, system); err != nil {
				t.Errorf("%q patches itself: %v", body, err)
			}
		}
	})
}
