package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// Report is all that one run measured.
type Report struct {
	Go         string `json:"go"`
	Processors int    `json:"processors"`
	Rows       []Row  `json:"rows"`
}

// Row is one promise of the design and what became of it.
type Row struct {
	City    string `json:"city"`
	What    string `json:"what"`
	Wanted  Millis `json:"wanted_ms"` // 0 if nothing is promised
	Took    Millis `json:"took_ms"`
	PostGIS Millis `json:"postgis_ms,omitempty"` // the same asked of PostGIS
	Note    string `json:"note,omitempty"`
}

func newReport() Report { return Report{Go: runtime.Version(), Processors: runtime.GOMAXPROCS(0)} }

func (r *Report) add(row Row) { r.Rows = append(r.Rows, row) }

// print writes a table for people.
func (r *Report) print(out io.Writer) error {
	fmt.Fprintf(out, "\n%d processors, %s\n", r.Processors, r.Go)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	city := ""
	for _, row := range r.Rows {
		if row.City != city {
			city = row.City
			fmt.Fprintf(t, "\n%s\twanted\tmeasured\tPostGIS\t\t\t\n", city)
		}
		wanted, verdict := "", ""
		if row.Wanted > 0 {
			wanted, verdict = "≤ "+row.Wanted.String(), "ok"
			if row.Took > row.Wanted {
				verdict = "MISSED"
			}
		}
		postgis := ""
		if row.PostGIS > 0 {
			postgis = fmt.Sprintf("%s (%.0f times)", row.PostGIS, float64(row.PostGIS)/float64(max(1, row.Took)))
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\t\n", row.What, wanted, row.Took, postgis, verdict, row.Note)
	}
	return t.Flush()
}

// Millis is a duration that is JSON as milliseconds.
type Millis time.Duration

// MarshalJSON writes milliseconds, to the microsecond.
func (m Millis) MarshalJSON() ([]byte, error) {
	return json.Marshal(math.Round(time.Duration(m).Seconds()*1e6) / 1e3)
}

func (m Millis) String() string {
	switch d := time.Duration(m); {
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	default:
		return fmt.Sprintf("%.0f µs", d.Seconds()*1e6)
	}
}

func millis(n int) Millis { return Millis(time.Duration(n) * time.Millisecond) }

// medianOf does something some times and gives the median of how long it took.
func medianOf(rounds int, do func() error) (Millis, error) {
	took, err := timed(rounds, do)
	if err != nil {
		return 0, err
	}
	return Millis(took[len(took)/2]), nil
}

// timed does something some times and gives how long it took, ascending.
func timed(rounds int, do func() error) ([]time.Duration, error) {
	took := make([]time.Duration, rounds)
	for i := range took {
		began := time.Now()
		if err := do(); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took, nil
}

// p95 of durations that are ascending.
func p95(took []time.Duration) Millis {
	return Millis(took[min(len(took)-1, int(math.Ceil(.95*float64(len(took))))-1)])
}
