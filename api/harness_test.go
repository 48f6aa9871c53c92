package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/feed"
	"github.com/yizhan/yizhan/feed/views"
)

// noon is the moment of every test: a Tuesday in China.
var noon = time.Date(2026, 3, 10, 4, 0, 0, 0, time.UTC)

type fakeStore struct {
	Editor  // nil: writes are tested on a real store
	each    func(context.Context, yizhan.Query, func(int64) error, func(yizhan.Feature) error) error
	find    func(context.Context, yizhan.Query) (yizhan.Page, error)
	findOne func(context.Context, yizhan.Ref) (yizhan.Feature, error)
}

func (f *fakeStore) Find(ctx context.Context, q yizhan.Query) (yizhan.Page, error) {
	return f.find(ctx, q)
}

func (f *fakeStore) Each(ctx context.Context, q yizhan.Query, begin func(int64) error, each func(yizhan.Feature) error) error {
	return f.each(ctx, q, begin, each)
}

func (f *fakeStore) FindOne(ctx context.Context, ref yizhan.Ref) (yizhan.Feature, error) {
	return f.findOne(ctx, ref)
}

type fakeFeed struct {
	city      func() *yizhan.City
	status    func() feed.Status
	subscribe func(context.Context, int64) (<-chan yizhan.Change, error)
}

func (f *fakeFeed) City() *yizhan.City  { return f.city() }
func (f *fakeFeed) Status() feed.Status { return f.status() }

func (f *fakeFeed) LastContact() time.Time { return f.status().LastContact }
func (f *fakeFeed) Subscribe(ctx context.Context, after int64) (<-chan yizhan.Change, error) {
	return f.subscribe(ctx, after)
}

type fakeNearest struct {
	findAt   func(views.NearestQuery) ([]views.Hit, int64, error)
	findEach func(views.NearestQuery, []orb.Point) ([][]views.Hit, int64, error)
}

func (f *fakeNearest) FindAt(q views.NearestQuery) ([]views.Hit, int64, error) { return f.findAt(q) }
func (f *fakeNearest) FindEach(q views.NearestQuery, at []orb.Point) ([][]views.Hit, int64, error) {
	return f.findEach(q, at)
}

// fakeAccounts know who asks on the stage by a token that it sends.
type fakeAccounts struct {
	Accounts // nil: all else is tested on a real store
	stage    *stage
}

func (f fakeAccounts) FindToken(context.Context, []byte) (*yizhan.Principal, error) {
	by := *f.stage.by
	return &by, nil
}

// byAnalyst has an analyst ask.
func byAnalyst(w *stage) {
	w.by = &yizhan.Principal{User: yizhan.User{ID: 7, Name: "anna"}, Grants: []yizhan.Grant{{Role: yizhan.RoleAnalyst, Unit: "150702"}}}
	w.options.Accounts = fakeAccounts{stage: w}
}

// stage is a server on fakes that a test may bend before it asks.
type stage struct {
	server   *Server
	options  Options
	city     *yizhan.City
	store    *fakeStore
	feed     *fakeFeed
	nearest  *fakeNearest
	coverage *fakeCoverage
	tiles    *fakeTiles
	kept     *fakeScenarios
	by       *yizhan.Principal // who asks; nil for a guest
	logs     *logBuffer
}

type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newStage(t testing.TB, bend ...func(*stage)) *stage {
	t.Helper()
	w := &stage{}
	w.build(append([]func(*stage){func(w *stage) { w.options.Imports = newImportDesk(t, w) }}, bend...)...)
	t.Cleanup(func() {
		if err := w.server.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *stage) build(bend ...func(*stage)) {
	w.city, w.logs = smallCity(), &logBuffer{}
	index := views.NewNearest()
	if err := index.Update(w.city, nil); err != nil {
		panic(err)
	}
	w.store = &fakeStore{find: w.findInCity, findOne: w.findOneInCity, each: w.eachInCity}
	w.feed = &fakeFeed{
		city: func() *yizhan.City { return w.city },
		status: func() feed.Status {
			return feed.Status{Ready: true, Seq: w.city.Seq, LastContact: noon.Add(-3 * time.Second), Views: map[string]int64{"nearest": w.city.Seq}}
		},
		subscribe: func(context.Context, int64) (<-chan yizhan.Change, error) { return make(chan yizhan.Change), nil },
	}
	w.nearest = &fakeNearest{findAt: index.FindAt, findEach: index.FindEach}
	w.coverage = newFakeCoverage()
	w.tiles = newFakeTiles()
	w.kept = newFakeScenarios(w)
	w.options = Options{
		Store: w.store, Feed: w.feed, Nearest: w.nearest, Coverage: w.coverage, Tiles: w.tiles, Scenarios: w.kept, Web: smallWeb(),
		Logger: slog.New(slog.NewTextHandler(w.logs, nil)), Now: func() time.Time { return noon },
	}
	for _, b := range bend {
		b(w)
	}
	w.server = New(w.options)
}

func smallWeb() fstest.MapFS {
	return fstest.MapFS{
		"rider.html":              {Data: []byte("<!doctype html><title>rider</title>")},
		"planner.html":            {Data: []byte("<!doctype html><title>planner</title>")},
		"analyst.html":            {Data: []byte("<!doctype html><title>analyst</title>")},
		"admin.html":              {Data: []byte("<!doctype html><title>admin</title>")},
		"login.html":              {Data: []byte("<!doctype html><title>login</title>")},
		"favicon.svg":             {Data: []byte("<svg/>")},
		"assets/app-4f2a.js":      {Data: []byte("console.log(1)")},
		"assets/app-4f2a.js.br":   {Data: []byte("BROTLI")},
		"assets/app-4f2a.js.gz":   {Data: []byte("GZIP")},
		"assets/plain-77aa.css":   {Data: []byte("body{}")},
		"assets/nested/x-1.woff2": {Data: []byte("font")},
	}
}

func smallCity() *yizhan.City {
	square := func(west, south, side float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{west, south}, {west + side, south}, {west + side, south + side}, {west, south + side}, {west, south}}}}
	}
	city := &yizhan.City{Seq: 42, Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{},
		Scenes: map[string]*yizhan.FriendlyScene{}, MicroGrids: map[string]*yizhan.MicroGrid{}}
	for _, u := range []*yizhan.Unit{
		{Code: "150700", Level: yizhan.LevelCity, Name: "呼伦贝尔市", NameEn: "Hulunbuir", Type: "地级市", Seat: &orb.Point{119.7364, 49.2122}, Boundary: square(115.5, 47, 10), Version: 1},
		{Code: "150702", Level: yizhan.LevelBanner, Parent: "150700", Name: "海拉尔区", NameEn: "Hailar", Type: "区", Seat: &orb.Point{119.7364, 49.2122}, Boundary: square(119.5, 49, 1), Version: 3},
		{Code: "150781", Level: yizhan.LevelBanner, Parent: "150700", Name: "满洲里市", NameEn: "Manzhouli", Type: "市", Version: 1},
		{Code: "150702001", Level: yizhan.LevelTownship, Parent: "150702", Name: "正阳街道", Type: "街道", Boundary: square(119.7, 49.2, 0.1), Version: 1},
		{Code: "150702001001", Level: yizhan.LevelCommunity, Parent: "150702001", Name: "天润社区", Type: "社区", Boundary: square(119.7, 49.2, 0.05), Synthetic: true, Version: 1},
	} {
		city.Units[u.Code] = u
	}
	for i, households := range []int{29, 31} {
		code := fmt.Sprintf("150702001001%03d", i+1)
		city.MicroGrids[code] = &yizhan.MicroGrid{Code: code, Community: "150702001001", Name: fmt.Sprintf("第%d网格", i+1), Households: households,
			Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: square(119.7+0.02*float64(i), 49.2, 0.02), Synthetic: true, Version: 2}
	}
	for i, hours := range []string{"24/7", "Mo-Fr 08:30-17:30", ""} {
		code := fmt.Sprintf("S-%03d", i+1)
		city.Stations[code] = &yizhan.Station{Code: code, Name: fmt.Sprintf("\"驿站\" %d", i+1), Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion,
			Location: orb.Point{119.7364 + 0.01*float64(i), 49.2122}, Capacity: 10, Hours: yizhan.MustHours(hours), Status: yizhan.StationActive,
			Community: "150702001001", MicroGrid: "150702001001001", ConfirmedAt: noon, Version: 7, Synthetic: true,
			Services: []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Working, ConfirmedAt: noon}, {Service: yizhan.Heating, Condition: yizhan.Uncertain}}}
	}
	city.Stations["S-001"].Entrance = &orb.Point{119.7365, 49.2123}
	city.Scenes["F-001"] = &yizhan.FriendlyScene{Code: "F-001", Name: "友好商圈", Kind: yizhan.SceneShopping, MicroGrids: []string{"150702001001001"},
		Stations: []string{"S-001"}, Boundary: square(119.7, 49.2, 0.02), Version: 1}
	return city
}

func (w *stage) features(c yizhan.Collection) []yizhan.Feature {
	var features []yizhan.Feature
	switch c {
	case yizhan.Units:
		for _, f := range yizhan.Sorted(w.city.Units) {
			features = append(features, f)
		}
	case yizhan.Stations:
		for _, f := range yizhan.Sorted(w.city.Stations) {
			features = append(features, f)
		}
	case yizhan.FriendlyScenes:
		for _, f := range yizhan.Sorted(w.city.Scenes) {
			features = append(features, f)
		}
	case yizhan.MicroGrids:
		for _, f := range yizhan.Sorted(w.city.MicroGrids) {
			features = append(features, f)
		}
	}
	return features
}

// findInCity pages as the store does; it knows no filters.
func (w *stage) findInCity(_ context.Context, q yizhan.Query) (yizhan.Page, error) {
	page := yizhan.Page{Seq: w.city.Seq}
	for _, f := range w.features(q.Collection) {
		if f.Ref().Code <= q.After {
			continue
		}
		if len(page.Features) == q.Limit {
			page.More = true
			break
		}
		page.Features = append(page.Features, f)
	}
	return page, nil
}

func (w *stage) eachInCity(_ context.Context, q yizhan.Query, begin func(int64) error, each func(yizhan.Feature) error) error {
	if err := begin(w.city.Seq); err != nil {
		return err
	}
	for _, f := range w.features(q.Collection) {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (w *stage) findOneInCity(_ context.Context, ref yizhan.Ref) (yizhan.Feature, error) {
	for _, f := range w.features(ref.Collection) {
		if f.Ref() == ref {
			return f, nil
		}
	}
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "", "there is no %s", ref)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// leaks must not be in any answer, whatever happens.
var leaks = []string{"goroutine", "panic", "runtime/", ".go:", "SELECT", "pgx", "SQLSTATE", "secret"}

// get asks and checks what holds for every answer: what the OpenAPI document says of it, the headers, and
// that nothing leaks.
func (w *stage) get(t *testing.T, target string, headers ...string) answer {
	t.Helper()
	return w.ask(t, http.MethodGet, target, headers...)
}

func (w *stage) ask(t *testing.T, method, target string, headers ...string) answer {
	t.Helper()
	return w.send(t, method, target, "", headers...)
}

// send is ask with a body, of JSON if the headers do not say.
func (w *stage) send(t *testing.T, method, target, body string, headers ...string) answer {
	t.Helper()
	a := w.fetch(t, method, target, body, headers...)
	w.checkAlways(t, method, target, a)
	return a
}

// fetch asks and checks nothing.
func (w *stage) fetch(t *testing.T, method, target, body string, headers ...string) answer {
	t.Helper()
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if w.by != nil {
		request.Header.Set("Authorization", "Bearer "+auth.TokenPrefix+"test")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := w.server.Test(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, content}
}

func (w *stage) checkAlways(t *testing.T, method, target string, a answer) {
	t.Helper()
	for _, leak := range leaks {
		if bytes.Contains(a.body, []byte(leak)) && !strings.HasPrefix(target, "/metrics") && target != "/api/auth/totp" {
			t.Errorf("%s %s: the answer has %q: %s", method, target, leak, a.body)
		}
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s %s: %s is %q, want %q", method, target, name, got, want)
		}
	}
	if a.header.Get("X-Request-Id") == "" || !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("%s %s: headers are missing: %v", method, target, a.header)
	}
	if a.status >= 400 && method != http.MethodHead {
		checkProblem(t, target, a)
	}
	w.checkDocumented(t, method, target, a)
}

func checkProblem(t *testing.T, target string, a answer) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%s: %v in %.200s", target, err, a.body)
	}
	k := kindOf(p.Code)
	switch {
	case a.header.Get("Content-Type") != problemType:
		t.Errorf("%s: content type %q", target, a.header.Get("Content-Type"))
	case p.Status != a.status || k.status != a.status || k.code != p.Code || p.Type != "/problems/"+p.Code || p.Title != k.title:
		t.Errorf("%s: status %d does not fit %+v", target, a.status, p)
	case p.Detail == "" || p.Instance != "urn:yizhan:request:"+a.header.Get("X-Request-Id"):
		t.Errorf("%s: %+v is not about this request", target, p)
	}
	return p
}

// checkDocumented holds the answer against the OpenAPI document.
func (w *stage) checkDocumented(t *testing.T, method, target string, a answer) {
	t.Helper()
	document := w.server.huma.OpenAPI()
	path, _, _ := strings.Cut(target, "?")
	item := document.Paths[templateOf(document, path)]
	if item == nil {
		return
	}
	operations := operationsAt(item)
	i := slices.IndexFunc(operations, func(op *huma.Operation) bool { return op.Method == method })
	if i < 0 {
		return
	}
	response := operations[i].Responses[fmt.Sprint(a.status)]
	if response == nil {
		if a.status != http.StatusNotModified {
			t.Errorf("%s: status %d is not documented", target, a.status)
		}
		return
	}
	mediaType, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	media := response.Content[mediaType]
	if media == nil {
		media = response.Content[a.header.Get("Content-Type")]
	}
	if len(response.Content) > 0 && media == nil {
		t.Errorf("%s: content type %q is not documented", target, a.header.Get("Content-Type"))
	}
	if media == nil || !strings.Contains(mediaType, "json") || a.header.Get("Content-Encoding") != "" {
		return
	}
	checkSchema(t, document, media.Schema, target, a.body)
}

// templateOf finds the address in the document that a path is an instance of; the one with the fewest names
// to fill in, as the server does.
func templateOf(document *huma.OpenAPI, path string) (best string) {
	asked := strings.Split(path, "/")
	for template := range document.Paths {
		if isInstance(asked, strings.Split(template, "/")) && (best == "" || strings.Count(template, "{") < strings.Count(best, "{")) {
			best = template
		}
	}
	return best
}

func isInstance(asked, template []string) bool {
	return slices.EqualFunc(asked, template, func(part, name string) bool {
		before, after, isOpen := strings.Cut(name, "{")
		if !isOpen {
			return part == name
		}
		_, after, _ = strings.Cut(after, "}")
		return len(part) > len(before)+len(after) && strings.HasPrefix(part, before) && strings.HasSuffix(part, after)
	})
}

func checkSchema(t *testing.T, document *huma.OpenAPI, schema *huma.Schema, target string, body []byte) {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%s: %v in %.200s", target, err, body)
		return
	}
	var result huma.ValidateResult
	huma.Validate(document.Components.Schemas, schema, huma.NewPathBuffer([]byte{}, 0), huma.ModeReadFromServer, value, &result)
	for _, err := range result.Errors {
		t.Errorf("%s: does not fit the schema: %v", target, err)
	}
}
