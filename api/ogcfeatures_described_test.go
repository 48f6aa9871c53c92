package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// describedTests are the abstract tests of part 1 of how collections and the API describe themselves.
func describedTests() []abstractTest {
	return []abstractTest{
		{"/conf/core/fc-md-links", func(t *testing.T, w *stage) {
			list := checkRels(t, w.get(t, "/api/collections"), "self", "alternate")
			w.follow(t, list.find("self", mediaJSON))
			w.follow(t, list.find("alternate", mediaHTML))
		}},
		{"/conf/core/fc-md-items", func(t *testing.T, w *stage) {
			var names []string
			for _, c := range decoded[CollectionList](t, w.get(t, "/api/collections")).Collections {
				names = append(names, c.ID)
				w.get(t, "/api/collections/"+c.ID).want(t, 200)
			}
			var routed []string
			for path := range w.server.huma.OpenAPI().Paths {
				if name, isItems := strings.CutSuffix(path, "/items"); isItems {
					routed = append(routed, strings.TrimPrefix(name, "/api/collections/"))
				}
			}
			slices.Sort(names)
			slices.Sort(routed)
			if !slices.Equal(names, routed) {
				t.Errorf("described are %v, served %v", names, routed)
			}
		}},
		{"/conf/core/fc-md-items-links", func(t *testing.T, w *stage) {
			for _, c := range decoded[CollectionList](t, w.get(t, "/api/collections")).Collections {
				for _, encoding := range []string{geoJSONType, mediaHTML} {
					w.follow(t, linked{c.Links}.find("items", encoding))
				}
			}
		}},
		{"/conf/core/fc-md-extent", checkExtents},
		{"/conf/core/fc-md-extent-multi", checkExtents},
		{"/conf/core/fc-timeStamp", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				if page := decoded[pageOf](t, w.get(t, path+"/items")); page.TimeStamp != noon.UTC().Format("2006-01-02T15:04:05Z") {
					t.Errorf("%s is of %s", path, page.TimeStamp)
				}
			})
		}},
		{"/conf/core/fc-numberReturned", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				for _, limit := range []string{"1", "2", "1000"} {
					if page := decoded[pageOf](t, w.get(t, path+"/items?limit="+limit)); page.NumberReturned != len(page.Features) {
						t.Errorf("%s: %d features, told as %d", path, len(page.Features), page.NumberReturned)
					}
				}
			})
		}},
		{"/conf/core/fc-numberMatched", func(t *testing.T, w *stage) {
			// It may be left out, and is: to count all that match would cost more than the page. What must not be is a wrong one.
			everyCollection(t, w, func(t *testing.T, path string) {
				if page := decoded[map[string]any](t, w.get(t, path+"/items?limit=1")); page["numberMatched"] != nil {
					t.Errorf("%s: %v match, says a page that counts none", path, page["numberMatched"])
				}
			})
		}},
		{"/conf/core/f-links", func(t *testing.T, w *stage) {
			everyCollection(t, w, func(t *testing.T, path string) {
				first := decoded[pageOf](t, w.get(t, path+"/items")).Features[0]
				l := checkRels(t, w.get(t, path+"/items/"+first.ID), "self", "alternate", "collection")
				w.follow(t, l.find("self", geoJSONType))
			})
		}},
		{"/conf/geojson/definition", func(t *testing.T, w *stage) { checkMedia(t, w, geoJSONType) }},
		{"/conf/html/definition", func(t *testing.T, w *stage) { checkMedia(t, w, mediaHTML) }},
		{"/conf/oas30/oas-definition-1", func(t *testing.T, w *stage) {
			landing := checkRels(t, w.get(t, "/api/"))
			if a := w.follow(t, landing.find("service-desc", openapi30Type)); a.header.Get("Content-Type") != openapi30Type {
				t.Errorf("is %s", a.header.Get("Content-Type"))
			}
			if a := w.follow(t, landing.find("service-doc", mediaHTML)); !strings.HasPrefix(a.header.Get("Content-Type"), mediaHTML) {
				t.Errorf("is %s", a.header.Get("Content-Type"))
			}
		}},
		{"/conf/oas30/oas-definition-2", func(t *testing.T, w *stage) { // redocly, in scripts/check.sh, holds the whole of it to the specification
			document := decoded[struct{ OpenAPI string }](t, w.get(t, "/api/openapi-3.0.json"))
			if !strings.HasPrefix(document.OpenAPI, "3.0.") {
				t.Errorf("is of version %s", document.OpenAPI)
			}
		}},
		{"/conf/oas30/oas-impl", func(t *testing.T, w *stage) { // every request of these tests is one that the document has: the stage fails the others
			for path, item := range document30(t, w).Paths {
				if newer := w.server.huma.OpenAPI().Paths[path]; newer == nil || len(item) < len(operationsAt(newer)) {
					t.Errorf("%s is not served as described", path)
				}
			}
		}},
		{"/conf/oas30/completeness", checkStatuses},
		{"/conf/oas30/exceptions-codes", checkStatuses},
		{"/conf/oas30/security", func(t *testing.T, w *stage) {
			document := document30(t, w)
			for path, item := range document.Paths {
				for method, op := range item {
					var operation struct{ Security []map[string][]string }
					if err := json.Unmarshal(op, &operation); err != nil && method != "parameters" {
						t.Fatal(err)
					}
					for _, requirement := range operation.Security {
						for scheme := range requirement {
							if document.Components.SecuritySchemes[scheme] == nil {
								t.Errorf("%s %s needs %s, which is not described", method, path, scheme)
							}
						}
					}
				}
			}
			if len(document.Components.SecuritySchemes) == 0 {
				t.Error("no way to sign in is described")
			}
		}},
	}
}

type older struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		SecuritySchemes map[string]any
	}
}

func document30(t *testing.T, w *stage) older {
	t.Helper()
	return decoded[older](t, w.get(t, "/api/openapi-3.0.json"))
}

// checkExtents holds the first box of each collection to all its features.
func checkExtents(t *testing.T, w *stage) {
	everyCollection(t, w, func(t *testing.T, path string) {
		extent := decoded[Collection](t, w.get(t, path)).Extent
		if extent == nil || len(extent.Spatial.BBox) != 1 || extent.Spatial.CRS != crs84 {
			t.Fatalf("%s has the extent %+v", path, extent)
		}
		whole := orb.Bound{Min: orb.Point(extent.Spatial.BBox[0][:2]), Max: orb.Point(extent.Spatial.BBox[0][2:])}
		collection, err := geojson.UnmarshalFeatureCollection(w.get(t, path+"/items?limit=1000").body)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range collection.Features {
			if f.Geometry != nil && !(whole.Contains(f.Geometry.Bound().Min) && whole.Contains(f.Geometry.Bound().Max)) {
				t.Errorf("%s: %v is outside of %v", path, f.ID, whole)
			}
		}
	})
}

// checkMedia holds the document to an encoding of pages and of single features.
func checkMedia(t *testing.T, w *stage, media string) {
	t.Helper()
	everyCollection(t, w, func(t *testing.T, path string) {
		for _, address := range []string{path + "/items", path + "/items/{code}"} {
			item := w.server.huma.OpenAPI().Paths[address]
			if item == nil || item.Get == nil {
				t.Errorf("%s is not described", address)
			} else if item.Get.Responses["200"].Content[media] == nil {
				t.Errorf("%s is not described as %s", address, media)
			}
		}
	})
}

// checkStatuses holds the document to what is within every question's reach: asked wrongly, too often, with too much,
// by nobody, and a fault of ours. That each answer of these tests has a status and a body as described is held by
// checkDocumented.
func checkStatuses(t *testing.T, w *stage) {
	for path, item := range w.server.huma.OpenAPI().Paths {
		if !strings.HasPrefix(path, "/api/") {
			continue // /healthz and its like are for those who watch the server, and know no limit
		}
		for _, op := range operationsAt(item) {
			needs := []int{http.StatusBadRequest, http.StatusTooManyRequests, http.StatusInternalServerError}
			if op.RequestBody != nil {
				needs = append(needs, http.StatusRequestEntityTooLarge)
			}
			if isClosed(op) {
				needs = append(needs, http.StatusUnauthorized)
			}
			for _, status := range needs {
				if op.Responses[strconv.Itoa(status)] == nil {
					t.Errorf("%s %s does not describe %d", op.Method, path, status)
				}
			}
		}
	}
}

// isClosed tells an operation that nobody may ask without signing in.
func isClosed(op *huma.Operation) bool {
	return len(op.Security) > 0 && !slices.ContainsFunc(op.Security, func(way map[string][]string) bool { return len(way) == 0 })
}
