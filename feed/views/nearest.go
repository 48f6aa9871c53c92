package views

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/nearest"
)

// Nearest finds the active stations nearest to a place. It is safe for concurrent use.
type Nearest struct {
	snapshot atomic.Pointer[stationIndex]
}

// NearestQuery asks for stations near a place.
type NearestQuery struct {
	At           orb.Point
	K            int              // how many at most, 1 to MaxK
	Services     []yizhan.Service // all of these are offered
	MaxDistanceM float64          // inclusive; 0 for any distance
	Moment       time.Time        // what State and Until of a Hit are about; zero for now
	OpenOnly     bool             // only stations that are known to be open at Moment
}

// MaxK bounds the hits of a query.
const MaxK = 50

// Hit is a station near the place.
type Hit struct {
	Station   *yizhan.Station
	DistanceM float64
	State     yizhan.OpenState
	Until     time.Time // when State changes; zero if not within some days, or unknown
}

// NewNearest makes a view that is not ready before its first Update.
func NewNearest() *Nearest { return &Nearest{} }

// Name names the view.
func (v *Nearest) Name() string { return "nearest" }

// Seq is the change that the view has reached, 0 before the first Update.
func (v *Nearest) Seq() int64 {
	if snapshot := v.snapshot.Load(); snapshot != nil {
		return snapshot.seq
	}
	return 0
}

// Update brings the view to the city. The stations are indexed anew if one of the changes touches one,
// or if there are no changes, which means that the city was loaded.
func (v *Nearest) Update(city *yizhan.City, changes []yizhan.Change) error {
	old := v.snapshot.Load()
	if old == nil || changes == nil || touches(changes, yizhan.Stations) {
		v.snapshot.Store(indexStations(city))
		return nil
	}
	next := *old
	next.seq = city.Seq
	v.snapshot.Store(&next)
	return nil
}

func touches(changes []yizhan.Change, collection yizhan.Collection) bool {
	for i := range changes {
		if changes[i].Ref.Collection == collection {
			return true
		}
	}
	return false
}

// Find gives the stations that the query asks for, nearest first, equally near ones by code. An invalid
// query gives an Error that names the field.
func (v *Nearest) Find(q NearestQuery) ([]Hit, error) {
	hits, _, err := v.FindAt(q)
	return hits, err
}

// FindAt is Find, and the seq that the answer is as of.
func (v *Nearest) FindAt(q NearestQuery) ([]Hit, int64, error) {
	snapshot, err := v.loaded()
	if err != nil {
		return nil, 0, err
	}
	if err := q.validate(); err != nil {
		return nil, snapshot.seq, err
	}
	return snapshot.finder(q)(q.At), snapshot.seq, nil
}

// FindEach asks the same of many places, all in one state of the city.
func (v *Nearest) FindEach(q NearestQuery, places []orb.Point) ([][]Hit, int64, error) {
	snapshot, err := v.loaded()
	if err != nil {
		return nil, 0, err
	}
	found, find := make([][]Hit, len(places)), snapshot.finder(q)
	for i, place := range places {
		q.At = place
		if err := q.validate(); err != nil {
			return nil, snapshot.seq, err
		}
		found[i] = find(place)
	}
	return found, snapshot.seq, nil
}

func (v *Nearest) loaded() (*stationIndex, error) {
	if snapshot := v.snapshot.Load(); snapshot != nil {
		return snapshot, nil
	}
	return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the stations are not loaded yet")
}

func (q NearestQuery) validate() error {
	switch lng, lat := q.At[0], q.At[1]; {
	case !(lng >= -180 && lng <= 180):
		return yizhan.Invalid("lng", "%g is not in -180..180", lng)
	case !(lat >= -90 && lat <= 90):
		return yizhan.Invalid("lat", "%g is not in -90..90; the order is lng, lat", lat)
	case q.K < 1 || q.K > MaxK:
		return yizhan.Invalid("k", "%d is not in 1..%d", q.K, MaxK)
	case !(q.MaxDistanceM >= 0) || math.IsInf(q.MaxDistanceM, 1):
		return yizhan.Invalid("max_m", "%g is not a distance in metres", q.MaxDistanceM)
	}
	for _, service := range q.Services {
		if !service.Valid() {
			return yizhan.Invalid("services", "%q is not a known service", service)
		}
	}
	return nil
}

// stationIndex is one immutable state of the view.
type stationIndex struct {
	seq      int64
	stations []*yizhan.Station // active, in the order of codes; columns below are aligned
	offers   []serviceSet
	schedule []int32        // which of hours is the station's
	hours    []yizhan.Hours // each once: a city of stations keeps few different hours
	points   *nearest.Index
}

func indexStations(city *yizhan.City) *stationIndex {
	x := &stationIndex{seq: city.Seq}
	schedules := map[string]int32{}
	var points []orb.Point
	for _, station := range yizhan.Sorted(city.Stations) {
		if station.Status != yizhan.StationActive {
			continue
		}
		text := station.Hours.String()
		if _, known := schedules[text]; !known {
			schedules[text] = int32(len(x.hours))
			x.hours = append(x.hours, station.Hours)
		}
		x.stations = append(x.stations, station)
		x.offers = append(x.offers, servicesOf(station))
		x.schedule = append(x.schedule, schedules[text])
		points = append(points, station.Location)
	}
	x.points = nearest.New(points)
	return x
}

// finder answers a query at any place; what the hours of stations say at its moment is found out once.
func (x *stationIndex) finder(q NearestQuery) func(at orb.Point) []Hit {
	if q.Moment.IsZero() {
		q.Moment = time.Now()
	}
	wanted := serviceSetOf(q.Services)
	states := make([]stateUntil, len(x.hours))
	stateOf := func(i int) stateUntil {
		state := &states[x.schedule[i]]
		if state.state == "" {
			state.state, state.until = x.hours[x.schedule[i]].StateAt(q.Moment)
		}
		return *state
	}
	keep := func(i int) bool {
		return x.offers[i]&wanted == wanted && (!q.OpenOnly || stateOf(i).state == yizhan.Open)
	}
	return func(at orb.Point) []Hit {
		found := x.points.Find(nearest.Query{At: at, K: q.K, MaxDistanceM: q.MaxDistanceM, Keep: keep})
		hits := make([]Hit, len(found))
		for n, f := range found {
			state := stateOf(f.Index)
			hits[n] = Hit{Station: x.stations[f.Index], DistanceM: f.DistanceM, State: state.state, Until: state.until}
		}
		return hits
	}
}

type stateUntil struct {
	state yizhan.OpenState
	until time.Time
}

// serviceSet has one bit for each of yizhan.Services.
type serviceSet uint32

var serviceBits = func() map[yizhan.Service]serviceSet {
	bits := map[yizhan.Service]serviceSet{}
	for i, service := range yizhan.Services() {
		bits[service] = 1 << i
	}
	return bits
}()

func serviceSetOf(services []yizhan.Service) serviceSet {
	var set serviceSet
	for _, service := range services {
		set |= serviceBits[service]
	}
	return set
}

// servicesOf is the set of services that the station offers in a usable condition.
func servicesOf(station *yizhan.Station) serviceSet {
	var set serviceSet
	for _, have := range station.Services {
		if station.Offers(have.Service) {
			set |= serviceBits[have.Service]
		}
	}
	return set
}
