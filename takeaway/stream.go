package takeaway

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Stream is a file that can be read while it is written. It grows on disk as fast as the city is read, so that no slow
// reader holds a snapshot of the database, and no row waits in memory. What goes wrong on the way is an error of Read:
// whoever sends it on breaks off.
type Stream struct {
	File
	// Known tells that the file was whole before it was given: Rows and Bytes are known, and nothing can go wrong any
	// more.
	Known bool

	file   *os.File
	cancel context.CancelFunc

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when the file has grown or is done
	size    int64
	isDone  bool
	failed  error
	at      int64 // that is read
	done    chan struct{}
}

// HeadStart is how long a file may take to be given whole. One that takes longer is given as it is written.
const HeadStart = 100 * time.Millisecond

// CanStream tells whether the file is written from front to end, and ends where it breaks off: no index or trailer
// would be missing from one that looks whole.
func (w *Wanted) CanStream() bool {
	format, err := FormatOf(w.Format)
	return err == nil && format.text
}

// WriteAhead begins to make a file in a folder, and gives it once it is whole or has its first bytes. An error before that is
// an error here. The context is for all of it; Close ends it.
func WriteAhead(ctx context.Context, folder string, wanted Wanted, source Source) (*Stream, error) {
	format, file, err := wanted.open(folder)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	s := &Stream{file: file, changed: make(chan struct{}), done: make(chan struct{})}
	ctx, s.cancel = context.WithCancel(ctx)
	reading := &reading{ctx: ctx, query: wanted.Query, source: source}
	go func() {
		defer close(s.done)
		s.finish(wanted.fill(ctx, format, folder, (*growing)(s), reading))
	}()
	if err := s.begun(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.File = wanted.named(format, reading.seq)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Known = s.isDone; s.Known {
		s.Rows, s.Bytes = reading.rows, s.size
	}
	return s, nil
}

// begun waits until the file is whole, or has its first bytes and had its head start.
func (s *Stream) begun() error {
	early := time.After(HeadStart)
	for {
		s.mu.Lock()
		changed, size, isDone, failed := s.changed, s.size, s.isDone, s.failed
		s.mu.Unlock()
		switch {
		case isDone:
			return failed
		case early == nil && size > 0:
			return nil
		}
		select {
		case <-changed:
		case <-early:
			early = nil
		}
	}
}

// growing is the side that is written to.
type growing Stream

// Write appends to the file.
func (g *growing) Write(p []byte) (int, error) {
	n, err := g.file.WriteAt(p, g.size) // only the writer changes the size
	g.mu.Lock()
	g.size += int64(n)
	close(g.changed)
	g.changed = make(chan struct{})
	g.mu.Unlock()
	return n, err
}

func (s *Stream) finish(err error) {
	s.mu.Lock()
	s.isDone, s.failed = true, err
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
}

// Read reads on, and waits for what is not written yet. Only one may read at a time.
func (s *Stream) Read(p []byte) (int, error) {
	for {
		s.mu.Lock()
		changed, size, isDone, failed := s.changed, s.size, s.isDone, s.failed
		s.mu.Unlock()
		switch {
		case s.at < size:
			n, err := s.file.ReadAt(p[:min(int64(len(p)), size-s.at)], s.at)
			s.at += int64(n)
			return n, err
		case failed != nil:
			return 0, failed
		case isDone:
			return 0, io.EOF
		}
		<-changed
	}
}

// Done is closed when nothing is written any more.
func (s *Stream) Done() <-chan struct{} { return s.done }

// Close ends the writing, too.
func (s *Stream) Close() error {
	s.cancel()
	<-s.done
	return s.file.Close()
}
