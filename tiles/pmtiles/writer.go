package pmtiles

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/yizhan/yizhan/tiles/world"
)

// Info is what a Writer is told of the archive as a whole.
type Info struct {
	MinZoom, MaxZoom uint32
	Bounds           [4]float64 // west, south, east, north in degrees
	Center           [3]float64 // lng, lat in degrees, and zoom
	// Metadata becomes a JSON object. Clients look for name, description, attribution, version and,
	// without fail, vector_layers.
	Metadata any
}

// Writer writes one archive. It is for one goroutine.
type Writer struct {
	out     io.WriteSeeker
	data    *bufio.Writer
	info    Info
	entries []entry
	known   map[[16]byte]place
	head    Header
	room    int // for the root directory; less only in tests
}

// place is where the bytes of a tile are.
type place struct {
	offset uint64
	length uint32
}

// NewWriter begins an archive at the start of out.
func NewWriter(out io.WriteSeeker, info Info) (*Writer, error) {
	if info.MinZoom > info.MaxZoom || info.MaxZoom > maxZoom {
		return nil, fmt.Errorf("pmtiles: zooms %d to %d", info.MinZoom, info.MaxZoom)
	}
	w := &Writer{out: out, data: bufio.NewWriterSize(out, 1<<20), info: info, known: map[[16]byte]place{}, room: rootLimit - headerSize}
	// Header and root are known last and stand first: their room is kept free. The tiles begin behind it.
	_, err := w.data.Write(make([]byte, rootLimit))
	return w, err
}

// Add adds a tile, gzipped. Tiles come in the order of their ids (see Cover.Tiles); those that are empty
// are left out.
func (w *Writer) Add(t world.Tile, gzipped []byte) error {
	id := ID(t)
	switch {
	case t.Z < w.info.MinZoom || t.Z > w.info.MaxZoom:
		return fmt.Errorf("pmtiles: tile %v is not of zooms %d to %d", t, w.info.MinZoom, w.info.MaxZoom)
	case len(gzipped) < 2 || gzipped[0] != 0x1f || gzipped[1] != 0x8b:
		return fmt.Errorf("pmtiles: tile %v is not gzipped", t)
	case uint64(len(gzipped)) > math.MaxUint32:
		return fmt.Errorf("pmtiles: tile %v has %d bytes", t, len(gzipped))
	case len(w.entries) > 0 && id < w.lastID()+1:
		return fmt.Errorf("pmtiles: tile %v comes after one with a higher id", t)
	}
	at, err := w.put(gzipped)
	if err != nil {
		return err
	}
	w.head.Addressed++
	if last := len(w.entries) - 1; last >= 0 && id == w.lastID()+1 && at == (place{w.entries[last].offset, w.entries[last].length}) {
		w.entries[last].run++
		return nil
	}
	w.entries = append(w.entries, entry{id: id, offset: at.offset, length: at.length, run: 1})
	return nil
}

func (w *Writer) lastID() uint64 {
	last := w.entries[len(w.entries)-1]
	return last.id + uint64(last.run) - 1
}

// put writes the bytes of a tile unless the same are there already.
func (w *Writer) put(gzipped []byte) (place, error) {
	sum := sha256.Sum256(gzipped)
	key := [16]byte(sum[:])
	if at, ok := w.known[key]; ok {
		return at, nil
	}
	at := place{w.head.Data.Length, uint32(len(gzipped))}
	if _, err := w.data.Write(gzipped); err != nil {
		return place{}, err
	}
	w.known[key] = at
	w.head.Data.Length += uint64(len(gzipped))
	return at, nil
}

// Close writes the directories and makes the archive whole. It does not close what it writes to.
func (w *Writer) Close() (Header, error) {
	if len(w.entries) == 0 {
		return Header{}, errors.New("pmtiles: an archive without a tile")
	}
	root, leaves, err := directories(w.entries, w.room)
	if err != nil {
		return Header{}, err
	}
	description, err := json.Marshal(w.info.Metadata)
	if err != nil {
		return Header{}, fmt.Errorf("pmtiles: metadata: %w", err)
	}
	metadata, err := compress(description)
	if err != nil {
		return Header{}, err
	}
	h := &w.head
	h.Root = section{headerSize, uint64(len(root))}
	h.Data.Offset = rootLimit
	h.Leaves = section{h.Data.Offset + h.Data.Length, uint64(len(leaves))}
	h.Metadata = section{h.Leaves.Offset + h.Leaves.Length, uint64(len(metadata))}
	h.Entries, h.Contents, h.Clustered = uint64(len(w.entries)), uint64(len(w.known)), true
	h.MinZoom, h.MaxZoom, h.Bounds, h.Center = w.info.MinZoom, w.info.MaxZoom, w.info.Bounds, w.info.Center
	_, leavesErr := w.data.Write(leaves)
	_, metadataErr := w.data.Write(metadata)
	if err := errors.Join(leavesErr, metadataErr, w.data.Flush()); err != nil {
		return Header{}, err
	}
	if _, err := w.out.Seek(0, io.SeekStart); err != nil {
		return Header{}, err
	}
	_, err = w.out.Write(append(h.append(nil), root...))
	return *h, err
}

// The first try for how many entries a leaf holds: what other writers take, a few kilobytes to fetch.
const leafEntries = 4096

// directories packs entries into a root that fits its room: directly, or through leaves.
func directories(entries []entry, room int) (root, leaves []byte, err error) {
	root, err = packDirectory(entries)
	for size := leafEntries; err == nil && len(root) > room; size *= 2 {
		root, leaves, err = withLeaves(entries, size)
	}
	return root, leaves, err
}

func withLeaves(entries []entry, size int) (root, leaves []byte, err error) {
	var top []entry
	for begin := 0; begin < len(entries); begin += size {
		leaf, err := packDirectory(entries[begin:min(begin+size, len(entries))])
		if err != nil {
			return nil, nil, err
		}
		top = append(top, entry{id: entries[begin].id, offset: uint64(len(leaves)), length: uint32(len(leaf))})
		leaves = append(leaves, leaf...)
	}
	root, err = packDirectory(top)
	return root, leaves, err
}
