// Command importbench measures `yizhan import` on a CSV of a million stations, against what its design promises: 60 s
// and 300 MB. Beside it stands a floor of the same run: the rows that the import left in the database, by binary COPY
// into tables with the same columns and indexes that are not logged and have no checks, keys or triggers.
//
// It runs a private PostGIS, set as that of `yizhan serve`, in a temporary folder. Like tilebench it holds SQL, which is
// what it compares with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/yizhan/yizhan/store"
	"github.com/yizhan/yizhan/store/pgembed"
)

type options struct {
	rows    int
	program string
}

func main() {
	var o options
	flag.IntVar(&o.rows, "rows", 1_000_000, "`number` of stations in the file")
	flag.StringVar(&o.program, "program", "", "the yizhan to measure (default: one that is built now)")
	flag.Parse()
	if flag.NArg() > 0 || o.rows < 1 || o.rows > maxRows {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "importbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	say := func(format string, args ...any) { fmt.Fprintf(stderr, "  "+format+" …\n", args...) }
	folder, err := os.MkdirTemp("", "yizhan-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if o.program == "" {
		say("building yizhan")
		o.program = filepath.Join(folder, "yizhan")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.program, "./cmd/yizhan").CombinedOutput(); err != nil {
			return fmt.Errorf("build yizhan: %w: %s", err, out)
		}
	}
	say("starting a private PostGIS")
	server, err := pgembed.Start(ctx, pgembed.Options{Dir: filepath.Join(folder, "postgres"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("start the private database: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := loadCity(ctx, server.URL()); err != nil {
		return err
	}
	say("writing %d rows", o.rows)
	file := filepath.Join(folder, "stations.csv")
	if err := writeRows(file, o.rows); err != nil {
		return err
	}
	say("checking and applying them")
	report, err := measureImport(ctx, o, server, file)
	if err != nil {
		return err
	}
	say("copying what they became into bare tables")
	if report.floor, report.floorCPU, err = measureFloor(ctx, server); err != nil {
		return err
	}
	return report.print(stdout)
}

// loadCity makes a city of four units without micro-grids, which is enough to have a place for every row.
func loadCity(ctx context.Context, url string) error {
	if err := store.Migrate(ctx, url); err != nil {
		return err
	}
	opened, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		return err
	}
	defer opened.Close()
	_, err = opened.Apply(ctx, flatCity())
	return err
}
