// Command lint holds the linters of `make check` that `go vet` runs: the fences between packages
// (depguard), errors dropped or compared wrongly, and response bodies left open. It is a module of its
// own so that what it needs stays out of the product's go.mod.
//
//	go vet -vettool=bin/lint ./...
package main

import (
	"log"

	"github.com/OpenPeeDeeP/depguard/v2"
	"github.com/kisielk/errcheck/errcheck"
	"github.com/polyfloyd/go-errorlint/errorlint"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	guard, err := depguard.NewAnalyzer(&fences)
	if err != nil {
		log.Fatal(err)
	}
	errcheck.DefaultExcludedSymbols = append(errcheck.DefaultExcludedSymbols,
		// Closing what was only read from, or is being given up after another error, says nothing new.
		"(*os.File).Close", "(io.Closer).Close", "(io.ReadCloser).Close", "(net.Conn).Close", "(net.Listener).Close",
		// What cannot be printed for a person cannot be complained about either.
		"fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln",
	)
	unitchecker.Main(guard, errcheck.Analyzer, bodyclose.Analyzer, errorlint.NewAnalyzer())
}
