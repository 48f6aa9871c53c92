package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/store"
)

// measureDemo measures the view over the demo city, with its database.
func measureDemo(ctx context.Context, url, folder string, edits int, report *Report, say func(string, ...any)) (err error) {
	say("loading the demo city")
	opened, city, err := loadDemo(ctx, url)
	if err != nil {
		return err
	}
	defer opened.Close()
	m := demoBench{report: report, city: fmt.Sprintf("the demo city: %d micro-grids, %d stations", len(city.MicroGrids), len(city.Stations))}
	say("sharing out the households, cold and from the cache")
	view, err := m.build(ctx, city, filepath.Join(folder, "cache"), opened)
	if err != nil {
		return err
	}
	say("asking the view")
	if err := m.ask(view, city); err != nil {
		return err
	}
	if err := m.place(ctx, view); err != nil {
		return err
	}
	say("committing %d edits and following them", edits)
	return m.follow(ctx, opened, view, edits)
}

func loadDemo(ctx context.Context, url string) (*store.Store, *yizhan.City, error) {
	if err := store.Migrate(ctx, url); err != nil {
		return nil, nil, err
	}
	opened, err := store.Open(ctx, store.Options{URL: url, Logger: quiet})
	if err != nil {
		return nil, nil, err
	}
	generated, err := demo.Generate(ctx, nil)
	if err == nil {
		_, err = opened.Apply(ctx, generated.Changeset())
	}
	var city *yizhan.City
	if err == nil {
		city, err = opened.Snapshot(ctx)
	}
	if err != nil {
		opened.Close()
		return nil, nil, err
	}
	return opened, city, nil
}

type demoBench struct {
	city   string
	report *Report
}

func (m *demoBench) add(what string, wanted int, took Millis, note string) {
	m.report.add(Row{City: m.city, What: what, Wanted: millis(wanted), Took: took, Note: note})
}

// build loads the view without a cache, and again with what the first left behind.
func (m *demoBench) build(ctx context.Context, city *yizhan.City, cache string, history views.History) (view *views.Coverage, err error) {
	for _, step := range []struct {
		what   string
		wanted int
	}{{"demand build, cold", 15_000}, {"demand build, from the cache", 1_000}} {
		took, err := medianOf(1, func() error {
			view = views.NewCoverage(views.CoverageOptions{CacheDir: cache, Logger: quiet, History: history, Patience: time.Minute})
			return errors.Join(view.Update(city, nil), view.Wait(ctx))
		})
		if err != nil {
			return nil, err
		}
		m.add(step.what, step.wanted, took, "")
	}
	return view, nil
}

func (m *demoBench) ask(view *views.Coverage, city *yizhan.City) error {
	picture, err := view.Picture()
	if err != nil {
		return err
	}
	first, err := medianOf(1, func() error {
		_, err := picture.Figures(views.Question{RadiusM: 500}, "")
		return err
	})
	if err != nil {
		return err
	}
	m.add("first figures within 500 m: demand of resolution 11", 2_000, first, "")
	radius := 1000.0
	figures, err := medianOf(10, func() error {
		radius++
		_, err := picture.Figures(views.Question{RadiusM: radius, Services: "water"}, "")
		return err
	})
	if err != nil {
		return err
	}
	m.add("figures of the city and its banners, all of them", 0, figures, "with distances, Gini and accessibility, nothing kept")
	if err := m.look(picture, city); err != nil {
		return err
	}
	if _, err := picture.Gaps(views.Question{}, "", 100); err != nil { // which cells touch is found once a city
		return err
	}
	gaps, err := medianOf(5, func() error {
		radius++
		_, err := picture.Gaps(views.Question{RadiusM: radius}, "", 100)
		return err
	})
	m.add("100 gaps, with outlines, reasons and best sites", 0, gaps, "")
	return err
}

// look asks for heatmap tiles as they are drawn, with outlines.
func (m *demoBench) look(picture *views.Picture, city *yizhan.City) error {
	grids := yizhan.Sorted(city.MicroGrids)
	rng, most := rand.New(rand.NewPCG(4, 4)), 0
	took, err := timed(200, func() error {
		at := grids[rng.IntN(len(grids))].Boundary.Bound().Center()
		resolution := 7 + rng.IntN(4)
		widths := map[int]float64{7: 150_000, 8: 80_000, 9: 40_000, 10: 10_000}
		cells, err := picture.OutlinedCells(views.Question{}, geo.ExpandMeters(at.Bound(), widths[resolution]/2), resolution)
		most = max(most, len(cells))
		return err
	})
	if err != nil {
		return err
	}
	m.add("cells of a tile with outlines, p95", 80, p95(took), fmt.Sprintf("zooms 8 to 12, up to %d cells", most))
	return nil
}

func (m *demoBench) place(ctx context.Context, view *views.Coverage) error {
	picture, err := view.Picture()
	if err != nil {
		return err
	}
	var answer views.SitingAnswer
	took, err := medianOf(3, func() (err error) {
		answer, err = picture.Site(ctx, views.SitingQuestion{P: 20}, nil)
		return err
	})
	m.add("MCLP p = 20 over all cells", 2_000, took, fmt.Sprintf("gap %.3f %% (wanted ≤ 1 %%), %d of %d households", 100*answer.GapShare, answer.Objective, answer.Total))
	return err
}

// follow commits edits of stations, and waits for each until the view answers with it.
func (m *demoBench) follow(ctx context.Context, opened *store.Store, view *views.Coverage, edits int) error {
	ctx, stop := context.WithCancel(ctx)
	follower := feed.New(opened, quiet, view)
	var group errgroup.Group
	group.Go(func() error {
		if err := follower.Run(ctx); !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
	err := m.followed(ctx, opened, view, follower, edits)
	stop()
	return errors.Join(err, group.Wait())
}

func (m *demoBench) followed(ctx context.Context, opened *store.Store, view *views.Coverage, follower *feed.Feed, edits int) error {
	for !follower.Status().Ready || view.Seq() < follower.Status().Seq {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(20 * time.Millisecond)
	}
	rng := rand.New(rand.NewPCG(1, 9))
	stations := yizhan.Sorted(follower.City().Stations)
	took, err := timed(edits, func() error {
		moved := *follower.City().Stations[stations[rng.IntN(len(stations))].Code]
		moved.Location = yizhan.SnapPoint(orb.Point{moved.Location[0] + rng.NormFloat64()*1e-4, moved.Location[1] + rng.NormFloat64()*1e-4})
		applied, err := opened.Apply(ctx, yizhan.Changeset{Author: "coverbench", Reason: "measure", Edits: []yizhan.Edit{yizhan.UpdateOf(&moved)}})
		if err != nil {
			return err
		}
		for view.Seq() < applied.LastSeq || follower.City().Seq < applied.LastSeq {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			time.Sleep(50 * time.Microsecond)
		}
		picture, err := view.Picture()
		if err == nil {
			_, err = picture.Cells(views.Question{}, moved.Location.Bound(), views.DemandResolution)
		}
		return err
	})
	if err != nil {
		return err
	}
	m.add("one station edit, committed and in the view, p95", 25, p95(took), fmt.Sprintf("%d edits; the middle one %s", edits, Millis(took[len(took)/2])))
	return nil
}
