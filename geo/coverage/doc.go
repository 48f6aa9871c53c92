// Package coverage tells how much of a city's demand is within reach of points that serve it.
//
// Demand is households, shared out from polygons to the H3 cells that they fill (Allot), so that the
// sums over every unit equal the input exactly. It is keyed by cell and unit: a cell that straddles a
// border holds a part for each side. A Demand is an immutable struct of arrays in the order of cells,
// which is the order of the H3 hierarchy, with centres in the Earth-centred frame.
//
// Coverage counts, for each cell, the points within a true distance of its centre, inclusive: covered
// is one or more, cross-covered two or more. Coarser resolutions are sums of the finest one, never a
// computation of their own. Units are codes whose prefixes are the codes of the units above them; what
// they are called and who may see them is for others to know.
package coverage
