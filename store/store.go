// Package store keeps the city in PostGIS: every query of Yizhan, the one way to write (Apply) and the
// change log that all views follow (Changes, Listen).
//
// A write is a changeset: checked, applied in one transaction, and appended to the log in the order of
// commits. Rules that concern one feature are the root package's; rules that concern several (codes that
// refer to each other, extents, the partition of a community) are the database's, so that they hold
// whoever writes. What comes back from here is a noun of the root package or a *yizhan.Error: nothing
// above sees pgx, and no message for the reader holds SQL.
//
// It deliberately does not keep views, cache, or know HTTP.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yizhan/yizhan"
)

const (
	defaultMaxConns = 10
	connectTimeout  = 5 * time.Second
	queryTimeout    = "30s" // statement_timeout of reads: a backstop behind the caller's context
)

// Options say which database to use.
type Options struct {
	URL      string       // postgres://…, or a keyword/value string
	MaxConns int32        // 0 for 10
	Logger   *slog.Logger // nil for slog.Default
	Keys     *Keyring     // of personal data; without, it can neither be read nor written
}

// Store is the database of one city or more. It is safe for concurrent use.
type Store struct {
	pool   *pgxpool.Pool
	tables map[yizhan.Collection]*table
	logger *slog.Logger
	keys   *Keyring
}

// Open connects to a database that Migrate has brought up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, &yizhan.Error{Code: yizhan.CodeInvalid, Field: "database", Message: "is not a PostgreSQL URL", Err: err}
	}
	config.MaxConns = defaultMaxConns
	if o.MaxConns > 0 {
		config.MaxConns = o.MaxConns
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	setParameters(config.ConnConfig)
	config.AfterConnect = registerGeometry
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, translate(ctx, fmt.Errorf("open the pool: %w", err))
	}
	s := &Store{pool: pool, tables: allTables(), logger: o.Logger, keys: o.Keys}
	if err := s.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// setParameters fixes the session settings that answers and their speed depend on.
func setParameters(config *pgx.ConnConfig) {
	config.ConnectTimeout = connectTimeout
	for name, value := range map[string]string{
		"application_name":                    "yizhan",
		"timezone":                            "UTC",
		"jit":                                 "off",               // costs a third of a spatial query and gives nothing back
		"plan_cache_mode":                     "force_custom_plan", // a plan for a small bbox is wrong for a large one
		"statement_timeout":                   queryTimeout,
		"idle_in_transaction_session_timeout": "60s",
	} {
		config.RuntimeParams[name] = value
	}
}

// registerGeometry lets geometry travel as EWKB bytes, alone and in arrays. wire.go reads and writes them.
func registerGeometry(ctx context.Context, conn *pgx.Conn) error {
	var one, many uint32
	err := conn.QueryRow(ctx, `SELECT 'geometry'::regtype::oid, 'geometry[]'::regtype::oid`).Scan(&one, &many)
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == "42704" {
		return because(yizhan.CodeUnavailable, "", err, "the database is not migrated")
	}
	if err != nil {
		return fmt.Errorf("look up the type geometry: %w", err)
	}
	geometry := &pgtype.Type{Name: "geometry", OID: one, Codec: pgtype.ByteaCodec{}}
	conn.TypeMap().RegisterType(geometry)
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "_geometry", OID: many, Codec: &pgtype.ArrayCodec{ElementType: geometry}})
	return nil
}

// Close waits for running queries and closes all connections.
func (s *Store) Close() { s.pool.Close() }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return translate(ctx, s.pool.Ping(ctx)) }

// read runs do on one snapshot of the database, read only. After a restart of the database the pool
// holds connections that are dead and does not know it: it is emptied and asked once more, as long as do
// has not begun.
func (s *Store) read(ctx context.Context, do func(pgx.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	begun := false
	attempt := func() error {
		return translate(ctx, pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
			begun = true
			return do(tx)
		}))
	}
	err := attempt()
	if begun || ctx.Err() != nil || yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		return err
	}
	s.pool.Reset()
	return attempt()
}
