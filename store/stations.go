package store

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// stationRecord is a station in the change log.
type stationRecord struct {
	Name         string               `json:"name"`
	Kind         yizhan.StationKind   `json:"kind"`
	Sponsor      yizhan.Sponsor       `json:"sponsor"`
	Address      string               `json:"address,omitempty"`
	Location     orb.Point            `json:"location"`
	Approximate  bool                 `json:"approximate,omitempty"`
	Entrance     *orb.Point           `json:"entrance,omitempty"`
	Capacity     int                  `json:"capacity"`
	OpeningHours string               `json:"opening_hours,omitempty"`
	Status       yizhan.StationStatus `json:"status"`
	Community    string               `json:"community"`
	MicroGrid    string               `json:"micro_grid,omitempty"`
	Services     []serviceRecord      `json:"services,omitempty"`
	ConfirmedAt  *time.Time           `json:"confirmed_at,omitempty"`
	Synthetic    bool                 `json:"synthetic,omitempty"`
}

type serviceRecord struct {
	Service     yizhan.Service   `json:"service"`
	Condition   yizhan.Condition `json:"condition"`
	ConfirmedAt *time.Time       `json:"confirmed_at,omitempty"`
}

func stationTable() *table {
	return &table{
		collection: yizhan.Stations,
		columns: []column{{"code", "text"}, {"name", "text"}, {"kind", "text"}, {"sponsor", "text"}, {"address", "text"},
			{"location", "geometry"}, {"approximate", "boolean"}, {"entrance", "geometry"}, {"capacity", "integer"},
			{"opening_hours", "text"}, {"status", "text"}, {"community", "text"}, {"micro_grid", "text"},
			{"confirmed_at", "timestamptz"}, {"synthetic", "boolean"}, {"services", "text[]"}, {"service_conditions", "text[]"},
			{"service_confirmed", "timestamptz[]"}, {"version", "bigint"}},
		holds:  func(f yizhan.Feature) bool { s, ok := f.(*yizhan.Station); return ok && s != nil },
		refs:   stationRefs,
		values: stationValues,
		record: func(f yizhan.Feature) any { return recordOf(f.(*yizhan.Station)) },
		revive: reviveStation,
		selection: `f.code, f.name, f.kind, f.sponsor, f.address, f.location, f.approximate, f.entrance, f.capacity,
			f.opening_hours, f.status, f.community, coalesce(f.micro_grid, ''), f.confirmed_at, f.synthetic, f.version,
			f.services, f.service_conditions, f.service_confirmed`,
		scan:   scanStation,
		within: `f.location && ?::geometry AND ST_Intersects(f.location, ?::geometry)`,
		below:  `f.community >= ? AND f.community < ?`,
		filters: map[string]filter{
			"kind":    {`f.kind = ANY (?)`, inList([]yizhan.StationKind{yizhan.KindCommunity, yizhan.KindUnion, yizhan.KindEnterprise})},
			"sponsor": {`f.sponsor = ANY (?)`, inList(yizhan.Sponsors())},
			"status": {`f.status = ANY (?)`, inList([]yizhan.StationStatus{
				yizhan.StationPlanned, yizhan.StationActive, yizhan.StationSuspended, yizhan.StationClosed})},
			"community":  {`f.community = ANY (?)`, nil},
			"micro_grid": {`f.micro_grid = ANY (?)`, nil},
			// As Station.Offers: a broken service is none.
			"service": {`EXISTS (SELECT FROM unnest(f.services, f.service_conditions) AS v (service, condition) WHERE v.condition <> 'broken' AND v.service = ANY (?))`,
				inList(yizhan.Services())},
		},
		queryable: map[string]string{"code": "f.code", "name": "f.name", "kind": "f.kind", "sponsor": "f.sponsor", "address": "f.address",
			"capacity": "f.capacity::float8", "opening_hours": "f.opening_hours", "status": "f.status", "community": "f.community",
			"micro_grid": "coalesce(f.micro_grid, '')", "confirmed_at": "f.confirmed_at", "geometry": "f.location", "entrance": "f.entrance",
			"services":    "ARRAY(SELECT v.service FROM unnest(f.services, f.service_conditions) AS v (service, condition) WHERE v.condition <> 'broken')",
			"approximate": "f.approximate", "synthetic": "f.synthetic", "version": "f.version::float8"},
		instant:   "f.confirmed_at",
		referrers: []referrer{{"friendly_scene_stations", "station", "friendly_scenes"}},
	}
}

func stationRefs(f yizhan.Feature) []reference {
	s := f.(*yizhan.Station)
	refs := []reference{{"community", yizhan.Ref{Collection: yizhan.Units, Code: s.Community}}}
	if s.MicroGrid != "" {
		refs = append(refs, reference{"micro_grid", yizhan.Ref{Collection: yizhan.MicroGrids, Code: s.MicroGrid}})
	}
	return refs
}

func stationValues(f yizhan.Feature, _ []byte) ([]any, error) {
	s := f.(*yizhan.Station)
	location, err := encodePoint(&s.Location)
	if err != nil {
		return nil, err
	}
	entrance, err := encodePoint(s.Entrance)
	if err != nil {
		return nil, err
	}
	services, conditions, confirmed := make([]string, len(s.Services)), make([]string, len(s.Services)), make([]*time.Time, len(s.Services))
	for i, v := range s.Services {
		services[i], conditions[i], confirmed[i] = string(v.Service), string(v.Condition), timeToNil(v.ConfirmedAt)
	}
	return []any{s.Code, s.Name, string(s.Kind), string(s.Sponsor), s.Address, location, s.Approximate, entrance, s.Capacity,
		s.Hours.String(), string(s.Status), s.Community, emptyToNil(s.MicroGrid), timeToNil(s.ConfirmedAt), s.Synthetic,
		services, conditions, confirmed}, nil
}

func scanStation(row pgx.CollectableRow) (yizhan.Feature, error) {
	var s yizhan.Station
	var location, entrance []byte
	var hours string
	var confirmedAt *time.Time
	var services, conditions []string
	var confirmed []*time.Time
	err := row.Scan(&s.Code, &s.Name, &s.Kind, &s.Sponsor, &s.Address, &location, &s.Approximate, &entrance, &s.Capacity,
		&hours, &s.Status, &s.Community, &s.MicroGrid, &confirmedAt, &s.Synthetic, &s.Version, &services, &conditions, &confirmed)
	if err != nil {
		return nil, err
	}
	point, err := decodePoint(location)
	if err != nil {
		return nil, err
	}
	s.Location = *point
	if s.Entrance, err = decodePoint(entrance); err != nil {
		return nil, err
	}
	s.ConfirmedAt = nilToTime(confirmedAt)
	for i := range services {
		s.Services = append(s.Services, yizhan.StationService{Service: yizhan.Service(services[i]),
			Condition: yizhan.Condition(conditions[i]), ConfirmedAt: nilToTime(confirmed[i])})
	}
	s.Hours, err = yizhan.ParseHours(hours)
	return &s, err
}

func recordOf(s *yizhan.Station) stationRecord {
	r := stationRecord{Name: s.Name, Kind: s.Kind, Sponsor: s.Sponsor, Address: s.Address, Location: yizhan.SnapPoint(s.Location),
		Approximate: s.Approximate, Entrance: snapped(s.Entrance), Capacity: s.Capacity, OpeningHours: s.Hours.String(),
		Status: s.Status, Community: s.Community, MicroGrid: s.MicroGrid, ConfirmedAt: timeToNil(s.ConfirmedAt), Synthetic: s.Synthetic}
	for _, v := range s.Services {
		r.Services = append(r.Services, serviceRecord{v.Service, v.Condition, timeToNil(v.ConfirmedAt)})
	}
	return r
}

func reviveStation(key key, record, _ []byte) (yizhan.Feature, error) {
	var r stationRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, err
	}
	hours, err := yizhan.ParseHours(r.OpeningHours)
	s := &yizhan.Station{Code: key.code, Name: r.Name, Kind: r.Kind, Sponsor: r.Sponsor, Address: r.Address, Location: r.Location,
		Approximate: r.Approximate, Entrance: r.Entrance, Capacity: r.Capacity, Hours: hours, Status: r.Status, Community: r.Community,
		MicroGrid: r.MicroGrid, ConfirmedAt: nilToTime(r.ConfirmedAt), Synthetic: r.Synthetic, Version: key.version}
	for _, v := range r.Services {
		s.Services = append(s.Services, yizhan.StationService{Service: v.Service, Condition: v.Condition, ConfirmedAt: nilToTime(v.ConfirmedAt)})
	}
	return s, err
}
