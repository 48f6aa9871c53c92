// Package nearest finds the points nearest to a place, in the order of true distance.
//
// An Index is an immutable k-d tree over WGS84 points in the Earth-centred frame, so that poles and the
// antimeridian are places like any other. It gives exactly what a brute-force scan gives, ties in the
// order of the points. It knows nothing of what the points stand for: a filter is a callback.
package nearest
