package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// submit asks a question of siting and gives the address of the job.
func (w *stage) submit(t *testing.T, body string) string {
	t.Helper()
	a := w.send(t, "POST", "/api/siting", body)
	if a.status != 202 || !strings.HasPrefix(a.header.Get("Location"), "/api/jobs/") {
		t.Fatalf("status %d, %v: %s", a.status, a.header, a.body)
	}
	return a.header.Get("Location")
}

// await waits until a job has ended.
func (w *stage) await(t *testing.T, job string) (report JobReport) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		if err := json.Unmarshal(w.get(t, job).body, &report); err != nil {
			t.Fatal(err)
		}
		if report.State.final() {
			return report
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("the job does not end: %+v", report)
		}
	}
}

func TestSiting(t *testing.T) {
	w := newStage(t)
	job := w.submit(t, `{"p":1,"services":["water"]}`)
	if report := w.await(t, job); report.State != JobDone || report.Kind != "siting" {
		t.Fatalf("the job is %+v", report)
	}
	result := w.get(t, job+"/result")
	schema := w.server.schema(reflect.TypeFor[SitingReport]())
	checkSchema(t, w.server.huma.OpenAPI(), schema, "the result", result.body)
	for _, want := range []string{`"seq":42,"scenario":null`, `"service":"water"`, `"siting_model":"mclp"`, `"gain":10,"cumulative":10`, `"curve":[0,10]`, `"objective":10,"bound":12,"gap":2`, `"target":null`, `"banners":[{"code":"150702"`} {
		if !strings.Contains(string(result.body), want) {
			t.Errorf("has no %s: %s", want, result.body)
		}
	}
	for _, same := range []string{`{"services":["water"],"p":1}`, `{"p":1,"services":["water"],"model":"mclp","mode":"radius","radius_m":1000,"rule":"any","candidates":"cells"}`} {
		if at := w.submit(t, same); at != job {
			t.Errorf("the same question is another job: %s and %s", job, at)
		}
	}
	if other := w.submit(t, `{"p":2,"services":["water"]}`); other == job {
		t.Error("another question is the same job")
	}
	if again := w.get(t, job+"/result"); string(again.body) != string(result.body) || again.header.Get("ETag") != result.header.Get("ETag") {
		t.Error("asked again, the result is another")
	}
}

// After an edit, the same question is about another city.
func TestSitingOfAnotherCity(t *testing.T) {
	w := newStage(t, byAnalyst)
	first := w.submit(t, `{"p":1}`)
	w.coverage.now = newFakePicture(43, nil)
	if second := w.submit(t, `{"p":1}`); second == first {
		t.Error("at another seq it is the same job")
	}
	id := strings.TrimPrefix(w.send(t, "POST", "/api/scenarios", `{"name":"x","edits":[]}`).header.Get("Location"), "/api/scenarios/")
	under := w.submit(t, `{"p":1,"scenario":"`+id+`"}`)
	w.send(t, "PUT", "/api/scenarios/"+id, `{"name":"y","edits":[]}`, "If-Match", `"1"`)
	if changed := w.submit(t, `{"p":1,"scenario":"`+id+`"}`); changed == under {
		t.Error("under another version of the scenario it is the same job")
	}
}

func TestSitingQuestions(t *testing.T) {
	heard := make(chan views.SitingQuestion, 1)
	w := newStage(t)
	site := w.coverage.now.site
	w.coverage.now.site = func(ctx context.Context, q views.SitingQuestion, progress func(views.SitingProgress)) (views.SitingAnswer, error) {
		heard <- q
		return site(ctx, q, progress)
	}
	for body, want := range map[string]views.SitingQuestion{
		`{"p":3}`: {Model: "mclp", P: 3},
		`{"model":"lscp","share":0.9,"mode":"walk","minutes":10}`: {Model: "lscp", Share: 0.9, Question: views.Question{Mode: "walk", Minutes: 10}},
		`{"model":"second_cover","budget":500,"cost":100,"candidates":"cells","unit":"150702","effort":3,"floors":[{"banner":"150702","stations":1}]}`: {Model: "second_cover",
			Budget: 500, Cost: 100, Candidates: "cells", Unit: "150702", Effort: 3, Floors: []views.Floor{{Banner: "150702", Stations: 1}}},
		`{"p":1,"candidates":[{"location":[119.7,49.2],"name":"甲","cost":7},{"location":[119.8,49.2]}],"excluded":{"units":["150781"],"cells":["8a1ec9b64a6ffff"]}}`: {Model: "mclp", P: 1,
			Points: []views.SitePoint{{Name: "甲", At: orb.Point{119.7, 49.2}, Cost: 7}, {At: orb.Point{119.8, 49.2}}}, ExcludedUnits: []string{"150781"}, ExcludedCells: []string{"8a1ec9b64a6ffff"}},
		`{"p":1,"at":"now","temperature_c":-20,"services":["toilet","water"],"rule":"all"}`: {Model: "mclp", P: 1, Question: views.Question{Quarter: 145, Week: "2026-03-09", Cold: true, Celsius: -20, Services: "water,toilet", Rule: "all"}},
	} {
		w.submit(t, body)
		if got := <-heard; !reflect.DeepEqual(got, want) {
			t.Errorf("%s asks %+v, want %+v", body, got, want)
		}
	}
}

func TestBadSiting(t *testing.T) {
	w := newStage(t)
	many := strings.TrimSuffix(strings.Repeat(`{"location":[119.7,49.2]},`, 10_001), ",")
	for body, field := range map[string]string{
		`{}`:                                  "body.p",
		`{"p":0}`:                             "body.p",
		`{"p":1001}`:                          "body.p",
		`{"p":-1}`:                            "body.p",
		`{"p":1.5}`:                           "body.p",
		`{"p":1,"radius_m":0}`:                "body.radius_m",
		`{"p":1,"radius_m":99}`:               "body.radius_m",
		`{"p":1,"radius_m":10000000}`:         "body.radius_m",
		`{"p":1,"model":"guess"}`:             "body.model",
		`{"model":"lscp"}`:                    "body.share",
		`{"model":"lscp","share":0}`:          "body.share",
		`{"model":"lscp","share":1.01}`:       "body.share",
		`{"model":"lscp","share":0.5,"p":2}`:  "body.model",
		`{"p":1,"share":0.5}`:                 "body.share",
		`{"budget":100}`:                      "body.cost",
		`{"p":1,"candidates":"parks"}`:        "body.candidates",
		`{"p":1,"candidates":[]}`:             "body.candidates",
		`{"p":1,"candidates":[` + many + `]}`: "body.candidates",
		`{"p":1,"candidates":[{"location":[49.2,119.7]}]}`: "body.candidates[0].location",
		`{"p":1,"candidates":[{"location":[119.7]}]}`:      "body.candidates",
		`{"p":1,"candidates":[{"name":"x"}]}`:              "body.candidates",
		`{"p":1,"services":["beer"]}`:                      "body.services",
		`{"p":1,"services":["water","water"]}`:             "body.services",
		`{"p":1,"at":"now","quarter":3}`:                   "body.at",
		`{"p":1,"temperature_c":-100}`:                     "body.temperature_c",
		`{"p":1,"colour":"red"}`:                           "body.colour",
	} {
		a := w.send(t, "POST", "/api/siting", body)
		if a.status != 400 || !strings.Contains(string(a.body), `"`+field) {
			t.Errorf("%.80s: status %d, has no %s: %.300s", body, a.status, field, a.body)
		}
	}
	for body, status := range map[string]int{`{"p":1,"unit":"159999"}`: 404, `{"p":1,"scenario":"aaaaaaaaaaaaaaaa"}`: 404, `{"p":1,"scenario":"nonsense"}`: 404} {
		if a := w.send(t, "POST", "/api/siting", body); a.status != status {
			t.Errorf("%s: status %d: %s", body, a.status, a.body)
		}
	}
}

// slowSite works until it is told to stop, and then gives the best so far.
func slowSite(begun chan<- struct{}) func(context.Context, views.SitingQuestion, func(views.SitingProgress)) (views.SitingAnswer, error) {
	return func(ctx context.Context, q views.SitingQuestion, progress func(views.SitingProgress)) (views.SitingAnswer, error) {
		progress(views.SitingProgress{Stage: "searching", Done: 1, Total: 9, Objective: 5, Bound: 20})
		begun <- struct{}{}
		<-ctx.Done()
		answer, err := newFakePicture(42, nil).site(ctx, q, func(views.SitingProgress) {})
		answer.Stopped = true
		return answer, err
	}
}

func TestSitingCancelledHalfWay(t *testing.T) {
	begun := make(chan struct{}, 4)
	w := newStage(t)
	w.coverage.now.site = slowSite(begun)
	job := w.submit(t, `{"p":1}`)
	<-begun
	if a := w.get(t, job); !strings.Contains(string(a.body), `"stage":"searching","done":1,"total":9,"incumbent":5,"bound":20`) {
		t.Errorf("half way it is %s", a.body)
	}
	if a := w.get(t, job+"/result"); a.status != 409 {
		t.Errorf("half way there is an answer, status %d: %s", a.status, a.body)
	}
	if a := w.ask(t, "DELETE", job); a.status != 200 || !strings.Contains(string(a.body), `"state":"cancelled"`) {
		t.Errorf("cancelled, status %d: %s", a.status, a.body)
	}
	if report := w.await(t, job); report.State != JobCancelled || report.Result != nil {
		t.Errorf("the job is %+v", report)
	}
	if a := w.get(t, job+"/result"); a.status != 409 || !strings.Contains(string(a.body), "cancelled") {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	if again := w.submit(t, `{"p":1}`); again == job {
		t.Error("a cancelled job answers the same question again")
	}
}

// One that takes too long is answered with the best so far, which says so.
func TestSitingThatTakesTooLong(t *testing.T) {
	w := newStage(t)
	w.server.jobs.limits.runs = 20 * time.Millisecond
	w.coverage.now.site = slowSite(make(chan struct{}, 1))
	job := w.submit(t, `{"p":1}`)
	if report := w.await(t, job); report.State != JobDone {
		t.Fatalf("the job is %+v", report)
	}
	if a := w.get(t, job+"/result"); !strings.Contains(string(a.body), `"stopped":true`) {
		t.Errorf("the result is %s", a.body)
	}
}

func TestSitingThatFails(t *testing.T) {
	w := newStage(t)
	for name, test := range map[string]struct {
		err    error
		status int
		has    string
	}{
		"a banner that is none": {yizhan.Invalid("floors", `there is no banner "1"`), 400, "body.floors"},
		"ours":                  {errors.New("secret of the solver"), 500, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			w.coverage.now.site = func(context.Context, views.SitingQuestion, func(views.SitingProgress)) (views.SitingAnswer, error) {
				return views.SitingAnswer{}, test.err
			}
			job := w.submit(t, fmt.Sprintf(`{"p":%d}`, test.status))
			if report := w.await(t, job); report.State != JobFailed || report.Error == nil {
				t.Fatalf("the job is %+v", report)
			}
			if a := w.get(t, job+"/result"); a.status != test.status || !strings.Contains(string(a.body), test.has) {
				t.Errorf("status %d: %s", a.status, a.body)
			}
		})
	}
}

// Many who ask the same thing at once share one computation.
func TestSitingIsShared(t *testing.T) {
	w := newStage(t)
	var mu sync.Mutex
	computed := 0
	site := w.coverage.now.site
	w.coverage.now.site = func(ctx context.Context, q views.SitingQuestion, progress func(views.SitingProgress)) (views.SitingAnswer, error) {
		mu.Lock()
		computed++
		mu.Unlock()
		return site(ctx, q, progress)
	}
	jobs := make([]string, 16)
	var group sync.WaitGroup
	for i := range jobs {
		group.Go(func() { jobs[i] = w.submit(t, `{"p":4}`) })
	}
	group.Wait()
	w.await(t, jobs[0])
	for _, job := range jobs {
		if job != jobs[0] {
			t.Errorf("jobs %v", jobs)
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if computed != 1 {
		t.Errorf("computed %d times", computed)
	}
}
