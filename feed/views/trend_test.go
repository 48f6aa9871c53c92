package views_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// recorded is a history whose changes have times.
type recorded struct {
	historyOf
	changes []yizhan.Change
	begins  time.Time
}

func (r *recorded) StationChanges(_ context.Context, since time.Time, upTo int64, limit int) ([]yizhan.Change, time.Time, error) {
	var found []yizhan.Change
	for _, c := range r.changes {
		if c.Ref.Collection == yizhan.Stations && !c.At.Before(since) && c.Seq <= upTo && len(found) < limit {
			found = append(found, c)
		}
	}
	return found, r.begins, nil
}

// record makes edits, of stations and of micro-grids, one changeset a day at noon in China, and keeps every city.
func record(t *testing.T, days int) (*recorded, []*yizhan.City, time.Time) {
	t.Helper()
	e := editor{rng: rand.New(rand.NewPCG(8, 8)), city: variedCity()}
	r := &recorded{historyOf: historyOf{}, begins: time.Date(2026, 1, 1, 0, 0, 0, 0, yizhan.China)}
	cities := []*yizhan.City{e.city}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, yizhan.China)
	for n := range days {
		was := e.city
		changes := e.next()
		for i := range changes {
			if feature := featureOf(was, changes[i].Ref); feature != nil {
				changes[i].Before = feature
			}
			was = was.Next(changes[i : i+1])
			changes[i].At, changes[i].ChangesetID = noon.AddDate(0, 0, n), int64(n+1)
		}
		r.changes = append(r.changes, changes...)
		cities = append(cities, e.city)
	}
	return r, cities, noon.AddDate(0, 0, days-1)
}

func TestATrendIsEachCityWithTheHouseholdsOfToday(t *testing.T) {
	r, cities, now := record(t, 12)
	today := cities[len(cities)-1]
	view := coverageOf(t, today, views.CoverageOptions{History: r})
	picture := pictureOf(t, view)
	for _, q := range questions() {
		for _, unit := range []string{"", "150702"} {
			trend, err := view.Trend(t.Context(), picture, views.TrendAsk{Question: q, Unit: unit, Days: 30, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			changed := changedDays(r)
			if len(trend.Points) != len(changed)+1 || trend.Points[0].Seq != 0 {
				t.Fatalf("%+v: %d points for %d days with changes of stations", q, len(trend.Points), len(changed))
			}
			for n, point := range trend.Points {
				city := *today
				city.Stations = cities[0].Stations
				if n > 0 {
					city.Stations = cities[changed[n-1]].Stations
				}
				figures, err := pictureOf(t, coverageOf(t, &city, views.CoverageOptions{})).Figures(q, unit)
				if err != nil {
					t.Fatal(err)
				}
				if point.Covered.Known != figures.Covered || point.Covered.Possible != figures.PossiblyCovered ||
					point.CrossCovered.Known != figures.CrossCovered || point.Stations != int64(figures.Stations) || trend.Households != figures.Households {
					t.Errorf("%+v %s, point %d: %+v, but a city with those stations has %+v", q, unit, n, point, figures.UnitFigures)
				}
			}
		}
	}
}

// changedDays lists on which days, from 1, stations changed.
func changedDays(r *recorded) (days []int64) {
	for _, c := range r.changes {
		if c.Ref.Collection == yizhan.Stations && !slices.Contains(days, c.ChangesetID) {
			days = append(days, c.ChangesetID)
		}
	}
	return days
}

func TestATrendBeginsWithTheRecord(t *testing.T) {
	r, cities, now := record(t, 12)
	r.begins = now.AddDate(0, 0, -11)
	view := coverageOf(t, cities[len(cities)-1], views.CoverageOptions{History: r})
	trend, err := view.Trend(t.Context(), pictureOf(t, view), views.TrendAsk{Days: 30, Now: now, Question: questions()[0]})
	if err != nil {
		t.Fatal(err)
	}
	if first := trend.Points[0]; first.Seq == 0 || first.At.Before(r.begins) || len(trend.Points) != len(changedDays(r)) {
		t.Errorf("%d points, the first %+v, though nothing is known before %s", len(trend.Points), first, r.begins)
	}
	short, err := view.Trend(t.Context(), pictureOf(t, view), views.TrendAsk{Days: 3, Now: now, Question: questions()[0]})
	if err != nil {
		t.Fatal(err)
	}
	if len(short.Points) > 4 || short.Points[len(short.Points)-1] != trend.Points[len(trend.Points)-1] {
		t.Errorf("three days are %+v", short.Points)
	}
}

func TestTrendsThatAreRefused(t *testing.T) {
	r, cities, now := record(t, 2)
	view := coverageOf(t, cities[2], views.CoverageOptions{History: r})
	picture := pictureOf(t, view)
	ask := func(change func(*views.TrendAsk)) error {
		a := views.TrendAsk{Days: 30, Now: now, Question: questions()[0]}
		change(&a)
		_, err := view.Trend(t.Context(), picture, a)
		return err
	}
	checkError(t, ask(func(a *views.TrendAsk) { a.Days = 0 }), yizhan.CodeInvalid, "days")
	checkError(t, ask(func(a *views.TrendAsk) { a.Days = 367 }), yizhan.CodeInvalid, "days")
	checkError(t, ask(func(a *views.TrendAsk) { a.Unit = "999999" }), yizhan.CodeNotFound, "unit")
	for len(r.changes) < 10_001 {
		r.changes = append(r.changes, r.changes...)
	}
	checkError(t, ask(func(a *views.TrendAsk) { a.Days = 29 }), yizhan.CodeTooLarge, "days")
	under, err := view.PictureOf(t.Context(), scenarioOver(cities[2].Seq))
	if err != nil {
		t.Fatal(err)
	}
	_, err = view.Trend(t.Context(), under, views.TrendAsk{Days: 30, Now: now, Question: questions()[0]})
	checkError(t, err, yizhan.CodeInvalid, "scenario")
}
