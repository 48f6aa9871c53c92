package pgembed

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yizhan/yizhan/migrations"
)

// ensureDatabase makes the roles, the database and the extension unless they are there. Each step may
// find itself done by a start that was cut short.
func (s *Server) ensureDatabase(ctx context.Context) error {
	done, err := s.hasDatabase(ctx)
	if err != nil || done {
		return err
	}
	err = s.execute(ctx, "postgres", func(conn *pgx.Conn) error {
		if err := s.makeRole(ctx, conn); err != nil {
			return err
		}
		return s.makeDatabase(ctx, conn)
	})
	if err == nil {
		err = s.execute(ctx, database, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS postgis`)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("private PostGIS: make the database: %w", err)
	}
	return nil
}

// hasDatabase looks with the eyes of the application, and so proves that it can connect.
func (s *Server) hasDatabase(ctx context.Context) (bool, error) {
	conn, err := pgx.Connect(ctx, s.URL())
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("private PostGIS: connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var done bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')
		AND EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
			WHERE r.rolname = 'yizhan_staff' AND pg_has_role(r.oid, 'MEMBER'))`).Scan(&done); err != nil {
		return false, fmt.Errorf("private PostGIS: look for PostGIS: %w", err)
	}
	return done, nil
}

// missing tells whether a connection failed because the role or the database is not there.
func missing(err error) bool {
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) {
		return false
	}
	return refusal.Code == "28000" || refusal.Code == "3D000"
}

// makeRole and makeDatabase hold names of our own choice only.
func (s *Server) makeRole(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role).Scan(&exists)
	if err != nil {
		return err
	}
	if !exists {
		if _, err := conn.Exec(ctx, `CREATE ROLE `+role+` LOGIN`); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, migrations.StaffRole(role)) // its own role may not make others
	return err
}

func (s *Server) makeDatabase(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).Scan(&exists)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+database+` OWNER `+role)
	return err
}

func (s *Server) execute(ctx context.Context, name string, work func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.AdminURL(name))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return work(conn)
}
