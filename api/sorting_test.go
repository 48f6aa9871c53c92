package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
)

// A real store has the order; here is what of it goes over the wire.
func TestSortby(t *testing.T) {
	w := newStage(t)
	var asked yizhan.Query
	w.store.find = func(_ context.Context, q yizhan.Query) (yizhan.Page, error) {
		asked = q
		return yizhan.Page{Seq: 42, Features: w.features(yizhan.Stations)[:1], More: true, Last: []string{"17", "驿\"站"}[:len(q.Sort)]}, nil
	}
	for _, test := range []struct {
		sortby string
		want   []yizhan.SortKey
	}{
		{"name", []yizhan.SortKey{{Property: "name"}}},
		{"-capacity,name", []yizhan.SortKey{{Property: "capacity", Descending: true}, {Property: "name"}}},
		{"+capacity,-name", []yizhan.SortKey{{Property: "capacity"}, {Property: "name", Descending: true}}},
		{" capacity", []yizhan.SortKey{{Property: "capacity"}}},
	} {
		target := "/api/collections/stations/items?limit=1&sortby=" + url.QueryEscape(test.sortby)
		a := w.get(t, target)
		if a.status != 200 || !reflect.DeepEqual(asked.Sort, test.want) || asked.After != "" {
			t.Fatalf("%s: status %d, asks %+v: %s", test.sortby, a.status, asked, a.body)
		}
		next := strings.TrimPrefix(linkOf(t, decoded[pageOf](t, a).Links, "next").Href, "http://example.com")
		w.get(t, next).want(t, 200)
		if !reflect.DeepEqual(asked.Sort, test.want) || asked.After != "S-001" || !reflect.DeepEqual(asked.AfterValues, []string{"17", "驿\"站"}[:len(test.want)]) {
			t.Errorf("%s: the next page asks %+v", next, asked)
		}
		// The cursor of one order is none of another.
		other := strings.Replace(next, "sortby="+url.QueryEscape(test.sortby), "sortby=status", 1)
		w.get(t, other).want(t, 400, "query.after")
	}
	pack := func(parts ...string) string {
		packed, _ := json.Marshal(parts)
		return base64.RawURLEncoding.EncodeToString(packed)
	}
	for query, want := range map[string]string{
		"sortby=colour":                     "query.sortby",
		"sortby=":                           "query.sortby",
		"sortby=--name":                     "query.sortby",
		"sortby=geometry":                   "query.sortby",
		"sortby=services":                   "query.sortby",
		"sortby=name,":                      "query.sortby",
		"sortby=name&sortby=status":         "query.sortby",
		"sortby=name,kind,status,community": "query.sortby",
		"sortby=name&after=" + encodeCursor("S-001"):          "query.after",
		"after=" + pack("name", "x", "S-001"):                 "query.after",
		"sortby=name&after=" + pack("name", "S-001"):          "query.after",
		"sortby=name&after=" + pack("name", "x", "y", "S-01"): "query.after",
		"sortby=name&after=" + pack("name", "x", "<b>"):       "query.after",
		"sortby=name&after=AAAA":                              "query.after",
	} {
		w.get(t, "/api/collections/stations/items?"+query).want(t, 400, want)
	}
	w.get(t, "/api/collections/stations/sortables").want(t, 200, `"capacity":{"title":"capacity","type":"number"}`)
	w.get(t, "/api/collections/stations/sortables?f=html").want(t, 200, "可排序属性")
}

// With properties, an answer is the whole one, which fits the schema, without the other properties.
func TestPropertiesCutTheAnswer(t *testing.T) {
	w := newStage(t)
	for _, c := range collections() {
		names := memberNames(c.properties)
		first := w.features(c.name)[0].Ref().Code
		for i, name := range names {
			for _, wanted := range [][]string{{name}, {name, names[(i+3)%len(names)]}} {
				for _, target := range []string{c.path() + "/items?", c.path() + "/items/" + first + "?"} {
					asked := target + "properties=" + strings.Join(wanted, ",")
					whole, cut := decoded[map[string]any](t, w.get(t, target)), decoded[map[string]any](t, w.fetch(t, "GET", asked, ""))
					cutProperties(whole, wanted)
					delete(whole, "links") // which name the parameter
					delete(cut, "links")
					if fmt.Sprint(whole) != fmt.Sprint(cut) {
						t.Errorf("%s:\n%v, want\n%v", asked, cut, whole)
					}
				}
			}
		}
	}
}

// cutProperties leaves only some of the properties of a feature, or of each in a collection.
func cutProperties(of map[string]any, wanted []string) {
	if features, ok := of["features"].([]any); ok {
		for _, f := range features {
			cutProperties(f.(map[string]any), wanted)
		}
		return
	}
	maps.DeleteFunc(of["properties"].(map[string]any), func(name string, _ any) bool { return !slices.Contains(wanted, name) })
}
