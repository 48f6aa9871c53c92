package yizhan

import (
	"maps"
	"slices"
	"time"

	"github.com/yizhan/yizhan/cql2"
)

// City is the public state of the whole database at one point of the change log. It is immutable:
// readers share it freely, and Next makes the state that follows. Leaders are not in it.
type City struct {
	Seq        int64 // the last change that is in
	Units      map[string]*Unit
	Stations   map[string]*Station
	Scenes     map[string]*FriendlyScene
	MicroGrids map[string]*MicroGrid
}

// Next is the city after the given changes, which must follow Seq in order. Collections that the
// changes do not touch are shared with c.
func (c *City) Next(changes []Change) *City {
	next := *c
	touched := map[Collection]bool{}
	for _, change := range changes {
		touched[change.Ref.Collection] = true
	}
	if touched[Units] {
		next.Units = maps.Clone(c.Units)
	}
	if touched[Stations] {
		next.Stations = maps.Clone(c.Stations)
	}
	if touched[FriendlyScenes] {
		next.Scenes = maps.Clone(c.Scenes)
	}
	if touched[MicroGrids] {
		next.MicroGrids = maps.Clone(c.MicroGrids)
	}
	for _, change := range changes {
		next.put(change)
		next.Seq = change.Seq
	}
	return &next
}

func (c *City) put(change Change) {
	switch change.Ref.Collection {
	case Units:
		put(c.Units, change)
	case Stations:
		put(c.Stations, change)
	case FriendlyScenes:
		put(c.Scenes, change)
	case MicroGrids:
		put(c.MicroGrids, change)
	}
}

func put[F Feature](features map[string]F, change Change) {
	if feature, ok := change.After.(F); ok {
		features[change.Ref.Code] = feature
	} else {
		delete(features, change.Ref.Code)
	}
}

// Sorted gives the features of one collection of a City in the order of their codes, for work whose
// result must not depend on map order.
func Sorted[F Feature](features map[string]F) []F {
	sorted := make([]F, 0, len(features))
	for _, code := range slices.Sorted(maps.Keys(features)) {
		sorted = append(sorted, features[code])
	}
	return sorted
}

// Query asks for a page of one collection, in the order of codes.
type Query struct {
	Collection   Collection
	BBox         *[4]float64 // west, south, east, north, WGS84; nil for everywhere
	Unit         string      // only features of this unit or below it; empty for all
	Filters      []Filter    // all must hold
	Where        cql2.Expr   // must be true, with geometry in lng, lat; nil for all
	During       *Period     // of the time that a feature of the collection is about, if it is about one; nil for all
	Sort         []SortKey   // the order; features that are equal in it are in that of their codes
	After        string      // only features after the one of this code; empty for the start
	AfterValues  []string    // its values of Sort, as a Page gave them
	Limit        int         // 1 to MaxLimit
	SkipGeometry bool
}

// MaxLimit bounds a page.
const MaxLimit = 10_000

// Filter keeps the features whose property has one of the values.
type Filter struct {
	Property string
	Values   []string
}

// Period is the time from Start to End, both included; zero is open.
type Period struct{ Start, End time.Time }

// Page is what a Query finds.
type Page struct {
	Features []Feature
	More     bool     // there are features after the last one
	Last     []string // if so, the last one's values of Query.Sort
	Seq      int64    // the change log had reached this
}
