package pgtest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan/internal/pgtest"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func ask[T any](t *testing.T, url, query string) T {
	t.Helper()
	var value T
	if err := connect(t, url).QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func TestDatabasesAreMigratedAndApart(t *testing.T) {
	urls := map[string]bool{}
	for i := range 4 {
		begun := time.Now()
		url := pgtest.DB(t)
		t.Logf("database %d took %v", i, time.Since(begun).Round(time.Millisecond))
		urls[url] = true
		if !ask[bool](t, url, `SELECT to_regclass('public.changes') IS NOT NULL`) {
			t.Error("there is no table changes: not migrated")
		}
		if _, err := connect(t, url).Exec(t.Context(), `CREATE TABLE only_here ()`); err != nil {
			t.Errorf("database %d: %v", i, err)
		}
	}
	if len(urls) != 4 {
		t.Errorf("%d different databases, want 4", len(urls))
	}
}

func TestDatabasesInParallel(t *testing.T) {
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := ask[int](t, pgtest.DB(t), `SELECT 1`); got != 1 {
				t.Errorf("got %d", got)
			}
		})
	}
}

func TestDatabaseIsDroppedWhenTheTestEnds(t *testing.T) {
	var url string
	t.Run("inner", func(t *testing.T) {
		url = pgtest.DB(t)
		if _, err := pgx.Connect(t.Context(), url); err != nil { // left open on purpose
			t.Fatal(err)
		}
	})
	if conn, err := pgx.Connect(t.Context(), url); err == nil {
		_ = conn.Close(context.Background())
		t.Error("the database is still there")
	}
}

func TestServerComesBackWithItsData(t *testing.T) {
	server := pgtest.Server(t)
	if _, err := connect(t, server.URL()).Exec(t.Context(), `CREATE TABLE kept AS SELECT 7 AS n`); err != nil {
		t.Fatal(err)
	}
	server.Restart()
	server.Kill()
	if got := ask[int](t, server.URL(), `SELECT n FROM kept`); got != 7 {
		t.Errorf("kept %d, want 7", got)
	}
}
