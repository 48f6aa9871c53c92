package pgembed_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan/store/pgembed"
)

// checkRefused expects that a start fails quickly, with all the given words.
func checkRefused(t *testing.T, o pgembed.Options, words ...string) {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	server, err := pgembed.Start(ctx, o)
	if err == nil {
		_ = server.Close()
		t.Fatal("it started")
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not tell %q: %v", word, err)
		}
	}
	t.Log(err)
}

func TestSecondOwnerIsRefused(t *testing.T) {
	dir := madeCluster(t)
	p := startParent(t, thisProgram(t), dir, nil).mustBeReady(t)
	checkRefused(t, pgembed.Options{Dir: dir}, "in use by process "+strconv.Itoa(p.cmd.Process.Pid), "pgembed.test", dir)
	if got := ask[int](t, p.url, `SELECT 1`); got != 1 {
		t.Error("the first owner's server suffered")
	}
}

func TestNoPrograms(t *testing.T) {
	empty := t.TempDir()
	checkRefused(t, pgembed.Options{Dir: t.TempDir(), Bin: empty}, "no PostgreSQL with PostGIS in "+empty, "DATABASE_URL", "apt-get install")
}

func TestProgramsWithoutPostGIS(t *testing.T) {
	bin := t.TempDir()
	for name, text := range map[string]string{
		"postgres": "#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n",
		"initdb":   "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	checkRefused(t, pgembed.Options{Dir: t.TempDir(), Bin: bin}, bin+" has no PostGIS")
}

func TestClusterOfAnotherVersion(t *testing.T) {
	dir := madeCluster(t)
	if err := os.WriteFile(filepath.Join(dir, "cluster", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, pgembed.Options{Dir: dir}, "made by PostgreSQL 9", "newest installed is")
}

func TestFolderThatIsNoCluster(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cluster"), 0o700); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, pgembed.Options{Dir: dir}, "is not a PostgreSQL cluster")
}

func TestDataFolderIsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, pgembed.Options{Dir: path}, path, "not a directory")
}

func TestServerThatDoesNotStartSaysWhy(t *testing.T) {
	dir := madeCluster(t)
	checkRefused(t, pgembed.Options{Dir: dir, Settings: map[string]string{"shared_buffers": "nonsense"}}, `invalid value for parameter "shared_buffers"`, "postgres.log")
	start(t, dir) // and the folder is free again
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, patience := range []time.Duration{20, 200, 700} {
		ctx, cancel := context.WithTimeout(t.Context(), patience*time.Millisecond)
		server, err := pgembed.Start(ctx, pgembed.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
		cancel()
		if err == nil {
			t.Logf("started within %v", patience*time.Millisecond)
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	start(t, dir)
}

func TestCloseTwice(t *testing.T) {
	server := start(t, madeCluster(t))
	for range 2 {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
	if status := server.Status(); status.PID != 0 || status.Err == nil {
		t.Errorf("a closed server tells %+v", status)
	}
	if _, err := tryConnect(t, server.URL()); err == nil {
		t.Error("a closed server takes connections")
	}
}

// Paths of a depth that leaves no room for a socket address, with letters of every kind.
func TestLongDataFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("站", 60), "a b'c%d?e", strings.Repeat("x", 100))
	server := start(t, dir)
	execute(t, server.URL(), makeTable)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, start(t, dir).URL(), keepOne)
}
