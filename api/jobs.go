package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// JobState is where a job stands in its life.
type JobState string

// The states of a job. The last three are final.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobDone      JobState = "done"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// final tells whether a job in the state stays as it is.
func (s JobState) final() bool { return s == JobDone || s == JobFailed || s == JobCancelled }

// Progress says how far work has come.
type Progress struct {
	Stage     string   // what is being done, in a word
	Done      int64    // of Total
	Total     int64    // 0 if unknown
	Incumbent *float64 // the value of the best answer so far; nil for none
	Bound     *float64 // what no answer can be better than; nil if unknown
}

// Job is the state of a job at one moment.
type Job struct {
	ID       string
	Kind     string
	State    JobState
	Progress Progress
	Result   []byte // JSON, when done; not to be written to
	Err      error  // when failed
	Created  time.Time
	Started  time.Time // zero before
	Ended    time.Time // zero before
}

// Work is what a job does. It should look at ctx often: it ends when the job is cancelled, takes too long
// or the server is shut down. progress may be called at any rate, from any goroutine. The result is JSON.
type Work func(ctx context.Context, progress func(Progress)) ([]byte, error)

// jobLimits bound the jobs of a process.
type jobLimits struct {
	running   int           // at once
	queued    int           // behind those
	runs      time.Duration // how long one may run
	kept      int           // jobs that have ended and can still be asked for …
	keptBytes int           // … the size of their results, all together …
	keptFor   time.Duration // … and for how long
}

// retryWhenFull is when a client that found the queue full may try again.
const retryWhenFull = 5 * time.Second

// jobs runs long work, a few at a time, and keeps what came out of it for a while. They are this process's
// own: another one does not know them. It is safe for concurrent use.
type jobs struct {
	limits jobLimits
	now    func() time.Time
	logger *slog.Logger
	ctx    context.Context // of the server; nothing begins after it has ended

	mu      sync.Mutex
	closed  bool
	byID    map[string]*job
	byKey   map[string]*job // those that answer the same question again
	queue   []*job
	ended   []*job // in the order in which they did
	bytes   int    // of their results
	running int    // places taken: also by work that was cancelled and has not returned
	counts  map[JobState]int
	tasks   sync.WaitGroup
}

// job is a job with what the others must not see. jobs.mu guards it.
type job struct {
	Job
	key     string
	work    Work
	cancel  context.CancelFunc // while it runs
	serial  int64              // grows with every change
	changed chan struct{}      // closed and replaced at every change
}

func newJobs(ctx context.Context, limits jobLimits, now func() time.Time, logger *slog.Logger) *jobs {
	return &jobs{limits: limits, now: now, logger: logger, ctx: ctx, byID: map[string]*job{}, byKey: map[string]*job{}, counts: map[JobState]int{}}
}

// Submit makes a job of the work, or gives the one that answers the same question: with the same kind and
// key, and waiting, running or done. The key must say all that the answer depends on, the seq of the data
// included. The error is one for the client: the queue is full, or the server is being shut down.
func (j *jobs) Submit(kind, key string, work Work) (Job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget()
	key = kind + "\x00" + key
	if same := j.byKey[key]; same != nil {
		return same.Job, nil
	}
	switch {
	case j.closed || j.ctx.Err() != nil:
		return Job{}, unavailable("the server is being shut down", nil)
	case j.running >= j.limits.running && len(j.queue) >= j.limits.queued:
		full := unavailable(fmt.Sprintf("%d long questions are waiting already; try again later", len(j.queue)), nil)
		full.retryAfter = retryWhenFull
		return Job{}, full
	}
	added := &job{Job: Job{ID: newJobID(), Kind: kind, State: JobQueued, Created: j.now()}, key: key, work: work, changed: make(chan struct{})}
	j.byID[added.ID], j.byKey[key] = added, added
	j.queue = append(j.queue, added)
	j.next()
	return added.Job, nil
}

// newJobID makes 80 random bits into 20 digits: who does not know a job cannot cancel it.
func newJobID() string {
	var random [10]byte
	rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// next begins what waits, as far as there are places. mu is held.
func (j *jobs) next() {
	for j.running < j.limits.running && len(j.queue) > 0 && !j.closed {
		first := j.queue[0]
		j.queue = slices.Delete(j.queue, 0, 1)
		ctx, cancel := context.WithTimeout(j.ctx, j.limits.runs)
		first.State, first.Started, first.cancel = JobRunning, j.now(), cancel
		first.tell()
		j.running++
		work := first.work
		j.tasks.Go(func() {
			defer cancel()
			result, err := work.run(ctx, func(p Progress) { j.note(first, p) })
			j.leave(ctx, first, result, err)
		})
	}
}

// run does the work, and makes a panic in it an error.
func (work Work) run(ctx context.Context, progress func(Progress)) (result []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return work(ctx, progress)
}

// note remembers how far a job has come.
func (j *jobs) note(of *job, p Progress) {
	p.Incumbent, p.Bound = finite(p.Incumbent), finite(p.Bound)
	j.mu.Lock()
	defer j.mu.Unlock()
	if of.State == JobRunning {
		of.Progress = p
		of.tell()
	}
}

// finite copies a figure, so that the work may go on to change it; nil for what JSON cannot hold.
func finite(x *float64) *float64 {
	if x == nil || math.IsNaN(*x) || math.IsInf(*x, 0) {
		return nil
	}
	value := *x
	return &value
}

// leave gives back the place of a job whose work has returned.
func (j *jobs) leave(ctx context.Context, of *job, result []byte, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.running--
	defer j.next()
	if of.State != JobRunning { // cancelled meanwhile
		return
	}
	switch {
	case err == nil:
		of.Result = result
		j.end(of, JobDone)
	case errors.Is(ctx.Err(), context.Canceled): // the server is being shut down
		j.end(of, JobCancelled)
	default:
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("after %v: %w", j.limits.runs, context.DeadlineExceeded)
		}
		of.Err = err
		j.end(of, JobFailed)
		if problem := problemOf(err); problem.Status >= 500 {
			j.logger.Error("job failed", "job", of.ID, "kind", of.Kind, "error", err)
		}
	}
}

// end makes a job's state a final one. Only what is done answers the same question again. mu is held.
func (j *jobs) end(of *job, state JobState) {
	of.State, of.Ended, of.work, of.cancel = state, j.now(), nil, nil
	of.tell()
	if state != JobDone {
		delete(j.byKey, of.key)
	}
	j.counts[state]++
	j.bytes += len(of.Result)
	j.ended = append(j.ended, of)
	j.forget()
}

// forget drops the oldest of what has ended, as far as it is over a limit. The newest is kept even if its
// result alone is over: somebody waits for it. mu is held.
func (j *jobs) forget() {
	for len(j.ended) > 0 {
		oldest := j.ended[0]
		expired := j.now().Sub(oldest.Ended) >= j.limits.keptFor
		crowded := len(j.ended) > 1 && (len(j.ended) > j.limits.kept || j.bytes > j.limits.keptBytes)
		if !expired && !crowded {
			return
		}
		j.ended = slices.Delete(j.ended, 0, 1)
		j.bytes -= len(oldest.Result)
		delete(j.byID, oldest.ID)
		if j.byKey[oldest.key] == oldest {
			delete(j.byKey, oldest.key)
		}
	}
}

// Cancel ends a job that waits or runs, for all who asked its question; one that has ended stays as it is.
// The place of one that runs is free when its work has returned.
func (j *jobs) Cancel(id string) (Job, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget()
	of := j.byID[id]
	if of == nil {
		return Job{}, false
	}
	switch of.State {
	case JobQueued:
		j.queue = slices.DeleteFunc(j.queue, func(other *job) bool { return other == of })
		j.end(of, JobCancelled)
	case JobRunning:
		of.cancel()
		j.end(of, JobCancelled)
	}
	return of.Job, true
}

// Find gives a job.
func (j *jobs) Find(id string) (Job, bool) {
	found, _, _, ok := j.watch(id)
	return found, ok
}

// watch gives a job, a number that grows with every change of it, and a channel that is closed at the next.
func (j *jobs) watch(id string) (found Job, serial int64, changed <-chan struct{}, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget()
	of := j.byID[id]
	if of == nil {
		return Job{}, 0, nil, false
	}
	return of.Job, of.serial, of.changed, true
}

// tell wakes those who watch. mu is held.
func (of *job) tell() {
	of.serial++
	close(of.changed)
	of.changed = make(chan struct{})
}

// count is how many jobs are in a state; of final ones, since the process began.
func (j *jobs) count(state JobState) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch state {
	case JobQueued:
		return len(j.queue)
	case JobRunning:
		return j.running
	}
	return j.counts[state]
}

// close cancels what waits and waits for what runs, whose context has ended with the server's. It tells
// whether all of that returned in time.
func (j *jobs) close(patience time.Duration) bool {
	j.mu.Lock()
	j.closed = true
	for _, waiting := range j.queue {
		j.end(waiting, JobCancelled)
	}
	j.queue = nil
	j.mu.Unlock()
	returned := make(chan struct{})
	go func() {
		j.tasks.Wait()
		close(returned)
	}()
	select {
	case <-returned:
		return true
	case <-time.After(patience):
		return false
	}
}
