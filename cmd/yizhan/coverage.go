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
		return encoder.Encode(answer.report())
	case o.csv:
		return answer.writeCSV(env.stdout)
	}
	return answer.writeTable(env.stdout)
}

// coverageAnswer is a unit and those below it, or a ranking.
type coverageAnswer struct {
	views.Basis
	whole *views.UnitFigures // nil for a ranking
	units []views.UnitFigures
}

func (o *coverageOptions) answer(picture *views.Picture) (*coverageAnswer, error) {
	figures, err := picture.Figures(o.Question, o.unit)
	if err != nil {
		return nil, err
	}
	answer := &coverageAnswer{Basis: views.Basis{Seq: figures.Seq, Scenario: figures.Scenario, Model: figures.Model}}
	if o.rank != "" {
		answer.units, err = picture.Ranking(o.Question, yizhan.Level(o.rank), o.unit)
		return answer, err
	}
	answer.whole, answer.units = &figures.UnitFigures, figures.Children
	return answer, nil
}

func (a *coverageAnswer) rows() []views.UnitFigures {
	if a.whole == nil {
		return a.units
	}
	return append([]views.UnitFigures{*a.whole}, a.units...)
}

func (a *coverageAnswer) writeTable(out io.Writer) error {
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

// unitReport is the figures of a unit in JSON, under the names that the API has for them.
type unitReport struct {
	Code                 string         `json:"code"`
	Name                 string         `json:"name"`
	Households           int64          `json:"households"`
	Covered              int64          `json:"covered"`
	CrossCovered         int64          `json:"cross_covered"`
	Unmet                int64          `json:"unmet"`
	Share                *float64       `json:"share"`
	Stations             int            `json:"stations"`
	PossiblyCovered      int64          `json:"possibly_covered"`
	PossiblyCrossCovered int64          `json:"possibly_cross_covered"`
	PossibleStations     int            `json:"possible_stations"`
	CoveredWeight        intervalReport `json:"covered_weight"`
	CrossWeight          intervalReport `json:"cross_weight"`
	UnmetWeight          intervalReport `json:"unmet_weight"`
	Rate                 quantileReport `json:"rate"`
	AreaM2               int64          `json:"area_m2"`
	CoveredAreaM2        intervalReport `json:"covered_area_m2"`
	P50M                 quantileReport `json:"p50_m"`
	P90M                 quantileReport `json:"p90_m"`
	StationsPer10000     quantileReport `json:"stations_per_10000"`
	Gini                 quantileReport `json:"gini"`
	SeatsAHousehold      quantileReport `json:"seats_a_household"`
}

type intervalReport struct {
	Known    int64 `json:"known"`
	Possible int64 `json:"possible"`
}

type quantileReport struct {
	Known    *float64 `json:"known"`
	Possible *float64 `json:"possible"`
}

func reportUnit(f *views.UnitFigures) unitReport {
	return unitReport{
		Code: f.Unit.Code, Name: f.Unit.Name, Households: f.Households, Covered: f.Covered, CrossCovered: f.CrossCovered, Unmet: f.Unmet,
		Share: f.Share, Stations: f.Stations, PossiblyCovered: f.PossiblyCovered, PossiblyCrossCovered: f.PossiblyCrossCovered,
		PossibleStations: f.PossibleStations, CoveredWeight: intervalReport(f.CoveredWeight), CrossWeight: intervalReport(f.CrossWeight),
		UnmetWeight: intervalReport(f.UnmetWeight), Rate: quantileReport(f.Rate), AreaM2: f.AreaM2, CoveredAreaM2: intervalReport(f.CoveredAreaM2),
		P50M: quantileReport(f.P50M), P90M: quantileReport(f.P90M), StationsPer10000: quantileReport(f.StationsPer10000),
		Gini: quantileReport(f.Gini), SeatsAHousehold: quantileReport(f.SeatsAHousehold),
	}
}

type coverageReport struct {
	basisReport
	Unit  *unitReport  `json:"unit,omitempty"`
	Units []unitReport `json:"units"`
}

func (a *coverageAnswer) report() coverageReport {
	report := coverageReport{basisReport: reportBasis(a.Basis), Units: []unitReport{}}
	if a.whole != nil {
		whole := reportUnit(a.whole)
		report.Unit = &whole
	}
	for i := range a.units {
		report.Units = append(report.Units, reportUnit(&a.units[i]))
	}
	return report
}

func (a *coverageAnswer) writeCSV(out io.Writer) error {
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
