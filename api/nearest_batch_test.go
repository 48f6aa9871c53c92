package api

import (
	"fmt"
	"strings"
	"testing"
)

func TestNearestOfMany(t *testing.T) {
	const maxBatchPoints = 1_000
	w := newStage(t)
	post := func(t *testing.T, body string) answer {
		return w.send(t, "POST", "/api/nearest/batch", body, "Content-Type", "application/json")
	}
	type batch struct {
		Seq     int64
		Results [][]struct {
			Code      string
			DistanceM float64 `json:"distance_m"`
			State     string
		}
	}
	// The same as one question after the other.
	places := [][2]float64{{119.7364, 49.2122}, {119.7464, 49.2122}, {117.3786, 49.5977}}
	got := decoded[batch](t, post(t, `{"points":[[119.7364,49.2122],[119.7464,49.2122],[117.3786,49.5977]],"k":3,"services":["water"]}`).want(t, 200))
	if len(got.Results) != len(places) || got.Seq != 42 {
		t.Fatalf("%+v", got)
	}
	for i, place := range places {
		one := decoded[struct {
			Features []struct {
				ID         string
				Properties struct {
					DistanceM float64 `json:"distance_m"`
					State     string
				}
			}
		}](t, w.get(t, fmt.Sprintf("/api/nearest?lng=%v&lat=%v&k=3&services=water", place[0], place[1])))
		if len(one.Features) != len(got.Results[i]) || len(one.Features) == 0 {
			t.Fatalf("%v: %d alone, %d among many", place, len(one.Features), len(got.Results[i]))
		}
		for n, hit := range got.Results[i] {
			if f := one.Features[n]; f.ID != hit.Code || f.Properties.DistanceM != hit.DistanceM || f.Properties.State != hit.State {
				t.Errorf("%v: %+v alone, %+v among many", place, f, hit)
			}
		}
	}
	if far := decoded[batch](t, post(t, `{"points":[[100,10]],"max_m":1000}`)); len(far.Results) != 1 || len(far.Results[0]) != 0 {
		t.Errorf("far away is %+v", far)
	}
	open := decoded[batch](t, post(t, `{"points":[[119.7364,49.2122]],"k":10,"open_at":"2026-03-15T20:00:00Z"}`))
	if len(open.Results[0]) != 1 || open.Results[0][0].Code != "S-001" { // the one that never closes
		t.Errorf("open are %+v", open)
	}
	most := strings.TrimSuffix(strings.Repeat("[119.7,49.2],", maxBatchPoints), ",")
	if all := decoded[batch](t, post(t, `{"points":[`+most+`]}`)); len(all.Results) != maxBatchPoints {
		t.Errorf("%d answers", len(all.Results))
	}
	for body, fault := range map[string]string{
		`{"points":[]}`:                                   "body.points",
		`{"points":[` + most + `,[1,1]]}`:                 "body.points",
		`{"points":[[49.2,119.7]]}`:                       "body.points[0]",
		`{"points":[[119.7,49.2],[119.7,91]]}`:            "body.points[1]",
		`{"points":[[119.7]]}`:                            "body.points[0]",
		`{"points":[[119.7,49.2]],"k":11}`:                "body.k",
		`{"points":[[119.7,49.2]],"services":["beer"]}`:   "body.services",
		`{"points":[[119.7,49.2]],"open_at":"yesterday"}`: "body.open_at",
		`{"points":[[119.7,49.2]],"max_m":0.5}`:           "body.max_m",
		`{"points":[[119.7,49.2]],"who":"me"}`:            "body.who",
	} {
		post(t, body).want(t, 400, fault)
	}
}

// A batch counts as many requests, so that it is no way around the limit.
func TestABatchCosts(t *testing.T) {
	w := newStage(t, func(w *stage) { w.options.RateLimit = 9 /* bursts of 45 */ })
	ask := func() int {
		return w.send(t, "POST", "/api/nearest/batch", `{"points":[[119.7,49.2]]}`, "Content-Type", "application/json").status
	}
	if first, second, third := ask(), ask(), ask(); first != 200 || second != 200 || third != 429 {
		t.Errorf("%d %d %d", first, second, third)
	}
}

func TestMetricsAreForThoseWhoWatchTheServer(t *testing.T) {
	w := newStage(t, func(w *stage) { w.options.TrustedProxies = []string{"0.0.0.0/32"} })
	for address, status := range map[string]int{"8.8.8.8": 404, "2001:db8::1": 404, "10.1.2.3": 200, "192.168.1.9": 200, "127.0.0.1": 200, "::1": 200} {
		w.get(t, "/metrics", "X-Forwarded-For", address).want(t, status)
	}
}
