package tiles

import "time"

// Stats are counters since the start, for metrics.
type Stats struct {
	Hits    int64 // answered from the cache
	Misses  int64
	Made    int64         // tiles made; less than Misses where callers waited for the same one
	Making  time.Duration // time spent on making them
	Evicted int64         // left the cache for want of room
	Dropped int64         // left it because an update touched them
	Tiles   int           // in the cache now
	Bytes   int64         // taken by them
}

// Stats reads the counters.
func (p *Pyramid) Stats() Stats {
	size, count := p.cache.bytes()
	return Stats{
		Hits: p.cache.hits.Load(), Misses: p.cache.misses.Load(),
		Made: p.made.Load(), Making: time.Duration(p.makeTime.Load()),
		Evicted: p.cache.evicted.Load(), Dropped: p.cache.dropped.Load(),
		Tiles: count, Bytes: size,
	}
}
