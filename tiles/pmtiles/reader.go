package pmtiles

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/yizhan/yizhan/tiles/world"
)

// Reader reads an archive of gzipped vector tiles. It is safe for concurrent use.
type Reader struct {
	Header
	in   io.ReaderAt
	root []entry
}

const (
	maxMetadata = 4 << 20
	maxTile     = 64 << 20
	maxDepth    = 3 // of directories; more than one level of leaves is unusual
)

// NewReader reads header and root directory.
func NewReader(in io.ReaderAt) (*Reader, error) {
	head := make([]byte, headerSize)
	if _, err := in.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("pmtiles: header: %w", err)
	}
	h, err := parseHeader(head)
	if err != nil {
		return nil, err
	}
	if h.Root.Offset < headerSize || h.Root.Offset > rootLimit || h.Root.Length > rootLimit-h.Root.Offset {
		return nil, fmt.Errorf("pmtiles: the root directory is not in the first %d bytes", rootLimit)
	}
	r := &Reader{Header: h, in: in}
	r.root, err = r.directory(h.Root.Offset, h.Root.Length)
	return r, err
}

// Metadata decodes the description of the archive.
func (r *Reader) Metadata(into any) error {
	packed, err := r.read(r.Header.Metadata.Offset, r.Header.Metadata.Length, maxMetadata)
	if err != nil {
		return err
	}
	raw, err := decompress(packed, maxMetadata)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// Tile gives the bytes of a tile as they are stored, gzipped; nil if there is none.
func (r *Reader) Tile(t world.Tile) ([]byte, error) {
	id, entries := ID(t), r.root
	for range maxDepth {
		i, exact := slices.BinarySearchFunc(entries, id, func(e entry, id uint64) int {
			switch {
			case e.id < id:
				return -1
			case e.id > id:
				return 1
			}
			return 0
		})
		if !exact {
			i--
		}
		if i < 0 {
			return nil, nil
		}
		e := entries[i]
		if e.run > 0 {
			if id-e.id >= uint64(e.run) {
				return nil, nil
			}
			return r.within(r.Data, e, maxTile)
		}
		var err error
		if entries, err = r.leaf(e); err != nil {
			return nil, err
		}
	}
	return nil, errDirectory
}

// Each visits the tiles in the order of their ids, runs unfolded, until visit gives an error.
func (r *Reader) Each(visit func(t world.Tile, gzipped []byte) error) error {
	return r.each(r.root, 1, visit)
}

func (r *Reader) each(entries []entry, depth int, visit func(world.Tile, []byte) error) error {
	for _, e := range entries {
		if e.run == 0 {
			leaf, err := r.leaf(e)
			if err != nil {
				return err
			}
			if depth == maxDepth {
				return errDirectory
			}
			if err := r.each(leaf, depth+1, visit); err != nil {
				return err
			}
			continue
		}
		data, err := r.within(r.Data, e, maxTile)
		if err != nil {
			return err
		}
		for i := range uint64(e.run) {
			if err := visit(TileOf(e.id+i), data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Reader) leaf(e entry) ([]entry, error) {
	packed, err := r.within(r.Leaves, e, maxDirectory)
	if err != nil {
		return nil, err
	}
	return parseDirectory(packed)
}

func (r *Reader) directory(offset, length uint64) ([]entry, error) {
	packed, err := r.read(offset, length, maxDirectory)
	if err != nil {
		return nil, err
	}
	return parseDirectory(packed)
}

// within reads what an entry points to in a section.
func (r *Reader) within(s section, e entry, limit uint64) ([]byte, error) {
	if e.offset > s.Length || uint64(e.length) > s.Length-e.offset {
		return nil, fmt.Errorf("pmtiles: entry of tile %d points out of its section", e.id)
	}
	return r.read(s.Offset+e.offset, uint64(e.length), limit)
}

func (r *Reader) read(offset, length, limit uint64) ([]byte, error) {
	if length > limit || offset > 1<<62 {
		return nil, fmt.Errorf("pmtiles: %d bytes at %d are more than expected", length, offset)
	}
	// Room is taken as bytes come: what the archive says of lengths may be false.
	data, err := io.ReadAll(io.NewSectionReader(r.in, int64(offset), int64(length)))
	if err == nil && uint64(len(data)) < length {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("pmtiles: %d bytes at %d: %w", length, offset, err)
	}
	return data, nil
}
