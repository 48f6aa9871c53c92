package pgembed_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/yizhan/yizhan/store/pgembed"
)

const (
	makeTable = `CREATE TABLE kept (n int)`
	keepOne   = `INSERT INTO kept VALUES (1)`
	countKept = `SELECT count(*)::int FROM kept`
)

func checkKept(t *testing.T, url string, want int) {
	t.Helper()
	if got := ask[int](t, url, countKept); got != want {
		t.Errorf("%d rows kept, want %d", got, want)
	}
}

func TestServerEndsWithAKilledParent(t *testing.T) {
	dir := madeCluster(t)
	p := startParent(t, thisProgram(t), dir, nil).mustBeReady(t)
	connect(t, p.url) // a connection must not hold it up
	p.kill(t)
	begun := time.Now()
	await(t, "the server has ended", func() bool { return ended(p.postmaster) })
	t.Logf("the server ended %v after its parent", time.Since(begun).Round(time.Millisecond))
	start(t, dir) // which tidies up
}

func TestStartRightAfterTheParentWasKilled(t *testing.T) {
	dir := madeCluster(t)
	p := startParent(t, thisProgram(t), dir, nil).mustBeReady(t)
	execute(t, p.url, makeTable, keepOne)
	for round := range 3 {
		p.kill(t)
		next := startParent(t, thisProgram(t), dir, nil).mustBeReady(t)
		if next.postmaster == p.postmaster {
			t.Fatal("ready on the server of the killed parent")
		}
		if p = next; !ended(next.postmaster) {
			execute(t, p.url, keepOne)
		}
		checkKept(t, p.url, round+2)
	}
}

func TestServerComesBackWhenKilled(t *testing.T) {
	server := start(t, madeCluster(t))
	execute(t, server.URL(), makeTable, keepOne)
	for round := range 3 {
		before := server.Status().PID
		if err := unix.Kill(before, unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
		awaitRevival(t, server, before)
		checkKept(t, server.URL(), round+1)
		execute(t, server.URL(), keepOne)
	}
	if got := server.Status().Restarts; got != 3 {
		t.Errorf("%d restarts told, want 3", got)
	}
}

func awaitRevival(t *testing.T, server *pgembed.Server, before int) {
	t.Helper()
	begun := time.Now()
	await(t, "the server is back", func() bool { pid := server.Status().PID; return pid != 0 && pid != before })
	t.Logf("back after %v", time.Since(begun).Round(time.Millisecond))
}

// A backend that computes does not notice that its postmaster is gone, and holds the shared memory at
// which a new one refuses to start.
func TestServerComesBackBesideABusyBackend(t *testing.T) {
	server := start(t, madeCluster(t))
	conn := connect(t, server.URL())
	backend := int(conn.PgConn().PID())
	ctx, cancel := context.WithCancel(t.Context())
	cutOff := make(chan struct{})
	go func() {
		defer close(cutOff)
		_, _ = conn.Exec(ctx, `SELECT count(*) FROM generate_series(1, 1e11::bigint) n WHERE sqrt(n) < 0`)
	}()
	defer func() {
		cancel()
		<-cutOff
	}()
	await(t, "the backend computes", func() bool {
		return ask[bool](t, server.URL(), fmt.Sprintf(`SELECT state = 'active' FROM pg_stat_activity WHERE pid = %d`, backend))
	})
	before := server.Status().PID
	if err := unix.Kill(before, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	awaitRevival(t, server, before)
	if !ended(backend) {
		t.Error("the backend of the killed server still runs")
	}
}

func TestStartAfterBothWereKilled(t *testing.T) {
	dir := madeCluster(t)
	p := startParent(t, thisProgram(t), dir, nil).mustBeReady(t)
	execute(t, p.url, makeTable, keepOne)
	// The parent is frozen first, or it would start the server anew.
	for _, step := range []struct {
		pid    int
		signal unix.Signal
	}{{p.cmd.Process.Pid, unix.SIGSTOP}, {p.postmaster, unix.SIGKILL}} {
		if err := unix.Kill(step.pid, step.signal); err != nil {
			t.Fatal(err)
		}
	}
	p.kill(t)
	checkKept(t, start(t, dir).URL(), 1)
}

// Committing while the server is killed: what was acknowledged must be there, and nothing twice.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	server := start(t, madeCluster(t))
	execute(t, server.URL(), `CREATE TABLE kept (n int PRIMARY KEY)`)
	conn := connect(t, server.URL())
	go func() {
		time.Sleep(300 * time.Millisecond)
		_ = unix.Kill(server.Status().PID, unix.SIGKILL)
	}()
	acknowledged := 0
	for ; acknowledged < 1_000_000; acknowledged++ {
		if _, err := conn.Exec(t.Context(), `INSERT INTO kept VALUES ($1)`, acknowledged); err != nil {
			break
		}
	}
	await(t, "the server is back", func() bool { return server.Status().Restarts == 1 && server.Status().PID != 0 })
	got := ask[int](t, server.URL(), countKept)
	if got != acknowledged && got != acknowledged+1 { // the last may have gone in without our hearing of it
		t.Errorf("%d rows kept of %d acknowledged", got, acknowledged)
	}
}

func TestInterruptedInitIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	for _, delay := range []time.Duration{50, 300, 600, 900} {
		p, _ := launch(t, thisProgram(t), dir, nil)
		time.Sleep(delay * time.Millisecond)
		p.kill(t)
	}
	server := start(t, dir)
	if !ask[bool](t, server.URL(), `SELECT ST_IsValid(ST_Point(1, 1))`) {
		t.Error("PostGIS does not answer")
	}
	if _, err := os.Stat(filepath.Join(dir, "cluster.new")); err == nil {
		t.Error("the unfinished cluster is still there")
	}
}

// A server without a parent, as one that did not hear of its parent's death, is replaced.
func TestServerLeftBehindIsReplaced(t *testing.T) {
	dir := madeCluster(t)
	first := start(t, dir)
	execute(t, first.URL(), makeTable, keepOne)
	orphan := repeatDetached(t, first)

	second := start(t, dir)
	if second.Status().PID == orphan || !ended(orphan) {
		t.Errorf("the server left behind, %d, is still there", orphan)
	}
	checkKept(t, second.URL(), 1)
}

// repeatDetached closes the server and runs the same command again, but bound to nobody.
func repeatDetached(t *testing.T, server *pgembed.Server) int {
	t.Helper()
	proc := filepath.Join("/proc", strconv.Itoa(server.Status().PID))
	line, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.Open(filepath.Join(proc, "cwd"))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	info, err := data.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	makeSocketFolder(t, server.URL(), int(owner.Uid), int(owner.Gid))
	args := strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.ExtraFiles = "/", []*os.File{data}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if int(owner.Uid) != os.Geteuid() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait() }() // so that it does not stay as a zombie
	await(t, "the detached server is ready", func() bool {
		conn, err := tryConnect(t, server.URL())
		if err == nil {
			err = conn.Close(t.Context())
		}
		return err == nil
	})
	return cmd.Process.Pid
}

// makeSocketFolder makes the folder of the socket again, which a clean stop has removed.
func makeSocketFolder(t *testing.T, address string, uid, gid int) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dir := u.Query().Get("host")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.Chown(dir, uid, gid)); err != nil {
		t.Fatal(err)
	}
}

// After a restart of the machine, and more so of a container, the number in postmaster.pid is soon
// another program's.
func TestStaleNumberOfAnotherProgram(t *testing.T) {
	dir := madeCluster(t)
	server := start(t, dir)
	stale, err := os.ReadFile(filepath.Join(dir, "cluster", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	stale = []byte(strings.Replace(string(stale), strings.SplitN(string(stale), "\n", 2)[0], strconv.Itoa(os.Getpid()), 1))
	if err := os.WriteFile(filepath.Join(dir, "cluster", "postmaster.pid"), stale, 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
}

func TestWithoutRoot(t *testing.T) {
	program, as := thisProgram(t), (*syscall.Credential)(nil)
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		program, as = publicCopy(t), &syscall.Credential{Uid: 65534, Gid: 65534}
		dir = filepath.Join(filepath.Dir(program), "data")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	p := startParent(t, program, dir, as).mustBeReady(t)
	p.kill(t)
	p = startParent(t, program, dir, as).mustBeReady(t)
	if err := p.input.Close(); err != nil { // asks for a clean stop
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("clean stop: %v", err)
	}
	if !ended(p.postmaster) {
		t.Error("the server outlived a clean stop")
	}
}
