package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// The pages of this file show to people what the API answers to programs: plain, made on the server, without
// a script. Who asks for text/html first, as browsers do, gets them, and who asks with f=html.

const mediaHTML = "text/html"

//go:embed browse.html
var browseHTML string

//go:embed browse.css
var browseCSS string

var browseTemplate = template.Must(template.New("browse").Parse(browseHTML))

// browsePolicy allows the page its own style, and nothing else.
var browsePolicy = func() string {
	sum := sha256.Sum256([]byte(browseCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// browsePage is what a page shows.
type browsePage struct {
	Title string
	Intro string
	Trail []browseCell // the pages above
	Links []Link
	Table *browseTable
	Next  string
}

type browseTable struct {
	Head []string
	Rows [][]browseCell
}

type browseCell struct{ Text, Href string }

// browseInput is the input of what is also a page: how it was reached, and what is wanted.
type browseInput struct {
	base  string // scheme and host
	query url.Values
	html  bool
}

// Resolve takes what huma has no fields for.
func (in *browseInput) Resolve(ctx huma.Context) []error {
	c := humafiber.UnwrapV2(ctx)
	in.base, in.query = addressed(c)
	in.html = prefersHTML(in.query.Get("f"), c.Get(fiber.HeaderAccept))
	return nil
}

// linkedInput is the input of operations that only need to know how they were reached.
type linkedInput struct{ base string }

// Resolve takes the address.
func (in *linkedInput) Resolve(ctx huma.Context) []error {
	in.base, _ = addressed(humafiber.UnwrapV2(ctx))
	return nil
}

// browsable describes the page that an operation also gives.
func browsable(op huma.Operation) huma.Operation {
	op.Parameters = append(slices.Clip(op.Parameters), &huma.Param{Name: "f", In: "query", Description: "The form of the answer; without it, the Accept header decides",
		Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"json", "html"}}})
	responses := maps.Clone(op.Responses)
	if responses == nil {
		responses = map[string]*huma.Response{}
	}
	if responses["200"] == nil {
		responses["200"] = &huma.Response{Description: "The answer"}
	}
	responses["200"].Content = map[string]*huma.MediaType{mediaHTML: {Schema: &huma.Schema{Type: huma.TypeString}}}
	op.Responses = responses
	return op
}

// prefersHTML tells whether somebody looks at the answer: who names text/html, and nothing of ours before it.
func prefersHTML(format, accept string) bool {
	if format != "" {
		return format == "html"
	}
	var html, data float64
	for _, part := range strings.Split(accept, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		quality := 1.0
		if _, q, found := strings.Cut(parameters, "q="); found {
			if parsed, err := parseFinite(strings.TrimSpace(q)); err == nil {
				quality = parsed
			}
		}
		switch strings.TrimSpace(name) {
		case mediaHTML, "application/xhtml+xml":
			html = max(html, quality)
		case mediaJSON, geoJSONType, schemaType:
			data = max(data, quality)
		}
	}
	return html > data
}

// answer gives the value, or the page that shows it.
func (in *browseInput) answer(value any, page browsePage) (*reply, error) {
	if in.html {
		return in.page(page)
	}
	answer, err := jsonReply(value)
	if err == nil {
		answer.headers = map[string]string{fiber.HeaderVary: fiber.HeaderAccept}
	}
	return answer, err
}

func (in *browseInput) page(page browsePage) (*reply, error) {
	asJSON := url.Values{}
	maps.Copy(asJSON, in.query)
	asJSON.Set("f", "json")
	var body bytes.Buffer
	err := browseTemplate.Execute(&body, map[string]any{"Page": page, "JSON": "?" + asJSON.Encode(), "Style": template.CSS(browseCSS)})
	if err != nil {
		return nil, fmt.Errorf("render a page: %w", err)
	}
	return &reply{contentType: mediaHTML + "; charset=utf-8", body: body.Bytes(), owned: true, headers: map[string]string{
		fiber.HeaderVary: fiber.HeaderAccept, fiber.HeaderContentSecurityPolicy: browsePolicy}}, nil
}

// trailOf names the pages above one: the landing page, and the parts of the path below it.
func trailOf(parts ...string) []browseCell {
	trail := []browseCell{{Text: "驿站数据接口", Href: "/api/"}}
	path := "/api"
	for _, part := range parts {
		path += "/" + part
		trail = append(trail, browseCell{Text: part, Href: path})
	}
	return trail
}

// shown are the links that lead a person somewhere.
func shown(links []Link) []Link {
	var kept []Link
	seen := map[string]bool{}
	for _, link := range links {
		if link.Rel != "self" && link.Rel != "alternate" && link.Title != "" && !seen[link.Title] {
			seen[link.Title] = true
			kept = append(kept, link)
		}
	}
	return kept
}

// propertiesOf are the properties of a feature as an answer shows them.
func propertiesOf(feature yizhan.Feature) (map[string]json.RawMessage, error) {
	encoded, err := appendFeature(nil, feature, form{skipGeometry: true})
	if err != nil {
		return nil, err
	}
	var plain struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(encoded, &plain); err != nil {
		return nil, fmt.Errorf("read a feature of our own: %w", err)
	}
	return plain.Properties, nil
}

func cellOf(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// itemsPage shows a page of features as a table.
func (s *Server) itemsPage(c collection, in *browseInput, found yizhan.Page) (*reply, error) {
	names := memberNames(c.properties)
	if wanted := formOf(in.query).only; wanted != nil {
		names = slices.DeleteFunc(names, func(name string) bool { return !wanted[name] && name != "code" })
	}
	page := browsePage{Title: c.title, Intro: strconv.Itoa(len(found.Features)) + " 条 · features", Trail: trailOf("collections", string(c.name)), Table: &browseTable{Head: names}}
	for _, feature := range found.Features {
		properties, err := propertiesOf(feature)
		if err != nil {
			return nil, err
		}
		var row []browseCell
		for _, name := range names {
			cell := browseCell{Text: cellOf(properties[name])}
			if name == "code" {
				cell.Href = c.path() + "/items/" + feature.Ref().Code
			}
			row = append(row, cell)
		}
		page.Table.Rows = append(page.Table.Rows, row)
	}
	if next := nextOf(in, found); next != nil {
		page.Next = "?" + next.Encode()
	}
	return in.page(page)
}

// itemPage shows one feature.
func (s *Server) itemPage(c collection, in *browseInput, feature yizhan.Feature) (*reply, error) {
	properties, err := propertiesOf(feature)
	if err != nil {
		return nil, err
	}
	page := browsePage{Title: cellOf(properties["name"]) + " · " + feature.Ref().Code, Trail: trailOf("collections", string(c.name), "items"),
		Table: &browseTable{Head: []string{"属性 · property", "值 · value"}}}
	for _, name := range memberNames(c.properties) {
		page.Table.Rows = append(page.Table.Rows, []browseCell{{Text: name}, {Text: cellOf(properties[name])}})
	}
	shape, err := geometryOf(feature)
	if err != nil {
		return nil, err
	}
	if bound := shape.Bound(); !bound.IsEmpty() {
		center := bound.Center()
		page.Table.Rows = append(page.Table.Rows, []browseCell{{Text: "geometry"}, {Text: fmt.Sprintf("%s, [%.6f, %.6f]", shape.GeoJSONType(), center[0], center[1])}})
	}
	return in.page(page)
}
