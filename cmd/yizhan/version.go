package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// release is set by the build: -ldflags "-X main.release=…".
var release = "dev"

func version(_ context.Context, env environment, args []string) error {
	if err := newFlags(env, "version", "Prints the version of Yizhan and of the Go that built it.").parse(args); err != nil {
		return err
	}
	goVersion := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
	}
	_, err := fmt.Fprintf(env.stdout, "yizhan %s (%s)\n", release, goVersion)
	return err
}
