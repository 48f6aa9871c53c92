package api

import (
	"context"
	"math"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan/tiles/world"
)

// TileMatrixSetList lists the tilings that tiles come in.
type TileMatrixSetList struct {
	TileMatrixSets []TileMatrixSetItem `json:"tileMatrixSets" nullable:"false"`
}

// TileMatrixSetItem is a tiling in the list.
type TileMatrixSetItem struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URI   string `json:"uri" format:"uri"`
	CRS   string `json:"crs" format:"uri"`
	Links []Link `json:"links" nullable:"false"`
}

// TileMatrixSet defines a tiling (OGC Two Dimensional Tile Matrix Set 2.0).
type TileMatrixSet struct {
	ID                string       `json:"id"`
	Title             string       `json:"title"`
	URI               string       `json:"uri" format:"uri"`
	CRS               string       `json:"crs" format:"uri"`
	OrderedAxes       []string     `json:"orderedAxes" nullable:"false"`
	WellKnownScaleSet string       `json:"wellKnownScaleSet" format:"uri"`
	TileMatrices      []TileMatrix `json:"tileMatrices" nullable:"false" doc:"One a zoom"`
}

// TileMatrix is one zoom of a tiling.
type TileMatrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize" doc:"Metres of the projection"`
	CornerOfOrigin   string     `json:"cornerOfOrigin" enum:"topLeft"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

// TileMatrixLimits says in which columns and rows of a zoom there is something.
type TileMatrixLimits struct {
	TileMatrix string `json:"tileMatrix"`
	MinTileRow uint32 `json:"minTileRow"`
	MaxTileRow uint32 `json:"maxTileRow"`
	MinTileCol uint32 `json:"minTileCol"`
	MaxTileCol uint32 `json:"maxTileCol"`
}

// The one tiling, under its registered name.
const (
	webMercator     = "WebMercatorQuad"
	webMercatorName = "Google Maps Compatible for the World"
	webMercatorURI  = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	webMercatorCRS  = "http://www.opengis.net/def/crs/EPSG/0/3857"
	scaleSetURI     = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"

	halfWorldMeters = math.Pi * 6_378_137
	tilePixels      = 256
	pixelMeters     = 0.00028 // of a standard screen, by which scales are told
)

// Relations that OGC API Tiles names.
const (
	relTilesets     = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relTiling       = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	relTilings      = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
	relConformance  = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
	mediaJSON       = "application/json"
	tileMatrixSets  = "/api/tileMatrixSets"
	webMercatorPath = tileMatrixSets + "/" + webMercator
)

func (s *Server) routeTileMatrixSets() {
	operation[linkedInput, TileMatrixSetList](s, huma.Operation{
		OperationID: "list-tile-matrix-sets", Path: tileMatrixSets, Tags: []string{"OGC API Tiles"}, Summary: "The tilings",
	}, func(_ context.Context, in *linkedInput) (*reply, error) {
		return jsonReply(TileMatrixSetList{[]TileMatrixSetItem{{
			ID: webMercator, Title: webMercatorName, URI: webMercatorURI, CRS: webMercatorCRS,
			Links: []Link{{Rel: "self", Href: s.base(in.base) + webMercatorPath, Type: mediaJSON, Title: "Definition"}},
		}}})
	})
	operation[linkedInput, TileMatrixSet](s, huma.Operation{
		OperationID: "get-tile-matrix-set", Path: webMercatorPath, Tags: []string{"OGC API Tiles"}, Summary: "The tiling of web maps",
		Description: "OGC Two Dimensional Tile Matrix Set 2.0.",
	}, func(context.Context, *linkedInput) (*reply, error) { return jsonReply(webMercatorQuad()) })
}

func webMercatorQuad() TileMatrixSet {
	set := TileMatrixSet{ID: webMercator, Title: webMercatorName, URI: webMercatorURI, CRS: webMercatorCRS,
		OrderedAxes: []string{"X", "Y"}, WellKnownScaleSet: scaleSetURI}
	for zoom := range world.MaxZoom + 1 {
		cell := 2 * halfWorldMeters / tilePixels / float64(int(1)<<zoom)
		set.TileMatrices = append(set.TileMatrices, TileMatrix{
			ID: strconv.Itoa(zoom), ScaleDenominator: cell / pixelMeters, CellSize: cell,
			CornerOfOrigin: "topLeft", PointOfOrigin: [2]float64{-halfWorldMeters, halfWorldMeters},
			TileWidth: tilePixels, TileHeight: tilePixels, MatrixWidth: 1 << zoom, MatrixHeight: 1 << zoom,
		})
	}
	return set
}

// limitsOf gives the columns and rows that a box in degrees meets.
func limitsOf(box [4]float64, minZoom, maxZoom uint32) []TileMatrixLimits {
	northWest := world.Project([2]float64{box[0], box[3]})
	southEast := world.Project([2]float64{box[2], box[1]})
	limits := make([]TileMatrixLimits, 0, maxZoom-minZoom+1)
	for zoom := minZoom; zoom <= maxZoom; zoom++ {
		shift := world.Bits - zoom
		at := func(unit uint32) uint32 { return uint32(uint64(unit) >> shift) }
		limits = append(limits, TileMatrixLimits{strconv.Itoa(int(zoom)),
			at(northWest.Y), at(southEast.Y), at(northWest.X), at(southEast.X)})
	}
	return limits
}
