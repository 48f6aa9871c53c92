package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// This file reads features that clients send, as GeoJSON. What is wrong is named: a property by its name, a
// vertex by a JSON pointer.

// optional is a member that may be null or missing.
type optional[T any] struct{ value *T }

// Schema is T's, or null.
func (optional[T]) Schema(r huma.Registry) *huma.Schema { return orNull[T]{}.Schema(r) }

// UnmarshalJSON reads a value or null.
func (o *optional[T]) UnmarshalJSON(data []byte) error {
	o.value = nil
	if string(data) == "null" {
		return nil
	}
	o.value = new(T)
	return json.Unmarshal(data, o.value)
}

// AreaInput is an outline as it is sent.
type AreaInput struct {
	Type        string `json:"type" enum:"Polygon,MultiPolygon"`
	Coordinates []any  `json:"coordinates" nullable:"false" doc:"Rings that are closed, the outer one first; at most 500,000 positions"`
}

// FeatureInputOf is a GeoJSON feature as it is sent.
type FeatureInputOf[G, P any] struct {
	Type       string      `json:"type" enum:"Feature"`
	ID         string      `json:"id,omitempty" doc:"The code, if it is not among the properties"`
	Geometry   optional[G] `json:"geometry,omitempty" doc:"In the system that Content-Crs names; WGS84 with lng before lat if it names none"`
	Properties P           `json:"properties"`
}

// UnitPropertiesInput are the properties of a unit as they are sent.
type UnitPropertiesInput struct {
	Code      string             `json:"code,omitempty"`
	Level     string             `json:"level" enum:"city,banner,township,community"`
	Parent    string             `json:"parent,omitempty" doc:"May be left away: the code tells it"`
	Name      string             `json:"name"`
	NameEn    string             `json:"name_en,omitempty"`
	Type      string             `json:"type,omitempty"`
	Seat      optional[Position] `json:"seat,omitempty" doc:"lng, lat, whatever Content-Crs says"`
	Synthetic bool               `json:"synthetic,omitempty"`
	Version   int64              `json:"version,omitempty" doc:"Given by the server; if sent, it must be the one that is replaced"`
}

// StationServiceInput is a service at a station as it is sent.
type StationServiceInput struct {
	Service     string            `json:"service" enum:"water,charging,rest,heating,toilet,microwave,first_aid,wifi,battery_swap,books,rain_gear,counselling"`
	Condition   string            `json:"condition" enum:"working,limited,broken,unknown"`
	ConfirmedAt optional[Instant] `json:"confirmed_at,omitempty"`
}

// StationPropertiesInput are the properties of a station as they are sent.
type StationPropertiesInput struct {
	Code         string                `json:"code,omitempty"`
	Name         string                `json:"name"`
	Kind         string                `json:"kind,omitempty" enum:"community,union,enterprise" doc:"May be left away: the sponsor tells it"`
	Sponsor      string                `json:"sponsor" enum:"union,party_centre,bank,utility,post,retail,fuel,public_service"`
	Address      string                `json:"address,omitempty"`
	Capacity     int                   `json:"capacity,omitempty" minimum:"0" maximum:"1000"`
	OpeningHours string                `json:"opening_hours,omitempty" maxLength:"20000"`
	Status       string                `json:"status" enum:"planned,active,suspended,closed"`
	Community    string                `json:"community"`
	MicroGrid    string                `json:"micro_grid,omitempty"`
	Services     []StationServiceInput `json:"services,omitempty" nullable:"false" maxItems:"12"`
	ConfirmedAt  optional[Instant]     `json:"confirmed_at,omitempty"`
	Entrance     optional[Position]    `json:"entrance,omitempty" doc:"lng, lat, whatever Content-Crs says"`
	Approximate  bool                  `json:"approximate,omitempty"`
	Synthetic    bool                  `json:"synthetic,omitempty"`
	Version      int64                 `json:"version,omitempty" doc:"Given by the server; if sent, it must be the one that is replaced"`
}

// FriendlyScenePropertiesInput are the properties of a friendly scene as they are sent.
type FriendlyScenePropertiesInput struct {
	Code       string   `json:"code,omitempty"`
	Name       string   `json:"name"`
	Kind       string   `json:"kind" enum:"shopping,community,hospital,port,scenic,transit,market,park,canteen"`
	MicroGrids []string `json:"micro_grids" nullable:"false" minItems:"1" maxItems:"1000" doc:"What the scene is made of; its geometry follows from them"`
	Stations   []string `json:"stations,omitempty" nullable:"false" maxItems:"1000"`
	Synthetic  bool     `json:"synthetic,omitempty"`
	Version    int64    `json:"version,omitempty" doc:"Given by the server; if sent, it must be the one that is replaced"`
}

// MicroGridPropertiesInput are the properties of a micro-grid as they are sent.
type MicroGridPropertiesInput struct {
	Code       string `json:"code,omitempty"`
	Community  string `json:"community,omitempty" doc:"May be left away: the code tells it"`
	Name       string `json:"name"`
	Households int    `json:"households" minimum:"0" maximum:"10000"`
	Zone       string `json:"zone" enum:"core,hinterland"`
	Status     string `json:"status" enum:"draft,in_review,returned,published"`
	Synthetic  bool   `json:"synthetic,omitempty"`
	Version    int64  `json:"version,omitempty" doc:"Given by the server; if sent, it must be the one that is replaced"`
}

// The features of each collection as they are sent.
type (
	UnitInput          FeatureInputOf[AreaInput, UnitPropertiesInput]
	StationInput       FeatureInputOf[PointGeometry, StationPropertiesInput]
	FriendlySceneInput FeatureInputOf[AreaInput, FriendlyScenePropertiesInput]
	MicroGridInput     FeatureInputOf[AreaInput, MicroGridPropertiesInput]
)

// received is where a feature that was sent came from, and what it has to fit.
type received struct {
	server  *Server
	system  *crs
	code    string         // from the address; empty for a new feature
	current yizhan.Feature // what is replaced; nil for a new feature
	at      string         // where it stands, for faults: body, or body.edits[3].feature
}

// mediaTypeOf checks what a request says of its body.
func mediaTypeOf(contentType, encoding string, allowed ...string) error {
	if contentType == "" {
		return invalidParameter("header.Content-Type", "is required: "+strings.Join(allowed, " or "))
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil || !slices.Contains(allowed, mediaType) {
		return newProblem("unsupported_media_type", "the body is not of the type "+strings.Join(allowed, " or "))
	}
	if encoding != "" {
		return newProblem("unsupported_media_type", "the body is compressed; send it as it is")
	}
	return nil
}

// contentSystem reads a Content-Crs header.
func contentSystem(header string) (*crs, error) {
	if header == "" {
		return systems[0], nil
	}
	if system := crsOf(strings.TrimSuffix(strings.TrimPrefix(header, "<"), ">")); system != nil {
		return system, nil
	}
	return nil, invalidParameter("header."+headerContentCRS, "is not one of "+strings.Join(crsURIs(), ", ")+", in angle brackets")
}

// feature reads a GeoJSON feature of a collection.
func (r received) feature(c collection, data []byte) (yizhan.Feature, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		return nil, invalidParameter(r.at, "is not a GeoJSON feature")
	}
	for _, name := range sortedKeys(members) {
		switch name {
		case "type", "id", "geometry", "properties", "links", "bbox":
		case "crs":
			return nil, invalidParameter(r.at+".crs", "is not read; the header "+headerContentCRS+" names the system")
		default:
			return nil, invalidParameter(r.at+"."+printable(name), "is unknown here")
		}
	}
	if string(members["type"]) != `"Feature"` {
		return nil, invalidParameter(r.at+".type", "is not Feature")
	}
	var id string
	if given, ok := members["id"]; ok && json.Unmarshal(given, &id) != nil {
		return nil, invalidParameter(r.at+".id", "is not a text")
	}
	f, code, version, err := r.read(c, members["properties"], members["geometry"], id)
	if err != nil {
		return nil, err
	}
	return f, r.fits(id, code, version)
}

// fits holds the identifiers of a body against each other, the address, and what is replaced.
func (r received) fits(id, code string, version int64) error {
	switch {
	case id != "" && id != code:
		return invalidParameter(r.at+".id", "is not the code among the properties")
	case r.code != "" && code != r.code:
		return invalidParameter(r.at+".properties.code", "is not the code of what is edited; a code cannot be changed")
	case version != 0 && r.current == nil:
		return invalidParameter(r.at+".properties.version", "is given by the server")
	case version != 0 && version != r.current.At():
		return invalidParameter(r.at+".properties.version", "is not the version that is edited")
	}
	return nil
}

// read makes the feature. The code is the one of the properties, of the feature's id, or of the address.
func (r received) read(c collection, properties, geometry json.RawMessage, id string) (f yizhan.Feature, code string, version int64, err error) {
	switch c.name {
	case yizhan.Units:
		p, err := members[UnitPropertiesInput](r, properties)
		if err != nil {
			return nil, "", 0, err
		}
		p.Code = firstText(p.Code, id, r.code)
		boundary, err := r.area(geometry)
		return p.unit(boundary), p.Code, p.Version, err
	case yizhan.Stations:
		p, err := members[StationPropertiesInput](r, properties)
		if err != nil {
			return nil, "", 0, err
		}
		p.Code = firstText(p.Code, id, r.code)
		location, err := r.point(geometry)
		if err != nil {
			return nil, "", 0, err
		}
		f, err := p.station(location, r.at+".properties")
		return f, p.Code, p.Version, err
	case yizhan.FriendlyScenes:
		p, err := members[FriendlyScenePropertiesInput](r, properties)
		if err != nil {
			return nil, "", 0, err
		}
		p.Code = firstText(p.Code, id, r.code)
		return p.scene(), p.Code, p.Version, r.derived(geometry)
	}
	p, err := members[MicroGridPropertiesInput](r, properties)
	if err != nil {
		return nil, "", 0, err
	}
	p.Code = firstText(p.Code, id, r.code)
	boundary, err := r.area(geometry)
	if err == nil && boundary == nil {
		err = invalidParameter(r.at+".geometry", "is required")
	}
	return p.microGrid(boundary), p.Code, p.Version, err
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// members reads an object, held against the schema of the OpenAPI document.
func members[P any](r received, data json.RawMessage) (*P, error) {
	at := r.at + ".properties"
	var plain any
	if data == nil || json.Unmarshal(data, &plain) != nil {
		return nil, invalidParameter(at, "is missing, or holds a number that is out of range")
	}
	schema := r.server.schema(reflect.TypeFor[P]())
	path := huma.NewPathBuffer([]byte{}, 0)
	path.Push(at)
	var result huma.ValidateResult
	huma.Validate(r.server.huma.OpenAPI().Components.Schemas, schema, path, huma.ModeWriteToServer, plain, &result)
	if faults := faultsOfBody(result.Errors); len(faults) > 0 {
		return nil, invalidParameters(faults)
	}
	p := new(P)
	if err := json.Unmarshal(data, p); err != nil {
		return nil, invalidParameter(at, "holds a member of another type than it should be")
	}
	return p, nil
}

func (p *UnitPropertiesInput) unit(boundary orb.MultiPolygon) *yizhan.Unit {
	u := &yizhan.Unit{Code: p.Code, Level: yizhan.Level(p.Level), Parent: p.Parent, Name: p.Name, NameEn: p.NameEn, Type: p.Type,
		Seat: pointOf(p.Seat), Boundary: boundary, Synthetic: p.Synthetic}
	if u.Parent == "" {
		u.Parent = yizhan.ParentCode(u.Level, u.Code)
	}
	return u
}

func pointOf(position optional[Position]) *orb.Point {
	if position.value == nil {
		return nil
	}
	p := orb.Point(*position.value)
	return &p
}

func (p *StationPropertiesInput) station(location orb.Point, at string) (*yizhan.Station, error) {
	hours, err := yizhan.ParseHours(p.OpeningHours)
	if err != nil {
		return nil, invalidParameter(at+".opening_hours", "is not opening hours as OpenStreetMap writes them: "+plainText(err.Error()))
	}
	s := &yizhan.Station{Code: p.Code, Name: p.Name, Kind: yizhan.StationKind(p.Kind), Sponsor: yizhan.Sponsor(p.Sponsor), Address: p.Address,
		Location: location, Approximate: p.Approximate, Entrance: pointOf(p.Entrance), Capacity: p.Capacity, Hours: hours,
		Status: yizhan.StationStatus(p.Status), Community: p.Community, MicroGrid: p.MicroGrid, Synthetic: p.Synthetic}
	if s.Kind == "" {
		s.Kind = s.Sponsor.Kind()
	}
	if s.ConfirmedAt, err = instantOf(p.ConfirmedAt, at+".confirmed_at"); err != nil {
		return nil, err
	}
	for i, given := range p.Services {
		have := yizhan.StationService{Service: yizhan.Service(given.Service), Condition: yizhan.Condition(given.Condition)}
		if have.ConfirmedAt, err = instantOf(given.ConfirmedAt, fmt.Sprintf("%s.services[%d].confirmed_at", at, i)); err != nil {
			return nil, err
		}
		s.Services = append(s.Services, have)
	}
	return s, nil
}

func instantOf(text optional[Instant], at string) (time.Time, error) {
	if text.value == nil {
		return time.Time{}, nil
	}
	instant, err := time.Parse(time.RFC3339, string(*text.value))
	if err != nil || instant.UTC().Year() < firstYear || instant.UTC().Year() > lastYear {
		return time.Time{}, invalidParameter(at, "is not a time such as 2026-02-17T12:30:00Z, from 2000 to 2100")
	}
	return instant.UTC(), nil
}

func (p *FriendlyScenePropertiesInput) scene() *yizhan.FriendlyScene {
	s := &yizhan.FriendlyScene{Code: p.Code, Name: p.Name, Kind: yizhan.SceneKind(p.Kind), MicroGrids: slices.Clone(p.MicroGrids), Stations: slices.Clone(p.Stations), Synthetic: p.Synthetic}
	slices.Sort(s.MicroGrids)
	slices.Sort(s.Stations)
	return s
}

func (p *MicroGridPropertiesInput) microGrid(boundary orb.MultiPolygon) *yizhan.MicroGrid {
	g := &yizhan.MicroGrid{Code: p.Code, Community: p.Community, Name: p.Name, Households: p.Households, Zone: yizhan.Zone(p.Zone),
		Status: yizhan.GridStatus(p.Status), Boundary: boundary, Synthetic: p.Synthetic}
	if g.Community == "" && len(g.Code) == 15 {
		g.Community = g.Code[:12]
	}
	return g
}

// derived checks that the outline of a scene, which follows from its micro-grids, is not meant to be changed.
func (r received) derived(geometry json.RawMessage) error {
	boundary, err := r.area(geometry)
	if err != nil || boundary == nil {
		return err
	}
	if scene, ok := r.current.(*yizhan.FriendlyScene); ok && scene.Boundary.Equal(boundary) {
		return nil
	}
	return invalidParameter(r.at+".geometry", "follows from micro_grids, and cannot be set")
}

// Where a fault of a geometry is: a JSON pointer, as a URI fragment (RFC 6901).
func (r received) pointer(steps ...int) string {
	pointer := r.at + "#/geometry/coordinates"
	for _, step := range steps {
		pointer += "/" + strconv.Itoa(step)
	}
	return pointer
}

// coordinates reads the type and the coordinates of a geometry; nil for none.
func (r received) coordinates(geometry json.RawMessage, types ...string) (name string, coordinates []any, err error) {
	if geometry == nil || string(geometry) == "null" {
		return "", nil, nil
	}
	var given struct {
		Type        string `json:"type"`
		Coordinates any    `json:"coordinates"`
	}
	if err := json.Unmarshal(geometry, &given); err != nil {
		return "", nil, invalidParameter(r.at+".geometry", "is not a GeoJSON geometry, or holds a number that is out of range")
	}
	if !slices.Contains(types, given.Type) {
		return "", nil, invalidParameter(r.at+"#/geometry/type", "is not "+strings.Join(types, " or "))
	}
	coordinates, ok := given.Coordinates.([]any)
	if !ok {
		return "", nil, invalidParameter(r.pointer(), "is not a list")
	}
	return given.Type, coordinates, nil
}

// point reads a Point, which has to be there.
func (r received) point(geometry json.RawMessage) (orb.Point, error) {
	_, coordinates, err := r.coordinates(geometry, "Point")
	if err == nil && coordinates == nil {
		err = invalidParameter(r.at+".geometry", "is required")
	}
	if err != nil {
		return orb.Point{}, err
	}
	return r.position(coordinates)
}

// area reads a Polygon or MultiPolygon; nil for null.
func (r received) area(geometry json.RawMessage) (orb.MultiPolygon, error) {
	name, coordinates, err := r.coordinates(geometry, "Polygon", "MultiPolygon")
	if err != nil || coordinates == nil {
		return nil, err
	}
	vertices := 0
	if name == "Polygon" {
		polygon, err := r.polygon(coordinates, &vertices)
		return orb.MultiPolygon{polygon}, err
	}
	shape := orb.MultiPolygon{}
	for i, item := range coordinates {
		rings, ok := item.([]any)
		if !ok {
			return nil, invalidParameter(r.pointer(i), "is not a list of rings")
		}
		polygon, err := r.polygon(rings, &vertices, i)
		if err != nil {
			return nil, err
		}
		shape = append(shape, polygon)
	}
	if len(shape) == 0 {
		return nil, invalidParameter(r.pointer(), "is empty")
	}
	return shape, nil
}

func (r received) polygon(rings []any, vertices *int, steps ...int) (orb.Polygon, error) {
	if len(rings) == 0 {
		return nil, invalidParameter(r.pointer(steps...), "has no ring")
	}
	var polygon orb.Polygon
	for j, item := range rings {
		positions, ok := item.([]any)
		if !ok {
			return nil, invalidParameter(r.pointer(append(steps, j)...), "is not a list of positions")
		}
		if *vertices += len(positions); *vertices > yizhan.MaxVertices {
			return nil, newProblem("too_large", fmt.Sprintf("the geometry has more than %d positions", yizhan.MaxVertices))
		}
		ring, err := r.ring(positions, append(slices.Clip(steps), j)...)
		if err != nil {
			return nil, err
		}
		polygon = append(polygon, ring)
	}
	return polygon, nil
}

func (r received) ring(positions []any, steps ...int) (orb.Ring, error) {
	ring := make(orb.Ring, len(positions))
	for k, item := range positions {
		at := append(slices.Clip(steps), k)
		numbers, ok := item.([]any)
		if !ok {
			return nil, invalidParameter(r.pointer(at...), "is not a position")
		}
		var err error
		if ring[k], err = r.position(numbers, at...); err != nil {
			return nil, err
		}
	}
	switch last := len(ring) - 1; {
	case len(ring) < 4:
		return nil, invalidParameter(r.pointer(steps...), fmt.Sprintf("has %d positions; a ring has at least 4", len(ring)))
	case ring[0] != ring[last]:
		return nil, invalidParameter(r.pointer(append(slices.Clip(steps), last)...), "is not the position that the ring begins with, so it is not closed")
	}
	return ring, nil
}

// position reads a position, on the grid. A height is left away.
func (r received) position(numbers []any, steps ...int) (orb.Point, error) {
	if len(numbers) < 2 || len(numbers) > 3 {
		return orb.Point{}, invalidParameter(r.pointer(steps...), fmt.Sprintf("has %d numbers; a position has two, or three with a height", len(numbers)))
	}
	var given [2]float64
	for i := range given {
		x, ok := numbers[i].(float64)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			return orb.Point{}, invalidParameter(r.pointer(append(slices.Clip(steps), i)...), "is not a number")
		}
		given[i] = x
	}
	p := r.system.read(given[0], given[1])
	if !onEarth(p) {
		return orb.Point{}, invalidParameter(r.pointer(steps...), "is not on the earth; the order is lng, lat unless "+headerContentCRS+" says otherwise")
	}
	return yizhan.SnapPoint(p), nil
}

// plainText keeps what is quoted in a message plain.
func plainText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune("<>&", r) {
			return '?'
		}
		return r
	}, text)
}

// writeProblem makes an error of the store, which names a field of a feature, one about the body.
func writeProblem(at string, err error) error {
	err = inBody(err)
	var problem *Problem
	if !errors.As(err, &problem) || len(problem.Errors) == 0 {
		return err
	}
	field := strings.TrimPrefix(problem.Errors[0].Location, "body.")
	switch field {
	case "boundary", "location":
		problem.Errors[0].Location = at + ".geometry"
	case "edits", "reason", "author":
	default:
		problem.Errors[0].Location = at + ".properties." + field
	}
	problem.Errors[0].Message = plainText(problem.Errors[0].Message)
	problem.Detail = plainText(problem.Detail)
	return problem
}
