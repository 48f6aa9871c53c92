package tiles

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// cache keeps the tiles asked for last, up to a number of bytes. A tile is good until an update touches
// it, however many updates touch others.
type cache struct {
	mu      sync.Mutex
	limit   int64
	size    int64
	entries map[tileKey]*list.Element
	recent  *list.List // front: asked for last
	epoch   int64      // grows with each update

	hits, misses, evicted, dropped atomic.Int64
}

type cacheEntry struct {
	key    tileKey
	tile   Tile
	brotli int // bytes, once there are any
}

// entryOverhead is about what an entry takes beside the bytes of its tile.
const entryOverhead = 400

func newCache(limit int64) *cache {
	return &cache{limit: limit, entries: map[tileKey]*list.Element{}, recent: list.New()}
}

func (e *cacheEntry) size() int64 {
	return int64(len(e.tile.Data)+len(e.tile.Gzip)+e.brotli+len(e.key.params.WhatIf)) + entryOverhead
}

func (c *cache) get(key tileKey) (Tile, bool) {
	tile, ok := c.held(key)
	if !ok {
		c.misses.Add(1)
	}
	return tile, ok
}

// held is get for one who gets the tile in another way if it is not here, and counts as a miss then.
func (c *cache) held(key tileKey) (Tile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		return Tile{}, false
	}
	c.hits.Add(1)
	c.recent.MoveToFront(element)
	return element.Value.(*cacheEntry).tile, true
}

// peek is get for one who missed a moment ago.
func (c *cache) peek(key tileKey) (Tile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.entries[key]; ok {
		return element.Value.(*cacheEntry).tile, true
	}
	return Tile{}, false
}

// put keeps a tile that was made at an epoch; if an update came since, it may have touched the tile.
func (c *cache) put(key tileKey, tile Tile, epoch int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.entries[key]; there || epoch != c.epoch {
		return
	}
	element := c.recent.PushFront(&cacheEntry{key: key, tile: tile})
	c.entries[key] = element
	if tile.brotli != nil {
		tile.brotli.grew = func(bytes int) { c.grow(element, bytes) }
	}
	c.size += element.Value.(*cacheEntry).size()
	c.shrink()
}

// grow notes that a tile holds more than before.
func (c *cache) grow(element *list.Element, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := element.Value.(*cacheEntry)
	if c.entries[entry.key] == element { // else it left in the meantime
		entry.brotli = bytes
		c.size += int64(bytes)
		c.shrink()
	}
}

func (c *cache) shrink() {
	for c.size > c.limit {
		c.remove(c.recent.Back())
		c.evicted.Add(1)
	}
}

func (c *cache) remove(element *list.Element) {
	entry := c.recent.Remove(element).(*cacheEntry)
	delete(c.entries, entry.key)
	c.size -= entry.size()
}

// update makes a new state current and drops the tiles that it touches.
func (c *cache) update(touched touchedAreas, publish func(epoch int64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	publish(c.epoch)
	var after *list.Element
	for element := c.recent.Front(); element != nil; element = after {
		after = element.Next()
		if key := element.Value.(*cacheEntry).key; touched.touch(key) {
			c.remove(element)
			c.dropped.Add(1)
		}
	}
}

func (c *cache) bytes() (size int64, tiles int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size, len(c.entries)
}
