package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/store"
)

func demoCommand(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "demo", "Loads the demo city into an empty database. It is made from public data of Hulunbuir and is\notherwise synthetic; the same bytes each time.")
	where, level := f.database(), f.logLevel()
	ring := f.keyring(where)
	verify := f.Bool("verify", false, "prove counts, sums and the partition of the city in the database instead; exit code 3 if they do not hold")
	out := f.String("out", "", "write the city to this `file` as GeoJSONSeq instead of loading it")
	if err := f.parse(args); err != nil {
		return err
	}
	if *out != "" {
		return writeDemo(ctx, env, *out)
	}
	logger := newLogger(env.stderr, *level)
	keys, err := ring.open(logger)
	if err != nil {
		return err
	}
	opened, stop, err := where.openStoreWith(ctx, logger, keys)
	if err != nil {
		return err
	}
	defer stop()
	if *verify {
		return verifyDemo(ctx, env.stdout, opened)
	}
	loaded, err := loadDemo(ctx, env.stderr, opened)
	if err == nil && !loaded {
		fmt.Fprintln(env.stderr, "The database holds a city already; nothing was changed.")
	}
	return err
}

// loadDemo loads the demo city if the database holds no unit yet, and tells whether it did.
func loadDemo(ctx context.Context, out io.Writer, opened *store.Store) (bool, error) {
	page, err := opened.Find(ctx, yizhan.Query{Collection: yizhan.Units, Limit: 1, SkipGeometry: true})
	if err != nil || len(page.Features) > 0 {
		return false, err
	}
	started := time.Now()
	bar := newProgress(out)
	city, err := demo.Generate(ctx, bar.step)
	if err != nil {
		return false, fmt.Errorf("generate the demo city: %w", err)
	}
	generated := time.Since(started)
	bar.step("writing to the database", 0, 1)
	changeset := city.Changeset()
	changeset.Contacts = city.Contacts()
	if _, err := opened.Apply(ctx, changeset); err != nil {
		return false, fmt.Errorf("load the demo city: %w", err)
	}
	if err := loadDemoLayers(ctx, opened, city); err != nil {
		return false, fmt.Errorf("load the layers of the demo city: %w", err)
	}
	bar.end(fmt.Sprintf("demo city: %d units, %d micro-grids, %d leaders, %d stations, %d friendly scenes; generated in %.1f s, loaded in %.1f s",
		len(city.Units), len(city.MicroGrids), len(city.Leaders), len(city.Stations), len(city.Scenes),
		generated.Seconds(), (time.Since(started) - generated).Seconds()))
	return true, nil
}

// loadDemoLayers adds what stands beside the city: indicators and a layer of places.
func loadDemoLayers(ctx context.Context, opened *store.Store, city *demo.City) error {
	by := yizhan.System("demo")
	indicators, err := city.Indicators()
	if err != nil {
		return err
	}
	for _, i := range indicators {
		kept, err := opened.CreateIndicator(ctx, by, i.Indicator, i.Releases[0])
		for _, r := range i.Releases[1:] {
			if err == nil {
				kept, err = opened.PutRelease(ctx, by, kept.ID, kept.Version, r)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", i.Name, err)
		}
	}
	for _, l := range city.PlaceLayers() {
		if _, err := opened.CreatePlaceLayer(ctx, by, l); err != nil {
			return fmt.Errorf("%s: %w", l.Name, err)
		}
	}
	return nil
}

func writeDemo(ctx context.Context, env environment, path string) (err error) {
	bar := newProgress(env.stderr)
	city, err := demo.Generate(ctx, bar.step)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".demo-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeIfThere(file.Name())) }()
	size, err := city.WriteTo(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	bar.end(fmt.Sprintf("%s: %.1f MB, SHA-256 %s", path, float64(size)/1e6, demo.SHA256))
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
