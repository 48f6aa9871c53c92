package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
)

func whatIfOf(body string) string { return base64.RawURLEncoding.EncodeToString([]byte(body)) }

// Every question can be asked of the city under edits that nobody saved.
func TestWhatIf(t *testing.T) {
	w := newStage(t)
	var laid []yizhan.Scenario
	draw := w.coverage.pictureOf
	w.coverage.pictureOf = func(ctx context.Context, s *yizhan.Scenario) (Picture, error) {
		laid = append(laid, *s)
		return draw(ctx, s)
	}
	edits := `"edits":[{"kind":"add_station","location":[119.74,49.21],"services":["water"],"opening_hours":"24/7"},{"kind":"close_station","station":"S-001"}]`
	now, then := whatIfOf(`{`+edits+`}`), whatIfOf(`{"seq":7,`+edits+`}`)
	for _, target := range []string{"/api/coverage?", "/api/coverage/hours?", "/api/coverage/ranking?level=banner&", "/api/gaps?", "/api/explain?",
		"/api/coverage/cells?resolution=9&bbox=119,49,120,50&", "/api/scenarios/difference?", "/api/scenarios/compare?ids=city,what_if&"} {
		for text, seq := range map[string]int64{now: 42, then: 7} {
			laid = nil
			a := w.get(t, target+"what_if="+text)
			if a.status != 200 {
				t.Fatalf("%s: status %d: %s", target, a.status, a.body)
			}
			if last := laid[len(laid)-1]; last.Seq != seq || last.ID != "" || len(last.Edits) != 2 || last.Edits[0].Station != "new-1" || last.Edits[1].Kind != yizhan.CloseStation {
				t.Errorf("%s: laid %+v over the city", target, last)
			}
			if !strings.Contains(string(a.body), fmt.Sprintf(`"seq":%d`, seq)) || !strings.Contains(string(a.body), `"scenario":null`) {
				t.Errorf("%s: %s", target, a.body)
			}
		}
	}
	one := w.submit(t, `{"p":1,"what_if":"`+now+`"}`)
	if other := w.submit(t, `{"p":1}`); other == one {
		t.Error("siting in the city as it is and under a what-if are one job")
	}
	if again := w.submit(t, `{"p":1,"what_if":"`+now+`"}`); again != one {
		t.Error("the same what-if is another job")
	}
}

func TestBadWhatIfs(t *testing.T) {
	w := newStage(t)
	closing := strings.Repeat(`{"kind":"close_station","station":"S-001"},`, maxWhatIfEdits) + `{"kind":"close_station","station":"S-002"}`
	for name, text := range map[string]string{
		"not base64":     "a%2Bb",
		"not JSON":       whatIfOf(`edits`),
		"padded":         base64.URLEncoding.EncodeToString([]byte(`{"edits":[ ]}`)),
		"no such kind":   whatIfOf(`{"edits":[{"kind":"burn_station","station":"S-001"}]}`),
		"no station":     whatIfOf(`{"edits":[{"kind":"close_station"}]}`),
		"negative seq":   whatIfOf(`{"seq":-1,"edits":[]}`),
		"too many edits": whatIfOf(`{"edits":[` + closing + `]}`),
		"too long":       strings.Repeat("e", maxWhatIfBytes+1),
	} {
		a := w.get(t, "/api/coverage?what_if="+text)
		if a.status != 400 || !strings.Contains(string(a.body), `"location":"query.what_if"`) {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
	nothing := whatIfOf(`{"edits":[]}`)
	runScenarios(t, []scenario{
		{name: "two at once", target: "/api/coverage?what_if=" + nothing + "&scenario=aaaaaaaaaaaaaaaa", status: 400, has: []string{"query.what_if"}},
		{name: "named but not given", target: "/api/scenarios/compare?ids=city,what_if", status: 400, has: []string{"query.ids"}},
		{name: "given but not named", target: "/api/scenarios/compare?ids=city&what_if=" + nothing, status: 400, has: []string{"query.ids"}},
		{name: "none to compare", target: "/api/scenarios/difference", status: 400, has: []string{"query.what_if"}},
		{name: "a tile with one that makes no sense", target: "/api/tiles/coverage?what_if=" + whatIfOf(`[]`), status: 400, has: []string{"query.what_if"}},
	})
}

func FuzzReadWhatIf(f *testing.F) {
	f.Add(whatIfOf(scenarioOfAll))
	f.Add(whatIfOf(`{"seq":null,"edits":[{"kind":"scale_demand","unit":"150702","per_mille":0}]}`))
	f.Fuzz(func(t *testing.T, text string) {
		scenario, err := ReadWhatIf(text)
		if err == nil && (len(scenario.Edits) > maxWhatIfEdits || scenario.Seq < -1) {
			t.Errorf("%+v", scenario)
		}
		if code := yizhan.CodeOf(err); err != nil && code != yizhan.CodeInvalid {
			t.Errorf("%v is no fault of the parameter", err)
		}
	})
}
