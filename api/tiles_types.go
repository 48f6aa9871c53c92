package api

// TileRequest asks for one tile.
type TileRequest struct {
	Layers  []string
	Z, X, Y uint32
	TileParams
}

// Tile is an encoded tile.
type Tile struct {
	Data     []byte // Mapbox Vector Tile 2.1
	Gzip     []byte // the same, compressed
	ETag     string // quoted
	GzipETag string // of Gzip, quoted
	Empty    bool
	Seq      int64
}

// TileJSON describes layers of tiles (TileJSON 3.0).
type TileJSON struct {
	TileJSON     string        `json:"tilejson" enum:"3.0.0"`
	Name         string        `json:"name,omitempty"`
	Attribution  string        `json:"attribution,omitempty"`
	Tiles        []string      `json:"tiles" nullable:"false" doc:"Addresses with {z}, {x} and {y}"`
	VectorLayers []VectorLayer `json:"vector_layers" nullable:"false"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       []float64     `json:"bounds,omitempty" doc:"west, south, east, north in degrees, WGS84"`
	Center       []float64     `json:"center,omitempty" doc:"lng, lat, zoom"`
}

// VectorLayer describes one layer of a tile.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description,omitempty"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// TileParams are for the layer coverage.
type TileParams struct {
	RadiusM float64
	Service string
}
