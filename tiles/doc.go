// Package tiles serves the city as vector tiles out of memory.
//
// Pyramid is a view on the feed: it holds every public feature projected once (package world), with
// borders simplified so that neighbours keep the same ones (package mesh), finds what a tile needs in
// R-trees, cuts it so that it is valid on the tile's grid (package cut), writes it (package mvt) and keeps
// the bytes until an edit touches that tile. Below zoom 11 micro-grids too small to be seen are merged into
// units (layout), so that sums over any zoom are exact. Readers work on an immutable snapshot and never
// wait for an update; OnTouched tells which tiles it changed.
//
// No personal data comes near it: leaders are not part of a City. It reads no database and speaks no HTTP.
package tiles
