package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// maxUndone bounds the changes that CityAt goes back over: more than a whole city that is loaded at once.
const maxUndone = 100_000

// CityAt reads the whole city as it was at an earlier point of the change log: the same, to the last bit,
// as Snapshot gave then.
func (s *Store) CityAt(ctx context.Context, seq int64) (*yizhan.City, error) {
	if seq < 0 {
		return nil, yizhan.Invalid("seq", "%d is not at least 0", seq)
	}
	var city *yizhan.City
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		if err := reachable(ctx, tx, seq); err != nil {
			return err
		}
		if city, err = s.wholeCity(ctx, tx); err != nil {
			return err
		}
		return s.undo(ctx, tx, city, seq)
	})
	if err != nil {
		return nil, err
	}
	return city, nil
}

func reachable(ctx context.Context, tx pgx.Tx, seq int64) error {
	if err := reached(ctx, tx, seq); err != nil {
		return err
	}
	var last int64
	if err := tx.QueryRow(ctx, lastSeq).Scan(&last); err != nil {
		return err
	}
	if last-seq > maxUndone {
		return yizhan.Errorf(yizhan.CodeTooLarge, "seq", "%d is %d changes ago; at most %d are undone", seq, last-seq, maxUndone)
	}
	return nil
}

// undo takes a city back to a seq. The state of a feature then is what the first change after it found.
func (s *Store) undo(ctx context.Context, tx pgx.Tx, city *yizhan.City, seq int64) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT ON (collection, code) op, collection, code, version, before, before_boundary
		FROM changes WHERE seq > $1 AND collection <> 'leaders' ORDER BY collection, code, seq`, seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		first, err := s.scanUndo(rows)
		if err != nil {
			return err
		}
		putBack(city, first)
	}
	city.Seq = seq
	return rows.Err()
}

// scanUndo reads a change with its state before only.
func (s *Store) scanUndo(row pgx.CollectableRow) (c yizhan.Change, err error) {
	var before, shape []byte
	if err := row.Scan(&c.Op, &c.Ref.Collection, &c.Ref.Code, &c.Version, &before, &shape); err != nil {
		return c, err
	}
	if before == nil {
		return c, nil
	}
	version := c.Version
	if c.Op == yizhan.Update {
		version--
	}
	if c.Before, err = s.tables[c.Ref.Collection].revive(key{c.Ref.Code, version}, before, shape); err != nil {
		return c, fmt.Errorf("undo a change of %s: %w", c.Ref, err)
	}
	return c, nil
}

func putBack(city *yizhan.City, c yizhan.Change) {
	switch c.Ref.Collection {
	case yizhan.Units:
		putBackIn(city.Units, c)
	case yizhan.MicroGrids:
		putBackIn(city.MicroGrids, c)
	case yizhan.Stations:
		putBackIn(city.Stations, c)
	case yizhan.FriendlyScenes:
		putBackIn(city.Scenes, c)
	}
}

func putBackIn[F yizhan.Feature](features map[string]F, c yizhan.Change) {
	if before, ok := c.Before.(F); ok {
		features[c.Ref.Code] = before
	} else {
		delete(features, c.Ref.Code)
	}
}
