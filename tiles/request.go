package tiles

import (
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/world"
)

// The tile sets.
const (
	Base       = "base"        // the offline base map
	Units      = "units"       // polygons, borders and labels of the administrative units
	MicroGrids = "micro_grids" // merged into units where they are too small
	Stations   = "stations"    // with the friendly scenes
	Coverage   = "coverage"    // hexagons
)

// Layers lists the tile sets in the order in which a composite draws them.
func Layers() []string { return []string{Base, Units, MicroGrids, Coverage, Stations} }

// Params say what a coverage tile is about; other layers ignore them.
type Params struct {
	RadiusM float64 // metres; 0 for DefaultRadiusM
	Service string  // empty for any
}

// DefaultRadiusM is the radius of the national reference standard, 1 km.
const DefaultRadiusM = 1000

// Request asks for one tile of one or several tile sets.
type Request struct {
	Layers  []string
	Z, X, Y uint32
	Params
	Datum string // WGS84 or GCJ02
}

// Name is a request that was found to be right, for who asks the same again.
type Name struct {
	key   tileKey // its coverage is that of the moment when the tile is looked for
	datum string
}

// NameOf checks a request. Errors are as of Tile.
func (p *Pyramid) NameOf(r Request) (Name, error) {
	name := Name{datum: r.Datum}
	if r.Datum == GCJ02 {
		r.Datum = WGS84
	}
	var err error
	name.key, err = p.keyOf(r)
	return name, err
}

// Held gives a tile that is in the cache. Tile gives the others.
func (p *Pyramid) Held(name Name) (Tile, bool) {
	q := p
	if name.datum == GCJ02 {
		if q = p.shifted.pyramid.Load(); q == nil {
			return Tile{}, false
		}
	}
	if name.key.params.RadiusM > 0 { // as only coverage has
		name.key.coverage = q.coverage.Seq()
	}
	return q.cache.held(name.key)
}

// Tile is an answer. It is shared: do not change its bytes. See Brotli for the third coding.
type Tile struct {
	Data     []byte // the vector tile as it is
	Gzip     []byte // the same, compressed
	ETag     string // strong, of Data, quoted
	GzipETag string // strong, of Gzip: the same bytes of another coding are another representation
	Empty    bool   // nothing is there: answer 204
	Seq      int64  // of the data it was made from
	brotli   *lazyBrotli
}

// tileKey names a tile in the cache.
type tileKey struct {
	layers   string // in canonical order, each once
	tile     world.Tile
	params   Params // zero without coverage
	coverage int64  // the seq of the coverage it shows
}

// keyOf checks a request.
func (p *Pyramid) keyOf(r Request) (tileKey, error) {
	if r.Datum != WGS84 {
		return tileKey{}, unknownDatum(r.Datum)
	}
	tile := world.Tile{Z: r.Z, X: r.X, Y: r.Y}
	if !tile.Valid() {
		return tileKey{}, yizhan.Errorf(yizhan.CodeNotFound, "", "there is no tile %d/%d/%d", r.Z, r.X, r.Y)
	}
	layers, err := p.canonical(r.Layers)
	if err != nil {
		return tileKey{}, err
	}
	key := tileKey{layers: layers, tile: tile}
	if hasLayer(layers, Coverage) {
		key.params = r.Params
		if key.params.RadiusM == 0 {
			key.params.RadiusM = DefaultRadiusM
		}
		key.coverage = p.coverage.Seq()
	}
	return key, nil
}

// canonical brings the names of tile sets into one order, each once, joined by commas.
func (p *Pyramid) canonical(layers []string) (string, error) {
	if len(layers) == 1 && p.serves(layers[0]) {
		return layers[0], nil
	}
	if len(layers) == 0 {
		return "", yizhan.Errorf(yizhan.CodeNotFound, "layers", "names no layer")
	}
	for _, name := range layers {
		if !p.serves(name) {
			return "", yizhan.Errorf(yizhan.CodeNotFound, "layers", "there is no layer %q", name)
		}
	}
	var sorted []string
	for _, name := range Layers() {
		if slices.Contains(layers, name) {
			sorted = append(sorted, name)
		}
	}
	return strings.Join(sorted, ","), nil
}

func (p *Pyramid) serves(layer string) bool {
	return slices.Contains(Layers(), layer) && (layer != Coverage || p.coverage != nil)
}

// hasLayer tells whether a canonical list names a layer.
func hasLayer(layers, name string) bool {
	for rest := layers; ; {
		first, after, more := strings.Cut(rest, ",")
		if first == name {
			return true
		}
		if !more {
			return false
		}
		rest = after
	}
}
