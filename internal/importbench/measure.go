package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/yizhan/yizhan/store/pgembed"
)

// What the design promises for a million rows on two cores.
const (
	wantedWall  = 60 * time.Second
	wantedBytes = 300 << 20
)

// report is all that one run measured.
type report struct {
	rows               int
	load               string
	wall, checked      time.Duration // of the whole command, and until it began to apply
	cpu, postgres      time.Duration // of the command, and of the database meanwhile
	peak, postgresPeak int64         // bytes: of the command; of one process of the database, without the shared buffers
	longest            time.Duration // that an edit of somebody else took meanwhile, of so many
	edits              int
	floor, floorCPU    time.Duration // of a bare COPY, and of the database in it
}

// measureImport runs the command as anybody would.
func measureImport(ctx context.Context, o options, server *pgembed.Server, file string) (r report, err error) {
	r.rows, r.load = o.rows, load()
	database := newFamily(server.Status().PID)
	command := exec.CommandContext(ctx, o.program, "import", file, "--database", server.URL(), "--commit")
	var out bytes.Buffer
	command.Stdout = &out
	told, err := command.StderrPipe()
	if err != nil {
		return r, err
	}
	start := time.Now()
	if err := command.Start(); err != nil {
		return r, err
	}
	stop := database.watch()
	done, edited, beside := make(chan struct{}), make(chan error, 1), newNeighbour()
	go func() { edited <- beside.editUntil(ctx, server.URL(), done) }()
	var said strings.Builder
	for lines := bufio.NewScanner(io.TeeReader(told, &said)); lines.Scan(); {
		if r.checked == 0 && strings.Contains(lines.Text(), "checked") {
			r.checked = time.Since(start)
		}
	}
	err = command.Wait()
	r.wall = time.Since(start)
	close(done)
	besideErr := <-edited
	r.postgres, r.postgresPeak = stop()
	r.edits, r.longest = beside.edits, beside.longest
	if err = errors.Join(err, besideErr); err != nil {
		return r, fmt.Errorf("%w: %s%s", err, out.String(), said.String())
	}
	state := command.ProcessState
	r.cpu = state.UserTime() + state.SystemTime()
	r.peak = state.SysUsage().(*syscall.Rusage).Maxrss << 10
	if os.Getenv("YIZHAN_BENCH_VERBOSE") != "" {
		fmt.Fprint(os.Stderr, out.String(), said.String())
	}
	return r, nil
}

// load is how busy the machine is.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}

func (r report) print(out io.Writer) error {
	verdict := func(missed bool) string {
		switch {
		case r.rows != 1_000_000:
			return ""
		case missed:
			return "MISSED"
		}
		return "ok"
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nyizhan import of %d rows; load before %s\n", r.rows, r.load)
	fmt.Fprintf(t, "  wall\t%.1f s\t≤ %.0f s\t%s\n", r.wall.Seconds(), wantedWall.Seconds(), verdict(r.wall > wantedWall))
	fmt.Fprintf(t, "    until it was checked\t%.1f s\t\t\n", r.checked.Seconds())
	fmt.Fprintf(t, "    applied\t%.1f s\t\t\n", (r.wall - r.checked).Seconds())
	fmt.Fprintf(t, "  peak memory\t%d MB\t≤ %d MB\t%s\n", r.peak>>20, wantedBytes>>20, verdict(r.peak > wantedBytes))
	fmt.Fprintf(t, "  processor: yizhan\t%.1f s\t\t\n", r.cpu.Seconds())
	fmt.Fprintf(t, "  processor: PostgreSQL\t%.1f s\t\t\n", r.postgres.Seconds())
	fmt.Fprintf(t, "  peak memory: PostgreSQL\t%d MB\tof its own, besides 256 MB shared\t\n", r.postgresPeak>>20)
	fmt.Fprintf(t, "  longest edit of somebody else\t%.1f s\tof %d meanwhile\t\n", r.longest.Seconds(), r.edits)
	fmt.Fprintf(t, "  floor: processor\t%.1f s\tof PostgreSQL alone\t\n", r.floorCPU.Seconds())
	fmt.Fprintf(t, "  floor: COPY into bare tables\t%.1f s\tthe import takes %.1f times as long\t\n", r.floor.Seconds(), r.wall.Seconds()/r.floor.Seconds())
	return t.Flush()
}

// family is a process and its children, as Linux counts what they use.
type family struct {
	pid  int
	tick time.Duration
}

func newFamily(pid int) family { return family{pid, 10 * time.Millisecond} } // USER_HZ is 100 on every Linux

// watch measures until the function it gives is called.
func (f family) watch() (stop func() (cpu time.Duration, peak int64)) {
	before := f.used()
	done, peaks := make(chan struct{}), make(chan int64)
	go func() {
		var peak int64
		for ticks := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-done:
				ticks.Stop()
				peaks <- peak
				return
			case <-ticks.C:
				peak = max(peak, f.largest())
			}
		}
	}()
	return func() (time.Duration, int64) {
		close(done)
		return f.used() - before, <-peaks
	}
}

// used is the processor time of the process, of its children that run, and of those that have ended.
func (f family) used() time.Duration {
	var ticks int64
	count := func(pid, fields int) {
		stat := statOf(pid)
		for i := 11; i < 11+fields && i < len(stat); i++ { // utime, stime, cutime, cstime
			n, _ := strconv.ParseInt(stat[i], 10, 64) // a number, says proc(5)
			ticks += n
		}
	}
	count(f.pid, 4)
	for _, child := range f.children() {
		count(child, 2)
	}
	return time.Duration(ticks) * f.tick
}

// statOf gives the fields of /proc/pid/stat after the name; nil for a process that has ended.
func statOf(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

func (f family) children() (pids []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", f.pid, f.pid))
	if err != nil {
		return nil
	}
	for _, field := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// largest is the memory of the child with most that is not shared.
func (f family) largest() (bytes int64) {
	for _, pid := range f.children() {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			var kilobytes int64
			if n, _ := fmt.Sscanf(line, "RssAnon: %d kB", &kilobytes); n == 1 {
				bytes = max(bytes, kilobytes<<10)
			}
		}
	}
	return bytes
}
