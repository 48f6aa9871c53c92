package pgtest

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestWatchdogStaysWhileItIsNeeded(t *testing.T) {
	s := shared{t.TempDir()}
	user, err := lock(s.users(), unix.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		users *os.File
		err   error
	}
	idle := make(chan answer, 1)
	go func() {
		users, err := s.awaitIdle(50*time.Millisecond, time.Millisecond)
		idle <- answer{users, err}
	}()
	select {
	case <-idle:
		t.Fatal("it took itself for idle while it was needed")
	case <-time.After(200 * time.Millisecond):
	}
	if err := user.Close(); err != nil {
		t.Fatal(err)
	}
	end := <-idle
	if end.err != nil {
		t.Fatal(end.err)
	}
	// A test process that comes now has to wait until the server is gone.
	if _, err := lock(s.users(), unix.LOCK_SH|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		t.Errorf("a user came in while the server stops: %v", err)
	}
	if err := end.users.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := lock(s.users(), unix.LOCK_SH|unix.LOCK_NB); err != nil {
		t.Error(err)
	}
}

// The whole of it once: a server of its own, which is found, used, killed with its watchdog, and started
// again by the next who needs it.
func TestSharedServerIsStartedAgain(t *testing.T) {
	s := shared{t.TempDir()}
	user, err := lock(s.users(), unix.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		server, err := s.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := server.create(t.Context(), "test_left_over"); err != nil { // dropped by the next watchdog
			t.Fatal(err)
		}
		again, err := s.start(t.Context())
		if err != nil || again != server {
			t.Fatalf("a second look gives %+v, %v, want %+v", again, err, server)
		}
		killWatchdog(t, s)
	}
	if err := user.Close(); err != nil {
		t.Fatal(err)
	}
	server, err := s.startServer(t.Context()) // a clean stop leaves no folder of a socket behind
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
}

func killWatchdog(t *testing.T, s shared) {
	t.Helper()
	watchdog := s.watchdogPID(t)
	if err := unix.Kill(watchdog, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if alone, err := s.withoutWatchdog(); err != nil {
			t.Fatal(err)
		} else if alone && gone(s.dir+"/data/cluster/postmaster.pid") {
			return // and its server with it
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the watchdog does not end")
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

// watchdogPID is told by the lock of the data folder, which the watchdog owns.
func (s shared) watchdogPID(t *testing.T) (pid int) {
	t.Helper()
	text, err := os.ReadFile(s.dir + "/data/lock")
	if err != nil {
		t.Fatal(err)
	}
	for _, digit := range text {
		if digit >= '0' && digit <= '9' {
			pid = 10*pid + int(digit-'0')
		}
	}
	return pid
}
