package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/yizhan/yizhan/store"
	"github.com/yizhan/yizhan/store/pgembed"
)

// open gives the URL of the database: the one that was named, or Yizhan's own, started if need be.
// stop ends what open started.
func (d *database) open(ctx context.Context, logger *slog.Logger) (url string, stop func(), err error) {
	if d.url != "" {
		return d.url, func() {}, nil
	}
	folder, err := filepath.Abs(filepath.Join(d.data, "postgres"))
	if err != nil {
		return "", nil, err
	}
	server, err := pgembed.Start(ctx, pgembed.Options{Dir: folder, Logger: logger})
	if err != nil {
		return "", nil, fmt.Errorf("start the private database: %w", err)
	}
	return server.URL(), func() {
		if err := server.Close(); err != nil {
			logger.Error("the private database did not stop cleanly", "error", err)
		}
	}, nil
}

// openStore gives a store on a database that is up to date. It can do nothing with personal data.
func (d *database) openStore(ctx context.Context, logger *slog.Logger) (*store.Store, func(), error) {
	return d.openStoreWith(ctx, logger, nil)
}

// openStoreWith gives a store with the keys of personal data.
func (d *database) openStoreWith(ctx context.Context, logger *slog.Logger, keys *store.Keyring) (*store.Store, func(), error) {
	url, stop, err := d.open(ctx, logger)
	if err != nil {
		return nil, nil, err
	}
	if err := store.Migrate(ctx, url); err != nil {
		stop()
		return nil, nil, err
	}
	opened, err := store.Open(ctx, store.Options{URL: url, Logger: logger, Keys: keys})
	if err != nil {
		stop()
		return nil, nil, err
	}
	return opened, func() { opened.Close(); stop() }, nil
}
