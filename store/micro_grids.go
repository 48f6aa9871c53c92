package store

import (
	"encoding/json"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// microGridRecord is a micro-grid in the change log.
type microGridRecord struct {
	Community  string            `json:"community"`
	Name       string            `json:"name"`
	Households int               `json:"households"`
	Zone       yizhan.Zone       `json:"zone"`
	Status     yizhan.GridStatus `json:"status"`
	Synthetic  bool              `json:"synthetic,omitempty"`
}

func microGridTable() *table {
	return &table{
		collection: yizhan.MicroGrids,
		columns: []column{{"code", "text"}, {"community", "text"}, {"name", "text"}, {"households", "integer"}, {"zone", "text"},
			{"status", "text"}, {"boundary", "geometry"}, {"synthetic", "boolean"}, {"version", "bigint"}},
		holds: func(f yizhan.Feature) bool { g, ok := f.(*yizhan.MicroGrid); return ok && g != nil },
		refs: func(f yizhan.Feature) []reference {
			return []reference{{"community", yizhan.Ref{Collection: yizhan.Units, Code: f.(*yizhan.MicroGrid).Community}}}
		},
		shape: func(f yizhan.Feature) orb.MultiPolygon { return f.(*yizhan.MicroGrid).Boundary },
		values: func(f yizhan.Feature, shape []byte) ([]any, error) {
			g := f.(*yizhan.MicroGrid)
			return []any{g.Code, g.Community, g.Name, g.Households, string(g.Zone), string(g.Status), shape, g.Synthetic}, nil
		},
		record: func(f yizhan.Feature) any {
			g := f.(*yizhan.MicroGrid)
			return microGridRecord{g.Community, g.Name, g.Households, g.Zone, g.Status, g.Synthetic}
		},
		revive:    reviveMicroGrid,
		selection: `f.code, f.community, f.name, f.households, f.zone, f.status, {shape}, f.synthetic, f.version`,
		scan:      scanMicroGrid,
		within:    `f.boundary && ?::geometry AND ST_Intersects(f.boundary, ?::geometry)`,
		below:     `f.code >= ? AND f.code < ?`,
		filters: map[string]filter{
			"community": {`f.community = ANY (?)`, nil},
			"zone":      {`f.zone = ANY (?)`, inList([]yizhan.Zone{yizhan.ZoneCore, yizhan.ZoneHinterland})},
			"status": {`f.status = ANY (?)`, inList([]yizhan.GridStatus{
				yizhan.GridDraft, yizhan.GridInReview, yizhan.GridReturned, yizhan.GridPublished})},
		},
		queryable: map[string]string{"code": "f.code", "community": "f.community", "name": "f.name", "households": "f.households::float8",
			"zone": "f.zone", "status": "f.status", "geometry": "f.boundary", "synthetic": "f.synthetic", "version": "f.version::float8"},
		referrers: []referrer{{"leaders", "micro_grid", "leaders"}, {"stations", "micro_grid", "stations"},
			{"friendly_scene_micro_grids", "micro_grid", "friendly_scenes"}},
	}
}

func scanMicroGrid(row pgx.CollectableRow) (yizhan.Feature, error) {
	var g yizhan.MicroGrid
	var shape []byte
	err := row.Scan(&g.Code, &g.Community, &g.Name, &g.Households, &g.Zone, &g.Status, &shape, &g.Synthetic, &g.Version)
	if err != nil {
		return nil, err
	}
	g.Boundary, err = decodeShape(shape)
	return &g, err
}

func reviveMicroGrid(key key, record, shape []byte) (yizhan.Feature, error) {
	var r microGridRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, err
	}
	boundary, err := decodeShape(shape)
	return &yizhan.MicroGrid{Code: key.code, Community: r.Community, Name: r.Name, Households: r.Households, Zone: r.Zone,
		Status: r.Status, Boundary: boundary, Synthetic: r.Synthetic, Version: key.version}, err
}
