// Package mvt writes, reads and judges Mapbox Vector Tiles, version 2.1 of the specification.
//
// The writer takes geometry that is valid already and does not check it. The reader is strict and safe:
// whatever bytes it is given it returns an error or a tile, never panics, and uses memory in proportion to
// the bytes. Validate finds every breach of the specification, the geometry of polygons included.
package mvt

// Kind is what a feature's geometry is.
type Kind uint32

// The kinds of geometry.
const (
	Unknown Kind = 0
	Points  Kind = 1
	Lines   Kind = 2
	Polygon Kind = 3
)

func (k Kind) String() string {
	switch k {
	case Points:
		return "point"
	case Lines:
		return "line"
	case Polygon:
		return "polygon"
	}
	return "unknown"
}

// The field numbers of the protocol buffer.
const (
	tileLayers = 3

	layerName     = 1
	layerFeatures = 2
	layerKeys     = 3
	layerValues   = 4
	layerExtent   = 5
	layerVersion  = 15

	featureID       = 1
	featureTags     = 2
	featureKind     = 3
	featureGeometry = 4

	valueString = 1
	valueFloat  = 2
	valueDouble = 3
	valueInt    = 4
	valueUint   = 5
	valueSint   = 6
	valueBool   = 7
)

// The drawing commands.
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)
