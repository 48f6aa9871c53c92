package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// Snapshot reads the whole city as it is at one point of the change log.
func (s *Store) Snapshot(ctx context.Context) (city *yizhan.City, err error) {
	err = s.read(ctx, func(tx pgx.Tx) (err error) {
		city, err = s.wholeCity(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return city, nil
}

// wholeCity reads the city as the transaction sees it. A collection comes as fast as it is understood here, which the
// limit of other reads is too short for when there are a million of something and the machine is busy.
func (s *Store) wholeCity(ctx context.Context, tx pgx.Tx) (*yizhan.City, error) {
	city := &yizhan.City{
		Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{},
		Scenes: map[string]*yizhan.FriendlyScene{}, MicroGrids: map[string]*yizhan.MicroGrid{},
	}
	if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = '"+eachTimeout+"'"); err != nil {
		return nil, err
	}
	if err := tx.QueryRow(ctx, lastSeq).Scan(&city.Seq); err != nil {
		return nil, err
	}
	for _, err := range []error{
		collect(ctx, tx, s.tables[yizhan.Units], city.Units),
		collect(ctx, tx, s.tables[yizhan.MicroGrids], city.MicroGrids),
		collect(ctx, tx, s.tables[yizhan.Stations], city.Stations),
		collect(ctx, tx, s.tables[yizhan.FriendlyScenes], city.Scenes),
	} {
		if err != nil {
			return nil, err
		}
	}
	return city, nil
}

// collect reads a whole collection.
func collect[F yizhan.Feature](ctx context.Context, tx pgx.Tx, t *table, into map[string]F) error {
	rows, err := tx.Query(ctx, t.query(false))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		f, err := t.scan(rows)
		if err != nil {
			return err
		}
		into[f.Ref().Code] = f.(F)
	}
	return rows.Err()
}
