package pgtest

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Filled is a database that is filled once and copied for each test that asks: what takes seconds to load
// is loaded once in a process. Make it with Fill alone, and call Drop when all tests have ended.
type Filled struct {
	Fill func(ctx context.Context, url string) error

	once   sync.Once
	server databases
	name   string
	err    error
}

// DB makes a copy for one test and gives its URL, as the function DB does.
func (f *Filled) DB(t testing.TB) string {
	t.Helper()
	f.once.Do(func() { f.err = f.make(context.WithoutCancel(t.Context())) })
	if f.err != nil {
		t.Fatalf("pgtest: fill a database: %v", f.err)
	}
	return f.server.forTest(t, func(ctx context.Context, conn *pgx.Conn, name string) error {
		return f.server.copyOf(ctx, conn, name, f.name)
	})
}

func (f *Filled) make(ctx context.Context) (err error) {
	if f.server, err = connectShared(ctx); err != nil {
		return err
	}
	f.name = testName()
	if err := f.server.create(ctx, f.name); err != nil {
		return err
	}
	return f.Fill(ctx, f.server.url(f.name))
}

// Drop removes the database that was copied.
func (f *Filled) Drop() error {
	if f.name == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
	defer cancel()
	return f.server.drop(ctx, f.name)
}

// testName is a name that a later run knows for a leftover.
func testName() string { return strings.ToLower("test_" + rand.Text()[:16]) }
