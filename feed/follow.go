package feed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yizhan/yizhan"
)

// errOtherLog tells that what the log says does not continue what we know.
var errOtherLog = errors.New("the change log does not continue the state we have")

// follow loads the city and applies what comes, until ctx ends.
func (f *Feed) follow(ctx context.Context) {
	pause := backOff{first: f.limits.firstPause, last: f.limits.lastPause}
	tick := time.NewTicker(f.limits.poll)
	defer tick.Stop()
	for {
		err := f.catchUp(ctx)
		if ctx.Err() != nil {
			return
		}
		f.note(err)
		f.publish()
		if err != nil {
			if !pause.wait(ctx) {
				return
			}
			continue
		}
		pause.reset()
		select {
		case <-ctx.Done():
			return
		case <-f.bell:
		case <-tick.C:
		}
	}
}

// note keeps the outcome of a look at the log for Status, and logs when it changes between good and bad.
func (f *Feed) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil && f.err == nil:
		f.logger.Warn("feed: cannot follow the change log; trying again", "err", err)
	case err == nil && f.err != nil:
		f.logger.Info("feed: follows the change log again", "seq", f.city.Load().Seq)
	}
	f.err = err
}

// catchUp brings the city to the end of the log.
func (f *Feed) catchUp(ctx context.Context) error {
	city := f.City()
	if city == nil {
		return f.load(ctx, true)
	}
	last, err := ask(ctx, f, f.limits.answer, f.source.LastSeq)
	if err != nil {
		return fmt.Errorf("read the end of the change log: %w", err)
	}
	switch pending := last - city.Seq; {
	case pending <= 0:
		err = f.checkKnown(ctx, city.Seq) // of a shorter log it is not a change either
	case pending >= f.limits.reload:
		if err = f.checkKnown(ctx, city.Seq); err == nil {
			f.logger.Info("feed: far behind; loading the city anew", "seq", city.Seq, "log", last)
			return f.load(ctx, true)
		}
	default:
		for err == nil && city.Seq < last {
			city, err = f.step(ctx, city)
		}
	}
	if errors.Is(err, errOtherLog) {
		f.logger.Warn("feed: loading the city anew", "err", err)
		return f.load(ctx, false)
	}
	return err
}

// checkKnown makes sure that the log still has the change that the city has reached. A log that was
// restored from a backup and has grown up to us again uses our numbers for other changes.
func (f *Feed) checkKnown(ctx context.Context, seq int64) error {
	known := f.known()
	if known == nil {
		return nil
	}
	changes, err := f.read(ctx, seq-1, 1)
	if err == nil {
		_, err = after(*known, changes)
	}
	return err
}

// after is what follows the known change in changes, which must begin with it.
func after(known yizhan.Change, changes []yizhan.Change) ([]yizhan.Change, error) {
	if len(changes) == 0 || !same(changes[0], known) {
		return nil, fmt.Errorf("%w: change %d is not the one that was read before", errOtherLog, known.Seq)
	}
	return changes[1:], nil
}

// step applies one batch.
func (f *Feed) step(ctx context.Context, city *yizhan.City) (*yizhan.City, error) {
	changes, err := f.changesAfter(ctx, city.Seq)
	if err != nil {
		return nil, err
	}
	next := city.Next(changes)
	for _, viewer := range f.viewers {
		viewer.offer(next, changes)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.city.Store(next)
	f.remember(changes)
	return next, nil
}

// changesAfter reads at least one change that follows the one we know. It reads that one too, to see
// that it is still there.
func (f *Feed) changesAfter(ctx context.Context, seq int64) ([]yizhan.Change, error) {
	known := f.known()
	if known == nil {
		changes, err := f.read(ctx, seq, f.limits.batch)
		return changes, orNothing(changes, seq, err)
	}
	changes, err := f.read(ctx, seq-1, f.limits.batch+1)
	if err == nil {
		changes, err = after(*known, changes)
	}
	return changes, orNothing(changes, seq, err)
}

func orNothing(changes []yizhan.Change, seq int64, err error) error {
	if err == nil && len(changes) == 0 {
		return fmt.Errorf("%w: nothing follows change %d, though it did a moment ago", errOtherLog, seq)
	}
	return err
}

// read reads changes and makes sure that they have no hole.
func (f *Feed) read(ctx context.Context, after int64, limit int) ([]yizhan.Change, error) {
	changes, err := ask(ctx, f, f.limits.answer, func(ctx context.Context) ([]yizhan.Change, error) {
		return f.source.Changes(ctx, after, limit)
	})
	if err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	for i, change := range changes {
		if want := after + int64(i) + 1; change.Seq != want {
			return nil, fmt.Errorf("%w: change %d where %d was expected", errOtherLog, change.Seq, want)
		}
	}
	return changes, nil
}

// load takes the whole city and has every view built from it. continues tells that it is of the log that
// we followed so far.
func (f *Feed) load(ctx context.Context, continues bool) error {
	city, err := ask(ctx, f, f.limits.load, f.source.Snapshot)
	if err != nil {
		return fmt.Errorf("load the city: %w", err)
	}
	var last *yizhan.Change
	if city.Seq > 0 {
		changes, err := f.read(ctx, city.Seq-1, 1)
		if err != nil {
			return fmt.Errorf("load the city: %w", err)
		}
		if len(changes) == 0 {
			return fmt.Errorf("load the city: %w: change %d of the snapshot is not in it", errOtherLog, city.Seq)
		}
		last = &changes[0]
	}
	for _, viewer := range f.viewers {
		viewer.offer(city, nil)
	}
	f.replace(city, last, continues)
	f.logger.Info("feed: city loaded", "seq", city.Seq, "units", len(city.Units), "micro_grids", len(city.MicroGrids), "stations", len(city.Stations))
	return nil
}

// replace takes a city that was loaded. Subscribers stay when it continues the same log.
func (f *Feed) replace(city *yizhan.City, last *yizhan.Change, continues bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.city.Store(city)
	f.last = nil
	if last != nil {
		known := withoutImages(*last)
		f.last = &known
	}
	f.recent.clear()
	if !continues {
		f.published = 0
		f.newEra()
	}
}

// known is the change that the city has reached, as we read it; nil when the log was empty.
func (f *Feed) known() *yizhan.Change {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// remember keeps what was applied. f.mu is held.
func (f *Feed) remember(changes []yizhan.Change) {
	last := withoutImages(changes[len(changes)-1])
	f.last = &last
	f.recent.add(changes, f.limits.recent)
}

// same tells whether two changes are one line of one log. Features are not compared: who, what and when
// tell logs apart.
func same(a, b yizhan.Change) bool {
	return a.Seq == b.Seq && a.ChangesetID == b.ChangesetID && a.Ref == b.Ref && a.Version == b.Version && a.At.Equal(b.At)
}

// ask asks the source with a bound on the time, and notes that it answered.
func ask[T any](ctx context.Context, f *Feed, patience time.Duration, question func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := question(ctx)
	if err == nil {
		f.mu.Lock()
		f.lastContact = time.Now()
		f.mu.Unlock()
	}
	return answer, err
}
