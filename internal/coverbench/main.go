// Command coverbench measures the coverage engine against the speeds that its design promises, on 600,000
// cells made up for it and on the demo city, and asks PostGIS the same where it has an answer: the households
// within reach by ST_DWithin over geography, with a GiST index, in the same run.
//
// It runs a private PostGIS in a temporary folder. Like tilebench it holds SQL, which is what it compares with.
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

	"github.com/yizhan/yizhan/store/pgembed"
)

type options struct {
	json  bool
	part  string
	edits int
}

func main() {
	var o options
	flag.BoolVar(&o.json, "json", false, "print the figures as JSON")
	flag.StringVar(&o.part, "part", "", "measure only one `part`: big (600,000 cells) or demo (the demo city)")
	flag.IntVar(&o.edits, "edits", 100, "`number` of edits to commit and follow")
	flag.Parse()
	if flag.NArg() > 0 || o.part != "" && o.part != "big" && o.part != "demo" || o.edits < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "coverbench:", err)
		os.Exit(1)
	}
}

var quiet = slog.New(slog.DiscardHandler)

func run(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	say := func(format string, args ...any) { fmt.Fprintf(stderr, "  "+format+" …\n", args...) }
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
	report := newReport()
	if o.part != "demo" {
		if err := measureBig(ctx, server.URL(), &report, say); err != nil {
			return err
		}
	}
	if o.part != "big" {
		if err := measureDemo(ctx, server.URL(), folder, o.edits, &report, say); err != nil {
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
