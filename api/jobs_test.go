package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

// desk is a set of jobs on a clock of its own.
type desk struct {
	*jobs
	logs  logBuffer
	clock atomic.Int64 // seconds after noon
	stop  context.CancelFunc
}

func newDesk(t *testing.T, bend ...func(*jobLimits)) *desk {
	t.Helper()
	d := &desk{}
	limits := jobLimits{running: 2, queued: 32, runs: time.Minute, kept: 1000, keptBytes: 1 << 20, keptFor: time.Hour}
	for _, b := range bend {
		b(&limits)
	}
	var ctx context.Context
	ctx, d.stop = context.WithCancel(context.Background())
	d.jobs = newJobs(ctx, limits, func() time.Time { return noon.Add(time.Duration(d.clock.Load()) * time.Second) }, slog.New(slog.NewTextHandler(&d.logs, nil)))
	t.Cleanup(func() {
		d.stop()
		if !d.close(5 * time.Second) {
			t.Error("work goes on after the end")
		}
	})
	return d
}

func (d *desk) submit(t *testing.T, key string, work Work) Job {
	t.Helper()
	made, err := d.Submit("test", key, work)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// await waits for a state.
func await(t *testing.T, j *jobs, id string, state JobState) Job {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		found, _, changed, ok := j.watch(id)
		switch {
		case !ok:
			t.Fatalf("job %s is gone", id)
		case found.State == state:
			return found
		case found.State.final():
			t.Fatalf("job is %s (%v), want %s", found.State, found.Err, state)
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("job is %s, want %s", found.State, state)
		}
	}
}

func answering(text string) Work {
	return func(context.Context, func(Progress)) ([]byte, error) { return []byte(text), nil }
}

// waiting works until it is let go or cancelled.
func waiting(let <-chan struct{}) Work {
	return func(ctx context.Context, _ func(Progress)) ([]byte, error) {
		select {
		case <-let:
			return []byte(`"let go"`), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// TestManyJobsAtOnce submits a hundred at once where two run and 32 wait, cancels half of those that got in,
// and sees the rest through.
func TestManyJobsAtOnce(t *testing.T) {
	d := newDesk(t)
	let := make(chan struct{})
	var running, most, begun atomic.Int64
	work := func(ctx context.Context, progress func(Progress)) ([]byte, error) {
		begun.Add(1)
		now := running.Add(1)
		defer running.Add(-1)
		for {
			if seen := most.Load(); now <= seen || most.CompareAndSwap(seen, now) {
				break
			}
		}
		progress(Progress{Stage: "waiting"})
		return waiting(let)(ctx, progress)
	}
	var mu sync.Mutex
	var ids []string
	refused := 0
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() {
			made, err := d.Submit("test", fmt.Sprint(i), work)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				ids = append(ids, made.ID)
				return
			}
			refused++
			if p := problemOf(err); p.Status != http.StatusServiceUnavailable || p.retryAfter != retryWhenFull {
				t.Errorf("refused with %+v", p)
			}
		})
	}
	wait.Wait()
	if len(ids) != 34 || refused != 66 || d.count(JobQueued) != 32 || d.count(JobRunning) != 2 {
		t.Fatalf("%d got in, %d refused, %d wait, %d run", len(ids), refused, d.count(JobQueued), d.count(JobRunning))
	}
	for i, id := range ids {
		wait.Go(func() {
			if i%2 == 0 {
				if cancelled, ok := d.Cancel(id); !ok || cancelled.State != JobCancelled {
					t.Errorf("cancelled is %+v", cancelled)
				}
			}
		})
	}
	wait.Wait()
	close(let)
	for i, id := range ids {
		if i%2 == 0 {
			await(t, d.jobs, id, JobCancelled)
		} else if got := await(t, d.jobs, id, JobDone); string(got.Result) != `"let go"` {
			t.Errorf("result %s", got.Result)
		}
	}
	waitFor(t, func() bool { return d.count(JobRunning) == 0 })
	if most.Load() > 2 || d.count(JobDone) != 17 || d.count(JobCancelled) != 17 || d.count(JobQueued) != 0 {
		t.Errorf("%d ran at once; %d done, %d cancelled", most.Load(), d.count(JobDone), d.count(JobCancelled))
	}
	started := int64(0) // what was cancelled while it waited never began; how many that is, nobody knows before
	for _, id := range ids {
		if ended, ok := d.Find(id); ok && !ended.Started.IsZero() {
			started++
		}
	}
	if begun.Load() != started || started < 17 {
		t.Errorf("%d began, %d say that they did", begun.Load(), started)
	}
}

func TestTheSameQuestionIsOneJob(t *testing.T) {
	d := newDesk(t)
	let := make(chan struct{})
	var calls atomic.Int64
	work := func(ctx context.Context, progress func(Progress)) ([]byte, error) {
		calls.Add(1)
		return waiting(let)(ctx, progress)
	}
	ids := make([]string, 50)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() {
			if made, err := d.Submit("test", "same", work); err == nil {
				ids[i] = made.ID
			}
		})
	}
	wait.Wait()
	other, err := d.Submit("another kind", "same", work)
	if err != nil || other.ID == ids[0] {
		t.Fatalf("%+v, %v", other, err)
	}
	close(let)
	await(t, d.jobs, ids[0], JobDone)
	await(t, d.jobs, other.ID, JobDone)
	again := d.submit(t, "same", work)
	for _, id := range append(ids, again.ID) {
		if id != ids[0] {
			t.Fatalf("ids %q", ids)
		}
	}
	if again.State != JobDone || calls.Load() != 2 {
		t.Errorf("%d calls; asked again, it is %s", calls.Load(), again.State)
	}
}

func TestWhatFailedIsAskedAnew(t *testing.T) {
	d := newDesk(t)
	for name, work := range map[string]Work{
		"an error": func(context.Context, func(Progress)) ([]byte, error) {
			return nil, yizhan.Invalid("p", "is more than the 3 candidates")
		},
		"a panic": func(context.Context, func(Progress)) ([]byte, error) { panic("secret") },
	} {
		failed := await(t, d.jobs, d.submit(t, name, work).ID, JobFailed)
		report, err := json.Marshal(jobReportOf(failed))
		if err != nil || bytes.Contains(report, []byte("secret")) || failed.Err == nil {
			t.Errorf("%s: %s, %v", name, report, err)
		}
		if again := d.submit(t, name, answering("1")); again.ID == failed.ID {
			t.Errorf("%s: asked again, it is the job that failed", name)
		}
	}
	if logged := d.logs.String(); strings.Count(logged, "level=ERROR") != 1 || !strings.Contains(logged, "panic: secret") || strings.Contains(logged, "candidates") {
		t.Errorf("logged %s", logged)
	}
	cancelled := d.submit(t, "cancelled", waiting(nil))
	d.Cancel(cancelled.ID)
	if again := d.submit(t, "cancelled", answering("1")); again.ID == cancelled.ID {
		t.Error("asked again, it is the job that was cancelled")
	}
}

func TestCancelledWorkKeepsItsPlaceUntilItReturns(t *testing.T) {
	d := newDesk(t, func(l *jobLimits) { l.running = 1 })
	stubborn := make(chan struct{})
	first := d.submit(t, "1", func(ctx context.Context, progress func(Progress)) ([]byte, error) {
		<-ctx.Done()
		progress(Progress{Stage: "too late"})
		<-stubborn
		return []byte("1"), nil
	})
	second := d.submit(t, "2", answering("2"))
	await(t, d.jobs, first.ID, JobRunning)
	if got, ok := d.Cancel(first.ID); !ok || got.State != JobCancelled || got.Ended.IsZero() {
		t.Errorf("cancelled is %+v", got)
	}
	if got, _ := d.Find(second.ID); got.State != JobQueued {
		t.Errorf("the second is %s while the first still works", got.State)
	}
	close(stubborn)
	await(t, d.jobs, second.ID, JobDone)
	if got, _ := d.Find(first.ID); got.State != JobCancelled || got.Result != nil || got.Progress.Stage != "" {
		t.Errorf("the first became %+v", got)
	}
	if got, ok := d.Cancel(second.ID); !ok || got.State != JobDone {
		t.Errorf("what is done became %s", got.State)
	}
	if _, ok := d.Cancel("unknown"); ok {
		t.Error("an unknown job is cancelled")
	}
}

func TestJobsThatTakeTooLong(t *testing.T) {
	d := newDesk(t, func(l *jobLimits) { l.runs = 20 * time.Millisecond })
	late := await(t, d.jobs, d.submit(t, "", waiting(nil)).ID, JobFailed)
	if p := problemOf(late.Err); p.Code != "timeout" {
		t.Errorf("failed as %+v", p)
	}
}

func TestOldJobsAreForgotten(t *testing.T) {
	t.Run("by time", func(t *testing.T) {
		d := newDesk(t)
		old := d.submit(t, "x", answering("1"))
		await(t, d.jobs, old.ID, JobDone)
		d.clock.Store(3599)
		if _, ok := d.Find(old.ID); !ok {
			t.Error("forgotten before its time")
		}
		d.clock.Store(3600)
		if _, ok := d.Find(old.ID); ok {
			t.Error("kept after its time")
		}
		if again := d.submit(t, "x", answering("1")); again.ID == old.ID {
			t.Error("what was forgotten answers")
		}
	})
	t.Run("by number", func(t *testing.T) {
		d := newDesk(t, func(l *jobLimits) { l.kept = 3 })
		d.checkKept(t, 3, 10)
	})
	t.Run("by size", func(t *testing.T) {
		d := newDesk(t, func(l *jobLimits) { l.keptBytes = 50 })
		d.checkKept(t, 5, 10)
		large := d.submit(t, "large", answering(strings.Repeat("1", 1000)))
		if got := await(t, d.jobs, large.ID, JobDone); len(got.Result) != 1000 {
			t.Errorf("the newest has %d bytes", len(got.Result))
		}
		d.checkKept(t, 5, 10)
	})
}

// checkKept has jobs of ten bytes each, one after the other, and checks how many stay.
func (d *desk) checkKept(t *testing.T, want, of int) {
	t.Helper()
	var ids []string
	for i := range of {
		made := d.submit(t, fmt.Sprint(want, of, d.count(JobDone), i), answering("0123456789"))
		await(t, d.jobs, made.ID, JobDone)
		ids = append(ids, made.ID)
	}
	for i, id := range ids {
		if _, ok := d.Find(id); ok != (i >= of-want) {
			t.Errorf("job %d of %d: kept is %v", i, of, ok)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ended) != want || len(d.byID) != want || len(d.byKey) != want || d.bytes != 10*want {
		t.Errorf("%d kept, %d by id, %d by key, %d bytes; want %d", len(d.ended), len(d.byID), len(d.byKey), d.bytes, want)
	}
}

func TestProgressIsToldAsItIs(t *testing.T) {
	d := newDesk(t)
	step, told := make(chan struct{}), make(chan struct{})
	value, bound := 12.5, math.Inf(1)
	made := d.submit(t, "", func(_ context.Context, progress func(Progress)) ([]byte, error) {
		progress(Progress{Stage: "tabu", Done: 3, Total: 20, Incumbent: &value, Bound: &bound})
		value = 99 // the work goes on with its own
		close(told)
		<-step
		return []byte("1"), nil
	})
	<-told
	now, _ := d.Find(made.ID)
	report, err := json.Marshal(jobReportOf(now))
	if err != nil || !strings.Contains(string(report), `"progress":{"stage":"tabu","done":3,"total":20,"incumbent":12.5,"bound":null}`) {
		t.Errorf("%s, %v", report, err)
	}
	close(step)
	await(t, d.jobs, made.ID, JobDone)
}

func TestShutdownEndsJobs(t *testing.T) {
	w := &stage{}
	w.build(func(w *stage) { w.options.Jobs = 1 })
	running, err := w.server.jobs.Submit("test", "1", waiting(nil))
	if err != nil {
		t.Fatal(err)
	}
	queued, err := w.server.jobs.Submit("test", "2", waiting(nil))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := w.server.Shutdown(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	for _, id := range []string{running.ID, queued.ID} {
		if got, ok := w.server.jobs.Find(id); !ok || got.State != JobCancelled {
			t.Errorf("became %+v", got)
		}
	}
	if _, err := w.server.jobs.Submit("test", "3", answering("1")); problemOf(err).Status != 503 {
		t.Errorf("after the end: %v", err)
	}
	if logged := w.logs.String(); logged != "" {
		t.Errorf("logged %s", logged)
	}
}

func TestStubbornWorkDoesNotHoldUpShutdown(t *testing.T) {
	d := newDesk(t)
	let := make(chan struct{})
	d.submit(t, "", func(context.Context, func(Progress)) ([]byte, error) { <-let; return nil, nil })
	d.stop()
	if d.close(20 * time.Millisecond) {
		t.Error("it returned?")
	}
	close(let)
}

func TestJobsOverHTTP(t *testing.T) {
	w := newStage(t)
	let := make(chan struct{})
	submit := func(key string, work Work) Job {
		made, err := w.server.jobs.Submit("siting", key, work)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	check := func(s scenario) { t.Helper(); s.check(t, w) }
	slow := submit("slow", waiting(let))
	address := "/api/jobs/" + slow.ID
	check(scenario{target: address, status: 200, has: []string{`"state":"running"`, `"kind":"siting"`, `"result":null`, `"ended":null`}, hasNot: []string{`"error"`},
		header: map[string]string{"ETag": "", "Cache-Control": "no-cache"}})
	check(scenario{target: address + "/result", status: 409, code: "conflict", has: []string{"the job is running"}})
	check(scenario{method: "DELETE", target: address, status: 200, has: []string{`"state":"cancelled"`}})
	check(scenario{method: "DELETE", target: address, status: 200, has: []string{`"state":"cancelled"`}})
	check(scenario{target: address + "/result", status: 409, code: "conflict", has: []string{"the job is cancelled"}})

	done := submit("done", answering(`{"sites":[]}`))
	await(t, w.server.jobs, done.ID, JobDone)
	address = "/api/jobs/" + done.ID
	check(scenario{target: address, status: 200, has: []string{`"state":"done"`, `"result":"` + address + `/result"`}})
	first := w.get(t, address+"/result")
	if first.status != 200 || string(first.body) != `{"sites":[]}` || first.header.Get("ETag") == "" {
		t.Errorf("%+v", first)
	}
	check(scenario{target: address + "/result", headers: []string{"If-None-Match", first.header.Get("ETag")}, status: 304})

	failed := submit("failed", func(context.Context, func(Progress)) ([]byte, error) {
		return nil, yizhan.Invalid("p", "is more than the 3 candidates")
	})
	await(t, w.server.jobs, failed.ID, JobFailed)
	check(scenario{target: "/api/jobs/" + failed.ID, status: 200, has: []string{`"error":{"code":"invalid_parameter"`, "more than the 3 candidates"}})
	check(scenario{target: "/api/jobs/" + failed.ID + "/result", status: 400, code: "invalid_parameter"})
	broken := submit("broken", func(context.Context, func(Progress)) ([]byte, error) { return nil, errors.New("secret") })
	await(t, w.server.jobs, broken.ID, JobFailed)
	check(scenario{target: "/api/jobs/" + broken.ID, status: 200, has: []string{`"code":"internal"`}})
	check(scenario{target: "/api/jobs/" + broken.ID + "/result", status: 500, code: "internal"})
	if logged := w.logs.String(); strings.Count(logged, "\n") != 1 {
		t.Errorf("one failure is logged as %s", logged)
	}

	for _, target := range []string{"/api/jobs/unknown", "/api/jobs/unknown/result", "/api/jobs/unknown/events", "/api/jobs/%00"} {
		check(scenario{target: target, status: 404, code: "not_found"})
	}
	check(scenario{method: "DELETE", target: "/api/jobs/unknown", status: 404, code: "not_found"})
	check(scenario{method: "POST", target: address, status: 405, code: "method_not_allowed"})
	check(scenario{method: "DELETE", target: address + "?force=true", status: 400, code: "invalid_parameter", has: []string{"query.force"}})
	check(scenario{target: "/metrics", status: 200, has: []string{"yizhan_jobs_done_total 1", "yizhan_jobs_failed_total 2", "yizhan_jobs_cancelled_total 1", "yizhan_jobs_queued 0"}})
}

// jobNews reads the events of a job up to the end of the stream.
func jobNews(t *testing.T, s *eventStream) (news []JobReport, last string) {
	t.Helper()
	for s.lines.Scan() {
		line := s.lines.Text()
		if text, ok := strings.CutPrefix(line, "id: "); ok {
			last = text
		}
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			var report JobReport
			if err := json.Unmarshal([]byte(text), &report); err != nil {
				t.Fatal(err)
			}
			news = append(news, report)
		}
	}
	if err := s.lines.Err(); err != nil {
		t.Error(err)
	}
	return news, last
}

func TestJobEvents(t *testing.T) {
	w := newStage(t, func(w *stage) { w.options.Heartbeat = 50 * time.Millisecond })
	base := "http://" + w.listen(t) + "/api/jobs/"
	made, err := w.server.jobs.Submit("siting", "", func(_ context.Context, progress func(Progress)) ([]byte, error) {
		for i := range 300 { // far more often than a client wants to know
			progress(Progress{Stage: "greedy", Done: int64(i), Total: 300})
			time.Sleep(2 * time.Millisecond)
		}
		return []byte("1"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	news, last := jobNews(t, follow(t, base+made.ID+"/events", ""))
	if len(news) < 3 || len(news) > 20 {
		t.Errorf("%d events", len(news))
	}
	done := int64(-1)
	for _, report := range news {
		if report.ID != made.ID || report.Progress.Done < done {
			t.Errorf("after %d comes %+v", done, report)
		}
		done = report.Progress.Done
	}
	if end := news[len(news)-1]; end.State != JobDone || end.Result == nil || *end.Result != "/api/jobs/"+made.ID+"/result" {
		t.Errorf("ends with %+v", end)
	}
	waitFor(t, func() bool { return w.server.streams.count() == 0 })

	// One that comes later is told the end; one that has seen it is told to stop.
	if news, _ := jobNews(t, follow(t, base+made.ID+"/events", "1")); len(news) != 1 || news[0].State != JobDone {
		t.Errorf("later: %+v", news)
	}
	scenario{target: "/api/jobs/" + made.ID + "/events", headers: []string{"Last-Event-ID", last}, status: 204}.check(t, w)
}

func TestJobEventsOfCancelAndFailure(t *testing.T) {
	w := newStage(t)
	base := "http://" + w.listen(t) + "/api/jobs/"
	begun := make(chan struct{})
	made, err := w.server.jobs.Submit("siting", "", func(ctx context.Context, _ func(Progress)) ([]byte, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	stream := follow(t, base+made.ID+"/events", "")
	stream.until(t, "data: ")
	request, err := http.NewRequest(http.MethodDelete, base+made.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.Body.Close() != nil || response.StatusCode != 200 {
		t.Errorf("status %d, %v", response.StatusCode, err)
	}
	if news, _ := jobNews(t, stream); len(news) != 1 || news[0].State != JobCancelled || news[0].Error != nil {
		t.Errorf("news %+v", news)
	}
	waitFor(t, func() bool { return w.server.jobs.count(JobRunning) == 0 })
}

func TestJobOutlivesItsClient(t *testing.T) {
	w := newStage(t, func(w *stage) { w.options.EventClients = 2 })
	url := "http://" + w.listen(t) + "/api/jobs/"
	let := make(chan struct{})
	made, err := w.server.jobs.Submit("siting", "", waiting(let))
	if err != nil {
		t.Fatal(err)
	}
	first, second := follow(t, url+made.ID+"/events", ""), follow(t, url+made.ID+"/events", "")
	scenario{target: "/api/jobs/" + made.ID + "/events", status: 503, code: "unavailable"}.check(t, w)
	if err := first.response.Body.Close(); err != nil {
		t.Error(err)
	}
	waitFor(t, func() bool { return w.server.streams.count() == 1 }) // a client that leaves is noticed before a heartbeat finds out
	if got, ok := w.server.jobs.Find(made.ID); !ok || got.State != JobRunning {
		t.Errorf("the job became %+v", got)
	}
	close(let)
	if news, _ := jobNews(t, second); len(news) == 0 || news[len(news)-1].State != JobDone {
		t.Errorf("the other heard %+v", news)
	}
}

func TestShutdownEndsJobStreams(t *testing.T) {
	w := newStage(t)
	address := w.listen(t)
	made, err := w.server.jobs.Submit("siting", "", waiting(nil))
	if err != nil {
		t.Fatal(err)
	}
	stream := follow(t, "http://"+address+"/api/jobs/"+made.ID+"/events", "")
	stream.until(t, "data: ")
	begun := time.Now()
	if err := w.server.Shutdown(); err != nil {
		t.Fatal(err)
	}
	jobNews(t, stream)
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
