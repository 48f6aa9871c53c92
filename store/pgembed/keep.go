package pgembed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
)

// A server that dies is started again after a pause that doubles each time, and is short again once a
// server has run for a while.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 10 * time.Second
	steady     = time.Minute
)

// keep brings the server up, tells started how that went, and keeps it up until Close.
//
// It holds one operating system thread all the while: the server is to die with its parent, and the
// kernel takes the end of the forking thread for that. Go ends idle threads, so the thread must be ours.
func (s *Server) keep(ctx context.Context, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.stopped)
	defer s.lock.Close()

	log, err := s.cluster.openLog()
	if err != nil {
		started <- err
		return
	}
	defer log.Close()
	process, err := s.bringUp(ctx, log)
	started <- err
	if err != nil {
		return
	}
	err = errors.Join(s.watch(process, log), s.cluster.leaveSocketDir())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeErr = err
	s.status.PID = 0
	if s.status.Err == nil {
		s.status.Err = errors.New("private PostGIS: closed")
	}
}

// watch waits for Close and meanwhile starts anew whatever dies.
func (s *Server) watch(process *postmaster, log *os.File) error {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	for {
		select {
		case <-s.stop:
			return process.stop()
		case <-minute.C:
			if err := s.cluster.rotateLog(log); err != nil {
				s.logger.Warn("private PostGIS: log not rotated", "err", err)
			}
		case <-process.gone:
			if process = s.revive(process, log); process == nil {
				return nil // closed while down
			}
		}
	}
}

// revive brings the server up again, however often that takes; nil when Close came first.
func (s *Server) revive(dead *postmaster, log *os.File) *postmaster {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := fmt.Errorf("private PostGIS: the server died: %s", s.cluster.epitaph(dead))
	for {
		pause := s.down(err)
		s.logger.Error("private PostGIS: down, starting again", "err", err, "pause", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		var process *postmaster
		if process, err = s.bringUp(ctx, log); err == nil {
			return process
		}
	}
}

// down notes a failure and tells how long to pause.
func (s *Server) down(err error) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.PID != 0 && time.Since(s.status.Since) > steady {
		s.pause = 0
	}
	s.pause = min(lastPause, max(firstPause, 2*s.pause))
	s.status.PID, s.status.Err = 0, err
	s.status.Restarts++
	return s.pause
}

// bringUp makes the cluster if need be, clears the way, starts the server, waits for it and makes sure
// of the database in it.
func (s *Server) bringUp(ctx context.Context, log *os.File) (*postmaster, error) {
	begun := time.Now()
	fresh := !s.cluster.exists
	if fresh {
		if err := s.cluster.init(ctx); err != nil {
			return nil, err
		}
	} else if err := s.cluster.settle(ctx, s.logger); err != nil {
		return nil, err
	}
	process, err := s.cluster.spawn(log)
	if err != nil {
		return nil, err
	}
	err = process.awaitReady(ctx, s.cluster)
	if err == nil {
		err = s.ensureDatabase(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, process.stop())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.PID, s.status.Since, s.status.Err = process.pid(), time.Now(), nil
	s.logger.Info("private PostGIS: ready", "pid", process.pid(), "took", time.Since(begun).Round(time.Millisecond), "new", fresh)
	return process, nil
}
