package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
)

const (
	schemaType    = "application/schema+json"
	schemaDialect = "https://json-schema.org/draft/2020-12/schema"
	relQueryables = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
	relSortables  = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
	relSchema     = "http://www.opengis.net/def/rel/ogc/1.0/schema"
)

// LogicalSchema is a JSON Schema of the properties of a collection (OGC API Features, part 5).
type LogicalSchema struct {
	Schema     string         `json:"$schema" format:"uri"`
	ID         string         `json:"$id" format:"uri"`
	Type       string         `json:"type" enum:"object"`
	Title      string         `json:"title"`
	Additional bool           `json:"additionalProperties"`
	Required   []string       `json:"required,omitempty"`
	Properties map[string]any `json:"properties" nullable:"false" doc:"JSON Schema of each property. x-ogc-role tells the id, the primary geometry and the primary time"`
}

func (s *Server) routeSchemas(c collection) {
	operation[browseInput, LogicalSchema](s, browsable(huma.Operation{
		OperationID: "get-queryables-" + dashed(c.name), Path: c.path() + "/queryables", Tags: []string{"Collections"}, Summary: "What " + c.singular + "s are found by",
		Description: "The properties that `filter` may name, with their types. A text that is shown as empty is empty there, not null; services are those that are not broken.",
		Metadata:    map[string]any{"media_type": schemaType},
	}), func(_ context.Context, in *browseInput) (*reply, error) {
		return s.schemaAnswer(c, in, "queryables", "可查询属性", queryableProperties(c), nil)
	})
	operation[browseInput, LogicalSchema](s, browsable(huma.Operation{
		OperationID: "get-sortables-" + dashed(c.name), Path: c.path() + "/sortables", Tags: []string{"Collections"}, Summary: "What " + c.singular + "s are put in order by",
		Description: "The properties that `sortby` may name, with their types.",
		Metadata:    map[string]any{"media_type": schemaType},
	}), func(_ context.Context, in *browseInput) (*reply, error) {
		return s.schemaAnswer(c, in, "sortables", "可排序属性", sortableProperties(c), nil)
	})
	operation[browseInput, LogicalSchema](s, browsable(huma.Operation{
		OperationID: "get-schema-" + dashed(c.name), Path: c.path() + "/schema", Tags: []string{"Collections"}, Summary: "What " + c.singular + "s are made of",
		Description: "The properties that a feature has and that one is written with; what is readOnly is given by the server.",
		Metadata:    map[string]any{"media_type": schemaType},
	}), func(_ context.Context, in *browseInput) (*reply, error) {
		properties, required, err := s.returnables(c)
		if err != nil {
			return nil, err
		}
		return s.schemaAnswer(c, in, "schema", "属性定义", properties, required)
	})
}

func (s *Server) schemaAnswer(c collection, in *browseInput, name, title string, properties map[string]any, required []string) (*reply, error) {
	schema := LogicalSchema{Schema: schemaDialect, ID: s.base(in.base) + c.path() + "/" + name, Type: "object", Title: c.title, Properties: properties, Required: required}
	page := browsePage{Title: c.title + " · " + title, Trail: trailOf("collections", string(c.name)), Table: &browseTable{Head: []string{"属性 · property", "类型 · type", "说明 · about"}}}
	for _, member := range sortedKeys(properties) {
		described := properties[member].(map[string]any)
		page.Table.Rows = append(page.Table.Rows, []browseCell{{Text: member}, {Text: fmt.Sprint(firstOf(described, "format", "type", "$ref"))}, {Text: fmt.Sprint(firstOf(described, "description"))}})
	}
	answer, err := in.answer(schema, page)
	if err == nil && !in.html {
		answer.contentType = schemaType
	}
	return answer, err
}

func firstOf(members map[string]any, names ...string) any {
	for _, name := range names {
		if value, ok := members[name]; ok {
			return value
		}
	}
	return ""
}

func queryableProperties(c collection) map[string]any {
	properties := map[string]any{}
	for name, t := range yizhan.Queryables(c.name) {
		described := map[cql2.Type]map[string]any{
			cql2.TypeText: {"type": "string"}, cql2.TypeNumber: {"type": "number"}, cql2.TypeTruth: {"type": "boolean"},
			cql2.TypeTime:  {"type": "string", "format": "date-time"},
			cql2.TypeTexts: {"type": "array", "items": map[string]any{"type": "string"}},
			cql2.TypeShape: {"format": "geometry-point"},
		}[t]
		if name == "geometry" {
			described["format"] = c.geometry
		}
		described["title"] = name
		setRole(described, c, name)
		properties[name] = described
	}
	return properties
}

func sortableProperties(c collection) map[string]any {
	properties := queryableProperties(c)
	sortables := yizhan.Sortables(c.name)
	maps.DeleteFunc(properties, func(name string, _ any) bool { return !slices.Contains(sortables, name) })
	return properties
}

// setRole says what a property is to a feature.
func setRole(described map[string]any, c collection, name string) {
	switch {
	case name == "code":
		described["x-ogc-role"] = "id"
	case name == "geometry":
		described["x-ogc-role"] = "primary-geometry"
	case name == "confirmed_at" && c.name == yizhan.Stations:
		described["x-ogc-role"] = "primary-instant"
	}
}

// returnables are the properties of an answer, of the very schema that the OpenAPI document has for it.
func (s *Server) returnables(c collection) (map[string]any, []string, error) {
	s.schema(c.properties)
	described, err := inlined(s.huma.OpenAPI().Components.Schemas, s.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.schema(c.properties).Ref))
	if err != nil {
		return nil, nil, err
	}
	properties, ok := described["properties"].(map[string]any)
	if !ok {
		return nil, nil, fmt.Errorf("the schema of %s has no properties", c.name)
	}
	properties["geometry"] = map[string]any{"title": "geometry", "format": c.geometry}
	for name, member := range properties {
		member := member.(map[string]any)
		setRole(member, c, name)
		if readOnly(c.name, name) {
			member["readOnly"] = true
		}
	}
	return properties, requiredOf(c), nil
}

// readOnly tells whether the server gives a property itself.
func readOnly(c yizhan.Collection, name string) bool {
	return name == "version" || c == yizhan.FriendlyScenes && name == "geometry" || c == yizhan.Stations && name == "kind"
}

// requiredOf lists the properties without which nothing is created.
func requiredOf(c collection) []string {
	return map[yizhan.Collection][]string{
		yizhan.Units: {"code", "level", "name"}, yizhan.Stations: {"code", "name", "sponsor", "community", "geometry"},
		yizhan.FriendlyScenes: {"code", "name", "kind", "micro_grids"}, yizhan.MicroGrids: {"code", "name", "households", "geometry"},
	}[c.name]
}

// inlined is a schema as plain JSON, with what it refers to in place of the references.
func inlined(registry huma.Registry, schema *huma.Schema) (map[string]any, error) {
	encoded, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var plain map[string]any
	if err := json.Unmarshal(encoded, &plain); err != nil {
		return nil, err
	}
	return plain, inline(registry, plain)
}

func inline(registry huma.Registry, node any) error {
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			if err := inline(registry, item); err != nil {
				return err
			}
		}
	case map[string]any:
		if ref, ok := node["$ref"].(string); ok {
			target, err := inlined(registry, registry.SchemaFromRef(ref))
			if err != nil {
				return err
			}
			delete(node, "$ref")
			for name, value := range target {
				node[name] = value
			}
			return nil
		}
		for _, value := range node {
			if err := inline(registry, value); err != nil {
				return err
			}
		}
	}
	return nil
}
