package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// defaultJobLimits are for a machine that also answers everything else.
func defaultJobLimits() jobLimits {
	return jobLimits{running: runtime.GOMAXPROCS(0), queued: 32, runs: 10 * time.Minute, kept: 100, keptBytes: 128 << 20, keptFor: 30 * time.Minute}
}

// JobReport tells where a job stands.
type JobReport struct {
	ID       string       `json:"id" doc:"Not to be guessed: who knows it may look at the job and cancel it"`
	Kind     string       `json:"kind" doc:"What is computed" example:"siting"`
	State    JobState     `json:"state" enum:"queued,running,done,failed,cancelled" doc:"The last three are final"`
	Progress ProgressPart `json:"progress"`
	Created  time.Time    `json:"created"`
	Started  *time.Time   `json:"started" doc:"null while it waits"`
	Ended    *time.Time   `json:"ended" doc:"null until the state is final"`
	Result   *string      `json:"result" format:"uri-reference" doc:"Where the answer is; null until done"`
	Error    *JobError    `json:"error,omitempty" doc:"Why it failed; only then"`
}

// ProgressPart says how far a job has come.
type ProgressPart struct {
	Stage     string   `json:"stage" doc:"What is being done; empty before it begins"`
	Done      int64    `json:"done" doc:"Steps done, of total"`
	Total     int64    `json:"total" doc:"0 if unknown"`
	Incumbent *float64 `json:"incumbent" doc:"The value of the best answer so far; null for none"`
	Bound     *float64 `json:"bound" doc:"No answer can be better than this; null if unknown"`
}

// JobError is why a job failed: a problem that is not of this request.
type JobError struct {
	Code   string `json:"code" doc:"The kind, as in a problem" example:"invalid_parameter"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

type jobInput struct {
	ID string `path:"id" doc:"The id of the job" maxLength:"32" example:"mfzwizltoqydamrq"`
}

func (s *Server) routeJobs() {
	report := func(description string) map[string]*huma.Response {
		return map[string]*huma.Response{"200": {Description: description}}
	}
	operation[jobInput, JobReport](s, huma.Operation{
		OperationID: "get-job", Path: "/api/jobs/{id}", Tags: []string{"Jobs"}, Summary: "Where a job stands",
		Description: "Follow the events to be told. A job is kept for half an hour after it ended, the latest hundred of them, by the server that runs it.",
		Errors:      []int{http.StatusNotFound}, Responses: report("The job"),
	}, s.job)
	operation[jobInput, JobReport](s, huma.Operation{
		Method:      http.MethodDelete,
		OperationID: "cancel-job", Path: "/api/jobs/{id}", Tags: []string{"Jobs"}, Summary: "Cancel a job",
		Description: "For all who asked the same question. A job that has ended stays as it is.",
		Errors:      []int{http.StatusNotFound}, Responses: report("The job as it is now"),
	}, s.cancelJob)
	operation[jobInput, JobResult](s, huma.Operation{
		OperationID: "get-job-result", Path: "/api/jobs/{id}/result", Tags: []string{"Jobs"}, Summary: "The answer of a job",
		Description: "The same question gives the same bytes. What is in them depends on the kind of the job. While there is no answer, or if there will be none, it is a 409; " +
			"if the job failed, the problem that it failed of.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge}, Responses: report("The answer"),
	}, s.jobResult)
	s.described(huma.Operation{
		OperationID: "follow-job", Path: "/api/jobs/{id}/events", Tags: []string{"Jobs"}, Summary: "How a job gets on",
		Description: "Server-sent events `job`, whose data is a JobReport: one at once, one whenever there is news, at most ten a second, and the last with the final state, after which the stream ends. " +
			"A browser's EventSource that comes back then is told to stop (204).",
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Description: "The id of the job", Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "Last-Event-ID", In: "header", Description: "What the client has seen already", Schema: &huma.Schema{Type: huma.TypeInteger}},
		},
		Errors: []int{http.StatusNotFound, http.StatusServiceUnavailable},
		Responses: map[string]*huma.Response{
			"200": {Description: "The stream; the schema is that of each event's data",
				Content: map[string]*huma.MediaType{eventStreamType: {Schema: s.schema(reflect.TypeFor[JobReport]())}}},
			"204": {Description: "The client has seen the final state: there is nothing to come"},
		},
	}, s.jobEvents)
	for state, help := range map[JobState]string{JobQueued: "Jobs that wait.", JobRunning: "Jobs that run."} {
		s.metrics.gauge("yizhan_jobs_"+string(state), help, func() float64 { return float64(s.jobs.count(state)) })
	}
	for _, state := range []JobState{JobDone, JobFailed, JobCancelled} {
		s.metrics.counter("yizhan_jobs_"+string(state)+"_total", "Jobs that ended as "+string(state)+".", func() float64 { return float64(s.jobs.count(state)) })
	}
}

// JobResult is the answer of a job, of any kind.
type JobResult struct{}

// Schema says that it may be anything.
func (JobResult) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "The answer; see the operation that made the job"}
}

func (s *Server) job(_ context.Context, in *jobInput) (*reply, error) {
	found, ok := s.jobs.Find(in.ID)
	return jobReply(found, ok)
}

func (s *Server) cancelJob(_ context.Context, in *jobInput) (*reply, error) {
	found, ok := s.jobs.Cancel(in.ID)
	return jobReply(found, ok)
}

func (s *Server) jobResult(_ context.Context, in *jobInput) (*reply, error) {
	found, ok := s.jobs.Find(in.ID)
	switch {
	case !ok:
		return nil, noJob()
	case found.State == JobFailed:
		return nil, problemOf(found.Err).without()
	case found.State != JobDone:
		return nil, newProblem("conflict", "there is no answer: the job is "+string(found.State))
	}
	return &reply{body: found.Result}, nil
}

// without is the problem without its cause, which was logged when it happened.
func (p *Problem) without() *Problem {
	again := *p
	again.cause = nil
	return &again
}

func noJob() error {
	return notFound("there is no such job: it is unknown to this server, or ended long ago")
}

// jobReply answers with where a job stands. It changes all the time: no ETag.
func jobReply(of Job, ok bool) (*reply, error) {
	if !ok {
		return nil, noJob()
	}
	answer, err := jsonReply(jobReportOf(of))
	if err != nil {
		return nil, err
	}
	answer.volatile = true
	return answer, nil
}

func jobReportOf(of Job) JobReport {
	report := JobReport{ID: of.ID, Kind: of.Kind, State: of.State, Progress: ProgressPart(of.Progress), Created: of.Created.UTC(),
		Started: instantOrNil(of.Started), Ended: instantOrNil(of.Ended)}
	if of.State == JobDone {
		address := fmt.Sprintf("/api/jobs/%s/result", of.ID)
		report.Result = &address
	}
	if of.Err != nil {
		p := problemOf(of.Err)
		report.Error = &JobError{Code: p.Code, Title: p.Title, Detail: p.Detail}
	}
	return report
}

func instantOrNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
