package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/takeaway"
)

// newExporter is a stage on which an analyst of the city asks.
func newExporter(t *testing.T, bend ...func(*stage)) *doors {
	t.Helper()
	files := t.TempDir()
	d := newDoors(t, append([]func(*stage){func(w *stage) { w.options.Files = files }}, bend...)...)
	d.be(t, d.user(t, "analyst", yizhan.Grant{Role: yizhan.RoleAnalyst, Unit: "150700"}))
	t.Cleanup(func() {
		if left, err := os.ReadDir(files); err != nil || len(left) > 0 {
			t.Errorf("files are left behind: %v, %v", left, err)
		}
	})
	return d
}

func TestExportsNeedTheRight(t *testing.T) {
	d := newExporter(t)
	analyst := d.cookie
	for _, c := range []struct {
		who    string
		role   yizhan.Role
		status int
	}{{"guest", "", 401}, {"viewer", yizhan.RoleViewer, 403}, {"keeper", yizhan.RoleStationKeeper, 403}, {"planner", yizhan.RolePlanner, 200}, {"reviewer", yizhan.RoleReviewer, 200}} {
		if d.cookie = ""; c.role != "" {
			d.be(t, d.user(t, c.who, yizhan.Grant{Role: c.role, Unit: "150702"}))
		}
		expect(t, d.send(t, "GET", "/api/exports/stations?format=csv", ""), c.status, "")
	}
	d.cookie = analyst
	a := d.send(t, "GET", "/api/exports/stations?format=geojson", "")
	var read struct{ Features []struct{ ID string } }
	if err := json.Unmarshal(a.body, &read); err != nil || len(read.Features) != len(d.city.Stations) {
		t.Errorf("%d stations, %v", len(read.Features), err)
	}
	for name, want := range map[string]string{"X-Yizhan-Rows": "3", "X-Yizhan-Seq": "42", "Content-Type": geoJSONType, "Cache-Control": "no-store",
		"Content-Disposition": `attachment; filename="stations-wgs84-seq42.geojson"; filename*=UTF-8''%E6%9C%8D%E5%8A%A1%E9%A9%BF%E7%AB%99-wgs84-seq42.geojson`} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}

func TestExportsInOtherDatums(t *testing.T) {
	d := newExporter(t)
	a := d.send(t, "GET", "/api/exports/stations?format=csv&datum=cgcs2000-4528&status=active&unit=150702", "")
	records, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || a.status != http.StatusOK || !strings.Contains(a.header.Get("Content-Disposition"), `"stations-150702-cgcs2000-4528-seq42.csv"`) {
		t.Fatalf("%d %v %q", a.status, err, a.body)
	}
	if last := records[0][len(records[0])-2:]; last[0] != "easting(cgcs2000-4528)" || !strings.HasPrefix(records[1][len(records[1])-2], "4048") {
		t.Errorf("%q", records[:2])
	}
	again := d.send(t, "GET", "/api/exports/stations?format=csv&datum=cgcs2000-4528&status=active&unit=150702", "")
	if !bytes.Equal(a.body, again.body) {
		t.Error("other bytes for the same city")
	}
}

func TestExportsSayWhatIsWrong(t *testing.T) {
	d := newExporter(t)
	for target, says := range map[string]string{
		"/api/exports/stations":                                  "query.format is required",
		"/api/exports/stations?format=pdf":                       "query.format",
		"/api/exports/stations?format=csv&datum=beijing54":       "query.datum",
		"/api/exports/stations?format=csv&datum=gcj02&limit=5":   "query.limit",
		"/api/exports/stations?format=shapefile":                 "query.format shapefile cannot hold all of stations",
		"/api/exports/units?format=geojsonseq&datum=gcj02":       "query.datum geojsonseq is WGS84 only",
		"/api/exports/micro_grids?format=csv&outlines=maybe":     "query.outlines",
		"/api/exports/stations?format=csv&bbox=1,2,3":            "query.bbox",
		"/api/exports/stations?format=csv&filter=nme%3D1":        "query.filter",
		"/api/exports/stations?format=csv&status=open":           "query.status",
		"/api/exports/micro_grids?format=csv&unit=15070":         "query.unit",
		"/api/exports/stations?format=csv&filter-lang=cql2-text": "query.filter-lang",
	} {
		a := d.send(t, "GET", target, "")
		if p := checkProblem(t, target, a); a.status != http.StatusBadRequest || !strings.Contains(p.Detail, says) {
			t.Errorf("%s: %d %s", target, a.status, p.Detail)
		}
	}
	expect(t, d.send(t, "GET", "/api/exports/leaders?format=csv", ""), 404, "not_found")
}

// What goes wrong while the file is made is a problem, and no half file.
func TestExportsAreWholeOrNotAtAll(t *testing.T) {
	d := newExporter(t)
	d.store.each = func(_ context.Context, _ yizhan.Query, begin func(int64) error, each func(yizhan.Feature) error) error {
		return errors.Join(begin(42), each(d.city.Stations["S-001"]), yizhan.Errorf(yizhan.CodeUnavailable, "", "the database cannot be reached"))
	}
	for _, format := range []string{"csv", "xlsx", "gpkg", "parquet"} {
		expect(t, d.send(t, "GET", "/api/exports/stations?format="+format, ""), 503, "unavailable")
	}
}

// A file that takes a while is sent as it is written. What goes wrong then is seen by every client: the last chunk does
// not come. What has an index or a trailer is whole, or a problem.
func TestExportsThatBreakOff(t *testing.T) {
	d := newExporter(t)
	breaks := true
	d.store.each = func(ctx context.Context, _ yizhan.Query, begin func(int64) error, each func(yizhan.Feature) error) error {
		if err := begin(42); err != nil {
			return err
		}
		for n := range 20_000 {
			if n == 15_000 {
				time.Sleep(2 * takeaway.HeadStart)
				if breaks {
					return yizhan.Errorf(yizhan.CodeUnavailable, "", "the database cannot be reached")
				}
			}
			if err := each(d.city.Stations["S-001"]); err != nil {
				return err
			}
		}
		return nil
	}
	address := "http://" + d.listen(t)
	type got struct {
		status, length int
		rows           string
	}
	fetch := func(target string) (got, []byte, error) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cookie", d.cookie)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return got{response.StatusCode, int(response.ContentLength), response.Header.Get("X-Yizhan-Rows")}, body, err
	}
	for _, format := range []string{"csv", "geojson"} {
		response, body, err := fetch("/api/exports/stations?format=" + format)
		if !errors.Is(err, io.ErrUnexpectedEOF) || response.status != http.StatusOK || len(body) == 0 || response.rows != "" {
			t.Errorf("%s: %d bytes, %v, %+v", format, len(body), err, response)
		}
	}
	if response, body, err := fetch("/api/exports/stations?format=parquet"); err != nil || response.status != http.StatusServiceUnavailable {
		t.Errorf("parquet: %+v %v %s", response, err, body)
	}
	breaks = false
	response, body, err := fetch("/api/exports/stations?format=csv")
	if err != nil || response.length != -1 || bytes.Count(body, []byte("\r\n")) != 20_001 {
		t.Errorf("%d lines, %v, length %d", bytes.Count(body, []byte("\r\n")), err, response.length)
	}
	// Those who know no chunks get it whole.
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /api/exports/stations?format=csv HTTP/1.0\r\nHost: localhost\r\nCookie: %s\r\n\r\n", d.cookie)
	old, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Body.Close()
	if old.ContentLength != int64(len(body)) {
		t.Errorf("HTTP/1.0: length %d, want %d", old.ContentLength, len(body))
	}
}

// Only so many files are made at a time; whoever waits gets a turn.
func TestExportsTakeTurns(t *testing.T) {
	d := newExporter(t)
	begun, gate := make(chan bool, exportsMade+1), make(chan bool)
	d.store.each = func(ctx context.Context, _ yizhan.Query, begin func(int64) error, _ func(yizhan.Feature) error) error {
		begun <- true
		<-gate
		return begin(42)
	}
	done := make(chan int, exportsMade+1)
	for range exportsMade + 1 {
		go func() { done <- d.send(t, "GET", "/api/exports/stations?format=csv", "").status }()
	}
	for range exportsMade {
		<-begun
	}
	select {
	case <-begun:
		t.Error("one more is made at the same time")
	case <-time.After(100 * time.Millisecond):
	}
	close(gate)
	for range exportsMade + 1 {
		if status := <-done; status != http.StatusOK {
			t.Errorf("status %d", status)
		}
	}
}
