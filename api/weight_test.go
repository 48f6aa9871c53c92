package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
	"github.com/yizhan/yizhan/store"
)

// townships of the stage: the first has a station and few orders, the second many and none, the third no figure,
// and the last no households.
var townships = []string{"150702001", "150702002", "150702003", "150702004"}

// newWeightStage has real figures, real indicators and a real coverage.
func newWeightStage(t *testing.T) *stage {
	t.Helper()
	w := newLayerStage(t)
	kept := w.options.Store.(*store.Store)
	more := yizhan.Changeset{Author: "test", Reason: "more townships"}
	for n, township := range townships[1:] {
		west := 119.9 + 0.2*float64(n)
		square := func(x, side float64) orb.MultiPolygon {
			at := func(dx, dy float64) orb.Point { return yizhan.SnapPoint(orb.Point{west + x + dx, 49.2 + dy}) }
			return orb.MultiPolygon{{{at(0, 0), at(side, 0), at(side, side), at(0, side), at(0, 0)}}}
		}
		community := township + "001"
		more.Edits = append(more.Edits, yizhan.CreateOf(&yizhan.Unit{Code: township, Level: yizhan.LevelTownship, Parent: "150702", Name: township}),
			yizhan.CreateOf(&yizhan.Unit{Code: community, Level: yizhan.LevelCommunity, Parent: township, Name: community, Boundary: square(0, 0.04)}))
		if n < 2 {
			more.Edits = append(more.Edits, yizhan.CreateOf(&yizhan.MicroGrid{Code: community + "001", Community: community, Name: "网格", Households: 40 + n,
				Zone: yizhan.ZoneCore, Status: yizhan.GridDraft, Boundary: square(0, 0.04)}))
		}
	}
	if _, err := kept.Apply(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	city, err := kept.CityAt(t.Context(), mustSeq(t, kept))
	if err != nil {
		t.Fatal(err)
	}
	view := views.NewCoverage(views.CoverageOptions{Logger: slog.New(slog.DiscardHandler), History: kept})
	if err := errors.Join(view.Update(city, nil), view.Wait(t.Context())); err != nil {
		t.Fatal(err)
	}
	accounts := w.options.Accounts
	return newStage(t, func(n *stage) {
		n.city = city
		n.options.Store, n.options.Accounts, n.options.Layers, n.options.Coverage = kept, accounts, kept, CoverageOf(view)
	})
}

const orders = `{"name":"外卖订单","note":"","unit":"150702","kind":"%s","level":"township","measure":"单","date":"2026-06-30","source":"平台甲","values":[` +
	`{"unit":"150702001","value":100},{"unit":"150702002","value":%s},{"unit":"150702004","value":7}]}`

// addOrders adds an indicator in the name of the analyst, and gives its id.
func (w *stage) addOrders(t *testing.T, kind, figure string) string {
	t.Helper()
	return decode[IndicatorReport](t, w.json(t, analystToken, http.MethodPost, indicatorsPath, fmt.Sprintf(orders, kind, figure)).want(t, 201)).ID
}

type weighedAnswer struct {
	Weight WeightReport `json:"weight"`
	Model  struct{ Demand string }
	CoverageFigures
	Children []UnitCoverageReport
}

// Every answer of coverage counts the figures of units exactly, says so, and is what the cells in reach sum up to.
func TestCoverageCountsAnIndicator(t *testing.T) {
	w := newWeightStage(t)
	id := w.addOrders(t, "count", "5003")
	got := decode[weighedAnswer](t, w.json(t, viewerToken, http.MethodGet, "/api/coverage?unit=150702&weight="+id, "").want(t, 200))
	counts := map[string]int64{}
	for _, child := range got.Children {
		counts[child.Code] = child.Households
	}
	if got.Households != 5103 || counts["150702001"] != 100 || counts["150702002"] != 5003 || counts["150702003"] != 0 || counts["150702004"] != 0 {
		t.Errorf("counted %d, %v", got.Households, counts)
	}
	if r := got.Weight; r.ID != id || r.Title != "外卖订单" || r.Measure != "单" || *r.Date != "2026-06-30" || *r.Source != "平台甲" || *r.Level != yizhan.LevelTownship ||
		*r.Sum != 5110 || *r.Placed != 5103 || *r.Unplaced.value != (WeightUnplaced{1, 7}) || *r.WithoutFigure.value != (WeightWithout{1, 41}) || *r.Version != 1 {
		t.Errorf("the weight is %+v", r)
	}
	if !strings.Contains(got.Model.Demand, "外卖订单 (单) by township as of 2026-06-30") {
		t.Errorf("demand %q", got.Model.Demand)
	}
	if total, covered := w.sumOfCells(t, id); total != 5103 || covered != got.Covered || covered == 0 || covered > 100 {
		t.Errorf("the cells count %d and cover %d; the unit covers %d", total, covered, got.Covered)
	}
	plain := decode[weighedAnswer](t, w.get(t, "/api/coverage?unit=150702").want(t, 200))
	if plain.Weight.ID != "households" || plain.Weight.Measure != "户" || plain.Households != 29+29+40+41 {
		t.Errorf("households: %+v", plain)
	}
	if same := decode[weighedAnswer](t, w.get(t, "/api/coverage?unit=150702&weight=households").want(t, 200)); same.Households != plain.Households || same.Weight != plain.Weight {
		t.Errorf("by their name: %+v", same)
	}
}

// sumOfCells counts cells by hand, with the one station that there is.
func (w *stage) sumOfCells(t *testing.T, id string) (total, covered int64) {
	t.Helper()
	cells := decode[struct{ Cells [][]any }](t, w.json(t, viewerToken, http.MethodGet, "/api/coverage/cells?bbox=119.6,49,120.6,49.5&resolution=10&weight="+id, "").want(t, 200))
	for _, row := range cells.Cells {
		cell, err := hex.Parse(row[0].(string))
		if err != nil {
			t.Fatal(err)
		}
		number := int64(row[1].(float64))
		if total += number; geo.Distance(cell.Center(), orb.Point{119.705, 49.205}) <= views.DefaultRadiusM {
			covered += number
		}
	}
	return total, covered
}

// What ranks, gaps, hours, the trend, the explanation, scenarios and files say is counted the same way.
func TestEveryQuestionTakesAWeight(t *testing.T) {
	w := newWeightStage(t)
	id := w.addOrders(t, "count", "5003")
	whatIf := whatIfOf(`{"edits":[{"kind":"scale_demand","unit":"150702002","per_mille":2000}]}`)
	ask := func(target string, has ...string) answer {
		return w.json(t, analystToken, http.MethodGet, target+"&weight="+id, "").want(t, 200, append(has, `"id":"`+id+`"`, `"title":"外卖订单"`)...)
	}
	ranking := decode[CoverageRankingReport](t, ask("/api/coverage/ranking?level=township"))
	if ranking.Units[0].Code != "150702002" || ranking.Units[0].Unmet != 5003 || ranking.Units[1].Code != "150702001" {
		t.Errorf("ranked %+v", ranking.Units)
	}
	plain := decode[CoverageRankingReport](t, w.get(t, "/api/coverage/ranking?level=township").want(t, 200))
	if plain.Units[0].Code != "150702003" {
		t.Errorf("households rank %s first", plain.Units[0].Code)
	}
	gaps := decode[struct {
		Gaps []struct {
			ID         string
			Households int64
			Units      []UnitHouseholdsPart
		}
	}](t, ask("/api/gaps?unit=150702"))
	sum := int64(0)
	for _, gap := range gaps.Gaps {
		sum += gap.Households
	}
	if whole := decode[weighedAnswer](t, ask("/api/coverage?unit=150702")); sum != whole.Unmet || gaps.Gaps[0].Units[0].Unit != "150702002001" {
		t.Errorf("gaps of %d, unmet %d", sum, whole.Unmet)
	}
	ask("/api/gaps/" + gaps.Gaps[0].ID + "?mode=radius")
	ask("/api/gaps?format=geojson")
	ask("/api/coverage/hours?services=water", `"households":5103`)
	ask("/api/coverage/trend?days=30", `"households":5103`)
	ask("/api/explain?unit=150702002", "H = 5003 单", `"households":5003`)
	ask("/api/explain?cell="+gaps.Gaps[0].ID, "单")
	ask("/api/coverage?unit=150702002&what_if="+whatIf, `"households":10006`)
	difference := decode[struct {
		Unit struct{ Before, After CoverageFigures }
		Base struct{ Weight WeightReport }
	}](t, ask("/api/scenarios/difference?what_if="+whatIf))
	if difference.Unit.After.Households-difference.Unit.Before.Households != 5003 || difference.Base.Weight.ID != id {
		t.Errorf("difference %+v", difference.Unit)
	}
	compared := decode[ComparisonReport](t, ask("/api/scenarios/compare?ids=city,what_if&what_if="+whatIf))
	if compared.Units[0].Figures[0].value.Households != 5103 || compared.Units[0].Figures[1].value.Households != 10106 {
		t.Errorf("compared %+v", compared.Units[0])
	}
	csv := string(w.json(t, analystToken, http.MethodGet, "/api/coverage/ranking?level=township&format=csv&weight="+id, "").want(t, 200, "150702002,150702002,5003").body)
	if strings.Contains(csv, "household") || !strings.Contains(csv, "counted") {
		t.Errorf("a table of orders speaks of households: %.400s", csv)
	}
	if a := w.json(t, analystToken, http.MethodGet, "/api/gaps?format=csv&weight="+id, "").want(t, 200); strings.Contains(string(a.body), "household") || !strings.Contains(a.header.Get("Content-Disposition"), id) {
		t.Errorf("%v %.300s", a.header, a.body)
	}
}

// A new upload is another answer with another tag; the old date can still be asked for.
func TestAChangedIndicatorIsAnotherAnswer(t *testing.T) {
	w := newWeightStage(t)
	id := w.addOrders(t, "count", "5003")
	target := "/api/coverage?unit=150702&weight=" + id
	first := w.json(t, viewerToken, http.MethodGet, target, "").want(t, 200, `"households":5103`)
	w.json(t, viewerToken, http.MethodGet, target, "", "If-None-Match", first.header.Get("ETag")).want(t, 304)
	w.json(t, analystToken, http.MethodPut, indicatorsPath+"/"+id+"/dates/2026-06-30", `{"source":"平台甲","values":[{"unit":"150702001","value":60}]}`, "If-Match", "*").want(t, 200)
	second := w.json(t, viewerToken, http.MethodGet, target, "", "If-None-Match", first.header.Get("ETag")).want(t, 200, `"households":60`, `"version":2`)
	w.json(t, analystToken, http.MethodPut, indicatorsPath+"/"+id+"/dates/2026-09-30", `{"source":"平台乙","values":[{"unit":"150702001","value":61}]}`, "If-Match", "*").want(t, 200)
	third := w.json(t, viewerToken, http.MethodGet, target, "").want(t, 200, `"households":61`, `"date":"2026-09-30"`, "平台乙")
	if first.header.Get("ETag") == second.header.Get("ETag") || second.header.Get("ETag") == third.header.Get("ETag") {
		t.Error("two answers have one tag")
	}
	w.json(t, viewerToken, http.MethodGet, target+"&weight_date=2026-06-30", "").want(t, 200, `"households":60`, `"date":"2026-06-30"`)
	w.json(t, analystToken, http.MethodDelete, indicatorsPath+"/"+id, "", "If-Match", "*").want(t, 204)
	w.json(t, viewerToken, http.MethodGet, target, "").want(t, 404)
}

// Who may not see an indicator may not count by it, however warm it is; and no cache may keep what it counts.
func TestAWeightIsForWhoMaySeeIt(t *testing.T) {
	w := newWeightStage(t)
	id := w.addOrders(t, "count", "5003")
	what := whatIfOf(`{"edits":[{"kind":"scale_demand","unit":"150702002","per_mille":2000}]}`)
	for _, path := range []string{"/api/coverage?unit=150702", "/api/coverage/cells?bbox=119.6,49,120.6,49.5", "/api/coverage/hours?services=water", "/api/coverage/ranking?level=township",
		"/api/coverage/trend?days=7", "/api/gaps?limit=5", "/api/explain?unit=150702", "/api/scenarios/compare?ids=city", "/api/scenarios/difference?what_if=" + what,
		"/api/tiles/coverage?mode=radius", "/api/tiles/coverage/8/213/85?mode=radius"} {
		a := w.json(t, viewerToken, http.MethodGet, path+"&weight="+id, "").want(t, 200)
		if a.header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(a.header.Get("Vary"), "Cookie") {
			t.Errorf("%s may be kept by anybody: %v", path, a.header)
		}
		if a := w.get(t, path+"&weight="+id).want(t, 404); strings.Contains(string(a.body), "外卖") {
			t.Errorf("%s tells a guest %s", path, a.body)
		}
		w.json(t, viewerToken, http.MethodGet, path+"&weight="+id, "").want(t, 200)
	}
	w.json(t, analystToken, http.MethodPut, indicatorsPath+"/"+id, `{"name":"外卖订单","measure":"单","public":true}`, "If-Match", "*").want(t, 200)
	w.get(t, "/api/coverage?unit=150702&weight="+id).want(t, 200, `"households":5103`)
	if w.shortAnswers(t) != 0 {
		t.Error("a tile of a weight was answered without asking who may see it")
	}
}

func TestTilesNameTheVersionOfTheirWeight(t *testing.T) {
	w := newWeightStage(t)
	id := w.addOrders(t, "count", "5003")
	w.json(t, viewerToken, http.MethodGet, "/api/tiles/coverage?weight="+id, "").want(t, 200, "weight="+id, "weight_date=2026-06-30", "weight_version=1")
	tile := "/api/tiles/coverage/8/213/85?weight=" + id
	w.json(t, viewerToken, http.MethodGet, tile+"&weight_version=1", "").want(t, 200)
	w.json(t, viewerToken, http.MethodGet, tile+"&weight_version=2", "").want(t, 404, "version 1")
	w.json(t, viewerToken, http.MethodGet, "/api/tiles/coverage/8/213/85?weight_version=1", "").want(t, 400, "query.weight_version")
	name := weightName(views.WeightKey{ID: id, Version: 12, Date: "2026-06-30"})
	if key, err := ReadWeightName(name); err != nil || key != (views.WeightKey{ID: id, Version: 12, Date: "2026-06-30"}) {
		t.Errorf("%q is read as %+v, %v", name, key, err)
	}
}

// Each refusal names the parameter and the reason.
func TestWeightsThatAreRefused(t *testing.T) {
	w := newWeightStage(t)
	good := w.addOrders(t, "count", "5003")
	refused := func(id, more string, status int, has ...string) {
		t.Helper()
		w.json(t, viewerToken, http.MethodGet, "/api/coverage?unit=150702&weight="+id+more, "").want(t, status, has...)
	}
	refused(w.addOrders(t, "index", "5003"), "", 400, "query.weight", "only a count can be shared out")
	refused(w.addOrders(t, "per_household", "5003"), "", 400, "query.weight", "only a count can be shared out")
	refused(w.addOrders(t, "count", "12.5"), "", 400, "query.weight", "whole counts")
	refused(w.addOrders(t, "count", "3000000000"), "", 400, "query.weight", "at most 1000000000")
	w.json(t, analystToken, http.MethodPost, indicatorsPath, fmt.Sprintf(orders, "count", "-4")).want(t, 400)
	nowhere := decode[IndicatorReport](t, w.json(t, analystToken, http.MethodPost, indicatorsPath, strings.NewReplacer("150702001", "150702004", `,{"unit":"150702002","value":1},{"unit":"150702004","value":7}`, "").
		Replace(fmt.Sprintf(orders, "count", "1"))).want(t, 201)).ID
	refused(nowhere, "", 400, "query.weight", "units that have households")
	refused("aaaaaaaaaaaaaaaa", "", 404)
	refused("orders", "", 400, "query.weight")
	refused(good, "&weight_date=2020-01-01", 404, "2020-01-01")
	refused(good, "&weight_date=yesterday", 400, "query.weight_date")
	refused("households", "&weight_date=2026-06-30", 400, "query.weight_date")
	refused(good, "&include=served", 400, "query.include")
	refused(good, "&include=access", 200, "seats_a_household")
	list := decode[IndicatorListReport](t, w.json(t, viewerToken, http.MethodGet, indicatorsPath, "").want(t, 200))
	for _, i := range list.Indicators {
		if (i.ID == good || i.ID == nowhere) != i.Dates[0].Weighs {
			t.Errorf("%s: %+v", i.Name, i.Dates)
		}
	}
}

// The sites of a job reach the most orders, of all cells tried one by one; and asked in households it is another job.
func TestSitingReachesTheMostOrders(t *testing.T) {
	w := newWeightStage(t)
	id := w.addOrders(t, "count", "5003")
	submit := func(body string, has ...string) string {
		t.Helper()
		return decode[JobReport](t, w.json(t, analystToken, http.MethodPost, "/api/siting", body).want(t, 202, has...)).ID
	}
	body := `{"p":2,"weight":"` + id + `"}`
	job := submit(body)
	if again := submit(body); again != job {
		t.Error("the same question is another job")
	}
	if other := submit(`{"p":2}`); other == job {
		t.Error("households are sited by the job of orders")
	}
	result := decode[SitingReport](t, w.jobResult(t, job))
	if result.Weight.ID != id || result.Households != 5103 || result.Sites[0].Community != "150702002001" {
		t.Errorf("%+v", result)
	}
	if best := w.bestGain(t, id); result.Sites[0].Gain != best || best == 0 {
		t.Errorf("the first site gains %d, the best %d", result.Sites[0].Gain, best)
	}
	w.json(t, analystToken, http.MethodPut, indicatorsPath+"/"+id+"/dates/2026-06-30", `{"source":"平台甲","values":[{"unit":"150702003","value":60}]}`, "If-Match", "*").want(t, 200)
	if fresh := submit(body); fresh == job {
		t.Error("another upload is the same job")
	}
	w.json(t, analystToken, http.MethodPost, "/api/siting", `{"p":1,"candidates":"suggestions","weight":"`+id+`"}`).want(t, 400, "body.wish")
	w.json(t, analystToken, http.MethodPost, "/api/siting", `{"p":1,"weight":"orders"}`).want(t, 400, "body.weight")
	w.json(t, "", http.MethodPost, "/api/siting", body).want(t, 404)
}

// jobResult waits for a job and gives what it found.
func (w *stage) jobResult(t *testing.T, id string) answer {
	t.Helper()
	job := "/api/jobs/" + id
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		if decode[JobReport](t, w.json(t, analystToken, http.MethodGet, job, "").want(t, 200)).State.final() {
			break
		}
	}
	return w.json(t, analystToken, http.MethodGet, job+"/result", "").want(t, 200)
}

// bestGain tries a station in every cell.
func (w *stage) bestGain(t *testing.T, id string) int64 {
	t.Helper()
	cells := decode[struct{ Cells [][]any }](t, w.json(t, viewerToken, http.MethodGet, "/api/coverage/cells?bbox=119.6,49,120.6,49.5&resolution=10&weight="+id, "").want(t, 200))
	places := make([]orb.Point, len(cells.Cells))
	for i, row := range cells.Cells {
		cell, err := hex.Parse(row[0].(string))
		if err != nil {
			t.Fatal(err)
		}
		places[i] = cell.Center()
	}
	best := 0.0
	for _, at := range places {
		gain := 0.0
		for i, row := range cells.Cells {
			if row[2].(float64) == 0 && geo.Distance(at, places[i]) <= views.DefaultRadiusM {
				gain += row[1].(float64)
			}
		}
		best = math.Max(best, gain)
	}
	return int64(best)
}

// UnmarshalJSON lets tests read what answers hold.
func (m *maybe[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	m.value = new(T)
	return json.Unmarshal(data, m.value)
}
