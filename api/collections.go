package api

import (
	"context"
	"net/url"
	"reflect"
	"regexp"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/takeaway"
)

// Store reads and writes features in the database.
type Store interface {
	Find(context.Context, yizhan.Query) (yizhan.Page, error)
	FindOne(context.Context, yizhan.Ref) (yizhan.Feature, error)
	takeaway.Source
	Editor
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
	CRS         []string     `json:"crs" nullable:"false" doc:"The systems of every collection"`
}

// Collection describes a kind of feature.
type Collection struct {
	ID          string   `json:"id" enum:"units,stations,friendly_scenes,micro_grids"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	ItemType    string   `json:"itemType" enum:"feature"`
	CRS         []string `json:"crs" nullable:"false" doc:"Coordinate reference systems to ask for by crs; the first is the default"`
	StorageCRS  string   `json:"storageCrs" format:"uri" doc:"In which the coordinates are kept"`
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
	geometry    string       // the JSON Schema format of its geometry
	properties  reflect.Type // of a feature, as the answer has them
	filters     []*huma.Param
}

func collections() []collection {
	return []collection{
		{yizhan.Units, "unit", "行政单元 · units", "Administrative units: the city, banners, townships and communities.",
			"geometry-multipolygon", reflect.TypeFor[UnitProperties](),
			[]*huma.Param{
				anyOf("level", "city", "banner", "township", "community"),
				{Name: "parent", Description: "Only units right below the one of this code", Schema: unitSchema()},
			}},
		{yizhan.Stations, "station", "服务驿站 · stations", "Places that give riders water, charging, rest and more.",
			"geometry-point", reflect.TypeFor[StationProperties](),
			[]*huma.Param{
				anyOf("kind", "community", "union", "enterprise"),
				anyOf("sponsor", strs(yizhan.Sponsors())...),
				anyOf("status", "planned", "active", "suspended", "closed"),
				servicesParam("service", "Services offered in a condition that is not broken: separated by commas, any of them will do; repeat the parameter for services that must all be there"),
			}},
		{yizhan.FriendlyScenes, "friendly scene", "友好场景 · friendly scenes", "Rider-friendly areas: a set of micro-grids with its stations.",
			"geometry-multipolygon", reflect.TypeFor[FriendlySceneProperties](),
			[]*huma.Param{anyOf("kind", strs(yizhan.SceneKinds())...)}},
		{yizhan.MicroGrids, "micro-grid", "微网格 · micro-grids", "The smallest governed areas; those of a community tile it without gap or overlap.",
			"geometry-multipolygon", reflect.TypeFor[MicroGridProperties](),
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
	operation[browseInput, Landing](s, browsable(huma.Operation{
		OperationID: "get-landing", Path: "/api/", Tags: []string{"Collections"}, Summary: "Where everything is",
	}), s.landing)
	// QGIS finds no features behind a redirect.
	operation[browseInput, Landing](s, browsable(huma.Operation{OperationID: "get-landing-without-slash", Path: "/api", Hidden: true}), s.landing)
	operation[browseInput, CollectionList](s, browsable(huma.Operation{
		OperationID: "list-collections", Path: "/api/collections", Tags: []string{"Collections"}, Summary: "The collections",
	}), s.listCollections)
	routeCollection[UnitCollection, UnitFeature, UnitInput](s, collections()[0])
	routeCollection[StationCollection, StationFeature, StationInput](s, collections()[1])
	routeCollection[FriendlySceneCollection, FriendlySceneFeature, FriendlySceneInput](s, collections()[2])
	routeCollection[MicroGridCollection, MicroGridFeature, MicroGridInput](s, collections()[3])
	for _, path := range []string{"/api/collections/:c", "/api/collections/:c/queryables", "/api/collections/:c/sortables", "/api/collections/:c/schema", "/api/collections/:c/items", "/api/collections/:c/items/:code"} {
		s.router.get(path, func(*fiber.Ctx) error {
			return notFound("there is no such collection; there are units, stations, friendly_scenes and micro_grids")
		})
	}
}

func routeCollection[Page, Feature, Input any](s *Server, c collection) {
	operation[browseInput, Collection](s, browsable(huma.Operation{
		OperationID: "get-collection-" + dashed(c.name), Path: c.path(), Tags: []string{"Collections"}, Summary: "About " + c.singular + "s",
	}), func(_ context.Context, in *browseInput) (*reply, error) { return s.collection(c, in) })
	s.routeSchemas(c)
	routeItems[Page, Feature](s, c)
	routeWrites[Feature, Input](s, c)
}

func (c collection) path() string { return "/api/collections/" + string(c.name) }

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

func (s *Server) landing(_ context.Context, in *browseInput) (*reply, error) {
	base := s.base(in.base)
	landing := Landing{Title: apiTitle, Description: apiSummary, Links: []Link{
		{Rel: "self", Href: base + "/api/", Type: mediaJSON, Title: "本页 · this document"},
		{Rel: "alternate", Href: base + "/api/?f=html", Type: mediaHTML, Title: "网页 · as a page"},
		{Rel: "service-desc", Href: base + "/api/openapi-3.0.json", Type: openapi30Type, Title: "OpenAPI 3.0 文档 · document"},
		{Rel: "service-desc", Href: base + "/api/openapi.json", Type: mediaJSON, Title: "OpenAPI 3.1 文档 · document"},
		{Rel: "service-doc", Href: base + "/api/docs", Type: mediaHTML, Title: "接口说明 · the same to read"},
		{Rel: "data", Href: base + "/api/collections", Type: mediaJSON, Title: "数据集 · collections"},
		{Rel: relConformance, Href: base + "/api/conformance", Type: mediaJSON, Title: "遵循的标准 · standards"},
		{Rel: "conformance", Href: base + "/api/conformance", Type: mediaJSON, Title: "遵循的标准 · standards"},
		{Rel: relTilesets, Href: base + "/api/tiles", Type: mediaJSON, Title: "矢量瓦片 · tiles (OGC API Tiles)"},
		{Rel: relTilings, Href: base + tileMatrixSets, Type: mediaJSON, Title: "瓦片方案 · tilings"},
		{Rel: "city", Href: base + "/api/city", Type: mediaJSON, Title: "全市概况 · the city at a glance"},
		{Rel: "tiles", Href: base + "/api/tiles/base,units,micro_grids,stations", Type: mediaJSON, Title: "TileJSON"},
	}}
	return in.answer(landing, browsePage{Title: "驿站数据接口 · Yizhan API", Intro: apiSummary, Links: shown(landing.Links)})
}

func (s *Server) listCollections(_ context.Context, in *browseInput) (*reply, error) {
	self := s.base(in.base) + "/api/collections"
	list := CollectionList{Links: selfLinks(self, mediaJSON), CRS: crsURIs()}
	page := browsePage{Title: "数据集 · collections", Trail: trailOf(), Table: &browseTable{Head: []string{"数据集 · collection", "说明 · about"}}}
	for _, c := range collections() {
		described := s.describeCollection(in.base, c)
		list.Collections = append(list.Collections, described)
		page.Table.Rows = append(page.Table.Rows, []browseCell{{Text: c.title, Href: self + "/" + described.ID}, {Text: c.description}})
	}
	return in.answer(list, page)
}

func (s *Server) collection(c collection, in *browseInput) (*reply, error) {
	described := s.describeCollection(in.base, c)
	return in.answer(described, browsePage{Title: c.title, Intro: c.description, Trail: trailOf("collections"), Links: shown(described.Links)})
}

func (s *Server) describeCollection(requested string, c collection) Collection {
	self := s.base(requested) + c.path()
	return Collection{
		ID: string(c.name), Title: c.title, Description: c.description, ItemType: "feature",
		CRS: crsURIs(), StorageCRS: crs84, Extent: s.extent(),
		Links: append(selfLinks(self, mediaJSON),
			Link{Rel: "items", Href: self + "/items", Type: geoJSONType, Title: "要素 · features"},
			Link{Rel: "items", Href: self + "/items?f=html", Type: mediaHTML, Title: "要素网页 · features as a page"},
			Link{Rel: relQueryables, Href: self + "/queryables", Type: schemaType, Title: "可查询属性 · queryables"},
			Link{Rel: relSortables, Href: self + "/sortables", Type: schemaType, Title: "可排序属性 · sortables"},
			Link{Rel: relSchema, Href: self + "/schema", Type: schemaType, Title: "属性定义 · schema"},
			Link{Rel: relTilesets, Href: self + "/tiles", Type: mediaJSON, Title: "矢量瓦片 · tiles"},
		),
	}
}

// selfLinks name an address itself, and the page that shows the same.
func selfLinks(address, mediaType string) []Link {
	return []Link{
		{Rel: "self", Href: address, Type: mediaType, Title: "JSON"},
		{Rel: "alternate", Href: withFormat(address, "html"), Type: mediaHTML, Title: "网页 · as a page"},
	}
}

func withFormat(address, format string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := parsed.Query()
	query.Set("f", format)
	parsed.RawQuery = query.Encode()
	return parsed.String()
}
