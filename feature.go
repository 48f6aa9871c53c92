package yizhan

import "slices"

// Collection names a kind of feature.
type Collection string

// The collections.
const (
	Units          Collection = "units"
	Stations       Collection = "stations"
	FriendlyScenes Collection = "friendly_scenes"
	MicroGrids     Collection = "micro_grids"
	Leaders        Collection = "leaders" // holds personal data: never in a City, a tile or a public answer
)

// Collections lists every collection in the order in which one may refer to another: a feature refers
// only to features of the same or an earlier collection.
func Collections() []Collection {
	return []Collection{Units, MicroGrids, Stations, FriendlyScenes, Leaders}
}

// PublicCollections lists the collections that anyone may read.
func PublicCollections() []Collection {
	return []Collection{Units, Stations, FriendlyScenes, MicroGrids}
}

// Valid tells whether c is one of Collections.
func (c Collection) Valid() bool { return slices.Contains(Collections(), c) }

// Ref names one feature.
type Ref struct {
	Collection Collection
	Code       string
}

func (r Ref) String() string { return string(r.Collection) + "/" + r.Code }

// Feature is what a changeset edits: *Unit, *Station, *FriendlyScene, *MicroGrid or *Leader.
type Feature interface {
	Ref() Ref
	// Validate gives the first rule that the feature breaks by itself, as an *Error, or nil. Rules
	// that need other features (parents, partitions) are the store's.
	Validate() error
	// At gives the version, which starts at 1 and grows by one with each update.
	At() int64
}
