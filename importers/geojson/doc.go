// Package geojson reads GeoJSON, and sequences of it (GeoJSONSeq, one feature a line), feature by feature: a
// file of any size takes the memory of its largest feature.
package geojson
