package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// sceneRecord is a friendly scene in the change log. Its boundary stands beside it, as it was then.
type sceneRecord struct {
	Name       string           `json:"name"`
	Kind       yizhan.SceneKind `json:"kind"`
	MicroGrids []string         `json:"micro_grids"`
	Stations   []string         `json:"stations,omitempty"`
	Synthetic  bool             `json:"synthetic,omitempty"`
}

// sceneShape derives the boundary of a scene.
const sceneShape = `(SELECT ST_ForcePolygonCCW(ST_Multi(ST_Union(g.boundary ORDER BY g.code))) FROM friendly_scene_micro_grids m
	JOIN micro_grids g ON g.code = m.micro_grid WHERE m.scene = f.code)`

func friendlySceneTable() *table {
	return &table{
		collection: yizhan.FriendlyScenes,
		columns:    []column{{"code", "text"}, {"name", "text"}, {"kind", "text"}, {"synthetic", "boolean"}, {"version", "bigint"}},
		holds:      func(f yizhan.Feature) bool { s, ok := f.(*yizhan.FriendlyScene); return ok && s != nil },
		refs:       sceneRefs,
		values: func(f yizhan.Feature, _ []byte) ([]any, error) {
			s := f.(*yizhan.FriendlyScene)
			return []any{s.Code, s.Name, string(s.Kind), s.Synthetic}, nil
		},
		parts: []part{
			{table: "friendly_scene_micro_grids", owner: "scene", columns: []column{{"scene", "text"}, {"micro_grid", "text"}}, rows: func(f yizhan.Feature) [][]any {
				s := f.(*yizhan.FriendlyScene)
				return memberRows(s.Code, s.MicroGrids)
			}},
			{table: "friendly_scene_stations", owner: "scene", columns: []column{{"scene", "text"}, {"station", "text"}}, rows: func(f yizhan.Feature) [][]any {
				s := f.(*yizhan.FriendlyScene)
				return memberRows(s.Code, s.Stations)
			}},
		},
		record: func(f yizhan.Feature) any {
			s := f.(*yizhan.FriendlyScene)
			return sceneRecord{s.Name, s.Kind, s.MicroGrids, s.Stations, s.Synthetic}
		},
		revive: reviveScene,
		selection: `f.code, f.name, f.kind,
			ARRAY(SELECT micro_grid FROM friendly_scene_micro_grids WHERE scene = f.code ORDER BY micro_grid),
			ARRAY(SELECT station FROM friendly_scene_stations WHERE scene = f.code ORDER BY station),
			{shape}, f.synthetic, f.version`,
		scan: scanScene,
		within: `EXISTS (SELECT FROM friendly_scene_micro_grids m JOIN micro_grids g ON g.code = m.micro_grid
			WHERE m.scene = f.code AND g.boundary && ?::geometry AND ST_Intersects(g.boundary, ?::geometry))`,
		below: `EXISTS (SELECT FROM friendly_scene_micro_grids m WHERE m.scene = f.code AND m.micro_grid >= ? AND m.micro_grid < ?)`,
		filters: map[string]filter{
			"kind": {`f.kind = ANY (?)`, inList(yizhan.SceneKinds())},
		},
		queryable: map[string]string{"code": "f.code", "name": "f.name", "kind": "f.kind", "geometry": sceneShape,
			"micro_grids": "ARRAY(SELECT m.micro_grid FROM friendly_scene_micro_grids m WHERE m.scene = f.code)",
			"stations":    "ARRAY(SELECT m.station FROM friendly_scene_stations m WHERE m.scene = f.code)",
			"synthetic":   "f.synthetic", "version": "f.version::float8"},
	}
}

func sceneRefs(f yizhan.Feature) []reference {
	s := f.(*yizhan.FriendlyScene)
	var refs []reference
	for _, code := range s.MicroGrids {
		refs = append(refs, reference{"micro_grids", yizhan.Ref{Collection: yizhan.MicroGrids, Code: code}})
	}
	for _, code := range s.Stations {
		refs = append(refs, reference{"stations", yizhan.Ref{Collection: yizhan.Stations, Code: code}})
	}
	return refs
}

func memberRows(scene string, members []string) [][]any {
	rows := make([][]any, len(members))
	for i, member := range members {
		rows[i] = []any{scene, member}
	}
	return rows
}

func scanScene(row pgx.CollectableRow) (yizhan.Feature, error) {
	var s yizhan.FriendlyScene
	var shape []byte
	err := row.Scan(&s.Code, &s.Name, &s.Kind, &s.MicroGrids, &s.Stations, &shape, &s.Synthetic, &s.Version)
	if err != nil {
		return nil, err
	}
	if len(s.Stations) == 0 {
		s.Stations = nil
	}
	s.Boundary, err = decodeShape(shape)
	return &s, err
}

func reviveScene(key key, record, shape []byte) (yizhan.Feature, error) {
	var r sceneRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, err
	}
	boundary, err := decodeShape(shape)
	return &yizhan.FriendlyScene{Code: key.code, Name: r.Name, Kind: r.Kind, MicroGrids: r.MicroGrids, Stations: r.Stations,
		Boundary: boundary, Synthetic: r.Synthetic, Version: key.version}, err
}

// scenesOver lists the scenes, other than those given, that hold one of the micro-grids.
func scenesOver(ctx context.Context, tx pgx.Tx, microGrids, but []string) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT scene FROM friendly_scene_micro_grids
		WHERE micro_grid = ANY ($1) AND scene <> ALL ($2) ORDER BY scene`, microGrids, but)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
