package intake

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
)

// spool keeps a list on disk, in blocks, so that any part of it can be read again and its length takes no
// memory. It is written first, and read after done; then it is safe for concurrent use.
type spool[T any] struct {
	path   string
	file   *os.File
	out    *bufio.Writer
	blocks []block
	held   []T // of the block that is being filled
	size   int64
	count  int64
}

// block is where a block begins, and the number of its first item.
type block struct{ offset, first int64 }

const (
	spoolBlock  = 512
	spoolBuffer = 64 << 10
	maxSpool    = 4 << 30 // bytes
)

func newSpool[T any](path string) (*spool[T], error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a file for what was found: %w", err)
	}
	s := &spool[T]{path: path, file: file}
	s.out = bufio.NewWriterSize(countWriter{file, &s.size}, spoolBuffer)
	return s, nil
}

// countWriter counts what it writes.
type countWriter struct {
	to io.Writer
	n  *int64
}

func (w countWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	*w.n += int64(n)
	return n, err
}

// add appends an item and gives its number, from 0. The item is kept for a while: it is not changed after.
func (s *spool[T]) add(item T) (int64, error) {
	s.held = append(s.held, item)
	s.count++
	if len(s.held) < spoolBlock {
		return s.count - 1, nil
	}
	return s.count - 1, s.flush()
}

func (s *spool[T]) flush() error {
	if len(s.held) == 0 {
		return nil
	}
	offset := s.size + int64(s.out.Buffered())
	if offset > maxSpool {
		return errors.New("what was found takes more than 4 GB")
	}
	s.blocks = append(s.blocks, block{offset, s.count - int64(len(s.held))})
	err := gob.NewEncoder(s.out).Encode(s.held) // each block by itself, so that it can be read by itself
	clear(s.held)
	s.held = s.held[:0]
	if err != nil {
		return fmt.Errorf("keep what was found: %w", err)
	}
	return nil
}

// done ends the writing.
func (s *spool[T]) done() error {
	if err := s.flush(); err != nil {
		return err
	}
	s.held = nil
	return s.out.Flush()
}

func (s *spool[T]) read(i int) (items []T, err error) {
	end := s.size
	if i+1 < len(s.blocks) {
		end = s.blocks[i+1].offset
	}
	section := io.NewSectionReader(s.file, s.blocks[i].offset, end-s.blocks[i].offset)
	if err := gob.NewDecoder(bufio.NewReaderSize(section, spoolBuffer)).Decode(&items); err != nil {
		return nil, fmt.Errorf("read what was found: %w", err)
	}
	return items, nil
}

// each goes through the whole list.
func (s *spool[T]) each(do func(T) error) error {
	for i := range s.blocks {
		items, err := s.read(i)
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := do(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// page gives up to limit items from the number on, and whether there are more.
func (s *spool[T]) page(from int64, limit int) (items []T, more bool, err error) {
	if from < 0 || from >= s.count {
		return nil, false, nil
	}
	i := sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].first > from }) - 1
	for ; i < len(s.blocks) && len(items) < limit; i++ {
		block, err := s.read(i)
		if err != nil {
			return nil, false, err
		}
		if skip := from - s.blocks[i].first; skip > 0 {
			block = block[skip:]
		}
		items = append(items, block[:min(len(block), limit-len(items))]...)
	}
	return items, from+int64(len(items)) < s.count, nil
}

func (s *spool[T]) close() {
	if s != nil {
		_ = s.file.Close() // what was not written is not wanted any more
		_ = os.Remove(s.path)
	}
}
