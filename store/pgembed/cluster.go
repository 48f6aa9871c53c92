package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Free space asked for before work that fails badly without it. A new cluster takes 60 MB with its first
// write-ahead log; a start may have to write as much as it recovers.
const (
	spaceToInit  = 256 << 20
	spaceToStart = 32 << 20
)

// cluster is a data folder with what it takes to run a server on it.
type cluster struct {
	dir       string // data folder
	data      string // PostgreSQL data directory
	socketDir string
	account   account
	programs  programs
	settings  map[string]string
	exists    bool
}

func openCluster(ctx context.Context, dir string, o Options) (*cluster, error) {
	c := &cluster{dir: dir, data: filepath.Join(dir, "cluster"), settings: o.Settings}
	major, err := c.version()
	if err != nil {
		return nil, err
	}
	c.exists = major != 0
	if c.account, err = accountFor(c.data); err != nil {
		return nil, err
	}
	if c.programs, err = findPrograms(ctx, o.Bin, major); err != nil {
		return nil, err
	}
	if c.socketDir, err = makeSocketDir(dir, c.account); err != nil {
		return nil, err
	}
	return c, nil
}

// version is the major version of the cluster, 0 when there is no cluster yet.
func (c *cluster) version() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(c.data); err == nil {
			return 0, fmt.Errorf("private PostGIS: %s is not a PostgreSQL cluster: it has no PG_VERSION", c.data)
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("private PostGIS: version of the cluster: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || major <= 0 {
		return 0, fmt.Errorf("private PostGIS: %s/PG_VERSION says %q, which is no version", c.data, text)
	}
	return major, nil
}

// init makes the cluster beside its final place and moves it there when it is whole and on disk, so that
// an interrupted one is simply made again. It syncs once at the end: a thousand small files synced one
// by one as they are written cost seconds on a slow disk.
func (c *cluster) init(ctx context.Context) error {
	if err := checkSpace(c.dir, spaceToInit); err != nil {
		return err
	}
	fresh := c.data + ".new"
	if err := c.clearUnfinished(fresh); err != nil {
		return err
	}
	// C.UTF-8 and not C: trigram search needs to know Chinese characters as letters.
	err := c.runInitdb(ctx, fresh, "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C.UTF-8",
		"--username="+superuser, "--auth=trust")
	if err == nil {
		err = c.runInitdb(ctx, fresh, "--sync-only")
	}
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, c.data); err != nil {
		return fmt.Errorf("private PostGIS: make the cluster: %w", err)
	}
	c.exists = true
	return syncDir(c.dir)
}

func (c *cluster) clearUnfinished(fresh string) error {
	if err := killAll(fresh); err != nil {
		return err
	}
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("private PostGIS: remove the unfinished cluster: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("private PostGIS: make the cluster: %w", err)
	}
	if err := c.account.own(fresh); err != nil {
		return fmt.Errorf("private PostGIS: make the cluster: %w", err)
	}
	return nil
}

func (c *cluster) runInitdb(ctx context.Context, data string, args ...string) error {
	cmd, done, err := c.command("initdb", data, args...)
	if err != nil {
		return err
	}
	defer done()
	cmd.SysProcAttr.Pdeathsig = unix.SIGKILL
	output := &tail{limit: 4 << 10}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("private PostGIS: start initdb: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) })
	defer stop()
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("private PostGIS: make the cluster: %w", ctx.Err())
		}
		return fmt.Errorf("private PostGIS: initdb: %w: %s", err, output)
	}
	return nil
}

func checkSpace(dir string, need uint64) error {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return fmt.Errorf("private PostGIS: free space of %s: %w", dir, err)
	}
	if free := stat.Bavail * uint64(stat.Bsize); free < need {
		return fmt.Errorf("private PostGIS: no disk space: %s has %d MB free and needs %d MB", dir, free>>20, need>>20)
	}
	return nil
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("private PostGIS: sync: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("private PostGIS: sync: %w", err)
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	limit int
	text  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if extra := len(t.text) - t.limit; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.text)) }
