package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
)

// usageError is a command called wrongly.
type usageError struct{ error }

// flags is a flag set in which every flag can also be set in the environment: --listen is
// YIZHAN_LISTEN unless another variable is named. The command line wins.
type flags struct {
	*flag.FlagSet
	env       environment
	variables map[string]string // flag name to variable
}

func newFlags(env environment, name, summary string) *flags {
	f := &flags{flag.NewFlagSet(name, flag.ContinueOnError), env, map[string]string{}}
	f.SetOutput(env.stderr)
	f.Usage = func() { f.help(summary) }
	return f
}

// parse reads the environment, then the arguments. It takes no positional arguments.
func (f *flags) parse(args []string) error {
	var fault error
	f.VisitAll(func(each *flag.Flag) {
		variable := f.variable(each.Name)
		value := f.env.getenv(variable)
		if value == "" {
			return
		}
		if err := each.Value.Set(value); err != nil {
			fault = errors.Join(fault, fmt.Errorf("%s=%q: %w", variable, value, err))
		}
	})
	if fault != nil {
		return usageError{fault}
	}
	switch err := f.FlagSet.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return usageError{err}
	case f.NArg() > 0:
		return usageError{fmt.Errorf("%s takes no argument %q", f.Name(), f.Arg(0))}
	}
	return nil
}

func (f *flags) variable(name string) string {
	if variable, ok := f.variables[name]; ok {
		return variable
	}
	return "YIZHAN_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func (f *flags) help(summary string) {
	out := f.Output()
	fmt.Fprintf(out, "Usage: yizhan %s [flags]\n\n%s\n\n", f.Name(), summary)
	f.VisitAll(func(each *flag.Flag) {
		value, text := flag.UnquoteUsage(each)
		fmt.Fprintf(out, "  --%s %s\n        %s\n        environment: %s", each.Name, value, text, f.variable(each.Name))
		if each.DefValue != "" && each.DefValue != "false" {
			fmt.Fprintf(out, "; default: %s", each.DefValue)
		}
		fmt.Fprintln(out)
	})
}

// database are the flags of every command that needs the database.
type database struct {
	url  string
	data string
}

func (f *flags) database() *database {
	d := &database{}
	f.StringVar(&d.url, "database", "", "`URL` of a PostgreSQL database with PostGIS; without it, Yizhan runs its own under --data")
	f.variables["database"] = "DATABASE_URL"
	f.StringVar(&d.data, "data", "data", "`folder` for Yizhan's own database and caches")
	return d
}

func (f *flags) logLevel() *slog.Level {
	level := new(slog.Level)
	f.TextVar(level, "log-level", slog.LevelWarn, "least `level` to log: DEBUG, INFO, WARN or ERROR")
	return level
}
