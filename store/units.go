package store

import (
	"encoding/json"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// unitRecord is a unit in the change log.
type unitRecord struct {
	Level     yizhan.Level `json:"level"`
	Parent    string       `json:"parent,omitempty"`
	Name      string       `json:"name"`
	NameEn    string       `json:"name_en,omitempty"`
	Type      string       `json:"type,omitempty"`
	Seat      *orb.Point   `json:"seat,omitempty"`
	Synthetic bool         `json:"synthetic,omitempty"`
}

func unitTable() *table {
	return &table{
		collection: yizhan.Units,
		columns: []column{{"code", "text"}, {"level", "text"}, {"parent", "text"}, {"name", "text"}, {"name_en", "text"},
			{"type", "text"}, {"seat", "geometry"}, {"boundary", "geometry"}, {"synthetic", "boolean"}, {"version", "bigint"}},
		holds: func(f yizhan.Feature) bool { u, ok := f.(*yizhan.Unit); return ok && u != nil },
		refs: func(f yizhan.Feature) []reference {
			u := f.(*yizhan.Unit)
			if u.Parent == "" {
				return nil
			}
			return []reference{{"parent", yizhan.Ref{Collection: yizhan.Units, Code: u.Parent}}}
		},
		shape:  func(f yizhan.Feature) orb.MultiPolygon { return f.(*yizhan.Unit).Boundary },
		values: unitValues,
		record: func(f yizhan.Feature) any {
			u := f.(*yizhan.Unit)
			return unitRecord{u.Level, u.Parent, u.Name, u.NameEn, u.Type, snapped(u.Seat), u.Synthetic}
		},
		revive:    reviveUnit,
		selection: `f.code, f.level, coalesce(f.parent, ''), f.name, f.name_en, f.type, f.seat, {shape}, f.synthetic, f.version`,
		scan:      scanUnit,
		// What has no boundary is found everywhere, as OGC API Features wants it.
		within: `(f.boundary IS NULL OR f.boundary && ?::geometry AND ST_Intersects(f.boundary, ?::geometry))`,
		below:  `f.code >= ? AND f.code < ?`,
		filters: map[string]filter{
			"level":  {`f.level = ANY (?)`, inList(yizhan.Levels())},
			"parent": {`f.parent = ANY (?)`, nil},
		},
		queryable: map[string]string{"code": "f.code", "level": "f.level", "parent": "coalesce(f.parent, '')", "name": "f.name",
			"name_en": "f.name_en", "type": "f.type", "seat": "f.seat", "geometry": "f.boundary", "synthetic": "f.synthetic",
			"version": "f.version::float8"},
		referrers: []referrer{{"units", "parent", "units"}, {"micro_grids", "community", "micro_grids"},
			{"stations", "community", "stations"}, {"reports", "community", "reports"}, {"grants", "unit", "grants"}},
	}
}

func unitValues(f yizhan.Feature, shape []byte) ([]any, error) {
	u := f.(*yizhan.Unit)
	seat, err := encodePoint(u.Seat)
	return []any{u.Code, string(u.Level), emptyToNil(u.Parent), u.Name, u.NameEn, u.Type, seat, shape, u.Synthetic}, err
}

func scanUnit(row pgx.CollectableRow) (yizhan.Feature, error) {
	var u yizhan.Unit
	var seat, shape []byte
	err := row.Scan(&u.Code, &u.Level, &u.Parent, &u.Name, &u.NameEn, &u.Type, &seat, &shape, &u.Synthetic, &u.Version)
	if err != nil {
		return nil, err
	}
	if u.Seat, err = decodePoint(seat); err != nil {
		return nil, err
	}
	u.Boundary, err = decodeShape(shape)
	return &u, err
}

func reviveUnit(key key, record, shape []byte) (yizhan.Feature, error) {
	var r unitRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, err
	}
	boundary, err := decodeShape(shape)
	return &yizhan.Unit{Code: key.code, Level: r.Level, Parent: r.Parent, Name: r.Name, NameEn: r.NameEn, Type: r.Type,
		Seat: r.Seat, Boundary: boundary, Synthetic: r.Synthetic, Version: key.version}, err
}

func snapped(p *orb.Point) *orb.Point {
	if p == nil {
		return nil
	}
	s := yizhan.SnapPoint(*p)
	return &s
}
