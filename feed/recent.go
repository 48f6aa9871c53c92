package feed

import (
	"slices"

	"github.com/yizhan/yizhan"
)

// recent keeps the last changes for subscribers, without a hole.
type recent struct{ changes []yizhan.Change }

// add appends changes, which follow those that are there, and forgets the oldest beyond limit. It never
// writes over what after has given out.
func (r *recent) add(changes []yizhan.Change, limit int) {
	for _, change := range changes {
		r.changes = append(r.changes, withoutImages(change))
	}
	if len(r.changes) > 2*limit { // not each time: it copies
		r.changes = slices.Clone(r.changes[len(r.changes)-limit:])
	}
}

func (r *recent) clear() { r.changes = nil }

// after gives what follows seq; ok is false when that is not kept any more.
func (r *recent) after(seq int64) (changes []yizhan.Change, ok bool) {
	if len(r.changes) == 0 || seq < r.changes[0].Seq-1 {
		return nil, false
	}
	skip := min(seq-r.changes[0].Seq+1, int64(len(r.changes)))
	return slices.Clip(r.changes[skip:]), true
}

// withoutImages is what subscribers get: outlines of units take megabytes.
func withoutImages(change yizhan.Change) yizhan.Change {
	change.Before, change.After = nil, nil
	return change
}
