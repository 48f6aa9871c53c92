// Package yizhan holds the nouns of Yizhan (驿站): the service stations where delivery riders find
// water, charging and rest, the micro-grids (微网格) a city is divided into, and the units that govern
// them; and the rules that make each of them valid.
//
// It does no I/O and knows no wire format: store turns these types into rows, api into JSON.
// Coordinates are WGS84 (EPSG:4326) degrees, in the order lng, lat. Distances are metres.
// Values of these types are treated as immutable once they are part of a City.
package yizhan
