package views

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/yizhan/yizhan/geo/coverage"
)

// demandCache keeps tracts in a file, so that the next start need not share them out.
type demandCache struct {
	resolution int
	logger     *slog.Logger
	file       string // empty for none
}

// read gives what the cache holds. A cache that is missing or broken holds nothing: all of it can be
// made again.
func (c *demandCache) read() map[coverage.Key]coverage.Allotment {
	cached := map[coverage.Key]coverage.Allotment{}
	if c.file == "" {
		return cached
	}
	text, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return cached
	}
	var allotments []coverage.Keyed
	if err == nil {
		allotments, err = coverage.DecodeAllotments(text, c.resolution)
	}
	if err != nil {
		c.logger.Warn("the demand cache is no use and will be made again", "file", c.file, "error", err)
	}
	for _, a := range allotments {
		cached[a.Key] = a.Allotment
	}
	return cached
}

// write replaces the cache in one step, so that a crash leaves the old one or the new one. That it
// cannot be written costs the next start some seconds, and is no error.
func (c *demandCache) write(held []heldTract) {
	if c.file == "" {
		return
	}
	allotments := make([]coverage.Keyed, len(held))
	for i, h := range held {
		allotments[i] = h.Keyed
	}
	if err := replaceFile(c.file, coverage.EncodeAllotments(c.resolution, allotments)); err != nil {
		c.logger.Warn("the demand cache could not be written", "file", c.file, "error", err)
	}
}

func replaceFile(name string, text []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
