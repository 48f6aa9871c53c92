package views

import (
	"context"
	"sync"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
)

// touchLog remembers where the last updates may have changed the coverage, without a hole.
type touchLog struct {
	mu      sync.Mutex
	city    *yizhan.City // as of the last record
	records []touchRecord
}

// touchRecord is one update: boxes that hold the centres of the cells that may differ after it.
type touchRecord struct {
	after, seq int64
	boxes      []orb.Bound
}

// The bounds of what is remembered, and of what one update may touch to be worth it.
const (
	maxTouchRecords = 1_000
	maxTouchBoxes   = 200
)

// note takes an update down; changes nil if it is not known what changed.
func (l *touchLog) note(city *yizhan.City, changes []yizhan.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.city
	l.city = city
	if was == nil || changes == nil || len(changes) > maxTouchBoxes {
		l.records = nil
		return
	}
	record := touchRecord{after: was.Seq, seq: city.Seq}
	for i := range changes {
		for _, state := range []*yizhan.City{was, city} {
			if box, touches := touchedBy(state, changes[i].Ref); touches {
				record.boxes = append(record.boxes, box)
			}
		}
	}
	if len(l.records) == maxTouchRecords {
		l.records = l.records[1:]
	}
	l.records = append(l.records, record)
}

// touchedBy is how far a feature may matter to the coverage: a station within the farthest reach that can
// be asked for, a micro-grid where its households are.
func touchedBy(city *yizhan.City, ref yizhan.Ref) (orb.Bound, bool) {
	switch ref.Collection {
	case yizhan.Stations:
		if s := city.Stations[ref.Code]; s != nil {
			return geo.ExpandMeters(s.Location.Bound(), maxReachM), true
		}
	case yizhan.MicroGrids:
		if g := city.MicroGrids[ref.Code]; g != nil {
			return geo.ExpandMeters(g.Boundary.Bound(), demandReachM), true
		}
	}
	return orb.Bound{}, false
}

// demandReachM is more than the centre of a cell, be it of the coarsest demand, is away from any polygon that
// it has a part of.
const demandReachM = 450

// between gives the boxes of the updates after one change up to another.
func (l *touchLog) between(after, seq int64) (boxes []orb.Bound, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := after
	for _, record := range l.records {
		if record.seq <= after {
			continue
		}
		if record.after > at {
			return nil, false
		}
		if at >= seq {
			break
		}
		boxes, at = append(boxes, record.boxes...), record.seq
	}
	return boxes, at >= seq
}

// Touched waits until the view shows a change, and gives boxes that hold the centres of all cells that may
// differ from what they were after an earlier one, whatever the parameters; known is false when that is
// not remembered, or ctx ended first.
func (v *Coverage) Touched(ctx context.Context, after, seq int64) (boxes []orb.Bound, known bool) {
	for {
		rung := v.news.listen() // before the look, so that nothing is missed
		if v.Seq() >= seq {
			return v.touched.between(after, seq)
		}
		select {
		case <-ctx.Done():
			return nil, false
		case <-rung:
		}
	}
}

// bell tells all who listen at once.
type bell struct {
	mu   sync.Mutex
	rung chan struct{}
}

func (b *bell) listen() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}
