package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/importers/parquet"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == parquet.Command { // the child of a command under test
		os.Exit(parquet.Main(os.Args[2:], os.Stdout, os.Stderr))
	}
	testscript.Main(tests{m}, map[string]func(){"yizhan": main})
}

// tests are the tests, and clearing up behind them.
type tests struct{ *testing.M }

func (t tests) Run() int {
	code := t.M.Run()
	if err := demoCity.Drop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// demoCity is a database with the demo city, loaded once for all tests that start from it. Nothing is sealed
// in it.
var demoCity = pgtest.Filled{Fill: func(ctx context.Context, url string) error {
	city, err := demo.Generate(ctx, nil)
	if err != nil {
		return err
	}
	opened, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		return err
	}
	defer opened.Close()
	_, err = opened.Apply(ctx, city.Changeset())
	return err
}}

// TestScript runs the command as people do; each script has an empty, migrated database, and another with the
// demo city once it says "city". What the command makes of the city for later calls, it makes once.
func TestScript(t *testing.T) {
	type tester struct{}
	data := filepath.Join(t.TempDir(), "data")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Values[tester{}] = env.T()
			env.Setenv("DATABASE_URL", pgtest.DB(env.T().(testing.TB)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"city": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Setenv("DATABASE_URL", demoCity.DB(ts.Value(tester{}).(testing.TB)))
				ts.Setenv("YIZHAN_DATA", data)
			},
		},
	})
}
