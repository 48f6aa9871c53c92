package api

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan/feed"
)

// Health says that the process answers.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

// Readiness says that the views have caught up.
type Readiness struct {
	Status string           `json:"status" enum:"ready"`
	Seq    int64            `json:"seq" doc:"The change of the log that the data is up to"`
	Views  map[string]int64 `json:"views" doc:"The change that each view is up to"`
}

func (s *Server) routeHealth() {
	s.described(huma.Operation{
		OperationID: "healthz", Path: "/healthz", Tags: []string{"Operations"}, Summary: "Is the process alive",
		Description: "200 as long as the process answers, whatever the database does.",
		Responses:   s.jsonResponse("Alive", reflect.TypeFor[Health]()),
	}, func(c *fiber.Ctx) error { return plainJSON(c, []byte(`{"status":"ok"}`)) })
	s.described(huma.Operation{
		OperationID: "readyz", Path: "/readyz", Tags: []string{"Operations"}, Summary: "Can it be sent traffic",
		Description: "503 with the reasons until every view has caught up with the data. Stays ready when the database goes away later, because most answers come from memory.",
		Errors:      []int{503},
		Responses:   s.jsonResponse("Ready", reflect.TypeFor[Readiness]()),
	}, s.ready)
	s.described(huma.Operation{
		OperationID: "metrics", Path: "/metrics", Tags: []string{"Operations"}, Summary: "Figures for Prometheus",
		Description: "To addresses of the machine itself and of private networks; 404 to those of the internet.",
		Errors:      []int{404},
		Responses: map[string]*huma.Response{"200": {Description: "Prometheus text format",
			Content: map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}, s.serveMetrics)
	s.metrics.gauge("yizhan_feed_ready", "1 when every view has caught up.", func() float64 {
		if s.options.Feed.Status().Ready {
			return 1
		}
		return 0
	})
	s.metrics.gauge("yizhan_feed_seq", "The change that the feed has reached.", func() float64 { return float64(s.options.Feed.Status().Seq) })
	s.metrics.gauge("yizhan_feed_view_lag", "Changes by which the slowest view is behind the feed.", func() float64 {
		return float64(viewLag(s.options.Feed.Status()))
	})
	s.metrics.gauge("yizhan_feed_contact_age_seconds", "Seconds since the database was last heard; -1 for never.", func() float64 {
		last := s.options.Feed.LastContact()
		if last.IsZero() {
			return -1
		}
		return s.now().Sub(last).Seconds()
	})
}

func viewLag(status feed.Status) int64 {
	var lag int64
	for _, seq := range status.Views {
		lag = max(lag, status.Seq-seq)
	}
	return lag
}

func (s *Server) jsonResponse(description string, of reflect.Type) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: description,
		Content: map[string]*huma.MediaType{"application/json": {Schema: s.schema(of)}}}}
}

func plainJSON(c *fiber.Ctx, body []byte) error {
	c.Set(fiber.HeaderContentType, "application/json")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(http.StatusOK).Send(body)
}

func (s *Server) ready(c *fiber.Ctx) error {
	status := s.options.Feed.Status()
	if reasons := unreadyReasons(status); len(reasons) > 0 {
		return unavailable("not ready: "+strings.Join(reasons, "; "), status.Err)
	}
	o := object{}
	o.open()
	o.text("status", "ready")
	o.integer("seq", status.Seq)
	o.name("views")
	o.open()
	for _, name := range sortedKeys(status.Views) {
		o.integer(name, status.Views[name])
	}
	o.close()
	o.close()
	return plainJSON(c, o.buf)
}

// unreadyReasons tells what is still missing; nil when nothing is. A view that has been built once and
// lags for a moment is no reason.
func unreadyReasons(status feed.Status) []string {
	var reasons []string
	if status.LastContact.IsZero() {
		reasons = append(reasons, "the database has not answered yet")
	}
	for _, name := range sortedKeys(status.Views) {
		if status.Views[name] == 0 && (status.Seq > 0 || !status.Ready) {
			reasons = append(reasons, fmt.Sprintf("view %s is at 0 of %d", name, status.Seq))
		}
	}
	if len(reasons) == 0 && !status.Ready {
		reasons = append(reasons, "the data is still being loaded")
	}
	return reasons
}
