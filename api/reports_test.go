package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

const hereStation = "150702-0001"

func reportKey(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }

// newReportDoors has a station here.
func newReportDoors(t *testing.T, bend ...func(*stage)) *doors {
	t.Helper()
	d := newDoors(t, bend...)
	d.addStation(t)
	return d
}

func (d *doors) addStation(t *testing.T) {
	t.Helper()
	station := &yizhan.Station{Code: hereStation, Name: "驿站", Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion, Location: orb.Point{119.72, 49.25},
		Status: yizhan.StationActive, Community: herePlace, Services: []yizhan.StationService{{Service: yizhan.Heating, Condition: yizhan.Working}}}
	if _, err := d.kept.Apply(t.Context(), yizhan.Changeset{Author: "test", Edits: []yizhan.Edit{yizhan.CreateOf(station)}}); err != nil {
		t.Fatal(err)
	}
}

func readAnswer[T any](t *testing.T, a answer, status int) (value T) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %.300s", a.status, status, a.body)
	}
	if err := json.Unmarshal(a.body, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// photoWithGPS is a JPEG that tells where it was taken.
func photoWithGPS(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	segment := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00GPSLatitude 49.2122 " + planted.Phone)
	file := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(segment) + 2)}, segment...)
	return append(file, out.Bytes()[2:]...)
}

func TestReportFromARiderToAnAnswer(t *testing.T) {
	d := newReportDoors(t)
	body := `{"key":"` + reportKey(1) + `","kind":"problem","topic":"no_heat","station":"` + hereStation + `","text":"暖气片是凉的",
		"contact":"` + planted.Phone + `","photo":"` + base64.StdEncoding.EncodeToString(photoWithGPS(t)) + `"}`
	sent := readAnswer[RiderReportReport](t, d.send(t, "POST", "/api/reports", body), http.StatusCreated)
	again := readAnswer[RiderReportReport](t, d.send(t, "POST", "/api/reports", body), http.StatusOK)
	if sent.Code != again.Code || sent.Stage != "called" || sent.DueAt == nil || sent.DueAt.Sub(sent.CreatedAt).Round(time.Hour) != 12*time.Hour {
		t.Errorf("%+v, then %+v", sent, again)
	}
	expect(t, d.send(t, "POST", "/api/reports", strings.Replace(body, "no_heat", "closed", 1)), http.StatusConflict, "conflict")
	expect(t, d.send(t, "GET", "/api/reports", ""), http.StatusUnauthorized, "unauthenticated")

	d.be(t, d.user(t, "keeper", yizhan.Grant{Role: yizhan.RoleStationKeeper, Unit: herePlace}))
	queue := readAnswer[ReportPageReport](t, d.send(t, "GET", "/api/reports?kind=problem&stage=called,collected", ""), http.StatusOK)
	if len(queue.Reports) != 1 || queue.Total != 1 || queue.Reports[0].Photo == nil || !queue.Reports[0].HasContact || queue.Reports[0].Overdue {
		t.Fatalf("%+v", queue)
	}
	address := fmt.Sprintf("/api/reports/%d", queue.Reports[0].ID)
	photo := d.send(t, "GET", *queue.Reports[0].Photo, "")
	if photo.status != 200 || photo.header.Get("Content-Type") != "image/jpeg" || photo.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", photo.status, photo.header)
	}
	expectNothingPlanted(t, "the photo", photo.body)
	if _, err := jpeg.Decode(bytes.NewReader(photo.body)); err != nil || bytes.Contains(photo.body, []byte("GPS")) || bytes.Contains(photo.body, []byte("Exif")) {
		t.Errorf("the photo is not plain: %v", err)
	}
	expect(t, d.send(t, "POST", address+"/move", `{"version":1,"to":"converted","answer":"好"}`), http.StatusConflict, "conflict")
	expect(t, d.send(t, "POST", address+"/move", `{"version":1,"to":"declined"}`), http.StatusBadRequest, "invalid_parameter")
	taken := readAnswer[ReportDetailReport](t, d.send(t, "POST", address+"/move", `{"version":1,"to":"collected","note":"属实"}`), http.StatusOK)
	handlers := readAnswer[HandlerListReport](t, d.send(t, "GET", address+"/handlers", ""), http.StatusOK)
	if len(handlers.Handlers) != 1 || handlers.Handlers[0].Name != "keeper" {
		t.Errorf("%+v", handlers)
	}
	given := readAnswer[ReportDetailReport](t, d.send(t, "POST", address+"/assign", fmt.Sprintf(`{"version":%d,"assignee":"keeper","due_at":"%s"}`, taken.Version,
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339))), http.StatusOK)
	expect(t, d.send(t, "POST", address+"/assign", fmt.Sprintf(`{"version":%d,"assignee":"nobody","due_at":null}`, given.Version)), http.StatusBadRequest, "invalid_parameter")
	worked := readAnswer[ReportDetailReport](t, d.send(t, "POST", address+"/move", fmt.Sprintf(`{"version":%d,"to":"handled"}`, given.Version)), http.StatusOK)
	contact := d.send(t, "POST", address+"/reveal", `{"reason":"问是哪一间"}`)
	if readAnswer[RiderContactReport](t, contact, 200).Contact != planted.Phone || contact.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s", contact.body)
	}
	done := readAnswer[ReportDetailReport](t, d.send(t, "POST", address+"/move", fmt.Sprintf(`{"version":%d,"to":"converted","answer":"已修好"}`, worked.Version)), http.StatusOK)
	if len(done.Steps) != 5 || done.Steps[0].Actor != "rider" || done.HasContact {
		t.Errorf("%+v", done)
	}
	statistics := readAnswer[ReportStatisticsReport](t, d.send(t, "GET", "/api/reports/statistics?unit=150702001", ""), http.StatusOK)
	if statistics.Whole.Total != 1 || statistics.Whole.Converted != 1 || len(statistics.Children) != 1 || statistics.Children[0].Converted != 1 || statistics.Kinds[0].Total != 1 {
		t.Errorf("%+v", statistics)
	}

	// The rider asks on a phone that never signed in, and types the code as people do.
	d.cookie = ""
	asked := readAnswer[struct{ Reports []*RiderReportReport }](t, d.send(t, "POST", "/api/reports/status", `{"codes":["`+strings.ToLower(strings.ReplaceAll(sent.Code, "-", ""))+`","AAAAA-AAAAA-AAAAA","?"]}`), http.StatusOK)
	if asked.Reports[0] == nil || asked.Reports[0].Answer != "已修好" || asked.Reports[1] != nil || asked.Reports[2] != nil {
		t.Errorf("%+v", asked)
	}
	told, err := json.Marshal(asked)
	if err != nil || bytes.Contains(told, []byte("keeper")) || bytes.Contains(told, []byte("暖气片")) {
		t.Errorf("the rider is told %s, %v", told, err)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	d := newReportDoors(t)
	good := `"key":"` + reportKey(1) + `","kind":"problem","topic":"closed","station":"` + hereStation + `"`
	for body, where := range map[string]string{
		`{}`: "key to be present",
		`{"key":"` + strings.Repeat("x", 36) + `","kind":"confirmation","station":"` + hereStation + `"}`: "body.key",
		`{` + good + `,"location":[119.72,49.25]}`:                                                        "body.location",
		`{` + good + `,"photo":"%%%"}`:                                                                    "body.photo",
		`{` + good + `,"photo":"` + base64.StdEncoding.EncodeToString([]byte("GIF89a")) + `"}`:            "body.photo",
		`{` + good + `,"seen_at":"yesterday"}`:                                                            "body.seen_at",
		`{` + good + `,"text":"` + strings.Repeat("很", 1001) + `"}`:                                       "body.text",
		`{` + good + `,"author":"me"}`:                                                                    "body.author",
		`{"key":"` + reportKey(2) + `","kind":"confirmation","station":"NOWHERE"}`:                        "body.station",
		`{"key":"` + reportKey(2) + `","kind":"suggestion","location":[49.25,119.72]}`:                    "body.location",
		`{"key":"` + reportKey(2) + `","kind":"suggestion","location":[1,2]}`:                             "body.location",
		`{"key":"` + reportKey(2) + `","kind":"suggestion","location":[119.72,49.25],"services":["x"]}`:   "body.services",
	} {
		a := d.send(t, "POST", "/api/reports", body)
		if a.status != http.StatusBadRequest || !bytes.Contains(a.body, []byte(where)) {
			t.Errorf("%.200s: %d %s, want %s", body, a.status, a.body, where)
		}
	}
	expect(t, d.send(t, "POST", "/api/reports", `{`+good+`}`, "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"), http.StatusForbidden, "cross_site")
	expect(t, d.send(t, "POST", "/api/reports", `{`+good+`,"photo":"`+strings.Repeat("A", 1_000_000)+`"}`), http.StatusBadRequest, "invalid_parameter")
	expect(t, d.send(t, "POST", "/api/reports/status", `{"codes":[]}`), http.StatusBadRequest, "invalid_parameter")
}

func TestAnAddressReportsSoMuchOnly(t *testing.T) {
	d := newReportDoors(t, func(w *stage) { w.options.RateLimit = 10_000 })
	var last answer
	for n := range reportsAtOnce + 1 {
		last = d.send(t, "POST", "/api/reports", `{"key":"`+reportKey(n)+`","kind":"confirmation","station":"`+hereStation+`"}`)
	}
	expect(t, last, http.StatusTooManyRequests, "too_many_requests")
	if last.header.Get("Retry-After") == "" {
		t.Errorf("%v", last.header)
	}
	// Sixty taps were one renewal.
	entries, err := d.kept.History(t.Context(), yizhan.Ref{Collection: yizhan.Stations, Code: hereStation}, 0, 100)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d entries in the history, %v", len(entries), err)
	}
}

// TestWhatRidersWriteIsNowherePublic: not before staff have looked at it, and not after.
func TestWhatRidersWriteIsNowherePublic(t *testing.T) {
	d := newPlanted(t)
	d.addStation(t)
	for n, body := range []string{
		`"kind":"problem","topic":"other","station":"` + hereStation + `","text":"找` + planted.Name + `","contact":"` + planted.Phone + `"`,
		`"kind":"suggestion","location":[119.72,49.26],"text":"` + planted.Name + `家门口"`,
	} {
		a := d.send(t, "POST", "/api/reports", `{"key":"`+reportKey(n)+`",`+body+`}`)
		expect(t, a, http.StatusCreated, "")
		expectNothingPlanted(t, "the answer", a.body)
	}
	d.send(t, "POST", "/api/reports", `{"key":"`+reportKey(9)+`","kind":"confirmation","station":"`+hereStation+`"}`)
	d.searchOperations(t, "a guest")
	changes, err := d.kept.Changes(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	last := changes[len(changes)-1]
	if last.Author != "rider" || last.Ref.Code != hereStation {
		t.Errorf("the last change is %+v", last)
	}
	for _, c := range changes {
		expectNothingPlanted(t, "the change log", fmt.Append(nil, c, c.After, c.Before))
	}
	expectNothingPlanted(t, "the log", []byte(d.logs.String()))
}

// TestSuggestionsAreCandidates: what riders wished for and staff took up weighs as many riders as it stands for.
func TestSuggestionsAreCandidates(t *testing.T) {
	heard := make(chan views.SitingQuestion, 1)
	d := newReportDoors(t, func(w *stage) {
		site := w.coverage.now.site
		w.coverage.now.site = func(ctx context.Context, q views.SitingQuestion, progress func(views.SitingProgress)) (views.SitingAnswer, error) {
			heard <- q
			return site(ctx, q, progress)
		}
	})
	const question = `{"p":1,"candidates":"suggestions","wish":20}`
	expect(t, d.send(t, "POST", "/api/siting", question), http.StatusUnauthorized, "unauthenticated")
	expect(t, d.send(t, "POST", "/api/siting", `{"p":1,"wish":20}`), http.StatusBadRequest, "invalid_parameter")
	for n := range 2 {
		expect(t, d.send(t, "POST", "/api/reports", fmt.Sprintf(`{"key":"%s","kind":"suggestion","location":[119.7201,49.260%d]}`, reportKey(n), n)), http.StatusCreated, "")
	}
	d.be(t, d.user(t, "keeper", yizhan.Grant{Role: yizhan.RoleStationKeeper, Unit: herePlace}))
	expect(t, d.send(t, "POST", "/api/siting", question), http.StatusBadRequest, "invalid_parameter") // nobody took them up yet
	queue := readAnswer[ReportPageReport](t, d.send(t, "GET", "/api/reports", ""), http.StatusOK)
	first, second := queue.Reports[0], queue.Reports[1]
	merged := readAnswer[ReportDetailReport](t, d.send(t, "POST", fmt.Sprintf("/api/reports/%d/merge", second.ID), fmt.Sprintf(`{"version":1,"into":%d}`, first.ID)), http.StatusOK)
	readAnswer[ReportDetailReport](t, d.send(t, "POST", fmt.Sprintf("/api/reports/%d/move", first.ID), fmt.Sprintf(`{"version":%d,"to":"collected"}`, merged.Version)), http.StatusOK)
	expect(t, d.send(t, "POST", "/api/siting", question), http.StatusAccepted, "")
	asked := <-heard
	if len(asked.Points) != 1 || asked.Points[0].Weight != 40 || asked.Points[0].Name != fmt.Sprintf("reports/%d", first.ID) || asked.Points[0].At != (orb.Point{119.7201, 49.26}) {
		t.Errorf("%+v", asked.Points)
	}
}
