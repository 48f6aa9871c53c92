package main

import (
	"context"

	"github.com/yizhan/yizhan/store"
)

func migrate(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "migrate", "Brings the database schema up to date. Safe to run by several processes at once.")
	where, level := f.database(), f.logLevel()
	if err := f.parse(args); err != nil {
		return err
	}
	url, stop, err := where.open(ctx, newLogger(env.stderr, *level))
	if err != nil {
		return err
	}
	defer stop()
	return store.Migrate(ctx, url)
}
