package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/takeaway"
)

const featuresSummary = `Writes the features of a collection to a file, from one state of the city: the same data gives the same bytes.
The reference of the coordinates stands in the file; importing it again changes nothing. The file is put in
place when it is whole. In --out, a folder gets a file whose name says what is in it.`

type featuresOptions struct {
	database *database
	level    *slog.Level
	out      string
	wanted   takeaway.Wanted
}

// exportFeatures writes one collection.
func exportFeatures(ctx context.Context, env environment, c yizhan.Collection, args []string) error {
	f := newFlags(env, "export "+string(c), featuresSummary)
	o := featuresOptions{database: f.database(), level: f.logLevel(), wanted: takeaway.Wanted{Query: yizhan.Query{Collection: c}}}
	f.StringVar(&o.out, "out", "", "`file` or folder to write to; needed")
	f.StringVar(&o.wanted.Format, "format", "", "`format`: "+strings.Join(formatNames(), ", ")+" (default by the ending of --out)")
	f.Func("datum", "`reference` of the coordinates: wgs84, cgcs2000, a zone of it such as cgcs2000-4528, gcj02 or bd09 (default wgs84)", func(name string) error {
		return o.setReference(name)
	})
	f.StringVar((*string)(&o.wanted.Outlines), "outlines", "", "whether a table of areas has their outlines: wkt or none (default: csv has them, excel-csv and xlsx have not)")
	f.StringVar(&o.wanted.Query.Unit, "unit", "", "only features of the unit of this `code`, or below it")
	f.Func("bbox", "only features that meet west,south,east,north in `degrees`", func(text string) (err error) {
		o.wanted.Query.BBox, err = parseBBox(text)
		o.note("bbox", text)
		return err
	})
	f.Func("status", "only features of one of these `states`, joined by commas", func(text string) error {
		o.wanted.Query.Filters = []yizhan.Filter{{Property: "status", Values: strings.Split(text, ",")}}
		o.note("status", text)
		return nil
	})
	f.Func("filter", "only features for which this `condition` in CQL2 is true", func(text string) (err error) {
		if o.wanted.Query.Where, err = cql2.ParseText(text); err == nil {
			err = cql2.Check(o.wanted.Query.Where, yizhan.Queryables(c))
		}
		o.note("filter", text)
		return err
	})
	if err := f.parse(args); err != nil {
		return err
	}
	if o.out == "" {
		return usageError{fmt.Errorf("export %s: --out names no file", c)}
	}
	if err := o.settle(); err != nil {
		return usageError{fmt.Errorf("export %s: %w", c, err)}
	}
	return o.run(ctx, env)
}

func formatNames() (names []string) {
	for _, f := range takeaway.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func (o *featuresOptions) setReference(name string) error {
	r, known := geo.ReferenceOf(name)
	if !known {
		return errors.New("not wgs84, cgcs2000, cgcs2000-4491 to cgcs2000-4554, gcj02 or bd09")
	}
	o.wanted.Reference = r
	return nil
}

// note writes a condition into the file.
func (o *featuresOptions) note(name, text string) {
	o.wanted.About = append(o.wanted.About, exports.Fact{Label: "条件 " + name, Text: text})
}

// settle finds the format by the ending of the file, unless one was named.
func (o *featuresOptions) settle() error {
	if o.wanted.Query.Unit != "" {
		o.note("unit", o.wanted.Query.Unit)
	}
	if o.wanted.Format == "" {
		for _, f := range takeaway.Formats() {
			if o.wanted.Format == "" && strings.HasSuffix(o.out, f.Extension) {
				o.wanted.Format = f.Name
			}
		}
	}
	if o.wanted.Format == "" {
		return fmt.Errorf("the ending of %s is not that of a format: name one by --format", filepath.Base(o.out))
	}
	return o.wanted.Check()
}

func (o *featuresOptions) run(ctx context.Context, env environment) error {
	bar := newProgress(env.stderr)
	opened, stop, err := o.database.openStore(ctx, newLogger(env.stderr, *o.level))
	if err != nil {
		return err
	}
	defer stop()
	folder := filepath.Dir(o.out)
	info, err := os.Stat(o.out)
	isFolder := err == nil && info.IsDir()
	if isFolder {
		folder = o.out
	}
	bar.step("writing "+string(o.wanted.Query.Collection), 0, 1)
	made, err := takeaway.Write(ctx, folder, o.wanted, opened)
	if err != nil {
		return err
	}
	if isFolder {
		o.out = filepath.Join(folder, made.PlainName)
	}
	if err := errors.Join(os.Chmod(made.Path, 0o644), os.Rename(made.Path, o.out)); err != nil { // it is for others to read
		return errors.Join(err, removeIfThere(made.Path))
	}
	bar.end(fmt.Sprintf("%s: %s features at seq %d, %.1f MB", o.out, grouped(made.Rows), made.Seq, float64(made.Bytes)/1e6))
	return nil
}
