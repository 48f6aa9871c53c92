package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// fewRows are written sooner than two settings are changed.
const fewRows = 100

// planningOnce writes rows, and has the database plan the checks of their foreign keys once. Such a check is a
// statement a row, and sessions of ours plan every statement anew (see setParameters): three quarters of the time
// of a large COPY would go into that.
//
// What was planned before is forgotten: it may be of a time when the table that is referred to had so few rows that
// reading them all was best, and the plan would stay while a million come in.
func planningOnce(ctx context.Context, tx pgx.Tx, rows int, write func() error) error {
	if rows < fewRows {
		return write()
	}
	if _, err := tx.Exec(ctx, `DISCARD PLANS; SET LOCAL plan_cache_mode = force_generic_plan`); err != nil {
		return err
	}
	if err := write(); err != nil {
		return err // which ends the transaction, and the setting with it
	}
	_, err := tx.Exec(ctx, `SET LOCAL plan_cache_mode = force_custom_plan`)
	return err
}
