// Package hex is a small face of H3, the hexagonal grid of the Earth, over orb types: cells of points,
// their centres, outlines, parents and children, and how much of each cell a polygon fills.
//
// It calls the H3 C library, at 30 ns a call before any work: it is for building, not for serving.
// Nothing here assumes six vertices: twelve cells of each resolution are pentagons, and a cell that an
// edge of the icosahedron crosses has up to ten vertices. A Cell must be valid, as those from Of, Parse
// and the methods of valid cells are; methods panic on any other.
package hex
