// Package coverage tells how much of a city's demand is within reach of points that serve it.
//
// Demand is households, shared out from polygons to the H3 cells that they fill (Allot), so that the
// sums over every unit equal the input exactly. It is keyed by cell and unit: a cell that straddles a
// border holds a part for each side. A Demand is an immutable struct of arrays in the order of cells,
// which is the order of the H3 hierarchy, with centres in the Earth-centred frame.
//
// A demand can count something else in the same places, of which there is a number by unit (Counting): what is
// called households is that then.
//
// An Engine holds a demand and the Sites that serve it. It answers questions (Model: how far, which
// services by which rule, when, in what cold) with a State: for each cell and unit what is covered, by one
// site and by two (cross-covered). Distances are true metres from the centre of a cell, inclusive. What is
// not known for sure makes an Interval of each figure. Figures that add up are integers, so those of parts
// sum up to those of the whole exactly, in any order. The next engine, after edits, judges only the cells
// in reach of what changed, and equals one made from nothing bit for bit; a scenario is an engine with edits.
// See docs/decisions/0009-coverage-engine.md.
//
// Demand.Cover is the simplest question, and its answer a Result: how many points are within a distance.
//
// Coarser resolutions are sums of the finest one, never a computation of their own. Units are codes whose
// prefixes are the codes of the units above them; what they are called and who may see them is for others
// to know.
package coverage
