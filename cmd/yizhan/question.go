package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/store"
)

// questionFlags are those of every command that asks something of the coverage. They are the parameters of
// the API.
type questionFlags struct {
	views.Question
	services string
	at       string
	unit     string
	scenario string
	database *database
	level    *slog.Level
}

func (f *flags) question() *questionFlags {
	q := &questionFlags{database: f.database(), level: f.logLevel()}
	f.StringVar(&q.unit, "unit", "", "`code` of a unit; the city without it")
	f.StringVar(&q.Mode, "mode", views.ModeRadius, "`mode` of coming there: "+strings.Join(views.Modes(), ", "))
	f.Float64Var(&q.RadiusM, "radius", 0, "reach of a station in `metres`, inclusive, by radius; 1000 without it")
	f.Float64Var(&q.Minutes, "minutes", 0, "reach in `minutes`, on foot at 5 km/h or by e-bike at 15 km/h; 15 without it")
	f.StringVar(&q.services, "services", "", "`services` joined by commas that a station must offer: "+serviceNames()+"; any station without it")
	f.StringVar(&q.Rule, "rule", views.RuleAny, "how several services go together, `rule` "+strings.Join(views.Rules(), ", "))
	f.StringVar(&q.at, "at", "", "only what is open at a `time`, as in 2026-02-17T22:30:00+08:00")
	f.StringVar(&q.Week, "week", "", "hours of the week that begins on a `Monday`, as in 2026-02-16, with its holidays; the usual week without it")
	f.StringVar(&q.Profile, "profile", "", "weigh the hours of the week by a `profile`: "+strings.Join(views.Profiles(), ", "))
	f.Func("cold", "only heated stations, and shorter walks, at a `temperature` in °C, as in -25", func(text string) (err error) {
		q.Cold = true
		q.Celsius, err = strconv.ParseFloat(text, 64)
		return err
	})
	f.StringVar(&q.scenario, "scenario", "", "`ID` of a scenario to lay over the city")
	return q
}

func serviceNames() string {
	var names []string
	for _, service := range yizhan.Services() {
		names = append(names, string(service))
	}
	return strings.Join(names, ", ")
}

// check reads what the flags alone do not say.
func (q *questionFlags) check() (err error) {
	if q.Services, err = views.ParseServices(q.services); err != nil {
		return usageError{err}
	}
	if q.at != "" {
		at, err := time.Parse(time.RFC3339, q.at)
		if err != nil {
			return usageError{fmt.Errorf("--at %q is not a time such as 2026-02-17T22:30:00+08:00", q.at)}
		}
		if q.Week != "" {
			return usageError{errors.New("--at names its week itself: leave --week out")}
		}
		q.Quarter, q.Week = views.QuestionAt(at)
	}
	return wrongParameter(q.Question.Validate())
}

// wrongParameter tells a question that makes no sense from a failure.
func wrongParameter(err error) error {
	if err != nil && (yizhan.CodeOf(err) == yizhan.CodeInvalid || yizhan.CodeOf(err) == yizhan.CodeTooLarge) {
		return usageError{err}
	}
	return err
}

// picture reads the city and lays the scenario over it. stop ends what was opened.
func (q *questionFlags) picture(ctx context.Context, env environment, bar *progress) (picture *views.Picture, stop func(), err error) {
	logger := newLogger(env.stderr, *q.level)
	opened, stop, err := q.database.openStore(ctx, logger)
	if err != nil {
		return nil, nil, err
	}
	picture, err = q.draw(ctx, opened, logger, bar)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return picture, stop, nil
}

func (q *questionFlags) draw(ctx context.Context, opened *store.Store, logger *slog.Logger, bar *progress) (*views.Picture, error) {
	bar.step("reading the database", 0, 1)
	city, err := opened.Snapshot(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(city.Units) == 0:
		return nil, errors.New(`the database holds no city; "yizhan demo" loads one`)
	}
	bar.step("sharing out the households", 0, 1)
	view := views.NewCoverage(views.CoverageOptions{CacheDir: filepath.Join(q.database.data, "cache"), Logger: logger, History: opened, Patience: time.Hour})
	if err := errors.Join(view.Update(city, nil), view.Wait(ctx)); err != nil {
		return nil, err
	}
	if q.scenario == "" {
		return view.Picture()
	}
	scenario, err := opened.FindScenario(ctx, q.scenario)
	if err != nil {
		return nil, err
	}
	return view.PictureOf(ctx, scenario)
}

// title says in a line what a table is about.
func title(b views.Basis) string {
	m := b.Model
	parts := []string{fmt.Sprintf("within %s m", decimal(m.ReachM))}
	if m.Mode != views.ModeRadius {
		parts = []string{fmt.Sprintf("%s minutes by %s (%s m)", decimal(m.Minutes), m.Mode, decimal(m.ReachM))}
	}
	if m.Services != "" {
		parts = append(parts, "of "+strings.ReplaceAll(m.Services, ",", ", ")+" ("+m.Rule+")")
	} else {
		parts = append(parts, "of any station")
	}
	if m.Quarter > 0 {
		parts = append(parts, moment(m.Quarter-1))
	}
	if m.Week != "" {
		parts = append(parts, "in the week of "+m.Week)
	}
	if m.Profile != "" {
		parts = append(parts, "weighted by "+m.Profile)
	}
	if m.Cold {
		parts = append(parts, fmt.Sprintf("at %s °C", decimal(m.Celsius)))
	}
	if b.Scenario != nil {
		parts = append(parts, fmt.Sprintf("scenario %q, version %d", b.Scenario.Name, b.Scenario.Version))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf("; change %d", b.Seq)
}

// moment names a quarter-hour of the week.
func moment(quarter int) string {
	monday := time.Date(2026, time.February, 16, 0, 0, 0, 0, time.UTC)
	return "at " + monday.Add(time.Duration(quarter)*15*time.Minute).Format("Monday 15:04")
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
