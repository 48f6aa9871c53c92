package api

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan"
)

// noAccounts knows nobody.
type noAccounts struct{ Accounts }

func (noAccounts) FindToken(context.Context, []byte) (*yizhan.Principal, error) {
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "", "nobody")
}

func (noAccounts) FindSession(context.Context, []byte) (*yizhan.Principal, error) {
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "", "nobody")
}

// noHistory is an editor in whose history there is nothing.
type noHistory struct{ Editor }

func (noHistory) History(context.Context, yizhan.Ref, int64, int) ([]yizhan.HistoryEntry, error) {
	return nil, nil
}

func (noHistory) FindOneAt(context.Context, yizhan.Ref, yizhan.Moment) (yizhan.Feature, error) {
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "", "nothing")
}

// askRaw asks without the client's help, so that the request may be as odd as it likes.
func askRaw(handler fasthttp.RequestHandler, method, uri, body string, headers ...string) *fasthttp.RequestCtx {
	c := new(fasthttp.RequestCtx)
	c.Request.Header.SetMethod(method)
	c.Request.SetRequestURI(uri)
	c.Request.SetBodyString(body)
	for i := 0; i+1 < len(headers); i += 2 {
		c.Request.Header.Set(headers[i], headers[i+1])
	}
	handler(c)
	return c
}

// checkRaw holds what holds for every answer to a stranger.
func checkRaw(t *testing.T, what string, c *fasthttp.RequestCtx) {
	t.Helper()
	status, body := c.Response.StatusCode(), c.Response.Body()
	if status >= 500 && status != 501 && status != 503 { // 503: nothing stands behind it on the stage
		t.Errorf("%s: status %d: %s", what, status, body)
	}
	if status >= 400 && string(c.Request.Header.Method()) != "HEAD" && !bytes.Contains(body, []byte(`"code":"`)) {
		t.Errorf("%s: status %d is no problem: %.200s", what, status, body)
	}
	for _, leak := range []string{"goroutine ", "panic", "SQLSTATE"} {
		if status >= 400 && bytes.Contains(body, []byte(leak)) {
			t.Errorf("%s: the answer has %q: %s", what, leak, body)
		}
	}
}

// FuzzPath puts odd texts in place of each parameter of each path, escaped and as they are.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"150702", "S-001", "stations", "scenarioabcdefga", "0", "-1", "99999999999999999999", "..", "%2e%2e%2f", "a/b", "驿站", "\x00", "\xff",
		"5", "stations,units", "base.json", "8a1ec9b64a6ffff", "' OR 1=1 --", "<script>", "{code}", "*", ";", "?", strings.Repeat("A", 3000)} {
		f.Add(seed)
	}
	w := newStage(f, func(w *stage) { w.options.Accounts, w.store.Editor = noAccounts{}, noHistory{} })
	handler := w.server.app.Handler()
	var routes [][2]string
	for _, route := range w.server.app.GetRoutes(true) {
		if strings.ContainsAny(route.Path, ":*") {
			routes = append(routes, [2]string{route.Method, route.Path})
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, route := range routes {
			for _, value := range []string{url.PathEscape(text), strings.NewReplacer("#", "", " ", "").Replace(text)} {
				parts := strings.Split(route[1], "/")
				for i, part := range parts {
					if strings.HasPrefix(part, ":") || part == "*" {
						parts[i] = value
					}
				}
				uri := strings.Join(parts, "/")
				checkRaw(t, route[0]+" "+uri, askRaw(handler, route[0], uri, ""))
			}
		}
	})
}

// FuzzHeader sends odd headers, alone and together: nobody gets in by one, and none makes us fail.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{"", "Bearer yz_x", "bearer  yz_", "Basic YTpi", "yizhan-session=x", "yizhan-session=\x00; yizhan-session=y", `"1"`, `W/"1", *`, `"1`, "gzip;q=0", "br, *;q=1e9",
		"text/html;q=x", "http://evil.example", "null", "1.2.3.4, ::1", "bytes=0-1", "<http://www.opengis.net/def/crs/EPSG/0/4326>", "42", "-1", "application/json; charset=\xff", strings.Repeat("a,", 4000)} {
		f.Add(seed)
	}
	names := []string{"Authorization", "Cookie", "If-Match", "If-None-Match", "Accept", "Accept-Encoding", "Accept-Language", "Origin", "Sec-Fetch-Site", "X-Csrf-Token",
		"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Range", "Content-Crs", "Content-Encoding", "Content-Type", "Last-Event-Id", "Access-Control-Request-Method"}
	w := newStage(f, func(w *stage) {
		w.options.Accounts, w.options.TrustedProxies = noAccounts{}, []string{"0.0.0.0/0", "::/0"}
	})
	handler := w.server.app.Handler()
	asked := [][2]string{{"GET", "/api/"}, {"GET", "/api/collections/stations/items"}, {"GET", "/api/tiles/stations/5/25/10"}, {"GET", "/api/city"}, {"GET", "/"}, {"OPTIONS", "/api/city"},
		{"GET", "/api/auth/tokens"}, {"GET", "/api/audit"}, {"POST", "/api/scenarios"}, {"PUT", "/api/scenarios/scenarioabcdefga"}, {"DELETE", "/api/collections/stations/items/S-001"},
		{"PATCH", "/api/collections/stations/items/S-001"}, {"POST", "/api/leaders/" + hereLeader + "/reveal"}, {"GET", "/api/coverage/ranking?level=banner&format=csv"}}
	closed := []string{"/api/auth/tokens", "/api/audit", "/api/scenarios", "/api/leaders/", "/api/coverage/ranking"}
	f.Fuzz(func(t *testing.T, text string) {
		value := strings.NewReplacer("\r", "", "\n", "").Replace(text)
		var all []string
		for _, name := range names {
			all = append(all, name, value)
		}
		for _, one := range asked {
			for i := 0; i <= len(names); i++ {
				headers := all
				if i < len(names) {
					headers = all[2*i : 2*i+2]
				}
				c := askRaw(handler, one[0], one[1], `{"name":"x","edits":[]}`, headers...)
				checkRaw(t, one[0]+" "+one[1]+" with "+headers[0], c)
				private := one[0] != "GET" && one[0] != "OPTIONS" || slices.ContainsFunc(closed, func(path string) bool { return strings.HasPrefix(one[1], path) })
				if status := c.Response.StatusCode(); private && (status < 400 || status == 404) {
					t.Errorf("%v with %s: status %d for a stranger", one, headers[0], status)
				}
			}
		}
	})
}

// FuzzBody sends odd bodies to what reads one.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{"", "{}", "[]", "null", `{"name":"x","edits":[]}`, scenarioOfAll, `{"name":"x","edits":[{"kind":"add_station","location":[1e400,0]}]}`,
		`{"p":1,"services":["water"]}`, `{"budget":90,"cost":20,"candidates":[{"name":"x","location":[119.74,49.21],"cost":35}]}`, `{"model":"lscp","share":0.9}`,
		`{"name":"a","password":"b"}`, "{\"a\":\"\xff\"}", `{"a":1}{}`, strings.Repeat("[", 2000), `{"p":-0,"p":1}`, `{"name":"\ud800","edits":[]}`} {
		f.Add(seed)
	}
	w := newStage(f, byAnalyst)
	handler := w.server.app.Handler()
	f.Fuzz(func(t *testing.T, body string) {
		for _, uri := range []string{"/api/scenarios", "/api/siting"} {
			c := askRaw(handler, "POST", uri, body, "Content-Type", "application/json", "Authorization", "Bearer yz_test")
			if status := c.Response.StatusCode(); status == 503 || status == 429 {
				continue // as many jobs as there may be
			}
			checkRaw(t, "POST "+uri, c)
		}
	})
}
