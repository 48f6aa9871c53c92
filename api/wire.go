package api

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// The types of this file are the answers as the OpenAPI document describes them. The large ones are
// written by geojson.go without reflection; the tests hold every answer against these schemas.

// Position is lng, lat in degrees, WGS84.
type Position [2]float64

// Schema describes a position.
func (Position) Schema(huma.Registry) *huma.Schema {
	two := 2
	return &huma.Schema{Type: "array", MinItems: &two, MaxItems: &two,
		Items:       &huma.Schema{Type: "number"},
		Description: "lng, lat in degrees, WGS84 (EPSG:4326), on a grid of 1e-7 degrees",
		Examples:    []any{[]float64{119.7364, 49.2122}}}
}

// BBox is west, south, east, north in degrees, WGS84.
type BBox [4]float64

// Schema describes a bounding box.
func (BBox) Schema(huma.Registry) *huma.Schema {
	four := 4
	return &huma.Schema{Type: "array", MinItems: &four, MaxItems: &four,
		Items:       &huma.Schema{Type: "number"},
		Description: "west, south, east, north in degrees, WGS84 (EPSG:4326)",
		Examples:    []any{[]float64{119.6, 49.1, 119.9, 49.3}}}
}

// orNull is the schema of T or null.
type orNull[T any] struct{}

// Schema is T's, or null.
func (orNull[T]) Schema(r huma.Registry) *huma.Schema {
	schema := *r.Schema(reflect.TypeFor[T](), true, "")
	if schema.Ref != "" {
		return &huma.Schema{AnyOf: []*huma.Schema{&schema, {Enum: []any{nil}}}}
	}
	schema.Nullable = true
	return &schema
}

// maybe is a T, or null.
type maybe[T any] struct{ value *T }

// Schema is T's, or null.
func (maybe[T]) Schema(r huma.Registry) *huma.Schema { return orNull[T]{}.Schema(r) }

// MarshalJSON writes the value.
func (m maybe[T]) MarshalJSON() ([]byte, error) { return json.Marshal(m.value) }

// Instant is a time in UTC.
type Instant string

// Schema describes a time.
func (Instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date-time", Description: "RFC 3339, UTC", Examples: []any{"2026-02-17T08:30:00Z"}}
}

// Link is a link to something related.
type Link struct {
	Rel   string `json:"rel" doc:"How it is related: self, next, items, service-desc, …"`
	Href  string `json:"href" format:"uri-reference"`
	Type  string `json:"type,omitempty" doc:"The media type"`
	Title string `json:"title,omitempty"`

	Templated bool `json:"templated,omitempty" doc:"Whether names in braces are to be filled in"`
}

// PointGeometry is a GeoJSON point.
type PointGeometry struct {
	Type        string   `json:"type" enum:"Point"`
	Coordinates Position `json:"coordinates"`
}

// AreaGeometry is a GeoJSON multipolygon.
type AreaGeometry struct {
	Type        string         `json:"type" enum:"MultiPolygon"`
	Coordinates [][][]Position `json:"coordinates" doc:"Polygons of rings: the outer one counterclockwise, then holes clockwise"`
}

// FeatureOf is a GeoJSON feature.
type FeatureOf[G, P any] struct {
	Type       string    `json:"type" enum:"Feature"`
	ID         string    `json:"id" doc:"The code"`
	Geometry   orNull[G] `json:"geometry" doc:"Null with skip_geometry, and for a feature without a shape of its own"`
	Properties P         `json:"properties"`
	Links      []Link    `json:"links,omitempty" doc:"Of a feature that is the whole answer: itself, the same as a page, and its collection"`
}

// CollectionOf is a page of features.
type CollectionOf[F any] struct {
	Type           string  `json:"type" enum:"FeatureCollection"`
	NumberReturned int     `json:"numberReturned" doc:"How many features this page has"`
	TimeStamp      Instant `json:"timeStamp" doc:"When the answer was made"`
	Seq            int64   `json:"seq" doc:"The change of the log that the answer is up to"`
	Links          []Link  `json:"links" nullable:"false" doc:"self, and next while there is more"`
	Features       []F     `json:"features" nullable:"false" doc:"In the order of their codes"`
}

// UnitProperties describe an administrative unit.
type UnitProperties struct {
	Code      string           `json:"code" doc:"GB/T 2260 code, or the statistical code below the banner"`
	Level     string           `json:"level" enum:"city,banner,township,community"`
	Parent    string           `json:"parent" doc:"Code of the unit above; empty for a city"`
	Name      string           `json:"name"`
	NameEn    string           `json:"name_en" doc:"English name; may be empty"`
	Type      string           `json:"type" doc:"The registered kind, such as 街道 or 嘎查"`
	Seat      orNull[Position] `json:"seat" doc:"Where the government sits"`
	Synthetic bool             `json:"synthetic" doc:"The boundary was generated for the demo"`
	Version   int64            `json:"version" minimum:"1"`
}

// StationService is a service at a station.
type StationService struct {
	Service     string          `json:"service" enum:"water,charging,rest,heating,toilet,microwave,first_aid,wifi,battery_swap,books,rain_gear,counselling"`
	Condition   string          `json:"condition" enum:"working,limited,broken,unknown"`
	ConfirmedAt orNull[Instant] `json:"confirmed_at" doc:"When the condition was last confirmed"`
}

// StationProperties describe a station.
type StationProperties struct {
	Code         string           `json:"code"`
	Name         string           `json:"name"`
	Kind         string           `json:"kind" enum:"community,union,enterprise" doc:"Who keeps it"`
	Sponsor      string           `json:"sponsor" enum:"union,party_centre,bank,utility,post,retail,fuel,public_service" doc:"In whose rooms it is"`
	Address      string           `json:"address" doc:"May be empty"`
	Capacity     int              `json:"capacity" doc:"Seats" minimum:"0"`
	OpeningHours string           `json:"opening_hours" doc:"OpenStreetMap opening_hours, China time (UTC+8); empty when nobody knows" example:"Mo-Fr 08:30-17:30; Sa,Su 09:00-12:00"`
	Status       string           `json:"status" enum:"planned,active,suspended,closed"`
	Community    string           `json:"community" doc:"Code of the community"`
	MicroGrid    string           `json:"micro_grid" doc:"Code of the micro-grid it is in; may be empty"`
	Services     []StationService `json:"services" nullable:"false"`
	ConfirmedAt  orNull[Instant]  `json:"confirmed_at" doc:"When the station was last confirmed"`
	Entrance     orNull[Position] `json:"entrance" doc:"The door, where it is known"`
	Approximate  bool             `json:"approximate" doc:"The place is a guess within the right community"`
	Synthetic    bool             `json:"synthetic" doc:"Generated for the demo"`
	Version      int64            `json:"version" minimum:"1"`
}

// FriendlySceneProperties describe a friendly scene.
type FriendlySceneProperties struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Kind       string   `json:"kind" enum:"shopping,community,hospital,port,scenic,transit,market,park,canteen"`
	MicroGrids []string `json:"micro_grids" nullable:"false" doc:"Codes of the micro-grids it is made of"`
	Stations   []string `json:"stations" nullable:"false" doc:"Codes of the stations in it"`
	Synthetic  bool     `json:"synthetic" doc:"Generated for the demo"`
	Version    int64    `json:"version" minimum:"1"`
}

// MicroGridProperties describe a micro-grid.
type MicroGridProperties struct {
	Code       string `json:"code" doc:"The community's code and three digits"`
	Community  string `json:"community" doc:"Code of the community"`
	Name       string `json:"name"`
	Households int    `json:"households" minimum:"0"`
	Zone       string `json:"zone" enum:"core,hinterland"`
	Status     string `json:"status" enum:"draft,in_review,returned,published"`
	Synthetic  bool   `json:"synthetic" doc:"Generated for the demo"`
	Version    int64  `json:"version" minimum:"1"`
}

// The features and pages of each collection.
type (
	UnitFeature             FeatureOf[AreaGeometry, UnitProperties]
	StationFeature          FeatureOf[PointGeometry, StationProperties]
	FriendlySceneFeature    FeatureOf[AreaGeometry, FriendlySceneProperties]
	MicroGridFeature        FeatureOf[AreaGeometry, MicroGridProperties]
	UnitCollection          CollectionOf[UnitFeature]
	StationCollection       CollectionOf[StationFeature]
	FriendlySceneCollection CollectionOf[FriendlySceneFeature]
	MicroGridCollection     CollectionOf[MicroGridFeature]
)
