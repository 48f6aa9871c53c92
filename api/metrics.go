package api

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"
)

// metrics are what the server counts, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	limited  prometheus.Counter
	streams  prometheus.Gauge
	dropped  prometheus.Counter
	short    prometheus.Counter

	mu         sync.Mutex
	tileMeters map[string]*tileMeter // by route
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(), tileMeters: map[string]*tileMeter{},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "yizhan_http_requests_total", Help: "Requests answered."}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "yizhan_http_request_seconds", Help: "Time until the answer was ready; for event streams, until it began.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "yizhan_http_requests_in_flight", Help: "Requests being answered."}),
		limited:  prometheus.NewCounter(prometheus.CounterOpts{Name: "yizhan_http_rate_limited_total", Help: "Requests refused because their address asked too often."}),
		streams:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "yizhan_event_streams", Help: "Clients that listen to /api/events."}),
		dropped:  prometheus.NewCounter(prometheus.CounterOpts{Name: "yizhan_event_streams_dropped_total", Help: "Event clients dropped because they did not keep up."}),
		short:    prometheus.NewCounter(prometheus.CounterOpts{Name: "yizhan_tiles_short_answers_total", Help: "Tiles answered from the cache before any routing."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.inFlight, m.limited, m.streams, m.dropped, m.short,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// gauge registers a figure that is read when it is asked for.
func (m *metrics) gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// counter registers a total that is read when it is asked for.
func (m *metrics) counter(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// serveMetrics writes the metrics to those who watch the server. They tell how busy it is and what fails, which is
// nobody else's business: from an address of the internet there is no such page.
func (s *Server) serveMetrics(c *fiber.Ctx) error {
	if address := s.addressOf(c.Context()).Addr(); address.IsGlobalUnicast() && !address.IsPrivate() {
		return notFound("metrics are told to addresses of this machine and of its private network only")
	}
	return s.metrics.serve(c)
}

// serve writes the metrics in Prometheus' text format.
func (m *metrics) serve(c *fiber.Ctx) error {
	families, err := m.registry.Gather()
	if err != nil {
		return fmt.Errorf("gather metrics: %w", err)
	}
	var body bytes.Buffer
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	encoder := expfmt.NewEncoder(&body, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
	}
	c.Set(fiber.HeaderContentType, string(format))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(body.Bytes())
}
