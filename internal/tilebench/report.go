package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// Report is all that one run measured.
type Report struct {
	Go         string   `json:"go"`
	Processors int      `json:"processors"`
	MicroGrids int      `json:"micro_grids"`
	Stations   int      `json:"stations"`
	View       View     `json:"view"`
	Pyramid    Side     `json:"pyramid"`
	PostGIS    Side     `json:"st_asmvt"`
	Zooms      []Zoom   `json:"zooms"`
	Served     Served   `json:"served"`
	Live       Live     `json:"live"`
	Growth     []Growth `json:"growth"`
}

func newReport() Report {
	return Report{Go: runtime.Version(), Processors: runtime.GOMAXPROCS(0)}
}

// promise is a target of the design page and what became of it.
type promise struct {
	what, want, got string
	kept            bool
}

func (r Report) faster() float64 { return float64(r.PostGIS.Cold) / float64(max(1, r.Pyramid.Cold)) }

func (r Report) promises() (all []promise) {
	if r.MicroGrids > 0 {
		all = r.cityPromises()
	}
	if n := len(r.Growth); n > 1 {
		first, last := r.Growth[0], r.Growth[n-1]
		change := 100 * (float64(last.Mix)/float64(max(1, first.Mix)) - 1)
		all = append(all, promise{fmt.Sprintf("cold mix at %d times the city", last.Times), "±50 %", fmt.Sprintf("%+.0f %%", change), change <= 50})
	}
	return all
}

func (r Report) cityPromises() []promise {
	var anywhere, from12 Millis
	largest := 0
	for _, z := range r.Zooms {
		anywhere, largest = max(anywhere, z.Tile.P99), max(largest, z.LargestBytes)
		if z.Zoom >= 12 {
			from12 = max(from12, z.Tile.P99)
		}
	}
	ms := func(n int) Millis { return Millis(time.Duration(n) * time.Millisecond) }
	return []promise{
		{"cold mix in all", "≤ 100 ms", r.Pyramid.Cold.String(), r.Pyramid.Cold <= ms(100)},
		{"faster than ST_AsMVT, cold", "≥ 15 times", fmt.Sprintf("%.1f times", r.faster()), r.faster() >= 15},
		{"cold p99, any zoom", "≤ 50 ms", anywhere.String(), anywhere <= ms(50)},
		{"cold p99 from zoom 12", "≤ 5 ms", from12.String(), from12 <= ms(5)},
		{"warm, of the static handler", "≥ 80 %", fmt.Sprintf("%.0f %%", 100*r.Served.Share), r.Served.Share >= .8},
		{"largest tile, compressed", "≤ 500 kB", bytesText(int64(largest)), largest <= 500_000},
		{fmt.Sprintf("edit to fresh tile on %d replicas, p95", r.Live.Replicas), "≤ 1 s", r.Live.Fresh.P95.String(), r.Live.Fresh.P95 <= ms(1000)},
		{"build of the view", "≤ 10 s", r.View.Build.String(), r.View.Build <= ms(10_000)},
		{"memory of the view", "≤ 150 MB", bytesText(r.View.HeapBytes), r.View.HeapBytes <= 150_000_000},
	}
}

// print writes tables for people.
func (r Report) print(out io.Writer) error {
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight), out}
	fmt.Fprintf(out, "\n%d processors, %s\n", r.Processors, r.Go)
	if r.MicroGrids > 0 {
		r.printMix(t)
		r.printZooms(t)
		r.printServed(t)
		r.printLive(t)
	}
	if len(r.Growth) > 0 {
		r.printGrowth(t)
	}
	promises := r.promises()
	if len(promises) > 0 {
		t.title("Promises", "", "wanted", "measured", "")
	}
	for _, p := range promises {
		verdict := "ok"
		if !p.kept {
			verdict = "MISSED"
		}
		t.row(p.what, p.want, p.got, verdict)
	}
	return t.Flush()
}

func (r Report) printMix(t table) {
	t.title(fmt.Sprintf("40 tiles of zooms 6 to 15, of %d micro-grids and %d stations", r.MicroGrids, r.Stations), "", "Yizhan", "ST_AsMVT", "")
	ours, theirs := r.Pyramid, r.PostGIS
	t.row("all, for the first time", ours.First, theirs.First, times(theirs.First, ours.First))
	t.row("all, cold", ours.Cold, theirs.Cold, times(theirs.Cold, ours.Cold))
	t.row("all, cold, compressed", ours.Cold+ours.Gzip, theirs.Cold+theirs.Gzip, times(theirs.Cold+theirs.Gzip, ours.Cold+ours.Gzip))
	t.row("all, warm", ours.Warm, theirs.Warm, times(theirs.Warm, ours.Warm))
	t.row("one, cold, p50", ours.Tile.P50, theirs.Tile.P50, times(theirs.Tile.P50, ours.Tile.P50))
	t.row("one, cold, p99", ours.Tile.P99, theirs.Tile.P99, times(theirs.Tile.P99, ours.Tile.P99))
	t.row("features", ours.Features, theirs.Features, "")
	t.row("bytes", bytesText(ours.Bytes), bytesText(theirs.Bytes), "")
	t.row("bytes, compressed", bytesText(ours.GzipBytes), bytesText(theirs.GzipBytes), "")
	t.row("allocations a tile", ours.Allocations, "", "")
	t.row("allocated a tile", bytesText(ours.AllocBytes), "", "")
	t.row("the view: build, memory", r.View.Build, "", bytesText(r.View.HeapBytes))
}

func (r Report) printZooms(t table) {
	t.title("Cold tiles of units, micro-grids and stations, by zoom, over micro-grids picked at random", "zoom", "tiles", "p50", "p99", "most", "largest, compressed")
	for _, z := range r.Zooms {
		t.row(z.Zoom, z.Tiles, z.Tile.P50, z.Tile.P99, z.Tile.Max, bytesText(int64(z.LargestBytes)))
	}
}

func (r Report) printServed(t table) {
	s := r.Served
	t.title(fmt.Sprintf("One warm tile of %d bytes over HTTP, %d connections", s.BodyBytes, s.Connections), "", "requests/s", "p50", "p99")
	t.row("Yizhan", fmt.Sprintf("%.0f", s.Server.PerSecond), s.Server.Request.P50, s.Server.Request.P99)
	t.row("Fiber, static body", fmt.Sprintf("%.0f", s.Static.PerSecond), s.Static.Request.P50, s.Static.Request.P99)
}

func (r Report) printLive(t table) {
	l := r.Live
	t.title(fmt.Sprintf("%d edits, %d replicas on one database", l.Edits, l.Replicas), "", "p50", "p95", "p99", "most")
	t.row("committed", l.Commit.P50, l.Commit.P95, l.Commit.P99, l.Commit.Max)
	t.row("fresh on every replica", l.Fresh.P50, l.Fresh.P95, l.Fresh.P99, l.Fresh.Max)
}

func (r Report) printGrowth(t table) {
	t.title("As the city grows; the mix with units", "times", "micro-grids", "build", "view", "mix, cold", "one, p50", "one, p99", "zooms 0-5, most", "peak resident")
	for _, g := range r.Growth {
		t.row(g.Times, g.MicroGrids, g.View.Build, bytesText(g.View.HeapBytes), g.Mix, g.Tile.P50, g.Tile.P99, g.LowZooms.Max, bytesText(g.PeakBytes))
	}
}

type table struct {
	*tabwriter.Writer
	out io.Writer
}

// title begins a new table.
func (t table) title(name string, columns ...any) {
	_ = t.Flush() // print flushes at the end and tells
	fmt.Fprintf(t.out, "\n%s\n", name)
	for _, column := range columns {
		fmt.Fprintf(t, "%v\t", column)
	}
	fmt.Fprintln(t)
}

// row puts names to the left and figures to the right.
func (t table) row(cells ...any) {
	for i, cell := range cells {
		if name, ok := cell.(string); ok && i == 0 {
			fmt.Fprintf(t, "  %-40s\t", name)
			continue
		}
		fmt.Fprintf(t, "%v\t", cell)
	}
	fmt.Fprintln(t)
}

func times(slow, fast Millis) string {
	ratio := float64(slow) / float64(max(1, fast))
	if ratio >= 100 {
		return fmt.Sprintf("%.0f times", ratio)
	}
	return fmt.Sprintf("%.1f times", ratio)
}

func bytesText(n int64) string {
	switch {
	case n >= 10_000_000_000:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 10_000_000:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	case n >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	default:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
}
