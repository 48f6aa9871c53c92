package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

const (
	apiTitle   = "Yizhan 驿站"
	apiSummary = "Service stations for delivery riders, the micro-grids of a city, and where the two do not meet."
	apiVersion = "1"
)

const apiDescription = apiSummary + `

**Coordinates** are WGS84 (EPSG:4326) degrees in the order lng, lat, on a grid of 1e-7 degrees (about a centimetre). GCJ-02 and BD-09, which Chinese maps use, are never sent, but in tiles asked for with datum=gcj02.
**Distances** are metres, true on the ellipsoid. **Times** are RFC 3339; opening hours are China's (UTC+8). Lengths of time are minutes.

**Errors** are RFC 9457 problems (application/problem+json) with a stable type and code; errors lists each parameter at fault. A parameter that an operation does not know is an error, as is one given twice.

**seq** numbers the changes of the data. An answer with seq n shows every change up to n and none after it.

The database away, tiles, nearest, coverage and the city are answered from memory; X-Yizhan-Age says how many seconds ago the database was last heard. Features by query are then 503 with Retry-After.

**Limits**: 10,000 features a page, 50,000 cells, 50 nearest stations, 4,096 bytes of query (12,288 with a filter), and a number of requests a second for each address (429 with Retry-After).`

// OpenAPI is the OpenAPI 3.1 document of the API: the same bytes each time.
func OpenAPI() ([]byte, error) { return marshalDocument(assemble(Options{}).huma.OpenAPI()) }

func describe() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: apiTitle, Version: apiVersion, Description: apiDescription,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
			Servers: []*huma.Server{{URL: "/", Description: "The server that this document comes from"}},
			Tags: []*huma.Tag{
				{Name: "City", Description: "The city as a whole"},
				{Name: "Collections", Description: "What there is"},
				{Name: "Features", Description: "Features by query or by code, as GeoJSON"},
				{Name: "Editing", Description: "Creating, replacing, changing and deleting features, one by one or many together, and how they were before"},
				{Name: "Nearest", Description: "The nearest stations"},
				{Name: "Tiles", Description: "Vector tiles for maps"},
				{Name: "OGC API Tiles", Description: "The same tiles under the addresses that GIS programs look for"},
				{Name: "Coverage", Description: "How many households are within reach of a station"},
				{Name: "Gaps", Description: "Where households are out of reach"},
				{Name: "Scenarios", Description: "What-ifs: edits laid over the city, which stays as it is"},
				{Name: "Siting", Description: "Where to place more stations"},
				{Name: "Explain", Description: "How a figure comes about"},
				{Name: "Exports", Description: "Files of features to take away"},
				{Name: "Jobs", Description: "Questions that take long: how they get on, and their answers"},
				{Name: "Events", Description: "Changes as they happen"},
				{Name: "Accounts", Description: "Signing in, one's own account, and the accounts of others"},
				{Name: "Leaders", Description: "Who leads where: personal data, masked unless there is a reason"},
				{Name: "Reports", Description: "What riders report, without an account, and what staff make of it"},
				{Name: "Operations", Description: "For those who run the server"},
			},
			Components: &huma.Components{Schemas: registry, SecuritySchemes: securitySchemes},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
	}
}

// patternDescriptions are what huma writes of a schema and OpenAPI does not know; they serve our own messages.
var patternDescriptions = regexp.MustCompile(`,"patternDescription":"(?:[^"\\]|\\.)*"`)

// securitySchemes are the ways to say who asks.
var securitySchemes = map[string]*huma.SecurityScheme{
	"token":   {Type: "http", Scheme: "bearer", Description: "An API token, for programs"},
	"session": {Type: "apiKey", In: "cookie", Name: "yizhan-session", Description: "A session, for the pages, named __Host-yizhan-session over https; what changes something also needs the header X-CSRF-Token"},
}

var pathNames = regexp.MustCompile(`\{([A-Za-z]+)\}`)

// securityOf says who may call an operation, as guard.go does: anyone, or those who say who they are.
func securityOf(op *huma.Operation) []map[string][]string {
	if act, declared := actOf(op.Method, pathNames.ReplaceAllString(op.Path, ":$1")); !declared || act.Public() {
		return []map[string][]string{{}}
	}
	return []map[string][]string{{"token": {}}, {"session": {}}}
}

func marshalDocument(document *huma.OpenAPI) ([]byte, error) {
	compact, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	return indented(patternDescriptions.ReplaceAll(compact, nil))
}

func indented(compact []byte) ([]byte, error) {
	var text bytes.Buffer
	if err := json.Indent(&text, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("indent the OpenAPI document: %w", err)
	}
	return text.Bytes(), nil
}

// described registers a GET that Fiber answers by itself, and its description.
func (s *Server) described(op huma.Operation, handler fiber.Handler) {
	op.Method = http.MethodGet
	statuses := append([]int{400}, op.Errors...)
	if strings.HasPrefix(op.Path, "/api/") {
		statuses = append(statuses, 429, 500)
	}
	op.Errors = nil
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	for _, status := range statuses {
		op.Responses[fmt.Sprint(status)] = s.problemResponse(status)
	}
	op.Security = securityOf(&op)
	s.huma.OpenAPI().AddOperation(&op)
	s.huma.Adapter().Handle(&op, func(ctx huma.Context) { s.checked(ctx, handler) })
}

// schema is a reference to the schema of a type.
func (s *Server) schema(of reflect.Type) *huma.Schema {
	return s.huma.OpenAPI().Components.Schemas.Schema(of, true, "")
}
