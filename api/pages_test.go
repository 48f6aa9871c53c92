package api

import (
	"net/http"
	"testing"
)

func TestPages(t *testing.T) {
	const forever = "public, max-age=31536000, immutable"
	html := map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"}
	w := newStage(t)
	for _, s := range []scenario{
		{name: "rider", target: "/", status: 200, has: []string{"rider"}, header: html},
		{name: "station", target: "/s/S-001", status: 200, has: []string{"rider"}, header: html},
		{name: "planner", target: "/plan/", status: 200, has: []string{"planner"}, header: html},
		{name: "analyst", target: "/insight/", status: 200, has: []string{"analyst"}, header: html},
		{name: "admin", target: "/admin/", status: 200, has: []string{"admin"}, header: html},
		{name: "login", target: "/login/?return_to=/admin/", status: 200, has: []string{"login"}, header: html},
		{name: "login without the slash", target: "/login", status: 308, header: map[string]string{"Location": "/login/"}},
		{name: "planner without the slash", target: "/plan", status: 308, header: map[string]string{"Location": "/plan/"}},
		{name: "analyst without the slash", target: "/insight", status: 308, header: map[string]string{"Location": "/insight/"}},
		{name: "icon", target: "/favicon.svg", status: 200, header: map[string]string{"Content-Type": "image/svg+xml"}},
		{name: "script", target: "/assets/app-4f2a.js", status: 200, has: []string{"console"},
			header: map[string]string{"Cache-Control": forever, "Vary": "Accept-Encoding", "Content-Encoding": "", "Content-Type": "text/javascript; charset=utf-8"}},
		{name: "script, brotli", target: "/assets/app-4f2a.js", headers: []string{"Accept-Encoding", "gzip, deflate, br"}, status: 200, has: []string{"BROTLI"},
			header: map[string]string{"Content-Encoding": "br", "Vary": "Accept-Encoding"}},
		{name: "script, gzip", target: "/assets/app-4f2a.js", headers: []string{"Accept-Encoding", "gzip"}, status: 200, has: []string{"GZIP"}},
		{name: "style, not compressed", target: "/assets/plain-77aa.css", headers: []string{"Accept-Encoding", "br"}, status: 200, has: []string{"body{}"}},
		{name: "nested", target: "/assets/nested/x-1.woff2", status: 200, header: map[string]string{"Content-Type": "font/woff2"}},
		{name: "missing asset", target: "/assets/app-0000.js", status: 404, code: "not_found", hasNot: []string{"rider"}, header: map[string]string{"Cache-Control": "no-store"}},
		{name: "folder", target: "/assets/nested", status: 404, code: "not_found"},
		{name: "compressed form by name", target: "/assets/app-4f2a.js.br", status: 404, code: "not_found"},
		{name: "climbing", target: "/assets/..%2frider.html", status: 404, code: "not_found"},
		{name: "page by file name", target: "/rider.html", status: 404, code: "not_found"},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, w) })
	}
	tag := w.get(t, "/").header.Get("ETag")
	scenario{name: "known page", target: "/", headers: []string{"If-None-Match", tag}, status: 304}.check(t, w)
}

func TestWithoutPages(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "rider", target: "/", status: http.StatusServiceUnavailable, code: "no_pages"},
		{name: "asset", target: "/assets/app.js", status: http.StatusServiceUnavailable, code: "no_pages"},
		{name: "the API works", target: "/api/city", status: 200},
	}, func(w *stage) { w.options.Web = nil })
}
