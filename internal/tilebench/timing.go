package main

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// Millis is a duration that is JSON as milliseconds.
type Millis time.Duration

// MarshalJSON writes milliseconds, to the microsecond.
func (m Millis) MarshalJSON() ([]byte, error) {
	return json.Marshal(math.Round(time.Duration(m).Seconds()*1e6) / 1e3)
}

func (m Millis) String() string {
	switch d := time.Duration(m); {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	default:
		return fmt.Sprintf("%.1f µs", d.Seconds()*1e6)
	}
}

// Spread sums up how long many things took.
type Spread struct {
	P50 Millis `json:"p50_ms"`
	P95 Millis `json:"p95_ms"`
	P99 Millis `json:"p99_ms"`
	Max Millis `json:"max_ms"`
}

func spreadOf(took []time.Duration) Spread {
	if len(took) == 0 {
		return Spread{}
	}
	slices.Sort(took)
	at := func(share float64) Millis {
		return Millis(took[min(len(took)-1, int(math.Ceil(share*float64(len(took))))-1)])
	}
	return Spread{P50: at(.5), P95: at(.95), P99: at(.99), Max: at(1)}
}

func median(took []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)/2]
}

// heapBytes is what is alive on the heap.
func heapBytes() int64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools held the first time
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// allocated counts what do allocates, in all goroutines.
func allocated(do func() error) (allocations, bytes int64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = do()
	runtime.ReadMemStats(&after)
	return int64(after.Mallocs - before.Mallocs), int64(after.TotalAlloc - before.TotalAlloc), err
}

// peakBytes is the most memory that the process had resident so far.
func peakBytes() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss * 1024 // kilobytes on Linux
}
