package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/importers/figures"
	"github.com/yizhan/yizhan/store"
)

const (
	analystToken = auth.TokenPrefix + "analyst"
	viewerToken  = auth.TokenPrefix + "viewer"
)

// newLayerStage is the editing stage with an analyst of a banner and a viewer of another place.
func newLayerStage(t *testing.T) *stage {
	t.Helper()
	w := newEditingStage(t)
	accounts := w.options.Accounts.(tokenAccounts)
	for token, grant := range map[string]yizhan.Grant{analystToken: {Role: yizhan.RoleAnalyst, Unit: "150702"}, viewerToken: {Role: yizhan.RoleViewer, Unit: "150703"}} {
		accounts.people[token] = &yizhan.Principal{User: yizhan.User{ID: int64(len(token)), Name: strings.TrimPrefix(token, auth.TokenPrefix)}, Grants: []yizhan.Grant{grant}}
	}
	return newStage(t, func(n *stage) {
		n.options.Store, n.options.Accounts = w.options.Store, accounts
		n.options.Layers, n.options.Tables = w.options.Store.(*store.Store), figures.Reader{}
		city, err := w.options.Store.(*store.Store).CityAt(t.Context(), mustSeq(t, w.options.Store.(*store.Store)))
		if err != nil {
			t.Fatal(err)
		}
		n.city = city
	})
}

func mustSeq(t *testing.T, s *store.Store) int64 {
	t.Helper()
	seq, err := s.LastSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func (w *stage) json(t *testing.T, token, method, target, body string, headers ...string) answer {
	t.Helper()
	if token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	return w.send(t, method, target, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func decode[T any](t *testing.T, a answer) (value T) {
	t.Helper()
	if err := json.Unmarshal(a.body, &value); err != nil {
		t.Fatalf("%v: %.300s", err, a.body)
	}
	return value
}

const anIndicator = `{"name":"党组织覆盖率","note":"n","unit":"150702","kind":"share","level":"community","date":"2025-12-31","source":"组织部","values":[{"unit":"150702001001","value":0.853}]}`

// TestIndicatorFromAFileToItsSeries goes the way of an analyst: read a file, send its values, add another date.
func TestIndicatorFromAFileToItsSeries(t *testing.T) {
	w := newLayerStage(t)
	file, err := simplifiedchinese.GB18030.NewEncoder().String("党组织覆盖率,\n街道,社区,覆盖率\n正阳,天润,85.3%\n,合计,—\n")
	if err != nil {
		t.Fatal(err)
	}
	read := decode[struct {
		Encoding string
		Percent  bool
		Rows     []struct {
			Unit  *TableUnitReport
			Match yizhan.RowMatch
			Value *float64
		}
	}](t, w.send(t, http.MethodPost, "/api/indicators/read", file, "Authorization", "Bearer "+analystToken, "Content-Type", "text/csv").want(t, 200))
	if len(read.Rows) != 2 || read.Rows[0].Unit == nil || read.Rows[0].Unit.Name != "海拉尔区 正阳街道 天润社区" || read.Rows[0].Match != yizhan.MatchSimilar ||
		*read.Rows[0].Value != 0.853 || !read.Percent || read.Encoding != "GB18030" || read.Rows[1].Match != yizhan.MatchTotal {
		t.Fatalf("read %+v", read)
	}

	a := w.json(t, analystToken, http.MethodPost, indicatorsPath, anIndicator).want(t, 201, `"may_edit":true`, `"author":"analyst"`)
	made := decode[IndicatorReport](t, a)
	one := indicatorsPath + "/" + made.ID
	if a.header.Get("ETag") != `"1"` || a.header.Get("Location") != one || made.Dates[0].Sum != nil {
		t.Errorf("%v %+v", a.header, made)
	}
	w.json(t, analystToken, http.MethodPut, one+"/dates/2026-06-30", `{"source":"组织部","values":[{"unit":"150702001001","value":0.9}]}`).want(t, 428)
	w.json(t, analystToken, http.MethodPut, one+"/dates/2026-06-30", `{"source":"组织部","values":[{"unit":"150702001001","value":0.9}]}`, "If-Match", `"9"`).want(t, 412)
	w.json(t, analystToken, http.MethodPut, one+"/dates/2026-06-30", `{"source":"组织部","values":[{"unit":"150702001001","value":0.9}]}`, "If-Match", `"1"`).want(t, 200, `"version":2`)
	for target, value := range map[string]float64{one + "/values": 0.9, one + "/values?date=2025-12-31": 0.853} {
		values := decode[ValuesReport](t, w.json(t, viewerToken, http.MethodGet, target, "").want(t, 200))
		if len(values.Values) != 1 || *values.Values[0].Value != value || values.Values[0].Name != "天润社区" || values.Author != "analyst" {
			t.Errorf("%s: %+v", target, values)
		}
	}
	w.json(t, viewerToken, http.MethodGet, one+"/values?format=geojson&tolerance_m=100", "").want(t, 200, `"FeatureCollection"`, `"MultiPolygon"`, `"value":0.9`)
	if a := w.json(t, analystToken, http.MethodGet, one+"/values?format=csv", "").want(t, 200, "150702001001,天润社区,0.9"); !strings.Contains(a.header.Get("Content-Disposition"), "2026-06-30.csv") {
		t.Errorf("%v", a.header)
	}
	book, err := excelize.OpenReader(strings.NewReader(string(w.json(t, analystToken, http.MethodGet, one+"/values?format=xlsx", "").want(t, 200).body)))
	if err != nil {
		t.Fatal(err)
	}
	if cell, err := book.GetCellValue("党组织覆盖率", "A2"); err != nil || cell != "150702001001" {
		t.Errorf("%q %v", cell, err)
	}
	w.json(t, analystToken, http.MethodGet, one+"/values?format=parquet", "").want(t, 200)
	w.json(t, viewerToken, http.MethodGet, one+"/values?date=2024-01-01", "").want(t, 404)
	w.json(t, viewerToken, http.MethodGet, one+"/values?date=yesterday", "").want(t, 400, "query.date")
	w.json(t, analystToken, http.MethodDelete, one+"/dates/2025-12-31", "", "If-Match", "*").want(t, 200)
	w.json(t, analystToken, http.MethodDelete, one+"/dates/2026-06-30", "", "If-Match", "*").want(t, 409)
	w.json(t, analystToken, http.MethodDelete, one, "", "If-Match", `"3"`).want(t, 204)
	w.json(t, analystToken, http.MethodGet, one, "").want(t, 404)
}

// TestWhoMaySeeAndAddLayers asks as guest, viewer, analyst and administrator.
func TestWhoMaySeeAndAddLayers(t *testing.T) {
	w := newLayerStage(t)
	w.json(t, "", http.MethodPost, indicatorsPath, anIndicator).want(t, 401)
	w.json(t, viewerToken, http.MethodPost, indicatorsPath, anIndicator).want(t, 403)
	w.json(t, analystToken, http.MethodPost, indicatorsPath, strings.Replace(anIndicator, `"unit":"150702","kind"`, `"unit":"150700","kind"`, 1)).want(t, 403)
	made := decode[IndicatorReport](t, w.json(t, adminToken, http.MethodPost, indicatorsPath, strings.Replace(anIndicator, `"unit":"150702","kind"`, `"unit":"150700","kind"`, 1)).want(t, 201))
	one := indicatorsPath + "/" + made.ID
	w.json(t, "", http.MethodGet, one, "").want(t, 404)
	w.json(t, "", http.MethodGet, one+"/values", "").want(t, 404)
	w.json(t, "", http.MethodGet, indicatorsPath, "").want(t, 200, `"indicators":[]`, `"may_add":[]`)
	w.json(t, viewerToken, http.MethodGet, indicatorsPath, "").want(t, 200, made.ID, `"may_edit":false`)
	w.json(t, analystToken, http.MethodDelete, one, "", "If-Match", "*").want(t, 403)
	w.json(t, analystToken, http.MethodPut, one, `{"name":"x"}`, "If-Match", "*").want(t, 403)
	w.json(t, adminToken, http.MethodPut, one, `{"name":"公开的","public":true}`, "If-Match", `"1"`).want(t, 200, `"public":true`)
	if a := w.json(t, "", http.MethodGet, one, "").want(t, 200, "公开的"); strings.Contains(string(a.body), "author") || a.header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("a guest is told %s, %v", a.body, a.header)
	}
	w.send(t, http.MethodPost, "/api/indicators/read", "a,b\n1,2\n").want(t, 401)
	w.send(t, http.MethodPost, "/api/places/read?datum=wgs84", "a,b\n1,2\n", "Authorization", "Bearer "+viewerToken).want(t, 403)
}

func TestBadLayersAreNamed(t *testing.T) {
	w := newLayerStage(t)
	for name, c := range map[string]struct{ from, to, location string }{
		"a share above 1":   {"0.853", "85.3", "body.values[0].value"},
		"an unknown unit":   {"150702001001\",", "150702001009\",", "body.values[0].unit"},
		"no such kind":      {"share", "sum", "body.kind"},
		"no date":           {"2025-12-31", "2025-13-31", "body.date"},
		"an unknown member": {`"note"`, `"notes"`, "body.notes"},
	} {
		t.Run(name, func(t *testing.T) {
			w.json(t, analystToken, http.MethodPost, indicatorsPath, strings.Replace(anIndicator, c.from, c.to, 1)).want(t, 400, c.location)
		})
	}
	read := func(query, file string, status int, says ...string) {
		t.Helper()
		w.send(t, http.MethodPost, query, file, "Authorization", "Bearer "+analystToken, "Content-Type", "application/octet-stream").want(t, status, says...)
	}
	read("/api/indicators/read", "", 400, "is empty")
	read("/api/indicators/read", "\xd0\xcf\x11\xe0", 400, "old XLS")
	read("/api/indicators/read?value=Q", "a,b\n1,2\n", 400, "no column Q")
	read("/api/indicators/read?header=x", "a,b\n1,2\n", 400, "query.header")
	read("/api/places/read", "a,b\n1,2\n", 400, "query.datum")
}

func TestPlaceLayers(t *testing.T) {
	w := newLayerStage(t)
	file := "名称,类别,经度,纬度\n一号,观察点,119.705,49.205\n二号,观察点,49.205,119.705\n"
	read := decode[PlaceTableReport](t, w.send(t, http.MethodPost, "/api/places/read?datum=wgs84", file, "Authorization", "Bearer "+analystToken, "Content-Type", "text/csv").want(t, 200))
	if len(read.Rows) != 1 || len(read.Problems) != 1 || !strings.Contains(read.Problems[0].Why, "swapped") || read.Problems[0].Row != 3 {
		t.Fatalf("read %+v", read)
	}
	places, err := json.Marshal([]PlaceBody{read.Rows[0].PlaceBody})
	if err != nil {
		t.Fatal(err)
	}
	body := `{"name":"观察社区","unit":"150702","source":"民政局","date":"2026-01-01","public":true,"places":` + string(places) + `}`
	made := decode[PlaceLayerReport](t, w.json(t, analystToken, http.MethodPost, placesPath, body).want(t, 201))
	if len(made.Places) != 1 || made.Places[0].Community != "150702001001" || made.Count != 1 {
		t.Errorf("made %+v", made)
	}
	one := placesPath + "/" + made.ID
	w.json(t, "", http.MethodGet, one+"?format=geojson", "").want(t, 200, `"Point"`, `[119.705,49.205]`)
	w.json(t, "", http.MethodGet, one+"?format=csv", "").want(t, 401)
	w.json(t, analystToken, http.MethodGet, one+"?format=csv", "").want(t, 200, `一号,观察点,"",150702001001,119.705,49.205`)
	w.json(t, "", http.MethodGet, placesPath, "").want(t, 200, "观察社区")
	w.json(t, analystToken, http.MethodPut, one, strings.Replace(body, "观察社区", "观察点", 1), "If-Match", `"1"`).want(t, 200, "观察点", `"version":2`)
	w.json(t, analystToken, http.MethodPut, one, body, "If-Match", `"1"`).want(t, 412)
	w.json(t, analystToken, http.MethodDelete, one, "", "If-Match", `"2"`).want(t, 204)
	w.json(t, "", http.MethodGet, one, "").want(t, 404)
}
