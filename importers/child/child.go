// Package child runs a program that reads a hostile file: with limits of memory, time and output, killed with its
// parent, and without our paths in what it complains about.
package child

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/yizhan/yizhan"
)

// The limits of a child.
const (
	maxTime     = 10 * time.Minute
	maxCPU      = "600"       // seconds
	maxMemory   = 4 << 30     // bytes of addresses
	maxWritten  = "268435456" // bytes of a file: an index that is made again
	maxOpen     = "128"
	maxOutput   = 4 << 30 // bytes
	maxComplain = 4 << 10
)

// Command is what is run.
type Command struct {
	Folder    string // where it runs, and may write
	Env       []string
	Program   string
	Arguments []string
	Memory    int64 // bytes of addresses; 4 GB if 0
	// Explain makes an error for the reader of what the program complained about; empty if it said nothing.
	Explain func(complaint string) *yizhan.Error
}

// Run runs the program and hands its output to read.
func Run(ctx context.Context, c Command, read func(io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	limited := append([]string{fmt.Sprintf("--as=%d", cmp.Or(c.Memory, maxMemory)), "--cpu=" + maxCPU, "--fsize=" + maxWritten, "--nofile=" + maxOpen, "--core=0", "--", c.Program}, c.Arguments...)
	command := exec.CommandContext(ctx, "prlimit", limited...)
	command.Dir, command.Env = c.Folder, c.Env
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	complaints := &clipped{left: maxComplain}
	command.Stderr = complaints
	out, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("run %s: %w", c.Program, err)
	}
	var readErr error
	err = onOneThread(func() error {
		if err := command.Start(); err != nil {
			return err
		}
		readErr = read(&bounded{from: out, left: maxOutput})
		if readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF) { // at which the child says why
			cancel()
		}
		return command.Wait()
	})
	switch {
	case readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF):
		return readErr
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil || readErr != nil:
		return c.refused(complaints.String(), err)
	}
	return nil
}

// onOneThread keeps the thread that starts the child: the child gets its signal when that thread ends, not the
// process.
func onOneThread(do func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- do()
	}()
	return <-done
}

// refused says what the program complained about: the first line that is no warning, without our paths.
func (c *Command) refused(complaint string, err error) error {
	var first string
	for line := range strings.Lines(complaint) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "Warning") {
			first = line
			break
		}
	}
	first = strings.ReplaceAll(strings.ReplaceAll(first, c.Folder+"/", ""), c.Folder, "")
	if len(first) > 200 {
		first = first[:200]
	}
	told := c.Explain(strings.ToValidUTF8(first, "�"))
	told.Err = err
	return told
}

// clipped keeps the beginning of what is written to it.
type clipped struct {
	bytes.Buffer
	left int
}

func (c *clipped) Write(p []byte) (int, error) {
	keep := p[:min(len(p), c.left)]
	c.left -= len(keep)
	c.Buffer.Write(keep) // never fails
	return len(p), nil
}

// bounded ends with an error when more comes than may.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, yizhan.Errorf(yizhan.CodeTooLarge, "file", "holds more than %d GB", int64(maxOutput>>30))
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
