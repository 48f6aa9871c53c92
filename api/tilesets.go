package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles"
)

// The types and routes of this file are OGC API Tiles, part 1: the same tiles as below /api/tiles/{layers},
// under the addresses that GIS programs look for. Mind the order there: row before column.

// TileSetList lists the tile sets of the city, or of a collection.
type TileSetList struct {
	Links    []Link        `json:"links" nullable:"false"`
	TileSets []TileSetItem `json:"tilesets" nullable:"false"`
}

// TileSetItem is a tile set in a list.
type TileSetItem struct {
	Title            string `json:"title"`
	DataType         string `json:"dataType" enum:"vector"`
	CRS              string `json:"crs" format:"uri"`
	TileMatrixSetURI string `json:"tileMatrixSetURI" format:"uri"`
	Links            []Link `json:"links" nullable:"false"`
}

// TileSet describes tiles of one tiling (OGC Tile Set Metadata).
type TileSet struct {
	TileSetItem
	Attribution string             `json:"attribution" doc:"To be shown with the map"`
	BoundingBox TileSetBox         `json:"boundingBox"`
	CenterPoint TileSetCenter      `json:"centerPoint"`
	Limits      []TileMatrixLimits `json:"tileMatrixSetLimits" nullable:"false"`
	Layers      []TileSetLayer     `json:"layers" nullable:"false"`
}

// TileSetBox is the extent of a tile set.
type TileSetBox struct {
	CRS        string     `json:"crs" format:"uri"`
	LowerLeft  [2]float64 `json:"lowerLeft" doc:"lng, lat"`
	UpperRight [2]float64 `json:"upperRight" doc:"lng, lat"`
}

// TileSetCenter is where to begin.
type TileSetCenter struct {
	CRS         string     `json:"crs" format:"uri"`
	Coordinates [2]float64 `json:"coordinates" doc:"lng, lat"`
	TileMatrix  string     `json:"tileMatrix"`
}

// TileSetLayer describes one layer inside the tiles.
type TileSetLayer struct {
	ID               string            `json:"id"`
	Description      string            `json:"description"`
	DataType         string            `json:"dataType" enum:"vector"`
	MinTileMatrix    string            `json:"minTileMatrix"`
	MaxTileMatrix    string            `json:"maxTileMatrix"`
	PropertiesSchema TilePropertyNames `json:"propertiesSchema"`
}

// TilePropertyNames are the properties of the features of a layer.
type TilePropertyNames struct {
	Type       string                  `json:"type" enum:"object"`
	Properties map[string]TileProperty `json:"properties" nullable:"false"`
}

// TileProperty describes a property.
type TileProperty struct {
	Description string `json:"description"`
}

// tileSetOf is the tile set that shows a collection. Friendly scenes come with the stations in them.
var tileSetOf = map[string]string{
	string(yizhan.Units): tiles.Units, string(yizhan.MicroGrids): tiles.MicroGrids,
	string(yizhan.Stations): tiles.Stations, string(yizhan.FriendlyScenes): tiles.Stations,
}

func collectionParam() *huma.Param {
	var names []any
	for _, c := range collections() {
		names = append(names, string(c.name))
	}
	return &huma.Param{Name: "collection", In: "path", Required: true, Description: "The collection; friendly scenes come together with the stations",
		Schema: &huma.Schema{Type: huma.TypeString, Enum: names}, Example: "stations"}
}

// selectionParam narrows the tiles of the city down.
func selectionParam() *huma.Param {
	p := anyOf("collections", "units", "micro_grids", "stations", "friendly_scenes")
	p.In, p.Description = "query", "Only these collections, separated by commas; all when it is not given"
	return p
}

const (
	ogcTiles       = "OGC API Tiles"
	matrixAddress  = "/{tileMatrix}/{tileRow}/{tileCol}"
	collectionPath = "/api/collections/{collection}/tiles"
)

func (s *Server) routeTileSets() {
	s.routeTileMatrixSets()
	s.routeTileSet(tileSource{path: "/api/tiles", id: "city-", about: "the city", params: []*huma.Param{selectionParam()}, layers: selectedLayers})
	s.routeTileSet(tileSource{path: collectionPath, id: "collection-", about: "a collection", params: []*huma.Param{collectionParam()}, layers: layersOfCollection})
}

// tileSource is what the routes of the city's tiles and those of a collection's differ in.
type tileSource struct {
	path, id, about string
	params          []*huma.Param
	layers          func(*fiber.Ctx) ([]string, error)
}

func (s *Server) routeTileSet(from tileSource) {
	s.described(huma.Operation{
		OperationID: "list-" + from.id + "tilesets", Path: from.path, Tags: []string{ogcTiles}, Summary: "Tile sets of " + from.about,
		Parameters: from.params, Errors: []int{404}, Responses: s.jsonResponse("The tile sets", reflect.TypeFor[TileSetList]()),
	}, s.jsonOf(from, s.listTileSets))
	s.described(huma.Operation{
		OperationID: "get-" + from.id + "tileset", Path: from.path + "/" + webMercator, Tags: []string{ogcTiles}, Summary: "About the tiles of " + from.about,
		Parameters: append(slices.Clone(from.params), datumParam()), Errors: []int{404, 503}, Responses: s.jsonResponse("OGC Tile Set Metadata", reflect.TypeFor[TileSet]()),
	}, s.jsonOf(from, s.describeTileSet))
	s.described(huma.Operation{
		OperationID: "get-" + from.id + "tile", Path: from.path + "/" + webMercator + matrixAddress, Tags: []string{ogcTiles}, Summary: "One vector tile of " + from.about,
		Description: "The same tile as at `/api/tiles/{layers}/{z}/{x}/{y}`. Here the row comes before the column.",
		Parameters: append(slices.Clone(from.params), tileParam("tileMatrix", "Zoom"), tileParam("tileRow", "Row from the north"),
			tileParam("tileCol", "Column"), datumParam()),
		Errors: []int{404, 503}, Responses: tileResponses(),
	}, func(c *fiber.Ctx) error {
		layers, err := from.layers(c)
		if err != nil {
			return err
		}
		return s.answerTile(c, layers, "tileMatrix", "tileCol", "tileRow")
	})
}

// layersOfCollection is the tile set of the collection in the address.
func layersOfCollection(c *fiber.Ctx) ([]string, error) {
	layer, known := tileSetOf[c.Params("collection")]
	if !known {
		return nil, notFound("there is no such collection; there are units, stations, friendly_scenes and micro_grids")
	}
	return []string{layer}, nil
}

// selectedLayers are the tile sets of the collections asked for, checked against what the operation declares.
func selectedLayers(c *fiber.Ctx) ([]string, error) {
	selected := c.Query("collections", "units,micro_grids,stations")
	var layers []string
	for _, name := range strings.Split(selected, ",") {
		if layer := tileSetOf[name]; !slices.Contains(layers, layer) {
			layers = append(layers, layer)
		}
	}
	return layers, nil
}

// jsonOf answers with what is made for the layers and the address of a request, without the query.
func (s *Server) jsonOf(from tileSource, make func(c *fiber.Ctx, layers []string) (any, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		layers, err := from.layers(c)
		if err != nil {
			return err
		}
		value, err := make(c, layers)
		if err != nil {
			return err
		}
		answer, err := jsonReply(value)
		send(c, answer, err)
		return nil
	}
}

func (s *Server) listTileSets(c *fiber.Ctx, layers []string) (any, error) {
	requested, query := addressed(c)
	list := s.base(requested) + strings.TrimSuffix(c.Path(), "/")
	return TileSetList{
		Links:    []Link{{Rel: "self", Href: withQuery(list, query), Type: mediaJSON}},
		TileSets: []TileSetItem{s.tileSetItem(requested, list+"/"+webMercator, withQuery("", query), layers)},
	}, nil
}

// tileSetItem describes the tile set at an address.
func (s *Server) tileSetItem(requested, address, query string, layers []string) TileSetItem {
	return TileSetItem{
		Title: strings.Join(layers, ", "), DataType: "vector", CRS: webMercatorCRS, TileMatrixSetURI: webMercatorURI,
		Links: []Link{
			{Rel: "self", Href: address + query, Type: mediaJSON, Title: "About these tiles"},
			{Rel: relTiling, Href: s.base(requested) + webMercatorPath, Type: mediaJSON, Title: "The tiling"},
			{Rel: "item", Href: address + matrixAddress + query, Type: tileType, Title: "A tile", Templated: true},
		},
	}
}

func (s *Server) describeTileSet(c *fiber.Ctx, layers []string) (any, error) {
	requested, query := addressed(c)
	about, err := s.options.Tiles.TileJSONIn(c.UserContext(), datumOf(c), layers, s.base(requested))
	if err != nil {
		return nil, err
	}
	address := s.base(requested) + strings.TrimSuffix(c.Path(), "/")
	set := TileSet{
		TileSetItem: s.tileSetItem(requested, address, withQuery("", query), layers),
		Attribution: about.Attribution,
		BoundingBox: TileSetBox{crs84, [2]float64{about.Bounds[0], about.Bounds[1]}, [2]float64{about.Bounds[2], about.Bounds[3]}},
		CenterPoint: TileSetCenter{crs84, [2]float64{about.Center[0], about.Center[1]}, strconv.Itoa(int(about.Center[2]))},
		Limits:      limitsOf(about.Bounds, about.MinZoom, about.MaxZoom),
		Layers:      []TileSetLayer{},
	}
	set.Links = append(set.Links, Link{Rel: "describedby", Type: mediaJSON, Title: "TileJSON",
		Href: s.base(requested) + "/api/tiles/" + strings.Join(layers, ",") + datumQuery(c)})
	for _, layer := range about.VectorLayers {
		set.Layers = append(set.Layers, tileSetLayer(layer))
	}
	return set, nil
}

func datumQuery(c *fiber.Ctx) string {
	if datum := datumOf(c); datum != tiles.WGS84 {
		return "?datum=" + datum
	}
	return ""
}

func tileSetLayer(layer tiles.VectorLayer) TileSetLayer {
	properties := map[string]TileProperty{}
	for name, description := range layer.Fields {
		properties[name] = TileProperty{description}
	}
	return TileSetLayer{ID: layer.ID, Description: layer.Description, DataType: "vector",
		MinTileMatrix: strconv.Itoa(int(layer.MinZoom)), MaxTileMatrix: strconv.Itoa(int(layer.MaxZoom)),
		PropertiesSchema: TilePropertyNames{"object", properties}}
}

func tileResponses() map[string]*huma.Response {
	return map[string]*huma.Response{
		"200": {Description: "The tile, in brotli or gzip for those who accept it", Headers: ageHeaders(), Content: map[string]*huma.MediaType{
			tileType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
		strconv.Itoa(http.StatusNoContent):   {Description: "Nothing is here"},
		strconv.Itoa(http.StatusNotModified): {Description: "Not changed"},
	}
}
