package views_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo"
)

// monday is a Monday at noon.
var monday = time.Date(2026, 3, 2, 12, 0, 0, 0, yizhan.China)

func station(code string, at orb.Point, hours string, services ...yizhan.Service) *yizhan.Station {
	s := &yizhan.Station{
		Code: code, Name: code, Sponsor: yizhan.SponsorUnion, Kind: yizhan.KindUnion, Location: at,
		Status: yizhan.StationActive, Community: "150702001001", Hours: yizhan.MustHours(hours), Version: 1,
	}
	for _, service := range services {
		s.Services = append(s.Services, yizhan.StationService{Service: service, Condition: yizhan.Working})
	}
	return s
}

func cityOf(seq int64, stations ...*yizhan.Station) *yizhan.City {
	city := &yizhan.City{Seq: seq, Stations: map[string]*yizhan.Station{}}
	for _, s := range stations {
		city.Stations[s.Code] = s
	}
	return city
}

func smallCity() *yizhan.City {
	closed := station("ST-CLOSED", orb.Point{119.7001, 49.2}, "24/7", yizhan.Water)
	closed.Status = yizhan.StationClosed
	broken := station("ST-BROKEN", orb.Point{119.7005, 49.2}, "", yizhan.Rest)
	broken.Services = append(broken.Services, yizhan.StationService{Service: yizhan.Water, Condition: yizhan.Broken})
	return cityOf(41, closed, broken,
		station("ST-NIGHT", orb.Point{119.701, 49.2}, "22:00-06:00", yizhan.Water, yizhan.Rest),
		station("ST-DAY", orb.Point{119.702, 49.2}, "Mo-Fr 08:30-17:30", yizhan.Water),
		station("ST-ALWAYS", orb.Point{119.71, 49.2}, "24/7", yizhan.Water, yizhan.Charging),
	)
}

func TestNearestFind(t *testing.T) {
	here := orb.Point{119.7, 49.2}
	tests := []struct {
		name  string
		query views.NearestQuery
		want  []string // code, state
	}{
		{"active only, by distance", views.NearestQuery{K: 9, Moment: monday},
			[]string{"ST-BROKEN unknown", "ST-NIGHT closed", "ST-DAY open", "ST-ALWAYS open"}},
		{"k", views.NearestQuery{K: 2, Moment: monday}, []string{"ST-BROKEN unknown", "ST-NIGHT closed"}},
		{"broken is not offered", views.NearestQuery{K: 1, Moment: monday, Services: []yizhan.Service{yizhan.Water}},
			[]string{"ST-NIGHT closed"}},
		{"all of the services", views.NearestQuery{K: 9, Moment: monday, Services: []yizhan.Service{yizhan.Water, yizhan.Rest}},
			[]string{"ST-NIGHT closed"}},
		{"open at noon", views.NearestQuery{K: 9, Moment: monday, OpenOnly: true}, []string{"ST-DAY open", "ST-ALWAYS open"}},
		{"open at night", views.NearestQuery{K: 9, Moment: monday.Add(11 * time.Hour), OpenOnly: true},
			[]string{"ST-NIGHT open", "ST-ALWAYS open"}},
		{"not too far", views.NearestQuery{K: 9, Moment: monday, MaxDistanceM: 100}, []string{"ST-BROKEN unknown", "ST-NIGHT closed"}},
		{"nothing offers it", views.NearestQuery{K: 9, Services: []yizhan.Service{yizhan.Books}}, nil},
	}
	view := views.NewNearest()
	update(t, view, smallCity(), nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.query.At = here
			hits, seq, err := view.FindAt(test.query)
			if err != nil || seq != 41 {
				t.Fatalf("seq %d, error %v", seq, err)
			}
			var got []string
			for _, hit := range hits {
				got = append(got, hit.Station.Code+" "+string(hit.State))
				if want := geo.Distance(here, hit.Station.Location); math.Abs(hit.DistanceM-want) > 1e-6 {
					t.Errorf("%s is %g m off, said %g m", hit.Station.Code, want, hit.DistanceM)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
}

func update(t testing.TB, view interface {
	Update(*yizhan.City, []yizhan.Change) error
}, city *yizhan.City, changes []yizhan.Change) {
	t.Helper()
	if err := view.Update(city, changes); err != nil {
		t.Fatal(err)
	}
}

func TestNearestTellsUntil(t *testing.T) {
	view := views.NewNearest()
	update(t, view, smallCity(), nil)
	hits, err := view.Find(views.NearestQuery{At: orb.Point{119.702, 49.2}, K: 1, Moment: monday})
	if err != nil || len(hits) != 1 {
		t.Fatal(hits, err)
	}
	if want := monday.Add(5*time.Hour + 30*time.Minute); !hits[0].Until.Equal(want) {
		t.Errorf("open until %v, want %v", hits[0].Until, want)
	}
}

func TestNearestRefusesInvalidQueries(t *testing.T) {
	tests := []struct {
		field string
		query views.NearestQuery
	}{
		{"lng", views.NearestQuery{At: orb.Point{math.NaN(), 49}, K: 1}},
		{"lng", views.NearestQuery{At: orb.Point{181, 49}, K: 1}},
		{"lat", views.NearestQuery{At: orb.Point{49, 119}, K: 1}},
		{"k", views.NearestQuery{At: orb.Point{119, 49}}},
		{"k", views.NearestQuery{At: orb.Point{119, 49}, K: views.MaxK + 1}},
		{"max_m", views.NearestQuery{At: orb.Point{119, 49}, K: 1, MaxDistanceM: -1}},
		{"max_m", views.NearestQuery{At: orb.Point{119, 49}, K: 1, MaxDistanceM: math.NaN()}},
		{"max_m", views.NearestQuery{At: orb.Point{119, 49}, K: 1, MaxDistanceM: math.Inf(1)}},
		{"services", views.NearestQuery{At: orb.Point{119, 49}, K: 1, Services: []yizhan.Service{"beer"}}},
	}
	view := views.NewNearest()
	update(t, view, smallCity(), nil)
	for _, test := range tests {
		_, err := view.Find(test.query)
		checkError(t, err, yizhan.CodeInvalid, test.field)
	}
}

func checkError(t *testing.T, err error, code yizhan.ErrorCode, field string) {
	t.Helper()
	var e *yizhan.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field {
		t.Errorf("error %v, want %s of field %q", err, code, field)
	}
}

func TestNearestIsUnavailableBeforeTheFirstLoad(t *testing.T) {
	view := views.NewNearest()
	if view.Seq() != 0 {
		t.Errorf("seq %d", view.Seq())
	}
	_, err := view.Find(views.NearestQuery{At: orb.Point{119, 49}, K: 1})
	checkError(t, err, yizhan.CodeUnavailable, "")
}

func TestNearestFollowsChanges(t *testing.T) {
	view := views.NewNearest()
	city := smallCity()
	update(t, view, city, nil)
	added := station("ST-NEW", orb.Point{119.7, 49.2}, "24/7")
	for _, step := range []struct {
		change yizhan.Change
		want   string
	}{
		{yizhan.Change{Seq: 42, Op: yizhan.Create, Ref: added.Ref(), After: added}, "ST-NEW"},
		{yizhan.Change{Seq: 43, Op: yizhan.Update, Ref: yizhan.Ref{Collection: yizhan.Units, Code: "x"}}, "ST-NEW"},
		{yizhan.Change{Seq: 44, Op: yizhan.Delete, Ref: added.Ref(), Before: added}, "ST-BROKEN"},
	} {
		changes := []yizhan.Change{step.change}
		city = city.Next(changes)
		update(t, view, city, changes)
		hits, seq, err := view.FindAt(views.NearestQuery{At: orb.Point{119.7, 49.2}, K: 1})
		if err != nil || seq != step.change.Seq || view.Seq() != seq || len(hits) != 1 || hits[0].Station.Code != step.want {
			t.Errorf("after %+v: %v, seq %d, error %v", step.change, hits, seq, err)
		}
	}
}

// manyStations strews stations over the extent of the city, most in towns.
func manyStations(n int) *yizhan.City {
	rng := rand.New(rand.NewPCG(1, 1))
	hours := []string{"24/7", "07:00-21:00", "Mo-Fr 08:30-17:30", "09:00-16:30", "06:00-22:00", ""}
	stations := make([]*yizhan.Station, n)
	for i := range stations {
		town := rand.New(rand.NewPCG(uint64(rng.IntN(40)), 2))
		at := orb.Point{115.5 + 10*town.Float64() + rng.NormFloat64()*0.05, 47.5 + 5*town.Float64() + rng.NormFloat64()*0.03}
		stations[i] = station(fmt.Sprintf("ST-%06d", i), at, hours[rng.IntN(len(hours))], yizhan.Services()[:rng.IntN(12)]...)
	}
	return cityOf(1, stations...)
}

func BenchmarkNearestFind(b *testing.B) {
	for _, n := range []int{550, 100_000} {
		view := views.NewNearest()
		city := manyStations(n)
		update(b, view, city, nil)
		places := yizhan.Sorted(city.Stations)
		for name, query := range map[string]views.NearestQuery{
			"plain":    {K: 5, Moment: monday},
			"filtered": {K: 5, Moment: monday.Add(8 * time.Hour), OpenOnly: true, Services: []yizhan.Service{yizhan.Water, yizhan.Toilet}},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					query.At = places[i*31%n].Location
					if _, err := view.Find(query); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
