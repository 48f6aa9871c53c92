package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan/store/pgembed"
)

// measureFloor copies what the import left into tables that are nothing but rows and indexes, one after the other.
func measureFloor(ctx context.Context, server *pgembed.Server) (took, cpu time.Duration, err error) {
	folder, err := os.MkdirTemp("", "yizhan-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	conn, err := pgx.Connect(ctx, server.URL())
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	database := newFamily(server.Status().PID)
	for _, table := range []string{"stations", "changes"} {
		path := filepath.Join(folder, table)
		if err := copyOut(ctx, conn, table, path); err != nil {
			return 0, 0, err
		}
		if _, err := conn.Exec(ctx, fmt.Sprintf(`CREATE UNLOGGED TABLE bare_%s (LIKE %[1]s INCLUDING INDEXES)`, table)); err != nil {
			return 0, 0, err
		}
		start, before := time.Now(), database.used()
		if err := copyIn(ctx, conn, "bare_"+table, path); err != nil {
			return 0, 0, err
		}
		took, cpu = took+time.Since(start), cpu+database.used()-before
	}
	return took, cpu, nil
}

func copyOut(ctx context.Context, conn *pgx.Conn, table, path string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = conn.PgConn().CopyTo(ctx, file, fmt.Sprintf(`COPY %s TO STDOUT (FORMAT binary)`, table))
	return err
}

func copyIn(ctx context.Context, conn *pgx.Conn, table, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = conn.PgConn().CopyFrom(ctx, file, fmt.Sprintf(`COPY %s FROM STDIN (FORMAT binary)`, table))
	return err
}
