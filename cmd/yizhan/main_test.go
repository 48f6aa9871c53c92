package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yizhan/yizhan/internal/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"yizhan": main})
}

// TestScript runs the command as people do; each script has an empty, migrated database.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DATABASE_URL", pgtest.DB(env.T().(testing.TB)))
			return nil
		},
	})
}
