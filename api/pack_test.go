package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
)

func getPack(t *testing.T, w *stage, target string) StationPack {
	t.Helper()
	a := w.get(t, target)
	if a.status != http.StatusOK {
		t.Fatalf("%s: status %d: %s", target, a.status, a.body)
	}
	return parsePack(t, a.body)
}

func parsePack(t *testing.T, body []byte) StationPack {
	t.Helper()
	var pack StationPack
	if err := json.Unmarshal(body, &pack); err != nil {
		t.Fatal(err)
	}
	return pack
}

func TestPack(t *testing.T) {
	w := newStage(t, func(w *stage) {
		w.city.Stations["S-002"].Name = "天润社区工会驿站"
		w.city.Stations["S-002"].Address = "海拉尔区正阳街道天润社区2号"
		w.city.Stations["S-003"].Status = yizhan.StationSuspended
		w.city.Stations["S-002"].Services[0].ConfirmedAt = noon.Add(-24 * time.Hour)
	})
	pack := getPack(t, w, "/api/stations.pack")
	want := StationPack{
		Format: 1, Seq: 42, Sum: 0x6507035a, Day: 20522,
		City:  PackCity{Code: "150700", Name: "呼伦贝尔市", NameEn: "Hulunbuir", Demo: true},
		Hours: []string{"24/7", "Mo-Fr 08:30-17:30; Sa-Su off"},
		Units: PackUnits{Code: []string{"150702", "/001", "//001", "150781"}, Name: []string{"海拉尔区", "正阳街道", "天润社区", "满洲里市"},
			NameEn: []string{"Hailar", "", "", "Manzhouli"}, Seats: []int{0, 119736, 49212}},
		Stations: PackStations{
			Code: []string{"S-001", "S-002"}, Version: []int64{7, 7}, Unit: []int{2, 0}, Name: []string{`="驿站" 1`, "~工会驿站"}, Address: []string{"=", "~2号"},
			Sponsor: []int{0, 0}, Capacity: []int{10, 10}, Hours: []int{0, 1}, Lng: []int{11973640, 1000}, Lat: []int{4921220, 0},
			DoorLng: []int{10, 0}, DoorLat: []int{10, 0}, Flags: []int{5, 4}, Services: []string{"w--U--------", "W--U--------"},
			Confirmed: []int{0, 0}, Dates: []int{-1, 1, -1},
		},
	}
	want.Offers, want.Sponsors, want.Kinds, want.Removed = pack.Offers, pack.Sponsors, pack.Kinds, []string{}
	if got, want := fmt.Sprintf("%+v", pack), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !slices.Equal(pack.Offers, strs(yizhan.Services())) || !slices.Equal(pack.Sponsors, strs(yizhan.Sponsors())) || pack.Kinds[1] != "community" {
		t.Errorf("%v %v %v", pack.Offers, pack.Sponsors, pack.Kinds)
	}
}

// edit is a city that follows, with a station put in or, without one, taken out.
func (w *stage) edit(code string, station *yizhan.Station) {
	change := yizhan.Change{Seq: w.city.Seq + 1, Ref: yizhan.Ref{Collection: yizhan.Stations, Code: code}}
	if station != nil {
		change.After = station
	}
	w.city = w.city.Next([]yizhan.Change{change})
}

func (w *stage) changed(code string, change func(*yizhan.Station)) *yizhan.Station {
	station := *w.city.Stations[code]
	station.Version++
	change(&station)
	return &station
}

func TestPackChanges(t *testing.T) {
	w := newStage(t, func(w *stage) { addStations(w.city, 20) })
	first := getPack(t, w, "/api/stations.pack")
	if same := getPack(t, w, "/api/stations.pack?since=42"); same.Since != 42 || len(same.Stations.Code)+len(same.Removed) != 0 || same.Sum != first.Sum {
		t.Errorf("nothing changed, and got %+v", same)
	}
	w.edit("T-003", w.changed("T-003", func(s *yizhan.Station) { s.Hours = yizhan.Hours{} }))
	w.edit("T-004", nil)
	w.edit("T-005", w.changed("T-005", func(s *yizhan.Station) { s.Status = yizhan.StationClosed }))
	w.edit("T-006", w.changed("T-006", func(s *yizhan.Station) { s.Name = "新名" }))

	delta := getPack(t, w, "/api/stations.pack?since=42")
	if delta.Since != 42 || delta.Seq != 46 || !slices.Equal(delta.Stations.Code, []string{"T-003", "T-006"}) || !slices.Equal(delta.Removed, []string{"T-004", "T-005"}) {
		t.Errorf("%+v", delta)
	}
	whole := getPack(t, w, "/api/stations.pack")
	if whole.Since != 0 || whole.Seq != 46 || whole.Sum != delta.Sum || whole.Sum == first.Sum || len(whole.Stations.Code) != 21 {
		t.Errorf("%+v", whole)
	}
	// What lies before the first look is not known, nor what lies ahead of us.
	for _, since := range []int{0, 41, 9_999} {
		if pack := getPack(t, w, fmt.Sprintf("/api/stations.pack?since=%d", since)); pack.Since != 0 || len(pack.Stations.Code) != 21 {
			t.Errorf("since %d: got since %d with %d stations", since, pack.Since, len(pack.Stations.Code))
		}
	}
}

func TestPackOfOtherChanges(t *testing.T) {
	w := newStage(t, func(w *stage) { addStations(w.city, 20) })
	before := w.get(t, "/api/stations.pack")
	grid := *w.city.MicroGrids["150702001001001"]
	w.city = w.city.Next([]yizhan.Change{{Seq: 43, Ref: grid.Ref(), After: &grid}})
	if after := w.get(t, "/api/stations.pack", "If-None-Match", before.header.Get("ETag")); after.status != http.StatusNotModified || after.header.Get("X-Yizhan-Seq") != "43" {
		t.Errorf("a border moved, and the pack is another: %d %v", after.status, after.header)
	}
	unit := *w.city.Units["150702"]
	unit.Name = "海拉尔"
	w.city = w.city.Next([]yizhan.Change{{Seq: 44, Ref: unit.Ref(), After: &unit}})
	if pack := getPack(t, w, "/api/stations.pack?since=42"); pack.Since != 0 || pack.Units.Name[0] != "海拉尔" {
		t.Errorf("a place was renamed, and got %+v", pack)
	}
	// More than half changed: whole.
	for i := range 15 {
		code := fmt.Sprintf("T-%03d", i)
		w.edit(code, w.changed(code, func(s *yizhan.Station) { s.Capacity++ }))
	}
	if pack := getPack(t, w, "/api/stations.pack?since=44"); pack.Since != 0 {
		t.Errorf("most stations changed, and got a delta of %d", len(pack.Stations.Code))
	}
}

func addStations(city *yizhan.City, n int) {
	for i := range n {
		station := *city.Stations["S-001"]
		station.Code = fmt.Sprintf("T-%03d", i)
		station.Location = orb.Point{119.7 + float64(i)/1000, 49.2}
		city.Stations[station.Code] = &station
	}
}

func TestPackAnswers(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "plain", target: "/api/stations.pack", status: 200, header: map[string]string{"Content-Type": "application/json", "Cache-Control": "no-cache", "X-Yizhan-Age": "3", "X-Yizhan-Seq": "42"}},
		{name: "since is no number", target: "/api/stations.pack?since=x", status: 400, code: "invalid_parameter"},
		{name: "since is negative", target: "/api/stations.pack?since=-1", status: 400, code: "invalid_parameter"},
		{name: "position", target: "/api/stations.pack?lng=119.7", status: 400, code: "invalid_parameter"},
	})
	runScenarios(t, []scenario{{name: "loading", target: "/api/stations.pack", status: 503, code: "unavailable"}},
		func(w *stage) { w.feed.city = func() *yizhan.City { return nil } })
}

// TestPackOfDemo measures the pack of the demo city as a phone gets it, and leaves it for the decoder's tests.
func TestPackOfDemo(t *testing.T) {
	const golden = "../web/src/model/pack.demo.json"
	w := newStage(t, func(w *stage) { w.city = demoCity(t) })
	body := w.get(t, "/api/stations.pack").body
	if *update {
		if err := os.WriteFile(golden, append(body, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(bytes.TrimSpace(want), body) {
		t.Errorf("%s is of another pack (%v): run the test with -update", golden, err)
	}
	squeezed := w.get(t, "/api/stations.pack", "Accept-Encoding", "br")
	t.Logf("%d stations: %d bytes, %d as brotli", len(w.city.Stations), len(body), len(squeezed.body))
	if len(squeezed.body) > 13_000 {
		t.Errorf("the pack takes %d bytes; 12 kB are meant", len(squeezed.body))
	}
	if plain, err := io.ReadAll(brotli.NewReader(bytes.NewReader(squeezed.body))); err != nil || !bytes.Equal(plain, body) {
		t.Errorf("the brotli form is of another answer: %v", err)
	}
}

func demoCity(t *testing.T) *yizhan.City {
	t.Helper()
	made, err := demo.Generate(context.Background(), func(string, int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	city := &yizhan.City{Seq: 42, Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{}}
	for _, unit := range made.Units {
		city.Units[unit.Code] = unit
	}
	for _, station := range made.Stations {
		city.Stations[station.Code] = station
	}
	return city
}

func BenchmarkPack(b *testing.B) {
	w := newStage(b)
	addStations(w.city, 550)
	for b.Loop() {
		w.city = w.city.Next(nil)
		w.city.Seq++
		var p packs
		if _, err := p.answer(w.city, 0); err != nil {
			b.Fatal(err)
		}
	}
}
