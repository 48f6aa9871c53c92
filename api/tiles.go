package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// Tiles makes vector tiles; *tiles.Pyramid does.
type Tiles interface {
	Tile(context.Context, tiles.Request) (tiles.Tile, error)
	TileJSONIn(ctx context.Context, datum string, layers []string, baseURL string) (tiles.TileJSON, error)
	// NameOf checks a request, and Held gives the tile of that name if it is at hand.
	NameOf(tiles.Request) (tiles.Name, error)
	Held(tiles.Name) (tiles.Tile, bool)
	Stats() tiles.Stats
	// Still makes tiles of the state that there is now, for an archive.
	Still(ctx context.Context, datum string) (*tiles.Pyramid, error)
	// OnTouched has a function called after each update, in order, with the tiles that it changed.
	OnTouched(func(tiles.Touched))
	// OnTouchedGCJ02 is the same for the tiles in GCJ-02.
	OnTouchedGCJ02(func(tiles.Touched))
}

// TileJSON describes tiles (TileJSON 3.0).
type TileJSON struct {
	TileJSON     string        `json:"tilejson" enum:"3.0.0"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Version      string        `json:"version"`
	Attribution  string        `json:"attribution" doc:"To be shown with the map"`
	Scheme       string        `json:"scheme" enum:"xyz" doc:"Rows are counted from the north"`
	Tiles        []string      `json:"tiles" nullable:"false" doc:"Addresses, with {z}, {x} and {y} to fill in"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom" doc:"Beyond it, enlarge the tiles of this zoom"`
	Bounds       BBox          `json:"bounds"`
	Center       [3]float64    `json:"center" doc:"lng, lat, zoom to begin with"`
	VectorLayers []VectorLayer `json:"vector_layers" nullable:"false"`
}

// VectorLayer describes one layer inside the tiles.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields" doc:"Properties of the features, and what they are"`
}

const tileType = "application/vnd.mapbox-vector-tile"

func (s *Server) routeTiles() {
	s.described(huma.Operation{
		OperationID: "get-tilejson", Path: "/api/tiles/{layers}", Tags: []string{"Tiles"}, Summary: "Describe layers of tiles",
		Description: "TileJSON 3.0 for one or more layers, with the parameters given here in the addresses of the tiles.",
		Parameters:  append([]*huma.Param{layersParam(), datumParam()}, questionParams()...),
		Errors:      []int{404, 503},
		Responses:   s.jsonResponse("TileJSON", reflect.TypeFor[TileJSON]()),
	}, s.tileJSON)
	s.described(huma.Operation{
		OperationID: "get-tile", Path: "/api/tiles/{layers}/{z}/{x}/{y}", Tags: []string{"Tiles"}, Summary: "One vector tile",
		Description: "Mapbox Vector Tile 2.1 in the Web Mercator pyramid, y counted from the north. Answered from memory; `X-Yizhan-Age` says how old it is.",
		Parameters: append([]*huma.Param{layersParam(), tileParam("z", fmt.Sprintf("Zoom, 0 to %d", world.MaxZoom)), tileParam("x", "Column"),
			tileParam("y", "Row from the north"), datumParam()}, tileQuestionParams()...),
		Errors:    []int{404, 503},
		Responses: tileResponses(),
	}, s.tile)
	s.tileMetrics()
}

func (s *Server) tileMetrics() {
	read := func(figure func(tiles.Stats) float64) func() float64 {
		return func() float64 { return figure(s.options.Tiles.Stats()) }
	}
	s.metrics.counter("yizhan_tile_cache_hits_total", "Tiles answered from the cache.", read(func(t tiles.Stats) float64 { return float64(t.Hits) }))
	s.metrics.counter("yizhan_tile_cache_misses_total", "Tiles that were not in the cache.", read(func(t tiles.Stats) float64 { return float64(t.Misses) }))
	s.metrics.counter("yizhan_tile_cache_dropped_total", "Tiles that left the cache because an update touched them.", read(func(t tiles.Stats) float64 { return float64(t.Dropped) }))
	s.metrics.counter("yizhan_tile_cache_evicted_total", "Tiles that left the cache for want of room.", read(func(t tiles.Stats) float64 { return float64(t.Evicted) }))
	s.metrics.counter("yizhan_tiles_made_total", "Tiles made.", read(func(t tiles.Stats) float64 { return float64(t.Made) }))
	s.metrics.counter("yizhan_tiles_making_seconds_total", "Seconds spent on making tiles.", read(func(t tiles.Stats) float64 { return t.Making.Seconds() }))
	s.metrics.gauge("yizhan_tile_cache_tiles", "Tiles in the cache.", read(func(t tiles.Stats) float64 { return float64(t.Tiles) }))
	s.metrics.gauge("yizhan_tile_cache_bytes", "Bytes of the tiles in the cache.", read(func(t tiles.Stats) float64 { return float64(t.Bytes) }))
}

func layersParam() *huma.Param {
	return &huma.Param{Name: "layers", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Example: "base,units,stations",
		Description: "Layers joined by commas: base, units, micro_grids, stations, coverage"}
}

// datumParam chooses between tile sets.
func datumParam() *huma.Param {
	return &huma.Param{Name: "datum", In: "query", Description: "gcj02 for tiles that lie right on Chinese base maps; everything else of the API stays in WGS84",
		Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{datumWGS84, tiles.GCJ02}, Default: datumWGS84}}
}

const datumWGS84 = "wgs84"

// datumOf is what a request asks for in the words of the pyramid.
func datumOf(c *fiber.Ctx) string {
	if datum := c.Query("datum"); datum != datumWGS84 {
		return datum
	}
	return tiles.WGS84
}

func withMoreQuery(address string, query url.Values) string {
	switch {
	case len(query) == 0:
		return address
	case strings.Contains(address, "?"):
		return address + "&" + query.Encode()
	}
	return address + "?" + query.Encode()
}

func tileParam(name, description string) *huma.Param {
	zero := 0.0
	return &huma.Param{Name: name, In: "path", Required: true, Description: description, Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &zero}}
}

func (s *Server) tileJSON(c *fiber.Ctx) error {
	layers, err := layersOf(c)
	if err != nil {
		return err
	}
	requested, query := addressed(c)
	document, err := s.options.Tiles.TileJSONIn(c.UserContext(), datumOf(c), layers, s.base(requested))
	if err != nil {
		return err
	}
	query.Del("datum") // is there already
	if err := s.settle(c, query); err != nil {
		return err
	}
	for i, address := range document.Tiles { // the coverage that was asked for is that of the tiles, too
		document.Tiles[i] = withMoreQuery(address, query)
	}
	answer, err := jsonReply(document)
	send(c, answer, err)
	return nil
}

func (s *Server) tile(c *fiber.Ctx) error {
	layers, err := layersOf(c)
	if err != nil {
		return err
	}
	return s.answerTile(c, layers, "z", "x", "y")
}

// answerTile answers with the tile whose place is in these parts of the address.
func (s *Server) answerTile(c *fiber.Ctx, layers []string, z, x, y string) error {
	request := tiles.Request{Layers: layers, Datum: datumOf(c)}
	err := readPlace(c, &request, z, x, y)
	if err == nil {
		request.Params, err = s.tileParams(c)
	}
	if err != nil {
		return err
	}
	tile, err := s.options.Tiles.Tile(c.UserContext(), request)
	if err != nil {
		return err
	}
	if request.Weight == "" { // who may see a weight is asked each time
		s.learn(c, request)
	}
	s.writeTile(c.Context(), tile)
	if request.Weight != "" {
		keepPrivate(&c.Response().Header)
	}
	return nil
}

// writeTile answers with a tile in the coding that the client takes. Each coding has a strong tag of its own;
// one who has the tile in any coding is told so without a look at the bytes.
func (s *Server) writeTile(ctx *fasthttp.RequestCtx, tile tiles.Tile) {
	request, response := &ctx.Request.Header, &ctx.Response.Header
	var number [20]byte
	response.SetCanonical(keySeq, strconv.AppendInt(number[:0], tile.Seq, 10))
	response.SetCanonical(keyAge, strconv.AppendInt(number[:0], s.ageSeconds(), 10))
	response.SetCanonical(keyCacheControl, valueNoCache) // kept, and asked for again with the tag
	response.SetCanonical(keyVary, valueVary)
	if tile.Empty {
		ctx.SetStatusCode(http.StatusNoContent)
		return
	}
	body, tag, coding := tile.Data, tile.ETag, chooseEncoding(headerOf(request, fiber.HeaderAcceptEncoding), encodingBrotli, encodingGzip)
	switch coding {
	case encodingBrotli:
		body, tag = tile.Brotli()
	case encodingGzip:
		body, tag = tile.Gzip, tile.GzipETag
	}
	response.SetCanonical(keyETag, []byte(tag))
	if matches(headerOf(request, fiber.HeaderIfNoneMatch), unquote(tile.ETag)) {
		ctx.SetStatusCode(http.StatusNotModified)
		return
	}
	response.SetContentType(tileType)
	if coding != "" {
		response.SetContentEncoding(coding)
	}
	ctx.SetStatusCode(http.StatusOK)
	ctx.Response.SetBodyRaw(body)
}

func unquote(tag string) string { return strings.Trim(tag, `"`) }

const maxLayers = 8

// layersOf is the layers of the address; the pyramid knows which exist.
func layersOf(c *fiber.Ctx) ([]string, error) {
	layers := strings.Split(c.Params("layers"), ",")
	if len(layers) > maxLayers {
		return nil, notFound("there are no tiles of so many layers; %d at most", maxLayers)
	}
	return layers, nil
}

func readPlace(c *fiber.Ctx, request *tiles.Request, names ...string) error {
	parts := []*uint32{&request.Z, &request.X, &request.Y}
	for i, name := range names {
		n, err := strconv.ParseUint(c.Params(name), 10, 32)
		if err != nil {
			return notFound("there is no such tile: %s is not a whole number", name)
		}
		*parts[i] = uint32(n)
	}
	return nil
}
