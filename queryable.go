package yizhan

import (
	"slices"

	"github.com/yizhan/yizhan/cql2"
)

// queryables are the properties by which features are found. A filter sees what an answer shows: a text
// that an answer shows as empty is empty, not null, and a time or geometry that it shows as null is null.
// Services of a station are those that are not broken.
var queryables = map[Collection]cql2.Types{
	Units: {
		"code": cql2.TypeText, "level": cql2.TypeText, "parent": cql2.TypeText, "name": cql2.TypeText, "name_en": cql2.TypeText,
		"type": cql2.TypeText, "seat": cql2.TypeShape, "geometry": cql2.TypeShape, "synthetic": cql2.TypeTruth, "version": cql2.TypeNumber,
	},
	Stations: {
		"code": cql2.TypeText, "name": cql2.TypeText, "kind": cql2.TypeText, "sponsor": cql2.TypeText, "address": cql2.TypeText,
		"capacity": cql2.TypeNumber, "opening_hours": cql2.TypeText, "status": cql2.TypeText, "community": cql2.TypeText,
		"micro_grid": cql2.TypeText, "services": cql2.TypeTexts, "confirmed_at": cql2.TypeTime, "geometry": cql2.TypeShape,
		"entrance": cql2.TypeShape, "approximate": cql2.TypeTruth, "synthetic": cql2.TypeTruth, "version": cql2.TypeNumber,
	},
	FriendlyScenes: {
		"code": cql2.TypeText, "name": cql2.TypeText, "kind": cql2.TypeText, "micro_grids": cql2.TypeTexts, "stations": cql2.TypeTexts,
		"geometry": cql2.TypeShape, "synthetic": cql2.TypeTruth, "version": cql2.TypeNumber,
	},
	MicroGrids: {
		"code": cql2.TypeText, "community": cql2.TypeText, "name": cql2.TypeText, "households": cql2.TypeNumber, "zone": cql2.TypeText,
		"status": cql2.TypeText, "geometry": cql2.TypeShape, "synthetic": cql2.TypeTruth, "version": cql2.TypeNumber,
	},
}

// Queryables gives the properties by which the features of a public collection are found, with their
// types; nil for any other. The caller must not write to it.
func Queryables(c Collection) cql2.Types { return queryables[c] }

// SortKey is a property by which features are put in order.
type SortKey struct {
	Property   string
	Descending bool
}

// MaxSortKeys bounds the keys of a Query.
const MaxSortKeys = 3

// Sortables lists the properties by which the features of a collection may be put in order: those that are one
// value, and a short one, as a cursor has to hold it.
func Sortables(c Collection) []string {
	var names []string
	for name, t := range queryables[c] {
		long := name == "opening_hours" || name == "address"
		if t != cql2.TypeShape && t != cql2.TypeTexts && !long {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
