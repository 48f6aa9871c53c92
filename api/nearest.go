package api

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// Nearest finds the stations nearest to a place; *views.Nearest does.
type Nearest interface {
	FindAt(views.NearestQuery) (hits []views.Hit, seq int64, err error)
	FindEach(views.NearestQuery, []orb.Point) (hits [][]views.Hit, seq int64, err error)
}

// NearestProperties describe a station near a place.
type NearestProperties struct {
	StationProperties
	DistanceM   float64         `json:"distance_m" doc:"True distance in metres, as the crow flies, to a tenth" minimum:"0"`
	WalkMinutes int             `json:"walk_minutes" doc:"At 5 km/h over 1.3 times the distance, rounded up" minimum:"0"`
	RideMinutes int             `json:"ride_minutes" doc:"At 15 km/h over 1.3 times the distance, rounded up" minimum:"0"`
	State       string          `json:"state" enum:"open,closed,unknown" doc:"At open_at, or now"`
	Until       orNull[Instant] `json:"until" doc:"When the state changes; null when it does not within eight days or nobody knows"`
}

// NearestFeature is a station near a place.
type NearestFeature FeatureOf[PointGeometry, NearestProperties]

// NearestCollection is the stations near a place.
type NearestCollection struct {
	Type           string           `json:"type" enum:"FeatureCollection"`
	NumberReturned int              `json:"numberReturned"`
	Seq            int64            `json:"seq" doc:"The change of the log that the answer is up to"`
	AsOf           Instant          `json:"as_of" doc:"The moment that state and until are about"`
	Features       []NearestFeature `json:"features" nullable:"false" doc:"Nearest first; at equal distance by code"`
}

type nearestInput struct {
	Lng      float64 `query:"lng" required:"true" doc:"Longitude in degrees, WGS84" minimum:"-180" maximum:"180" example:"119.7364"`
	Lat      float64 `query:"lat" required:"true" doc:"Latitude in degrees, WGS84" minimum:"-90" maximum:"90" example:"49.2122"`
	K        int     `query:"k" doc:"Stations at most" minimum:"1" maximum:"50" default:"5"`
	Services string  `query:"services"`
	OpenAt   string  `query:"open_at"`
	MaxM     float64 `query:"max_m" doc:"Only within so many metres" minimum:"1" maximum:"2000000"`
}

// How far people are slower than a crow: see docs/guide/api.md.
const (
	detour      = 1.3
	walkMPerMin = 5_000.0 / 60
	rideMPerMin = 15_000.0 / 60
)

func (s *Server) routeNearest() {
	operation[nearestInput, NearestCollection](s, huma.Operation{
		OperationID: "find-nearest", Path: "/api/nearest", Tags: []string{"Nearest"},
		Summary: "The nearest stations",
		Description: "Active stations in the order of true distance. With `open_at` only those known to be open then. " +
			"Answered from memory; `X-Yizhan-Age` says how old it is.",
		Parameters: []*huma.Param{
			placeParam("lng", "Longitude in degrees, WGS84", 119.7364),
			placeParam("lat", "Latitude in degrees, WGS84", 49.2122),
			{Name: "services", In: "query", Schema: serviceNames(), Description: "Services that must all be there, separated by commas"},
			{Name: "open_at", In: "query", Description: "`now` or an RFC 3339 time: only stations known to be open then",
				Schema: &huma.Schema{Type: huma.TypeString, Pattern: instantPattern, PatternDescription: instantText, Examples: []any{"now"}}},
		},
		Metadata:  map[string]any{"media_type": geoJSONType},
		Responses: map[string]*huma.Response{"200": {Description: "The stations, nearest first", Headers: ageHeaders()}},
	}, s.findNearest)
	s.routeNearestBatch()
}

// placeParam has its range in words only, so that checkPlace can tell a swap from a slip.
func placeParam(name, description string, example float64) *huma.Param {
	return &huma.Param{Name: name, In: "query", Required: true, Description: description,
		Schema: &huma.Schema{Type: huma.TypeNumber}, Example: example}
}

func (s *Server) findNearest(_ context.Context, in *nearestInput) (*reply, error) {
	query, err := s.nearestQuery(in)
	if err != nil {
		return nil, err
	}
	hits, seq, err := s.options.Nearest.FindAt(query)
	if err != nil {
		return nil, err
	}
	return s.aged(&reply{contentType: geoJSONType, body: appendHits(nil, hits, seq, query.Moment), volatile: true}, seq), nil
}

func (s *Server) nearestQuery(in *nearestInput) (views.NearestQuery, error) {
	query := views.NearestQuery{
		At: orb.Point{in.Lng, in.Lat}, K: in.K, MaxDistanceM: in.MaxM, Moment: s.now(), OpenOnly: in.OpenAt != "",
	}
	if err := checkPlace(query.At, s.cityBound()); err != nil {
		return query, err
	}
	for _, name := range splitList(in.Services) {
		query.Services = append(query.Services, yizhan.Service(name))
	}
	if in.OpenAt == "" {
		return query, nil
	}
	var err error
	query.Moment, err = parseInstant(in.OpenAt, s.now())
	return query, err
}

// splitList splits at commas; nil for the empty text.
func splitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func appendHits(dst []byte, hits []views.Hit, seq int64, moment time.Time) []byte {
	o := object{buf: slices.Grow(dst, 256+len(hits)*1200)}
	o.open()
	o.text("type", "FeatureCollection")
	o.integer("numberReturned", int64(len(hits)))
	o.integer("seq", seq)
	o.instant("as_of", moment)
	o.name("features")
	o.buf = append(o.buf, '[')
	for i, hit := range hits {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		writeHit(&o, hit)
	}
	o.buf = append(o.buf, ']')
	o.close()
	return o.buf
}

func writeHit(o *object, hit views.Hit) {
	o.open()
	o.text("type", "Feature")
	o.text("id", hit.Station.Code)
	o.name("geometry")
	o.buf = appendGeometry(o.buf, hit.Station.Location)
	o.name("properties")
	o.open()
	writeStation(o, hit.Station)
	writeReach(o, hit)
	o.close()
	o.close()
}

// writeReach tells how far a station is, and whether it is open.
func writeReach(o *object, hit views.Hit) {
	o.name("distance_m")
	o.buf = strconv.AppendFloat(o.buf, math.Round(hit.DistanceM*10)/10, 'f', -1, 64)
	o.integer("walk_minutes", minutes(hit.DistanceM, walkMPerMin))
	o.integer("ride_minutes", minutes(hit.DistanceM, rideMPerMin))
	o.text("state", string(hit.State))
	o.instant("until", hit.Until)
}

func minutes(distanceM, metersPerMinute float64) int64 {
	return int64(math.Ceil(distanceM * detour / metersPerMinute))
}
