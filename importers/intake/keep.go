package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// An import outlives its process: beside its file lies what was said about it, and what the next process has to know.
// What was found in it is found again, from the file, as the city may be another by then.

const (
	keptName = "import.json"
	lockName = "lock"
)

// record is what lies beside the file.
type record struct {
	Name      string
	Bytes     int64
	Created   time.Time
	Owner     int64
	Stage     Stage
	Received  int64
	SHA256    string
	Settings  Settings
	Changeset int64
	Reverted  int64
	Trying    Stage     // what was being written to the city; empty for nothing
	Since     time.Time // when that began
}

// takeUp opens the folder of a desk before, and its imports. Where another process has it, this one has a folder of its
// own, which is not kept.
func (d *Desk) takeUp() error {
	if err := os.MkdirAll(d.options.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of imports: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(d.options.Dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("lock the folder of imports: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return errors.Join(fmt.Errorf("lock the folder of imports: %w", err), lock.Close())
		}
		d.options.Keep = false
		d.options.Dir, err = os.MkdirTemp(filepath.Dir(d.options.Dir), filepath.Base(d.options.Dir)+"-")
		return errors.Join(err, lock.Close())
	}
	d.lock = lock
	entries, err := os.ReadDir(d.options.Dir)
	if err != nil {
		return fmt.Errorf("look for imports: %w", err)
	}
	for _, entry := range entries {
		if entry.Name() == lockName {
			continue
		}
		folder := filepath.Join(d.options.Dir, entry.Name())
		im, err := d.restore(entry.Name(), folder)
		if err != nil {
			d.options.Logger.Warn("an import was not taken up", "id", entry.Name(), "error", err)
			if err := os.RemoveAll(folder); err != nil {
				return fmt.Errorf("remove what is left of an import: %w", err)
			}
			continue
		}
		d.imports[im.ID], d.bytes = im, d.bytes+im.Bytes
	}
	return nil
}

func (d *Desk) restore(id, folder string) (*Import, error) {
	path := filepath.Join(folder, keptName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var kept record
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, err
	}
	im := &Import{ID: id, Name: kept.Name, Bytes: kept.Bytes, Created: kept.Created, desk: d, owner: kept.Owner, folder: folder, work: make(chan struct{}, 1),
		stage: kept.Stage, touched: info.ModTime(), received: kept.Received, sha256: kept.SHA256, settings: kept.Settings, changeset: kept.Changeset, reverted: kept.Reverted,
		trying: kept.Trying, since: kept.Since, restored: true}
	im.file = importers.File{Path: filepath.Join(folder, uploadName), Name: kept.Name}
	switch info, err := os.Stat(im.file.Path); {
	case im.stage == Uploading && err != nil:
		im.received = 0
	case err != nil:
		return nil, err
	case im.stage == Uploading:
		im.received = min(kept.Received, info.Size())
	case info.Size() != kept.Bytes:
		return nil, fmt.Errorf("look at the file: %w", io.ErrUnexpectedEOF)
	}
	if im.stage == Inspected || im.stage == Checked {
		im.stage = Uploaded
	}
	return im, im.clearFolder()
}

// clearFolder removes what was made of the file.
func (im *Import) clearFolder() error {
	entries, err := os.ReadDir(im.folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if name := entry.Name(); name != uploadName && name != keptName {
			if err := os.RemoveAll(filepath.Join(im.folder, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep writes what the next process has to know. The caller holds the lock of the import.
func (im *Import) keep() error {
	if !im.desk.options.Keep {
		return nil
	}
	text, err := json.Marshal(record{im.Name, im.Bytes, im.Created, im.owner, im.stage, im.received, im.sha256, im.settings, im.changeset, im.reverted, im.trying, im.since})
	if err != nil {
		return err
	}
	path := filepath.Join(im.folder, keptName)
	if err := writeSynced(path+".new", text); err != nil {
		return fmt.Errorf("keep an import: %w", err)
	}
	return os.Rename(path+".new", path)
}

func writeSynced(path string, text []byte) (err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := out.Write(text); err != nil {
		return err
	}
	return out.Sync()
}

// syncUpload has the file on disk before it is called whole.
func (im *Import) syncUpload() error {
	if !im.desk.options.Keep {
		return nil
	}
	file, err := os.OpenFile(im.file.Path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// digestOf reads the first bytes of a file that an earlier process took in.
func digestOf(path string, bytes int64) (hash.Hash, error) {
	digest := sha256.New()
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) && bytes == 0 {
		return digest, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	n, err := io.Copy(digest, io.LimitReader(file, bytes))
	if err == nil && n != bytes {
		err = io.ErrUnexpectedEOF
	}
	return digest, err
}

// verify reads a file that an earlier process took in once more.
func (im *Import) verify() error {
	if !im.restored {
		return nil
	}
	digest, err := digestOf(im.file.Path, im.Bytes)
	if err != nil {
		return err
	}
	if hex.EncodeToString(digest.Sum(nil)) != im.sha256 {
		return yizhan.Invalid("file", "is not what was sent any more: send it again")
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	im.restored = false
	return nil
}

// IsUnread tells whether the file is whole and nothing was begun with it by this process: an earlier one took it in, or
// there was no room for another job when its last part came.
func (im *Import) IsUnread() bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.stage == Uploaded && im.trying == "" && im.job == "" && im.desk.options.City() != nil
}

// try notes what is written to the city from now on, so that whoever comes after a crash knows to look for it.
func (im *Import) try(doing Stage) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.trying != "" {
		return yizhan.Errorf(yizhan.CodeUnavailable, "", "it is not known yet whether the last commit went in; try again in a moment")
	}
	im.trying, im.since, im.broken = doing, im.desk.options.Now(), false
	return im.keep()
}

// tried notes how what try began has ended. An end that is not known is looked for at once, and else by Run.
func (im *Import) tried(ctx context.Context, applied yizhan.Applied, err error) error {
	if err != nil && yizhan.CodeOf(err) == yizhan.CodeUnavailable {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
		defer cancel()
		if known := im.look(ctx); known != nil {
			return err
		}
		if stage := im.State().Stage; stage == Committed || stage == Reverted {
			return nil
		}
		return err
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	if err == nil {
		im.ended(applied.ChangesetID)
	}
	im.trying = ""
	return errors.Join(err, im.keep())
}

// ended notes the changeset that came of it.
func (im *Import) ended(changeset int64) {
	if im.stage = im.trying; im.stage == Committed {
		im.changeset = changeset
	} else {
		im.reverted = changeset
	}
}

// mark stands in the reason of the changeset that an import becomes.
func (im *Import) mark() string { return "import " + im.ID }

// look finds out whether what was tried went in.
func (im *Import) look(ctx context.Context) error {
	im.mu.Lock()
	doing, since, mark := im.trying, im.since, im.mark()
	if doing == Reverted {
		mark = fmt.Sprintf("reverts changeset %d", im.changeset)
	}
	im.mu.Unlock()
	if doing == "" {
		return nil
	}
	changeset, err := im.desk.options.Store.AppliedWith(ctx, mark, since.Add(-clockSkew))
	if err != nil {
		return err
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.trying != doing {
		return nil
	}
	if changeset != 0 {
		im.ended(changeset)
	} else {
		im.broken = true
	}
	im.trying = ""
	return im.keep()
}

const (
	lookEach  = 2 * time.Second
	lookTime  = 30 * time.Second
	clockSkew = time.Hour // of the database's clock and ours
)

// Run finds out, once a process begins, which commits of the one before went in, and removes what nobody touched for
// a day, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEach)
	defer tick.Stop()
	for {
		d.expire()
		for _, im := range d.inDoubt() {
			if err := im.look(ctx); err != nil && ctx.Err() == nil {
				d.options.Logger.Warn("it is not known yet whether an import went in", "id", im.ID, "error", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// inDoubt lists imports that an earlier process, or a broken connection, left in the middle of a commit.
func (d *Desk) inDoubt() (list []*Import) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, im := range d.imports {
		select {
		case im.work <- struct{}{}: // nothing is being done
			im.mu.Lock()
			if im.trying != "" {
				list = append(list, im)
			}
			im.mu.Unlock()
			<-im.work
		default:
		}
	}
	return list
}
