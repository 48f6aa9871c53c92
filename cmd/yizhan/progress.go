package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const barWidth = 24

// progress draws one bar that is redrawn in place on a terminal, and prints a line for each stage elsewhere.
type progress struct {
	out      io.Writer
	terminal bool
	stage    string
	drawn    time.Time
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if file, ok := out.(*os.File); ok {
		if info, err := file.Stat(); err == nil {
			p.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}

// step tells that done of total units of a stage are behind us.
func (p *progress) step(stage string, done, total int) {
	fresh := stage != p.stage
	p.stage = stage
	switch {
	case !p.terminal && fresh:
		fmt.Fprintf(p.out, "  %s …\n", stage)
	case p.terminal && (fresh || done == total || time.Since(p.drawn) > 100*time.Millisecond):
		filled := barWidth
		if total > 0 {
			filled = barWidth * done / total
		}
		p.drawn = time.Now()
		fmt.Fprintf(p.out, "\r\x1b[K  %s%s %3d %%  %s", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), 100*filled/barWidth, stage)
	}
}

// end clears the bar and says what was achieved.
func (p *progress) end(summary string) {
	if p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	fmt.Fprintf(p.out, "  %s\n", summary)
}
