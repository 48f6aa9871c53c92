package demo

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestNothingIsFused compiles the package for a machine that has fused multiply-add and proves that the
// compiler found nowhere to use it.
func TestNothingIsFused(t *testing.T) {
	build := exec.Command("go", "build", "-gcflags=-S", ".", "../../geo/plane")
	build.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, listing)
	}
	if !strings.Contains(string(listing), "FMULD") {
		t.Fatal("the listing shows no multiplication: is it one?")
	}
	for line := range strings.Lines(string(listing)) {
		for _, fused := range []string{"FMADD", "FMSUB", "FNMADD", "FNMSUB"} {
			if strings.Contains(line, fused) {
				t.Errorf("fused: %s", strings.TrimSpace(line))
			}
		}
	}
}
