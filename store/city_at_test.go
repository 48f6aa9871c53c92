package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// TestCityAtIsTheSnapshotThen changes the city at random, takes a snapshot after each changeset, and then
// asks for each of them again.
func TestCityAtIsTheSnapshotThen(t *testing.T) {
	s, _ := openFixture(t)
	random := rand.New(rand.NewPCG(7, 7))
	w := wanderer{t: t, s: s, random: random}
	then := []*yizhan.City{snapshot(t, s)}
	for round := range 60 {
		w.step(round)
		then = append(then, snapshot(t, s))
	}
	seqs := map[int64]bool{}
	for _, want := range then {
		got, err := s.CityAt(t.Context(), want.Seq)
		if err != nil {
			t.Fatal(err)
		}
		checkSameCity(t, got, want)
		seqs[want.Seq] = true
	}
	if len(seqs) < 50 {
		t.Errorf("only %d states differ", len(seqs))
	}
	// Between two changesets too: what the log up to there gives.
	city := emptyCity()
	for last := lastSeq(t, s); city.Seq < last; {
		changes, err := s.Changes(t.Context(), city.Seq, 1)
		if err != nil {
			t.Fatal(err)
		}
		city = city.Next(changes)
		if city.Seq%9 == 0 || city.Seq < 5 {
			got, err := s.CityAt(t.Context(), city.Seq)
			if err != nil {
				t.Fatal(err)
			}
			checkSameCity(t, got, city)
		}
	}
	start, err := s.CityAt(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	checkSameCity(t, start, emptyCity())
}

func emptyCity() *yizhan.City {
	return &yizhan.City{Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{},
		Scenes: map[string]*yizhan.FriendlyScene{}, MicroGrids: map[string]*yizhan.MicroGrid{}}
}

func snapshot(t *testing.T, s *store.Store) *yizhan.City {
	t.Helper()
	city, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return city
}

// wanderer edits a fixture at random, in every way that undoing must cope with.
type wanderer struct {
	t      *testing.T
	s      *store.Store
	random *rand.Rand
}

func (w *wanderer) step(round int) {
	code := fmt.Sprintf("W-%03d", round)
	bannerCode := fmt.Sprintf("1507%02d", 10+round)
	switch kind := w.random.IntN(5); kind {
	case 0: // features of every kind, the scene with its station
		apply(w.t, w.s, creates(randomFeatures(w.random, code, bannerCode)...)...)
	case 1: // a border between two micro-grids moves, and the scenes with it
		w.moveBorder()
	case 2:
		w.changeSomeStation()
	case 3: // comes and goes and comes again, from version 1
		f := station(code, 1, 1)
		apply(w.t, w.s, yizhan.CreateOf(f))
		f.Version = 1
		apply(w.t, w.s, deleteOf(f))
		again := station(code, 2, 1)
		again.Name = "又来"
		apply(w.t, w.s, yizhan.CreateOf(again))
	case 4:
		w.reshapeScene()
	}
}

func (w *wanderer) moveBorder() {
	x := 0.8 + 0.4*w.random.Float64()
	first, second := getGrid(w.t, w.s, west+"001"), getGrid(w.t, w.s, west+"002")
	left, right := *first, *second
	left.Boundary = area(0, 0, 1, 0, x, 0.5, 1, 1, 0, 1)
	right.Boundary = area(1, 0, 2, 0, 2, 1, 1, 1, x, 0.5)
	left.Households, right.Households = w.random.IntN(100), w.random.IntN(100)
	apply(w.t, w.s, yizhan.UpdateOf(&left), yizhan.UpdateOf(&right))
}

func (w *wanderer) changeSomeStation() {
	city := snapshot(w.t, w.s)
	all := yizhan.Sorted(city.Stations)
	changed := *all[w.random.IntN(len(all))]
	changed.Location, changed.Capacity = at(w.random.Float64()*4, w.random.Float64()*2), w.random.IntN(100)
	changed.Services = []yizhan.StationService{{Service: yizhan.Rest, Condition: yizhan.Working}}
	apply(w.t, w.s, yizhan.UpdateOf(&changed))
}

func (w *wanderer) reshapeScene() {
	scene := *get[*yizhan.FriendlyScene](w.t, w.s, yizhan.Ref{Collection: yizhan.FriendlyScenes, Code: "SCENE-1"})
	scene.MicroGrids = nil
	for serial := 1; serial <= 4; serial++ {
		if w.random.IntN(2) == 0 || serial == 4 {
			scene.MicroGrids = append(scene.MicroGrids, fmt.Sprintf("%s%03d", west, serial))
		}
	}
	apply(w.t, w.s, yizhan.UpdateOf(&scene))
}

func TestCityAtIsBounded(t *testing.T) {
	s, url := openFixture(t)
	last := lastSeq(t, s)
	for _, seq := range []int64{-1, last + 1} {
		_, err := s.CityAt(t.Context(), seq)
		checkError(t, err, yizhan.CodeInvalid, "seq")
	}
	exec(t, connect(t, url), `UPDATE change_head SET seq = seq + 100001`)
	_, err := s.CityAt(t.Context(), last)
	checkError(t, err, yizhan.CodeTooLarge, "seq", "100001 changes ago")
	if _, err := s.CityAt(t.Context(), last+1); err != nil {
		t.Error(err)
	}
}
