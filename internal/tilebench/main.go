// Command tilebench measures the tile service and prints it beside what it is measured against, all from one
// run on the demo city:
//
//   - the 40-tile mix, cold and warm, beside the plain ST_AsMVT query on the same database;
//   - tiles nobody asked for before, by zoom;
//   - requests a second of the real server beside a Fiber handler that returns a static body of that size;
//   - the time from an edit to the fresh tile on three replicas;
//   - all that grows, on cities 10 and 100 times as large (package benchcity).
//
// It runs a private PostGIS in a temporary folder. It is the one program beside store that holds SQL and
// beside api that speaks Fiber: both are what it compares with, and neither belongs into the product.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/store"
	"github.com/yizhan/yizhan/store/pgembed"
)

type options struct {
	json  bool
	part  string
	scale int
	edits int
	load  time.Duration
}

func main() {
	var o options
	flag.BoolVar(&o.json, "json", false, "print the figures as JSON")
	flag.StringVar(&o.part, "part", "", "measure only one `part`: city (all but growth) or growth")
	flag.IntVar(&o.scale, "scale", 10, "largest city to measure, in `times` the demo city: 1, 10 or 100; 100 takes 12 GB")
	flag.IntVar(&o.edits, "edits", 200, "`number` of edits to follow")
	flag.DurationVar(&o.load, "load", 2*time.Second, "how `long` each round of requests lasts")
	flag.Parse()
	if flag.NArg() > 0 || o.part != "" && o.part != "city" && o.part != "growth" || o.edits < 1 || o.load <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tilebench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, stdout, stderr io.Writer) error {
	say := func(format string, args ...any) { fmt.Fprintf(stderr, "  "+format+" …\n", args...) }
	report := newReport()
	if o.part != "growth" {
		if err := measureCity(ctx, o, &report, say); err != nil {
			return err
		}
	}
	if o.part != "city" {
		if err := measureGrowth(ctx, o.scale, &report, say); err != nil {
			return err
		}
	}
	if o.json {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	return report.print(stdout)
}

// measureCity measures all that needs the database.
func measureCity(ctx context.Context, o options, report *Report, say func(string, ...any)) (err error) {
	folder, err := os.MkdirTemp("", "yizhan-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	say("starting a private PostGIS")
	server, err := pgembed.Start(ctx, pgembed.Options{Dir: filepath.Join(folder, "postgres"), Logger: quiet})
	if err != nil {
		return fmt.Errorf("start the private database: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	say("loading the demo city")
	city, err := loadDemo(ctx, server.URL())
	if err != nil {
		return err
	}
	say("making the 40-tile mix, from memory and with ST_AsMVT")
	if err := measureMix(ctx, server.URL(), city, report); err != nil {
		return err
	}
	say("making tiles of every zoom")
	if err := measureZooms(ctx, city, report); err != nil {
		return err
	}
	say("asking for a tile again and again")
	if err := measureServer(ctx, server.URL(), o.load, report); err != nil {
		return err
	}
	say("editing, and waiting for fresh tiles on %d replicas", replicas)
	return measureLive(ctx, server.URL(), o.edits, report)
}

var quiet = slog.New(slog.DiscardHandler)

// loadDemo brings the demo city into the database, and out again as the views see it.
func loadDemo(ctx context.Context, url string) (*yizhan.City, error) {
	if err := store.Migrate(ctx, url); err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, store.Options{URL: url, Logger: quiet})
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	generated, err := demo.Generate(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := opened.Apply(ctx, generated.Changeset()); err != nil {
		return nil, err
	}
	return opened.Snapshot(ctx)
}
