package intake

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// Store is what an import needs of the database.
type Store interface {
	// ApplyStreamAs applies a changeset that is too large to be held at once.
	ApplyStreamAs(ctx context.Context, by *yizhan.Principal, stream yizhan.Stream) (yizhan.Applied, error)
	// RevertAs undoes a changeset.
	RevertAs(ctx context.Context, by *yizhan.Principal, changeset int64) (yizhan.Applied, error)
	// AppliedWith finds the last changeset since a time whose reason has a mark in it; 0 if there is none.
	AppliedWith(ctx context.Context, mark string, since time.Time) (changeset int64, err error)
	// InvalidShapes finds the outlines that are not valid.
	InvalidShapes(ctx context.Context, shapes []orb.MultiPolygon) ([]yizhan.ShapeFault, error)
	// Misfits finds where outlines are not a partition of a whole.
	Misfits(ctx context.Context, whole orb.MultiPolygon, parts []orb.MultiPolygon) ([]yizhan.Misfit, error)
	// Refit moves outlines that miss each other, or the border of the whole, by no more than a tolerance.
	Refit(ctx context.Context, whole orb.MultiPolygon, parts []orb.MultiPolygon, toleranceM float64) ([]orb.MultiPolygon, error)
}

// Finder tells how a file is read; the file may be another then, such as one that was packed in it. It may
// write into the folder.
type Finder func(ctx context.Context, file importers.File, folder string) (importers.Source, importers.File, error)

// Options are what a Desk needs. All but Now and Logger are required.
type Options struct {
	Dir    string // for the files; its contents are taken over: kept, or removed
	Keep   bool   // imports outlive the process
	City   func() *yizhan.City
	Store  Store
	Find   Finder
	Now    func() time.Time
	Logger *slog.Logger
}

// The bounds of a desk.
const (
	MaxBytes   = 1 << 30 // of a file
	maxTotal   = 8 << 30 // of the files of all imports
	maxImports = 50      // at once
	maxOwn     = 10      // of one account
	keptFor    = 24 * time.Hour
)

// Desk takes imports in, and keeps them until they are forgotten: when their owner says so, or a day after they
// were last touched. It is safe for concurrent use.
type Desk struct {
	options Options

	mu      sync.Mutex
	imports map[string]*Import
	bytes   int64 // that their files have, or will have
	lock    *os.File
}

// NewDesk makes a desk, which takes up what one before left, or removes it.
func NewDesk(options Options) (*Desk, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Desk{options: options, imports: map[string]*Import{}}
	if options.Keep {
		return d, d.takeUp()
	}
	if err := os.RemoveAll(options.Dir); err != nil {
		return nil, fmt.Errorf("clear the folder of imports: %w", err)
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of imports: %w", err)
	}
	return d, nil
}

// Close removes every file, unless the next process is to have them.
func (d *Desk) Close() error {
	if d.options.Keep {
		return d.lock.Close()
	}
	return os.RemoveAll(d.options.Dir)
}

// Stage is where an import stands when nothing is being done.
type Stage string

// The stages.
const (
	Uploading Stage = "uploading"
	Uploaded  Stage = "uploaded" // all of it is here; it was not inspected yet
	Inspected Stage = "inspected"
	Checked   Stage = "checked"
	Committed Stage = "committed"
	Reverted  Stage = "reverted"
)

// Import is one file on its way in.
type Import struct {
	ID      string
	Name    string
	Bytes   int64
	Created time.Time

	desk   *Desk
	owner  int64
	folder string
	work   chan struct{} // full while something is being done

	mu        sync.Mutex
	stage     Stage
	touched   time.Time
	received  int64
	digest    hash.Hash
	sha256    string
	file      importers.File
	source    importers.Source
	inspected *Inspection
	settings  Settings
	checked   *check
	changeset int64
	reverted  int64
	job       string
	doing     Stage     // what the job leads to
	trying    Stage     // what is being written to the city, until its end is known; empty for nothing
	since     time.Time // when that began
	broken    bool      // the last such thing was broken off, and nothing of it is in the city
	restored  bool      // an earlier process took the file in
}

// State is what can be told about an import at one moment.
type State struct {
	Stage      Stage
	Doing      Stage // what the last job leads, or led, to; empty before the first
	Job        string
	Received   int64
	SHA256     string
	Inspection *Inspection // nil before
	Settings   Settings
	Summary    *Summary // nil before a check
	Changeset  int64
	Reverted   int64
	Trying     Stage // what is being written to the city, until its end is known; empty for nothing
	Broken     bool  // the last commit, or undoing, was broken off: nothing of it is in the city
}

// Begin announces a file.
func (d *Desk) Begin(by *yizhan.Principal, name string, bytes int64) (*Import, error) {
	if bytes < 1 || bytes > MaxBytes {
		return nil, yizhan.Errorf(yizhan.CodeTooLarge, "bytes", "%d is not in 1..%d", bytes, int64(MaxBytes))
	}
	d.expire()
	d.mu.Lock()
	defer d.mu.Unlock()
	own := 0
	for _, im := range d.imports {
		if im.owner == by.User.ID {
			own++
		}
	}
	switch {
	case own >= maxOwn:
		return nil, yizhan.Errorf(yizhan.CodeConflict, "", "you have %d imports already; remove one", own)
	case len(d.imports) >= maxImports || d.bytes+bytes > maxTotal:
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "there are too many imports at once; try again later")
	}
	id := newID()
	im := &Import{ID: id, Name: name, Bytes: bytes, Created: d.options.Now(), desk: d, owner: by.User.ID, folder: filepath.Join(d.options.Dir, id),
		work: make(chan struct{}, 1), stage: Uploading, digest: sha256.New()}
	im.touched = im.Created
	if err := os.Mkdir(im.folder, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for an import: %w", err)
	}
	im.file = importers.File{Path: filepath.Join(im.folder, uploadName), Name: name}
	if err := im.keep(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(im.folder))
	}
	d.imports[id], d.bytes = im, d.bytes+bytes
	return im, nil
}

// uploadName is what the file is called in the folder of its import.
const uploadName = "upload"

func newID() string {
	var random [10]byte
	rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// Find gives an import to its owner; to others there is none.
func (d *Desk) Find(by *yizhan.Principal, id string) (*Import, error) {
	d.expire()
	d.mu.Lock()
	defer d.mu.Unlock()
	im := d.imports[id]
	if im == nil || by == nil || im.owner != by.User.ID {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such import: it is unknown to this server, or was forgotten")
	}
	im.mu.Lock()
	im.touched = d.options.Now()
	im.mu.Unlock()
	return im, nil
}

// List gives the imports of an account, the latest first.
func (d *Desk) List(by *yizhan.Principal) []*Import {
	d.expire()
	d.mu.Lock()
	defer d.mu.Unlock()
	var own []*Import
	for _, im := range d.imports {
		if im.owner == by.User.ID {
			own = append(own, im)
		}
	}
	slices.SortFunc(own, func(a, b *Import) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return compareText(a.ID, b.ID)
	})
	return own
}

// Forget removes an import and its files. What it was committed as stays.
func (d *Desk) Forget(im *Import) error {
	d.mu.Lock()
	if d.imports[im.ID] == im {
		delete(d.imports, im.ID)
		d.bytes -= im.Bytes
	}
	d.mu.Unlock()
	im.work <- struct{}{} // its job was cancelled, and returns soon; nothing begins after
	im.mu.Lock()
	defer im.mu.Unlock()
	im.checked.close()
	im.checked = nil
	return os.RemoveAll(im.folder)
}

// expire forgets what nobody has touched for a day.
func (d *Desk) expire() {
	d.mu.Lock()
	var old []*Import
	for _, im := range d.imports {
		im.mu.Lock()
		if d.options.Now().Sub(im.touched) > keptFor {
			old = append(old, im)
		}
		im.mu.Unlock()
	}
	d.mu.Unlock()
	for _, im := range old {
		if err := d.Forget(im); err != nil {
			d.options.Logger.Warn("an old import was not removed", "error", err)
		}
	}
}

// Write takes a part of the file. Parts come in order; one that is here already, because an answer was lost, is
// taken again if it is the last. It tells whether the file is whole.
func (im *Import) Write(offset int64, part []byte) (whole bool, err error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	switch {
	case im.stage != Uploading:
		return false, yizhan.Errorf(yizhan.CodeConflict, "offset", "the file is here already")
	case offset != im.received:
		return false, yizhan.Errorf(yizhan.CodeConflict, "offset", "%d is not where the file goes on: %d bytes are here", offset, im.received)
	case offset+int64(len(part)) > im.Bytes:
		return false, yizhan.Invalid("body", "the file is longer than the %d bytes that were announced", im.Bytes)
	case len(part) == 0:
		return false, yizhan.Invalid("body", "is empty")
	}
	if err := im.digestReceived(); err != nil {
		return false, err
	}
	if err := appendTo(im.file.Path, offset, part); err != nil {
		return false, err
	}
	im.digest.Write(part) // never fails
	if im.received += int64(len(part)); im.received < im.Bytes {
		return false, im.keep()
	}
	if err := im.syncUpload(); err != nil {
		return false, err
	}
	im.stage, im.sha256 = Uploaded, hex.EncodeToString(im.digest.Sum(nil))
	return true, im.keep()
}

// ReceivedSHA256 is of what is here of a file that is not whole: whoever goes on with it can tell whether theirs begins
// alike.
func (im *Import) ReceivedSHA256() (string, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.stage != Uploading {
		return im.sha256, nil
	}
	if err := im.digestReceived(); err != nil {
		return "", err
	}
	return hex.EncodeToString(im.digest.Sum(nil)), nil
}

// digestReceived reads what an earlier process took in. The caller holds the lock.
func (im *Import) digestReceived() (err error) {
	if im.digest == nil {
		im.digest, err = digestOf(im.file.Path, im.received)
	}
	return err
}

func appendTo(path string, offset int64, part []byte) (err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("write an upload: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.NewOffsetWriter(out, offset).Write(part)
	return err
}

// Adopt takes a file that lies on this machine as it is, for the command line.
func (d *Desk) Adopt(by *yizhan.Principal, path, name string, bytes int64) (*Import, error) {
	im, err := d.Begin(by, name, bytes)
	if err != nil {
		return nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(im.file.Path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(io.MultiWriter(out, im.digest), io.LimitReader(in, bytes+1))
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, fmt.Errorf("copy the file: %w", err)
	}
	if n != bytes {
		return nil, yizhan.Invalid("file", "changed while it was read")
	}
	im.received, im.stage, im.sha256 = n, Uploaded, hex.EncodeToString(im.digest.Sum(nil))
	return im, im.keep()
}

// begin waits until what was done before has returned.
func (im *Import) begin(ctx context.Context) error {
	select {
	case im.work <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (im *Import) end() { <-im.work }

// State tells where the import stands.
func (im *Import) State() State {
	im.mu.Lock()
	defer im.mu.Unlock()
	state := State{Stage: im.stage, Doing: im.doing, Job: im.job, Received: im.received, SHA256: im.sha256, Inspection: im.inspected, Settings: im.settings,
		Changeset: im.changeset, Reverted: im.reverted, Trying: im.trying, Broken: im.broken}
	if im.checked != nil {
		summary := im.checked.summary
		state.Summary = &summary
	}
	return state
}

// Started notes the job that leads to a stage.
func (im *Import) Started(doing Stage, job string) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.doing, im.job = doing, job
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
