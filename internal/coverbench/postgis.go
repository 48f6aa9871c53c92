package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan/geo/coverage"
)

//go:embed postgis.sql
var coveredQuery string

// postgis has the cells and sites of one city in tables of its own.
type postgis struct{ conn *pgx.Conn }

// newPostGIS loads the cells of a demand, and the sites that count, into temporary tables with their indexes.
func newPostGIS(ctx context.Context, url string, d *coverage.Demand, sites coverage.Sites, counts func(int) bool) (*postgis, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	p := &postgis{conn}
	if err := p.load(ctx, d, sites, counts); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *postgis) close() error { return p.conn.Close(context.Background()) }

func (p *postgis) load(ctx context.Context, d *coverage.Demand, sites coverage.Sites, counts func(int) bool) error {
	var cells, places [][]any
	for i := range d.Cells() {
		_, center, households := d.Cell(i)
		cells = append(cells, []any{i, center[0], center[1], households})
	}
	for i, site := range sites {
		if counts(i) {
			places = append(places, []any{i, site.At[0], site.At[1], 0})
		}
	}
	if _, err := p.conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS postgis"); err != nil {
		return err
	}
	for table, rows := range map[string][][]any{"bench_cells": cells, "bench_sites": places} {
		if _, err := p.conn.Exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s (id int PRIMARY KEY, lng float8, lat float8, households bigint)", table)); err != nil {
			return err
		}
		if _, err := p.conn.CopyFrom(ctx, pgx.Identifier{table}, []string{"id", "lng", "lat", "households"}, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		if _, err := p.conn.Exec(ctx, fmt.Sprintf(`ALTER TABLE %[1]s ADD place geography(Point, 4326);
			UPDATE %[1]s SET place = ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography;
			CREATE INDEX ON %[1]s USING gist (place)`, table)); err != nil {
			return err
		}
		if _, err := p.conn.Exec(ctx, "VACUUM ANALYZE "+table); err != nil {
			return err
		}
	}
	return nil
}

// covered asks for the households within a radius of one site, and of two or more.
func (p *postgis) covered(ctx context.Context, radiusM float64) (once, twice int64, err error) {
	err = p.conn.QueryRow(ctx, coveredQuery, radiusM).Scan(&once, &twice)
	return once, twice, err
}
