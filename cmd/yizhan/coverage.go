package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/api"
	"github.com/yizhan/yizhan/feed/views"
)

const coverageSummary = `Tells how many households are within reach of a station: a unit and those right below it, or with --level
all units of a level in the order of need. What is not known, as hours and conditions may be, makes an
interval a…b: the truth lies between.

Exit codes: 0 an answer was printed; 1 there is none; 2 called wrongly.`

type coverageOptions struct {
	*questionFlags
	rank      string
	json, csv bool
}

// coverage prints the figures of units.
func coverage(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "coverage", coverageSummary)
	o := coverageOptions{questionFlags: f.question()}
	f.StringVar(&o.rank, "level", "", "rank all units of a `level` by unmet demand: banner, township or community")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.csv, "csv", false, "print CSV")
	if err := f.parse(args); err != nil {
		return err
	}
	if o.json && o.csv {
		return usageError{errors.New("coverage: --json or --csv, not both")}
	}
	if err := o.check(); err != nil {
		return err
	}
	bar := newProgress(env.stderr)
	picture, stop, err := o.picture(ctx, env, bar)
	if err != nil {
		return err
	}
	defer stop()
	bar.step("counting", 0, 1)
	answer, err := o.answer(picture)
	if err != nil {
		return wrongParameter(err)
	}
	bar.end("done")
	switch {
	case o.json:
		encoder := json.NewEncoder(env.stdout)
		encoder.SetIndent("", "  ")
		if o.rank != "" {
			return encoder.Encode(api.ReportRanking(answer.Basis, o.rank, o.unit, answer.units))
		}
		return encoder.Encode(api.ReportFigures(*answer.figures, true))
	case o.csv:
		return answer.writeCSV(env.stdout)
	}
	return answer.writeTable(env.stdout)
}

// coverageTable is a unit and those below it, or a ranking.
type coverageTable struct {
	views.Basis
	figures *views.Figures // nil for a ranking
	units   []views.UnitFigures
}

func (o *coverageOptions) answer(picture *views.Picture) (*coverageTable, error) {
	figures, err := picture.Figures(o.Question, o.unit)
	if err != nil {
		return nil, err
	}
	answer := &coverageTable{Basis: views.Basis{Seq: figures.Seq, Scenario: figures.Scenario, Model: figures.Model}}
	if o.rank != "" {
		answer.units, err = picture.Ranking(o.Question, yizhan.Level(o.rank), o.unit)
		return answer, err
	}
	answer.figures, answer.units = &figures, figures.Children
	return answer, nil
}

func (a *coverageTable) rows() []views.UnitFigures {
	if a.figures == nil {
		return a.units
	}
	return append([]views.UnitFigures{a.figures.UnitFigures}, a.units...)
}

func (a *coverageTable) writeTable(out io.Writer) error {
	fmt.Fprintln(out, title(a.Basis))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "households\tcovered\tshare\ttwice\tunmet\tstations\tper 10,000\thalf within\tunit\t")
	for _, f := range a.rows() {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s %s\t\n", f.Households,
			span(f.Covered, f.PossiblyCovered), percent(f.Rate), span(f.CrossCovered, f.PossiblyCrossCovered),
			unmet(f.UnmetWeight, a.Model.Weight), span(int64(f.Stations), int64(f.PossibleStations)),
			rounded(f.StationsPer10000.Known, 1), meters(f.P50M.Known), f.Unit.Code, f.Unit.Name)
	}
	return table.Flush()
}

func span(known, possible int64) string {
	if known == possible {
		return strconv.FormatInt(known, 10)
	}
	return fmt.Sprintf("%d…%d", known, possible)
}

func unmet(u views.Interval, weight int64) string {
	known, possible := float64(u.Known)/float64(weight), float64(u.Possible)/float64(weight)
	if u.Known == u.Possible {
		return rounded(&known, 0)
	}
	return rounded(&known, 0) + "…" + rounded(&possible, 0)
}

func percent(q views.Quantile) string {
	if q.Known == nil {
		return "-"
	}
	return strconv.FormatFloat(100**q.Known, 'f', 1, 64) + "%"
}

func rounded(x *float64, decimals int) string {
	if x == nil {
		return "-"
	}
	return strconv.FormatFloat(*x, 'f', decimals, 64)
}

func meters(x *float64) string {
	if x == nil {
		return "-"
	}
	return rounded(x, 0) + " m"
}

func (a *coverageTable) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	lines := [][]string{{"code", "name", "households", "covered", "possibly_covered", "cross_covered", "possibly_cross_covered",
		"covered_weight", "possibly_covered_weight", "weight", "stations", "possible_stations", "area_m2", "covered_area_m2", "p50_m", "p90_m"}}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, f := range a.rows() {
		lines = append(lines, []string{f.Unit.Code, f.Unit.Name, number(f.Households), number(f.Covered), number(f.PossiblyCovered),
			number(f.CrossCovered), number(f.PossiblyCrossCovered), number(f.CoveredWeight.Known), number(f.CoveredWeight.Possible), number(a.Model.Weight),
			number(int64(f.Stations)), number(int64(f.PossibleStations)), number(f.AreaM2), number(f.CoveredAreaM2.Known),
			exactly(f.P50M.Known), exactly(f.P90M.Known)})
	}
	return w.WriteAll(lines)
}

func exactly(x *float64) string {
	if x == nil {
		return ""
	}
	return decimal(*x)
}
