package api

import (
	"encoding/json"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// AnyGeometry is a GeoJSON geometry of whatever type.
type AnyGeometry struct {
	Type        string `json:"type" enum:"Point,LineString,MultiLineString,Polygon,MultiPolygon"`
	Coordinates any    `json:"coordinates"`
}

func geometryReport(shape orb.Geometry) AnyGeometry {
	if shape == nil {
		shape = orb.MultiLineString{}
	}
	return AnyGeometry{shape.GeoJSONType(), shape}
}

// ConflictReport is a feature that somebody else changed first. What whoever asks wanted is not told again.
type ConflictReport struct {
	Collection string          `json:"collection"`
	Code       string          `json:"code"`
	Version    int64           `json:"version" doc:"That the edit was based on; 0 for a create"`
	Base       json.RawMessage `json:"base" doc:"The feature at that version; null for a create, and if it is not known"`
	Theirs     json.RawMessage `json:"theirs" doc:"The feature as it is now; null if it was deleted"`
}

func conflictReports(conflicts []yizhan.Conflict) (reports []ConflictReport) {
	for _, c := range conflicts {
		base, err := featureJSON(c.Was)
		if err != nil {
			continue // not public
		}
		theirs, err := featureJSON(c.Now)
		if err != nil {
			continue
		}
		reports = append(reports, ConflictReport{string(c.Ref.Collection), c.Ref.Code, c.Base, base, theirs})
	}
	return reports
}

// PlaceCollection are places at fault, as GeoJSON.
type PlaceCollection struct {
	Type     string         `json:"type" enum:"FeatureCollection"`
	Features []PlaceFeature `json:"features" nullable:"false"`
}

// PlaceFeature is a place at fault.
type PlaceFeature struct {
	Type       string          `json:"type" enum:"Feature"`
	Geometry   AnyGeometry     `json:"geometry"`
	Properties PlaceProperties `json:"properties"`
}

// PlaceProperties say what is wrong at a place.
type PlaceProperties struct {
	Kind       string   `json:"kind" enum:"overlap,gap,outside,edge,narrow,small,multipart,invalid,line"`
	MicroGrids []string `json:"micro_grids" nullable:"false" doc:"That have to do with it"`
}

func placesOf(places []yizhan.Place) *PlaceCollection {
	if len(places) == 0 {
		return nil
	}
	collection := &PlaceCollection{Type: "FeatureCollection", Features: []PlaceFeature{}}
	for _, place := range places {
		codes := place.MicroGrids
		if codes == nil {
			codes = []string{}
		}
		collection.Features = append(collection.Features, PlaceFeature{"Feature", geometryReport(place.Shape), PlaceProperties{place.Kind, codes}})
	}
	return collection
}
