package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cleanupTime bounds what is left to do when a test has ended.
const cleanupTime = 30 * time.Second

// DB makes a migrated database for one test and gives its URL. It is dropped when the test ends, with
// whatever is still connected to it.
func DB(t testing.TB) string {
	t.Helper()
	server, err := connectShared(t.Context())
	if err != nil {
		t.Fatalf("pgtest: no database: %v", err)
	}
	return server.forTest(t, server.copyTemplate)
}

// forTest makes a database in the given way, and drops it when the test ends.
func (d databases) forTest(t testing.TB, make func(ctx context.Context, conn *pgx.Conn, name string) error) string {
	t.Helper()
	name := testName()
	err := d.execute(t.Context(), func(conn *pgx.Conn) error { return make(t.Context(), conn, name) })
	if err != nil {
		t.Fatalf("pgtest: make a database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
		defer cancel()
		if err := d.drop(ctx, name); err != nil {
			t.Errorf("pgtest: drop the database: %v", err)
		}
	})
	return d.url(name)
}

// databases makes and drops databases on one server.
type databases struct {
	Admin string `json:"admin"` // URL of the maintenance database, as a role that may do this
	Owner string `json:"owner"` // role that owns the databases and that tests connect as
}

// connectShared gives the server for DB: the one that the environment names, or the shared one.
func connectShared(ctx context.Context) (databases, error) {
	admin := os.Getenv("TESTING_DATABASE_URL")
	if admin == "" {
		return sharedServer(ctx)
	}
	config, err := pgx.ParseConfig(admin)
	if err != nil {
		return databases{}, fmt.Errorf("TESTING_DATABASE_URL: %w", err)
	}
	return databases{Admin: admin, Owner: config.User}, nil
}

// url is the named database as its owner. Where the owner is not the administrator, the server is ours
// and asks for no password.
func (d databases) url(name string) string {
	u, err := url.Parse(d.Admin)
	if err != nil {
		panic(fmt.Sprintf("pgtest: database URL: %v", err)) // pgx has parsed it already
	}
	if u.User.Username() != d.Owner {
		u.User = url.User(d.Owner)
	}
	u.Path = "/" + name
	return u.String()
}

// copyTemplate makes a database with the migrated schema.
func (d databases) copyTemplate(ctx context.Context, conn *pgx.Conn, name string) error {
	template, err := d.template(ctx, conn)
	if err != nil {
		return err
	}
	return d.copyOf(ctx, conn, name, template)
}

func (d databases) copyOf(ctx context.Context, conn *pgx.Conn, name, template string) error {
	// Copying the files is quickest here, where nothing is synced.
	_, err := conn.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s OWNER %s TEMPLATE %s STRATEGY file_copy`, name, pgx.Identifier{d.Owner}.Sanitize(), template))
	return err
}

func (d databases) create(ctx context.Context, name string) error {
	return d.execute(ctx, func(conn *pgx.Conn) error { return d.copyTemplate(ctx, conn, name) })
}

func (d databases) drop(ctx context.Context, name string) error {
	return d.execute(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)
		return err
	})
}

func (d databases) execute(ctx context.Context, work func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, d.Admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return work(conn)
}
