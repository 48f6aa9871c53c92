package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The tests of this file are the abstract test suites of OGC API Features parts 1 (17-069r4) and 2 (18-058r1),
// by the ids of their tests; those of descriptions are in ogcfeatures_described_test.go, that of part 4 in
// writes_test.go. TestEveryAbstractTest holds all of them to the lists of the annexes.

// abstractTest is one of an abstract test suite.
type abstractTest struct {
	id  string
	run func(*testing.T, *stage)
}

// runAbstract runs tests, each on a stage of its own.
func runAbstract(t *testing.T, tests []abstractTest, build func(*testing.T) *stage) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.id, func(t *testing.T) { test.run(t, build(t)) })
	}
}

type linked struct {
	Links []Link `json:"links"`
}

func (l linked) find(rel, mediaType string) *Link {
	i := slices.IndexFunc(l.Links, func(link Link) bool { return link.Rel == rel && (mediaType == "" || link.Type == mediaType) })
	if i < 0 {
		return nil
	}
	return &l.Links[i]
}

// follow asks for a link.
func (w *stage) follow(t *testing.T, link *Link) answer {
	t.Helper()
	if link == nil {
		t.Fatal("the link is not there")
	}
	return w.get(t, strings.TrimPrefix(link.Href, "http://example.com")).want(t, 200)
}

func decoded[T any](t *testing.T, a answer) (value T) {
	t.Helper()
	if err := json.Unmarshal(a.body, &value); err != nil {
		t.Fatalf("%v in %.300s", err, a.body)
	}
	return value
}

func checkRels(t *testing.T, a answer, rels ...string) linked {
	t.Helper()
	l := decoded[linked](t, a)
	for _, link := range l.Links {
		if link.Rel == "" || link.Type == "" || link.Href == "" {
			t.Errorf("the link %+v has no rel or no type", link)
		}
	}
	for _, rel := range rels {
		if l.find(rel, "") == nil {
			t.Errorf("no link is %s: %+v", rel, l.Links)
		}
	}
	return l
}

type pageOf struct {
	linked
	NumberReturned int    `json:"numberReturned"`
	TimeStamp      string `json:"timeStamp"`
	Type           string `json:"type"`
	Features       []struct {
		Type       string `json:"type"`
		ID         string `json:"id"`
		Geometry   any    `json:"geometry"`
		Properties map[string]any
	} `json:"features"`
}

// everyCollection runs a test for each.
func everyCollection(t *testing.T, w *stage, run func(t *testing.T, path string)) {
	t.Helper()
	list := decoded[CollectionList](t, w.get(t, "/api/collections"))
	if len(list.Collections) != 4 {
		t.Fatalf("%d collections", len(list.Collections))
	}
	for _, c := range list.Collections {
		run(t, "/api/collections/"+c.ID)
	}
}

func TestPart1And2(t *testing.T) {
	plain := func(t *testing.T) *stage { return newStage(t) }
	runAbstract(t, coreTests(), plain)
	runAbstract(t, describedTests(), plain)
	runAbstract(t, selectionTests(), newEditingStage)
}

func coreTests() []abstractTest {
	return []abstractTest{
		{"/conf/core/http", func(t *testing.T, w *stage) {
			w.ask(t, http.MethodHead, "/api/").want(t, 200)
			w.get(t, "/api/collections/nothing").want(t, 404)
		}},
		{"/conf/core/root-op", func(t *testing.T, w *stage) { w.get(t, "/api/").want(t, 200) }},
		{"/conf/core/root-success", func(t *testing.T, w *stage) {
			checkRels(t, w.get(t, "/api/"), "self", "alternate", "service-desc", "service-doc", "conformance", "data")
		}},
		{"/conf/core/api-definition-op", func(t *testing.T, w *stage) {
			w.follow(t, checkRels(t, w.get(t, "/api/")).find("service-desc", ""))
		}},
		{"/conf/core/api-definition-success", func(t *testing.T, w *stage) {
			document := decoded[struct {
				OpenAPI string `json:"openapi"`
				Paths   map[string]any
			}](t, w.get(t, "/api/openapi.json"))
			if !strings.HasPrefix(document.OpenAPI, "3.") || document.Paths["/api/collections/stations/items"] == nil {
				t.Errorf("document of %s", document.OpenAPI)
			}
		}},
		{"/conf/core/conformance-op", func(t *testing.T, w *stage) {
			w.follow(t, checkRels(t, w.get(t, "/api/")).find("conformance", ""))
		}},
		{"/conf/core/conformance-success", func(t *testing.T, w *stage) {
			classes := decoded[Conformance](t, w.get(t, "/api/conformance")).ConformsTo
			for _, part := range []string{"1/1.0/conf/core", "1/1.0/conf/geojson", "1/1.0/conf/html", "2/1.0/conf/crs", "3/1.0/conf/filter", "4/1.0/conf/create-replace-delete"} {
				if !slices.Contains(classes, "http://www.opengis.net/spec/ogcapi-features-"+part) {
					t.Errorf("does not conform to %s", part)
				}
			}
			if sorted := slices.Compact(slices.Sorted(slices.Values(classes))); len(sorted) != len(classes) {
				t.Error("a class occurs twice")
			}
		}},
		{"/conf/core/fc-md-op", func(t *testing.T, w *stage) {
			w.follow(t, checkRels(t, w.get(t, "/api/")).find("data", ""))
		}},
		{"/conf/core/fc-md-success", func(t *testing.T, w *stage) {
			checkRels(t, w.get(t, "/api/collections"), "self", "alternate")
			for _, c := range decoded[CollectionList](t, w.get(t, "/api/collections")).Collections {
				items := linked{c.Links}
				if items.find("items", geoJSONType) == nil || items.find("items", mediaHTML) == nil || c.Extent == nil || len(c.Extent.Spatial.BBox) != 1 || c.ItemType != "feature" {
					t.Errorf("%+v", c)
				}
			}
		}},
		{"/conf/core/sfc-md-op", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) { w.get(t, path).want(t, 200) })
		}},
		{"/conf/core/sfc-md-success", func(t *testing.T, w *stage) {
			listed := map[string]any{}
			for _, c := range decoded[struct{ Collections []map[string]any }](t, w.get(t, "/api/collections")).Collections {
				listed[fmt.Sprintf("/api/collections/%s", c["id"])] = c
			}
			everyCollection(t, w, func(t *testing.T, path string) {
				checkRels(t, w.get(t, path), "self", "alternate", "items", relQueryables, relSchema)
				if one := decoded[map[string]any](t, w.get(t, path)); !reflect.DeepEqual(any(one), listed[path]) {
					t.Errorf("%s is described in two ways", path)
				}
			})
		}},
		{"/conf/core/fc-op", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				w.follow(t, checkRels(t, w.get(t, path)).find("items", geoJSONType))
			})
		}},
		{"/conf/core/fc-response", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				a := w.get(t, path+"/items").want(t, 200)
				checkRels(t, a, "self", "alternate")
				page := decoded[pageOf](t, a)
				if page.Type != "FeatureCollection" || page.NumberReturned != len(page.Features) || page.TimeStamp != "2026-03-10T04:00:00Z" || a.header.Get("Content-Type") != geoJSONType {
					t.Errorf("%s: %s of %d", path, page.Type, page.NumberReturned)
				}
			})
		}},
		{"/conf/core/fc-limit-definition", func(t *testing.T, w *stage) { checkParameter(t, w, "limit", "integer") }},
		{"/conf/core/fc-limit-response", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				if page := decoded[pageOf](t, w.get(t, path+"/items?limit=1")); len(page.Features) > 1 {
					t.Errorf("%s: %d features", path, len(page.Features))
				}
				w.get(t, path+"/items?limit=0").want(t, 400)
				w.get(t, path+"/items?limit=10001").want(t, 400)
			})
		}},
		{"/conf/core/fc-links", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				var seen []string
				for target := path + "/items?limit=2"; target != ""; {
					page := decoded[pageOf](t, w.get(t, target).want(t, 200))
					for _, f := range page.Features {
						seen = append(seen, f.ID)
					}
					target = ""
					if next := page.find("next", geoJSONType); next != nil {
						target = strings.TrimPrefix(next.Href, "http://example.com")
					}
				}
				whole := decoded[pageOf](t, w.get(t, path+"/items?limit=1000"))
				if len(whole.Features) != len(seen) || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != len(seen) {
					t.Errorf("%s: %d features page by page, %d at once", path, len(seen), len(whole.Features))
				}
			})
		}},
		{"/conf/core/fc-bbox-definition", func(t *testing.T, w *stage) { checkParameter(t, w, "bbox", "array") }},
		{"/conf/core/fc-bbox-response", func(t *testing.T, w *stage) {
			w.get(t, "/api/collections/stations/items?bbox=119,49,120,50").want(t, 200)
			w.get(t, "/api/collections/stations/items?bbox=119,49,120").want(t, 400)
			w.get(t, "/api/collections/stations/items?bbox=119,50,120,49").want(t, 400)
		}},
		{"/conf/core/fc-time-definition", func(t *testing.T, w *stage) { checkParameter(t, w, "datetime", "string") }},
		{"/conf/core/fc-time-response", func(t *testing.T, w *stage) {
			for _, moment := range []string{"2026-03-10T04:00:00Z", "2026-03-10T04:00:00Z/2026-03-11T04:00:00Z", "2026-03-10T04:00:00Z/..", "../2026-03-10T04:00:00Z", "2026-03-10T04:00:00Z/", "/2026-03-10T04:00:00Z"} {
				w.get(t, "/api/collections/stations/items?datetime="+url.QueryEscape(moment)).want(t, 200)
			}
			w.get(t, "/api/collections/stations/items?datetime=yesterday").want(t, 400)
		}},
		{"/conf/core/query-param-unknown", func(t *testing.T, w *stage) {
			for _, target := range []string{"/api/?x=1", "/api/conformance?x=1", "/api/collections?x=1", "/api/collections/units?x=1", "/api/collections/units/items?x=1", "/api/collections/units/items/150702?x=1"} {
				w.get(t, target).want(t, 400, `"query.x"`)
			}
		}},
		{"/conf/core/query-param-invalid", func(t *testing.T, w *stage) {
			w.get(t, "/api/collections/units/items?limit=many").want(t, 400, `"query.limit"`)
		}},
		{"/conf/core/f-op", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				for _, f := range decoded[pageOf](t, w.get(t, path+"/items")).Features {
					w.get(t, path+"/items/"+f.ID).want(t, 200)
				}
			})
		}},
		{"/conf/core/f-success", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				first := decoded[pageOf](t, w.get(t, path+"/items")).Features[0]
				l := checkRels(t, w.get(t, path+"/items/"+first.ID), "self", "alternate", "collection")
				w.follow(t, l.find("collection", ""))
				w.follow(t, l.find("alternate", mediaHTML))
			})
		}},
		{"/conf/core/crs84", func(t *testing.T, w *stage) {
			w.get(t, "/api/collections/stations/items/S-001").want(t, 200, "[119.7364,49.2122]")
		}},
		{"/conf/geojson/content", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				for _, f := range decoded[pageOf](t, w.get(t, path+"/items")).Features {
					if f.Type != "Feature" || f.ID == "" || len(f.Properties) == 0 {
						t.Errorf("%s: %+v", path, f)
					}
				}
			})
		}},
		{"/conf/html/content", func(t *testing.T, w *stage) {
			for _, target := range []string{"/api/", "/api/conformance", "/api/collections", "/api/collections/units", "/api/collections/units/items", "/api/collections/units/items/150702"} {
				if a := w.get(t, target, "Accept", "text/html").want(t, 200, "<!doctype html>"); !strings.HasPrefix(a.header.Get("Content-Type"), mediaHTML) {
					t.Errorf("%s is %s", target, a.header.Get("Content-Type"))
				}
			}
		}},
		{"/conf/crs/crs-uri", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				for _, uri := range decoded[Collection](t, w.get(t, path)).CRS {
					if _, err := url.ParseRequestURI(uri); err != nil {
						t.Error(err)
					}
				}
			})
		}},
		{"/conf/crs/default-crs", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				if list := decoded[Collection](t, w.get(t, path)).CRS; list[0] != crs84 {
					t.Errorf("%s: %v", path, list)
				}
			})
		}},
		{"/conf/crs/storageCrs", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				if c := decoded[Collection](t, w.get(t, path)); !slices.Contains(c.CRS, c.StorageCRS) {
					t.Errorf("%s: %s", path, c.StorageCRS)
				}
			})
		}},
		{"/conf/crs/crs-parameter", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				for _, uri := range decoded[Collection](t, w.get(t, path)).CRS {
					first := decoded[pageOf](t, w.get(t, path+"/items")).Features[0].ID
					for _, target := range []string{path + "/items", path + "/items/" + first} {
						if a := w.get(t, target+"?crs="+url.QueryEscape(uri)).want(t, 200); a.header.Get(headerContentCRS) != "<"+uri+">" {
							t.Errorf("%s: Content-Crs %s", target, a.header.Get(headerContentCRS))
						}
					}
				}
			})
		}},
		{"/conf/crs/crs-parameter-invalid", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				w.get(t, path+"/items?crs=http://www.opengis.net/def/crs/XXX/0/1").want(t, 400)
			})
		}},
		{"/conf/crs/crs-parameter-default", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				plain, asked := w.get(t, path+"/items?limit=3"), w.get(t, path+"/items?limit=3&crs="+url.QueryEscape(crs84))
				if plain.header.Get(headerContentCRS) != "<"+crs84+">" || fmt.Sprint(decoded[pageOf](t, plain).Features) != fmt.Sprint(decoded[pageOf](t, asked).Features) {
					t.Errorf("%s: CRS84 is not the default", path)
				}
			})
		}},
		{"/conf/crs/bbox-crs-parameter", func(t *testing.T, w *stage) {
			for uri, box := range map[string]string{crs84: "119,49,120,50", epsgBase + "4326": "49,119,50,120", epsgBase + "4490": "49,119,50,120", epsgBase + "3857": "13247019,6274861,13358339,6446276"} {
				w.get(t, "/api/collections/stations/items?bbox="+box+"&bbox-crs="+url.QueryEscape(uri)).want(t, 200)
			}
		}},
		{"/conf/crs/bbox-crs-parameter-invalid", func(t *testing.T, w *stage) {
			w.get(t, "/api/collections/stations/items?bbox=1,2,3,4&bbox-crs=http://www.opengis.net/def/crs/XXX/0/1").want(t, 400)
		}},
		{"/conf/crs/bbox-crs-parameter-default", func(t *testing.T, w *stage) {
			w.get(t, "/api/collections/stations/items?bbox=119,49,120,50").want(t, 200)
			w.get(t, "/api/collections/stations/items?bbox=13247019,6274861,13358339,6446276").want(t, 400)
		}},
	}
}

// checkParameter holds what the document declares of a parameter of items.
func checkParameter(t *testing.T, w *stage, name, jsonType string) {
	t.Helper()
	everyCollection(t, w, func(t *testing.T, path string) {
		for _, p := range w.server.huma.OpenAPI().Paths[path+"/items"].Get.Parameters {
			if p.Name == name && p.In == "query" && !p.Required && p.Schema.Type == jsonType && (jsonType != "array" || p.Explode != nil && !*p.Explode && p.Style == "form") {
				return
			}
		}
		t.Errorf("%s: %s is not declared as it should be", path, name)
	})
}
