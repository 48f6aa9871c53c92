package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/yizhan/yizhan/api"
	"github.com/yizhan/yizhan/feed/views"
)

const sitingSummary = `Finds places for new stations, and prints them in the order in which to open them, with the bound that no
choice passes. "yizhan siting instance" solves a published instance with the same solver.

  --model mclp          the most unmet demand with -p stations
  --model second_cover  a second station for the most demand that has one
  --model lscp          the fewest stations for a --share of the households

A new station is taken to offer what is asked for at any time. Ctrl+C ends the search; the best so far is
printed.

Exit codes: 0 an answer was printed (whether it is proved it says); 1 there is none, or Ctrl+C ended the
search and the best answer so far was printed; 2 called wrongly.`

type sitingOptions struct {
	*questionFlags
	ask        views.SitingQuestion
	candidates string
	json       bool
}

// siting finds places for stations; "siting instance" solves a published instance.
func siting(ctx context.Context, env environment, args []string) error {
	if len(args) > 0 && args[0] == "instance" {
		return sitingInstance(ctx, env, args[1:])
	}
	o, err := parseSiting(env, args)
	if err != nil {
		return err
	}
	bar := newProgress(env.stderr)
	picture, stop, err := o.picture(ctx, env, bar)
	if err != nil {
		return err
	}
	defer stop()
	bar.step("counting", 0, 1)
	answer, err := picture.Site(ctx, o.ask, func(p views.SitingProgress) { bar.step(p.Stage, p.Done, p.Total) })
	if err != nil {
		return wrongParameter(err)
	}
	bar.end(sitingVerdict(&answer))
	if o.json {
		encoder := json.NewEncoder(env.stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(api.ReportSiting(&answer))
	} else {
		err = writeSites(env.stdout, &answer)
	}
	if err == nil && answer.Stopped {
		return errStopped
	}
	return err
}

func parseSiting(env environment, args []string) (*sitingOptions, error) {
	f := newFlags(env, "siting", sitingSummary)
	o := &sitingOptions{questionFlags: f.question()}
	s := &o.ask
	f.StringVar(&s.Model, "model", views.MCLP, "`model`: "+strings.Join(views.SitingModels(), ", "))
	f.IntVar(&s.P, "p", 0, "the most `stations` to place; with a --budget it may be left out")
	f.Float64Var(&s.Share, "share", 0, "of lscp: `part` of the households to be covered, as in 0.9")
	f.Int64Var(&s.Budget, "budget", 0, "what all stations may cost together, in `money`")
	f.Int64Var(&s.Cost, "cost", 0, "what a station costs, in `money`")
	f.IntVar(&s.Effort, "effort", 0, "how many times the normal `work` is spent on closing the gap")
	f.StringVar(&o.candidates, "candidates", views.CandidateCells, "`cells` for every cell with households, or a CSV file with a head and lng,lat[,name[,cost]] a line")
	f.Func("floor", "the least stations in a banner, as in `150702=2`; may be repeated", func(text string) error {
		banner, number, _ := strings.Cut(text, "=")
		stations, err := strconv.Atoi(number)
		s.Floors = append(s.Floors, views.Floor{Banner: banner, Stations: stations})
		return err
	})
	f.Func("exclude", "no station in a unit or in an H3 cell, by `code`; may be repeated", func(text string) error {
		if len(text) == 15 || len(text) == 16 {
			s.ExcludedCells = append(s.ExcludedCells, text)
		} else {
			s.ExcludedUnits = append(s.ExcludedUnits, text)
		}
		return nil
	})
	f.BoolVar(&o.json, "json", false, "print JSON")
	if err := f.parse(args); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	s.Question, s.Unit = o.Question, o.unit
	if o.candidates != views.CandidateCells {
		var err error
		if s.Points, err = readCandidates(o.candidates); err != nil {
			return nil, err
		}
	}
	return o, wrongParameter(s.Validate())
}

func readCandidates(name string) ([]views.SitePoint, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	lines, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) < 2 {
		return nil, fmt.Errorf("%s: has no line after its head", name)
	}
	points := make([]views.SitePoint, len(lines)-1)
	for i, line := range lines[1:] {
		if points[i], err = readCandidate(line); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, i+2, err)
		}
	}
	return points, nil
}

func readCandidate(line []string) (point views.SitePoint, err error) {
	if len(line) < 2 || len(line) > 4 {
		return point, errors.New("is not lng,lat[,name[,cost]]")
	}
	var lngErr, latErr, costErr error
	point.At[0], lngErr = strconv.ParseFloat(line[0], 64)
	point.At[1], latErr = strconv.ParseFloat(line[1], 64)
	if len(line) > 2 {
		point.Name = line[2]
	}
	if len(line) > 3 {
		point.Cost, costErr = strconv.ParseInt(line[3], 10, 64)
	}
	return point, errors.Join(lngErr, latErr, costErr)
}

func sitingVerdict(a *views.SitingAnswer) string {
	switch {
	case a.Stopped:
		return fmt.Sprintf("interrupted: the best so far is within %.2f %% of the optimum", 100*a.GapShare)
	case a.Proved:
		return "proved: there is no better answer"
	}
	return fmt.Sprintf("within %.2f %% of the optimum", 100*a.GapShare)
}

func writeSites(out io.Writer, a *views.SitingAnswer) error {
	weight := float64(a.Basis.Model.Weight)
	households := func(n int64) string { return strconv.FormatFloat(float64(n)/weight, 'f', -1, 64) }
	fmt.Fprintln(out, title(a.Basis))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tgains\tin all\tlng\tlat\tcell\tcommunity\t")
	for i, site := range a.Sites {
		fmt.Fprintf(table, "%d\t%s\t%s\t%.5f\t%.5f\t%s\t%s %s\t\n", i+1, households(site.Gain), households(site.Cumulative), site.At[0], site.At[1], site.Cell, site.Unit, site.Name)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s of %s households still to cover; no choice covers more than %s (gap %.2f %%)\n", households(a.Objective), households(a.Total), households(a.Bound), 100*a.GapShare)
	if a.SitingQuestion.Model == views.LSCP {
		fmt.Fprintf(out, "%d stations; no fewer than %d reach the target of %s households\n", len(a.Sites), a.AtLeast, households(a.Target))
	}
	for _, banner := range a.Banners {
		fmt.Fprintf(out, "  %s %s: %d stations, %s households\n", banner.Unit.Code, banner.Unit.Name, banner.Stations, households(banner.Gain))
	}
	return nil
}
