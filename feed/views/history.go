package views

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// History knows the city as it was.
type History interface {
	CityAt(ctx context.Context, seq int64) (*yizhan.City, error)
	// StationChanges gives the changes of stations since a time, up to a seq, in order and at most limit of them,
	// and when the record of the city begins: zero if it has not begun.
	StationChanges(ctx context.Context, since time.Time, upTo int64, limit int) ([]yizhan.Change, time.Time, error)
}

// maxPast bounds the changes that a view remembers, to go back to an earlier city without a database.
const maxPast = 2_000

// past remembers the latest changes, without a hole.
type past struct {
	mu      sync.Mutex
	from    int64 // the city before the first of the changes
	changes []yizhan.Change
}

// note takes down what changed after one city; nil means that it is not known.
func (l *past) note(after int64, changes []yizhan.Change, seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if changes == nil {
		l.from, l.changes = seq, nil
		return
	}
	if len(l.changes) == 0 {
		l.from = after
	}
	l.changes = append(l.changes, changes...)
	if drop := len(l.changes) - maxPast; drop > 0 {
		l.from = l.changes[drop-1].Seq
		l.changes = slices.Clone(l.changes[drop:])
	}
}

// since gives the changes after a seq, up to that of a city.
func (l *past) since(seq int64, city *yizhan.City) (changes []yizhan.Change, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq < l.from || seq > city.Seq {
		return nil, false
	}
	for i := range l.changes {
		if s := l.changes[i].Seq; s > seq && s <= city.Seq {
			changes = append(changes, l.changes[i])
		}
	}
	return changes, true
}

// undone is the city before some changes, which are all those after a seq.
func undone(city *yizhan.City, changes []yizhan.Change, seq int64) *yizhan.City {
	back := *city
	back.Seq = seq
	back.Units, back.Stations = maps.Clone(city.Units), maps.Clone(city.Stations)
	back.Scenes, back.MicroGrids = maps.Clone(city.Scenes), maps.Clone(city.MicroGrids)
	for i := range slices.Backward(changes) {
		switch c := &changes[i]; c.Ref.Collection {
		case yizhan.Units:
			putBack(back.Units, c)
		case yizhan.Stations:
			putBack(back.Stations, c)
		case yizhan.FriendlyScenes:
			putBack(back.Scenes, c)
		case yizhan.MicroGrids:
			putBack(back.MicroGrids, c)
		}
	}
	return &back
}

func putBack[F yizhan.Feature](features map[string]F, c *yizhan.Change) {
	if before, ok := c.Before.(F); ok {
		features[c.Ref.Code] = before
	} else {
		delete(features, c.Ref.Code)
	}
}

// pictureAt gives the picture of the city as of a change.
func (v *Coverage) pictureAt(ctx context.Context, seq int64) (*Picture, error) {
	now, err := v.Picture()
	if err != nil {
		return nil, err
	}
	switch {
	case seq == now.seq:
		return now, nil
	case seq > now.seq:
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "seq", "the coverage is at change %d and has not reached %d yet", now.seq, seq)
	}
	return v.earlier.Get(seq, func() (*Picture, error) {
		city, err := v.cityAt(ctx, now.city, seq)
		if err != nil {
			return nil, err
		}
		return now.at(city)
	})
}

// cityAt goes back from a city to an earlier one, of which whatever is the same is shared.
func (v *Coverage) cityAt(ctx context.Context, now *yizhan.City, seq int64) (*yizhan.City, error) {
	if changes, known := v.past.since(seq, now); known {
		return undone(now, changes, seq), nil
	}
	if v.history == nil {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "seq", "the city as of change %d is not remembered here; it is at %d now", seq, now.Seq)
	}
	city, err := v.history.CityAt(ctx, seq)
	if err != nil {
		return nil, err
	}
	for code, grid := range city.MicroGrids {
		if same := now.MicroGrids[code]; same != nil && sameGrid(grid, same) {
			city.MicroGrids[code] = same // nobody else has seen this city
		}
	}
	return city, nil
}

// sameGrid tells whether two micro-grids have the same households in the same place.
func sameGrid(a, b *yizhan.MicroGrid) bool {
	return a.Households == b.Households && a.Community == b.Community && orb.MultiPolygon(a.Boundary).Equal(b.Boundary)
}

// at is the picture of an earlier city.
func (p *Picture) at(city *yizhan.City) (*Picture, error) {
	changes := allChangedGrids(p.city, city)
	if changes.count() > maxSomeGrids {
		usual, _, err := p.ground.makers.usual.demandOf(city, false)
		if err != nil {
			return nil, err
		}
		return newPicture(city, newGround(city, false, p.ground.makers, usual)), nil
	}
	g := p.ground
	if changes.count() > 0 {
		var err error
		if g, err = p.ground.change(city, changes, false); err != nil {
			return nil, err
		}
	}
	return p.next(city, g, true)
}
