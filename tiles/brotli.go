package tiles

import (
	"bytes"
	"sync"

	"github.com/andybalholm/brotli"
)

// brotliLevel is where more effort stops paying: level 5 is a fifth smaller than gzip; 7 takes four times as
// long and is no smaller.
const brotliLevel = 5

var brotliWriters = sync.Pool{New: func() any { return brotli.NewWriterLevel(nil, brotliLevel) }}

// lazyBrotli compresses a tile when somebody first asks for that.
type lazyBrotli struct {
	once sync.Once
	data []byte
	grew func(bytes int) // told once of what is held more; may be nil
}

// Brotli gives the tile compressed with brotli, and the strong ETag of that. It is made on first demand,
// once for all copies of the tile, and then kept with it. Nil if the tile is empty.
func (t Tile) Brotli() (data []byte, etag string) {
	if t.brotli == nil {
		return nil, ""
	}
	t.brotli.once.Do(func() {
		t.brotli.data = brotlied(t.Data)
		if t.brotli.grew != nil {
			t.brotli.grew(len(t.brotli.data))
		}
	})
	return t.brotli.data, t.ETag[:len(t.ETag)-1] + `-br"`
}

func brotlied(data []byte) []byte {
	var buf bytes.Buffer
	w := brotliWriters.Get().(*brotli.Writer)
	defer brotliWriters.Put(w)
	w.Reset(&buf)
	_, _ = w.Write(data) // a bytes.Buffer takes everything
	_ = w.Close()
	return bytes.Clone(buf.Bytes())
}
