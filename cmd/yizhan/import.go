package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/datum"
	"github.com/yizhan/yizhan/importers/formats"
	"github.com/yizhan/yizhan/importers/intake"
	"github.com/yizhan/yizhan/store"
)

// importAuthor is who the command writes as.
const importAuthor = "import"

type importOptions struct {
	path     string
	database *database
	commit   bool
	reason   string
	all      bool // problems are listed, not the first
	settings intake.Settings
}

func importCommand(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "import FILE", "Reads a file of stations, micro-grids, friendly scenes, units or candidates, tells what is in it and what would change,\n"+
		"and with --commit applies it as one changeset. Formats: CSV, TSV, XLSX, GeoJSON, GeoJSONSeq, zipped shapefiles,\n"+
		"GeoPackage, KML, KMZ, FlatGeobuf, zipped File Geodatabases and MapInfo tables, DXF, OpenStreetMap PBF.\n"+
		"The command may change everything, whatever the rights of whoever runs it.\n"+
		"Exit code 3 if there are problems because of which it cannot be committed.")
	o := importOptions{database: f.database()}
	level := f.logLevel()
	f.BoolVar(&o.commit, "commit", false, "apply it; otherwise nothing is changed")
	f.StringVar(&o.reason, "reason", "", "why, for the changeset")
	f.BoolVar(&o.all, "all", false, "list every problem and change, not the first 20")
	f.StringVar((*string)(&o.settings.Collection), "collection", "", "stations, micro_grids, friendly_scenes, units or candidates (default: by what the file holds)")
	f.StringVar(&o.settings.Datum, "datum", "", "wgs84, cgcs2000, gcj02, bd09 or a zone such as cgcs2000-4528 (default: the likeliest)")
	f.BoolVar(&o.settings.Swapped, "swapped", false, "the lat, or northing, stands first")
	f.StringVar(&o.settings.Encoding, "encoding", "", "of the text, such as GB18030 (default: found out)")
	f.StringVar(&o.settings.Layer, "layer", "", "sheet or layer (default: the first with something in it)")
	f.StringVar(&o.settings.Missing, "missing", "", "keep or delete what the file does not have (default: keep stations; micro-grids are redrawn by whole communities)")
	f.Float64Var(&o.settings.RepairM, "repair-m", 0, "repair outlines that miss each other by up to so many `metres`")
	f.BoolVar(&o.settings.SkipBad, "skip-bad", false, "leave rows with errors out")
	f.Func("settled", "what a row that is left for a person is about, as in `12:name=150702-0007`, or 12 to leave it out; may be repeated, and hold several", settled(&o.settings.Settled))
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.path, args = args[0], args[1:]
	}
	if err := f.parse(args); err != nil {
		return err
	}
	if o.path == "" {
		return usageError{errors.New("import: which file?")}
	}
	if err := intake.CheckReason(o.reason); err != nil {
		return usageError{fmt.Errorf("import: --reason %w", err)}
	}
	if env.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	logger := newLogger(env.stderr, *level)
	opened, stop, err := o.database.openStore(ctx, logger)
	if err != nil {
		return err
	}
	defer stop()
	return o.run(ctx, env, opened)
}

func (o importOptions) run(ctx context.Context, env environment, opened *store.Store) (err error) {
	info, err := os.Stat(o.path)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "yizhan-import-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	bar := newProgress(env.stderr)
	bar.step("reading the city", 0, 1)
	city, err := opened.Snapshot(ctx)
	if err != nil {
		return err
	}
	desk, err := intake.NewDesk(intake.Options{Dir: filepath.Join(folder, "imports"), City: func() *yizhan.City { return city }, Store: opened, Find: formats.Find})
	if err != nil {
		return err
	}
	by := yizhan.System(importAuthor)
	by.User.Name = importAuthor
	im, err := desk.Adopt(by, o.path, filepath.Base(o.path), info.Size())
	if err != nil {
		return err
	}
	step := func(stage string, done, total int64) {
		if !bar.terminal && stage == "applying" && done%appliedLine == 0 {
			stage = fmt.Sprintf("applying %d", done) // a line each, where there is no bar
		}
		bar.step(stage, int(done), int(total))
	}
	if err := im.InspectWith(ctx, o.settings, step); err != nil {
		return err
	}
	if err := im.Check(ctx, by, step); err != nil {
		return err
	}
	bar.end("checked " + im.Name)
	if err := o.report(env, im); err != nil {
		return err
	}
	why := im.State().Summary.Why(im.State().Settings)
	switch {
	case why == "nothing":
		return nil
	case why != "":
		return errCheck
	case !o.commit:
		fmt.Fprintln(env.stdout, "Nothing was changed; --commit applies it.")
		return nil
	}
	if err := im.Commit(ctx, by, o.reason, step); err != nil {
		return err
	}
	bar.end(fmt.Sprintf("committed as changeset %d", im.State().Changeset))
	return nil
}

// appliedLine is after how many rows progress is told, where there is no bar.
const appliedLine = 10_000

// shownItems is how many problems and changes are listed without --all.
const shownItems = 20

func (o importOptions) report(env environment, im *intake.Import) error {
	state := im.State()
	head, s := state.Inspection.Head, state.Summary
	out := env.stdout
	fmt.Fprintf(out, "%s: %s", im.Name, head.Format)
	if head.Encoding != "" {
		fmt.Fprintf(out, ", %s", head.Encoding)
	}
	fmt.Fprintf(out, ", read as %s\n", state.Settings.Collection)
	for i, c := range state.Inspection.Datums {
		mark := "  "
		if chosen := state.Settings.Datum; chosen == "" && i == 0 || chosen == c.Reference.Name && state.Settings.Swapped == c.Swapped {
			mark = "* "
		}
		_, name := datum.Names(c.Reference)
		fmt.Fprintf(out, "%s%-16s %.2f  %s: %s\n", mark, datumLabel(c.Reference, c.Swapped), c.Score, name, c.Message())
	}
	fmt.Fprintf(out, "%s rows: %s new, %s changed, %s removed, %s as they were; %s errors, %s left for a person, %s warnings, %s possible duplicates\n",
		grouped(s.Rows), grouped(s.Created), grouped(s.Updated), grouped(s.Deleted), grouped(s.Unchanged), grouped(s.Errors), grouped(s.Left), grouped(s.Warnings), grouped(s.Duplicates))
	if s.Communities > 0 {
		fmt.Fprintf(out, "outlines of %s communities: %s faults, %s repairs\n", grouped(s.Communities), grouped(s.Faults), grouped(s.Repairs))
	}
	if s.Sites > 0 {
		fmt.Fprintf(out, "%s candidates lie in the city\n", grouped(s.Sites))
	}
	return o.list(env, im)
}

func datumLabel(r geo.Reference, swapped bool) string {
	if swapped {
		return r.Name + ", swapped"
	}
	return r.Name
}

func (o importOptions) list(env environment, im *intake.Import) error {
	err := listed(o.all, im.Topology, func(f intake.Fault) {
		fmt.Fprintf(env.stdout, "  %s in %s: %s %s\n", f.Kind, f.Community, strings.Join(f.Codes, ", "), f.Message)
	})
	if err != nil {
		return err
	}
	return listed(o.all, func(after int64, limit int) (intake.Page[importers.Problem], error) {
		return im.Problems("", after, limit)
	},
		func(p importers.Problem) {
			where := fmt.Sprintf("row %d", p.Row)
			if p.Column != "" {
				where += ", " + p.Column
			}
			if p.Value != "" {
				where += fmt.Sprintf(" %q", p.Value)
			}
			fmt.Fprintf(env.stdout, "  %s: %s: %s\n", p.Severity, where, p.Message)
			listAnswers(env.stdout, p)
		})
}

// listed goes through a list, or its beginning.
func listed[T any](all bool, page func(after int64, limit int) (intake.Page[T], error), show func(T)) error {
	const pageSize = 1_000
	limit := shownItems
	if all {
		limit = pageSize
	}
	for after := int64(0); ; {
		some, err := page(after, limit)
		if err != nil {
			return err
		}
		for _, item := range some.Items {
			show(item)
		}
		if after = some.Next; after == 0 || !all {
			return nil
		}
	}
}
