package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// settle sees to it that nothing of an earlier server runs on the cluster: we hold the lock of the data
// folder, so what runs has lost its owner. Such a server may be on its way down already, told by the
// kernel of its parent's death, or deaf to it; it is stopped rather than adopted, because only a child
// of ours ends surely with us and runs with our settings.
func (c *cluster) settle(ctx context.Context, logger *slog.Logger) error {
	pid, _ := c.readPID()
	running, err := serversOn(c.data)
	if err != nil {
		return err
	}
	if slices.Contains(running, pid) {
		logger.Info("private PostGIS: stopping the server that an earlier run left behind", "pid", pid)
		if err := c.stopOrphan(ctx, pid); err != nil {
			return err
		}
	}
	if err := killAll(c.data); err != nil {
		return err
	}
	// The number in it may by now belong to any program, at which PostgreSQL would refuse to start.
	err = os.Remove(filepath.Join(c.data, "postmaster.pid"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("private PostGIS: %w", err)
	}
	return nil
}

func (c *cluster) stopOrphan(ctx context.Context, pid int) error {
	for _, step := range stopSteps() {
		if err := unix.Kill(pid, step.signal); errors.Is(err, unix.ESRCH) {
			return nil
		} else if err != nil {
			return fmt.Errorf("private PostGIS: stop the server with process number %d: %w", pid, err)
		}
		gone, err := awaitGone(ctx, c.data, step.patience, func(running []int) bool { return !slices.Contains(running, pid) })
		if gone || err != nil {
			return err
		}
	}
	return fmt.Errorf("private PostGIS: the server with process number %d does not end", pid)
}

// killAll ends server processes without a postmaster. They hold the cluster's shared memory, and a new
// server refuses to start beside them. A killed one loses nothing that was committed.
func killAll(data string) error {
	for _, signal := range []unix.Signal{unix.SIGQUIT, unix.SIGKILL} {
		running, err := serversOn(data)
		if err != nil {
			return err
		}
		if len(running) == 0 {
			return nil
		}
		for _, pid := range running {
			if err := unix.Kill(pid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("private PostGIS: end process %d of an earlier server: %w", pid, err)
			}
		}
		gone, err := awaitGone(context.Background(), data, 2*time.Second, func(running []int) bool { return len(running) == 0 })
		if gone || err != nil {
			return err
		}
	}
	return fmt.Errorf("private PostGIS: processes of an earlier server on %s do not end", data)
}

func awaitGone(ctx context.Context, data string, patience time.Duration, gone func(running []int) bool) (bool, error) {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		running, err := serversOn(data)
		if err != nil {
			return false, err
		}
		if gone(running) {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(glance):
		}
	}
	return false, nil
}

// serversOn lists the PostgreSQL processes that work in the data directory: every one of them has it as
// its current directory, whatever path it was given. A process number alone proves nothing, for numbers
// are used again.
func serversOn(data string) ([]int, error) {
	here, err := os.Stat(data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("private PostGIS: %w", err)
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("private PostGIS: list processes: %w", err)
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && worksIn(pid, here) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// worksIn is false for a process that ends meanwhile or that we may not look into: one of another user
// cannot be a server on our cluster.
func worksIn(pid int, here fs.FileInfo) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	name, err := os.ReadFile(filepath.Join(proc, "comm"))
	if err != nil || strings.TrimSpace(string(name)) != "postgres" {
		return false
	}
	cwd, err := os.Stat(filepath.Join(proc, "cwd"))
	return err == nil && os.SameFile(cwd, here)
}
