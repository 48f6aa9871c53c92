// Command yizhan serves the stations, micro-grids and coverage of a city, and keeps its database.
//
// Each subcommand is one file. Exit codes: 0 done, 1 failed, 2 called wrongly, 3 a check did not hold
// (demo --verify, health, audit verify).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/yizhan/yizhan/importers/parquet"
)

const (
	exitFailed = 1
	exitUsage  = 2
	exitCheck  = 3
)

// errCheck is returned when a command ran well and what it checked did not hold.
var errCheck = errors.New("check did not hold")

type command struct {
	name    string
	summary string
	run     func(ctx context.Context, env environment, args []string) error
}

// environment is what a command may touch of the world.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}

func commands() []command {
	return []command{
		{"serve", "serve the pages, the API and the tiles", serve},
		{"demo", "load, write out or verify the demo city", demoCommand},
		{"import", "check a file of stations or micro-grids, and apply it", importCommand},
		{"export", "write tiles to a PMTiles archive", export},
		{"coverage", "tell how many households are within reach of a station", coverage},
		{"siting", "find places for new stations, or solve a published instance", siting},
		{"migrate", "bring the database schema up to date", migrate},
		{"user", "make accounts, give roles and take them away", userCommands},
		{"audit", "prove that the audit trail is whole", auditCommand},
		{"keys", "rotate the keys of personal data", keysCommand},
		{"health", "ask a running server whether it is ready", health},
		{"openapi", "print the OpenAPI document", openapi},
		{"version", "print the version", version},
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == parquet.Command { // as a child of ourselves
		os.Exit(parquet.Main(os.Args[2:], os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl+C ends the process at once
	env := environment{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	os.Exit(run(ctx, env, os.Args[1:]))
}

func run(ctx context.Context, env environment, args []string) int {
	if len(args) == 0 {
		usage(env.stderr)
		return exitUsage
	}
	if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		usage(env.stdout)
		return 0
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return exitCode(env, c.run(ctx, env, args[1:]))
		}
	}
	fmt.Fprintf(env.stderr, "yizhan: no command %q\n\n", args[0])
	usage(env.stderr)
	return exitUsage
}

func exitCode(env environment, err error) int {
	var wrongUse usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrongUse):
		fmt.Fprintf(env.stderr, "yizhan: %v\n", err)
		return exitUsage
	case errors.Is(err, errCheck):
		return exitCheck
	}
	fmt.Fprintf(env.stderr, "yizhan: %v\n", err)
	return exitFailed
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Yizhan 驿站: stations, micro-grids and coverage for cities that look after their riders.\n\nUsage: yizhan COMMAND [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\n\"yizhan COMMAND --help\" lists the flags of a command. Every flag can also be set in the environment.\n")
}

func newLogger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
