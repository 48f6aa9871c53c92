package pgtest

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	memoryFolder = "/dev/shm"
	memoryWanted = 4 << 30 // bytes; the databases of a whole run take a fraction of it
)

// quickestFolder is where the shared server lies: in memory if there is a file system of it that is large enough, as
// making a database is making 300 files, for each test, which takes a disk five times as long. It looks at nothing that
// changes, so that all processes come to the same folder. Who sets TMPDIR knows better.
func quickestFolder() string {
	var memory unix.Statfs_t
	if os.Getenv("TMPDIR") != "" || unix.Statfs(memoryFolder, &memory) != nil {
		return os.TempDir()
	}
	if memory.Type != unix.TMPFS_MAGIC || memory.Blocks*uint64(memory.Bsize) < memoryWanted {
		return os.TempDir()
	}
	return memoryFolder
}

// leaveMemory gives back the memory that the cluster took; on a disk the cluster stays for the next run.
func (s shared) leaveMemory() error {
	if !strings.HasPrefix(s.dir, memoryFolder+string(filepath.Separator)) {
		return nil
	}
	return os.RemoveAll(s.data())
}
