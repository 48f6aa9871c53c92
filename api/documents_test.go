package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

var update = flag.Bool("update", false, "write the golden files anew")

func prefixOf(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
}

// The front end's types are made from the document: a change of it must be seen.
func TestOpenAPIDocument(t *testing.T) {
	document, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenAPI()
	if err != nil || !bytes.Equal(document, again) {
		t.Fatalf("made twice, the document differs (%v)", err)
	}
	const golden = "testdata/openapi.json"
	if *update {
		if err := os.WriteFile(golden, append(document, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(want), document) {
		t.Errorf("the document is not %s; review the change and run the test with -update", golden)
	}
}

func TestOpenAPIDocumentIsComplete(t *testing.T) {
	w := newStage(t)
	document := w.server.huma.OpenAPI()
	ids := map[string]bool{}
	for path, item := range document.Paths {
		operations := operationsAt(item)
		if len(operations) == 0 {
			t.Errorf("%s has no operation", path)
		}
		for _, op := range operations {
			if ids[op.OperationID] {
				t.Errorf("%s: the id %s is taken", path, op.OperationID)
			}
			ids[op.OperationID] = true
			checkDescribed(t, op.Method+" "+path, op)
		}
	}
	for _, tag := range document.Tags {
		if tag.Description == "" {
			t.Errorf("tag %s is not described", tag.Name)
		}
	}
	w.checkRoutes(t, document)
}

func checkDescribed(t *testing.T, name string, op *huma.Operation) {
	t.Helper()
	if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 {
		t.Errorf("%s: needs an id of its own, a summary and a tag: %+v", name, op)
	}
	for _, p := range op.Parameters {
		if p.Description == "" || p.Schema == nil {
			t.Errorf("%s: parameter %s is not described", name, p.Name)
		}
		if pattern := p.Schema.Pattern; p.In == "query" && pattern != "" && patterns[pattern] == nil {
			t.Errorf("%s: parameter %s has a pattern that is not compiled", name, p.Name)
		}
	}
	succeeds := false
	for status, response := range op.Responses {
		succeeds = succeeds || status < "300"
		if response.Description == "" {
			t.Errorf("%s: status %s is not described", name, status)
		}
		if status >= "400" && response.Content[problemType] == nil {
			t.Errorf("%s: status %s is not a problem", name, status)
		}
	}
	if !succeeds || op.Responses["400"] == nil {
		t.Errorf("%s: success or 400 is missing", name)
	}
}

// undescribed are routes for people and browsers, not for programs.
var undescribed = map[string]bool{
	"/": true, "/s/:code": true, "/plan": true, "/plan/": true, "/insight": true, "/insight/": true, "/admin": true, "/admin/": true, "/login": true, "/login/": true, "/assets/*": true, "/favicon.svg": true,
	"/api": true, "/problems/:code": true,
	"/api/collections/:c/queryables": true, "/api/collections/:c/sortables": true, "/api/collections/:c/schema": true,
	"/api/collections/:c": true, "/api/exports/:c": true, "/api/collections/:c/items": true, "/api/collections/:c/items/:code": true,
}

func (w *stage) checkRoutes(t *testing.T, document *huma.OpenAPI) {
	t.Helper()
	for _, route := range w.server.app.GetRoutes(true) {
		if route.Method == "HEAD" || undescribed[route.Path] {
			continue
		}
		path := route.Path
		for _, p := range route.Params {
			path = strings.Replace(path, ":"+p, "{"+p+"}", 1)
		}
		item := document.Paths[path]
		if item == nil || !slices.ContainsFunc(operationsAt(item), func(op *huma.Operation) bool { return op.Method == route.Method }) {
			t.Errorf("route %s %s is not in the document", route.Method, route.Path)
		}
	}
}

func TestSchemasAreDescribed(t *testing.T) {
	document, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"City", "StationCollection", "UnitFeature", "MicroGridProperties", "FriendlySceneFeature",
		"NearestCollection", "CoverageReport", "CoverageCellsReport", "JobReport", "ChangeEvent", "TileJSON", "Problem", "Fault"} {
		if parsed.Components.Schemas[name] == nil {
			t.Errorf("no schema %s", name)
		}
	}
	for name := range parsed.Components.Schemas {
		if strings.ContainsAny(name, "[]/.") || strings.Contains(name, "Leader") || strings.HasPrefix(name, "OrNull") {
			t.Errorf("schema %s has no name of its own", name)
		}
	}
}

func TestExamplesOfTheDocs(t *testing.T) {
	w := newStage(t, byAnalyst)
	ids := map[string]bool{}
	for _, item := range w.server.huma.OpenAPI().Paths {
		for _, op := range operationsAt(item) {
			ids[op.OperationID] = true
		}
	}
	for id, target := range curlExamples {
		if !ids[id] {
			t.Errorf("an example for %s, which is no operation", id)
		}
		if id == "follow-events" {
			continue // does not end; see events_test.go
		}
		t.Run(id, func(t *testing.T) {
			if a := w.get(t, target); a.status != 200 {
				t.Errorf("%s: status %d: %s", target, a.status, a.body)
			}
		})
	}
}

func TestProblemKindsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds {
		if seen[k.code] || k.title == "" || k.help == "" || k.status < 400 {
			t.Errorf("kind %+v", k)
		}
		seen[k.code] = true
	}
	for status := 400; status < 600; status++ {
		if p := problemOfStatus(status); p.Detail == "" || (p.Status >= 500) != (status >= 500) {
			t.Errorf("status %d becomes %s", status, fmt.Sprint(p.Status, p.Code))
		}
	}
}
