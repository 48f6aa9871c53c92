package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan/migrations"
	"github.com/yizhan/yizhan/store"
)

// template gives the name of the database that holds the migrated schema, and makes it when it is not
// there. The name carries a hash of the migrations: another version of them is another template, so that
// two working copies can share a server. A template that is not whole is not marked as one.
func (d databases) template(ctx context.Context, conn *pgx.Conn) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	if whole, err := isTemplate(ctx, conn, name); err != nil || whole {
		return name, err
	}
	// One process makes it, the others wait here. The lock ends with the connection,
	// which makes one database and is closed.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext($1))`, name); err != nil {
		return "", err
	}
	if whole, err := isTemplate(ctx, conn, name); err != nil || whole {
		return name, err
	}
	if err := d.makeTemplate(ctx, conn, name); err != nil {
		return "", fmt.Errorf("template: %w", err)
	}
	return name, nil
}

func isTemplate(ctx context.Context, conn *pgx.Conn, name string) (bool, error) {
	var whole bool
	err := conn.QueryRow(ctx, `SELECT datistemplate FROM pg_database WHERE datname = $1`, name).Scan(&whole)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return whole, err
}

func (d databases) makeTemplate(ctx context.Context, conn *pgx.Conn, name string) error {
	for _, statement := range []string{
		`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`,
		`CREATE DATABASE ` + name + ` OWNER ` + pgx.Identifier{d.Owner}.Sanitize() + ` ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	inside, err := pgx.ParseConfig(d.Admin)
	if err != nil {
		return err
	}
	inside.Database = name
	if err := addExtension(ctx, inside, d.Owner); err != nil {
		return err
	}
	if err := store.Migrate(ctx, d.url(name)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `ALTER DATABASE `+name+` IS_TEMPLATE true`)
	return err
}

// addExtension does what needs the administrator; the migrations run as the owner.
func addExtension(ctx context.Context, config *pgx.ConnConfig, owner string) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err = conn.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS postgis`); err != nil || owner == config.User {
		return err
	}
	_, err = conn.Exec(ctx, migrations.StaffRole(owner))
	return err
}

func templateName() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		_, _ = fmt.Fprintf(hash, "%s %d\n%s", path, len(text), text) // a hash takes everything
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash the migrations: %w", err)
	}
	return "template_" + hex.EncodeToString(hash.Sum(nil)[:8]), nil
}
