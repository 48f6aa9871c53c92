// Package siting answers where to place service sites: maximal covering (MCLP, Church & ReVelle 1974) and
// its variants, the fewest sites for a share of the demand (partial LSCP), p-median and p-center.
//
// It works over abstract integers: the weights of demand points, the points that each candidate reaches, or
// a matrix of distances. What a weight or a distance means (households, household quarter-hours, metres)
// and how a reach is found is the caller's affair; nothing here knows a station, a cell or a coordinate.
//
// Every answer has an upper bound (a lower bound where the objective is a cost) that is proved, so the gap
// between the two is certified: the true optimum lies in it. Bounds are computed in integers, fixed-point
// where prices are fractions, and never depend on rounding. When the gap is 0 the answer is proved optimal.
//
// Solvers are deterministic. They stop by counted work, never by the clock, ties go to the lower index, and
// goroutines share no order-dependent state: the same question gives the same answer, to the byte, on any
// number of cores. Closing Options.Cancel stops a solver early; the answer so far is valid, its bound too,
// and Stopped says that it is not what a full run would have given.
//
// How it works, and what else was tried, is in docs/decisions/0008-siting.md.
package siting
