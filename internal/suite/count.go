package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// goEvent is a line of `go test -json`.
type goEvent struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// countGo counts the tests (subtests included) of a `go test -json` run. It prints one line for each
// package, and all that a failed test or package said.
func countGo(output io.Reader) (tally, error) {
	var result tally
	said := map[string][]string{}
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var event goEvent
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			fmt.Println(lines.Text()) // a build failure is told in plain text
			continue
		}
		key := event.Package + "\x00" + event.Test
		switch event.Action {
		case "output", "build-output":
			said[key] = append(said[key], event.Output)
		case "pass":
			if event.Test != "" {
				result.passed++
			} else {
				fmt.Printf("  ok    %-50s %6.1f s\n", event.Package, event.Elapsed)
			}
		case "fail":
			fmt.Printf("  FAIL  %s %s\n%s", event.Package, event.Test, strings.Join(said[key], ""))
			result.failed++
		case "skip":
			if event.Test != "" {
				result.failed++ // a skipped test proves nothing
				fmt.Printf("  SKIP  %s %s\n%s", event.Package, event.Test, strings.Join(said[key], ""))
			}
		}
	}
	return result, lines.Err()
}

func countFile(path string, count func([]byte) (tally, error)) func() (tally, error) {
	return func() (tally, error) {
		report, err := os.ReadFile(path)
		if err != nil {
			return tally{}, err
		}
		return count(report)
	}
}

func countVitest(report []byte) (tally, error) {
	var result struct {
		NumPassedTests, NumFailedTests, NumPendingTests, NumFailedTestSuites int
	}
	err := json.Unmarshal(report, &result)
	failed := result.NumFailedTests + result.NumPendingTests
	if failed == 0 {
		failed = result.NumFailedTestSuites // a file that does not load fails without a failed test
	}
	return tally{passed: result.NumPassedTests, failed: failed}, err
}

func countPlaywright(report []byte) (tally, error) {
	var result struct {
		Stats  struct{ Expected, Unexpected, Flaky, Skipped int }
		Errors []struct{ Message string }
	}
	err := json.Unmarshal(report, &result)
	for _, fault := range result.Errors {
		fmt.Println(fault.Message)
	}
	s := result.Stats
	return tally{passed: s.Expected, failed: s.Unexpected + s.Flaky + s.Skipped + len(result.Errors)}, err
}
