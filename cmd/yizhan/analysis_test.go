package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

// analyst asks a server over the network, each question twice: the bytes must be the same.
type analyst struct {
	*testing.T
	base  string
	token string // of somebody who may keep scenarios and take tables away
	store *store.Store
}

func newAnalyst(t *testing.T) *analyst {
	a := &analyst{T: t}
	url := pgtest.DB(t)
	opened, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Close)
	a.store = opened
	city, err := demo.Generate(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened.Apply(t.Context(), partOf(city, replicaBanner)); err != nil {
		t.Fatal(err)
	}
	a.token = a.signUp()
	a.base = start(t, commandPath(t), t.TempDir(), "--database", url, "--rate-limit", "0").base
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if status, _, _ := a.ask(http.MethodGet, "/api/coverage", ""); status == http.StatusOK {
			return a
		}
		if time.Since(begun) > patience {
			t.Fatal("the coverage is not ready")
		}
	}
}

// signUp makes an account of an analyst and gives a token of it.
func (a *analyst) signUp() string {
	a.Helper()
	user, err := a.store.CreateUser(a.Context(), yizhan.System("test"), yizhan.NewUser{Name: "an.na", DisplayName: "安娜",
		Grants: []yizhan.Grant{{Role: yizhan.RoleAnalyst, Unit: "150700"}}})
	if err != nil {
		a.Fatal(err)
	}
	secret := auth.TokenPrefix + auth.NewSecret()
	_, err = a.store.CreateToken(a.Context(), &yizhan.Principal{User: user, Grants: user.Grants}, auth.HashSecret(secret),
		yizhan.Token{Name: "the day", Scopes: []yizhan.Scope{yizhan.ScopeRead, yizhan.ScopeWrite}, ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil {
		a.Fatal(err)
	}
	return secret
}

func (a *analyst) ask(method, path, body string, headers ...string) (int, http.Header, []byte) {
	a.Helper()
	request, err := http.NewRequestWithContext(a.Context(), method, a.base+path, strings.NewReader(body))
	if err != nil {
		a.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		a.Fatal(err)
	}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		a.checkNumbers(path, content)
	}
	return response.StatusCode, response.Header, content
}

// checkNumbers walks an answer: every number must be one, and none absurd.
func (a *analyst) checkNumbers(path string, content []byte) {
	a.Helper()
	var value any
	if err := json.Unmarshal(content, &value); err != nil {
		a.Errorf("%s: %v in %.300s", path, err, content)
		return
	}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, member := range v {
				walk(at+"."+name, member)
			}
		case []any:
			for i, item := range v {
				walk(fmt.Sprintf("%s[%d]", at, i), item)
			}
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) > 1e15 {
				a.Errorf("%s: %s is %g", path, at, v)
			}
		case string:
			if v == "NaN" || strings.Contains(v, "+Inf") || strings.Contains(v, "NaN") {
				a.Errorf("%s: %s is %q", path, at, v)
			}
		}
	}
	walk("", value)
}

// get asks twice, and reads the answer.
func (a *analyst) get(path string, into any) []byte {
	a.Helper()
	status, header, content := a.ask(http.MethodGet, path, "")
	if status != http.StatusOK {
		a.Fatalf("%s: status %d: %s", path, status, content)
	}
	again, same, bytesAgain := a.ask(http.MethodGet, path, "")
	if again != status || !bytes.Equal(content, bytesAgain) || header.Get("ETag") != same.Get("ETag") {
		a.Errorf("%s: asked twice, the answers differ", path)
	}
	if header.Get("ETag") == "" || header.Get("X-Yizhan-Seq") == "" {
		a.Errorf("%s: no ETag, or no seq: %v", path, header)
	}
	if into != nil {
		if err := json.Unmarshal(content, into); err != nil {
			a.Fatalf("%s: %v in %.300s", path, err, content)
		}
	}
	return content
}

// must asks for a change, and reads the answer.
func (a *analyst) must(want int, method, path, body string, into any, headers ...string) http.Header {
	a.Helper()
	status, header, content := a.ask(method, path, body, headers...)
	if status != want {
		a.Fatalf("%s %s: status %d, want %d: %s", method, path, status, want, content)
	}
	if into != nil {
		if err := json.Unmarshal(content, into); err != nil {
			a.Fatal(err)
		}
	}
	return header
}

// analystUnit is what the test reads of the figures of a unit.
type analystUnit struct {
	Code                       string
	Households, Covered, Unmet int64
	CoveredPossible            int64 `json:"covered_possible"`
	AreaM2                     int64 `json:"area_m2"`
	Stations                   int
	CoveredWeight              struct{ Known, Possible int64 } `json:"covered_weight"`
}

type analystFigures struct {
	Seq   int64
	Model struct {
		Weight int64
		Rule   string
	}
	analystUnit
	Children []analystUnit
	Served   *struct {
		ServedMillionths int64 `json:"served_millionths"`
		Capacity         int64
	}
}

// checkSums holds a unit against those right below it.
func (a *analyst) checkSums(path string, c analystFigures) {
	a.Helper()
	var sum analystUnit
	for _, child := range c.Children {
		sum.Households += child.Households
		sum.Covered += child.Covered
		sum.Unmet += child.Unmet
		sum.CoveredPossible += child.CoveredPossible
		sum.AreaM2 += child.AreaM2
		sum.CoveredWeight.Known += child.CoveredWeight.Known
	}
	if sum.Households != c.Households || sum.Covered != c.Covered || sum.Unmet != c.Unmet || sum.CoveredPossible != c.CoveredPossible ||
		sum.AreaM2 != c.AreaM2 || sum.CoveredWeight.Known != c.CoveredWeight.Known {
		a.Errorf("%s: the children sum to %+v, the unit has %+v", path, sum, c.analystUnit)
	}
	if c.Covered > c.CoveredPossible || c.Covered+c.Unmet != c.Households {
		a.Errorf("%s: %+v does not add up", path, c.analystUnit)
	}
}

type analystSites struct {
	Seq                     int64
	Objective, Bound, Gap   int64
	CoveredBefore           int64 `json:"covered_before"`
	Curve                   []int64
	Proved, Capped, Stopped bool
	Places                  int
	Sites                   []struct {
		Location [2]float64
		Gain     int64
	}
	Banners []struct{ Gain int64 }
}

// site asks where to place stations and waits for the answer.
func (a *analyst) site(body string) (answer analystSites, raw []byte) {
	a.Helper()
	var job struct{ ID string }
	at := a.must(http.StatusAccepted, http.MethodPost, "/api/siting", body, &job).Get("Location")
	raw = a.result(at)
	if err := json.Unmarshal(raw, &answer); err != nil {
		a.Fatal(err)
	}
	return answer, raw
}

// result waits for that of a job.
func (a *analyst) result(job string) []byte {
	a.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		status, _, content := a.ask(http.MethodGet, job, "")
		if status != http.StatusOK || bytes.Contains(content, []byte(`"state":"failed"`)) {
			a.Fatalf("%s: status %d: %s", job, status, content)
		}
		if bytes.Contains(content, []byte(`"state":"done"`)) {
			_, _, result := a.ask(http.MethodGet, job+"/result", "")
			return result
		}
		if time.Since(begun) > patience {
			a.Fatalf("%s does not end: %s", job, content)
		}
	}
}

// TestAnAnalystsDay walks from figures over a what-if and places for stations to tables and explanations, on a
// part of the demo city in a real database.
func TestAnAnalystsDay(t *testing.T) {
	a := newAnalyst(t)
	before := a.figures()
	a.weeks()
	gap := a.gaps()
	at := a.scenario()
	sited := a.accept(at, before)
	a.tables()
	a.explanations(gap)
	a.badQuestions(at)
	a.unknownHours()
	a.nobodyThere()
	a.moved(at, sited)
}

// figures asks for figures in every way, and gives the plain ones.
func (a *analyst) figures() (plain analystFigures) {
	for _, query := range []string{"", "?radius_m=500&services=water,charging&rule=all", "?mode=walk&minutes=10&at=2026-02-17T12:30:00%2B08:00", "?mode=ebike&profile=lunch",
		"?profile=night&week=2026-02-16&services=heating", "?temperature_c=-25&mode=walk&service=rest", "?quarter=0", "?radius_m=10000&rule=one_stop&services=water,rest", "?unit=150702",
		"?include=access,served&households_a_seat=40"} {
		var answer analystFigures
		a.get("/api/coverage"+query, &answer)
		a.checkSums(query, answer)
		if query == "" {
			plain = answer
		}
		if wants := strings.Contains(query, "served"); wants != (answer.Served != nil) || wants && answer.Served.ServedMillionths == 0 {
			a.Errorf("%s: served is %+v", query, answer.Served)
		}
	}
	if plain.Covered == 0 || plain.Unmet == 0 || plain.Stations == 0 {
		a.Fatalf("the plain figures are %+v", plain)
	}
	var ranking struct{ Units []struct{ analystUnit } }
	a.get("/api/coverage/ranking?level=community&within=150702", &ranking)
	for i := 1; i < len(ranking.Units); i++ {
		if ranking.Units[i-1].Unmet < ranking.Units[i].Unmet {
			a.Errorf("rank %d has %d unmet, the next %d", i, ranking.Units[i-1].Unmet, ranking.Units[i].Unmet)
		}
	}
	var cells struct{ Cells [][]any }
	a.get("/api/coverage/cells?bbox=115.5,47,126.1,53.4&resolution=8", &cells)
	households, covered := 0.0, 0.0
	for _, cell := range cells.Cells {
		households += cell[1].(float64)
		covered += cell[2].(float64)
	}
	if int64(households) != plain.Households || int64(covered) != plain.Covered {
		a.Errorf("cells sum to %g and %g, the city has %+v", households, covered, plain.analystUnit)
	}
	return plain
}

func (a *analyst) weeks() {
	var hours struct {
		Households int64
		Services   []struct {
			Service         *string
			Covered         []float64
			CoveredPossible []float64 `json:"covered_possible"`
		}
	}
	a.get("/api/coverage/hours?services=water,charging&rule=all", &hours)
	if len(hours.Services) != 3 || *hours.Services[0].Service != "water" || hours.Services[2].Service != nil {
		a.Fatalf("services %+v", hours.Services)
	}
	for hour := range 168 {
		all := hours.Services[2]
		if all.Covered[hour] > all.CoveredPossible[hour] || all.Covered[hour] > hours.Services[0].Covered[hour] || all.CoveredPossible[hour] > float64(hours.Households) {
			a.Errorf("hour %d: %g, %g of %d", hour, all.Covered[hour], all.CoveredPossible[hour], hours.Households)
		}
	}
}

// gaps gives the id of the largest.
func (a *analyst) gaps() string {
	var list struct {
		Total int
		Gaps  []struct {
			ID         string
			Households int64
		}
	}
	a.get("/api/gaps?limit=10", &list)
	if list.Total == 0 || len(list.Gaps) == 0 {
		a.Fatalf("there are no gaps: %+v", list)
	}
	var features struct {
		Features []struct {
			ID       string
			Geometry struct{ Type string }
		}
	}
	a.get("/api/gaps?limit=10&format=geojson", &features)
	if len(features.Features) != len(list.Gaps) || features.Features[0].ID != list.Gaps[0].ID || features.Features[0].Geometry.Type != "MultiPolygon" {
		a.Errorf("as GeoJSON %+v", features)
	}
	var one struct {
		ID         string
		Properties struct{ Households int64 }
	}
	a.get("/api/gaps/"+list.Gaps[0].ID, &one)
	if one.ID != list.Gaps[0].ID || one.Properties.Households != list.Gaps[0].Households {
		a.Errorf("one gap is %+v, in the list %+v", one, list.Gaps[0])
	}
	return one.ID
}

// aStation is one that a scenario may edit.
func (a *analyst) aStation() *yizhan.Station {
	city, err := a.store.Snapshot(a.Context())
	if err != nil {
		a.Fatal(err)
	}
	for _, station := range yizhan.Sorted(city.Stations) {
		if station.Status == yizhan.StationActive {
			return station
		}
	}
	a.Fatal("there is no station")
	return nil
}

// scenario saves a what-if that closes a station, and gives its address.
func (a *analyst) scenario() string {
	station := a.aStation()
	var kept struct{ ID string }
	at := a.must(http.StatusCreated, http.MethodPost, "/api/scenarios", fmt.Sprintf(
		`{"name":"关一站","edits":[{"kind":"close_station","station":%q},{"kind":"scale_demand","unit":"150702","per_mille":1100}]}`, station.Code), &kept).Get("Location")
	var diff struct {
		Unit struct{ Before, After analystUnit }
		Gaps []struct{ Kind string }
	}
	a.get(at+"/difference", &diff)
	if diff.Unit.After.Households <= diff.Unit.Before.Households || diff.Unit.After.Stations != diff.Unit.Before.Stations-1 {
		a.Errorf("the difference is %+v", diff.Unit)
	}
	var under analystFigures
	a.get("/api/coverage?scenario="+kept.ID, &under)
	a.checkSums("under a scenario", under)
	if under.Covered != diff.Unit.After.Covered {
		a.Errorf("under the scenario %d are covered, by the difference %d", under.Covered, diff.Unit.After.Covered)
	}
	var compared struct {
		Pictures []struct{ Seq int64 }
		Units    []struct{ Figures []analystUnit }
	}
	a.get("/api/scenarios/compare?ids=city,"+kept.ID, &compared)
	if len(compared.Pictures) != 2 || compared.Units[0].Figures[1].Covered != under.Covered {
		a.Errorf("compared: %+v", compared)
	}
	return at
}

// accept places stations, puts them into the scenario, and holds what that covers against what was promised.
func (a *analyst) accept(at string, before analystFigures) analystSites {
	body := `{"p":3,"services":["water"]}`
	var plain analystFigures
	a.get("/api/coverage?service=water", &plain)
	answer, raw := a.site(body)
	if _, again := a.site(body); !bytes.Equal(raw, again) {
		a.Error("the same question of siting gives other bytes")
	}
	if len(answer.Sites) != 3 || answer.Objective <= 0 || answer.Bound < answer.Objective || answer.Gap != answer.Bound-answer.Objective ||
		len(answer.Curve) != 4 || answer.Curve[3] != answer.Objective || answer.CoveredBefore != plain.Covered {
		a.Errorf("the answer is %s", raw)
	}
	gains := int64(0)
	for _, banner := range answer.Banners {
		gains += banner.Gain
	}
	if gains != answer.Objective {
		a.Errorf("banners gain %d of %d", gains, answer.Objective)
	}
	var edits []string
	for _, site := range answer.Sites {
		edits = append(edits, fmt.Sprintf(`{"kind":"add_station","location":[%v,%v],"services":["water"],"opening_hours":"24/7"}`, site.Location[0], site.Location[1]))
	}
	var kept struct{ ID string }
	a.must(http.StatusOK, http.MethodPut, at, `{"name":"加三站","edits":[`+strings.Join(edits, ",")+`]}`, &kept, "If-Match", `"1"`)
	var after analystFigures
	a.get("/api/coverage?service=water&scenario="+kept.ID, &after)
	if after.Covered != plain.Covered+answer.Objective {
		a.Errorf("%d were covered, siting promised %d more, and it is %d", plain.Covered, answer.Objective, after.Covered)
	}
	return answer
}

// tables are opened by another program.
func (a *analyst) tables() {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		a.Fatalf("GDAL is needed: %v", err)
	}
	for _, table := range []struct{ path, column string }{
		{"/api/coverage/ranking?level=township", "households"}, {"/api/coverage/cells?bbox=115.5,47,126.1,53.4&resolution=7", "covered_possible"}, {"/api/gaps?limit=5", "best_site_gain"},
	} {
		for _, format := range []string{"csv", "excel-csv", "xlsx", "parquet"} {
			status, header, content := a.ask(http.MethodGet, table.path+"&format="+format, "")
			_, _, again := a.ask(http.MethodGet, table.path+"&format="+format, "")
			disposition := header.Get("Content-Disposition")
			if status != http.StatusOK || !bytes.Equal(content, again) || !strings.HasPrefix(disposition, `attachment; filename="`) || !strings.Contains(disposition, "filename*=UTF-8''%") {
				a.Errorf("%s as %s: status %d, %s, the same twice: %t: %.300s", table.path, format, status, disposition, bytes.Equal(content, again), content)
				continue
			}
			switch format {
			case "csv", "xlsx":
				a.open(ogrinfo, format, table.column, content)
			case "parquet":
				if !bytes.HasPrefix(content, []byte("PAR1")) || !bytes.Contains(content, []byte("yizhan:about")) || !bytes.Contains(content, []byte("Natural Earth")) {
					a.Errorf("%s: no GeoParquet that says what it rests on", table.path)
				}
			}
		}
	}
}

func (a *analyst) open(ogrinfo, extension, column string, content []byte) {
	path := filepath.Join(a.TempDir(), "table."+extension)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		a.Fatal(err)
	}
	out, err := exec.Command(ogrinfo, "-ro", "-al", path).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("Feature Count: ")) || bytes.Contains(out, []byte("Feature Count: 0")) {
		a.Errorf("GDAL on %s: %v\n%.500s", extension, err, out)
	}
	if extension == "csv" && !bytes.Contains(out, []byte(column)) {
		a.Errorf("GDAL finds no column %s\n%.500s", column, out)
	}
	if extension == "xlsx" && (!bytes.Contains(out, []byte("说明")) || !bytes.Contains(out, []byte("seq"))) {
		a.Errorf("the spreadsheet does not say what it rests on\n%.500s", out)
	}
}

func (a *analyst) explanations(gap string) {
	var explained struct {
		Formula []struct{ Name, Numbers string }
		Cell    *struct {
			Households int64
			Stations   struct{ Known int64 }
			InReach    []struct {
				DistanceM float64 `json:"distance_m"`
				Counts    string
			} `json:"in_reach"`
		}
		Unit *struct{ analystUnit }
	}
	a.get("/api/explain?cell="+gap, &explained)
	if explained.Cell == nil || explained.Cell.Stations.Known != 0 || explained.Cell.Households == 0 || len(explained.Formula) == 0 {
		a.Errorf("a gap is explained as %+v", explained)
	}
	station := a.aStation()
	explained.Cell = nil
	a.get(fmt.Sprintf("/api/explain?lng=%v&lat=%v", station.Location[0], station.Location[1]), &explained)
	if explained.Cell == nil || len(explained.Cell.InReach) == 0 || explained.Cell.InReach[0].DistanceM > 1000 || explained.Cell.InReach[0].Counts != "yes" {
		a.Errorf("a station's place is explained as %+v", explained.Cell)
	}
	explained.Unit = nil
	a.get("/api/explain?unit=150702&profile=dinner&service=water", &explained)
	if explained.Unit == nil || explained.Unit.Households == 0 {
		a.Errorf("a unit is explained as %+v", explained.Unit)
	}
}

// badQuestions get a defined answer or an error that names what is wrong.
func (a *analyst) badQuestions(scenario string) {
	for _, bad := range []struct {
		method, path, body string
		status             int
		has                string
	}{
		{"GET", "/api/coverage?radius_m=0", "", 400, "query.radius_m"},
		{"GET", "/api/coverage?radius_m=10000000", "", 400, "query.radius_m"},
		{"GET", "/api/coverage?radius_m=10000", "", 200, `"households"`},
		{"GET", "/api/coverage?unit=159999", "", 404, "not_found"},
		{"GET", "/api/coverage?scenario=aaaaaaaaaaaaaaaa", "", 404, "not_found"},
		{"GET", "/api/coverage/cells?bbox=0,0,1,1", "", 200, `"cells":[]`},
		{"GET", "/api/coverage/cells?bbox=119,49,120,50&resolution=11", "", 400, "query.resolution"},
		{"GET", "/api/explain?lng=0&lat=0", "", 200, `"households":0`},
		{"GET", "/api/explain?cell=8a1ec9b64a6ffff1", "", 400, "query.cell"},
		{"GET", "/api/gaps/8a1ec9b64a6ffff", "", 404, "not_found"},
		{"GET", scenario + "/difference?unit=159999", "", 404, "not_found"},
		{"POST", "/api/siting", `{"p":0}`, 400, "body.p"},
		{"POST", "/api/siting", `{}`, 400, "body.p"},
		{"POST", "/api/siting", `{"p":1,"radius_m":0}`, 400, "body.radius_m"},
		{"POST", "/api/siting", `{"p":1,"radius_m":10000000}`, 400, "body.radius_m"},
		{"POST", "/api/siting", `{"p":1,"unit":"159999"}`, 404, "not_found"},
		{"POST", "/api/siting", `{"p":1,"candidates":[{"location":[1,2]}]}`, 400, "body.candidates[0].location"},
		{"POST", "/api/siting", `{"p":1,"candidates":[]}`, 400, "body.candidates"},
		{"POST", "/api/siting", `{"model":"lscp","share":0}`, 400, "body.share"},
		{"POST", "/api/siting", `{"model":"lscp","share":0.5,"p":3}`, 400, "body.model"},
		{"POST", "/api/scenarios", `{"name":"x","edits":[{"kind":"close_station","station":"S-NONE"}]}`, 400, "body.edits[0].station"},
	} {
		status, _, content := a.ask(bad.method, bad.path, bad.body)
		if status != bad.status || !bytes.Contains(content, []byte(bad.has)) {
			a.Errorf("%s %s %s: status %d, want %d with %s: %.400s", bad.method, bad.path, bad.body, status, bad.status, bad.has, content)
		}
	}
	capped, raw := a.site(fmt.Sprintf(`{"p":5,"candidates":[{"location":[%v,%v],"name":"甲"}]}`, 119.7364, 49.2122))
	if !capped.Capped || capped.Places != 1 || len(capped.Sites) > 1 {
		a.Errorf("five stations for one place: %s", raw)
	}
	nothing, raw := a.site(`{"p":2,"excluded":{"units":["150700"]}}`)
	if len(nothing.Sites) != 0 || nothing.Objective != 0 || nothing.Gap < 0 {
		a.Errorf("no place is left: %s", raw)
	}
}

// unknownHours adds a station of which nobody knows when it is open to the best place of a gap: what it may
// cover is possible, and not known. One without services covers nobody who asks for one.
func (a *analyst) unknownHours() {
	var gaps struct {
		Gaps []struct {
			BestSite struct {
				Location   [2]float64
				Households int64
			} `json:"best_site"`
		}
	}
	a.get("/api/gaps?limit=1", &gaps)
	best := gaps.Gaps[0].BestSite
	var kept struct{ ID string }
	a.must(http.StatusCreated, http.MethodPost, "/api/scenarios", fmt.Sprintf(`{"name":"不知何时开","edits":[{"kind":"add_station","location":[%v,%v]}]}`, best.Location[0], best.Location[1]), &kept)
	for query, gain := range map[string][2]int64{"": {best.Households, best.Households}, "&quarter=40": {0, best.Households}, "&service=water": {0, 0}} {
		var before, after analystFigures
		a.get("/api/coverage?radius_m=1000"+query, &before)
		a.get("/api/coverage?radius_m=1000&scenario="+kept.ID+query, &after)
		if query == "&quarter=40" { // others may be closed then, and what is possible is at least what the gap gains
			gain[1] = max(gain[1], after.CoveredPossible-before.CoveredPossible)
		}
		if after.Covered-before.Covered != gain[0] || after.CoveredPossible-before.CoveredPossible != gain[1] {
			a.Errorf("%s: %d…%d were covered, and are %d…%d; %v more were promised", query, before.Covered, before.CoveredPossible, after.Covered, after.CoveredPossible, gain)
		}
	}
}

// nobodyThere asks a city without households.
func (a *analyst) nobodyThere() {
	var kept struct{ ID string }
	a.must(http.StatusCreated, http.MethodPost, "/api/scenarios", `{"name":"空城","edits":[{"kind":"scale_demand","unit":"150700","per_mille":0}]}`, &kept)
	var answer struct {
		Households int64
		Share      *float64
		Rate, Gini struct{ Known *float64 }
	}
	a.get("/api/coverage?include=access,served&profile=lunch&scenario="+kept.ID, &answer)
	if answer.Households != 0 || answer.Share != nil || answer.Rate.Known != nil {
		a.Errorf("a city without households has %+v", answer)
	}
	var gaps struct{ Total int }
	a.get("/api/gaps?scenario="+kept.ID, &gaps)
	found, raw := a.site(fmt.Sprintf(`{"p":3,"scenario":%q}`, kept.ID))
	if gaps.Total != 0 || len(found.Sites) != 0 || found.Objective != 0 || found.Bound != 0 {
		a.Errorf("a city without households has %d gaps, and %s", gaps.Total, raw)
	}
	a.site(fmt.Sprintf(`{"model":"lscp","share":1,"scenario":%q}`, kept.ID))
	for _, path := range []string{"/api/coverage/hours?scenario=", "/api/explain?scenario=", "/api/coverage/ranking?level=community&scenario=", "/api/coverage/cells?bbox=119,49,120,50&scenario=",
		"/api/scenarios/compare?ids=city,"} {
		a.get(path+kept.ID, nil)
	}
	a.get("/api/scenarios/"+kept.ID+"/difference", nil)
}

// moved changes the city: a scenario stays over the city that it was made for, until it is moved to the new one.
func (a *analyst) moved(at string, sited analystSites) {
	var id struct{ ID string }
	body := a.read(at, &id)
	old := a.get("/api/coverage?service=water&scenario="+id.ID, nil)
	station := *a.aStation()
	closed := a.must(http.StatusCreated, http.MethodPost, "/api/scenarios", fmt.Sprintf(`{"name":"关","edits":[{"kind":"close_station","station":%q}]}`, station.Code), nil).Get("Location")
	if _, err := a.store.Apply(a.Context(), yizhan.Changeset{Author: "test", Edits: []yizhan.Edit{{Op: yizhan.Delete, Ref: station.Ref(), BaseVersion: station.Version}}}); err != nil {
		a.Fatal(err)
	}
	var now analystFigures
	for begun := time.Now(); now.Seq <= sited.Seq; time.Sleep(20 * time.Millisecond) {
		_, _, content := a.ask(http.MethodGet, "/api/coverage?service=water", "")
		if err := json.Unmarshal(content, &now); err != nil || time.Since(begun) > patience {
			a.Fatalf("the coverage stays at %d: %v", now.Seq, err)
		}
	}
	if same := a.get("/api/coverage?service=water&scenario="+id.ID, nil); !bytes.Equal(old, same) {
		a.Errorf("a scenario over an old city has changed with the city:\n%.300s\n%.300s", old, same)
	}
	status, _, content := a.ask(http.MethodPost, closed+"/rebase", "", "If-Match", `"1"`)
	if status != http.StatusConflict || !bytes.Contains(content, []byte("edits[0].station")) {
		a.Errorf("closing a station that is gone: status %d: %s", status, content)
	}
	a.get(closed+"/difference", nil) // still answers, over the city that had the station
	a.must(http.StatusOK, http.MethodPost, at+"/rebase", "", nil, "If-Match", `"2"`)
	var moved analystFigures
	a.get("/api/coverage?service=water&scenario="+id.ID, &moved)
	if moved.Seq != now.Seq {
		a.Errorf("moved to %d, the city is at %d; it was %s", moved.Seq, now.Seq, body)
	}
	a.must(http.StatusNoContent, http.MethodDelete, at, "", nil, "If-Match", `"3"`)
	if status, _, _ := a.ask(http.MethodGet, at, ""); status != http.StatusNotFound {
		a.Errorf("deleted, and there: %d", status)
	}
}

// read asks once for what is not as of a seq.
func (a *analyst) read(path string, into any) []byte {
	_, _, content := a.ask(http.MethodGet, path, "")
	if err := json.Unmarshal(content, into); err != nil {
		a.Fatal(err)
	}
	return content
}
