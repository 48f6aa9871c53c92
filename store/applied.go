package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// AppliedWith finds the last changeset since a time whose reason has a mark in it; 0 if there is none. It is for those
// who do not know how a commit ended, because they died or lost their connection: whoever is taking numbers of the log
// is waited for, so that what is not found will not come any more.
func (s *Store) AppliedWith(ctx context.Context, mark string, since time.Time) (changeset int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '20s'; SELECT FROM change_head FOR SHARE`); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT id FROM changesets WHERE at >= $1 AND strpos(reason, $2) > 0 ORDER BY id DESC LIMIT 1`, since, mark).Scan(&changeset)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return changeset, translate(ctx, err)
}
