package store

import (
	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// leaderTable keeps leaders without their personal data: an update leaves what is sealed as it is, and
// the change log tells only that there was a change.
func leaderTable() *table {
	return &table{
		collection: yizhan.Leaders,
		sealed:     true,
		columns: []column{{"code", "text"}, {"micro_grid", "text"}, {"role", "text"}, {"households", "integer"},
			{"selected", "text"}, {"synthetic", "boolean"}, {"version", "bigint"}},
		holds: func(f yizhan.Feature) bool { l, ok := f.(*yizhan.Leader); return ok && l != nil },
		refs: func(f yizhan.Feature) []reference {
			return []reference{{"micro_grid", yizhan.Ref{Collection: yizhan.MicroGrids, Code: f.(*yizhan.Leader).MicroGrid}}}
		},
		values: func(f yizhan.Feature, _ []byte) ([]any, error) {
			l := f.(*yizhan.Leader)
			return []any{l.Code, l.MicroGrid, string(l.Role), l.Households, l.Selected, l.Synthetic}, nil
		},
		selection: `f.code, f.micro_grid, f.role, f.households, f.selected, f.synthetic, f.version`,
		scan: func(row pgx.CollectableRow) (yizhan.Feature, error) {
			var l yizhan.Leader
			err := row.Scan(&l.Code, &l.MicroGrid, &l.Role, &l.Households, &l.Selected, &l.Synthetic, &l.Version)
			return &l, err
		},
		within: `EXISTS (SELECT FROM micro_grids g WHERE g.code = f.micro_grid AND g.boundary && ?::geometry AND ST_Intersects(g.boundary, ?::geometry))`,
		below:  `f.code >= ? AND f.code < ?`,
		filters: map[string]filter{
			"micro_grid": {`f.micro_grid = ANY (?)`, nil},
			"role":       {`f.role = ANY (?)`, inList([]yizhan.LeaderRole{yizhan.RoleUnitLeader, yizhan.RoleGridMember, yizhan.RolePartyGroup})},
		},
	}
}
