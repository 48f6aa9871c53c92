package views

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/yizhan/yizhan"
)

// Bounds of a trend.
const (
	MaxTrendDays    = 366
	maxTrendChanges = 10_000
	maxTrendPoints  = 200 // with more, the changes of a day stand together, and then those of a week
	maxTrends       = 8   // that a picture keeps
)

// Trend is what stations made of the coverage of a unit over some time: the question of today, asked of the
// stations as they were. Households are those of today throughout, so that what moves the curve is stations.
type Trend struct {
	Basis
	Unit       *yizhan.Unit
	Households int64
	From       time.Time // the first day asked about, at midnight in China
	Since      time.Time // when the record begins; zero for a city that nothing is recorded of
	Points     []TrendPoint
}

// TrendPoint is the coverage from a change on, until the next point.
type TrendPoint struct {
	At                    time.Time
	Seq                   int64 // 0 for how it was when the time asked about began
	Covered, CrossCovered Interval
	Stations              int64 // that count for sure
}

// TrendAsk says of what a trend is wanted.
type TrendAsk struct {
	Question
	Unit string // its code; empty for the city
	Days int    // back from now, which is one of them
	Now  time.Time
}

// trendKey names a trend of a picture.
type trendKey struct {
	Question
	unit string
	from int64
}

// Trend tells how the coverage of a unit came to be what it is in the picture.
func (v *Coverage) Trend(ctx context.Context, p *Picture, ask TrendAsk) (Trend, error) {
	q, days := ask.Question, ask.Days
	switch {
	case p.overlaid != nil:
		return Trend{}, yizhan.Invalid("scenario", "a scenario has no past: leave it out")
	case days < 1 || days > MaxTrendDays:
		return Trend{}, yizhan.Invalid("days", "%d is not from 1 to %d", days, MaxTrendDays)
	case v.history == nil:
		return Trend{}, yizhan.Errorf(yizhan.CodeUnavailable, "", "no history is kept here")
	}
	if err := q.Validate(); err != nil {
		return Trend{}, err
	}
	at, err := p.find(ask.Unit)
	if err != nil {
		return Trend{}, err
	}
	from := midnight(ask.Now.In(yizhan.China)).AddDate(0, 0, 1-days)
	return p.trends.Get(trendKey{q.filled(), at.Code, from.Unix()}, func() (Trend, error) {
		changes, since, err := v.history.StationChanges(ctx, from, p.seq, maxTrendChanges+1)
		if err != nil {
			return Trend{}, err
		}
		if len(changes) > maxTrendChanges {
			return Trend{}, yizhan.Errorf(yizhan.CodeTooLarge, "days", "in %d days stations changed more than %d times; ask for fewer days", days, maxTrendChanges)
		}
		trend := Trend{Basis: p.basis(q), Unit: at, From: from, Since: since}
		return trend, p.trace(&trend, q, changes)
	})
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// trace goes back over the changes of stations, in the engine that answers the question, and notes each state.
func (p *Picture) trace(t *Trend, q Question, changes []yizhan.Change) error {
	engine, err := p.engineFor(q)
	if err != nil {
		return err
	}
	monday, err := mondayOf(q.hoursWeek())
	if err != nil {
		return err
	}
	stations := maps.Clone(p.city.Stations)
	active, sites := p.stations, engine.Sites()
	groups := groupChanges(changes)
	for n := len(groups); ; n-- {
		state, err := engine.State(q.model())
		if err != nil {
			return asked(err)
		}
		f := state.Figures(prefixOf(t.Unit))
		point := TrendPoint{At: t.From, Covered: f.Covered, CrossCovered: f.CrossCovered, Stations: f.Sites.Known}
		t.Households = f.Households
		if n > 0 {
			last := groups[n-1][len(groups[n-1])-1]
			point.At, point.Seq = last.At, last.Seq
		}
		// Of before the record nothing is known: not even that there was nothing.
		if n > 0 || t.Since.Before(t.From) {
			t.Points = append(t.Points, point)
		}
		if n == 0 {
			slices.Reverse(t.Points)
			return nil
		}
		for i := range slices.Backward(groups[n-1]) {
			putBack(stations, &groups[n-1][i])
		}
		before := activeOf(stations)
		was := sitesOf(before, monday, active, sites)
		if edits := editsBetween(sites, was); len(edits) > 0 {
			if engine, err = engine.With(edits...); err != nil {
				return err
			}
		}
		active, sites = before, was
	}
}

// groupChanges parts changes into those that make a point of a trend: by changeset, or by day or week where
// there are too many.
func groupChanges(changes []yizhan.Change) [][]yizhan.Change {
	const day = 24 * 60 * 60
	dayOf := func(c *yizhan.Change) int64 { return midnight(c.At.In(yizhan.China)).Unix() / day }
	keys := []func(*yizhan.Change) int64{
		func(c *yizhan.Change) int64 { return c.ChangesetID },
		dayOf,
		func(c *yizhan.Change) int64 { return dayOf(c) / 7 },
	}
	var groups [][]yizhan.Change
	for _, key := range keys {
		if groups = groupBy(changes, key); len(groups) <= maxTrendPoints {
			break
		}
	}
	return groups
}

func groupBy(changes []yizhan.Change, key func(*yizhan.Change) int64) (groups [][]yizhan.Change) {
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && key(&changes[n]) == key(&changes[0]) {
			n++
		}
		groups, changes = append(groups, changes[:n]), changes[n:]
	}
	return groups
}
