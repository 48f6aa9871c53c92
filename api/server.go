package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/geo/memo"
	"github.com/yizhan/yizhan/importers/intake"
	"github.com/yizhan/yizhan/tiles"
)

// Options are what a Server needs. Store, Feed, Nearest, Coverage and Tiles are required.
type Options struct {
	Store    Store
	Feed     Feed
	Nearest  Nearest
	Coverage Coverage
	Tiles    Tiles
	// Scenarios keeps scenarios; nil for none: their addresses then say so.
	Scenarios Scenarios
	// Planning keeps what communities go through in their review; nil for none: their addresses then say so.
	Planning Planning
	// Layers keeps indicators and places, and Tables reads the files that they come in; nil for none.
	Layers Layers
	Tables Tables
	// Accounts keeps accounts; nil for none: then nobody can sign in.
	Accounts Accounts
	OIDC     OIDC // signs in elsewhere; nil for nowhere
	// Imports takes files in; nil for none: its addresses then say so.
	Imports *intake.Desk
	// Reports keeps what riders report; nil for nowhere: the addresses then say so.
	Reports Reports
	// CORSOrigins are the sites whose pages may ask, exactly as browsers name them, or * for all; with tokens,
	// never with the cookies of people.
	CORSOrigins []string
	AccountRate int   // requests a second for each account, with bursts of five times that; 0 for no limit
	Web         fs.FS // the built pages; nil for none: their addresses then say so
	Logger      *slog.Logger

	Attribution    []Attribution // shown on the map; nil for DefaultAttribution
	Files          string        // folder in which files are made that are taken away; empty for the system's
	BaseURL        string        // how clients reach the server, without a slash at the end; empty to go by each request
	RateLimit      int           // requests a second for each address, with bursts of five times that; 0 for no limit
	TrustedProxies []string      // addresses and networks whose X-Forwarded-… headers are believed
	EventClients   int           // event streams at once, a tenth of them from one address; 0 for 1,000
	Jobs           int           // long questions that are computed at once; 0 for one a core
	Heartbeat      time.Duration // between comments on an event stream; 0 for 15 s
	Deadline       time.Duration // for the work of one request; 0 for 10 s
	Now            func() time.Time
}

// Server answers HTTP. It is safe for concurrent use.
type Server struct {
	options    Options
	logger     *slog.Logger
	now        func() time.Time
	app        *fiber.App
	router     guarded
	undeclared []string // routes without an act
	huma       huma.API
	metrics    *metrics
	limiter    *limiter[netip.Prefix]
	accounts   *limiter[string]
	reporters  *limiter[netip.Prefix]
	developing chan struct{} // a token for each photo that is being drawn anew
	passwords  *auth.Passwords
	packs      packs
	city       atomic.Pointer[citySummary]
	summing    sync.Mutex
	pages      pages
	streams    places
	touches    map[string]*touches // by datum
	proxies    proxies
	making     chan struct{} // a token for each large page that is being made
	searching  chan struct{} // a token for each search in the database
	outgoing   outgoing
	files      fileTurns
	warm       *warm
	indicators *memo.Memo[indicatorKey, *yizhan.Indicator] // that something was weighed by
	jobs       *jobs
	ctx        context.Context // ends when the server is shut down
	stop       context.CancelFunc
}

// New makes a server that is ready to Serve. It panics on options that a program cannot run with.
func New(options Options) *Server {
	s := assemble(options)
	options.Tiles.OnTouched(s.touches[tiles.WGS84].add)
	options.Tiles.OnTouchedGCJ02(s.touches[tiles.GCJ02].add)
	return s
}

// assemble registers every route; OpenAPI uses it without anything behind the routes.
func assemble(options Options) *Server {
	options = withDefaults(options)
	trusted, err := parseProxies(options.TrustedProxies)
	if err != nil {
		panic(fmt.Errorf("api: %w", err))
	}
	ctx, stop := context.WithCancel(context.Background())
	app := newFiber(options.TrustedProxies)
	s := &Server{
		options: options, logger: options.Logger, now: options.Now, app: app,
		metrics: newMetrics(), limiter: newLimiter[netip.Prefix](options.RateLimit, options.Now),
		accounts: newLimiter[string](options.AccountRate, options.Now), passwords: auth.NewPasswords(0),
		reporters: newReporters(options), developing: make(chan struct{}, photosDeveloped),
		streams: newPlaces(options.EventClients), touches: map[string]*touches{tiles.WGS84: newTouches(), tiles.GCJ02: newTouches()}, proxies: trusted,
		making: make(chan struct{}, largePagesMade), searching: make(chan struct{}, searches), ctx: ctx, stop: stop,
		warm: newWarm(), indicators: newIndicatorMemo(), files: newFileTurns(),
	}
	limits := defaultJobLimits()
	if options.Jobs > 0 {
		limits.running = options.Jobs
	}
	s.jobs = newJobs(ctx, limits, options.Now, options.Logger)
	s.router = guarded{app, s}
	app.Server().Handler = s.tilesFirst(app.Server().Handler)
	app.Use(protect, s.observe, s.meter, compress, s.rescue, s.cors, s.limit, s.deadline)
	s.huma = humafiber.NewV2WithGroup(app, s.router, describe())
	s.routeHealth()
	s.routeDocument()
	s.routeCity()
	s.routeConformance()
	s.routeCollections()
	s.routeChangesets()
	s.routeHistory()
	s.routeNearest()
	s.routePack()
	s.routeTileSets() // before the layers: WebMercatorQuad is none
	s.routeTiles()
	s.routeCoverage()
	s.routeTrend()
	s.routeEvents()
	s.routeGaps()
	s.routeExplain()
	s.routeDifferences() // before the scenarios: compare is none
	s.routeScenarios()
	s.routeSiting()
	s.routeImportTemplates() // before the imports: templates is none
	s.routeImports()
	s.routeExports()
	s.routeIndicators()
	s.routePlaces()
	s.routeTables()
	s.routeJobs()
	s.routeAuth()
	s.routeUsers()
	s.routeLeaders()
	s.routeCommunities()
	s.routeReports()
	s.routeReportQueue()
	s.routePages()
	return s
}

func withDefaults(o Options) Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Attribution == nil {
		o.Attribution = DefaultAttribution()
	}
	if o.EventClients == 0 {
		o.EventClients = 1_000
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Deadline == 0 {
		o.Deadline = requestDeadline
	}
	return o
}

// Serve answers on the listener until Shutdown, and then returns nil.
func (s *Server) Serve(listener net.Listener) error {
	err := s.app.Listener(lingerer{listener})
	switch {
	case s.ctx.Err() != nil:
		return nil
	case err == nil: // Fiber is silent about a listener that was closed under it
		err = net.ErrClosed
	}
	return fmt.Errorf("serve HTTP: %w", err)
}

// shutdownGrace is how long requests that are being answered may take when the server is shut down.
const shutdownGrace = 5 * time.Second

// Shutdown ends the event streams and the jobs, lets requests finish for a few seconds, and makes Serve
// return.
func (s *Server) Shutdown() error {
	s.stop()
	err := s.app.ShutdownWithTimeout(shutdownGrace)
	if !s.jobs.close(shutdownGrace) {
		s.logger.Warn("a job goes on after the server was shut down")
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("shut down HTTP: %w", err)
	}
	return nil
}

// Test answers one request without a network, for tests.
func (s *Server) Test(request *http.Request) (*http.Response, error) { return s.app.Test(request, -1) }
