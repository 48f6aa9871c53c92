package pgembed

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// How often we look whether something has come about that we cannot wait for.
const glance = 5 * time.Millisecond

// settings suit a machine with a few GB that runs the application too.
func (c *cluster) arguments() []string {
	settings := map[string]string{
		"listen_addresses":        "", // no TCP at all
		"port":                    socketPort,
		"unix_socket_directories": c.socketDir,
		"unix_socket_permissions": "0700",
		"max_connections":         "100",
		"shared_buffers":          "256MB",
		"max_wal_size":            "1GB",
		"random_page_cost":        "1.1", // solid-state disks
		"jit":                     "off", // it costs a third of short spatial queries
		"fsync":                   "on",
		"synchronous_commit":      "on", // an acknowledged write is never lost
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"lc_messages":             "C",
		// Statements, their parameters and the rows that break a rule may hold personal data.
		"log_min_error_statement":           "panic",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_error_verbosity":               "terse",
	}
	maps.Copy(settings, c.settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// command prepares a PostgreSQL program that works on the given data directory as the account. The
// program leads a session of its own: a Ctrl+C at the terminal is for us, and we stop it in our order.
//
// Where the account cannot pass through the folders above the directory, the program gets it as an open
// file and names it through /proc, which needs no way through.
func (c *cluster) command(name, data string, args ...string) (*exec.Cmd, func(), error) {
	cmd := exec.Command(c.programs.path(name))
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", "HOME=/"}
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	if c.account.drop {
		cmd.SysProcAttr.Credential = c.account.credential()
	}
	done := func() {}
	if !c.account.reaches(data) {
		dir, err := os.Open(data)
		if err != nil {
			return nil, nil, fmt.Errorf("private PostGIS: %w", err)
		}
		done = func() { _ = dir.Close() }
		cmd.ExtraFiles = []*os.File{dir}
		data = "/proc/self/fd/3"
	}
	cmd.Args = append(cmd.Args, "-D", data)
	cmd.Args = append(cmd.Args, args...)
	return cmd, done, nil
}

// postmaster is a server process that is our child.
type postmaster struct {
	cmd  *exec.Cmd
	said int64         // where in the log its words begin
	gone chan struct{} // closed when it has ended
}

// spawn starts the server process. The thread it is called on must live as long as this process means to
// keep the server: the kernel sends the parent-death signal when the thread that forked ends.
func (c *cluster) spawn(log *os.File) (*postmaster, error) {
	if err := checkSpace(c.dir, spaceToStart); err != nil {
		return nil, err
	}
	if err := makePrivate(c.socketDir, c.account); err != nil { // a cleaner of /tmp may have been there
		return nil, fmt.Errorf("private PostGIS: folder of the socket: %w", err)
	}
	if err := clearSockets(c.socketDir); err != nil {
		return nil, err
	}
	cmd, done, err := c.command("postgres", c.data, c.arguments()...)
	if err != nil {
		return nil, err
	}
	defer done()
	cmd.SysProcAttr.Pdeathsig = unix.SIGINT // fast shutdown
	cmd.Stdout, cmd.Stderr = log, log
	said, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("private PostGIS: log: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("private PostGIS: start %s: %w", cmd.Path, err)
	}
	p := &postmaster{cmd: cmd, said: said, gone: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // ProcessState tells
		close(p.gone)
	}()
	return p, nil
}

func (p *postmaster) pid() int { return p.cmd.Process.Pid }

// awaitReady waits until this very process, and no other, says that it takes connections. Recovery after
// a crash may take a while; ctx sets the end.
func (p *postmaster) awaitReady(ctx context.Context, c *cluster) error {
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if pid, ready := c.readPID(); ready && pid == p.pid() {
				return nil
			}
		case <-p.gone:
			return fmt.Errorf("private PostGIS: the server ended as it started: %s", c.epitaph(p))
		case <-ctx.Done():
			return fmt.Errorf("private PostGIS: the server is not ready: %w", ctx.Err())
		}
	}
}

// stop ends the server: first by a fast shutdown, which rolls back what is open and writes a checkpoint,
// then ever harder. Whatever it takes, committed data is in the write-ahead log.
func (p *postmaster) stop() error {
	for _, step := range stopSteps() {
		if err := p.cmd.Process.Signal(step.signal); err != nil {
			break // it has ended
		}
		select {
		case <-p.gone:
			if step.signal != unix.SIGINT {
				return fmt.Errorf("private PostGIS: the server had to be stopped by %v", step.signal)
			}
			return nil
		case <-time.After(step.patience):
		}
	}
	<-p.gone
	return nil
}

type stopStep struct {
	signal   unix.Signal
	patience time.Duration
}

func stopSteps() []stopStep {
	return []stopStep{{unix.SIGINT, 30 * time.Second}, {unix.SIGQUIT, 10 * time.Second}, {unix.SIGKILL, 10 * time.Second}}
}

// readPID reads who runs the cluster and whether connections are taken, from postmaster.pid: its first
// line is the process and its eighth the state.
func (c *cluster) readPID() (pid int, ready bool) {
	text, err := os.ReadFile(filepath.Join(c.data, "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return 0, false
	}
	return pid, len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}
