package pgembed

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLog bounds the server's log; one older part of that size is kept beside it.
const maxLog = 8 << 20

func (c *cluster) logPath() string { return filepath.Join(c.dir, "log", "postgres.log") }

// openLog opens the log that the server writes to directly: what it says after our death is the part
// most wanted later, and a pipe would lose it.
func (c *cluster) openLog() (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(c.logPath()), 0o700); err != nil {
		return nil, fmt.Errorf("private PostGIS: log: %w", err)
	}
	log, err := os.OpenFile(c.logPath(), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("private PostGIS: log: %w", err)
	}
	return log, nil
}

// rotateLog moves a log that has grown too large aside by copying: the server keeps its file open and,
// appending, goes on at the start once it is cut. Lines written in between are lost.
func (c *cluster) rotateLog(log *os.File) error {
	info, err := log.Stat()
	if err != nil || info.Size() < maxLog {
		return err
	}
	older, err := os.OpenFile(c.logPath()+".1", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	from := max(0, info.Size()-maxLog)
	_, err = io.Copy(older, io.NewSectionReader(log, from, info.Size()-from))
	if err := errors.Join(err, older.Close()); err != nil {
		return err
	}
	return log.Truncate(0)
}

// epitaph tells how a server ended: its state, and its last complaint unless a signal cut it short.
func (c *cluster) epitaph(dead *postmaster) string {
	state := dead.cmd.ProcessState
	if !state.Exited() {
		return state.String()
	}
	return fmt.Sprintf("%v: %s", state, c.lastComplaint(dead.said))
}

// lastComplaint is the last thing the log says about a failure since the given place in it, for an error
// message.
func (c *cluster) lastComplaint(since int64) string {
	log, err := os.Open(c.logPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "it left no log"
	}
	if err != nil {
		return err.Error()
	}
	defer log.Close()
	if info, err := log.Stat(); err == nil && info.Size() >= since {
		_, _ = log.Seek(max(since, info.Size()-16<<10), io.SeekStart) // else it was rotated: read it all
	}
	complaint, last := "", "it left no word"
	for lines := bufio.NewScanner(log); lines.Scan(); {
		last = lines.Text()
		if strings.Contains(last, "FATAL:") || strings.Contains(last, "PANIC:") {
			complaint = last
		}
	}
	if complaint == "" {
		complaint = last
	}
	return fmt.Sprintf("%s (see %s)", complaint, c.logPath())
}
