package tiles

import "iter"

// codes is a map by code that is copied in parts: a copy shares with its original what does not change, so
// that an edit in a large city copies a small part of it.
type codes[F any] struct{ shards [codeShards]map[string]F }

const codeShards = 512

func newCodes[F any](all map[string]F) *codes[F] {
	c := &codes[F]{}
	for code, f := range all {
		shard := &c.shards[shardOf(code)]
		if *shard == nil {
			*shard = make(map[string]F, len(all)/codeShards+1)
		}
		(*shard)[code] = f
	}
	return c
}

func shardOf(code string) uint32 {
	const offset, prime = 2166136261, 16777619 // FNV-1a
	hash := uint32(offset)
	for i := range len(code) {
		hash = (hash ^ uint32(code[i])) * prime
	}
	return (hash ^ hash>>16) % codeShards
}

// get gives the zero value for a code that is not there.
func (c *codes[F]) get(code string) F { return c.shards[shardOf(code)][code] }

func (c *codes[F]) has(code string) bool {
	_, there := c.shards[shardOf(code)][code]
	return there
}

func (c *codes[F]) all() iter.Seq2[string, F] {
	return func(yield func(string, F) bool) {
		for _, shard := range c.shards {
			for code, f := range shard {
				if !yield(code, f) {
					return
				}
			}
		}
	}
}

// edit starts a copy.
func (c *codes[F]) edit() *codesEdit[F] { return &codesEdit[F]{codes: &codes[F]{c.shards}} }

// codesEdit is a copy being changed.
type codesEdit[F any] struct {
	codes *codes[F]
	own   [codeShards]bool
}

func (e *codesEdit[F]) shard(code string) map[string]F {
	number := shardOf(code)
	if !e.own[number] {
		e.own[number] = true
		copied := make(map[string]F, len(e.codes.shards[number])+1)
		for code, f := range e.codes.shards[number] {
			copied[code] = f
		}
		e.codes.shards[number] = copied
	}
	return e.codes.shards[number]
}

func (e *codesEdit[F]) put(code string, f F) { e.shard(code)[code] = f }
func (e *codesEdit[F]) remove(code string)   { delete(e.shard(code), code) }
