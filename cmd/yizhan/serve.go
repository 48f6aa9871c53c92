package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yizhan/yizhan/api"
	"github.com/yizhan/yizhan/feed"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/importers/figures"
	"github.com/yizhan/yizhan/importers/formats"
	"github.com/yizhan/yizhan/importers/intake"
	"github.com/yizhan/yizhan/store"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/web"
)

// readyPoll is how often serve looks whether the views have caught up, to say so.
const readyPoll = 20 * time.Millisecond

// gcPercent is less than Go's usual one: most of the memory of a server is a city that hardly changes, and what
// a question takes should not double it.
const gcPercent = 30

type serveOptions struct {
	listen    string
	demo      bool
	database  *database
	level     *slog.Level
	rateLimit int
	public    *public
	keys      *keyring
	doors     *doors
}

func serve(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "serve", "Serves the pages, the API and the tiles until it is stopped with Ctrl+C.")
	o := serveOptions{database: f.database(), level: f.logLevel(), public: f.public(), doors: f.doors()}
	o.keys = f.keyring(o.database)
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	f.BoolVar(&o.demo, "demo", false, "load the demo city if the database is empty, and let the demo accounts in")
	f.IntVar(&o.rateLimit, "rate-limit", 200, "`requests` a second that one address may make, with bursts of five times that; 0 for no limit")
	if err := f.parse(args); err != nil {
		return err
	}
	if env.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	listener, err := net.Listen("tcp", o.listen) // before the database starts: a port in use is told at once
	if err != nil {
		return err
	}
	defer listener.Close()
	logger := newLogger(env.stderr, *o.level)
	keys, err := o.keys.open(logger)
	if err != nil {
		return err
	}
	opened, stop, err := o.database.openStoreWith(ctx, logger, keys)
	if err != nil {
		return err
	}
	defer stop()
	if err := o.prepare(ctx, env.stdout, opened); err != nil {
		return err
	}
	if _, lost, err := opened.Sealed(ctx); err != nil {
		return err
	} else if lost > 0 {
		logger.Warn("names and phones were sealed with a key that is not here: give --key-file or YIZHAN_KEY", "values", lost)
	}
	return serveCity(ctx, env.stdout, listener, opened, o, logger)
}

// prepare loads the demo city and lets its accounts in, or keeps them out.
func (o *serveOptions) prepare(ctx context.Context, out io.Writer, opened *store.Store) error {
	if !o.demo {
		return keepDemoOut(ctx, opened)
	}
	fmt.Fprintln(out, "驿站 Yizhan")
	if _, err := loadDemo(ctx, out, opened); err != nil {
		return err
	}
	return letDemoIn(ctx, out, opened, o.doors.demoPassword)
}

// serveCity runs the feed and the server side by side until ctx ends or one of them fails.
func serveCity(ctx context.Context, out io.Writer, listener net.Listener, opened *store.Store, o serveOptions, logger *slog.Logger) (err error) {
	nearest := views.NewNearest()
	coverage := views.NewCoverage(views.CoverageOptions{CacheDir: filepath.Join(o.database.data, "cache"), Logger: logger, History: opened, Finest: true})
	pyramid := tiles.NewPyramid(tiles.Options{Coverage: coverageTiles{coverage, opened}, Logger: logger})
	follower := feed.New(opened, logger, nearest, pyramid, coverage)
	provider, err := o.doors.provider(o.public.baseURL)
	if err != nil {
		return usageError{err}
	}
	files, err := emptyFolder(filepath.Join(o.database.data, "cache", "exports"))
	if err != nil {
		return err
	}
	desk, err := intake.NewDesk(intake.Options{Dir: filepath.Join(o.database.data, "imports"), Keep: true, City: follower.City, Store: opened, Find: formats.Find, Logger: logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.Close()) }()
	server := api.New(api.Options{
		Imports: desk, Layers: opened, Tables: figures.Reader{},
		Store: opened, Feed: follower, Nearest: nearest, Coverage: api.CoverageOf(coverage), Tiles: pyramid, Scenarios: opened, Planning: opened, Reports: opened,
		Web: web.Dist(), Logger: logger, RateLimit: o.rateLimit,
		Files:   files,
		BaseURL: o.public.baseURL, TrustedProxies: o.public.proxies,
		Accounts: opened, OIDC: provider, CORSOrigins: o.doors.corsOrigins, AccountRate: o.doors.accountRate,
	})

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ignoreCancel(follower.Run(ctx)) })
	group.Go(func() error { return desk.Run(ctx) })
	group.Go(func() error { return server.Serve(listener) })
	group.Go(func() error {
		<-ctx.Done()
		return server.Shutdown()
	})
	group.Go(func() error {
		announce(ctx, out, listener.Addr(), follower)
		return nil
	})
	return group.Wait()
}

// emptyFolder makes a folder, without what a process that was killed left in it.
func emptyFolder(path string) (string, error) {
	if err := os.RemoveAll(path); err != nil {
		return "", err
	}
	return path, os.MkdirAll(path, 0o700)
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// announce says where the pages are, as soon as there is something to see on them.
func announce(ctx context.Context, out io.Writer, address net.Addr, follower *feed.Feed) {
	for !follower.Status().Ready {
		select {
		case <-ctx.Done():
			return
		case <-time.After(readyPoll):
		}
	}
	base := "http://" + address.String()
	if tcp, ok := address.(*net.TCPAddr); ok && (tcp.IP.IsLoopback() || tcp.IP.IsUnspecified()) {
		base = fmt.Sprintf("http://localhost:%d", tcp.Port)
	}
	fmt.Fprintf(out, `
  rider    骑手    %[1]s/
  planner  网格员  %[1]s/plan/
  analyst  分析员  %[1]s/insight/
  API      接口    %[1]s/api/docs

  Ctrl+C stops everything; the data stays.
`, base)
}
