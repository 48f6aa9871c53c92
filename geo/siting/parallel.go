package siting

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work for each chunk of 0..n-1. Chunks must not depend on one another, so that nobody can
// tell in which order or by which worker they were done.
func parallel(n, chunk int, work func(from, to int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk) {
		wait.Go(func() {
			for {
				from := int(next.Add(int64(chunk))) - chunk
				if from >= n {
					return
				}
				work(from, min(from+chunk, n))
			}
		})
	}
	wait.Wait()
}
