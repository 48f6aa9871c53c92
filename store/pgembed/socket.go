package pgembed

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A unix socket address has room for 107 bytes and a closing zero; past that bind fails, or worse,
// cuts the name.
const maxSocketPath = 107

const (
	socketPort = "5432" // only a part of the socket's name: no port is opened
	socketName = ".s.PGSQL." + socketPort
)

// makeSocketDir makes the folder of the socket: in the data folder, or when that path is too long or the
// server's account cannot reach it, in a short private one that every owner of the data folder computes
// alike.
func makeSocketDir(dir string, acc account) (string, error) {
	var problems error
	for _, candidate := range socketDirs(dir, acc) {
		if path := filepath.Join(candidate, socketName); len(path) > maxSocketPath {
			problems = errors.Join(problems, fmt.Errorf("%s has %d bytes, and a socket path ends at %d", path, len(path), maxSocketPath))
			continue
		}
		err := makePrivate(candidate, acc)
		if err == nil {
			return candidate, nil
		}
		problems = errors.Join(problems, err)
	}
	return "", fmt.Errorf("private PostGIS: no place for the socket: %w", problems)
}

func socketDirs(dir string, acc account) []string {
	var dirs []string
	if acc.reaches(dir) {
		dirs = append(dirs, filepath.Join(dir, "run"))
	}
	sum := sha256.Sum256([]byte(dir))
	name := "yizhan-" + hex.EncodeToString(sum[:8])
	if acc.drop {
		dirs = append(dirs, filepath.Join("/run", name))
	} else if runtime := os.Getenv("XDG_RUNTIME_DIR"); runtime != "" {
		dirs = append(dirs, filepath.Join(runtime, name))
	}
	return append(dirs, filepath.Join("/tmp", name))
}

// makePrivate makes a folder that only the account (and root) may enter: whoever reaches the socket is
// trusted. One that exists in a place open to all must not be somebody else's.
func makePrivate(dir string, acc account) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, err := ownerUID(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || owner != acc.uid && owner != uint32(os.Geteuid()) {
		return fmt.Errorf("%s is not a folder of ours: it belongs to %s", dir, nameOf(owner))
	}
	if owner != acc.uid {
		if err := acc.own(dir); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o700)
}

// leaveSocketDir removes the folder of the socket when it is not in the data folder.
func (c *cluster) leaveSocketDir() error {
	if filepath.Dir(c.socketDir) == c.dir {
		return nil
	}
	if err := errors.Join(clearSockets(c.socketDir), os.Remove(c.socketDir)); err != nil {
		return fmt.Errorf("private PostGIS: folder of the socket: %w", err)
	}
	return nil
}

// clearSockets removes what a killed server left. Its lock file names a process number that may by now
// belong to any other program, at which PostgreSQL would refuse to start.
func clearSockets(dir string) error {
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("private PostGIS: %w", err)
		}
	}
	return nil
}
