package pgembed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/yizhan/yizhan/store/pgembed"
)

// parentVariable turns this test program into a parent: a process of its own that runs a server on the
// folder named, which the tests then kill.
const parentVariable = "YIZHAN_PGEMBED_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentVariable); dir != "" {
		os.Exit(beParent(dir))
	}
	code := m.Run()
	if master.dir != "" {
		_ = os.RemoveAll(master.dir)
	}
	os.Exit(code)
}

// master is a data folder made once, of which the tests that are not about making one take copies.
var master struct {
	sync.Once
	dir string
	err error
}

func madeCluster(t *testing.T) string {
	t.Helper()
	master.Do(func() { master.dir, master.err = makeMaster(t.Context()) })
	if master.err != nil {
		t.Fatal(master.err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if out, err := exec.Command("cp", "-a", "--reflink=auto", master.dir, dir).CombinedOutput(); err != nil {
		t.Fatalf("copy a cluster: %v: %s", err, out)
	}
	return dir
}

func makeMaster(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "yizhan-cluster-")
	if err != nil {
		return "", err
	}
	server, err := pgembed.Start(ctx, pgembed.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return dir, err
	}
	return dir, server.Close()
}

// beParent says where its server is, and stops it when its standard input ends.
func beParent(dir string) int {
	server, err := pgembed.Start(context.Background(), pgembed.Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		fmt.Println("error", strings.ReplaceAll(err.Error(), "\n", " "))
		return 1
	}
	fmt.Println("ready", server.URL(), server.Status().PID)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Close(); err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

// parent is such a process.
type parent struct {
	cmd        *exec.Cmd
	input      io.Closer
	url        string
	postmaster int
	problem    string // what it said instead of being ready
}

// launch starts the process, without waiting for its word.
func launch(t *testing.T, program, dir string, as *syscall.Credential) (*parent, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), parentVariable+"="+dir)
	cmd.Stderr = t.Output()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close() // a clean stop, if it is still there
		hurry := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		defer hurry.Stop()
		_ = cmd.Wait()
	})
	return &parent{cmd: cmd, input: input}, bufio.NewScanner(output)
}

// startParent starts the process and waits for its word.
func startParent(t *testing.T, program, dir string, as *syscall.Credential) *parent {
	t.Helper()
	p, output := launch(t, program, dir, as)
	for output.Scan() {
		line := output.Text()
		if n, _ := fmt.Sscanf(line, "ready %s %d", &p.url, &p.postmaster); n == 2 {
			return p
		}
		if text, ok := strings.CutPrefix(line, "error "); ok {
			p.problem = text
			return p
		}
	}
	t.Fatalf("the parent ended without a word: %v", output.Err())
	return nil
}

func (p *parent) mustBeReady(t *testing.T) *parent {
	t.Helper()
	if p.problem != "" {
		t.Fatal(p.problem)
	}
	return p
}

// kill kills the parent, and only the parent, with SIGKILL.
func (p *parent) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

func thisProgram(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// await fails the test when something does not come about in time.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// ended is true of a zombie too: an orphan of ours is for the first process of the machine to collect,
// which in a container may never do so.
func ended(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}

// publicCopy puts this program where any user can run it: go test builds it in a closed folder.
func publicCopy(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "yizhan-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	text, err := os.ReadFile(thisProgram(t))
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "parent")
	if err := errors.Join(os.WriteFile(program, text, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	return program
}
