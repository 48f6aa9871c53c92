package pmtiles

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/gzip"
)

// entry says where run tiles from id on are, which are all the same; a run of 0 stands for a leaf
// directory that begins with id.
type entry struct {
	id     uint64
	offset uint64 // in the tile data, or in the leaves
	length uint32
	run    uint32
}

// maxDirectory bounds a directory as it is read: far more than a writer puts into one.
const maxDirectory = 16 << 20

var errDirectory = errors.New("pmtiles: the directory is broken")

// packDirectory writes entries column by column, as differences where they are small, and compresses them.
func packDirectory(entries []entry) ([]byte, error) {
	raw := binary.AppendUvarint(nil, uint64(len(entries)))
	var last uint64
	for _, e := range entries {
		raw = binary.AppendUvarint(raw, e.id-last)
		last = e.id
	}
	for _, e := range entries {
		raw = binary.AppendUvarint(raw, uint64(e.run))
	}
	for _, e := range entries {
		raw = binary.AppendUvarint(raw, uint64(e.length))
	}
	var follows uint64
	for i, e := range entries {
		if i > 0 && e.offset == follows {
			raw = append(raw, 0)
		} else {
			raw = binary.AppendUvarint(raw, e.offset+1)
		}
		follows = e.offset + uint64(e.length)
	}
	return compress(raw)
}

func parseDirectory(packed []byte) ([]entry, error) {
	raw, err := decompress(packed, maxDirectory)
	if err != nil {
		return nil, err
	}
	in := &columns{rest: raw}
	count := in.next()
	if in.broken || count == 0 || count > uint64(len(in.rest))/4 { // an entry takes at least four bytes
		return nil, errDirectory
	}
	entries := make([]entry, count)
	var id uint64
	for i := range entries {
		step := in.next()
		if i > 0 && step == 0 || step > math.MaxUint64-id {
			return nil, errDirectory
		}
		id += step
		entries[i].id = id
	}
	for i := range entries {
		entries[i].run = in.next32()
	}
	for i := range entries {
		entries[i].length = in.next32()
		in.broken = in.broken || entries[i].length == 0
	}
	var follows uint64
	for i := range entries {
		switch offset := in.next(); {
		case offset > 0:
			entries[i].offset = offset - 1
		case i > 0:
			entries[i].offset = follows
		default:
			return nil, errDirectory
		}
		follows = entries[i].offset + uint64(entries[i].length)
	}
	if in.broken || len(in.rest) > 0 || !inOrder(entries) {
		return nil, errDirectory
	}
	return entries, nil
}

// inOrder tells whether no run reaches into the next, or beyond the last tile there can be.
func inOrder(entries []entry) bool {
	for i, e := range entries {
		end := uint64(maxIDs)
		if i+1 < len(entries) {
			end = entries[i+1].id
		}
		if e.id >= maxIDs || end-e.id < uint64(e.run) {
			return false
		}
	}
	return true
}

// columns reads numbers and remembers whether one was not there.
type columns struct {
	rest   []byte
	broken bool
}

func (c *columns) next() uint64 {
	n, size := binary.Uvarint(c.rest)
	if size <= 0 {
		c.rest, c.broken = nil, true
		return 0
	}
	c.rest = c.rest[size:]
	return n
}

func (c *columns) next32() uint32 {
	n := c.next()
	c.broken = c.broken || n > math.MaxUint32
	return uint32(n)
}

func compress(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decompress(packed []byte, limit int64) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("pmtiles: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("pmtiles: %w", err)
	case int64(len(raw)) > limit:
		return nil, fmt.Errorf("pmtiles: more than %d bytes", limit)
	}
	return raw, nil
}
