package main

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
)

// TestInstanceInterrupted ends the search before it began: the answer is valid all the same, and so is its
// bound.
func TestInstanceInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, test := range []struct {
		model   string
		optimum float64
		cover   bool
	}{{"pmedian", 1789, false}, {"pcenter", 13, false}, {"mclp", 400, true}} {
		t.Run(test.model, func(t *testing.T) {
			var out, log bytes.Buffer
			env := environment{stdout: &out, stderr: &log, getenv: func(string) string { return "" }}
			args := []string{"siting", "instance", "--format", "pmed", "--model", test.model, "--json"}
			if test.cover {
				args = append(args, "--radius", "13")
			}
			if code := run(ctx, env, append(args, "../../geo/siting/testdata/pmed20.txt")); code != exitFailed {
				t.Errorf("exit code %d, want %d: %s", code, exitFailed, log.String())
			}
			var got instanceAnswer
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("%v in %q", err, out.String())
			}
			low, high := got.Bound, got.Objective
			if test.cover {
				low, high = high, low
			}
			if !got.Stopped || got.Proved || low > test.optimum || high < test.optimum {
				t.Errorf("stopped %v, proved %v, optimum %v within %v and %v", got.Stopped, got.Proved, test.optimum, low, high)
			}
		})
	}
}
