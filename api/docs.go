package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// The types of this file are what docs.html shows of the OpenAPI document.
type (
	docs struct {
		Title, Example string
		Intro          []string
		Groups         []docsGroup
		Problems       []docsProblem
		Schemas        []docsSchema
	}
	docsGroup struct {
		Name, Description string
		Operations        []docsOperation
	}
	docsOperation struct {
		ID, Method, Path, Summary, Description, Example string
		Parameters                                      []docsMember
		Responses                                       []docsResponse
		Problems                                        []docsProblem
	}
	docsMember struct {
		Name, In, Description string
		Required              bool
		Type                  docsType
	}
	docsResponse struct {
		Status, Description, MediaType string
		Type                           docsType
	}
	docsProblem struct {
		Code, Title, Help string
		Status            int
	}
	docsSchema struct {
		Name, Description string
		Members           []docsMember
	}
	docsType struct{ Before, Ref, After string }
)

// curlExamples are shown with their operations; the tests run each.
var curlExamples = map[string]string{
	"get-city":                "/api/city",
	"list-stations":           "/api/collections/stations/items?bbox=119.6,49.1,119.9,49.3&service=water,charging&service=toilet&limit=10",
	"list-units":              "/api/collections/units/items?level=banner&skip_geometry=true",
	"list-micro-grids":        "/api/collections/micro_grids/items?unit=150702&zone=core",
	"list-friendly-scenes":    "/api/collections/friendly_scenes/items",
	"get-unit":                "/api/collections/units/items/150702",
	"find-nearest":            "/api/nearest?lng=119.7364&lat=49.2122&k=3&services=water,charging&open_at=now",
	"get-tilejson":            "/api/tiles/base,units,stations",
	"list-city-tilesets":      "/api/tiles?collections=stations,micro_grids",
	"get-collection-tileset":  "/api/collections/stations/tiles/WebMercatorQuad",
	"get-coverage":            "/api/coverage?radius_m=1000&service=charging&unit=150702",
	"list-coverage-cells":     "/api/coverage/cells?bbox=119.6,49.1,119.9,49.3&resolution=9",
	"get-coverage-hours":      "/api/coverage/hours?services=water,charging&unit=150702",
	"rank-coverage":           "/api/coverage/ranking?level=community&within=150702",
	"list-gaps":               "/api/gaps?unit=150702&service=water&limit=10",
	"explain":                 "/api/explain?lng=119.7364&lat=49.2122&service=water&at=now",
	"list-scenarios":          "/api/scenarios?limit=20",
	"follow-events":           "/api/events?after=0",
	"get-collection-stations": "/api/collections/stations",
	"list-collections":        "/api/collections",
}

func docsData(document *huma.OpenAPI) docs {
	data := docs{Title: document.Info.Title, Example: "http://localhost:8080"}
	for _, paragraph := range strings.Split(strings.ReplaceAll(document.Info.Description, "**", ""), "\n") {
		if paragraph != "" {
			data.Intro = append(data.Intro, paragraph)
		}
	}
	for _, tag := range document.Tags {
		data.Groups = append(data.Groups, docsGroup{tag.Name, tag.Description, docsOperations(document, tag.Name)})
	}
	for _, k := range kinds {
		data.Problems = append(data.Problems, docsProblem{k.code, k.title, k.help, k.status})
	}
	schemas := document.Components.Schemas.Map()
	for _, name := range sortedKeys(schemas) {
		data.Schemas = append(data.Schemas, docsSchema{name, schemas[name].Description, docsMembers(schemas[name])})
	}
	return data
}

func docsOperations(document *huma.OpenAPI, tag string) []docsOperation {
	var operations []docsOperation
	for _, path := range sortedKeys(document.Paths) {
		for _, op := range operationsAt(document.Paths[path]) {
			if slices.Contains(op.Tags, tag) {
				operations = append(operations, docsOperationOf(path, op))
			}
		}
	}
	return operations
}

// operationsAt are the operations of one address, reading first.
func operationsAt(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete, item.Options}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

func docsOperationOf(path string, op *huma.Operation) docsOperation {
	shown := docsOperation{ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary,
		Description: strings.ReplaceAll(op.Description, "`", ""), Example: curlExamples[op.OperationID]}
	for _, p := range op.Parameters {
		shown.Parameters = append(shown.Parameters, docsMember{p.Name, p.In, describeParam(p), p.Required, typeOf(p.Schema)})
	}
	for _, status := range sortedKeys(op.Responses) {
		if status < "400" {
			shown.Responses = append(shown.Responses, docsResponseOf(status, op.Responses[status]))
		}
	}
	for _, k := range kinds {
		if op.Responses[strconv.Itoa(k.status)] != nil && k.ofOperations() {
			shown.Problems = append(shown.Problems, docsProblem{Code: k.code, Status: k.status})
		}
	}
	return shown
}

func describeParam(p *huma.Param) string {
	text := p.Description
	if p.Schema.Default != nil {
		text += fmt.Sprintf(". Default %v", p.Schema.Default)
	}
	return text + rangeNote(p.Schema)
}

func rangeNote(schema *huma.Schema) string {
	if text := rangeText(schema); text != "" {
		return "," + text
	}
	return ""
}

func docsResponseOf(status string, response *huma.Response) docsResponse {
	shown := docsResponse{Status: status, Description: strings.ReplaceAll(response.Description, "`", "")}
	for _, mediaType := range sortedKeys(response.Content) {
		shown.MediaType, shown.Type = mediaType, typeOf(response.Content[mediaType].Schema)
	}
	return shown
}

func docsMembers(schema *huma.Schema) []docsMember {
	var members []docsMember
	for _, name := range sortedKeys(schema.Properties) {
		property := schema.Properties[name]
		members = append(members, docsMember{Name: name, Description: property.Description + rangeNote(property),
			Required: slices.Contains(schema.Required, name), Type: typeOf(property)})
	}
	return members
}

func typeOf(schema *huma.Schema) docsType {
	if schema == nil {
		return docsType{}
	}
	var shown docsType
	switch {
	case schema.Ref != "":
		shown.Ref = schema.Ref[strings.LastIndexByte(schema.Ref, '/')+1:]
	case schema.Type == huma.TypeArray:
		shown = typeOf(schema.Items)
		shown.Before = "list of " + shown.Before
	case len(schema.AnyOf) > 0:
		shown = typeOf(schema.AnyOf[0])
		shown.After += " or null"
	case len(schema.OneOf) > 0:
		names := make([]string, len(schema.OneOf))
		for i, one := range schema.OneOf {
			names[i] = typeOf(one).Before
		}
		shown.Before = strings.Join(names, " or ")
	case len(schema.Enum) > 0:
		values := make([]string, len(schema.Enum))
		for i, value := range schema.Enum {
			values[i] = fmt.Sprint(value)
		}
		shown.Before = strings.Join(values, " | ")
	default:
		shown.Before = schema.Type
		if schema.Format != "" && schema.Format != "double" && schema.Format != "int64" {
			shown.Before += " (" + schema.Format + ")"
		}
	}
	if schema.Nullable {
		shown.After += " or null"
	}
	return shown
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
