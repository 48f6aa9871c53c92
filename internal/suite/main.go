// Command suite runs everything that `make test` stands for, stage by stage, and closes with one line
// "N passed, N failed". A stage that ends badly without naming a failed test counts as one failure, and
// a stage of tests that ran none is a failure too.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// tally counts tests.
type tally struct{ passed, failed int }

// stage is one part of the suite. One without watch and count is itself one check.
type stage struct {
	name    string
	dir     string
	env     []string
	command []string
	watch   func(output io.Reader) (tally, error) // reads the output as it comes; nil to show it to people
	count   func() (tally, error)                 // reads the report left behind
}

const module = "github.com/yizhan/yizhan"

// isConcurrent tells whether the promises of a package are about concurrency: those run under the race
// detector. The others run without it, which is several times faster.
var isConcurrent = regexp.MustCompile(`/yizhan/(feed|api|store)(/|$)`).MatchString

// Most tests of tiles draw the whole city over and over, which takes the race detector a quarter of an
// hour and tells it nothing new: it sees those in which goroutines meet.
const tilesTogether = "Readers|Misses|OnceOnDemand|Leaving|News|Bounded|Panic|GCJ02Follows|UntouchedTiles"

func stages(scratch string, packages []string) []stage {
	vitest := filepath.Join(scratch, "vitest.json")
	playwright := filepath.Join(scratch, "playwright.json")
	plain, raced := []string{"go", "test", "-timeout", "40m", "-json"}, []string{"go", "test", "-race", "-timeout", "40m", "-json"}
	for _, p := range packages {
		if isConcurrent(p) {
			raced = append(raced, p)
		} else {
			plain = append(plain, p)
		}
	}
	return []stage{
		{name: "check", command: []string{"scripts/check.sh"}},
		{name: "go test", watch: countGo, command: plain},
		{name: "go test -race", watch: countGo, command: raced},
		{name: "go test -race, tiles", watch: countGo,
			command: []string{"go", "test", "-race", "-json", "-run", tilesTogether, module + "/tiles"}},
		{name: "vitest", dir: "web", count: countFile(vitest, countVitest),
			env:     []string{"NO_COLOR=1"},
			command: []string{"npx", "--no-install", "vitest", "run", "--reporter=dot", "--reporter=json", "--outputFile=" + vitest}},
		{name: "browser journeys", dir: "web", count: countFile(playwright, countPlaywright),
			env:     []string{"PLAYWRIGHT_JSON_OUTPUT_NAME=" + playwright, "YIZHAN_E2E_WORKERS=2"},
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
	result, err := s.tally()
	if err != nil {
		fmt.Printf("suite: %s: %v\n", s.name, err)
	}
	fmt.Printf("== %s: %d passed, %d failed in %s\n", s.name, result.passed, result.failed, time.Since(started).Round(100*time.Millisecond))
	return result
}

func (s stage) tally() (tally, error) {
	result, runErr, err := s.execute()
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

// execute runs the command and counts its tests. runErr is how the command itself ended.
func (s stage) execute() (result tally, runErr, err error) {
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if s.watch == nil {
		if runErr = cmd.Run(); s.count != nil {
			result, err = s.count()
		} else if runErr == nil {
			result.passed = 1
		}
		return result, runErr, err
	}
	cmd.Stdout = nil
	output, err := cmd.StdoutPipe()
	if err != nil {
		return tally{}, nil, err
	}
	if err := cmd.Start(); err != nil {
		return tally{}, nil, err
	}
	result, err = s.watch(output)
	return result, cmd.Wait(), err
}
