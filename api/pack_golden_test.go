package api

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
)

// A phone without a network works out by itself what the server would say. These tests write down what the
// server says; those of the pages hold the phone's code against it.

// checkGolden holds a value against a file of the pages, or writes the file.
func checkGolden(t *testing.T, file string, value any) {
	t.Helper()
	got, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || !bytes.Equal(bytes.TrimSpace(want), got) {
		t.Errorf("%s is of other rules (%v): run the test with -update and see that the pages still agree", file, err)
	}
}

var goldenHours = []string{
	"24/7", "", "Mo-Su 08:30-17:30", "Mo-Fr 08:30-17:30; Sa-Su off", "Mo-Sa 09:00-16:30; Su off",
	"Mo-Su 22:00-06:00", "Su 20:00-02:30", "Sa-Mo 18:00-24:00", "Mo-Su 00:00-24:00; We off",
	"Mo-Su 07:00-12:00,13:00-21:00; 2026-10-01 off; 2026-12-31 20:00-04:00; 2027-01-01 10:00-12:00",
	"24/7; 2026-11-29 off", "Fr 23:59-00:00; Sa 00:00-00:01", "off",
}

// hoursGolden is hours by their place, moments as seconds of Unix time, until 0 where there is none.
type hoursGolden struct {
	Hours []string            `json:"hours"`
	Cases []hoursGoldenAnswer `json:"cases"`
}

type hoursGoldenAnswer [4]any // hours, at, state, until

func TestGoldenHours(t *testing.T) {
	golden := hoursGolden{Hours: goldenHours}
	for i, text := range goldenHours {
		hours, err := yizhan.ParseHours(text)
		if err != nil {
			if text != "off" {
				t.Fatal(err)
			}
			continue
		}
		for _, at := range goldenMoments() {
			state, until := hours.StateAt(at)
			next := int64(0)
			if !until.IsZero() {
				next = until.Unix()
			}
			golden.Cases = append(golden.Cases, hoursGoldenAnswer{i, at.Unix(), state, next})
		}
	}
	checkGolden(t, "../web/src/model/hours.golden.json", golden)
}

// goldenMoments are around every midnight of two weeks and of New Year, noon, and some at random.
func goldenMoments() (moments []time.Time) {
	random := rand.New(rand.NewPCG(7, 7))
	for day := range 14 {
		midnight := time.Date(2026, 11, 23+day, 0, 0, 0, 0, yizhan.China)
		for _, after := range []time.Duration{-time.Second, 0, time.Second, 90 * time.Minute, 12 * time.Hour,
			time.Duration(random.IntN(24*60*60)) * time.Second} {
			moments = append(moments, midnight.Add(after))
		}
	}
	for hour := range 72 {
		moments = append(moments, time.Date(2026, 12, 31, hour, 0, 0, 0, yizhan.China))
	}
	return append(moments, time.Date(2026, 9, 30, 21, 0, 0, 0, yizhan.China), time.Date(2026, 10, 1, 9, 0, 0, 0, yizhan.China))
}

func TestGoldenDistances(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var rows [][5]float64 // lng, lat, lng, lat, metres
	for i := range 300 {
		from := orb.Point{115.5 + 10.6*random.Float64(), 47 + 6.3*random.Float64()}
		reach := []float64{0.0001, 0.01, 0.1, 3}[i%4]
		to := orb.Point{from[0] + reach*(random.Float64()-0.5), from[1] + reach*(random.Float64()-0.5)}
		rows = append(rows, [5]float64{from[0], from[1], to[0], to[1], geo.Distance(from, to)})
	}
	checkGolden(t, "../web/src/geo/distance.golden.json", rows)
}
