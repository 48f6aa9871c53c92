package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// Store reads features from the database.
type Store interface {
	Find(context.Context, yizhan.Query) (yizhan.Page, error)
	FindOne(context.Context, yizhan.Ref) (yizhan.Feature, error)
}

// Landing is the entrance to the API.
type Landing struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Links       []Link `json:"links" nullable:"false"`
}

// CollectionList lists the collections.
type CollectionList struct {
	Links       []Link       `json:"links" nullable:"false"`
	Collections []Collection `json:"collections" nullable:"false"`
}

// Collection describes a kind of feature.
type Collection struct {
	ID          string   `json:"id" enum:"units,stations,friendly_scenes,micro_grids"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	ItemType    string   `json:"itemType" enum:"feature"`
	CRS         []string `json:"crs" nullable:"false" doc:"Coordinate reference systems; always CRS84: WGS84, lng before lat"`
	Extent      *Extent  `json:"extent,omitempty" doc:"Where there are features; not there while the city is being loaded"`
	Links       []Link   `json:"links" nullable:"false"`
}

// Extent is where there is something.
type Extent struct {
	Spatial SpatialExtent `json:"spatial"`
}

// SpatialExtent is the box around everything.
type SpatialExtent struct {
	BBox []BBox `json:"bbox" nullable:"false"`
	CRS  string `json:"crs" format:"uri"`
}

// extent is that of the city: its features are all over it.
func (s *Server) extent() *Extent {
	city := s.cityBound()
	if city == nil {
		return nil
	}
	return &Extent{SpatialExtent{[]BBox{{city.Min[0], city.Min[1], city.Max[0], city.Max[1]}}, crs84}}
}

// collection is what the routes of one collection differ in.
type collection struct {
	name        yizhan.Collection
	singular    string
	title       string
	description string
	filters     []*huma.Param
}

func collections() []collection {
	return []collection{
		{yizhan.Units, "unit", "行政单元 · units", "Administrative units: the city, banners, townships and communities.",
			[]*huma.Param{
				anyOf("level", "city", "banner", "township", "community"),
				{Name: "parent", Description: "Only units right below the one of this code", Schema: unitSchema()},
			}},
		{yizhan.Stations, "station", "服务驿站 · stations", "Places that give riders water, charging, rest and more.",
			[]*huma.Param{
				anyOf("kind", "community", "union", "enterprise"),
				anyOf("sponsor", strs(yizhan.Sponsors())...),
				anyOf("status", "planned", "active", "suspended", "closed"),
				servicesParam("service", "Services offered in a condition that is not broken: separated by commas, any of them will do; repeat the parameter for services that must all be there"),
			}},
		{yizhan.FriendlyScenes, "friendly scene", "友好场景 · friendly scenes", "Rider-friendly areas: a set of micro-grids with its stations.",
			[]*huma.Param{anyOf("kind", strs(yizhan.SceneKinds())...)}},
		{yizhan.MicroGrids, "micro-grid", "微网格 · micro-grids", "The smallest governed areas; those of a community tile it without gap or overlap.",
			[]*huma.Param{
				{Name: "community", Description: "Only micro-grids of the community of this code", Schema: &huma.Schema{
					Type: huma.TypeString, Pattern: unitPattern, PatternDescription: unitPatternText}},
				anyOf("zone", "core", "hinterland"),
				anyOf("status", "draft", "in_review", "returned", "published"),
			}},
	}
}

func strs[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

const unitPatternText = "a code of 6, 9 or 12 digits"

func unitSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: unitPattern, PatternDescription: unitPatternText, Examples: []any{"150702"}}
}

// anyOf is a filter that takes one or more of the given values, separated by commas.
func anyOf(name string, values ...string) *huma.Param {
	allowed := make([]any, len(values))
	for i, value := range values {
		allowed[i] = value
	}
	one, most, no := 1, len(values), false
	return &huma.Param{Name: name, Style: "form", Explode: &no,
		Description: "Only with one of these, separated by commas",
		Schema: &huma.Schema{Type: huma.TypeArray, MinItems: &one, MaxItems: &most,
			Items: &huma.Schema{Type: huma.TypeString, Enum: allowed}}}
}

// servicesParam takes names of services, repeated or separated by commas.
func servicesParam(name, description string) *huma.Param {
	one, most, yes := 1, len(yizhan.Services()), true
	return &huma.Param{Name: name, Style: "form", Explode: &yes, Description: description,
		Schema: &huma.Schema{Type: huma.TypeArray, MinItems: &one, MaxItems: &most, Items: serviceNames()}}
}

func serviceNames() *huma.Schema {
	longest := 200
	return &huma.Schema{Type: huma.TypeString, Pattern: servicesPattern, MaxLength: &longest,
		PatternDescription: "made of services, separated by commas: " + serviceList, Examples: []any{"water,charging"}}
}

func itemsParams(c collection) []*huma.Param {
	one, most := 1.0, float64(yizhan.MaxLimit)
	common := []*huma.Param{
		bboxParam("Only features that meet this box"),
		{Name: "unit", Description: "Only features of the unit of this code, or below it", Schema: unitSchema()},
		{Name: "limit", Description: "Features a page", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &one, Maximum: &most, Default: defaultLimit}},
		{Name: "after", Description: "Where the page begins; comes in `next` links only", Schema: &huma.Schema{
			Type: huma.TypeString, Pattern: cursorPattern, PatternDescription: "a cursor from a next link"}},
		{Name: "skip_geometry", Description: "Leave the geometry null", Schema: &huma.Schema{Type: huma.TypeBoolean, Default: false}},
	}
	params := append(common, c.filters...)
	for _, p := range params {
		p.In = "query"
	}
	return params
}

func bboxParam(description string) *huma.Param {
	no, four := false, 4
	return &huma.Param{Name: "bbox", In: "query", Style: "form", Explode: &no, Description: description + ": west,south,east,north in degrees, WGS84",
		Schema:  &huma.Schema{Type: huma.TypeArray, MinItems: &four, MaxItems: &four, Items: &huma.Schema{Type: huma.TypeNumber}},
		Example: []float64{119.6, 49.1, 119.9, 49.3}}
}

const defaultLimit = 100

// itemsInput is what huma reads; the filters of each collection are read by Resolve.
type itemsInput struct {
	BBox         string `query:"bbox"`
	Unit         string `query:"unit"`
	Limit        int    `query:"limit" default:"100"`
	After        string `query:"after"`
	SkipGeometry bool   `query:"skip_geometry"`

	base  string // scheme and host
	query url.Values
}

// Resolve takes what huma has no fields for.
func (in *itemsInput) Resolve(ctx huma.Context) []error {
	in.base, in.query = addressed(humafiber.UnwrapV2(ctx))
	return nil
}

// hostPattern keeps a forged Host header from putting anything but a host into our links.
var hostPattern = regexp.MustCompile(`^[0-9A-Za-z.\-]+(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$`)

// addressed is the scheme and host of a request, empty if they are not to be believed, and its query.
func addressed(c *fiber.Ctx) (base string, query url.Values) {
	query = url.Values{}
	for name, value := range c.Context().QueryArgs().All() {
		query.Add(string(name), string(value))
	}
	if host := c.Hostname(); hostPattern.MatchString(host) {
		base = c.Protocol() + "://" + host
	}
	return base, query
}

func (s *Server) base(requested string) string {
	if s.options.BaseURL != "" {
		return s.options.BaseURL
	}
	return requested
}

func (s *Server) routeCollections() {
	operation[linkedInput, Landing](s, huma.Operation{
		OperationID: "get-landing", Path: "/api/", Tags: []string{"Collections"}, Summary: "Where everything is",
	}, s.landing)
	operation[linkedInput, CollectionList](s, huma.Operation{
		OperationID: "list-collections", Path: "/api/collections", Tags: []string{"Collections"}, Summary: "The collections",
	}, s.listCollections)
	routeCollection[UnitCollection, UnitFeature](s, collections()[0])
	routeCollection[StationCollection, StationFeature](s, collections()[1])
	routeCollection[FriendlySceneCollection, FriendlySceneFeature](s, collections()[2])
	routeCollection[MicroGridCollection, MicroGridFeature](s, collections()[3])
	s.router.get("/api", func(c *fiber.Ctx) error { return c.Redirect("/api/", http.StatusPermanentRedirect) })
	for _, path := range []string{"/api/collections/:c", "/api/collections/:c/items", "/api/collections/:c/items/:code"} {
		s.router.get(path, func(*fiber.Ctx) error {
			return notFound("there is no such collection; there are units, stations, friendly_scenes and micro_grids")
		})
	}
}

func routeCollection[Page, Feature any](s *Server, c collection) {
	path := "/api/collections/" + string(c.name)
	operation[linkedInput, Collection](s, huma.Operation{
		OperationID: "get-collection-" + dashed(c.name), Path: path, Tags: []string{"Collections"}, Summary: "About " + c.singular + "s",
	}, func(_ context.Context, in *linkedInput) (*reply, error) {
		return jsonReply(s.describeCollection(in.base, c))
	})
	operation[itemsInput, Page](s, huma.Operation{
		OperationID: "list-" + dashed(c.name), Path: path + "/items", Tags: []string{"Features"},
		Summary:     "Find " + c.singular + "s",
		Description: c.description + " In the order of their codes; follow the `next` link for more. Pages stay right while others edit: none is shown twice or left out for an edit elsewhere.",
		Parameters:  itemsParams(c),
		Metadata:    map[string]any{"media_type": geoJSONType},
		Responses:   map[string]*huma.Response{"200": {Description: "A page of features"}},
	}, func(ctx context.Context, in *itemsInput) (*reply, error) { return s.findItems(ctx, c, in) })
	operation[itemInput, Feature](s, huma.Operation{
		OperationID: "get-" + dashed(yizhan.Collection(c.singular)), Path: path + "/items/{code}", Tags: []string{"Features"},
		Summary:     "One " + c.singular,
		Description: "The `ETag` is the version of the feature; with `If-None-Match` an unchanged one is 304.",
		Errors:      []int{http.StatusNotFound},
		Metadata:    map[string]any{"media_type": geoJSONType},
		Responses:   map[string]*huma.Response{"200": {Description: "The feature"}, "304": {Description: "Not changed"}},
	}, func(ctx context.Context, in *itemInput) (*reply, error) { return s.findItem(ctx, c, in) })
}

const geoJSONType = "application/geo+json"

// dashed makes a part of an operation id.
func dashed(name yizhan.Collection) string {
	text := []byte(name)
	for i, b := range text {
		if b == '_' || b == ' ' {
			text[i] = '-'
		}
	}
	return string(text)
}

// linkedInput is the input of operations that only need to know how they were reached.
type linkedInput struct{ base string }

// Resolve takes the address.
func (in *linkedInput) Resolve(ctx huma.Context) []error {
	in.base, _ = addressed(humafiber.UnwrapV2(ctx))
	return nil
}

func (s *Server) landing(_ context.Context, in *linkedInput) (*reply, error) {
	base := s.base(in.base)
	return jsonReply(Landing{Title: apiTitle, Description: apiSummary, Links: []Link{
		{Rel: "self", Href: base + "/api/", Type: "application/json"},
		{Rel: "service-desc", Href: base + "/api/openapi.json", Type: "application/json", Title: "OpenAPI document"},
		{Rel: "service-doc", Href: base + "/api/docs", Type: "text/html", Title: "The same to read"},
		{Rel: "data", Href: base + "/api/collections", Type: "application/json", Title: "Collections"},
		{Rel: relConformance, Href: base + "/api/conformance", Type: mediaJSON, Title: "Standards"},
		{Rel: relTilesets, Href: base + "/api/tiles", Type: mediaJSON, Title: "Tiles (OGC API Tiles)"},
		{Rel: relTilings, Href: base + tileMatrixSets, Type: mediaJSON, Title: "Tilings"},
		{Rel: "city", Href: base + "/api/city", Type: "application/json", Title: "The city at a glance"},
		{Rel: "tiles", Href: base + "/api/tiles/base,units,micro_grids,stations", Type: "application/json", Title: "TileJSON"},
	}})
}

func (s *Server) listCollections(_ context.Context, in *linkedInput) (*reply, error) {
	base := s.base(in.base)
	list := CollectionList{Links: []Link{{Rel: "self", Href: base + "/api/collections", Type: "application/json"}}}
	for _, c := range collections() {
		list.Collections = append(list.Collections, s.describeCollection(in.base, c))
	}
	return jsonReply(list)
}

func (s *Server) describeCollection(requested string, c collection) Collection {
	self := s.base(requested) + "/api/collections/" + string(c.name)
	return Collection{
		ID: string(c.name), Title: c.title, Description: c.description, ItemType: "feature",
		CRS: []string{crs84}, Extent: s.extent(),
		Links: []Link{
			{Rel: "self", Href: self, Type: "application/json"},
			{Rel: "items", Href: self + "/items", Type: geoJSONType},
			{Rel: relTilesets, Href: self + "/tiles", Type: mediaJSON},
		},
	}
}

func (s *Server) findItems(ctx context.Context, c collection, in *itemsInput) (*reply, error) {
	query, err := s.queryOf(c, in)
	if err != nil {
		return nil, err
	}
	done, err := s.makeLarge(ctx, query.Limit)
	if err != nil {
		return nil, err
	}
	defer done()
	page, err := s.options.Store.Find(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", c.name, err)
	}
	body, err := s.appendPage(nil, c, in, page)
	if err != nil {
		return nil, err
	}
	return &reply{contentType: geoJSONType, body: body, volatile: true, owned: true}, nil
}

func (s *Server) queryOf(c collection, in *itemsInput) (yizhan.Query, error) {
	query := yizhan.Query{Collection: c.name, Unit: in.Unit, Limit: in.Limit, SkipGeometry: in.SkipGeometry}
	var err error
	if in.BBox != "" {
		if query.BBox, err = parseBBox(in.BBox, s.cityBound()); err != nil {
			return query, err
		}
	}
	if in.After != "" {
		if query.After, err = decodeCursor(in.After); err != nil {
			return query, err
		}
	}
	for _, p := range c.filters {
		for _, value := range in.query[p.Name] {
			query.Filters = append(query.Filters, yizhan.Filter{Property: p.Name, Values: splitList(value)})
		}
	}
	return query, nil
}

func (s *Server) appendPage(dst []byte, c collection, in *itemsInput, page yizhan.Page) ([]byte, error) {
	o := object{buf: slices.Grow(dst, sizeOf(page, in.SkipGeometry))}
	o.open()
	o.text("type", "FeatureCollection")
	o.integer("numberReturned", int64(len(page.Features)))
	o.instant("timeStamp", s.now())
	o.integer("seq", page.Seq)
	o.name("links")
	o.buf = appendLinks(o.buf, s.pageLinks(c, in, page))
	o.name("features")
	o.buf = append(o.buf, '[')
	for i, feature := range page.Features {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		var err error
		if o.buf, err = appendFeature(o.buf, feature, in.SkipGeometry); err != nil {
			return nil, err
		}
	}
	o.buf = append(o.buf, ']')
	o.close()
	return o.buf, nil
}

// pageLinks gives self, and next with every parameter kept but the cursor.
func (s *Server) pageLinks(c collection, in *itemsInput, page yizhan.Page) []Link {
	address := s.base(in.base) + "/api/collections/" + string(c.name) + "/items"
	links := []Link{{Rel: "self", Href: withQuery(address, in.query), Type: geoJSONType}}
	if page.More && len(page.Features) > 0 {
		next := url.Values{}
		for name, values := range in.query {
			next[name] = values
		}
		last := page.Features[len(page.Features)-1].Ref().Code
		next.Set("after", encodeCursor(last))
		links = append(links, Link{Rel: "next", Href: withQuery(address, next), Type: geoJSONType})
	}
	return links
}

func withQuery(address string, query url.Values) string {
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

func appendLinks(dst []byte, links []Link) []byte {
	dst = append(dst, '[')
	for i, link := range links {
		if i > 0 {
			dst = append(dst, ',')
		}
		o := object{buf: dst}
		o.open()
		o.text("rel", link.Rel)
		o.text("href", link.Href)
		o.text("type", link.Type)
		o.close()
		dst = o.buf
	}
	return append(dst, ']')
}

type itemInput struct {
	linkedInput
	Code string `path:"code" doc:"The code of the feature" maxLength:"32" example:"150702"`
}

func (s *Server) findItem(ctx context.Context, c collection, in *itemInput) (*reply, error) {
	if !codePattern.MatchString(in.Code) {
		return nil, notFound("there is no %s of this code", c.singular)
	}
	feature, err := s.options.Store.FindOne(ctx, yizhan.Ref{Collection: c.name, Code: in.Code})
	if yizhan.CodeOf(err) == yizhan.CodeNotFound {
		return nil, notFound("there is no %s of code %s", c.singular, in.Code)
	}
	if err != nil {
		return nil, fmt.Errorf("find %s %s: %w", c.singular, in.Code, err)
	}
	body, err := appendFeature(nil, feature, false)
	if err != nil {
		return nil, err
	}
	parent := s.base(in.base) + "/api/collections/" + string(c.name)
	return &reply{contentType: geoJSONType, body: body, owned: true, version: strconv.FormatInt(feature.At(), 10), headers: map[string]string{
		fiber.HeaderLink: "<" + parent + "/items/" + in.Code + `>; rel="self"; type="` + geoJSONType + `", <` + parent + `>; rel="collection"`,
	}}, nil
}
