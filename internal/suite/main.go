// Command suite runs everything that `make test` stands for, stage by stage, and closes with one line
// "N passed, N failed". A stage that ends badly without naming a failed test counts as one failure, and
// a stage of tests that ran none is a failure too.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// tally counts tests.
type tally struct{ passed, failed int }

// stage is one part of the suite. count reads what the command left behind; nil for a stage that is
// itself one check.
type stage struct {
	name    string
	dir     string
	env     []string
	command []string
	count   func(output []byte) (tally, error)
	quiet   bool // the output is for count, not for people
}

// isConcurrent tells whether the promises of a package are about concurrency: those run under the race
// detector. The others run without it, which is several times faster.
var isConcurrent = regexp.MustCompile(`/yizhan/(feed|tiles|api|store)(/|$)`).MatchString

func stages(scratch string, packages []string) []stage {
	vitest := filepath.Join(scratch, "vitest.json")
	playwright := filepath.Join(scratch, "playwright.json")
	plain, raced := []string{"go", "test", "-json"}, []string{"go", "test", "-race", "-json"}
	for _, p := range packages {
		if isConcurrent(p) {
			raced = append(raced, p)
		} else {
			plain = append(plain, p)
		}
	}
	return []stage{
		{name: "check", command: []string{"scripts/check.sh"}},
		{name: "go test", quiet: true, count: countGo, command: plain},
		{name: "go test -race", quiet: true, count: countGo, command: raced},
		{name: "vitest", dir: "web", count: countFile(vitest, countVitest),
			env:     []string{"NO_COLOR=1"},
			command: []string{"npx", "--no-install", "vitest", "run", "--reporter=dot", "--reporter=json", "--outputFile=" + vitest}},
		{name: "browser journeys", dir: "web", count: countFile(playwright, countPlaywright),
			env:     []string{"PLAYWRIGHT_JSON_OUTPUT_NAME=" + playwright},
			command: []string{"npx", "--no-install", "playwright", "test", "--reporter=list,json"}},
	}
}

func main() {
	failed, err := runAll()
	if err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
	}
	if failed || err != nil {
		os.Exit(1)
	}
}

func runAll() (failed bool, err error) {
	scratch, err := os.MkdirTemp("", "yizhan-suite-")
	if err != nil {
		return true, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	list, err := exec.Command("go", "list", "./...").Output()
	if err != nil {
		return true, fmt.Errorf("go list: %w", err)
	}
	var total tally
	for _, s := range stages(scratch, strings.Fields(string(list))) {
		result := s.run()
		total.passed += result.passed
		total.failed += result.failed
	}
	fmt.Printf("\n%d passed, %d failed\n", total.passed, total.failed)
	return total.failed > 0, nil
}

func (s stage) run() tally {
	fmt.Printf("\n== %s\n", s.name)
	started := time.Now()
	output, runErr := s.execute()
	result, err := s.tally(output, runErr)
	if err != nil {
		fmt.Printf("suite: %s: %v\n", s.name, err)
	}
	fmt.Printf("== %s: %d passed, %d failed in %s\n", s.name, result.passed, result.failed, time.Since(started).Round(100*time.Millisecond))
	return result
}

func (s stage) execute() ([]byte, error) {
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Stderr = os.Stderr
	if s.quiet {
		return cmd.Output()
	}
	cmd.Stdout = os.Stdout
	return nil, cmd.Run()
}

func (s stage) tally(output []byte, runErr error) (tally, error) {
	if s.count == nil {
		if runErr != nil {
			return tally{failed: 1}, runErr
		}
		return tally{passed: 1}, nil
	}
	result, err := s.count(output)
	switch {
	case err != nil:
		return tally{failed: 1}, err
	case runErr != nil && result.failed == 0:
		result.failed = 1
		return result, fmt.Errorf("ended badly though no test failed: %w", runErr)
	case result.passed+result.failed == 0:
		return tally{failed: 1}, fmt.Errorf("ran no test")
	}
	return result, nil
}
