// Package pmtiles writes and reads archives of vector tiles, version 3 of PMTiles: one file from which a
// browser fetches single tiles by byte ranges, with no tile server.
//
// The archives it writes are clustered (tiles lie in the order of their ids), hold equal tiles once, and
// are gzipped throughout. A Writer makes one pass and keeps some 75 bytes a distinct tile in memory, not
// the tiles. Equal tiles make equal archives, byte for byte: there is no clock in them.
//
// The package knows nothing of what is in a tile. The Reader is for checking archives, not for serving
// them: it keeps nothing in memory between calls but the root directory.
//
// https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
package pmtiles
