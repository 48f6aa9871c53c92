package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// shared is the folder of the shared server as one process sees it.
type shared struct{ dir string }

func (s shared) users() string    { return filepath.Join(s.dir, "users.lock") }    // shared: test processes; exclusive: the watchdog, on its way out
func (s shared) starting() string { return filepath.Join(s.dir, "starting.lock") } // who looks whether there is a watchdog
func (s shared) watchdog() string { return filepath.Join(s.dir, "watchdog.lock") } // held by the watchdog
func (s shared) state() string    { return filepath.Join(s.dir, "server.json") }   // where its server is
func (s shared) data() string     { return filepath.Join(s.dir, "data") }
func (s shared) output() string   { return filepath.Join(s.dir, "watchdog.log") }

// inUse keeps the lock that says that this process uses the shared server. It is never given back: it
// lasts as long as the process, like the need.
var inUse struct {
	sync.Mutex
	lock *os.File
}

// sharedServer finds the shared server, or starts it.
func sharedServer(ctx context.Context) (databases, error) {
	inUse.Lock()
	defer inUse.Unlock()
	s, err := sharedFolder()
	if err != nil {
		return databases{}, err
	}
	if inUse.lock == nil {
		if inUse.lock, err = lock(s.users(), unix.LOCK_SH); err != nil {
			return databases{}, err
		}
	}
	if server, err := s.answering(ctx); err == nil {
		return server, nil
	}
	starting, err := lock(s.starting(), unix.LOCK_EX)
	if err != nil {
		return databases{}, err
	}
	defer starting.Close()
	return s.start(ctx)
}

// sharedFolder is one for each user and each working copy.
func sharedFolder() (shared, error) {
	root, err := repository()
	if err != nil {
		return shared{}, err
	}
	sum := sha256.Sum256([]byte(root))
	name := fmt.Sprintf("yizhan-pgtest-%d-%s", os.Getuid(), hex.EncodeToString(sum[:4]))
	dir := filepath.Join(quickestFolder(), name)
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return shared{}, err
	}
	return shared{dir}, nil
}

// repository is the folder of go.mod, above the package whose tests run.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the folder of the test")
		}
	}
}

// start brings the server up under the starting lock. A watchdog that lives but whose server does not
// answer is given time: the server may have been killed, and is then started again.
func (s shared) start(ctx context.Context) (databases, error) {
	for end := time.Now().Add(time.Minute); ; {
		server, err := s.answering(ctx)
		if err == nil {
			return server, nil
		}
		if alone, err := s.withoutWatchdog(); err != nil {
			return databases{}, err
		} else if alone {
			return s.spawnWatchdog()
		}
		if time.Now().After(end) {
			return databases{}, fmt.Errorf("the shared server does not answer: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s shared) answering(ctx context.Context) (databases, error) {
	text, err := os.ReadFile(s.state())
	if err != nil {
		return databases{}, err
	}
	var server databases
	if err := json.Unmarshal(text, &server); err != nil {
		return databases{}, err
	}
	return server, server.execute(ctx, func(conn *pgx.Conn) error { return conn.Ping(ctx) })
}

func (s shared) withoutWatchdog() (bool, error) {
	file, err := lock(s.watchdog(), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, file.Close()
}

// spawnWatchdog runs this program again as the watchdog and waits for its word: nothing when the server
// is up, or what went wrong. The watchdog has no part in our standard streams, for which go test waits.
func (s shared) spawnWatchdog() (databases, error) {
	program, err := os.Executable()
	if err != nil {
		return databases{}, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return databases{}, err
	}
	defer read.Close()
	output, err := os.OpenFile(s.output(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return databases{}, errors.Join(err, write.Close())
	}
	cmd := exec.Command(program)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), watchdogVariable+"="+s.dir)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	err = cmd.Start()
	if err := errors.Join(err, write.Close(), output.Close()); err != nil {
		return databases{}, fmt.Errorf("start the watchdog: %w", err)
	}
	go func() { _ = cmd.Wait() }() // whoever of us ends first
	word, err := io.ReadAll(read)
	if err != nil || string(word) != watchdogReady {
		return databases{}, fmt.Errorf("the shared server did not start: %s (see %s)", word, s.output())
	}
	return s.answering(context.Background())
}

// lock opens and locks a file. The lock ends with the file, and at the latest with the process.
func lock(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(file.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(&fs.PathError{Op: "lock", Path: path, Err: err}, file.Close())
	}
	return file, nil
}
