package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// eachTimeout bounds the reading of a whole collection, which takes as long as whoever takes the features.
const eachTimeout = "600s"

// Each reads every feature of a query, in the order of their codes, from one state of the database, holding one
// at a time. begin is told the change that the log had reached, before the first. After and Limit of the query
// are not looked at.
func (s *Store) Each(ctx context.Context, q yizhan.Query, begin func(seq int64) error, each func(yizhan.Feature) error) error {
	t := s.tables[q.Collection]
	if t == nil {
		return yizhan.Errorf(yizhan.CodeNotFound, "collection", "%q is not a collection", clip(string(q.Collection)))
	}
	q.After, q.Limit = "", 1
	where, err := t.where(q)
	if err != nil {
		return err
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = '"+eachTimeout+"'"); err != nil {
			return err
		}
		if err := where.checkShapes(ctx, tx); err != nil {
			return err
		}
		var seq int64
		if err := tx.QueryRow(ctx, lastSeq).Scan(&seq); err != nil {
			return err
		}
		if err := begin(seq); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, fmt.Sprintf("%s%s ORDER BY f.code", t.query(q.SkipGeometry), where), where.arguments...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			f, err := t.scan(rows)
			if err != nil {
				return err
			}
			if err := each(f); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return blameFilter(q, err)
}
