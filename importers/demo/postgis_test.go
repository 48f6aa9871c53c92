package demo

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/yizhan/yizhan/internal/pgtest"
)

// TestPostGISFindsEveryShapeValid asks the database that will hold the city.
func TestPostGISFindsEveryShapeValid(t *testing.T) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.DB(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "CREATE TEMP TABLE shapes (code text, shape bytea)"); err != nil {
		t.Fatal(err)
	}
	rows := shapeRows(t, generated(t))
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"shapes"}, []string{"code", "shape"}, pgx.CopyFromRows(rows)); err != nil {
		t.Fatal(err)
	}
	found, err := conn.Query(ctx, `
		SELECT code, ST_IsValidReason(g)
		FROM (SELECT code, ST_GeomFromWKB(shape, 4326) AS g FROM shapes) s
		WHERE NOT ST_IsValid(g)`)
	if err != nil {
		t.Fatal(err)
	}
	var code, reason string
	if _, err := pgx.ForEachRow(found, []any{&code, &reason}, func() error {
		t.Errorf("%s: %s", code, reason)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+14+142+1_173+38_723+9 {
		t.Errorf("%d shapes were checked", len(rows))
	}
}

func shapeRows(t *testing.T, city *City) [][]any {
	t.Helper()
	var rows [][]any
	add := func(code string, shape orb.MultiPolygon) {
		if shape == nil {
			return
		}
		data, err := wkb.Marshal(shape)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, []any{code, data})
	}
	for _, u := range city.Units {
		add(u.Code, u.Boundary)
	}
	for _, g := range city.MicroGrids {
		add(g.Code, g.Boundary)
	}
	for _, s := range city.Scenes {
		add(s.Code, s.Boundary)
	}
	return rows
}
