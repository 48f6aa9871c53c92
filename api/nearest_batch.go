package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// costOfBatch is for a thousand searches, which take as long as some tens of single requests.
const costOfBatch = 20.0

// NearestBatchBody asks about many places at once.
type NearestBatchBody struct {
	Points   []Position `json:"points" nullable:"false" minItems:"1" maxItems:"1000" doc:"The places, lng before lat, WGS84"`
	K        int        `json:"k,omitempty" minimum:"1" maximum:"10" default:"1" doc:"Stations at most, for each place"`
	Services []string   `json:"services,omitempty" nullable:"false" maxItems:"12" doc:"Services that must all be there"`
	OpenAt   string     `json:"open_at,omitempty" maxLength:"40" doc:"now, or an RFC 3339 time: only stations known to be open then"`
	MaxM     float64    `json:"max_m,omitempty" minimum:"1" maximum:"2000000" doc:"Only within so many metres; any distance if it is left out"`
}

// NearestBatch is what is nearest to each of many places.
type NearestBatch struct {
	Seq     int64       `json:"seq" doc:"The change of the log that all of the answer is up to"`
	AsOf    Instant     `json:"as_of" doc:"The moment that state and until are about"`
	Results [][]NearHit `json:"results" nullable:"false" doc:"For each place, in the order of the question: its stations, nearest first"`
}

// NearHit is a station near a place, in short.
type NearHit struct {
	Code        string          `json:"code"`
	Name        string          `json:"name"`
	Location    Position        `json:"location"`
	DistanceM   float64         `json:"distance_m" doc:"True distance in metres, as the crow flies, to a tenth" minimum:"0"`
	WalkMinutes int             `json:"walk_minutes" minimum:"0"`
	RideMinutes int             `json:"ride_minutes" minimum:"0"`
	State       string          `json:"state" enum:"open,closed,unknown"`
	Until       orNull[Instant] `json:"until" doc:"When the state changes; null when it does not within eight days or nobody knows"`
}

func (s *Server) routeNearestBatch() {
	operationWithBody[asked, NearestBatchBody, NearestBatch](s, huma.Operation{
		OperationID: "find-nearest-of-many", Method: http.MethodPost, Path: "/api/nearest/batch", Tags: []string{"Nearest"},
		Summary: "The stations nearest to each of up to 1,000 places",
		Description: "All places are answered from one state of the city. Nothing of the question is kept or logged. " +
			"It counts as twenty requests where an address is limited.",
		Responses: map[string]*huma.Response{"200": {Description: "The stations of each place", Headers: ageHeaders()}},
	}, s.findNearestOfMany)
}

func (s *Server) findNearestOfMany(_ context.Context, _ *asked, body *NearestBatchBody) (*reply, error) {
	query := views.NearestQuery{K: max(body.K, 1), MaxDistanceM: body.MaxM, Moment: s.now(), OpenOnly: body.OpenAt != ""}
	for _, name := range body.Services {
		query.Services = append(query.Services, yizhan.Service(name))
	}
	if body.OpenAt != "" {
		var err error
		if query.Moment, err = parseInstantAt("body.open_at", body.OpenAt, s.now()); err != nil {
			return nil, err
		}
	}
	places := make([]orb.Point, len(body.Points))
	for i, p := range body.Points {
		places[i] = orb.Point(p)
		if !onEarth(places[i]) {
			return nil, invalidParameter(fmt.Sprintf("body.points[%d]", i), "is not lng from -180 to 180 and lat from -90 to 90, lng before lat")
		}
	}
	found, seq, err := s.options.Nearest.FindEach(query, places)
	if err != nil {
		return nil, inBody(err)
	}
	return s.aged(&reply{body: appendNearHits(make([]byte, 0, 64+len(places)*query.K*200), found, seq, query.Moment), volatile: true}, seq), nil
}

func appendNearHits(dst []byte, found [][]views.Hit, seq int64, moment time.Time) []byte {
	o := object{buf: dst}
	o.open()
	o.integer("seq", seq)
	o.instant("as_of", moment)
	o.name("results")
	o.buf = append(o.buf, '[')
	for i, hits := range found {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = append(o.buf, '[')
		for n, hit := range hits {
			if n > 0 {
				o.buf = append(o.buf, ',')
			}
			o.open()
			o.text("code", hit.Station.Code)
			o.text("name", hit.Station.Name)
			o.position("location", &hit.Station.Location)
			writeReach(&o, hit)
			o.close()
		}
		o.buf = append(o.buf, ']')
	}
	o.buf = append(o.buf, ']')
	o.close()
	return o.buf
}
