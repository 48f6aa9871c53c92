package intake_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/intake"
)

// manyPoints is how many points the GeoJSON file of the test has; YIZHAN_IMPORT_ROWS asks for more.
const manyPoints = 20_000

// pointsFile writes points in GeoJSON, of which every nth has no coordinates that are numbers.
func pointsFile(t *testing.T, points, nth int) (path string, bad int64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "points.geojson")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprint(out, `{"type":"FeatureCollection","features":[`)
	for n := range points {
		lng := strconv.FormatFloat(119.7001+float64(n%1000)*1.9e-5, 'f', 7, 64)
		if n%nth == nth-1 {
			lng, bad = `"east"`, bad+1
		}
		if n > 0 {
			fmt.Fprint(out, ",\n")
		}
		fmt.Fprintf(out, `{"type":"Feature","geometry":{"type":"Point","coordinates":[%s,%.7f]},"properties":{"code":"PT-%07d","name":"点%d","sponsor":"bank","opening_hours":"Mo-Su 08:00-20:00"}}`,
			lng, 49.2001+float64(n/1000)*1.9e-5, n, n)
	}
	fmt.Fprint(out, "\n]}\n")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path, bad
}

// TestManyPointsOfGeoJSON reads a large file to its end, and tells each bad feature in it by its number.
func TestManyPointsOfGeoJSON(t *testing.T) {
	points, nth := manyPoints, manyPoints/2
	if text := os.Getenv("YIZHAN_IMPORT_ROWS"); text != "" {
		var err error
		if points, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		nth = 100_000
	}
	o := newOffice(t)
	path, bad := pointsFile(t, points, nth)
	found := o.checkOnce(t, path, intake.Settings{Collection: intake.Stations, Datum: "wgs84"})
	if found.Rows != int64(points) || found.Created != int64(points)-bad || found.Errors != bad || int64(len(found.problems)) < bad {
		t.Fatalf("%d points, %d of them bad: %+v", points, bad, found.Summary)
	}
	for i, p := range found.problems[:bad] {
		if p.Code != importers.BadGeometry || p.Row != int64((i+1)*nth) {
			t.Errorf("%+v, want the feature %d", p, (i+1)*nth)
		}
	}
}
