// Package geo holds the pure geometry of Yizhan over orb types: true distances on the WGS84 ellipsoid,
// bounds grown by metres, the Chinese map datums, and points on surfaces.
//
// Coordinates are WGS84 (EPSG:4326) degrees in the order lng, lat, unless a name says another datum.
// Distances are metres. The functions hold no state, do no I/O, and are safe for concurrent use. They
// know no noun of the product: what a station is, is the root package's business.
package geo
