package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/formats"
	"github.com/yizhan/yizhan/importers/intake"
	"github.com/yizhan/yizhan/store"
)

// newImportDesk takes imports of the city of a stage. What it commits goes to the store of the stage, if that is a real
// one.
func newImportDesk(t testing.TB, w *stage) *intake.Desk {
	t.Helper()
	desk, err := intake.NewDesk(intake.Options{Dir: filepath.Join(t.TempDir(), "imports"), Find: formats.Find,
		City: func() *yizhan.City { return w.options.Feed.City() }, Store: lateStore{w}})
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

// lateStore is the store that the stage has when it is asked.
type lateStore struct{ *stage }

func (l lateStore) kept() *store.Store { return l.options.Store.(*store.Store) }

func (l lateStore) ApplyStreamAs(ctx context.Context, by *yizhan.Principal, stream yizhan.Stream) (yizhan.Applied, error) {
	return l.kept().ApplyStreamAs(ctx, by, stream)
}

func (l lateStore) RevertAs(ctx context.Context, by *yizhan.Principal, changeset int64) (yizhan.Applied, error) {
	return l.kept().RevertAs(ctx, by, changeset)
}

func (l lateStore) AppliedWith(ctx context.Context, mark string, since time.Time) (int64, error) {
	return l.kept().AppliedWith(ctx, mark, since)
}

func (l lateStore) InvalidShapes(ctx context.Context, shapes []orb.MultiPolygon) ([]yizhan.ShapeFault, error) {
	return l.kept().InvalidShapes(ctx, shapes)
}

func (l lateStore) Misfits(ctx context.Context, whole orb.MultiPolygon, parts []orb.MultiPolygon) ([]yizhan.Misfit, error) {
	return l.kept().Misfits(ctx, whole, parts)
}

func (l lateStore) Refit(ctx context.Context, whole orb.MultiPolygon, parts []orb.MultiPolygon, toleranceM float64) ([]orb.MultiPolygon, error) {
	return l.kept().Refit(ctx, whole, parts, toleranceM)
}

// importStage is an editing stage whose feed follows its store.
func importStage(t *testing.T) *stage {
	t.Helper()
	w := newEditingStage(t)
	w.feed.city = func() *yizhan.City {
		city, err := lateStore{w}.kept().Snapshot(context.Background())
		if err != nil {
			t.Error(err)
		}
		return city
	}
	return w
}

// importAsk sends a request as somebody and reads the answer.
func (w *stage) importAsk(t *testing.T, token, method, path, contentType, body string, status int, into any) {
	t.Helper()
	request, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := w.server.Test(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text json.RawMessage
	if response.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(response.Body).Decode(&text); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	if response.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, path, response.StatusCode, status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

// settled waits until nothing is being done with an import.
func (w *stage) settled(t *testing.T, token, address string) ImportReport {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var report ImportReport
		w.importAsk(t, token, "GET", address, "", "", 200, &report)
		if !strings.HasSuffix(report.State, "ing") {
			return report
		}
		if time.Now().After(deadline) {
			t.Fatalf("still %s", report.State)
		}
	}
}

// upload sends a file in two parts and waits for the inspection.
func (w *stage) upload(t *testing.T, token, name, content string) (address string, report ImportReport) {
	t.Helper()
	w.importAsk(t, token, "POST", importsPath, "application/json", fmt.Sprintf(`{"name":%q,"bytes":%d}`, name, len(content)), 201, &report)
	address = importsPath + "/" + report.ID
	half := len(content) / 2
	w.importAsk(t, token, "PUT", address+"/file?offset=0", "application/octet-stream", content[:half], 200, &report)
	if report.Received != int64(half) || report.State != "uploading" || report.ReceivedSHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(content[:half]))) {
		t.Fatalf("%+v", report)
	}
	w.importAsk(t, token, "PUT", address+"/file?offset=0", "application/octet-stream", content[half:], 409, nil)
	w.importAsk(t, token, "PUT", fmt.Sprintf("%s/file?offset=%d", address, half), "application/octet-stream", content[half:], 200, nil)
	return address, w.settled(t, token, address)
}

const newStations = `{"type":"FeatureCollection","features":[
{"type":"Feature","geometry":{"type":"Point","coordinates":[119.7051234,49.2051234]},"properties":{"驿站名称":"新驿站","建设单位":"银行","营业时间":"8:30-18:00","服务项目":"饮水、充电","座位":"8"}},
{"type":"Feature","geometry":{"type":"Point","coordinates":[119.7151234,49.2051234]},"properties":{"驿站名称":"另一驿站","建设单位":"工会","营业时间":"24小时","服务项目":"饮水","座位":"12"}}
]}`

func TestImportOfStations(t *testing.T) {
	w := importStage(t)
	address, report := w.upload(t, adminToken, "新驿站.geojson", newStations)
	if report.State != "inspected" || report.File.Format != "geojson" || len(report.Preview) != 2 || report.Settings.Collection != "stations" || report.Error != nil {
		t.Fatalf("%+v %+v", report, report.Error)
	}
	fields := map[string]string{}
	for _, c := range report.File.Columns {
		fields[c.Name] = c.Field
	}
	if fields["驿站名称"] != "name" || fields["建设单位"] != "sponsor" || fields["营业时间"] != "opening_hours" || fields["服务项目"] != "services" || fields["座位"] != "capacity" {
		t.Errorf("%v", fields)
	}
	if len(report.Datums) == 0 || report.Datums[0].Datum != "wgs84" || report.Datums[0].Inside != 1 {
		t.Errorf("%+v", report.Datums)
	}
	w.importAsk(t, eastToken, "GET", address, "", "", 404, nil) // it is its owner's alone
	var sample ImportSample
	w.importAsk(t, adminToken, "GET", address+"/sample?datum=gcj02", "", "", 200, &sample)
	if len(sample.Features) != 2 {
		t.Errorf("%+v", sample)
	}
	w.importAsk(t, adminToken, "POST", address+"/commit", "application/json", `{}`, 409, nil)
	w.importAsk(t, adminToken, "POST", address+"/check", "", "", 202, nil)
	report = w.settled(t, adminToken, address)
	if s := report.Summary; s == nil || s.Created != 2 || s.Errors != 0 || !s.CanCommit {
		t.Fatalf("%+v %+v", report.Summary, report.Error)
	}
	var diff ImportDiff
	w.importAsk(t, adminToken, "GET", address+"/diff?op=create&limit=1", "", "", 200, &diff)
	if len(diff.Changes) != 1 || diff.Next == nil || diff.Changes[0].Row != 1 || !strings.Contains(string(diff.Changes[0].After), "新驿站") {
		t.Fatalf("%+v", diff)
	}
	w.importAsk(t, adminToken, "POST", address+"/commit", "application/json", `{"reason":"`+strings.Repeat("长", 501)+`"}`, 400, nil)
	w.importAsk(t, adminToken, "POST", address+"/commit", "application/json", `{"reason":"三月核实"}`, 202, nil)
	report = w.settled(t, adminToken, address)
	if report.State != "committed" || report.Changeset == nil {
		t.Fatalf("%+v %+v", report, report.Error)
	}
	info, _, err := lateStore{w}.kept().FindChangeset(t.Context(), *report.Changeset, 0, 1)
	if err != nil || !strings.HasPrefix(info.Reason, "三月核实 · import of 新驿站.geojson (SHA-256 ") {
		t.Errorf("%+v %v", info, err)
	}
	city := w.feed.City()
	made := city.Stations[diff.Changes[0].Code]
	if made == nil || made.Hours.String() != "Mo-Su 08:30-18:00" || len(made.Services) != 2 || made.Sponsor != yizhan.SponsorBank || made.MicroGrid != "150702001001001" || made.Capacity != 8 {
		t.Fatalf("%+v", made)
	}
	_, again := w.upload(t, adminToken, "again.geojson", newStations)
	w.importAsk(t, adminToken, "POST", importsPath+"/"+again.ID+"/check", "", "", 202, nil)
	if again = w.settled(t, adminToken, importsPath+"/"+again.ID); again.Summary.Unchanged != 2 || again.Summary.CanCommit || again.Summary.Why != "nothing" {
		t.Errorf("the same again: %+v", again.Summary)
	}
	w.importAsk(t, adminToken, "POST", address+"/revert", "", "", 202, nil)
	if report = w.settled(t, adminToken, address); report.State != "reverted" || report.Reverted == nil {
		t.Fatalf("%+v %+v", report, report.Error)
	}
	if len(w.feed.City().Stations) != len(city.Stations)-2 {
		t.Error("the stations are still there")
	}
	w.importAsk(t, adminToken, "DELETE", address, "", "", 204, nil)
	w.importAsk(t, adminToken, "GET", address, "", "", 404, nil)
}

// Every template is read again: its heading is known, and its example is right.
func TestImportTemplates(t *testing.T) {
	w := importStage(t)
	for _, c := range intake.Collections() {
		for _, lang := range []string{"zh", "en"} {
			request, err := http.NewRequest("GET", "http://localhost"+importsPath+"/templates/"+string(c)+"?format=xlsx&lang="+lang, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+adminToken)
			response, err := w.server.Test(request)
			if err != nil {
				t.Fatal(err)
			}
			file, err := io.ReadAll(response.Body)
			if err := errors.Join(err, response.Body.Close()); err != nil {
				t.Fatal(err)
			}
			if err != nil || response.StatusCode != 200 {
				t.Fatalf("%s: status %d, %v: %.200s", c, response.StatusCode, err, file)
			}
			address, report := w.upload(t, adminToken, "template.xlsx", string(file))
			if report.Error != nil {
				t.Fatalf("%s: %+v", c, report.Error)
			}
			for _, column := range report.File.Columns {
				if got := intake.Guess(c, []string{column.Name}); got[0] == "" {
					t.Errorf("%s: the heading %s is not known", c, column.Name)
				}
			}
			w.importAsk(t, adminToken, "DELETE", address, "", "", 204, nil)
		}
	}
}
