package intake_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers/datum"
	"github.com/yizhan/yizhan/importers/intake"
)

// inDatum writes a list in a datum: the two stations that are known, and some that are not.
func inDatum(t *testing.T, name string, swapped bool, known bool) string {
	t.Helper()
	reference, ok := geo.ReferenceOf(name)
	if !ok {
		t.Fatalf("no reference %s", name)
	}
	var text strings.Builder
	text.WriteString("驿站编码,驿站名称,建设单位,经度,纬度\n")
	add := func(code, name string, place orb.Point) {
		p := reference.FromWGS84(place)
		if swapped {
			p[0], p[1] = p[1], p[0]
		}
		fmt.Fprintf(&text, "%s,%s,工会,%.9f,%.9f\n", code, name, p[0], p[1])
	}
	if known {
		add("150702-0001", "老驿站1", at(0.5, 0.5))
		add("150702-0002", "老驿站2", at(1.5, 1.5))
	}
	for n := range 5 {
		add(fmt.Sprintf("NEW-%d", n), fmt.Sprintf("新驿站%d", n), at(0.8+0.1*float64(n), 1.1))
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text.String())
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "list.csv", gb)
}

// TestDatumsAreFound reads lists in every datum, in GB18030 as offices send them. Stations that are known then are
// exactly where they were: nothing changes.
func TestDatumsAreFound(t *testing.T) {
	o := newOffice(t)
	for _, name := range []string{"wgs84", "gcj02", "bd09", "cgcs2000-4528", "cgcs2000-4549", "cgcs2000-4498", "cgcs2000-4548"} {
		for _, swapped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, swapped %v", name, swapped), func(t *testing.T) {
				found := o.mustCheck(t, inDatum(t, name, swapped, true), intake.Settings{Collection: intake.Stations})
				defer o.forget(t, found)
				inspected := found.im.State().Inspection
				first := inspected.Datums[0]
				if first.Swapped != swapped || first.DistanceM == nil || *first.DistanceM > 0.2 || first.Reason != datum.FitsKnown || inspected.Head.Encoding != "GB18030" {
					t.Fatalf("%+v %s", first, first.Message())
				}
				if name != first.Reference.Name && !strings.HasPrefix(name, "cgcs2000-") {
					t.Errorf("taken for %s", first.Reference.Name)
				}
				if found.Unchanged != 2 || found.Created != 5 || found.Errors != 0 {
					t.Errorf("%+v %+v", found.Summary, found.problems)
				}
				page, err := found.im.Changes(yizhan.Create, 0, 5)
				if err != nil {
					t.Fatal(err)
				}
				for n, change := range page.Items {
					if d := geo.Distance(change.Station.Location, at(0.8+0.1*float64(n), 1.1)); d > 0.2 {
						t.Errorf("%s is %g m off", change.Name, d)
					}
				}
			})
		}
	}
}

// Whatever is likeliest, a person is told all that is possible, and may choose.
func TestDatumsAreCandidates(t *testing.T) {
	o := newOffice(t)
	im, err := o.inspect(t, inDatum(t, "wgs84", false, false), intake.Settings{Collection: intake.Stations})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range im.State().Inspection.Datums {
		names[c.Reference.Name] = true
		if c.Score <= 0 || c.Score > 1 || math.IsNaN(c.Score) || c.Reason == "" || c.Message() == "" {
			t.Errorf("%+v", c)
		}
	}
	if !names["wgs84"] || !names["cgcs2000"] || !names["gcj02"] || !names["bd09"] {
		t.Errorf("%v", names)
	}
	shapes, err := im.Sample("gcj02", false, 3)
	if err != nil || len(shapes) == 0 {
		t.Fatalf("%v %v", shapes, err)
	}
	moved, _ := shapes[0].Shape.(orb.Point)
	if d := geo.Distance(moved, at(0.8, 1.1)); d < 400 || d > 900 {
		t.Errorf("GCJ-02 lies %g m away", d)
	}
}

func TestDatumsThatAreRefused(t *testing.T) {
	o := newOffice(t)
	for said, word := range map[string]string{
		"urn:ogc:def:crs:EPSG::2436": "Beijing 54", "EPSG:4214": "Beijing 54", "urn:ogc:def:crs:EPSG::2364": "Xi'an 80", "EPSG:4610": "Xi'an 80", "EPSG:3857": "EPSG:3857",
	} {
		text := strings.Replace(collection(feature("NEW-1", "新", `{"type":"Point","coordinates":[119.71,49.21]}`)), `"features"`, fmt.Sprintf(`"crs":{"type":"name","properties":{"name":%q}},"features"`, said), 1)
		_, err := o.inspect(t, write(t, "a.geojson", text), intake.Settings{})
		if yizhan.CodeOf(err) != yizhan.CodeInvalid || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", said, err)
		}
	}
	old := convert(t, "ESRI Shapefile", "a.shp", collection(one, two), "-a_srs", "EPSG:2364")
	if _, err := o.inspect(t, zipped(t, old), intake.Settings{}); err == nil || !strings.Contains(err.Error(), "Xi'an 80") {
		t.Errorf("a shapefile in Xi'an 80: %v", err)
	}
}
