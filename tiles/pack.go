package tiles

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzipLevel is the quickest: level 2 saves a fortieth, level 5 a tenth in three times the time. Who wants
// less asks for brotli.
const gzipLevel = 1

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzipLevel) // the level is legal
	return w
}}

// packed compresses and names the bytes of a tile.
func packed(data []byte, seq int64) (Tile, error) {
	if len(data) == 0 {
		return Tile{Empty: true, Seq: seq}, nil
	}
	var buf bytes.Buffer
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	w.Reset(&buf)
	if _, err := w.Write(data); err != nil {
		return Tile{}, fmt.Errorf("compress tile: %w", err)
	}
	if err := w.Close(); err != nil {
		return Tile{}, fmt.Errorf("compress tile: %w", err)
	}
	sum := sha256.Sum256(data)
	tag := hex.EncodeToString(sum[:12])
	return Tile{
		Data: bytes.Clone(data), Gzip: bytes.Clone(buf.Bytes()),
		ETag: `"` + tag + `"`, GzipETag: `"` + tag + `-gzip"`, Seq: seq,
		brotli: &lazyBrotli{},
	}, nil
}
