package pgembed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The names inside the cluster. The application's role owns its database and is no superuser.
const (
	database  = "yizhan"
	role      = "yizhan"
	superuser = "postgres"
)

// Options say where the cluster lives.
type Options struct {
	Dir      string            // data folder of the cluster; made when it is not there
	Bin      string            // folder of the PostgreSQL programs; empty for the newest that has PostGIS
	Settings map[string]string // server settings that replace ours
	Logger   *slog.Logger      // nil for slog.Default
}

// Server is a running PostgreSQL that this process owns. It is safe for concurrent use.
type Server struct {
	cluster *cluster
	lock    *os.File
	logger  *slog.Logger
	stop    chan struct{} // closed by Close
	stopped chan struct{} // closed when the server is down for good
	closing sync.Once

	mu       sync.Mutex
	status   Status
	pause    time.Duration // before the next start after a failure
	closeErr error
}

// Status tells how the server fares.
type Status struct {
	PID      int       // of the postmaster; 0 while there is none
	Since    time.Time // when that postmaster was ready
	Restarts int       // how often it died and was started again
	Err      error     // why it is down; nil while it is up
}

// Start makes the cluster when there is none, stops a server that an earlier owner left behind, starts
// the server and waits until the database takes connections. ctx bounds the start only: the server then
// runs until Close, or until this process ends.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	dir, err := makeDir(o.Dir)
	if err != nil {
		return nil, err
	}
	lock, err := acquire(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	cluster, err := openCluster(ctx, dir, o)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s := &Server{
		cluster: cluster, lock: lock, logger: o.Logger,
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	started := make(chan error, 1)
	go s.keep(ctx, started)
	if err := <-started; err != nil {
		<-s.stopped
		return nil, err
	}
	return s, nil
}

// URL is where the application's database is, for pgx.
func (s *Server) URL() string { return s.cluster.url(role, database) }

// AdminURL is the named database as the superuser.
func (s *Server) AdminURL(database string) string { return s.cluster.url(superuser, database) }

// Status tells how the server fares at this moment.
func (s *Server) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Close stops the server cleanly, open connections included, and waits for it to be gone. Further calls
// wait too and give the same answer.
func (s *Server) Close() error {
	s.closing.Do(func() { close(s.stop) })
	<-s.stopped
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closeErr
}

// makeDir makes the data folder and gives its real path. Its mode lets an unprivileged server through
// when root owns it; what is inside is closed to others.
func makeDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("private PostGIS: no data folder given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("private PostGIS: data folder: %w", err)
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(abs, mode); err != nil {
		return "", fmt.Errorf("private PostGIS: data folder: %w", err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", fmt.Errorf("private PostGIS: data folder: %w", err)
	}
	return real, nil
}

// url spells a connection out in full, so that no PG* variable of the environment leaks into it.
func (c *cluster) url(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database}
	u.RawQuery = url.Values{"host": {c.socketDir}, "port": {socketPort}, "sslmode": {"disable"}}.Encode()
	return u.String()
}
