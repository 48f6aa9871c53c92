package pgtest

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/yizhan/yizhan/store"
	"github.com/yizhan/yizhan/store/pgembed"
)

// PrivateServer is a server of one test's own.
type PrivateServer struct {
	t      testing.TB
	server *pgembed.Server
}

// Server starts a server with a migrated database for one test, which may stop and kill it. It takes a
// second; a test that only needs a database takes DB.
func Server(t testing.TB) *PrivateServer {
	t.Helper()
	server, err := pgembed.Start(t.Context(), pgembed.Options{
		Dir:      t.TempDir(),
		Settings: fastSettings("synchronous_commit=on"), // a kill must not lose what was acknowledged
		Logger:   slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	if err := store.Migrate(t.Context(), server.URL()); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return &PrivateServer{t, server}
}

// URL is the migrated database.
func (s *PrivateServer) URL() string { return s.server.URL() }

// AdminURL is the same database as the superuser.
func (s *PrivateServer) AdminURL() string { return s.server.AdminURL("yizhan") }

// Restart stops the server with a fast shutdown, and returns when it runs again.
func (s *PrivateServer) Restart() { s.t.Helper(); s.signal(unix.SIGINT) }

// Kill kills the server with SIGKILL, and returns when it runs again.
func (s *PrivateServer) Kill() { s.t.Helper(); s.signal(unix.SIGKILL) }

func (s *PrivateServer) signal(signal unix.Signal) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	before := s.server.Status().PID
	if before == 0 {
		s.t.Fatal("pgtest: the server is down already")
	}
	if err := unix.Kill(before, signal); err != nil {
		s.t.Fatalf("pgtest: signal the server: %v", err)
	}
	for {
		if pid := s.server.Status().PID; pid != 0 && pid != before {
			return
		}
		select {
		case <-ctx.Done():
			s.t.Fatalf("pgtest: the server does not come back: %v", s.server.Status().Err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// fastSettings trade what survives a crash of the machine, which no test needs, for speed.
func fastSettings(more ...string) map[string]string {
	settings := map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
		"shared_buffers": "64MB", "max_wal_size": "256MB",
	}
	for _, setting := range more {
		name, value, _ := strings.Cut(setting, "=")
		maps.Copy(settings, map[string]string{name: value})
	}
	return settings
}
