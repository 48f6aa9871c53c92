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

// Stats reads the counters, of all datums together.
func (p *Pyramid) Stats() Stats {
	s := p.ownStats()
	if q := p.shifted.pyramid.Load(); q != nil {
		o := q.ownStats()
		s.Hits, s.Misses, s.Made, s.Making = s.Hits+o.Hits, s.Misses+o.Misses, s.Made+o.Made, s.Making+o.Making
		s.Evicted, s.Dropped, s.Tiles, s.Bytes = s.Evicted+o.Evicted, s.Dropped+o.Dropped, s.Tiles+o.Tiles, s.Bytes+o.Bytes
	}
	return s
}

func (p *Pyramid) ownStats() Stats {
	size, count := p.cache.bytes()
	return Stats{
		Hits: p.cache.hits.Load(), Misses: p.cache.misses.Load(),
		Made: p.made.Load(), Making: time.Duration(p.makeTime.Load()),
		Evicted: p.cache.evicted.Load(), Dropped: p.cache.dropped.Load(),
		Tiles: count, Bytes: size,
	}
}
