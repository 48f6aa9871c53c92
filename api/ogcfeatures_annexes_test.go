package api

import (
	"slices"
	"strings"
	"testing"
)

// annexes are the abstract tests of the standards, as their annexes list them. Those left out are of conformance
// classes that we do not claim: GML, OpenAPI 3.1 in part 1, JSON-FG, time stamps for locking, created ids by PUT.
var annexes = map[string]string{
	"part 1, core": `http root-op root-success api-definition-op api-definition-success conformance-op conformance-success
		fc-md-op fc-md-success fc-md-links fc-md-items fc-md-items-links fc-md-extent fc-md-extent-multi sfc-md-op sfc-md-success
		fc-op fc-response fc-limit-definition fc-limit-response fc-bbox-definition fc-bbox-response fc-time-definition fc-time-response
		fc-links fc-timeStamp fc-numberMatched fc-numberReturned query-param-unknown query-param-invalid f-op f-success f-links crs84`,
	"part 1, geojson": `definition content`,
	"part 1, html":    `definition content`,
	"part 1, oas30":   `oas-definition-1 oas-definition-2 oas-impl completeness exceptions-codes security`,
	"part 2, crs": `crs-uri default-crs storageCrs crs-parameter crs-parameter-invalid crs-parameter-default crs-parameter-transform
		bbox-crs-parameter bbox-crs-parameter-invalid bbox-crs-parameter-default`,
	"part 4, create-replace-delete":    `options create create-content-type replace replace-content-type replace-rid replace-exceptions delete`,
	"part 4, update":                   `options update update-content-type update-rid`,
	"part 4, optimistic-locking-etags": `get-etag replace update delete`,
	"part 4, features":                 `endpoints crs schema geojson json-merge-patch`,
}

// The suites are whole, each test once or in more than one way, and what they test is claimed.
func TestEveryAbstractTest(t *testing.T) {
	var ran []string
	for _, test := range slices.Concat(coreTests(), describedTests(), selectionTests(), writingTests()) {
		ran = append(ran, test.id)
	}
	var listed []string
	for annex, tests := range annexes {
		part, class, _ := strings.Cut(strings.TrimPrefix(annex, "part "), ", ")
		if claim := "http://www.opengis.net/spec/ogcapi-features-" + part + "/1.0/conf/" + class; !slices.Contains(conformanceClasses, claim) {
			t.Errorf("%s is not claimed", claim)
		}
		for _, name := range strings.Fields(tests) {
			listed = append(listed, "/conf/"+class+"/"+name)
			if !slices.Contains(ran, "/conf/"+class+"/"+name) {
				t.Errorf("%s: %s is not tested", annex, name)
			}
		}
	}
	for _, id := range ran {
		if !slices.Contains(listed, id) {
			t.Errorf("%s is no test of an annex", id)
		}
	}
}
