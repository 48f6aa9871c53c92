package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests below run the real binary on a real private database, and stop it in every way there is.

const patience = 60 * time.Second

type server struct {
	cmd  *exec.Cmd
	base string
}

// commandPath gives a path under which this test binary is the command: see TestMain.
func commandPath(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "yizhan")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// start runs the server and waits until it says where it is.
func start(t *testing.T, binary, data string, more ...string) *server {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data}, more...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: cmd}
	t.Cleanup(func() { s.stop(t, syscall.SIGTERM) })
	tooLate := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer tooLate.Stop()
	address := regexp.MustCompile(`http://localhost:\d+`)
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if s.base = address.FindString(lines.Text()); s.base != "" {
			go func() { _, _ = io.Copy(io.Discard, stdout) }() // ends with the process
			return s
		}
	}
	t.Fatalf("the server ended before it served: %v\n%s", cmd.Wait(), &stderr)
	return nil
}

// stop sends a signal, waits for the end and gives the exit code.
func (s *server) stop(t *testing.T, signal syscall.Signal) int {
	t.Helper()
	if s.cmd.ProcessState == nil {
		if err := s.cmd.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		tooLate := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
		_ = s.cmd.Wait() // its exit code says it all
		tooLate.Stop()
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *server) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := http.Get(s.base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestServeStopsCleanlyAndStartsAgain(t *testing.T) {
	binary, data := commandPath(t), t.TempDir()
	for round := range 2 {
		s := start(t, binary, data)
		if status, body := s.get(t, "/readyz"); status != http.StatusOK {
			t.Errorf("round %d: /readyz: %d %s", round, status, body)
		}
		if code := s.stop(t, syscall.SIGINT); code != 0 {
			t.Errorf("round %d: exit code %d after Ctrl+C", round, code)
		}
		expectNoPostgres(t, data)
	}
}

func TestServeAfterKill(t *testing.T) {
	binary, data := commandPath(t), t.TempDir()
	start(t, binary, data).stop(t, syscall.SIGKILL)
	s := start(t, binary, data)
	if status, body := s.get(t, "/readyz"); status != http.StatusOK {
		t.Errorf("/readyz after kill -9: %d %s", status, body)
	}
}

// TestServeGoesOnWithoutItsDatabase kills the database under the server: what is in memory is answered all
// the while, and what is not is answered again as soon as the database is back.
func TestServeGoesOnWithoutItsDatabase(t *testing.T) {
	binary, data := commandPath(t), t.TempDir()
	s := start(t, binary, data)
	for range 3 { // so that the pool holds connections that will be dead
		s.get(t, "/api/collections/units/items")
	}
	killPostmaster(t, data)
	for begun := time.Now(); ; {
		if status, body := s.get(t, "/api/tiles/base/5/26/10"); status != http.StatusOK {
			t.Fatalf("a tile without the database: %d %s", status, body)
		}
		status, body := s.get(t, "/api/collections/units/items")
		switch {
		case status == http.StatusOK:
			return
		case status != http.StatusServiceUnavailable:
			t.Fatalf("items without the database: %d %s", status, body)
		case time.Since(begun) > patience:
			t.Fatalf("no items %v after the database died", patience)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func killPostmaster(t *testing.T, data string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "postgres", "*", "postmaster.pid"))
	if err != nil || len(found) != 1 {
		t.Fatalf("postmaster.pid: %v %v", found, err)
	}
	content, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(content), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestServeSaysThatThePortIsTaken(t *testing.T) {
	binary, data := commandPath(t), t.TempDir()
	s := start(t, binary, data)
	out, err := exec.Command(binary, "serve", "--listen", strings.TrimPrefix(s.base, "http://localhost"), "--data", t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "address already in use") {
		t.Errorf("second server on the port: %v\n%s", err, out)
	}
}

// expectNoPostgres looks for the file that a PostgreSQL which still runs, or was killed, has in its cluster.
func expectNoPostgres(t *testing.T, data string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "postgres", "*", "postmaster.pid"))
	if err != nil || len(found) > 0 {
		t.Errorf("postgres outlived the server: %v %v", found, err)
	}
}
