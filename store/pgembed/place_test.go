package pgembed

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoDiskSpace(t *testing.T) {
	err := checkSpace(t.TempDir(), 1<<60)
	if err == nil || !strings.Contains(err.Error(), "no disk space") {
		t.Errorf("got %v", err)
	}
	if err := checkSpace(t.TempDir(), 1); err != nil {
		t.Error(err)
	}
}

func TestNoPlaceForTheSocket(t *testing.T) {
	acc, err := accountFor(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	for _, candidate := range socketDirs(dir, acc) {
		if len(filepath.Join(candidate, socketName)) <= maxSocketPath { // taken by something that is no folder
			if err := os.WriteFile(candidate, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Remove(candidate) })
		}
	}
	_, err = makeSocketDir(dir, acc)
	if err == nil || !strings.Contains(err.Error(), "no place for the socket") || !strings.Contains(err.Error(), "is not a folder of ours") {
		t.Errorf("got %v", err)
	}
}

func TestRotateLog(t *testing.T) {
	c := &cluster{dir: t.TempDir()}
	log, err := c.openLog()
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	check := func(wantLog, wantOlder int64) {
		t.Helper()
		if err := c.rotateLog(log); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]int64{c.logPath(): wantLog, c.logPath() + ".1": wantOlder} {
			info, err := os.Stat(path)
			if errors.Is(err, os.ErrNotExist) && want == 0 {
				continue
			}
			if err != nil || info.Size() != want {
				t.Errorf("%s: %v, %v, want %d bytes", path, info, err, want)
			}
		}
	}
	write := func(bytes []byte) {
		t.Helper()
		if _, err := log.Write(bytes); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("one\n"))
	check(4, 0)
	write(bytes.Repeat([]byte{'x'}, maxLog+100))
	check(0, maxLog)
	write([]byte("two\n")) // a server that appends goes on at the start
	check(4, maxLog)
}

func TestLastComplaint(t *testing.T) {
	c := &cluster{dir: t.TempDir()}
	log, err := c.openLog()
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	check := func(since int64, want string) {
		t.Helper()
		if got := c.lastComplaint(since); !strings.HasPrefix(got, want) {
			t.Errorf("since %d: %q, want %q", since, got, want)
		}
	}
	check(0, "it left no word")
	if _, err := log.WriteString("FATAL:  old\nLOG:  late\n"); err != nil {
		t.Fatal(err)
	}
	check(0, "FATAL:  old")
	check(12, "LOG:  late")
	check(1000, "FATAL:  old") // cut since
}

func TestMayPass(t *testing.T) {
	dir := t.TempDir()
	info := func(mode os.FileMode) os.FileInfo {
		t.Helper()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	self := account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	group := account{uid: 1234567, groups: []uint32{uint32(os.Getegid())}}
	other := account{uid: 1234567, gid: 1234567}
	for _, test := range []struct {
		name string
		who  account
		mode os.FileMode
		want bool
	}{
		{"owner", self, 0o700, true},
		{"owner shut out", self, 0o677, false},
		{"group", group, 0o710, true},
		{"group shut out", group, 0o701, false},
		{"other", other, 0o701, true},
		{"other shut out", other, 0o770, false},
	} {
		if got := test.who.mayPass(info(test.mode)); got != test.want {
			t.Errorf("%s through %v: %v, want %v", test.name, test.mode, got, test.want)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
