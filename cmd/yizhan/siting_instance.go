package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	solver "github.com/yizhan/yizhan/geo/siting"
)

// errStopped is returned after the best answer of a solver that was interrupted has been printed.
var errStopped = errors.New("interrupted: this is the best answer so far, with a bound that holds")

const instanceSummary = `Solves a published location instance with the solver that places stations, and prints the objective, the
bound that no answer passes, the gap between the two, and the seconds it took. FILE comes last.

  --format sjc    "n 9999 p S", then "x y demand" a line; every point is a candidate
  --format pmed   OR-Library: "n m p", then "i j cost" a line; distances are those of shortest paths

  --model mclp    cover the most demand within --radius
  --model pmedian least sum of demand times distance to the nearest site
  --model pcenter least greatest distance to the nearest site

Exit codes: 0 an answer was printed (whether it is proved it says); 1 the file cannot be read, or Ctrl+C
ended the search and the best answer so far was printed; 2 called wrongly.`

type instanceOptions struct {
	format, model string
	radius        float64 // negative: not given
	p             int     // negative: not given
	json          bool
	file          string
}

// sitingInstance solves one instance.
func sitingInstance(ctx context.Context, env environment, args []string) error {
	o, err := parseInstance(env, args)
	if err != nil {
		return err
	}
	read, err := readInstance(o)
	if err != nil {
		return fmt.Errorf("%s: %w", o.file, err)
	}
	bar := newProgress(env.stderr)
	started := time.Now()
	answer, err := read.solve(o, solver.Options{Cancel: ctx.Done(), Progress: func(p solver.Progress) {
		bar.step(p.Stage, p.Done, p.Total)
	}})
	if err != nil {
		return wrongQuestion(err)
	}
	answer.Seconds = time.Since(started).Seconds()
	bar.end(answer.verdict())
	if o.json {
		encoder := json.NewEncoder(env.stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(answer)
	} else {
		err = answer.print(env.stdout)
	}
	if err == nil && answer.Stopped {
		err = errStopped
	}
	return err
}

// wrongQuestion makes a question that has no answer a matter of how the command was called.
func wrongQuestion(err error) error {
	var wrong *solver.InputError
	if errors.As(err, &wrong) {
		return usageError{err}
	}
	return err
}

func parseInstance(env environment, args []string) (instanceOptions, error) {
	o := instanceOptions{radius: -1, p: -1}
	f := newFlags(env, "siting instance", instanceSummary)
	f.StringVar(&o.format, "format", "", "`format` of FILE: sjc or pmed")
	f.StringVar(&o.model, "model", "mclp", "`model`: mclp, pmedian or pcenter")
	f.Func("radius", "`distance` within which a site covers, for mclp", func(text string) (err error) {
		if o.radius, err = strconv.ParseFloat(text, 64); err != nil || !(o.radius >= 0) || math.IsInf(o.radius, 0) {
			return errors.New("not a distance of 0 or more")
		}
		return nil
	})
	f.Func("p", "`number` of sites; without it, that of a pmed file", func(text string) (err error) {
		if o.p, err = strconv.Atoi(text); err != nil || o.p < 0 {
			return errors.New("not a number of sites")
		}
		return nil
	})
	f.BoolVar(&o.json, "json", false, "print JSON")
	for _, name := range []string{"format", "model", "radius", "p", "json"} {
		f.variables[name] = "YIZHAN_INSTANCE_" + strings.ToUpper(name)
	}
	if last := len(args) - 1; last >= 0 && !strings.HasPrefix(args[last], "-") {
		o.file, args = args[last], args[:last]
	}
	if err := f.parse(args); err != nil {
		return o, err
	}
	return o, o.check()
}

func (o *instanceOptions) check() error {
	fault := func(format string, args ...any) error {
		return usageError{fmt.Errorf("siting instance: "+format, args...)}
	}
	switch {
	case o.file == "":
		return fault("no FILE is named; it comes last")
	case o.format != "sjc" && o.format != "pmed":
		return fault("--format %q is neither sjc nor pmed", o.format)
	case o.model != "mclp" && o.model != "pmedian" && o.model != "pcenter":
		return fault("--model %q is none of mclp, pmedian and pcenter", o.model)
	case o.model == "mclp" && o.radius < 0:
		return fault("mclp needs a --radius")
	case o.model != "mclp" && o.radius >= 0:
		return fault("--radius has no meaning for %s", o.model)
	case o.format == "sjc" && o.p < 0:
		return fault("-p says how many sites to place; an sjc file does not")
	}
	return nil
}

// instanceAnswer is what the command prints. All but the seconds is the same each time.
type instanceAnswer struct {
	File      string         `json:"file"`
	Format    string         `json:"format"`
	Model     string         `json:"model"`
	Radius    *float64       `json:"radius,omitempty"`
	P         int            `json:"p"`
	Places    int            `json:"places"` // p, or all candidates if fewer
	Objective float64        `json:"objective"`
	Bound     float64        `json:"bound"`
	Gap       float64        `json:"gap"`
	Proved    bool           `json:"proved"`
	Stopped   bool           `json:"stopped"`
	Total     *int64         `json:"total,omitempty"` // demand, for mclp
	Sites     []instanceSite `json:"sites"`
	Seconds   float64        `json:"seconds"`
}

type instanceSite struct {
	Node       int    `json:"node"` // from 1, as the file has it
	Gain       *int64 `json:"gain,omitempty"`
	Cumulative *int64 `json:"cumulative,omitempty"`
}

func newInstanceAnswer(o instanceOptions) *instanceAnswer {
	a := &instanceAnswer{File: filepath.Base(o.file), Format: o.format, Model: o.model, P: o.p, Sites: []instanceSite{}}
	if o.model == "mclp" {
		a.Radius = &o.radius
	}
	return a
}

func (a *instanceAnswer) verdict() string {
	switch {
	case a.Proved:
		return "proved optimal"
	case a.Stopped:
		return "interrupted; the optimum is not passed by the bound"
	}
	return "the optimum is between the objective and the bound"
}

func (a *instanceAnswer) print(out io.Writer) error {
	number := func(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "instance\t%s, %s", a.File, a.Model)
	if a.Radius != nil {
		fmt.Fprintf(table, ", radius %s", number(*a.Radius))
	}
	fmt.Fprintf(table, ", p = %d", a.P)
	if a.Places < a.P {
		fmt.Fprintf(table, " (only %d candidates)", a.Places)
	}
	fmt.Fprintf(table, "\nobjective\t%s", number(a.Objective))
	if a.Total != nil {
		fmt.Fprintf(table, " of %d", *a.Total)
	}
	fmt.Fprintf(table, "\nbound\t%s\ngap\t%.3f %%, %s\nseconds\t%.3f\n", number(a.Bound), 100*a.Gap, a.verdict(), a.Seconds)
	if a.Total != nil {
		fmt.Fprint(table, "\nnode\tgain\tcumulative\n")
		for _, s := range a.Sites {
			fmt.Fprintf(table, "%d\t%d\t%d\n", s.Node, *s.Gain, *s.Cumulative)
		}
		return table.Flush()
	}
	fmt.Fprint(table, "sites\t")
	for i, s := range a.Sites {
		if i > 0 {
			fmt.Fprint(table, " ")
		}
		fmt.Fprint(table, s.Node)
	}
	fmt.Fprintln(table)
	return table.Flush()
}
