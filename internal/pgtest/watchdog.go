package pgtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"github.com/yizhan/yizhan/store/pgembed"
)

const (
	watchdogVariable = "YIZHAN_PGTEST_WATCHDOG" // set to the shared folder, it turns a test program into the watchdog
	watchdogReady    = "ready"
	idleTime         = 20 * time.Second // between two packages of one run there is some compiling
)

// The watchdog is the test program run again, so that there is nothing to build or install for it.
func init() {
	if dir := os.Getenv(watchdogVariable); dir != "" {
		os.Exit(runWatchdog(shared{dir}))
	}
}

func runWatchdog(s shared) int {
	word := os.NewFile(3, "word")
	unix.CloseOnExec(3)
	server, held, err := s.serve()
	if err != nil {
		_, _ = fmt.Fprint(word, err) // who waits for it may be gone
		return 1
	}
	_, _ = fmt.Fprint(word, watchdogReady)
	_ = word.Close()
	users, err := s.awaitIdle(idleTime, time.Second)
	if err == nil {
		err = errors.Join(os.Remove(s.state()), server.Close(), s.leaveMemory(), users.Close())
	}
	if err := errors.Join(err, held.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// serve starts the server and writes down where it is.
func (s shared) serve() (*pgembed.Server, *os.File, error) {
	held, err := lock(s.watchdog(), unix.LOCK_EX|unix.LOCK_NB)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := s.startServer(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, held.Close())
	}
	d := databases{Admin: server.AdminURL("postgres"), Owner: "yizhan"}
	if err := errors.Join(d.dropLeftovers(ctx), s.publish(d)); err != nil {
		return nil, nil, errors.Join(err, server.Close(), held.Close())
	}
	return server, held, nil
}

// startServer makes the cluster anew when it does not start: it runs without fsync, and may have been
// spoilt by a crash of the machine or made by another version.
func (s shared) startServer(ctx context.Context) (*pgembed.Server, error) {
	options := pgembed.Options{
		Dir:      s.data(),
		Settings: fastSettings("max_connections=300"),
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	server, err := pgembed.Start(ctx, options)
	if err == nil {
		return server, nil
	}
	if err := errors.Join(ctx.Err(), os.RemoveAll(options.Dir)); err != nil {
		return nil, err
	}
	return pgembed.Start(ctx, options)
}

func (s shared) publish(d databases) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	fresh := s.state() + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, s.state())
}

// awaitIdle returns when no test process has held the users' lock for a while, and gives that lock, so
// that none comes in before the server is gone: it waits, and then starts another watchdog.
func (s shared) awaitIdle(patience, pause time.Duration) (*os.File, error) {
	for idle := time.Now(); ; time.Sleep(pause) {
		users, err := lock(s.users(), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EWOULDBLOCK):
			idle = time.Now()
		case err != nil:
			return nil, err
		case time.Since(idle) >= patience:
			return users, nil
		default:
			if err := users.Close(); err != nil {
				return nil, err
			}
		}
	}
}

// dropLeftovers drops what killed tests left, and templates that nobody has made for a week.
func (d databases) dropLeftovers(ctx context.Context) error {
	return d.execute(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `
			SELECT datname FROM pg_database
			WHERE datname LIKE 'test\_%' OR datname LIKE 'template\_%'
			  AND (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '7 days'`)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := conn.Exec(ctx, `ALTER DATABASE `+name+` IS_TEMPLATE false`); err != nil {
				return err
			}
			if _, err := conn.Exec(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
				return err
			}
		}
		return nil
	})
}
