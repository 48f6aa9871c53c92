package feed

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/yizhan/yizhan"
)

// viewer keeps one view up to date. What comes while the view is busy is put together into one update.
type viewer struct {
	view View
	feed *Feed
	wake chan struct{}

	mu      sync.Mutex
	city    *yizhan.City    // what the view is to show next; nil before the first offer
	changes []yizhan.Change // from the view's city to that one
	rebuild bool            // the changes are not known
	done    int64           // seq of the last successful update
	built   bool            // there was one
	busy    time.Time       // since when done is behind city; zero when it is not
	err     error           // why the last update failed; nil when it did not
}

// offer gives the view a city that follows the one offered before by the given changes; nil for a city
// that was loaded. It never waits for the view.
func (v *viewer) offer(city *yizhan.City, changes []yizhan.Change) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if changes == nil || int64(len(v.changes)+len(changes)) > v.feed.limits.reload {
		v.rebuild, v.changes, v.done = true, nil, 0
	}
	if !v.rebuild {
		v.changes = append(v.changes, changes...)
	}
	v.city = city
	if v.busy.IsZero() {
		v.busy = time.Now()
	}
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// run updates the view whenever there is something new, and again after a failure, until ctx ends.
func (v *viewer) run(ctx context.Context) {
	pause := backOff{first: v.feed.limits.firstPause, last: v.feed.limits.lastPause}
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.wake:
		}
		for !v.update() {
			if !pause.wait(ctx) {
				return
			}
		}
		pause.reset()
	}
}

// update brings the view to the newest city. A view that failed is in a state of which we know nothing:
// it is built anew.
func (v *viewer) update() bool {
	city, changes, due := v.take()
	if !due {
		return true // an earlier update took this in
	}
	begun := time.Now()
	err := v.call(city, changes)
	v.finish(city, err)
	if err != nil {
		v.feed.logger.Error("feed: view not updated; building it anew", "view", v.view.Name(), "seq", city.Seq, "err", err)
		return false
	}
	v.feed.logger.Debug("feed: view updated", "view", v.view.Name(), "seq", city.Seq, "changes", len(changes), "took", time.Since(begun))
	v.feed.publish()
	return true
}

// take gives what there is to do: nil changes for a view to be built anew.
func (v *viewer) take() (city *yizhan.City, changes []yizhan.Change, due bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	due = v.rebuild || len(v.changes) > 0
	if !v.rebuild {
		changes = slices.Clip(v.changes)
	}
	v.changes, v.rebuild = nil, false
	return v.city, changes, due
}

func (v *viewer) finish(city *yizhan.City, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.err = err
	if err != nil {
		v.rebuild, v.changes = true, nil
		return
	}
	v.built = true
	if !v.rebuild { // else a city was loaded meanwhile, perhaps of another log
		v.done = city.Seq
	}
	if v.city == city {
		v.busy = time.Time{}
	} else {
		v.busy = time.Now()
	}
}

// call keeps a panic of one view from taking the process down.
func (v *viewer) call(city *yizhan.City, changes []yizhan.Change) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("view %s: panic: %v\n%s", v.view.Name(), fault, debug.Stack())
		}
	}()
	if err := v.view.Update(city, changes); err != nil {
		return fmt.Errorf("view %s: %w", v.view.Name(), err)
	}
	return nil
}

// state tells whether the view was ever built, and why it is not up to date if that is a fault.
func (v *viewer) state() (built bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.built, v.err
}

// holdsBack tells up to which change subscribers may hear of the log as far as this view goes, and
// whether it matters at all: nobody waits for one that fails or takes too long.
func (v *viewer) holdsBack() (seq int64, matters bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	late := v.err != nil || v.busy.IsZero() || time.Since(v.busy) > v.feed.limits.viewPatience
	return v.done, !late
}
