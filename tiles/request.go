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
	Gaps       = "gaps"        // connected hexagons without coverage
)

// Layers lists the tile sets in the order in which a composite draws them.
func Layers() []string { return []string{Base, Units, MicroGrids, Coverage, Gaps, Stations} }

// Params say what a tile of Coverage or Gaps is about; other layers ignore them. The CoverageSource knows what
// they mean, and refuses those that mean nothing. They can be compared.
type Params struct {
	Mode     string  // radius, walk or ebike; empty for radius
	RadiusM  float64 // metres; 0 for DefaultRadiusM, if by radius
	Minutes  float64 // of a walk or a ride
	Services string  // joined by commas; empty for any
	Rule     string  // any, all or one_stop: how several services go together
	Quarter  int     // 1 + the quarter-hour of the week; 0 for no one moment
	Week     string  // the Monday of a week with its dated exceptions; empty for the usual one
	Profile  string  // how the hours of the week weigh; empty if they do not
	Cold     bool
	Celsius  float64

	Scenario        string // the ID of a scenario; empty for the city as it is
	ScenarioVersion int64
	WhatIf          string // a scenario that is not saved, as the source reads it
	Weight          string // what is counted in place of households, as the source reads it: the same name always counts the same
}

// DefaultRadiusM is the radius of the national reference standard, 1 km.
const DefaultRadiusM = 1000

// byRadius tells whether the reach is a radius.
func (p *Params) byRadius() bool { return p.Mode == "" || p.Mode == "radius" }

// filled is Params with the usual radius where none is given.
func (p Params) filled() Params {
	if p.RadiusM == 0 && p.byRadius() {
		p.RadiusM = DefaultRadiusM
	}
	return p
}

// sourceSeq is the state of the source that a tile shows. That of a version of a scenario never changes.
func (p *Pyramid) sourceSeq(params Params) int64 {
	if params.Scenario != "" {
		return 0
	}
	return p.coverage.Seq()
}

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
	if name.key.hasParams() {
		name.key.coverage = q.sourceSeq(name.key.params)
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
	params   Params // zero without Coverage and Gaps
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
	if key.hasParams() {
		key.params = r.filled()
		key.coverage = p.sourceSeq(key.params)
	}
	return key, nil
}

// hasParams tells whether what the tile shows depends on parameters.
func (k *tileKey) hasParams() bool { return hasLayer(k.layers, Coverage) || hasLayer(k.layers, Gaps) }

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
	return slices.Contains(Layers(), layer) && (layer != Coverage && layer != Gaps || p.coverage != nil)
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
