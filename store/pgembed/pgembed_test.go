package pgembed_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan/store/pgembed"
)

// start runs a server for the length of a test.
func start(t *testing.T, dir string) *pgembed.Server {
	t.Helper()
	begun := time.Now()
	server, err := pgembed.Start(t.Context(), pgembed.Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start took %v", time.Since(begun).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// execute runs statements on a connection of their own.
func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// ask runs a query that gives one value.
func ask[T any](t *testing.T, url, query string) T {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(context.Background()) }()
	var value T
	if err := conn.QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := tryConnect(t, url)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func tryConnect(t *testing.T, url string) (*pgx.Conn, error) {
	t.Helper()
	return pgx.Connect(t.Context(), url)
}

func TestStartStopStart(t *testing.T) {
	open, err := os.MkdirTemp("/tmp", "yizhan-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(open) })
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"in a folder open to all":        filepath.Join(open, "not", "there", "yet"),
		"in a folder closed to all else": t.TempDir(), // as a home folder may be
	} {
		t.Run(name, func(t *testing.T) { checkStartStopStart(t, dir) })
	}
}

func checkStartStopStart(t *testing.T, dir string) {
	t.Helper()
	first := start(t, dir)
	execute(t, first.URL(), `CREATE TABLE kept (n int)`, `INSERT INTO kept VALUES (41)`)
	if got := ask[bool](t, first.URL(), `SELECT ST_Within(ST_Point(1, 1), ST_MakeEnvelope(0, 0, 2, 2))`); !got {
		t.Error("PostGIS does not answer")
	}
	if ask[bool](t, first.URL(), `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`) {
		t.Error("the application's role is a superuser")
	}
	begun := time.Now()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stop took %v", time.Since(begun).Round(time.Millisecond))

	second := start(t, dir)
	if got := ask[int](t, second.URL(), `SELECT n FROM kept`); got != 41 {
		t.Errorf("kept %d, want 41", got)
	}
}
