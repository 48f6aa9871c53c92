package coverage

// chunked is a column that can be changed at the cost of what is changed: versions share the chunks in
// which they are alike. A version that others can see is never written to.
type chunked[T any] struct{ chunks []*chunk[T] }

const (
	chunkBits = 7
	chunkSize = 1 << chunkBits
)

type chunk[T any] [chunkSize]T

// newChunked has n zero values, all in the same chunk.
func newChunked[T any](n int) chunked[T] {
	c := chunked[T]{make([]*chunk[T], (n+chunkSize-1)/chunkSize)}
	zero := new(chunk[T])
	for i := range c.chunks {
		c.chunks[i] = zero
	}
	return c
}

// at gives a value, not to be written to.
func (c chunked[T]) at(i int32) *T { return &c.chunks[i>>chunkBits][i&(chunkSize-1)] }

// changing is a version of a column in the making. The versions before it stay as they are.
type changing[T any] struct {
	chunked[T]
	owned []bool // chunks that no other version has
}

func (c chunked[T]) change() changing[T] {
	return changing[T]{chunked[T]{append([]*chunk[T](nil), c.chunks...)}, make([]bool, len(c.chunks))}
}

// own gives a value to write to.
func (c *changing[T]) own(i int32) *T {
	n := i >> chunkBits
	if !c.owned[n] {
		copied := *c.chunks[n]
		c.chunks[n], c.owned[n] = &copied, true
	}
	return &c.chunks[n][i&(chunkSize-1)]
}
