package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/migrations"
)

// How long Migrate waits for another process that is migrating: lockProbes times lockPeriod seconds.
const (
	lockPeriod = 1
	lockProbes = 600
)

// Migrate brings the schema up to date. Of several processes that start together one migrates and the
// others wait for it.
func Migrate(ctx context.Context, url string) (err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return &yizhan.Error{Code: yizhan.CodeInvalid, Field: "database", Message: "is not a PostgreSQL URL", Err: err}
	}
	config.ConnectTimeout = connectTimeout
	config.RuntimeParams["application_name"] = "yizhan migrate"
	config.RuntimeParams["jit"] = "off"
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.PingContext(ctx); err != nil {
		return translate(ctx, fmt.Errorf("migrate: %w", err))
	}
	provider, err := newProvider(db)
	if err != nil {
		return translate(ctx, fmt.Errorf("migrate: %w", err))
	}
	results, err := provider.Up(ctx)
	for _, done := range results {
		slog.DebugContext(ctx, "migrated", "version", done.Source.Version, "took", done.Duration)
	}
	if err != nil {
		return translate(ctx, fmt.Errorf("migrate: %w", err))
	}
	return nil
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriod, lockProbes))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSessionLocker(locker))
}
