package api

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// openapi30Type is how OGC API clients know the document by.
const openapi30Type = "application/vnd.oai.openapi+json;version=3.0"

// OpenAPI30 is the document in version 3.0, which OWSLib and older generators of clients read: the same, but for
// what 3.0 cannot say.
func OpenAPI30() ([]byte, error) { return marshalDocument30(assemble(Options{}).huma.OpenAPI()) }

func marshalDocument30(document *huma.OpenAPI) ([]byte, error) {
	older, err := document.Downgrade()
	if err != nil {
		return nil, fmt.Errorf("put the OpenAPI document into version 3.0: %w", err)
	}
	var plain map[string]any
	if err := json.Unmarshal(older, &plain); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	withoutNewer(plain)
	if info, ok := plain["info"].(map[string]any); ok {
		info["license"] = map[string]any{"name": document.Info.License.Name, "url": "https://www.apache.org/licenses/LICENSE-2.0"}
	}
	if older, err = json.Marshal(plain); err != nil {
		return nil, fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	return indented(older)
}

// withoutNewer takes away what 3.0 does not know and huma leaves.
func withoutNewer(value any) {
	switch value := value.(type) {
	case map[string]any:
		nullable(value)
		if list, isList := value["examples"].([]any); isList && len(list) > 0 {
			delete(value, "examples")
			value["example"] = list[0]
		}
		delete(value, "patternDescription")
		if ref, ok := value["$ref"].(string); ok && len(value) > 1 { // nothing may stand beside a reference
			delete(value, "$ref")
			value["allOf"] = []any{map[string]any{"$ref": ref}}
		}
		for _, member := range value {
			withoutNewer(member)
		}
	case []any:
		for _, element := range value {
			withoutNewer(element)
		}
	}
}

// nullable says "or null" as 3.0 does.
func nullable(schema map[string]any) {
	choices, _ := schema["anyOf"].([]any)
	kept := slices.DeleteFunc(slices.Clone(choices), isNull)
	if len(kept) == len(choices) {
		return
	}
	delete(schema, "anyOf")
	schema["nullable"] = true
	if len(kept) == 1 { // one of ours that has a name: an object
		schema["type"], schema["allOf"] = "object", kept
	} else {
		schema["anyOf"] = kept
	}
}

// isNull tells whether a schema is that of null alone.
func isNull(schema any) bool {
	members, _ := schema.(map[string]any)
	values, _ := members["enum"].([]any)
	return members["type"] == "null" || len(values) == 1 && values[0] == nil
}
