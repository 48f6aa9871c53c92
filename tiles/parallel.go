package tiles

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallelEach calls do for each of 0..n-1, in batches on all processors.
func parallelEach(n, batch int, do func(i int)) {
	var claimed atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+batch-1)/batch) {
		workers.Go(func() {
			for {
				first := int(claimed.Add(int64(batch))) - batch
				if first >= n {
					return
				}
				for i := first; i < min(first+batch, n); i++ {
					do(i)
				}
			}
		})
	}
	workers.Wait()
}
